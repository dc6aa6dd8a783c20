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
    assert!(refused(&old).contains("旧格式的 Excel 文件（.xls）"));
    let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refused(&[&old[..], &stream].concat()).contains("设有打开密码"));
    assert!(refused(&with_parts(&[("xl/vbaProject.bin", b"x")])).contains("含有宏"));
    assert!(refused(&with_parts(&[("xl/workbook.bin", b"x")])).contains("不是 Excel 工作簿"));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a.txt", SimpleFileOptions::default()).expect("a part");
    let plain = writer.finish().expect("a package").into_inner();
    assert!(refused(&plain).contains("不是 Excel 工作簿"));
    assert!(refused(b"PK\x03\x04 and no more").contains("不完整或已损坏"));
    assert!(refused(&made(head)[..900]).contains("不完整或已损坏"));
    let no_sheet = with_parts(&[("xl/workbook.xml", b"<workbook/>")]);
    assert!(read("x", &no_sheet, &[]).is_err());
}

/// What unpacks to a thousand times its size is refused before it is parsed, whatever part it hides in.
#[test]
fn bombs() {
    let zeros = vec![b' '; 8 * 1024 * 1024];
    assert!(refused(&with_parts(&[("xl/media/a.png", &zeros)])).contains("展开后超过 200 MB"));
}

/// A cell at the far end of a sheet takes no more room than another: it is refused by its place.
#[test]
fn far_cells() {
    let far_row = sheet(r#"<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#);
    assert!(refused(&far_row).contains("“Sheet1”内容过多（至多 200000 行、200 列）"));
    let far_column = sheet(r#"<row r="2"><c r="XFD2"><v>1</v></c></row>"#);
    assert!(refused(&far_column).contains("内容过多"));
    let blank = sheet(r#"<row r="2"><c r="XFD2" s="0"/><c r="A2"><v>7</v></c></row>"#);
    assert_eq!(read("x", &blank, &[]).expect("a table").rows[0].cells, ["7"]);
}

/// An error value is named; a name for a cell that no sheet has is a damaged file.
#[test]
fn odd_cells() {
    let error = sheet(r#"<row r="2"><c r="B2" t="e"><v>#N/A</v></c></row>"#);
    assert!(refused(&error).contains("Sheet1!B2 是错误值"));
    for name in ["AAAAAAAAAAAAAAAAAAAAAAAA2", "中2", "A99999999999999999999"] {
        let odd = sheet(&format!(r#"<row r="2"><c r="{name}"><v>1</v></c></row>"#));
        assert!(read("x", &odd, &[]).is_err(), "{name}");
    }
}
