//! What the node's own pages share: with what each is asked, for whom they are, and small parts of them.

use axum::Extension;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web;
use tongpin_domain::lang::Lang;
use tongpin_domain::score::{RuleRef, ScoreSheet};

use crate::app::App;
use crate::words::flag;

/// What every page of the bureau's own is asked with.
pub(crate) type Context = web::Context<Extension<App>>;

/// Whom these pages are for: everyone who does the bureau's work.
pub(crate) const WORK: &[Duty] = &[Duty::Enter, Duty::Approve, Duty::Read];

/// How cells of figures are set, so that digits stand below digits.
pub(crate) const RIGHT: &str = "text-align:right";

/// A text as one segment of an address, or as a value behind its question mark.
pub(crate) fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let escaped = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escaped).collect()
}

/// A figure and what it is of.
pub(crate) fn fact(label: &str, value: impl std::fmt::Display) -> Markup {
    html! { div { dt { (label) } dd { (value.to_string()) } } }
}

/// A rule set, its release and whose it is.
pub(crate) fn rules(rules: &RuleRef, lang: Lang) -> String {
    let RuleRef { publisher, key, release } = rules;
    lang.pick(&format!("{key} 第 {release} 版（{publisher}）"), &format!("{key}, release {release} of {publisher}"))
        .to_owned()
}

/// The flags of project and lines, each once, and what they mean.
pub(crate) fn flags(sheet: &ScoreSheet, lang: Lang) -> Markup {
    let codes = flag::all(sheet);
    html! {
        @if !codes.is_empty() {
            h2 { (lang.pick("提示", "Flags")) }
            ul {
                @for code in &codes {
                    li { strong { (flag::word(code, lang)) } " " (flag::about(code, lang)) " " span.hint { (code) } }
                }
            }
        }
    }
}
