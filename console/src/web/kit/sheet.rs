//! The official sheet to be read, on screen and on paper: title, grid, tables with grouped heads, sums, and signature
//! lines at the foot.

use maud::{Markup, html};
use tongpin_domain::form::{Field, Given, GivenRow, Kind};

use super::{FormView, Notes, files, label, notes_by_place, said};
use crate::sheet::amount;
use crate::sheet::plan::{self, Part, Table, is_wide, pairs};

/// The sheet to be read.
#[must_use]
pub fn sheet(view: &FormView<'_>) -> Markup {
    let notes = notes_by_place(view);
    let held = plan::held_retired(view.definition, view.given);
    let class = if view.definition.layout.portrait { "official portrait" } else { "official" };
    html! {
        article class=(class) aria-label=(view.definition.called(view.lang)) {
            (said(&notes, ""))
            (head(view))
            @for part in plan::parts(view.definition, &held) {
                @match part {
                    Part::Grid { title, lines } => { (part_title(&title)) (grid(view, &notes, &lines)) }
                    Part::Table(table) => { (part_title(&table.title)) (rows(view, &notes, &table)) }
                }
            }
            (view.below)
            (signatures(view))
        }
    }
}

/// Title, whose it is, and the unit of amounts at the right above the sheet.
pub(super) fn head(view: &FormView<'_>) -> Markup {
    let unit = &view.definition.layout.money;
    html! {
        // On a page the heading says it already; on paper nothing else does.
        p.sheet-title aria-hidden="true" { (view.definition.called(view.lang)) }
        div.sheet-above {
            span { (view.about) }
            @if plan::has_money(view.definition) { span { (amount::stated(unit, view.lang)) } }
        }
    }
}

pub(super) fn part_title(title: &str) -> Markup {
    html! { @if !title.is_empty() { h2.sheet-part { (title) } } }
}

/// The lines of foot at which people sign by hand.
pub(super) fn signatures(view: &FormView<'_>) -> Markup {
    html! {
        @if !view.definition.layout.signatures.is_empty() {
            div.signatures { @for signature in &view.definition.layout.signatures { span { (signature) "：" } } }
        }
    }
}

/// How many columns a value takes: to the edge for the last of its line.
pub(super) fn span(view: &FormView<'_>, line: &[&Field], at: usize) -> Option<usize> {
    let beside = pairs(view.definition);
    let last = at + 1 == line.len();
    let span = if last { (beside - at.min(beside - 1)) * 2 - 1 } else { 1 };
    (span > 1).then_some(span)
}

fn grid(view: &FormView<'_>, notes: &Notes<'_>, lines: &[Vec<&Field>]) -> Markup {
    html! {
        table.pairs { tbody { @for line in lines { tr {
            @for (at, field) in line.iter().enumerate() {
                th scope="row" { (label(field, view.lang)) }
                (value(view, notes, &field.name, field, (view.given.get(&field.name), span(view, line, at))))
            }
        } } } }
    }
}

/// A value in its cell, with what is said about it.
fn value(
    view: &FormView<'_>,
    notes: &Notes<'_>,
    place: &str,
    field: &Field,
    (given, span): (Option<&Given>, Option<usize>),
) -> Markup {
    let number = field.kind.is_number();
    let shown = match field.kind {
        _ if view.is_hidden(place, place) => html! {},
        Kind::Files => files::listed(view, place, field, given),
        _ => html! { (view.shown(place, field, given)) },
    };
    html! {
        td id=(format!("at-{place}")) colspan=[span] class=[class(field, number)] {
            (shown)
            @if notes.contains_key(place) { (said(notes, place)) }
        }
    }
}

fn class(field: &Field, number: bool) -> Option<&'static str> {
    if number { Some("number") } else { is_wide(field).then_some("text") }
}

fn rows(view: &FormView<'_>, notes: &Notes<'_>, table: &Table<'_>) -> Markup {
    let columns = table.columns();
    let held: &[GivenRow] = match view.given.get(&table.rows.name) {
        Some(Given::Rows(rows)) => rows,
        _ => &[],
    };
    html! {
        div.wide.frozen { table.rows {
            thead { (heads(table, |field| html! { (label(field, view.lang)) })) }
            tbody { @for row in held {
                tr { @for field in &columns { (row_value(view, notes, table.rows, row, field)) } }
                @let place = format!("{}.{}", table.rows.name, row.id);
                @if notes.contains_key(place.as_str()) {
                    tr.about.noprint { td colspan=(columns.len()) { (said(notes, &place)) } }
                }
            } @if held.is_empty() {
                tr { td.none colspan=(columns.len()) { (view.lang.pick("没有明细", "No rows")) } }
            } }
            (sums(view, table))
        } }
        @if notes.contains_key(table.rows.name.as_str()) { (said(notes, &table.rows.name)) }
    }
}

fn row_value(view: &FormView<'_>, notes: &Notes<'_>, rows: &Field, row: &GivenRow, field: &Field) -> Markup {
    let place = format!("{}.{}.{}", rows.name, row.id, field.name);
    let given = row.cells.get(&field.name).map(|kept| Given::One(kept.clone()));
    if view.is_hidden(&place, &format!("{}.{}", rows.name, field.name)) {
        return html! { td {} };
    }
    value(view, notes, &place, field, (given.as_ref(), None))
}

/// The heads of a table: one line, or two where columns stand in groups.
pub(super) fn heads(table: &Table<'_>, head: impl Fn(&Field) -> Markup) -> Markup {
    let class = |field: &Field| field.kind.is_number().then_some("number");
    let one = |field: &Field, down: Option<usize>| {
        html! { th scope="col" rowspan=[down] class=[class(field)] { (head(field)) } }
    };
    if !table.is_grouped() {
        return html! { tr { @for field in table.columns() { (one(field, None)) } } };
    }
    html! {
        tr { @for (title, fields) in &table.groups {
            @if title.is_empty() { @for field in fields { (one(field, Some(2))) } }
            @else { th.group scope="colgroup" colspan=(fields.len()) { (title) } }
        } }
        tr { @for (_, fields) in table.groups.iter().filter(|(title, _)| !title.is_empty()) {
            @for field in fields { (one(field, None)) }
        } }
    }
}

/// The sums at the foot of a table: of each column for which the form calculates one.
pub(super) fn sums(view: &FormView<'_>, table: &Table<'_>) -> Markup {
    let sums = table.sums(view.definition);
    if sums.iter().all(Option::is_none) {
        return html! {};
    }
    html! {
        tfoot { tr { @for (at, (column, sum)) in table.columns().into_iter().zip(sums).enumerate() {
            @match sum {
                Some(sum) => td.number {
                    output data-shown=(sum.name) data-derived { (view.shown(&sum.name, sum, None)) }
                },
                None if at == 0 => th scope="row" { (view.lang.pick("合计", "Total")) },
                None => td class=[(column.kind == Kind::Money).then_some("number")] {},
            }
        } } }
    }
}
