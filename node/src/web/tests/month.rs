//! Reporting by month at a township: exact, repeatable, never over somebody else, and evidence that stays whole. The
//! clock of the ground stands at 15 January 2027.

use tongpin_domain::digest::Digest;
use tongpin_domain::observation::{OBSERVATION, Observation};
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_store::{Put, RECORDS, RecordRow};

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use crate::ops::ground::code;
use crate::records::{self, HeldProject};

pub(super) const PDF: (&str, &[u8]) = ("现场.pdf", b"%PDF-1.4 a page");
pub(super) const NO_FILE: (&str, &[u8]) = ("", b"");
const NOVEMBER: &str = "/month/T1?month=2026-11";

/// A township with one project of 1,000,000 yuan, of which 200,000 are spent, and two lines.
pub(super) async fn township() -> Ground {
    let ground = Ground::of("320581101", "320581").await;
    let project = r#"{"project_code":"T1","project_name":"卫生院改造<script>alert(1)</script>","fiscal_year":2026,
        "region_code":"320581101","budget_adjusted":"1000000","executed":"200000"}"#;
    let line = |seq: u8| {
        let body = format!(
            r#"{{"project_code":"T1","seq":{seq},"name":"改造面积","nature":"≥","unit":"平方米","target":"300","actual":"11","weight":"45","rule_type":"PROP_UP"}}"#
        );
        RecordRow { kind: PROJECT_INDICATOR.into(), key: format!("T1/00{seq}"), body: Some(body) }
    };
    let rows = [RecordRow { kind: PROJECT.into(), key: "T1".into(), body: Some(project.into()) }, line(1), line(2)];
    let own = code("320581101");
    let put = Put { own: &own, records: &rows, at: ground.app.site.now(), log: true };
    ground.desk.store.put_records(&put).await.expect("writable");
    ground
}

pub(super) async fn project(ground: &Ground) -> HeldProject {
    records::one(&ground.desk.store, "T1").await.expect("readable").expect("held")
}

pub(super) async fn observation(ground: &Ground, key: &str) -> Observation {
    let record = ground.desk.store.record(OBSERVATION, key).await.expect("readable").expect(key);
    serde_json::from_str(&record.body).expect("an observation")
}

/// Fills in November as it is now and sends it.
pub(super) async fn report(reader: &Reader, fields: &[(&str, &str)], file: (&str, &[u8])) -> Shown {
    let version = hidden(&reader.get(NOVEMBER).await.text, "version");
    let head = [("month", "2026-11"), ("version", version.as_str())];
    reader.upload("/month/T1", &[&head[..], fields].concat(), file).await
}

