//! 批量导入单据: a workbook of a form's documents goes out and comes back; what was changed in it is shown and written
//! once confirmed, and what somebody else has changed or closed meanwhile is left alone.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Formula, Workbook};
use tongpin_console::workbook::{Book, DATA_SHEET, REMARKS};
use tongpin_domain::form::{DOCUMENT, Document, Given};
use tongpin_store::Keys;

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use crate::ops::forms::importing;
use crate::ops::forms::{self, Worker};
use crate::ops::ground::row;

pub(super) const FORM: &str = r#"{"code":"roads","title":"路况表","english":"Roads","subject":{"of":"unit","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"kind","title":"类别","kind":"one_of","choices":[{"code":"a","text":"新建"},{"code":"b","text":"改建"}]},
    {"name":"checked_by","title":"县级核定","kind":"line","level":"county"},
    {"name":"clerk","title":"填报人","kind":"person","personal":true},
    {"name":"parts","title":"路段","kind":"rows","fields":[
        {"name":"km","title":"里程","kind":"decimal","unit":"公里"},{"name":"note","title":"备注","kind":"line"}]},
    {"name":"length","title":"总里程","kind":"decimal","derived":{"total":"parts.km"}}],
    "layout":{"money":"wan"}}"#;

/// What tells the document of a unit from others.
pub(super) fn id(unit: &str) -> String {
    let digest = tongpin_domain::digest::Digest::of_parts([unit.as_bytes(), b"2026Q3"]).to_string();
    format!("2026q3-{}", &digest[..12])
}

pub(super) fn document(unit: &str, state: &str, issued: &str) -> tongpin_store::RecordRow {
    let id = id(unit);
    let body = format!(
        r#"{{"form":"roads","publisher":"320500","release":1,"id":"{id}","subject":"{unit}","subject_name":"{unit}",
            "period":"2026Q3","version":1,"turn":0,"state":"{state}","given":{{"issued":"{issued}","kind":"a","clerk":"张三",
            "parts":[{{"id":"r1","cells":{{"km":"12.50"}}}},{{"id":"r2","cells":{{"km":"3.00","note":"桥"}}}}]}},
            "derived":{{"length":"15.50"}},"changed_at":1}}"#
    );
    row(DOCUMENT, &format!("roads/{id}"), Ok(body))
}

/// Three documents: of 甲 and 丙 drafts, that of 乙 waits for approval.
pub(super) async fn ground() -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FORM, 1).await;
    let all = [("甲站", "draft", "10000.00"), ("乙站", "review", "20000.00"), ("丙站", "draft", "30000.00")];
    ground.desk.put(&all.map(|(unit, state, issued)| document(unit, state, issued))).await;
    ground
}

pub(super) async fn held(ground: &Ground, unit: &str) -> Option<Document> {
    let key = format!("roads/{}", id(unit));
    let found = ground.desk.store.records_at(DOCUMENT, Keys::One(&key)).await.expect("readable");
    found.first().map(|record| serde_json::from_str(&record.body).expect("a document"))
}

pub(super) async fn issued(ground: &Ground, unit: &str) -> Option<Given> {
    held(ground, unit).await?.given.get("issued").cloned()
}

