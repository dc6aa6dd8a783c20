//! `POST /forms/{code}/documents` and `PUT …/{author}/{id}`: a department's system begins a document of this bureau,
//! and changes what is typed in it, as a clerk would on the page; of a township's it fills in what the county is asked
//! for.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::Refusal;
use tongpin_domain::form::Seen;
use tongpin_domain::intake::Words;

use super::document::written;
use super::refusal::{not_done, unread};
use super::{form_of, given, held_of, worker};
use crate::api::call::{Call, from_json};
use crate::api::condition::Condition;
use crate::api::idempotency::{Incoming, Request, Written};
use crate::api::typed::{problem, refused};
use crate::ops::forms::{self, Beginning, FormError, HeldDocument, HeldForm};

/// A document as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    subject: Option<String>,
    period: Option<String>,
    given: Map<String, Value>,
}

pub(super) const CONDITION: Condition = Condition {
    there: ("单据已存在；修改须带 If-Match", "the document is there already; change it with If-Match"),
    missing: ("没有这份单据；新建须带 If-None-Match: *", "no such document; begin it with If-None-Match: *"),
    changed: (
        "单据已被修改或办理，未保存；请重新读取后再写",
        "the document was changed, nothing was saved; read it again, then write",
    ),
    unsaid: (
        "须带 If-Match: \"版本\"（修改）或 If-None-Match: *（新建）之一",
        "send either If-Match: \"version\" to change or If-None-Match: * to begin a document",
    ),
};

/// Begins a document.
pub(super) async fn post(Path(code): Path<String>, sent: Incoming) -> Result<Response, Refusal> {
    let request = sent.about(format!("{code}/documents"), Scope::FormsWrite).await?;
    let work = Box::pin(async {
        let form = form_of(&sent.call, &code).await?;
        begun(&sent.call, &form, from_json(request.body)?, None).await
    });
    sent.once(&request, work).await
}

/// Begins a document under the id of its address, or changes the one that is there.
pub(super) async fn put(
    Path((code, author, id)): Path<(String, String, String)>,
    sent: Incoming,
) -> Result<Response, Refusal> {
    let request = sent.about(format!("{code}/documents/{author}/{id}"), Scope::FormsWrite).await?;
    sent.once(&request, Box::pin(replace(&sent.call, &request, (&code, &author, &id)))).await
}

async fn begun(call: &Call, form: &HeldForm, body: Body, id: Option<&str>) -> Result<Written, Refusal> {
    let definition = &form.definition;
    let own = call.app.site.region();
    let seen = Seen { state: definition.flow.first(), author: &own, bureau: &own };
    let locked = definition.locked(&seen);
    let given = given::read(definition, &body.given, &BTreeMap::new(), &locked)?;
    let (subject, period) = (body.subject.unwrap_or_default(), body.period.unwrap_or_default());
    let asked = Beginning { form, subject: &subject, period: &period, given: given.clone() };
    let detail = format!("新建单据“{}”：{subject} {period}", definition.title);
    let worker = worker(call);
    let step = forms::begin_as(&call.app, asked, id, &worker);
    let begun = call.write(&definition.code, &detail, step).await.map_err(|error| not_done(&error, &given))?;
    let held = held_of(call, (&definition.code, own.as_str(), &begun.id)).await?;
    written(call, StatusCode::CREATED, &held).await
}

async fn replace(
    call: &Call,
    request: &Request<'_>,
    (code, author, id): (&str, &str, &str),
) -> Result<Written, Refusal> {
    let app = &call.app;
    let own = app.site.region();
    let body: Body = from_json(request.body)?;
    let held = if author == own.as_str() {
        let Some(held) = forms::open(app.store(), code, &own, id).await? else {
            let form = form_of(call, code).await?;
            CONDITION.version(request, "", false)?;
            return begun(call, &form, body, Some(id)).await;
        };
        held
    } else {
        // Of a township's document the county's own fields alone.
        let held = held_of(call, (code, author, id)).await?;
        if !held.is_asked_above(&own) {
            return Err(not_done(&FormError::NotOurs(held.author), &BTreeMap::new()));
        }
        held
    };
    about_the_same(&held, &body)?;
    let definition = &held.form.definition;
    let read = given::read(definition, &body.given, &held.given(), &held.locked(&own));
    if read.is_err() && !held.may_change() && !held.is_asked_above(&own) {
        return Err(not_done(&FormError::Closed(held.state_title().to_owned()), &BTreeMap::new()));
    }
    let given = read?;
    let checked = forms::checked(app, &held, &given).await?;
    if !checked.reading.problems.is_empty() {
        return Err(unread(&checked.reading.problems, &given));
    }
    // Whoever sends again what is there already has lost the answer, not the race.
    if definition.canonical(&checked.reading.values, &given) == *held.given() {
        return written(call, StatusCode::OK, &held).await;
    }
    let version = CONDITION.version(request, &held.version(), true)?;
    let worker = worker(call);
    let (subject, detail) = (held.document.record_key(), format!("修改单据“{}”", definition.title));
    let step = forms::save(app, &held, &version, &given, &worker);
    call.write(&subject, &detail, step).await.map_err(|error| not_done(&error, &given))?;
    written(call, StatusCode::OK, &held_of(call, (code, author, id)).await?).await
}

/// What a document is about does not change; it may be left out.
fn about_the_same(held: &HeldDocument, body: &Body) -> Result<(), Refusal> {
    let mut problems = Vec::new();
    let document = &held.document;
    for (name, sent, is) in [("subject", &body.subject, &document.subject), ("period", &body.period, &document.period)]
    {
        if let Some(sent) = sent.as_ref().filter(|sent| sent.trim() != is) {
            let expected = Words::new(format!("“{is}”，或不写"), format!("{is:?}, or nothing"));
            problems.push(problem(0, name, sent, expected));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(refused(&problems)) }
}
