//! 分级填写: which level fills in which fields, and in which states. What the county fills into a township's document
//! stands in its verdict, never in the document; both together are what people see and what is checked.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::document::Filled;
use super::{Case, Definition, Document, Field, FlowLevel, Given, GivenRow, Place, Step, Verdict};
use crate::region::{Level, RegionCode};

/// A document as a bureau sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The state that it is in.
    pub state: &'a str,
    /// Who keeps it.
    pub author: &'a RegionCode,
    /// The bureau.
    pub bureau: &'a RegionCode,
}

/// The level that fills a field in; a field of rows is its table's unless it says otherwise.
fn level_of<'a>(rows: Option<&'a Field>, field: &'a Field) -> &'a FlowLevel {
    let said = field.level.as_ref().or_else(|| rows?.level.as_ref());
    said.unwrap_or(&FlowLevel::Keeper)
}

/// The states that it names; a field of rows takes over those of its table if it is the same level's.
fn states_of<'a>(rows: Option<&'a Field>, field: &'a Field) -> &'a [String] {
    let table = rows.filter(|rows| field.fill.is_empty() && level_of(None, rows) == level_of(Some(rows), field));
    table.map_or(&field.fill, |rows| &rows.fill)
}

fn rows_of(given: &Given) -> &[GivenRow] {
    match given {
        Given::Rows(rows) => rows,
        _ => &[],
    }
}

/// A row with the cells that may be filled in of the one, and all others of the other.
fn merged(rows: &Field, given: Option<&GivenRow>, held: Option<&GivenRow>, locked: &BTreeSet<String>) -> GivenRow {
    let id = held.or(given).map(|row| row.id.clone()).unwrap_or_default();
    let shut = |inner: &str| locked.contains(&format!("{}.{inner}", rows.name));
    let cells = |row: Option<&GivenRow>, of: bool| {
        let cells = row.into_iter().flat_map(|row| &row.cells).filter(move |(inner, _)| shut(inner) == of);
        cells.map(|(inner, text)| (inner.clone(), text.clone())).collect::<Vec<_>>()
    };
    GivenRow { id, cells: cells(given, false).into_iter().chain(cells(held, true)).collect() }
}

fn is_above(rows: Option<&Field>, field: &Field) -> bool {
    *level_of(rows, field) == FlowLevel::County
}

impl Definition {
    /// Whether it asks the county for anything.
    #[must_use]
    pub fn asks_above(&self) -> bool {
        self.with_rows().any(|(rows, field)| is_above(rows, field) && field.is_typed())
    }

    /// Whether the documents of an author are filled in by two bureaus: a county does both itself.
    #[must_use]
    pub fn is_divided(&self, author: &RegionCode) -> bool {
        author.level() > Level::County && self.asks_above()
    }

    /// The fields that a bureau does not fill in while a document is in this state, whoever tries: those of another
    /// level, or of another state. `paid`, or `roads.paid` for one of rows.
    #[must_use]
    pub fn locked(&self, seen: &Seen<'_>) -> BTreeSet<String> {
        let shut = self.with_rows().filter(|(rows, field)| !self.fills(seen, *rows, field));
        shut.map(|(rows, field)| place(rows, field)).collect()
    }

    /// Whether a bureau fills in any field while a document is in this state, of its level above if it has one.
    #[must_use]
    pub fn is_asked_above(&self, seen: &Seen<'_>) -> bool {
        self.asked_above(seen).next().is_some()
    }

    /// Whether any of that must be filled in.
    #[must_use]
    pub fn is_wanted_above(&self, seen: &Seen<'_>) -> bool {
        self.asked_above(seen).any(|field| field.required)
    }

    fn asked_above(&self, seen: &Seen<'_>) -> impl Iterator<Item = &Field> {
        let asked = move |(rows, field): &(Option<&Field>, &Field)| {
            is_above(*rows, field) && field.is_typed() && self.fills(seen, *rows, field)
        };
        self.with_rows().filter(asked).map(|(_, field)| field)
    }

    /// Whether a field that is missing is another's to fill in, or to be filled in another state: then it does not keep
    /// the document back here. What its keeper left out does.
    #[must_use]
    pub fn waits(&self, seen: &Seen<'_>, missing: &Place) -> bool {
        let Some(field) = self.field(&missing.field) else { return false };
        let inner = missing.inner.as_ref().and_then(|name| field.fields.iter().find(|inner| inner.name == *name));
        let (rows, field) = inner.map_or((None, field), |inner| (Some(field), inner));
        *level_of(rows, field) != FlowLevel::Keeper && !self.fills(seen, rows, field)
    }

    fn fills(&self, seen: &Seen<'_>, rows: Option<&Field>, field: &Field) -> bool {
        let (level, named) = (level_of(rows, field), states_of(rows, field));
        let among = named.iter().any(|name| name == seen.state);
        match level {
            FlowLevel::Keeper => {
                let open = self.flow.state(seen.state).is_some_and(|state| state.open);
                seen.author == seen.bureau && open && (named.is_empty() || among)
            }
            level if !level.is_of(seen.author, seen.bureau) => false,
            _ if named.is_empty() => self.is_decided_in(seen.state),
            _ => among,
        }
    }

