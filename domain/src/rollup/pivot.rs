//! Any table of a collection put together by one of its groupings or by who reported: what can be said of a table that
//! no built-in method was made for. Only partials are merged, so that the totals are exact whatever the grouping.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::collection::{Group, Measure, Records, Table};
use crate::partial::{MeasureKind, Partial};
use crate::region::{RegionCode, Regions};
use crate::report::Report;
use crate::rules::Rounding;

/// What the lines of a pivot stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// 区县: who reported. Every report tells it, whatever it is grouped by.
    Reporter,
    /// The grouping at this place.
    Grouping(usize),
    /// 全市: everything as one line.
    Whole,
}

/// One line of a pivot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PivotLine {
    /// The value that its groups have in common: a code or a word, blank where the records lack one.
    pub key: String,
    /// How many records it is made of; `None` if there are more than can be counted.
    pub records: Option<u64>,
    /// Whose reports went in.
    pub reporters: BTreeSet<RegionCode>,
    /// The measures by id. One that can't be put together exactly isn't here.
    pub measures: BTreeMap<String, Partial>,
    /// The measures that can't be put together exactly.
    pub unmergeable: BTreeSet<String>,
}

impl By {
    /// The key under which a group of a report falls.
    #[must_use]
    pub fn key(self, report: &Report, group: &Group, table: &Table, regions: &Regions) -> String {
        match self {
            Self::Reporter => regions.current(&report.region).to_string(),
            Self::Grouping(at) => {
                let key = group.keys.get(at).cloned().unwrap_or_default();
                let names_a_division = table.group_by.get(at).is_some_and(|field| field == "region");
                match RegionCode::new(&key) {
                    Ok(code) if names_a_division => regions.current(&code).to_string(),
                    _ => key,
                }
            }
            Self::Whole => String::new(),
        }
    }
}

/// Puts a table of the newest accepted reports together, one line for each key, sorted by key.
#[must_use]
pub fn pivot(reports: &[&Report], table: &Table, by: By, regions: &Regions) -> Vec<PivotLine> {
    let mut lines: BTreeMap<String, PivotLine> = BTreeMap::new();
    for report in reports {
        for group in report.table(&table.id).map(|answer| answer.groups.as_slice()).unwrap_or_default() {
            let key = by.key(report, group, table, regions);
            let line = lines.entry(key.clone()).or_insert_with(|| PivotLine::new(key));
            line.reporters.insert(regions.current(&report.region));
            line.add(group, table);
        }
    }
    lines.into_values().collect()
}

impl PivotLine {
    fn new(key: String) -> Self {
        let (measures, unmergeable) = (BTreeMap::new(), BTreeSet::new());
        Self { key, records: Some(0), reporters: BTreeSet::new(), measures, unmergeable }
    }

    fn add(&mut self, group: &Group, table: &Table) {
        self.records = self.records.and_then(|records| records.checked_add(group.records));
        for measure in table.measures.iter().filter(|measure| poolable(table, measure)) {
            let Some(partial) = group.measures.get(&measure.id) else { continue };
            let merged = match self.measures.get(&measure.id) {
                Some(held) => held.merge(partial),
                None => Ok(partial.clone()),
            };
            match merged {
                Ok(merged) if !self.unmergeable.contains(&measure.id) => {
                    self.measures.insert(measure.id.clone(), merged);
                }
                _ => {
                    self.measures.remove(&measure.id);
                    self.unmergeable.insert(measure.id.clone());
                }
            }
        }
    }

    /// 预算执行率 in percent, where budget and spending of the same records were asked for; none without a budget.
    #[must_use]
    pub fn execution_rate(&self, table: &Table, rounding: Rounding) -> Option<Decimal> {
        let (budget, executed) = execution_measures(table)?;
        let sum = |measure: &Measure| match self.measures.get(&measure.id) {
            Some(Partial::Sum(sum)) => Some(*sum),
            _ => None,
        };
        let exact = sum(executed)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(sum(budget)?)?;
        Some(rounding.round(exact))
    }
}

/// Whether a measure means something over groups of different keys. Values of indicators come in units of their own
/// and a project's budget stands at each of its lines: of indicators only their number can be added up. A form lets
/// leave what may be added up, and says so of each field.
#[must_use]
pub fn poolable(table: &Table, measure: &Measure) -> bool {
    table.records != Records::Indicators || measure.kind == MeasureKind::Count
}

