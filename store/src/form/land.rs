//! Writing what lists show of documents, in the transaction that writes their records.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tongpin_domain::form::{
    Case, DOCUMENT, Definition, Document, Edition, Field, Given, GivenRow, Kind, Verdict, is_name,
};
use tongpin_domain::region::RegionCode;
use tongpin_domain::search::prepared;

use super::count::{COUNTED, Changes};
use super::table::{Column, FIXED, FIXED_OF_ROWS, RowsTable, Table};
use super::typed::{Cell, ColumnKind};
use super::verdict::{self, Verdicts};
use super::{DOCUMENTS, definition, table, turn, waiting};
use crate::db::Tx;
use crate::error::StoreError;
use crate::sql::{Line, listed, run_pieces, sql, tuples};

/// Variables in one statement, below SQLite's limit of 32,766.
const MOST_VARIABLES: usize = 30_000;
/// So many documents are read before they are written: not all are held at once, whoever wrote them.
const MOST_AT_ONCE: usize = 1_000;

/// A record of a document, as it is now: without a body if it was deleted or set aside.
pub(super) struct Arrived<'a> {
    pub(super) key: &'a str,
    pub(super) author: &'a str,
    pub(super) body: Option<&'a str>,
}

/// A record of a document that is held.
pub(super) struct Held {
    pub(super) key: String,
    pub(super) author: String,
    pub(super) body: String,
}

pub(super) fn held(line: &Line) -> Result<Held, StoreError> {
    Ok(Held { key: line.text("key")?, author: line.text("author")?, body: line.text("body")? })
}

pub(super) fn arrived(records: &[Held]) -> Vec<Arrived<'_>> {
    records.iter().map(|it| Arrived { key: &it.key, author: &it.author, body: Some(&it.body) }).collect()
}

/// A document that can be listed.
struct Listed<'a> {
    key: &'a str,
    author: RegionCode,
    document: Document,
    definition: Arc<Definition>,
    state: String,
}

impl Listed<'_> {
    /// Brings it to the state that it was decided to be in, with what the level above filled in.
    fn decide(&mut self, verdicts: &Verdicts) {
        let decided = verdicts.get(&(self.author.to_string(), self.key.to_owned()));
        let current = |all: &'_ Vec<_>| all.iter().position(|verdict: &Verdict| verdict.turn == self.document.turn);
        let verdict = decided.and_then(|all| all.get(current(all).unwrap_or_default()));
        self.document.state(verdict).clone_into(&mut self.state);
        let case = Case { author: &self.author, document: &self.document, verdict, blocked: false };
        if let Cow::Owned(whole) = self.definition.whole(&case) {
            self.document = whole;
        }
    }
}

/// Writes what lists show of documents of one author: key and body, which is none if the record was deleted or set
/// aside. A document whose form has no tables is listed once they are made.
pub(crate) async fn write_form_rows(
    tx: &mut Tx,
    author: &str,
    records: &[(&str, Option<&str>)],
) -> Result<(), StoreError> {
    let mut forms: BTreeMap<&str, Vec<Arrived<'_>>> = BTreeMap::new();
    for (key, body) in records {
        if let Some((code, _)) = key.split_once('/').filter(|(code, _)| is_name(code)) {
            forms.entry(code).or_default().push(Arrived { key, author, body: *body });
        }
    }
    for (code, arrived) in forms {
        tx.lock(&turn(code)).await?;
        if let Some(table) = table::read(tx.connection(), code).await? {
            land(tx, &table, &arrived).await?;
        }
    }
    Ok(())
}

