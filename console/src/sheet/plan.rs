//! How a form lies on its sheet, for screen, paper and workbook alike: lines of labels and values, and the columns of
//! tables under their groups.

use std::collections::BTreeSet;

use tongpin_domain::form::{Block, Definition, Expression, Field, Kind};

/// A part of a sheet.
pub(crate) enum Part<'a> {
    /// Lines of labels and values.
    Grid { title: String, lines: Vec<Vec<&'a Field>> },
    /// A table of rows.
    Table(Table<'a>),
}

/// A table of a sheet.
pub(crate) struct Table<'a> {
    /// What stands above it.
    pub(crate) title: String,
    /// The field whose rows it shows.
    pub(crate) rows: &'a Field,
    /// Its columns, those of a group side by side.
    pub(crate) groups: Vec<(String, Vec<&'a Field>)>,
}

impl<'a> Table<'a> {
    /// Its columns in order.
    pub(crate) fn columns(&self) -> Vec<&'a Field> {
        self.groups.iter().flat_map(|(_, fields)| fields.iter().copied()).collect()
    }

    /// Whether there are headings over the columns' own.
    pub(crate) fn is_grouped(&self) -> bool {
        self.groups.iter().any(|(title, _)| !title.is_empty())
    }

    /// For each column the field that is its sum over all rows, if the form has one.
    pub(crate) fn sums(&self, definition: &'a Definition) -> Vec<Option<&'a Field>> {
        let sum = |column: &Field| {
            definition.fields.iter().find(|field| match &field.derived {
                Some(Expression::Total { rows, field, of: None }) => *rows == self.rows.name && *field == column.name,
                _ => false,
            })
        };
        self.columns().into_iter().map(sum).collect()
    }
}

/// How many pairs stand beside one another.
pub(crate) fn pairs(definition: &Definition) -> usize {
    usize::try_from(definition.layout.pairs).unwrap_or(1).clamp(1, 3)
}

/// Whether a field takes a whole line.
#[must_use]
pub fn is_wide(field: &Field) -> bool {
    matches!(field.kind, Kind::Text | Kind::AnyOf | Kind::Files)
}

/// The parts of a form's sheet from top to bottom. `held` are the places of retired fields that a document still has,
/// `roads.paid` for one of rows: these are shown, the others are not.
pub(crate) fn parts<'a>(definition: &'a Definition, held: &BTreeSet<String>) -> Vec<Part<'a>> {
    definition.blocks().iter().filter_map(|block| part(definition, block, held)).collect()
}

fn part<'a>(definition: &'a Definition, block: &Block, held: &BTreeSet<String>) -> Option<Part<'a>> {
    if block.rows.is_empty() {
        let fields = block.fields.iter().filter_map(|name| definition.field(name));
        let shown = fields.filter(|field| field.kind != Kind::Rows && is_shown(field, &field.name, held));
        let lines = lines(shown, pairs(definition));
        return (!lines.is_empty()).then(|| Part::Grid { title: block.title.clone(), lines });
    }
    let rows = definition.field(&block.rows).filter(|field| is_shown(field, &field.name, held))?;
    let group = |group: tongpin_domain::form::Grouped| {
        let fields = group.fields.iter().filter_map(|name| rows.fields.iter().find(|field| field.name == *name));
        let shown = fields.filter(|field| is_shown(field, &format!("{}.{}", rows.name, field.name), held));
        (group.title, shown.collect::<Vec<_>>())
    };
    let groups = definition.columns(block).into_iter().map(group).filter(|(_, fields)| !fields.is_empty());
    Some(Part::Table(Table { title: block.title.clone(), rows, groups: groups.collect() }))
}

fn is_shown(field: &Field, place: &str, held: &BTreeSet<String>) -> bool {
    !field.retired || held.contains(place)
}

/// The lines of labels and values of a form's sheet without its tables, so many pairs beside one another.
#[must_use]
pub fn grid<'a>(
    definition: &'a Definition,
    given: &std::collections::BTreeMap<String, tongpin_domain::form::Given>,
    pairs: usize,
) -> Vec<Vec<&'a Field>> {
    let held = held_retired(definition, given);
    let blocks = definition.blocks();
    let named = blocks.iter().flat_map(|block| &block.fields).filter_map(|name| definition.field(name));
    lines(named.filter(|field| field.kind != Kind::Rows && is_shown(field, &field.name, &held)), pairs)
}

fn lines<'a>(fields: impl Iterator<Item = &'a Field>, pairs: usize) -> Vec<Vec<&'a Field>> {
    let mut lines: Vec<Vec<&Field>> = Vec::new();
    let mut room = false;
    for field in fields {
        match lines.last_mut().filter(|_| room && !is_wide(field)) {
            Some(line) => line.push(field),
            None => lines.push(vec![field]),
        }
        room = !is_wide(field) && lines.last().is_some_and(|line| line.len() < pairs);
    }
    lines
}

/// The places of retired fields that are still held.
pub(crate) fn held_retired(
    definition: &Definition,
    given: &std::collections::BTreeMap<String, tongpin_domain::form::Given>,
) -> BTreeSet<String> {
    let is_held = |place: &str| {
        let Some((rows, inner)) = place.split_once('.') else { return given.contains_key(place) };
        match given.get(rows) {
            Some(tongpin_domain::form::Given::Rows(rows)) => rows.iter().any(|row| row.cells.contains_key(inner)),
            _ => false,
        }
    };
    definition.places().filter(|(place, field)| field.retired && is_held(place)).map(|(place, _)| place).collect()
}

/// Whether anything on the sheet is an amount.
pub(crate) fn has_money(definition: &Definition) -> bool {
    definition.places().any(|(_, field)| field.kind == Kind::Money && !field.retired)
}
