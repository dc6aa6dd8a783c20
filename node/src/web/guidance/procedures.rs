//! 流程与时间表: the steps of the yearly round, and what is due this month.

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, Cell, Column};
use tongpin_domain::lang::Lang;
use tongpin_domain::procedure::{Procedure, YearMonth};

use super::list::CatalogList;
use super::season::{self, years};
use crate::guidance::{self, Published};
use crate::web::parts::{Context, WORK};

const COLUMNS: [Column; 5] = [
    Column::new("title", "事项", "step"),
    Column::new("months", "时间", "months"),
    Column::new("who", "责任单位", "who"),
    Column::new("basis", "依据", "basis"),
    Column::new("text", "要求", "what"),
];

const PROCEDURES: CatalogList = CatalogList {
    catalog: "procedures",
    title: ("流程与时间表", "Procedures"),
    columns: &COLUMNS,
    name: "title",
    hint: ("事项、责任单位、依据", "step, who or basis"),
    nothing: ("还没有收到流程与时间表；与上级连通后自动接收", "No procedures have come yet."),
    unfound: ("没有符合条件的事项；可放宽条件", "Nothing fits; ask for less."),
};

/// Shows them.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, store) = (cx.lang(), cx.app.store());
    let steps: Vec<Published<Procedure>> = guidance::published(store, PROCEDURES.catalog).await?;
    let regions = guidance::regions(store).await?;
    let now = YearMonth::of(cx.app.site.now());
    let rows = steps.iter().map(|entry| row(&entry.value, now, lang)).collect();
    let found = PROCEDURES.find(rows, &asked, !steps.is_empty());
    let about = html! {
        @if !steps.is_empty() {
            @if let Some(now) = now { (due(&steps, now, lang)) (season::calendar(&steps, now, lang)) }
            h2 { (lang.pick("各项要求", "The steps")) }
        }
    };
    PROCEDURES.page(&cx, &asked, &found, (&regions, &[]), &about).await
}

fn due(steps: &[Published<Procedure>], now: YearMonth, lang: Lang) -> Markup {
    let due = steps.iter().flat_map(|step| years(&step.value, now).into_iter().map(move |year| (&step.value, year)));
    let due: Vec<(&Procedure, i32)> = due.collect();
    let (year, month) = (now.year, now.month);
    html! {
        h2 { (lang.pick(&format!("本月应办（{year} 年 {month} 月）"), &format!("Due this month ({year}-{month:02})"))) }
        @if due.is_empty() {
            p { (lang.pick("本月没有固定安排的事项", "Nothing has its months now.")) }
        } @else {
            ul { @for (step, year) in due {
                li {
                    strong { (step.title) }
                    (lang.pick(&format!("（{year} 年度），责任单位：{}", step.who),
                        &format!(" (budget year {year}), by {}", step.who)))
                }
            } }
        }
    }
}

fn row(step: &Procedure, now: Option<YearMonth>, lang: Lang) -> Vec<Cell> {
    let is_due = now.is_some_and(|now| !years(step, now).is_empty());
    let title = html! {
        (step.title)
        @if is_due { " " span class="mark warn" { (lang.pick("本月应办", "due now")) } }
    };
    vec![
        Cell::drawn(step.title.clone(), title),
        step.months.clone().into(),
        step.who.replace([';', '；'], "、").into(),
        step.basis.clone().into(),
        step.text.clone().into(),
    ]
}
