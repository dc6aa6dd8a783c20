//! The charts of the analysis: scores of the counties, how many counties each rating has, how the projects' scores are
//! spread, and execution. Each has its table behind it.

use std::collections::BTreeMap;

use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tongpin_console::chart::{Bar, bars};
use tongpin_domain::collection::Table;
use tongpin_domain::lang::Lang;
use tongpin_domain::partial::Partial;
use tongpin_domain::rollup::{Aggregate, By, EXECUTION, FundLine, RegionLine, pivot};
use tongpin_domain::rules::RuleSet;

use crate::ops::collected::Collected;
use crate::ops::rollup::measure;

/// One bar of an exact number.
pub(super) fn bar(label: String, number: Option<Decimal>, figure: String, class: &'static str) -> Bar {
    Bar { label, length: number.and_then(|number| number.to_f64()), figure, class }
}

/// Every county's score, the ranked first and in their order. Who is not ranked is drawn apart and said to be so.
pub(super) fn scores(lines: &[RegionLine], lang: Lang) -> Markup {
    let counties = lines.split_last().map(|(_, counties)| counties).unwrap_or_default();
    let mut order: Vec<&RegionLine> = counties.iter().collect();
    order.sort_by_key(|line| (line.rank.unwrap_or(usize::MAX), line.region.clone()));
    let drawn: Vec<Bar> = order
        .into_iter()
        .map(|line| {
            let score = line.figures.as_ref().and_then(|figures| figures.weighted_score);
            let text = score.map_or_else(|| "—".to_owned(), |score| score.to_string());
            match (line.rank, score) {
                (None, Some(_)) => {
                    bar(line.name.clone(), score, format!("{text}{}", lang.pick("（不排名）", " (unranked)")), "warn")
                }
                _ => bar(line.name.clone(), score, text, ""),
            }
        })
        .collect();
    bars(lang.pick("各区县加权得分", "Weighted scores"), lang.pick("加权得分", "score"), &drawn, lang)
}

/// How many counties have each rating.
pub(super) fn ratings(lines: &[RegionLine], rules: &RuleSet, lang: Lang) -> Markup {
    let counties = lines.split_last().map(|(_, counties)| counties).unwrap_or_default();
    let rated = |word: &str| {
        let has =
            |line: &&RegionLine| line.figures.as_ref().and_then(|figures| figures.rating.as_deref()) == Some(word);
        counties.iter().filter(has).count()
    };
    let mut drawn: Vec<Bar> =
        rules.ratings.iter().map(|band| count_bar(band.word.clone(), rated(&band.word))).collect();
    let counted: usize = rules.ratings.iter().map(|band| rated(&band.word)).sum();
    let rest = counties.len().saturating_sub(counted);
    drawn.push(count_bar(lang.pick("无评级（未报或无得分）", "none").to_owned(), rest));
    bars(lang.pick("区县评级分布", "Ratings of the counties"), lang.pick("区县数", "counties"), &drawn, lang)
}

fn count_bar(label: String, count: usize) -> Bar {
    let number = (count > 0).then(|| Decimal::from(count));
    bar(label, number, count.to_string(), "")
}

/// The distributions that were collected, over the whole city.
pub(super) fn spreads(evidence: &Collected, rules: Option<&RuleSet>, lang: Lang) -> Markup {
    let reports = evidence.reports();
    let drawn = evidence.collection.tables.iter().flat_map(|table| {
        let whole = pivot(&reports, table, By::Whole, &evidence.regions).into_iter().next();
        whole.map(|line| of_table(table, &line.measures, rules, lang)).unwrap_or_default()
    });
    let drawn: Vec<Markup> = drawn.collect();
    html! { @for picture in &drawn { (picture) } }
}

