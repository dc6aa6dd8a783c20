//! What a form asks of records that the program keeps: the columns of their files, and what the city asks beside what
//! the program itself reads.

use std::collections::{BTreeMap, BTreeSet};

use super::Words;
use super::sheet::{Cells, Column};
use crate::form::{Consequence, Definition, Facts, Fault, Field, Given, KeptAs, Kind, Place, Values};
use crate::lang::{Lang, Say};
use crate::number::half_width;

/// The unit of amounts in files.
const YUAN: &str = "元";

/// A column of a file, as people who write one need to know it.
#[derive(Debug, Clone, Copy)]
pub struct FormColumn<'a> {
    /// What it asks.
    pub field: &'a Field,
    /// Whether a file must have it.
    pub needed: bool,
}

/// What a file may lack of what a form asks: then what is held stays, or nothing is said.
fn may_lack(kept_as: &KeptAs) -> &'static [&'static str] {
    match kept_as {
        KeptAs::Project => &["township_code", "township_name", "execution_reason"],
        KeptAs::Line => &["evidence_count"],
        KeptAs::Month => &["project_name", "line", "line_name", "reached", "note"],
        KeptAs::Goal | KeptAs::Evaluation | KeptAs::Unknown(_) => &[],
    }
}

impl Definition {
    /// The columns of a file of the records that it describes, in order, those of rows in their place. What nobody
    /// fills in any more may still be there; either the name or the title heads a column.
    pub fn file_columns(&self) -> impl Iterator<Item = FormColumn<'_>> {
        let (shipped, may_lack) = (self.shipped(), self.kept_as.as_ref().map_or(&[][..], may_lack));
        let single = self.fields.iter().flat_map(|field| {
            let is_rows = field.kind == Kind::Rows;
            is_rows.then_some(&field.fields).into_iter().flatten().chain((!is_rows).then_some(field))
        });
        let own = move |name: &str| shipped.and_then(|shipped| shipped.asks(name));
        let written = single.filter(|field| field.derived.is_none() && field.from.is_empty());
        let kept = written.filter(move |field| !field.retired || own(&field.name).is_some());
        kept.map(move |field| {
            let needed = !field.retired && own(&field.name).is_some() && !may_lack.contains(&field.name.as_str());
            FormColumn { field, needed }
        })
    }

    /// The field of this name, wherever it stands.
    fn asks(&self, name: &str) -> Option<&Field> {
        self.fields.iter().chain(self.fields.iter().flat_map(|field| &field.fields)).find(|field| field.name == name)
    }

    /// What stands above a field's column in a table with these titles, if it has one.
    #[must_use]
    pub fn heading<'t>(&self, name: &str, header: &'t [String]) -> Option<&'t str> {
        let column = sheet_columns(self).into_iter().find(|column| column.name == name)?;
        header.iter().find(|title| column.is_headed(title)).map(String::as_str)
    }

    /// How many of the columns that a file must have stand in one with these titles, in a hundred.
    #[must_use]
    pub fn share_in(&self, header: &[String]) -> usize {
        let needed: Vec<Column<'_>> = sheet_columns(self).into_iter().filter(|column| column.needed).collect();
        let there = needed.iter().filter(|column| header.iter().any(|title| column.is_headed(title))).count();
        there.saturating_mul(100).checked_div(needed.len()).unwrap_or(0)
    }

    /// The fields that a table with these titles says anything about: what it has no column for stays as it is held.
    #[must_use]
    pub fn said_in(&self, header: &[String]) -> BTreeSet<&str> {
        let is_there = |column: &Column<'_>| header.iter().any(|title| column.is_headed(title));
        sheet_columns(self).into_iter().filter(is_there).map(|column| column.name).collect()
    }
}

/// The columns as a sheet is read through them: under the titles in force, those that the program ships, and either
/// with the unit of amounts.
pub(super) fn sheet_columns(form: &Definition) -> Vec<Column<'_>> {
    let shipped = form.shipped();
    let column = |FormColumn { field, needed }| {
        let own = std::iter::once(field).chain(shipped.and_then(|shipped| shipped.asks(&field.name)));
        let also = own.flat_map(|field| [field.title.clone(), field.headed(YUAN, crate::lang::Lang::Zh)]).collect();
        Column { name: field.name.as_str(), word: field.title.as_str(), also, needed, choices: &field.choices }
    };
    form.file_columns().map(column).collect()
}

/// A form of records, with what its calculations need.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    form: &'a Definition,
    facts: &'a Facts,
    /// The names of the fields that the city added.
    added: BTreeSet<&'a str>,
    /// Whether the city has published it otherwise than the program ships it.
    otherwise: bool,
}

impl<'a> Asked<'a> {
    /// The form in force.
    #[must_use]
    pub fn new(form: &'a Definition, facts: &'a Facts) -> Self {
        let otherwise = form.shipped().is_some_and(|shipped| shipped != form);
        Self { form, facts, added: form.added().map(|field| field.name.as_str()).collect(), otherwise }
    }

