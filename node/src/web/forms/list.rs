//! The documents of a form: found, sorted, paged and exported by the database, with the columns that the form names.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use maud::html;
use tongpin_console::duty::Duty;
use tongpin_console::web::kit::state_chip;
use tongpin_console::web::list::{Asked, Cell, ListColumn, Listing, search};
use tongpin_console::web::{PageError, kit};
use tongpin_domain::form::{Definition, Given, Value, id_of, shown};
use tongpin_domain::lang::Lang;
use tongpin_store::{DocumentRow, FormColumn, FormFilter};

use super::bulk::Bulk;
use super::{address, filters, form_address, form_of, import, to_minute};
use crate::guidance;
use crate::web::parts::Context;

/// What a column sorts by: one of every document's own, or one of the form's.
fn order(key: &str) -> FormColumn {
    match key {
        "@subject" => FormColumn::SubjectName,
        "@period" => FormColumn::Period,
        "@state" => FormColumn::State,
        "@author" => FormColumn::Author,
        "@changed" => FormColumn::ChangedAt,
        field => FormColumn::Field(field.to_owned()),
    }
}

/// The page, or the file that its list is exported to.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    let form = form_of(&cx, &code).await?;
    let lang = cx.lang();
    let definition = &form.definition;
    let heads = kit::heads(definition);
    let columns = kit::columns(definition, &heads);
    let (key, backwards) = asked.sort(&columns).unwrap_or_else(|| kit::usual_order(definition));
    let (offset, limit) = asked.window();
    let filter = filters::asked_for(definition, &asked);
    let store = cx.app.store();
    let (found, total) = store.documents_page(definition, &filter, (&order(key), backwards), offset, limit).await?;
    let regions = guidance::regions(store).await?;
    let (bulk, own) = (Bulk::of(&cx, &definition.flow, &found), cx.app.site.region());
    let drawn = |row: &DocumentRow| {
        let mut cells = cells(definition, &columns, row, &regions.name(&row.author), lang);
        if let Some(first) = cells.first_mut()
            && let Some(tick) = bulk.tick(row, &own, &first.text, lang)
        {
            first.markup = first.markup.take().map(|markup| html! { (tick) " " (markup) });
        }
        cells
    };
    let rows: Vec<Vec<Cell>> = found.iter().map(drawn).collect();
    let may_begin = cx.may(&[Duty::Enter]) && form.unknown.is_empty();
    let empty = match (filter != FormFilter::default(), may_begin) {
        (true, _) => lang.pick("没有符合条件的单据；可去掉部分条件", "no document is like that; ask for less"),
        (false, true) => lang.pick("还没有单据；点“新建”开始填写", "there is no document yet; begin with New"),
        (false, false) => lang.pick(
            "还没有单据；填报单位开始填写后出现在这里",
            "there is no document yet; one appears here once somebody begins it",
        ),
    };
    let title = definition.called(lang).to_owned();
    let listing = Listing { title: &title, columns: &columns, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        cx.audit("document_export", &code, &format!("{title}，{total} 份"), true).await?;
        return Ok(file);
    }
    let counted = cx.app.statistics.forms(store).await?;
    let counted = counted.iter().find(|counted| counted.form.definition.code == definition.code);
    let body = html! {
        p.row.noprint {
            @if may_begin {
                a.button.main href=(format!("{}/new", form_address(&code))) { (lang.pick("新建", "New")) }
                a.button href=(format!("{}{}", import::address(&code), asked.query())) { (lang.pick("批量导入", "Import")) }
                a href=(format!("{}/template.xlsx", form_address(&code))) download { (lang.pick("下载模板", "Template")) }
            }
            a href=(format!("{}/help", form_address(&code))) { (lang.pick("填表说明", "Help")) }
            a href="/forms" { (lang.pick("全部表单", "All forms")) }
        }
        (search(&filters::filters(definition, counted, &regions, &asked, lang), &asked, lang))
        (bulk.draw(&cx, &code, lang))
        (listing.draw(&asked, lang))
    };
    Ok(cx.page(&title).show(&body))
}

fn cells(
    definition: &Definition,
    columns: &[ListColumn<'_>],
    row: &DocumentRow,
    author: &str,
    lang: Lang,
) -> Vec<Cell> {
    let to = address(&definition.code, &row.author, id_of(&row.key));
    let cell = |column: &ListColumn<'_>| -> Cell {
        match column.key {
            "@subject" if row.subject_name.is_empty() => Cell::link(definition.called(lang), &to),
            "@subject" => Cell::link(row.subject_name.clone(), &to),
            "@period" => definition.subject.per.shown(&row.period, lang).into(),
            "@state" => {
                let title = definition.flow.state(&row.state).map_or(row.state.as_str(), |state| &state.title);
                Cell::drawn(title, state_chip(&definition.flow, &row.state))
            }
            "@author" => author.into(),
            "@changed" => to_minute(row.changed_at).into(),
            name => value(definition, row, name, lang),
        }
    };
    columns.iter().map(cell).collect()
}

/// A field's value in its cell; a file has plain numbers.
fn value(definition: &Definition, row: &DocumentRow, name: &str, lang: Lang) -> Cell {
    let number = definition.field(name).is_some_and(|field| field.kind.is_number());
    match told(definition, row, name, lang) {
        None => "—".into(),
        Some(told) if number => Cell::amount(told.replace([',', '%'], "")),
        Some(told) => told.into(),
    }
}

/// A field's value as people read it, in the unit of its head; `None` if it is missing.
pub(super) fn told(definition: &Definition, row: &DocumentRow, name: &str, lang: Lang) -> Option<String> {
    let field = definition.field(name)?;
    let text = row.values.get(name)?.as_ref()?;
    let money = &definition.layout.money;
    if let Some(number) = text.parse().ok().filter(|_| field.kind.is_number()) {
        return Some(shown(field, &Value::Number(number), money, lang));
    }
    let given = BTreeMap::from([(name.to_owned(), Given::of_column(field, text))]);
    let read = definition.read_kept(&given, &given);
    Some(read.values.get(name).map_or_else(|| text.clone(), |value| shown(field, value, money, lang)))
}
