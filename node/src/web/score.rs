//! One project's score: how every point of it came about, as the `score` command tells it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::score::{LineScore, Status};

use super::marks::mark;
use crate::ops::kept_scores::{self, KeptScore};
use crate::web::parts::{Context, RIGHT, WORK, fact, flags, rules, segment};
use crate::words::{flag, method};

/// Shows it.
pub(super) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let kept = kept_scores::of_project(cx.app.store(), &code).await?;
    let Some(kept) = kept else {
        let title = lang.pick("没有此项目的评分", "No such score");
        let zh = format!("项目 {code} 还没有评分，或没有这个项目；可在“评分”中查看全部项目");
        let en = format!("project {code} has no score, or there is no such project; see Scores");
        return Err(cx.refused(title, lang.pick(&zh, &en), StatusCode::NOT_FOUND).into());
    };
    let body = html! {
        (head(&kept, lang))
        (flags(&kept.sheet, lang))
        h2 { (lang.pick("逐项得分", "Line by line")) }
        @for line in &kept.sheet.lines { (explained_of(&kept.project.code, line, lang)) }
        h2 { (lang.pick("合计", "Total")) }
        ul { @for step in &kept.sheet.steps { li { (step.say(lang)) } } }
        p.row {
            a href=(format!("/projects/{}", segment(&kept.project.code))) { (lang.pick("查看项目", "The project")) }
            a href="/scores" { (lang.pick("返回评分", "Back to the scores")) }
        }
    };
    Ok(cx.page(&format!("{} {}", kept.project.code, kept.project.name)).show(&body))
}

fn head(kept: &KeptScore, lang: Lang) -> Markup {
    let sheet = &kept.sheet;
    let number = |number: Option<rust_decimal::Decimal>| number.map_or_else(|| "—".to_owned(), |it| it.to_string());
    let money = |fen: Option<tongpin_domain::money::Fen>| fen.map_or_else(|| "—".to_owned(), |fen| fen.to_string());
    html! {
        dl {
            div { dt { (lang.pick("状态", "Status")) } dd { (mark(sheet.status, lang)) } }
            (fact(lang.pick("总分", "Total"), number(sheet.total)))
            (fact(lang.pick("评级", "Rating"), sheet.rating.as_deref().unwrap_or("—")))
            (fact(lang.pick("执行率得分", "Execution"), number(sheet.execution_score)))
            (fact(lang.pick("指标得分", "Indicators"), sheet.indicator_sum))
            (fact(lang.pick("全年预算数（元）", "Budget (yuan)"), money(sheet.budget)))
            (fact(lang.pick("全年执行数（元）", "Spent (yuan)"), money(sheet.executed)))
            (fact(lang.pick("执行率（%）", "Execution rate (%)"), number(sheet.execution_rate)))
            (fact(lang.pick("登记单位", "Kept by"), &kept.author))
            (fact(lang.pick("计分规则", "Rules"), rules(&sheet.rules, lang)))
            (fact(lang.pick("评分时间", "Scored"), kept.at))
        }
    }
}

/// One line: what it was scored by, what was typed, and the arithmetic.
pub(super) fn explained(line: &LineScore, lang: Lang) -> Markup {
    let score = |score: Option<rust_decimal::Decimal>| score.map_or_else(|| "—".to_owned(), |it| it.to_string());
    let cells = [
        (lang.pick("得分", "score"), score(line.score), true),
        (lang.pick("分值", "weight"), line.weight.normalize().to_string(), true),
        (lang.pick("单位自评分", "unit's own score"), score(line.self_score), true),
        (lang.pick("指标值", "target"), line.target.raw().to_owned(), true),
        (lang.pick("完成值", "actual"), line.actual.raw().to_owned(), true),
        (lang.pick("度量单位", "unit"), line.unit.clone(), false),
        (lang.pick("指标性质", "nature"), line.nature.clone(), false),
    ];
    let (method, flags) = (method::named(&line.rule_type, &line.rule_params, lang), flag::words(&line.flags, lang));
    // The words, and behind them what files and programs call it by.
    let words = [
        (lang.pick("赋分方法", "method"), method, format!("{} {}", line.rule_type, line.rule_params)),
        (lang.pick("提示", "flags"), flags, line.flags.join(" ")),
    ];
    let style = |right: &bool| right.then_some(RIGHT);
    html! {
        section {
            h3 { (line.seq) ". " (line.name) " " (mark(line.status, lang)) }
            div.wide {
                table {
                    thead { tr {
                        @for (name, _, right) in &cells { th scope="col" style=[style(right)] { (name) } }
                        @for (name, _, _) in &words { th scope="col" { (name) } }
                    } }
                    tbody { tr {
                        @for (_, value, right) in &cells { td style=[style(right)] { (value) } }
                        @for (_, said, code) in &words { td title=(code.trim()) { (said) } }
                    } }
                }
            }
            ul { @for step in &line.steps { li { (step.say(lang)) } } }
        }
    }
}

/// The same, and the way to its review.
pub(super) fn explained_of(code: &str, line: &LineScore, lang: Lang) -> Markup {
    html! { (explained(line, lang)) (way(code, line, lang)) }
}

/// Where a line is decided about.
pub(super) fn address(code: &str, seq: u32) -> String {
    format!("/reviews/{}/{seq}", segment(code))
}

/// The way from a line to its review, where there is anything to review.
fn way(code: &str, line: &LineScore, lang: Lang) -> Markup {
    let waits = line.status == Status::Review;
    html! {
        @if waits || line.decision.is_some() {
            p.noprint { a href=(address(code, line.seq)) {
                @if waits { (lang.pick("去复核", "Decide about this line")) }
                @else { (lang.pick("查看、更改复核", "See or change the decision")) }
            } }
        }
    }
}
