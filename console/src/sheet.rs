//! Official sheets as workbooks, out and in, made from a form's definition: what a unit prints, fills in and sends
//! back.
//!
//! A hidden column names the form, its release and the document, and tells of each open cell what stood in it, so that
//! what comes back finds its place, and nobody's later change is lost unseen. A sheet shows amounts in the unit that
//! its layout says, and what is typed into it is in that unit; what comes back is always in yuan.

pub mod amount;
pub mod documents;
pub mod guide;
mod looks;
mod mark;
mod merge;
pub(crate) mod plan;
mod read;
pub mod text;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::{Definition, Edition, Given};

use crate::workbook::cell_name;

pub use mark::next_number;
pub use merge::Conflict;
pub use plan::{grid, is_wide};
pub use read::{identify, read};
pub use write::write;

/// A document to be written as its official sheet.
pub struct SheetView<'a> {
    /// Its form.
    pub definition: &'a Definition,
    /// What it is filled in under.
    pub edition: Edition,
    /// The document's key; a template for a new one has none.
    pub key: &'a str,
    /// What stands below the title: whose it is, and for which period.
    pub about: &'a str,
    /// What was typed.
    pub given: &'a BTreeMap<String, Given>,
    /// How values are shown, by place: `paid`, `roads.r3.paid`. What is calculated, filled in from elsewhere or
    /// personal stands here and nowhere else.
    pub shown: &'a BTreeMap<String, String>,
    /// Fields that are not to be filled in at present, by name: `paid`, `roads`, `roads.paid`. Of a table that is among
    /// them and some of whose fields are not, no row comes or goes.
    pub locked: &'a BTreeSet<String>,
    /// Whether anything is to be filled in at all.
    pub open: bool,
}

/// What a sheet says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The sheet's name in its workbook.
    pub sheet: String,
    /// The form's code.
    pub code: String,
    /// What it was written under.
    pub edition: Edition,
    /// The document's key, empty for a template.
    pub key: String,
}

/// A sheet as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledSheet {
    /// The file's name.
    pub file: String,
    /// What it says of itself.
    pub identity: Identity,
    /// What stands in its open cells, amounts in yuan; blank cells are not there, and neither is what was not open.
    pub given: BTreeMap<String, Given>,
    /// Row and column of each place that was read, counted from 0.
    pub cells: BTreeMap<String, (u32, u32)>,
    /// By place of each open cell: what stood in it when the sheet was written, as [`text::stamp`] makes it.
    pub stamps: BTreeMap<String, String>,
    /// By field: the tables whose rows were open.
    pub tables: BTreeMap<String, TableThen>,
}

/// A table as it was when a sheet was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableThen {
    /// The fields of its rows that were open, in order.
    pub open: Vec<String>,
    /// Its rows, each with a stamp of all its open cells.
    pub rows: BTreeMap<String, String>,
}

impl FilledSheet {
    /// The cell of a place as people name it, for a message about it: `自评表!C7`.
    #[must_use]
    pub fn cell(&self, place: &str) -> Option<String> {
        let (row, column) = self.cells.get(place)?;
        Some(format!("{}!{}", self.identity.sheet, cell_name(*row, *column)))
    }
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
