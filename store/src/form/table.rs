//! The tables of a form: which columns they have, and what a release adds to them.
//!
//! Names stand unquoted and are made of checked ones: SQLite takes a quoted name that it does not know for a text, and
//! PostgreSQL cuts long names silently.

use serde::{Deserialize, Serialize};
use tongpin_domain::form::{Definition, Field, Kind, is_name};
use tongpin_domain::region::RegionCode;

use super::typed::ColumnKind;
use crate::error::StoreError;
use crate::sql::{Line, sql};

/// The most columns of fields in one table, those of retired fields among them: PostgreSQL has 1,600, SQLite 2,000.
const MOST_COLUMNS: usize = 1_500;
/// What every document has, beside its fields.
pub(super) const FIXED: [&str; 12] = [
    "key",
    "author",
    "publisher",
    "release",
    "subject",
    "subject_name",
    "period",
    "state",
    "version",
    "turn",
    "changed_at",
    "words",
];
/// What every row of a document has, beside its fields.
pub(super) const FIXED_OF_ROWS: [&str; 4] = ["key", "author", "row_id", "position"];

/// A column of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    /// The field's name.
    pub(super) field: String,
    /// The column's.
    pub(super) name: String,
    /// How values stand in it.
    #[serde(flatten)]
    pub(super) kind: ColumnKind,
    /// The column of the same field with fewer decimals that it took the place of: what was written before is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) former: Option<Box<Column>>,
}

impl Column {
    /// What stands for its value in a statement, wherever it was written. Rows are not written anew for more decimals,
    /// so that a release costs the same however many documents there are.
    pub(super) fn read(&self, alias: &str) -> String {
        let own = format!("{alias}.{}", self.name);
        let ColumnKind::Number { places } = self.kind else { return own };
        let all_former = std::iter::successors(self.former.as_deref(), |column| column.former.as_deref());
        let old: Vec<String> = all_former
            .filter_map(|column| {
                let ColumnKind::Number { places: had } = column.kind else { return None };
                // SQLite makes an inexact number of a product that runs over: nothing too large is multiplied.
                let unit = 10i64.saturating_pow(places.saturating_sub(had)).max(1);
                let most = i64::MAX.checked_div(unit).unwrap_or(0);
                let old = format!("{alias}.{}", column.name);
                Some(format!("CASE WHEN {old} BETWEEN -{most} AND {most} THEN {old} * {unit} END"))
            })
            .collect();
        if old.is_empty() { own } else { format!("COALESCE({own}, {})", old.join(", ")) }
    }
}

/// The table of a field that is rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RowsTable {
    /// The field's name.
    pub(super) field: String,
    /// The table's: numbered, because two names in one would be too long, and could be read in two ways.
    pub(super) name: String,
    /// Those of the row's fields.
    pub(super) columns: Vec<Column>,
}

/// What `form_table.columns` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shape {
    /// Of the table of documents.
    pub(super) columns: Vec<Column>,
    /// One for each field that is rows.
    pub(super) rows: Vec<RowsTable>,
    /// Whether documents are found by what they are about: not in a table that an earlier program made, until the next
    /// release of its form.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) by_subject: bool,
}

/// The tables of one form.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The form's code.
    pub(super) code: String,
    /// Whose form it is.
    pub(super) publisher: RegionCode,
    /// Its columns.
    pub(super) shape: Shape,
    /// Whether its documents are counted in `form_count`: not where an earlier program made it, until one lands.
    pub(super) counted: bool,
}

/// A column that a table lacks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Added {
    /// The table's name.
    pub(super) table: String,
    /// The column.
    pub(super) column: Column,
}

/// Adds the columns that fields need. One that needs more decimals gets a new column, because nothing that is prepared
/// on another connection may read the old one otherwise than it was written.
fn widen(table: &str, columns: &mut Vec<Column>, fields: &[Field]) -> Vec<Added> {
    let mut added = Vec::new();
    for field in fields.iter().filter(|field| is_name(&field.name)) {
        let Some(kind) = ColumnKind::of(field) else { continue };
        let column = |name: String| Column { field: field.name.clone(), name, kind, former: None };
        let Some(held) = columns.iter_mut().find(|column| column.field == field.name) else {
            if columns.len() < MOST_COLUMNS {
                let column = column(format!("c_{}", field.name));
                columns.push(column.clone());
                added.push(Added { table: table.to_owned(), column });
            }
            continue;
        };
        if let (ColumnKind::Number { places: had }, ColumnKind::Number { places }) = (held.kind, kind)
            && places > had
        {
            let column = Column { former: Some(Box::new(held.clone())), ..column(format!("c{places}_{}", field.name)) };
            *held = column.clone();
            added.push(Added { table: table.to_owned(), column });
        }
    }
    added
}

impl Shape {
    /// Takes in what a release needs: the columns that tables lack, and the tables that are not there.
    pub(super) fn grow(&mut self, definition: &Definition) -> (Vec<Added>, Vec<RowsTable>) {
        let mut added = widen(&main(&definition.code), &mut self.columns, &definition.fields);
        let mut made = Vec::new();
        for field in definition.fields.iter().filter(|field| field.kind == Kind::Rows && is_name(&field.name)) {
            if let Some(rows) = self.rows.iter_mut().find(|rows| rows.field == field.name) {
                added.extend(widen(&rows.name, &mut rows.columns, &field.fields));
            } else {
                let name = format!("r{}_{}", self.rows.len().saturating_add(1), definition.code);
                let mut columns = Vec::new();
                widen(&name, &mut columns, &field.fields);
                let rows = RowsTable { field: field.name.clone(), name, columns };
                made.push(rows.clone());
                self.rows.push(rows);
            }
        }
        (added, made)
    }
}

