//! 制度与规则: rule sets as people read them, every number of them.

use axum::response::Response;
use maud::{Markup, html};
use rust_decimal::Decimal;
use tongpin_console::web::PageError;
use tongpin_domain::lang::Lang;
use tongpin_domain::rules::{RoundingMode, RuleSet};

use super::issue::{origin, unusable};
use crate::guidance::{self, RuleBook, Rules};
use crate::web::parts::{Context, WORK};
use crate::words::method::{how, parameters};

/// Shows all rule sets.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let store = cx.app.store();
    let book = RuleBook::load(store).await?;
    let regions = guidance::regions(store).await?;
    let body = html! {
        (origin(store, "rules", &regions, lang).await?)
        (unusable(book.unread(), lang))
        @if book.sets().is_empty() && book.unread().is_empty() {
            p.empty { (lang.pick("还没有收到计分规则；与上级连通后自动接收", "No rules have come yet.")) }
        }
        @for rules in book.sets() { (shown(rules, lang)) }
    };
    Ok(cx.page(lang.pick("制度与规则", "Rules")).show(&body))
}

fn shown(rules: &Rules, lang: Lang) -> Markup {
    let set = &rules.set;
    let years = match set.fiscal_years.to {
        Some(to) => format!("{}–{to}", set.fiscal_years.from),
        None => {
            lang.pick(&format!("{} 年起", set.fiscal_years.from), &format!("from {}", set.fiscal_years.from)).into()
        }
    };
    html! {
        section {
            h2 { (set.title) }
            p.hint { (crate::web::parts::rules(&rules.reference, lang)) (lang.pick("，适用预算年度：", "; budget years: ")) (years) }
            @if !rules.unknown.is_empty() {
                p.notice.warn role="alert" { (guidance::unknown_parts(&rules.unknown, lang))
                    (lang.pick("；其余部分照常适用，请升级本程序", "; the rest applies, upgrade this program")) }
            }
            @if !rules.assumed.is_empty() {
                p.hint { (lang.pick("规则没有写明、按程序默认执行的部分：", "not in the rules, filled in as shipped: "))
                    (rules.assumed.join(lang.pick("、", ", "))) }
            }
            @if !set.basis.is_empty() {
                h3 { (lang.pick("依据", "Basis")) }
                ul { @for basis in &set.basis { li { (basis) } } }
            }
            h3 { (lang.pick("权重、评级和取舍", "Weights, ratings, rounding")) }
            ul { @for line in framework(set, lang) { li { (line) } } }
            h3 { (lang.pick("计分方法", "Scoring methods")) }
            (methods(set, lang))
            h3 { (lang.pick("定性评定和直接赋分", "Grades, yes and no")) }
            ul { @for line in words(set, lang) { li { (line) } } }
            h3 { (lang.pick("超额完成和偏差原因", "Over-achievement and reasons")) }
            ul { @for line in deviations(set, lang) { li { (line) } } }
            h3 { (lang.pick("运行监控和排名", "Monitoring and ranking")) }
            ul { @for line in monitoring(set, lang) { li { (line) } } }
        }
    }
}

fn framework(set: &RuleSet, lang: Lang) -> Vec<String> {
    let (execution, indicators) = (set.execution.weight, set.indicators.weight_total);
    let full = set.full_weight().map_or_else(|| "—".to_owned(), |full| full.to_string());
    let places = set.rounding.places;
    let (mode_zh, mode_en) = match set.rounding.mode {
        RoundingMode::HalfUp => ("四舍五入", "half up"),
        RoundingMode::HalfEven => ("四舍六入五成双", "half to even"),
    };
    let mut above: Option<Decimal> = None;
    let bands = set.ratings.iter().map(|band| match above.replace(band.from) {
        None => format!("{} ≥ {}", band.word, band.from),
        Some(bound) => format!("{} ≥ {}，< {bound}", band.word, band.from),
    });
    let bands: Vec<String> = bands.collect();
    let pairs = [
        (
            format!("预算执行率 {execution} 分 + 绩效指标合计 {indicators} 分 = {full} 分"),
            format!("execution {execution} + indicators {indicators} = {full} points"),
        ),
        (
            format!(
                "执行率 = 全年执行数 ÷ 全年预算数，最高得满分；低于 {}% 须说明原因",
                set.execution.reason_below_pct
            ),
            format!("execution = spent ÷ budget, capped; below {}% a reason is due", set.execution.reason_below_pct),
        ),
        (
            format!("每行得分保留 {places} 位小数，{mode_zh}；总分为各行得分之和"),
            format!("each line is rounded to {places} places, {mode_en}; the total is their sum"),
        ),
        (format!("评级：{}", bands.join("；")), format!("ratings: {}", bands.join("; "))),
    ];
    pairs.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect()
}

