//! How each failure ends the process.

use tongpin_console::exit::Exit;
use tongpin_console::failure::of_link;
use tongpin_link::publish::PublishError;

use super::Failure;

impl Failure {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Common(error) => error.exit(),
            Self::Publish(PublishError::Link(error)) => of_link(error),
            Self::Publish(PublishError::NothingChanges(_)) => Exit::Different,
            Self::Publish(_)
            | Self::NotFounded(_)
            | Self::DatabaseMissing(_)
            | Self::Founded { .. }
            | Self::NoCollection(_)
            | Self::NoRules(_)
            | Self::NoRulesForYear(_) => Exit::Input,
            Self::Rollup(_) | Self::Unreadable { .. } => Exit::Internal,
        }
    }
}
