//! What a posted form says. Nothing of it is trusted: only what may be typed is taken, and only so many rows with sound
//! ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tongpin_domain::form::{Attachment, Definition, Field, Given, GivenRow, Kind, MOST_ROWS, is_row_id};

use super::files::written;
use crate::sheet::text;
use crate::web::Fields;

/// What was posted from [`super::edit`], over what was given before. Fields that were not posted keep what they had.
#[must_use]
pub fn given(definition: &Definition, fields: &Fields, before: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
    given_but(definition, fields, before, &BTreeSet::new())
}

/// The same but for fields that are not to be filled in at present, whatever was posted for them: `paid`, `roads`,
/// `roads.paid`.
#[must_use]
pub fn given_but(
    definition: &Definition,
    fields: &Fields,
    before: &BTreeMap<String, Given>,
    locked: &BTreeSet<String>,
) -> BTreeMap<String, Given> {
    let mut posted = Posted { definition, values: HashMap::new(), locked };
    for (name, value) in fields.pairs() {
        posted.values.entry(name).or_default().push(value);
    }
    let mut given = before.clone();
    for field in definition.fields.iter().filter(|field| field.is_open_but(locked)) {
        let held = before.get(&field.name);
        let said = match field.kind {
            Kind::Unknown(_) => Said::Nothing,
            Kind::Files => posted.files(field, held),
            Kind::Rows => posted.rows(field, held),
            Kind::AnyOf => posted.several(field),
            _ => posted.one(field, &field.name, one(held)).map_or(Said::Nothing, |kept| {
                if kept.is_empty() { Said::Blank } else { Said::Value(Given::One(kept)) }
            }),
        };
        match said {
            Said::Nothing => {}
            Said::Blank => drop(given.remove(&field.name)),
            Said::Value(value) => drop(given.insert(field.name.clone(), value)),
        }
    }
    given
}

/// What was posted for a field.
enum Said {
    /// It was not asked.
    Nothing,
    /// That there is none.
    Blank,
    /// This.
    Value(Given),
}

fn one(given: Option<&Given>) -> Option<&str> {
    match given {
        Some(Given::One(kept)) => Some(kept),
        _ => None,
    }
}

struct Posted<'a> {
    definition: &'a Definition,
    values: HashMap<&'a str, Vec<&'a str>>,
    locked: &'a BTreeSet<String>,
}

impl Posted<'_> {
    /// What a place has, blank for nothing; `None` if it was not posted. What comes back as it was shown stays as it
    /// was typed, so that saving again changes nothing. A page sends codes; what was pasted may be a choice's text.
    fn one(&self, field: &Field, place: &str, held: Option<&str>) -> Option<String> {
        let written = self.values.get(place)?.first()?;
        let unit = &self.definition.layout.money;
        let code = field.choices.iter().find(|choice| choice.code == written.trim());
        let kept = code.map_or_else(|| text::kept(field, written, unit), |choice| choice.code.clone());
        let same = |held: &&str| {
            text::kept(field, &text::told(field, held, unit, tongpin_domain::lang::Lang::Zh), unit) == kept
        };
        Some(held.filter(same).map_or(kept, str::to_owned))
    }

    fn several(&self, field: &Field) -> Said {
        let mut codes: Vec<String> = Vec::new();
        let Some(values) = self.values.get(field.name.as_str()) else { return Said::Nothing };
        for code in values.iter().map(|code| code.trim()) {
            if !code.is_empty() && codes.len() <= field.choices.len() && !codes.iter().any(|known| known == code) {
                codes.push(code.to_owned());
            }
        }
        if codes.is_empty() { Said::Blank } else { Said::Value(Given::Several(codes)) }
    }

    /// Of the files that are there those that are to stay. What else was posted for them is none of the page's.
    fn files(&self, field: &Field, held: Option<&Given>) -> Said {
        let Some(values) = self.values.get(field.name.as_str()) else { return Said::Nothing };
        let Some(Given::Files(files)) = held else { return Said::Nothing };
        let stays = |file: &&Attachment| values.contains(&written(file).as_str());
        let kept: Vec<Attachment> = files.iter().filter(stays).cloned().collect();
        if kept.is_empty() { Said::Blank } else { Said::Value(Given::Files(kept)) }
    }

    /// The rows in the order in which they were posted; one in which nothing is typed is none.
    fn rows(&self, field: &Field, held: Option<&Given>) -> Said {
        let listed = self.values.get(format!("{}.rows", field.name).as_str()).and_then(|lists| lists.first());
        let Some(ids) = listed else { return Said::Nothing };
        let rows: &[GivenRow] = match held {
            Some(Given::Rows(rows)) => rows,
            _ => &[],
        };
        let held: BTreeMap<&str, &GivenRow> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut seen = BTreeSet::new();
        // Rows that are there of themselves stay, whatever was listed.
        let fixed = field.has_fixed_rows_but(self.locked);
        let there = rows.iter().map(|row| row.id.as_str()).filter(|_| fixed);
        let come = ids.split(',').filter(|_| !fixed || field.has_fixed_rows());
        let ids = there.chain(come).filter(|id| is_row_id(id) && seen.insert(*id));
        let ids = ids.take(if fixed { held.len().max(MOST_ROWS) } else { MOST_ROWS });
        let rows: Vec<GivenRow> = ids.filter_map(|id| self.row(field, id, held.get(id).copied())).collect();
        if rows.is_empty() { Said::Blank } else { Said::Value(Given::Rows(rows)) }
    }

    fn row(&self, field: &Field, id: &str, held: Option<&GivenRow>) -> Option<GivenRow> {
        let mut cells = held.map(|row| row.cells.clone()).unwrap_or_default();
        for inner in field.fields.iter().filter(|inner| inner.is_typed()) {
            if self.locked.contains(&format!("{}.{}", field.name, inner.name)) {
                continue;
            }
            let place = format!("{}.{id}.{}", field.name, inner.name);
            let before = held.and_then(|row| row.cells.get(&inner.name)).map(String::as_str);
            match self.one(inner, &place, before) {
                Some(kept) if !kept.is_empty() => drop(cells.insert(inner.name.clone(), kept)),
                Some(_) => drop(cells.remove(&inner.name)),
                None => {}
            }
        }
        let typed = field.fields.iter().any(|inner| inner.is_typed() && cells.contains_key(&inner.name));
        typed.then(|| GivenRow { id: id.to_owned(), cells })
    }
}
