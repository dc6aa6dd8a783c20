//! Lists of documents: filtered, sorted and cut by the database.

use std::collections::BTreeMap;

use tongpin_domain::form::{Definition, Field};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::filter::Conditions;
use super::table::{self, Column, Table};
use super::typed::{ColumnKind, canonical};
use super::{DOCUMENTS, FormFilter};
use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, sql, storable};

/// The most values that a filter offers.
const MOST_CHOICES: u64 = 1_000;

/// One document as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// `<form>/<id>`
    pub key: String,
    /// Whose record it is.
    pub author: RegionCode,
    /// The release of the form that it is filled in under.
    pub release: u64,
    /// What it is about.
    pub subject: String,
    /// What that is called.
    pub subject_name: String,
    /// 所属期
    pub period: String,
    /// The state that it is in, decisions of the level above included.
    pub state: String,
    /// 版本
    pub version: u32,
    /// Counts the steps of whoever keeps it.
    pub turn: u32,
    /// When whoever keeps it last changed it.
    pub changed_at: Moment,
    /// Canonical texts by field, choices of several by line ends; `None` where nothing is, or nothing that can be
    /// read. Fields without a column are not there.
    pub values: BTreeMap<String, Option<String>>,
}

/// What documents are sorted by, or what a filter offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FormColumn {
    /// When it was last changed.
    #[default]
    ChangedAt,
    /// Its key.
    Key,
    /// What it is about.
    Subject,
    /// What that is called.
    SubjectName,
    /// 所属期
    Period,
    /// 状态
    State,
    /// Whose it is.
    Author,
    /// A field.
    Field(String),
}

impl FormColumn {
    /// What stands for it in a statement, and how it is read.
    fn found(&self, table: &Table) -> Result<(String, ColumnKind), StoreError> {
        let name = match self {
            Self::ChangedAt => return Ok(("f.changed_at".to_owned(), ColumnKind::Number { places: 0 })),
            Self::Key => "key",
            Self::Subject => "subject",
            Self::SubjectName => "subject_name",
            Self::Period => "period",
            Self::State => "state",
            Self::Author => "author",
            Self::Field(field) => {
                let column = table.column(field)?;
                return Ok((column.read("f"), column.kind));
            }
        };
        Ok((format!("f.{name}"), ColumnKind::Words))
    }

    /// What is missing comes last, whichever way.
    fn clause(&self, table: &Table, backwards: bool) -> Result<String, StoreError> {
        let (name, kind) = self.found(table)?;
        let way = if backwards { "DESC" } else { "ASC" };
        Ok(match self {
            // In one direction throughout, as the index and the table are.
            Self::ChangedAt => format!("ORDER BY f.changed_at {way}, f.key {way}, f.author {way}"),
            Self::Key => format!("ORDER BY f.key {way}, f.author {way}"),
            _ => {
                let value = if kind.is_text() { format!("NULLIF({name}, '')") } else { name };
                format!("ORDER BY ({value}) IS NULL, {value} {way}, f.key, f.author")
            }
        })
    }
}

/// The columns of a page before those of fields.
const OWN: [&str; 10] = [
    "f.key",
    "f.author",
    "f.release",
    "f.subject",
    "f.subject_name",
    "f.period",
    "f.state",
    "f.version",
    "f.turn",
    "f.changed_at",
];

fn row(line: &Line, columns: &[(&Field, &Column)]) -> Result<DocumentRow, StoreError> {
    let small = |column| -> Result<u32, StoreError> {
        u32::try_from(line.number(column)?).map_err(|error| line.wrong(column, error))
    };
    let mut values = BTreeMap::new();
    for (at, (field, column)) in (OWN.len()..).zip(columns) {
        let value = column.kind.read(line, at)?.and_then(|value| canonical(&value, field.decimals()));
        values.insert(field.name.clone(), value);
    }
    Ok(DocumentRow {
        key: line.text("key")?,
        author: line.region("author")?,
        release: line.number("release")?,
        subject: line.text("subject")?,
        subject_name: line.text("subject_name")?,
        period: line.text("period")?,
        state: line.text("state")?,
        version: small("version")?,
        turn: small("turn")?,
        changed_at: line.moment("changed_at")?,
        values,
    })
}

/// The fields of a form that have columns, and what a statement names to read a document with them.
fn named<'a>(table: &'a Table, definition: &'a Definition) -> (Vec<(&'a Field, &'a Column)>, String) {
    let fields = definition.fields.iter();
    let columns: Vec<(&Field, &Column)> =
        fields.filter_map(|field| Some((field, table.column(&field.name).ok()?))).collect();
    let own = OWN.iter().map(|name| (*name).to_owned());
    let asked: Vec<String> = own.chain(columns.iter().map(|(_, column)| column.read("f"))).collect();
    (columns, asked.join(", "))
}

