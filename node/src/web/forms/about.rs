//! 相关单据: the documents about something, as a section of its page: how each stands, with the figures of its form's
//! list. They are read where they are kept; nothing of them is copied into what they are about.

use maud::{Markup, html};
use tongpin_console::web::kit::state_chip;
use tongpin_domain::form::{Definition, SubjectOf, id_of};
use tongpin_domain::lang::Lang;
use tongpin_store::{DocumentRow, FormColumn, FormFilter, StoreError};

use super::list::told;
use super::{address, form_address, to_minute};
use crate::app::statistics::CountedForm;
use crate::guidance;
use crate::web::parts::{Context, segment};

/// Documents of one form that are shown; its list has the others.
const MOST: u64 = 12;

/// A form, those of its documents that are shown, and how many there are.
type Found<'a> = (&'a Definition, Vec<DocumentRow>, u64);

/// The documents of all forms about `subject`; nothing where there are none.
pub(in crate::web) async fn section(cx: &Context, of: &SubjectOf, subject: &str) -> Result<Markup, StoreError> {
    let (lang, store) = (cx.lang(), cx.app.store());
    let all = cx.app.statistics.forms(store).await?;
    let filter = FormFilter { subjects: Some(vec![subject.to_owned()]), ..FormFilter::default() };
    let mut found: Vec<Found<'_>> = Vec::new();
    let held = |it: &&CountedForm| it.form.definition.subject.of == *of && !it.counts.is_empty();
    for CountedForm { form, .. } in all.iter().filter(held) {
        let order = (&FormColumn::Period, true);
        let (rows, total) = store.documents_page(&form.definition, &filter, order, 0, MOST).await?;
        if total > 0 {
            found.push((&form.definition, rows, total));
        }
    }
    if found.is_empty() {
        return Ok(html! {});
    }
    let regions = guidance::regions(store).await?;
    Ok(html! {
        h2 { (lang.pick("相关单据", "Documents about it")) }
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("表单", "form")) }
                th scope="col" { (lang.pick("期间", "period")) }
                th scope="col" { (lang.pick("状态", "state")) }
                th scope="col" { (lang.pick("主要内容", "figures")) }
                th scope="col" { (lang.pick("填报单位", "kept by")) }
                th scope="col" { (lang.pick("最近修改", "changed")) }
            } }
            tbody { @for (definition, rows, _) in &found { @for row in rows { tr {
                th scope="row" {
                    a href=(address(&definition.code, &row.author, id_of(&row.key))) { (definition.called(lang)) }
                }
                td { (definition.subject.per.shown(&row.period, lang)) }
                td { (state_chip(&definition.flow, &row.state)) }
                td { @for line in figures(definition, row, lang) { div { (line) } } }
                td { (regions.name(&row.author)) }
                td.when { (to_minute(row.changed_at)) }
            } } } }
        } }
        @for (definition, rows, total) in found.iter().filter(|(_, rows, total)| usize_of(*total) > rows.len()) {
            p.hint {
                (lang.pick(
                    &format!("“{}”共 {total} 份，此处列出 {} 份；", definition.title, rows.len()),
                    &format!("{} of {total} documents of {}; ", rows.len(), definition.called(lang)),
                ))
                a href=(format!("{}?q={}", form_address(&definition.code), segment(subject))) {
                    (lang.pick("查看全部", "see all"))
                }
            }
        }
    })
}

fn usize_of(total: u64) -> usize {
    usize::try_from(total).unwrap_or(usize::MAX)
}

/// What the form's list shows of a document, each with its title; what is missing and what is personal is left out.
fn figures(definition: &Definition, row: &DocumentRow, lang: Lang) -> Vec<String> {
    let fields = definition.list_fields().into_iter().filter(|field| !field.personal);
    let unit = definition.layout.money.text(lang);
    let line = |(head, text): (String, String)| format!("{head}{}{text}", lang.pick("：", ": "));
    fields
        .filter_map(|field| Some((field.headed(unit, lang), told(definition, row, &field.name, lang)?)))
        .map(line)
        .collect()
}
