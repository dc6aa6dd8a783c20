//! Everything that can end a command, in the user's words and as an exit code.

use std::path::PathBuf;

use tongpin_console::failure::Common;
use tongpin_domain::causes::chain;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::ReportProblem;
use tongpin_link::LinkError;
use tongpin_link::token::TokenError;

use crate::guidance::RuleChoice;
use crate::records::answer::AnswerError;
use crate::records::evidence::EvidenceError;
use crate::sheets::entry::file::FileError;

pub(crate) mod page;
mod standing;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What either program may fail of.
    #[error(transparent)]
    Common(#[from] Common),
    /// The token is none.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A file to import cannot be read.
    #[error(transparent)]
    Import(#[from] FileError),
    /// No rule set can be chosen.
    #[error(transparent)]
    Rules(#[from] RuleChoice),
    /// A collection cannot be answered.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// A report would not be accepted, so it does not leave.
    #[error("the report would be returned")]
    Report(Vec<ReportProblem>),
    /// The report says what the last one said.
    #[error("nothing has changed since revision {0}")]
    Unchanged(u64),
    /// The node has not joined.
    #[error("the node in {} has not joined", .0.display())]
    NotJoined(PathBuf),
    /// The database is gone, while the keys of a node that has joined are there.
    #[error("the database of the node in {} is missing", .0.display())]
    DatabaseMissing(PathBuf),
    /// It is not decided what to do about what the parent holds and this database does not.
    #[error("what the parent holds was not compared with this database")]
    Undecided,
    /// A report of far fewer records than the one before, which nobody has confirmed.
    #[error("{now} records would take the place of {before}")]
    Shrunk {
        /// How many the last report was made of.
        before: u64,
        /// How many this one is.
        now: u64,
    },
    /// The node belongs to another region than the token.
    #[error("{} belongs to {own}, the token is for {token}", folder.display())]
    OtherRegion {
        /// The data folder.
        folder: PathBuf,
        /// Whose data it holds.
        own: RegionCode,
        /// Whom the token is for.
        token: RegionCode,
    },
    /// A piece of evidence cannot be read or copied.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// There is no such collection.
    #[error("no collection {0:?} is asked of this node")]
    NoCollection(String),
}

tongpin_console::made_from_common!(Failure);

impl Failure {
    /// Something handed in that will not do.
    pub(crate) fn input(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Common::input(zh, en).into()
    }

    /// A fault of the program itself: what it wrote cannot be read back.
    pub(crate) fn internal(problem: &impl ToString) -> Self {
        LinkError::Internal(problem.to_string()).into()
    }

    /// The whole chain of causes, for the log.
    pub(crate) fn chain(&self) -> String {
        chain(self)
    }

    fn zh(&self) -> String {
        match self {
            Self::Report(problems) => {
                let said: Vec<String> = problems.iter().map(|problem| problem.say(Lang::Zh)).collect();
                format!("上报内容不符合任务要求，未上报（{}）；请联系任务发布方", said.join("、"))
            }
            Self::Unchanged(revision) => {
                format!("内容与第 {revision} 次上报相同，未重复上报；确需重报的，请加 --force")
            }
            Self::NotJoined(folder) => {
                format!("数据目录 {} 还没有加入任何上级；请先用上级给的加入码运行 join", folder.display())
            }
            Self::DatabaseMissing(folder) => format!(
                "数据目录 {} 里有本节点的密钥，却没有数据库：数据库丢失，或恢复时漏了文件；未新建空库。\
                 请运行 restore 备份文件，再启动；没有备份的，运行 take-back --new-database --parent 上级地址，\
                 从上级取回",
                folder.display()
            ),
            Self::Undecided => "本库由备份恢复或新建，尚未决定如何处理上级已收到、本库没有的内容，未上报；\
                                请先在“恢复”页面（或用 take-back）取回，或选择不取回"
                .into(),
            Self::Shrunk { before, now } => format!(
                "本次只有 {now} 条记录，上一次上报有 {before} 条，未上报；请核对数据是否完整，\
                 确属如此的，用 --fewer {now}（页面上勾选“确认减少”）确认这一差别"
            ),
            Self::OtherRegion { folder, own, token } => format!(
                "数据目录 {} 是 {own} 的，而加入码是给 {token} 的，未作改动；请核对加入码，或用 --data 换一个目录",
                folder.display()
            ),
            Self::NoCollection(id) => format!(
                "没有要求本级上报的归集任务“{id}”；可用 collections 查看现有任务。上级刚开放的可能还没有收到：\
                 请确认 serve 正在运行且已连上上级（status），稍等片刻再试"
            ),
            other => other.lower(Lang::Zh).unwrap_or_else(|| other.to_string()),
        }
    }

    /// The words of the crate that the error comes from.
    fn lower(&self, lang: Lang) -> Option<String> {
        Some(match self {
            Self::Common(error) => error.say(lang),
            Self::Token(error) => error.say(lang),
            Self::Import(error) => error.say(lang),
            Self::Rules(error) => error.say(lang),
            Self::Answer(error) => error.say(lang),
            Self::Evidence(error) => error.say(lang),
            _ => return None,
        })
    }

    fn en(&self) -> String {
        match self {
            Self::Report(problems) => {
                let said: Vec<String> = problems.iter().map(|problem| problem.say(Lang::En)).collect();
                format!("{self} and is not sent ({}); tell who opened the collection", said.join(", "))
            }
            Self::Unchanged(_) => format!("{self}; add --force to send it all the same"),
            Self::NotJoined(_) => format!("{self}; run join with the token from your upstream first"),
            Self::DatabaseMissing(_) => format!(
                "{self} though its keys are there; run restore with a backup, or, without one, run \
                 take-back --new-database --parent ADDRESS"
            ),
            Self::Undecided => format!("{self}; take it back, or go on without, with take-back"),
            Self::Shrunk { now, .. } => format!("{self}; if that is right, confirm it with --fewer {now}"),
            Self::OtherRegion { .. } => format!("{self}; check the token, or give another folder with --data"),
            Self::NoCollection(_) => format!(
                "{self}; collections shows those that are. One that was just opened may not have arrived: let serve run, \
                 see the link with status, and try again in a moment"
            ),
            other => other.lower(Lang::En).unwrap_or_else(|| other.to_string()),
        }
    }
}

impl Say for Failure {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }
}
