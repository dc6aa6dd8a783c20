//! The workbooks that the consoles hand out, as other programs see them: openpyxl finds the official layout and the
//! figures in them, and what LibreOffice opens and saves again comes back without a change.
//!
//! Without Python's openpyxl and LibreOffice the tests say so and pass, unless `TONGPIN_TEST_OFFICE=required`.

mod ground;
mod office;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use ground::{Ground, PROJECT};
use office::Office;

/// What a county can download and send back.
const ROUND: [(&str, &str); 5] = [
    ("项目.xlsx", "/import/data/projects.xlsx"),
    ("项目绩效指标.xlsx", "/import/data/indicators.xlsx"),
    ("按月填报.xlsx", "/import/data/observations.xlsx"),
    ("自评表.xlsx", "/projects/{code}/form.xlsx"),
    ("目标申报表.xlsx", "/projects/{code}/goal.xlsx"),
];
/// What is only to be filled in or read.
const OTHERS: [(&str, &str); 6] = [
    ("项目模板.xlsx", "/import/template/projects.xlsx"),
    ("指标模板.xlsx", "/import/template/indicators.xlsx"),
    ("按月填报模板.xlsx", "/import/template/observations.xlsx"),
    ("目标申报表模板.xlsx", "/import/template/goal.xlsx"),
    ("项目一览.xlsx", "/projects?format=xlsx"),
    ("评分一览.xlsx", "/scores?format=xlsx"),
];

/// Forms, which print as one: their heads are not a table's.
const FORMS: [&str; 3] = ["自评表.xlsx", "目标申报表.xlsx", "目标申报表模板.xlsx"];
/// What was spent in December on another project than the one whose form is looked at.
const DECEMBER: &str =
    "项目代码,年度,月份,本月支出（元）,说明\n32050624T000000000102,2024,12,1234.50,\"验收,付尾款\"\n";

/// Every workbook is laid down once and looked at by both programs.
#[test]
fn other_programs_read_them_and_give_them_back() -> Result<()> {
    let Some(office) = Office::find()? else { return Ok(()) };
    let ground = Ground::prepare()?;
    let preview = ground.county.upload("/import", "12月.csv", DECEMBER.as_bytes())?;
    let confirm = preview.form("/import/confirm").with_context(|| preview.text())?;
    ensure!(ground.county.confirm("/import/confirm", &confirm)?.status == 303, "the month is imported");
    let mut names = Vec::new();
    for (name, path) in ROUND.iter().chain(&OTHERS) {
        let answer = ground.county.get(&path.replace("{code}", PROJECT))?;
        ensure!(answer.status == 200, "{name}: {} {}", answer.status, answer.text());
        std::fs::write(ground.folder.path().join(name), &answer.body)?;
        names.push(*name);
    }
    let library = ground.city.get("/catalogs/indicators/entries?format=xlsx")?;
    std::fs::write(ground.folder.path().join("指标库.xlsx"), &library.body)?;
    names.push("指标库.xlsx");
    let books = office.look(ground.folder.path(), &names)?;
    for name in &names {
        tables(&books[*name], name).with_context(|| format!("{name}: {}", books[*name]))?;
    }
    evaluation(&books["自评表.xlsx"][0])?;
    goal(&books["目标申报表.xlsx"][0])?;
    ensure!(
        books["指标库.xlsx"][0]["rows"] == json!(154),
        "153 indicators and a head: {}",
        books["指标库.xlsx"][0]["rows"]
    );
    let template = &books["指标模板.xlsx"];
    ensure!(template[0]["lists"].as_u64() >= Some(4), "there are lists to choose from: {}", template[0]);
    ensure!(
        template[2]["state"] == "hidden" && template[2]["rows"].as_u64() > Some(100),
        "the library is within reach"
    );

    let saved = office.save_again(ground.folder.path(), &names)?;
    for (name, _) in ROUND {
        let answer = ground.county.upload("/import", name, &std::fs::read(saved.join(name))?)?;
        let text = answer.text();
        ensure!(
            answer.status == 200 && text.contains("内容与系统中的完全相同"),
            "{name}, saved by LibreOffice, differs: {} {}",
            answer.status,
            text.split("<main").nth(1).unwrap_or(&text)
        );
    }
    Ok(())
}

