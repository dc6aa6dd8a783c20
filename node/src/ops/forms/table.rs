//! 单据表: the documents of a form as tables for a file: one of the documents, and one of each table inside them. What
//! is personal is in none of them.

use tongpin_console::sheet::text::told_given;
use tongpin_domain::form::{Definition, Field, Given, Kind, MoneyUnit, id_of, text};
use tongpin_domain::lang::Lang;
use tongpin_store::{DocumentRow, FormFilter, FormLine, Store, StoreError};

use crate::guidance;

/// Documents that are read at once.
const PIECE: u64 = 500;

/// A table for a file.
pub(crate) struct FormTable {
    /// What it is called.
    pub(crate) title: String,
    /// The names of its columns, and whether they hold numbers.
    pub(crate) columns: Vec<(String, bool)>,
    /// Its rows, each with a text for every column.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Every document of a form: the documents first, then each table inside them.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn tables(store: &Store, definition: &Definition, lang: Lang) -> Result<Vec<FormTable>, StoreError> {
    let mut tables = vec![documents(store, definition, lang).await?];
    for field in definition.fields.iter().filter(|field| field.kind == Kind::Rows && !field.personal) {
        tables.push(rows(store, definition, field, lang).await?);
    }
    Ok(tables)
}

fn is_shown(field: &Field) -> bool {
    field.kind.is_column() && !field.personal
}

/// What a column is called: with its unit, because a file has amounts in yuan whatever the sheet has.
fn head(field: &Field, lang: Lang) -> (String, bool) {
    (field.headed(MoneyUnit::Yuan.text(lang), lang), field.kind.is_number())
}

fn fixed(names: &[(&str, &str)], lang: Lang) -> Vec<(String, bool)> {
    names.iter().map(|(zh, en)| (lang.pick(zh, en).to_owned(), false)).collect()
}

async fn documents(store: &Store, definition: &Definition, lang: Lang) -> Result<FormTable, StoreError> {
    let fields: Vec<&Field> = definition.fields.iter().filter(|field| is_shown(field)).collect();
    let names = [
        ("单据编号", "document"),
        ("填报单位代码", "region"),
        ("填报单位", "kept by"),
        ("对象", "about"),
        ("对象名称", "called"),
        ("期间", "period"),
        ("状态", "state"),
        ("版次", "version"),
    ];
    let mut columns = fixed(&names, lang);
    columns.extend(fields.iter().map(|field| head(field, lang)));
    columns.extend(fixed(&[("最近修改", "changed")], lang));
    let regions = guidance::regions(store).await?;
    let filter = FormFilter::default();
    let (mut rows, mut after) = (Vec::new(), (String::new(), String::new()));
    loop {
        let page = store.documents_after(definition, &filter, (&after.0, &after.1), PIECE).await?;
        let Some(last) = page.last() else { break };
        after = (last.key.clone(), last.author.to_string());
        rows.extend(page.iter().map(|row| document(definition, &fields, row, &regions.name(&row.author), lang)));
    }
    Ok(FormTable { title: lang.pick("单据", "documents").to_owned(), columns, rows })
}

fn document(definition: &Definition, fields: &[&Field], row: &DocumentRow, author: &str, lang: Lang) -> Vec<String> {
    let state = definition.flow.state(&row.state).map_or(row.state.as_str(), |state| &state.title);
    let mut cells = vec![
        id_of(&row.key).to_owned(),
        row.author.to_string(),
        author.to_owned(),
        row.subject.clone(),
        row.subject_name.clone(),
        row.period.clone(),
        state.to_owned(),
        row.version.to_string(),
    ];
    cells.extend(fields.iter().map(|field| match row.values.get(&field.name) {
        Some(Some(kept)) => told(field, kept, lang),
        _ => String::new(),
    }));
    cells.push(row.changed_at.to_string());
    cells
}

async fn rows(store: &Store, definition: &Definition, of: &Field, lang: Lang) -> Result<FormTable, StoreError> {
    let fields: Vec<&Field> = of.fields.iter().filter(|field| is_shown(field)).collect();
    let names = [
        ("单据编号", "document"),
        ("填报单位代码", "region"),
        ("对象", "about"),
        ("期间", "period"),
        ("版次", "version"),
        ("行", "row"),
    ];
    let mut columns = fixed(&names, lang);
    columns.extend(fields.iter().map(|field| head(field, lang)));
    let places: Vec<String> = fields.iter().map(|field| format!("{}.{}", of.name, field.name)).collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    let mut rows = Vec::new();
    let row = |line: FormLine| {
        let mut cells = vec![
            id_of(&line.key).to_owned(),
            line.author.to_string(),
            line.subject,
            line.period,
            line.version.to_string(),
            line.row.unwrap_or_default(),
        ];
        let values = fields.iter().zip(line.values);
        cells.extend(
            values.map(|(field, value)| value.map(|value| told(field, &text(field, &value), lang)).unwrap_or_default()),
        );
        rows.push(cells);
    };
    store.form_rows(&definition.code, Some(&of.name), &places, &FormFilter::default(), row).await?;
    Ok(FormTable { title: of.called(lang).to_owned(), columns, rows })
}

/// A column's text as people read it in a file: choices by their texts, numbers plain.
fn told(field: &Field, kept: &str, lang: Lang) -> String {
    told_given(field, &Given::of_column(field, kept), &MoneyUnit::Yuan, lang)
}
