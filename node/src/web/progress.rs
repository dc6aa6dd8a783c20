//! How far scoring behind the pages is, wherever somebody looks for scores: it can be left and found again.

use maud::{Markup, html};
use tongpin_console::web::{Tone, notice};
use tongpin_domain::lang::Lang;

use crate::scoring::Standing;

/// What there is to say about it: nothing once it is done.
pub(super) fn draw(standing: &Standing, lang: Lang) -> Markup {
    let (done, total) = (grouped(standing.done), grouped(standing.total));
    html! {
        @if let Some(why) = standing.failure(lang) {
            @let zh = format!("评分中断：{why}。有的项目还是原来的评分；请在“评分”中点“重新评分”，或重新启动程序后自动继续");
            @let en = format!("scoring broke off: {why}. Some projects still have their earlier scores; score all anew");
            (notice(Tone::Bad, lang.pick(&zh, &en)))
        }
        @if standing.is_running() {
            div.card role="status" {
                p { (lang.pick(&format!("正在评分 {done} / {total}"), &format!("scoring {done} / {total}"))) }
                progress max=(standing.total) value=(standing.done) { (done) " / " (total) }
                p.hint { (lang.pick("可以离开本页，评分不会停；在“评分”页随时可看进度。",
                    "This page can be left; Scores tells how far it is.")) }
            }
        }
    }
}

/// A count with thousands marked: `20,000`.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thousands are marked from the right.
    #[test]
    fn thousands() {
        let shown = [0, 999, 3_200, 20_000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "3,200", "20,000", "1,234,567"]);
        assert_eq!(draw(&Standing::default(), Lang::Zh).into_string(), "");
    }
}
