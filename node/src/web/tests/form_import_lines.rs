//! Shows what becomes of lines that nobody meant as they stand: copied ones, those about another region, heads that the
//! form does not have, and of more of them than a page has.

use rust_xlsxwriter::Workbook;
use tongpin_console::workbook::{Book, DATA_SHEET, REMARKS};
use tongpin_domain::form::Given;

use super::form_import::{FORM, IMPORT, ISSUED, changed, confirm, ground, held, id, issued, row_of, upload};
use super::hidden;

/// The workbook with a line more: one that is there, copied with all that is hidden on it, then changed.
fn copied(bytes: &[u8], from: &str, to: u32, cells: &[(&str, &str)]) -> Vec<u8> {
    let rows = Book::open("f", bytes).expect("a workbook").cells(DATA_SHEET).expect("the documents").rows;
    let heads: Vec<String> = rows[&0].iter().map(|head| head.trim_start_matches('*').to_owned()).collect();
    let mut copy: Vec<(String, String)> = heads.into_iter().zip(rows[&row_of(bytes, from)].clone()).collect();
    for (head, text) in cells {
        let (_, cell) = copy.iter_mut().find(|(name, _)| name == head).expect("a column");
        (*text).clone_into(cell);
    }
    let copy: Vec<(&str, u32, &str, &str)> =
        copy.iter().map(|(head, text)| (DATA_SHEET, to, head.as_str(), text.as_str())).collect();
    changed(bytes, &copy)
}

/// A line that was copied, hidden id and all, is told at its row and at that of the one that it was copied from, and
/// neither is written, whatever either says; without the id it is a new document. A line that is said to be about
/// something else is refused, though it says nothing else that is new.
#[tokio::test]
async fn copied_lines() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let file = enters.file("/forms/roads/data.xlsx").await;
    let at = row_of(&file, "甲站") + 1;
    for cells in [&[("单位", "丁站"), (ISSUED, "5")][..], &[("期间", "2026Q4")], &[(ISSUED, "5")], &[]] {
        let shown = upload(&enters, &copied(&file, "甲站", 4, cells)).await;
        assert_eq!(shown.status, 200, "{cells:?}: {}", shown.text);
        for said in [
            "新增 0，修改 0，未变 2，不能导入 2，冲突 0".to_owned(),
            "与第 5 行是同一份单据".to_owned(),
            format!("与第 {at} 行是同一份单据"),
        ] {
            assert!(shown.text.contains(&said), "{cells:?}: {said} is not in {}", shown.text);
        }
        assert!(!shown.text.contains("确认导入"), "{cells:?}");
    }
    let other = changed(&file, &[(DATA_SHEET, row_of(&file, "甲站"), "单位", "丁站")]);
    let shown = upload(&enters, &other).await;
    for said in ["未变 2，不能导入 1", "单据的对象是“甲站”，不能改为“丁站”", "没有可以导入的行"]
    {
        assert!(shown.text.contains(said), "{said} is not in {}", shown.text);
    }
    let new = copied(&file, "甲站", 4, &[("单位", "丁站"), ("单据编号", ""), (ISSUED, "5")]);
    let shown = upload(&enters, &new).await;
    assert!(shown.text.contains("新增 1，修改 0，未变 3，不能导入 0"), "{}", shown.text);
    assert_eq!(confirm(&enters, &shown).await.status, 303);
    assert_eq!(held(&ground, "丁站").await.expect("it has begun").given["kind"], Given::One("a".into()));
    assert_eq!(issued(&ground, "甲站").await, Some(Given::One("10000.00".into())));
}

/// A row that was copied with its hidden number is a new one, once however often the file comes.
#[tokio::test]
async fn copied_rows() {
    let ground = ground().await;
    let mut enters = ground.reader("enter").await;
    let file = enters.file("/forms/roads/data.xlsx").await;
    let parts = Book::open("f", &file).expect("a workbook").cells("路段").expect("rows").rows;
    let first = parts.values().find(|cells| cells.contains(&id("甲站"))).expect("a row");
    let heads: Vec<&str> = parts[&0].iter().map(|head| head.trim_start_matches('*')).collect();
    let mut copy: Vec<(&str, u32, &str, &str)> =
        heads.iter().zip(first).map(|(head, text)| ("路段", 7, *head, text.as_str())).collect();
    copy.push(("路段", 7, "里程（公里）", "4"));
    let file = changed(&file, &copy);
    let shown = upload(&enters, &file).await;
    assert!(shown.text.contains("修改 1，未变 2") && shown.text.contains("2 行 → 3 行"), "{}", shown.text);
    let chinese = enters.cookie.clone();
    enters.cookie.push_str("; tongpin_lang=en");
    let told = upload(&enters, &file).await.text;
    enters.cookie = chinese;
    assert!(told.contains("2 rows → 3 rows") && told.contains("表.xlsx (Roads)"), "{told}");
    assert!(!told.contains('（') && !told.contains("季度"), "{told}");
    assert_eq!(confirm(&enters, &shown).await.status, 303);
    assert_eq!(held(&ground, "甲站").await.expect("there").derived["length"], "19.50");
    let again = upload(&enters, &file).await;
    assert!(again.text.contains("没有变更"), "{}", again.text);
}

