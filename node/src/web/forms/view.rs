//! What a page shows of a document: its values as people read them, what its checks say, and how each figure came
//! about.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_console::sheet::text::told_given;
use tongpin_console::web::kit::{FormView, Note, NoteTone};
use tongpin_domain::form::{Consequence, Definition, Evaluated, Field, Finding, Given, GivenRow, Kind, Place, shown};
use tongpin_domain::lang::{Lang, Say};

use tongpin_store::StoreError;

use super::Context;
use crate::guidance;
use crate::ops::forms::{Checked, HeldDocument};

/// What stands below the title: whose it is, about what, and for which period.
pub(super) async fn about(cx: &Context, held: &HeldDocument) -> Result<String, StoreError> {
    let lang = cx.lang();
    let document = &held.document;
    let unit = guidance::region_name(cx.app.store(), &held.author).await?;
    let period = held.form.definition.subject.per.shown(&document.period, lang);
    let subject = if document.subject_name == unit { "" } else { document.subject_name.as_str() };
    let version = match (document.version, lang) {
        (0 | 1, _) => String::new(),
        (version, Lang::Zh) => format!("第 {version} 版"),
        (version, Lang::En) => format!("version {version}"),
    };
    let label = lang.pick("填报单位：", "kept by ");
    let parts = [format!("{label}{unit}"), subject.to_owned(), period, version];
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(lang.pick("　", " · ")))
}

/// Entries of a catalog that a page offers at most.
const MOST_OFFERED: usize = 2_000;

/// What a page offers to be chosen from while typing, by field.
pub(in crate::web) async fn offered(
    cx: &Context,
    definition: &Definition,
) -> Result<BTreeMap<String, Vec<(String, String)>>, StoreError> {
    let mut offered = BTreeMap::new();
    let own = cx.app.site.region();
    // By the catalog, each read once; that of divisions under no name.
    let mut read: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for (place, field) in definition.places() {
        let catalog = match &field.kind {
            Kind::Region => "",
            Kind::Entry => field.of.as_str(),
            _ => continue,
        };
        if !read.contains_key(catalog) {
            let choices = if catalog.is_empty() {
                let regions = guidance::regions(cx.app.store()).await?;
                let within = regions.iter().filter(|region| region.code.within(&own) || own.within(&region.code));
                within.map(|region| (region.code.to_string(), region.name.clone())).collect()
            } else {
                let entries = guidance::entries(cx.app.store(), catalog).await?;
                entries.into_iter().take(MOST_OFFERED).map(|(_, entry)| (entry.key.clone(), entry.key)).collect()
            };
            read.insert(catalog, choices);
        }
        offered.insert(place, read.get(catalog).cloned().unwrap_or_default());
    }
    Ok(offered)
}

/// A document to be drawn.
pub(in crate::web) fn view<'a>(
    definition: &'a Definition,
    given: &'a BTreeMap<String, Given>,
    checked: &Checked,
    about: String,
    lang: Lang,
) -> FormView<'a> {
    let evaluated = &checked.evaluated;
    let mut view = FormView::new(definition, given, lang);
    view.about = about;
    view.shown = shown_values(definition, evaluated, lang);
    view.hidden.clone_from(&evaluated.hidden);
    // What cannot be read is wrong, not missing; a reason that a check demands is missing until it is given.
    let unread: BTreeSet<String> = checked.reading.problems.iter().map(|problem| problem.place.to_string()).collect();
    let lacking = evaluated.missing.iter().map(Place::to_string).filter(|place| !unread.contains(place));
    let reasons = evaluated.findings.iter().filter_map(|finding| reason_of(definition, finding));
    view.missing = lacking.chain(reasons).collect();
    view.notes = notes(definition, checked, lang);
    for (at, field) in definition.places().filter(|(_, field)| field.derived.is_some()) {
        // A cell of rows has as many calculations as there are rows; the formula tells of all of them.
        let single = !at.contains('.');
        let worked =
            if single { definition.worked(&Place::of(&at), evaluated, &checked.facts, lang) } else { String::new() };
        view.formulas.insert(at, (definition.formula(field, lang), worked));
    }
    view
}

/// Values that nobody types, by place, as people read them.
pub(in crate::web) fn shown_values(
    definition: &Definition,
    evaluated: &Evaluated,
    lang: Lang,
) -> BTreeMap<String, String> {
    let money = &definition.layout.money;
    let follows = |field: &&Field| !field.is_typed() && !field.retired;
    let mut all = BTreeMap::new();
    for field in &definition.fields {
        let value = evaluated.values.get(&field.name);
        for row in value.and_then(|value| value.rows()).unwrap_or_default() {
            for inner in field.fields.iter().filter(follows) {
                let place = Place::cell(&field.name, &row.id, &inner.name).to_string();
                let text = row.values.get(&inner.name).map(|value| shown(inner, value, money, lang));
                all.insert(place, text.unwrap_or_else(|| "—".to_owned()));
            }
        }
        if follows(&field) {
            let text = value.map(|value| shown(field, value, money, lang));
            all.insert(field.name.clone(), text.unwrap_or_else(|| "—".to_owned()));
        }
    }
    all
}

