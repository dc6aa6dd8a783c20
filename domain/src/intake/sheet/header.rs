//! A first line that lacks columns: a few are named one by one; where most are missing it is not the line of column
//! names, or another table, and one sentence says so.

use std::collections::BTreeSet;

use super::super::{Problem, Table, Words};
use super::{Column, at_header};

/// Names of columns that one sentence lists at most.
const LISTED: usize = 6;
/// Rows below the first among which the column names are looked for.
const BELOW: usize = 20;

/// What is wrong with the first line: names that occur twice, columns that must be there and are not.
pub(super) fn problems(table: &Table, columns: &[Column<'_>]) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let twice = table.header.iter().filter(|title| !title.is_empty() && !seen.insert(title.as_str()));
    let twice = twice.map(|title| at_header(table, title, title, Words::new("不重复的列名", "each column name once")));
    let mut problems: Vec<Problem> = twice.collect();
    let needed = || columns.iter().filter(|column| column.needed);
    let missing: Vec<&Column<'_>> = needed().filter(|column| !has(&table.header, column)).collect();
    if missing.len() > 2 && missing.len() * 2 > needed().count() {
        problems.push(another(table, columns, &missing));
        return problems;
    }
    problems.extend(missing.into_iter().map(|column| {
        let expected = Words::new(
            format!("名为 {}（{}）的一列", column.name, column.word),
            format!("a column named {} ({})", column.name, column.word),
        );
        at_header(table, column.name, "", expected)
    }));
    problems
}

fn has(cells: &[String], column: &Column<'_>) -> bool {
    cells.iter().any(|cell| column.is_headed(cell.trim()))
}

/// Another table, or another line: what is missing of it, and where the column names seem to be.
fn another(table: &Table, columns: &[Column<'_>], missing: &[&Column<'_>]) -> Problem {
    let listed = || missing.iter().take(LISTED);
    let zh: Vec<String> = listed().map(|column| format!("{}（{}）", column.name, column.word)).collect();
    let en: Vec<&str> = listed().map(|column| column.name).collect();
    let mut words = Words::new(
        format!("列名；缺少 {} 列：{} 等", missing.len(), zh.join("、")),
        format!("the column names; {} are missing: {} and so on", missing.len(), en.join(", ")),
    );
    let found = |cells: &[String]| columns.iter().filter(|column| has(cells, column)).count();
    let here = found(&table.header);
    let below = table.rows.iter().take(BELOW).find(|row| found(&row.cells) > here.max(1));
    let wide = table.header.iter().any(|title| title.matches('，').count() > 2);
    let (then_zh, then_en) = if let Some(row) = below {
        let line = row.line;
        (
            format!("。列名似乎在第 {line} 行，请删去它上面的行"),
            format!(". They seem to stand on line {line}: delete the lines above it"),
        )
    } else if wide {
        ("。列名之间用的是中文逗号，请换成英文逗号，或另存为 .xlsx".to_owned(), ". Use half-width commas".to_owned())
    } else {
        (
            "。请核对是不是这张表，或下载导入模板，把内容填进去".to_owned(),
            ". Is this the right table? If so fill in the template".to_owned(),
        )
    };
    words.zh.push_str(&then_zh);
    words.en.push_str(&then_en);
    at_header(table, "", &table.header.join(","), words)
}
