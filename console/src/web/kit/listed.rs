//! The list of a form's documents before there are any: its columns in their order, what it can be filtered by, and
//! which way it is sorted. A node lists documents by it, and who designs the form sees its head.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_domain::form::{Definition, Field, Kind, Per, SubjectOf};
use tongpin_domain::lang::Lang;

use crate::web::list::{ListColumn, way};

/// The fields that have a column: those that the form's list names in its order, and behind them the others.
fn offered(definition: &Definition) -> Vec<&Field> {
    let listed = definition.list_fields();
    let place = |field: &&Field| listed.iter().position(|listed| listed.name == field.name).unwrap_or(usize::MAX);
    let may = |field: &&Field| field.kind.is_column() && !field.personal;
    let mut all: Vec<&Field> = definition.fields.iter().filter(may).collect();
    all.sort_by_key(place);
    all
}

/// What stands above the column of each field in both languages, with the unit that its numbers are in.
#[must_use]
pub fn heads(definition: &Definition) -> BTreeMap<&str, [String; 2]> {
    let head = |field: &Field, lang: Lang| field.headed(definition.layout.money.text(lang), lang);
    let both = |field: &Field| [Lang::Zh, Lang::En].map(|lang| head(field, lang));
    offered(definition).into_iter().map(|field| (field.name.as_str(), both(field))).collect()
}

/// The columns: what a document is about, the fields of the form's list, and how it stands.
#[must_use]
pub fn columns<'a>(definition: &'a Definition, heads: &'a BTreeMap<&str, [String; 2]>) -> Vec<ListColumn<'a>> {
    let listed = definition.list_fields();
    let of_regions = definition.subject.of == SubjectOf::Region;
    let mut all = vec![
        ListColumn::new("@subject", definition.subject.of.text(Lang::Zh), "about"),
        ListColumn::new("@period", "期间", "period"),
        ListColumn::new("@state", "状态", "state"),
        // What is about a region is kept by it: the column would say the same again.
        ListColumn { shown: !of_regions, ..ListColumn::new("@author", "填报单位", "kept by") },
    ];
    all.extend(offered(definition).into_iter().filter_map(|field| {
        let [zh, en] = heads.get(field.name.as_str())?;
        let shown = listed.iter().any(|listed| listed.name == field.name);
        Some(ListColumn { number: field.kind.is_number(), shown, ..ListColumn::new(&field.name, zh, en) })
    }));
    all.push(ListColumn::new("@changed", "最近修改", "changed"));
    all
}

/// What the list is sorted by before anybody chooses, and whether backwards: a field, or the last changed first.
#[must_use]
pub fn usual_order(definition: &Definition) -> (&str, bool) {
    definition.list.sorted_by().unwrap_or(("@changed", true))
}

/// Whether a list can be filtered by one of the values that a field of this kind offers.
fn is_choice(kind: &Kind) -> bool {
    matches!(kind, Kind::OneOf | Kind::AnyOf | Kind::YesNo)
}

/// The box that the ends of a range of a kind are typed in; `None` if it has no ranges.
#[must_use]
pub fn range_box(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Day => Some("date"),
        Kind::Month => Some("month"),
        kind => kind.is_number().then_some("number"),
    }
}

/// Whether a list can be filtered by a field of this kind.
#[must_use]
pub fn is_filter(kind: &Kind) -> bool {
    is_choice(kind) || range_box(kind).is_some()
}

/// The fields of which one value can be chosen: those that the form names as filters, or all that offer values.
#[must_use]
pub fn choices(definition: &Definition) -> Vec<&Field> {
    let named = &definition.list.filters;
    let chosen = |field: &&Field| is_choice(&field.kind) && !field.personal;
    definition.fields.iter().filter(chosen).filter(|field| named.is_empty() || named.contains(&field.name)).collect()
}

/// Fields that can be found from one value to another: those that the form names, or those that its list shows.
#[must_use]
pub fn ranges(definition: &Definition) -> Vec<&Field> {
    let named = &definition.list.filters;
    let fits = |field: &&Field| !field.personal && range_box(&field.kind).is_some();
    if named.is_empty() {
        return definition.list_fields().into_iter().filter(fits).collect();
    }
    definition.fields.iter().filter(|field| named.contains(&field.name)).filter(fits).collect()
}

/// The head of the list as it will stand above documents, and what they can be filtered by.
#[must_use]
pub fn list_head(definition: &Definition, lang: Lang) -> Markup {
    let heads = heads(definition);
    let columns = columns(definition, &heads);
    let (sorted, backwards) = usual_order(definition);
    let way = |column: &ListColumn<'_>| (column.key == sorted).then(|| way(backwards));
    let mut filters = vec![lang.pick("状态", "state")];
    if definition.subject.per != Per::Once {
        filters.push(lang.pick("期间", "period"));
    }
    filters.push(lang.pick("填报单位", "kept by"));
    filters.extend(choices(definition).into_iter().chain(ranges(definition)).map(|field| field.called(lang)));
    html! {
        div.wide { table { thead { tr {
            @for column in columns.iter().filter(|column| column.shown) {
                th scope="col" class=[column.number.then_some("number")] aria-sort=[way(column).map(|(word, _)| word)] {
                    (lang.pick(column.zh, column.en)) (way(column).map_or("", |(_, arrow)| arrow))
                }
            }
        } } } }
        p.hint { (lang.pick("可筛选：", "Filters: ")) (filters.join(lang.pick("、", ", "))) }
        @if let Some(column) = columns.iter().find(|column| !column.shown && way(column).is_some()) {
            p.hint { (lang.pick("按没有显示的列排序：", "Sorted by a column that is not shown: ")) (lang.pick(column.zh, column.en)) }
        }
    }
}
