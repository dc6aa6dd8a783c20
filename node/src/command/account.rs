//! `account`: the accounts of this program's pages.

use tongpin_console::account_command::{Command, Desk};
use tongpin_console::duty::Duty;
use tongpin_console::exit::Exit;

use crate::failure::Failure;
use crate::office::Office;

/// Does what was asked with accounts.
///
/// # Errors
/// [`Failure::Account`].
pub(crate) async fn run(office: &Office, command: Command) -> Result<Exit, Failure> {
    let desk = Desk { store: office.store(), now: office.site.now(), offered: &Duty::AT_NODES, output: office.output };
    Ok(desk.run(command).await?)
}
