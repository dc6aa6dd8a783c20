//! Reports by month as a file: it changes exactly what typing it would, comes back as it went out, and says at its cell
//! what is wrong.

use std::time::Duration;

use tongpin_console::workbook::{self, Heading, TableSheet};
use tongpin_domain::intake::Table;
use tongpin_domain::moment::Moment;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_store::Record;

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use super::month::{NO_FILE, PDF, observation, project, report, township};

/// The heads of a table of months.
const HEADS: [&str; 9] =
    ["项目代码", "项目名称", "年度", "月份", "本月支出（元）", "指标序号", "指标名称", "截至本月完成值", "说明"];
const HEAD: &str = "项目代码,年度,月份,本月支出（元）,指标序号,截至本月完成值,说明\n";
/// One month of one line, as an old spreadsheet saves it: in GBK.
const GBK: &[u8] =
    b"\xcf\xee\xc4\xbf\xb4\xfa\xc2\xeb,\xc4\xea\xb6\xc8,\xd4\xc2\xb7\xdd,\xb1\xbe\xd4\xc2\xd6\xa7\xb3\xf6\
\xa3\xa8\xd4\xaa\xa3\xa9,\xd6\xb8\xb1\xea\xd0\xf2\xba\xc5,\xbd\xd8\xd6\xc1\xb1\xbe\xd4\xc2\xcd\xea\xb3\xc9\xd6\xb5,\
\xcb\xb5\xc3\xf7\nT1,2026,11,1.234567\xcd\xf2,1,\xa3\xb4\xa3\xb0,\xb5\xda\xd2\xbb\xc6\xda<b>\n";
const UNCHANGED: &str = "内容与系统中的完全相同";

async fn upload(reader: &Reader, rows: &str) -> Shown {
    reader.upload("/import", &[], ("月.csv", format!("{HEAD}{rows}").as_bytes())).await
}

async fn confirm(reader: &Reader, preview: &Shown) -> Shown {
    let (file, effect) = (hidden(&preview.text, "file"), hidden(&preview.text, "effect"));
    reader.post("/import/confirm", &[("file", &file), ("effect", &effect)]).await
}

/// Everything that is held of projects, lines and months.
async fn all(ground: &Ground) -> Vec<Record> {
    let mut all = Vec::new();
    for kind in [PROJECT, PROJECT_INDICATOR, OBSERVATION] {
        all.extend(ground.desk.store.records(kind, None).await.expect("readable"));
    }
    // Where a record stands in the log depends on the order of writing alone.
    for record in &mut all {
        record.seq = 0;
    }
    all
}

/// A file in GBK leaves the very records that typing the same into the page of the month leaves, in one step.
#[tokio::test]
async fn as_if_it_was_typed() {
    let (typed, imported) = (township().await, township().await);
    let enters = typed.reader("enter").await;
    let fields = [("opening", "200000"), ("spent", "1.234567万"), ("actual-1", "４０"), ("note", "第一期<b>")];
    assert_eq!(report(&enters, &fields, NO_FILE).await.status, 303);

    let enters = imported.reader("enter").await;
    let before = all(&imported).await;
    let preview = enters.upload("/import", &[], ("月.csv", GBK)).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    for told in [
        "新增 2，修改 0",
        "T1/2026-11",
        "本月支出（元）：（空） → 1.234567万",
        "指标 1 完成值：（空） → ４０",
        "说明：（空） → 第一期&lt;b&gt;",
        "全年执行数：200000 → 212345.67",
        "1. 改造面积 实际完成值：11 → ４０",
        "期初按项目现有的全年执行数 200000 元计入",
    ] {
        assert!(preview.text.contains(told), "{told}: {}", preview.text);
    }
    assert!(!preview.text.contains("reported_by") && !preview.text.contains("changed_at"));
    assert_eq!(all(&imported).await, before, "a preview changes nothing");
    let done = confirm(&enters, &preview).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(enters.get(&done.location).await.text.contains("已导入按月填报：新增 2"));
    assert_eq!(all(&imported).await, all(&typed).await);
    let logged = imported.logged("import").await;
    assert_eq!((logged.len(), logged[0].1.as_str()), (1, "observations"));
    let again = enters.upload("/import", &[], ("月.csv", GBK)).await;
    assert!(again.text.contains(UNCHANGED), "{}", again.text);
}

