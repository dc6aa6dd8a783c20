//! A sheet goes out and comes back: what was filled in is found at its place, nothing else changes, and what would have
//! to be guessed at is refused.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Formula, Workbook};
use tongpin_domain::form::GivenRow;

use super::sample::{report, road, road_form, values};
use super::*;
use crate::workbook::{Book, Fault, SheetError};

const NAME: &str = "监控表.xlsx";

fn written(given: &BTreeMap<String, Given>, locked: &[&str]) -> Vec<u8> {
    let definition = road_form();
    let shown = [("paid_total", "120.000001"), ("roads.r1.rate", "0.00%")];
    let shown = shown.map(|(place, shown)| (place.to_owned(), shown.to_owned())).into();
    let locked = locked.iter().map(|place| (*place).to_owned()).collect();
    let (key, about) = ("roads_quarter/0199", "常熟市 2026年第3季度");
    let view = SheetView {
        definition: &definition,
        edition: 3.into(),
        key,
        about,
        given,
        shown: &shown,
        locked: &locked,
        open: true,
    };
    write(&view).expect("it can be written")
}

fn back(bytes: &[u8]) -> Result<FilledSheet, SheetError> {
    read(&mut Book::open(NAME, bytes)?, &road_form())
}

fn cells(bytes: &[u8]) -> crate::workbook::Cells {
    let mut book = Book::open(NAME, bytes).expect("a workbook");
    let sheet = identify(&mut book).expect("it can be read").expect("a sheet of ours").sheet;
    book.cells(&sheet).expect("its cells")
}

/// Where a text stands, and the column of marks.
fn place(bytes: &[u8], text: &str) -> (u32, usize) {
    let cells = cells(bytes);
    let found = cells.rows.iter().find_map(|(row, it)| Some((*row, it.iter().position(|cell| cell == text)?)));
    found.unwrap_or_else(|| unreachable!("{text} stands in {:?}", cells.rows))
}

/// The sheet with some cells changed, as a spreadsheet would save it: every cell a text, nothing merged.
fn changed(bytes: &[u8], change: impl FnOnce(&mut BTreeMap<u32, Vec<String>>)) -> Vec<u8> {
    let mut cells = cells(bytes);
    change(&mut cells.rows);
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.set_name(&cells.sheet).expect("a name");
    for (row, texts) in &cells.rows {
        for (column, text) in (0u16..).zip(texts).filter(|(_, text)| !text.is_empty()) {
            page.write_string(*row, column, text).expect("a cell");
        }
    }
    workbook.save_to_buffer().expect("it can be written")
}

fn set(rows: &mut BTreeMap<u32, Vec<String>>, row: u32, column: usize, text: &str) {
    let cells = rows.entry(row).or_default();
    if cells.len() <= column {
        cells.resize(column + 1, String::new());
    }
    text.clone_into(&mut cells[column]);
}

fn roads(filled: &FilledSheet) -> &[GivenRow] {
    match filled.given.get("roads") {
        Some(Given::Rows(rows)) => rows,
        _ => &[],
    }
}

/// What was given comes back the same, down to the fen of an amount that the sheet shows in 万元; it says whose it is.
#[test]
fn there_and_back() {
    let bytes = written(&report(), &[]);
    let filled = back(&bytes).expect("a sheet");
    assert_eq!(filled.given, report());
    let Identity { code, edition, key, .. } = &filled.identity;
    assert_eq!((code.as_str(), *edition, key.as_str()), ("roads_quarter", 3.into(), "roads_quarter/0199"));
    // 1,234,567.89 yuan are 123.456789 万元, and a fen is a millionth of one.
    for shown in
        ["123.456789", "0.000001", "500.00", "金额单位：万元", "滞后", "否", "增加人员、调整资金", "007", "填报人："]
    {
        place(&bytes, shown);
    }
    let (row, column) = place(&bytes, "C001320581");
    let cell = crate::workbook::cell_name(row, u32::try_from(column).expect("few columns"));
    assert_eq!(filled.cell("roads.r1.code"), Some(format!("农村公路建设季度监控表!{cell}")));
    let (merged, conflicts) = filled.against(&road_form(), &report(), &BTreeSet::new());
    assert_eq!((merged, conflicts), (report(), Vec::new()));
}

