//! What the parent asks, and at a township how this month's reporting stands.

use maud::{Markup, html};
use tongpin_console::page::{self, Fact, StatusPage};
use tongpin_console::state::State;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::RECORDS;

use crate::summary::{CollectionLine, Summary};
use crate::web::collections as asked;
use crate::web::segment;

/// Every collection with its due day and how far it has come.
pub(super) fn collections(summary: &Summary, lang: Lang) -> Markup {
    html! {
        section {
            h2 { (lang.pick("归集任务", "Collections")) }
            @if summary.collections.is_empty() {
                p.empty { (lang.pick("上级目前没有要求上报的任务", "Nothing is asked.")) }
            } @else {
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("名称", "title")) }
                        th scope="col" { (lang.pick("期间", "period")) }
                        th scope="col" { (lang.pick("截止", "due")) }
                        th scope="col" { (lang.pick("状态", "state")) }
                    } }
                    tbody { @for line in &summary.collections { (row(line, lang)) } }
                } }
            }
        }
    }
}

fn row(line: &CollectionLine, lang: Lang) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(format!("/collections/{}", segment(&line.id))) { (line.title) } }
            td { (line.period) }
            td.when { (asked::due(line, lang)) }
            td { (asked::state(line, lang)) }
        }
    }
}

/// The month that a moment lies in, as `2026-03`.
fn month_of(at: Moment) -> String {
    at.to_string().chars().take(7).collect()
}

/// This month's reporting: whether records were sent, whether they arrived, and what is due.
pub(super) fn month(summary: &Summary, now: Moment, lang: Lang) -> Markup {
    let month = month_of(now);
    let sent = summary.last_record_at.filter(|at| month_of(*at) == month);
    let waiting = summary.unsent.iter().find(|unsent| unsent.stream == RECORDS).filter(|unsent| unsent.count > 0);
    let records =
        match sent {
            Some(at) => Fact::new(
                lang.pick("本月项目数据", "This month's records"),
                lang.pick(&format!("已报送，最近一次 {at}"), &format!("sent, last at {at}")),
                State::Good,
            ),
            None => Fact::new(
                lang.pick("本月项目数据", "This month's records"),
                lang.pick("本月还没有报送", "nothing has been sent this month"),
                State::Warn,
            )
            .hint(lang.pick(
                "在“项目”中填报或导入后自动报送上级",
                "what is entered or imported under Projects goes up by itself",
            )),
        };
    let arrived = match waiting {
        None => Fact::new(
            lang.pick("上级确认", "Acknowledged"),
            lang.pick("报送的内容上级均已收到", "the parent has everything"),
            State::Good,
        ),
        Some(unsent) => Fact::new(
            lang.pick("上级确认", "Acknowledged"),
            lang.pick(&format!("还有 {} 条待上级确认", unsent.count), &format!("{} records wait", unsent.count)),
            State::Warn,
        )
        .hint(lang.pick("连通后自动送达，无须重报", "they arrive by themselves once the link is up")),
    };
    let due: Vec<&CollectionLine> = summary.collections.iter().filter(|line| line.due.starts_with(&month)).collect();
    let done = due.iter().filter(|line| matches!(line.state, "submitted" | "accepted")).count();
    let asked = match due.len() {
        0 => Fact::new(
            lang.pick("本月截止的归集任务", "Collections due this month"),
            lang.pick("没有", "none"),
            State::Plain,
        ),
        all => Fact::new(
            lang.pick("本月截止的归集任务", "Collections due this month"),
            lang.pick(&format!("{all} 项，已上报 {done} 项"), &format!("{done} of {all} reported")),
            if done == all { State::Good } else { State::Warn },
        ),
    };
    let facts = vec![records, arrived, asked];
    html! {
        h2 { (lang.pick("本月报送", "This month")) }
        (page::body(&StatusPage { facts, tables: Vec::new() }, lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A month ends at midnight in China, not in Greenwich: 2026-03-31 16:00 UTC is April.
    #[test]
    fn months_are_china_s() {
        assert_eq!(month_of(Moment(1_774_972_799_000)), "2026-03");
        assert_eq!(month_of(Moment(1_774_972_800_000)), "2026-04");
    }
}
