//! The sign-in-less status page: what it shows, in one shell that both programs share.
//!
//! No script, no outside asset, no form: it only shows. Chinese first; `?lang=en` is English, `?still=1` stops the
//! page from loading itself anew every ten seconds.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tongpin_domain::lang::Lang;

use crate::state::State;

pub mod serve;
mod view;

pub use view::View;

/// How often the page loads itself anew.
const REFRESH_SECONDS: u8 = 10;

/// The few tokens that all pages are drawn with; colours keep a contrast of 4.5:1 on their ground, light and dark.
const STYLE: &str = include_str!("page/style.css");

/// What a status page shows, in the language it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusPage {
    /// What stands at the top and in the window's title.
    pub title: String,
    /// The facts, the most important first.
    pub facts: Vec<Fact>,
    /// The tables below them.
    pub tables: Vec<Table>,
}

/// One fact: a label, a value, and how well it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fact {
    /// What it is about.
    pub label: String,
    /// What it is.
    pub value: String,
    /// How well it stands.
    pub state: State,
    /// The cause and the next step, if there is something to do; empty otherwise.
    pub hint: String,
}

impl Fact {
    /// A fact without a hint yet.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>, state: State) -> Self {
        Self { label: label.into(), value: value.into(), state, hint: String::new() }
    }

    /// The same fact with the cause and the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// What it lists.
    pub title: String,
    /// The columns.
    pub headers: Vec<String>,
    /// The rows; the first cell of each names it.
    pub rows: Vec<Vec<Cell>>,
    /// What is said in place of rows when there are none, and what to do then.
    pub empty: String,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// How well that stands.
    pub state: State,
}

impl Cell {
    /// A cell that is judged.
    #[must_use]
    pub fn new(text: impl Into<String>, state: State) -> Self {
        Self { text: text.into(), state }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(text, State::Plain)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text, State::Plain)
    }
}

/// The whole document.
#[must_use]
pub fn document(page: &StatusPage, view: View) -> Markup {
    let lang = view.lang;
    html! {
        (DOCTYPE)
        html lang=(lang.pick("zh-CN", "en")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if !view.still {
                    meta http-equiv="refresh" content=(REFRESH_SECONDS);
                }
                title { (page.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head(page, view))
                main {
                    (facts(&page.facts, lang))
                    @for listed in &page.tables {
                        (table(listed, lang))
                    }
                }
            }
        }
    }
}

/// Title, the state of the whole, and the two switches.
fn head(page: &StatusPage, view: View) -> Markup {
    let lang = view.lang;
    let worst = page.facts.iter().map(|fact| fact.state).max().unwrap_or_default();
    let other = View { lang: if lang == Lang::Zh { Lang::En } else { Lang::Zh }, ..view };
    let switched = View { still: !view.still, ..view };
    html! {
        header {
            h1 { (page.title) (mark(worst, lang)) }
            nav {
                span { (refresh_words(view)) }
                a href=(switched.link()) {
                    @if view.still { (lang.pick("恢复自动刷新", "Refresh by itself")) }
                    @else { (lang.pick("停止自动刷新", "Stop refreshing")) }
                }
                a href=(other.link()) lang=(lang.pick("en", "zh-CN")) hreflang=(lang.pick("en", "zh-CN")) {
                    (lang.pick("English", "中文"))
                }
            }
        }
    }
}

fn refresh_words(view: View) -> String {
    if view.still {
        return view.lang.pick("已停止自动刷新", "Not refreshing").to_owned();
    }
    let zh = format!("每 {REFRESH_SECONDS} 秒自动刷新");
    let en = format!("Refreshes every {REFRESH_SECONDS} s");
    view.lang.pick(&zh, &en).to_owned()
}

fn facts(facts: &[Fact], lang: Lang) -> Markup {
    html! {
        @if !facts.is_empty() {
            dl {
                @for fact in facts {
                    div class=(fact.state.class()) {
                        dt { (fact.label) }
                        dd { (fact.value) (mark(fact.state, lang)) }
                        @if !fact.hint.is_empty() {
                            dd.hint { (fact.hint) }
                        }
                    }
                }
            }
        }
    }
}

fn table(table: &Table, lang: Lang) -> Markup {
    html! {
        section {
            h2 { (table.title) }
            @if table.rows.is_empty() {
                p.empty { (table.empty) }
            } @else {
                div.wide {
                    table {
                        thead { tr { @for header in &table.headers { th scope="col" { (header) } } } }
                        tbody { @for row in &table.rows { tr { (cells(row, lang)) } } }
                    }
                }
            }
        }
    }
}

/// The cells of a row: the first is its name, and a judged one carries its state as a word beside its own.
fn cells(row: &[Cell], lang: Lang) -> Markup {
    let content = |cell: &Cell| html! { (cell.text) (mark(cell.state, lang)) };
    html! {
        @for (at, cell) in row.iter().enumerate() {
            @if at == 0 { th scope="row" { (content(cell)) } } @else { td { (content(cell)) } }
        }
    }
}

/// The state as a word on its colour.
fn mark(state: State, lang: Lang) -> Markup {
    html! {
        @if state != State::Plain {
            " " span class={ "mark " (state.class()) } { (state.word(lang)) }
        }
    }
}

#[cfg(test)]
mod tests;
