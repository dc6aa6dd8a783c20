//! What the city's form of a record asks beside what a page has of its own: drawn, read and shown by the form.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_console::sheet::text::{MASKED, told_given};
use tongpin_console::web::Fields;
use tongpin_console::web::kit::{self, FormView, Note, NoteTone};
use tongpin_domain::form::{Definition, Given, shown};
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
