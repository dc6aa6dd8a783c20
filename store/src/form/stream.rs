//! Streams of values, for what is added up: only the columns that are asked for, in one pass and never all at once.

use tongpin_domain::form::Value;
use tongpin_domain::region::RegionCode;

use super::table::{self, Column, RowsTable, Table};
use super::{DOCUMENTS, FormFilter};
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, sql};

/// A document, or one of its rows, with the values that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormLine {
    /// The document's key.
    pub key: String,
    /// Whose it is.
    pub author: RegionCode,
    /// What the document is about.
    pub subject: String,
    /// 所属期
    pub period: String,
    /// 版本
    pub version: u32,
    /// The row's id, where rows are asked for.
    pub row: Option<String>,
    /// In the order in which they were asked for; `None` where nothing is, or nothing that can be read. It is never
    /// zero.
    pub values: Vec<Option<Value>>,
}

/// The columns before those that are asked for.
const OWN: usize = 6;

/// The column at a place, `paid` or `roads.paid`, with the table that it stands in.
fn column<'a>(
    table: &'a Table,
    rows: Option<&'a RowsTable>,
    place: &str,
) -> Result<(&'static str, &'a Column), StoreError> {
    let Some((field, inner)) = place.split_once('.') else { return Ok(("f", table.column(place)?)) };
    let rows = rows.filter(|rows| rows.field == field).ok_or_else(|| table.lacks(place))?;
    let found = rows.columns.iter().find(|column| column.field == inner);
    Ok(("r", found.ok_or_else(|| table.lacks(place))?))
}

impl Store {
    /// Hands over the values at some places of every document that a filter finds, or of each row of `rows` in it, in
    /// the order of keys. A place is `paid`, or `roads.paid` where `rows` is `roads`.
    ///
    /// # Errors
    /// [`StoreError::NoColumn`] if a place has no column; a form without tables has no documents.
    pub async fn form_rows(
        &self,
        code: &str,
        rows: Option<&str>,
        places: &[&str],
        filter: &FormFilter,
        mut each: impl FnMut(FormLine) + Send,
    ) -> Result<(), StoreError> {
        let mut reader = self.reader().await?;
        let Some(table) = table::read(&mut reader, code).await? else { return Ok(()) };
        let conditions = filter.conditions(&table, self.kind())?;
        let inner = rows.map(|field| table.rows(field)).transpose()?;
        let found: Vec<(&str, &Column)> =
            places.iter().map(|place| column(&table, inner, place)).collect::<Result<_, _>>()?;
        let (join, id, then) = match inner {
            Some(inner) => (
                format!("JOIN {} AS r ON r.key = f.key AND r.author = f.author", inner.name),
                "r.row_id",
                ", r.position",
            ),
            None => (String::new(), "f.state", ""),
        };
        let mut asked: Vec<String> =
            ["f.key", "f.author", "f.subject", "f.period", "f.version"].map(str::to_owned).to_vec();
        asked.push(id.to_owned());
        asked.extend(found.iter().map(|(alias, column)| column.read(alias)));
        let text = format!(
            "SELECT {} FROM {} AS f {join} WHERE {} ORDER BY f.key, f.author{then}",
            asked.join(", "),
            table.name(),
            conditions.text
        );
        let read = |line: &Line| {
            let row = if inner.is_some() { Some(line.text("row_id")?) } else { None };
            let values = (OWN..).zip(&found).map(|(at, (_, column))| column.kind.read(line, at));
            let values = values.collect::<Result<_, _>>()?;
            let (key, author, subject) = (line.text("key")?, line.region("author")?, line.text("subject")?);
            let version = u32::try_from(line.number("version")?).unwrap_or(u32::MAX);
            Ok(FormLine { key, author, subject, period: line.text("period")?, version, row, values })
        };
        let query = conditions.bound(sql(DOCUMENTS, "reading values of documents", text));
        let hand_over = |line: &Line| {
            each(read(line)?);
            Ok(())
        };
        query.each(&mut reader, hand_over).await
    }
}