/// The sums of budget and of spending that stand for the same records.
#[must_use]
pub fn execution_measures(table: &Table) -> Option<(&Measure, &Measure)> {
    if table.records != Records::Projects {
        return None;
    }
    let sums = |field: &'static str| {
        let is_sum =
            move |measure: &&Measure| measure.kind == MeasureKind::Sum && measure.field.as_deref() == Some(field);
        table.measures.iter().filter(is_sum)
    };
    sums("budget_fen").find_map(|budget| {
        let executed = sums("executed_fen").find(|executed| executed.conditions == budget.conditions)?;
        Some((budget, executed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RoundingMode;

    fn table() -> Table {
        let json = r#"{"id":"t","records":"projects","group_by":["department","book"],"measures":[
            {"id":"n","kind":"count"},{"id":"b","kind":"sum","field":"budget_fen"},
            {"id":"x","kind":"sum","field":"executed_fen"},{"id":"s","kind":"weighted","field":"total_score","by":"budget_fen"}]}"#;
        serde_json::from_str(json).expect("a table")
    }

    fn report(region: &str, groups: &[(&str, &str, u64, u64, u64)]) -> Report {
        let group = |(department, book, records, budget, executed): &(&str, &str, u64, u64, u64)| {
            format!(
                r#"{{"keys":["{department}","{book}"],"records":{records},"measures":{{"n":{{"count":{records}}},
                "b":{{"sum":"{budget}"}},"x":{{"sum":"{executed}"}},"s":{{"weighted":{{"weight":"1","weighted":"90"}}}}}}}}"#
            )
        };
        let groups: Vec<String> = groups.iter().map(group).collect();
        let none = "0".repeat(64);
        let json = format!(
            r#"{{"collection":"c","collection_release":{{"publisher":"320500","release":1}},"region":"{region}",
            "period":"2024","revision":1,"replaces":"{none}","rules":[],"computed_at":0,"approved_by":"审核岗",
            "tables":[{{"table":"t","records":1,"groups":[{}],"withheld":{{"groups":0,"records":0}}}}]}}"#,
            groups.join(",")
        );
        serde_json::from_str(&json).expect("a report")
    }

    fn count(line: &PivotLine) -> (String, Option<u64>, usize) {
        (line.key.clone(), line.records, line.reporters.len())
    }

    /// Two counties: 教育局 has 2 + 1 projects, 200 + 100 fen of budget and 150 + 90 of spending, 80 %; by book, by
    /// reporter and as a whole the same records add up to five.
    #[test]
    fn the_same_records_by_any_grouping() {
        let (a, b) = (
            report("320581", &[("交通局", "一", 2, 50, 50), ("教育局", "一", 2, 200, 150)]),
            report("320582", &[("教育局", "二", 1, 100, 90)]),
        );
        let (table, regions) = (table(), Regions::default());
        let lines = |by| pivot(&[&a, &b], &table, by, &regions);
        let told = |by| lines(by).iter().map(count).collect::<Vec<_>>();
        assert_eq!(told(By::Grouping(0)), [("交通局".into(), Some(2), 1), ("教育局".into(), Some(3), 2)]);
        assert_eq!(told(By::Grouping(1)), [("一".into(), Some(4), 1), ("二".into(), Some(1), 1)]);
        assert_eq!(told(By::Reporter), [("320581".into(), Some(4), 1), ("320582".into(), Some(1), 1)]);
        assert_eq!(told(By::Whole), [(String::new(), Some(5), 2)]);
        let rounding = Rounding { places: 2, mode: RoundingMode::HalfUp };
        let rates: Vec<_> = lines(By::Grouping(0)).iter().map(|line| line.execution_rate(&table, rounding)).collect();
        assert_eq!(rates, [Some(Decimal::new(10_000, 2)), Some(Decimal::new(8000, 2))]);
        let scores = &lines(By::Whole)[0].measures["s"];
        assert_eq!(*scores, Partial::Weighted { weight: Decimal::from(3), weighted: Decimal::from(270) });
    }

    /// A measure that two reports tell in different forms is set aside by name; the others stay.
    #[test]
    fn what_cannot_be_merged_is_set_aside() {
        let a = report("320581", &[("教育局", "一", 2, 200, 150)]);
        let mut b = report("320582", &[("教育局", "一", 1, 100, 90)]);
        b.tables[0].answer.groups[0].measures.insert("b".into(), Partial::Count(1));
        let lines = pivot(&[&a, &b], &table(), By::Whole, &Regions::default());
        assert_eq!(lines[0].unmergeable, BTreeSet::from(["b".to_owned()]));
        assert_eq!(lines[0].measures.keys().collect::<Vec<_>>(), ["n", "s", "x"]);
        assert_eq!(lines[0].execution_rate(&table(), Rounding { places: 2, mode: RoundingMode::HalfUp }), None);
    }

    /// Of indicator lines only their number is added up: budgets stand at each line, values have units of their own.
    #[test]
    fn indicators_are_only_counted() {
        let lines = Table { records: Records::Indicators, ..table() };
        let kept: Vec<_> = lines.measures.iter().filter(|measure| poolable(&lines, measure)).collect();
        assert_eq!(kept.iter().map(|measure| measure.id.as_str()).collect::<Vec<_>>(), ["n"]);
        assert!(execution_measures(&lines).is_none() && execution_measures(&table()).is_some());
    }
}
