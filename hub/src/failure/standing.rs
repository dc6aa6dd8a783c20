//! How each failure ends the process, and what an operating system's refusal is called.

use std::io;

use tongpin_console::account_command::AccountError;
use tongpin_console::exit::Exit;
use tongpin_domain::lang::Lang;
use tongpin_link::LinkError;
use tongpin_link::admin::AdminError;
use tongpin_link::bundle::BundleError;
use tongpin_link::publish::PublishError;
use tongpin_store::StoreError;

use super::Failure;

impl Failure {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Settings(_) | Self::PageTls(_) | Self::Unconfirmed => Exit::Usage,
            Self::Account(AccountError::Store(error)) if !matches!(error, StoreError::NameTaken { .. }) => {
                Exit::of_store(error)
            }
            Self::Account(error) => error.exit(),
            Self::Store(error) => Exit::of_store(error),
            Self::Link(error) => of_link(error),
            Self::Publish(error) => match error {
                PublishError::Link(error) => of_link(error),
                PublishError::NothingChanges(_) => Exit::Different,
                _ => Exit::Input,
            },
            Self::Bundle(error) => match error {
                BundleError::Link(error) => of_link(error),
                _ => Exit::Input,
            },
            Self::Admin(error) => match error {
                AdminError::Link(error) => of_link(error),
                _ => Exit::Input,
            },
            Self::Bind(error) => error.exit(),
            Self::Named(error) if error.is_input() => Exit::Input,
            Self::Claim(_) | Self::File { .. } | Self::Named(_) | Self::Printing(_) => Exit::Environment,
            Self::NotFounded(_)
            | Self::DatabaseMissing(_)
            | Self::Founded { .. }
            | Self::FileExists(_)
            | Self::Input { .. }
            | Self::NoCollection(_)
            | Self::NoRules(_)
            | Self::NoRulesForYear(_) => Exit::Input,
            Self::Declined => Exit::Different,
            Self::Lifecycle(_) | Self::Rollup(_) | Self::Unreadable { .. } => Exit::Internal,
        }
    }
}

fn of_link(error: &LinkError) -> Exit {
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

/// What the system said, in words where they are known.
pub(super) fn said(source: &io::Error, lang: Lang) -> String {
    let zh = match source.kind() {
        io::ErrorKind::NotFound => "没有这个文件或目录",
        io::ErrorKind::PermissionDenied => "没有权限",
        io::ErrorKind::AlreadyExists => "已存在",
        io::ErrorKind::StorageFull => "磁盘已满",
        io::ErrorKind::IsADirectory => "这是一个目录",
        io::ErrorKind::NotADirectory => "路径中有一段不是目录",
        _ => return source.to_string(),
    };
    lang.pick(zh, &source.to_string()).to_owned()
}
