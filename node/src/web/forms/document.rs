//! 单据: one document as its official sheet, what was done with it, and the steps that its reader may take.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::kit::{Act, Bar, sheet, state_chip};
use tongpin_console::web::{PageError, Posted, Tone, notice, token};
use tongpin_domain::form::{Definition, Step, StepFault, StepTaken};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::Regions;

use super::version::version_address;
use super::{files, following, form_address, held_of, place, renewal, to_minute, view, worker};
use crate::guidance;
use crate::ops::forms::{self, Checked, FormError, HeldDocument};
use crate::web::parts::{Context, WORK, segment};

type Address = (String, String, String);

/// A document calculated as it is kept.
pub(super) async fn checked(cx: &Context, held: &HeldDocument) -> Result<Checked, PageError> {
    Ok(forms::checked(&cx.app, held, &held.given()).await?)
}

/// The page.
pub(super) async fn get(cx: Context, Path(at): Path<Address>) -> Result<Response, PageError> {
    let held = held_of(&cx, &at).await?;
    show(&cx, &held, None).await
}

async fn show(cx: &Context, held: &HeldDocument, problem: Option<&FormError>) -> Result<Response, PageError> {
    let lang = cx.lang();
    let definition = &held.form.definition;
    let checked = checked(cx, held).await?;
    let about = view::about(cx, held).await?;
    let regions = guidance::regions(cx.app.store()).await?;
    let given = held.given();
    let mut drawn = view::view(definition, &given, &checked, about, lang);
    drawn.files_at = files::address(cx, held);
    if held.author == cx.app.site.region() && cx.may(&[Duty::Enter]) {
        view::with_personal(&mut drawn);
    }
    let status = match problem {
        None => StatusCode::OK,
        Some(FormError::Changed) => StatusCode::CONFLICT,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let body = html! {
        @if let Some(problem) = problem { (notice(Tone::Bad, &problem.say(lang))) }
        @if !held.form.unknown.is_empty() {
            (notice(Tone::Warn, &FormError::Unknown(held.form.unknown.clone()).say(lang)))
        }
        p.row.noprint {
            a href=(form_address(&definition.code)) { (lang.pick("返回列表", "Back to the list")) }
            a href=(format!("{}/help", form_address(&definition.code))) { (lang.pick("填表说明", "Help")) }
            a href=(format!("{}/sheet.xlsx", place(held))) { (lang.pick("导出 Excel", "Export to Excel")) }
        }
        (renewal::newer(cx, held))
        (following::begun(cx, held).await?)
        (sheet(&drawn))
        (history(definition, held, &regions, lang))
        (bar(cx, held, &checked, lang))
    };
    Ok(cx.page(definition.called(lang)).status(status).show(&body))
}

/// Whether the reader may fill the document in as it stands.
pub(super) fn may_fill(cx: &Context, held: &HeldDocument) -> bool {
    held.may_fill(&cx.app.site.region(), &worker(cx).duties)
}

/// Who does what comes next, where it is not the reader, and within which time.
fn awaited(held: &HeldDocument, lang: Lang) -> String {
    let flow = &held.form.definition.flow;
    let Some(state) = flow.state(held.state()).filter(|state| !state.open && !state.counts) else {
        return String::new();
    };
    let Some(step) = flow.steps_from(&state.name).find(|step| !step.renews()) else { return String::new() };
    let who = step.level.text(lang);
    let within = match state.within {
        None => String::new(),
        Some(within) => match (within.working, lang) {
            (true, Lang::Zh) => format!("，限 {} 个工作日", within.days),
            (false, Lang::Zh) => format!("，限 {} 天", within.days),
            (true, Lang::En) => format!(" within {} working days", within.days),
            (false, Lang::En) => format!(" within {} days", within.days),
        },
    };
    lang.pick(&format!("待{who}办理{within}"), &format!("to be dealt with by {who}{within}")).to_owned()
}

/// What is missing in it, as it is called.
fn lacking(definition: &Definition, checked: &Checked, lang: Lang) -> String {
    let mut titles: Vec<&str> = Vec::new();
    for place in &checked.evaluated.missing {
        let rows = definition.field(&place.field);
        let inner = place.inner.as_ref().and_then(|name| rows?.fields.iter().find(|inner| inner.name == *name));
        if let Some(called) = inner.or(rows).map(|field| field.called(lang)).filter(|called| !titles.contains(called)) {
            titles.push(called);
        }
    }
    titles.join(lang.pick("、", ", "))
}

/// What the reader cannot fill in, and a colleague must before the county decides.
fn owed(cx: &Context, held: &HeldDocument, checked: &Checked, lang: Lang) -> Option<String> {
    let lacking = lacking(&held.form.definition, checked, lang);
    let others = held.is_asked_above(&cx.app.site.region()) && !may_fill(cx, held);
    let zh = || format!("待本级经办填写：{lacking}");
    let said = || lang.pick(&zh(), &format!("a clerk of this bureau is to fill in: {lacking}")).to_owned();
    (others && !lacking.is_empty()).then(said)
}

/// How it stands and what the reader may do next.
fn bar(cx: &Context, held: &HeldDocument, checked: &Checked, lang: Lang) -> Markup {
    let to =
        |step: &Step| Act::Go { to: format!("{}/step/{}", place(held), segment(&step.name)), says: step.title.clone() };
    let steps = forms::steps(&cx.app, held, &worker(cx));
    let above = held.is_asked_above(&cx.app.site.region());
    let fill = if above { ("填写本级内容", "Fill in the county's part") } else { ("填写", "Fill in") };
    let edit = may_fill(cx, held)
        .then(|| Act::Go { to: format!("{}/edit", place(held)), says: lang.pick(fill.0, fill.1).to_owned() });
    // What leads on is the main thing, unless something in the document is still to be filled in.
    let ready = !checked.is_blocked();
    let (main, others): (Vec<&Step>, Vec<&Step>) = steps.into_iter().partition(|step| step.complete && ready);
    let mut others: Vec<Act> = others.into_iter().map(&to).collect();
    let mut main = main.into_iter().map(to);
    let next = main.next();
    others.extend(main);
    let main = match (next, edit) {
        (Some(next), edit) => {
            others.splice(0..0, edit);
            Some(next)
        }
        (None, edit) => edit,
    };
    let waits = awaited(held, lang);
    let state = html! {
        (state_chip(&held.form.definition.flow, held.state()))
        @if let Some(owed) = owed(cx, held, checked, lang) { span.hint { (owed) } }
        @if main.is_none() && others.is_empty() && !waits.is_empty() { span.hint { (waits) } }
    };
    Bar { state: Some(state), others, main, lang, ..Bar::default() }.draw()
}

/// Every step that was taken, the last first.
fn history(definition: &Definition, held: &HeldDocument, regions: &Regions, lang: Lang) -> Markup {
    let taken = held.document.history(&held.author, held.verdict.as_ref());
    let title = |it: &StepTaken| definition.flow.step(&it.step).map_or(it.step.clone(), |step| step.title.clone());
    let state = |name: &str| definition.flow.state(name).map_or(name.to_owned(), |state| state.title.clone());
    html! {
        @if !taken.is_empty() {
            section.noprint {
                h2 { (lang.pick("办理记录", "What was done")) }
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("时间", "when")) }
                        th scope="col" { (lang.pick("步骤", "step")) }
                        th scope="col" { (lang.pick("状态", "state")) }
                        th scope="col" { (lang.pick("单位", "bureau")) }
                        th scope="col" { (lang.pick("办理人", "by")) }
                        th scope="col" { (lang.pick("说明", "reason")) }
                    } }
                    tbody { @for it in taken.into_iter().rev() { tr {
                        td.when { (to_minute(it.at)) }
                        td { (title(it)) }
                        td { (state(&it.from)) " → " (state(&it.to)) }
                        td { (regions.name(&it.region)) }
                        td { (it.by) }
                        td { (it.reason) }
                    } } }
                } }
                @if held.document.version > 1 {
                    p.row {
                        (lang.pick("以前的版本：", "earlier versions: "))
                        @for number in (1..held.document.version).rev() {
                            a href=(version_address(held, number)) {
                                (lang.pick(&format!("第 {number} 版"), &format!("version {number}")))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The page that asks before a step is taken.
pub(super) async fn ask(
    cx: Context,
    Path((code, author, id, step)): Path<(String, String, String, String)>,
) -> Result<Response, PageError> {
    let held = held_of(&cx, &(code, author, id)).await?;
    question(&cx, &held, &step, "", None).await
}

async fn question(
    cx: &Context,
    held: &HeldDocument,
    step: &str,
    reason: &str,
    problem: Option<&FormError>,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let Some((form, step)) = held.step(step) else {
        let renews = held.form.definition.flow.step(step).is_some_and(Step::renews);
        let fault = if renews { StepFault::Newest } else { StepFault::NoStep(step.to_owned()) };
        let problem = FormError::from(fault);
        return show(cx, held, Some(&problem)).await;
    };
    let definition = &form.definition;
    let renewal = forms::renewal(&cx.app, held, &step.name).await?;
    let checked = checked(cx, held).await?;
    let about = view::about(cx, held).await?;
    let title = format!("{}{}{}", step.title, lang.pick("：", ": "), definition.called(lang));
    let to = definition.flow.state(&step.to).map_or(step.to.as_str(), |state| &state.title);
    // What keeps it back is told before somebody tries.
    let early = (problem.is_none() && step.complete && checked.is_blocked()).then(|| StepFault::Blocked.say(lang));
    let attention: Vec<String> =
        checked.evaluated.findings.iter().map(|finding| view::told(definition, finding, lang)).collect();
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let body = html! {
        @if let Some(problem) = problem { (notice(Tone::Bad, &problem.say(lang))) }
        @if let Some(early) = early {
            (notice(Tone::Warn, &early))
            @let lacking = lacking(definition, &checked, lang);
            @if let Some(owed) = owed(cx, held, &checked, lang) { p { (owed) } }
            @else if !lacking.is_empty() { p { (lang.pick("还没有填写：", "missing: ")) (lacking) } }
            @if may_fill(cx, held) {
                p { a.button href=(format!("{}/edit", place(held))) { (lang.pick("去填写", "Fill it in")) } }
            }
        }
        p { (about) }
        p { (lang.pick("办理后单据将为：", "Then the document will be: ")) strong { (to) } }
        @if let Some(code) = step.next_form() { (following::to_begin(cx, code).await?) }
        @if let Some(renewal) = &renewal { (renewal::changes(cx, renewal)) }
        @if !attention.is_empty() && renewal.is_none() {
            section.notice.warn {
                p { (lang.pick("校验提示，请先核对：", "The checks say; please look at it first:")) }
                ul { @for said in &attention { li { (said) } } }
            }
        }
        form.card method="post" action=(format!("{}/step/{}", place(held), segment(&step.name))) {
            (token(&cx.signed))
            input type="hidden" name="version" value=(held.version_for(&step.name));
            div.field {
                label for="reason" {
                    @if step.reason { (lang.pick("原因（必填）", "reason (required)")) } @else { (lang.pick("说明（可不填）", "remark (optional)")) }
                }
                textarea id="reason" name="reason" rows="3" maxlength="500" required[step.reason] { (reason) }
            }
            button.main { (step.title) }
            a href=(place(held)) { (lang.pick("返回单据", "Back to the document")) }
        }
    };
    Ok(cx.page(&title).status(status).show(&body))
}

/// Takes a step.
pub(super) async fn take(
    cx: Context,
    Path((code, author, id, step)): Path<(String, String, String, String)>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let held = held_of(&cx, &(code, author, id)).await?;
    let reason = fields.text("reason");
    let title = held.step(&step).map_or(step.clone(), |(_, step)| step.title.clone());
    let because = if reason.is_empty() { String::new() } else { format!("：{reason}") };
    let (subject, detail) = (held.document.record_key(), format!("{title}{because}"));
    let entry = cx.audit_entry("document_step", &subject, &detail);
    let done = forms::step(&cx.app, &held, fields.text("version"), &step, reason, &worker(&cx), &entry).await;
    match done {
        Ok(()) => Ok(cx.done(&place(&held), &format!("{}{title}", cx.lang().pick("已办理：", "Done: ")))),
        Err(FormError::Store(error)) => Err(error.into()),
        Err(problem) => {
            cx.audit("document_step", &subject, &format!("未办理{detail}：{}", problem.say(Lang::Zh)), false).await?;
            match &problem {
                FormError::Step(_) => question(&cx, &held, &step, reason, Some(&problem)).await,
                _ => show(&cx, &held, Some(&problem)).await,
            }
        }
    }
}
