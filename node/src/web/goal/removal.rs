//! Asks before a line of the goal is removed, and removes it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use tongpin_console::web::{PageError, PageFailure, Posted, Tone, notice, token};
use tongpin_domain::lang::Say;
use tongpin_domain::project::ProjectIndicator;

use super::{Subject, address, onward};
use crate::ops::editing;
use crate::ops::saving::SaveError;
use crate::web::parts::Context;

/// Shows what would go.
pub(super) async fn get(cx: Context, Path((code, seq)): Path<(String, u32)>) -> Result<Response, PageError> {
    let subject = Subject::edit(&cx, &code).await?;
    let line = line(&subject, seq).ok_or_else(|| nothing(&cx))?;
    Ok(shown(&cx, &subject, line, None))
}

fn line(subject: &Subject, seq: u32) -> Option<&ProjectIndicator> {
    subject.held.lines.iter().find(|line| line.seq == seq)
}

fn nothing(cx: &Context) -> Response {
    let title = cx.lang().pick("没有此指标", "No such indicator");
    let why = cx.lang().pick("这个指标已被删除或移走；请返回项目查看", "it was removed or moved; look at the project");
    cx.refused(title, why, StatusCode::NOT_FOUND)
}

fn shown(cx: &Context, subject: &Subject, line: &ProjectIndicator, refused: Option<&SaveError>) -> Response {
    let lang = cx.lang();
    let body = html! {
        @if let Some(error) = refused { (notice(Tone::Bad, &error.say(lang))) }
        form.card method="post" action=(address(subject.code(), &format!("/indicators/{}/delete", line.seq))) {
            (token(&cx.signed))
            input type="hidden" name="version" value=(editing::version(&subject.held));
            p { (lang.pick("确认删除指标：", "Remove this indicator: ")) strong { (line.name) } "？" }
            p { (lang.pick("指标值 ", "target ")) @if line.target.is_missing() { "—" } @else { (line.target.raw()) }
                (lang.pick("，权重 ", ", weight ")) (line.weight.normalize()) }
            @if !line.actual.is_missing() {
                p.error { (lang.pick(&format!("已填的实际完成值 {} 和偏差原因会一并删除，不能恢复", line.actual.raw()),
                    &format!("its actual, {}, and its reason go with it for good", line.actual.raw()))) }
            }
            button.danger { (lang.pick("删除", "Remove")) }
            a href=(address(subject.code(), "/indicators")) { (lang.pick("不删除，返回", "Keep it")) }
        }
    };
    let status = refused.map_or(StatusCode::OK, PageFailure::status);
    subject.page(cx, "/indicators", status, &body)
}

/// Removes it; the others keep their numbers.
pub(super) async fn post(
    cx: Context,
    Path((code, seq)): Path<(String, u32)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let subject = Subject::edit(&cx, &code).await?;
    let gone = line(&subject, seq).ok_or_else(|| nothing(&cx))?;
    let left: Vec<ProjectIndicator> = subject.held.lines.iter().filter(|line| line.seq != seq).cloned().collect();
    let detail = format!("删除 {}", gone.name);
    let entry = cx.audit_entry("goal_lines", &code, &detail);
    let step = editing::save(&cx.app, fields.text("version"), &subject.held.project, &left);
    if let Err(error) = cx.app.store().audited(&entry, step).await {
        return Ok(shown(&cx, &subject, gone, Some(&error)));
    }
    Ok(onward(&code, "/indicators", "removed", ""))
}
