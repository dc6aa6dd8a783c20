//! What follows from what a form holds: its derived fields, what is missing, what is not asked, and what its checks
//! find. Pure and exact; the same values give the same answer, whatever the order of the fields.

mod calculate;
mod figure;
mod found;
mod order;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub(super) use calculate::{Calculation, Within};
pub(super) use figure::Figure;
pub(super) use found::Found;
pub(super) use order::{Needs, needed_by, needs};

use super::{Check, Consequence, Definition, Field, Kind, Place, Row, RuleNumbers, Value, Values, text};
use crate::calendar::Calendar;
use order::Turn;

/// What a calculation needs beside the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// 工作日历, of all years that are known.
    pub calendar: Calendar,
    /// 规则参数: the numbers of the rules in force, such as `execution.weight`.
    pub rules: RuleNumbers,
    /// The year of the document, which tells which of the rule sets is its own; none for a document of no year.
    pub year: Option<i32>,
}

/// What follows from the values of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// The values with the derived ones, also inside rows. What is not asked is not among them.
    pub values: Values,
    /// What is required and asked, and not there, in the order of the form. A field that another level fills in
    /// ([`Field::level`]) is among them: only the caller knows at which level it stands.
    pub missing: Vec<Place>,
    /// The fields that are not asked because their condition does not hold, as places: `reason`, `roads.r3.reason`. One
    /// whose condition cannot be told is asked.
    pub hidden: BTreeSet<String>,
    /// What the checks found, in their order.
    pub findings: Vec<Finding>,
}

/// A check whose condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check's name.
    pub check: String,
    /// What follows.
    pub then: Consequence,
    /// Where it is told; nowhere in particular without it.
    pub place: Option<Place>,
    /// What the person reads.
    pub says: String,
    /// For [`Consequence::Reason`]: whether the reason is given.
    pub answered: bool,
}

impl Finding {
    /// Whether the document cannot be handed on like this. What a newer program demands counts as that here.
    #[must_use]
    pub fn blocks(&self) -> bool {
        match self.then {
            Consequence::Block | Consequence::Unknown(_) => true,
            Consequence::Reason => !self.answered,
            Consequence::Review | Consequence::Warn => false,
        }
    }
}

impl Evaluated {
    /// Whether the document cannot be handed on: something is missing, or a check blocks it or wants a reason.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        !self.missing.is_empty() || self.findings.iter().any(Finding::blocks)
    }

    /// The value at a place.
    #[must_use]
    pub fn at(&self, place: &Place) -> Option<&Value> {
        let value = self.values.get(&place.field)?;
        let (Some(id), Some(inner)) = (&place.row, &place.inner) else { return Some(value) };
        value.rows()?.iter().find(|row| row.id == *id)?.values.get(inner)
    }
}

impl Definition {
    /// What follows from values: those that were read, and beside them those that were filled in from elsewhere
    /// ([`Definition::filled`]). A derived value among them does not count; it is calculated anew.
    ///
    /// A derived number is rounded half away from zero to the decimals of its field, and whatever needs the field gets
    /// it rounded, as people see it. A check that is to look at the exact figure says so by writing the calculation
    /// instead of the field.
    #[must_use]
    pub fn evaluate(&self, values: &Values, facts: &Facts) -> Evaluated {
        let mut calculation = Calculation::new(self, facts, Cow::Owned(Values::new()));
        let mut hidden = BTreeSet::new();
        for turn in order::turns(self) {
            calculation.take(&turn, values, &mut hidden);
        }
        let findings = self.checks.iter().flat_map(|check| calculation.findings(check)).collect();
        let values = calculation.values.into_owned();
        Evaluated { missing: missing(self, &values, &hidden), values, hidden, findings }
    }

    /// What followed, as a document keeps it: derived values, and those filled in from elsewhere, under `rate` or
    /// `roads.r1.rate`.
    #[must_use]
    pub fn derived(&self, evaluated: &Evaluated) -> BTreeMap<String, String> {
        let follows = |field: &&Field| field.derived.is_some() || !field.from.is_empty();
        let mut kept = BTreeMap::new();
        for field in &self.fields {
            let value = evaluated.values.get(&field.name);
            if field.kind == Kind::Rows {
                for row in value.and_then(Value::rows).unwrap_or_default() {
                    let inner = field.fields.iter().filter(follows);
                    let cells = inner.filter_map(|inner| Some((inner, row.values.get(&inner.name)?)));
                    kept.extend(cells.map(|(inner, value)| {
                        (Place::cell(&field.name, &row.id, &inner.name).to_string(), text(inner, value))
                    }));
                }
            } else if let Some(value) = value.filter(|_| follows(&field)) {
                kept.insert(field.name.clone(), text(field, value));
            }
        }
        kept
    }
}

