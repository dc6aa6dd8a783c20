//! 制度与规则: rule sets as people read them, every number of them.

use axum::extract::{Extension, State};
use axum::response::Response;
use maud::{Markup, html};
use rust_decimal::Decimal;
use tongpin_console::web::{Page, Signed, Visitor, Web};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rules::{FormulaCode, Params, RoundingMode, RuleSet};

use super::origin;
use crate::guidance::{self, RuleBook, Rules};
use crate::office::Office;
use crate::web::WORK;

/// Shows all rule sets.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, WORK).await?;
    let lang = visitor.lang;
    let store = office.store();
    let book = RuleBook::load(store).await.map_err(|error| visitor.failed(error))?;
    let regions = guidance::regions(store).await.map_err(|error| visitor.failed(error))?;
    let body = html! {
        (origin(store, "rules", &regions, lang).await.map_err(|error| visitor.failed(error))?)
        @if book.sets().is_empty() {
            p.empty { (lang.pick("还没有收到计分规则；与上级连通后自动接收", "No rules have come yet.")) }
        }
        @for rules in book.sets() { (shown(rules, lang)) }
    };
    Ok(Page::new(&web, &visitor, lang.pick("制度与规则", "Rules")).show(&body))
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
            p.hint { (super::super::rules(&rules.reference, lang)) (lang.pick("，适用预算年度：", "; budget years: ")) (years) }
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

/// How a method of a rule set scores, with the parameters that a line gives or else the rule set's.
pub(in crate::web) fn method(set: &RuleSet, word: &str, params: &str, lang: Lang) -> String {
    let Some(rule) = set.formulas.get(word.trim()) else {
        let zh = if word.trim().is_empty() {
            "没有选定计分方法".to_owned()
        } else {
            format!("方法“{word}”不在这套规则之内")
        };
        return lang.pick(&zh, &format!("{word:?} is none of its methods")).to_owned();
    };
    let given = if params.trim().is_empty() { &rule.params } else { params };
    let (name, how, given) = (rule.formula.chinese(), how(rule.formula, lang), parameters(given, lang));
    if given.is_empty() { format!("{name}：{how}") } else { format!("{name}：{how}（{given}）") }
}

fn how(formula: FormulaCode, lang: Lang) -> &'static str {
    match formula {
        FormulaCode::PropUp => lang.pick(
            "达到指标值得满分；未达到的，得分 = 分值 × 完成值 ÷ 指标值",
            "in full from the target on; below it, weight × actual ÷ target",
        ),
        FormulaCode::PropDown => lang.pick(
            "不高于指标值得满分；高于的，得分 = 分值 × 指标值 ÷ 完成值",
            "in full up to the target; above it, weight × target ÷ actual",
        ),
        FormulaCode::ZeroTol => lang.pick("没有发生得满分，发生了不得分", "in full if it never happened, else nothing"),
        FormulaCode::TwoSided => lang.pick(
            "等于指标值得满分；偏离多少比例扣多少比例，最低 0 分",
            "in full at the target; what it deviates by is taken off",
        ),
        FormulaCode::Step => lang.pick(
            "达到指标值得满分；每低一步扣分值的一定比例，不足一步按一步计，扣完为止",
            "in full from the target on; each started step below it costs a share of the weight",
        ),
        FormulaCode::Grade => lang.pick(
            "按评定词定档，得分 = 分值 × 档内系数，系数由评审人给出",
            "weight × the coefficient that a reviewer gives within the grade",
        ),
        FormulaCode::Satisfaction => lang.pick(
            "达到指标值得满分；未达到的按 完成值 ÷ 指标值 计；低于下限不得分",
            "in full from the target on; below it in proportion; below the floor nothing",
        ),
        FormulaCode::SatisfactionRange => lang.pick(
            "达到指标值得满分；在下限与指标值之间按比例计；低于下限不得分",
            "in full from the target on; between floor and target in proportion; below the floor nothing",
        ),
        FormulaCode::YesNo => lang.pick("是，得满分；否，不得分", "yes: in full; no: nothing"),
        FormulaCode::Deadline => {
            lang.pick("在规定日期（含当天）前完成得满分，逾期不得分", "in full up to the day, afterwards nothing")
        }
        FormulaCode::DiffReview => {
            lang.pick("达到得满分；没有达到的由评审人员评定", "met: in full; not met: a person judges")
        }
    }
}

fn parameters(text: &str, lang: Lang) -> String {
    let params = match Params::parse(text) {
        Ok(params) => params,
        Err(error) => return error.say(lang),
    };
    let percent = |fraction: Decimal| (fraction * Decimal::ONE_HUNDRED).normalize();
    let mut said = Vec::new();
    if let Some(pass) = params.pass {
        let pass = percent(pass);
        said.push(lang.pick(&format!("完成比例低于 {pass}% 不得分"), &format!("below {pass}% nothing")).to_owned());
    }
    if let (Some(step), Some(cut)) = (params.step, params.cut) {
        said.push(
            lang.pick(&format!("每低 {step} 扣分值的 {cut}%"), &format!("each {step} below costs {cut}%")).to_owned(),
        );
    }
    if let Some(floor) = params.floor {
        said.push(lang.pick(&format!("下限 {floor}"), &format!("floor {floor}")).to_owned());
    }
    if let Some(bands) = params.bands {
        let bands: Vec<String> = bands.iter().map(|(from, to)| format!("{from}–{to}%")).collect();
        said.push(format!("{}{}", lang.pick("分档 ", "bands "), bands.join(lang.pick("、", ", "))));
    }
    said.join(lang.pick("，", ", "))
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
