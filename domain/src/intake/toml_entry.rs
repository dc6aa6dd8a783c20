//! Intake of entries that are too deep for a table: rule sets and collections, one TOML file each.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::read::decode;
use super::{DraftEntry, Intake, Problem, Words};
use crate::catalog::Audience;
use crate::collection::{Collection, CollectionProblem};
use crate::form::Definition;
use crate::lang::{Lang, Say};
use crate::level;
use crate::reading;
use crate::rules::RuleSet;

/// Reads one entry from a TOML file called `name`. Its key is the value of `name` in a rule set, of `id` in a
/// collection, and of the first of `id`, `code`, `name` elsewhere. A text `audience` (`*`, `-` or a division code) says
/// whom the entry is for; everyone without it.
#[must_use]
pub fn entry_from_toml(catalog: &str, name: &str, bytes: &[u8]) -> Intake<DraftEntry> {
    match read(catalog, name, bytes) {
        Ok(entry) => Intake { accepted: vec![(1, entry)], ..Intake::default() },
        Err(problem) => Intake::refused(vec![*problem]),
    }
}

/// An entry as the TOML that [`entry_from_toml`] reads, for a person to change; `None` if its body is no JSON object.
/// Comments are not kept with an entry, so there are none.
#[must_use]
pub fn entry_to_toml(audience: &Audience, body: &str) -> Option<String> {
    let body: Map<String, Value> = serde_json::from_str(body).ok()?;
    let stated = *audience != Audience::Everyone && !body.contains_key("audience");
    let mut table: toml::Table = body.into_iter().filter_map(|(key, value)| Some((key, toml_value(value)?))).collect();
    if stated {
        table.insert("audience".to_owned(), toml::Value::from(audience.to_string()));
    }
    toml::to_string_pretty(&table).ok()
}

fn read(catalog: &str, name: &str, bytes: &[u8]) -> Result<DraftEntry, Box<Problem>> {
    let problem = |line: u64, column: &str, found: &str, expected: Words| {
        let (file, column, found) = (name.to_owned(), column.to_owned(), found.to_owned());
        Box::new(Problem { file, line, column, found, expected })
    };
    let text = decode(name, bytes).map_err(|error| {
        let (zh, en) = (error.say(Lang::Zh), error.say(Lang::En));
        problem(0, "", "", Words::new(format!("TOML 文本（{zh}）"), format!("TOML text ({en})")))
    })?;
    let table: toml::Table = parsed(&text, "合法的 TOML", "valid TOML").map_err(|(line, expected)| {
        let found = usize::try_from(line).ok().and_then(|line| text.lines().nth(line.saturating_sub(1)));
        problem(line, "", found.unwrap_or_default(), expected)
    })?;
    let mut body: Map<String, Value> = table.into_iter().map(|(key, value)| (key, json(value))).collect();

    let key_field = key_field(catalog, &body);
    let key = body.get(key_field).and_then(Value::as_str).unwrap_or_default().to_owned();
    if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') {
        let expected = Words::new("不含空格和斜杠的编码", "a code without blanks and slashes");
        return Err(problem(0, key_field, &key, expected));
    }
    let audience = match body.get("audience") {
        Some(Value::String(stated)) => {
            let expected = || Words::new("*、- 或区划代码", "*, - or a division code");
            let read = Audience::try_from(stated.clone());
            let audience = read.map_err(|_| problem(0, "audience", stated, expected()))?;
            body.remove("audience");
            audience
        }
        // A collection lists the regions it asks; the entry itself is for everyone to read.
        _ => Audience::Everyone,
    };
    let body = Value::Object(body).to_string();
    validated(catalog, &text, &body).map_err(|(line, expected)| problem(line, "", &key, expected))?;
    Ok(DraftEntry { key, audience, body })
}

fn key_field(catalog: &str, body: &Map<String, Value>) -> &'static str {
    match catalog {
        "rules" => "name",
        "collections" => "id",
        crate::form::FORMS => "code",
        _ => ["id", "code", "name"].into_iter().find(|field| body.contains_key(*field)).unwrap_or("id"),
    }
}