    /// Whether the county leads on from a state: without anything else said, its fields are filled in there, and not
    /// any more once the document counts.
    fn is_decided_in(&self, state: &str) -> bool {
        let closed = |name: &str| self.flow.state(name).is_some_and(|state| !state.open);
        let waits = self.flow.state(state).is_some_and(|state| !state.open && !state.counts);
        let leads_on = |step: &Step| step.level == FlowLevel::County && closed(&step.to);
        waits && self.flow.steps_from(state).any(leads_on)
    }

    /// Whether there is a state in which the county can fill in a field of its own.
    pub(super) fn is_ever_filled(&self, rows: Option<&Field>, field: &Field) -> bool {
        !is_above(rows, field)
            || !field.is_typed()
            || !states_of(rows, field).is_empty()
            || self.flow.states.iter().any(|state| self.is_decided_in(&state.name))
    }

    /// What its keeper fills in, of what both did.
    #[must_use]
    pub fn below(&self, given: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        self.part(given, false)
    }

    /// What the county fills in, of what both did: of rows the cells alone, by their ids.
    #[must_use]
    pub fn above(&self, given: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        self.part(given, true)
    }

    fn part(&self, given: &BTreeMap<String, Given>, above: bool) -> BTreeMap<String, Given> {
        let all = given.iter().filter_map(|(name, given)| {
            let Some(field) = self.field(name) else { return (!above).then(|| (name.clone(), given.clone())) };
            let own = is_above(None, field) == above;
            let Given::Rows(rows) = given else { return own.then(|| (name.clone(), given.clone())) };
            let of = |inner: &str| {
                let found = field.fields.iter().find(|it| it.name == inner);
                found.map_or(!above, |inner| is_above(Some(field), inner) == above)
            };
            let rows = rows.iter().filter_map(|row| {
                let cells = row.cells.iter().filter(|(inner, _)| of(inner));
                let cells: BTreeMap<_, _> = cells.map(|(inner, text)| (inner.clone(), text.clone())).collect();
                (own || !cells.is_empty()).then(|| GivenRow { id: row.id.clone(), cells })
            });
            let rows: Vec<GivenRow> = rows.collect();
            (!rows.is_empty()).then(|| (name.clone(), Given::Rows(rows)))
        });
        all.collect()
    }