fn methods(set: &RuleSet, lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("代号", "code")) }
                th scope="col" { (lang.pick("方法", "method")) }
                th scope="col" { (lang.pick("怎么计分", "how it scores")) }
                th scope="col" { (lang.pick("默认参数", "parameters")) }
            } }
            tbody { @for (word, rule) in &set.formulas { tr {
                th scope="row" { code { (word) } }
                td { (rule.formula.chinese()) }
                td { (how(rule.formula, lang)) }
                td { (parameters(&rule.params, lang)) }
            } } }
        } }
    }
}

fn words(set: &RuleSet, lang: Lang) -> Vec<String> {
    let mut lines: Vec<String> = set
        .grades
        .iter()
        .map(|grade| {
            let also = if grade.also.is_empty() { String::new() } else { format!("（{}）", grade.also.join("、")) };
            format!("{}{also}：{}%–{}%", grade.word, grade.from_pct, grade.to_pct)
        })
        .collect();
    let (yes, no) = (set.yes_no.yes.join("、"), set.yes_no.no.join("、"));
    lines.push(lang.pick(&format!("算“是”的写法：{yes}"), &format!("means yes: {yes}")).to_owned());
    lines.push(lang.pick(&format!("算“否”的写法：{no}"), &format!("means no: {no}")).to_owned());
    lines
}

fn deviations(set: &RuleSet, lang: Lang) -> Vec<String> {
    let names: Vec<&str> = set.over_achievement.formulas.iter().map(|formula| formula.chinese()).collect();
    let names = names.join("、");
    let mut lines: Vec<String> = set
        .over_achievement
        .steps
        .iter()
        .map(|step| {
            let (above, cut) = (step.above, step.cut_pct);
            let zh = format!("{names}：完成值超过指标值 {above} 倍，复核确认指标值设定偏低的，扣分值的 {cut}%");
            let en = format!("{names}: above {above} times a target confirmed to be low, {cut}% of the weight is cut");
            lang.pick(&zh, &en).to_owned()
        })
        .collect();
    if set.reasons.below_full {
        lines.push(lang.pick("没有得满分的，须填写偏差原因", "a line below its weight needs a reason").to_owned());
    }
    if set.reasons.over_achieved {
        lines.push(lang.pick("明显超额完成的，须填写偏差原因", "a line far above its target needs one").to_owned());
    }
    let tolerance = set.reasons.self_score_tolerance;
    let zh = format!("单位自评得分与系统计算相差超过 {tolerance} 分的，予以提示");
    let en = format!("a unit's own score more than {tolerance} points off is pointed out");
    lines.push(lang.pick(&zh, &en).to_owned());
    lines
}

fn monitoring(set: &RuleSet, lang: Lang) -> Vec<String> {
    let (red, yellow) = (set.lights.red_below, set.lights.yellow_below);
    let zh = format!("执行率 ÷ 时间进度：低于 {red}% 红灯，{red}% 至 {yellow}% 黄灯，{yellow}% 及以上绿灯");
    let en = format!("execution ÷ time progress: red below {red}%, yellow below {yellow}%, green from there on");
    let mut lines = vec![lang.pick(&zh, &en).to_owned()];
    lines.extend(set.lights.minimums.iter().map(|minimum| {
        let (month, least) = (minimum.month, minimum.execution_pct);
        let zh = format!("{month} 月底执行率不低于 {least}%");
        lang.pick(&zh, &format!("at least {least}% by the end of month {month}")).to_owned()
    }));
    let coverage = set.ranking.coverage_pct;
    let zh = format!("已评级项目的预算占比低于 {coverage}% 的，不参加排名");
    lines.push(lang.pick(&zh, &format!("not ranked below {coverage}% coverage")).to_owned());
    lines
}