    /// What it asks.
    #[must_use]
    pub fn form(&self) -> &'a Definition {
        self.form
    }

    /// Fields that the city added to those of the program.
    pub fn added(&self) -> impl Iterator<Item = &'a Field> {
        self.form.added().filter(|field| field.is_typed())
    }

    /// What the city's own fields, limits and checks say of a record, by what was typed into its fields. There is
    /// nothing to be said by a form as the program ships it: what that asks, the program itself looks at.
    #[must_use]
    pub fn judge(&self, typed: &BTreeMap<&str, &str>) -> Judged {
        let mut judged = Judged::default();
        if !self.otherwise {
            return judged;
        }
        let asked = self.form.fields.iter().filter(|field| field.is_typed() && field.kind != Kind::Rows);
        let given: BTreeMap<String, Given> = asked
            .filter_map(|field| Some((field.name.clone(), typed.get(field.name.as_str())?)))
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(name, text)| (name, Given::One((*text).to_owned())))
            .collect();
        let reading = self.form.read(&given);
        for problem in &reading.problems {
            let name = &problem.place.field;
            let is_limit =
                matches!(problem.fault, Fault::TooLong { .. } | Fault::BelowLeast { .. } | Fault::AboveMost { .. });
            if self.added.contains(name.as_str()) || (is_limit && self.is_limited_otherwise(name)) {
                judged.problems.push((name.clone(), problem.fault.expected()));
            }
        }
        let year = typed.get("fiscal_year").and_then(|text| half_width(text.trim()).parse().ok());
        let facts = self.facts.of_year(year);
        let evaluated = self.form.evaluate(&reading.values, &facts);
        for finding in &evaluated.findings {
            let at = finding.place.as_ref().map_or_else(String::new, |place: &Place| place.field.clone());
            let says = finding.says.trim_end_matches('。');
            match finding.then {
                Consequence::Block | Consequence::Unknown(_) => judged.problems.push((at, Words::new(says, says))),
                _ => judged.doubts.push((at, Words::new(says, says))),
            }
        }
        let unread = |name: &str| reading.problems.iter().any(|problem| problem.place.field == name);
        for place in evaluated.missing.iter().filter(|place| place.row.is_none() && !unread(&place.field)) {
            // What the program itself insists on, it tells by itself.
            let insisted = self.form.shipped().and_then(|shipped| shipped.field(&place.field));
            if insisted.is_none_or(|field| !field.required) {
                let words = Words::new("填写的内容（必填，可以先保存）", "a value (saved all the same)");
                judged.doubts.push((place.field.clone(), words));
            }
        }
        for lacks in self.form.rules_lacking(&evaluated, &facts) {
            let at = lacks.place.as_ref().map_or_else(String::new, |place| place.field.clone());
            judged.doubts.push((at, Words::new(lacks.say(Lang::Zh), lacks.say(Lang::En))));
        }
        let follows = self.form.added().filter(|field| field.derived.is_some()).map(|field| &field.name);
        judged.follows = follows.filter_map(|name| Some((name.clone(), evaluated.values.get(name)?.clone()))).collect();
        judged.more = self.form.canonical(&reading.values, &given);
        judged.more.retain(|name, _| self.added.contains(name.as_str()));
        judged
    }

    /// Whether the city has set other limits than the program's own, which the program itself looks at.
    fn is_limited_otherwise(&self, name: &str) -> bool {
        let limits = |form: &Definition| form.field(name).map(|field| (field.least, field.most, field.longest));
        self.form.shipped().and_then(limits) != limits(self.form)
    }

    /// What a record keeps of the city's fields after a page or a system has said something of all that are asked: what
    /// the release in force does not ask stays as it is held.
    #[must_use]
    pub fn kept(&self, held: &BTreeMap<String, Given>, mut more: BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        keep_unsaid(&self.added().map(|field| field.name.as_str()).collect(), held, &mut more);
        more
    }

    /// Reads what the city asks beside what the program itself reads of a row, and tells at its cells what is wrong.
    pub(super) fn beyond(&self, cells: &mut Cells<'_>) -> BTreeMap<String, Given> {
        if !self.otherwise {
            return BTreeMap::new();
        }
        let names = self.form.fields.iter().map(|field| field.name.as_str());
        let judged = self.judge(&names.map(|name| (name, cells.raw(name))).collect());
        for (name, expected) in judged.problems {
            cells.problem(&name, expected);
        }
        for (name, expected) in judged.doubts {
            cells.warn(&name, expected);
        }
        judged.more
    }
}

/// What a form says of a record, beside what the program itself says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The values of the city's own fields, by field, each in the one way of writing it.
    pub more: BTreeMap<String, Given>,
    /// What follows for the city's own fields that are calculated.
    pub follows: Values,
    /// What keeps it from being saved, by field, each with how it should be; blank where it is about the whole.
    pub problems: Vec<(String, Words)>,
    /// What looks doubtful or is still missing.
    pub doubts: Vec<(String, Words)>,
}

/// Puts back what is held where nothing is said about it: fields whose column a table lacks, and those that the release
/// in force does not ask.
pub fn keep_unsaid(said: &BTreeSet<&str>, held: &BTreeMap<String, Given>, more: &mut BTreeMap<String, Given>) {
    for (name, given) in held.iter().filter(|(name, _)| !said.contains(name.as_str())) {
        more.entry(name.clone()).or_insert_with(|| given.clone());
    }
}

/// What was given as it stands in a cell of a file: codes of choices one after the other.
#[must_use]
pub fn written(given: &Given) -> String {
    match given {
        Given::One(text) => text.clone(),
        Given::Several(codes) => codes.join("、"),
        Given::Rows(_) | Given::Files(_) => String::new(),
    }
}
