//! The kit: a form drawn from its definition, to be read, printed or filled in, and what was posted from it. It knows
//! definitions and no form of its own.
//!
//! Names of inputs are places: `paid`, and `roads.<row>.paid` for a cell of rows, whose ids stand in order in
//! `roads.rows`. Whoever puts more inputs into such a form calls them what no field can be called: with a hyphen.

mod bar;
mod cell;
mod chip;
mod design;
mod edit;
mod files;
mod given;
mod help;
mod listed;
mod rows;
mod sheet;

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use serde::Serialize;
use tongpin_domain::form::{Definition, Field, Given, Kind};
use tongpin_domain::lang::Lang;

use crate::sheet::plan::{self, Part};
use crate::sheet::text;
use tongpin_domain::thousands::marked;

pub use bar::{Act, Bar};
pub use chip::{chip, state_chip};
pub use design::{blank, changes, impact, takes_effect};
pub use edit::edit;
pub use files::{file_input, files_kept};
pub use given::{given, given_but};
pub use help::help;
pub use listed::{choices, columns, heads, is_filter, list_head, range_box, ranges, usual_order};
pub use sheet::sheet;

/// What is said about a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The place; the form as a whole without one.
    pub place: String,
    /// How it is meant.
    pub tone: NoteTone,
    /// What the person reads: what is wrong, and what to do.
    pub text: String,
}

/// How a note is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteTone {
    /// It has to be corrected.
    Bad,
    /// It should be looked at.
    Warn,
    /// It is good to know.
    #[default]
    Info,
}

impl NoteTone {
    fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }
}

/// A document to be drawn. The caller says what is shown; the kit says where.
#[derive(Debug, Clone)]
pub struct FormView<'a> {
    /// Its form.
    pub definition: &'a Definition,
    /// What was typed.
    pub given: &'a BTreeMap<String, Given>,
    /// By place how a value is shown. What is calculated, filled in from elsewhere or personal stands here and nowhere
    /// else; what was typed may be left out.
    pub shown: BTreeMap<String, String>,
    /// What is said about places.
    pub notes: Vec<Note>,
    /// Places that still have to be filled in.
    pub missing: BTreeSet<String>,
    /// Fields that are not asked: `paid`, `roads.paid`, or `roads.r3.paid` for one cell.
    pub hidden: BTreeSet<String>,
    /// Fields that are not to be filled in at present: `paid`, `roads`, `roads.paid`. Of a table that is among them and
    /// some of whose fields are not, no row comes or goes.
    pub locked: BTreeSet<String>,
    /// By field how it is calculated, as a formula and with its numbers.
    pub formulas: BTreeMap<String, (String, String)>,
    /// By field what may be chosen from while typing, as it is kept and as people read it: divisions, organisations,
    /// entries of a catalog.
    pub offered: BTreeMap<String, Vec<(String, String)>>,
    /// The endings of the files that are taken, as a browser offers them.
    pub choosable: &'a str,
    /// Where the document's files are handed out, each at its digest; nowhere where they are not kept.
    pub files_at: String,
    /// What stands below the title: whose it is, and for which period.
    pub about: String,
    /// What stands above the signatures of a sheet that is read: a table that is no part of the form.
    pub below: Markup,
    /// The reader's language.
    pub lang: Lang,
}

impl<'a> FormView<'a> {
    /// A document of which only what was typed is known.
    #[must_use]
    pub fn new(definition: &'a Definition, given: &'a BTreeMap<String, Given>, lang: Lang) -> Self {
        Self {
            definition,
            given,
            shown: BTreeMap::new(),
            notes: Vec::new(),
            missing: BTreeSet::new(),
            hidden: BTreeSet::new(),
            locked: BTreeSet::new(),
            formulas: BTreeMap::new(),
            offered: BTreeMap::new(),
            choosable: "",
            files_at: String::new(),
            about: String::new(),
            below: html! {},
            lang,
        }
    }

    /// What a place is called: 已支付, or 路段第 3 行·已支付.
    #[must_use]
    pub fn called(&self, place: &str) -> String {
        let mut parts = place.split('.');
        let (first, id, inner) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let Some(field) = self.definition.field(first) else { return place.to_owned() };
        let name = field.called(self.lang);
        let Some(id) = id else { return name.to_owned() };
        let rows = if let Some(Given::Rows(rows)) = self.given.get(first) { rows.as_slice() } else { &[] };
        let row = match rows.iter().position(|row| row.id == id).and_then(|at| at.checked_add(1)) {
            Some(at) => self.lang.pick(&format!("{name}第 {at} 行"), &format!("{name}, row {at}")).to_owned(),
            None => self.lang.pick(&format!("{name}新增行"), &format!("{name}, new row")).to_owned(),
        };
        let inner = inner.and_then(|inner| field.fields.iter().find(|field| field.name == inner));
        inner.map_or(row.clone(), |inner| format!("{row}·{}", inner.called(self.lang)))
    }