/// What is typed is in the unit of the sheet unless it brings its own; choices are typed as they are read; what was
/// cleared is gone, a row below the table is new, one that was copied is too, and one that was deleted is gone.
#[test]
fn filled_in() {
    let bytes = written(&report(), &[]);
    let (second, code) = place(&bytes, "007");
    let (issued, at) = place(&bytes, "123.456789");
    let (reason, why) = place(&bytes, "雨季停工\n已调整计划");
    let (progress, how) = place(&bytes, "滞后");
    let bytes = changed(&bytes, |rows| {
        set(rows, issued, at, "200.5");
        set(rows, reason, why, "");
        set(rows, progress, how, "正常");
        set(rows, second + 1, code, "X9");
        set(rows, second + 1, code + 3, "3000元");
        let copied = rows.get(&(second - 1)).cloned().expect("the first road");
        rows.insert(second + 2, copied);
        rows.remove(&second);
    });
    let filled = back(&bytes).expect("a sheet");
    let one = |name: &str| filled.given.get(name).cloned();
    assert_eq!(one("issued"), Some(Given::One("2005000.00".to_owned())));
    assert_eq!((one("reason"), one("progress")), (None, Some(Given::One("ok".to_owned()))));
    let first = road("r1", &[("code", "C001320581"), ("length", "3.25"), ("planned", "5000000.00"), ("paid", "0.01")]);
    let copy = GivenRow { id: "n2".to_owned(), ..first.clone() };
    let new = road("n1", &[("code", "X9"), ("paid", "3000元")]);
    assert_eq!(roads(&filled), [first.clone(), new.clone(), copy.clone()]);
    // Over what is held: the second road is gone, and a day that is not on the sheet any other way stays.
    let (merged, conflicts) = filled.against(&road_form(), &report(), &BTreeSet::new());
    assert_eq!(conflicts, []);
    assert_eq!(merged.get("roads"), Some(&Given::Rows(vec![first, new, copy])));
    assert_eq!((merged.get("reason"), merged.get("day")), (None, report().get("day")));
}

/// What somebody else changed meanwhile stays where the sheet left it as it was; where the sheet changed it too it is a
/// conflict with both values, and what is held stands.
#[test]
fn changed_by_both() {
    let bytes = written(&report(), &[]);
    let (issued, at) = place(&bytes, "123.456789");
    let (second, _) = place(&bytes, "007");
    let bytes = changed(&bytes, |rows| {
        set(rows, issued, at, "200");
        rows.remove(&second);
    });
    let mut held = report();
    held.insert("issued".to_owned(), Given::One("3000000.00".to_owned()));
    held.insert("day".to_owned(), Given::One("2026-10-01".to_owned()));
    let Some(Given::Rows(rows)) = held.get_mut("roads") else { unreachable!("there are roads") };
    rows[0].cells.insert("length".to_owned(), "4".to_owned());
    rows[1].cells.insert("paid".to_owned(), "1".to_owned());
    rows.push(road("n1", &[("code", "新")]));
    let (merged, conflicts) = back(&bytes).expect("a sheet").against(&road_form(), &held, &BTreeSet::new());
    assert_eq!(merged, held);
    let told: Vec<(&str, &str, &str)> =
        conflicts.iter().map(|it| (it.place.as_str(), it.held.as_str(), it.filled.as_str())).collect();
    assert_eq!(told, [("issued", "300", "200"), ("roads.r2", "007，0.0001", "")]);
    assert!(conflicts[0].cell.starts_with("农村公路建设季度监控表!"), "{conflicts:?}");
}

