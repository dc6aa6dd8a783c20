//! What is promised of spreadsheets: what is written reads back as it was, and what would have to be guessed is refused
//! with its cell.

mod crafted;

use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use tongpin_domain::lang::{Lang, Say as _};

use super::*;

/// A workbook that is filled by hand.
fn made(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().expect("a workbook")
}

fn head(sheet: &mut Worksheet) {
    sheet.write_string(0, 0, "代码").expect("a cell");
    sheet.write_string(0, 1, " 金额 ").expect("a cell");
}

/// Why a file is refused, in Chinese.
fn refused(bytes: &[u8]) -> String {
    read("表.xlsx", bytes, &["代码"]).expect_err("a refusal").say(Lang::Zh)
}

/// Rows keep their lines, numbers and days look as people see them, and short rows are filled up to the head.
#[test]
fn as_people_see_it() {
    let bytes = made(|sheet| {
        head(sheet);
        sheet.write_string(2, 0, "00123").expect("a cell");
        sheet.write_number(2, 1, 1200.0).expect("a cell");
        let day = Format::new().set_num_format("yyyy/m/d");
        sheet.write_number_with_format(4, 0, 45_443.0, &day).expect("a cell");
        let percent = Format::new().set_num_format("0.00%");
        sheet.write_number_with_format(4, 1, 0.956, &percent).expect("a cell");
        sheet.write_string(5, 0, "只有一格").expect("a cell");
        sheet.write_string(6, 0, "=1+1").expect("a cell");
        sheet.write_boolean(6, 1, true).expect("a cell");
    });
    let table = read("表.xlsx", &bytes, &["代码"]).expect("a table");
    assert_eq!((table.name.as_str(), &table.header[..]), ("表.xlsx", &["代码".to_owned(), "金额".to_owned()][..]));
    let rows: Vec<(u64, Vec<&str>)> =
        table.rows.iter().map(|row| (row.line, row.cells.iter().map(String::as_str).collect())).collect();
    let expected = [
        (3, vec!["00123", "1200"]),
        (5, vec!["2024-05-31", "95.60%"]),
        (6, vec!["只有一格", ""]),
        (7, vec!["=1+1", "TRUE"]),
    ];
    assert_eq!(rows, expected);
}

/// Whatever text stands in a table comes back from the workbook it was written to, in columns of numbers too.
#[test]
fn what_is_written_reads_back() {
    let cells = [
        "1200",
        "0.00",
        "-364447.00",
        "007",
        "８，２６８．５９",
        "=1+1",
        "约300万",
        "-0",
        "1234567890123456",
        "a,b\n\"c\"",
    ];
    let rows: Vec<Vec<String>> = cells.iter().map(|text| vec!["k".to_owned(), (*text).to_owned()]).collect();
    for number in [false, true] {
        let columns = [Heading { name: "代码", number: false }, Heading { name: "金额", number }];
        for open in [false, true] {
            let bytes = write_table(&TableSheet { title: "数据", columns: &columns, rows: &rows, open });
            let table = read("x", &bytes.expect("a workbook"), &[]).expect("a table");
            let read: Vec<&str> = table.rows.iter().map(|row| row.cells[1].as_str()).collect();
            assert_eq!(read, cells);
        }
    }
}

proptest! {
    /// An amount with any number of decimals survives as it was typed.
    #[test]
    fn numbers_survive(whole in 0u64..1_000_000_000, behind in "[0-9]{0,5}", negative: bool) {
        let text = if behind.is_empty() { whole.to_string() } else { format!("{whole}.{behind}") };
        let text = if negative && whole > 0 { format!("-{text}") } else { text };
        let columns = [Heading { name: "n", number: true }];
        let rows = [vec![text.clone()]];
        let bytes = write_table(&TableSheet { title: "t", columns: &columns, rows: &rows, open: false });
        let table = read("x", &bytes.expect("a workbook"), &[]).expect("a table");
        prop_assert_eq!(&table.rows[0].cells[0], &text);
    }

    /// Bytes of any kind are a table or a refusal, and never a panic.
    #[test]
    fn nothing_panics(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        cut in 0usize..4000,
        at in 0usize..4000,
    ) {
        let mut sound = made(head);
        let place = at % sound.len();
        sound[place] ^= 0x15;
        sound.truncate(sound.len() - cut % sound.len());
        let _ = read("x", &sound, &[]);
        let _ = read("x", &[b"PK\x03\x04", &bytes[..]].concat(), &[]);
    }
}

