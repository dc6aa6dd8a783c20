//! The parts of larger forms: long texts and choices, with hint and error tied to the box as [`super::Field`] does it.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::fields::Fields;

/// A box for a text of several lines.
#[derive(Default)]
pub struct LongText<'a> {
    /// What it is sent as.
    pub name: &'a str,
    /// What stands before it.
    pub label: &'a str,
    /// What was typed.
    pub value: &'a str,
    /// How it should look.
    pub hint: &'a str,
    /// What is wrong with it.
    pub error: &'a str,
    /// The most characters it may have; 0 for no limit.
    pub longest: usize,
}

impl LongText<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let Self { name, label, value, hint, error, longest } = self;
        html! {
            div.field {
                label for=(name) { (label) }
                textarea id=(name) name=(name) rows="3" maxlength=[(*longest > 0).then_some(longest)]
                    aria-describedby=[described(name, hint, error)] aria-invalid=[(!error.is_empty()).then_some("true")]
                    { "\n" (value) }
                (words(name, hint, error))
            }
        }
    }
}

/// A choice of one among several.
#[derive(Default)]
pub struct Choice<'a> {
    /// What it is sent as.
    pub name: &'a str,
    /// What stands before it.
    pub label: &'a str,
    /// What can be chosen: what is sent, and what the reader sees.
    pub options: &'a [(String, String)],
    /// What is chosen. If it is no option it is shown as one, so that nothing typed is lost.
    pub value: &'a str,
    /// How to choose.
    pub hint: &'a str,
    /// What is wrong with it.
    pub error: &'a str,
}

impl Choice<'_> {
    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let Self { name, label, options, value, hint, error } = self;
        let known = value.is_empty() || options.iter().any(|(sent, _)| sent == value);
        html! {
            div.field {
                label for=(name) { (label) }
                select id=(name) name=(name)
                    aria-describedby=[described(name, hint, error)] aria-invalid=[(!error.is_empty()).then_some("true")] {
                    @if !known { option value=(value) selected { (value) } }
                    @for (sent, shown) in *options { option value=(sent) selected[sent == value] { (shown) } }
                }
                (words(name, hint, error))
            }
        }
    }
}

/// A box for a file.
#[derive(Default)]
pub struct FileBox<'a> {
    /// The reader's.
    pub lang: Lang,
    /// What it is called for the reader.
    pub label: &'a str,
    /// The endings of the files that a browser offers.
    pub accept: &'a str,
    /// Which files are taken.
    pub hint: &'a str,
    /// What is wrong with it.
    pub error: &'a str,
}

impl FileBox<'_> {
    /// Draws it; the file is sent as `file`.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let Self { lang, label, accept, hint, error } = self;
        html! {
            div.field {
                label for="file" { (label) }
                input id="file" type="file" name="file" required accept=(accept)
                    aria-describedby=[described("file", hint, error)]
                    aria-invalid=[(!error.is_empty()).then_some("true")];
                (words("file", hint, error))
                (under_way(*lang, lang.pick("正在上传并检查", "Uploading and checking")))
            }
        }
    }
}

/// What a form says from the moment that it is sent until its answer is there; a second press of its button does
/// nothing meanwhile. It needs the script, without which the browser's own sign is all there is.
#[must_use]
pub fn under_way(lang: Lang, doing: &str) -> Markup {
    html! {
        p.under-way role="status" hidden {
            progress aria-label=(doing) {}
            " " (doing) (lang.pick("……", "… "))
            span.seconds aria-hidden="true" { span data-seconds { "0" } (lang.pick(" 秒", " s")) }
        }
    }
}

/// The box by which somebody says that a step is meant: it sends `sure`.
#[must_use]
pub fn sure(lang: Lang, id: &str) -> Markup {
    ticked(lang, id, false)
}

/// The same beside a form that may have come without it.
#[must_use]
pub fn sure_of(typed: &Fields, lang: Lang, id: &str) -> Markup {
    // A form that was sent carries its token, whatever else it lacks.
    ticked(lang, id, !typed.raw("csrf").is_empty() && !typed.checked("sure"))
}

/// What whoever has not ticked it is told.
pub(super) fn unsure(lang: Lang) -> &'static str {
    lang.pick("请勾选“确认”", "check that you are sure")
}

pub(super) fn ticked(lang: Lang, id: &str, lacks: bool) -> Markup {
    let error = if lacks { unsure(lang) } else { "" };
    html! {
        div.check {
            input type="checkbox" id=(id) name="sure" value="1" required
                aria-describedby=[described(id, "", error)] aria-invalid=[lacks.then_some("true")];
            label for=(id) { (lang.pick("确认", "I am sure")) }
        }
        (words(id, "", error))
    }
}

pub(super) fn described(name: &str, hint: &str, error: &str) -> Option<String> {
    let parts = [(hint, "hint"), (error, "error")];
    let ids: Vec<String> =
        parts.iter().filter(|(text, _)| !text.is_empty()).map(|(_, what)| format!("{name}-{what}")).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

pub(super) fn words(name: &str, hint: &str, error: &str) -> Markup {
    html! {
        @if !hint.is_empty() { p.hint id=(format!("{name}-hint")) { (hint) } }
        @if !error.is_empty() { p.error id=(format!("{name}-error")) { (error) } }
    }
}