/// A workbook with some cells changed, as another program saves it: sheet, row, what stands above the column, text.
pub(super) fn changed(bytes: &[u8], cells: &[(&str, u32, &str, &str)]) -> Vec<u8> {
    let mut book = Book::open("f", bytes).expect("a workbook");
    let mut workbook = Workbook::new();
    for (name, _) in book.sheets() {
        let mut rows = book.cells(&name).expect("a sheet").rows;
        for (_, row, head, text) in cells.iter().filter(|(sheet, ..)| *sheet == name) {
            let heads = rows.get(&0).expect("heads").clone();
            let at = heads.iter().position(|it| it.trim_start_matches('*') == *head);
            let at = at.unwrap_or_else(|| unreachable!("{head} is not in {heads:?}"));
            let cells = rows.entry(*row).or_default();
            cells.resize(cells.len().max(at + 1), String::new());
            (*text).clone_into(&mut cells[at]);
        }
        let page = workbook.add_worksheet().set_name(&name).expect("a name");
        for (row, cells) in &rows {
            for (column, text) in (0u16..).zip(cells).filter(|(_, text)| !text.is_empty()) {
                page.write_string(*row, column, text).expect("a cell");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

/// The row of a unit among the documents of a workbook.
pub(super) fn row_of(bytes: &[u8], unit: &str) -> u32 {
    let cells = Book::open("f", bytes).expect("a workbook").cells(DATA_SHEET).expect("the documents");
    let found = cells.rows.iter().find(|(_, cells)| cells[0] == unit);
    *found.unwrap_or_else(|| unreachable!("{unit}: {cells:?}")).0
}

pub(super) const IMPORT: &str = "/forms/roads/import";
pub(super) const ISSUED: &str = "下达资金（万元）";

pub(super) async fn upload(reader: &Reader, file: &[u8]) -> Shown {
    let sent = reader.upload(IMPORT, &[], ("表.xlsx", file)).await;
    if sent.status == 303 { reader.get(&sent.location).await } else { sent }
}

pub(super) async fn confirm(reader: &Reader, preview: &Shown) -> Shown {
    let (file, effect) = (hidden(&preview.text, "file"), hidden(&preview.text, "effect"));
    reader.post(&format!("{IMPORT}/confirm"), &[("file", &file), ("effect", &effect)]).await
}

/// What was downloaded comes back unchanged, the list's filter says what is in it, and an empty template holds nothing.
/// Only who enters may.
#[tokio::test]
async fn there_and_back() {
    let ground = ground().await;
    let (enters, reads) = (ground.reader("enter").await, ground.reader("read").await);
    let list = enters.get("/forms/roads?state=draft").await.text;
    assert!(list.contains("href=\"/forms/roads/import?state=draft\"") && list.contains("下载模板"), "{list}");
    let page = enters.get("/forms/roads/import?state=draft").await.text;
    assert!(page.contains("href=\"/forms/roads/data.xlsx?state=draft\""), "{page}");
    for (address, said) in [
        ("/forms/roads/data.xlsx", "没有变更：文件中的行在下载后没有改过，或与系统中的相同"),
        ("/forms/roads/template.xlsx", "文件中没有单据"),
    ] {
        let file = enters.file(address).await;
        let shown = upload(&enters, &file).await;
        assert!(shown.status == 200 && shown.text.contains(said), "{}", shown.text);
        assert!(!shown.text.contains("确认导入"));
    }
    let some = enters.file("/forms/roads/data.xlsx?state=review").await;
    let rows = Book::open("f", &some).expect("a workbook").cells(DATA_SHEET).expect("the documents").rows;
    assert_eq!((rows.len(), rows[&1][0].as_str()), (2, "乙站"));
    let logged = ground.logged("document_export").await;
    assert!(logged.iter().any(|(_, _, detail)| detail == "路况表，导入表，1 份"), "{logged:?}");
    for address in [IMPORT, "/forms/roads/data.xlsx", "/forms/roads/template.xlsx"] {
        assert_eq!(reads.get(address).await.status, 403, "{address}");
    }
    assert!(!reads.get("/forms/roads").await.text.contains("批量导入"));
    assert_eq!(enters.get(&format!("{IMPORT}/confirm")).await.location, IMPORT);
    let blank = enters.upload(IMPORT, &[], ("", b"")).await;
    assert!(blank.status == 422 && blank.text.contains("aria-invalid=\"true\""), "{}", blank.text);
}

/// A changed cell, a row more and a new line are shown before and after, and written once confirmed, as drafts and by
/// whoever confirmed; nothing else is touched, and what is personal stays.
#[tokio::test]
async fn changes_are_confirmed() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let file = enters.file("/forms/roads/data.xlsx").await;
    let (first, last) = (row_of(&file, "甲站"), 4);
    let file = changed(
        &file,
        &[
            (DATA_SHEET, first, ISSUED, "1.5"),
            (DATA_SHEET, first, "类别", ""),
            (DATA_SHEET, last, "单位", "丁站"),
            (DATA_SHEET, last, "期间", "2026Q3"),
            (DATA_SHEET, last, ISSUED, "7"),
            ("路段", 7, "单据编号", &id("甲站")),
            ("路段", 7, "填报单位代码", "320581"),
            ("路段", 7, "里程（公里）", "2"),
            ("路段", 8, "单位", "丁站"),
            ("路段", 8, "期间", "2026Q3"),
            ("路段", 8, "备注", "新路"),
        ],
    );
    let preview = upload(&enters, &file).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    for said in [
        "检查通过，确认后将：新增 1，修改 1，未变 2，不能导入 0，冲突 0",
        "下达资金（万元）：1 → 1.5",
        "类别：新建 → （空）",
        "路段第 3 行 里程（公里）：（空） → 2",
        "丁站 2026年第3季度",
    ] {
        assert!(preview.text.contains(said), "{said} is not in {}", preview.text);
    }
    assert_eq!(issued(&ground, "甲站").await, Some(Given::One("10000.00".into())), "a preview changes nothing");
    let done = confirm(&enters, &preview).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/forms/roads"), "{}", done.text);
    assert!(enters.get("/forms/roads").await.text.contains("已导入：新增 1，修改 1，未变 2"));
    let now = held(&ground, "甲站").await.expect("there");
    assert_eq!(now.given["issued"], Given::One("15000.00".into()));
    assert!(!now.given.contains_key("kind") && now.given["clerk"] == Given::One("张三".into()));
    assert_eq!((now.state.as_str(), now.filled_by.as_slice()), ("draft", &["id of enter".to_owned()][..]));
    assert_eq!(now.derived["length"], "17.50");
    let begun = held(&ground, "丁站").await.expect("it has begun");
    assert_eq!((begun.state.as_str(), &begun.given["issued"]), ("draft", &Given::One("70000.00".into())));
    let logged = ground.logged("document_import").await;
    assert_eq!(logged[0].2, "表.xlsx，路况表：新增 1，修改 1，未变 2，不能导入 0，冲突 0");
    // The same file once more: what it brought is there already.
    let again = upload(&enters, &file).await;
    assert!(again.text.contains("没有变更：文件中的行在下载后没有改过，或与系统中的相同"), "{}", again.text);
    assert_eq!(confirm(&enters, &preview).await.status, 409, "it waits no more");
}

/// What somebody else has changed since the file was written is a conflict, shown with both values and not
/// overwritten; a closed document, another's, and one that is gone are refused at their lines, and the rest is taken.
#[tokio::test]
async fn left_alone() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    ground.desk.put(&[document("戊站", "draft", "1.00")]).await;
    let file = enters.file("/forms/roads/data.xlsx").await;
    ground.desk.put(&[document("甲站", "draft", "90000.00")]).await;
    let untouched = upload(&enters, &file).await;
    assert!(untouched.text.contains("没有变更：文件中的行在下载后没有改过，或与系统中的相同"), "{}", untouched.text);
    let gone = tongpin_store::RecordRow { body: None, ..document("戊站", "draft", "") };
    ground.desk.put(&[gone]).await;
    let at = |unit| row_of(&file, unit);
    let file = changed(
        &file,
        &[
            (DATA_SHEET, at("甲站"), ISSUED, "1.5"),
            (DATA_SHEET, at("乙站"), ISSUED, "2.5"),
            (DATA_SHEET, at("丙站"), ISSUED, "3.5"),
            (DATA_SHEET, at("戊站"), ISSUED, "4.5"),
            (DATA_SHEET, 5, "单位", "己站"),
            (DATA_SHEET, 5, "期间", "2026年"),
            (DATA_SHEET, 6, "单位", "庚站"),
            (DATA_SHEET, 6, "期间", "2026Q3"),
            (DATA_SHEET, 6, "县级核定", "同意"),
            (DATA_SHEET, 7, "单位", "辛站"),
            (DATA_SHEET, 7, "期间", "2026Q3"),
            (DATA_SHEET, 7, "填报单位代码", "320582"),
        ],
    );
    let preview = upload(&enters, &file).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    for said in [
        "新增 0，修改 1，未变 0，不能导入 5，冲突 1",
        "导出之后已有他人修改或办理此单据",
        "下达资金（万元）：9 → 1.5",
        "单据现为“财政审核”，不能修改",
        "没有这份单据（已作废",
        "期间“2026年”不对",
        "“县级核定”现在不由本级填写",
        "填报单位代码“320582”不是本单位",
    ] {
        assert!(preview.text.contains(said), "{said} is not in {}", preview.text);
    }
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let sums = [("甲站", "90000.00"), ("乙站", "20000.00"), ("丙站", "35000.00")];
    for (unit, sum) in sums {
        assert_eq!(issued(&ground, unit).await, Some(Given::One(sum.into())), "{unit}");
    }
    for unit in ["戊站", "庚站", "辛站"] {
        assert_eq!(held(&ground, unit).await, None, "{unit}");
    }
}

/// Cells that cannot be read are named and keep the whole file back; it comes back marked on each sheet and is taken
/// once corrected. Unknown columns are named, another form's file and formulas are refused.
#[tokio::test]
async fn wrong_cells_come_back_marked() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let whole = enters.file("/forms/roads/data.xlsx").await;
    let at = row_of(&whole, "甲站");
    let parts = Book::open("f", &whole).expect("a workbook").cells("路段").expect("rows").rows;
    let part = *parts.iter().find(|(_, cells)| cells.contains(&id("甲站"))).expect("a row").0;
    let wrong = [
        (DATA_SHEET, at, ISSUED, "约3"),
        (DATA_SHEET, row_of(&whole, "丙站"), ISSUED, "4"),
        ("路段", part, "里程（公里）", "很长"),
    ];
    let shown = upload(&enters, &changed(&whole, &wrong)).await;
    assert!(shown.status == 422 && !shown.text.contains("确认导入"), "{}", shown.text);
    for said in ["有 2 处问题", "约3", "不是一个确定的数", "路段!", "很长"] {
        assert!(shown.text.contains(said), "{said} is not in {}", shown.text);
    }
    let link = shown.text.split("href=\"").find(|part| part.contains("/marked.xlsx\"")).expect("a way to it");
    let marked = enters.file(link.split('"').next().expect("an address")).await;
    let mut book = Book::open("f", &marked).expect("a workbook");
    for (sheet, row) in [(DATA_SHEET, at), ("路段", part)] {
        let cells = book.cells(sheet).expect("a sheet").rows;
        assert_eq!(cells[&0].last().map(String::as_str), Some(REMARKS), "{sheet}");
        assert!(cells[&row].last().is_some_and(|said| said.contains("不是一个确定的数")), "{sheet}: {cells:?}");
    }
    let right = [(DATA_SHEET, at, ISSUED, "3"), ("路段", part, "里程（公里）", "9")];
    let shown = upload(&enters, &changed(&marked, &right)).await;
    assert!(shown.status == 200 && shown.text.contains("新增 0，修改 2，未变 1"), "{}", shown.text);

    let unknown = upload(&enters, "单位,期间,颜色\n壬站,2026Q3,红\n".as_bytes()).await;
    assert!(unknown.status == 422 && unknown.text.contains("本表没有此列") && unknown.text.contains("颜色"));
    ground.desk.publish("forms", "bridges", &FORM.replace("\"roads\"", "\"bridges\""), 2).await;
    let other = enters.file("/forms/bridges/template.xlsx").await;
    let shown = upload(&enters, &other).await;
    assert!(shown.status == 422 && shown.text.contains("另一张表单（编码 bridges）"), "{}", shown.text);
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.write_string(0, 0, "单位").expect("a cell");
    page.write_formula(1, 0, Formula::new("=1+1")).expect("a cell");
    let shown = upload(&enters, &workbook.save_to_buffer().expect("a workbook")).await;
    assert!(shown.status == 422 && shown.text.contains("公式"), "{}", shown.text);
}

/// Who confirms has seen what is written: if a document changes before, nothing is written and the new preview is
/// shown; if it changes at the very moment, nothing is written either, of none of the documents.
#[tokio::test]
async fn all_or_nothing() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let file = enters.file("/forms/roads/data.xlsx").await;
    let both = [(DATA_SHEET, row_of(&file, "甲站"), ISSUED, "5"), (DATA_SHEET, row_of(&file, "丙站"), ISSUED, "6")];
    let file = changed(&file, &both);
    let preview = upload(&enters, &file).await;
    assert!(preview.text.contains("修改 2"), "{}", preview.text);
    let form = forms::find(&ground.desk.store, "roads").await.expect("readable").expect("published");
    let person = tongpin_store::Person::named("经办");
    let by = Worker { person, duties: Vec::new(), alone: false };
    let look = importing::Look::first(&by, tongpin_domain::lang::Lang::Zh);
    let plan = importing::examine(&ground.app, form, "表.xlsx", file, &look).await.expect("a plan");
    ground.desk.put(&[document("丙站", "draft", "40000.00")]).await;
    assert!(plan.write(&ground.app).await.is_err());
    assert_eq!(issued(&ground, "甲站").await, Some(Given::One("10000.00".into())));
    let stopped = confirm(&enters, &preview).await;
    assert!(stopped.status == 409 && stopped.text.contains("在您查看之后"), "{}", stopped.text);
    assert!(stopped.text.contains("修改 1，未变 1，不能导入 0，冲突 1"), "{}", stopped.text);
    assert_eq!(confirm(&enters, &stopped).await.status, 303);
    assert_eq!(issued(&ground, "甲站").await, Some(Given::One("50000.00".into())));
    assert_eq!(issued(&ground, "丙站").await, Some(Given::One("40000.00".into())));
    let none: BTreeMap<String, Given> = BTreeMap::new();
    assert_ne!(held(&ground, "丙站").await.expect("there").given, none);
}
