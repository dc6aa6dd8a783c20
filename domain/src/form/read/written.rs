//! How values are written down: in one way each, so that a page, an import and the API keep the same bytes, and what is
//! kept is read as the same values again.

use std::collections::BTreeMap;

use super::single::single;
use crate::form::{Definition, Field, Given, GivenRow, Kind, Place, Row, Value, Values};

/// The one text of a value: `1234.50` for an amount, as many decimals as the field has, `2025-03-01`, `2025-03`, `yes`
/// and `no`, the code of a choice. A number of more decimals than the field has is written whole: nothing is rounded
/// here. Choices are joined by a comma, files are counted, and rows have no text.
#[must_use]
pub fn text(field: &Field, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Several(codes) => codes.join(","),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => {
            let number = number.normalize();
            let places = usize::try_from(field.kept_places().max(number.scale())).unwrap_or_default();
            format!("{number:.places$}")
        }
        Value::Day(day) => day.to_string(),
        Value::Month(month) => month.to_string(),
        Value::Files(count) => count.to_string(),
        Value::Rows(_) => String::new(),
    }
}

/// Whether what somebody once gave for a field is kept: it follows from nothing else.
pub(in crate::form) fn is_given(field: &Field) -> bool {
    field.is_given()
}

impl Definition {
    /// What is kept of values: each field that was typed, in the one way of writing it. Files are taken over from what
    /// was given. Of [`crate::form::Evaluated::values`] this leaves out what is not asked (its `when` is false); of
    /// [`crate::form::Reading::values`] it keeps that too.
    #[must_use]
    pub fn canonical(&self, values: &Values, given: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        let mut kept = BTreeMap::new();
        for field in self.fields.iter().filter(|field| is_given(field)) {
            let written = match values.get(&field.name) {
                None => None,
                Some(Value::Rows(rows)) => Some(Given::Rows(rows.iter().map(|row| cells(field, row)).collect())),
                Some(Value::Several(codes)) => Some(Given::Several(codes.clone())),
                Some(Value::Files(_)) => {
                    given.get(&field.name).filter(|given| matches!(given, Given::Files(_))).cloned()
                }
                Some(value) => Some(Given::One(text(field, value))),
            };
            kept.extend(written.map(|written| (field.name.clone(), written)));
        }
        kept
    }

    /// What was filled in from elsewhere when a document was saved, read from what it keeps in
    /// [`crate::form::Document::derived`]. Put beside what was typed it gives the figures that the document had then.
    #[must_use]
    pub fn filled(&self, kept: &BTreeMap<String, String>) -> Values {
        let filled = self.fields.iter().filter(|field| !field.from.is_empty() && field.kind != Kind::Rows);
        let read = filled.filter_map(|field| {
            let text = kept.get(&field.name)?;
            Some((field.name.clone(), single(field, text, Some(text)).ok().flatten()?))
        });
        read.collect()
    }

    /// The figures that a document had when it was saved, from what it keeps in [`crate::form::Document::derived`], put
    /// in the place of those that follow today: what is calculated with a calendar can come out otherwise later.
    pub fn as_kept(&self, values: &mut Values, kept: &BTreeMap<String, String>) {
        let read = |field: &Field, place: &Place| -> Option<Value> {
            let text = kept.get(&place.to_string())?;
            single(field, text, Some(text)).ok().flatten()
        };
        let put = |field: &Field, place: &Place, values: &mut Values| match read(field, place) {
            Some(value) => drop(values.insert(field.name.clone(), value)),
            None => drop(values.remove(&field.name)),
        };
        for field in &self.fields {
            if field.kind != Kind::Rows && !is_given(field) {
                put(field, &Place::of(&field.name), values);
            }
            let Some(Value::Rows(rows)) = values.get_mut(&field.name) else { continue };
            for row in rows {
                for inner in field.fields.iter().filter(|inner| !is_given(inner)) {
                    put(inner, &Place::cell(&field.name, &row.id, &inner.name), &mut row.values);
                }
            }
        }
    }
}

fn cells(rows: &Field, row: &Row) -> GivenRow {
    let typed = rows.fields.iter().filter(|field| is_given(field));
    let cell = |field: &Field| Some((field.name.clone(), text(field, row.values.get(&field.name)?)));
    GivenRow { id: row.id.clone(), cells: typed.filter_map(cell).collect() }
}
