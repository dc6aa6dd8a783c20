//! What a page tells of each failure: it names places to click, where the command line names commands.

use axum::http::StatusCode;
use tongpin_console::web::{PageFailure, status};
use tongpin_domain::causes;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::publish::PublishError;

use super::Failure;

impl PageFailure for Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Common(error) => error.status(),
            Self::Founded { .. } => StatusCode::CONFLICT,
            other => status(other.exit()),
        }
    }

    fn chain(&self) -> String {
        causes::chain(self)
    }

    fn on_page(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::NoCollection(id) => (
                format!("没有代号为“{id}”的归集任务；请回归集列表查看"),
                format!("there is no collection {id:?}; see the list of collections"),
            ),
            Self::NoRulesForYear(year) => (
                format!("还没有发布适用于 {year} 年度的计分规则；请先在“目录发布”中导入、发布“制度与规则”"),
                format!("no rule set is published for {year}; import and publish one at Catalogs"),
            ),
            Self::Publish(PublishError::NoDraft(catalog)) if catalog.name == "collections" => (
                "草稿已发布或已放弃；请回归集列表查看".to_owned(),
                "there is no draft any more; see the list".to_owned(),
            ),
            Self::Publish(PublishError::NothingChanges(catalog)) if catalog.name == "collections" => (
                "草稿与已开放的内容相同，无需开放；已关闭的任务请在其页面上重新开放".to_owned(),
                "the draft changes nothing; a closed collection is opened again on its own page".to_owned(),
            ),
            other => return other.say(lang),
        };
        lang.pick(&zh, &en).to_owned()
    }
}
