//! The calendar of a year: which step has which months, and for which budget year.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;
use tongpin_domain::procedure::{Procedure, Season, YearMonth};

use crate::guidance::Published;

/// Draws the year of a month, that month marked.
pub(super) fn calendar(steps: &[Published<Procedure>], now: YearMonth, lang: Lang) -> Markup {
    let year = now.year;
    html! {
        h2 { (lang.pick(&format!("{year} 年日历"), &format!("The year {year}"))) }
        p.hint { (lang.pick("格内数字是事项所属的预算年度", "the numbers are the budget years that a step is for")) }
        div.wide { table.calendar {
            thead { tr {
                th scope="col" { (lang.pick("事项", "step")) }
                @for month in 1..=12 {
                    th scope="col" class=[(month == now.month).then_some("now")] {
                        (month) (lang.pick("月", ""))
                        @if month == now.month { br; (lang.pick("本月", "now")) }
                    }
                }
            } }
            tbody { @for Published { value: step, .. } in steps { tr {
                th scope="row" { (step.title) }
                @if Season::read(&step.months).is_none() {
                    td colspan="12" { (step.months) }
                } @else {
                    @for month in 1..=12 {
                        @let due = years(step, YearMonth { year, month });
                        td class=(if due.is_empty() { "" } else if month == now.month { "due now" } else { "due" }) {
                            @for (at, year) in due.iter().enumerate() { @if at > 0 { br; } (year) }
                        }
                    }
                }
            } } }
        } }
    }
}

/// For which budget years a step is due in a month.
pub(super) fn years(step: &Procedure, at: YearMonth) -> Vec<i32> {
    Season::read(&step.months).map(|season| season.due_for(at)).unwrap_or_default()
}
