//! 区划: the divisions and their codes, those of today and former ones.

use axum::response::Response;
use maud::html;
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, Cell, Column};
use tongpin_domain::region::{Region, RegionCode};

use super::list::{CatalogList, further};
use crate::guidance::{self, Published};
use crate::web::parts::{Context, WORK};

const COLUMNS: [Column; 9] = [
    Column::new("code", "区划代码", "code"),
    Column::new("name", "名称", "name"),
    Column::new("level", "级次", "level"),
    Column::new("kind", "类型", "kind"),
    Column::new("parent", "上级", "within"),
    Column::new("alias", "曾用代码", "former codes"),
    further("mof", "财政区划代码", "finance code"),
    further("valid", "启用日期", "valid from"),
    further("note", "备注", "note"),
];

const REGIONS: CatalogList = CatalogList {
    catalog: "regions",
    title: ("区划", "Divisions"),
    columns: &COLUMNS,
    name: "name",
    hint: ("代码、名称，曾用代码也可", "code, also a former one, or name"),
    nothing: ("还没有收到区划目录；与上级连通后自动接收", "No divisions have come yet."),
    unfound: ("没有符合条件的区划；可放宽条件", "Nothing fits; ask for less."),
};

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, store) = (cx.lang(), cx.app.store());
    let divisions: Vec<Published<Region>> = guidance::published(store, REGIONS.catalog).await?;
    let regions = guidance::regions(store).await?;
    let own = cx.app.site.region();
    let fits = |it: &Region| asked.text("where").is_empty() || it.code.within(&own);
    let row = |it: &Region| -> Vec<Cell> {
        let cell = |column: &Column| match column.key {
            "code" => it.code.to_string(),
            "name" => it.name.clone(),
            "level" => it.level.clone(),
            "kind" => it.kind.clone(),
            "parent" => regions.name(&it.parent_code),
            "alias" => it.alias_codes.iter().map(RegionCode::as_str).collect::<Vec<_>>().join("、"),
            "mof" => it.mof_div_code.clone(),
            "valid" => it.valid_from.clone().unwrap_or_default(),
            _ => it.note.clone(),
        };
        COLUMNS.iter().map(|column| cell(column).into()).collect()
    };
    let rows = divisions.iter().map(|entry| &entry.value).filter(|it| fits(it)).map(row).collect();
    let found = REGIONS.find(rows, &asked, !divisions.is_empty());
    let choices = [("where", lang.pick("范围", "Where"), vec![lang.pick("本级辖区", "ours")])];
    REGIONS.page(&cx, &asked, &found, (&regions, &choices), &html! {}).await
}
