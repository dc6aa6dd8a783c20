//! The state of a program at a glance: facts and tables, as its first page shows them below what is to be done.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_store::Witness;

use crate::state::State;

/// What such a page shows, in the language it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusPage {
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

/// What is held of a child's audit log, and whether it ever went back.
#[must_use]
pub fn witness(held: Option<&Witness>, lang: Lang) -> Fact {
    let label = lang.pick("审计日志", "Audit log");
    let Some(Witness { end, back, .. }) = held else {
        return Fact::new(label, lang.pick("尚未见证", "its end is not held yet"), State::Plain);
    };
    let said = (
        format!("已见证到第 {} 条（{}）", end.number, end.at),
        format!("held up to entry {} ({})", end.number, end.at),
    );
    let fact = Fact::new(label, lang.pick(&said.0, &said.1), if back.is_some() { State::Bad } else { State::Good });
    let Some((number, at)) = back else { return fact };
    let zh = format!(
        "{at} 起它只说有 {number} 条，或内容与见证过的不同：日志末尾被删改，或数据库是旧备份恢复的；请与对方核实"
    );
    let en = format!(
        "from {at} on it told of {number} only, or of others: the end was taken off, or its database is an old copy; ask them"
    );
    fact.hint(lang.pick(&zh, &en))
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
    /// Where it leads; empty for nowhere.
    pub address: String,
}

impl Cell {
    /// A cell that is judged.
    #[must_use]
    pub fn new(text: impl Into<String>, state: State) -> Self {
        Self { text: text.into(), state, address: String::new() }
    }

    /// A cell that leads to a page.
    #[must_use]
    pub fn link(text: impl Into<String>, address: impl Into<String>) -> Self {
        Self { text: text.into(), state: State::Plain, address: address.into() }
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

/// What the page says, without the shell around it.
#[must_use]
pub fn body(page: &StatusPage, lang: Lang) -> Markup {
    html! {
        (facts(&page.facts, lang))
        @for listed in &page.tables {
            (table(listed, lang))
        }
    }
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
    let content = |cell: &Cell| {
        html! {
            @if cell.address.is_empty() { (cell.text) } @else { a href=(cell.address) { (cell.text) } }
            (mark(cell.state, lang))
        }
    };
    html! {
        @for (at, cell) in row.iter().enumerate() {
            @if at == 0 { th scope="row" { (content(cell)) } }
            @else { td class=[is_code(&cell.text).then_some("code")] { (content(cell)) } }
        }
    }
}

/// Whether a text is short and of ASCII alone, as codes, numbers and dates are, which nobody wants broken over two
/// lines; a few English words are too.
pub(crate) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 24 && text.is_ascii()
}

/// The state as a word on its colour.
pub(crate) fn mark(state: State, lang: Lang) -> Markup {
    html! {
        @if state != State::Plain {
            " " span class={ "mark " (state.class()) } { (state.word(lang)) }
        }
    }
}

#[cfg(test)]
mod tests;
