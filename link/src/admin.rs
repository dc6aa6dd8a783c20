//! What a person does about this bureau's links: inviting and revoking children, seeing where they stand, and finding
//! out why there is no line to the parent. Both programs show the results in their own words; nothing prints here.

mod children;
mod parent;
mod running;

use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

use crate::error::LinkError;
use crate::token::TokenError;

pub use children::{Invited, LONGEST_DAYS, Node, NodeRelease, Revoked, invite, node, nodes, revoke};
pub use parent::{ParentCheck, Unsent, check_parent, unsent};
pub use running::{Claim, ClaimError, Serving, serving};

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The region does not lie within this one.
    #[error("{region} does not lie within {own}")]
    NotWithin {
        /// The region.
        region: RegionCode,
        /// This bureau's.
        own: RegionCode,
    },
    /// This bureau's certificate does not let it certify others.
    #[error("{0} may not certify others")]
    NotAnIssuer(RegionCode),
    /// The address is none that a child could connect to.
    #[error("the address cannot be used")]
    Address(#[source] TokenError),
    /// The token would be valid for no day, or for too many.
    #[error("a token is valid for 1 to {LONGEST_DAYS} days, not {0}")]
    Days(u32),
    /// No such child.
    #[error("{0} is no child")]
    NoChild(RegionCode),
    /// A reason has to be given.
    #[error("no reason is given")]
    NoReason,
    /// Anything below.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl From<tongpin_store::StoreError> for AdminError {
    fn from(error: tongpin_store::StoreError) -> Self {
        Self::Link(error.into())
    }
}

impl Say for AdminError {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::NotWithin { region, own } => format!("{region} 不在本级 {own} 的辖区之内，请核对区划代码"),
            Self::NotAnIssuer(own) => format!("本级（{own}）没有下级，不能邀请其他单位"),
            Self::Address(error) => return error.say(lang),
            Self::Days(days) => format!("加入码的有效期应为 1 至 {LONGEST_DAYS} 天，不能是 {days} 天"),
            Self::NoChild(region) => format!("{region} 不是本级的下级单位；可用 nodes 查看已邀请和已加入的单位"),
            Self::NoReason => "请用 --reason 写明原因，以便日后查考".into(),
            Self::Link(error) => return error.say(lang),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}
