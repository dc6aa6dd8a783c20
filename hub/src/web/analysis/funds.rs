//! 先汇总后评分: every fund's execution and indicators, beside the year before.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tongpin_console::web::list::{Cell, Column};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rollup::{Aggregate, FundLine};

use super::league::change;
use crate::ops::rollup::Figures;

pub(super) const COLUMNS: [Column; 13] = [
    Column { key: "name", zh: "指标", en: "indicator", number: false, sorts: true, shown: true },
    Column { key: "fund", zh: "专项", en: "fund", number: false, sorts: true, shown: true },
    Column { key: "fund_name", zh: "专项名称", en: "name of the fund", number: false, sorts: true, shown: true },
    Column { key: "code", zh: "指标代码", en: "code", number: false, sorts: true, shown: true },
    Column { key: "method", zh: "汇总方式", en: "method", number: false, sorts: true, shown: true },
    Column { key: "target", zh: "指标值", en: "target", number: true, sorts: false, shown: true },
    Column { key: "actual", zh: "完成值", en: "actual", number: true, sorts: false, shown: true },
    Column { key: "weight", zh: "分值", en: "weight", number: true, sorts: true, shown: true },
    Column { key: "score", zh: "得分", en: "score", number: true, sorts: true, shown: true },
    Column { key: "used", zh: "采用/共", en: "used", number: false, sorts: false, shown: true },
    Column { key: "last", zh: "上年得分", en: "year before", number: true, sorts: true, shown: true },
    Column { key: "change", zh: "比上年", en: "change", number: true, sorts: true, shown: true },
    Column { key: "note", zh: "说明", en: "note", number: false, sorts: false, shown: true },
];

/// The scores of the year before, by fund and indicator.
pub(super) fn scores(figures: &Figures) -> BTreeMap<(String, String), Decimal> {
    let Figures::Funds(rollup) = figures else { return BTreeMap::new() };
    let score = |line: &FundLine| Some(((line.fund_code.clone(), line.indicator_code.clone()), line.score?));
    rollup.lines.iter().filter_map(score).collect()
}

/// A row for every line; `names` are the funds' names by code.
pub(super) fn rows(
    id: &str,
    lines: &[&FundLine],
    last: &BTreeMap<(String, String), Decimal>,
    names: &BTreeMap<String, String>,
    lang: Lang,
) -> Vec<Vec<Cell>> {
    let dash = || "—".to_owned();
    let row = |line: &&FundLine| {
        let of = |text: Option<String>| Cell::from(text.unwrap_or_else(dash));
        let amount = |text: Option<String>| Cell::amount(text.unwrap_or_else(dash));
        let last = last.get(&(line.fund_code.clone(), line.indicator_code.clone())).copied();
        let total = line.projects_total.map_or_else(dash, |total| total.to_string());
        let notes: Vec<String> = line.notes.iter().map(|note| note.say(lang)).collect();
        let figure = format!("{}/{}", line.fund_code, line.indicator_code);
        let query = [("figure", figure.as_str())];
        let name = if line.name.is_empty() { &line.indicator_code } else { &line.name };
        vec![
            Cell::link(name.clone(), &super::explain::address(id, &query)),
            line.fund_code.clone().into(),
            names.get(&line.fund_code).cloned().unwrap_or_default().into(),
            line.indicator_code.clone().into(),
            of(line.method.map(|method| method.to_string())),
            amount(line.target.as_ref().map(Aggregate::text)),
            amount(line.actual.as_ref().map(Aggregate::text)),
            of(line.weight.map(|weight| weight.normalize().to_string())),
            of(line.score.map(|score| score.to_string())),
            format!("{}/{total}", line.projects_used).into(),
            of(last.map(|last| last.to_string())),
            of(line.score.zip(last).and_then(|(score, last)| change(score, last))),
            notes.join(lang.pick("；", "; ")).into(),
        ]
    };
    lines.iter().map(row).collect()
}
