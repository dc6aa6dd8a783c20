//! Shows that a marked workbook holds what it held, is red where something is wrong and says why; and that it can be
//! marked again.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, Workbook};

use super::*;
use crate::workbook::{Book, read};

/// Two sheets; the second has a head in its third row, a format, a formula, a blank cell and a blank row.
fn sample() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let about = workbook.add_worksheet().set_name("说明").expect("a name");
    about.write_string(0, 0, "别动我").expect("written");
    let sheet = workbook.add_worksheet().set_name("项目 & <表>").expect("a name");
    let green = Format::new().set_background_color(Color::RGB(0x0000_FF00)).set_num_format("0.00");
    for (column, name) in (0u16..).zip(["代码", "金额", "备注"]) {
        sheet.write_string(2, column, name).expect("written");
    }
    sheet.write_string(3, 0, "A-1").expect("written");
    sheet.write_number_with_format(3, 1, 12.5, &green).expect("written");
    sheet.write_string(4, 0, "A-2").expect("written");
    sheet.write_string(4, 2, "好").expect("written");
    sheet.write_formula(5, 1, "=1+1").expect("written");
    workbook.save_to_buffer().expect("a workbook")
}

fn marks<'a>(cells: &[(u32, u32)], said: &[(u32, &str)]) -> Marks<'a> {
    let said: BTreeMap<u32, String> = said.iter().map(|(row, text)| (*row, (*text).to_owned())).collect();
    Marks { sheet: "项目 & <表>", cells: cells.iter().copied().collect(), said: Some((3, said)) }
}

fn text(bytes: &[u8], name: &str) -> String {
    part(&mut ZipArchive::new(Cursor::new(bytes)).expect("a package"), name).expect("a part")
}

/// The format of a cell, from its own tag.
fn format(bytes: &[u8], cell: &str) -> Option<String> {
    let xml = text(bytes, "xl/worksheets/sheet2.xml");
    let tag = tags(&xml).find(|tag| tag.begins("c") && tag.attribute("r") == Some(cell))?;
    tag.attribute("s").map(str::to_owned)
}

/// Whether a format of this number has the red ground.
fn is_red(bytes: &[u8], format: &str) -> bool {
    let styles = text(bytes, "xl/styles.xml");
    let (_, fills, _) = listed(&styles, "fills", "fill").expect("fills");
    let (_, formats, _) = listed(&styles, "cellXfs", "xf").expect("formats");
    let (start, end) = formats[format.parse::<usize>().expect("a number")];
    let fill = tags(&styles[start..end]).next().and_then(|tag| tag.attribute("fillId")?.parse::<usize>().ok());
    let (start, end) = fills[fill.expect("a fill")];
    styles[start..end].contains(RED)
}

/// Every value stays, and so does every other part to the byte; wrong cells are red, one that was not there is made,
/// and a format keeps what else it says.
#[test]
fn marked() {
    let before = sample();
    let said = [(2, REMARKS), (3, "金额：应为整数 <元>"), (4, "金额：请填写")];
    let after = mark(&before, &marks(&[(3, 1), (4, 1)], &said)).expect("marked");
    let mut book = Book::open("表.xlsx", &after).expect("a workbook");
    assert_eq!(book.cells("说明").expect("a sheet").get(0, 0), "别动我");
    let xml = text(&after, "xl/worksheets/sheet2.xml");
    assert!(xml.contains("<f>1+1</f>") && !xml.contains("<dimension"), "{xml}");
    for name in ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"] {
        assert_eq!(text(&before, name), text(&after, name), "{name}");
    }
    let red = |cell: &str| format(&after, cell).is_some_and(|format| is_red(&after, &format));
    assert!(red("B4") && red("B5") && red("D4") && red("D5"), "{xml}");
    assert!(!red("A4") && !red("A5") && !red("C5") && !red("B6"), "{xml}");
    // The cell in B5 stands between A5 and C5, as a spreadsheet wants them.
    assert!(xml.find("r=\"A5\"") < xml.find("r=\"B5\"") && xml.find("r=\"B5\"") < xml.find("r=\"C5\""), "{xml}");
    let styles = text(&after, "xl/styles.xml");
    let (_, formats, _) = listed(&styles, "cellXfs", "xf").expect("formats");
    let (start, end) = formats[format(&after, "B4").expect("one").parse::<usize>().expect("a number")];
    assert!(!styles[start..end].contains("numFmtId=\"0\""), "{}", &styles[start..end]);
}

