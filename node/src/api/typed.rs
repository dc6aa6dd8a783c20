//! What a system sent, checked as a file to import is: it becomes a table of text with the same columns, and the same
//! intake reads it. A field that no column has is a problem, not something to pass over.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tongpin_console::web::api::Refusal;
use tongpin_domain::form::Given;
use tongpin_domain::intake::{Problem, Table, TableRow, Words, written};
use tongpin_domain::number::Typed;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::{RegionCode, Regions};

use super::call::from_json;
use crate::records::HeldProject;
use crate::records::kept_form::{KeptForm, RecordForms};
use crate::sheets::catalog_check::CatalogCheck;
use crate::sheets::entry::Bounds;
use crate::sheets::entry::months::{Months, keep_actuals};

/// Where the fields stand that the city's form adds.
pub(super) const MORE: &str = "more";
/// The digits that a JSON number may have: beyond them reading it may change it.
const EXACT_DIGITS: usize = 15;

/// A project as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    project: Map<String, Value>,
    lines: Vec<Map<String, Value>>,
}

/// A project that can be saved.
pub(super) struct Whole {
    pub(super) project: Project,
    pub(super) lines: Vec<ProjectIndicator>,
    pub(super) warnings: Value,
}

/// The actual of one line as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentActual {
    seq: u32,
    actual: Value,
    deviation_reason: Option<String>,
}

/// Reads a project and all its lines.
pub(super) fn whole(
    bytes: &[u8],
    code: &str,
    own: &RegionCode,
    regions: &Regions,
    held: Option<&HeldProject>,
    (months, forms): (&Months, &RecordForms),
    known: &CatalogCheck,
) -> Result<Whole, Refusal> {
    let body: Body = from_json(bytes)?;
    let mut problems = Vec::new();
    let of_project = |_: &Map<String, Value>| held.map(|held| &held.project.more);
    let sent = std::slice::from_ref(&body.project);
    let project = table(sent, &forms.projects, (0, code), of_project, &mut problems);
    let of_line = |sent: &Map<String, Value>| {
        let seq = text(sent.get("seq")?).ok();
        let line = held?.lines.iter().find(|line| seq.as_deref() == Some(line.seq.to_string().as_str()));
        line.map(|line| &line.more)
    };
    let lines = table(&body.lines, &forms.lines, (1, code), of_line, &mut problems);
    let held = held.map_or(&[][..], std::slice::from_ref);
    let bounds = Bounds { own, regions, held, months, forms };
    let entered = bounds.projects(&project);
    let mut read = bounds.lines(&lines, &BTreeSet::from([code.to_owned()]));
    keep_actuals(&lines, &mut read, held, months);
    problems.extend(entered.problems);
    problems.extend(read.problems);
    if !problems.is_empty() {
        return Err(refused(&problems));
    }
    let body = entered.rows.into_iter().next().and_then(|row| row.body).unwrap_or_default();
    let project: Project = from_json(body.as_bytes())?;
    let mut warnings = entered.warnings;
    // That there are no lines is said by sending none.
    warnings.extend(read.warnings.into_iter().filter(|_| !read.accepted.is_empty()));
    warnings.extend(known.of_whole(&project, &read.accepted));
    let mut lines: Vec<ProjectIndicator> = read.accepted.into_iter().map(|(_, line)| line).collect();
    lines.sort_by_key(|line| line.seq);
    Ok(Whole { project, lines, warnings: told(&warnings) })
}

/// The lines with the actuals that were sent put in.
pub(super) fn with_actuals(bytes: &[u8], held: &[ProjectIndicator]) -> Result<Vec<ProjectIndicator>, Refusal> {
    let sent: Vec<SentActual> = from_json(bytes)?;
    let mut problems = Vec::new();
    let (mut lines, mut seen) = (held.to_vec(), BTreeSet::new());
    for (place, actual) in (1..).zip(&sent) {
        let text = text(&actual.actual);
        if !seen.insert(actual.seq) {
            problems.push(problem(place, "seq", &actual.seq, Words::new("每行只写一次", "each line once")));
        }
        let Some(line) = lines.iter_mut().find(|line| line.seq == actual.seq) else {
            let expected = Words::new("该项目已有的指标序号", "the number of a line of this project");
            problems.push(problem(place, "seq", &actual.seq, expected));
            continue;
        };
        match text {
            Ok(text) => line.actual = Typed::parse(&text),
            Err(expected) => problems.push(problem(place, "actual", &actual.actual, expected)),
        }
        if let Some(reason) = &actual.deviation_reason {
            line.deviation_reason.clone_from(reason);
        }
    }
    if sent.is_empty() {
        let expected = Words::new("至少一行完成值", "the actual of one line at least");
        problems.push(problem(0, "", &"", expected));
    }
    if problems.is_empty() { Ok(lines) } else { Err(refused(&problems)) }
}

