//! The first step: what the project is for, in words. The page is drawn from the form of goals, and checked while
//! somebody types by the same functions that keep it.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::api::json_response;
use tongpin_console::web::kit::{self, Act, Bar, FormView, Note};
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Tone, filling, notice, token};
use tongpin_domain::form::Given;
use tongpin_domain::lang::Say;
use tongpin_domain::project_form::GOAL;

use super::{Subject, address, done, onward};
use crate::failure::Failure;
use crate::ops::forms::{Checked, FormError};
use crate::ops::project_forms::{self, HeldProjectForm};
use crate::records::goal_form::GoalForm;
use crate::web::forms::view;
use crate::web::parts::Context;

/// Where what is typed is checked.
pub(super) const CHECK: &str = "/text-check";

/// The page as it is shown.
struct Shown<'a> {
    form: &'a GoalForm,
    given: &'a BTreeMap<String, Given>,
    checked: &'a Checked,
    version: &'a str,
    /// What is told beside what the checks say.
    notes: Vec<Note>,
    told: Markup,
}

/// Shows the form.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    let subject = Subject::open(&cx, &code).await?;
    let form = GoalForm::load(cx.app.store()).await?;
    let HeldProjectForm { form: goal, version, .. } =
        project_forms::read(cx.app.store(), GOAL, &subject.held.author, &code).await?;
    let checked = form.checked(&subject.held.project, &goal.given, &goal.given);
    let told = done(asked.text("done"), cx.lang());
    let shown =
        Shown { form: &form, given: &goal.given, checked: &checked, version: &version, notes: Vec::new(), told };
    Ok(subject.page(&cx, "", StatusCode::OK, &shown.draw(&subject, &cx).await?))
}

/// Saves it.
pub(super) async fn post(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    let subject = Subject::edit(&cx, &code).await?;
    let lang = cx.lang();
    let (store, project) = (cx.app.store(), &subject.held.project);
    let form = GoalForm::load(store).await?;
    let held = project_forms::read(store, GOAL, &subject.held.author, &code).await?;
    let given = kit::given(form.definition(), &fields, &held.form.given);
    let checked = form.checked(project, &given, &held.form.given);
    let shown = Shown {
        form: &form,
        given: &given,
        checked: &checked,
        version: fields.text("page-version"),
        notes: Vec::new(),
        told: html! {},
    };
    if !form.unknown().is_empty() {
        let body = shown.draw(&subject, &cx).await?;
        return Ok(subject.page(&cx, "", StatusCode::CONFLICT, &body));
    }
    if !checked.faults().is_empty() {
        let told = notice(Tone::Bad, lang.pick("没有保存：请改正标出的内容", "Not saved: correct what is marked"));
        let body = Shown { told, ..shown }.draw(&subject, &cx).await?;
        return Ok(subject.page(&cx, "", StatusCode::UNPROCESSABLE_ENTITY, &body));
    }
    let goal = form.goal(&code, &checked, &given);
    let made = HeldProjectForm { form: goal, version: shown.version.to_owned(), ..held };
    let entry = cx.audit_entry("goal_save", &code, "目标文字");
    if let Err(error) = store.audited(&entry, project_forms::save(&cx.app, &made)).await {
        // Whoever saves again has seen what stands there now.
        let theirs = project_forms::read(store, GOAL, &subject.held.author, &code).await?;
        let notes = view::apart(form.definition(), &theirs.form.given, &given, lang);
        let told = notice(Tone::Bad, &error.say(lang));
        let body = Shown { version: &theirs.version, notes, told, ..shown }.draw(&subject, &cx).await?;
        return Ok(subject.page(&cx, "", error.status(), &body));
    }
    Ok(onward(&code, if fields.text("and-then") == "next" { "/indicators" } else { "" }, "saved", ""))
}

/// What follows from what is typed, while it is typed. Nothing is kept.
pub(super) async fn check(
    cx: Context,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let subject = Subject::edit(&cx, &code).await?;
    let form = GoalForm::load(cx.app.store()).await?;
    let held = project_forms::read(cx.app.store(), GOAL, &subject.held.author, &code).await?.form;
    let given = kit::given(form.definition(), &fields, &held.given);
    let checked = form.checked(&subject.held.project, &given, &held.given);
    let drawn = view::view(form.definition(), &given, &checked, String::new(), cx.lang());
    let answer = serde_json::to_value(kit::Checked::of(&drawn)).map_err(|error| Failure::internal(&error))?;
    Ok(filling(json_response(StatusCode::OK, &answer)))
}

impl Shown<'_> {
    async fn draw(self, subject: &Subject, cx: &Context) -> Result<Markup, PageError> {
        let lang = cx.lang();
        let (code, definition) = (subject.code(), self.form.definition());
        let year = subject.held.project.fiscal_year;
        let about = lang.pick(&format!("{year} 年度"), &year.to_string()).to_owned();
        let mut drawn: FormView<'_> = view::view(definition, self.given, self.checked, about, lang);
        drawn.notes.extend(self.notes);
        let unknown = self.form.unknown();
        if !subject.may || !unknown.is_empty() {
            if subject.may {
                view::with_personal(&mut drawn);
            }
            return Ok(html! {
                (self.told)
                @if !unknown.is_empty() { (notice(Tone::Warn, &FormError::Unknown(unknown.to_vec()).say(lang))) }
                (kit::sheet(&drawn))
            });
        }
        drawn.offered = view::offered(cx, definition).await?;
        let send = |value: &str, says: &str| Act::Send {
            form: "fill".to_owned(),
            name: "and-then".to_owned(),
            value: value.to_owned(),
            says: says.to_owned(),
        };
        let main = send("next", lang.pick("保存，下一步填指标", "Save and go on to the indicators"));
        let others = vec![send("", lang.pick("保存", "Save"))];
        let bar = Bar { others, main: Some(main), ..Bar::filling(&drawn) };
        Ok(html! {
            (self.told)
            form id="fill" method="post" action=(address(code, "")) data-keep data-check=(address(code, CHECK)) {
                (token(&cx.signed))
                input type="hidden" name="page-version" value=(self.version);
                (kit::edit(&drawn))
            }
            (bar.draw())
        })
    }
}