/// What is locked is not read, whatever stands there, and stays as it is held.
#[test]
fn locked() {
    let bytes = written(&report(), &["issued", "roads.paid"]);
    let (issued, at) = place(&bytes, "123.456789");
    let bytes = changed(&bytes, |rows| set(rows, issued, at, "1"));
    let filled = back(&bytes).expect("a sheet");
    assert!(!filled.given.contains_key("issued") && !roads(&filled)[0].cells.contains_key("paid"));
    assert_eq!(filled.against(&road_form(), &report(), &BTreeSet::new()), (report(), Vec::new()));
    let form = road_form();
    let whole: Vec<String> = form.places().map(|(place, _)| place).filter(|place| place.starts_with("roads")).collect();
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    let bytes = written(&report(), &whole);
    let filled = back(&bytes).expect("a sheet");
    assert!(filled.tables.is_empty() && !filled.given.contains_key("roads"));
    assert_eq!(filled.against(&form, &report(), &BTreeSet::new()), (report(), Vec::new()));
    // Where only the rows are locked, their cells are filled in, and none comes or goes.
    let bytes = written(&report(), &["roads"]);
    let (paid, at) = place(&bytes, "0.000001");
    let filled = back(&changed(&bytes, |rows| set(rows, paid, at, "10"))).expect("a sheet");
    let (merged, conflicts) = filled.against(&form, &report(), &BTreeSet::new());
    let Some(Given::Rows(rows)) = merged.get("roads") else { unreachable!("there are roads") };
    assert_eq!((rows.len(), rows[0].cells["paid"].as_str(), conflicts), (2, "100000.00", Vec::new()));
}

/// An empty sheet is filled in: there are rows to fill, and nothing is missing as zero.
#[test]
fn template() {
    let bytes = written(&BTreeMap::new(), &[]);
    assert_eq!(back(&bytes).expect("a sheet").given, BTreeMap::new());
    let (head, column) = place(&bytes, "*路线编号");
    let bytes = changed(&bytes, |rows| {
        let row =
            rows.range(head..).find(|(_, cells)| cells.iter().any(|cell| cell.starts_with("head="))).map(|it| *it.0);
        set(rows, row.expect("the head's last row") + 2, column, "Y1");
    });
    assert_eq!(back(&bytes).expect("a sheet").given, values(&[], vec![road("n1", &[("code", "Y1")])]));
}

/// A sheet of another form, one whose columns or marks were changed, one with merged cells or a formula, and no sheet
/// at all are refused, each in words.
#[test]
fn refused() {
    let bytes = written(&report(), &[]);
    let fault = |bytes: &[u8]| back(bytes).expect_err("it is refused").fault;
    let other = Fault::OtherForm("农村公路建设季度监控表".to_owned());
    let spoilt = |change: &dyn Fn(&mut Vec<String>)| changed(&bytes, |rows| rows.values_mut().for_each(change));
    let renamed = |from: &'static str, to: &'static str| {
        spoilt(&move |cells| cells.iter_mut().filter(|cell| *cell == from).for_each(|cell| to.clone_into(cell)))
    };
    assert_eq!(fault(&renamed("roads_quarter", "bridges")), other);
    assert_eq!(fault(&renamed("tongpin-sheet-1", "tongpin-sheet-2")), other);
    assert_eq!(fault(&renamed("end=roads", "")), other);
    assert_eq!(fault(&renamed("end=roads", "end=bridges")), other);
    assert_eq!(fault(&spoilt(&|cells| cells.insert(0, "序号".to_owned()))), other);
    assert!(matches!(fault(&renamed("tongpin-sheet-1", "")), Fault::NotTheForm(_)));
    let (row, column) = place(&bytes, "007");
    let kept = cells(&bytes);
    let rebuilt = |spoil: &dyn Fn(&mut rust_xlsxwriter::Worksheet, u16)| {
        let mut workbook = Workbook::new();
        let page = workbook.add_worksheet();
        for (row, texts) in &kept.rows {
            for (column, text) in (0u16..).zip(texts).filter(|(_, text)| !text.is_empty()) {
                page.write_string(*row, column, text).expect("a cell");
            }
        }
        spoil(page, u16::try_from(column).expect("few columns"));
        workbook.save_to_buffer().expect("it can be written")
    };
    let merged = rebuilt(&|page, column| {
        page.merge_range(row, column, row, column + 3, "007", &rust_xlsxwriter::Format::new()).expect("cells");
    });
    assert!(matches!(fault(&merged), Fault::Merged(area) if area.starts_with("Sheet1!")));
    let computed = rebuilt(&|page, column| {
        page.write_formula(row, column + 3, Formula::new("=1+1").set_result("2")).expect("a cell");
    });
    assert!(matches!(fault(&computed), Fault::Formula(cell) if cell.starts_with("Sheet1!")));
}
