//! What was written, as each of the ways says it: a page in its own inputs, a sheet in its cells, a system in JSON; and
//! what the evaluator is given. The unit of a sheet stands above it, a system writes yuan: that difference is made
//! here.

use std::collections::BTreeMap;

use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet};
use serde_json::{Map, Value, json};
use tongpin_domain::form::{Definition, Field, Given, GivenRow, Kind, MoneyUnit};

use super::drafts::{Entries, Entry, ROWS, Table};

/// An amount as it is meant by whoever writes it on a sheet in 万元: a number without a unit is so many 万元.
fn in_yuan(definition: &Definition, text: &str) -> String {
    let bare = !text.trim().is_empty() && !text.contains(['元', '万', '亿', '千', '百']);
    if definition.layout.money == MoneyUnit::Wan && bare { format!("{}万元", text.trim()) } else { text.to_owned() }
}

fn is_blank(entry: &Entry) -> bool {
    match entry {
        Entry::Text(text) => text.trim().is_empty(),
        Entry::Choices(all) => all.is_empty(),
        Entry::Flag(_) => false,
    }
}

fn codes(field: &Field, all: &[usize]) -> Vec<String> {
    all.iter().filter_map(|at| Some(field.choices.get(*at)?.code.clone())).collect()
}

/// As the evaluator is given it; nothing for a blank.
fn given(definition: &Definition, field: &Field, entry: &Entry) -> Option<Given> {
    (!is_blank(entry)).then(|| match (entry, &field.kind) {
        (Entry::Text(text), Kind::AnyOf) => Given::Several(vec![text.clone()]),
        (Entry::Text(text), Kind::Money) => Given::One(in_yuan(definition, text)),
        (Entry::Text(text), _) => Given::One(text.clone()),
        (Entry::Choices(all), Kind::AnyOf) => Given::Several(codes(field, all)),
        (Entry::Choices(all), _) => Given::One(codes(field, all).concat()),
        (Entry::Flag(yes), _) => Given::One(if *yes { "yes" } else { "no" }.to_owned()),
    })
}

/// What a document holds once entries are made in it.
pub(super) fn changed(
    definition: &Definition,
    held: &BTreeMap<String, Given>,
    entries: &Entries,
) -> BTreeMap<String, Given> {
    let mut all = held.clone();
    for (name, entry) in entries {
        let field = definition.field(name).expect("it was drawn");
        match given(definition, field, entry) {
            Some(given) => drop(all.insert(name.clone(), given)),
            None => drop(all.remove(name)),
        }
    }
    all
}

/// The rows that a document holds.
pub(super) fn rows_of(given: &BTreeMap<String, Given>) -> &[GivenRow] {
    if let Some(Given::Rows(rows)) = given.get(ROWS) { rows } else { &[] }
}

/// A row once entries are made in it.
pub(super) fn row(definition: &Definition, before: GivenRow, entries: &Entries) -> GivenRow {
    let rows = definition.field(ROWS).expect("each form has one");
    let mut row = before;
    for (name, entry) in entries {
        let field = rows.fields.iter().find(|field| field.name == *name).expect("it was drawn");
        match given(definition, field, entry) {
            Some(Given::One(text)) => drop(row.cells.insert(name.clone(), text)),
            _ => drop(row.cells.remove(name)),
        }
    }
    row
}

/// The number of the next new row.
pub(super) fn next(held: &[GivenRow]) -> u32 {
    next_of(held.iter().map(|row| row.id.as_str()))
}

/// The same by the ids that there are: one above the highest.
pub(super) fn next_of<'a>(ids: impl Iterator<Item = &'a str>) -> u32 {
    ids.filter_map(|id| id.strip_prefix('n')?.parse::<u32>().ok()).max().unwrap_or_default() + 1
}

