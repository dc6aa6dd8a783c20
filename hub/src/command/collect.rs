//! `collect …`: opening collections, following who has reported, reminding, accepting and returning, closing periods.

use tongpin_console::exit::Exit;

use crate::app::App;
use crate::failure::Failure;

mod accept;
mod close;
mod compare;
mod give_back;
mod list;
mod open;
mod remind;
mod show;

/// What can be done about collections.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// 开放一个归集任务，并发布给区县
    Open(open::Args),
    /// 全部归集任务及上报进度
    List,
    /// 一个归集任务：谁已报、谁未报、谁迟报
    Show(show::Args),
    /// 催报：给未报的单位发一条提醒
    Remind(remind::Args),
    /// 审核通过一份待审核的上报
    Accept(accept::Args),
    /// 退回一份上报，并说明原因
    Return(give_back::Args),
    /// 关闭一个归集任务：不再接收上报
    Close(close::Close),
    /// 重新开放一个已关闭的归集任务
    Reopen(close::Reopen),
    /// 同一单位两次上报之间的差异
    Diff(compare::Args),
}

/// Carries a command out.
///
/// # Errors
/// Every [`Failure`].
pub(crate) async fn run(app: &App, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Open(args) => open::run(app, args).await,
        Command::List => list::run(app).await,
        Command::Show(args) => show::run(app, args).await,
        Command::Remind(args) => remind::run(app, args).await,
        Command::Accept(args) => accept::run(app, args).await,
        Command::Return(args) => give_back::run(app, args).await,
        Command::Close(args) => close::close(app, args).await,
        Command::Reopen(args) => close::reopen(app, args).await,
        Command::Diff(args) => compare::run(app, args).await,
    }
}
