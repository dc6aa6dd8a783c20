//! Finding projects: the filters that the lists of projects and of scores share, as the address says them and as a
//! form.

use maud::Markup;
use tongpin_console::web::list::{Ask, Asked, Filter, search};
use tongpin_domain::lang::Lang;
use tongpin_domain::score::Status;
use tongpin_store::{ProjectChoices, ProjectFilter, UNSCORED};

use crate::words::flag;

/// The states of a score, the worst first.
pub(super) const STATES: [Status; 4] = [Status::DataError, Status::Incomplete, Status::Review, Status::Scored];

/// The value of the filter of missing reasons.
const MISSING: &str = "missing";
/// Where the projects are listed in which a reason for a deviation is missing.
pub(crate) const REASONS_MISSING: &str = "/scores?reason=missing";

/// What is asked for.
pub(super) fn filter(asked: &Asked) -> ProjectFilter {
    let text = |name| asked.text(name).to_owned();
    ProjectFilter {
        text: text("text"),
        fund: text("fund"),
        department: text("department"),
        township: text("township"),
        status: text("status"),
        rating: text("rating"),
        year: asked.text("year").parse().ok(),
        scored: false,
        waiting: !asked.text("waiting").is_empty(),
        reason_missing: asked.text("reason") == MISSING,
        author: text("author"),
    }
}

/// The form of the filters. `unscored` adds the choice of projects without a score.
pub(super) fn form(asked: &Asked, choices: &ProjectChoices, unscored: bool, lang: Lang) -> Markup {
    let named = |(code, name): &(String, String)| (code.clone(), named(code, name));
    let mut states: Vec<(String, String)> =
        STATES.iter().map(|status| (status.code().to_owned(), status.text(lang).to_owned())).collect();
    if unscored {
        states.push((UNSCORED.to_owned(), without_score(lang).to_owned()));
    }
    let reasons = [(MISSING.to_owned(), flag::word("REASON_MISSING", lang).to_owned())];
    let years: Vec<String> = choices.years.iter().map(ToString::to_string).collect();
    let mut filters = vec![
        Filter::new(
            "text",
            lang.pick("包含", "Contains"),
            Ask::Words(lang.pick("代码、名称", "code, name").to_owned()),
        ),
        Filter::new("fund", lang.pick("资金", "Fund"), Ask::One(choices.funds.iter().map(named).collect())),
        Filter::texts("department", lang.pick("部门", "Department"), choices.departments.iter().map(String::as_str)),
        Filter::new("township", lang.pick("乡镇", "Township"), Ask::One(choices.townships.iter().map(named).collect())),
        Filter::new("status", lang.pick("状态", "Status"), Ask::One(states)),
        Filter::texts("rating", lang.pick("评级", "Rating"), choices.ratings.iter().map(String::as_str)),
        Filter::texts("year", lang.pick("年度", "Year"), years.iter().map(String::as_str)),
        Filter::new("reason", lang.pick("偏差原因", "Reasons"), Ask::One(reasons.to_vec())),
    ];
    if !asked.text("author").is_empty() {
        filters.push(Filter::new("author", lang.pick("登记单位", "Kept by"), Ask::One(Vec::new())));
    }
    if !asked.text("waiting").is_empty() {
        filters.push(Filter::new("waiting", lang.pick("有指标待复核", "with lines to review"), Ask::Only("1")));
    }
    search(&filters, asked, lang)
}

/// A name where there is one, else the code.
pub(super) fn named(code: &str, name: &str) -> String {
    if name.is_empty() { code.to_owned() } else { name.to_owned() }
}

/// What stands in the place of a status where there is no score.
pub(super) fn without_score(lang: Lang) -> &'static str {
    lang.pick("未评分", "no score")
}
