//! `GET /forms/{code}/documents/{author}/{id}`: one document whole, with what follows from it, what is missing, what
//! the checks say, and the steps that the system may take.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_domain::form::{Definition, Given, Place, StepTaken};
use tongpin_domain::lang::{Lang, Say};

use super::{held_of, worker};
use crate::api::call::Call;
use crate::api::idempotency::Written;
use crate::api::project::with_version;
use crate::ops::forms::{self, HeldDocument, Worker};

/// The document.
pub(super) async fn get(
    call: Call,
    Path((code, author, id)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    call.must(Scope::FormsRead).await?;
    let held = held_of(&call, (&code, &author, &id)).await?;
    let body = told(&call, &held).await?;
    Ok(with_version(json_response(StatusCode::OK, &body), &held.version()))
}

/// What a write answers: the document as it is now.
pub(super) async fn written(call: &Call, status: StatusCode, held: &HeldDocument) -> Result<Written, Refusal> {
    Ok(Written { status, version: held.version(), body: told(call, held).await? })
}

async fn told(call: &Call, held: &HeldDocument) -> Result<Value, Refusal> {
    let (definition, document) = (&held.form.definition, &held.document);
    let own = call.app.site.region();
    let checked = forms::checked(&call.app, held, &held.given()).await?;
    let evaluated = &checked.evaluated;
    let finding = |it: &tongpin_domain::form::Finding| {
        json!({
            "check": it.check,
            "then": it.then,
            "place": it.place.as_ref().map(Place::to_string),
            "says": it.says,
            "blocks": it.blocks(),
        })
    };
    let lacking = definition.rules_lacking(evaluated, &checked.facts);
    let lacks = |it: &tongpin_domain::form::LackingRule| {
        json!({
            "rule": it.path,
            "place": it.place.as_ref().map(Place::to_string),
            "says": it.say(Lang::Zh),
        })
    };
    let worker = worker(call);
    let steps = forms::steps(&call.app, held, &worker).into_iter().map(|step| {
        json!({ "step": step.name, "title": step.title, "to": step.to, "complete": step.complete, "reason": step.reason })
    });
    let renewal = renewal(call, held, &worker).await?;
    let history = document.history(&held.author, held.verdict.as_ref());
    Ok(json!({
        "form": document.form,
        "id": document.id,
        "author": held.author,
        "own": held.author == own,
        "subject": document.subject,
        "subject_name": document.subject_name,
        "period": document.period,
        "release": document.release,
        "added": document.added,
        "document_version": document.version,
        "state": held.state(),
        "state_title": held.state_title(),
        "open": held.is_open(&own),
        "given": given(definition, &held.given()),
        "derived": derived(definition, definition.derived(evaluated)),
        "withheld": withheld(definition),
        "missing": evaluated.missing.iter().map(Place::to_string).collect::<Vec<_>>(),
        "findings": evaluated.findings.iter().map(finding).collect::<Vec<_>>(),
        "lacking_rules": lacking.iter().map(lacks).collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
        "renewal": renewal,
        "history": history.into_iter().map(taken).collect::<Vec<_>>(),
        "changed_at": document.changed_at.to_string(),
        "version": held.version(),
    }))
}

/// What would change if the system moved the document to the newest release of its form; null if it cannot.
async fn renewal(call: &Call, held: &HeldDocument, worker: &Worker) -> Result<Value, Refusal> {
    let steps = forms::steps(&call.app, held, worker);
    let Some(step) = steps.into_iter().find(|step| step.renews()) else { return Ok(Value::Null) };
    let Some(renewal) = forms::renewal(&call.app, held, &step.name).await? else { return Ok(Value::Null) };
    let difference = |it: tongpin_domain::form::Difference| {
        let shown = |text: String| if it.personal { Value::Null } else { Value::from(text) };
        json!({
            "place": it.place,
            "title": it.title,
            "becomes": it.becomes,
            "says": it.becomes.say(Lang::Zh),
            "before": shown(it.before),
            "after": shown(it.after),
        })
    };
    Ok(json!({
        "step": step.name,
        "release": renewal.form.release,
        "added": renewal.form.added,
        "differences": renewal.differences(Lang::Zh).into_iter().map(difference).collect::<Vec<_>>(),
        "others": renewal.other_changes().iter().map(|change| change.say(Lang::Zh)).collect::<Vec<_>>(),
    }))
}

fn taken(it: &StepTaken) -> Value {
    json!({
        "step": it.step,
        "from": it.from,
        "to": it.to,
        "region": it.region,
        "by": it.by,
        "at": it.at.to_string(),
        "reason": it.reason,
        "document_version": it.version,
    })
}

/// The fields that no system is told, because they are personal.
pub(in crate::api) fn withheld(definition: &Definition) -> Vec<String> {
    definition.places().filter(|(_, field)| field.personal).map(|(place, _)| place).collect()
}

fn is_personal(definition: &Definition, place: &str) -> bool {
    let rows = place.split('.').next().unwrap_or_default();
    let own = definition.field_at(place).is_some_and(|field| field.personal);
    own || definition.field(rows).is_some_and(|field| field.personal)
}

/// What was given, but for what is personal.
pub(in crate::api) fn given(definition: &Definition, given: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
    let mut told = given.clone();
    told.retain(|name, _| !is_personal(definition, name));
    for (name, given) in &mut told {
        if let Given::Rows(rows) = given {
            for row in rows {
                row.cells.retain(|inner, _| !is_personal(definition, &format!("{name}.{inner}")));
            }
        }
    }
    told
}

/// What follows, by place, but for what is personal.
pub(in crate::api) fn derived(
    definition: &Definition,
    mut derived: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    derived.retain(|place, _| {
        let mut parts = place.split('.');
        let (field, inner) = (parts.next().unwrap_or_default(), parts.nth(1));
        !is_personal(definition, &inner.map_or(field.to_owned(), |inner| format!("{field}.{inner}")))
    });
    derived
}
