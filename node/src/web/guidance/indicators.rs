//! 指标库: browsed, searched, filtered and exported. The list is in memory, see [`crate::guidance::library`].

use axum::response::Response;
use maud::html;
use tongpin_console::web::PageError;
use tongpin_console::web::list::{self, Asked, Cell, Column};
use tongpin_domain::indicator::Indicator;

use super::list::{CatalogList, Found, figures, further};
use crate::guidance::library::{INDICATORS, Search};
use crate::guidance::{self, Published};
use crate::records::indicator_use::Used;
use crate::web::parts::{Context, WORK, segment};
use crate::web::rows::cut;

const COLUMNS: [Column; 14] = [
    Column::new("code", "指标代码", "code"),
    Column::new("name", "三级指标", "name"),
    Column::new("department", "主管部门", "department"),
    Column::new("level1", "一级指标", "level 1"),
    Column::new("level2", "二级指标", "level 2"),
    Column::new("nature", "性质", "nature"),
    Column::new("unit", "单位", "unit"),
    Column::new("target", "参考值", "typical value"),
    figures("used", "本级使用", "used here"),
    further("domain", "行业领域", "domain"),
    further("definition", "指标解释", "definition"),
    further("agg", "汇总方式", "aggregation"),
    further("levels", "适用层级", "levels"),
    further("release", "版本", "release"),
];

const LIBRARY: CatalogList = CatalogList {
    catalog: INDICATORS,
    title: ("指标库", "Indicator library"),
    columns: &COLUMNS,
    name: "name",
    hint: ("名称、代码、解释，用空格隔开", "name, code or definition"),
    nothing: ("还没有收到指标库；与上级连通后自动接收", "The library has not come yet."),
    unfound: ("没有符合条件的指标；可减少查找的字词或放宽条件", "Nothing fits; ask for less."),
};

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (lang, store) = (cx.lang(), cx.app.store());
    let index = cx.app.library.index(store).await?;
    let read = cx.app.statistics.read(store).await?;
    let wanted = Search { words: asked.text("q"), department: asked.text("department"), level1: asked.text("level1") };
    let mut found = index.find(wanted);
    order(&mut found, &asked, &read.used);
    let total = found.len();
    let rows = cut(found, &asked).into_iter().map(|entry| row(entry, &read.used)).collect();
    let found = Found::cut(rows, total, index.len() > 0);
    let choices = [
        ("department", lang.pick("主管部门", "Department"), index.departments().collect()),
        ("level1", lang.pick("一级指标", "Level 1"), index.level1s().collect()),
    ];
    let regions = guidance::regions(store).await?;
    LIBRARY.page(&cx, &asked, &found, (&regions, &choices), &html! {}).await
}

/// As the reader asked, or else the best found first.
fn order(found: &mut [&Published<Indicator>], asked: &Asked, used: &Used) {
    let Some((key, backwards)) = asked.sort(&COLUMNS) else { return };
    let number = matches!(key, "used" | "release");
    list::sort(found, number, backwards, |entry| match key {
        "used" => used.times(&entry.value.code).to_string(),
        "release" => entry.release.to_string(),
        _ => field(&entry.value, key).to_owned(),
    });
}

fn field<'a>(it: &'a Indicator, key: &str) -> &'a str {
    match key {
        "name" => &it.name,
        "department" => &it.department,
        "level1" => &it.level1,
        "level2" => &it.level2,
        "nature" => &it.nature,
        "unit" => &it.unit,
        "target" => &it.typical_target,
        "domain" => &it.domain,
        "definition" => &it.definition,
        "agg" => it.agg_method.word(),
        "levels" => &it.applicable_level,
        _ => &it.code,
    }
}

fn row(entry: &Published<Indicator>, used: &Used) -> Vec<Cell> {
    let it = &entry.value;
    let cell = |column: &Column| match column.key {
        "code" => Cell::link(&it.code, &format!("/guidance/indicators/{}", segment(&it.code))),
        "used" => used.times(&it.code).to_string().into(),
        "release" => entry.release.to_string().into(),
        key => field(it, key).into(),
    };
    COLUMNS.iter().map(cell).collect()
}