/// The statement that reads a page; its last two variables are how many documents, and after how many.
fn page(table: &Table, conditions: &Conditions, asked: &str, by: &str) -> String {
    let (from, at) = (table.name(), conditions.count());
    format!("SELECT {asked} FROM {from} AS f WHERE {} {by} LIMIT ${} OFFSET ${}", conditions.text, at + 1, at + 2)
}

impl Store {
    /// The documents of a form that are asked for, `limit` of them after the first `offset`, and how many there are in
    /// all; none of a form that has no tables.
    ///
    /// # Errors
    /// [`StoreError::NoColumn`] if the filter or the order names what is no column of the form.
    #[boxed]
    pub async fn documents_page(
        &self,
        definition: &Definition,
        filter: &FormFilter,
        (order, backwards): (&FormColumn, bool),
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<DocumentRow>, u64), StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, &definition.code).await? else { return Ok((Vec::new(), 0)) };
        let conditions = filter.conditions(&table, self.kind())?;
        let text = format!("SELECT COUNT(*) AS count FROM {} AS f WHERE {}", table.name(), conditions.text);
        let line = conditions.bound(sql(DOCUMENTS, "counting documents", text)).first(&mut reader).await?;
        let total = line.map_or(Ok(0), |line| line.number("count"))?;
        let (columns, asked) = named(&table, definition);
        let text = page(&table, &conditions, &asked, &order.clause(&table, backwards)?);
        let query = conditions.bound(sql(DOCUMENTS, "reading a page of documents", text)).number(limit).number(offset);
        Ok((query.read(&mut reader, |line| row(line, &columns)).await?, total))
    }

    /// How the database finds the first page of [`Store::documents_page`], in its own words, so that a test can see
    /// that it does not read all documents. SQLite alone.
    ///
    /// # Errors
    /// As there.
    #[doc(hidden)]
    #[boxed]
    pub async fn documents_plan(
        &self,
        definition: &Definition,
        filter: &FormFilter,
        (order, backwards): (&FormColumn, bool),
        limit: u64,
    ) -> Result<Vec<String>, StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, &definition.code).await? else { return Ok(Vec::new()) };
        let conditions = filter.conditions(&table, self.kind())?;
        let asked = named(&table, definition).1;
        let text = page(&table, &conditions, &asked, &order.clause(&table, backwards)?);
        let explained = sql(DOCUMENTS, "explaining a look-up", format!("EXPLAIN QUERY PLAN {text}"));
        let query = conditions.bound(explained).number(limit).number(0);
        query.read(&mut reader, |line| line.text("detail")).await
    }

    /// The documents of a form that are asked for, `limit` of them behind a key and author, in that order. Whoever
    /// reads on from the last one misses none that stays, and no page costs more than another.
    ///
    /// # Errors
    /// [`StoreError::NoColumn`] if the filter names what is no column of the form.
    #[boxed]
    pub async fn documents_after(
        &self,
        definition: &Definition,
        filter: &FormFilter,
        (key, author): (&str, &str),
        limit: u64,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, &definition.code).await? else { return Ok(Vec::new()) };
        let conditions = filter.conditions(&table, self.kind())?;
        let (columns, asked) = named(&table, definition);
        let (from, at) = (table.name(), conditions.count());
        let text = format!(
            "SELECT {asked} FROM {from} AS f WHERE {} AND (f.key, f.author) > (${}, ${}) ORDER BY f.key, f.author \
             LIMIT ${}",
            conditions.text,
            at + 1,
            at + 2,
            at + 3
        );
        let query = conditions.bound(sql(DOCUMENTS, "reading documents by key", text));
        let query = query.text(&storable(key)).text(&storable(author)).number(limit);
        query.read(&mut reader, |line| row(line, &columns)).await
    }

    /// What occurs in a column, for a filter: up to 1,000 canonical texts, in the order of their values; each choice of
    /// several by itself.
    ///
    /// # Errors
    /// [`StoreError::NoColumn`].
    #[boxed]
    pub async fn form_choices(&self, code: &str, column: &FormColumn) -> Result<Vec<String>, StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, code).await? else { return Ok(Vec::new()) };
        let (name, kind) = column.found(&table)?;
        let some = if kind.is_text() { format!("{name} <> ''") } else { format!("{name} IS NOT NULL") };
        let from = table.name();
        let text = format!("SELECT DISTINCT {name} FROM {from} AS f WHERE {some} ORDER BY {name} LIMIT {MOST_CHOICES}");
        let decimals = if let ColumnKind::Number { places } = kind { places } else { 0 };
        let read = |line: &Line| Ok(kind.read(line, 0)?.and_then(|value| canonical(&value, decimals)));
        let found: Vec<Option<String>> =
            sql(DOCUMENTS, "reading what documents have", text).read(&mut reader, read).await?;
        let found: Vec<String> = found.into_iter().flatten().collect();
        if kind != ColumnKind::Several {
            return Ok(found);
        }
        let mut choices: Vec<String> = found.iter().flat_map(|text| text.split('\n')).map(str::to_owned).collect();
        choices.sort_unstable();
        choices.dedup();
        Ok(choices)
    }
}
