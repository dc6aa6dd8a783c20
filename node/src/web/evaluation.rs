//! 自评: the official form of one project, computed as one types and saved as a whole.
//!
//! The scores that the form shows come from the function that scores everything else. A draft can be saved at any
//! time; what is still owed is told and not demanded. Two people who fill in the same form do not overwrite each other
//! unseen.

mod told;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::api::json_response;
use tongpin_console::web::kit::{self, Act, Bar, Note};
use tongpin_console::web::list::Asked;
use tongpin_console::web::{PageError, Posted, Tone, filling, notice, token};
use tongpin_domain::form::KeptAs;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::score::ScoreSheet;

pub(in crate::web) use told::view;

use super::project;
use crate::failure::{Failure, page};
use crate::guidance::forms;
use crate::ops::evaluation::{self, Evaluation, Filled};
use crate::ops::saving::SaveError;
use crate::web::forms::view::{apart, offered};
use crate::web::parts::{Context, WORK, segment};
use crate::web::unsaved::unsaved;

/// Where a project's form is; behind it `/check` for what is typed and `/sheet` for what is printed.
fn address(code: &str) -> String {
    format!("/projects/{}/evaluation", segment(code))
}

async fn of(cx: &Context, code: &str) -> Result<Evaluation, PageError> {
    let held = project::held(cx, code).await?;
    Ok(Evaluation::of(cx.app.store(), held).await?)
}

/// The form as it is drawn.
struct Page<'a> {
    evaluation: &'a Evaluation,
    filled: &'a Filled,
    /// What the page is made from.
    version: &'a str,
    /// What is told beside what the form says.
    notes: Vec<Note>,
    told: Markup,
}

/// The form, to be filled in by whoever may and to be read by the others.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let evaluation = of(&cx, &code).await?;
    let filled = evaluation.as_held();
    let told = match asked.text("saved") {
        "" => html! {},
        _ => notice(Tone::Good, cx.lang().pick("已保存，总分和评级按现有填写计算", "saved and scored as it stands")),
    };
    let version = evaluation.version();
    let page = Page { evaluation: &evaluation, filled: &filled, version: &version, notes: Vec::new(), told };
    page.draw(&cx, StatusCode::OK).await
}

/// The official sheet alone, to be printed.
pub(super) async fn sheet(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let evaluation = of(&cx, &code).await?;
    let filled = evaluation.as_held();
    let mut view = view(&evaluation, &filled, Lang::Zh);
    // What is still to be said stands on the page, not on the paper.
    view.notes.clear();
    let body = html! {
        p.row.noprint {
            button type="button" data-print { (lang.pick("打印", "Print")) }
            a href=(address(&code)) { (lang.pick("返回自评", "Back to the self-evaluation")) }
        }
        section.paper lang="zh-CN" { (kit::sheet(&view)) }
    };
    Ok(cx.page(&title(&evaluation, lang)).show(&body))
}

fn title(evaluation: &Evaluation, lang: Lang) -> String {
    let name = &evaluation.held.project.name;
    lang.pick(&format!("自评 {name}"), &format!("Self-evaluation: {name}")).to_owned()
}

impl Page<'_> {
    async fn draw(self, cx: &Context, status: StatusCode) -> Result<Response, PageError> {
        let (evaluation, lang) = (self.evaluation, cx.lang());
        let held = &evaluation.held;
        let ours = held.author == cx.app.site.region();
        let unknown = evaluation.form.unknown();
        let open = cx.may(&[Duty::Enter]) && ours && !held.lines.is_empty() && unknown.is_empty();
        let mut view = view(evaluation, self.filled, lang);
        view.notes.extend(self.notes);
        view.offered = offered(cx, evaluation.definition()).await?;
        let body = html! {
            (self.told)
            @if let Err(choice) = &evaluation.basis { (notice(Tone::Warn, &page::choice(choice, lang))) }
            @if !ours { (notice(Tone::Warn, &SaveError::NotOurs(held.author.clone()).say(lang))) }
            @if !unknown.is_empty() { (notice(Tone::Warn, &forms::not_known(unknown).say(lang))) }
            (ways(&held.project.code, open, lang))
            @if held.lines.is_empty() {
                p.empty {
                    (lang.pick("还没有绩效指标；请先填写绩效目标，或导入绩效指标。", "There are no indicators yet."))
                    " " a href=(format!("/projects/{}/goal", segment(&held.project.code))) { (lang.pick("绩效目标", "Goals")) }
                }
            }
            @if open {
                form id="fill" method="post" action=(address(&held.project.code)) data-keep
                    data-check=(format!("{}/check", address(&held.project.code))) {
                    (token(&cx.signed))
                    input type="hidden" name="page-version" value=(self.version);
                    (kit::edit(&view))
                }
            } @else { (kit::sheet(&view)) }
            (told::reviews(&held.project.code, self.filled.sheet.as_ref(), lang))
            @if open { (bar(&view)) }
        };
        Ok(cx.page(&title(evaluation, lang)).status(status).show(&body))
    }
}

