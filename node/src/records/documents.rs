//! 单据 as collections see them: of the documents that have passed their last level, the fields that their form lets
//! leave, read from the tables of the form and from nothing else.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tongpin_domain::collection::{Cell, FormField, FormSource, Row, Table};
use tongpin_domain::form::{Definition, Field, Kind, SubjectOf, Value};
use tongpin_domain::partial;
use tongpin_store::{FormFilter, FormLine, Store, StoreError};

/// A column of a row: what it is called there, and where it stands.
struct Column<'a> {
    name: &'a str,
    place: String,
    field: &'a Field,
}

/// The rows that a table of documents is computed from.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn rows(store: &Store, table: &Table, definition: &Definition) -> Result<Vec<Row>, StoreError> {
    let Some(source) = &table.form else { return Ok(Vec::new()) };
    let columns = columns(source, definition);
    let places: Vec<&str> = columns.iter().map(|column| column.place.as_str()).collect();
    let counting = definition.flow.states.iter().filter(|state| state.counts).map(|state| state.name.clone());
    let filter = FormFilter { states: counting.collect(), ..FormFilter::default() };
    let inner = Some(source.rows.as_str()).filter(|rows| !rows.is_empty());
    let mut rows = Vec::new();
    // A form without a state that counts has nothing to tell.
    if !filter.states.is_empty() {
        store
            .form_rows(&source.code, inner, &places, &filter, |line| rows.push(row(definition, &columns, line)))
            .await?;
    }
    Ok(rows)
}

/// Of the fields that the table names those that the form has; the others tell of every document.
fn columns<'a>(source: &'a FormSource, definition: &'a Definition) -> Vec<Column<'a>> {
    let inner = definition.field(&source.rows);
    let fields = inner.map_or(definition.fields.as_slice(), |rows| rows.fields.as_slice());
    let by_name: BTreeMap<String, &Field> = fields.iter().map(|field| (field.collected_as(), field)).collect();
    let column = |asked: &'a FormField| {
        let field = *by_name.get(&asked.name)?;
        let place = if inner.is_some() { format!("{}.{}", source.rows, field.name) } else { field.name.clone() };
        Some(Column { name: &asked.name, place, field })
    };
    source.fields.iter().filter_map(column).collect()
}

fn row(definition: &Definition, columns: &[Column<'_>], line: FormLine) -> Row {
    let word = |name: &str, text: &str| (name.to_owned(), Cell::Word(text.to_owned()));
    let number = |name: &str, number: Decimal| (name.to_owned(), Cell::Value(partial::Value::Number(number)));
    let mut cells = vec![word("region", line.author.as_str().get(..6).unwrap_or_default())];
    cells.push(number("version", Decimal::from(line.version)));
    cells.extend((!line.period.is_empty()).then(|| word("period", &line.period)));
    let year = definition.subject.per.year_of(&line.period);
    cells.extend(year.map(|year| number("fiscal_year", Decimal::from(year))));
    if definition.subject.of == SubjectOf::Fund {
        cells.push(word("fund_code", &line.subject));
    }
    let told = columns.iter().zip(line.values).filter_map(|(column, value)| Some((column, value?)));
    cells.extend(told.filter_map(|(column, value)| Some((column.name.to_owned(), cell(column.field, value)?))));
    Row::of_cells(cells)
}

/// A value as a collection sees it: amounts in fen, choices by what they are called.
pub(super) fn cell(field: &Field, value: Value) -> Option<Cell> {
    Some(match value {
        Value::Text(code) => Cell::Word(field.choice_text(&code).to_owned()),
        Value::Flag(yes) => Cell::Word(if yes { "是" } else { "否" }.to_owned()),
        Value::Month(month) => Cell::Word(month.to_string()),
        Value::Day(day) => Cell::Value(partial::Value::Date(day)),
        Value::Number(yuan) if field.kind == Kind::Money => {
            let fen = yuan.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
            Cell::Value(partial::Value::Number(fen))
        }
        Value::Number(number) => Cell::Value(partial::Value::Number(number)),
        Value::Several(_) | Value::Files(_) | Value::Rows(_) => return None,
    })
}
