//! What failures and remarks say on a page: their own words name commands, a reader of pages is told of pages.

use axum::http::StatusCode;
use tongpin_console::web::{self, PageFailure};
use tongpin_domain::causes::chain;
use tongpin_domain::lang::{Lang, Say};

use crate::failure::Failure;
use crate::guidance::RuleChoice;
use crate::records::answer::{AnswerError, Remark, some};

impl PageFailure for Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoCollection(_) => StatusCode::NOT_FOUND,
            Self::Common(error) => error.status(),
            Self::Unchanged(_) => StatusCode::CONFLICT,
            other => web::status(other.exit()),
        }
    }

    fn chain(&self) -> String {
        chain(self)
    }

    fn on_page(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Failure::Answer(AnswerError::Unscored(codes)) => (
                format!("有 {} 个项目还没有评分（{}）；评分后才能上报", codes.len(), some(codes)),
                format!("{} projects have no score ({}); score them first", codes.len(), some(codes)),
            ),
            Failure::Answer(AnswerError::Stale(codes)) => (
                format!("有 {} 个项目在评分之后又有改动（{}）；重新评分后才能上报", codes.len(), some(codes)),
                format!("{} projects changed after they were scored ({}); score anew first", codes.len(), some(codes)),
            ),
            Failure::Unchanged(revision) => (
                format!("内容与第 {revision} 次上报相同，未重复上报"),
                format!("nothing has changed since revision {revision}, so it was not sent again"),
            ),
            Failure::NoCollection(id) => (
                format!("没有要求本级上报的归集任务“{id}”；可在“归集上报”中查看现有任务"),
                format!("no collection {id:?} is asked of this node; see Collections"),
            ),
            Failure::Rules(found) => return choice(found, lang),
            other => return other.say(lang),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// Why no rule set can be chosen.
pub(crate) fn choice(choice: &RuleChoice, lang: Lang) -> String {
    match (choice, lang) {
        (RuleChoice::None, Lang::Zh) => "还没有收到计分规则；与上级连通后自动接收，已收到的目录见“总览”".into(),
        (RuleChoice::Several { year, keys }, Lang::Zh) => {
            format!("有多套计分规则适用于 {year} 年度（{}）；请选定一套再评分", keys.join("、"))
        }
        (other, _) => other.say(lang),
    }
}

/// What a person should know before letting an answer leave.
pub(crate) fn remark(remark: &Remark, lang: Lang) -> String {
    let (zh, en) = match remark {
        Remark::NewerRules(used, newest) => (
            format!(
                "评分用的是规则“{}”第 {} 版，现已有第 {newest} 版；需要按新规则上报的，请先重新评分",
                used.key, used.release
            ),
            format!(
                "scored under release {} of {:?}, {newest} is here now; score anew to use it",
                used.release, used.key
            ),
        ),
        Remark::SetAside(count) => (
            format!("有 {count} 条记录有问题，未计入；详见“总览”"),
            format!("{count} records are set aside and do not take part; see the overview"),
        ),
        other => return other.say(lang),
    };
    lang.pick(&zh, &en).to_owned()
}
