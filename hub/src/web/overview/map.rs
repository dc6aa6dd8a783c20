//! The counties roughly as they lie, each a tile with its link, its releases and its reports.

use maud::{Markup, html};
use tongpin_console::state::State;
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;
use tongpin_domain::rollup::children;

use super::{Overview, Reporting};
use crate::ops::nodes::{Row, ago};

/// Where the divisions of 苏州 lie on a grid: column and row, from the north-west. A city with any other division
/// gets its counties one after another.
const PLACES: [(&str, u8, u8); 10] = [
    ("320582", 1, 1),
    ("320581", 2, 1),
    ("320585", 4, 1),
    ("320505", 1, 2),
    ("320507", 2, 2),
    ("320583", 4, 2),
    ("320508", 2, 3),
    ("320576", 3, 3),
    ("320506", 2, 4),
    ("320509", 3, 4),
];

/// The grid; nothing as long as no divisions are known.
pub(super) fn draw(seen: &Overview, own: &RegionCode, lang: Lang) -> Markup {
    let codes = children(&seen.regions, own);
    let reporting = seen.reporting();
    let places = places(&codes);
    html! {
        @if !codes.is_empty() {
            section aria-labelledby="map" {
                h2 id="map" { (lang.pick("各区县", "The counties")) }
                ul.map { @for (code, place) in codes.iter().zip(places) {
                    li style=[place.map(|(column, row)| format!("--column:{column};--row:{row}"))] {
                        (tile(seen, code, reporting.get(code).copied().unwrap_or_default(), lang))
                    }
                } }
            }
        }
    }
}

/// The place of each, if all have one.
fn places(codes: &[RegionCode]) -> Vec<Option<(u8, u8)>> {
    let place = |code: &RegionCode| PLACES.iter().find(|(known, _, _)| *known == code.as_str());
    let found: Option<Vec<_>> = codes.iter().map(|code| place(code).map(|(_, column, row)| (*column, *row))).collect();
    found.map_or_else(|| vec![None; codes.len()], |found| found.into_iter().map(Some).collect())
}

fn tile(seen: &Overview, code: &RegionCode, reporting: Reporting, lang: Lang) -> Markup {
    let row = seen.nodes.iter().find(|row| row.region == *code);
    let (state, word) =
        row.map_or((State::Plain, lang.pick("未邀请", "not invited").to_owned()), |row| link(row, lang));
    let contact = row.and_then(|row| row.last_contact).map(|at| ago(at, seen.now, lang));
    let owed = row.map(|row| row.catalogs.iter().filter(|catalog| catalog.due > 0).collect::<Vec<_>>());
    let owed = owed.unwrap_or_default();
    let applied = owed.iter().filter(|catalog| catalog.current).count();
    let refused = owed.iter().filter(|catalog| catalog.state == "refused" && !catalog.current).count();
    let Reporting { due, received, awaiting, returned, late, overdue } = reporting;
    html! {
        a class=(state.class()) href=(format!("/nodes/{code}")) {
            strong { (seen.regions.name(code)) }
            span {
                span class={ "mark " (state.class()) } { (word) }
                @if let Some(contact) = contact { (lang.pick("，最近联系 ", ", heard ")) (contact) }
            }
            @if !owed.is_empty() {
                span {
                    (lang.pick("目录已应用 ", "catalogs ")) (applied) "/" (owed.len())
                    @if refused > 0 { " " span class="mark bad" { (lang.pick("有拒收", "refused")) } }
                }
            }
            @if due > 0 || returned > 0 {
                span {
                    (lang.pick("应报 ", "due ")) (due) (lang.pick("，已报 ", ", received ")) (received)
                    @if returned > 0 { (lang.pick("，", ", ")) span class="mark warn" { (lang.pick("退回 ", "returned ")) (returned) } }
                    @if awaiting > 0 { (lang.pick("，", ", ")) span class="mark warn" { (lang.pick("待审核 ", "to review ")) (awaiting) } }
                    @if overdue > 0 { (lang.pick("，", ", ")) span class="mark bad" { (lang.pick("逾期 ", "overdue ")) (overdue) } }
                    // Late and accepted is a fact; nobody has to do anything about it.
                    @if late > 0 { (lang.pick("，其中迟报 ", ", of these late ")) (late) }
                }
            }
        }
    }
}

/// The link in a word.
fn link(row: &Row, lang: Lang) -> (State, String) {
    match (row.status, row.connected) {
        ("active", Some(true)) => (State::Good, lang.pick("在线", "up").to_owned()),
        ("active", Some(false)) if row.last_contact.is_some() => (State::Warn, lang.pick("未连接", "down").to_owned()),
        ("active", None) => (State::Plain, lang.pick("未知", "unknown").to_owned()),
        _ => (State::Plain, row.link(lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Suzhou's counties each have a place of their own; one unknown county, and all stand in the order of codes.
    #[test]
    fn everybody_has_a_place_or_nobody() {
        let code = |text: &str| RegionCode::new(text).expect("a code");
        let all: Vec<RegionCode> = PLACES.iter().map(|(known, _, _)| code(known)).collect();
        let mut found = places(&all);
        found.sort();
        found.dedup();
        assert_eq!((found.len(), found.contains(&None)), (10, false));
        assert_eq!(places(&[code("320581"), code("320602")]), [None, None]);
    }
}
