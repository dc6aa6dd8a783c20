//! A form before anybody fills it in: its sheet, and what a new release of it does.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_domain::form::{Definition, FormChange};
use tongpin_domain::lang::{Lang, Say};

use super::{FormView, sheet};

/// The sheet of a form as nobody has filled it in yet.
#[must_use]
pub fn blank(definition: &Definition, lang: Lang) -> Markup {
    let given = BTreeMap::new();
    let mut view = FormView::new(definition, &given, lang);
    let once = lang.pick("（填报单位、期间）", "(whose, and for which period)");
    once.clone_into(&mut view.about);
    sheet(&view)
}

/// What is different between two releases of a form, marked by what it does to documents.
#[must_use]
pub fn changes(changes: &[FormChange], lang: Lang) -> Markup {
    html! {
        ul.checks { @for change in changes {
            li {
                @if change.is_refused() { span.mark.bad { (lang.pick("不能发布", "refused")) } " " }
                @else if change.is_stricter() { span.mark.warn { (lang.pick("更严", "stricter")) } " " }
                (change.say(lang))
            }
        } }
    }
}
