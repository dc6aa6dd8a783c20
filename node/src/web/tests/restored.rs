//! After a database was restored: what the parent holds is shown, taken back or settled with one click on either side,
//! and entered into the log; nothing is reported by itself before.

use tongpin_domain::moment::Moment;
use tongpin_store::{Apart, Batch, Change, Choice, Life, Past, Put, RECORDS, RecordRow, Written};

use clap::Parser as _;
use tongpin_console::exit::Exit;
use tongpin_domain::project::PROJECT;
use tongpin_link::recall;
use tongpin_link::uplink::Parent;
use tongpin_store::Store;

use super::ground::Ground;
use super::{REPORT, hidden};
use crate::background::auto_submit;
use crate::command::CommandLine;
use crate::failure::Failure;
use crate::ops::ground::code;
use crate::records;

const TOWN: &str = "320581101";

fn project(key: &str, name: &str) -> String {
    format!(r#"{{"project_code":"{key}","project_name":"{name}","fiscal_year":2024}}"#)
}

/// A township whose database lacks R1, has an older R2, and in which R3 was changed on both sides.
async fn township() -> Ground {
    let ground = Ground::of(TOWN, "320581").await;
    let (store, own) = (&ground.desk.store, code(TOWN));
    let put = async |key: &str, name: &str| {
        let records = [RecordRow { kind: "project".into(), key: key.into(), body: Some(project(key, name)) }];
        store.put_records(&Put { own: &own, records: &records, at: Moment(1), log: true }).await.expect("writable");
    };
    put("R2", "旧名").await;
    // What was acknowledged is of the life before.
    store.mark_acked(RECORDS, store.outbox_last(RECORDS).await.expect("readable"), Moment(1)).await.expect("writable");
    store.renew_incarnation("restored").await.expect("writable");
    put("R3", "本库").await;
    let apart = |key: &str, name: &str, number| {
        let written = Written { incarnation: "before".into(), number };
        ("project".to_owned(), key.to_owned(), Apart { written, body: Some(project(key, name)), older: false })
    };
    let returned = [apart("R1", "上级", 7), apart("R2", "新名", 8), apart("R3", "上级", 9)];
    store.keep_returned(&own, true, &returned).await.expect("writable");
    ground
}

/// The home page tells, the page shows both states, one step takes back what is missing or older, and what was changed
/// on both sides is settled by itself; readers only look, and the log names who did it.
#[tokio::test]
async fn taken_back() {
    let ground = township().await;
    let (store, enters) = (&ground.desk.store, ground.reader("enter").await);
    let home = enters.get("/").await.text;
    assert!(home.contains("缺 1 条、较旧 1 条、两边都改过 1 条") && home.contains("href=\"/restored\""), "{home}");
    let page = enters.get("/restored").await.text;
    for shown in ["project_name=旧名", "project_name=新名", "本库没有", "本库较旧", "两边都改过"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let reader = ground.reader("read").await;
    assert!(!reader.get("/restored").await.text.contains("action=\"/restored"));
    assert_eq!(reader.post("/restored", &[("step", "take")]).await.status, 403);

    let name = async |key: &str| {
        let found = store.record("project", key).await.expect("readable");
        found.map(|found| found.body.contains("上级") || found.body.contains("新名"))
    };
    assert_eq!(enters.post("/restored", &[("step", "take")]).await.status, 303);
    let done = enters.get("/restored").await.text;
    assert!(done.contains("已取回 2 条"), "{done}");
    assert_eq!([name("R1").await, name("R2").await, name("R3").await], [Some(true), Some(true), Some(false)]);
    let logged = ground.logged("record_take_back").await;
    assert!(logged.iter().any(|(who, _, detail)| who == "enter" && detail.contains("较旧 1 条")), "{logged:?}");

    let seen = store.returned(&code(TOWN)).await.expect("readable")[0].here_written.number.to_string();
    let settle = |seen: &str| {
        [("kind", "project"), ("key", "R3"), ("choice", "parent"), ("seen", seen)].map(|(a, b)| (a, b.to_owned()))
    };
    let stale = settle("1");
    let stale: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(enters.post("/restored/settle", &stale).await.status, 409, "another state was seen");
    let fresh = settle(&seen);
    let fresh: Vec<(&str, &str)> = fresh.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(enters.post("/restored/settle", &fresh).await.status, 303);
    assert_eq!(name("R3").await, Some(true));
    assert_eq!(ground.logged("record_settle").await.len(), 1);
    assert!(enters.get("/restored").await.text.contains("一致"));
}

/// The county's page of the township shows both states and takes the choice, which is noted and logged once.
#[tokio::test]
async fn chosen_at_the_county() {
    let ground = Ground::new().await;
    let (store, town) = (&ground.desk.store, code(TOWN));
    let system = ground.reader("system").await;
    let invited = [("region", TOWN), ("address", "10.1.2.3:7402"), ("days", "7")];
    assert_eq!(system.post("/townships/invite", &invited).await.status, 303);
    let accept = async |lives: &[(&str, u64)], first_seq, name: &str| {
        let lineage: Vec<Life> =
            lives.iter().map(|(id, start)| Life { incarnation: (*id).into(), start: *start }).collect();
        let change =
            Change { kind: "project".into(), key: "T1".into(), body: Some(project("T1", name)), problem: None };
        let incarnation = lives.last().map_or("", |life| life.0);
        let batch = Batch { author: &town, stream: RECORDS, incarnation, first_seq, changes: &[change] };
        store.accept_told(&batch, Past { lineage: &lineage, ..Past::default() }).await.expect("taken");
    };
    accept(&[("i1", 0)], 1, "先前").await;
    accept(&[("i1", 0)], 2, "新值").await;
    accept(&[("i1", 0), ("i2", 1)], 1, "先前").await;

    let enters = ground.reader("enter").await;
    let page = enters.get(&format!("/townships/{TOWN}")).await.text;
    assert!(page.contains("project_name=新值") && page.contains("project_name=先前"), "{page}");
    let choose = [("kind", "project"), ("key", "T1"), ("choice", "parent")];
    let address = format!("/townships/{TOWN}/settle");
    assert_eq!(ground.reader("read").await.post(&address, &choose).await.status, 403);
    assert_eq!(enters.post(&address, &choose).await.status, 303);
    assert_eq!(store.differences(&town).await.expect("readable")[0].choice, Some(Choice::Parent));
    let none = [("kind", "project"), ("key", "T2"), ("choice", "parent")];
    assert_eq!(enters.post(&address, &none).await.status, 409, "no such difference");
    let logged = ground.logged("record_settle").await;
    assert_eq!(logged.len(), 1);
    assert!(logged[0].2.contains("以本级保留的为准"), "{logged:?}");
}

/// A report of far fewer records than the last one leaves only with the very number confirmed: not with the usual box,
/// not with --yes, not with another number, and never by itself.
#[tokio::test]
async fn fewer_records_are_confirmed() {
    let mut ground = Ground::new().await;
    ground.desk.score().await;
    let approves = ground.reader("approve").await;
    let content = hidden(&approves.get(REPORT).await.text, "content");
    assert_eq!(approves.post(REPORT, &[("confirm", "1"), ("content", &content)]).await.status, 303);
    let held = records::load(&ground.desk.store).await.expect("readable").projects;
    let gone: Vec<RecordRow> = held
        .iter()
        .skip(1)
        .map(|held| RecordRow { kind: PROJECT.into(), key: held.project.code.clone(), body: None })
        .collect();
    ground.desk.put(&gone).await;
    ground.desk.score().await;

    ground.app.settings.own.auto_submit = vec!["county-scores".into()];
    auto_submit::look(&ground.app).await.expect("it goes on");
    assert_eq!(ground.reports().await.len(), 1, "not by itself");
    let page = approves.get(REPORT).await.text;
    assert!(page.contains("上一次上报有 6 条记录，本次只有 1 条"), "{page}");
    let content = hidden(&page, "content");
    for fewer in ["", "2"] {
        let refused = approves.post(REPORT, &[("confirm", "1"), ("content", &content), ("fewer", fewer)]).await;
        assert!(refused.status == 409 && refused.text.contains("本次只有 1 条记录"), "{}", refused.text);
    }
    let submit = ["tongpin-node", "submit", "county-scores", "--by", "审核-003", "--yes"];
    let refused = CommandLine::try_parse_from(submit).expect("a command").at(&ground.app).await;
    assert!(matches!(refused, Err(Failure::Shrunk { before: 6, now: 1 })), "{refused:?}");
    let sure = [&submit[..], &["--fewer", "1"]].concat();
    let done = CommandLine::try_parse_from(sure).expect("a command").at(&ground.app).await;
    assert_eq!(done.expect("sent"), Exit::Done);
    assert_eq!(ground.reports().await.len(), 2);
}

/// While it is not decided what to do about what the parent holds, nothing is reported, by itself or by anybody.
#[tokio::test]
async fn nothing_is_reported_before_it_is_decided() {
    let mut ground = Ground::new().await;
    ground.desk.score().await;
    ground.desk.store.renew_incarnation("restored").await.expect("writable");
    ground.app.settings.own.auto_submit = vec!["county-scores".into()];
    auto_submit::look(&ground.app).await.expect("it goes on");
    assert!(ground.reports().await.is_empty());
    let approves = ground.reader("approve").await;
    assert!(approves.get("/").await.text.contains("决定之前不会自动上报"));
    let content = hidden(&approves.get(REPORT).await.text, "content");
    let refused = approves.post(REPORT, &[("confirm", "1"), ("content", &content)]).await;
    assert!(refused.status == 409 && refused.text.contains("尚未决定"), "{}", refused.text);

    let without = ["tongpin-node", "take-back", "--without", "--by", "经办-001", "--yes"];
    let done = CommandLine::try_parse_from(without).expect("a command").at(&ground.app).await;
    assert_eq!(done.expect("decided"), Exit::Done);
    assert_eq!(ground.logged("record_go_on").await.len(), 1);
    assert_eq!(recall::Recall::load(&ground.app.site).await.expect("readable").map(|it| it.is_open()), Some(false));
    auto_submit::look(&ground.app).await.expect("it goes on");
    assert_eq!(ground.reports().await.len(), 1);
}

/// Keys without a database are no new node: every command says what is the matter and makes nothing; an empty database
/// is made only where it is asked for, and once.
#[tokio::test]
async fn a_missing_database_is_not_made_silently() {
    let ground = Ground::new().await;
    let data = ground.desk.folder.path().to_str().expect("UTF-8").to_owned();
    let file = ground.desk.folder.path().join("tongpin.sqlite");
    let run = async |words: &[&str]| {
        let words = ["tongpin-node", "--data", &data].into_iter().chain(words.iter().copied());
        CommandLine::try_parse_from(words).expect("a command").run().await
    };
    for words in [&["status"][..], &["serve"]] {
        let refused = run(words).await;
        assert!(matches!(refused, Err(Failure::DatabaseMissing(_))), "{refused:?}");
        assert!(!file.exists(), "nothing was made");
    }
    let anew = ["take-back", "--new-database", "--parent", "10.0.0.1:7400"];
    assert_eq!(run(&anew).await.expect("made"), Exit::Done);
    let store = Store::open(file.to_str().expect("UTF-8")).await.expect("a database");
    let parent = Parent::load(&store).await.expect("readable").expect("a parent");
    assert_eq!((parent.region, parent.address.as_str()), (code("320500"), "10.0.0.1:7400"));
    store.close().await;
    assert!(run(&anew).await.is_err(), "there is one now");
    assert_eq!(run(&["status"]).await.expect("it opens"), Exit::Done);
}