impl Calculation<'_> {
    /// Calculates one field: whether it is asked, and what it holds, in the document or in each of the rows.
    fn take(&mut self, turn: &Turn<'_>, given: &Values, hidden: &mut BTreeSet<String>) {
        let (field, name) = (turn.field, &turn.field.name);
        let Some(rows) = turn.rows else {
            if self.is_asked(turn, None) {
                let value = self.held(turn, None, given.get(name));
                self.values.to_mut().extend(value.map(|value| (name.clone(), value)));
            } else {
                hidden.insert(name.clone());
            }
            return;
        };
        let shells = self.values.get(&rows.name).and_then(Value::rows).unwrap_or_default();
        let source = given.get(&rows.name).and_then(Value::rows).unwrap_or_default();
        let found: Vec<Option<Value>> = shells
            .iter()
            .zip(source)
            .map(|(row, source)| {
                let within = Some(Within { rows, row });
                if self.is_asked(turn, within) {
                    return self.held(turn, within, source.values.get(name));
                }
                hidden.insert(Place::cell(&rows.name, &row.id, &field.name).to_string());
                None
            })
            .collect();
        if let Some(Value::Rows(shells)) = self.values.to_mut().get_mut(&rows.name) {
            for (row, value) in shells.iter_mut().zip(found) {
                row.values.extend(value.map(|value| (name.clone(), value)));
            }
        }
    }

    fn is_asked(&self, turn: &Turn<'_>, within: Option<Within<'_>>) -> bool {
        let when = turn.field.when.as_ref().filter(|_| !turn.is_cyclic);
        when.and_then(|when| self.holds(when, within, 0)) != Some(false)
    }

    fn held(&self, turn: &Turn<'_>, within: Option<Within<'_>>, given: Option<&Value>) -> Option<Value> {
        match (&turn.field.derived, given) {
            (Some(derived), _) if !turn.is_cyclic => fitting(turn.field, self.value(derived, within, 0)?),
            (Some(_), _) => None,
            // What stands in the rows has its own turns.
            (None, Some(Value::Rows(rows))) => {
                let shells = rows.iter().map(|row| Row { id: row.id.clone(), values: Values::new() });
                (turn.field.kind == Kind::Rows && !rows.is_empty()).then(|| Value::Rows(shells.collect()))
            }
            (None, given) => given.cloned(),
        }
    }

    /// What a check finds: once for the document, or once for each of the rows for which it holds.
    fn findings(&self, check: &Check) -> Vec<Finding> {
        let finding = |place, answered| Finding {
            check: check.name.clone(),
            then: check.then.clone(),
            place,
            says: check.says.clone(),
            answered,
        };
        let reason = |values: &Values| values.contains_key(&check.reason);
        if check.each.is_empty() {
            let place = (!check.at.is_empty()).then(|| Place::of(&check.at));
            let holds = self.holds(&check.when, None, 0) == Some(true);
            return holds.then(|| finding(place, reason(&self.values))).into_iter().collect();
        }
        let Some(rows) = self.definition.field(&check.each) else { return Vec::new() };
        let at = check.at.strip_prefix(&format!("{}.", rows.name)).unwrap_or(&check.at);
        let own_reason = rows.fields.iter().any(|inner| inner.name == check.reason);
        let all = self.values.get(&rows.name).and_then(Value::rows).unwrap_or_default();
        let held = all.iter().filter(|row| self.holds(&check.when, Some(Within { rows, row }), 0) == Some(true));
        held.map(|row| {
            let row_place = Place::row(&rows.name, &row.id);
            let place = if at.is_empty() { row_place } else { Place { inner: Some(at.to_owned()), ..row_place } };
            finding(Some(place), reason(if own_reason { &row.values } else { &self.values }))
        })
        .collect()
    }
}

/// What an expression gave, as its field holds it; nothing if the field holds something else.
fn fitting(field: &Field, found: Found<'_>) -> Option<Value> {
    match (&field.kind, found) {
        (kind, Found::Figure(figure)) if kind.is_number() => figure.rounded(field.kept_places()).map(Value::Number),
        (Kind::Day, Found::Day(day)) => Some(Value::Day(day)),
        (Kind::Month, Found::Other(value @ Value::Month(_)))
        | (Kind::YesNo, Found::Other(value @ Value::Flag(_)))
        | (Kind::AnyOf, Found::Other(value @ Value::Several(_))) => Some(value.clone()),
        (kind, Found::Other(value @ Value::Text(_))) if kind.is_text() => Some(value.clone()),
        _ => None,
    }
}

impl Kind {
    /// Whether it is one text, a code among them.
    fn is_text(&self) -> bool {
        let other = self.is_number() || matches!(self, Self::Day | Self::Month | Self::YesNo | Self::AnyOf);
        !other && !matches!(self, Self::Files | Self::Rows | Self::Unknown(_))
    }
}

/// What is required, asked and typed, and not there.
fn missing(definition: &Definition, values: &Values, hidden: &BTreeSet<String>) -> Vec<Place> {
    let wanted = |field: &&Field| field.required && field.is_typed();
    let mut missing = Vec::new();
    for field in definition.fields.iter().filter(|field| !hidden.contains(&field.name)) {
        let value = values.get(&field.name);
        if value.is_none() && wanted(&field) {
            missing.push(Place::of(&field.name));
        }
        for row in value.and_then(Value::rows).unwrap_or_default() {
            let inner = field.fields.iter().filter(wanted).filter(|inner| !row.values.contains_key(&inner.name));
            let places = inner.map(|inner| Place::cell(&field.name, &row.id, &inner.name));
            missing.extend(places.filter(|place| !hidden.contains(&place.to_string())));
        }
    }
    missing
}