/// A form about the region takes no line about another one for this county's own, whether there is a document already
/// or not; it is told at the cell, which comes back marked.
#[tokio::test]
async fn another_region() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let form = FORM.replace("\"of\":\"unit\"", "\"of\":\"region\"").replace("\"roads\"", "\"areas\"");
    ground.desk.publish("forms", "areas", &form, 2).await;
    let at = "/forms/areas/import";
    let line = |region: &str| format!("2026Q3,{region},5\n");
    let table = |lines: &[&str]| {
        let lines: String = lines.iter().map(|region| line(region)).collect();
        format!("期间,地区代码,下达资金（万元）\n{lines}")
    };
    for (file, said) in [
        (table(&["320582"]), "新增 0，修改 0，未变 0，不能导入 1"),
        (table(&["320581", "320582"]), "新增 1，修改 0，未变 0，不能导入 1"),
        (table(&["320582"]), "新增 0，修改 0，未变 0，不能导入 1"),
    ] {
        let sent = enters.upload(at, &[], ("表.csv", file.as_bytes())).await;
        let shown = enters.get(&sent.location).await;
        assert!(shown.text.contains(said), "{file}: {}", shown.text);
        if shown.text.contains("确认导入") {
            let (file, effect) = (hidden(&shown.text, "file"), hidden(&shown.text, "effect"));
            let done = enters.post(&format!("{at}/confirm"), &[("file", &file), ("effect", &effect)]).await;
            assert_eq!(done.status, 303, "{}", done.text);
            continue;
        }
        for said in ["地区代码“320582”不是本单位", "请改为 320581 或留空", "<td>B2</td>"] {
            assert!(shown.text.contains(said), "{said} is not in {}", shown.text);
        }
        let marked = enters.file(&format!("{}/marked.xlsx", sent.location)).await;
        let cells = Book::open("f", &marked).expect("a workbook").cells(DATA_SHEET).expect("a sheet").rows;
        assert!(cells[&1].last().is_some_and(|said| said.contains("不是本单位")), "{cells:?}");
    }
}

/// A file with nothing wrong but its heads comes back with these marked, and the reasons below them; a sheet that
/// nobody reads is named.
#[tokio::test]
async fn wrong_heads() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let mut workbook = Workbook::new();
    for (name, rows) in [
        (DATA_SHEET, [["单位", "期间", "颜色"], ["丁站", "2026Q3", "红"]]),
        ("路段（旧）", [["单位", "期间", "备注"], ["丁站", "2026Q3", "桥"]]),
    ] {
        let page = workbook.add_worksheet().set_name(name).expect("a name");
        for (row, cells) in (2u32..).zip(rows) {
            for (column, text) in (0u16..).zip(cells) {
                page.write_string(row, column, text).expect("a cell");
            }
        }
    }
    let sent = enters.upload(IMPORT, &[], ("表.xlsx", &workbook.save_to_buffer().expect("a workbook"))).await;
    let shown = enters.get(&sent.location).await;
    for said in ["有 1 处问题，没有写入任何单据", "数据!C3", "没有读入这些工作表：路段（旧）"]
    {
        assert!(shown.text.contains(said), "{said} is not in {}", shown.text);
    }
    let marked = enters.file(&format!("{}/marked.xlsx", sent.location)).await;
    let cells = Book::open("f", &marked).expect("a workbook").cells(DATA_SHEET).expect("a sheet").rows;
    assert_eq!(cells[&2].last().map(String::as_str), Some(REMARKS), "{cells:?}");
    assert!(cells[&3].last().is_some_and(|said| said.starts_with("颜色：本表没有此列")), "{cells:?}");
}

/// Each list of a preview has numbered pages, which tell of every change before and after; the page that says that
/// something has changed meanwhile leads to them.
#[tokio::test]
async fn many_lines() {
    let ground = ground().await;
    let enters = ground.reader("enter").await;
    let line = |number: usize, sum: &str| format!("站{number:03},2026Q3,{sum}\n");
    let table = |sum: &str| {
        let lines: String = (1..=120).map(|number| line(number, sum)).collect();
        format!("单位,期间,下达资金（万元）\n{lines}")
    };
    let sent = enters.upload(IMPORT, &[], ("表.csv", table("约").as_bytes())).await;
    let shown = enters.get(&sent.location).await.text;
    assert!(shown.contains("有 120 处问题") && shown.contains("共 120 条，第 1–50 条"), "{shown}");
    assert!(shown.contains("C51") && !shown.contains("C52") && shown.contains("?list=faults&amp;page=3"), "{shown}");
    let shown = enters.get(&format!("{}?list=faults&page=3", sent.location)).await.text;
    assert!(shown.contains("C121") && !shown.contains("C101<"), "{shown}");

    let sent = enters.upload(IMPORT, &[], ("表.csv", table("5").as_bytes())).await;
    let third = enters.get(&format!("{}?list=changes&page=3", sent.location)).await;
    assert!(third.text.contains("站120 2026年第3季度") && !third.text.contains("站100"), "{}", third.text);
    let (file, effect) = (hidden(&third.text, "file"), hidden(&third.text, "effect"));
    let otherwise = enters.post(&format!("{IMPORT}/confirm"), &[("file", &file), ("effect", "of another time")]).await;
    assert!(otherwise.status == 409 && otherwise.text.contains("共 120 条，以上为前 50 条"), "{}", otherwise.text);
    assert!(otherwise.text.contains(&format!("href=\"{}\"", sent.location)), "{}", otherwise.text);
    let done = enters.post(&format!("{IMPORT}/confirm"), &[("file", &file), ("effect", &effect)]).await;
    assert_eq!(done.status, 303, "{}", done.text);

    let sent = enters.upload(IMPORT, &[], ("表.csv", table("6").as_bytes())).await;
    let shown = enters.get(&format!("{}?list=conflicts&page=3", sent.location)).await.text;
    assert!(shown.contains("冲突 120") && shown.contains("站120") && !shown.contains("站100"), "{shown}");
    assert_eq!(shown.matches("下达资金（万元）：5 → 6").count(), 20, "{shown}");
}
