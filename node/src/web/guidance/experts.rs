//! 专家库: the experts whom this bureau may see, found by name, field and state.

use axum::response::Response;
use maud::html;
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, Cell, Column};
use tongpin_domain::expert::Expert;
use tongpin_domain::region::Regions;

use super::list::{CatalogList, distinct, figures, further};
use crate::guidance::{self, Published};
use crate::web::parts::{Context, WORK};

const COLUMNS: [Column; 14] = [
    Column::new("id", "编号", "number"),
    Column::new("name", "专家", "expert"),
    Column::new("fields", "领域", "fields"),
    Column::new("specialty", "专长", "specialty"),
    Column::new("title", "职称", "title"),
    figures("years", "从业年限", "years"),
    Column::new("org_type", "单位类型", "kind of employer"),
    Column::new("base", "常驻区划", "based in"),
    Column::new("term", "聘期止", "until"),
    Column::new("status", "状态", "state"),
    Column::new("avoid", "须回避", "to be recused from"),
    figures("tasks", "本年任务", "tasks this year"),
    further("share", "共享范围", "shared with"),
    further("note", "备注", "note"),
];

const EXPERTS: CatalogList = CatalogList {
    catalog: "experts",
    title: ("专家库", "Experts"),
    columns: &COLUMNS,
    name: "name",
    hint: ("编号、姓名、专长", "number, name or specialty"),
    nothing: ("还没有收到可供本级使用的专家；与上级连通后自动接收", "No experts have come yet."),
    unfound: ("没有符合条件的专家；可放宽条件", "Nobody fits; ask for less."),
};

/// The roster.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, store) = (cx.lang(), cx.app.store());
    let experts: Vec<Published<Expert>> = guidance::published(store, EXPERTS.catalog).await?;
    let regions = guidance::regions(store).await?;
    let fits = |it: &Expert| {
        (asked.text("field").is_empty() || it.fields().contains(&asked.text("field")))
            && (asked.text("status").is_empty() || it.status == asked.text("status"))
    };
    let rows = experts.iter().map(|entry| &entry.value).filter(|it| fits(it)).map(|it| row(it, &regions)).collect();
    let found = EXPERTS.find(rows, &asked, !experts.is_empty());
    let choices = [
        ("field", lang.pick("领域", "Field"), distinct(experts.iter().flat_map(|entry| entry.value.fields()))),
        ("status", lang.pick("状态", "State"), distinct(experts.iter().map(|entry| entry.value.status.as_str()))),
    ];
    let about = html! {
        p.hint { (lang.pick("这里只有对本级开放的专家；联系方式由专家库管理单位保管，按编号索取。",
            "Only experts shared with this bureau; whoever keeps the roster has how to reach them.")) }
    };
    EXPERTS.page(&cx, &asked, &found, (&regions, &choices), &about).await
}

fn row(it: &Expert, regions: &Regions) -> Vec<Cell> {
    let number = |number: Option<u32>| number.map_or_else(|| "—".to_owned(), |number| number.to_string());
    let avoid: Vec<&str> =
        [it.avoid_orgs.as_str(), &it.avoid_regions].into_iter().filter(|it| !it.is_empty()).collect();
    let cell = |column: &Column| match column.key {
        "id" => it.expert_id.clone(),
        "name" => it.display_name.clone(),
        "fields" => it.fields().join("、"),
        "specialty" => it.specialty.clone(),
        "title" => it.title.clone(),
        "years" => number(it.years_in_field),
        "org_type" => it.org_type.clone(),
        "base" => regions.name(&it.base_region),
        "term" => it.term_end.map_or_else(|| "—".to_owned(), |day| day.to_string()),
        "status" => it.status.clone(),
        "avoid" => avoid.join("；"),
        "tasks" => number(it.tasks_this_year),
        "share" => it.share_scope.clone(),
        _ => it.note.clone(),
    };
    COLUMNS.iter().map(|column| cell(column).into()).collect()
}
