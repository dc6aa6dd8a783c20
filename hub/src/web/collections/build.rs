//! From the form to a collection: a template or an earlier collection with other dates and counties, or a table of
//! one's own making. What is wrong is told at its field.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tongpin_domain::collection::{Accepting, Collection, Field, FieldKind, Records};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

use super::form::Filled;
use crate::app::App;
use crate::failure::Failure;
use crate::ops::collections::compose::{Choices, Template, compose};
use crate::ops::collections::of_form;

/// How many filters and measures a table of one's own may have.
pub(super) const FILTERS: usize = 3;
pub(super) const MEASURES: usize = 8;
/// Ids that are addresses of pages.
const TAKEN: [&str; 2] = ["new", "draft"];

/// What a collection is made from.
#[derive(Debug, Clone)]
pub(super) enum Base {
    /// A template that comes with the program.
    Template(Template, Box<Collection>),
    /// One that was published before.
    Earlier(Box<Collection>),
    /// 按表单: all that a published form lets leave.
    Form(String, Box<Collection>),
    /// 自行设计
    Own,
}

/// What is wrong, by field; what concerns the whole form stands under an empty name.
pub(super) type Wrong = BTreeMap<String, String>;

impl Base {
    /// What the word in the address or form stands for: a template, `own`, or `from:` and an id.
    ///
    /// # Errors
    /// There is no such collection, or the database cannot be read.
    pub(super) async fn of_word(app: &App, word: &str) -> Result<Option<Self>, Failure> {
        if let Some(id) = word.strip_prefix("from:") {
            return Ok(Some(Self::Earlier(Box::new(app.collection(id).await?.collection))));
        }
        if let Some(code) = word.strip_prefix("form:") {
            let collection = of_form::usual(app, code, None).await?;
            return Ok(Some(Self::Form(code.to_owned(), Box::new(collection))));
        }
        match Template::of_word(word) {
            Some(template) => {
                let (name, text) = template.file();
                let collection = compose(name, text.as_bytes(), Choices::default(), |_| None)?;
                Ok(Some(Self::Template(template, Box::new(collection))))
            }
            None => Ok((word == "own").then_some(Self::Own)),
        }
    }

    /// The word again.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Template(template, _) => template.word().to_owned(),
            Self::Earlier(collection) => format!("from:{}", collection.id),
            Self::Form(code, _) => format!("form:{code}"),
            Self::Own => "own".to_owned(),
        }
    }

    /// The collection that it starts from.
    pub(super) fn collection(&self) -> Option<&Collection> {
        match self {
            Self::Template(_, collection) | Self::Earlier(collection) | Self::Form(_, collection) => Some(collection),
            Self::Own => None,
        }
    }
}

