//! 表单: what the city (and this bureau's own county) asks to be filled in, and the documents filled in by it. Every
//! page here is made from a form's definition; none knows a stage.

pub(super) mod about;
mod begin;
mod bulk;
mod document;
mod files;
mod fill;
mod filters;
mod following;
mod help;
mod import;
mod list;
mod own;
mod renewal;
mod sheet;
mod version;
pub(super) mod view;

use std::collections::BTreeMap;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, PostedFiles, Upload, Web};
use tongpin_domain::form::FlowDuty;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::app::statistics::CountedForm;
use crate::ops::forms::{self, HeldDocument, HeldForm, Worker};
use crate::web::parts::{Context, WORK, segment};

/// The pages.
pub(super) fn pages() -> Router<Web> {
    let one = "/forms/{code}/{author}/{id}";
    let at = |rest: &str| format!("{one}{rest}");
    Router::new()
        .route("/forms", get(overview))
        .route(own::ADDRESS, get(own::get).post(own::post).layer(Upload::limit()))
        .route("/own-forms/draft/publish", get(own::back).post(own::publish))
        .route("/own-forms/draft/discard", get(own::back).post(own::discard))
        .route("/own-forms/template.xlsx", get(own::template))
        .route("/own-forms/{key}", get(own::one))
        .route("/own-forms/{key}/book.xlsx", get(own::book))
        .route("/own-forms/{key}/retire", get(own::back).post(own::retire))
        .route(own::ADDED, get(own::get).post(own::post).layer(Upload::limit()))
        .route("/added-to-forms/draft/publish", get(own::back).post(own::publish))
        .route("/added-to-forms/draft/discard", get(own::back).post(own::discard))
        .route("/added-to-forms/{key}", get(own::one))
        .route("/added-to-forms/{key}/book.xlsx", get(own::book))
        .route("/added-to-forms/{key}/retire", get(own::back).post(own::retire))
        .route("/forms/{code}", get(list::get))
        .route("/forms/{code}/new", get(begin::get).post(begin::post))
        .route("/forms/{code}/help", get(help::get))
        .route("/forms/{code}/import", get(import::get).post(import::post).layer(Upload::limit()))
        .route("/forms/{code}/import/confirm", get(import::back).post(import::confirm))
        .route("/forms/{code}/import/{file}", get(import::preview))
        .route("/forms/{code}/import/{file}/marked.xlsx", get(import::marked))
        .route("/forms/{code}/template.xlsx", get(import::template))
        .route("/forms/{code}/data.xlsx", get(import::data))
        .route("/forms/{code}/bulk", get(bulk::get).post(bulk::ask))
        .route("/forms/{code}/bulk/take", get(bulk::get).post(bulk::take))
        .route(one, get(document::get))
        .route(&at("/edit"), get(fill::get).post(fill::post).layer(PostedFiles::limit()))
        .route(&at("/files/{digest}"), get(files::get))
        .route(&at("/check"), post(fill::check))
        .route(&at("/step/{step}"), get(document::ask).post(document::take))
        .route(&at("/versions/{version}"), get(version::get))
        .route(&at("/versions/{version}/sheet.xlsx"), get(version::file))
        .route(&at("/sheet.xlsx"), get(sheet::get))
        .route(&at("/sheet"), get(sheet::back).post(sheet::post).layer(Upload::limit()))
        .route(&at("/sheet/{file}/marked.xlsx"), get(sheet::marked))
}

/// Where a form's documents are listed.
fn form_address(code: &str) -> String {
    format!("/forms/{}", segment(code))
}

/// Where a document is.
fn address(code: &str, author: &RegionCode, id: &str) -> String {
    format!("/forms/{}/{author}/{}", segment(code), segment(id))
}

/// Where a document is.
fn place(held: &HeldDocument) -> String {
    address(&held.document.form, &held.author, &held.document.id)
}

/// When something was done, to the minute: seconds help nobody who reads a document.
fn to_minute(at: Moment) -> String {
    let shown = at.to_string();
    shown.get(.."2026-03-31 09:00".len()).unwrap_or(&shown).to_owned()
}

/// Who reads, as flows know people.
fn worker(cx: &Context) -> Worker {
    let mut duties = Vec::new();
    if cx.may(&[Duty::Enter]) {
        duties.push(FlowDuty::Enter);
    }
    if cx.may(&[Duty::Approve]) {
        duties.push(FlowDuty::Approve);
    }
    Worker { person: cx.person(), duties, alone: cx.signed.alone }
}