/// The rows of a workbook that was downloaded.
async fn rows(reader: &Reader, address: &str) -> Table {
    workbook::read("月.xlsx", &reader.file(address).await, &["项目代码"]).expect("a table")
}

/// The same table as a workbook.
fn book(table: &Table) -> Vec<u8> {
    let columns: Vec<Heading<'_>> = table.header.iter().map(|name| Heading { name, number: false }).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.cells.clone()).collect();
    workbook::write_table(&TableSheet { title: "数据", columns: &columns, rows: &rows, open: false })
        .expect("a workbook")
}

/// What goes out comes back as nothing to change. A cell that was edited changes that alone, evidence stays, and a
/// value that was cleared is gone.
#[tokio::test]
async fn out_and_in_again() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let fields = [("opening", "200000"), ("spent", "5.50"), ("actual-1", "约４０"), ("note", "第一行\n第二行")];
    assert_eq!(report(&enters, &fields, PDF).await.status, 303);
    assert!(enters.get("/month?month=2026-11").await.text.contains("/import/data/observations.xlsx?month=2026-11"));
    for address in ["/import/data/observations.xlsx", "/import/data/observations.xlsx?month=2026-11"] {
        let shown = enters.upload("/import", &[], ("月.xlsx", &enters.file(address).await)).await;
        assert!(shown.status == 200 && shown.text.contains(UNCHANGED), "{}", shown.text);
    }
    let mut table = rows(&enters, "/import/data/observations.xlsx").await;
    let seen: Vec<_> = table.rows.iter().map(|row| row.cells[3..8].join("|")).collect();
    assert_eq!(seen, ["期初|200000|||", "11|5.50|1|改造面积|约４０", "11||2|改造面积|"]);
    table.rows[1].cells[4] = "6".into();
    table.rows[1].cells[7] = String::new();
    table.rows[2].cells[7] = "2".into();
    let before = observation(&ground, "T1/2026-11").await;
    let preview = enters.upload("/import", &[], ("月.xlsx", &book(&table))).await;
    assert!(preview.text.contains("新增 0，修改 1，未变 1"), "{}", preview.text);
    assert!(preview.text.contains("指标 1 完成值：约４０ → （空）"), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let after = observation(&ground, "T1/2026-11").await;
    assert_eq!((after.spent.raw(), after.note.as_str()), ("6", "第一行\n第二行"));
    assert_eq!(after.outputs.iter().map(|it| (it.seq, it.value.raw())).collect::<Vec<_>>(), [(2, "2")]);
    assert!(after.evidence == before.evidence && after.evidence.len() == 1);
    let held = project(&ground).await;
    assert_eq!(held.project.money.executed.raw(), "200006.00");
    assert_eq!(held.lines.iter().map(|line| line.actual.raw()).collect::<Vec<_>>(), ["", "2"]);
}

/// A month that is not reported yet goes out with empty lines: left empty they say nothing, filled in they report. An
/// empty template explains itself and offers the months.
#[tokio::test]
async fn laid_out_to_be_filled_in() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let mut table = rows(&enters, "/import/data/observations.xlsx?month=2026-12").await;
    assert_eq!(table.rows.iter().map(|row| row.cells[5].as_str()).collect::<Vec<_>>(), ["1", "2"]);
    let shown = enters.upload("/import", &[], ("月.xlsx", &book(&table))).await;
    assert!(shown.status == 200 && shown.text.contains("文件中没有数据"), "{}", shown.text);
    table.rows[0].cells[4] = "7".into();
    let preview = enters.upload("/import", &[], ("月.xlsx", &book(&table))).await;
    assert_eq!(confirm(&enters, &preview).await.status, 303, "{}", preview.text);
    assert_eq!(observation(&ground, "T1/2026-12").await.spent.raw(), "7");
    let template = enters.file("/import/template/observations.xlsx").await;
    let shown = enters.upload("/import", &[], ("模板.xlsx", &template)).await;
    assert!(shown.status == 200 && shown.text.contains("文件中没有数据"), "{}", shown.text);
    let read = workbook::read("模板.xlsx", &template, &["项目代码"]).expect("a table");
    assert_eq!(read.header, HEADS);
}

