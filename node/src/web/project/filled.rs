//! A project as its form has it: what was typed and what is held, drawn by the form, and read as a file of one row is.

use std::collections::BTreeMap;

use serde_json::Value;
use tongpin_console::web::kit::{FormView, Note, NoteTone};
use tongpin_domain::form::{Definition, Fault, Given, Values};
use tongpin_domain::intake::{Problem, Table, TableRow, written};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::number::half_width;
use tongpin_domain::project::Project;

use crate::ops::forms::Checked;
use crate::records::kept_form::KeptForm;
use crate::web::forms::view;

/// What is given, by field.
pub(super) type Filled = BTreeMap<String, Given>;

/// A project as it is held.
pub(super) fn of(project: &Project) -> Filled {
    // A record is an object of texts, but for the year and a township that is missing.
    let record = serde_json::to_value(project).unwrap_or_default();
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(Given::One(text.clone())),
        Value::Number(number) => Some(Given::One(number.to_string())),
        _ => None,
    };
    let own = record.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), text(value)?)));
    own.chain(project.more.clone()).collect()
}

/// What was given for a field as text; blank for nothing.
pub(super) fn text(filled: &Filled, name: &str) -> String {
    filled.get(name).map(written).unwrap_or_default()
}

/// Sets what is blank.
pub(super) fn fill(filled: &mut Filled, name: &str, value: &str) {
    if text(filled, name).trim().is_empty() && !value.is_empty() {
        filled.insert(name.to_owned(), Given::One(value.to_owned()));
    }
}

/// The fields that differ, as they are called.
pub(super) fn differing(form: &Definition, before: &Filled, after: &Filled) -> Vec<String> {
    let differs = |name: &str| text(before, name).trim() != text(after, name).trim();
    form.fields.iter().filter(|field| differs(&field.name)).map(|field| field.title.clone()).collect()
}

/// A file of this one project: the checks of files are those of the page.
pub(super) fn table(form: &Definition, filled: &Filled) -> Table {
    let header: Vec<String> = form.file_columns().map(|column| column.field.name.clone()).collect();
    let cells = header.iter().map(|name| text(filled, name)).collect();
    Table { name: String::new(), header, rows: vec![TableRow { line: 2, cells }] }
}

/// What a file says is wrong or doubtful, at its fields.
pub(super) fn notes(problems: &[Problem], tone: NoteTone, lang: Lang) -> Vec<Note> {
    let note = |problem: &Problem| {
        let expected = problem.expected.say(lang);
        let text = lang.pick(&format!("应为：{expected}"), &format!("expected: {expected}")).to_owned();
        Note { place: problem.column.clone(), tone, text }
    };
    problems.iter().map(note).collect()
}

/// The project as it is drawn: with what follows from it, and at its place what cannot be read.
pub(super) fn drawn<'a>(form: &'a KeptForm, filled: &'a Filled, about: String, lang: Lang) -> FormView<'a> {
    let definition = form.definition();
    let known = filled.iter().filter(|(name, _)| definition.field(name).is_some());
    let known: Filled = known.map(|(name, given)| (name.clone(), given.clone())).collect();
    let year = half_width(text(filled, "fiscal_year").trim()).parse().ok();
    let mut checked = Checked::of(definition, &known, &known, Values::new(), &form.facts().of_year(year));
    // Another word than those that are offered is doubtful at most: a file may have brought it.
    let is_word = |fault: &Fault| matches!(fault, Fault::NotAChoice { .. } | Fault::RetiredChoice { .. });
    checked.reading.problems.retain(|problem| !is_word(&problem.fault));
    view::view(definition, filled, &checked, about, lang)
}
