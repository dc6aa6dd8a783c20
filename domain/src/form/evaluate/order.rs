//! In which order the fields of a form are calculated: each after what it needs, whatever the order in which they
//! stand. Fields that need themselves in the end are told apart; what they would follow from is missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::form::{Check, Condition, Definition, Expression, Field, Kind};

/// One field to be calculated.
pub(super) struct Turn<'a> {
    /// The rows that it stands in.
    pub(super) rows: Option<&'a Field>,
    /// The field.
    pub(super) field: &'a Field,
    /// Whether it needs itself in the end.
    pub(super) is_cyclic: bool,
}

/// What each place needs, by place.
pub(in crate::form) type Needs = BTreeMap<String, BTreeSet<String>>;

/// Every field of a form, those of rows among them, each after what it needs.
pub(super) fn turns(definition: &Definition) -> Vec<Turn<'_>> {
    let fields = fields(definition);
    let mut needs = needs(definition);
    for found in needs.values_mut() {
        found.retain(|name| fields.contains_key(name));
    }
    let cyclic = cyclic(&needs);
    for (name, found) in needs.iter_mut().filter(|(name, _)| cyclic.contains(*name)) {
        // The rows come before what stands in them all the same.
        let rows = fields.get(name).and_then(|(rows, _)| rows.map(|rows| rows.name.as_str()));
        found.retain(|need| Some(need.as_str()) == rows);
    }
    let turn = |name: String| {
        let (rows, field) = fields.get(&name)?;
        Some(Turn { rows: *rows, field, is_cyclic: cyclic.contains(&name) })
    };
    sorted(&needs).into_iter().filter_map(turn).collect()
}

/// Every field by its place, those of rows with the rows that they stand in.
fn fields(definition: &Definition) -> BTreeMap<String, (Option<&Field>, &Field)> {
    let mut fields: BTreeMap<String, (Option<&Field>, &Field)> = BTreeMap::new();
    for field in &definition.fields {
        fields.entry(field.name.clone()).or_insert((None, field));
        for inner in field.fields.iter().filter(|_| field.kind == Kind::Rows) {
            fields.entry(place(field, &inner.name)).or_insert((Some(field), inner));
        }
    }
    fields
}

/// What each place of a form needs: for its condition, for what it is derived from, and the rows it stands in.
pub(in crate::form) fn needs(definition: &Definition) -> Needs {
    let fields = fields(definition).into_iter();
    fields.map(|(name, (rows, field))| (name, needed(definition, rows, field))).collect()
}

/// The places that a check looks at, the reason that answers it among them.
pub(in crate::form) fn needed_by(definition: &Definition, check: &Check) -> BTreeSet<String> {
    let rows = definition.field(&check.each);
    let mut found: BTreeSet<String> = rows.iter().map(|rows| rows.name.clone()).collect();
    let mut search = Search { definition, found: &mut found };
    search.condition(&check.when, rows);
    if !check.reason.is_empty() {
        search.expression(&Expression::field(&check.reason), rows);
    }
    found
}

fn place(rows: &Field, inner: &str) -> String {
    format!("{}.{inner}", rows.name)
}

/// Names, each after those it needs; those that need themselves in the end, and what needs them, are left out.
fn sorted(needs: &Needs) -> Vec<String> {
    let mut left: BTreeMap<&str, usize> = needs.iter().map(|(name, needs)| (name.as_str(), needs.len())).collect();
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, needs) in needs {
        for need in needs {
            wanted.entry(need).or_default().push(name);
        }
    }
    let mut ready: BTreeSet<&str> = left.iter().filter(|(_, left)| **left == 0).map(|(name, _)| *name).collect();
    let mut order = Vec::new();
    while let Some(name) = ready.pop_first() {
        order.push(name.to_owned());
        for by in wanted.get(name).into_iter().flatten() {
            let left = left.entry(by).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.insert(by);
            }
        }
    }
    order
}

/// The names that need themselves in the end.
fn cyclic(needs: &Needs) -> BTreeSet<String> {
    let sorted: BTreeSet<String> = sorted(needs).into_iter().collect();
    let left = needs.keys().filter(|name| !sorted.contains(*name));
    left.filter(|name| reaches(needs, &sorted, name)).cloned().collect()
}

fn reaches(needs: &Needs, sorted: &BTreeSet<String>, start: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        for need in needs.get(name).into_iter().flatten().filter(|need| !sorted.contains(*need)) {
            if need == start {
                return true;
            }
            if seen.insert(need.as_str()) {
                open.push(need);
            }
        }
    }
    false
}

/// The places that a field needs: for its condition, for what it is derived from, and the rows it stands in.
fn needed(definition: &Definition, rows: Option<&Field>, field: &Field) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = rows.iter().map(|rows| rows.name.clone()).collect();
    let mut search = Search { definition, found: &mut found };
    if let Some(when) = &field.when {
        search.condition(when, rows);
    }
    if let Some(derived) = &field.derived {
        search.expression(derived, rows);
    }
    found
}

struct Search<'a> {
    definition: &'a Definition,
    found: &'a mut BTreeSet<String>,
}

impl Search<'_> {
    fn expression(&mut self, expression: &Expression, rows: Option<&Field>) {
        match expression {
            Expression::Field(name) => {
                let own = rows.filter(|rows| rows.fields.iter().any(|field| field.name == *name));
                self.found.insert(own.map_or_else(|| name.clone(), |rows| place(rows, name)));
            }
            Expression::Total { rows: over, field, of } => {
                self.found.extend([over.clone(), format!("{over}.{field}")]);
                self.of_rows(over, of.as_deref());
            }
            Expression::Count { rows: over, of } => {
                self.found.insert(over.clone());
                self.of_rows(over, of.as_deref());
            }
            _ => {
                for part in expression.parts() {
                    self.expression(part, rows);
                }
                if let Some(condition) = expression.condition() {
                    self.condition(condition, rows);
                }
            }
        }
    }

    fn of_rows(&mut self, rows: &str, of: Option<&Condition>) {
        let rows = self.definition.field(rows);
        if let (Some(rows), Some(of)) = (rows, of) {
            self.condition(of, Some(rows));
        }
    }

    fn condition(&mut self, condition: &Condition, rows: Option<&Field>) {
        match condition {
            Condition::All(all) | Condition::Any(all) => all.iter().for_each(|one| self.condition(one, rows)),
            Condition::Not(not) => self.condition(not, rows),
            Condition::AnyRow { rows: over, when } | Condition::EveryRow { rows: over, when } => {
                self.found.insert(over.clone());
                self.of_rows(over, Some(when));
            }
            Condition::Value { value, test } => {
                self.expression(value, rows);
                if let Some(other) = test.other() {
                    self.expression(other, rows);
                }
            }
            Condition::Unknown(_) => {}
        }
    }
}
