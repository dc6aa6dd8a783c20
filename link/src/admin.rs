//! What a person does about this bureau's links: inviting and revoking children, seeing where they stand, and finding
//! out why there is no line to the parent. Both programs show the results in their own words; nothing prints here.

mod children;
mod parent;
mod running;

use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
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
    /// No published division has this code.
    #[error("{region} is no published division")]
    Unlisted {
        /// The code.
        region: RegionCode,
        /// The divisions that may have been meant, with their names.
        near: Vec<String>,
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
            Self::Unlisted { region, near } => return unlisted(region, near, lang),
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

fn unlisted(region: &RegionCode, near: &[String], lang: Lang) -> String {
    let (zh, en) = if near.is_empty() {
        ("请核对区划代码，或先发布含该单位的区划目录".to_owned(), "check the code, or publish it first".to_owned())
    } else {
        (format!("是不是要邀请 {}", near.join("、")), format!("was one of these meant: {}", near.join(", ")))
    };
    match lang {
        Lang::Zh => format!("已发布的区划目录中没有 {region}；{zh}"),
        Lang::En => format!("{region} is no published division; {en}"),
    }
}

impl Invited {
    /// What whoever invites should know beside the token, a sentence each.
    #[must_use]
    pub fn remarks(&self, typed: &RegionCode, lang: Lang) -> Vec<String> {
        let mut remarks = Vec::new();
        let mut say = |zh: String, en: String| remarks.push(lang.pick(&zh, &en).to_owned());
        let code = &self.token.region;
        if code != typed && self.joined_before {
            say(
                format!("{typed} 与 {code} 是同一单位，已以 {code} 加入：加入码仍按 {code} 签发，数据和历史不变。"),
                format!("{typed} is the same as {code}, under which it joined: the token is for {code}."),
            );
        } else if code != typed {
            say(
                format!("{typed} 按区划目录即 {code}，加入码按 {code} 签发。"),
                format!("{typed} is {code} by the catalog of divisions: the token is for {code}."),
            );
        }
        if self.cancelled > 0 {
            say(
                format!("此前发给该单位、尚未使用的 {} 个加入码已作废，只有这一个有效。", self.cancelled),
                format!("{} unused tokens of it are worthless now; only this one works.", self.cancelled),
            );
        }
        if self.unchecked {
            say(
                "还没有发布区划目录，无法核对区划代码；请再确认代码无误。".to_owned(),
                "No divisions are published, so the code could not be checked; look at it again.".to_owned(),
            );
        }
        remarks
    }
}

/// What a person at the parent reads about two machines with one identity.
#[must_use]
pub fn twin_said(name: &str, node: &Node, now: Moment, lang: Lang) -> Option<String> {
    let twin = node.twin(now)?;
    let (first, second, at) = (&node.child.address, &twin.address, twin.at);
    let zh = format!(
        "{name} 的身份同时在两台机器上使用：{first} 已连接，{second} 于 {at} 被拒绝；请与该单位核实，停用其中一台；查不清来历的，先吊销再重新邀请"
    );
    let en = format!(
        "two machines use the identity of {name}: {first} is connected, {second} was turned away at {at}; have one of them stopped, or revoke it and invite it anew"
    );
    Some(lang.pick(&zh, &en).to_owned())
}
