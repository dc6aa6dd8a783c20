//! `PUT /projects/{code}/observations/{year}-{month}`: a department's system reports a month as a clerk would on the
//! page of the month. Evidence that is kept with the month stays.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongpin_console::scope::Scope;
use tongpin_console::web::api::Refusal;
use tongpin_domain::form::{Definition, Given};
use tongpin_domain::intake::{Problem, Words, written};
use tongpin_domain::moment::Moment;
use tongpin_domain::money::Amount;
use tongpin_domain::month::Month;
use tongpin_domain::number::Typed;
use tongpin_domain::observation::check::{self, Fault};
use tongpin_domain::observation::{Observation, Output};

use super::call::{Call, from_json};
use super::condition::Condition;
use super::idempotency::{Incoming, Request, Written};
use super::refused::{no_project, not_saved};
use super::typed::{MORE, problem, refused, text, text_of_added};
use super::write::scored;
use crate::app::App;
use crate::guidance::forms;
use crate::ops::months::{self, Report, ReportedProject, month_texts};
use crate::ops::saving::SaveError;
use crate::records;
use crate::records::kept_form::KeptForm;

/// A month as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    spent: Value,
    #[serde(default)]
    outputs: Vec<Reached>,
    #[serde(default)]
    note: String,
    /// What the city's form asks beside; a field that is not named stays as it is.
    #[serde(default)]
    more: Option<Map<String, Value>>,
    opening: Option<Value>,
}

/// What a line has reached, as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reached {
    seq: u32,
    value: Value,
}

const CONDITION: Condition = Condition {
    there: ("该月已填报；更正须带 If-Match", "the month is reported already; correct it with If-Match"),
    missing: ("该月还没有填报；首次填报须带 If-None-Match: *", "the month is not reported yet: send If-None-Match: *"),
    changed: (
        "项目或其按月填报已被修改，未保存；请重新读取后再写",
        "the project or its months were changed, nothing was saved; read them again, then write",
    ),
    unsaid: (
        "须带 If-Match: \"版本\"（更正）或 If-None-Match: *（首次填报该月）之一",
        "send either If-Match: \"version\" to correct or If-None-Match: * to report a month first",
    ),
};

/// Reports a month, or corrects it.
pub(super) async fn put(Path((code, month)): Path<(String, String)>, sent: Incoming) -> Result<Response, Refusal> {
    let request = sent.about(format!("{code}/{month}"), Scope::ObservationsWrite).await?;
    sent.once(&request, Box::pin(replace(&sent.call, &request, (&code, &month)))).await
}

async fn replace(call: &Call, request: &Request<'_>, (code, month): (&str, &str)) -> Result<Written, Refusal> {
    let (app, caller, now) = (&call.app, &call.caller, call.web.now());
    let Some(opened) = ReportedProject::read(app, code).await? else {
        let held = records::one(app.store(), code).await?.ok_or_else(|| no_project(code))?;
        return Err(not_saved(&SaveError::NotOurs(held.author)));
    };
    let month = begun(&opened, month, Month::of(now))?;
    let by = format!("令牌 {}", caller.name);
    let form = KeptForm::load(app.store(), Definition::of_months()).await?;
    let report = read(request.body, &opened, month, &form, (&by, now))?;
    let there = opened.at(month).is_some();
    let after = opened.with(&report);
    let settled = opened.settled(&after);
    let same = after == opened.observations
        && settled.is_some_and(|(project, lines)| project == opened.held.project && lines == opened.held.lines);
    // Whoever sends again what is there already has lost the answer, not the race.
    if !same {
        let version = CONDITION.version(request, &opened.version(), there)?;
        let spent = report.observation.spent.raw();
        let detail = format!("按月填报 {month}：支出 {spent} 元，期初 {} 元", report.opening.raw());
        let step = months::save(app, &version, &report);
        call.write(code, &detail, step).await.map_err(|error| not_saved(&error))?;
    }
    done(app, if there { StatusCode::OK } else { StatusCode::CREATED }, code, month).await
}

/// The month in the address, if it can be reported: of the project's year, and begun.
fn begun(opened: &ReportedProject, text: &str, now: Month) -> Result<Month, Refusal> {
    let year = opened.held.project.fiscal_year;
    let month = text.parse().ok().filter(|month: &Month| month.year() == year && *month <= now);
    month.ok_or_else(|| {
        let zh = format!("{year} 年度已开始的月份，如 {year}-01（现在是 {now}）");
        let en = format!("a month of {year} that has begun, such as {year}-01 (it is {now} now)");
        refused(&[problem(0, "month", &text, Words::new(zh, en))])
    })
}

