//! Asks before a line of the goal is removed, and removes it.

use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use tongpin_console::web::{Posted, Signed, Tone, Visitor, Web, notice, token};
use tongpin_domain::lang::Say;
use tongpin_domain::project::ProjectIndicator;

use super::{Subject, address, onward, status, with_status};
use crate::app::App;
use crate::ops::editing;
use crate::web::refused;

/// Shows what would go.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(app): Extension<App>,
    visitor: Visitor,
    signed: Signed,
    Path((code, seq)): Path<(String, u32)>,
) -> Result<Response, Response> {
    let subject = Subject::edit(&web, &app, &visitor, &signed, &code).await?;
    let line = line(&subject, seq).ok_or_else(|| nothing(&web, &visitor))?;
    Ok(shown(&web, &visitor, &signed, &subject, line, ""))
}

fn line(subject: &Subject, seq: u32) -> Option<&ProjectIndicator> {
    subject.held.lines.iter().find(|line| line.seq == seq)
}

fn nothing(web: &Web, visitor: &Visitor) -> Response {
    let title = visitor.lang.pick("没有此指标", "No such indicator");
    let why =
        visitor.lang.pick("这个指标已被删除或移走；请返回项目查看", "it was removed or moved; look at the project");
    refused(web, visitor, title, why, StatusCode::NOT_FOUND)
}

fn shown(
    web: &Web,
    visitor: &Visitor,
    signed: &Signed,
    subject: &Subject,
    line: &ProjectIndicator,
    problem: &str,
) -> Response {
    let lang = visitor.lang;
    let body = html! {
        @if !problem.is_empty() { (notice(Tone::Bad, problem)) }
        form.card method="post" action=(address(subject.code(), &format!("/indicators/{}/delete", line.seq))) {
            (token(signed))
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
    subject.page(web, visitor, "/indicators", &body)
}

/// Removes it; the others keep their numbers.
pub(super) async fn post(
    State(web): State<Web>,
    Extension(app): Extension<App>,
    visitor: Visitor,
    signed: Signed,
    Path((code, seq)): Path<(String, u32)>,
    Posted(fields): Posted,
) -> Result<Response, Response> {
    let subject = Subject::edit(&web, &app, &visitor, &signed, &code).await?;
    let gone = line(&subject, seq).ok_or_else(|| nothing(&web, &visitor))?;
    let left: Vec<ProjectIndicator> = subject.held.lines.iter().filter(|line| line.seq != seq).cloned().collect();
    let detail = format!("删除 {}", gone.name);
    let entry = visitor.draft(&web, &signed.account.name, "goal_lines", &code, &detail);
    let step = editing::save(&app, fields.text("version"), &subject.held.project, &left);
    if let Err(error) = app.store().audited(&entry, step).await {
        let page = shown(&web, &visitor, &signed, &subject, gone, &error.say(visitor.lang));
        return Ok(with_status(page, status(&error)));
    }
    Ok(onward(&code, "/indicators", "removed", ""))
}
