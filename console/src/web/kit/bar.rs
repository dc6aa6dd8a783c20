//! The bar that stays in view: at the left how the whole stands and what is still missing, at the right what can be
//! done, one thing of it as the main one, which says what happens.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::FormView;

/// Missing places that the bar names; the rest is counted.
const NAMED: usize = 3;

/// Something that can be done.
#[derive(Debug, Clone)]
pub enum Act {
    /// A button that sends a form: the form's id, what the button is sent as and with, and what it says.
    Send {
        /// The form's id.
        form: String,
        /// What it is sent as; no field's name has a hyphen, so this has one.
        name: String,
        /// What is sent.
        value: String,
        /// What it says.
        says: String,
    },
    /// A link: where it leads, and what it says.
    Go {
        /// The address.
        to: String,
        /// What it says.
        says: String,
    },
}

/// The bar.
#[derive(Debug, Clone, Default)]
pub struct Bar {
    /// A figure that sums the document up, if there is one.
    pub total: String,
    /// The place of that figure, so that it follows what is typed; empty if it does not.
    pub total_place: String,
    /// The state as a chip.
    pub state: Option<Markup>,
    /// The missing places, each with what it is called.
    pub missing: Vec<(String, String)>,
    /// How many places have to be corrected.
    pub wrong: usize,
    /// Whether anything can be missing: somebody fills the document in.
    pub filling: bool,
    /// What else can be done.
    pub others: Vec<Act>,
    /// What is done next.
    pub main: Option<Act>,
    /// The reader's language.
    pub lang: Lang,
}

impl Bar {
    /// The bar of a document that somebody fills in.
    #[must_use]
    pub fn filling(view: &FormView<'_>) -> Self {
        let missing = view.missing_in_order().into_iter().map(|place| (place.to_owned(), view.called(place))).collect();
        Self { missing, wrong: view.wrong(), filling: true, lang: view.lang, ..Self::default() }
    }

    /// Draws it. What is done next stands last, so that the key Enter in a browser without scripts never does it.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let follows = (!self.total_place.is_empty()).then_some(&self.total_place);
        html! {
            div.actbar role="region" aria-label=(self.lang.pick("状态和操作", "State and actions")) {
                div.stand {
                    @if !self.total.is_empty() { output.total data-shown=[follows] { (self.total) } }
                    @if let Some(state) = &self.state { (state) }
                    @if self.filling { (self.lacking()) }
                }
                div.go {
                    @for act in &self.others { (draw(act, false)) }
                    @if let Some(main) = &self.main { (draw(main, true)) }
                }
            }
        }
    }

    fn lacking(&self) -> Markup {
        let more = self.missing.len().saturating_sub(NAMED);
        html! {
            p.left aria-live="polite" {
                span data-left { (left(self.missing.len(), self.wrong, self.lang)) }
                span data-missing=(NAMED) {
                    @for (place, called) in self.missing.iter().take(NAMED) {
                        a href=(format!("#at-{place}")) { (called) }
                    }
                    @if more > 0 { span { "…" } }
                }
            }
        }
    }
}

/// How many places are missing and how many are to be corrected, in words.
pub(super) fn left(missing: usize, wrong: usize, lang: Lang) -> String {
    match (missing, wrong, lang) {
        (0, 0, _) => lang.pick("已填齐", "Complete").to_owned(),
        (_, 0, Lang::Zh) => format!("还差 {missing} 处"),
        (_, 0, Lang::En) => format!("{missing} missing"),
        (0, _, Lang::Zh) => format!("{wrong} 处须更正"),
        (0, _, Lang::En) => format!("{wrong} to be corrected"),
        (_, _, Lang::Zh) => format!("还差 {missing} 处，{wrong} 处须更正"),
        (_, _, Lang::En) => format!("{missing} missing, {wrong} to be corrected"),
    }
}

fn draw(act: &Act, main: bool) -> Markup {
    let class = main.then_some("main");
    html! {
        @match act {
            Act::Send { form, name, value, says } => {
                button class=[class] type="submit" form=(form) name=(name) value=(value) { (says) }
            }
            Act::Go { to, says } => a.button.main[main] href=(to) { (says) },
        }
    }
}
