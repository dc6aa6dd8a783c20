//! Everything that can end a command, in the user's words and as an exit code.

use std::path::PathBuf;

use tongpin_console::failure::Common;
use tongpin_domain::causes::chain;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::rollup::RollupError;
use tongpin_domain::score::RuleRef;
use tongpin_link::publish::PublishError;

mod page;
mod standing;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What either program may fail of.
    #[error(transparent)]
    Common(#[from] Common),
    /// A draft is not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Reports cannot be rolled up.
    #[error(transparent)]
    Rollup(#[from] RollupError),
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

tongpin_console::made_from_common!(Failure);

impl Failure {
    /// Something handed in that will not do.
    pub(crate) fn input(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Common::input(zh, en).into()
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
            Self::Common(error) => return error.say(lang),
            Self::Publish(error) => return error.say(lang),
            Self::Rollup(error) => return error.say(lang),
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
            (Lang::En, Self::NotFounded(_)) => format!("{self}; run init first, or give the data folder with --data"),
            (Lang::En, Self::DatabaseMissing(_)) => format!(
                "{self} though its keys are there; run restore with a backup, or, without one, run \
                 init --new-database --region CODE, and invite everybody again"
            ),
            (Lang::En, Self::Founded { .. }) => format!("{self}; give another folder with --data"),
            (Lang::En, Self::NoCollection(_)) => format!("{self}; collect list shows those there are"),
            (Lang::En, _) => self.to_string(),
        }
    }
}