/// The sheet's own cells read as before, with what is said behind them; a table is read without that.
#[test]
fn read_again() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0u32..).zip([["代码", "金额"], ["A", "1"], ["B", "x"]]) {
        for (column, cell) in (0u16..).zip(cells) {
            sheet.write_string(row, column, cell).expect("written");
        }
    }
    let before = workbook.save_to_buffer().expect("a workbook");
    let said = BTreeMap::from([(0, REMARKS.to_owned()), (2, "金额：应为数字".to_owned())]);
    let marks = Marks { sheet: "Sheet1", cells: BTreeSet::from([(2, 1)]), said: Some((2, said)) };
    let after = mark(&before, &marks).expect("marked");
    let cells = Book::open("a.xlsx", &after).expect("a workbook").cells("Sheet1").expect("a sheet");
    assert_eq!((cells.get(0, 2), cells.get(2, 1), cells.get(2, 2)), (REMARKS, "x", "金额：应为数字"));
    let (once, again) = (read("a.xlsx", &before, &[]), read("a.xlsx", &after, &[]));
    assert_eq!(once.expect("a table"), again.expect("a table"));

    // Marked a second time, only what is wrong now is red and said.
    let said = BTreeMap::from([(0, REMARKS.to_owned()), (1, "代码：已有".to_owned())]);
    let marks = Marks { sheet: "Sheet1", cells: BTreeSet::from([(1, 0)]), said: Some((2, said)) };
    let third = mark(&after, &marks).expect("marked");
    let cells = Book::open("a.xlsx", &third).expect("a workbook").cells("Sheet1").expect("a sheet");
    assert_eq!((cells.get(1, 2), cells.get(2, 1), cells.get(2, 2)), ("代码：已有", "x", ""));
    let styles = text(&third, "xl/styles.xml");
    assert_eq!(styles.matches(RED).count(), 1, "{styles}");
}

/// A cell that no column is for is still there once the file has been marked, and nothing else became wider.
#[test]
fn a_stray_cell_is_read_again() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0u32..).zip([&["代码", "金额"][..], &["A", "1"], &["B", "2", "多写"], &["C", "x"]]) {
        for (column, cell) in (0u16..).zip(cells) {
            sheet.write_string(row, column, *cell).expect("written");
        }
    }
    let before = workbook.save_to_buffer().expect("a workbook");
    let once = read("a.xlsx", &before, &[]).expect("a table");
    assert_eq!(once.rows.iter().map(|row| row.cells.len()).collect::<Vec<_>>(), [2, 3, 2]);
    let said = [(0, REMARKS), (2, "这一行应为 2 列"), (3, "金额：应为数字")];
    let said = said.map(|(row, text)| (row, text.to_owned())).into();
    let marks = Marks { sheet: "Sheet1", cells: BTreeSet::from([(3, 1)]), said: Some((3, said)) };
    let after = mark(&before, &marks).expect("marked");
    assert_eq!(read("a.xlsx", &after, &[]).expect("a table"), once);
}

/// A sheet that is not there and a package that is cut off are told, and nothing panics.
#[test]
fn not_marked() {
    let whole = sample();
    let other = Marks { sheet: "没有", ..Marks::default() };
    assert!(matches!(mark(&whole, &other), Err(MarkError::Shape("such sheet"))));
    for length in [0, 10, whole.len() / 2, whole.len() - 30] {
        assert!(mark(&whole[..length], &marks(&[(3, 1)], &[])).is_err(), "{length}");
    }
    for (name, column) in
        [("A1", Some(0)), ("B7", Some(1)), ("Z1", Some(25)), ("AA10", Some(26)), ("XFD1", Some(16_383))]
    {
        assert_eq!(column_of(name), column);
    }
    for name in ["", "1", "中1", "ZZZZZZZZZZ1", "$A$1"] {
        assert_eq!(column_of(name), None, "{name}");
    }
}
