//! Everything that can go wrong on a link, decided once: is it worth a retry, which gRPC status does it become, what
//! does the user read.

use std::error::Error as StdError;

pub use tongpin_domain::causes::chain;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_proto::convert::Invalid;
use tongpin_proto::packing::PackingError;
use tongpin_store::StoreError;

use crate::identity::IdentityError;
use crate::sealed::SealError;
use crate::tls::{ConnectError, TlsError};

/// A failure of a link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// Keys or certificates are missing or wrong.
    #[error("identity")]
    Identity(#[from] IdentityError),
    /// TLS could not be set up.
    #[error("TLS")]
    Tls(#[from] TlsError),
    /// The other side was not reached, or one side refused the other's certificate.
    #[error("connecting failed")]
    Connect(#[source] ConnectError),
    /// The other side answered with a refusal or went away.
    #[error("the other side answered {code:?}: {message}")]
    Answer {
        /// gRPC status code.
        code: tonic::Code,
        /// What it said.
        message: String,
    },
    /// A message that cannot be read.
    #[error("the other side sent what cannot be read")]
    Invalid(#[from] Invalid),
    /// Packed bytes that cannot be read.
    #[error("the other side sent what cannot be unpacked")]
    Packing(#[from] PackingError),
    /// A signature does not hold.
    #[error("a signed envelope is not accepted")]
    Seal(#[from] SealError),
    /// The peer may not do this.
    #[error("refused: {0}")]
    Denied(Denial),
    /// A child has used up what it may have stored in a day.
    #[error("used up for today, the most is {most}: {what}")]
    Quota {
        /// Of what, in Chinese.
        what: String,
        /// How much of it there is a day.
        most: u64,
    },
    /// The message does not belong here.
    #[error("the other side broke the protocol: {0}")]
    Protocol(String),
    /// The program is stopping.
    #[error("stopped")]
    Stopped,
    /// A program error or damaged data.
    #[error("internal: {0}")]
    Internal(String),
}

/// What is answered while too many ask to join.
pub(crate) const CROWDED: &str = "too many requests to join: try again in a few seconds";

/// Why a peer is turned away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// No client certificate on a call that needs one.
    #[error("no certificate")]
    NoCertificate,
    /// A certificate that was not issued here.
    #[error("unknown certificate of {0}")]
    Unknown(RegionCode),
    /// A revoked certificate.
    #[error("revoked certificate of {0}")]
    Revoked(RegionCode),
    /// The token's secret is not known.
    #[error("unknown token")]
    UnknownToken,
    /// The token's time has passed.
    #[error("expired token")]
    ExpiredToken,
    /// Another node used the token.
    #[error("used token")]
    UsedToken,
    /// The proof of possession does not hold.
    #[error("the caller does not hold the key")]
    Proof,
    /// This node may not certify that region.
    #[error("may not certify {0}")]
    NotOurs(RegionCode),
    /// Another machine with the same identity is connected, from this address.
    #[error("this identity is in use on another machine: {0}")]
    Twin(String),
    /// This bureau is shut out by its own parent.
    #[error("{0} is revoked by its parent and certifies nobody")]
    Suspended(RegionCode),
    /// Records never leave a county.
    #[error("records of {0} do not leave the county")]
    RecordsStay(RegionCode),
}

impl Denial {
    fn zh(&self) -> String {
        match self {
            Self::NoCertificate => "对方未出示证书，已拒绝；请先用加入码加入".into(),
            Self::Unknown(region) => format!("{region} 的证书不是本级签发的，已拒绝；请向上级重新申请加入码"),
            Self::Revoked(region) => format!("{region} 的证书已被吊销；如需恢复，请上级重新邀请，再用新的加入码加入"),
            Self::UnknownToken => "加入码无效；请核对是否完整，或请上级重新邀请".into(),
            Self::ExpiredToken => {
                "加入码已过期，或因上级另发了新的加入码而作废；请用最新的加入码，或请上级重新邀请".into()
            }
            Self::UsedToken => "加入码已被使用；如不是本单位使用，请立即告知上级，并请上级重新邀请".into(),
            Self::Proof => "对方未能证明持有密钥，已拒绝".into(),
            Self::NotOurs(region) => format!("本级不能为 {region} 签发证书：不在本级辖区之内"),
            Self::Twin(address) => twin_zh(address),
            Self::Suspended(own) => {
                format!("本级（{own}）已被上级吊销，暂不能邀请下级或为其签发、续期证书；请先请上级恢复")
            }
            Self::RecordsStay(region) => format!("{region} 的记录不出本县，已拒收；只能上报归集任务要求的汇总数"),
        }
    }
}

impl LinkError {
    /// Whether the other side says that this bureau's certificate is revoked.
    #[must_use]
    pub fn is_revocation(&self) -> bool {
        match self {
            Self::Connect(error) => matches!(error, ConnectError::Revoked { .. }),
            Self::Answer { code: tonic::Code::PermissionDenied, message } => message.starts_with("revoked certificate"),
            _ => false,
        }
    }

    /// Whether trying again later may succeed without anybody's help.
    #[must_use]
    pub fn worth_a_retry(&self) -> bool {
        match self {
            Self::Store(error) => error.worth_a_retry(),
            Self::Connect(error) => error.worth_a_retry(),
            Self::Answer { code, .. } => {
                use tonic::Code;
                matches!(
                    code,
                    Code::Unavailable
                        | Code::Cancelled
                        | Code::Unknown
                        | Code::DeadlineExceeded
                        | Code::Aborted
                        | Code::Internal
                        | Code::ResourceExhausted
                        | Code::Ok
                )
            }
            Self::Packing(_)
            | Self::Invalid(_)
            | Self::Seal(_)
            | Self::Denied(_)
            | Self::Quota { .. }
            | Self::Protocol(_)
            | Self::Identity(_)
            | Self::Tls(_)
            | Self::Internal(_)
            | Self::Stopped => false,
        }
    }

    /// The answer a peer gets. Details of this side's machine stay here.
    #[must_use]
    pub fn to_status(&self) -> tonic::Status {
        match self {
            Self::Denied(denial @ Denial::NoCertificate) => tonic::Status::unauthenticated(denial.to_string()),
            Self::Denied(denial) => tonic::Status::permission_denied(denial.to_string()),
            Self::Invalid(_) | Self::Packing(_) | Self::Seal(_) | Self::Protocol(_) => {
                tonic::Status::invalid_argument(chain(self))
            }
            // What it said was too long or too heavy to be read.
            Self::Answer { code: tonic::Code::InvalidArgument | tonic::Code::OutOfRange, message } => {
                tonic::Status::invalid_argument(message.clone())
            }
            Self::Store(error @ StoreError::Replaced { .. }) => tonic::Status::permission_denied(error.to_string()),
            Self::Store(error) if error.worth_a_retry() => tonic::Status::unavailable("try again later"),
            Self::Stopped => tonic::Status::unavailable("stopping"),
            _ => tonic::Status::internal("the other side failed; its log says why"),
        }
    }

    /// From what tonic reports of a call: a refused handshake hides several layers down.
    #[must_use]
    pub fn from_status(status: &tonic::Status) -> Self {
        match StdError::source(status).and_then(ConnectError::find_in) {
            Some(error) => Self::Connect(error.clone()),
            None => Self::Answer { code: status.code(), message: status.message().to_owned() },
        }
    }

    /// From what tonic reports of a connection.
    #[must_use]
    pub fn from_transport(error: &tonic::transport::Error) -> Self {
        match ConnectError::find_in(error) {
            Some(found) => Self::Connect(found.clone()),
            None => Self::Answer { code: tonic::Code::Unavailable, message: chain(error) },
        }
    }
}

impl From<Denial> for LinkError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl Say for LinkError {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Store(error) => return error.say(lang),
            Self::Identity(error) => return error.say(lang),
            Self::Tls(error) => return error.say(lang),
            Self::Connect(error) => return error.say(lang),
            Self::Denied(denial) => denial.zh(),
            Self::Quota { what, most } => format!("今日{what}已达上限 {most} 次，未接收；明日自动继续"),
            Self::Answer { code: tonic::Code::PermissionDenied | tonic::Code::Unauthenticated, message } => {
                refusal_zh(message)
            }
            Self::Answer { message, .. } if message == CROWDED => "上级收到的加入请求过多；请过几秒再执行一次".into(),
            Self::Answer { message, .. } => format!("对方未能处理（{message}）；将自动重试，持续出现请查看对方日志"),
            Self::Invalid(_) | Self::Packing(_) | Self::Protocol(_) => {
                format!("对方发来的内容无法识别（{}）；请核对双方软件版本", chain(self))
            }
            Self::Seal(_) => format!("签名校验未通过（{}）；请联系对方核实", chain(self)),
            Self::Stopped => "程序正在停止".into(),
            Self::Internal(reason) => format!("程序内部错误（{reason}）；请保留日志并联系维护人员"),
        };
        lang.pick(&zh, &chain(self)).to_owned()
    }
}

/// A refusal travels in English and short; the user reads it in full.
fn refusal_zh(message: &str) -> String {
    let known = [
        (Denial::NoCertificate, "no certificate"),
        (Denial::UnknownToken, "unknown token"),
        (Denial::ExpiredToken, "expired token"),
        (Denial::UsedToken, "used token"),
        (Denial::Proof, "the caller does not hold the key"),
    ];
    if let Some((denial, _)) = known.iter().find(|(_, text)| message == *text) {
        return denial.zh();
    }
    if message.starts_with("revoked certificate") {
        return "本单位的证书已被上级吊销；如需恢复，请上级重新邀请，再用新的加入码加入（原有数据保留）".into();
    }
    if message.starts_with("unknown certificate") {
        return "上级不认识本单位的证书；请上级重新邀请，再用新的加入码加入（原有数据保留）".into();
    }
    if let Some(address) = message.strip_prefix("this identity is in use on another machine: ") {
        return twin_zh(address);
    }
    if let Some(parent) = message.strip_suffix(" is revoked by its parent and certifies nobody") {
        return format!("上级 {parent} 已被其上级吊销，暂不能签发或续期证书；请与上级联系，待其恢复后再试");
    }
    if message.starts_with("a replaced database") {
        return "本数据库已被取代：上级之后收到的是恢复的（或新建的）数据库，不再接收本库的内容；请改用那一个。\
                如要改回本库，请先用 backup 备份本库，再用 restore 恢复该备份，即可继续使用"
            .into();
    }
    format!("上级拒绝：{message}")
}

fn twin_zh(address: &str) -> String {
    format!(
        "本单位的身份正在另一台机器（{address}）上使用，本机未能接入上级；同一身份只能有一台机器：如由本机接替，请先停止那台机器的 serve，本机随后自动接入；否则请停用本机"
    )
}