/// Shows what is personal to whoever fills the document in, who typed it and prints the sheet; to anybody else the
/// sheet says only that something is there.
pub(in crate::web) fn with_personal(view: &mut FormView<'_>) {
    let told = |field: &Field, given: &Given| told_given(field, given, &view.definition.layout.money, view.lang);
    let mut all = Vec::new();
    for field in view.definition.fields.iter().filter(|field| field.is_typed()) {
        match view.given.get(&field.name) {
            Some(Given::Rows(rows)) => {
                for (row, inner) in rows.iter().flat_map(|row| field.fields.iter().map(move |inner| (row, inner))) {
                    if let Some(kept) = row.cells.get(&inner.name).filter(|_| inner.personal) {
                        let place = Place::cell(&field.name, &row.id, &inner.name).to_string();
                        all.push((place, told(inner, &Given::One(kept.clone()))));
                    }
                }
            }
            Some(given) if field.personal => all.push((field.name.clone(), told(field, given))),
            _ => {}
        }
    }
    view.shown.extend(all);
}

/// Where the reason stands that a check demands, if it is not given yet.
fn reason_of(definition: &Definition, finding: &Finding) -> Option<String> {
    if finding.then != Consequence::Reason || finding.answered {
        return None;
    }
    let check = definition.checks.iter().find(|check| check.name == finding.check)?;
    let rows = definition.field(&check.each).filter(|_| !check.each.is_empty());
    if rows.is_some_and(|rows| rows.fields.iter().any(|inner| inner.name == check.reason)) {
        let place = finding.place.as_ref()?.to_string();
        let id = place.split('.').nth(1)?;
        return Some(Place::cell(&check.each, id, &check.reason).to_string());
    }
    definition.field(&check.reason).map(|field| field.name.clone())
}

/// What a check says, and what follows from it.
pub(super) fn told(definition: &Definition, finding: &Finding, lang: Lang) -> String {
    let follows = if finding.then == Consequence::Reason && finding.answered {
        lang.pick("已说明原因", "a reason is given")
    } else {
        definition.follows(&finding.then, lang)
    };
    let says = finding.says.trim_end_matches('。');
    lang.pick(&format!("{says}（{follows}）"), &format!("{says} ({follows})")).to_owned()
}

fn notes(definition: &Definition, checked: &Checked, lang: Lang) -> Vec<Note> {
    let unread = checked.reading.problems.iter().map(|problem| Note {
        place: problem.place.to_string(),
        tone: NoteTone::Bad,
        text: problem.fault.say(lang),
    });
    let found = checked.evaluated.findings.iter().map(|finding| {
        let tone = match (&finding.then, finding.answered) {
            (Consequence::Reason, true) => NoteTone::Info,
            (Consequence::Block | Consequence::Unknown(_), _) => NoteTone::Bad,
            (Consequence::Reason | Consequence::Review | Consequence::Warn, _) => NoteTone::Warn,
        };
        let place = finding.place.as_ref().map(Place::to_string).unwrap_or_default();
        Note { place, tone, text: told(definition, finding, lang) }
    });
    let lacking = definition.rules_lacking(&checked.evaluated, &checked.facts);
    let lacking = lacking.iter().map(|lacks| Note {
        place: lacks.place.as_ref().map(Place::to_string).unwrap_or_default(),
        tone: NoteTone::Warn,
        text: lacks.say(lang),
    });
    unread.chain(found).chain(lacking).collect()
}

/// What somebody else has saved meanwhile, at each place where it differs from what was typed here: of rows that are on
/// both sides at the cell.
pub(in crate::web) fn apart(
    definition: &Definition,
    theirs: &BTreeMap<String, Given>,
    here: &BTreeMap<String, Given>,
    lang: Lang,
) -> Vec<Note> {
    let note = |place: String, field: &Field, saved: Option<&Given>| {
        let saved = saved.map(|given| told_given(field, given, &definition.layout.money, lang));
        let saved = saved.unwrap_or_else(|| lang.pick("空", "blank").to_owned());
        let text = format!("{}{saved}", lang.pick("他人已保存的：", "saved by somebody else: "));
        Note { place, tone: NoteTone::Warn, text }
    };
    let mut notes = Vec::new();
    for field in &definition.fields {
        match (theirs.get(&field.name), here.get(&field.name)) {
            (Some(Given::Rows(theirs)), Some(Given::Rows(here))) => {
                let theirs: BTreeMap<&str, &GivenRow> = theirs.iter().map(|row| (row.id.as_str(), row)).collect();
                for (inner, row) in here.iter().flat_map(|row| field.fields.iter().map(move |inner| (inner, row))) {
                    let Some(saved) = theirs.get(row.id.as_str()).map(|row| row.cells.get(&inner.name)) else {
                        continue;
                    };
                    if saved != row.cells.get(&inner.name) {
                        let place = Place::cell(&field.name, &row.id, &inner.name).to_string();
                        notes.push(note(place, inner, saved.cloned().map(Given::One).as_ref()));
                    }
                }
            }
            (saved, typed) if saved != typed => notes.push(note(field.name.clone(), field, saved)),
            _ => {}
        }
    }
    notes
}
