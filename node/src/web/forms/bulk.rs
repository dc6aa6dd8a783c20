//! 批量办理: one step taken with several documents of a form. What each of them says to it is told before; then each is
//! taken by itself, as if alone, and each says what became of it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::kit::state_chip;
use tongpin_console::web::{Fields, PageError, Posted, Tone, filling, notice, token};
use tongpin_domain::form::{Definition, Flow, Step, id_of};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_store::DocumentRow;

use super::{form_address, form_of, place, worker};
use crate::ops::forms::{self, FormError, HeldDocument};
use crate::web::parts::{Context, WORK, segment};

/// The id of the form that ticks belong to, wherever they stand on the page.
const FORM: &str = "bulk";
/// Documents that are dealt with at once, as many as a page has at most.
const MOST: usize = 200;

/// The steps that the reader may take with the documents of a list.
pub(super) struct Bulk<'a> {
    steps: Vec<&'a Step>,
}

impl<'a> Bulk<'a> {
    pub(super) fn of(cx: &Context, flow: &'a Flow, rows: &[DocumentRow]) -> Self {
        let (own, duties) = (cx.app.site.region(), worker(cx).duties);
        // What a document looks like under a new release is shown on its own page before it moves there.
        let fits = |step: &&Step| {
            duties.contains(&step.duty) && !step.renews() && rows.iter().any(|row| leads_on(step, row, &own))
        };
        Self { steps: flow.steps.iter().filter(fits).collect() }
    }

    /// The box that chooses a document, where a step may be taken with it.
    pub(super) fn tick(&self, row: &DocumentRow, own: &RegionCode, called: &str, lang: Lang) -> Option<Markup> {
        self.steps.iter().any(|step| leads_on(step, row, own)).then(|| {
            let (id, called) = (id_of(&row.key), lang.pick("选择", "choose").to_owned() + " " + called);
            html! {
                input.pick.noprint type="checkbox" name="document" form=(FORM) value=(format!("{}/{id}", row.author))
                    aria-label=(called);
            }
        })
    }

    /// What is to be done with those that are chosen; nothing where the reader may do nothing.
    pub(super) fn draw(&self, cx: &Context, code: &str, lang: Lang) -> Markup {
        html! {
            @if !self.steps.is_empty() {
                form.row.bulk.noprint id=(FORM) method="post" action=(format!("{}/bulk", form_address(code))) {
                    (token(&cx.signed))
                    button type="button" data-tick=(FORM) hidden { (lang.pick("全选本页", "All on this page")) }
                    select name="step" aria-label=(lang.pick("办理", "Step")) {
                        @for step in &self.steps { option value=(step.name) { (step.title) } }
                    }
                    button { (lang.pick("办理所选", "Take it with those ticked")) }
                }
            }
        }
    }
}

fn leads_on(step: &Step, row: &DocumentRow, own: &RegionCode) -> bool {
    step.from.contains(&row.state) && step.level.is_of(&row.author, own)
}

/// The address of the page alone leads to the list.
pub(super) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    Ok(cx.back(&form_address(&code)))
}

/// The documents that were chosen, those that are still there, each with what the page knew of it.
async fn chosen(cx: &Context, code: &str, fields: &Fields) -> Result<Vec<(HeldDocument, String)>, PageError> {
    let mut versions = fields.all("version");
    let mut all = Vec::new();
    for document in fields.all("document").take(MOST) {
        let version = versions.next().unwrap_or_default().to_owned();
        let Some((author, id)) = document.split_once('/') else { continue };
        let Ok(author) = RegionCode::new(author) else { continue };
        if let Some(held) = forms::open(cx.app.store(), code, &author, id).await? {
            all.push((held, version));
        }
    }
    Ok(all)
}

