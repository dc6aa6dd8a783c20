//! What the parent asks of a county, and how a township's reporting by month stands.

use maud::{Markup, html};
use tongpin_console::page::{self, Fact, StatusPage};
use tongpin_console::state::State;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;
use tongpin_store::RECORDS;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::summary::{CollectionLine, Summary};
use crate::records::observations::month_name;
use crate::web::collections as asked;
use crate::web::parts::segment;

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

/// One month: how much of it is reported, and until when that is in time.
fn month_fact(month: Month, done: u64, all: u64, now: Moment, lang: Lang) -> Fact {
    let name = month_name(month, lang);
    let label = lang.pick(&format!("{name}填报"), &format!("report of {name}")).to_owned();
    let value = lang.pick(&format!("{all} 个项目，已填报 {done} 个"), &format!("{done} of {all} projects")).to_owned();
    let state = match (done == all, now >= month.late_from()) {
        (true, _) => State::Good,
        (false, true) => State::Bad,
        (false, false) => State::Warn,
    };
    let hint = match state {
        State::Bad => lang.pick("已过填报期限，请尽快补报", "it is late: report it now"),
        State::Warn => lang.pick("次月 10 日前填报", "it is in time until the 10th of the next month"),
        State::Good | State::Plain => "",
    };
    Fact::new(label, value, state).hint(hint)
}

/// A township's reporting comes first: last month's, which is due, this month's, and whether all of it arrived.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn month(app: &App, summary: &Summary, lang: Lang) -> Result<Markup, Failure> {
    let (store, own, now) = (app.store(), app.site.region(), app.site.now());
    let this = Month::of(now);
    let mut facts = Vec::new();
    for month in [this.previous(), this] {
        let count = app.statistics.month(store, &own, month).await?;
        if count.due > 0 {
            facts.push(month_fact(month, count.reported, count.due, now, lang));
        }
    }
    let waiting = summary.unsent.iter().find(|unsent| unsent.stream == RECORDS).filter(|unsent| unsent.count > 0);
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
    facts.push(arrived);
    Ok(html! {
        h2 { (lang.pick("按月填报", "Month by month")) }
        (page::body(&StatusPage { facts, tables: Vec::new() }, lang))
        p { a.button href="/month" { (lang.pick("去填报", "Report")) } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is not reported in full is late from the eleventh of the next month on, in China's time.
    #[test]
    fn months_in_words() {
        let month: Month = "2024-12".parse().expect("a month");
        let late = month.late_from();
        let in_time = month_fact(month, 1, 2, late.plus_seconds(-1), Lang::Zh);
        assert_eq!((in_time.state, in_time.value.as_str()), (State::Warn, "2 个项目，已填报 1 个"));
        assert_eq!(in_time.label, "2024 年 12 月填报");
        assert_eq!(month_fact(month, 1, 2, late, Lang::Zh).state, State::Bad);
        assert_eq!(month_fact(month, 2, 2, late, Lang::Zh).state, State::Good);
    }
}