/// Each mistake is told at its cell, nothing is offered and nothing is written.
#[tokio::test]
async fn mistakes_are_told() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let before = all(&ground).await;
    let theirs = ground.desk.store.records(PROJECT, None).await.expect("readable");
    let theirs = theirs.iter().find(|record| record.author.as_str() == "320581").expect("the county's").key.clone();
    for (rows, cell, said) in [
        ("T9,2026,11,5,,,\n".to_owned(), ">A2<", "系统中没有这个项目"),
        (format!("{theirs},2024,11,5,,,\n"), ">A2<", "由 320581 登记"),
        ("T1,2025,11,5,,,\n".to_owned(), ">B2<", "2026：此项目的年度"),
        ("T1,2027,1,5,,,\n".to_owned(), ">B2<", "2026：此项目的年度"),
        ("T1,2026,11,五元,,,\n".to_owned(), ">D2<", "以元为单位的一个金额"),
        ("T1,2026,11,,1,40,\n".to_owned(), ">D2<", "空着不等于 0"),
        ("T1,2026,11,-5,,,\n".to_owned(), ">G2<", "退回或冲销的原因"),
        ("T1,2026,期初,-5,,,\nT1,2026,1,5,,,\n".to_owned(), ">D2<", "期初不能是负数"),
        ("T1,2026,11,-300000,,,退回\n".to_owned(), ">D2<", "合计不小于 0"),
        ("T1,2026,11,5,1,40,\nT1,2026,11,6,2,1,\n".to_owned(), ">D3<", "与第 2 行相同的内容"),
        ("T1,2026,11,5,1,40,\nT1,2026,11,,1,41,\n".to_owned(), ">E3<", "第 2 行已有"),
        ("T1,2026,11,5,3,40,\n".to_owned(), ">E2<", "现有的指标序号"),
        ("T1,2026,期初,5,,,\n".to_owned(), ">C2<", "至少一个月的填报"),
    ] {
        let shown = upload(&enters, &rows).await;
        assert_eq!(shown.status, 422, "{rows}");
        assert!(shown.text.contains(cell) && shown.text.contains(said), "{rows}: {}", shown.text);
        assert!(!shown.text.contains("确认导入"), "{rows}");
    }
    // The clock stands in January 2027: a project of this year has one month that has begun.
    let body = r#"{"project_code":"T2","project_name":"新年项目","fiscal_year":2027,"region_code":"320581101","executed":"0"}"#;
    let records = [crate::ops::ground::row(PROJECT, "T2", Ok(body.to_owned()))];
    let own = crate::ops::ground::code("320581101");
    let put = tongpin_store::Put { own: &own, records: &records, at: Moment(1), log: true };
    ground.desk.store.put_records(&put).await.expect("writable");
    let shown = upload(&enters, "T2,2027,2,5,,,\n").await;
    assert!(
        shown.status == 422 && shown.text.contains(">C2<") && shown.text.contains("现在是 2027-01"),
        "{}",
        shown.text
    );
    let preview = upload(&enters, "T2,2027,1月,5,,,\n").await;
    assert!(preview.status == 200 && !preview.text.contains("期初按项目现有"), "{}", preview.text);
    let now = all(&ground).await;
    assert_eq!(now.iter().filter(|record| record.key != "T2").cloned().collect::<Vec<_>>(), before);
}

/// A computed cell is refused by its name; a name that is not that of the number tells of a form that is out of date.
#[tokio::test]
async fn a_form_that_is_out_of_date() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let mut table = rows(&enters, "/import/data/observations.xlsx?month=2026-11").await;
    table.rows[0].cells[4] = "7".into();
    table.rows[1].cells[6] = "别的指标".into();
    let shown = enters.upload("/import", &[], ("月.xlsx", &book(&table))).await;
    assert!(
        shown.status == 422 && shown.text.contains(">G3<") && shown.text.contains("重新下载本表"),
        "{}",
        shown.text
    );
    let mut file = rust_xlsxwriter::Workbook::new();
    let sheet = file.add_worksheet();
    for (at, name) in (0u16..).zip(["项目代码", "年度", "月份", "本月支出（元）"]) {
        sheet.write_string(0, at, name).expect("written");
    }
    sheet.write_string(1, 0, "T1").expect("written").write_formula(1, 3, "=1+2").expect("written");
    let shown = enters.upload("/import", &[], ("月.xlsx", &file.save_to_buffer().expect("a workbook"))).await;
    assert!(shown.status == 422 && shown.text.contains("D2 是公式"), "{}", shown.text);
}

