//! 按一个维度汇总: a table put together by county or by one of its groupings, with what every reader looks for in
//! columns of their own and whatever else was collected beside it.

use std::collections::BTreeMap;

use maud::Markup;
use rust_decimal::Decimal;
use tongpin_console::chart::{Bar, bars};
use tongpin_console::web::list::{Cell, Column};
use tongpin_domain::collection::{Measure, Records, Table};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::partial::{MeasureKind, Partial};
use tongpin_domain::rollup::{By, Note, PivotLine, execution_measures, pivot, poolable};
use tongpin_domain::rules::Rounding;

use super::league::change;
use super::picture::bar;
use crate::ops::collected::Collected;
use crate::ops::rollup::measure;

pub(super) const COLUMNS: [Column; 13] = [
    Column { key: "name", zh: "名称", en: "name", number: false, sorts: true, shown: true },
    Column { key: "key", zh: "代码", en: "key", number: false, sorts: true, shown: true },
    Column { key: "counties", zh: "区县数", en: "counties", number: true, sorts: true, shown: true },
    Column { key: "records", zh: "记录数", en: "records", number: true, sorts: true, shown: true },
    Column {
        key: "budget", zh: "全年预算数（元）", en: "budget, yuan", number: true, sorts: true, shown: true
    },
    Column {
        key: "executed", zh: "全年执行数（元）", en: "spent, yuan", number: true, sorts: true, shown: true
    },
    Column { key: "rate", zh: "执行率%", en: "rate %", number: true, sorts: true, shown: true },
    Column { key: "score", zh: "加权得分", en: "score", number: true, sorts: true, shown: true },
    Column { key: "last_rate", zh: "上年执行率%", en: "rate before", number: true, sorts: true, shown: true },
    Column { key: "last_score", zh: "上年得分", en: "score before", number: true, sorts: true, shown: true },
    Column { key: "change", zh: "得分比上年", en: "score change", number: true, sorts: true, shown: true },
    Column { key: "other", zh: "其他上报的数", en: "other measures", number: false, sorts: false, shown: true },
    Column { key: "note", zh: "说明", en: "note", number: false, sorts: false, shown: true },
];

/// A table by a dimension.
pub(super) struct Dimension<'a> {
    /// The collection's id, for addresses.
    pub(super) id: &'a str,
    /// The table.
    pub(super) table: &'a Table,
    /// What its lines stand for.
    pub(super) by: By,
    /// The dimension as the address names it.
    pub(super) word: &'a str,
    /// Rounding of finished figures.
    pub(super) rounding: Rounding,
    /// What keys are called.
    pub(super) names: &'a BTreeMap<String, String>,
}

/// The figures that have a column.
struct Finished {
    budget: Option<String>,
    executed: Option<String>,
    rate: Option<Decimal>,
    score: Option<Decimal>,
}

