//! 待复核: the lines that no formula can score, and the form in which a person decides about one of them.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{Fields, PageError, Posted, Signed, Tone, notice, token};
use tongpin_domain::causes::chain;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::number::Typed;
use tongpin_domain::review::Verdict;
use tongpin_domain::score::ScoreSheet;
use tongpin_store::{AuditDraft, ProjectFilter, ProjectOrder, ProjectRow};

use super::score::{self, address};
use crate::failure::Failure;
use crate::ops::review::{self, NewDecision, ReviewError, ReviewedLine};
use crate::web::parts::{Context, WORK, segment};

/// Projects that the list shows at once: those that are settled leave it.
const SHOWN: u64 = 200;
/// The longest reason, and the longest name of papers, in characters.
const LONGEST_REASON: usize = 1000;
const LONGEST_EVIDENCE: usize = 200;

/// Everything that waits.
pub(super) async fn list(cx: Context) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, store) = (cx.lang(), cx.app.store());
    let filter = ProjectFilter { waiting: true, ..ProjectFilter::default() };
    let found = store.projects_page(&filter, ProjectOrder::Code, false, 0, SHOWN).await;
    let (projects, total) = found?;
    let codes: Vec<&str> = projects.iter().map(|project| project.code.as_str()).collect();
    let scores = store.scores_of(&codes).await?;
    let mut waiting = Vec::new();
    for project in &projects {
        let Some(row) = scores.iter().find(|row| row.project_code == project.code) else { continue };
        let sheet: ScoreSheet = serde_json::from_str(&row.sheet).map_err(|error| Failure::internal(&error))?;
        waiting.push((project, sheet));
    }
    let more = total.saturating_sub(projects.len() as u64);
    let title = lang.pick("待复核", "To be reviewed");
    let body = html! {
        @if waiting.is_empty() {
            p.empty { (lang.pick("没有待复核的指标", "Nothing waits for a person.")) }
        } @else {
            p.hint { (lang.pick(
                "填报内容不是确定的数，或按规则不能直接计分的指标，由审核岗位定值、定系数或定分；本人填报的须由他人复核。",
                "Lines that no formula can score are decided by whoever approves, and not by whoever typed them.")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("项目", "project")) }
                    th scope="col" { (lang.pick("指标", "line")) }
                    th scope="col" { (lang.pick("指标值", "target")) }
                    th scope="col" { (lang.pick("填报原文", "typed")) }
                    th scope="col" { (lang.pick("单位", "unit")) }
                    th.number scope="col" { (lang.pick("分值", "weight")) }
                    th scope="col" { (lang.pick("原因", "why")) }
                    th scope="col" { (lang.pick("办理", "do")) }
                } }
                tbody { @for (project, sheet) in &waiting { (rows(project, sheet, lang)) } }
            } }
            @if more > 0 { p.hint { (lang.pick(&format!("另有 {more} 个项目未列出，复核后依次显示"),
                &format!("and {more} more projects, shown as these are settled"))) } }
        }
    };
    Ok(cx.page(title).show(&body))
}

/// The lines of one project that wait; where it is an amount that cannot be read, the way to correct it.
fn rows(project: &ProjectRow, sheet: &ScoreSheet, lang: Lang) -> Markup {
    let code = &project.code;
    let home = format!("/projects/{}", segment(code));
    html! {
        @for line in sheet.waiting() { tr {
            th scope="row" { a href=(home) { (code) } br; (project.name) }
            td { (line.seq) ". " (line.name) }
            td { (line.nature) " " (line.target.raw()) }
            td { (line.actual.raw()) }
            td { (line.unit) }
            td.number { (line.weight.normalize()) }
            td { @for step in &line.steps { (step.say(lang)) " " } }
            td { a.button href=(address(code, line.seq)) { (lang.pick("复核", "Decide")) } }
        } }
        @if sheet.waiting().next().is_none() { tr {
            th scope="row" { a href=(home) { (code) } br; (project.name) }
            td colspan="6" { @for step in &sheet.steps { (step.say(lang)) " " } }
            td { a.button href=(format!("{home}/edit")) { (lang.pick("更正金额", "Correct the amounts")) } }
        } }
    }
}

/// What was typed into the form, to be shown again.
#[derive(Default)]
struct Entries {
    way: String,
    figure: String,
    reason: String,
    evidence: String,
}

/// The form of one line.
pub(super) async fn get(
    cx: Context,
    Path((code, seq)): Path<(String, u32)>,
    asked: Asked,
) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let opened = open(&cx, &code, seq).await?;
    let told = match asked.text("saved") {
        "" => html! {},
        _ => notice(Tone::Good, cx.lang().pick("已保存，并已重新计分", "saved and scored")),
    };
    show(&cx, &opened, &Entries::default(), StatusCode::OK, &told).await
}

