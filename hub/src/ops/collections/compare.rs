//! What changed between two revisions of one region's report.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tongpin_domain::collection::Collection;
use tongpin_domain::lang::Lang;
use tongpin_domain::partial::Partial;
use tongpin_domain::report::Report;

use crate::ops::rollup::measure;

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) group: String,
    pub(crate) measure: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// Every measure that differs, by table and group.
pub(crate) fn changes(asked: &Collection, before: &Report, after: &Report, lang: Lang) -> Vec<Change> {
    let all = side_by_side(asked, Some(before), after, lang);
    all.into_iter().filter(|figure| figure.before != figure.after).map(Change::from).collect()
}

/// One figure of a report beside the same figure of an earlier revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) table: String,
    pub(crate) group: String,
    pub(crate) measure: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// By how much it went up or down, where both are plain numbers.
    pub(crate) difference: Option<String>,
}

impl From<Figure> for Change {
    fn from(Figure { table, group, measure, before, after, .. }: Figure) -> Self {
        Self { table, group, measure, before, after }
    }
}

/// Every figure of a report, beside the one of an earlier revision, by table and group.
pub(crate) fn side_by_side(asked: &Collection, before: Option<&Report>, after: &Report, lang: Lang) -> Vec<Figure> {
    let earlier = before.map(figures).unwrap_or_default();
    let later = figures(after);
    let keys: BTreeSet<_> = earlier.keys().chain(later.keys()).collect();
    let figure = |key: &(String, String, String)| {
        let (table, group, id) = key.clone();
        let known = asked.table(&table).and_then(|table| table.measures.iter().find(|measure| measure.id == id));
        let (before, after) = (earlier.get(key), later.get(key));
        let text = |partial: &Partial| measure::text(known, partial, lang);
        let difference = before.zip(after).and_then(|(before, after)| measure::difference(known, before, after));
        let title = if id.is_empty() { lang.pick("记录数", "records") } else { known.map_or(&*id, measure::title) };
        let measure = title.to_owned();
        Figure { table, group, measure, before: before.map(text), after: after.map(text), difference }
    };
    keys.into_iter().map(figure).collect()
}

/// All partials of a report by table, group and measure; the number of records of a group stands under no measure.
fn figures(report: &Report) -> BTreeMap<(String, String, String), Partial> {
    let mut all = BTreeMap::new();
    for answer in report.tables.iter().map(|table| &table.answer) {
        for group in &answer.groups {
            let at = |measure: &str| (answer.table.clone(), group.keys.join("/"), measure.to_owned());
            all.insert(at(""), Partial::Count(group.records));
            all.extend(group.measures.iter().map(|(id, partial)| (at(id), partial.clone())));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that a changed, a new and a vanished figure are each told with both values, and equal ones are not.
    #[test]
    fn every_change_is_told() {
        let asked: Collection = serde_json::from_str(
            r#"{"id":"c","title":"t","period":"2024","due":"2025-03-31","tables":[{"id":"t","records":"projects",
            "measures":[{"id":"b","title":"预算","kind":"sum","field":"budget_fen"}]}]}"#,
        )
        .expect("a collection");
        let report = |groups: &str| -> Report {
            let none = "0".repeat(64);
            let json = format!(
                r#"{{"collection":"c","collection_release":{{"publisher":"320500","release":1}},"region":"320581",
                "period":"2024","revision":1,"replaces":"{none}","rules":[],"computed_at":0,"approved_by":"甲",
                "tables":[{{"table":"t","records":1,"groups":[{groups}],"withheld":{{"groups":0,"records":0}}}}]}}"#
            );
            serde_json::from_str(&json).expect("a report")
        };
        let group =
            |key: &str, fen: u32| format!(r#"{{"keys":["{key}"],"records":1,"measures":{{"b":{{"sum":"{fen}"}}}}}}"#);
        let before = report(&[group("x", 100), group("y", 500)].join(","));
        let after = report(&[group("x", 150), group("z", 500)].join(","));
        let told: Vec<_> = changes(&asked, &before, &after, Lang::Zh)
            .into_iter()
            .map(|change| (change.group, change.measure, change.before, change.after))
            .collect();
        let row = |group: &str, measure: &str, before: Option<&str>, after: Option<&str>| {
            (group.to_owned(), measure.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
        };
        let expected = [
            row("x", "预算", Some("1.00"), Some("1.50")),
            row("y", "记录数", Some("1"), None),
            row("y", "预算", Some("5.00"), None),
            row("z", "记录数", None, Some("1")),
            row("z", "预算", None, Some("5.00")),
        ];
        assert_eq!(told, expected);
    }
}
