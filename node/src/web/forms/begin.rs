//! 新建单据: what it is about and for which period; everything else is filled in on the form itself.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Choice, Field, Fields, PageError, Posted, Tone, notice, token};
use tongpin_domain::form::{Definition, Per, SubjectOf};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::month::Month;

use super::{address, form_address, form_of, worker};
use crate::guidance;
use crate::ops::forms::{self, Beginning, FormError, HeldForm};
use crate::web::parts::Context;

/// The page.
pub(super) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let form = form_of(&cx, &code).await?;
    show(&cx, &form, &Fields::default(), None).await
}

async fn show(
    cx: &Context,
    form: &HeldForm,
    typed: &Fields,
    problem: Option<&FormError>,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let definition = &form.definition;
    let title = format!("{}{}", lang.pick("新建：", "New: "), definition.called(lang));
    let body = html! {
        @if let Some(problem) = problem {
            (notice(Tone::Bad, &problem.say(lang)))
            @if let FormError::Exists(id) = problem {
                p { a.button href=(address(&definition.code, &cx.app.site.region(), id)) { (lang.pick("打开已有的单据", "Open it")) } }
            }
        }
        @for line in definition.help.lines() { p.hint { (line) } }
        form.card method="post" action=(format!("{}/new", form_address(&definition.code))) {
            (token(&cx.signed))
            (subject(cx, definition, typed).await?)
            (period(cx, definition, typed, lang))
            button.main { (lang.pick("开始填写", "Begin")) }
            a href=(form_address(&definition.code)) { (lang.pick("取消", "Cancel")) }
        }
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(cx.page(&title).status(status).show(&body))
}

/// What it is about, where that is not known already.
async fn subject(cx: &Context, definition: &Definition, typed: &Fields) -> Result<Markup, PageError> {
    let lang = cx.lang();
    let of = &definition.subject.of;
    let label = of.text(lang);
    Ok(match of {
        SubjectOf::Nothing | SubjectOf::Region | SubjectOf::Unknown(_) => html! {},
        SubjectOf::Fund => {
            let funds = guidance::funds(cx.app.store()).await?;
            let options: Vec<(String, String)> =
                funds.into_iter().map(|fund| (fund.code.clone(), format!("{}（{}）", fund.name, fund.code))).collect();
            Choice { name: "subject", label, options: &options, value: typed.text("subject"), ..Choice::default() }
                .draw()
        }
        SubjectOf::Project => Field {
            name: "subject",
            label: lang.pick("项目代码", "project code"),
            kind: "text",
            value: typed.text("subject"),
            hint: lang.pick("本级已登记项目的代码", "of a project that is entered here"),
            ..Field::default()
        }
        .draw(),
        _ => Field { name: "subject", label, kind: "text", value: typed.text("subject"), ..Field::default() }.draw(),
    })
}

/// The periods that can be chosen, with what they are called: of this year and those beside it, the last first.
pub(super) fn periods(cx: &Context, definition: &Definition) -> Vec<(String, String)> {
    let per = &definition.subject.per;
    let year = Month::of(cx.now()).year();
    let count = match per {
        Per::Quarter => 4,
        Per::Month => 12,
        Per::Year => 1,
        Per::Round | Per::Once | Per::Unknown(_) => 0,
    };
    let years = [year + 1, year, year - 1].into_iter().filter(|year| definition.years.has(*year));
    let named = |period: String| (period.clone(), per.shown(&period, cx.lang()));
    years.flat_map(|year| (1..=count).rev().map(move |number| period_of(per, year, number))).map(named).collect()
}

/// The period of a number in a year.
fn period_of(per: &Per, year: i32, number: u8) -> String {
    match per {
        Per::Quarter => format!("{year}Q{number}"),
        Per::Month => format!("{year}-{number:02}"),
        _ => year.to_string(),
    }
}

/// Where the period is chosen, the present one first.
fn period(cx: &Context, definition: &Definition, typed: &Fields, lang: Lang) -> Markup {
    let per = &definition.subject.per;
    let now = Month::of(cx.now());
    let (year, month) = (now.year(), now.number());
    let label = lang.pick("期间", "period");
    match per {
        Per::Round => {
            let example = format!("{year}-1");
            let hint = lang.pick("年度-批次，如", "year and round, such as");
            let hint = format!("{hint} {example}");
            let value = typed.text("period");
            return Field { name: "period", label, kind: "text", value, hint: &hint, ..Field::default() }.draw();
        }
        Per::Once | Per::Unknown(_) => return html! {},
        Per::Quarter | Per::Month | Per::Year => {}
    }
    let options = periods(cx, definition);
    let number = if *per == Per::Quarter { month.saturating_sub(1) / 3 + 1 } else { month };
    let present = period_of(per, year, number);
    let typed = typed.text("period");
    let value = if typed.is_empty() { present.as_str() } else { typed };
    Choice { name: "period", label, options: &options, value, ..Choice::default() }.draw()
}

/// Begins it.
pub(super) async fn post(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let form = form_of(&cx, &code).await?;
    let (subject, period) = (fields.text("subject"), fields.text("period"));
    let asked = Beginning { form: &form, subject, period, given: BTreeMap::new() };
    let detail = format!("{} {subject} {period}", form.definition.title);
    let entry = cx.audit_entry("document_new", &code, &detail);
    let worker = worker(&cx);
    match cx.app.store().audited(&entry, forms::begin(&cx.app, asked, &worker)).await {
        Ok(begun) => Ok(cx.back(&format!("{}/edit", address(&code, &cx.app.site.region(), &begun.id)))),
        Err(FormError::Store(error)) => Err(error.into()),
        Err(problem) => show(&cx, &form, &fields, Some(&problem)).await,
    }
}
