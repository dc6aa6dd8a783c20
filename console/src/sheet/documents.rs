//! 批量导入表: many documents of a form as one workbook, out and in, made from the definition: a sheet with a line for
//! each document, and a sheet for each table inside them. The empty template and what is held are written alike.
//!
//! Each line bears what tells its document from others, and a stamp of it: of the version that the line was written
//! from, and of what stood on the line, what tells its document from others among it. So whoever reads it knows whether
//! somebody has changed the line, or has copied it to say something of another document, and whether somebody else has
//! changed the document meanwhile.

mod filled;
mod first;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::{Definition, Document, Field, Given, Kind, Per, SubjectOf};
use tongpin_domain::lang::Lang;

use super::text;
use crate::workbook::{DATA_SHEET, sheet_name};

pub use filled::{FilledDocument, FilledRow, Laid};
pub use first::First;
pub use read::{FilledDocuments, ReadSheet, TableFault, beginning, read};
pub use write::{TooLarge, can_come_back, write};

/// What stands above the stamps, and what such a head begins with, whosever form it is of.
const STAMP: &str = "数据版本（勿改）";
/// The sheet of long lists of choices, and the one that explains the columns.
pub(super) const CHOICES: &str = "选项";
const GUIDE: &str = "填表说明";
/// Characters of a version that a stamp keeps.
const VERSION: usize = 16;

/// Documents to be written as one workbook.
pub struct DocumentsView<'a> {
    /// Their form.
    pub definition: &'a Definition,
    /// The periods that can be chosen.
    pub periods: &'a [String],
    /// The documents; without any it is a template.
    pub lines: &'a [DocumentLine<'a>],
}

/// A document to be written as a line, and a line for each of its rows.
pub struct DocumentLine<'a> {
    /// The document.
    pub document: &'a Document,
    /// Who keeps it.
    pub keeper: &'a str,
    /// What its state is called.
    pub state: &'a str,
    /// Stands for the document as it is held.
    pub version: &'a str,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds<'a> {
    /// What a document is about.
    Subject,
    /// What that is called; not read.
    SubjectName,
    /// For which period.
    Period,
    /// What tells it from others of its form.
    Id,
    /// Who keeps it.
    Keeper,
    /// Its state; not read.
    State,
    /// Its stamp.
    Stamp,
    /// A row's id.
    Row,
    /// What is typed for a field.
    Field(&'a Field),
    /// What follows, or comes from elsewhere; not read.
    Shown(&'a Field),
}

/// What tells a document from others of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// What it is about.
    Subject,
    /// For which period.
    Period,
    /// Its id.
    Id,
    /// Who keeps it.
    Keeper,
}

impl Holds<'_> {
    /// The part of a document's name that stands in the column.
    fn name(&self) -> Option<Name> {
        match self {
            Self::Subject => Some(Name::Subject),
            Self::Period => Some(Name::Period),
            Self::Id => Some(Name::Id),
            Self::Keeper => Some(Name::Keeper),
            _ => None,
        }
    }
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column<'a> {
    /// What stands above it, without the mark of what is required.
    pub bare: String,
    /// What stands in it.
    pub holds: Holds<'a>,
}

impl Column<'_> {
    /// What is written above it.
    fn head(&self) -> String {
        let required = match self.holds {
            Holds::Field(field) => field.required,
            Holds::Subject | Holds::Period => true,
            _ => false,
        };
        format!("{}{}", if required { "*" } else { "" }, self.bare)
    }

    fn is_number(&self) -> bool {
        matches!(self.holds, Holds::Field(field) | Holds::Shown(field) if field.kind.is_number())
    }

    fn is_personal(&self) -> bool {
        matches!(self.holds, Holds::Field(field) if field.personal)
    }
}

/// The tables inside documents that have a sheet.
fn tables(definition: &Definition) -> impl Iterator<Item = &Field> {
    definition.fields.iter().filter(|field| field.kind == Kind::Rows && field.is_typed() && !field.personal)
}

/// The names of the sheets of tables, each once, and none that is another sheet's.
fn sheets(definition: &Definition) -> Vec<(String, &Field)> {
    let mut seen: BTreeSet<String> = [DATA_SHEET, CHOICES, GUIDE].map(str::to_owned).into();
    let named = |(number, field): (usize, _)| {
        let field: &Field = field;
        let short: String = sheet_name(&field.title).chars().take(26).collect();
        let name = if seen.insert(short.to_lowercase()) { short } else { format!("{number} {short}") };
        (name, field)
    };
    (1usize..).zip(tables(definition)).map(named).collect()
}

