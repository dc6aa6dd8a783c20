//! How it goes: reports as they came, and the counties' scores in the newest collection of scores.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use rust_decimal::prelude::ToPrimitive;
use tongpin_console::chart::{Bar, Series, bars, lines};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_domain::rollup::{Method, RegionLine};
use tongpin_store::Verdict;

use super::Overview;
use crate::app::App;
use crate::ops::rollup;

/// Collections in the picture, and days on its axis.
const COLLECTIONS: usize = 4;
const DAYS: usize = 10;

/// Counties that have reported, by the days on which reports came; nothing before the first report.
pub(super) fn reports(seen: &Overview, lang: Lang) -> Option<Markup> {
    let mut first: BTreeMap<&str, BTreeMap<RegionCode, Moment>> = BTreeMap::new();
    for mark in seen.marks.iter().filter(|mark| mark.verdict == Verdict::Accepted) {
        let at = first.entry(&mark.collection).or_default().entry(seen.regions.current(&mark.region));
        at.and_modify(|at| *at = mark.received_at.min(*at)).or_insert(mark.received_at);
    }
    // What was moving last is what people look for.
    let mut newest: Vec<(&str, &BTreeMap<RegionCode, Moment>)> = first.iter().map(|(id, times)| (*id, times)).collect();
    newest.sort_by_key(|(_, times)| std::cmp::Reverse(times.values().max().copied()));
    newest.truncate(COLLECTIONS);
    let days: BTreeSet<String> = newest.iter().flat_map(|(_, times)| times.values().map(|at| day(*at))).collect();
    let days: Vec<String> = days.into_iter().rev().take(DAYS).rev().collect();
    if days.is_empty() {
        return None;
    }
    let named = |id: &str| seen.status.collections.iter().find(|row| row.id == id).map(|row| row.title.clone());
    let series = newest.iter().map(|(id, times)| Series {
        name: named(id).unwrap_or_else(|| (*id).to_owned()),
        points: days.iter().map(|until| Some(reached(times, until))).collect(),
    });
    let series: Vec<Series> = series.collect();
    let title = lang.pick("已上报的区县数（按收到日期累计）", "Counties that have reported, by day");
    Some(html! {
        h2 { (lang.pick("上报进度", "Reports")) }
        (lines(title, &days, &series, lang))
    })
}

/// How many had reported by the end of a day.
fn reached(times: &BTreeMap<RegionCode, Moment>, until: &str) -> f64 {
    let count = times.values().filter(|at| day(**at).as_str() <= until).count();
    count.to_f64().unwrap_or_default()
}

fn day(at: Moment) -> String {
    at.to_string().chars().take(10).collect()
}

/// The counties' scores in the newest collection of scores that somebody has answered; none without one.
pub(super) async fn scores(app: &App, lang: Lang) -> Option<Markup> {
    let published = app.collections().await.ok()?;
    let mut scored: Vec<_> =
        published.into_iter().filter(|one| Method::of(&one.collection) == Some(Method::ScoresFirst)).collect();
    scored.sort_by_key(|one| std::cmp::Reverse((one.collection.due, one.release)));
    let newest = scored.into_iter().next()?.collection;
    // A roll-up that cannot be made says why on its own page.
    let lines = rollup::region_lines(app, &newest.id).await.ok()??;
    let drawn: Vec<Bar> = lines.iter().map(|line| bar(line, lang)).collect();
    if drawn.iter().all(|bar| bar.length.is_none()) {
        return None;
    }
    Some(html! {
        h2 { (lang.pick("得分", "Scores")) }
        (bars(&newest.title, lang.pick("加权得分", "weighted score"), &drawn, lang))
        p { a href=(format!("/collections/{}", newest.id)) { (lang.pick("查看汇总和计算依据", "The roll-up and how it came about")) } }
    })
}

fn bar(line: &RegionLine, lang: Lang) -> Bar {
    let score = line.figures.as_ref().and_then(|figures| figures.weighted_score);
    let missing = match (line.figures.is_some(), line.awaits_review()) {
        (true, _) => "—",
        (false, _) if line.why_left_out().is_some() => lang.pick("— 未计入", "— not counted"),
        (false, true) => lang.pick("— 待审核", "— awaits review"),
        (false, false) => lang.pick("— 未报", "— not reported"),
    };
    Bar {
        label: line.name.clone(),
        length: score.and_then(|score| score.to_f64()),
        figure: score.map_or_else(|| missing.to_owned(), |score| score.to_string()),
        class: "",
    }
}
