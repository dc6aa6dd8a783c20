//! A table inside a form, to be filled in as a grid: rows are added and taken away, and a block copied from a
//! spreadsheet goes in where the cursor stands. Without a script there are always three rows more.

use maud::{Markup, html};
use tongpin_domain::form::{Field, Given, GivenRow, MOST_ROWS};

use super::cell::{Cell, input, is_open};
use super::edit::{formula, required};
use super::sheet::{heads, sums};
use super::{FormView, Notes, label, said};
use crate::sheet::next_number;
use crate::sheet::plan::Table;

/// Blank rows below those that there are.
const BLANK: u32 = 3;
/// Stands for the id of a row that a script adds. No id is written so.
const NEW: &str = "~";

/// The table.
pub(super) fn table(view: &FormView<'_>, notes: &Notes<'_>, table: &Table<'_>) -> Markup {
    let (name, columns) = (&table.rows.name, table.columns());
    let held: &[GivenRow] = match view.given.get(name) {
        Some(Given::Rows(rows)) => rows,
        _ => &[],
    };
    let open = table.rows.is_open_but(&view.locked);
    let most = table.rows.longest.unwrap_or(MOST_ROWS).min(MOST_ROWS);
    let next = next_number(held.iter().map(|row| row.id.as_str()));
    let room = u32::try_from(most.saturating_sub(held.len())).unwrap_or(BLANK);
    let fixed = table.rows.has_fixed_rows_but(&view.locked);
    let blank = if open && !fixed { BLANK.min(room) } else { 0 };
    let most = if fixed { held.len() } else { most };
    let blanks: Vec<GivenRow> = (next..next.saturating_add(blank))
        .map(|number| GivenRow { id: format!("n{number}"), ..GivenRow::default() })
        .collect();
    let ids: Vec<&str> = held.iter().chain(&blanks).map(|row| row.id.as_str()).collect();
    let full = view.lang.pick("行数已到上限，还有 {} 行没有填入", "no more rows fit: {} were left out");
    let drawn = Drawn { view, notes, rows: table.rows, columns: &columns, open, fixed };
    html! {
        div.off[view.hidden.contains(name)] data-at=(name) data-field=(name) data-label=(table.rows.called(view.lang))
            .lacks[view.missing.contains(name)] id=(format!("at-{name}")) tabindex="-1" {
            @if open { input type="hidden" name=(format!("{name}.rows")) value=(ids.join(",")); }
            div.wide.frozen { table.rows data-rows=[open.then_some(name)] data-most=(most) data-full=(full)
                aria-label=(table.rows.called(view.lang)) {
                thead { (heads(table, |field| drawn.head(field))) }
                tbody { @for row in held.iter().chain(&blanks) { (drawn.row(row)) (drawn.about(row)) } }
                (sums(view, table))
            } }
            @if open && !fixed { (drawn.tools()) }
            (said(notes, name))
        }
    }
}

struct Drawn<'a> {
    view: &'a FormView<'a>,
    notes: &'a Notes<'a>,
    rows: &'a Field,
    columns: &'a [&'a Field],
    open: bool,
    /// Whether no row comes or goes.
    fixed: bool,
}

impl Drawn<'_> {
    /// A column's place: `roads.paid`.
    fn column(&self, field: &Field) -> String {
        format!("{}.{}", self.rows.name, field.name)
    }

    fn is_open(&self, field: &Field) -> bool {
        self.open && is_open(self.view, &self.column(field), field)
    }

    /// A column's head, with its hint and how it is calculated.
    fn head(&self, field: &Field) -> Markup {
        let column = self.column(field);
        html! {
            (label(field, self.view.lang))
            @if field.required && self.is_open(field) { (required(self.view)) }
            @if !field.hint.is_empty() {
                details.formula { summary { (self.view.lang.pick("说明", "About")) }
                    p id=(format!("hint-{column}")) { (field.hint) } }
            }
            (formula(self.view, &column))
        }
    }

    fn row(&self, row: &GivenRow) -> Markup {
        html! {
            tr data-row=(row.id) {
                @for field in self.columns { (self.cell(row, field)) }
                @if self.open && !self.fixed {
                    td.tools { button.plain type="button" data-remove hidden
                        data-undo=(self.view.lang.pick("恢复", "Undo")) { (self.view.lang.pick("删除", "Remove")) } }
                }
            }
        }
    }

    /// What is said about a row as a whole, below it: of rows that are there of themselves there is something to say.
    fn about(&self, row: &GivenRow) -> Markup {
        html! {
            @if self.fixed && self.open {
                tr.about { td colspan=(self.columns.len()) { (said(self.notes, &format!("{}.{}", self.rows.name, row.id))) } }
            }
        }
    }

    /// Whether a table that has no row yet lacks this of it: what is required, or anything at all.
    fn is_wanted(&self, field: &Field) -> bool {
        field.required || !self.columns.iter().any(|column| column.required)
    }

    fn cell(&self, row: &GivenRow, field: &Field) -> Markup {
        let (view, column) = (self.view, self.column(field));
        let place = format!("{}.{}.{}", self.rows.name, row.id, field.name);
        let given = row.cells.get(&field.name).map(|kept| Given::One(kept.clone()));
        let (open, off) = (self.is_open(field), view.is_hidden(&place, &column));
        let called = field.called(view.lang);
        html! {
            td data-at=(place) data-field=(column) data-label=(view.called(&place))
                data-wanted[open && self.is_wanted(field)]
                class={ @if open { "in" } @if field.kind.is_number() { " number" } @if off { " off" }
                    @if view.missing.contains(&place) { " lacks" } } {
                @if open {
                    (input(view, &Cell { place: &place, field, given: given.as_ref(), offered: &column,
                        label: Some(called), notes: self.notes }))
                } @else {
                    output id=(format!("at-{place}")) data-shown=(place) data-derived[field.derived.is_some()] {
                        // Of a row in which nothing is typed yet nothing is unknown.
                        @if self.fixed || !row.cells.is_empty() { (view.shown(&place, field, given.as_ref())) }
                    }
                }
                (said(self.notes, &place))
            }
        }
    }

    /// What a script adds rows with, and what is said to those who have none.
    fn tools(&self) -> Markup {
        let (name, lang) = (&self.rows.name, self.view.lang);
        let new = GivenRow { id: NEW.to_owned(), ..GivenRow::default() };
        let paste = lang.pick(
            "可从 Excel 复制一块单元格，在要填的第一格粘贴",
            "A block copied from a spreadsheet can be pasted into its first cell",
        );
        let bare = lang.pick(
            "每次保存后会再多出三个空行；要删去一行，清空这一行再保存",
            "Saving adds three blank rows; clear a row and save to take it away",
        );
        html! {
            div.row.under {
                button type="button" data-add=(name) hidden { (lang.pick("＋ 增加一行", "+ Add a row")) }
                span.hint data-scripted hidden { (paste) }
                noscript { span.hint { (bare) } }
            }
            template data-new=(name) { (self.row(&new)) }
        }
    }
}