/// A month's spending raises what was spent in the year to the fen, the values become the lines' actuals, and saving
/// the same again writes nothing. The page tells what has reached the county.
#[tokio::test]
async fn a_month_is_reported_once() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let first = enters.get("/month").await.text;
    assert!(first.contains("2026 年 12 月") && first.contains("未报，去填报") && first.contains("已报 0 / 1 个项目"));
    assert!(first.contains("不通") && first.contains("填报照常保存"));
    let fields = [("opening", "200000"), ("spent", "1.234567万"), ("actual-1", "４０"), ("note", "第一期<b>")];
    let saved = report(&enters, &fields, NO_FILE).await;
    assert_eq!((saved.status, saved.location.as_str()), (303, "/month?month=2026-11&saved=T1"), "{}", saved.text);
    let held = project(&ground).await;
    assert_eq!(held.project.money.executed.raw(), "212345.67");
    assert_eq!(held.lines.iter().map(|line| line.actual.raw()).collect::<Vec<_>>(), ["４０", "11"]);
    let kept = observation(&ground, "T1/2026-11").await;
    assert_eq!((kept.spent.raw(), kept.reported_by.as_str()), ("1.234567万", "enter（enter）"));
    assert_eq!(observation(&ground, "T1/2026-00").await.spent.raw(), "200000");
    // Opening and month, the project and one of its lines, after the three that were there.
    assert_eq!(ground.desk.store.outbox_last(RECORDS).await.expect("readable"), 7);
    let due = "2026-11：支出 1.234567万 元，期初 200000 元，佐证材料 0 件";
    assert_eq!(ground.logged("month_report").await, [("enter".into(), "T1".into(), due.into())]);

    let again = report(&enters, &fields, NO_FILE).await;
    assert_eq!(again.status, 303);
    assert_eq!(ground.desk.store.outbox_last(RECORDS).await.expect("readable"), 7);
    assert_eq!(observation(&ground, "T1/2026-11").await, kept);

    let page = enters.get(&saved.location).await.text;
    // Only the choice of the language leads back to the same.
    assert!(page.matches("saved=").count() == 1 && !page.contains("name=\"saved\""), "it is told once: {page}");
    assert!(page.contains("已保存") && page.contains("待发送（线路恢复后自动发送）") && page.contains("7 条变更"));
    // 212,345.67 of 1,000,000 are 21.23 %; over 11/12 of the year 23.16 %.
    assert!(page.contains("红灯") && page.contains("23.2 %") && page.contains("第 1 版（320500）"), "{page}");
    ground.desk.store.mark_acked(RECORDS, 7, ground.app.site.now()).await.expect("writable");
    let page = enters.get("/month?month=2026-11").await.text;
    assert!(page.contains("已送达县级") && !page.contains("待发送（"));
    let form = enters.get(NOVEMBER).await.text;
    assert!(form.contains("= 期初 200,000.00 + 11 月 12,345.67") && form.contains("value=\"４０\""));
    assert!(form.contains("第一期&lt;b&gt;") && form.contains("&lt;script&gt;alert(1)") && !form.contains("<script>a"));
    // A later month is reported before: its value counts, and the sum is of both.
    let version = hidden(&enters.get("/month/T1?month=2026-10").await.text, "version");
    let october = [("month", "2026-10"), ("version", version.as_str()), ("opening", "200000"), ("spent", "0.03")];
    let october = [&october[..], &[("actual-1", "25")]].concat();
    assert_eq!(enters.upload("/month/T1", &october, NO_FILE).await.status, 303);
    let held = project(&ground).await;
    assert_eq!((held.project.money.executed.raw(), held.lines[0].actual.raw()), ("212345.70", "４０"));
}

/// The month's list is narrowed, sorted and exported: amounts with their thousands marked on the page, and plain in the
/// file, which is noted. What was saved leads to the next project that is not reported.
#[tokio::test]
async fn the_list_of_a_month() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let more = [("T2", "敬老院", 2026, "50000"), ("T3", "旧账", 2025, "1"), ("T4", "敬老院二期", 2026, "9000")];
    let more = more.map(|(key, name, year, budget)| {
        let body = format!(
            r#"{{"project_code":"{key}","project_name":"{name}","fiscal_year":{year},"region_code":"320581101","budget_adjusted":"{budget}"}}"#
        );
        RecordRow { kind: PROJECT.into(), key: key.into(), body: Some(body) }
    });
    let own = code("320581101");
    let put = Put { own: &own, records: &more, at: ground.app.site.now(), log: true };
    ground.desk.store.put_records(&put).await.expect("writable");
    let saved = report(&enters, &[("opening", "200000"), ("spent", "1234.5")], NO_FILE).await;
    let page = enters.get(&saved.location).await.text;
    assert!(page.contains("填报下一个：敬老院<") && page.contains("已报 1 / 3 个项目"), "{page}");
    let list = async |asked: &str| {
        let page = enters.get(&format!("/month?month=2026-11{asked}")).await.text;
        let names = ["卫生院改造", "敬老院<", "敬老院二期", "旧账"];
        let table = page.split("<tbody>").nth(1).unwrap_or_default().split("</tbody>").next().unwrap_or_default();
        let mut found: Vec<_> = names.iter().filter_map(|name| Some((table.find(name)?, *name))).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    // Each filter can be taken away by itself, the month stays, and what was saved is told once.
    let shown = enters.get(&format!("{}&state=open&q=x", saved.location)).await.text;
    for way in [
        "href=\"?month=2026-11&amp;q=x\" aria-label=\"去掉条件 状态：未报\"",
        "href=\"?month=2026-11\">清除全部条件",
        "href=\"?state=open&amp;q=x&amp;month=2026-10\">上个月",
    ] {
        assert!(shown.contains(way), "{way} is not in {shown}");
    }
    assert_eq!(list("").await, ["卫生院改造", "敬老院<", "敬老院二期"]);
    assert_eq!(list("&state=open").await, ["敬老院<", "敬老院二期"]);
    assert_eq!(list("&state=done").await, ["卫生院改造"]);
    assert_eq!(list("&q=%E6%95%AC%E8%80%81%E9%99%A2+t4").await, ["敬老院二期"]);
    assert_eq!(list("&sort=budget").await, ["敬老院二期", "敬老院<", "卫生院改造"]);
    assert_eq!(list("&sort=-state").await, ["卫生院改造", "敬老院<", "敬老院二期"]);
    assert!(page.contains(">1,234.50</td>") && page.contains(">1,000,000.00</td>"), "{page}");
    let file = enters.get("/month?month=2026-11&sort=-budget&format=csv&column=spent&column=budget&column=code").await;
    let lines: Vec<&str> = file.text.lines().skip(1).collect();
    assert_eq!(lines[0].rsplit(',').take(3).collect::<Vec<_>>(), ["T1", "1000000.00", "1234.50"]);
    assert_eq!(lines[1..], ["敬老院,—,50000.00,T2", "敬老院二期,—,9000.00,T4"]);
    assert_eq!(ground.logged("project_export").await, [("enter".into(), String::new(), "2026-11，3 个项目".into())]);
}

