//! Intake of projects: every money column as typed, and a warning where the amounts don't add up.

use std::collections::BTreeMap;

use super::sheet::{Cells, Column, Sheet, needed, optional};
use super::{Intake, Table, Words, spoilt};
use crate::lang::{Lang, Say};
use crate::money::{Amount, Fen};
use crate::project::{Money, Project};
use crate::region::{Level, RegionCode};

/// Amounts that only a mistake puts below zero.
const NEVER_BELOW_ZERO: [&str; 8] = [
    "budget_initial",
    "carry_over",
    "budget_adjusted",
    "fund_upper",
    "fund_local",
    "fund_other",
    "arrived",
    "executed",
];

const EXECUTION_REASON: Column<'static> = optional("execution_reason", "执行率偏低原因");

const COLUMNS: &[Column<'static>] = &[
    needed("project_code", "项目代码"),
    needed("project_name", "项目名称"),
    needed("fiscal_year", "年度"),
    needed("region_code", "区划代码"),
    needed("region_name", "区划名称"),
    needed("mof_div_code", "财政区划代码"),
    optional("township_code", "乡镇代码"),
    optional("township_name", "乡镇名称"),
    needed("fund_code", "专项资金代码"),
    needed("fund_name", "专项资金名称"),
    needed("fund_level", "资金级次"),
    needed("department", "主管部门"),
    needed("implementing_unit", "实施单位"),
    needed("project_category", "项目类别"),
    needed("project_type", "项目类型"),
    needed("func_code", "功能科目编码"),
    needed("func_name", "功能科目名称"),
    needed("budget_book", "预算类型"),
    needed("budget_initial", "年初预算数"),
    needed("carry_over", "上年结转"),
    needed("budget_adjust", "预算调整"),
    needed("budget_adjusted", "全年预算数"),
    needed("fund_upper", "上级资金"),
    needed("fund_local", "本级资金"),
    needed("fund_other", "其他资金"),
    needed("arrived", "到位数"),
    needed("executed", "全年执行数"),
    EXECUTION_REASON,
    optional("case_tag", "样例标记"),
];

/// The columns of a file of projects: name, the trade's word for it, and whether it must be there. Either may
/// head one.
pub fn project_columns() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    COLUMNS.iter().map(Column::facts)
}

/// Reads projects. Amounts that don't add up are warnings; amounts that can't be read are problems.
#[must_use]
pub fn projects(table: &Table) -> Intake<Project> {
    let sheet = match Sheet::open(table, COLUMNS) {
        Ok(sheet) => sheet,
        Err(problems) => return Intake::refused(problems),
    };
    let mut seen = BTreeMap::new();
    let mut intake = sheet.read(|cells| project(cells, &mut seen));
    intake.warnings.extend(sheet.warn_of_extra());
    intake
}

/// Whether a file of projects says anything about 执行率偏低的原因: one that has no such column leaves it as it is.
#[must_use]
pub fn gives_execution_reason(table: &Table) -> bool {
    let (name, word, _) = EXECUTION_REASON.facts();
    table.header.iter().any(|title| title == name || title == word)
}

fn project(cells: &mut Cells<'_>, seen: &mut BTreeMap<String, u64>) -> Option<Project> {
    let code = cells.key("project_code");
    cells.unique("project_code", code.clone(), seen);
    let name = cells.required("project_name");
    let fiscal_year = fiscal_year(cells);
    let region = cells.region("region_code");
    let township = township(cells, region.as_ref());
    let money = money(cells);
    for name in NEVER_BELOW_ZERO {
        if Amount::parse(cells.raw(name)).fen().is_some_and(|amount| amount < Fen::ZERO) {
            let zh = "不小于 0 的金额，调减填在预算调整（可以导入，请核对）";
            cells.warn(name, Words::new(zh, "an amount from 0 (imported all the same)"));
        }
    }
    for doubt in money.doubts() {
        cells.warn(doubt.column(), Words::new(doubt.say(Lang::Zh), doubt.say(Lang::En)));
    }
    let [mof_div_code, fund_code, func_code] =
        ["mof_div_code", "fund_code", "func_code"].map(|name| cells.identifier(name));
    Some(Project {
        code,
        name,
        fiscal_year: fiscal_year?,
        region: region?,
        region_name: cells.text("region_name"),
        mof_div_code,
        township,
        township_name: cells.text("township_name"),
        fund_code,
        fund_name: cells.text("fund_name"),
        fund_level: cells.word("fund_level"),
        department: cells.code("department"),
        unit: cells.text("implementing_unit"),
        category: cells.word("project_category"),
        kind: cells.word("project_type"),
        func_code,
        func_name: cells.text("func_name"),
        book: cells.word("budget_book"),
        money,
        execution_reason: cells.text("execution_reason"),
        case_tag: cells.code("case_tag"),
    })
}

fn fiscal_year(cells: &mut Cells<'_>) -> Option<i32> {
    let year = crate::number::half_width(cells.raw("fiscal_year").trim()).parse().ok();
    let year = year.filter(|year| (1950..=2999).contains(year));
    if year.is_none() {
        cells.problem("fiscal_year", Words::new("四位年份，如 2024", "a year of four digits such as 2024"));
    }
    year
}

fn township(cells: &mut Cells<'_>, region: Option<&RegionCode>) -> Option<RegionCode> {
    if cells.raw("township_code").trim().is_empty() {
        return None;
    }
    let township = RegionCode::new(cells.raw("township_code")).ok().filter(|code| code.level() == Level::Township);
    match (&township, region) {
        (None, _) => {
            let plain = || Words::new("9 位乡镇代码，或不填", "a township code of 9 digits, or blank");
            cells.problem("township_code", spoilt(cells.raw("township_code")).unwrap_or_else(plain));
        }
        (Some(code), Some(region)) if !code.within(region) => {
            let zh = format!("{region} 之内的乡镇");
            cells.warn("township_code", Words::new(zh, format!("a township within {region}")));
        }
        _ => {}
    }
    township
}

fn money(cells: &mut Cells<'_>) -> Money {
    Money {
        initial: cells.amount("budget_initial"),
        carry_over: cells.amount("carry_over"),
        adjust: cells.amount("budget_adjust"),
        adjusted: cells.amount("budget_adjusted"),
        upper: cells.amount("fund_upper"),
        local: cells.amount("fund_local"),
        other: cells.amount("fund_other"),
        arrived: cells.amount("arrived"),
        executed: cells.amount("executed"),
    }
}
