//! Files that are made to be refused.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;

/// A sound workbook with some of its parts replaced or added.
fn with_parts(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let sound = made(head);
    let mut archive = ZipArchive::new(Cursor::new(&sound)).expect("a package");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let file = archive.by_index_raw(at).expect("a part");
        let known = file.name().expect("a name").into_owned();
        if !parts.iter().any(|(name, _)| *name == known) {
            writer.raw_copy_file(file).expect("copied");
        }
    }
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a part");
        writer.write_all(content).expect("written");
    }
    writer.finish().expect("a package").into_inner()
}

/// The sheet's part, with these rows.
fn sheet(rows: &str) -> Vec<u8> {
    let head = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>代码</t></is></c></row>"#;
    let whole = format!("{head}{rows}</sheetData></worksheet>");
    with_parts(&[("xl/worksheets/sheet1.xml", whole.as_bytes())])
}

/// Old workbooks, those with a password or macros, and other packages are told apart.
#[test]
fn other_formats() {
    let old = [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 600]].concat();
    assert!(refused(&old).contains("旧格式的 Excel 或 WPS 文件（.xls、.et）"));
    let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refused(&[&old[..], &stream].concat()).contains("设有打开密码"));
    assert!(refused(&with_parts(&[("xl/vbaProject.bin", b"x")])).contains("含有宏"));
    assert!(refused(&with_parts(&[("xl/workbook.bin", b"x")])).contains("二进制工作簿（.xlsb）"));
    for (part, said) in [
        ("a.txt", "这是压缩包，请解压"),
        ("word/document.xml", "文字文档"),
        ("Index/Document.iwa", "Numbers 表格，请导出为 .xlsx"),
    ] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(part, SimpleFileOptions::default()).expect("a part");
        let package = writer.finish().expect("a package").into_inner();
        assert!(refused(&package).contains(said), "{part}: {}", refused(&package));
    }
    assert!(refused(b"PK\x03\x04 and no more").contains("不完整或已损坏"));
    assert!(refused(&made(head)[..900]).contains("不完整或已损坏"));
    let no_sheet = with_parts(&[("xl/workbook.xml", b"<workbook/>")]);
    assert!(read("x", &no_sheet, &[]).is_err());
}

/// A file that is something else is told what it is and how to save it, whatever its name: a web page or an XML table
/// under the name of a workbook, a document, a picture.
#[test]
fn in_disguise() {
    let page = "<html><meta charset=\"utf-8\"><table><tr><td>项目代码</td></tr></table></html>";
    let xml = "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n\
               <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>";
    for (bytes, said) in [
        (page.as_bytes(), "这是网页，请另存为 .xlsx"),
        (b"\xEF\xBB\xBF\r\n  <!DOCTYPE HTML PUBLIC \"-//W3C\"><HTML>", "这是网页，请另存为 .xlsx"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"", "这是网页"),
        (xml.as_bytes(), "这是XML 表格（Excel 2003），请另存为 .xlsx"),
        (b"<?xml version=\"1.0\"?><a/>", "不是表格"),
        (b"%PDF-1.7", "这是PDF 文件，不是表格"),
        (b"\x89PNG\r\n", "这是图片"),
        (b"Rar!\x1a\x07", "这是压缩包"),
        (b"\xFF\xFEa\0,\0", "Unicode 文本"),
        (b"\x09\x08\x10\x00\x00\x06", "旧格式"),
    ] {
        let error = read("导出.xls", bytes, &["代码"]).expect_err("a refusal").say(Lang::Zh);
        assert!(error.starts_with("导出.xls：") && error.contains(said), "{error}");
    }
    // A table that happens to begin with a bracket is one.
    assert!(read("x.csv", "<代码>,金额\n1,2\n".as_bytes(), &[]).is_ok());
    // What is a table is taken under any name: workbooks and texts are told by what they hold.
    assert!(read("x.xlsx", "代码,金额\n1,2\n".as_bytes(), &[]).is_ok());
}

