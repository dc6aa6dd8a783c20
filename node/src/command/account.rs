//! `account`: the accounts of this program's pages.

use tongpin_console::account_command::{Command, Desk};
use tongpin_console::duty::Duty;
use tongpin_console::exit::Exit;

use crate::app::App;
use crate::failure::Failure;

/// Does what was asked with accounts.
///
/// # Errors
/// Accounts are left as they were.
pub(crate) async fn run(app: &App, command: Command) -> Result<Exit, Failure> {
    let desk = Desk { store: app.store(), now: app.site.now(), offered: &Duty::AT_NODES, output: app.output };
    Ok(desk.run(command).await?)
}
