//! How each failure ends the process.

use tongpin_console::exit::Exit;
use tongpin_console::failure::of_link;

use super::Failure;
use crate::records::answer::AnswerError;
use crate::sheets::entry::file::FileError;

impl Failure {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Common(error) => error.exit(),
            Self::Answer(AnswerError::Store(error)) => Exit::of_store(error),
            Self::Answer(AnswerError::Link(error)) => of_link(error),
            Self::Import(FileError::Io(error)) if error.is_input() => Exit::Input,
            Self::DatabaseMissing(_) | Self::Evidence(_) | Self::Import(FileError::Io(_)) => Exit::Environment,
            Self::Unchanged(_) => Exit::Different,
            Self::Token(_)
            | Self::Import(_)
            | Self::Rules(_)
            | Self::Answer(_)
            | Self::Report(_)
            | Self::NotJoined(_)
            | Self::Undecided
            | Self::Shrunk { .. }
            | Self::OtherRegion { .. }
            | Self::NoCollection(_) => Exit::Input,
        }
    }
}
