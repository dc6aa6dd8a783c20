//! 项目: every project that is held here, found, sorted and exported by the database.

use std::collections::{BTreeMap, HashMap};

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{Asked, Cell, Column, Listing};
use tongpin_console::web::{PageError, Signed};
use tongpin_domain::form::{Definition, Given};
use tongpin_domain::lang::Lang;
use tongpin_store::{ProjectOrder, ProjectRow};

use super::finding::{self, named};
use super::marks::status;
use crate::guidance::RuleBook;
use crate::guidance::forms::kept;
use crate::records;
use crate::web::added::AddedColumns;
use crate::web::amounts::{rate, yuan};
use crate::web::parts::{Context, WORK, segment};

const fn column(key: &'static str, zh: &'static str, en: &'static str, number: bool, shown: bool) -> Column {
    Column { key, zh, en, number, sorts: true, shown }
}

const COLUMNS: [Column; 13] = [
    column("code", "项目代码", "project", false, true),
    column("name", "项目名称", "name", false, true),
    column("year", "年度", "year", false, false),
    column("fund", "专项资金", "fund", false, true),
    column("department", "主管部门", "department", false, true),
    column("unit", "实施单位", "unit", false, false),
    column("township", "乡镇", "township", false, false),
    column("adjusted", "全年预算数（元）", "budget (yuan)", true, true),
    column("executed", "全年执行数（元）", "spent (yuan)", true, true),
    column("rate", "执行率（%）", "execution (%)", true, true),
    column("total", "总分", "total", true, true),
    column("rating", "评级", "rating", false, true),
    column("status", "状态", "status", false, true),
];

/// What a column sorts by.
pub(super) fn order(key: &str) -> ProjectOrder {
    match key {
        "name" => ProjectOrder::Name,
        "year" => ProjectOrder::Year,
        "fund" => ProjectOrder::Fund,
        "department" => ProjectOrder::Department,
        "unit" => ProjectOrder::Unit,
        "township" => ProjectOrder::Township,
        "adjusted" => ProjectOrder::Adjusted,
        "executed" => ProjectOrder::Executed,
        "rate" => ProjectOrder::Rate,
        "total" => ProjectOrder::Total,
        "rating" => ProjectOrder::Rating,
        "status" => ProjectOrder::Status,
        "scored" => ProjectOrder::ScoredAt,
        _ => ProjectOrder::Code,
    }
}

/// The list.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let (key, backwards) = asked.sort(&COLUMNS).unwrap_or(("code", false));
    let (offset, limit) = asked.window();
    let found = cx.app.store().projects_page(&finding::filter(&asked), order(key), backwards, offset, limit).await;
    let (found, total) = found?;
    let book = RuleBook::load(cx.app.store()).await?;
    let form = kept(cx.app.store(), Definition::of_projects()).await?.definition;
    let added = AddedColumns::of(&form);
    let columns = added.behind(&COLUMNS);
    let held = if added.is_asked(&asked, &columns) { held(&cx, &found).await? } else { HashMap::new() };
    let row = |project: &ProjectRow| {
        cells(project, &book, lang).into_iter().chain(added.cells(held.get(&project.code), lang)).collect()
    };
    let rows: Vec<Vec<Cell>> = found.iter().map(row).collect();
    let title = lang.pick("项目", "Projects");
    let empty = lang.pick("没有符合条件的项目；可放宽查询条件", "nothing fits; ask for less");
    let listing = Listing { title, columns: &columns, rows: &rows, total, empty };
    if let Some(file) = listing.exported(&asked, lang) {
        cx.audit("project_export", "", &format!("{total} 个项目"), true).await?;
        return Ok(file);
    }
    let statistics = cx.app.statistics.now(cx.app.store()).await?;
    let body = html! {
        @if statistics.choices.years.is_empty() {
            (nothing(&cx.signed, lang))
        } @else {
            @if cx.may(&[Duty::Enter]) { (ways(lang)) }
            (finding::form(&asked, &statistics.choices, true, lang))
            (listing.draw(&asked, lang))
        }
    };
    Ok(cx.page(title).show(&body))
}

/// What the records of these projects hold of it, by code.
async fn held(cx: &Context, found: &[ProjectRow]) -> Result<HashMap<String, BTreeMap<String, Given>>, PageError> {
    let codes: Vec<&str> = found.iter().map(|project| project.code.as_str()).collect();
    let held = records::some(cx.app.store(), &codes).await?;
    Ok(held.into_iter().map(|project| (project.code, project.more)).collect())
}

/// What to do where there is no project yet.
fn nothing(signed: &Signed, lang: Lang) -> Markup {
    html! {
        p.empty { (lang.pick("还没有项目。可以导入预算管理一体化系统导出的项目表，也可以逐个新建。",
            "There are no projects yet. Import a table of them, or enter them one by one.")) }
        @if signed.may(&[Duty::Enter]) { (ways(lang)) }
        @else { p.hint { (lang.pick("录入由经办岗位办理", "entering is for whoever has that duty")) } }
    }
}

fn ways(lang: Lang) -> Markup {
    html! {
        p.row.noprint {
            a.button href="/projects/new" { (lang.pick("新建项目", "New project")) }
            a.button href="/import" { (lang.pick("导入", "Import")) }
        }
    }
}

fn cells(project: &ProjectRow, book: &RuleBook, lang: Lang) -> Vec<Cell> {
    vec![
        Cell::link(project.code.clone(), &format!("/projects/{}", segment(&project.code))),
        project.name.clone().into(),
        project.fiscal_year.to_string().into(),
        named(&project.fund_code, &project.fund_name).into(),
        project.department.clone().into(),
        project.unit.clone().into(),
        named(&project.township, &project.township_name).into(),
        yuan(project.adjusted),
        yuan(project.executed),
        rate(project.adjusted, project.executed).unwrap_or_else(|| "—".to_owned()).into(),
        project.total.clone().unwrap_or_else(|| "—".to_owned()).into(),
        project.rating.clone().into(),
        status(project, book, lang),
    ]
}