async fn open(cx: &Context, code: &str, seq: u32) -> Result<ReviewedLine, PageError> {
    ReviewedLine::read(&cx.app, code, seq).await.map_err(|error| unopened(cx, &error).into())
}

/// The page that says why there is no form.
fn unopened(cx: &Context, error: &ReviewError) -> Response {
    let status = match error {
        ReviewError::NoLine { .. } => StatusCode::NOT_FOUND,
        ReviewError::Store(_) | ReviewError::Internal(_) => {
            tracing::error!(reason = chain(error), "a review could not be shown or saved");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::CONFLICT,
    };
    cx.refused(cx.lang().pick("不能复核", "Cannot be decided"), &error.say(cx.lang()), status)
}

async fn show(
    cx: &Context,
    opened: &ReviewedLine,
    entries: &Entries,
    status: StatusCode,
    told: &Markup,
) -> Result<Response, PageError> {
    let (lang, line) = (cx.lang(), &opened.line);
    let typists = review::names(cx.app.store(), &opened.typists).await?;
    let code = &line.project_code;
    let may = cx.may(&[Duty::Approve]);
    let body = html! {
        (told)
        p { a href=(format!("/projects/{}", segment(code))) { (code) " " (opened.held.project.name) } }
        (score::explained(&opened.scored, lang))
        @if !typists.is_empty() { p.hint { (lang.pick("填报账号：", "Typed by: ")) (typists) } }
        (history(opened, lang))
        @if !opened.is_for_a_person() {
            (notice(Tone::Warn, &ReviewError::NotWaiting.say(lang)))
        } @else if !may {
            p.hint { (lang.pick("复核由审核岗位办理", "deciding is for whoever approves")) }
        } @else if !opened.is_open_to(&cx.signed.account) && !cx.signed.alone {
            (notice(Tone::Warn, &ReviewError::OwnValue.say(lang)))
        } @else {
            (form(opened, &cx.signed, entries, lang))
        }
        p.row.noprint {
            a href="/reviews" { (lang.pick("返回待复核", "Back to what waits")) }
            a href=(format!("/scores/{}", segment(code))) { (lang.pick("查看得分说明", "How the score comes about")) }
        }
    };
    let zh = format!("复核 第 {} 项 {}", line.seq, line.name);
    let en = format!("Decide about line {}: {}", line.seq, line.name);
    Ok(cx.page(lang.pick(&zh, &en)).status(status).show(&body))
}

/// Everything that was decided about the line, and whether it still counts.
fn history(opened: &ReviewedLine, lang: Lang) -> Markup {
    let all = opened.history();
    html! {
        @if !all.is_empty() {
            h2 { (lang.pick("复核记录", "What was decided")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("时间", "when")) }
                    th scope="col" { (lang.pick("复核人", "who")) }
                    th scope="col" { (lang.pick("复核结果", "what")) }
                    th scope="col" { (lang.pick("当时的填报", "typed then")) }
                    th scope="col" { (lang.pick("理由", "why")) }
                    th scope="col" { (lang.pick("佐证", "evidence")) }
                    th scope="col" { (lang.pick("效力", "counts")) }
                } }
                tbody { @for (decision, counts) in &all { tr {
                    th.when scope="row" { (decision.at) }
                    td { (decision.name) "（" (decision.login) "）" }
                    td { (review::said(&decision.verdict, lang)) }
                    td { (decision.seen.actual.raw()) }
                    td { (decision.reason) }
                    td { (decision.evidence) }
                    td { @if *counts { span.mark.good { (lang.pick("有效", "yes")) } }
                        @else { (lang.pick("不再适用", "no longer")) } }
                } } }
            } }
        }
    }
}

