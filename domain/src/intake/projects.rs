//! Intake of projects: every money column as typed, and a warning where the amounts don't add up.

use std::collections::BTreeMap;

use super::asked::{Asked, sheet_columns};
use super::sheet::{Cells, Sheet};
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

/// Reads projects by the form in force. Amounts that don't add up are warnings; amounts that can't be read are
/// problems.
#[must_use]
pub fn projects(table: &Table, asked: &Asked<'_>) -> Intake<Project> {
    let columns = sheet_columns(asked.form());
    let sheet = match Sheet::open(table, &columns) {
        Ok(sheet) => sheet,
        Err(problems) => return Intake::refused(problems),
    };
    let mut seen = BTreeMap::new();
    let mut intake = sheet.read(|cells| project(cells, asked, &mut seen));
    intake.warnings.extend(sheet.warn_of_extra());
    intake
}

fn project(cells: &mut Cells<'_>, asked: &Asked<'_>, seen: &mut BTreeMap<String, u64>) -> Option<Project> {
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
    let more = asked.beyond(cells);
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
        more,
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