/// The collection that a form describes, or what is wrong with the form. `taken` are the periods of the collections
/// that are published, by id: this year's must not replace last year's.
pub(super) fn build(
    typed: &Filled,
    base: &Base,
    taken: &BTreeMap<String, String>,
    lang: Lang,
) -> Result<Collection, Wrong> {
    let mut wrong = Wrong::new();
    let (id, period) = (typed.text("id"), typed.text("period"));
    check_head(typed, base, taken, lang, &mut wrong);
    let audience = audience(typed, lang, &mut wrong);
    let smallest = typed.text("smallest").parse::<u64>().ok().filter(|smallest| (1..=10_000).contains(smallest));
    if smallest.is_none() {
        let said = lang.pick("应为 1 至 10000 的整数，一般填 1", "a whole number from 1 to 10000, mostly 1");
        wrong.insert("smallest".into(), said.into());
    }
    let mut body = match base.collection() {
        Some(collection) => match serde_json::to_value(collection) {
            Ok(Value::Object(body)) => body,
            _ => Map::new(),
        },
        None => own(typed, lang, &mut wrong),
    };
    for (name, value) in [
        ("id", json!(id)),
        ("title", json!(typed.text("title"))),
        ("period", json!(period)),
        ("due", json!(typed.text("due"))),
        ("audience", json!(audience)),
        ("smallest_group", json!(smallest)),
        ("accepting", json!(Accepting::of_word(typed.text("accepting")))),
    ] {
        body.insert(name.into(), value);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let read = serde_json::from_value::<Collection>(Value::Object(body));
    let collection = read.map_err(|_| {
        let said = lang.pick("应为实有的日期，写作 2026-03-31", "a day, written 2026-03-31");
        Wrong::from([("due".to_owned(), said.to_owned())])
    })?;
    let problems: Vec<String> = collection.check().iter().map(|problem| problem.say(lang)).collect();
    if problems.is_empty() { Ok(collection) } else { Err(Wrong::from([(String::new(), problems.join("\n"))])) }
}

fn check_head(typed: &Filled, base: &Base, taken: &BTreeMap<String, String>, lang: Lang, wrong: &mut Wrong) {
    let mut say = |field: &str, zh: String, en: &str| {
        wrong.entry(field.to_owned()).or_insert_with(|| lang.pick(&zh, en).to_owned());
    };
    let (id, period) = (typed.text("id"), typed.text("period"));
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.is_empty() || id.len() > 60 || !id.bytes().all(plain) || TAKEN.contains(&id) {
        say("id", "应为小写字母、数字和连字符，如 county-scores-2025".into(), "small letters, digits and hyphens");
    }
    if typed.text("title").is_empty() {
        say("title", "请填写任务名称，区县看到的就是它".into(), "give it a title: the counties read it");
    }
    let year = period.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    if year.is_none() {
        say("period", "应以四位预算年度开头，如 2025".into(), "begins with the budget year, such as 2025");
    }
    if typed.text("due").is_empty() {
        say("due", "请填写截止日期，如 2026-03-31".into(), "give the due day, such as 2026-03-31");
    }
    match (taken.get(id), base) {
        (Some(_), Base::Own) => say("id", format!("代号 {id} 已用于另一任务，请换一个"), "taken; choose another"),
        (Some(other), _) if other != period => say(
            "id",
            format!("代号 {id} 已用于期间 {other}，请换一个，如 {id}-{period}，以免覆盖"),
            "taken by another period; choose another",
        ),
        _ => {}
    }
}

fn audience(typed: &Filled, lang: Lang, wrong: &mut Wrong) -> Vec<RegionCode> {
    if typed.text("scope") != "some" {
        return Vec::new();
    }
    let chosen: Vec<RegionCode> = typed.all("to").iter().filter_map(|code| RegionCode::new(code).ok()).collect();
    if chosen.is_empty() {
        let said = lang.pick("请勾选至少一个单位，或改选“全部区县”", "choose at least one, or ask all");
        wrong.insert("scope".into(), said.into());
    }
    chosen
}

/// A table of one's own making.
fn own(typed: &Filled, lang: Lang, wrong: &mut Wrong) -> Map<String, Value> {
    let records = if typed.text("records") == "indicators" { Records::Indicators } else { Records::Projects };
    let known = |name: &&String| Field::find(records, name).is_some();
    let groups: Vec<&String> = typed.all("group").iter().filter(known).collect();
    let filters: Vec<Value> = (1..=FILTERS).filter_map(|at| filter(typed, at, lang, wrong)).collect();
    let measures: Vec<Value> = (1..=MEASURES).filter_map(|at| measure(typed, records, at, lang, wrong)).collect();
    if measures.is_empty() {
        let said = lang.pick("请至少填写一个要上报的数", "ask for one measure at least");
        wrong.entry("measure_1".into()).or_insert_with(|| said.into());
    }
    let table = json!({
        "id": "own", "title": typed.text("table_title"), "records": records, "filter": filters,
        "group_by": groups, "measures": measures,
    });
    let body = json!({ "method": typed.text("method"), "tables": [table] });
    if let Value::Object(body) = body { body } else { Map::new() }
}

/// One condition of which records are asked; an empty field is none.
fn filter(typed: &Filled, at: usize, lang: Lang, wrong: &mut Wrong) -> Option<Value> {
    let field = typed.text(&format!("filter_field_{at}"));
    let value = typed.text(&format!("filter_value_{at}"));
    let name = format!("filter_value_{at}");
    if field.is_empty() {
        return None;
    }
    let test = typed.text(&format!("filter_test_{at}"));
    let needs = !matches!(test, "present" | "absent");
    let number = matches!(test, "at_least" | "below");
    if needs && value.is_empty() {
        wrong.insert(name, lang.pick("请填写比较的值", "give the value to compare with").into());
        return None;
    }
    if number && value.parse::<rust_decimal::Decimal>().is_err() {
        wrong.insert(name, lang.pick("应为数，如 60", "a number, such as 60").into());
        return None;
    }
    let words: Vec<&str> = value.split(['、', ',', '，']).map(str::trim).filter(|word| !word.is_empty()).collect();
    Some(match test {
        "present" => json!({ "field": field, "present": true }),
        "absent" => json!({ "field": field, "present": false }),
        "is_not" => json!({ "field": field, "is_not": value }),
        "one_of" => json!({ "field": field, "one_of": words }),
        "at_least" => json!({ "field": field, "at_least": value }),
        "below" => json!({ "field": field, "below": value }),
        _ => json!({ "field": field, "is": value }),
    })
}

/// One measure; a row without a kind is none.
fn measure(typed: &Filled, records: Records, at: usize, lang: Lang, wrong: &mut Wrong) -> Option<Value> {
    let of = |part: &str| typed.text(&format!("{part}_{at}")).to_owned();
    let (title, kind, field) = (of("measure"), of("kind"), of("field"));
    if kind.is_empty() && title.is_empty() {
        return None;
    }
    let mut refuse = |zh: &str, en: &str| {
        wrong.insert(format!("measure_{at}"), lang.pick(zh, en).to_owned());
        None
    };
    if kind.is_empty() {
        return refuse("请选择怎样汇总", "choose how it is computed");
    }
    if title.is_empty() {
        return refuse("请填写名称", "give it a name");
    }
    if field.is_empty() && kind != "count" {
        return refuse("请选择哪个字段", "choose the field");
    }
    let mut body = json!({ "id": format!("m{at}"), "title": title, "kind": kind });
    if !field.is_empty() {
        body["field"] = json!(field);
    }
    if kind == "weighted" {
        let by = of("by");
        body["by"] = json!(if by.is_empty() { "budget_fen".to_owned() } else { by });
    }
    if kind == "histogram" {
        let edges = of("edges");
        let edges: Vec<&str> = edges.split(['、', ',', '，', ' ']).filter(|edge| !edge.is_empty()).collect();
        if edges.is_empty() || edges.iter().any(|edge| edge.parse::<rust_decimal::Decimal>().is_err()) {
            return refuse("分布要写分界点，从小到大，如 60、80、90", "give ascending edges, such as 60, 80, 90");
        }
        body["edges"] = json!(edges);
    }
    let only = only(&of("only"), records);
    if !only.is_empty() {
        body["where"] = Value::Array(only);
    }
    Some(body)
}

/// Of which records a measure is, in the few ways that are asked for; other conditions are for the whole table.
fn only(word: &str, records: Records) -> Vec<Value> {
    let status = if records == Records::Projects { "status" } else { "project_status" };
    match word {
        "scored" => vec![json!({ "field": status, "is": "SCORED" })],
        "sound" => vec![json!({ "field": status, "is_not": "DATA_ERROR" })],
        "money" => vec![
            json!({ "field": status, "is_not": "DATA_ERROR" }),
            json!({ "field": "budget_fen", "present": true }),
            json!({ "field": "executed_fen", "present": true }),
        ],
        _ => Vec::new(),
    }
}

/// The fields that a form offers, as they are sent and shown: of one kind of content, or all.
pub(super) fn fields(of: Option<FieldKind>, lang: Lang) -> Vec<(String, String)> {
    use tongpin_domain::collection::FIELDS;
    let wanted = FIELDS.iter().filter(|field| of.is_none_or(|of| field.kind == of));
    let shown = |field: &Field| {
        let only = match (field.is_of(Records::Projects), field.is_of(Records::Indicators)) {
            (true, false) => lang.pick("（项目）", " (projects)"),
            (false, true) => lang.pick("（指标）", " (indicators)"),
            _ => "",
        };
        (field.name.to_owned(), format!("{}{only}", field.say(lang)))
    };
    wanted.map(shown).collect()
}