fn form(opened: &ReviewedLine, signed: &Signed, entries: &Entries, lang: Lang) -> Markup {
    let line = &opened.line;
    let (unit, weight) = (line.unit.trim(), line.weight.normalize());
    let ways = [
        ("value", lang.pick(&format!("定值（{unit}）"), &format!("value ({unit})")).to_owned()),
        ("coefficient", lang.pick("定系数（0—100 %）", "coefficient (0–100 %)").to_owned()),
        ("points", lang.pick(&format!("定分（0—{weight}）"), &format!("points (0–{weight})")).to_owned()),
    ];
    let reason = |id: &str, value: &str| {
        html! {
            div.field {
                label for=(id) { (lang.pick("理由", "Why")) }
                textarea id=(id) name="reason" rows="3" required maxlength=(LONGEST_REASON) { "\n" (value) }
            }
        }
    };
    html! {
        form.card method="post" action=(address(&line.project_code, line.seq)) data-keep {
            (token(signed))
            input type="hidden" name="version" value=(opened.version());
            div.field {
                label for="way" { (lang.pick("复核方式", "How")) }
                select id="way" name="way" {
                    @for (word, name) in &ways { option value=(word) selected[entries.way == *word] { (name) } }
                }
            }
            div.field {
                label for="figure" { (lang.pick("数值、系数或得分", "Value, coefficient or points")) }
                input id="figure" name="figure" value=(entries.figure) required autocomplete="off" aria-describedby="figure-hint";
                p.hint id="figure-hint" { (lang.pick("填报原文不变，得分按复核结果计算；此后填报、指标值、赋分方法或分值有改动的，须重新复核。",
                    "What was typed stays; once it, the target, the method or the weight changes, the line is decided about again.")) }
            }
            (reason("reason", &entries.reason))
            div.field {
                label for="evidence" { (lang.pick("佐证材料（名称、文号或存放处，选填）", "Evidence (name, number or place; optional)")) }
                input id="evidence" name="evidence" value=(entries.evidence) maxlength=(LONGEST_EVIDENCE);
            }
            button.main name="do" value="decide" { (lang.pick("确定复核结果", "Decide")) }
        }
        @if opened.has_own() {
            form.card method="post" action=(address(&line.project_code, line.seq)) {
                (token(signed))
                input type="hidden" name="version" value=(opened.version());
                (reason("withdrawal", ""))
                button name="do" value="withdraw" { (lang.pick("撤销本级的复核", "Withdraw this bureau's decision")) }
            }
        }
    }
}

/// The verdict that was typed; `None` if it is no number.
fn verdict(fields: &Fields) -> Option<Verdict> {
    let figure = Typed::parse(fields.text("figure"));
    match (fields.text("do"), fields.text("way")) {
        ("withdraw", _) => Some(Verdict::Withdrawn),
        (_, "coefficient") => figure.number().map(Verdict::Coefficient),
        (_, "points") => figure.number().map(Verdict::Points),
        _ => (figure.number().is_some() || figure.date().is_some()).then_some(Verdict::Value(figure)),
    }
}

/// Decides.
pub(super) async fn post(
    cx: Context,
    Path((code, seq)): Path<(String, u32)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Approve]).await?;
    let lang = cx.lang();
    let opened = open(&cx, &code, seq).await?;
    let text = |name: &str, longest: usize| fields.text(name).chars().take(longest).collect::<String>();
    let entries = Entries {
        way: text("way", 20),
        figure: text("figure", 60),
        reason: text("reason", LONGEST_REASON),
        evidence: text("evidence", LONGEST_EVIDENCE),
    };
    let decided = if let Some(verdict) = verdict(&fields) {
        let wanted = NewDecision { verdict, reason: &entries.reason, evidence: &entries.evidence };
        let said = review::said(&wanted.verdict, Lang::Zh);
        let typed = opened.line.actual.raw().trim();
        let detail = format!("第 {seq} 项 {}，填报“{typed}”：{said}；理由：{}", opened.line.name, wanted.reason.trim());
        let entry = cx.audit_entry("line_review", &code, &detail);
        let step = review::decide(&cx.app, &cx.signed.account, &opened, fields.text("version"), &wanted);
        let done = cx.app.store().audited(&entry, step).await;
        if let Err(ReviewError::OwnValue) = &done {
            let refusal = AuditDraft { allowed: false, ..entry };
            cx.store().audit(&refusal).await?;
        }
        done
    } else if entries.figure.trim().is_empty() {
        Err(ReviewError::NoFigure)
    } else {
        let way = entries.way.as_str();
        let zero = rust_decimal::Decimal::ZERO;
        Err(ReviewError::NoScore(match way {
            "coefficient" => Verdict::Coefficient(zero),
            "points" => Verdict::Points(zero),
            _ => Verdict::Value(Typed::parse("")),
        }))
    };
    match decided {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", address(&code, seq))).into_response()),
        Err(error @ (ReviewError::Store(_) | ReviewError::Internal(_))) => Err(unopened(&cx, &error).into()),
        Err(error) => {
            let status = match error {
                ReviewError::OwnValue => StatusCode::FORBIDDEN,
                ReviewError::Changed | ReviewError::NotWaiting => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let told = notice(Tone::Bad, &error.say(lang));
            show(&cx, &opened, &entries, status, &told).await
        }
    }
}
