//! A form before anybody fills it in: its sheet, and what a new release of it does.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_domain::form::{Definition, DefinitionProblem, FormChange};
use tongpin_domain::lang::{Lang, Say};

use super::{FormView, sheet};
use crate::web::{Tone, notice};

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

/// What publishing a form does to documents that exist: what is wrong with it, and what is different from the release
/// before; `None` of a new one.
#[must_use]
pub fn impact(problems: &[DefinitionProblem], changed: Option<&[FormChange]>, lang: Lang) -> Markup {
    html! {
        @for problem in problems { (notice(Tone::Bad, &problem.say(lang))) }
        @match changed {
            None => { p { (lang.pick("新表单，还没有单据。", "A new form: there are no documents of it.")) } }
            Some([]) => { p { (lang.pick("只改了文字，已有单据不受影响。", "Only words changed.")) } }
            Some(changed) => { (changes(changed, lang)) }
        }
    }
}

/// From when on new releases of forms are those of documents that exist: each says whether its documents are kept as
/// records of another kind, see [`Definition::is_kept`].
#[must_use]
pub fn takes_effect(kept: impl IntoIterator<Item = bool>, lang: Lang) -> Markup {
    let (kept, own): (Vec<bool>, Vec<bool>) = kept.into_iter().partition(|kept| *kept);
    html! {
        @if !own.is_empty() {
            p.hint { (lang.pick("已有单据仍按填报时的表单版本显示和办理；经办改用新版后，才受上列变动影响。",
                "A document keeps the release that it was filled in under until a clerk moves it to the new one.")) }
        }
        @if !kept.is_empty() {
            p.hint { (lang.pick("沿用单据（如项目绩效目标）没有“改用新版”一步：发布后即按新版显示和填写，已填内容不变。",
                "Documents that the program keeps, such as a project's goal, are shown and filled in by the new release at once; what they hold stays.")) }
        }
    }
}
