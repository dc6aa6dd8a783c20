//! The command line of the node: what can be asked, and where each command is carried out.

use clap::{Parser, Subcommand};
use tongpin_console::account_command;
use tongpin_console::exit::Exit;
use tongpin_console::lifecycle;

use crate::app::App;
use crate::failure::Failure;
use crate::settings::{EXAMPLE, Globals};

mod account;
mod backup;
pub(crate) mod catalogs;
pub(crate) mod collections;
pub(crate) mod doctor;
mod exchange;
mod files;
mod forms;
mod import;
mod invite;
mod join;
pub(crate) mod nodes;
mod preview;
mod renew;
mod restore;
mod revoke;
mod say;
mod score;
mod scores;
mod sent;
mod serve;
pub(crate) mod status;
mod submit;
mod take_back;
mod wait;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "tongpin-node", version)]
#[command(about = "同频：区县或乡镇节点。接收上级目录，管理和评分本级项目，按归集任务上报汇总数（明细不出本级）")]
#[command(after_help = "起步：
  tongpin-node join TP1-…                     用上级给的加入码加入
  tongpin-node serve                          运行，与上级保持同步
  tongpin-node import projects 项目.csv --indicators 指标.csv
  tongpin-node score                          按上级发布的规则评分
  tongpin-node collections                    上级要求上报什么
  tongpin-node preview county-scores          上报前看清要送出的全部内容
  tongpin-node submit county-scores --by 审核人

退出码：0 完成；1 有差异或答案为否；2 命令或配置有误；3 输入有误；4 对方拒绝；5 连不上对方；6 本机环境（磁盘、端口、权限）;7 程序内部错误")]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Opens the node of the data folder.
///
/// # Errors
/// It has not joined, or its configuration, database or identity cannot be used.
async fn open(globals: &Globals) -> Result<App, Failure> {
    App::open(&globals.data, globals.settings()?, globals.output()).await
}

/// What can be asked.
#[derive(Debug, Subcommand)]
enum Command {
    /// 用上级给的加入码加入
    Join(join::Args),
    /// 运行：与上级同步，等待乡镇连接，并提供管理页面
    Serve(serve::Args),
    /// 导入本级项目或项目绩效指标（有任何问题都不会导入一半）
    #[command(subcommand)]
    Import(import::Command),
    /// 按上级发布的规则评分
    Score(score::Args),
    /// 查看或导出已有评分
    Scores(scores::Args),
    /// 上级要求上报什么，报到哪一步
    Collections,
    /// 上报前查看：要送出的全部内容、未送出的部分、是否允许
    Preview(preview::Args),
    /// 审核并上报
    Submit(submit::Args),
    /// 送出过的全部内容
    Sent(sent::Args),
    /// 上级的回执
    Receipts,
    /// 邀请一个乡镇加入，生成一次性加入码
    Invite(invite::Args),
    /// 不联网的加入：为乡镇带来的加入申请文件签发证书
    Admit(invite::Admit),
    /// 各乡镇的连接、证书和目录版本
    Nodes,
    /// 吊销一个乡镇的证书
    Revoke(revoke::Args),
    /// 等待各乡镇应用应有的目录版本
    Wait(wait::Args),
    /// 已收到的目录和版本
    Catalogs,
    /// 表单：本级有哪些，重建列表，导出单据，批量导入单据
    #[command(subcommand)]
    Forms(forms::Command),
    /// 把目录导出为 CSV
    #[command(subcommand)]
    Export(catalogs::Export),
    /// 本节点的状况
    Status,
    /// 检查证书、与上级的连接、时钟、数据库、磁盘、端口，并说明怎么办
    Doctor,
    /// 向上级换发证书（平时自动续期；时钟出过错时用）
    Renew,
    /// 账号：新建、查看、重置密码、停用（不用浏览器时）
    #[command(subcommand)]
    Account(account_command::Command),
    /// 备份数据库
    Backup(backup::Args),
    /// 用备份恢复数据库（先停止 serve）；原有数据库移到一旁，不删除
    Restore(restore::Args),
    /// 恢复或新建数据库之后：取回上级已收到、本库没有的内容
    TakeBack(take_back::Args),
    /// 不联网的交换：写出给上级（或用 --for 给某个乡镇）的文件
    Pack(exchange::Pack),
    /// 不联网的交换：读入上级或乡镇带来的文件
    Unpack(exchange::Unpack),
    /// 打印带说明的配置样例
    Config,
}

impl CommandLine {
    /// The level of the log unless another is asked for: `serve` tells what happens, other commands only what is wrong.
    pub(crate) fn log_level(&self) -> String {
        self.globals.log_level(matches!(self.command, Command::Serve(_)))
    }

    /// Carries the command out.
    ///
    /// # Errors
    /// Every [`Failure`].
    pub(crate) async fn run(self) -> Result<Exit, Failure> {
        let Self { globals, command } = self;
        match command {
            Command::Config => {
                globals.output().print_text(EXAMPLE)?;
                Ok(Exit::Done)
            }
            Command::Join(args) => join::run(&globals, args).await,
            Command::TakeBack(args) if args.new_database => take_back::make(&globals, &args).await,
            Command::Doctor => doctor::run(&globals).await,
            Command::Restore(args) => restore::run(&globals, args).await,
            other => {
                let app = open(&globals).await?;
                let done = dispatch(&app, other).await;
                lifecycle::close(app.store()).await;
                done
            }
        }
    }
}

#[cfg(test)]
impl CommandLine {
    /// Carries the command out on an office that is open already.
    pub(crate) async fn at(self, app: &App) -> Result<Exit, Failure> {
        dispatch(app, self.command).await
    }
}

/// The commands that need a node that has joined.
async fn dispatch(app: &App, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Serve(args) => serve::run(app, args).await,
        Command::Import(command) => import::run(app, command).await,
        Command::Score(args) => score::run(app, args).await,
        Command::Scores(args) => scores::run(app, args).await,
        Command::Collections => collections::run(app).await,
        Command::Preview(args) => preview::run(app, args).await,
        Command::Submit(args) => submit::run(app, args).await,
        Command::Sent(args) => sent::run(app, args).await,
        Command::Receipts => sent::receipts(app).await,
        Command::Invite(args) => invite::run(app, args).await,
        Command::Admit(args) => invite::admit(app, args).await,
        Command::Nodes => nodes::run(app).await,
        Command::Revoke(args) => revoke::run(app, args).await,
        Command::Wait(args) => wait::run(app, args).await,
        Command::Catalogs => catalogs::run(app).await,
        Command::Forms(command) => forms::run(app, command).await,
        Command::Export(command) => catalogs::export(app, command).await,
        Command::Status => status::run(app).await,
        Command::Renew => renew::run(app).await,
        Command::Account(command) => account::run(app, command).await,
        Command::Backup(args) => backup::run(app, args).await,
        Command::TakeBack(args) => take_back::run(app, args).await,
        Command::Pack(args) => exchange::pack(app, args).await,
        Command::Unpack(args) => exchange::unpack(app, args).await,
        Command::Config | Command::Join(_) | Command::Doctor | Command::Restore(_) => Ok(Exit::Done),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    /// The command line is put together soundly, and no command's help falls back to clap's English phrases.
    #[test]
    fn the_command_line_is_sound() {
        let command = tongpin_console::help::localised(super::CommandLine::command());
        command.clone().debug_assert();
        assert_eq!(tongpin_console::help::check_chinese(command), Ok(()));
    }
}
