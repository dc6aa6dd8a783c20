//! `POST /forms/{code}/documents/{author}/{id}/steps/{step}`: a department's system takes a clerk's step, such as
//! handing a document on. It acts as an account of its own, so that who approves is another; and it approves nothing
//! itself.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tongpin_console::scope::Scope;
use tongpin_console::web::api::Refusal;
use tongpin_domain::form::{Edition, Place, StepFault};
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::AuditDraft;

use super::document::written;
use super::refusal::not_done;
use super::write::CONDITION;
use super::{held_of, worker};
use crate::api::call::{Call, from_json};
use crate::api::idempotency::{Incoming, Request, Written};
use crate::ops::forms::{self, FormError, HeldDocument};

type Address<'a> = (&'a str, &'a str, &'a str);

/// Why the step is taken, and under which release of the form it was looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Body {
    reason: String,
    /// Whoever names it is not led to a release that came meanwhile.
    release: Option<u64>,
    /// The same of the release of what the county adds to it.
    added: Option<u64>,
}

/// Takes it.
pub(super) async fn post(
    Path((code, author, id, step)): Path<(String, String, String, String)>,
    sent: Incoming,
) -> Result<Response, Refusal> {
    let request = sent.about(format!("{code}/documents/{author}/{id}/steps/{step}"), Scope::FormsWrite).await?;
    sent.once(&request, Box::pin(take(&sent.call, &request, (&code, &author, &id), &step))).await
}

async fn take(call: &Call, request: &Request<'_>, at: Address<'_>, step: &str) -> Result<Written, Refusal> {
    let body: Body = if request.body.is_empty() { Body::default() } else { from_json(request.body)? };
    let held = held_of(call, at).await?;
    let version = match request.header("if-match") {
        Some(_) => CONDITION.version(request, &held.version(), true)?,
        None => held.version(),
    };
    let version = if version == held.version() { held.version_for(step) } else { version };
    let title = held.step(step).map_or(step, |(_, step)| &step.title);
    let because = if body.reason.is_empty() { String::new() } else { format!("：{}", body.reason) };
    let (subject, detail) = (held.document.record_key(), format!("{title}{because}"));
    let (actor, worker) = (format!("令牌 {}", call.caller.name), worker(call));
    let entry = AuditDraft {
        at: call.web.now(),
        actor: &actor,
        address: &call.caller.address,
        action: "api_write",
        subject: &subject,
        detail: &detail,
        allowed: true,
    };
    if let Some(refusal) = other_release(&held, step, &body) {
        call.caller
            .audit(&call.web, "api_write", &subject, &format!("未办理{detail}：表单已有另一版本"), false)
            .await?;
        return Err(refusal);
    }
    match forms::step(&call.app, &held, &version, step, &body.reason, &worker, &entry).await {
        Ok(()) => written(call, StatusCode::OK, &held_of(call, at).await?).await,
        Err(error) => {
            let why = format!("未办理{detail}：{}", error.say(Lang::Zh));
            call.caller.audit(&call.web, "api_write", &subject, &why, false).await?;
            refused(call, &held, &error).await
        }
    }
}

/// Refuses a step that leads to another release of the form than the one that was looked at.
fn other_release(held: &HeldDocument, step: &str, body: &Body) -> Option<Refusal> {
    let (form, _) = held.step(step)?;
    let (release, now) = (body.release?, form.edition());
    let seen = Edition { release, added: body.added.unwrap_or(now.added) };
    let [zh_now, zh_seen] = [now, seen].map(|it| it.shown(Lang::Zh));
    let zh =
        format!("这一步办理后单据按表单{zh_now}填报，您看的是{zh_seen}，没有办理；请重新读取单据，核对变化后再办理");
    let en = format!(
        "after this step the document is under {} of its form, not {}; nothing was done: read the \
         document anew and look at what changes",
        now.shown(Lang::En),
        seen.shown(Lang::En)
    );
    let refusal = || Refusal::new(StatusCode::CONFLICT, "release", zh, en).with("release", now.release.into());
    (now != seen).then(refusal)
}

/// The refusal; where the document is not complete, with what is missing and what the checks say.
async fn refused(call: &Call, held: &HeldDocument, error: &FormError) -> Result<Written, Refusal> {
    let refusal = match error {
        FormError::Step(StepFault::Duty(duty)) => {
            let zh = format!("这一步由“{duty}”岗办理，接口令牌只能办理经办岗的步骤；请由有此岗位的人在页面上办理");
            Refusal::new(StatusCode::FORBIDDEN, "step_duty", zh, "a token takes a clerk's steps only, and this is none")
        }
        _ => not_done(error, &BTreeMap::new()),
    };
    if !matches!(error, FormError::Step(StepFault::Blocked)) {
        return Err(refusal);
    }
    let evaluated = forms::checked(&call.app, held, &held.given()).await?.evaluated;
    let missing: Vec<String> = evaluated.missing.iter().map(Place::to_string).collect();
    let blocking: Vec<&str> =
        evaluated.findings.iter().filter(|found| found.blocks()).map(|found| found.says.as_str()).collect();
    Err(refusal.with("missing", missing.into()).with("findings", blocking.into()))
}
