//! The official sheet to be filled in: what may be typed looks different from what is only shown, and each cell says at
//! its place what is wrong with it.

use maud::{Markup, html};
use tongpin_domain::form::{Field, Kind};

use super::cell::{Cell, input, is_open};
use super::sheet::{head, part_title, span};
use super::{FormView, Notes, files, label, notes_by_place, rows, said};
use crate::sheet::plan::{self, Part};

/// The sheet to be filled in: the inside of a form, whose id is `fill`, with `data-check` where it is checked while
/// somebody types, and `data-keep`.
#[must_use]
pub fn edit(view: &FormView<'_>) -> Markup {
    let notes = notes_by_place(view);
    let held = plan::held_retired(view.definition, view.given);
    html! {
        div.official.fill {
            (said(&notes, ""))
            (head(view))
            @for part in plan::parts(view.definition, &held) {
                @match part {
                    Part::Grid { title, lines } => { (part_title(&title)) (grid(view, &notes, &lines)) }
                    Part::Table(table) => { (part_title(&table.title)) (rows::table(view, &notes, &table)) }
                }
            }
            (offers(view))
        }
    }
}

fn grid(view: &FormView<'_>, notes: &Notes<'_>, lines: &[Vec<&Field>]) -> Markup {
    html! {
        table.pairs { tbody { @for line in lines { tr {
            @for (at, field) in line.iter().enumerate() {
                (head_of(view, field))
                (cell(view, notes, field, span(view, line, at)))
            }
        } } } }
    }
}

/// The label of a pair. One of several boxes has no box of its own to lead to.
fn head_of(view: &FormView<'_>, field: &Field) -> Markup {
    let name = &field.name;
    let open = is_open(view, name, field);
    let alone = open && !matches!(field.kind, Kind::AnyOf | Kind::Files);
    html! {
        th scope="row" id=(format!("label-{name}")) {
            label for=[alone.then(|| format!("at-{name}"))] { (label(field, view.lang)) }
            @if field.required && open { (required(view)) }
        }
    }
}

/// The mark of what must be filled in.
pub(super) fn required(view: &FormView<'_>) -> Markup {
    html! { span.must title=(view.lang.pick("必填", "required")) { "*" } }
}

fn cell(view: &FormView<'_>, notes: &Notes<'_>, field: &Field, span: Option<usize>) -> Markup {
    let name = &field.name;
    let (open, given) = (is_open(view, name, field), view.given.get(name));
    let off = view.is_hidden(name, name);
    let number = field.kind.is_number();
    html! {
        td colspan=[span] data-at=(name) data-field=(name) data-label=(view.called(name))
            class={ @if open { "in" } @if number { " number" } @if off { " off" }
                @if view.missing.contains(name) { " lacks" } } {
            @if open {
                (input(view, &Cell { place: name, field, given, offered: name, label: None, notes }))
                @if !field.hint.is_empty() { p.hint id=(format!("hint-{name}")) { (field.hint) } }
            } @else {
                output id=(format!("at-{name}")) data-shown=(name) data-derived[field.derived.is_some()] {
                    @if field.kind == Kind::Files { (files::listed(view, name, field, given)) }
                    @else { (view.shown(name, field, given)) }
                }
                (formula(view, name))
            }
            (said(notes, name))
            span.unasked { (view.lang.pick("不用填写", "not asked")) }
        }
    }
}

/// How a value is calculated, for whoever asks.
pub(super) fn formula(view: &FormView<'_>, field: &str) -> Markup {
    html! {
        @if let Some((formula, worked)) = view.formulas.get(field) {
            details.formula {
                summary { (view.lang.pick("怎么算的", "How it is calculated")) }
                p { (formula) }
                @if !worked.is_empty() { p { (worked) } }
            }
        }
    }
}

/// What may be chosen from while typing.
fn offers(view: &FormView<'_>) -> Markup {
    html! {
        @for (field, all) in &view.offered {
            datalist id=(format!("offer-{field}")) {
                @for (kept, read) in all { option value=(kept) { (read) } }
            }
        }
    }
}
