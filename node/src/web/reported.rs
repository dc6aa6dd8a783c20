//! What was reported of a project by month, as a section of its page.

use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_domain::lang::Lang;
use tongpin_domain::observation::{OPENING, Observation, spent_until};

use crate::web::added::Added;
use crate::web::amounts::{grouped, shown};

/// What was reported of a project by month: spending and its sum, what was reached, the note, and which evidence the
/// township keeps. Nothing where nothing was reported.
#[must_use]
pub(super) fn section(observations: &[Observation], added: &Added, lang: Lang) -> Markup {
    if observations.is_empty() {
        return html! {};
    }
    html! {
        h2 { (lang.pick("按月填报", "Month by month")) }
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("月份", "month")) }
                th.number scope="col" { (lang.pick("本月支出（元）", "spent (yuan)")) }
                th.number scope="col" { (lang.pick("累计执行（元）", "so far (yuan)")) }
                th scope="col" { (lang.pick("截至当月完成值", "reached to date")) }
                th scope="col" { (lang.pick("说明", "note")) }
                th scope="col" { (lang.pick("佐证材料", "evidence")) }
                th scope="col" { (lang.pick("填报", "reported")) }
            } }
            tbody { @for it in observations { (row(it, observations, added, lang)) } }
        } }
        p.hint { (lang.pick("累计执行 = 期初（按月填报以前已执行）+ 各月支出；佐证材料只上送名称、大小和摘要，文件保存在填报单位。",
            "The sum is the opening and all months; of evidence only name, size and digest are sent, the files stay.")) }
    }
}

fn row(it: &Observation, all: &[Observation], added: &Added, lang: Lang) -> Markup {
    let month = if it.month == OPENING {
        lang.pick("期初", "before").to_owned()
    } else {
        format!("{}-{:02}", it.year, it.month)
    };
    let year = all.iter().filter(|other| other.year == it.year);
    let sum = spent_until(year, it.month).map_or_else(|| "—".to_owned(), grouped);
    html! {
        tr {
            th scope="row" { (month) }
            td.number { (shown(&it.spent)) }
            td.number { (sum) }
            td { @for output in &it.outputs { div { (output.seq) ". " (output.value.raw()) } } }
            td { (it.note) (added.shown(&it.more, lang)) }
            td { @for file in &it.evidence {
                div { (file.name) " " span.hint { (shown_bytes(file.bytes)) " " code { (file.digest.short()) } } }
            } }
            td.when { (it.reported_by) @if !it.reported_by.is_empty() { br; } (it.changed_at) }
        }
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::form::Definition;

    use super::*;

    fn body(month: u8, spent: &str) -> String {
        format!(
            r#"{{"project_code":"P","year":2024,"month":{month},"spent":"{spent}","note":"<b>","reported_at":0,"changed_at":0}}"#
        )
    }

    /// The section adds up month by month and shows what was typed as text.
    #[test]
    fn the_section() {
        let read = |month, spent| serde_json::from_str(&body(month, spent)).expect("an observation");
        let all: [Observation; 3] = [read(0, "100"), read(1, "0.5"), read(2, "约3万")];
        let drawn = section(&all, &Added::of(Definition::of_months()), Lang::Zh).into_string();
        assert!(drawn.contains(">100.50<") && drawn.contains(">约3万</td><td class=\"number\">—<"), "{drawn}");
        assert!(drawn.contains("&lt;b&gt;") && !drawn.contains("<b>"));
        assert_eq!(section(&[], &Added::of(Definition::of_months()), Lang::Zh).into_string(), "");
    }
}