/// Writes documents of one form anew, and returns how many are listed. What cannot be read, says that it is another
/// than its key, claims a state that is not its author's to give, or is filled in under a definition that is not held,
/// is in no list.
pub(super) async fn land(tx: &mut Tx, table: &Table, arrived: &[Arrived<'_>]) -> Result<u64, StoreError> {
    let mut changes = Changes::default();
    take_away(tx, table, arrived, &mut changes).await?;
    list(tx, table, arrived, changes).await
}

/// Lists documents whose rows were taken away, as `changes` tell, and brings the counts up to date.
pub(super) async fn list(
    tx: &mut Tx,
    table: &Table,
    arrived: &[Arrived<'_>],
    mut changes: Changes,
) -> Result<u64, StoreError> {
    let mut listed = readable(tx, table, arrived).await?;
    let named: Vec<(&str, &str)> = listed.iter().map(|it| (it.author.as_str(), it.key)).collect();
    let verdicts = verdict::held(tx, &named).await?;
    for it in &mut listed {
        it.decide(&verdicts);
    }
    let rows = listed.iter().map(|it| document_row(table, it, &mut changes));
    let rows: Vec<Vec<Cell>> = rows.collect();
    insert(tx, &table.name(), &names(&FIXED, &table.shape.columns), &rows).await?;
    for inner in &table.shape.rows {
        let rows: Vec<Vec<Cell>> = listed.iter().flat_map(|it| inner_rows(inner, it)).collect();
        insert(tx, &inner.name, &names(&FIXED_OF_ROWS, &inner.columns), &rows).await?;
    }
    changes.settle(tx, table).await?;
    Ok(u64::try_from(listed.len()).unwrap_or(u64::MAX))
}

/// Writes documents anew as their records are now, keys by author, and returns how many are listed.
pub(super) async fn land_again(
    tx: &mut Tx,
    table: &Table,
    documents: &BTreeMap<&str, BTreeSet<&str>>,
) -> Result<u64, StoreError> {
    let text = format!(
        "SELECT key, author, body FROM record WHERE kind = '{DOCUMENT}' AND author = $1 AND problem IS NULL AND key IN {}",
        listed(tx.kind(), 2)
    );
    let (mut listed, mut records) = (0u64, Vec::<Held>::new());
    for (author, keys) in documents {
        let keys: Vec<&str> = keys.iter().copied().collect();
        for keys in keys.chunks(MOST_AT_ONCE) {
            let query = sql("record", "reading documents", text.clone()).text(author).list(keys);
            records.extend(query.read(tx.connection(), held).await?);
            if records.len() >= MOST_AT_ONCE {
                listed = listed.saturating_add(land(tx, table, &arrived(&records)).await?);
                records.clear();
            }
        }
    }
    if records.is_empty() {
        return Ok(listed);
    }
    Ok(listed.saturating_add(land(tx, table, &arrived(&records)).await?))
}

fn names<'a>(fixed: &[&'a str], columns: &'a [Column]) -> Vec<&'a str> {
    fixed.iter().copied().chain(columns.iter().map(|column| column.name.as_str())).collect()
}

async fn take_away(
    tx: &mut Tx,
    table: &Table,
    arrived: &[Arrived<'_>],
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let mut authors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for it in arrived {
        authors.entry(it.author).or_default().push(it.key);
    }
    let which = format!("WHERE author = $1 AND key IN {}", listed(tx.kind(), 2));
    for (author, keys) in &authors {
        let named = |text: String| sql(DOCUMENTS, "listing documents", text).text(author).list(keys);
        changes.take(tx, named(format!("DELETE FROM {} {which} RETURNING {COUNTED}", table.name()))).await?;
        for rows in &table.shape.rows {
            named(format!("DELETE FROM {} {which}", rows.name)).run(tx.connection()).await?;
        }
    }
    Ok(())
}

/// The documents that can be listed, each with the definition that it is read by.
async fn readable<'a>(tx: &mut Tx, table: &Table, arrived: &[Arrived<'a>]) -> Result<Vec<Listed<'a>>, StoreError> {
    let mut definitions: BTreeMap<Edition, Option<Arc<Definition>>> = BTreeMap::new();
    let (mut listed, mut lacking) = (Vec::with_capacity(arrived.len()), false);
    for it in arrived {
        let document = it.body.and_then(|body| serde_json::from_str::<Document>(body).ok());
        let sound = |document: &Document| {
            document.record_key() == it.key
                && document.publisher == table.publisher
                && is_name(&document.state)
                && i64::try_from(document.release).is_ok()
                && i64::try_from(document.added).is_ok()
        };
        let Some(document) = document.filter(sound) else { continue };
        let edition = document.edition();
        let definition = if let Some(known) = definitions.get(&edition) {
            known.clone()
        } else {
            let found = definition::find(tx, &table.publisher, &table.code, edition).await?;
            definitions.insert(edition, found.clone());
            found
        };
        // A township cannot say of itself what only its county can give.
        lacking |= definition.is_none();
        let (Some(definition), Ok(author)) = (definition, RegionCode::new(it.author)) else { continue };
        if definition.believes(&document, &author) {
            listed.push(Listed { key: it.key, author, document, definition, state: String::new() });
        }
    }
    if lacking {
        waiting::note(tx, &table.code).await?;
    }
    Ok(listed)
}

