//! What becomes of a document under a newer release, field by field and check by check.

use std::collections::BTreeMap;

use super::{Becomes, Difference, Under};
use crate::form::{Consequence, Fault, Field, Kind, Place, Row, Value, Values, shown};
use crate::lang::{Lang, Say};

/// What becomes of a document under a newer release: its fields in the order of that release, those that are gone, the
/// checks.
#[must_use]
pub fn differences(before: Under<'_>, after: Under<'_>, lang: Lang) -> Vec<Difference> {
    // Of several problems at one place the first is told.
    let problems = after.reading.problems.iter().rev().map(|problem| (&problem.place, &problem.fault)).collect();
    let mut comparison = Comparison { before, after, problems, lang, found: Vec::new() };
    for now in &after.definition.fields {
        match before.definition.field(&now.name) {
            None => comparison.added(now, None),
            Some(then) => comparison.kept(then, now),
        }
    }
    for then in &before.definition.fields {
        match after.definition.field(&then.name) {
            None => comparison.gone(then, None),
            Some(now) => {
                let gone = then.fields.iter().filter(|inner| now.fields.iter().all(|other| other.name != inner.name));
                gone.for_each(|inner| comparison.gone(inner, Some(then)));
            }
        }
    }
    comparison.checks();
    comparison.found
}

