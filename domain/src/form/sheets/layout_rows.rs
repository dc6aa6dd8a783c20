//! 版式: the sheet, a line for each grid and for each group of a table's columns. Lines of the same number are one block.

use super::names::{Names, listed};
use super::{Line, Lines, Told};
use crate::form::{Block, Definition, Field, Grouped};

/// The blocks as rows.
pub(super) fn write(definition: &Definition) -> Vec<Vec<String>> {
    let names = Names::new(&definition.fields);
    let blocks = (1..).zip(&definition.layout.blocks);
    blocks.flat_map(|(number, block): (u32, &Block)| of_block(&number.to_string(), block, names)).collect()
}

fn of_block(number: &str, block: &Block, names: Names<'_>) -> Vec<Vec<String>> {
    let row = |title: &str, fields: String, rows: String, group: &str| {
        vec![number.to_owned(), title.to_owned(), fields, rows, group.to_owned()]
    };
    let grid_and_table = !block.rows.is_empty() && !block.fields.is_empty();
    let nowhere = block.rows.is_empty() && !block.columns.is_empty();
    let blank = block.columns.iter().any(|group| group.title.is_empty() && group.fields.is_empty());
    if grid_and_table || nowhere || blank || block.title.starts_with('{') {
        let json = serde_json::to_string(block).unwrap_or_default();
        return vec![row(&json, String::new(), String::new(), "")];
    }
    if block.rows.is_empty() {
        return vec![row(&block.title, joined(&block.fields, names), String::new(), "")];
    }
    let rows = names.write(&block.rows);
    if block.columns.is_empty() {
        return vec![row(&block.title, String::new(), rows, "")];
    }
    let inside = names.inside(&block.rows);
    let titles = std::iter::once(block.title.as_str()).chain(std::iter::repeat(""));
    let groups = block.columns.iter().zip(titles);
    groups.map(|(group, title)| row(title, joined(&group.fields, inside), rows.clone(), &group.title)).collect()
}

/// Fields as a cell lists them.
pub(super) fn joined(fields: &[String], names: Names<'_>) -> String {
    fields.iter().map(|name| names.write(name)).collect::<Vec<_>>().join("、")
}

/// Reads fields of a cell that lists them.
pub(super) fn several(line: &Line<'_>, column: &str, names: Names<'_>, told: &mut Told) -> Vec<String> {
    several_of(line.get(column), names).into_iter().filter_map(|read| told.read(line, column, read)).collect()
}

/// Reads the fields that a text lists.
pub(super) fn several_of(text: &str, names: Names<'_>) -> Vec<Result<String, crate::intake::Words>> {
    listed(text).iter().map(|name| names.read(name)).collect()
}

/// Reads the blocks.
pub(super) fn read(lines: &Lines<'_>, fields: &[Field], told: &mut Told) -> Vec<Block> {
    let names = Names::new(fields);
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = "";
    for line in &lines.0 {
        let number = line.get("块");
        let title = line.get("块标题");
        if title.starts_with('{') {
            let read = serde_json::from_str(title);
            let read = read.map_err(|_| crate::intake::Words::new("版式块的 JSON", "a block in JSON"));
            blocks.extend(told.read(line, "块标题", read));
            before = number;
            continue;
        }
        let rows = listed(line.get("明细表")).first().cloned().unwrap_or_default();
        let rows =
            if rows.is_empty() { None } else { told.read(line, "明细表", names.read(&rows)) }.unwrap_or_default();
        let group = line.get("分组标题");
        let goes_on = blocks.last().is_some_and(|block| {
            let same_rows = !rows.is_empty() && rows == block.rows;
            let grouped = rows.is_empty() && !block.rows.is_empty() && !group.is_empty();
            title.is_empty() && (same_rows || grouped)
        });
        if number != before || (number.is_empty() && !goes_on) || blocks.is_empty() {
            blocks.push(Block { title: title.to_owned(), rows, ..Block::default() });
        }
        before = number;
        let Some(block) = blocks.last_mut() else { continue };
        if block.rows.is_empty() {
            // The title of a group stands above columns of a table, and here is none.
            if !group.is_empty() && line.get("明细表").is_empty() {
                told.at(
                    line,
                    "明细表",
                    crate::intake::Words::new("分组标题所在明细表的中文名", "the table of the group"),
                );
            }
            block.fields.extend(several(line, "字段", names, told));
            continue;
        }
        let fields = several(line, "字段", names.inside(&block.rows), told);
        if !fields.is_empty() || !group.is_empty() {
            block.columns.push(Grouped { title: group.to_owned(), fields });
        }
    }
    blocks
}
