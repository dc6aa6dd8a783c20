//! How the state of a score is marked, wherever projects and scores are listed.

use maud::{Markup, html};
use tongpin_console::web::list::Cell;
use tongpin_domain::lang::Lang;
use tongpin_domain::score::{RuleRef, Status};
use tongpin_store::ProjectRow;

use super::finding::{STATES, without_score};
use crate::guidance::RuleBook;

/// A state on its colour.
pub(super) fn mark(status: Status, lang: Lang) -> Markup {
    let class = match status {
        Status::Scored => "mark good",
        Status::Review | Status::Incomplete => "mark warn",
        Status::DataError => "mark bad",
    };
    html! { span class=(class) { (status.text(lang)) } }
}

/// The status of a project's score as a cell, and whether the score is old; a status that is new here stays its code.
pub(super) fn status(project: &ProjectRow, book: &RuleBook, lang: Lang) -> Cell {
    let Some(code) = project.status.as_deref() else {
        let due = if project.due { lang.pick("（待评分）", " (being scored)") } else { "" };
        return format!("{}{due}", without_score(lang)).into();
    };
    let known = STATES.into_iter().find(|status| status.code() == code);
    let (text, markup) = match known {
        Some(status) => (status.text(lang).to_owned(), mark(status, lang)),
        None => (code.to_owned(), html! { (code) }),
    };
    let Some(old) = stale(project, book, lang) else { return Cell::drawn(text, markup) };
    Cell::drawn(format!("{text}（{old}）"), html! { (markup) " " span.mark.warn { (old) } })
}

/// Why a score is old, if it is: its records have changed, or newer rules have come.
pub(super) fn stale(project: &ProjectRow, book: &RuleBook, lang: Lang) -> Option<&'static str> {
    let newer = |used: &RuleRef| book.newest(used).is_some_and(|newest| newest.reference.release > used.release);
    if project.due {
        Some(lang.pick("待重算", "being scored anew"))
    } else if project.rules.as_ref().is_some_and(newer) {
        Some(lang.pick("按旧版规则", "by earlier rules"))
    } else {
        None
    }
}
