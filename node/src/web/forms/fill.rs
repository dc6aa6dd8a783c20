//! 填写: the official sheet to be filled in, checked while somebody types by the same functions that keep it.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::api::json_response;
use tongpin_console::web::kit::{self, Act, Bar, Note, edit, state_chip};
use tongpin_console::web::{PageError, Posted, PostedFiles, Tone, filling, notice, token};
use tongpin_domain::form::{Given, Kind};
use tongpin_domain::lang::{Lang, Say};

use super::document::{checked, may_fill};
use super::{files, held_of, place, view, worker};
use crate::failure::Failure;
use crate::ops::forms::{self, Checked, FormError, HeldDocument};
use crate::records::evidence::CHOOSABLE;
use crate::web::parts::{Context, segment};

type Address = (String, String, String);

/// The page.
pub(super) async fn get(cx: Context, Path(at): Path<Address>) -> Result<Response, PageError> {
    let held = ours(&cx, &at).await?;
    let checked = checked(&cx, &held).await?;
    let version = held.version();
    let shown = Shown { given: &held.given(), checked: &checked, version: &version, notes: Vec::new() };
    show(&cx, &held, shown, html! {}, StatusCode::OK).await
}

/// The document, if it can be filled in here.
async fn ours(cx: &Context, at: &Address) -> Result<HeldDocument, PageError> {
    let held = held_of(cx, at).await?;
    let own = cx.app.site.region();
    if may_fill(cx, &held) {
        return Ok(held);
    }
    cx.must(&[Duty::Enter]).await?;
    let problem = if !held.form.unknown.is_empty() {
        FormError::Unknown(held.form.unknown.clone())
    } else if held.author != own {
        FormError::NotOurs(held.author.clone())
    } else {
        FormError::Closed(held.state_title().to_owned())
    };
    let lang = cx.lang();
    let body = html! {
        (notice(Tone::Bad, &problem.say(lang)))
        p { a.button href=(place(&held)) { (lang.pick("打开单据", "Open the document")) } }
    };
    Err(cx.page(lang.pick("不能填写", "Not to be filled in")).status(StatusCode::CONFLICT).show(&body).into())
}

/// A document as its page shows it.
struct Shown<'a> {
    given: &'a BTreeMap<String, Given>,
    checked: &'a Checked,
    /// What the document was read as.
    version: &'a str,
    /// What is told beside what the checks say.
    notes: Vec<Note>,
}

async fn show(
    cx: &Context,
    held: &HeldDocument,
    shown: Shown<'_>,
    told: Markup,
    status: StatusCode,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let Shown { given, checked, version, notes } = shown;
    let definition = &held.form.definition;
    let about = view::about(cx, held).await?;
    let mut drawn = view::view(definition, given, checked, about, lang);
    drawn.locked = held.locked(&cx.app.site.region());
    drawn.offered = view::offered(cx, definition).await?;
    drawn.notes.extend(notes);
    (drawn.choosable, drawn.files_at) = (CHOOSABLE, files::address(cx, held));
    // A form in which files are chosen is sent in parts.
    let files = definition.fields.iter().any(|field| field.kind == Kind::Files && field.is_typed());
    let parts = files.then_some("multipart/form-data");
    let at = place(held);
    let send = |value: &str, says: &str| Act::Send {
        form: "fill".to_owned(),
        name: "and-then".to_owned(),
        value: value.to_owned(),
        says: says.to_owned(),
    };
    let next = forms::steps(&cx.app, held, &worker(cx)).into_iter().find(|step| step.complete);
    let above = held.is_asked_above(&cx.app.site.region());
    let save = send("", lang.pick(if above { "保存" } else { "保存草稿" }, "Save"));
    let (others, main) = match next {
        Some(step) => {
            let says = format!("{}{}", lang.pick("保存并", "Save and "), step.title);
            (vec![save], Some(send(&step.name, &says)))
        }
        None => (Vec::new(), Some(save)),
    };
    let bar = Bar { state: Some(state_chip(&definition.flow, held.state())), others, main, ..Bar::filling(&drawn) };
    let body = html! {
        (told)
        (super::renewal::newer(cx, held))
        @if above { p.hint { (lang.pick(ABOVE.0, ABOVE.1)) } }
        p.row.noprint {
            a href=(at) { (lang.pick("返回单据", "Back to the document")) }
            a href=(format!("{}/sheet.xlsx", at)) { (lang.pick("导出 Excel 填写", "Fill it in as a workbook")) }
        }
        form id="fill" method="post" enctype=[parts] action=(format!("{at}/edit")) data-keep
            data-check=(format!("{at}/check")) {
            (token(&cx.signed))
            input type="hidden" name="page-version" value=(version);
            (edit(&drawn))
        }
        (super::sheet::upload(cx, held, lang))
        (bar.draw())
    };
    Ok(cx.page(definition.called(lang)).status(status).show(&body))
}