/// Reads what was sent into a report, with the checks of the page.
fn read(
    bytes: &[u8],
    opened: &ReportedProject,
    month: Month,
    form: &KeptForm,
    (by, at): (&str, Moment),
) -> Result<Report, Refusal> {
    let body: Body = from_json(bytes)?;
    let mut problems: Vec<Problem> = Vec::new();
    let mut amount = |name: &str, value: &Value, check: fn(&Amount) -> Option<Fault>| {
        let read = text(value).map(|text| Amount::parse(text.trim()));
        let expected = match &read {
            Ok(amount) => check(amount).map(|fault| fault.expected()),
            Err(expected) => Some(expected.clone()),
        };
        problems.extend(expected.map(|expected| problem(0, name, value, expected)));
        read.unwrap_or_default()
    };
    let spent = amount("spent", &body.spent, check::amount);
    let opening = match &body.opening {
        Some(sent) => amount("opening", sent, check::opening),
        None => opened.opening().clone(),
    };
    if let Some(fault) = check::opening(&opening).filter(|_| body.opening.is_none()) {
        problems.push(problem(0, "opening", &opening.raw(), fault.expected()));
    }
    let note = body.note.replace("\r\n", "\n").trim().to_owned();
    problems.extend(check::note(&note, &spent).map(|fault| problem(0, "note", &note, fault.expected())));
    let outputs = outputs(&body.outputs, opened, &mut problems);
    let held = opened.at(month).map(|it| it.more.clone()).unwrap_or_default();
    let texts = month_texts(&opened.held.project, month.number(), &spent, &note);
    let sent = body.more.unwrap_or_default();
    let more = more(&sent, &held, (form, texts), &mut problems);
    let observation = Observation {
        project_code: opened.held.project.code.clone(),
        year: month.year(),
        month: month.number(),
        spent,
        outputs,
        note,
        more,
        evidence: opened.at(month).map(|it| it.evidence.clone()).unwrap_or_default(),
        reported_by: by.to_owned(),
        reported_at: at,
        changed_at: at,
    };
    let report = Report { opening, observation };
    if problems.is_empty()
        && let Some(fault) = check::total(&opened.with(&report))
    {
        problems.push(problem(0, "spent", &body.spent, fault.expected()));
    }
    if problems.is_empty() { Ok(report) } else { Err(refused(&problems)) }
}

/// What the city's form asks beside, as it is to be kept. `texts` is what the month says otherwise.
fn more(
    sent: &Map<String, Value>,
    held: &BTreeMap<String, Given>,
    (form, texts): (&KeptForm, BTreeMap<&'static str, String>),
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Given> {
    if !form.unknown().is_empty() {
        problems.push(problem(0, MORE, &"", forms::not_known(form.unknown())));
        return held.clone();
    }
    let asked = form.asked();
    let mut typed: BTreeMap<&str, String> = held.iter().map(|(name, given)| (name.as_str(), written(given))).collect();
    for (name, value) in sent {
        let known = asked.added().any(|field| field.name == *name);
        let words = || Words::new("上级表单增加的字段", "a field that the city's form adds");
        match text_of_added(value).and_then(|text| if known { Ok(text) } else { Err(words()) }) {
            Ok(text) => drop(typed.insert(name, text)),
            Err(expected) => problems.push(problem(0, name, value, expected)),
        }
    }
    typed.extend(texts);
    let judged = asked.judge(&typed.iter().map(|(name, text)| (*name, text.as_str())).collect());
    let found = |name: &str| typed.get(name).cloned().unwrap_or_default();
    problems.extend(judged.problems.into_iter().map(|(name, expected)| problem(0, &name, &found(&name), expected)));
    asked.kept(held, judged.more)
}

/// The values of the lines, by number; a blank is none.
fn outputs(sent: &[Reached], opened: &ReportedProject, problems: &mut Vec<Problem>) -> Vec<Output> {
    let mut values = BTreeMap::new();
    for (place, it) in (1..).zip(sent) {
        if !opened.held.lines.iter().any(|line| line.seq == it.seq) {
            let expected = Words::new("该项目已有的指标序号", "the number of a line of this project");
            problems.push(problem(place, "seq", &it.seq, expected));
        }
        let read = text(&it.value).map(|text| text.trim().to_owned());
        let fault = read.as_ref().ok().and_then(|text| check::value(text)).map(|fault| fault.expected());
        problems.extend(read.as_ref().err().cloned().or(fault).map(|it_is| problem(place, "value", &it.value, it_is)));
        if values.insert(it.seq, Typed::parse(&read.unwrap_or_default())).is_some() {
            problems.push(problem(place, "seq", &it.seq, Words::new("每行只写一次", "each line once")));
        }
    }
    let told = values.into_iter().filter(|(_, value)| !value.is_missing());
    told.map(|(seq, value)| Output { seq, value }).collect()
}

/// What the caller is told: the new version, and what the project says now.
async fn done(app: &App, status: StatusCode, code: &str, month: Month) -> Result<Written, Refusal> {
    let opened = ReportedProject::read(app, code).await?.ok_or_else(|| no_project(code))?;
    let version = opened.version();
    let score = scored(app, code).await?;
    let body = json!({
        "project_code": code,
        "month": month.to_string(),
        "version": version,
        "executed": opened.held.project.money.executed,
        "score": score,
    });
    Ok(Written { status, version, body })
}
