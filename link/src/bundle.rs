//! Exchange by files, for networks that do not meet: the same messages as over a link, sealed by the sender. A bundle
//! can be carried late, twice or out of order; what it holds is applied once, or refused with the reason.

mod last_words;
mod taking;
mod writing;

use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

pub use taking::take;
pub use writing::{for_child, for_parent};

use crate::error::LinkError;

/// Why a bundle is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not a bundle, or damaged on the way.
    #[error("not a bundle, or damaged: {0}")]
    Damaged(String),
    /// Signed by somebody else than it says.
    #[error("signed by {signer}, not by {sender}")]
    Sender {
        /// Who signed.
        signer: RegionCode,
        /// Whom it names.
        sender: String,
    },
    /// Nobody of this region has joined, so nothing can be written for it.
    #[error("{0} has not joined")]
    NotJoined(RegionCode),
    /// Written for another region.
    #[error("written for {0}")]
    Receiver(String),
    /// Anything below.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl From<tongpin_store::StoreError> for BundleError {
    fn from(error: tongpin_store::StoreError) -> Self {
        Self::Link(error.into())
    }
}

impl Say for BundleError {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Damaged(reason) => format!("不是同频的交换文件，或已损坏（{reason}）；请重新拷贝"),
            Self::Sender { signer, sender } => format!("文件由 {signer} 签名，却自称来自 {sender}，已拒收"),
            Self::Receiver(region) => format!("这个文件是给 {region} 的，不是给本单位的"),
            Self::NotJoined(child) => {
                let zh = format!(
                    "{child} 没有加入过本级，不能为它写交换文件；请用 nodes 核对区划代码，\
                     新单位先用 invite {child} 邀请，加入之后再 pack"
                );
                let en = format!("{self}; check the code with nodes, or invite {child} and pack once it has joined");
                return lang.pick(&zh, &en).to_owned();
            }
            Self::Link(error) => return error.say(lang),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

/// What taking in a bundle led to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Taken {
    /// Who wrote it.
    pub sender: RegionCode,
    /// When.
    pub written_at: Moment,
    /// Messages that it held.
    pub messages: usize,
    /// Releases applied, or refused with the reason, in words.
    pub outcomes: Vec<String>,
}