/// If somebody reports the month between preview and confirmation, nothing is written and the new preview is shown.
#[tokio::test]
async fn somebody_else_was_faster() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let preview = upload(&enters, "T1,2026,11,7,,,\n").await;
    assert_eq!(report(&enters, &[("opening", "200000"), ("spent", "5")], NO_FILE).await.status, 303);
    let stopped = confirm(&enters, &preview).await;
    assert!(stopped.status == 409 && stopped.text.contains("本月支出（元）：5 → 7"), "{}", stopped.text);
    assert_eq!(observation(&ground, "T1/2026-11").await.spent.raw(), "5");
    assert_eq!(confirm(&enters, &stopped).await.status, 303);
    assert_eq!(project(&ground).await.project.money.executed.raw(), "200007.00");
}

/// Who only reads neither downloads nor imports.
#[tokio::test]
async fn who_may_import() {
    let ground = township().await;
    let reader = ground.reader("read").await;
    assert_eq!(upload(&reader, "T1,2026,11,7,,,\n").await.status, 403);
    assert_eq!(reader.get("/import/data/observations.xlsx").await.status, 403);
    assert!(!reader.get("/month").await.text.contains("/import/data/observations.xlsx"));
}

/// Another figure came by a file of projects after the months were reported: the same months once more bring the
/// project back in line, which the preview tells and the score follows.
#[tokio::test]
async fn only_the_project_follows() {
    let ground = township().await;
    let (enters, store) = (ground.reader("enter").await, &ground.desk.store);
    let rows = "T1,2026,期初,200000,,,\nT1,2026,11,7,1,40,\n";
    let preview = upload(&enters, rows).await;
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let differs = async |executed: &str| {
        let mut held = project(&ground).await.project;
        held.money.executed = tongpin_domain::money::Amount::parse(executed);
        let records = [crate::ops::ground::row(PROJECT, "T1", serde_json::to_string(&held))];
        let own = crate::ops::ground::code("320581101");
        let put = tongpin_store::Put { own: &own, records: &records, at: Moment(1), log: true };
        store.put_records(&put).await.expect("writable");
    };
    differs("5").await;
    let preview = upload(&enters, rows).await;
    assert!(!preview.text.contains(UNCHANGED), "{}", preview.text);
    for told in ["修改 0，未变 2，删除 0；随之更新 1 个项目", "全年执行数：5 → 200007.00"] {
        assert!(preview.text.contains(told), "{told}: {}", preview.text);
    }
    differs("6").await;
    let stopped = confirm(&enters, &preview).await;
    assert!(stopped.status == 409 && stopped.text.contains("全年执行数：6 → 200007.00"), "{}", stopped.text);
    let done = confirm(&enters, &stopped).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(project(&ground).await.project.money.executed.raw(), "200007.00");
    let told = async {
        while ground.app.rescoring.standing().is_running() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("it ends");
    assert_eq!(store.count_due().await.expect("readable"), 0);
    assert!(upload(&enters, rows).await.text.contains(UNCHANGED));
}

/// What follows is shown of so many projects, and counted of the others.
#[tokio::test]
async fn more_follows_than_is_shown() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let codes: Vec<String> = (0..201).map(|number| format!("N{number:03}")).collect();
    let records: Vec<_> = codes.iter().map(|code| {
        let body = format!(r#"{{"project_code":"{code}","project_name":"n","fiscal_year":2026,"region_code":"320581101","executed":"0"}}"#);
        crate::ops::ground::row(PROJECT, code, Ok(body))
    }).collect();
    let own = crate::ops::ground::code("320581101");
    let put = tongpin_store::Put { own: &own, records: &records, at: Moment(1), log: true };
    ground.desk.store.put_records(&put).await.expect("writable");
    let rows = codes.join(",2026,11,7,,,\n") + ",2026,11,7,,,\n";
    let preview = upload(&enters, &rows).await;
    assert!(preview.text.contains("随之更新 201 个项目") && preview.text.contains("另有 1 个项目"), "{}", preview.text);
    assert!(preview.text.contains("<td>n</td><td><div>全年执行数：0 → 7.00</div>"), "{}", preview.text);
}
