//! What the city's form of a record asks beside what a page has of its own: drawn, read and shown by the form.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_console::sheet::text::{MASKED, told_given};
use tongpin_console::web::Fields;
use tongpin_console::web::kit::{self, FormView, Note, NoteTone};
use tongpin_console::web::list::{Asked, Cell, ListColumn};
use tongpin_domain::form::{Definition, Field, Given, MoneyUnit, shown};
use tongpin_domain::intake::Judged;
use tongpin_domain::lang::{Lang, Say};

/// The added part of a form, empty where the city asks nothing more.
#[derive(Debug, Clone)]
pub(crate) struct Added(Definition);

impl Added {
    /// The added part.
    pub(crate) fn of(form: &Definition) -> Self {
        Self(form.part_added())
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.fields.is_empty()
    }

    /// What was typed into it, over what is held.
    pub(crate) fn posted(&self, fields: &Fields, held: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        kit::given(&self.0, fields, held)
    }

    /// The boxes to fill in, each with what is said about it.
    pub(crate) fn draw(&self, given: &BTreeMap<String, Given>, judged: &Judged, lang: Lang) -> Markup {
        if self.is_empty() {
            return html! {};
        }
        let mut view = FormView::new(&self.0, given, lang);
        let follows = judged.follows.iter().filter_map(|(name, value)| Some((name, self.0.field(name)?, value)));
        let money = &self.0.layout.money;
        view.shown.extend(follows.map(|(name, field, value)| (name.clone(), shown(field, value, money, lang))));
        let own = |name: &str| self.0.field(name).is_some();
        let said = |tone: NoteTone, (place, words): &(String, tongpin_domain::intake::Words)| {
            // What is about a field of the page's own is told with the whole.
            let place = if own(place) { place.clone() } else { String::new() };
            Note { place, tone, text: words.say(lang) }
        };
        view.notes.extend(judged.problems.iter().map(|it| said(NoteTone::Bad, it)));
        view.notes.extend(judged.doubts.iter().map(|it| said(NoteTone::Warn, it)));
        html! {
            fieldset {
                legend { (lang.pick("上级表单另要求填报", "What the city's form asks beside")) }
                (kit::edit(&view))
            }
        }
    }

    /// What is held, as people read it, a line for each field that has something.
    pub(crate) fn shown(&self, held: &BTreeMap<String, Given>, lang: Lang) -> Markup {
        let money = &self.0.layout.money;
        let told = self.0.fields.iter().filter_map(|field| {
            let given = held.get(&field.name)?;
            let text = if field.personal { MASKED.to_owned() } else { told_given(field, given, money, lang) };
            Some((field.headed(money.text(lang), lang), text))
        });
        html! { @for (label, text) in told { div { (label) (lang.pick("：", ": ")) (text) } } }
    }
}

/// What the city's form asks beside, as columns of a list that the program draws itself, with amounts in yuan as they
/// are in all of it. Those that the form names as columns of its list are shown unless the reader chose otherwise.
pub(crate) struct AddedColumns {
    form: Definition,
    /// Of each column what the address calls it, and its head in both languages.
    heads: Vec<[String; 3]>,
}

impl AddedColumns {
    /// The columns of a form.
    pub(crate) fn of(form: &Definition) -> Self {
        let mut form = form.part_added();
        form.fields.retain(|field| field.kind.is_column() && field.is_typed() && !field.personal);
        let named = form.list.columns.clone();
        let place = |field: &Field| named.iter().position(|name| *name == field.name).unwrap_or(usize::MAX);
        form.fields.sort_by_key(place);
        let head = |field: &Field, lang: Lang| field.headed(MoneyUnit::Yuan.text(lang), lang);
        let heads = |field: &Field| [format!("more.{}", field.name), head(field, Lang::Zh), head(field, Lang::En)];
        let heads = form.fields.iter().map(heads).collect();
        Self { form, heads }
    }

    /// Behind these columns of the list's own, those of the form.
    pub(crate) fn behind(&self, own: &'static [ListColumn<'static>]) -> Vec<ListColumn<'_>> {
        let mut columns = own.to_vec();
        for (field, [key, zh, en]) in self.form.fields.iter().zip(&self.heads) {
            let shown = self.form.list.columns.contains(&field.name);
            let column = ListColumn::new(key, zh, en);
            columns.push(ListColumn { number: field.kind.is_number(), sorts: false, shown, ..column });
        }
        columns
    }

    /// Whether one of them is among the columns that a reader asked for.
    pub(crate) fn is_asked(&self, asked: &Asked, columns: &[ListColumn<'_>]) -> bool {
        let added = columns.len().saturating_sub(self.heads.len());
        asked.columns(columns).iter().any(|(at, _)| *at >= added)
    }

    /// The cells of a row, of what its record holds; of none, blank.
    pub(crate) fn cells(&self, held: Option<&BTreeMap<String, Given>>, lang: Lang) -> impl Iterator<Item = Cell> {
        self.form.fields.iter().map(move |field| match held.and_then(|held| held.get(&field.name)) {
            None => "—".into(),
            Some(Given::One(number)) if field.kind.is_number() => Cell::amount(number.clone()),
            Some(given) => told_given(field, given, &MoneyUnit::Yuan, lang).into(),
        })
    }
}