fn of_table(table: &Table, merged: &BTreeMap<String, Partial>, rules: Option<&RuleSet>, lang: Lang) -> Vec<Markup> {
    let found = table.measures.iter().filter_map(|measure| match merged.get(&measure.id)? {
        Partial::Histogram { edges, counts } => Some((measure, edges, counts)),
        _ => None,
    });
    found
        .map(|(measure, edges, counts)| {
            let words = rules.map(|rules| words(edges, rules)).unwrap_or_default();
            let label = |(at, band): (usize, String)| match words.get(at) {
                Some(word) => format!("{word} {band}"),
                None => band,
            };
            let labels = measure::bands(edges).into_iter().enumerate().map(label);
            let drawn: Vec<Bar> = labels
                .zip(counts)
                .map(|(label, count)| bar(label, (*count > 0).then(|| Decimal::from(*count)), count.to_string(), ""))
                .collect();
            let title = format!("{}{}", lang.pick("全市 ", "The city: "), measure::title(measure));
            bars(&title, lang.pick("个数", "count"), &drawn, lang)
        })
        .collect()
}

/// The ratings' words for the bands of a distribution, from the lowest up, if its edges are theirs; otherwise none.
fn words(edges: &[Decimal], rules: &RuleSet) -> Vec<String> {
    let mut bands: Vec<(Decimal, &str)> = rules.ratings.iter().map(|band| (band.from, band.word.as_str())).collect();
    bands.sort_by_key(|(from, _)| *from);
    let bounds: Vec<Decimal> = bands.iter().skip(1).map(|(from, _)| *from).collect();
    if bounds == edges { bands.iter().map(|(_, word)| (*word).to_owned()).collect() } else { Vec::new() }
}

/// 预算执行率 of every fund.
pub(super) fn executions(lines: &[&FundLine], rules: &RuleSet, lang: Lang) -> Markup {
    let of_fund = lines.iter().filter(|line| line.indicator_code == EXECUTION);
    let drawn: Vec<Bar> = of_fund
        .map(|line| {
            let rate = rate(line, rules);
            let text = rate.map_or_else(|| "—".to_owned(), |rate| format!("{rate}%"));
            let low = rate.is_some_and(|rate| rate < rules.execution.reason_below_pct);
            bar(line.fund_code.clone(), rate, text, if low { "warn" } else { "" })
        })
        .collect();
    bars(lang.pick("各专项预算执行率", "Execution of the funds"), lang.pick("执行率", "rate"), &drawn, lang)
}

fn rate(line: &FundLine, rules: &RuleSet) -> Option<Decimal> {
    let (Some(Aggregate::Money(budget)), Some(Aggregate::Money(executed))) = (line.target, line.actual) else {
        return None;
    };
    let exact = executed.yuan().checked_mul(Decimal::ONE_HUNDRED)?.checked_div(budget.yuan())?;
    Some(rules.rounding.round(exact))
}

/// 得分率 of every line of one fund.
pub(super) fn shares(lines: &[&FundLine], rules: &RuleSet, lang: Lang) -> Markup {
    let share = |line: &FundLine| {
        let exact = line.score?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(line.weight?)?;
        Some(rules.rounding.round(exact))
    };
    let drawn: Vec<Bar> = lines
        .iter()
        .map(|line| {
            let share = share(line);
            let text = share.map_or_else(|| "—".to_owned(), |share| format!("{share}%"));
            bar(line.name.clone(), share, text, "")
        })
        .collect();
    bars(
        lang.pick("各指标得分率（得分 ÷ 分值）", "Scores by their weights"),
        lang.pick("得分率", "share"),
        &drawn,
        lang,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bands of a distribution have the ratings' words only where its edges are the ratings' bounds.
    #[test]
    fn bands_are_ratings_only_at_their_bounds() {
        let rules = RuleSet::from_toml(include_str!("../../../../samples/rules.toml")).expect("the sample rules");
        let edges = |bounds: &[u32]| bounds.iter().map(|bound| Decimal::from(*bound)).collect::<Vec<_>>();
        assert_eq!(words(&edges(&[60, 80, 90]), &rules), ["差", "中", "良", "优"]);
        assert!(words(&edges(&[60, 80]), &rules).is_empty() && words(&edges(&[60, 80, 95]), &rules).is_empty());
    }
}