/// What is wrong is said at its field and everything typed stays; nothing was saved.
#[tokio::test]
async fn what_is_wrong_is_said() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    for (spent, opening, note, said) in [
        ("", "200000", "", "空着不等于 0"),
        ("约三万", "200000", "", "应为以元为单位的一个金额"),
        ("1.001", "200000", "", "小数多于 2 位"),
        ("-1", "200000", "", "退回或冲销的原因"),
        ("-1", "0", "退回", "不能是负数"),
        ("1", "-5", "", "期初不能是负数"),
        ("1", "", "", "空着不等于 0"),
    ] {
        let fields = [("opening", opening), ("spent", spent), ("actual-2", "保留我"), ("note", note)];
        let answer = report(&enters, &fields, NO_FILE).await;
        assert_eq!(answer.status, 422, "{spent} {opening}");
        assert!(answer.text.contains(said) && answer.text.contains("value=\"保留我\""), "{spent} {opening}");
    }
    let fields = [("opening", "200000"), ("spent", "5")];
    for (file, said) in [
        (("病毒.exe", &b"MZ"[..]), "不是可用的文件"),
        (("图.svg", b"<svg onload=alert(1)>"), "不是可用的文件"),
        (("照片.jpg", b"%PDF-1.4"), "内容与扩展名不符"),
    ] {
        let answer = report(&enters, &fields, file).await;
        assert!(answer.status == 422 && answer.text.contains(said) && answer.text.contains("value=\"5\""), "{file:?}");
    }
    assert!(ground.desk.store.records(OBSERVATION, None).await.expect("readable").is_empty());
    assert!(ground.logged("month_report").await.is_empty());
    for address in ["/month/T1?month=2027-02", "/month/T1?month=2025-12", "/month/T1?month=x"] {
        assert_eq!(enters.get(address).await.status, 422, "{address}");
    }
    assert_eq!(enters.get("/month/none").await.status, 404);
}

/// Two make their pages from the same project: the second is told, sees what the first saved, keeps what was typed,
/// and may save on top.
#[tokio::test]
async fn never_over_somebody_else() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let version = hidden(&enters.get(NOVEMBER).await.text, "version");
    assert_eq!(report(&enters, &[("opening", "200000"), ("spent", "11.11")], NO_FILE).await.status, 303);
    let mine = [("month", "2026-11"), ("version", version.as_str()), ("opening", "200000"), ("spent", "22.22")];
    let told = enters.upload("/month/T1", &mine, NO_FILE).await;
    assert!(told.status == 409 && told.text.contains("已有他人保存"), "{}", told.text);
    assert!(told.text.contains("value=\"22.22\"") && told.text.contains(">11.11<"));
    assert_eq!(observation(&ground, "T1/2026-11").await.spent.raw(), "11.11");
    let fresh = hidden(&told.text, "version");
    let mine = [("month", "2026-11"), ("version", fresh.as_str()), ("opening", "200000"), ("spent", "22.22")];
    assert_eq!(enters.upload("/month/T1", &mine, NO_FILE).await.status, 303);
    assert_eq!(project(&ground).await.project.money.executed.raw(), "200022.22");
}

