//! How each failure ends the process, and what an operating system's refusal is called.

use std::io;

use tongpin_console::account_command::AccountError;
use tongpin_console::exit::Exit;
use tongpin_link::LinkError;
use tongpin_link::admin::AdminError;
use tongpin_link::bundle::BundleError;
use tongpin_store::StoreError;

use super::Failure;
use crate::records::answer::AnswerError;
use crate::sheets::entry::file::FileError;

impl Failure {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Settings(_) | Self::PageTls(_) | Self::Unconfirmed => Exit::Usage,
            Self::Account(AccountError::Store(error)) if !matches!(error, StoreError::NameTaken { .. }) => {
                Exit::of_store(error)
            }
            Self::Account(error) => error.exit(),
            Self::Store(error) | Self::Answer(AnswerError::Store(error)) => Exit::of_store(error),
            Self::Link(error)
            | Self::Answer(AnswerError::Link(error))
            | Self::Bundle(BundleError::Link(error))
            | Self::Admin(AdminError::Link(error)) => of_link(error),
            Self::Serving { exit, .. } => *exit,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Input,
            Self::Import(FileError::Io(error)) if error.is_input() => Exit::Input,
            Self::Claim(_)
            | Self::DatabaseMissing(_)
            | Self::File { .. }
            | Self::Evidence(_)
            | Self::Printing(_)
            | Self::Import(FileError::Io(_)) => Exit::Environment,
            Self::Unchanged(_) | Self::Declined => Exit::Different,
            Self::Bundle(_)
            | Self::Admin(_)
            | Self::Token(_)
            | Self::Import(_)
            | Self::Rules(_)
            | Self::Answer(_)
            | Self::Report(_)
            | Self::NotJoined(_)
            | Self::Undecided
            | Self::Shrunk { .. }
            | Self::OtherRegion { .. }
            | Self::FileExists(_)
            | Self::Input { .. }
            | Self::NoCollection(_) => Exit::Input,
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

/// What the system said, in Chinese where the words are known.
pub(super) fn said(source: &io::Error) -> String {
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
