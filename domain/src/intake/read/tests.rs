//! What reading a file of comma-separated values promises: exact lines, exact cells, and plain words for what is
//! broken.

use proptest::prelude::*;

use super::*;

fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
    let table = read_csv("t.csv", bytes).expect("a readable file");
    table.rows.into_iter().map(|row| (row.line, row.cells)).collect()
}

fn cells(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Line breaks of both kinds, in quotes and as blank lines, leave the line numbers as an editor shows them.
#[test]
fn lines_and_cells() {
    let text = "a,b\r\n1,\"x\r\ny\"\r\n\r\n\"say \"\"hi\"\", now\",\r\n 2 ,3";
    let expected = [(2, cells(&["1", "x\r\ny"])), (5, cells(&["say \"hi\", now", ""])), (6, cells(&[" 2 ", "3"]))];
    assert_eq!(rows(text.as_bytes()), expected);
}

/// A byte order mark is no part of the first column's name, and GB18030 is read where UTF-8 fails.
#[test]
fn encodings() {
    let marked = read_csv("t.csv", "\u{feff}名称,b\n昆山,1\n".as_bytes()).expect("UTF-8");
    let (bytes, _, _) = encoding_rs::GB18030.encode("名称,b\n昆山,1\n");
    let national = read_csv("t.csv", &bytes).expect("GB18030");
    assert_eq!(marked.header, ["名称", "b"]);
    assert_eq!(marked, national);
}

/// Each kind of unreadable file is refused by its own name, with the line where there is one.
#[test]
fn refusals() {
    let file = || "t.csv".to_owned();
    for (bytes, error) in [
        (&b""[..], IntakeError::Empty { file: file() }),
        (b"\xEF\xBB\xBF\n\n", IntakeError::Empty { file: file() }),
        (b"PK\x03\x04rest", IntakeError::Workbook { file: file() }),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", IntakeError::Workbook { file: file() }),
        (b"a,b\n1,\0", IntakeError::NotText { file: file(), line: 2 }),
        (b"a,b\n1,2\n\xFF\xFF,3\n", IntakeError::NotText { file: file(), line: 3 }),
        (b"\xEF\xBB\xBFa,b\n\xC0\xAF,2\n", IntakeError::NotText { file: file(), line: 2 }),
        (b"a,b\n1,2\n3,\"4\n5,6\n", IntakeError::UnclosedQuote { file: file(), line: 3 }),
        (b"a,b\n1,\"2\"x\n", IntakeError::TextBehindQuote { file: file(), line: 2 }),
        (b"a,b,a\n", IntakeError::DuplicateColumn { file: file(), column: "a".into() }),
        (b"a\tb\n1\t2\n", IntakeError::OtherSeparator { file: file() }),
    ] {
        assert_eq!(read_csv("t.csv", bytes), Err(error));
    }
    let workbook = read_csv("项目.xlsx", b"PK\x03\x04").expect_err("a workbook");
    assert_eq!(
        workbook.say(Lang::Zh),
        "项目.xlsx 是 Excel 工作簿，不是文本；请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后再导入"
    );
}

/// What is more than is read is refused where it becomes too much, and not after all of it was read; rows of nothing
/// but commas are none.
#[test]
fn too_much() {
    let refused = |text: &str| match read_csv("t.csv", text.as_bytes()) {
        Err(IntakeError::TooMuch { line, what, .. }) => (line, what),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(refused(&",".repeat(200)), (1, TooMuch::Columns));
    assert_eq!(refused(&format!("a,b\n1,2\n\n{}", ",".repeat(1_000_000))), (4, TooMuch::Columns));
    assert_eq!(refused(&format!("a\n{}", "1\n".repeat(200_001))), (200_002, TooMuch::Rows));
    // 199 cells in each row: 4,000,000 are passed in row 20,101, line 20,102.
    let wide = format!("{}1\n", ",".repeat(198));
    assert_eq!(refused(&format!("a\n{}", wide.repeat(20_200))), (20_102, TooMuch::Cells));
    assert_eq!(refused(&format!("a,b\n1,{}\n", "长".repeat(32_768))), (2, TooMuch::Text));
    assert_eq!(rows(format!("a,b\n{}1,2\n", ",\n".repeat(300_000)).as_bytes()), [(300_002, cells(&["1", "2"]))]);
    let said = read_csv("大.csv", format!("a\n{}", "1\n".repeat(200_001)).as_bytes()).expect_err("too long");
    assert_eq!(said.say(Lang::Zh), "大.csv 超过 200000 行；请拆分成几个文件后再导入");
}

/// One bad byte in a file of UTF-8 is named by its own line, whether or not the lines before would be bad as GB18030,
/// and is never taken for GB18030 as a whole: that would turn every character into another one.
#[test]
fn one_bad_byte() {
    let text = "名称,说明\n新增公办学位数（生僻字：䶮𠮷㙍）,无\n群众满意度,征地进度滞后\n按期完成率,无\n";
    let at = text.find("征地").expect("it is there");
    for bad in [&b"\xFF"[..], b"\xBF", b"\xE5\xBE", b"\x80\x80"] {
        for ends in ["\n", "\r\n", "\r"] {
            let (before, behind) = (text[..at].replace('\n', ends), text[at..].replace('\n', ends));
            let bytes = [before.as_bytes(), bad, behind.as_bytes()].concat();
            let error = IntakeError::NotText { file: "t.csv".into(), line: 3 };
            assert_eq!(read_csv("t.csv", &bytes), Err(error), "{bad:?} {ends:?}");
        }
    }
    let (national, _, _) = encoding_rs::GB18030.encode(text);
    assert_eq!(read_csv("t.csv", &national).expect("GB18030"), read_csv("t.csv", text.as_bytes()).expect("UTF-8"));
}

proptest! {
    /// No bytes make reading panic.
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[a,\"\r\n\t;中]{0,60}") {
        let outcomes = [read_csv("t.csv", &bytes), read_csv("t.csv", text.as_bytes())];
        for table in outcomes.into_iter().flatten() {
            prop_assert!(!table.header.is_empty());
        }
    }

    /// What a writer of RFC 4180 wrote is read back cell for cell, but for rows of nothing but blanks.
    #[test]
    fn reads_what_another_wrote(table in proptest::collection::vec(proptest::array::uniform3("[a-c,\"\r\n 中]{0,6}"), 0..8)) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["x", "y", "z"]).expect("memory");
        for row in &table {
            writer.write_record(row).expect("memory");
        }
        let bytes = writer.into_inner().expect("memory");
        let read: Vec<Vec<String>> = rows(&bytes).into_iter().map(|(_, cells)| cells).collect();
        let blank = |row: &[String; 3]| row.iter().all(|cell| cell.trim().is_empty());
        prop_assert_eq!(read, table.into_iter().filter(|row| !blank(row)).map(Vec::from).collect::<Vec<_>>());
    }
}
