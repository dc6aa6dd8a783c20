//! 专项转移支付: the funds that the city gives out, and how many projects here each of them pays for.

use axum::response::Response;
use maud::html;
use serde_json::{Map, Value};
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, Cell, Column};

use super::list::{CatalogList, distinct, figures};
use crate::guidance::{self, Published};
use crate::web::parts::{Context, WORK};

const COLUMNS: [Column; 9] = [
    Column::new("fund_code", "专项资金代码", "code"),
    Column::new("name", "名称", "name"),
    Column::new("level", "级次", "level"),
    Column::new("department", "主管部门", "department"),
    Column::new("notice", "文号", "notice"),
    Column::new("year", "年度", "year"),
    Column::new("direct_fund", "直达资金", "direct"),
    Column::new("allocation", "分配方法", "allocation"),
    figures("projects", "本级项目", "projects here"),
];

const FUNDS: CatalogList = CatalogList {
    catalog: "funds",
    title: ("专项转移支付", "Funds"),
    columns: &COLUMNS,
    name: "name",
    hint: ("代码、名称、文号", "code, name or notice"),
    nothing: ("还没有收到专项资金目录；与上级连通后自动接收", "No funds have come yet."),
    unfound: ("没有符合条件的专项资金；可放宽条件", "Nothing fits; ask for less."),
};

/// A fund as its publisher wrote it: the catalog has no fixed columns.
type Fund = Map<String, Value>;

fn text<'a>(fund: &'a Fund, field: &str) -> &'a str {
    fund.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, store) = (cx.lang(), cx.app.store());
    let funds: Vec<Published<Fund>> = guidance::published(store, FUNDS.catalog).await?;
    let regions = guidance::regions(store).await?;
    let paid = store.projects_by_fund().await?;
    let fits = |fund: &Fund| {
        ["level", "department"].iter().all(|name| asked.text(name).is_empty() || text(fund, name) == asked.text(name))
    };
    let row = |fund: &Fund| -> Vec<Cell> {
        let count = paid.get(text(fund, "fund_code")).copied().unwrap_or(0).to_string();
        let cell = |column: &Column| {
            if column.key == "projects" { Cell::amount(&count) } else { text(fund, column.key).into() }
        };
        COLUMNS.iter().map(cell).collect()
    };
    let rows = funds.iter().map(|entry| &entry.value).filter(|fund| fits(fund)).map(row).collect();
    let found = FUNDS.find(rows, &asked, !funds.is_empty());
    let all = |name: &'static str| distinct(funds.iter().map(|entry| text(&entry.value, name)));
    let choices = [
        ("level", lang.pick("级次", "Level"), all("level")),
        ("department", lang.pick("主管部门", "Department"), all("department")),
    ];
    FUNDS.page(&cx, &asked, &found, (&regions, &choices), &html! {}).await
}