/// Says with which of the chosen documents the step can be taken, and why not with the others.
pub(super) async fn ask(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    let form = form_of(&cx, &code).await?;
    let lang = cx.lang();
    let list = form_address(&code);
    let all = chosen(&cx, &code, &fields).await?;
    let step = form.definition.flow.step(fields.text("step"));
    let (Some(step), false) = (step, all.is_empty()) else {
        let said =
            lang.pick("没有选中单据；请先在列表中勾选，再办理", "nothing is ticked: tick documents in the list first");
        return Ok(cx.led_to(&list, &notice(Tone::Warn, said)));
    };
    let worker = worker(&cx);
    let (mut able, mut unable) = (Vec::new(), Vec::new());
    for (held, _) in all {
        if !as_told(&held, step) {
            unable.push((held, lang.pick(OTHERWISE.0, OTHERWISE.1).to_owned()));
            continue;
        }
        match forms::can_take(&cx.app, &held, &step.name, &worker).await {
            Ok(()) => able.push(held),
            Err(FormError::Store(error)) => return Err(error.into()),
            Err(problem) => unable.push((held, problem.say(lang))),
        }
    }
    let title = format!("{}{}{}", step.title, lang.pick("：", ": "), form.definition.called(lang));
    let (can, cannot) = (able.len(), unable.len());
    let to = form.definition.flow.state(&step.to).map_or(step.to.as_str(), |state| &state.title);
    let tone = if cannot == 0 { Tone::Good } else { Tone::Warn };
    let body = html! {
        (notice(tone, lang.pick(&format!("可以办理 {can} 份，不能办理 {cannot} 份"),
            &format!("it can be taken with {can} documents, and not with {cannot}"))))
        @if can > 0 {
            p { (lang.pick("办理后单据将为：", "Then the documents will be: ")) strong { (to) } }
            form.card method="post" action=(format!("{list}/bulk/take")) {
                (token(&cx.signed))
                input type="hidden" name="step" value=(step.name);
                @for held in &able {
                    input type="hidden" name="document" value=(format!("{}/{}", held.author, held.document.id));
                    input type="hidden" name="version" value=(held.version_for(&step.name));
                }
                div.field {
                    label for="reason" {
                        @if step.reason { (lang.pick("原因（必填，写入每份单据）", "reason (required; kept with each document)")) }
                        @else { (lang.pick("说明（可不填，写入每份单据）", "remark (optional; kept with each document)")) }
                    }
                    textarea id="reason" name="reason" rows="3" maxlength="500" required[step.reason] {}
                }
                button.main { (step.title) (lang.pick(&format!("（{can} 份）"), &format!(" ({can})"))) }
                a href=(list) { (lang.pick("返回列表", "Back to the list")) }
            }
        } @else { p { a.button href=(list) { (lang.pick("返回列表", "Back to the list")) } } }
        @if cannot > 0 {
            h2 { (lang.pick("不能办理的", "Not with these")) }
            (table(&unable, lang))
            @if can > 0 { h2 { (lang.pick("将要办理的", "With these")) } }
        }
        @if can > 0 { (table(&able.into_iter().map(|held| (held, String::new())).collect::<Vec<_>>(), lang)) }
    };
    let page = cx.page(&title);
    Ok(if can > 0 { filling(page.show(&body)) } else { page.status(StatusCode::UNPROCESSABLE_ENTITY).show(&body) })
}

/// Of a document that has another release of the form the step may lead elsewhere.
const OTHERWISE: (&str, &str) = (
    "按表单的另一版填报，这一步有所不同；请打开单据单独办理",
    "another release of the form, where the step is another one",
);

/// Whether the step of a document is the one that the page speaks of.
fn as_told(held: &HeldDocument, told: &Step) -> bool {
    held.step(&told.name).is_some_and(|(_, own)| !own.renews() && own.to == told.to && own.reason == told.reason)
}

fn called(definition: &Definition, held: &HeldDocument, lang: Lang) -> String {
    let name = held.document.subject_name.as_str();
    if name.is_empty() { definition.called(lang).to_owned() } else { name.to_owned() }
}

/// Documents, each with what is said of it.
fn table(all: &[(HeldDocument, String)], lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("单据", "document")) }
                th scope="col" { (lang.pick("期间", "period")) }
                th scope="col" { (lang.pick("状态", "state")) }
                @if all.iter().any(|(_, said)| !said.is_empty()) { th scope="col" { (lang.pick("原因", "why")) } }
            } }
            tbody { @for (held, said) in all {
                @let definition = &held.form.definition;
                tr {
                    th scope="row" { a href=(place(held)) { (called(definition, held, lang)) } }
                    td { (definition.subject.per.shown(&held.document.period, lang)) }
                    td { (state_chip(&definition.flow, held.state())) }
                    @if !said.is_empty() { td { (said) } }
                }
            } }
        } }
    }
}

/// Takes the step with each of them by itself, and says what became of each.
pub(super) async fn take(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    let form = form_of(&cx, &code).await?;
    let (lang, worker) = (cx.lang(), worker(&cx));
    let (step, reason) = (fields.text("step"), fields.text("reason"));
    let told = form.definition.flow.step(step);
    let title = told.map_or(step, |step| &step.title);
    let because = if reason.is_empty() { String::new() } else { format!("：{reason}") };
    let (mut done, mut undone) = (0_usize, Vec::new());
    for (held, version) in chosen(&cx, &code, &fields).await? {
        let (subject, detail) = (held.document.record_key(), format!("{title}{because}（批量）"));
        let entry = cx.audit_entry("document_step", &subject, &detail);
        let refused = if told.is_some_and(|told| as_told(&held, told)) {
            let taken = forms::step(&cx.app, &held, &version, step, reason, &worker, &entry).await;
            taken.err().map(|problem| [problem.say(Lang::Zh), problem.say(lang)])
        } else {
            Some([OTHERWISE.0.to_owned(), lang.pick(OTHERWISE.0, OTHERWISE.1).to_owned()])
        };
        match refused {
            None => done += 1,
            Some([logged, said]) => {
                cx.audit("document_step", &subject, &format!("未办理{detail}：{logged}"), false).await?;
                undone.push((held, said));
            }
        }
    }
    let left = undone.len();
    let (zh, en) = (format!("{title}：已办理 {done} 份"), format!("{title}: done with {done}"));
    let told = html! {
        @if left == 0 { (notice(Tone::Good, lang.pick(&zh, &en))) }
        @else {
            (notice(Tone::Warn, lang.pick(&format!("{zh}，{left} 份没有办理"), &format!("{en}, not with {left}"))))
            (table(&undone, lang))
        }
    };
    Ok(cx.led_to(&format!("/forms/{}", segment(&code)), &told))
}
