//! What can end a command of either program, in the user's words and as an exit code; each program adds its own.

use std::io;
use std::path::PathBuf;

use axum::http::StatusCode;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::LinkError;
use tongpin_link::admin::{AdminError, ClaimError};
use tongpin_link::bundle::BundleError;
use tongpin_link::identity::IdentityError;
use tongpin_link::tls::PageTlsError;
use tongpin_store::StoreError;

use crate::account_command::AccountError;
use crate::exit::Exit;
use crate::file::Unreadable;
use crate::lifecycle::LifecycleError;
use crate::net::BindError;
use crate::restore::RestoreError;
use crate::settings::SettingsError;
use crate::web;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Common {
    /// `config.toml` is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Accounts are left as they were.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A link or a signature failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// An exchange file is not taken.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Administering children failed.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Pages cannot be served with the certificate that is configured.
    #[error(transparent)]
    PageTls(#[from] PageTlsError),
    /// Another `serve` runs on the folder.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// A port cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A part of `serve` failed.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// A file that a command names is not to be had.
    #[error(transparent)]
    Named(#[from] Unreadable),
    /// A file cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not overwritten.
    #[error("{} is already there", .0.display())]
    FileExists(PathBuf),
    /// The result could not be printed.
    #[error("printing failed")]
    Printing(#[from] io::Error),
    /// Something was handed in that will not do; the words say what is expected.
    #[error("{en}")]
    Input {
        /// 中文
        zh: String,
        /// English
        en: String,
    },
    /// A step that is hard to undo was neither confirmed at a terminal nor with `--yes`.
    #[error("not confirmed")]
    Unconfirmed,
    /// The person at the terminal said no.
    #[error("declined")]
    Declined,
}

impl From<IdentityError> for Common {
    fn from(error: IdentityError) -> Self {
        Self::Link(error.into())
    }
}

impl From<RestoreError> for Common {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => Self::Store(error),
            other @ RestoreError::Another { .. } => Self::input(other.say(Lang::Zh), other.say(Lang::En)),
        }
    }
}

/// Lets a program's own failure, which is made from a [`Common`], be made from all that a [`Common`] is made from: `?`
/// takes one step only.
#[macro_export]
macro_rules! made_from_common {
    ($failure:ty) => {
        $crate::made_from_common!(
            $failure: $crate::settings::SettingsError, $crate::account_command::AccountError,
            ::tongpin_store::StoreError, ::tongpin_link::LinkError, ::tongpin_link::bundle::BundleError,
            ::tongpin_link::admin::AdminError, ::tongpin_link::tls::PageTlsError, ::tongpin_link::admin::ClaimError,
            ::tongpin_link::identity::IdentityError, $crate::net::BindError, $crate::lifecycle::LifecycleError,
            $crate::file::Unreadable, $crate::restore::RestoreError, ::std::io::Error
        );
    };
    ($failure:ty: $($from:ty),+) => {
        $(impl From<$from> for $failure {
            fn from(error: $from) -> Self {
                $crate::failure::Common::from(error).into()
            }
        })+
    };
}

impl Common {
    /// Something handed in that will not do.
    pub fn input(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Input { zh: zh.into(), en: en.into() }
    }

    /// How the process ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Settings(_) | Self::PageTls(_) | Self::Unconfirmed => Exit::Usage,
            Self::Account(AccountError::Store(error)) if !matches!(error, StoreError::NameTaken { .. }) => {
                Exit::of_store(error)
            }
            Self::Account(error) => error.exit(),
            Self::Store(error) => Exit::of_store(error),
            Self::Link(error) | Self::Bundle(BundleError::Link(error)) | Self::Admin(AdminError::Link(error)) => {
                of_link(error)
            }
            Self::Bind(error) => error.exit(),
            Self::Named(error) if error.is_input() => Exit::Input,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Input,
            Self::Claim(_) | Self::File { .. } | Self::Named(_) | Self::Printing(_) => Exit::Environment,
            Self::Bundle(_) | Self::Admin(_) | Self::FileExists(_) | Self::Input { .. } => Exit::Input,
            Self::Declined => Exit::Different,
            Self::Lifecycle(_) => Exit::Internal,
        }
    }

    /// What a browser is answered.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        if matches!(self, Self::FileExists(_)) { StatusCode::CONFLICT } else { web::status(self.exit()) }
    }
}

/// How whatever needs a link ends when that fails.
#[must_use]
pub fn of_link(error: &LinkError) -> Exit {
    match error {
        LinkError::Store(error) => Exit::of_store(error),
        LinkError::Identity(_) | LinkError::Tls(_) => Exit::Environment,
        LinkError::Connect(error) if error.worth_a_retry() => Exit::Unreachable,
        LinkError::Connect(_) | LinkError::Denied(_) | LinkError::Seal(_) => Exit::Refused,
        LinkError::Answer { code, .. } if refuses(*code) => Exit::Refused,
        LinkError::Answer { .. } => Exit::Unreachable,
        LinkError::Invalid(_) | LinkError::Packing(_) | LinkError::Protocol(_) => Exit::Input,
        _ => Exit::Internal,
    }
}

/// The status codes with which the other side says no. Only their names are needed, so that gRPC stays in `link`.
fn refuses(code: impl std::fmt::Debug) -> bool {
    matches!(format!("{code:?}").as_str(), "PermissionDenied" | "Unauthenticated" | "InvalidArgument")
}

impl Say for Common {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Settings(error) => return error.say(lang),
            Self::Account(error) => return error.say(lang),
            Self::Store(error) => return error.say(lang),
            Self::Link(error) => return error.say(lang),
            Self::Bundle(error) => return error.say(lang),
            Self::Admin(error) => return error.say(lang),
            Self::PageTls(error) => return error.say(lang),
            Self::Claim(error) => return error.say(lang),
            Self::Bind(error) => return error.say(lang),
            Self::Lifecycle(error) => return error.say(lang),
            Self::Named(error) => return error.say(lang),
            Self::Input { zh, en } => return lang.pick(zh, en).to_owned(),
            Self::File { path, source } => (
                format!("无法读写 {}（{}）；请检查路径和权限", path.display(), said(source)),
                format!("{self} ({source}); check the path and its permissions"),
            ),
            Self::FileExists(path) => (
                format!("{} 已存在，未覆盖；请换一个文件名", path.display()),
                format!("{self} and is not overwritten; choose another name"),
            ),
            Self::Printing(source) => (format!("结果无法输出（{source}）"), self.to_string()),
            Self::Unconfirmed => (
                "此操作难以撤回，须经确认；请在终端中运行，或加 --yes".into(),
                "this is hard to undo; confirm it at a terminal, or add --yes".into(),
            ),
            Self::Declined => ("已取消，未作改动".into(), self.to_string()),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// What the system said, in Chinese where the words are known.
fn said(source: &io::Error) -> String {
    let known = match source.kind() {
        io::ErrorKind::NotFound => "没有这个文件或目录",
        io::ErrorKind::PermissionDenied => "没有权限",
        io::ErrorKind::AlreadyExists => "已存在",
        io::ErrorKind::StorageFull => "磁盘已满",
        io::ErrorKind::IsADirectory => "这是一个目录",
        io::ErrorKind::NotADirectory => "路径中有一段不是目录",
        _ => return source.to_string(),
    };
    known.to_owned()
}