/// The rows once a table is changed. The new ones are numbered on from the highest `n` that there is.
pub(super) fn table(definition: &Definition, held: &[GivenRow], table: &Table) -> Vec<GivenRow> {
    let kept = held.iter().enumerate().filter(|(at, _)| !table.gone.contains(at));
    let none = Entries::new();
    let mut rows: Vec<GivenRow> =
        kept.map(|(at, held)| row(definition, held.clone(), table.changed.get(&at).unwrap_or(&none))).collect();
    let mut next = next(held);
    for entries in &table.new {
        let made = row(definition, GivenRow { id: format!("n{next}"), ..GivenRow::default() }, entries);
        next += u32::from(!made.cells.is_empty());
        rows.push(made);
    }
    rows.retain(|row| !row.cells.is_empty());
    rows
}

/// As a page posts it: what is chosen by its code, everything else as it is typed.
pub(super) fn posted(field: &Field, entry: &Entry) -> Vec<String> {
    match entry {
        Entry::Text(text) => vec![text.clone()],
        // A blank goes with boxes, so that none checked is told from not asked.
        Entry::Choices(all) if field.kind == Kind::AnyOf => [vec![String::new()], codes(field, all)].concat(),
        Entry::Choices(all) => codes(field, all),
        Entry::Flag(yes) => vec![if *yes { "yes" } else { "no" }.to_owned()],
    }
}

/// As a system sends it: numbers as numbers where JSON keeps them, amounts in yuan.
pub(super) fn sent(definition: &Definition, field: &Field, entry: &Entry) -> Value {
    match entry {
        Entry::Text(text) if field.kind.is_number() => {
            let text = if field.kind == Kind::Money { in_yuan(definition, text) } else { text.clone() };
            // What JSON would write with an exponent is sent as text.
            let number = plain(&text).map(|number| json!(number)).filter(|number| !number.to_string().contains('e'));
            number.unwrap_or_else(|| json!(text))
        }
        Entry::Text(text) => json!(text),
        Entry::Choices(all) if field.kind == Kind::AnyOf => json!(codes(field, all)),
        Entry::Choices(all) => json!(codes(field, all).concat()),
        Entry::Flag(yes) => json!(yes),
    }
}

/// Entries as the cells of a row that a system sends.
pub(super) fn sent_cells(definition: &Definition, entries: &Entries) -> Map<String, Value> {
    let rows = definition.field(ROWS).expect("each form has one");
    let fields = rows.fields.iter().filter_map(|field| Some((field, entries.get(&field.name)?)));
    fields.map(|(field, entry)| (field.name.clone(), sent(definition, field, entry))).collect()
}

/// A number that is written in no way but the plain one, and has no more digits than are exact.
fn plain(text: &str) -> Option<f64> {
    let plain = text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    text.parse().ok().filter(|_| plain)
}

/// Writes it into a cell as a spreadsheet keeps what is typed: a number as one, `45%` as a shown 0.45, a day and a
/// month as days, a line broken its way.
pub(super) fn write(page: &mut Worksheet, (row, column): (u32, u16), field: &Field, entry: &Entry) {
    let texts = |all: &[usize]| {
        let texts = all.iter().filter_map(|at| Some(field.choices.get(*at)?.text.clone()));
        texts.collect::<Vec<_>>().join("、")
    };
    let text = match entry {
        Entry::Text(text) => text.replace("\r\n", "\n"),
        Entry::Choices(all) => texts(all),
        Entry::Flag(yes) => if *yes { "是" } else { "否" }.to_owned(),
    };
    let percent = text.strip_suffix('%').and_then(plain).filter(|_| field.kind == Kind::Percent);
    let day = match field.kind {
        Kind::Day => ExcelDateTime::parse_from_str(&text).ok().filter(|_| text.len() == 10),
        Kind::Month if text.len() == 7 => ExcelDateTime::parse_from_str(&format!("{text}-01")).ok(),
        _ => None,
    };
    let written = if let Some(day) = day {
        page.write_datetime_with_format(row, column, day, &Format::new().set_num_format("yyyy-mm-dd"))
    } else if let Some(number) = percent {
        page.write_number_with_format(row, column, number / 100.0, &Format::new().set_num_format("0.00%"))
    } else if let Some(number) = plain(&text).filter(|_| field.kind.is_number()) {
        page.write_number(row, column, number)
    } else {
        page.write_string(row, column, text)
    };
    written.expect("it fits a cell");
}
