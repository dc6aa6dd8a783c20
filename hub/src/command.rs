//! The command line of the hub: what can be asked, and where each command is carried out.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tongpin_console::exit::Exit;
use tongpin_console::output::{Output, OutputArgs};
use tongpin_console::settings;
use tongpin_domain::lang::Lang;

use crate::failure::Failure;
use crate::office::Office;
use crate::settings::{EXAMPLE, Settings};

mod admit;
mod backup;
pub(crate) mod collect;
mod diff;
mod discard;
mod doctor;
mod exchange;
pub(crate) mod help;
pub(crate) mod import;
mod init;
mod invite;
pub(crate) mod nodes;
mod publish;
mod revoke;
mod rollout;
mod rollup;
mod serve;
pub(crate) mod status;
mod wait;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "tongpin-hub", version)]
#[command(about = "同频:市级平台。发布制度、指标、专家等目录,开放归集任务,汇总区县上报")]
#[command(after_help = "起步:
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

/// The options that every command has. They and the environment override the configuration file.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Globals {
    /// 数据目录
    #[arg(long, global = true, value_name = "目录", env = "TONGPIN_DATA", default_value = "./tongpin-hub-data")]
    pub(crate) data: PathBuf,
    /// 配置文件;默认用数据目录里的 config.toml
    #[arg(long, global = true, value_name = "文件", env = "TONGPIN_CONFIG")]
    config: Option<PathBuf>,
    /// 数据库;默认是数据目录里的 tongpin.sqlite
    #[arg(long, global = true, value_name = "地址", env = "TONGPIN_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// 日志级别:error、warn、info、debug、trace;环境变量 TONGPIN_LOG 优先
    #[arg(short = 'v', long, global = true, value_name = "级别")]
    log: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// How to print while the command line could not be read.
pub(crate) fn output_before_parsing() -> Output {
    let words: Vec<String> = std::env::args().collect();
    let asked = |language: &str| {
        let pair = words.windows(2).any(|pair| pair[0] == "--lang" && pair[1] == language);
        pair || words.iter().any(|word| *word == format!("--lang={language}"))
    };
    let english = asked("en") || (!asked("zh") && std::env::var("TONGPIN_LANG").is_ok_and(|language| language == "en"));
    Output {
        json: words.iter().any(|word| word == "--json"),
        lang: if english { Lang::En } else { Lang::Zh },
        terminal: false,
    }
}

impl Globals {
    /// How to print.
    pub(crate) fn output(&self) -> Output {
        Output::from(self.output)
    }

    /// The configuration of the file, which may be missing if it was not named.
    ///
    /// # Errors
    /// [`Failure::Settings`].
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let own = self.data.join("config.toml");
        let path = self.config.clone().or_else(|| own.exists().then_some(own));
        Ok(settings::load(path.as_deref(), EXAMPLE)?)
    }

    /// The level of the log: `serve` tells what happens, other commands only what is wrong.
    pub(crate) fn log_level(&self, command: &Command) -> String {
        match (&self.log, command) {
            (Some(level), _) => level.clone(),
            (None, Command::Serve(_)) => self.settings().map_or_else(|_| "info".into(), |settings| settings.log),
            (None, _) => "error".into(),
        }
    }
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 建立市级平台:数据目录、数据库、联邦根证书
    Init(init::Args),
    /// 运行:等待区县连接,并提供状态页
    Serve(serve::Args),
    /// 邀请一个区县加入,生成一次性加入码
    Invite(invite::Args),
    /// 不联网的加入:为区县带来的加入申请文件签发证书
    Admit(admit::Args),
    /// 吊销一个区县的证书
    Revoke(revoke::Args),
    /// 各区县的连接、证书和目录版本
    Nodes,
    /// 导入一个目录,存为草稿
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
    /// 归集任务:开放、查看、退回、关闭
    #[command(subcommand)]
    Collect(collect::Command),
    /// 汇总一个归集任务的上报
    Rollup(rollup::Args),
    /// 本平台的状况
    Status,
    /// 检查证书、数据库、磁盘、端口,并说明怎么办
    Doctor,
    /// 备份数据库
    Backup(backup::Args),
    /// 不联网的交换:写出给某个区县的文件
    Pack(exchange::Pack),
    /// 不联网的交换:读入区县带来的文件
    Unpack(exchange::Unpack),
    /// 打印带说明的配置样例
    Config,
}

impl CommandLine {
    /// The level of the log.
    pub(crate) fn log_level(&self) -> String {
        self.globals.log_level(&self.command)
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
            Command::Serve(args) => serve::run(Office::open(&globals).await?, args).await,
            other => dispatch(&Office::open(&globals).await?, other).await,
        }
    }
}

/// The commands that need an opened hub.
async fn dispatch(office: &Office, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Invite(args) => invite::run(office, args).await,
        Command::Admit(args) => admit::run(office, args).await,
        Command::Revoke(args) => revoke::run(office, args).await,
        Command::Nodes => nodes::run(office).await,
        Command::Import(args) => import::run(office, args).await,
        Command::Diff(args) => diff::run(office, args).await,
        Command::Publish(args) => publish::run(office, args).await,
        Command::Rollout(args) => rollout::run(office, args).await,
        Command::Discard(args) => discard::run(office, args).await,
        Command::Wait(args) => wait::run(office, args).await,
        Command::Collect(command) => collect::run(office, command).await,
        Command::Rollup(args) => rollup::run(office, args).await,
        Command::Status => status::run(office).await,
        Command::Backup(args) => backup::run(office, args).await,
        Command::Pack(args) => exchange::pack(office, args).await,
        Command::Unpack(args) => exchange::unpack(office, args).await,
        Command::Config | Command::Init(_) | Command::Doctor | Command::Serve(_) => Ok(Exit::Done),
    }
}
