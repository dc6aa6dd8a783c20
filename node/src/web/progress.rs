//! How far scoring behind the pages is, wherever somebody looks for scores: it can be left and found again.

use maud::{Markup, html};
use tongpin_console::web::{Tone, notice};
use tongpin_domain::lang::Lang;
use tongpin_domain::thousands::marked;

use crate::app::rescoring::Standing;

/// What there is to say about it: nothing once it is done.
pub(super) fn draw(standing: &Standing, lang: Lang) -> Markup {
    let (done, total) = (marked(&standing.done.to_string()), marked(&standing.total.to_string()));
    html! {
        @if let Some(why) = standing.failure(lang) {
            @let zh = format!("评分中断：{why}。有的项目还是原来的评分，列表中标为“待重算”；每分钟自动重试，也可在“评分”中点“重新评分”");
            @let en = format!(
                "scoring broke off: {why}. Some projects still have their earlier scores and are marked so; it is tried \
                 again every minute, and all can be scored anew in Scores"
            );
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is said where nothing is at work and nothing failed.
    #[test]
    fn drawn() {
        assert_eq!(draw(&Standing::default(), Lang::Zh).into_string(), "");
    }
}