impl Dimension<'_> {
    /// The lines, by key.
    pub(super) fn lines(&self, evidence: &Collected) -> Vec<PivotLine> {
        pivot(&evidence.reports(), self.table, self.by, &evidence.regions)
    }

    /// What a line is called.
    fn name(&self, key: &str, lang: Lang) -> String {
        let known = self.names.get(key).filter(|name| !name.is_empty());
        match known {
            Some(name) => name.clone(),
            None if key.is_empty() => lang.pick("（未填）", "(none)").to_owned(),
            None => key.to_owned(),
        }
    }

    fn budget_and_spending(&self) -> (Option<&Measure>, Option<&Measure>) {
        let sum = |field: &str| {
            let wanted = |measure: &&Measure| {
                self.table.records == Records::Projects
                    && measure.kind == MeasureKind::Sum
                    && measure.field.as_deref() == Some(field)
            };
            self.table.measures.iter().find(wanted)
        };
        match execution_measures(self.table) {
            Some((budget, executed)) => (Some(budget), Some(executed)),
            None => (sum("budget_fen"), sum("executed_fen")),
        }
    }

    fn score_measure(&self) -> Option<&Measure> {
        let wanted = |measure: &&Measure| {
            poolable(self.table, measure)
                && measure.kind == MeasureKind::Weighted
                && measure.field.as_deref() == Some("total_score")
                && measure.by.as_deref() == Some("budget_fen")
        };
        self.table.measures.iter().find(wanted)
    }

    fn finished(&self, line: &PivotLine, lang: Lang) -> Finished {
        let (budget, executed) = self.budget_and_spending();
        let text = |measure: Option<&Measure>| {
            let measure = measure?;
            line.measures.get(&measure.id).map(|partial| measure::cell(measure, partial, lang))
        };
        let score = self.score_measure().and_then(|measure| match line.measures.get(&measure.id)? {
            Partial::Weighted { weight, weighted } => weighted.checked_div(*weight),
            _ => None,
        });
        Finished {
            budget: text(budget),
            executed: text(executed),
            rate: line.execution_rate(self.table, self.rounding),
            score: score.map(|score| self.rounding.round(score)),
        }
    }

    /// Everything that has no column of its own, in words.
    fn other(&self, line: &PivotLine, lang: Lang) -> String {
        let (budget, executed) = self.budget_and_spending();
        let own: Vec<&str> =
            [budget, executed, self.score_measure()].into_iter().flatten().map(|measure| measure.id.as_str()).collect();
        let told = self.table.measures.iter().filter(|measure| !own.contains(&measure.id.as_str()));
        let told = told.filter_map(|measure| {
            let partial = line.measures.get(&measure.id)?;
            Some(format!("{} {}", measure::title(measure), measure::cell(measure, partial, lang)))
        });
        told.collect::<Vec<_>>().join(lang.pick("；", "; "))
    }

    /// A row for every line, beside the lines of the year before.
    pub(super) fn rows(&self, lines: &[PivotLine], before: &[PivotLine], lang: Lang) -> Vec<Vec<Cell>> {
        let of = |text: Option<String>| Cell::from(text.unwrap_or_else(|| "—".to_owned()));
        let amount = |text: Option<String>| Cell::amount(text.unwrap_or_else(|| "—".to_owned()));
        let row = |line: &PivotLine| {
            let now = self.finished(line, lang);
            let last = before.iter().find(|other| other.key == line.key).map(|other| self.finished(other, lang));
            let (last_rate, last_score) = last.map_or((None, None), |last| (last.rate, last.score));
            let note = if line.unmergeable.is_empty() { String::new() } else { Note::Unmergeable.say(lang) };
            let query = [("by", self.word), ("key", line.key.as_str())];
            vec![
                Cell::link(self.name(&line.key, lang), &super::explain::address(self.id, &query)),
                line.key.clone().into(),
                line.reporters.len().to_string().into(),
                amount(line.records.map(|records| records.to_string())),
                amount(now.budget),
                amount(now.executed),
                of(now.rate.map(|rate| rate.to_string())),
                of(now.score.map(|score| score.to_string())),
                of(last_rate.map(|rate| rate.to_string())),
                of(last_score.map(|score| score.to_string())),
                of(now.score.zip(last_score).and_then(|(now, before)| change(now, before))),
                self.other(line, lang).into(),
                note.into(),
            ]
        };
        lines.iter().map(row).collect()
    }

    /// Bars of the execution rate and of the score, as far as they were collected; of the records if neither was.
    pub(super) fn pictures(&self, lines: &[PivotLine], lang: Lang) -> Vec<Markup> {
        let finished: Vec<(String, Option<u64>, Finished)> =
            lines.iter().map(|line| (self.name(&line.key, lang), line.records, self.finished(line, lang))).collect();
        let drawn = |of: fn(&Finished) -> Option<Decimal>, unit: &str| -> Vec<Bar> {
            let bars = finished.iter().map(|(name, _, finished)| {
                let number = of(finished);
                let figure = number.map_or_else(|| "—".to_owned(), |number| format!("{number}{unit}"));
                bar(name.clone(), number, figure, "")
            });
            bars.collect()
        };
        let mut pictures = Vec::new();
        if execution_measures(self.table).is_some() {
            let title = lang.pick("预算执行率", "Execution");
            pictures.push(bars(title, lang.pick("执行率", "rate"), &drawn(|finished| finished.rate, "%"), lang));
        }
        if self.score_measure().is_some() {
            let title = lang.pick("加权得分", "Weighted scores");
            pictures.push(bars(title, lang.pick("得分", "score"), &drawn(|finished| finished.score, ""), lang));
        }
        if pictures.is_empty() {
            let counted = finished.iter().map(|(name, records, _)| {
                let figure = records.map_or_else(|| "—".to_owned(), |records| records.to_string());
                bar(name.clone(), records.map(Decimal::from), figure, "")
            });
            let counted: Vec<Bar> = counted.collect();
            pictures.push(bars(lang.pick("记录数", "Records"), lang.pick("记录数", "records"), &counted, lang));
        }
        pictures
    }
}