    /// What stands in a document with what the county filled into this version of it. Nothing of that takes the place
    /// of what its keeper filled in.
    #[must_use]
    pub fn joined<'a>(&self, case: &Case<'a>) -> Cow<'a, BTreeMap<String, Given>> {
        let own = &case.document.given;
        if !self.is_divided(case.author) {
            return Cow::Borrowed(own);
        }
        let none = BTreeMap::new();
        Cow::Owned(self.with_above(own, filled(case).map_or(&none, |filled| &filled.given)))
    }

    /// What its keeper filled in of the one, with what the county did of the other.
    #[must_use]
    pub fn with_above(
        &self,
        own: &BTreeMap<String, Given>,
        above: &BTreeMap<String, Given>,
    ) -> BTreeMap<String, Given> {
        let mut joined = self.below(own);
        for (name, given) in self.above(above) {
            match (joined.get_mut(&name), given) {
                (Some(Given::Rows(rows)), Given::Rows(above)) => {
                    let mut above: BTreeMap<String, _> = above.into_iter().map(|row| (row.id, row.cells)).collect();
                    for row in rows {
                        row.cells.extend(above.remove(&row.id).unwrap_or_default());
                    }
                }
                // Of a row that its keeper has taken away nothing is left.
                (None, Given::Rows(_)) if self.field(&name).is_some_and(|field| !is_above(None, field)) => {}
                (_, given) => drop(joined.insert(name, given)),
            }
        }
        joined
    }

    /// A document with what the county filled into this version of it, and what followed from both if that was about
    /// the document as it stands.
    #[must_use]
    pub fn whole<'a>(&self, case: &Case<'a>) -> Cow<'a, Document> {
        let Cow::Owned(given) = self.joined(case) else { return Cow::Borrowed(case.document) };
        let current = case.verdict.is_some_and(|verdict| verdict.content == case.document.content());
        let derived = filled(case).filter(|_| current).map(|filled| filled.derived.clone());
        let derived = derived.unwrap_or_else(|| case.document.derived.clone());
        Cow::Owned(Document { given, derived, ..case.document.clone() })
    }

    /// What is to be kept once the county filled its fields in: nothing is decided by it.
    #[must_use]
    pub fn fill_above(
        &self,
        case: &Case<'_>,
        account: &str,
        given: &BTreeMap<String, Given>,
        derived: BTreeMap<String, String>,
    ) -> Verdict {
        let version = case.document.version;
        let mut by = filled(case).map(|filled| filled.by.clone()).unwrap_or_default();
        if !by.iter().any(|known| known == account) {
            by.push(account.to_owned());
        }
        // What was filled into earlier versions stays, for whoever reads those.
        let mut all = case.verdict.map(|verdict| verdict.filled.clone()).unwrap_or_default();
        all.retain(|filled| filled.version != version);
        all.push(Filled { version, given: self.above(given), derived, by });
        Verdict {
            document: case.document.record_key(),
            author: case.author.clone(),
            turn: case.document.turn,
            content: case.document.content(),
            state: case.document.state(case.verdict).to_owned(),
            steps: case.verdict.map(|verdict| verdict.steps.clone()).unwrap_or_default(),
            filled: all,
        }
    }

    /// Of what is given what may be where these places are not filled in: what they hold stays, and of a table that is
    /// among them the rows, in their order.
    #[must_use]
    pub fn within_reach(
        &self,
        given: &BTreeMap<String, Given>,
        held: &BTreeMap<String, Given>,
        locked: &BTreeSet<String>,
    ) -> BTreeMap<String, Given> {
        let mut permitted = given.clone();
        for field in &self.fields {
            let (name, shut) = (&field.name, locked.contains(&field.name));
            let before = held.get(name);
            let kept = match (given.get(name), before) {
                (given, Some(Given::Rows(before))) if shut && field.is_open_but(locked) => {
                    let given = given.map_or(&[][..], rows_of);
                    let by_id: BTreeMap<&str, &GivenRow> = given.iter().map(|row| (row.id.as_str(), row)).collect();
                    let row = |row: &GivenRow| merged(field, by_id.get(row.id.as_str()).copied(), Some(row), locked);
                    Some(Given::Rows(before.iter().map(row).collect()))
                }
                (_, before) if shut => before.cloned(),
                (Some(Given::Rows(rows)), before) => {
                    let before = before.map_or(&[][..], rows_of);
                    let by_id: BTreeMap<&str, &GivenRow> = before.iter().map(|row| (row.id.as_str(), row)).collect();
                    let row = |row: &GivenRow| merged(field, Some(row), by_id.get(row.id.as_str()).copied(), locked);
                    Some(Given::Rows(rows.iter().map(row).collect()))
                }
                (given, _) => given.cloned(),
            };
            match kept {
                Some(kept) => drop(permitted.insert(name.clone(), kept)),
                None => drop(permitted.remove(name)),
            }
        }
        permitted
    }

    /// The fields in which something is given that may not be, as they are called.
    #[must_use]
    pub fn overstepped(
        &self,
        given: &BTreeMap<String, Given>,
        held: &BTreeMap<String, Given>,
        locked: &BTreeSet<String>,
    ) -> Vec<String> {
        let reach = self.within_reach(given, held, locked);
        let told = self.fields.iter().filter(|field| {
            let of = |all: &'_ BTreeMap<String, Given>| match all.get(&field.name) {
                Some(Given::Rows(rows)) => {
                    let mut rows = rows.clone();
                    rows.sort_by(|a, b| a.id.cmp(&b.id));
                    Some(Given::Rows(rows))
                }
                given => given.cloned(),
            };
            of(given) != of(&reach)
        });
        told.map(|field| field.title.clone()).collect()
    }

    /// What a document's keeper gives, its new rows numbered past those into which the county filled something and
    /// which are gone: what was said of one row is not said of another.
    #[must_use]
    pub fn renumbered(&self, case: &Case<'_>, mut given: BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        for (name, above) in filled(case).into_iter().flat_map(|filled| &filled.given) {
            let there: BTreeSet<&str> =
                case.document.given.get(name).map_or(&[][..], rows_of).iter().map(|row| row.id.as_str()).collect();
            let gone: BTreeSet<&str> = rows_of(above).iter().map(|row| row.id.as_str()).collect();
            let gone: BTreeSet<&str> = gone.difference(&there).copied().collect();
            let Some(Given::Rows(rows)) = given.get_mut(name) else { continue };
            let numbers = rows.iter().map(|row| row.id.as_str()).chain(gone.iter().copied());
            let mut next = numbers.filter_map(|id| id.strip_prefix('n')?.parse::<u32>().ok()).max().unwrap_or_default();
            for row in rows.iter_mut().filter(|row| gone.contains(row.id.as_str())) {
                next = next.saturating_add(1);
                row.id = format!("n{next}");
            }
        }
        given
    }

    fn with_rows(&self) -> impl Iterator<Item = (Option<&Field>, &Field)> {
        self.fields.iter().flat_map(|field| {
            std::iter::once((None, field)).chain(field.fields.iter().map(move |inner| (Some(field), inner)))
        })
    }
}

fn place(rows: Option<&Field>, field: &Field) -> String {
    rows.map_or_else(|| field.name.clone(), |rows| format!("{}.{}", rows.name, field.name))
}

/// What the county filled into this version of a document.
pub(super) fn filled<'a>(case: &Case<'a>) -> Option<&'a Filled> {
    case.verdict.and_then(|verdict| verdict.filled_into(case.document.version))
}

#[cfg(test)]
mod tests;
