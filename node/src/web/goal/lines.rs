//! The second step: the project's indicators, chosen from the library or made by the unit itself.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::web::list::Asked;
use tongpin_console::web::{Fields, PageError, PageFailure as _, Posted, Tone, filling, notice};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::ProjectIndicator;

use super::table::{Sheet, target_doubt, weights};
use super::typed::{Errors, Reading, moved};
use super::{Subject, address, done, found, onward};
use crate::guidance::forms;
use crate::guidance::library::Search;
use crate::ops::editing;
use crate::ops::saving::SaveError;
use crate::records::goal_lines::{copied, left, next};
use crate::web::parts::Context;

/// Shows the lines, and below them what the library has.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    let mut subject = Subject::open(&cx, &code).await?;
    let unknown = subject.form.unknown();
    let read_only = (!unknown.is_empty()).then(|| notice(Tone::Warn, &forms::not_known(unknown).say(cx.lang())));
    subject.may &= read_only.is_none();
    let wanted = Search { words: asked.text("q"), department: asked.text("department"), level1: asked.text("level1") };
    let sheet = Sheet {
        subject: &subject,
        now: &subject.held.lines,
        typed: None,
        errors: Errors::new(),
        version: editing::version(&subject.held),
        conflict: false,
        lang: cx.lang(),
    };
    let told = html! {
        (done(asked.text("done"), cx.lang()))
        @if let Some(read_only) = read_only { (read_only) }
        (restated(&code, asked.text("restated").parse().unwrap_or(0), cx.lang()))
    };
    show(&cx, &sheet, wanted, (StatusCode::OK, told)).await
}

