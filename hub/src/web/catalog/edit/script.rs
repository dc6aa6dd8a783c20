//! Entries that are changed as text: rules and collections, which are too deep for a form. What is wrong is shown at
//! its line.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::Edit;

/// The field that holds the text.
pub(super) const TEXT: &str = "text";
/// Lines shown before and behind the wrong one.
const AROUND: usize = 3;

impl Edit {
    /// The box with the text, and the lines around what is wrong.
    pub(super) fn script(&self, lang: Lang) -> Markup {
        let text = self.values.get(TEXT).map(String::as_str).unwrap_or_default();
        let error = self.errors.get("").map(String::as_str).unwrap_or_default();
        let described = if error.is_empty() { "text-hint" } else { "text-hint text-error" };
        html! {
            div.field {
                label for="text" { (lang.pick("内容（TOML）", "Content (TOML)")) }
                @if !error.is_empty() {
                    p.error id="text-error" {
                        @if let Some(line) = self.wrong_line { (lang.pick("第 ", "line ")) (line) (lang.pick(" 行", "")) "：" }
                        (error)
                    }
                    @if let Some(line) = self.wrong_line { (around(text, line)) }
                }
                textarea.script id="text" name="text" rows="28" spellcheck="false" aria-describedby=(described)
                    aria-invalid=[(!error.is_empty()).then_some("true")] { "\n" (text) }
                p.hint id="text-hint" {
                    (lang.pick("保存时检查；写法见示例文件，带小数的数请加引号。注释不随条目保存。",
                        "Checked when it is saved. Put numbers with decimals in quotes; comments are not kept.")) }
            }
        }
    }
}

/// The lines around one, with their numbers; the one itself is marked.
fn around(text: &str, line: u64) -> Markup {
    let wrong = usize::try_from(line).unwrap_or(usize::MAX);
    let first = wrong.saturating_sub(AROUND).max(1);
    let lines = text.lines().enumerate().map(|(at, text)| (at + 1, text));
    let lines: Vec<(usize, &str)> = lines.skip(first - 1).take(wrong.saturating_sub(first) + 1 + AROUND).collect();
    html! {
        pre.script {
            @for (number, text) in &lines {
                @if *number == wrong { mark { (number) " ▸ " (text) } } @else { (number) "   " (text) }
                "\n"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wrong line stands between those around it, also at the ends of the text.
    #[test]
    fn lines_around() {
        let text = "a\nb\nc\nd\ne\nf\n";
        let shown = |line| around(text, line).into_string();
        assert_eq!(shown(1), "<pre class=\"script\"><mark>1 ▸ a</mark>\n2   b\n3   c\n4   d\n</pre>");
        assert_eq!(shown(6), "<pre class=\"script\">3   c\n4   d\n5   e\n<mark>6 ▸ f</mark>\n</pre>");
        assert_eq!(shown(60), "<pre class=\"script\"></pre>");
    }
}
