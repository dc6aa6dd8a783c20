//! Finding projects: the filters that the lists of projects and of scores share, as the address says them and as a
//! form.

use maud::{Markup, html};
use tongpin_console::web::list::Asked;
use tongpin_domain::lang::Lang;
use tongpin_domain::score::Status;
use tongpin_store::{ProjectChoices, ProjectFilter, UNSCORED};

use crate::words::flag;

/// The states of a score, the worst first.
pub(super) const STATES: [Status; 4] = [Status::DataError, Status::Incomplete, Status::Review, Status::Scored];

/// What the filters are called in the address.
const NAMES: [&str; 9] = ["text", "fund", "department", "township", "status", "rating", "year", "reason", "author"];
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
pub(super) fn form(asked: &Asked, choices: &ProjectChoices, unscored: bool, address: &str, lang: Lang) -> Markup {
    let named = |(code, name): &(String, String)| (code.clone(), named(code, name));
    let plain = |text: &String| (text.clone(), text.clone());
    let mut states: Vec<(String, String)> =
        STATES.iter().map(|status| (status.code().to_owned(), status.text(lang).to_owned())).collect();
    if unscored {
        states.push((UNSCORED.to_owned(), without_score(lang).to_owned()));
    }
    let reasons = [(MISSING.to_owned(), flag::word("REASON_MISSING", lang).to_owned())];
    let years: Vec<String> = choices.years.iter().map(ToString::to_string).collect();
    html! {
        form.search method="get" action=(address) role="search" {
            (asked.hidden(&NAMES))
            label { (lang.pick("包含", "Contains")) " " input name="text" value=(asked.text("text")); }
            (choice(asked, "fund", lang.pick("资金", "Fund"), &choices.funds.iter().map(named).collect::<Vec<_>>(), lang))
            (choice(asked, "department", lang.pick("部门", "Department"),
                &choices.departments.iter().map(plain).collect::<Vec<_>>(), lang))
            (choice(asked, "township", lang.pick("乡镇", "Township"),
                &choices.townships.iter().map(named).collect::<Vec<_>>(), lang))
            (choice(asked, "status", lang.pick("状态", "Status"), &states, lang))
            (choice(asked, "rating", lang.pick("评级", "Rating"), &choices.ratings.iter().map(plain).collect::<Vec<_>>(), lang))
            (choice(asked, "year", lang.pick("年度", "Year"), &years.iter().map(plain).collect::<Vec<_>>(), lang))
            (choice(asked, "reason", lang.pick("偏差原因", "Reasons"), &reasons, lang))
            @if !asked.text("author").is_empty() {
                (choice(asked, "author", lang.pick("登记单位", "Kept by"), &[], lang))
            }
            button { (lang.pick("查询", "Search")) }
            a href=(address) { (lang.pick("清除条件", "Clear")) }
        }
    }
}

/// One filter. A value that occurs nowhere is shown all the same, since it is what the list was filtered by.
fn choice(asked: &Asked, name: &str, label: &str, options: &[(String, String)], lang: Lang) -> Markup {
    let chosen = asked.text(name);
    let known = chosen.is_empty() || options.iter().any(|(value, _)| value == chosen);
    html! {
        label { (label) " "
            select name=(name) {
                option value="" { (lang.pick("全部", "all")) }
                @if !known { option value=(chosen) selected { (chosen) } }
                @for (value, shown) in options { option value=(value) selected[chosen == value] { (shown) } }
            }
        }
    }
}

/// A name where there is one, else the code.
pub(super) fn named(code: &str, name: &str) -> String {
    if name.is_empty() { code.to_owned() } else { name.to_owned() }
}

/// What stands in the place of a status where there is no score.
pub(super) fn without_score(lang: Lang) -> &'static str {
    lang.pick("未评分", "no score")
}