pub(super) fn main(code: &str) -> String {
    format!("f_{code}")
}

impl Table {
    /// The name of the table of documents.
    pub(super) fn name(&self) -> String {
        main(&self.code)
    }

    /// The column of a field, in the table of documents.
    pub(super) fn column(&self, field: &str) -> Result<&Column, StoreError> {
        let found = self.shape.columns.iter().find(|column| column.field == field);
        found.ok_or_else(|| self.lacks(field))
    }

    /// The table of a field that is rows.
    pub(super) fn rows(&self, field: &str) -> Result<&RowsTable, StoreError> {
        self.shape.rows.iter().find(|rows| rows.field == field).ok_or_else(|| self.lacks(field))
    }

    pub(super) fn lacks(&self, field: &str) -> StoreError {
        StoreError::NoColumn { form: self.code.clone(), field: field.to_owned() }
    }
}

fn table(line: &Line) -> Result<Table, StoreError> {
    Ok(Table {
        code: line.text("code")?,
        publisher: line.region("publisher")?,
        shape: line.json("columns")?,
        counted: line.flag("counted")?,
    })
}

/// The tables of a form, if there are any.
pub(super) async fn read(connection: &mut sqlx::AnyConnection, code: &str) -> Result<Option<Table>, StoreError> {
    // The code becomes a part of statements.
    if !is_name(code) {
        return Ok(None);
    }
    let text = "SELECT code, publisher, columns, counted FROM form_table WHERE code = $1";
    let line = sql("form_table", "reading the tables of a form", text).text(code).first(connection).await?;
    line.as_ref().map(table).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(fields: Vec<Field>) -> Definition {
        let text = r#"{"code":"roads","title":"路","fields":[]}"#;
        Definition { fields, ..serde_json::from_str(text).expect("a definition") }
    }

    fn decimal(places: u32) -> Field {
        Field { places: Some(places), ..Field::new("rate", "率", Kind::Percent) }
    }

    fn names(added: &[Added]) -> Vec<(&str, &str)> {
        added.iter().map(|it| (it.table.as_str(), it.column.name.as_str())).collect()
    }

    /// However often a field got more decimals, what was written before is looked for once in each column.
    #[test]
    fn read_after_two_widenings() {
        let mut shape = Shape::default();
        for places in [2, 3, 4] {
            shape.grow(&definition(vec![decimal(places)]));
        }
        let (tens, hundreds) = (i64::MAX / 10, i64::MAX / 100);
        let expected = format!(
            "COALESCE(f.c4_rate, CASE WHEN f.c3_rate BETWEEN -{tens} AND {tens} THEN f.c3_rate * 10 END, \
             CASE WHEN f.c_rate BETWEEN -{hundreds} AND {hundreds} THEN f.c_rate * 100 END)"
        );
        assert_eq!(shape.columns.first().map(|column| column.read("f")), Some(expected));
    }

    /// A release adds what is new and nothing else; applied again it adds nothing. What is retired stays, another kind
    /// changes nothing, fewer decimals neither, and more make another column of which the former is told.
    #[test]
    fn growing() {
        let mut shape = Shape::default();
        let rows = |names: &[&str]| Field {
            fields: names.iter().map(|name| Field::new(name, "甲", Kind::Money)).collect(),
            ..Field::new("parts", "段", Kind::Rows)
        };
        let first = definition(vec![decimal(2), Field::new("note", "注", Kind::Text), rows(&["paid"])]);
        let (added, made) = shape.grow(&first);
        assert_eq!(names(&added), [("f_roads", "c_rate")]);
        assert_eq!(made.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["r1_roads"]);
        assert_eq!(shape.grow(&first), (Vec::new(), Vec::new()));

        let next = definition(vec![decimal(1), Field::new("Bad name", "坏", Kind::Line), rows(&["paid", "planned"])]);
        let (added, made) = shape.grow(&next);
        assert_eq!((names(&added), made.len()), (vec![("r1_roads", "c_planned")], 0));

        let (added, _) = shape.grow(&definition(vec![decimal(4)]));
        assert_eq!(names(&added), [("f_roads", "c4_rate")]);
        let read = added.first().map(|added| added.column.read("f"));
        let most = i64::MAX / 100;
        let expected =
            format!("COALESCE(f.c4_rate, CASE WHEN f.c_rate BETWEEN -{most} AND {most} THEN f.c_rate * 100 END)");
        assert_eq!(read, Some(expected));
        let (added, _) = shape.grow(&definition(vec![Field::new("rate", "率", Kind::Line)]));
        assert!(added.is_empty());
        assert_eq!(shape.columns.len(), 1);
        let kept: Shape = serde_json::from_str(&serde_json::to_string(&shape).expect("JSON")).expect("JSON");
        assert_eq!(kept, shape);
    }
}