/// Keeps what was typed, and does what was asked: add, move, or ask before a line is removed.
pub(super) async fn post(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    let subject = Subject::edit(&cx, &code).await?;
    let lang = cx.lang();
    if !subject.form.unknown().is_empty() {
        let title = lang.pick("不能修改", "Not to be changed here");
        let why = forms::not_known(subject.form.unknown()).say(lang);
        return Err(cx.refused(title, &why, StatusCode::CONFLICT).into());
    }
    let action = fields.text("do");
    let rules = subject.rules.as_ref().ok();
    let mut reading = Reading { fields: &fields, form: &subject.form, rules, lang, errors: Errors::new() };
    let mut lines = reading.lines(&subject.held.lines);
    if action == "search" || (action == "enter" && found::asked_anew(&fields)) {
        return found(&cx, &subject, &fields).await.map(filling);
    }
    let taken_back = |(now, before): &(&ProjectIndicator, &ProjectIndicator)| {
        now.self_score.is_none() && before.self_score.is_some()
    };
    let taken = lines.iter().zip(&subject.held.lines).filter(taken_back).count();
    let own = reading.own(&code, &lines, action == "own");
    let errors = reading.errors;
    if !errors.is_empty() {
        let told = lang.pick("没有保存：请改正标出的内容", "Not saved: correct what is marked");
        return again(&cx, &subject, &fields, errors, told, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if editing::version(&subject.held) != fields.text("version") {
        return again(&cx, &subject, &fields, errors, &SaveError::Changed.say(lang), StatusCode::CONFLICT).await;
    }
    let mut detail = format!("{} 项指标", lines.len());
    let mut word = "saved";
    if let Some(own) = own {
        (word, detail) = ("added", format!("自设 {}", own.name));
        lines.push(own);
    }
    match action.split_once(':') {
        Some(("add", chosen)) => {
            let index = cx.app.library.index(cx.app.store()).await?;
            let Some(entry) = index.get(chosen) else {
                let told = lang
                    .pick("指标库中已没有这个指标，没有加入；请另选", "The library no longer has it: choose another.");
                return again(&cx, &subject, &fields, errors, told, StatusCode::CONFLICT).await;
            };
            if !lines.iter().any(|line| line.indicator_code.as_deref() == Some(chosen)) {
                let total = subject.rules.as_ref().ok().map(|rules| rules.indicators.weight_total);
                let weight = total.map_or_else(Default::default, |total| left(&lines, total));
                let line = ProjectIndicator { weight, ..copied(&entry.value, &code, next(&lines)) };
                lines.push(line);
                (word, detail) = ("added", format!("选用 {chosen} {}", entry.value.name));
            }
        }
        Some((way @ ("up" | "down"), seq)) => {
            moved(&mut lines, seq.parse().unwrap_or(0), way == "up");
            word = "moved";
        }
        _ => {}
    }
    if taken > 0 {
        detail = format!("{detail}；清空 {taken} 项自评得分");
    }
    let entry = cx.audit_entry("goal_lines", &code, &detail);
    let step = editing::save(&cx.app, fields.text("version"), &subject.held.project, &lines);
    if let Err(error) = cx.app.store().audited(&entry, step).await {
        return again(&cx, &subject, &fields, errors, &error.say(lang), error.status()).await;
    }
    if let Some(("delete", seq)) = action.split_once(':') {
        let confirm = address(&code, &format!("/indicators/{}/delete", crate::web::parts::segment(seq)));
        return Ok(Redirect::to(&confirm).into_response());
    }
    let word = if taken > 0 { format!("{word}&restated={taken}") } else { word.to_owned() };
    Ok(onward(&code, "/indicators", &word, fields.text("q")))
}

/// How many of the unit's own scores were taken back, and where they are asked for again.
fn restated(code: &str, count: usize, lang: Lang) -> Markup {
    let zh = format!(
        "有 {count} 项指标的分值、指标值或计分方法已改，单位原来的自评得分是按修改前打的，已清空；请到自评表核对并保存，重新报出自评得分。"
    );
    let en = format!(
        "{count} lines have another weight, target or method: the unit's own scores of them are taken back. Save the self-evaluation to state them anew."
    );
    html! {
        @if count > 0 {
            (notice(Tone::Warn, lang.pick(&zh, &en)))
            p { a href=(format!("/projects/{}/evaluation", crate::web::parts::segment(code))) { (lang.pick("填写自评表", "Self-evaluation")) } }
        }
    }
}

/// What the typed weights add up to and which targets are doubtful, as one types. It changes nothing.
pub(super) async fn weigh(cx: Context, Path(code): Path<String>, fields: Fields) -> Result<Response, PageError> {
    let subject = Subject::open(&cx, &code).await?;
    let (lang, rules) = (cx.lang(), subject.rules.as_ref().ok());
    let mut reading = Reading { fields: &fields, form: &subject.form, rules, lang, errors: Errors::new() };
    let lines = reading.lines(&subject.held.lines);
    let answer = html! {
        (weights(&lines, &subject.rules, lang))
        @for (held, now) in subject.held.lines.iter().zip(&lines) { (target_doubt(held, now, rules, lang)) }
    };
    Ok(answer.into_response())
}

async fn show(
    cx: &Context,
    sheet: &Sheet<'_>,
    wanted: Search<'_>,
    (status, told): (StatusCode, Markup),
) -> Result<Response, PageError> {
    let (subject, lang) = (sheet.subject, sheet.lang);
    let hits = found::section(cx, subject, wanted).await?;
    let index = cx.app.library.index(cx.app.store()).await?;
    let (here, find) = (address(subject.code(), "/indicators"), address(subject.code(), "/find"));
    let body = html! {
        (told)
        h2 { (lang.pick("本项目的指标", "This project's indicators")) }
        (sheet.draw(&cx.signed))
        h2 { (lang.pick("从指标库选用", "From the library")) }
        @if subject.may {
            p.hint { (lang.pick("选用即复制到本项目并保留代码，以后指标库修改不影响本项目；上面已填的内容一并保存。",
                "Choosing copies the entry and keeps its code: later changes of the library do not touch this project. What is typed above is saved with it.")) }
        }
        (found::form(&here, &find, &index, wanted, subject.may, lang))
        (hits)
    };
    Ok(subject.page(cx, "/indicators", status, &body))
}

/// The form again with what was typed, over the project as it stands now.
async fn again(
    cx: &Context,
    subject: &Subject,
    fields: &Fields,
    errors: Errors,
    told: &str,
    status: StatusCode,
) -> Result<Response, PageError> {
    let conflict = status == StatusCode::CONFLICT;
    let fresh = if conflict { Some(Subject::edit(cx, subject.code()).await?) } else { None };
    let subject = fresh.as_ref().unwrap_or(subject);
    let rules = subject.rules.as_ref().ok();
    let mut reading = Reading { fields, form: &subject.form, rules, lang: cx.lang(), errors: Errors::new() };
    let now: Vec<ProjectIndicator> = reading.lines(&subject.held.lines);
    // What was seen is what is saved on top of: after a conflict, the lines as they are now.
    let version = if conflict { editing::version(&subject.held) } else { fields.text("version").to_owned() };
    let lang = cx.lang();
    let sheet = Sheet { subject, now: &now, typed: Some(fields), errors, version, conflict, lang };
    show(cx, &sheet, found::wanted(fields), (status, notice(Tone::Bad, told))).await
}

/// The form with what was typed and what was looked for. Nothing is saved, and what is wrong is told when it is.
async fn found(cx: &Context, subject: &Subject, fields: &Fields) -> Result<Response, PageError> {
    let lang = cx.lang();
    let rules = subject.rules.as_ref().ok();
    let now = Reading { fields, form: &subject.form, rules, lang, errors: Errors::new() }.lines(&subject.held.lines);
    let version = fields.text("version").to_owned();
    let (typed, errors) = (Some(fields), Errors::new());
    let sheet = Sheet { subject, now: &now, typed, errors, version, conflict: false, lang };
    let zh = "查找结果在下面；上面填写的内容保留着，尚未保存";
    let told = lang.pick(zh, "What was found stands below; what is typed is kept here and not saved yet");
    show(cx, &sheet, found::wanted(fields), (StatusCode::OK, notice(Tone::Warn, told))).await
}