/// A formula, an error, a number that lost digits and merged cells are named by sheet and cell.
#[test]
fn cells_that_are_refused() {
    let formula = made(|sheet| {
        head(sheet);
        sheet.write_formula(6, 2, Formula::new("=HYPERLINK(\"http://x\")").set_result("点我")).expect("a cell");
    });
    assert!(refused(&formula).contains("Sheet1!C7 是公式") && refused(&formula).contains("粘贴为数值"));
    let long = made(|sheet| {
        head(sheet);
        sheet.write_number(1, 0, 3.205_082_400_000_001e18).expect("a cell");
    });
    assert!(refused(&long).contains("Sheet1!A2 的数字超过 15 位"));
    let merged = made(|sheet| {
        head(sheet);
        sheet.merge_range(2, 0, 3, 1, "合并", &Format::new()).expect("an area");
    });
    assert!(refused(&merged).contains("Sheet1!A3:B4 是合并单元格"));
    let beside = made(|sheet| {
        head(sheet);
        sheet.merge_range(8, 0, 9, 1, "", &Format::new()).expect("an area");
    });
    assert!(read("x", &beside, &[]).is_ok(), "merged cells below the data say nothing about it");
}

/// The sheet called 数据 is read, or the only one that holds something; otherwise the reader is told which there are.
#[test]
fn which_sheet() {
    let with = |names: &[&str]| {
        let mut workbook = Workbook::new();
        for name in names {
            let sheet = workbook.add_worksheet();
            sheet.set_name(*name).expect("a name");
            if !name.starts_with('空') {
                sheet.write_string(0, 0, "代码").expect("a cell");
                sheet.write_string(1, 0, *name).expect("a cell");
            }
        }
        workbook.save_to_buffer().expect("a workbook")
    };
    let first = |bytes: &[u8]| read("x", bytes, &[]).expect("a table").rows[0].cells[0].clone();
    assert_eq!(first(&with(&["说明", "数据"])), "数据");
    assert_eq!(first(&with(&["甲", "空1", "空2"])), "甲");
    let said = refused(&with(&["甲", "乙"]));
    assert!(said.contains("有多张工作表有内容（甲、乙）") && said.contains("命名为“数据”"));
    assert!(refused(&with(&["空1"])).contains("“空1”是空的"));
    let other = read("x", &with(&["甲"]), &["项目代码", "年度"]).expect_err("a refusal").say(Lang::Zh);
    assert!(other.contains("“甲”的第 1 行没有找到列名；应有 项目代码、年度 等列"), "{other}");
}

/// A title above the column names, sheets that are hidden and errors that are newer than the parser are named, each
/// with what to do.
#[test]
fn what_is_in_the_way() {
    let titled = made(|sheet| {
        sheet.write_string(0, 0, "2024年度项目表").expect("a cell");
        sheet.write_string(1, 0, "代码").expect("a cell");
        sheet.write_string(1, 1, "金额").expect("a cell");
    });
    let said = read("x", &titled, &["代码", "金额"]).expect_err("a refusal").say(Lang::Zh);
    assert!(said.contains("列名似乎在第 2 行，请删去它上面的行"), "{said}");
    let hidden = |cover: &str| {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.set_name("封面").expect("a name");
        sheet.write_string(0, 0, cover).expect("a cell");
        let sheet = workbook.add_worksheet();
        sheet.set_name("明细").expect("a name").set_hidden(true);
        head(sheet);
        workbook.save_to_buffer().expect("a workbook")
    };
    assert!(refused(&hidden("")).contains("有内容的工作表（明细）是隐藏的；请取消隐藏"), "{}", refused(&hidden("")));
    assert!(refused(&hidden("封面")).contains("文件中的工作表：封面、明细（隐藏"), "{}", refused(&hidden("封面")));
}

/// Columns are called as spreadsheets call them.
#[test]
fn names_of_cells() {
    let names = [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")];
    for (column, letters) in names {
        assert_eq!(column_letters(column), letters);
    }
    assert_eq!(cell_name(6, 2), "C7");
}

/// Only what reads back as the same digits is written as a number.
#[test]
fn plain_numbers() {
    for text in ["007", "1e5", "", "-", "1.", ".5", "1,000", "+1", "-0.00", "1234567890.123456", "NaN", "inf", "１"] {
        assert_eq!(plain_number(text), None, "{text}");
    }
    assert_eq!(plain_number("-12.50"), Some((-12.5, 2)));
}