/// The form of an address.
///
/// # Errors
/// The page that says that there is none.
async fn form_of(cx: &Context, code: &str) -> Result<HeldForm, PageError> {
    cx.must(WORK).await?;
    if let Some(form) = forms::find(cx.app.store(), code).await? {
        return Ok(form);
    }
    Err(none(cx))
}

/// The page that says that there is no such form.
fn none(cx: &Context) -> PageError {
    let title = cx.lang().pick("没有此表单", "No such form");
    let why = cx.lang().pick(
        "上级没有下发这样的表单，或已停用；在用的表单见“表单”",
        "No such form was published, or it was retired; see Forms for those in use.",
    );
    cx.refused(title, why, StatusCode::NOT_FOUND).into()
}

/// The document of an address.
///
/// # Errors
/// The page that says that there is none.
async fn held_of(cx: &Context, (code, author, id): &(String, String, String)) -> Result<HeldDocument, PageError> {
    cx.must(WORK).await?;
    if let Ok(author) = RegionCode::new(author)
        && let Some(held) = forms::open(cx.app.store(), code, &author, id).await?
    {
        return Ok(held);
    }
    let title = cx.lang().pick("没有此单据", "No such document");
    let why =
        cx.lang().pick("单据不存在，或已作废；请回到列表查找", "It does not exist, or was removed; see the list.");
    Err(cx.refused(title, why, StatusCode::NOT_FOUND).into())
}

/// Every form in force, by stage, and how its documents stand.
async fn overview(cx: Context) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let all = cx.app.statistics.forms(cx.app.store()).await?;
    let mut stages: BTreeMap<&str, Vec<&CountedForm>> = BTreeMap::new();
    for counted in all.iter() {
        stages.entry(counted.form.definition.stage.as_str()).or_default().push(counted);
    }
    let based = all.iter().any(|counted| !counted.form.definition.basis.is_empty());
    let body = html! {
        @if own::has_own(&cx) {
            p.row.noprint {
                a href=(own::ADDRESS) { (lang.pick("本级表单（给本县和乡镇增加表单）", "Forms of our own")) }
                a href=(own::ADDED) { (lang.pick("本级增补（在市级表单上增加字段和校验）", "What we add to forms")) }
            }
        }
        @if all.is_empty() {
            p.empty { (lang.pick("上级还没有下发表单；下发后自动出现在这里", "No form has been published yet; they appear here by themselves.")) }
        }
        @for (stage, forms) in &stages {
            h2 { (if stage.is_empty() { lang.pick("其他", "Others") } else { stage }) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("表单", "form")) }
                    th scope="col" { (lang.pick("填报对象", "about")) }
                    th scope="col" { (lang.pick("频次", "how often")) }
                    th scope="col" { (lang.pick("单据", "documents")) }
                    @if based { th scope="col" { (lang.pick("依据", "basis")) } }
                    th scope="col" { span.noprint { (lang.pick("办理", "work")) } }
                } }
                tbody { @for form in forms { (row(&cx, form, based)) } }
            } }
        }
    };
    Ok(cx.page(lang.pick("表单", "Forms")).show(&body))
}

fn row(cx: &Context, CountedForm { form, counts: by_author, .. }: &CountedForm, based: bool) -> Markup {
    let lang = cx.lang();
    let definition = &form.definition;
    let to = form_address(&definition.code);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for counted in by_author {
        *counts.entry(&counted.state).or_default() += counted.count;
    }
    let states = definition.flow.states.iter().filter(|state| counts.contains_key(state.name.as_str()));
    html! {
        tr {
            th scope="row" { a href=(to) { (definition.called(lang)) } }
            td { (definition.subject.of.text(lang)) }
            td { (definition.subject.per.text(lang)) }
            td {
                @if counts.is_empty() { "—" }
                span.row { @for state in states {
                    a href=(format!("{to}?state={}", segment(&state.name))) {
                        (state.title) " " (counts.get(state.name.as_str()).copied().unwrap_or_default())
                    }
                } }
            }
            @if based { td { (definition.basis.join(lang.pick("、", ", "))) } }
            td.noprint { span.row {
                @if cx.may(&[Duty::Enter]) && form.unknown.is_empty() {
                    a href=(format!("{to}/new")) { (lang.pick("新建", "New")) }
                }
                a href=(format!("{to}/help")) { (lang.pick("填表说明", "Help")) }
            } }
        }
    }
}
