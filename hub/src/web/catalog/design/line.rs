//! A row of the page on which a form is designed: where it began, and what stands in it, all as text.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tongpin_console::web::Fields;

/// What a new row begins with, or says only of a row that is there.
const BEGUN: [&str; 8] = ["order", "name", "kind", "then", "level", "duty", "to", "remove"];
/// The boxes of a row of which several are checked.
const SEVERAL: [&str; 4] = ["leaves", "from", "other_than", "actions"];

/// A row: where it began, and what stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The place of the field, or the name of the check, state or step, as it is in the form that stands; empty for a
    /// new one.
    pub(super) origin: String,
    /// For a field: the table that it stands in.
    pub(super) table: String,
    cells: BTreeMap<String, String>,
    several: BTreeMap<String, Vec<String>>,
}

impl Line {
    /// A row of what stands in the form under this name.
    pub(super) fn at(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), ..Self::default() }
    }

    /// What stands in a cell.
    pub(super) fn get(&self, name: &str) -> &str {
        self.cells.get(name).map_or("", |cell| cell.trim())
    }

    /// Whether a box is checked.
    pub(super) fn is(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// Puts something into a cell.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.cells.insert(name.to_owned(), value.into());
    }

    /// Whichever boxes of several are checked.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.several.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Checks boxes of several.
    pub(super) fn set_all(&mut self, name: &str, values: Vec<String>) {
        self.several.insert(name.to_owned(), values);
    }

    /// What was sent of a row: its cells, and its boxes.
    pub(super) fn sent<'a>(sent: &Fields, row: &str, parts: impl Iterator<Item = &'a str>) -> Self {
        let of = |part: &str| format!("{row}-{part}");
        let boxes = |part: &&str| ((*part).to_owned(), sent.all(&of(part)).map(str::to_owned).collect());
        Self {
            origin: sent.text(&of("origin")).to_owned(),
            table: sent.text(&of("table")).to_owned(),
            cells: parts.chain(["remove"]).map(|part| (part.to_owned(), text(sent, &of(part)))).collect(),
            several: SEVERAL.iter().map(boxes).collect(),
        }
    }

    /// Whether it is new, and nobody has written or checked anything in it.
    pub(super) fn is_blank(&self) -> bool {
        let untouched = |name: &str, cell: &str| BEGUN.contains(&name) || cell.trim().is_empty();
        self.origin.is_empty()
            && self.several.values().all(Vec::is_empty)
            && self.cells.iter().all(|(name, cell)| untouched(name, cell))
    }

    /// The name of the field: its own, or the one that it is given.
    pub(super) fn own_name(&self) -> &str {
        let (_, own) = self.origin.rsplit_once('.').unwrap_or(("", &self.origin));
        if own.is_empty() { self.get("name") } else { own }
    }

    /// Where it stands among the others.
    pub(super) fn order(&self) -> Decimal {
        self.get("order").parse().unwrap_or(Decimal::MAX)
    }
}

/// What was sent under a name. A browser sends line breaks as CRLF; a form has them as they are in files.
pub(super) fn text(sent: &Fields, name: &str) -> String {
    sent.raw(name).replace("\r\n", "\n")
}
