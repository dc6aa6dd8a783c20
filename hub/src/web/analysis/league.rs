//! 先评分后加权: the counties' league table, beside the year before.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tongpin_console::web::list::{Cell, Column};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::RegionCode;
use tongpin_domain::rollup::RegionLine;

use crate::ops::rollup::{Figures, region_note};

pub(super) const COLUMNS: [Column; 14] = [
    Column { key: "name", zh: "区县", en: "county", number: false, sorts: false, shown: true },
    Column { key: "code", zh: "区划", en: "region", number: false, sorts: true, shown: false },
    Column { key: "rank", zh: "排名", en: "rank", number: true, sorts: true, shown: true },
    Column { key: "projects", zh: "项目", en: "projects", number: true, sorts: true, shown: true },
    Column { key: "rated", zh: "已评分", en: "rated", number: true, sorts: true, shown: true },
    Column { key: "budget", zh: "预算（万元）", en: "budget, 10k", number: true, sorts: true, shown: true },
    Column { key: "coverage", zh: "覆盖率%", en: "cover %", number: true, sorts: true, shown: true },
    Column { key: "score", zh: "加权得分", en: "score", number: true, sorts: true, shown: true },
    Column { key: "mean", zh: "简单平均", en: "mean", number: true, sorts: true, shown: false },
    Column { key: "rating", zh: "评级", en: "rating", number: false, sorts: true, shown: true },
    Column { key: "last", zh: "上年得分", en: "year before", number: true, sorts: true, shown: true },
    Column { key: "change", zh: "比上年", en: "change", number: true, sorts: true, shown: true },
    Column { key: "note", zh: "说明", en: "note", number: false, sorts: false, shown: true },
    Column { key: "report", zh: "上报", en: "report", number: false, sorts: false, shown: true },
];

/// The scores of the year before, by county.
pub(super) fn scores(figures: &Figures) -> BTreeMap<RegionCode, Decimal> {
    let Figures::Regions(rollup) = figures else { return BTreeMap::new() };
    let score = |line: &RegionLine| Some((line.region.clone(), line.figures.as_ref()?.weighted_score?));
    rollup.lines.iter().filter_map(score).collect()
}

/// A row for every line, the last of them the city's own.
pub(super) fn rows(
    id: &str,
    lines: &[RegionLine],
    last: &BTreeMap<RegionCode, Decimal>,
    complete: bool,
    lang: Lang,
) -> Vec<Vec<Cell>> {
    let row = |(at, line)| row(id, line, last.get(&line.region).copied(), (at + 1 == lines.len(), complete), lang);
    lines.iter().enumerate().map(row).collect()
}

fn row(id: &str, line: &RegionLine, last: Option<Decimal>, (parent, complete): (bool, bool), lang: Lang) -> Vec<Cell> {
    let dash = || "—".to_owned();
    let figures = line.figures.as_ref();
    let of = |text: Option<String>| Cell::from(text.unwrap_or_else(dash));
    let amount = |text: Option<String>| Cell::amount(text.unwrap_or_else(dash));
    let score = figures.and_then(|figures| figures.weighted_score);
    let report = if figures.is_some() && !parent {
        Cell::link(lang.pick("查看上报", "the report"), &format!("/collections/{id}/reports/{}", line.region))
    } else {
        Cell::from("")
    };
    vec![
        Cell::link(line.name.clone(), &format!("/analysis/{id}/explain?figure={}", line.region)),
        line.region.to_string().into(),
        of(line.rank.map(|rank| rank.to_string())),
        amount(figures.map(|figures| figures.projects.to_string())),
        amount(figures.map(|figures| figures.projects_scored.to_string())),
        amount(figures.map(|figures| figures.budget_total.wan())),
        of(figures.and_then(|figures| figures.coverage_pct).map(|pct| pct.to_string())),
        of(score.map(|score| score.to_string())),
        of(figures.and_then(|figures| figures.simple_mean).map(|mean| mean.to_string())),
        of(figures.and_then(|figures| figures.rating.clone())),
        of(last.map(|last| last.to_string())),
        of(score.zip(last).and_then(|(score, last)| change(score, last))),
        region_note(line, parent, complete, lang).into(),
        report,
    ]
}

/// A difference with its sign.
pub(super) fn change(now: Decimal, before: Decimal) -> Option<String> {
    let by = now.checked_sub(before)?;
    Some(if by > Decimal::ZERO { format!("+{by}") } else { by.to_string() })
}
