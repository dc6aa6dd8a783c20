//! An input by the kind of its field, tied to its hint and to what is said about it.

use maud::{Markup, html};
use tongpin_domain::form::{Choice, Field, Given, Kind};

use super::{FormView, NoteTone, Notes, files};
use crate::sheet::amount;

/// A cell to be typed into.
pub(super) struct Cell<'a> {
    /// What it is sent as.
    pub(super) place: &'a str,
    pub(super) field: &'a Field,
    pub(super) given: Option<&'a Given>,
    /// The field without its row, by which choices are offered.
    pub(super) offered: &'a str,
    /// What a reader hears where no label stands beside it.
    pub(super) label: Option<&'a str>,
    pub(super) notes: &'a Notes<'a>,
}

/// Whether a field is typed now. `place` is without a row.
pub(super) fn is_open(view: &FormView<'_>, place: &str, field: &Field) -> bool {
    let typed = field.is_typed() && !matches!(field.kind, Kind::Rows | Kind::Unknown(_));
    // Files stand beside the rows of a table, never in one.
    typed && !view.locked.contains(place) && (field.kind != Kind::Files || !place.contains('.'))
}

/// The input.
pub(super) fn input(view: &FormView<'_>, cell: &Cell<'_>) -> Markup {
    let one = match cell.given {
        Some(Given::One(kept)) => kept.as_str(),
        _ => "",
    };
    let lang = view.lang;
    match cell.field.kind {
        Kind::OneOf => choose(view, cell, one, &options(&cell.field.choices, &[one])),
        Kind::AnyOf => boxes(cell),
        Kind::Files => files::boxes(view, cell),
        Kind::YesNo => {
            let all = [("yes", lang.pick("是", "yes")), ("no", lang.pick("否", "no"))];
            choose(view, cell, one, &all.map(|(code, text)| (code.to_owned(), text.to_owned())))
        }
        Kind::Text => long(cell, one),
        Kind::Day | Kind::Month => line(view, cell, one, dated(&cell.field.kind, one), None),
        Kind::Whole => line(view, cell, one, "text", Some("numeric")),
        Kind::Decimal | Kind::Percent => line(view, cell, one, "text", Some("decimal")),
        Kind::Money => line(view, cell, &amount::told(one, &view.definition.layout.money), "text", Some("decimal")),
        _ => line(view, cell, one, "text", None),
    }
}

/// A browser's own box for a day or month takes only what is written its way; anything else stays a text, so that it is
/// seen and corrected.
fn dated(kind: &Kind, value: &str) -> &'static str {
    let shape: String = value.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    match (kind, shape.as_str()) {
        (Kind::Day, "" | "0000-00-00") => "date",
        (Kind::Month, "" | "0000-00") => "month",
        _ => "text",
    }
}

/// The choices that are offered: those in use, and those that are held.
fn options(choices: &[Choice], held: &[&str]) -> Vec<(String, String)> {
    let offered = choices.iter().filter(|choice| !choice.retired || held.contains(&choice.code.as_str()));
    offered.map(|choice| (choice.code.clone(), choice.text.clone())).collect()
}

/// What is said about a cell: its hint and its notes. The hint of a column stands in its head.
pub(super) fn described(cell: &Cell<'_>) -> String {
    let note = format!("note-{}", cell.place);
    if cell.field.hint.is_empty() { note } else { format!("hint-{} {note}", cell.offered) }
}

pub(super) fn invalid(cell: &Cell<'_>) -> Option<&'static str> {
    let bad = cell.notes.get(cell.place).is_some_and(|notes| notes.iter().any(|note| note.tone == NoteTone::Bad));
    bad.then_some("true")
}

fn line(view: &FormView<'_>, cell: &Cell<'_>, value: &str, kind: &str, keys: Option<&str>) -> Markup {
    let offer = view.offered.contains_key(cell.offered).then(|| format!("offer-{}", cell.offered));
    // What is too long is told, not cut: only lines are bounded while typing.
    let longest = cell.field.longest.filter(|_| matches!(cell.field.kind, Kind::Line | Kind::Code));
    html! {
        input id=(format!("at-{}", cell.place)) name=(cell.place) type=(kind) value=(value) inputmode=[keys]
            autocomplete="off" maxlength=[longest] list=[offer] aria-label=[cell.label]
            aria-required=[cell.field.required.then_some("true")]
            aria-describedby=(described(cell)) aria-invalid=[invalid(cell)];
    }
}

fn long(cell: &Cell<'_>, value: &str) -> Markup {
    let rows = if cell.label.is_some() { "1" } else { "3" };
    html! {
        textarea id=(format!("at-{}", cell.place)) name=(cell.place) rows=(rows) aria-label=[cell.label]
            aria-required=[cell.field.required.then_some("true")]
            aria-describedby=(described(cell)) aria-invalid=[invalid(cell)] { "\n" (value) }
    }
}

fn choose(view: &FormView<'_>, cell: &Cell<'_>, value: &str, options: &[(String, String)]) -> Markup {
    let known = value.is_empty() || options.iter().any(|(code, _)| code == value);
    html! {
        select id=(format!("at-{}", cell.place)) name=(cell.place) aria-label=[cell.label]
            aria-required=[cell.field.required.then_some("true")]
            aria-describedby=(described(cell)) aria-invalid=[invalid(cell)] {
            option value="" { (view.lang.pick("请选择", "choose")) }
            @if !known { option value=(value) selected { (value) } }
            @for (code, shown) in options { option value=(code) selected[code == value] { (shown) } }
        }
    }
}

/// Several boxes. A blank goes with them, so that none checked is told from not asked.
fn boxes(cell: &Cell<'_>) -> Markup {
    let held: Vec<&str> = match cell.given {
        Some(Given::Several(codes)) => codes.iter().map(String::as_str).collect(),
        Some(Given::One(code)) => vec![code.as_str()],
        _ => Vec::new(),
    };
    let options = options(&cell.field.choices, &held);
    let others = held.iter().filter(|code| !options.iter().any(|(known, _)| known == *code));
    let all: Vec<(String, String)> =
        options.iter().cloned().chain(others.map(|code| ((*code).to_owned(), (*code).to_owned()))).collect();
    html! {
        input type="hidden" name=(cell.place) value="";
        div.boxes id=(format!("at-{}", cell.place)) role="group" tabindex="-1"
            aria-labelledby=(format!("label-{}", cell.place)) aria-describedby=(described(cell)) {
            @for (code, shown) in &all {
                label {
                    input type="checkbox" name=(cell.place) value=(code) checked[held.contains(&code.as_str())];
                    " " (shown)
                }
            }
        }
    }
}
