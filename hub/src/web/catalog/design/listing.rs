//! 列表 on the page: which fields are columns of the list of documents and in which order, what it can be filtered by,
//! and what it is sorted by. What is typed stands in the row of its field.

use std::collections::BTreeSet;

use maud::{Markup, html};
use rust_decimal::Decimal;
use tongpin_console::web::{check_box, kit};
use tongpin_domain::form::{Definition, Field, Kind, List};
use tongpin_domain::lang::Lang;

use super::drawn::{pick, slot};
use super::line::Line;
use super::typed::Typed;
use super::{Said, tell};

/// Where the form's own fields stand in the list, typed into the row of each.
pub(super) fn set(line: &mut Line, list: &List, field: &Field) {
    let at = list.columns.iter().position(|name| *name == field.name);
    line.set("column", at.map(|at| (at + 1).to_string()).unwrap_or_default());
    line.set("filter", if list.filters.contains(&field.name) { "1" } else { "" });
}

/// The field that the list is sorted by, and what says that it is backwards.
pub(super) fn order(list: &List) -> [String; 2] {
    let (name, backwards) = list.sorted_by().unwrap_or_default();
    [name.to_owned(), if backwards { "-" } else { "" }.to_owned()]
}

/// Which column a field is, if a number was typed.
fn place(line: &Line) -> Option<Decimal> {
    line.get("column").parse().ok()
}

/// Numbers the columns anew in their order; what is no number stays as it was typed.
pub(super) fn number(lines: &mut [Line]) {
    let mut columns: Vec<&mut Line> = lines.iter_mut().filter(|line| place(line).is_some()).collect();
    columns.sort_by_key(|line| place(line));
    for (number, line) in (1_u32..).zip(columns) {
        line.set("column", number.to_string());
    }
}

/// Makes the list of the fields that came of the rows. What nobody touched keeps its order, and what the page had no
/// row for stays.
pub(super) fn build(base: &List, typed: &Typed, made: &[(&str, &Line)]) -> List {
    let typed_names: BTreeSet<&str> = typed.fields.iter().map(Line::own_name).collect();
    let unseen = |name: &&String| !typed_names.contains(name.as_str());
    let mut numbered: Vec<(Decimal, &str)> =
        made.iter().filter_map(|(name, line)| Some((place(line)?, *name))).collect();
    numbered.sort_by_key(|(place, _)| *place);
    let mut columns: Vec<String> = numbered.into_iter().map(|(_, name)| name.to_owned()).collect();
    columns.extend(base.columns.iter().filter(unseen).cloned());

    let checked = |name: &str| made.iter().any(|(own, line)| *own == name && line.is("filter"));
    let mut filters: Vec<String> = base.filters.iter().filter(|name| unseen(name) || checked(name)).cloned().collect();
    let more = made.iter().filter(|(name, line)| line.is("filter") && !base.filters.iter().any(|it| it == name));
    filters.extend(more.map(|(name, _)| (*name).to_owned()));

    let (by, back) = (typed.setting("order"), typed.setting("back"));
    let gone = typed_names.contains(by) && !made.iter().any(|(name, _)| *name == by);
    let order = if by.is_empty() || gone { String::new() } else { format!("{back}{by}") };
    List { columns, filters, order }
}

/// The list of documents that the program keeps, which no page shows: as it stands, but for fields that went or that
/// cannot be columns any more.
pub(super) fn kept(base: &List, fields: &[Field]) -> List {
    let mut list = base.clone();
    let fits = |name: &str| fields.iter().any(|field| field.name == name && field.kind.is_column());
    list.columns.retain(|name| fits(name));
    list.filters.retain(|name| fits(name));
    if list.sorted_by().is_some_and(|(name, _)| !fits(name)) {
        list.order.clear();
    }
    list
}

/// Tells of what is no number at its row.
pub(super) fn look(typed: &Typed, wrong: &mut Said, lang: Lang) {
    for (at, line) in typed.fields.iter().enumerate() {
        if !line.get("column").is_empty() && place(line).is_none() {
            let said = lang.pick("列序应为数字，例如 2；不作为列的留空", "column: a number such as 2, or nothing");
            tell(wrong, &format!("l-{at}"), said.to_owned());
        }
    }
}

/// Whether a field has a row here: it can be a column, or the list was given it before it was another kind.
fn is_listed(line: &Line, order: &str) -> bool {
    let fits = Kind::read(line.get("kind")).is_column() && line.get("personal").is_empty();
    let name = line.own_name();
    let named = line.is("column") || line.is("filter") || name == order;
    line.table.is_empty() && !name.is_empty() && (fits || named)
}

/// A row for each field that can stand in the list, and what it is sorted by.
pub(super) fn draw(typed: &Typed, wrong: &Said, lang: Lang) -> Markup {
    let order = typed.setting("order");
    let rows: Vec<(usize, &Line)> = typed.fields.iter().enumerate().filter(|(_, it)| is_listed(it, order)).collect();
    let named = |(_, line): &(usize, &Line)| (line.own_name().to_owned(), line.get("title").to_owned());
    let mut orders = vec![(String::new(), lang.pick("最近修改", "last changed").to_owned())];
    orders.extend(rows.iter().map(named));
    let ways = [("", "升序", "ascending"), ("-", "降序", "descending")];
    let ways = ways.map(|(word, zh, en)| (word.to_owned(), lang.pick(zh, en).to_owned()));
    html! {
        h2 { (lang.pick("列表", "List")) }
        p.hint { (lang.pick("单据清单里的列：填列序，空着的不显示，全空时取前五个；勾选的可筛选，都不勾时按选项和列里的数字、日期筛选。新加的字段写好名称后点“刷新预览”，这里就有它。",
            "Columns of the list of documents by their order; without any the first five. Show the preview again to find a new field here.")) }
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("字段", "field")) }
                th scope="col" id="l-column" { (lang.pick("列序", "column")) }
                th scope="col" { (lang.pick("筛选", "filter")) }
            } }
            tbody { @for (at, line) in rows { (row(at, line, wrong, lang)) } }
        } }
        div.row {
            (pick("s-order", lang.pick("排序", "sorted by"), &orders, order))
            (pick("s-back", lang.pick("方向", "direction"), &ways, typed.setting("back")))
        }
        (slot("list", wrong))
    }
}

fn row(at: usize, line: &Line, wrong: &Said, lang: Lang) -> Markup {
    let (title, name) = (format!("l-{at}-title"), format!("f-{at}-filter"));
    let can = kit::is_filter(&Kind::read(line.get("kind"))) || line.is("filter");
    html! {
        tr id=(format!("l-{at}")) {
            th scope="row" { span id=(title) lang="zh-CN" { (line.get("title")) } (slot(&format!("l-{at}"), wrong)) }
            td { input name=(format!("f-{at}-column")) value=(line.get("column")) size="4" inputmode="decimal"
                autocomplete="off" aria-labelledby=(format!("l-column {title}")) aria-describedby=(format!("wrong-l-{at}"))
                aria-invalid=[wrong.contains_key(&format!("l-{at}")).then_some("true")]; }
            td { @if can { (check_box(&name, "1", lang.pick("可筛选", "can be filtered by"), "", line.is("filter"))) } }
        }
    }
}

/// The head of the list that comes of it.
pub(super) fn seen(form: &Definition, lang: Lang) -> Markup {
    html! {
        h3 { (lang.pick("清单的表头", "The head of the list")) }
        (kit::list_head(form, lang))
    }
}