/// Objects as rows under the columns of a file. The project's code may be left out: it stands in the address. What the
/// city's form asks beside stands in `more`; a field that is not named there is as it is `held` of the same object.
fn table<'h>(
    objects: &[Map<String, Value>],
    form: &KeptForm,
    (first, code): (u64, &str),
    held: impl Fn(&Map<String, Value>) -> Option<&'h BTreeMap<String, Given>>,
    problems: &mut Vec<Problem>,
) -> Table {
    let shipped = form.definition().shipped().unwrap_or(form.definition());
    let own: Vec<&str> = shipped.file_columns().map(|column| column.field.name.as_str()).collect();
    let asked = form.asked();
    let added: Vec<&str> = asked.added().map(|field| field.name.as_str()).collect();
    let mut rows = Vec::new();
    for (line, object) in (first..).zip(objects) {
        let nothing = Map::new();
        let more = match object.get(MORE) {
            None | Some(Value::Null) => &nothing,
            Some(Value::Object(more)) => more,
            Some(other) => {
                let expected = Words::new("各字段的值", "the values of fields");
                problems.push(problem(line, MORE, other, expected));
                &nothing
            }
        };
        for (name, value) in more.iter().filter(|(name, _)| !added.contains(&name.as_str())) {
            let expected = Words::new("上级表单增加的字段", "a field that the city's form adds");
            problems.push(problem(line, name, value, expected));
        }
        for (name, value) in object.iter().filter(|(name, _)| *name != MORE) {
            if !own.contains(&name.as_str()) {
                let expected = Words::new("接口说明中列出的字段", "one of the fields that /api lists");
                problems.push(problem(line, name, value, expected));
            } else if name == "project_code" && !value.is_null() && value.as_str() != Some(code) {
                let expected =
                    Words::new(format!("与网址中相同的 {code}，或不写"), format!("{code} as in the address"));
                problems.push(problem(line, name, value, expected));
            }
        }
        let mut told = |name: &str, value: &Value, read: Result<String, Words>| {
            read.unwrap_or_else(|expected| {
                problems.push(problem(line, name, value, expected));
                String::new()
            })
        };
        let held = held(object);
        let mut cells: Vec<String> = Vec::new();
        for name in &own {
            cells.push(match object.get(*name) {
                None | Some(Value::Null) if *name == "project_code" => code.to_owned(),
                None => String::new(),
                Some(value) => told(name, value, text(value)),
            });
        }
        for name in &added {
            cells.push(match more.get(*name) {
                None => held.and_then(|held| held.get(*name)).map(written).unwrap_or_default(),
                Some(value) => told(name, value, text_of_added(value)),
            });
        }
        rows.push(TableRow { line, cells });
    }
    let header = own.iter().chain(&added).map(|name| (*name).to_owned()).collect();
    Table { name: String::new(), header, rows }
}

/// A value of a field that the city's form adds: choices may be several, one after the other.
pub(super) fn text_of_added(value: &Value) -> Result<String, Words> {
    match value {
        Value::Bool(yes) => Ok(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Array(several) if several.iter().all(Value::is_string) => {
            Ok(several.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("、"))
        }
        other => text(other),
    }
}

/// A value as the text that a cell of a file would hold.
pub(super) fn text(value: &Value) -> Result<String, Words> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Bool(yes) => Ok(if *yes { "1" } else { "0" }.to_owned()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => {
            let text = number.to_string();
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
            if number.is_f64() && (digits > EXACT_DIGITS || !plain) {
                let zh = "写成文本的数，如 \"1234567890123.45\"（JSON 数字位数过多会失真）";
                return Err(Words::new(zh, "the number as text: so many digits are not exact as a JSON number"));
            }
            Ok(text)
        }
        Value::Array(_) | Value::Object(_) => {
            Err(Words::new("文本、数字、true、false 或 null", "a text, number or null"))
        }
    }
}

pub(super) fn problem(line: u64, field: &str, found: &impl ToString, expected: Words) -> Problem {
    Problem { file: String::new(), line, column: field.to_owned(), found: found.to_string(), expected }
}

fn told(problems: &[Problem]) -> Value {
    let one = |it: &Problem| {
        json!({
            "field": it.column,
            "line": if it.line == 0 { Value::Null } else { it.line.into() },
            "found": it.found,
            "expected_zh": it.expected.zh,
            "expected_en": it.expected.en,
        })
    };
    problems.iter().map(one).collect()
}

pub(super) fn refused(problems: &[Problem]) -> Refusal {
    let zh = format!("有 {} 处须更正，未保存；见 problems", problems.len());
    let en = format!("{} problems, nothing was saved; see problems", problems.len());
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "problems", zh, en).with("problems", told(problems))
}