    /// The missing places as they stand on the sheet, so that whoever follows them goes down it.
    fn missing_in_order(&self) -> Vec<&str> {
        let mut order: BTreeMap<String, usize> = BTreeMap::new();
        for part in plan::parts(self.definition, &plan::held_retired(self.definition, self.given)) {
            let places: Vec<String> = match part {
                Part::Grid { lines, .. } => lines.into_iter().flatten().map(|field| field.name.clone()).collect(),
                Part::Table(table) => {
                    let (rows, columns) = (&table.rows.name, table.columns());
                    let columns = columns.into_iter().map(|column| format!("{rows}.{}", column.name));
                    std::iter::once(rows.clone()).chain(columns).collect()
                }
            };
            for place in places {
                let next = order.len();
                order.entry(place).or_insert(next);
            }
        }
        let rank = |place: &&str| {
            let mut parts = place.split('.');
            let (first, id, inner) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
            let rows = if let Some(Given::Rows(rows)) = self.given.get(first) { rows.as_slice() } else { &[] };
            let row = id.and_then(|id| rows.iter().position(|row| row.id == id));
            let column = inner.and_then(|inner| order.get(&format!("{first}.{inner}")));
            (order.get(first).copied().unwrap_or(usize::MAX), row, column.copied())
        };
        let mut missing: Vec<&str> = self.missing.iter().map(String::as_str).collect();
        missing.sort_by_key(rank);
        missing
    }

    /// How many places have to be corrected.
    fn wrong(&self) -> usize {
        let bad = self.notes.iter().filter(|note| note.tone == NoteTone::Bad);
        bad.map(|note| note.place.as_str()).collect::<BTreeSet<_>>().len()
    }

    /// Whether a place is not asked. `field` is the place without the row.
    fn is_hidden(&self, place: &str, field: &str) -> bool {
        self.hidden.contains(place) || self.hidden.contains(field)
    }

    /// How a value is shown to whoever reads it. What is personal is shown as the caller shows it or not at all.
    fn shown(&self, place: &str, field: &Field, given: Option<&Given>) -> String {
        if let Some(shown) = self.shown.get(place) {
            return shown.clone();
        }
        let Some(given) = given else {
            return if field.is_typed() { String::new() } else { UNKNOWN.to_owned() };
        };
        if field.personal {
            return text::MASKED.to_owned();
        }
        let told = text::told_given(field, given, &self.definition.layout.money, self.lang);
        if matches!(field.kind, Kind::Money) { marked(&with_cents(told)) } else { told }
    }
}

/// An amount with two decimals at least, as calculated ones have, so that digits stand below digits. What is no number
/// stays as it was typed.
fn with_cents(told: String) -> String {
    let (whole, part) = told.split_once('.').unwrap_or((&told, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty() || !plain(digits) || !plain(part) || part.len() >= 2 {
        return told;
    }
    format!("{whole}.{part:0<2}")
}

/// What is not known.
const UNKNOWN: &str = "—";

/// What a form that is being filled in hears while somebody types: the answer at the address of its `data-check`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// By place what is calculated.
    pub shown: BTreeMap<String, String>,
    /// What is said about places.
    pub notes: Vec<Note>,
    /// Places that still have to be filled in, as they stand on the sheet.
    pub missing: Vec<String>,
    /// What stands in the bar: 还差 2 处.
    pub left: String,
    /// Fields that are not asked.
    pub hidden: BTreeSet<String>,
}

impl Checked {
    /// What a view would be drawn with.
    #[must_use]
    pub fn of(view: &FormView<'_>) -> Self {
        Self {
            shown: view.shown.clone(),
            notes: view.notes.clone(),
            missing: view.missing_in_order().into_iter().map(str::to_owned).collect(),
            left: bar::left(view.missing.len(), view.wrong(), view.lang),
            hidden: view.hidden.clone(),
        }
    }
}

/// The notes of a view by place, so that each cell finds its own at once.
type Notes<'v> = BTreeMap<&'v str, Vec<&'v Note>>;

fn notes_by_place<'v>(view: &'v FormView<'_>) -> Notes<'v> {
    let mut notes = Notes::new();
    for note in &view.notes {
        notes.entry(note.place.as_str()).or_default().push(note);
    }
    notes
}

/// The notes of a place, in a box that a script fills anew.
fn said(notes: &Notes<'_>, place: &str) -> Markup {
    html! {
        div.notes id=(format!("note-{place}")) data-notes=(place) role="status" {
            @for note in notes.get(place).into_iter().flatten() { p class=(note.tone.class()) { (note.text) } }
        }
    }
}

/// What a field is called, with its unit; that of amounts stands above the sheet.
fn label(field: &Field, lang: Lang) -> Markup {
    let unit = field.unit_in("");
    html! {
        (field.called(lang))
        // A unit has no English of its own.
        @if !unit.is_empty() {
            @if lang == Lang::Zh { "（" (unit) "）" } @else { span lang="zh-CN" { " (" (unit) ")" } }
        }
    }
}

#[cfg(test)]
mod tests;
