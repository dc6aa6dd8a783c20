//! 按表单归集的汇总: what counties reported of a form's documents, or of what a city asks of projects beside, by county or
//! by one of its groupings, a column a measure.

use std::collections::BTreeMap;

use tongpin_console::web::list::{Cell, ListColumn};
use tongpin_domain::collection::{Measure, Table};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::partial::Partial;
use tongpin_domain::rollup::{Note, PivotLine};

use crate::ops::rollup::measure;

/// One side of a table that a form describes.
pub(super) struct Side<'a> {
    /// The collection's id, for addresses.
    pub(super) id: &'a str,
    /// The table.
    pub(super) table: &'a Table,
    /// The side as the address names it.
    pub(super) word: &'a str,
    /// What keys are called.
    pub(super) names: &'a BTreeMap<String, String>,
}

/// The columns: whose line it is, how many reported it, and what was measured.
pub(super) fn columns(table: &Table) -> Vec<ListColumn<'_>> {
    let number = |key, zh, en| ListColumn { number: true, ..ListColumn::new(key, zh, en) };
    let mut columns = vec![ListColumn::new("name", "名称", "name"), number("counties", "区县数", "counties")];
    columns.extend(told(table).map(|measure| number(&measure.id, measure::title(measure), measure::title(measure))));
    columns.push(ListColumn { sorts: false, ..ListColumn::new("note", "说明", "note") });
    columns
}

/// What was measured, in the order of the collection.
fn told(table: &Table) -> impl Iterator<Item = &Measure> {
    table.measures.iter()
}

impl Side<'_> {
    fn name(&self, key: &str, lang: Lang) -> String {
        match self.names.get(key).filter(|name| !name.is_empty()) {
            Some(name) => name.clone(),
            None if key.is_empty() => lang.pick("（未填）", "(none)").to_owned(),
            None => key.to_owned(),
        }
    }

    /// A row for every line.
    pub(super) fn rows(&self, lines: &[PivotLine], lang: Lang) -> Vec<Vec<Cell>> {
        let row = |line: &PivotLine| {
            let query = [("by", self.word), ("key", line.key.as_str())];
            let name = Cell::link(self.name(&line.key, lang), &super::explain::address(self.id, &query));
            let note = if line.unmergeable.is_empty() { String::new() } else { Note::Unmergeable.say(lang) };
            let mut cells = vec![name, line.reporters.len().to_string().into()];
            cells.extend(told(self.table).map(|measure| figure(measure, line.measures.get(&measure.id), lang)));
            cells.push(note.into());
            cells
        };
        lines.iter().map(row).collect()
    }

    /// All lines together, where they can be added up.
    pub(super) fn whole(&self, lines: &[PivotLine], lang: Lang) -> Vec<Cell> {
        let reporters: std::collections::BTreeSet<_> = lines.iter().flat_map(|line| &line.reporters).collect();
        let mut cells = vec![lang.pick("合计", "Together").into(), reporters.len().to_string().into()];
        cells.extend(told(self.table).map(|measure| {
            let mut all = lines.iter().filter_map(|line| line.measures.get(&measure.id));
            let whole =
                all.next().cloned().and_then(|first| all.try_fold(first, |sum, partial| sum.merge(partial)).ok());
            figure(measure, whole.as_ref(), lang)
        }));
        cells.push(Cell::default());
        cells
    }
}

/// A measure as a cell; a dash where there is none.
fn figure(measure: &Measure, partial: Option<&Partial>, lang: Lang) -> Cell {
    Cell::amount(partial.map_or_else(|| "—".to_owned(), |partial| measure::cell(measure, partial, lang)))
}
