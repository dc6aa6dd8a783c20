//! Everything that can end a command, in the user's words and as an exit code.

use std::io;
use std::path::PathBuf;

use tongpin_console::account_command::AccountError;
use tongpin_console::file::Unreadable;
use tongpin_console::lifecycle::LifecycleError;
use tongpin_console::net::BindError;
use tongpin_console::restore::RestoreError;
use tongpin_console::settings::SettingsError;
use tongpin_domain::causes::chain;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::rollup::RollupError;
use tongpin_domain::score::RuleRef;
use tongpin_link::LinkError;
use tongpin_link::admin::{AdminError, ClaimError};
use tongpin_link::bundle::BundleError;
use tongpin_link::identity::IdentityError;
use tongpin_link::publish::PublishError;
use tongpin_link::tls::PageTlsError;
use tongpin_store::StoreError;

mod page;
mod standing;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// `config.toml` is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Accounts are left as they were.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A link or a signature failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A draft is not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// An exchange file is not taken.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Administering children failed.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Pages cannot be served with the certificate that is configured.
    #[error(transparent)]
    PageTls(#[from] PageTlsError),
    /// Another `serve` runs on the folder.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Reports cannot be rolled up.
    #[error(transparent)]
    Rollup(#[from] RollupError),
    /// A port cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A part of `serve` failed.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// There is no hub in this folder.
    #[error("no hub in {}", .0.display())]
    NotFounded(PathBuf),
    /// The keys of a hub are there, and its database is not.
    #[error("the database of the hub in {} is missing", .0.display())]
    DatabaseMissing(PathBuf),
    /// There is a hub in this folder already.
    #[error("{} holds the hub of {region} already", folder.display())]
    Founded {
        /// The folder.
        folder: PathBuf,
        /// Whose it is.
        region: RegionCode,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that a command names is not to be had.
    #[error(transparent)]
    Named(#[from] Unreadable),
    /// A file is not overwritten.
    #[error("{} is already there", .0.display())]
    FileExists(PathBuf),
    /// The result could not be printed.
    #[error("printing failed")]
    Printing(#[from] io::Error),
    /// Something was handed in that will not do; the words say what is expected.
    #[error("{en}")]
    Input {
        /// 中文
        zh: String,
        /// English
        en: String,
    },
    /// A step that is hard to undo was neither confirmed at a terminal nor with `--yes`.
    #[error("not confirmed")]
    Unconfirmed,
    /// The person at the terminal said no.
    #[error("declined")]
    Declined,
    /// There is no such collection.
    #[error("no collection {0:?}")]
    NoCollection(String),
    /// The reports name a rule set that this hub does not hold.
    #[error("rule set {} release {} is not held", .0.key, .0.release)]
    NoRules(RuleRef),
    /// No rule set for a year is published.
    #[error("no rule set is published for {0}")]
    NoRulesForYear(String),
    /// Stored content cannot be read as what it should be.
    #[error("{what} cannot be read: {problem}")]
    Unreadable {
        /// The entry or report.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        Self::Link(error.into())
    }
}

impl From<RestoreError> for Failure {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => Self::Store(error),
            other @ RestoreError::Another { .. } => Self::input(other.say(Lang::Zh), other.say(Lang::En)),
        }
    }
}

impl Failure {
    /// Something handed in that will not do.
    pub(crate) fn input(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Input { zh: zh.into(), en: en.into() }
    }

    /// A stored entry or report that cannot be read.
    pub(crate) fn unreadable(what: impl Into<String>, problem: &impl ToString) -> Self {
        Self::Unreadable { what: what.into(), problem: problem.to_string() }
    }

    /// The whole chain of causes, for the log.
    pub(crate) fn chain(&self) -> String {
        chain(self)
    }
}

impl Say for Failure {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Settings(error) => return error.say(lang),
            Self::Account(error) => return error.say(lang),
            Self::Store(error) => return error.say(lang),
            Self::Link(error) => return error.say(lang),
            Self::Publish(error) => return error.say(lang),
            Self::Bundle(error) => return error.say(lang),
            Self::Admin(error) => return error.say(lang),
            Self::PageTls(error) => return error.say(lang),
            Self::Claim(error) => return error.say(lang),
            Self::Rollup(error) => return error.say(lang),
            Self::Bind(error) => return error.say(lang),
            Self::Lifecycle(error) => return error.say(lang),
            Self::Input { zh, en } => return lang.pick(zh, en).to_owned(),
            Self::NotFounded(folder) => {
                format!("{} 中没有市级平台的数据；请先运行 init，或用 --data 指明数据目录", folder.display())
            }
            Self::DatabaseMissing(folder) => format!(
                "数据目录 {} 里有市级平台的密钥，却没有数据库：数据库丢失，或恢复时漏了文件；未新建空库。\
                 请运行 restore 备份文件，再启动；没有备份的，运行 init --new-database --region 本级区划代码 \
                 新建空库，各单位须重新邀请，已发布的版本由持有它的单位连接后送回",
                folder.display()
            ),
            Self::Founded { folder, region } => {
                format!(
                    "{} 中已有 {region} 的平台数据，未作改动；如需另建，请用 --data 指明另一个目录",
                    folder.display()
                )
            }
            Self::File { path, source } => {
                format!("无法读写 {}（{}）；请检查路径和权限", path.display(), standing::said(source, lang))
            }
            Self::Named(error) => error.say(Lang::Zh),
            Self::FileExists(path) => format!("{} 已存在，未覆盖；请换一个文件名", path.display()),
            Self::Printing(source) => format!("结果无法输出（{source}）"),
            Self::Unconfirmed => "此操作难以撤回，须经确认；请在终端中运行，或加 --yes".into(),
            Self::Declined => "已取消，未作改动".into(),
            Self::NoCollection(id) => format!("没有名为“{id}”的归集任务；可用 collect list 查看已开放的任务"),
            Self::NoRules(rules) => format!(
                "上报所依据的规则“{}”第 {} 版本库没有，不能汇总；请核对上报单位使用的规则版本",
                rules.key, rules.release
            ),
            Self::NoRulesForYear(year) => format!("还没有发布适用于 {year} 年度的计分规则；请先导入并发布 rules 目录"),
            Self::Unreadable { what, problem } => {
                format!("{what} 的内容无法识别（{problem}）；请核对软件版本，或联系维护人员")
            }
        };
        match (lang, self) {
            (Lang::Zh, _) => zh,
            (Lang::En, Self::File { path, source }) => {
                format!("cannot use {} ({}); check the path and its permissions", path.display(), source)
            }
            (Lang::En, Self::NotFounded(_)) => format!("{self}; run init first, or give the data folder with --data"),
            (Lang::En, Self::DatabaseMissing(_)) => format!(
                "{self} though its keys are there; run restore with a backup, or, without one, run \
                 init --new-database --region CODE, and invite everybody again"
            ),
            (Lang::En, Self::Founded { .. }) => format!("{self}; give another folder with --data"),
            (Lang::En, Self::Named(error)) => error.say(Lang::En),
            (Lang::En, Self::FileExists(_)) => format!("{self} and is not overwritten; choose another name"),
            (Lang::En, Self::Unconfirmed) => "this is hard to undo; confirm it at a terminal, or add --yes".into(),
            (Lang::En, Self::NoCollection(_)) => format!("{self}; collect list shows those there are"),
            (Lang::En, _) => self.to_string(),
        }
    }
}