/// Lets the type of the catalog's entries read the file, for a message that names the line, and then the body that
/// will be published.
fn validated(catalog: &str, text: &str, body: &str) -> Result<(), (u64, Words)> {
    match catalog {
        "rules" => {
            let (zh, en) = ("可用的规则", "a usable rule set");
            parsed::<RuleSet>(text, zh, en)?;
            let checked = RuleSet::drafted(body).map(drop);
            checked.map_err(|error| (0, because(zh, en, |lang| error.say(lang))))
        }
        "collections" => {
            let (zh, en) = ("可用的归集任务", "a usable collection");
            parsed::<Collection>(text, zh, en)?;
            let published = reading::read::<Collection>(body);
            let published = published.map_err(|error| (0, because(zh, en, |_| error.to_string())))?;
            let mut problems = published.value.check();
            problems.extend(published.unknown.into_iter().map(CollectionProblem::Unknown));
            let all = |lang: Lang| problems.iter().map(|problem| problem.say(lang)).collect::<Vec<_>>().join("; ");
            if problems.is_empty() { Ok(()) } else { Err((0, because(zh, en, all))) }
        }
        crate::form::FORMS => {
            let (zh, en) = ("可用的表单", "a usable form");
            parsed::<Definition>(text, zh, en)?;
            form_problems(body).map_err(|why| (0, because(zh, en, |lang| lang.pick(&why.zh, &why.en).to_owned())))
        }
        "indicators" => {
            let table: toml::Table = parsed(text, "合法的 TOML", "valid TOML")?;
            let word = |name: &str| table.get(name).and_then(toml::Value::as_str).unwrap_or_default();
            level::misplaced(word("level1"), word("level2")).map_or(Ok(()), |expected| Err((0, expected)))
        }
        _ => Ok(()),
    }
}

/// What keeps a form from being published: everything at once, each at its place.
fn form_problems(body: &str) -> Result<(), Words> {
    let problems = match Definition::drafted(body) {
        Ok((_, problems)) => problems,
        Err(error) => return Err(Words::new(error.to_string(), error.to_string())),
    };
    if problems.is_empty() {
        return Ok(());
    }
    let all = |lang: Lang| problems.iter().map(|problem| problem.say(lang)).collect::<Vec<_>>();
    Err(Words::new(all(Lang::Zh).join("；"), all(Lang::En).join("; ")))
}

/// A form that was read from a workbook, as an entry of its catalog.
///
/// # Errors
/// Everything that keeps it from being published, named by the file.
pub fn entry_of_form(file: &str, definition: &Definition) -> Result<DraftEntry, Vec<Problem>> {
    let problem = |column: &str, expected| Problem {
        file: file.to_owned(),
        line: 0,
        column: column.to_owned(),
        found: String::new(),
        expected,
    };
    let body = serde_json::to_string(definition)
        .map_err(|error| vec![problem("", Words::new(error.to_string(), error.to_string()))])?;
    let told: Vec<Problem> = definition
        .check()
        .into_iter()
        .map(|wrong| problem(&wrong.place, Words::new(wrong.say(Lang::Zh), wrong.say(Lang::En))))
        .collect();
    if told.is_empty() {
        Ok(DraftEntry { key: definition.code.clone(), audience: Audience::Everyone, body })
    } else {
        Err(told)
    }
}

/// Reads TOML as a type, or says on which line it is not what was expected, and why.
fn parsed<T: DeserializeOwned>(text: &str, zh: &str, en: &str) -> Result<T, (u64, Words)> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = 1 + before.matches('\n').count() as u64;
        (line, because(zh, en, |_| error.message().trim().to_owned()))
    })
}

fn because(zh: &str, en: &str, why: impl Fn(Lang) -> String) -> Words {
    Words::new(format!("{zh}（{}）", why(Lang::Zh)), format!("{en} ({})", why(Lang::En)))
}

/// The same value in JSON; days and times become text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::from(flag),
        toml::Value::Datetime(moment) => Value::from(moment.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect()),
    }
}

/// The same value in TOML, which has no word for nothing.
fn toml_value(value: Value) -> Option<toml::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => toml::Value::Boolean(flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => toml::Value::Integer(whole),
            None => toml::Value::Float(number.as_f64()?),
        },
        Value::String(text) => toml::Value::String(text),
        Value::Array(values) => toml::Value::Array(values.into_iter().filter_map(toml_value).collect()),
        Value::Object(map) => {
            toml::Value::Table(map.into_iter().filter_map(|(key, value)| Some((key, toml_value(value)?))).collect())
        }
    })
}