struct Comparison<'a> {
    before: Under<'a>,
    after: Under<'a>,
    /// What the newer release does not take.
    problems: BTreeMap<&'a Place, &'a Fault>,
    lang: Lang,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn tell(&mut self, field: &Field, rows: Option<&Field>, becomes: Becomes, before: String, after: String) {
        let (place, title) = match rows {
            None => (field.name.clone(), field.called(self.lang).to_owned()),
            Some(rows) => (
                format!("{}.{}", rows.name, field.name),
                format!("{}{}{}", rows.called(self.lang), self.lang.pick("：", ": "), field.called(self.lang)),
            ),
        };
        let personal = field.personal || rows.is_some_and(|rows| rows.personal);
        self.found.push(Difference { place, title, becomes, before, after, personal });
    }

    /// A value as people read it, in the unit of the new sheet; nothing for none.
    fn shown(&self, field: &Field, value: Option<&Value>) -> String {
        value.map(|value| shown(field, value, &self.after.definition.layout.money, self.lang)).unwrap_or_default()
    }

    /// What a field held before: in rows what they all held, each of them once.
    fn held(&self, field: &Field, rows: Option<&Field>) -> String {
        let values = |under: &Under<'_>| -> Vec<Value> {
            let Some(rows) = rows else { return held(under, &Place::of(&field.name)).cloned().into_iter().collect() };
            let ids = row_ids(under, rows);
            let cells = ids.iter().map(|id| Place::cell(&rows.name, id, &field.name));
            cells.filter_map(|place| held(under, &place).cloned()).collect()
        };
        let mut texts: Vec<String> = Vec::new();
        for value in values(&self.before) {
            let text = self.shown(field, Some(&value));
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts.join(self.lang.pick("、", ", "))
    }

    fn added(&mut self, now: &Field, rows: Option<&Field>) {
        let required = now.required && now.is_typed();
        let becomes = if required { Becomes::AddedRequired } else { Becomes::Added };
        let value = rows.map_or_else(|| self.after.evaluated.values.get(&now.name), |_| None);
        let after = self.shown(now, value);
        self.tell(now, rows, becomes, String::new(), after);
    }

    fn gone(&mut self, then: &Field, rows: Option<&Field>) {
        let before = self.held(then, rows);
        self.tell(then, rows, Becomes::Gone, before, String::new());
    }

    /// A field that both releases have, and those of its rows.
    fn kept(&mut self, then: &Field, now: &Field) {
        self.of_field(then, now, None);
        if then.kind != Kind::Rows || now.kind != Kind::Rows {
            return;
        }
        for inner in &now.fields {
            match then.fields.iter().find(|other| other.name == inner.name) {
                None => self.added(inner, Some(now)),
                Some(other) => self.of_field(other, inner, Some(now)),
            }
        }
    }

    fn of_field(&mut self, then: &Field, now: &Field, rows: Option<&Field>) {
        if now.retired && !then.retired {
            let before = self.held(then, rows);
            self.tell(now, rows, Becomes::Retired, before.clone(), before);
        }
        if self.lacks(now, rows) {
            self.tell(now, rows, Becomes::Required, String::new(), String::new());
        }
        let retired = now.choices.iter().filter(|choice| choice.retired);
        let newly = retired.filter(|choice| then.choices.iter().any(|old| old.code == choice.code && !old.retired));
        let used: Vec<_> = newly.filter(|choice| self.uses(now, rows, &choice.code)).collect();
        for choice in used {
            self.tell(now, rows, Becomes::ChoiceRetired, choice.text.clone(), choice.text.clone());
        }
        match rows {
            None => {
                let place = Place::of(&now.name);
                let values = (self.before.evaluated.at(&place), self.after.evaluated.at(&place));
                self.of_value((then, now), values, &place, None);
            }
            Some(rows) => {
                let before = by_id(&self.before.evaluated.values, &rows.name);
                let after = by_id(&self.after.evaluated.values, &rows.name);
                for (number, id) in (1usize..).zip(row_ids(&self.after, rows)) {
                    let was = before.get(id.as_str()).and_then(|row| row.values.get(&now.name));
                    let is = after.get(id.as_str()).and_then(|row| row.values.get(&now.name));
                    let place = Place::cell(&rows.name, &id, &now.name);
                    self.of_value((then, now), (was, is), &place, Some((rows, number)));
                }
            }
        }
    }

    /// Whether the document lacks it now and did not before: because it is required, or because it is asked. What is
    /// there and cannot be read is told as that.
    fn lacks(&self, now: &Field, rows: Option<&Field>) -> bool {
        let of = |place: &&Place| match rows {
            None => place.field == now.name && place.inner.is_none(),
            Some(rows) => place.field == rows.name && place.inner.as_ref() == Some(&now.name),
        };
        let known = |place: &&Place| self.before.evaluated.missing.contains(place) || self.problems.contains_key(place);
        now.required && self.after.evaluated.missing.iter().filter(of).any(|place| !known(&place))
    }

    /// Whether the document has chosen this.
    fn uses(&self, field: &Field, rows: Option<&Field>, code: &str) -> bool {
        let chosen = |value: &Value| match value {
            Value::Text(chosen) => chosen == code,
            Value::Several(chosen) => chosen.iter().any(|chosen| chosen == code),
            _ => false,
        };
        match rows {
            None => held(&self.after, &Place::of(&field.name)).is_some_and(chosen),
            Some(rows) => row_ids(&self.after, rows)
                .iter()
                .any(|id| held(&self.after, &Place::cell(&rows.name, id, &field.name)).is_some_and(chosen)),
        }
    }

    /// What one value becomes, in the document or in a row.
    fn of_value(
        &mut self,
        (then, now): (&Field, &Field),
        (was, is): (Option<&Value>, Option<&Value>),
        place: &Place,
        row: Option<(&Field, usize)>,
    ) {
        let told = self.found.len();
        let name = place.to_string();
        if let Some(fault) = self.problems.get(place).copied() {
            let before = self.shown(then, held(&self.before, place));
            self.tell(now, row.map(|row| row.0), Becomes::Unreadable, before, fault.say(self.lang));
        } else if is.is_none() && was.is_some() && self.after.evaluated.hidden.contains(&name) {
            self.tell(now, row.map(|row| row.0), Becomes::NotAsked, self.shown(then, was), String::new());
        } else if now.kind != Kind::Rows && was != is {
            let (before, after) = (self.shown(then, was), self.shown(now, is));
            if before != after {
                self.tell(now, row.map(|row| row.0), Becomes::Figure, before, after);
            }
        }
        // One of a row says of which.
        let (Some((rows, number)), Some(found)) = (row, self.found.get_mut(told)) else { return };
        found.place = name;
        found.title = match self.lang {
            Lang::Zh => format!("{}第 {number} 行：{}", rows.title, now.title),
            Lang::En => format!("{}, row {number}: {}", rows.called(Lang::En), now.called(Lang::En)),
        };
    }

    fn checks(&mut self) {
        let finds = |under: &Under<'_>, name: &str| under.evaluated.findings.iter().any(|found| found.check == name);
        let lang = self.lang;
        let outcome = |found: bool, then: &Consequence| {
            if found { then.text(lang) } else { lang.pick("通过", "passes") }.to_owned()
        };
        let (old, new) = (&self.before.definition.checks, &self.after.definition.checks);
        for now in new {
            let is = finds(&self.after, &now.name);
            let then = old.iter().find(|then| then.name == now.name);
            let was = finds(&self.before, &now.name);
            let becomes = match then {
                None => Becomes::CheckAdded,
                Some(then) if then != now => Becomes::CheckChanged,
                Some(_) if was != is => Becomes::CheckResult,
                Some(_) => continue,
            };
            let before = then.map(|then| outcome(was, &then.then)).unwrap_or_default();
            self.tell_check(&now.name, &now.says, becomes, before, outcome(is, &now.then));
        }
        for then in old.iter().filter(|then| new.iter().all(|now| now.name != then.name)) {
            let before = outcome(finds(&self.before, &then.name), &then.then);
            self.tell_check(&then.name, &then.says, Becomes::CheckDropped, before, String::new());
        }
    }

    fn tell_check(&mut self, name: &str, says: &str, becomes: Becomes, before: String, after: String) {
        let (place, title) = (name.to_owned(), says.to_owned());
        self.found.push(Difference { place, title, becomes, before, after, personal: false });
    }
}

/// What stands at a place, asked or not.
fn held<'a>(under: &'a Under<'_>, place: &Place) -> Option<&'a Value> {
    under.evaluated.at(place).or_else(|| {
        let value = under.reading.values.get(&place.field)?;
        let (Some(id), Some(inner)) = (&place.row, &place.inner) else { return Some(value) };
        value.rows()?.iter().find(|row| row.id == *id)?.values.get(inner)
    })
}

/// The rows of a field by their ids.
fn by_id<'a>(values: &'a Values, rows: &str) -> BTreeMap<&'a str, &'a Row> {
    let rows = values.get(rows).and_then(Value::rows).unwrap_or_default();
    rows.iter().rev().map(|row| (row.id.as_str(), row)).collect()
}

/// The rows of a document, in their order.
fn row_ids(under: &Under<'_>, rows: &Field) -> Vec<String> {
    let value = under.reading.values.get(&rows.name).and_then(Value::rows);
    value.unwrap_or_default().iter().map(|row| row.id.clone()).collect()
}