/// Saves what was typed, and goes on to a step if that was asked for.
pub(super) async fn post(cx: Context, Path(at): Path<Address>, sent: PostedFiles) -> Result<Response, PageError> {
    let held = ours(&cx, &at).await?;
    let lang = cx.lang();
    let (definition, fields) = (&held.form.definition, &sent.fields);
    let mut given = kit::given_but(definition, fields, &held.given(), &held.locked(&cx.app.site.region()));
    files::recovered(&cx, &held, fields, &mut given);
    let (names, notes) = files::taken(&cx, &held, sent.files, &mut given).await;
    if !notes.is_empty() {
        let told = notice(Tone::Bad, lang.pick(NOT_SAVED.0, NOT_SAVED.1));
        let checked = forms::checked(&cx.app, &held, &given).await?;
        let shown = Shown { given: &given, checked: &checked, version: fields.text("page-version"), notes };
        return show(&cx, &held, shown, told, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let subject = held.document.record_key();
    let added = if names.is_empty() { String::new() } else { format!("；新增附件 {}", names.join("、")) };
    let detail = format!("{}{added}", definition.title);
    let entry = cx.audit_entry("document_save", &subject, &detail);
    let version = fields.text("page-version");
    let worker = worker(&cx);
    let save = forms::save(&cx.app, &held, version, &given, &worker);
    let error = match cx.app.store().audited(&entry, save).await {
        Ok(()) => {
            let next = fields.text("and-then");
            if next.is_empty() {
                return Ok(cx.done(&format!("{}/edit", place(&held)), lang.pick("已保存", "Saved")));
            }
            return Ok(cx.back(&format!("{}/step/{}", place(&held), segment(next))));
        }
        Err(FormError::Store(error)) => return Err(error.into()),
        Err(error) => error,
    };
    let (says, status) = match &error {
        FormError::Unreadable(_) => (lang.pick(NOT_SAVED.0, NOT_SAVED.1).to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        error => (error.say(lang), StatusCode::CONFLICT),
    };
    let told = html! {
        (notice(Tone::Bad, &says))
        @if matches!(error, FormError::Changed) { (apart(&held, &given, lang)) }
    };
    let checked = forms::checked(&cx.app, &held, &given).await?;
    // Whoever saves again has seen what stands there now.
    let version = held.version();
    show(&cx, &held, Shown { given: &given, checked: &checked, version: &version, notes: Vec::new() }, told, status)
        .await
}

/// What the county is told that fills in its part of a document.
const ABOVE: (&str, &str) = (
    "只填写由县级财政填写的内容，其余由填报单位填写、这里不能改。保存后填报单位同步看到，单据状态不变，审核时再办理",
    "Only what the county fills in is open here; the rest is the keeper's. What is saved is told to whoever keeps the \
     document; its state stays until a step is taken",
);

/// What stands above a form that was not saved.
const NOT_SAVED: (&str, &str) = (
    "没有保存：请按标出的提示改正，已填内容都在",
    "Nothing was saved: mend what is marked; what was typed is still here",
);

/// What stands in the document now beside what was typed here.
fn apart(held: &HeldDocument, given: &BTreeMap<String, Given>, lang: Lang) -> Markup {
    let (fields, saved) = (held.form.definition.fields.iter(), held.given());
    let differs: Vec<&str> = fields
        .filter(|field| saved.get(&field.name) != given.get(&field.name))
        .map(|field| field.called(lang))
        .collect();
    html! {
        @if !differs.is_empty() {
            p { (lang.pick("与他人已保存的不同之处：", "what differs from what is saved: ")) (differs.join(lang.pick("、", ", "))) }
        }
        p.hint { (lang.pick("表单保留了本次填写的内容；核对后再次保存，将覆盖他人已保存的值。",
            "the form holds what was typed here; saving it again takes the place of what the other saved")) }
    }
}

/// What follows from what is typed, while it is typed. Nothing is kept.
pub(super) async fn check(cx: Context, Path(at): Path<Address>, Posted(fields): Posted) -> Result<Response, PageError> {
    let held = ours(&cx, &at).await?;
    let definition = &held.form.definition;
    let mut given = kit::given_but(definition, &fields, &held.given(), &held.locked(&cx.app.site.region()));
    files::recovered(&cx, &held, &fields, &mut given);
    let checked = forms::checked(&cx.app, &held, &given).await?;
    let drawn = view::view(definition, &given, &checked, String::new(), cx.lang());
    let answer = serde_json::to_value(kit::Checked::of(&drawn)).map_err(|error| Failure::internal(&error))?;
    Ok(filling(json_response(StatusCode::OK, &answer)))
}
