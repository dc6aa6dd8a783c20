//! The command line of the hub: what can be asked, and where each command is carried out.

use clap::{Parser, Subcommand};
use tongpin_console::account_command;
use tongpin_console::command_line::NOBODY;
use tongpin_console::exit::Exit;
use tongpin_console::lifecycle;

use crate::app::App;
use crate::failure::Failure;
use crate::settings::{EXAMPLE, Globals};

mod account;
mod admit;
mod backup;
mod collect;
mod diff;
mod discard;
mod doctor;
mod exchange;
mod import;
mod init;
mod invite;
mod nodes;
mod publish;
mod renew;
mod restore;
mod revoke;
mod rollout;
mod rollup;
mod serve;
mod status;
mod wait;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "tongpin-hub", version)]
#[command(about = "同频：市级平台。发布制度、指标、专家等目录，开放归集任务，汇总区县上报")]
#[command(after_help = "起步：
  tongpin-hub init --region 320500 --name 苏州市 --public-address 10.0.0.1:7401
  tongpin-hub serve
  tongpin-hub invite 320581            为常熟市生成加入码
  tongpin-hub import indicators 指标库.csv --by 经办人
  tongpin-hub publish indicators --by 审核人
  tongpin-hub collect open --template county-scores --by 经办人 --approved-by 审核人
  tongpin-hub rollup county-scores     全市汇总")]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 建立市级平台：数据目录、数据库、联邦根证书
    Init(init::Args),
    /// 运行：等待区县连接，并提供管理页面
    Serve(serve::Args),
    /// 邀请一个区县加入，生成一次性加入码
    Invite(invite::Args),
    /// 不联网的加入：为区县带来的加入申请文件签发证书
    Admit(admit::Args),
    /// 吊销一个区县的证书
    Revoke(revoke::Args),
    /// 各区县的连接、证书和目录版本
    Nodes,
    /// 导入一个目录，存为草稿
    Import(import::Args),
    /// 草稿与已发布内容的差异
    Diff(diff::Args),
    /// 审核并发布草稿
    Publish(publish::Args),
    /// 查看或扩大一个目录的推送范围
    Rollout(rollout::Args),
    /// 放弃草稿
    Discard(discard::Args),
    /// 等待区县应用已推送的版本
    Wait(wait::Args),
    /// 归集任务：开放、查看、催报、审核、退回、关闭
    #[command(subcommand)]
    Collect(collect::Command),
    /// 汇总一个归集任务的上报
    Rollup(rollup::Args),
    /// 本平台的状况
    Status,
    /// 检查证书、数据库、磁盘、端口，并说明怎么办
    Doctor,
    /// 换发本级证书（平时自动续期；时钟出过错时用）
    Renew(renew::Args),
    /// 账号：新建、查看、重置密码、停用（不用浏览器时）
    #[command(subcommand)]
    Account(account_command::Command),
    /// 备份数据库
    Backup(backup::Args),
    /// 用备份恢复数据库（先停止 serve）；原有数据库移到一旁，不删除
    Restore(restore::Args),
    /// 不联网的交换：写出给某个区县的文件
    Pack(exchange::Pack),
    /// 不联网的交换：读入区县带来的文件
    Unpack(exchange::Unpack),
    /// 打印带说明的配置样例
    Config,
}

impl CommandLine {
    /// The level of the log unless another is asked for.
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
            Command::Init(args) => init::run(&globals, args).await,
            Command::Doctor => doctor::run(&globals).await,
            Command::Restore(args) => restore::run(&globals, args).await,
            other => {
                let app = App::open(&globals.data, globals.settings()?, globals.output()).await?;
                let store = app.store().clone();
                let done = match other {
                    Command::Serve(args) => serve::run(app, args).await,
                    other => dispatch(&app, other).await,
                };
                lifecycle::close(&store).await;
                done
            }
        }
    }
}

/// The commands that need an opened hub.
async fn dispatch(app: &App, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Invite(args) => invite::run(app, args).await,
        Command::Admit(args) => admit::run(app, args).await,
        Command::Revoke(args) => revoke::run(app, args).await,
        Command::Nodes => nodes::run(app).await,
        Command::Import(args) => import::run(app, args).await,
        Command::Diff(args) => diff::run(app, args).await,
        Command::Publish(args) => publish::run(app, args).await,
        Command::Rollout(args) => rollout::run(app, args).await,
        Command::Discard(args) => discard::run(app, args).await,
        Command::Wait(args) => wait::run(app, args).await,
        Command::Collect(command) => collect::run(app, command).await,
        Command::Rollup(args) => rollup::run(app, args).await,
        Command::Status => status::run(app).await,
        Command::Renew(args) => renew::run(app, args).await,
        Command::Account(command) => account::run(app, command).await,
        Command::Backup(args) => backup::run(app, args).await,
        Command::Pack(args) => exchange::pack(app, args).await,
        Command::Unpack(args) => exchange::unpack(app, args).await,
        Command::Config | Command::Init(_) | Command::Doctor | Command::Restore(_) | Command::Serve(_) => {
            Ok(Exit::Done)
        }
    }
}

