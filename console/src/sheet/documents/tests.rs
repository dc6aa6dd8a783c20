//! Documents go out as one workbook and come back: nothing that was left alone is changed, what was typed is found at
//! its place, and what would have to be guessed at is told.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Formula, Workbook};
use tongpin_domain::form::{Field, GivenRow, Kind};
use tongpin_domain::lang::{Lang, Say as _};

use super::*;
use crate::sheet::sample::{report, road, road_form, values};
use crate::workbook::Book;

const NAME: &str = "导入表.xlsx";
const LARGEST: usize = 1024 * 1024;

/// The sample's form with a personal field.
fn form() -> Definition {
    let mut form = road_form();
    form.fields.push(Field { personal: true, required: true, ..Field::new("clerk", "填报人", Kind::Person) });
    form
}

fn document(id: &str, period: &str, given: &BTreeMap<String, Given>) -> Document {
    let body = serde_json::json!({
        "form": "roads_quarter", "publisher": "320500", "release": 1, "id": id, "subject": "320581",
        "subject_name": "常熟市", "period": period, "version": 1, "turn": 0, "state": "draft", "given": given,
        "derived": { "paid_total": "1200000.01", "roads.r1.rate": "0.00" }, "changed_at": 0
    });
    serde_json::from_value(body).expect("a document")
}

/// Two documents: the sample's report, which somebody has signed, and one without rows.
fn held() -> [Document; 2] {
    let mut signed = report();
    signed.insert("clerk".to_owned(), Given::One("张三".to_owned()));
    [document("a", "2026Q3", &signed), document("b", "2026Q4", &values(&[("issued", "100.00")], Vec::new()))]
}

fn written(documents: &[Document]) -> Vec<u8> {
    let line = |document| DocumentLine { document, keeper: "320581", state: "草稿", version: "0123456789abcdef01" };
    let lines: Vec<DocumentLine<'_>> = documents.iter().map(line).collect();
    let periods = ["2026Q4".to_owned(), "2026Q3".to_owned()];
    let view = DocumentsView { definition: &form(), periods: &periods, lines: &lines };
    write(&view, LARGEST).expect("it can be written").expect("it is not too large")
}

fn back(bytes: &[u8]) -> FilledDocuments {
    read(NAME, bytes, &form()).expect("it can be read")
}

/// The sheets of a workbook, each with its rows.
type Sheets = BTreeMap<String, Vec<Vec<String>>>;

