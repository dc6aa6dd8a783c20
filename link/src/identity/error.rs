//! What can be wrong with an identity, and how a user is told.

use std::io;
use std::path::PathBuf;

use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

/// Why an identity, a certificate or a signature is not good.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// `read`, `write`, `remove` …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder holds no identity.
    #[error("no identity in {}", dir.display())]
    Missing {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder already holds an identity, and it is never replaced by a new root.
    #[error("{} already exists", path.display())]
    AlreadyThere {
        /// The file that is in the way.
        path: PathBuf,
    },
    /// A file does not hold the key and certificates that it should.
    #[error("{}: {problem}", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A certificate cannot be read.
    #[error("bad certificate: {problem}")]
    BadCertificate {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A certificate names something other than one region.
    #[error("certificate names no region: {names:?}")]
    NotARegionName {
        /// The names in it.
        names: Vec<String>,
    },
    /// The chain does not end in a root that is trusted here.
    #[error("the certificate chain does not end in the federation's root")]
    UnknownRoot,
    /// Somewhere in the chain a bureau certified what lies outside its region.
    #[error("a certificate lies outside the region of its issuer")]
    OutsideIssuer,
    /// A certificate of the chain had expired.
    #[error("certificate expired at {not_after}, checked for {at}")]
    Expired {
        /// The end of its validity.
        not_after: Moment,
        /// The moment it was checked for.
        at: Moment,
    },
    /// A certificate of the chain was not valid yet, which mostly means that a clock is off.
    #[error("certificate not valid before {not_before}, checked for {at}")]
    NotYetValid {
        /// The begin of its validity.
        not_before: Moment,
        /// The moment it was checked for.
        at: Moment,
    },
    /// The chain is not valid for another reason.
    #[error("invalid certificate chain")]
    BadChain(#[source] webpki::Error),
    /// The signature does not belong to these bytes and this certificate.
    #[error("the signature does not match")]
    BadSignature,
    /// This identity has no certificate to certify others with.
    #[error("{region} cannot certify others")]
    NotAnIssuer {
        /// Whose identity it is.
        region: RegionCode,
    },
    /// The certificate to certify with has run out.
    #[error("{region}'s issuing certificate expired at {not_after}")]
    IssuerExpired {
        /// Whose identity it is.
        region: RegionCode,
        /// When it ran out.
        not_after: Moment,
    },
    /// The region does not lie within the issuer's.
    #[error("{child} does not lie within {parent}")]
    NotWithin {
        /// Whom a certificate was wanted for.
        child: RegionCode,
        /// The issuer.
        parent: RegionCode,
    },
    /// The certificate is of another region than the one that was asked for.
    #[error("certificate is of {found}, expected {expected}")]
    WrongRegion {
        /// The region asked for.
        expected: RegionCode,
        /// The region in the certificate.
        found: RegionCode,
    },
    /// The issued chain ends in another root than the invitation named.
    #[error("the chain does not hold the root {}", expected.short())]
    WrongRoot {
        /// The root's fingerprint from the invitation.
        expected: Digest,
    },
    /// The certificate is for another key than ours.
    #[error("the certificate is for another key")]
    WrongKey,
    /// A public key is unreadable or not ECDSA P-256.
    #[error("not an ECDSA P-256 public key")]
    BadKey,
    /// A moment lies outside of what a certificate can say.
    #[error("moment out of range: {0}")]
    BadMoment(Moment),
    /// The system gives no randomness, or a key cannot be used.
    #[error("cryptography failed while {doing}")]
    Crypto {
        /// What was being done.
        doing: &'static str,
        /// The reason.
        source: rcgen::Error,
    },
}

impl IdentityError {
    /// Names what was being done when a key could not be made or used.
    pub(crate) fn crypto(doing: &'static str) -> impl Fn(rcgen::Error) -> Self {
        move |source| Self::Crypto { doing, source }
    }

    /// Names a file operation that failed.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    fn zh(&self) -> String {
        match self {
            Self::Io { path, source, .. } => {
                format!("身份文件 {} 读写失败（{source}）。请检查目录权限和磁盘空间。", path.display())
            }
            Self::Missing { dir } => {
                format!("{} 中还没有身份。市级请先运行 init，县区和乡镇请先用上级给的加入码运行 join。", dir.display())
            }
            Self::AlreadyThere { path } => {
                format!("{} 已存在，不会重新建立根证书。如确需重建，请先把该目录移走。", path.display())
            }
            Self::BadFile { path, .. } => {
                format!("身份文件 {} 内容不完整或不配套。请从备份恢复，或请上级重新邀请后再次加入。", path.display())
            }
            Self::BadCertificate { .. } => "证书无法识别。请确认对方使用的是本系统签发的证书。".into(),
            Self::NotARegionName { .. } => "证书中没有唯一的区划名称，不能确认对方是谁，已拒绝。".into(),
            Self::UnknownRoot => "证书不属于本联盟（根证书不同），已拒绝。请核对是否连到了正确的上级。".into(),
            Self::OutsideIssuer => "证书超出签发单位的区划范围，已拒绝。".into(),
            Self::Expired { not_after, at } => {
                format!("证书已于 {not_after} 到期（核对时间 {at}）。请先核对时钟；时钟无误的，请上级重新邀请。")
            }
            Self::NotYetValid { not_before, at } => {
                format!("证书自 {not_before} 起才有效（核对时间 {at}），多半是时钟不准。请校准两端时钟。")
            }
            Self::BadChain(_) => "证书链无效，已拒绝。".into(),
            Self::BadSignature => "签名与内容不符，内容可能被改动，已拒绝。".into(),
            Self::NotAnIssuer { region } => format!("{region} 没有签发下级证书的资格，不能邀请下级。"),
            Self::IssuerExpired { region, not_after } => {
                format!("{region} 的签发证书已于 {not_after} 到期。请先完成本级证书续期。")
            }
            Self::NotWithin { child, parent } => format!("{child} 不在 {parent} 的区划范围内，不能为其签发证书。"),
            Self::WrongRegion { expected, found } => format!("证书属于 {found}，应为 {expected}，已拒绝。"),
            Self::WrongRoot { .. } => "上级返回的证书与加入码中的根证书不符，已拒绝。请向上级核对加入码。".into(),
            Self::WrongKey => "证书与本机密钥不配套，已拒绝。请重新加入。".into(),
            Self::BadKey => "公钥无法识别，须为 ECDSA P-256。".into(),
            Self::BadMoment(at) => format!("时间 {at} 超出范围。请校准时钟。"),
            Self::Crypto { .. } => "密码运算失败。请检查系统的随机数来源。".into(),
        }
    }

    fn en(&self) -> String {
        let advice = match self {
            Self::Io { source, .. } => return format!("{self} ({source}); check permissions and free space."),
            Self::Missing { .. } => "run `init` on the hub, or `join` with the token from your upstream.",
            Self::AlreadyThere { .. } => "a root is never made twice; move the folder away if you really mean it.",
            Self::BadFile { .. } => "restore a backup, or be invited and join again.",
            Self::UnknownRoot | Self::WrongRoot { .. } => "check that this is the right upstream and token.",
            Self::Expired { .. } => "check the clock; if it is right, ask the upstream for a new invitation.",
            Self::NotYetValid { .. } | Self::BadMoment(_) => "set the clocks of both ends.",
            Self::IssuerExpired { .. } => "renew this node's own certificate first.",
            Self::WrongKey => "join again.",
            _ => "refused.",
        };
        format!("{self}: {advice}")
    }
}

impl Say for IdentityError {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }
}