fn document_row(table: &Table, listed: &Listed<'_>, changes: &mut Changes) -> Vec<Cell> {
    let Listed { key, author, document, definition, state } = listed;
    changes.came(author.as_str(), state, document);
    let number = |number: u32| Cell::Number(Some(i64::from(number)));
    let mut row = vec![
        Cell::text(key),
        Cell::text(author.as_str()),
        Cell::text(document.publisher.as_str()),
        Cell::Number(i64::try_from(document.release).ok()),
        Cell::text(&document.subject),
        Cell::text(&document.subject_name),
        Cell::text(&document.period),
        Cell::text(state),
        number(document.version),
        number(document.turn),
        Cell::Number(Some(document.changed_at.0)),
        Cell::text(&words(document, definition)),
    ];
    row.extend(table.shape.columns.iter().map(|column| {
        let Some(field) = held_as(definition.field(&column.field), column) else { return column.kind.missing() };
        if field.derived.is_some() {
            return derived(column.kind, document, &field.name);
        }
        column.kind.cell(document.given.get(&field.name))
    }));
    row
}

/// The field of a column, if it holds what the column holds.
fn held_as<'a>(field: Option<&'a Field>, column: &Column) -> Option<&'a Field> {
    field.filter(|field| ColumnKind::of(field).is_some_and(|kind| kind.is_like(column.kind)))
}

fn derived(kind: ColumnKind, document: &Document, place: &str) -> Cell {
    document.derived.get(place).map_or_else(|| kind.missing(), |text| kind.cell_of(text))
}

/// What a search looks through: the subject, and what was written in words and is nobody's private matter.
fn words(document: &Document, definition: &Definition) -> String {
    let is_words = |field: &&Field| {
        let wordy = matches!(field.kind, Kind::Line | Kind::Text | Kind::Code | Kind::Organisation | Kind::Person);
        wordy && !field.personal
    };
    let given = definition.fields.iter().filter(is_words).filter_map(|field| match document.given.get(&field.name) {
        Some(Given::One(text)) => Some(text.as_str()),
        _ => None,
    });
    let all: Vec<&str> = [document.subject.as_str(), &document.subject_name].into_iter().chain(given).collect();
    prepared(&all.join("\n"))
}

fn inner_rows(inner: &RowsTable, listed: &Listed<'_>) -> Vec<Vec<Cell>> {
    let Listed { key, author, document, definition, .. } = listed;
    let field = definition.field(&inner.field).filter(|field| field.kind == Kind::Rows);
    let (Some(field), Some(Given::Rows(rows))) = (field, document.given.get(&inner.field)) else {
        return Vec::new();
    };
    let cells = |(place, row): (i64, &GivenRow)| -> Vec<Cell> {
        let fixed = [Cell::text(key), Cell::text(author.as_str()), Cell::text(&row.id), Cell::Number(Some(place))];
        let own = inner.columns.iter().map(|column| {
            let found = field.fields.iter().find(|inner| inner.name == column.field);
            let Some(found) = held_as(found, column) else { return column.kind.missing() };
            if found.derived.is_some() {
                return derived(column.kind, document, &format!("{}.{}.{}", inner.field, row.id, found.name));
            }
            row.cells.get(&found.name).map_or_else(|| column.kind.missing(), |text| column.kind.cell_of(text))
        });
        fixed.into_iter().chain(own).collect()
    };
    (1i64..).zip(rows).map(cells).collect()
}

async fn insert(tx: &mut Tx, table: &str, columns: &[&str], rows: &[Vec<Cell>]) -> Result<(), StoreError> {
    let (database, width, names) = (tx.kind(), columns.len(), columns.join(", "));
    let statement = |chunk: &[Vec<Cell>]| {
        let text = format!("INSERT INTO {table} ({names}) VALUES {}", tuples(database, chunk.len(), width));
        let statement = sql(DOCUMENTS, "listing documents", text);
        Ok(chunk.iter().flatten().fold(statement, |statement, cell| cell.bound(statement)))
    };
    // A form of many fields takes fewer rows at once than others do.
    let most = MOST_VARIABLES.checked_div(width).unwrap_or(1).max(1);
    for part in rows.chunks(most) {
        run_pieces(tx.connection(), part, statement).await?;
    }
    Ok(())
}
