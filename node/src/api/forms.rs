//! 表单和单据 over the API: the forms in force, described by their definitions, and the documents filled in by them. What
//! a clerk does on the pages a department's system does here by the same functions; approving is left to people.

pub(super) mod document;
mod documents;
pub(super) mod given;
mod refusal;
mod step;
mod write;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::Web;
use tongpin_console::web::api::{Refusal, json_response};
use tongpin_domain::form::FlowDuty;
use tongpin_domain::region::RegionCode;
use tongpin_store::Person;

use super::call::Call;
use super::refused::internal;
use crate::ops::forms::{self, HeldDocument, HeldForm, Worker};

/// The addresses of forms and documents.
pub(super) fn routes() -> Router<Web> {
    let all = "/forms/{code}/documents";
    let one = format!("{all}/{{author}}/{{id}}");
    Router::new()
        .route("/forms", get(list))
        .route(all, get(documents::get).post(write::post))
        .route(&one, get(document::get).put(write::put))
        .route(&format!("{one}/steps/{{step}}"), post(step::post))
}

/// `GET /forms`: every form in force, with its definition.
async fn list(call: Call) -> Result<Response, Refusal> {
    call.must(Scope::FormsRead).await?;
    let shown: Result<Vec<Value>, Refusal> = forms::offered(call.app.store()).await?.iter().map(form).collect();
    Ok(json_response(StatusCode::OK, &json!({ "forms": shown? })))
}

fn form(form: &HeldForm) -> Result<Value, Refusal> {
    let definition = &form.definition;
    Ok(json!({
        "code": definition.code,
        "title": definition.title,
        "english": definition.english,
        "stage": definition.stage,
        "publisher": form.publisher,
        "release": form.release,
        "added": form.added,
        "unknown": form.unknown,
        "definition": serde_json::to_value(definition).map_err(|error| internal(&error))?,
    }))
}

/// The form of an address.
async fn form_of(call: &Call, code: &str) -> Result<HeldForm, Refusal> {
    forms::find(call.app.store(), code).await?.ok_or_else(|| {
        let zh = format!("没有编码为“{code}”的表单，或已停用；在用的见 GET /api/v1/forms");
        Refusal::new(StatusCode::NOT_FOUND, "no_such_form", zh, format!("no form {code:?} is in force"))
    })
}

/// The document of an address.
async fn held_of(call: &Call, (code, author, id): (&str, &str, &str)) -> Result<HeldDocument, Refusal> {
    let held = match RegionCode::new(author) {
        Ok(author) => forms::open(call.app.store(), code, &author, id).await?,
        Err(_) => None,
    };
    held.ok_or_else(|| {
        let zh = "没有这份单据；编码、填报单位和编号见单据列表";
        Refusal::new(StatusCode::NOT_FOUND, "no_such_document", zh, "no such document; see the list")
    })
}

/// The system that calls, as flows know people: a clerk under the token's name, and never an approver.
fn worker(call: &Call) -> Worker {
    let name = &call.caller.name;
    let person = Person { name: format!("令牌 {name}"), account: format!("token:{name}") };
    Worker { person, duties: vec![FlowDuty::Enter], alone: false }
}