/// The name given, or else that of the login, so that there is always somebody to ask.
fn person_or_login(by: Option<&str>) -> String {
    let named = by.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    let login = || ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.or_else(login).filter(|name| !name.trim().is_empty()).unwrap_or_else(|| NOBODY.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use tempfile::TempDir;
    use tongpin_console::exit::Exit;
    use tongpin_console::help::{self, Misuse};
    use tongpin_domain::lang::{Lang, Say as _};
    use tongpin_store::Store;

    use super::CommandLine;
    use crate::failure::Failure;

    /// Every command that changes something stands in the audit log, under the name that it was given, once.
    #[tokio::test]
    async fn commands_are_entered() {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().to_str().expect("UTF-8");
        let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples");
        let (regions, out) = (format!("{samples}/regions.csv"), format!("{data}/out.tp"));
        let (regions, out) = (regions.as_str(), out.as_str());
        let commands: [(&[&str], &str, &str); 17] = [
            (&["init", "--region", "320500", "--name", "苏州市"], "命令行", "hub_init"),
            (&["import", "regions", regions, "--by", "经办-001"], "经办-001", "catalog_draft"),
            (&["publish", "regions", "--by", "审核-002", "--yes"], "审核-002", "catalog_publish"),
            (&["rollout", "regions", "--to", "320581"], "命令行", "catalog_rollout"),
            (&["import", "regions", regions, "--dry-run"], "", ""),
            (&["import", "regions", regions, "--by", "经办-001"], "经办-001", "catalog_draft"),
            (&["discard", "regions", "--yes"], "命令行", "catalog_discard"),
            (&["invite", "320581", "--address", "10.0.0.1:7401", "--by", "经办-001"], "经办-001", "node_invite"),
            (&["revoke", "320581", "--reason", "设备遗失", "--yes"], "命令行", "node_revoke"),
            (&["renew"], "命令行", "certificate_renew"),
            (&["pack", "--for", "320581", out], "命令行", "bundle_pack"),
            (&["account", "add", "yusuan01", "--display", "预算科经办"], "命令行", "account_new"),
            (&["account", "reset", "yusuan01"], "命令行", "account_reset"),
            (&OPEN, "经办-001", "collection_draft"),
            (&["collect", "close", "county-scores", "--by", "审核-002", "--yes"], "审核-002", "collection_close"),
            (
                &["collect", "reopen", "county-scores", "--by", "审核-002", "--reason", "更正"],
                "审核-002",
                "collection_reopen",
            ),
            (&["nodes"], "", ""),
        ];
        let mut due = Vec::new();
        for (words, actor, action) in commands {
            let head = ["tongpin-hub", "--data", data];
            let all = head.iter().chain(words);
            let done = CommandLine::try_parse_from(all).expect("a command").run().await;
            assert_eq!(done.expect("done"), Exit::Done, "{words:?}");
            due.extend((!action.is_empty()).then_some((actor.to_owned(), action.to_owned())));
            // Opening is two changes by two people.
            due.extend((action == "collection_draft").then(|| ("审核-002".to_owned(), "collection_open".to_owned())));
        }
        let store = Store::open(&format!("{data}/tongpin.sqlite")).await.expect("a database");
        let entries = store.audit_after(0, 99).await.expect("readable");
        assert!(entries.iter().all(|entry| entry.allowed && entry.address.is_empty()));
        assert_eq!(entries.into_iter().map(|it| (it.actor, it.action)).collect::<Vec<_>>(), due);
        assert_eq!(store.audit_broken_at().await.expect("readable"), None);
    }

    /// A hub may be founded with the samples: two people are named before anything is made, and everything that they do
    /// stands in the log.
    #[tokio::test]
    async fn founded_with_samples() {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("hub");
        let data = data.to_str().expect("UTF-8");
        let run = async |words: &[&str]| {
            let words = ["tongpin-hub", "--data", data].into_iter().chain(words.iter().copied());
            CommandLine::try_parse_from(words).expect("a command").run().await
        };
        let init =
            |by, approved_by| ["init", "--region", "320600", "--starter", "--by", by, "--approved-by", approved_by];
        let alone = run(&init("甲", "甲")).await.expect_err("one person");
        assert_eq!(alone.say(Lang::Zh), "草稿由 甲 起草，须由另一人审核发布");
        assert!(!folder.path().join("hub").exists(), "nothing was made");
        assert_eq!(run(&init("甲", "乙")).await.expect("founded"), Exit::Done);
        let store = Store::open(&format!("{data}/tongpin.sqlite")).await.expect("a database");
        let entries = store.audit_after(0, 99).await.expect("readable");
        let done =
            |action: &str, actor: &str| entries.iter().filter(|it| it.action == action && it.actor == actor).count();
        // Another city's divisions are not in it.
        assert_eq!((done("catalog_draft", "甲"), done("catalog_publish", "乙"), entries.len()), (6, 6, 13));
    }

    /// Keys without a database are no new hub: every command says what is the matter and makes nothing, `doctor` too;
    /// an empty database is made only where it is asked for, for the same division, and once. The root stays.
    #[tokio::test]
    async fn a_missing_database_is_not_made_silently() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().to_str().expect("UTF-8").to_owned();
        let file = folder.path().join("tongpin.sqlite");
        let run = async |words: &[&str]| {
            let words = ["tongpin-hub", "--data", &data].into_iter().chain(words.iter().copied());
            CommandLine::try_parse_from(words).expect("a command").run().await
        };
        let anew = ["init", "--region", "320500", "--new-database"];
        assert!(matches!(run(&anew).await, Err(Failure::NotFounded(_))), "there are no keys");
        assert_eq!(run(&anew[..3]).await.expect("founded"), Exit::Done);
        assert!(matches!(run(&anew).await, Err(Failure::Founded { .. })), "there is a database");
        let root = std::fs::read(folder.path().join("identity/root.pem")).expect("a root");
        for beside in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("tongpin.sqlite{beside}")));
        }
        for words in [&["status"][..], &["serve"], &["nodes"], &["renew"]] {
            let refused = run(words).await;
            assert!(matches!(refused, Err(Failure::DatabaseMissing(_))), "{words:?}: {refused:?}");
            assert!(!file.exists(), "nothing was made");
        }
        assert_eq!(run(&["doctor"]).await.expect("told"), Exit::Different);
        assert!(!file.exists(), "nothing was made");
        // An empty one, as a database server has it for a wrong name, is none either.
        drop(Store::open(file.to_str().expect("UTF-8")).await.expect("a database"));
        assert!(matches!(run(&["status"]).await, Err(Failure::DatabaseMissing(_))));
        assert!(matches!(run(&anew[..3]).await, Err(Failure::Founded { .. })), "not without saying so");
        let another = ["init", "--region", "320600", "--new-database"];
        assert!(matches!(run(&another).await, Err(Failure::Founded { .. })), "another division's keys");
        assert_eq!(run(&anew).await.expect("made"), Exit::Done);
        assert_eq!(run(&["status"]).await.expect("it opens"), Exit::Done);
        assert_eq!(std::fs::read(folder.path().join("identity/root.pem")).expect("a root"), root);
        let store = Store::open(file.to_str().expect("UTF-8")).await.expect("a database");
        let entries = store.audit_after(0, 9).await.expect("readable");
        assert_eq!(entries.into_iter().map(|it| it.action).collect::<Vec<_>>(), ["database_new"]);
    }

    const OPEN: [&str; 12] = [
        "collect",
        "open",
        "--template",
        "county-scores",
        "--period",
        "2024",
        "--due",
        "2099-03-31",
        "--by",
        "经办-001",
        "--approved-by",
        "审核-002",
    ];

    /// The command line is put together soundly, and no command's help falls back to clap's English phrases.
    #[test]
    fn the_command_line_is_sound() {
        let command = help::localised(CommandLine::command());
        command.clone().debug_assert();
        assert_eq!(help::check_chinese(command), Ok(()));
    }

    /// What is misused is told in Chinese, with what this command line wants instead.
    #[test]
    fn misuses_are_told() {
        let said = |words: &[&str]| {
            let all = std::iter::once(&"tongpin-hub").chain(words);
            let error = help::localised(CommandLine::command()).try_get_matches_from(all).expect_err("a misuse");
            Misuse::of(&error).say(Lang::Zh)
        };
        assert_eq!(said(&["invit", "320581"]), "没有“invit”这个命令，是不是想写 init、invite；用 --help 查看用法");
        let code = "<区划代码> 不能是“3205”（应为 6 位或 9 位区划代码，如 320581）；用 --help 查看用法";
        assert_eq!(said(&["invite", "3205"]), code);
        let both = said(&["rollout", "rules", "--all", "--to", "320581"]);
        assert!(both.contains("不能与"), "{both}");
    }
}