/// The workbook with some cells changed, as a spreadsheet would save it.
fn changed(bytes: &[u8], change: impl FnOnce(&mut Sheets)) -> Vec<u8> {
    let mut book = Book::open(NAME, bytes).expect("a workbook");
    let names: Vec<String> = book.sheets().into_iter().map(|(name, _)| name).collect();
    let mut rows = |name: &String| book.cells(name).expect("a sheet").rows.into_values().collect();
    let mut sheets: Sheets = names.iter().map(|name| (name.clone(), rows(name))).collect();
    change(&mut sheets);
    let mut workbook = Workbook::new();
    for (name, rows) in &sheets {
        let page = workbook.add_worksheet().set_name(name).expect("a name");
        for (row, cells) in (0u32..).zip(rows) {
            for (column, text) in (0u16..).zip(cells).filter(|(_, text)| !text.is_empty()) {
                page.write_string(row, column, text).expect("a cell");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

fn at(rows: &[Vec<String>], head: &str) -> usize {
    rows[0]
        .iter()
        .position(|name| name.trim_start_matches('*') == head)
        .unwrap_or_else(|| unreachable!("{head}: {rows:?}"))
}

fn set(rows: &mut Vec<Vec<String>>, row: usize, head: &str, text: &str) {
    let column = at(rows, head);
    rows.resize_with(rows.len().max(row + 1), Vec::new);
    let cells = rows.get_mut(row).expect("a row");
    cells.resize(cells.len().max(column + 1), String::new());
    text.clone_into(&mut cells[column]);
}

/// What was not touched is not edited and means what is held, amounts in 万元 to the fen; what is personal is in the
/// template alone.
#[test]
fn there_and_back() {
    let (form, held) = (form(), held());
    let bytes = written(&held);
    let found = back(&bytes);
    assert_eq!((found.faults.kept(), found.documents.len()), (&[][..], 2));
    assert!(found.unread.is_empty(), "{:?}", found.unread);
    for (filled, held) in found.documents.iter().zip(&held) {
        assert!(!filled.is_edited(&form), "{filled:?}");
        assert!(filled.is_of("0123456789abcdef77") && !filled.is_of("0123456789abcdee01"));
        assert_eq!(filled.over(&form, &held.given).given, held.given);
        assert_eq!((filled.id.as_str(), filled.period.as_str()), (held.id.as_str(), held.period.as_str()));
    }
    let mut book = Book::open(NAME, &bytes).expect("a workbook");
    let rows: Vec<Vec<String>> = book.cells(DATA_SHEET).expect("the documents").rows.into_values().collect();
    assert_eq!(rows[1][at(&rows, "本季下达资金（万元）")], "123.456789");
    assert_eq!(rows[1][at(&rows, "已支付合计（万元）［自动计算］")], "120.000001");
    assert_eq!(rows[1][at(&rows, "采取措施")], "增加人员、调整资金");
    let whole = format!("{:?}", book.sheets().iter().map(|(name, _)| book_text(&bytes, name)).collect::<Vec<_>>());
    assert!(!whole.contains("张三") && !whole.contains("填报人"), "{whole}");
    let template = written(&[]);
    assert!(book_text(&template, DATA_SHEET).contains("*填报人"));
    assert_eq!((back(&template).faults.all(), back(&template).documents.len()), (0, 0));
}

fn book_text(bytes: &[u8], sheet: &str) -> String {
    format!("{:?}", Book::open(NAME, bytes).expect("a workbook").cells(sheet).expect("a sheet").rows)
}

/// A cell, a row more, a row less and a new document are found; what has no column, and what is personal, stays.
#[test]
fn filled_in() {
    let (form, held) = (form(), held());
    let found = back(&changed(&written(&held), |sheets| {
        let documents = sheets.get_mut(DATA_SHEET).expect("the documents");
        set(documents, 1, "本季下达资金（万元）", "200");
        set(documents, 1, "总体进度", "");
        set(documents, 3, "期间", "2026Q2");
        set(documents, 3, "是否核查", "是");
        let roads = sheets.get_mut("路段").expect("the rows");
        roads.remove(2);
        for (row, id, period) in [(2, "a", ""), (3, "", "2026Q2")] {
            set(roads, row, "单据编号", id);
            set(roads, row, "填报单位代码", if id.is_empty() { "" } else { "320581" });
            set(roads, row, "期间", period);
            set(roads, row, "路线编号", "X9");
        }
    }));
    assert_eq!(found.faults.kept(), []);
    let [first, second, new] = found.documents.as_slice() else { unreachable!("{found:?}") };
    assert!(first.is_edited(&form) && !second.is_edited(&form) && new.is_edited(&form) && !new.is_stamped());
    let laid = first.over(&form, &held[0].given);
    let mut expected = held[0].given.clone();
    expected.insert("issued".to_owned(), Given::One("2000000.00".to_owned()));
    expected.remove("progress");
    let Some(Given::Rows(before)) = held[0].given.get("roads") else { unreachable!("rows") };
    let rows = vec![before[0].clone(), road("n1", &[("code", "X9")])];
    expected.insert("roads".to_owned(), Given::Rows(rows));
    assert_eq!((laid.given, laid.lines["roads"].as_slice()), (expected, &[2, 3][..]));
    let begun = new.over(&form, &BTreeMap::new()).given;
    assert_eq!(begun, values(&[("checked", "yes")], vec![road("n1", &[("code", "X9")])]));
}

/// A line that was copied and said to be of another subject, period, id or bureau is an edited one, whatever stands in
/// its cells. A row copied with its hidden id is a new row, the second of the two, and is the same one again when the
/// file comes once more.
#[test]
fn copied() {
    let (form, held) = (form(), held());
    for (head, text) in
        [("地区代码", "320582"), ("期间", "2026Q1"), ("单据编号", "c"), ("单据编号", ""), ("填报单位代码", "320582")]
    {
        let found = back(&changed(&written(&held[1..]), |sheets| {
            let documents = sheets.get_mut(DATA_SHEET).expect("the documents");
            documents.push(documents[1].clone());
            set(documents, 2, head, text);
        }));
        let edited: Vec<bool> = found.documents.iter().map(|filled| filled.is_edited(&form)).collect();
        assert_eq!(edited, [false, true], "{head}: {text}");
    }
    let found = back(&changed(&written(&held), |sheets| {
        let roads = sheets.get_mut("路段").expect("the rows");
        roads.insert(2, roads[1].clone());
        set(roads, 2, "路线编号", "X9");
    }));
    let Some(Given::Rows(before)) = held[0].given.get("roads") else { unreachable!("rows") };
    let laid = found.documents[0].over(&form, &held[0].given);
    let Some(Given::Rows(rows)) = laid.given.get("roads") else { unreachable!("rows") };
    let copy = |code: &str| {
        let cells = before[0].cells.clone().into_iter().chain([("code".to_owned(), code.to_owned())]).collect();
        GivenRow { id: "n1".to_owned(), cells }
    };
    assert_eq!(rows, &[before[0].clone(), copy("X9"), before[1].clone()]);
    assert_eq!(found.documents[0].over(&form, &laid.given).given, laid.given);
}

/// What would not be read when it comes back is not written: a table with more rows than are read, a form with more
/// columns, a file that is larger.
#[test]
fn too_large() {
    let mut many = document("a", "2026Q3", &values(&[], Vec::new()));
    let row = || road("r1", &[("code", "X9")]);
    many.given.insert("roads".to_owned(), Given::Rows(std::iter::repeat_with(row).take(200_000).collect()));
    let refused = |form: &Definition, document: &Document, largest: usize| {
        let line = DocumentLine { document, keeper: "320581", state: "草稿", version: "0123456789abcdef01" };
        let view = DocumentsView { definition: form, periods: &[], lines: &[line] };
        write(&view, largest).expect("it can be written").expect_err("it is too large")
    };
    let told = refused(&form(), &many, LARGEST);
    assert_eq!(told, TooLarge::Lines("路段".to_owned()));
    assert!(told.say(Lang::Zh).contains("199999 行"), "{told:?}");
    let mut wide = form();
    wide.fields.extend((0..200).map(|at| Field::new(&format!("f{at}"), &format!("列{at}"), Kind::Line)));
    assert_eq!(refused(&wide, &held()[0], LARGEST), TooLarge::Columns("数据".to_owned()));
    assert_eq!(refused(&form(), &held()[0], 1_000), TooLarge::File);
}

/// A column that the form does not have, one that is there twice, and a row of no document are told where they stand;
/// another form's file and a formula are refused.
#[test]
fn what_cannot_be_told() {
    let bytes = written(&held());
    let found = back(&changed(&bytes, |sheets| {
        let documents = sheets.get_mut(DATA_SHEET).expect("the documents");
        let end = documents[0].len();
        documents[0].extend(["本季下达资金（元）".to_owned(), "核查日期".to_owned()]);
        documents[1].resize(end + 3, String::new());
        documents[1][end + 2] = "?".to_owned();
        set(sheets.get_mut("路段").expect("the rows"), 1, "单据编号", "c");
        sheets.insert("另一张".to_owned(), vec![vec!["合计".to_owned()]]);
        sheets.insert("空白".to_owned(), Vec::new());
    }));
    assert_eq!(found.unread, ["另一张"]);
    let told: Vec<(usize, u64, &str)> =
        found.faults.kept().iter().map(|it| (it.sheet, it.line, it.found.as_str())).collect();
    assert_eq!(told, [(0, 1, "本季下达资金（元）"), (0, 1, "核查日期"), (0, 2, "?"), (1, 2, "")]);

    let other = Definition { code: "bridges".to_owned(), ..form() };
    let refused = read(NAME, &bytes, &other).expect_err("another form's").say(Lang::Zh);
    assert!(refused.contains("另一张表单（编码 roads_quarter）"), "{refused}");
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.write_string(0, 0, "期间").expect("a cell");
    page.write_formula(1, 0, Formula::new("=1+1")).expect("a cell");
    let formula = workbook.save_to_buffer().expect("a workbook");
    assert!(read(NAME, &formula, &form()).expect_err("computed").say(Lang::Zh).contains("公式"));
    let mut below = Workbook::new();
    let page = below.add_worksheet().set_name(DATA_SHEET).expect("a name");
    for (row, column, text) in [(2, 0, "期间"), (2, 1, "颜色"), (3, 0, "2026Q3")] {
        page.write_string(row, column, text).expect("a cell");
    }
    let found = back(&below.save_to_buffer().expect("a workbook"));
    let faults: Vec<u64> = found.faults.kept().iter().map(|fault| fault.line).collect();
    assert_eq!((faults.as_slice(), found.sheets[0].head), (&[3][..], 3), "the heads stand on the third line");
    let csv = read("a.csv", "期间,是否核查\n2026Q3,是\n".as_bytes(), &form()).expect("a table");
    assert_eq!((csv.documents.len(), csv.documents[0].rows.len(), csv.faults.all()), (1, 0, 0));
}