/// What every sheet that is seen has: A4, as wide as the page, no formula, columns that are not absurd; a table's head
/// stays in place and is repeated on paper.
fn tables(book: &Value, name: &str) -> Result<()> {
    let sheets = book.as_array().context("sheets")?;
    for sheet in sheets {
        ensure!(sheet["formulas"] == json!(0), "no cell is a formula");
        ensure!(sheet["widest"].as_f64().is_some_and(|width| width < 100.0), "a column is as wide as a page");
    }
    let first = &sheets[0];
    ensure!(first["paper"] == json!(9) && first["fit_to_width"] == json!(true), "prints on A4, as wide as the page");
    if !FORMS.contains(&name) {
        ensure!(first["frozen"] == "B2" && first["repeated"] == "$1:$1", "the head stays");
        ensure!(first["locked_head"] == json!(true), "the head is locked");
    }
    Ok(())
}

/// 项目支出绩效自评表 as the official form has it, with the sample's figures.
fn evaluation(sheet: &Value) -> Result<()> {
    let cells = cells(sheet);
    for words in [
        "项目支出绩效自评表",
        "年初预算数",
        "全年预算数",
        "全年执行数",
        "执行率",
        "一级指标",
        "二级指标",
        "三级指标",
        "年度指标值",
        "实际完成值",
        "分值",
        "得分",
        "偏差原因分析及改进措施",
        "总分",
    ] {
        ensure!(cells.iter().any(|cell| cell.contains(words)), "the form lacks {words}: {cells:?}");
    }
    // As expected_scores.csv has it: 26,795,829.28 yuan of budget, 27,144,175.06 spent, 85.12 in all.
    // Amounts in 万元, as the official sheet has them, and none loses its fen.
    for figure in ["2679.582928", "2714.417506", "85.12"] {
        ensure!(cells.contains(&figure), "the form lacks {figure}: {cells:?}");
    }
    ensure!(
        sheet["merged"].as_array().is_some_and(|merged| merged.len() > 10),
        "heads are merged: {}",
        sheet["merged"]
    );
    ensure!(sheet["protected"] == json!(true) && sheet["landscape"] == json!(true), "locked, and across the page");
    ensure!(!sheet["hidden_columns"].as_array().is_none_or(Vec::is_empty), "lines keep their ids");
    Ok(())
}

/// 项目支出绩效目标申报表 as the official form has it.
fn goal(sheet: &Value) -> Result<()> {
    let cells = cells(sheet);
    for words in
        ["绩效目标申报表", "项目名称", "主管部门", "年度目标", "一级指标", "二级指标", "三级指标", "指标值", "分值"]
    {
        ensure!(cells.iter().any(|cell| cell.contains(words)), "the form lacks {words}: {cells:?}");
    }
    ensure!(
        sheet["merged"].as_array().is_some_and(|merged| merged.len() > 10),
        "heads are merged: {}",
        sheet["merged"]
    );
    ensure!(sheet["protected"] == json!(true), "heads are locked");
    ensure!(sheet["lists"].as_u64() >= Some(2), "there are lists to choose from: {}", sheet["lists"]);
    ensure!(!sheet["hidden_columns"].as_array().is_none_or(Vec::is_empty), "lines keep their ids");
    Ok(())
}

/// The texts of a sheet's cells.
fn cells(sheet: &Value) -> Vec<&str> {
    let rows = sheet["cells"].as_array().into_iter().flatten();
    rows.flat_map(|row| row.as_array().into_iter().flatten()).filter_map(Value::as_str).collect()
}
