//! One 归集任务: exactly what would leave, the officer's word that lets it leave, and what left before.

use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tongpin_console::duty::Duty;
use tongpin_console::failure::Common;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Signed, Tone, check_box, notice, token};
use tongpin_domain::collection::Collection;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::publish::ALONE;
use tongpin_store::AuditDraft;

use super::{collections, history, preview};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::submit::{self, Approval, ReportDraft, Shrunk};
use crate::ops::summary::{self, CollectionLine};
use crate::records::answer::AnswerError;
use crate::records::receipts;
use crate::web::parts::{Context, WORK, fact, segment};

/// What was just done, as the address says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct JustDone {
    #[serde(default)]
    sent: u64,
    #[serde(default)]
    scored: u64,
}

/// What stands above the page, and how the answer begins.
type Outcome = (StatusCode, Option<(Tone, String)>);

/// Shows it.
pub(super) async fn get(
    cx: Context,
    Path(id): Path<String>,
    Query(done): Query<JustDone>,
) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let told = if done.sent > 0 {
        let zh = format!("第 {} 次上报已签名存档，正在送出；等待上级回执", done.sent);
        let en = format!("revision {} is signed and on its way; it waits for the parent's receipt", done.sent);
        Some((Tone::Good, lang.pick(&zh, &en).to_owned()))
    } else if done.scored > 0 {
        Some((Tone::Good, lang.pick("评分已完成", "scoring is done").to_owned()))
    } else {
        None
    };
    show(&cx, &id, (StatusCode::OK, told)).await
}

/// The account as a report names it.
fn approver(signed: &Signed) -> String {
    let alone = if signed.alone { format!("，{ALONE}") } else { String::new() };
    signed.person().name + &alone
}

async fn show(cx: &Context, id: &str, outcome: Outcome) -> Result<Response, PageError> {
    let lang = cx.lang();
    let made = body(&cx.app, &cx.signed, id, lang).await;
    let (title, body) = made?;
    let (status, said) = outcome;
    let body = html! {
        @if let Some((tone, text)) = said { (notice(tone, &text)) }
        (body)
        p { a href="/collections" { (lang.pick("返回归集上报", "Back to the collections")) } }
    };
    Ok(cx.page(&title).status(status).show(&body))
}

/// The title and the page below it.
async fn body(app: &App, signed: &Signed, id: &str, lang: Lang) -> Result<(String, Markup), Failure> {
    let asked = submit::find(app, id).await?.collection;
    let mut lines = summary::collections(app).await?.into_iter();
    let line = lines.find(|line| line.id == id).ok_or_else(|| Failure::NoCollection(id.to_owned()))?;
    let by = if signed.may(&[Duty::Approve]) { approver(signed) } else { String::new() };
    let answer = match ReportDraft::prepare(app, id, &by).await {
        Ok(draft) => html! {
            (preview::all(&draft, lang))
            p { a href=(format!("/collections/{}/preview.json", segment(id))) {
                (lang.pick("下载将要送出的原文（JSON）", "Download what would leave (JSON)"))
            } }
            (next(&draft, app, signed, lang)?)
        },
        Err(failure) if is_fault(&failure) => return Err(failure),
        Err(failure) => unanswered(&failure, signed, id, lang),
    };
    let reports = app.store().my_reports(id).await?;
    let receipts = receipts::all(app.store()).await?;
    let stalls = summary::stalls(app.store()).await?;
    let body = html! {
        @for stall in stalls.iter().filter(|stall| stall.collection == id) {
            (notice(Tone::Warn, lang.pick(&format!("未能自动上报（{} 起）：{}", stall.since, stall.reason_zh),
                &format!("Not reported by itself since {}: {}", stall.since, stall.reason_en))))
        }
        (head(&line, &asked, lang))
        h2 { (lang.pick("要求上报什么", "What is asked")) }
        @for table in &asked.tables { p { strong { (crate::words::figure::title(table)) } " " (table.say(lang)) } }
        h2 { (lang.pick("将要上报的内容", "What would leave")) }
        (answer)
        (history::all(&reports, &receipts, lang))
    };
    Ok((asked.title, body))
}

/// Whether the program or its database failed, about which no officer can do anything.
fn is_fault(failure: &Failure) -> bool {
    let of_answer = |error: &AnswerError| matches!(error, AnswerError::Store(_) | AnswerError::Link(_));
    match failure {
        Failure::Answer(error) => of_answer(error),
        other => matches!(other, Failure::Common(Common::Store(_) | Common::Link(_)) | Failure::NoCollection(_)),
    }
}

fn head(line: &CollectionLine, asked: &Collection, lang: Lang) -> Markup {
    html! {
        @if let Some(at) = line.reminded_at {
            (notice(Tone::Warn, lang.pick(&format!("市级催报（{at}）：请尽快上报"), &format!("The parent reminded of it on {at}."))))
        }
        dl {
            div { dt { (lang.pick("状态", "State")) } dd { (collections::state(line, lang)) } }
            div { dt { (lang.pick("截止", "Due")) } dd { (collections::due(line, lang)) } }
            (fact(lang.pick("期间", "Period"), &line.period))
            (fact(lang.pick("任务", "Collection"), &line.id))
            @if !asked.accepting.is_by_check() { (fact(lang.pick("接收方式", "Accepted"), asked.accepting.say(lang))) }
        }
        p.hint { (lang.pick("汇总方法：", "Method: ")) (asked.method) }
    }
}

