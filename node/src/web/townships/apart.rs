//! A township that was restored from an old copy: of which records it holds another state than the county, and the
//! choice whose state is to hold.

use maud::{Markup, html};
use tongpin_console::web::{Signed, Tone, notice, token};
use tongpin_domain::lang::Lang;
use tongpin_store::{Choice, Difference};

use crate::ops::restored::{SETTLERS, kind, side_by_side};
use crate::ops::summary::ChildLine;

/// Differences that are listed; the rest is counted.
const LISTED: usize = 100;

/// The records that differ, each with the two states and what can be chosen.
pub(super) fn all(apart: &[Difference], line: &ChildLine, signed: &Signed, lang: Lang) -> Markup {
    let count = apart.len();
    let zh = format!("对方的数据库是从旧备份恢复的，有 {count} 条记录与本级不一致；本级保留的未被覆盖，对方也已得知");
    let en = format!("it was restored from an older copy and differs in {count} records; nothing here was overwritten");
    html! {
        @if count > 0 {
            h2 id="apart" { (lang.pick("两边不一致的记录", "Records that differ")) }
            (notice(Tone::Warn, lang.pick(&zh, &en)))
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("记录", "record")) }
                    th scope="col" { (lang.pick("本级保留的", "kept here")) }
                    th scope="col" { (lang.pick("对方的", "the township's")) }
                    th scope="col" { (lang.pick("以谁的为准", "which holds")) }
                } }
                tbody { @for it in apart.iter().take(LISTED) { (row(it, line, signed, lang)) } }
            } }
            @if count > LISTED { p { "… " (count - LISTED) } }
            p.hint { (lang.pick("选定后通知对方，由对方的程序写入自己的数据库；对方也可以自己处理。",
                "The township's program carries it out; it may also settle it itself.")) }
        }
    }
}

fn row(it: &Difference, line: &ChildLine, signed: &Signed, lang: Lang) -> Markup {
    let theirs = it.there.as_ref().and_then(|there| there.body.as_deref());
    let (here, there) = side_by_side(it.here.as_deref(), theirs, lang);
    let button = |choice: Choice, name: &str| {
        html! {
            form method="post" action=(format!("/townships/{}/settle", line.region)) {
                (token(signed))
                input type="hidden" name="kind" value=(it.kind);
                input type="hidden" name="key" value=(it.key);
                input type="hidden" name="choice" value=(choice.word());
                button { (name) }
            }
        }
    };
    html! {
        tr {
            th scope="row" { (kind(&it.kind, lang)) " " (it.key) }
            td { (here) }
            td { (there) @if it.there.as_ref().is_some_and(|it| it.older) { " " span.hint { (lang.pick("较旧", "older")) } } }
            td {
                @match it.choice {
                    Some(Choice::Parent) => (lang.pick("已定：本级的，待对方写入", "this county's; the township is told")),
                    Some(Choice::Child) => (lang.pick("已定：对方的，待对方写入", "the township's; the township is told")),
                    None if signed.may(SETTLERS) => {
                        (button(Choice::Parent, lang.pick("本级的", "this county's")))
                        (button(Choice::Child, lang.pick("对方的", "the township's")))
                    }
                    None => "—",
                }
            }
        }
    }
}
