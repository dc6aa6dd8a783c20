//! Problems of a file on a page, each at its cell, and how much is shown of what is long.

use maud::{Markup, html};
use tongpin_domain::intake::Problem;
use tongpin_domain::lang::{Lang, Say};

use crate::workbook::column_letters;

/// Problems that are shown; the rest is counted.
const SHOWN: usize = 200;

/// The problems as a table. `column` says which column of the file a name stands over, counted from 0.
pub fn table(problems: &[Problem], column: impl Fn(&str) -> Option<u32>, lang: Lang) -> Markup {
    let more = problems.len().saturating_sub(SHOWN);
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("位置", "where")) }
                th scope="col" { (lang.pick("列", "column")) }
                th scope="col" { (lang.pick("内容", "found")) }
                th scope="col" { (lang.pick("应为", "expected")) }
            } }
            tbody { @for problem in problems.iter().take(SHOWN) { tr {
                th scope="row" { (place(problem, column(&problem.column), lang)) }
                td { (problem.column) }
                td { @if problem.found.is_empty() { span.hint { (lang.pick("（空）", "(blank)")) } } @else { (cut(&problem.found)) } }
                td { (problem.expected.say(lang)) }
            } } }
        } }
        @if more > 0 { p.hint { (lang.pick(&format!("另有 {more} 处，改正后会继续显示"), &format!("and {more} more"))) } }
    }
}

/// The cell as spreadsheets call it, or the line.
fn place(problem: &Problem, column: Option<u32>, lang: Lang) -> String {
    if problem.line == 0 {
        return lang.pick("整个文件", "the file").to_owned();
    }
    match column {
        Some(column) => format!("{}{}", column_letters(column), problem.line),
        None => lang.pick(&format!("第 {} 行", problem.line), &format!("line {}", problem.line)).to_owned(),
    }
}

/// Enough of a text to know it.
#[must_use]
pub fn cut(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut short: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