/// Where else one goes from here.
fn ways(code: &str, open: bool, lang: Lang) -> Markup {
    let project = format!("/projects/{}", segment(code));
    html! {
        p.row.noprint {
            a href=(format!("{}/sheet", address(code))) { (lang.pick("打印", "Print")) }
            a href=(format!("{project}/form.xlsx")) { (lang.pick("导出自评表（Excel）", "Export the form (Excel)")) }
            @if open { a href="/import" { (lang.pick("导入填好的自评表", "Import a filled form")) } }
            a href=(format!("/forms/{}/help", KeptAs::Evaluation.code())) { (lang.pick("填表说明", "Help")) }
            a href=(project) { (lang.pick("返回项目", "Back to the project")) }
        }
    }
}

fn bar(view: &kit::FormView<'_>) -> Markup {
    let total = view.shown.get("total").cloned().unwrap_or_default();
    let says = view.lang.pick("保存", "Save").to_owned();
    let save = Act::Send { form: "fill".to_owned(), name: "and-then".to_owned(), value: "save".to_owned(), says };
    Bar { total, total_place: "total".to_owned(), main: Some(save), ..Bar::filling(view) }.draw()
}

/// Saves the form.
pub(super) async fn post(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let lang = cx.lang();
    let evaluation = of(&cx, &code).await?;
    let seen = fields.text("page-version");
    let typed = kit::given(evaluation.definition(), &fields, &evaluation.given());
    let (typed, gone) = evaluation.at_lines(typed);
    let filled = evaluation.filled(typed);
    let (evaluation, filled) = (&evaluation, &filled);
    let page = |version, notes, told| Page { evaluation, filled, version, notes, told };
    if !evaluation.form.unknown().is_empty() {
        return page(seen, Vec::new(), html! {}).draw(&cx, StatusCode::CONFLICT).await;
    }
    if !evaluation.faults(filled).is_empty() {
        let told =
            lang.pick("有填写不符合要求，未保存；请按各项下的说明更正", "nothing was saved; see the notes below");
        let page = page(seen, told::gone(&gone, lang), notice(Tone::Bad, told));
        return page.draw(&cx, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let detail = outcome(filled.sheet.as_ref());
    let entry = cx.audit_entry("evaluation_save", &code, &detail);
    match cx.app.store().audited(&entry, evaluation::save(&cx.app, evaluation, seen, filled)).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", address(&code))).into_response()),
        Err(error @ SaveError::Changed) => {
            // Whoever saves again has seen what stands there now.
            let theirs = evaluation.as_held().given;
            let mut notes = apart(evaluation.definition(), &theirs, &filled.given, lang);
            notes.extend(told::gone(&gone, lang));
            let version = evaluation.version();
            page(&version, notes, notice(Tone::Bad, &error.say(lang))).draw(&cx, StatusCode::CONFLICT).await
        }
        Err(error @ SaveError::NotOurs(_)) => {
            let title = lang.pick("不能修改", "Not ours to change");
            Err(cx.refused(title, &error.say(lang), StatusCode::FORBIDDEN).into())
        }
        Err(error) => Err(unsaved(&cx, &error).into()),
    }
}

/// What the audit log says was saved.
fn outcome(sheet: Option<&ScoreSheet>) -> String {
    let Some(sheet) = sheet else { return "自评已保存，尚无计分规则".to_owned() };
    match (sheet.total, &sheet.rating) {
        (Some(total), Some(rating)) => format!("自评总分 {total}，{rating}"),
        _ => format!("自评{}", sheet.status.text(Lang::Zh)),
    }
}

/// What follows from what is typed, while it is typed. Nothing is kept.
pub(super) async fn check(
    cx: Context,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let evaluation = of(&cx, &code).await?;
    let filled = evaluation.filled(kit::given(evaluation.definition(), &fields, &evaluation.given()));
    let view = view(&evaluation, &filled, cx.lang());
    let answer = serde_json::to_value(kit::Checked::of(&view)).map_err(|error| Failure::internal(&error))?;
    Ok(filling(json_response(StatusCode::OK, &answer)))
}