/// Why there is no answer, and what to do about it.
fn unanswered(failure: &Failure, signed: &Signed, id: &str, lang: Lang) -> Markup {
    let scoring = matches!(failure, Failure::Answer(AnswerError::Unscored(_) | AnswerError::Stale(_)));
    html! {
        (notice(Tone::Bad, &failure.on_page(lang)))
        @if scoring && signed.may(&[Duty::Enter]) {
            form method="post" action="/scores" {
                (token(signed))
                input type="hidden" name="collection" value=(id);
                button.main { (lang.pick("评分", "Score")) }
            }
        } @else if scoring {
            p.hint { (lang.pick("评分由经办岗位办理。", "Scoring is for whoever enters.")) }
        }
    }
}

/// The form that lets it leave, or why there is none.
fn next(draft: &ReportDraft, app: &App, signed: &Signed, lang: Lang) -> Result<Markup, Failure> {
    if draft.is_sent() {
        let (zh, en) =
            ("以上内容与最近一次上报相同，无需重复上报", "this is what was reported last; there is nothing to send");
        return Ok(notice(Tone::Good, lang.pick(zh, en)));
    }
    if let Err(failure) = draft.must_be_sound() {
        return Ok(notice(Tone::Bad, &failure.on_page(lang)));
    }
    if !signed.may(&[Duty::Approve]) {
        return Ok(html! { p.hint { (lang.pick("以上内容尚未送出；上报由审核岗位办理。",
        "It has not left yet; that is for whoever approves.")) } });
    }
    let (id, revision, parent) = (&draft.report.collection, draft.report.revision, &app.parent.region);
    let label = lang.pick("确认上报", "I approve this report");
    let about = lang
        .pick(
            &format!("以上内容已核对，由 {} 审核，送往 {parent}；送出后不能撤回", approver(signed)),
            &format!("checked, approved by {}, to {parent}; it cannot be taken back", approver(signed)),
        )
        .to_owned();
    let content = draft.content()?.to_string();
    let told = draft.answer.is_told(draft.last.as_ref());
    Ok(html! {
        @if draft.is_late(app.site.now()) {
            (notice(Tone::Warn, lang.pick("已过截止日期，上级会记为迟报", "the due day has passed, so it counts as late")))
        }
        @if told {
            (notice(Tone::Warn, lang.pick("内容与上一次被退回的上报相同，请先按退回原因更正",
                "this is what was returned last; see the reasons first")))
        }
        form.card method="post" action=(format!("/collections/{}", segment(id))) {
            (token(signed))
            input type="hidden" name="content" value=(content);
            (check_box("confirm", "1", label, &about, false))
            @if let Some(Shrunk { before, now }) = draft.shrunk() {
                @let zh = format!("上一次上报有 {before} 条记录，本次只有 {now} 条；已核对数据完整，确属如此");
                @let en = format!("{before} records were reported last, now {now}; I have checked that this is right");
                (check_box("fewer", &now.to_string(), lang.pick("确认减少", "Fewer is right"), lang.pick(&zh, &en), false))
            }
            button.main { (lang.pick(&format!("上报（第 {revision} 次）"), &format!("Report (revision {revision})"))) }
        }
    })
}

/// Lets it leave.
pub(super) async fn post(cx: Context, Path(id): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Approve]).await?;
    let lang = cx.lang();
    let again = async |status, text: String| show(&cx, &id, (status, Some((Tone::Bad, text)))).await;
    if !fields.checked("confirm") {
        let text =
            lang.pick("未上报：请核对内容并勾选“确认上报”", "not sent: check the content and the box to approve it");
        return again(StatusCode::UNPROCESSABLE_ENTITY, text.to_owned()).await;
    }
    let entry = cx.audit_entry("submit", &id, "");
    let confirmed = fields.text("fewer").parse().ok();
    match submit(&cx.app, &id, &cx.signed, fields.raw("content"), confirmed, &entry).await {
        Ok(Some(sent)) => {
            let revision = sent.report.revision;
            Ok(Redirect::to(&format!("/collections/{}?sent={revision}", segment(&id))).into_response())
        }
        Ok(None) => {
            let text = lang.pick(
                "未上报：内容在您查看之后有变化，请重新核对",
                "not sent: the content has changed since you looked at it; check it again",
            );
            again(StatusCode::CONFLICT, text.to_owned()).await
        }
        Err(failure) if is_fault(&failure) => Err(failure.into()),
        Err(failure) => again(StatusCode::CONFLICT, failure.on_page(lang)).await,
    }
}

/// Computes the report anew and sends it; `None`, and nothing sent, if it is not what its approver saw.
async fn submit(
    app: &App,
    id: &str,
    signed: &Signed,
    seen: &str,
    confirmed: Option<u64>,
    entry: &AuditDraft<'_>,
) -> Result<Option<ReportDraft>, Failure> {
    let draft = ReportDraft::prepare(app, id, &approver(signed)).await?;
    let approval = Approval { by: signed.person(), again: false, seen: Some(seen), fewer: confirmed };
    if !draft.may_leave(app, &approval).await? {
        return Ok(None);
    }
    draft.send(app, entry).await?;
    Ok(Some(draft))
}

/// What would leave, word for word.
pub(super) async fn payload(cx: Context, Path(id): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let by = if cx.may(&[Duty::Approve]) { approver(&cx.signed) } else { String::new() };
    let draft = ReportDraft::prepare(&cx.app, &id, &by).await?;
    let bytes = serde_json::to_vec_pretty(&draft.report).map_err(|error| Failure::internal(&error))?;
    let name = format!("attachment; filename=\"preview-{}.json\"", cx.app.site.region());
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}
