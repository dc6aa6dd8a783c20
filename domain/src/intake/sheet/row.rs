//! What is no data whatever column it stands in: a row that repeats the column names or sums the others up, a cell that
//! shows a spreadsheet's error, a cell with characters that nobody sees.

use super::super::{Table, TableRow, Words};

/// What spreadsheets show in place of a value.
const ERRORS: [&str; 11] = [
    "#REF!",
    "#N/A",
    "#DIV/0!",
    "#VALUE!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#GETTING_DATA",
];

/// What rows are called that sum up the others.
const SUMS: [&str; 4] = ["合计", "总计", "小计", "共计"];

/// What is expected in place of a row that is no data; `None` for any other.
pub(super) fn no_data(table: &Table, row: &TableRow) -> Option<Words> {
    let filled = || row.cells.iter().filter(|cell| !cell.trim().is_empty());
    let pairs = || row.cells.iter().zip(&table.header).filter(|(cell, _)| !cell.trim().is_empty());
    if filled().count() > 1 && pairs().count() == filled().count() && pairs().all(|(cell, name)| cell.trim() == name) {
        return Some(Words::new("数据；这一行又是列名，请删去", "data; this row repeats the column names: delete it"));
    }
    let first: String = filled().next()?.chars().filter(|c| !c.is_whitespace()).collect();
    let sum = SUMS.contains(&first.trim_end_matches(['：', ':']));
    sum.then(|| Words::new("数据；合计行不能导入，请删去", "data; a row of totals is not imported: delete it"))
}

/// What is expected in place of a cell that holds no value of any kind; `None` for any other.
pub(super) fn no_value(cell: &str) -> Option<Words> {
    if cell.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
        let zh = "没有控制字符的文字；有看不见的字符，请清空后重新键入";
        return Some(Words::new(zh, "text without control characters, which nobody sees: clear it and type it again"));
    }
    let shown = cell.trim();
    if !shown.starts_with('#') {
        return None;
    }
    let narrow = shown.len() > 2 && shown.bytes().all(|byte| byte == b'#');
    if narrow {
        let zh = "单元格里的值；“####”是列太窄时显示的符号，请从原表重新复制或另存";
        return Some(Words::new(zh, "the cell's value; “####” is what a column shows that is too narrow"));
    }
    let error = ERRORS.contains(&shown.to_ascii_uppercase().as_str());
    error.then(|| {
        let zh = "正确的值，或不填；这是电子表格的错误值，请在原表中改正公式";
        Words::new(zh, "a value, or blank; this is a spreadsheet's error: mend the formula it comes from")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> TableRow {
        TableRow { line: 2, cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    /// Column names again and totals are told from data that merely resembles them.
    #[test]
    fn rows() {
        let header = ["项目代码", "项目名称", "年度"].map(str::to_owned).to_vec();
        let table = Table { name: "t".into(), header, rows: Vec::new() };
        let said = |cells: &[&str]| no_data(&table, &row(cells)).map(|words| words.zh);
        assert!(said(&["项目代码", "项目名称", "年度"]).is_some_and(|it| it.contains("又是列名")));
        assert!(said(&["项目代码 ", "项目名称", ""]).is_some_and(|it| it.contains("又是列名")));
        for cells in [["合计", "", ""], ["", "合 计：", "3"], ["总计", "", "2024"]] {
            assert!(said(&cells).is_some_and(|it| it.contains("合计行")), "{cells:?}");
        }
        for cells in [["P1", "合计", "2024"], ["P1", "项目名称", "2024"], ["项目代码", "", ""], ["合计办", "", ""]]
        {
            assert_eq!(said(&cells), None, "{cells:?}");
        }
    }

    /// Errors, narrow columns and characters that nobody sees are told from texts that merely contain such signs.
    #[test]
    fn cells() {
        let said = |cell: &str| no_value(cell).map(|words| words.zh);
        for (cell, words) in [
            ("#REF!", "错误值"),
            (" #n/a ", "错误值"),
            ("########", "列太窄"),
            ("案\u{7}例", "看不见的字符"),
            ("\u{1b}[31m", "看不见的字符"),
            ("\u{85}", "看不见的字符"),
        ] {
            assert!(said(cell).is_some_and(|it| it.contains(words)), "{cell:?}");
        }
        for cell in ["", "#1楼", "第#REF!栏", "#", "##", "一\r\n二\t三"] {
            assert_eq!(said(cell), None, "{cell:?}");
        }
    }
}