/// Evidence is kept beside the report, named by it and handed out whole; what was changed or lost on the disk is told.
/// A file that came with a wrong form need not be chosen again.
#[tokio::test]
async fn evidence_stays_whole() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let wrong = report(&enters, &[("opening", "200000"), ("spent", "")], PDF).await;
    let digest = Digest::of(PDF.1).to_string();
    let box_value = format!("{digest}/现场.pdf");
    assert!(wrong.status == 422 && wrong.text.contains(&box_value));
    let fields = [("opening", "200000"), ("spent", "5"), ("evidence", box_value.as_str())];
    assert_eq!(report(&enters, &fields, ("另一件.pdf", b"%PDF-2")).await.status, 303);
    let kept = observation(&ground, "T1/2026-11").await.evidence;
    let named: Vec<_> = kept.iter().map(|file| (file.name.as_str(), file.bytes)).collect();
    assert_eq!(named, [("现场.pdf", 15), ("另一件.pdf", 6)]);

    let address = format!("/month/T1/evidence/{digest}");
    assert!(enters.get(NOVEMBER).await.text.contains(&address));
    let file = enters.get(&address).await;
    assert_eq!((file.status, file.text.as_bytes()), (200, PDF.1));
    let head = file.head.to_lowercase();
    assert!(head.contains("content-disposition: attachment") && head.contains("nosniff"), "{head}");
    let path = ground.app.data.join("evidence").join(&digest);
    std::fs::write(&path, "%PDF-1.4 b page").expect("writable");
    let damaged = enters.get(&address).await;
    assert!(damaged.status == 500 && damaged.text.contains("已损坏或被改动"));
    std::fs::remove_file(&path).expect("there");
    let missing = enters.get(&address).await;
    assert!(missing.status == 404 && missing.text.contains("从备份恢复"));
    assert_eq!(ground.logged("evidence_read").await.len(), 3);
    // What no report names is not handed out, whatever lies in the folder.
    let other = Digest::of(b"x").to_string();
    std::fs::write(ground.app.data.join("evidence").join(&other), "x").expect("writable");
    assert_eq!(enters.get(&format!("/month/T1/evidence/{other}")).await.status, 404);
    assert_eq!(enters.get("/month/T1/evidence/..%2f..%2ft.sqlite").await.status, 404);
    // What is unchecked goes from the report.
    assert_eq!(report(&enters, &[("opening", "200000"), ("spent", "5")], NO_FILE).await.status, 303);
    assert!(observation(&ground, "T1/2026-11").await.evidence.is_empty());
}

/// Another figure that was imported meanwhile is not passed over in silence.
#[tokio::test]
async fn another_figure_is_told() {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    assert_eq!(report(&enters, &[("opening", "200000"), ("spent", "5")], NO_FILE).await.status, 303);
    assert!(!enters.get(NOVEMBER).await.text.contains("与按月合计"));
    let mut held = project(&ground).await.project;
    held.money.executed = tongpin_domain::money::Amount::parse("1");
    let body = serde_json::to_string(&held).expect("JSON");
    let rows = [RecordRow { kind: PROJECT.into(), key: "T1".into(), body: Some(body) }];
    let own = code("320581101");
    let put = Put { own: &own, records: &rows, at: ground.app.site.now(), log: true };
    ground.desk.store.put_records(&put).await.expect("writable");
    assert!(enters.get(NOVEMBER).await.text.contains("与按月合计 200,005.00 元不一致"));
}

/// Each level has its own places; who does not do the office's work opens none, and who only reads changes nothing.
#[tokio::test]
async fn who_may() {
    let ground = township().await;
    let audit = ground.reader("audit").await;
    for address in ["/month", "/month/T1", "/month/T1/evidence/x"] {
        assert_eq!(audit.get(address).await.status, 403, "{address}");
    }
    let reader = ground.reader("read").await;
    let form = reader.get(NOVEMBER).await;
    assert!(form.status == 200 && !form.text.contains("name=\"spent\""));
    let fields = [("month", "2026-11"), ("version", ""), ("opening", "0"), ("spent", "1")];
    assert_eq!(reader.upload("/month/T1", &fields, NO_FILE).await.status, 403);
    let menu = reader.get("/month").await.text;
    assert!(menu.contains("href=\"/month\"") && !menu.contains("href=\"/townships\""));
    assert_eq!(reader.get("/townships").await.status, 404);
    let mut forged = ground.reader("enter").await;
    forged.csrf = "guessed".into();
    assert_eq!(forged.upload("/month/T1", &fields, PDF).await.status, 403);
    assert!(!ground.app.data.join("evidence").exists());
    let county = Ground::new().await;
    assert_eq!(county.reader("enter").await.get("/month").await.status, 404);
}