/// Cells that show another number than the one kept are refused by their place: a length of time, a time of day, a
/// number divided by a thousand. A sum shown in 万元 is read with its unit: 251.89万元 are 2,518,900.00 yuan.
#[test]
fn shown_otherwise() {
    let with = |code: &str, value: f64| {
        made(|sheet| {
            head(sheet);
            let look = Format::new().set_num_format(code);
            sheet.write_number_with_format(1, 1, value, &look).expect("a cell");
        })
    };
    let wan = read("x", &with("0.00\"万元\"", 251.89), &[]).expect("a table").rows[0].cells[1].clone();
    assert_eq!(wan, "251.89万元");
    assert_eq!(tongpin_domain::money::Amount::parse(&wan).fen(), Some(tongpin_domain::money::Fen(251_890_000)));
    for (code, value) in [("[h]:mm", 1.5), ("h:mm", 0.5), ("h:mm", 1.5), ("mm:ss", 0.01), ("[mm]:ss", 0.5)] {
        let said = refused(&with(code, value));
        assert!(said.contains("Sheet1!B2 是时间或时长") && said.contains("36 小时填 36"), "{code}: {said}");
    }
    assert!(refused(&with("#,##0,", 2_518_900.0)).contains("Sheet1!B2 的单元格格式使看到的数与实际的数不同"));
}

/// What unpacks to a thousand times its size is refused before it is parsed, whatever part it hides in.
#[test]
fn bombs() {
    let zeros = vec![b' '; 8 * 1024 * 1024];
    assert!(refused(&with_parts(&[("xl/media/a.png", &zeros)])).contains("展开后超过 200 MB"));
}

/// Formats of cells are copied by the parser, each with the texts in it: a few kilobytes that would become hundreds of
/// megabytes are refused before it sees them, and what a spreadsheet itself can have is read.
#[test]
fn formats_that_fill_the_memory() {
    let with = |code: usize, formats: usize| {
        let code = "0".repeat(code);
        let formats = r#"<xf numFmtId="200"/>"#.repeat(formats);
        let styles = format!(
            r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="200" formatCode="{code}"/></numFmts><cellXfs>{formats}</cellXfs></styleSheet>"#
        );
        with_parts(&[("xl/styles.xml", styles.as_bytes())])
    };
    let long = with(40_000, 20_000);
    assert!(long.len() < 20_000 && refused(&long).contains("单元格格式过多或过长"), "{}", refused(&long));
    assert!(refused(&with(10, 300_000)).contains("单元格格式过多或过长"));
    let ordinary = with(255, 65_490);
    assert!(read("x", &ordinary, &["代码"]).is_ok());
    assert!(memory(&ordinary) > 2 * 65_490 * 700, "what formats take is counted");
}

/// A text that no cell can hold is refused before anything keeps it, among the shared texts and on a sheet.
#[test]
fn endless_texts() {
    let text = "ab".repeat(700_000);
    let shared = format!("<sst><si><t>{text}</t></si></sst>");
    assert!(refused(&with_parts(&[("xl/sharedStrings.xml", shared.as_bytes())])).contains("超过 32767 字"));
    let inline = sheet(&format!(r#"<row r="2"><c r="A2" t="inlineStr"><is><t>{text}</t></is></c></row>"#));
    assert!(refused(&inline).contains("超过 32767 字"));
}

/// A cell at the far end of a sheet takes no more room than another: it is refused by its place.
#[test]
fn far_cells() {
    let far_row = sheet(r#"<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#);
    assert!(refused(&far_row).contains("“Sheet1”超过 200000 行；请拆分成几个文件"));
    let far_column = sheet(r#"<row r="2"><c r="XFD2"><v>1</v></c></row>"#);
    assert!(refused(&far_column).contains("“Sheet1”第 2 行超过 200 列；请删去多余的列"));
    let blank = sheet(r#"<row r="2"><c r="XFD2" s="0"/><c r="A2"><v>7</v></c></row>"#);
    assert_eq!(read("x", &blank, &[]).expect("a table").rows[0].cells, ["7"]);
}

/// An error value is named; a name for a cell that no sheet has is a damaged file.
#[test]
fn odd_cells() {
    let error = sheet(r#"<row r="2"><c r="B2" t="e"><v>#N/A</v></c></row>"#);
    assert!(refused(&error).contains("Sheet1!B2 是错误值"));
    let newer = sheet(r#"<row r="2"><c r="B2" t="e"><v>#SPILL!</v></c></row>"#);
    assert!(refused(&newer).contains("有单元格是错误值 #SPILL!"), "{}", refused(&newer));
    for name in ["AAAAAAAAAAAAAAAAAAAAAAAA2", "中2", "A99999999999999999999"] {
        let odd = sheet(&format!(r#"<row r="2"><c r="{name}"><v>1</v></c></row>"#));
        assert!(read("x", &odd, &[]).is_err(), "{name}");
    }
}