/// What stands above the stamps of a form.
fn stamp_head(code: &str) -> String {
    format!("{STAMP}{code}")
}

/// The columns of the documents.
fn columns(definition: &Definition) -> Vec<Column<'_>> {
    let mut columns = Columns::default();
    let of = definition.subject.of.text(Lang::Zh);
    match definition.subject.of {
        SubjectOf::Nothing => {}
        SubjectOf::Project | SubjectOf::Fund | SubjectOf::Region => {
            columns.add(format!("{of}代码"), Holds::Subject);
            columns.add(format!("{of}名称"), Holds::SubjectName);
        }
        _ => columns.add(of.to_owned(), Holds::Subject),
    }
    if definition.subject.per != Per::Once {
        columns.add("期间".to_owned(), Holds::Period);
    }
    columns.add("单据编号".to_owned(), Holds::Id);
    columns.add("填报单位代码".to_owned(), Holds::Keeper);
    columns.add("状态".to_owned(), Holds::State);
    columns.add(stamp_head(&definition.code), Holds::Stamp);
    columns.fields(&definition.fields, definition);
    columns.all
}

/// The columns of a table inside them.
fn row_columns<'a>(definition: &'a Definition, rows: &'a Field) -> Vec<Column<'a>> {
    let mut columns = Columns::default();
    let own = self::columns(definition);
    for column in own.iter().filter(|column| column.holds.name().is_some()) {
        columns.add(column.bare.clone(), column.holds);
    }
    columns.add("行号".to_owned(), Holds::Row);
    columns.fields(&rows.fields, definition);
    columns.all
}

/// Whether a field has a column at all.
fn has_column(field: &Field) -> bool {
    !field.retired && !matches!(field.kind, Kind::Files | Kind::Rows | Kind::Unknown(_))
}

/// Columns as they are gathered: no two have one name.
#[derive(Default)]
struct Columns<'a> {
    all: Vec<Column<'a>>,
}

impl<'a> Columns<'a> {
    fn add(&mut self, bare: String, holds: Holds<'a>) {
        self.all.push(Column { bare, holds });
    }

    fn fields(&mut self, fields: &'a [Field], definition: &Definition) {
        let money = definition.layout.money.text(Lang::Zh);
        for field in fields {
            if !has_column(field) {
                continue;
            }
            let follows = if field.derived.is_some() { "［自动计算］" } else { "［自动带出］" };
            let mut bare = field.headed(money, Lang::Zh);
            if !field.is_typed() {
                bare.push_str(follows);
            }
            if self.all.iter().any(|column| column.bare == bare) {
                bare = format!("{bare}［{}］", field.name);
            }
            let holds = if field.is_typed() { Holds::Field(field) } else { Holds::Shown(field) };
            // What follows from what is personal is as personal.
            if field.is_typed() || !field.personal {
                self.add(bare, holds);
            }
        }
    }
}

/// What tells a document from others, as the cells of its line have it.
struct Named<'a> {
    keeper: &'a str,
    id: &'a str,
    subject: &'a str,
    period: &'a str,
}

/// Stands for what a workbook says of a document: which it is, and every value that there is a column for in the
/// workbook with what is held.
fn content(definition: &Definition, named: &Named<'_>, given: &BTreeMap<String, Given>) -> String {
    let mut texts: Vec<String> = vec![named.keeper.to_owned(), named.id.to_owned()];
    if definition.subject.of != SubjectOf::Nothing {
        texts.push(named.subject.to_owned());
    }
    if definition.subject.per != Per::Once {
        texts.push(named.period.to_owned());
    }
    for field in definition.fields.iter().filter(|field| has_column(field) && field.is_typed() && !field.personal) {
        texts.push(text::plain_given(field, given.get(&field.name)));
    }
    for field in tables(definition) {
        let Some(Given::Rows(rows)) = given.get(&field.name) else { continue };
        for row in rows {
            texts.push(row.id.clone());
            let typed = field.fields.iter().filter(|inner| inner.is_typed() && !inner.personal);
            texts.extend(
                typed.map(|inner| row.cells.get(&inner.name).map(|kept| text::plain(inner, kept)).unwrap_or_default()),
            );
        }
    }
    text::stamp(texts.iter().map(String::as_str))
}

/// The part of a version that a stamp keeps.
fn short(version: &str) -> &str {
    version.get(..VERSION).unwrap_or(version)
}

#[cfg(test)]
mod tests;
