//! 人工复核: from what waits to a score with a person's name, by somebody else than who typed the value.

use tongpin_domain::moment::Moment;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, ProjectIndicator};
use tongpin_domain::review::{Decision, REVIEW, Review, Seen, Verdict};
use tongpin_domain::score::ScoreSheet;
use tongpin_store::{Account, Batch, Change, RECORDS};

use super::ground::{Ground, Reader, Shown};
use super::{evaluation, hidden};

const CODE: &str = "32058124T000000000101";

/// The first line of the project that is scored by proportion, with something that is no number typed into it, as the
/// account `enter` does on the form.
async fn waiting(ground: &Ground, enters: &Reader) -> ProjectIndicator {
    let lines = ground.desk.store.records(PROJECT_INDICATOR, None).await.expect("readable");
    let lines = lines.iter().filter(|record| record.key.starts_with(CODE));
    let mut lines = lines.map(|record| serde_json::from_str::<ProjectIndicator>(&record.body).expect("a line"));
    let line = lines.find(|line| line.rule_type == "PROP_UP").expect("one by proportion");
    let address = format!("/projects/{CODE}/evaluation");
    let page = enters.get(&address).await;
    let (actual, reason) = (format!("{}.actual", line.seq), format!("{}.deviation_reason", line.seq));
    let typed = [(actual.as_str(), "约三百"), (reason.as_str(), "台账在整理")];
    assert_eq!(evaluation::post(enters, &address, &page.text, &typed).await.status, 303);
    line
}

async fn sheet(ground: &Ground) -> ScoreSheet {
    let row = ground.desk.store.score(CODE).await.expect("readable").expect("scored");
    serde_json::from_str(&row.sheet).expect("a sheet")
}

async fn decide(reader: &Reader, seq: u32, fields: &[(&str, &str)]) -> Shown {
    let address = format!("/reviews/{CODE}/{seq}");
    let page = reader.get(&address).await;
    let version = if page.text.contains("name=\"version\"") { hidden(&page.text, "version") } else { String::new() };
    let all: Vec<(&str, &str)> = std::iter::once(("version", version.as_str())).chain(fields.iter().copied()).collect();
    reader.post(&address, &all).await
}

/// What waits is counted on the first page and listed with the way to it; whoever approves decides, the score follows
/// with the name, the reason and the text as it was typed, on the pages, in the log and in the files.
#[tokio::test]
async fn a_line_is_decided() {
    let ground = Ground::new().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    ground.desk.score().await;
    let line = waiting(&ground, &enters).await;
    let seq = line.seq;
    let before = sheet(&ground).await;
    assert!(before.waiting().any(|waits| waits.seq == seq) && before.total.is_none());
    assert!(approves.get("/").await.text.contains("项指标待人工复核"));
    let list = approves.get("/reviews").await.text;
    assert!(list.contains(&format!("/reviews/{CODE}/{seq}")) && list.contains("约三百"), "{list}");
    assert!(approves.get(&format!("/scores/{CODE}")).await.text.contains("去复核"));

    // Without a reason, beyond what there is, and with something that is no number either nothing is decided.
    for fields in [
        [("way", "coefficient"), ("figure", "80"), ("reason", "  ")],
        [("way", "coefficient"), ("figure", "100.5"), ("reason", "核对")],
        [("way", "points"), ("figure", "999"), ("reason", "核对")],
        [("way", "value"), ("figure", "三百左右"), ("reason", "核对")],
    ] {
        assert_eq!(decide(&approves, seq, &fields).await.status, 422, "{fields:?}");
    }
    assert_eq!(ground.desk.store.count_records(REVIEW).await.expect("readable"), 0);

    let fields = [("way", "coefficient"), ("figure", "80"), ("reason", "台账 240 户"), ("evidence", "台账第 3 页")];
    assert_eq!(decide(&approves, seq, &fields).await.status, 303);
    let after = sheet(&ground).await;
    let scored = after.lines.iter().find(|scored| scored.seq == seq).expect("the line");
    let due = line.weight * rust_decimal::Decimal::new(8, 1);
    assert_eq!((scored.score.map(|score| score.normalize()), scored.actual.raw()), (Some(due.normalize()), "约三百"));
    for address in [format!("/scores/{CODE}"), format!("/projects/{CODE}"), format!("/reviews/{CODE}/{seq}")] {
        let page = approves.get(&address).await.text;
        for told in ["人工复核：approve", "台账 240 户", "台账第 3 页", "约三百"] {
            assert!(page.contains(told), "{address}: {told}: {page}");
        }
    }
    for address in ["/scores/export.csv", "/scores?format=csv"] {
        let file = approves.get(address).await.text;
        assert!(file.lines().any(|row| row.contains(CODE) && row.contains("approve")), "{file}");
    }
    let logged = ground.logged("line_review").await;
    assert_eq!((logged.len(), logged[0].0.as_str(), logged[0].1.as_str()), (1, "approve", CODE));
    assert!(
        logged[0].2.contains("约三百") && logged[0].2.contains("定系数 80 %") && logged[0].2.contains("台账 240 户")
    );

    // It can be replaced and withdrawn, and nothing of what was decided is lost.
    assert_eq!(decide(&approves, seq, &[("way", "points"), ("figure", "1"), ("reason", "再核")]).await.status, 303);
    assert_eq!(decide(&approves, seq, &[("do", "withdraw"), ("reason", "材料有误")]).await.status, 303);
    assert!(sheet(&ground).await.waiting().any(|waits| waits.seq == seq));
    let page = approves.get(&format!("/reviews/{CODE}/{seq}")).await.text;
    for told in ["定系数 80 %", "定分 1", "撤销复核", "材料有误"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(decide(&approves, seq, &[("do", "withdraw"), ("reason", "材料有误")]).await.status, 422);
}

/// Whoever typed the value does not judge it, whatever the account is called; that attempt is entered as refused. Who
/// may not approve decides nothing, and neither does a form that was made before the line changed.
#[tokio::test]
async fn somebody_else_decides() {
    let ground = Ground::new().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    ground.desk.score().await;
    let seq = waiting(&ground, &enters).await.seq;
    let fields = [("way", "points"), ("figure", "1"), ("reason", "核对")];
    assert_eq!(decide(&enters, seq, &fields).await.status, 403);
    let version = hidden(&approves.get(&format!("/reviews/{CODE}/{seq}")).await.text, "version");
    // The typist changes posts and is given another name to be shown by.
    let account = ground.desk.store.account_named("enter").await.expect("readable").expect("there");
    let both = Account { duties: vec!["approve".into()], display_name: "另一人".into(), ..account };
    ground.desk.store.update_account(&both, &ground.app.entry("系统", "t", "", "")).await.expect("writable");
    let own = decide(&enters, seq, &fields).await;
    assert_eq!(own.status, 403, "{}", own.text);
    assert!(own.text.contains("须由另一个有审核岗位的账号复核"));
    assert!(ground.logged("line_review").await.iter().any(|(actor, ..)| actor == "enter"));
    assert_eq!(ground.desk.store.count_records(REVIEW).await.expect("readable"), 0);
    let old = [("version", version.as_str()), ("way", "points"), ("figure", "1"), ("reason", "核对")];
    assert_eq!(decide(&approves, seq, &fields).await.status, 303);
    assert_eq!(approves.post(&format!("/reviews/{CODE}/{seq}"), &old).await.status, 409);
    assert_eq!(approves.get(&format!("/reviews/{CODE}/999")).await.status, 404);

    // Where the bureau has said that it has one clerk only, the typist decides, and the decision says so.
    ground.desk.store.set_one_clerk(true, &ground.app.entry("系统", "one_clerk", "", "")).await.expect("writable");
    let both = Account { duties: vec!["enter".into(), "approve".into()], ..both };
    ground.desk.store.update_account(&both, &ground.app.entry("系统", "t", "", "")).await.expect("writable");
    assert_eq!(decide(&enters, seq, &fields).await.status, 303);
    let page = approves.get(&format!("/reviews/{CODE}/{seq}")).await.text;
    assert!(page.contains("另一人，一人经办并审核"), "{page}");
}

/// A township's decision comes with its records and counts at its county, whose own decision comes before it and can be
/// withdrawn again; nobody here typed what a township typed.
#[tokio::test]
async fn a_township_decides() {
    let ground = Ground::new().await;
    let (store, approves) = (&ground.desk.store, ground.reader("approve").await);
    let project = r#"{"project_code":"T9","project_name":"n","fiscal_year":2024,"region_code":"320581101","budget_adjusted":"100","executed":"100"}"#;
    let line = r#"{"project_code":"T9","seq":1,"name":"n","nature":"≥","unit":"户","target":"300","actual":"约三百","weight":"90","rule_type":"PROP_UP"}"#;
    let line: ProjectIndicator = serde_json::from_str(line).expect("a line");
    let decision = Decision {
        verdict: Verdict::Points(rust_decimal::Decimal::from(60)),
        reason: "乡镇核对".into(),
        evidence: String::new(),
        name: "乡镇审核".into(),
        login: "approve".into(),
        account: "approve".into(),
        at: Moment(1),
        seen: Seen::of(&line),
    };
    let review = Review { project_code: "T9".into(), seq: 1, decisions: vec![decision] };
    let change = |kind: &str, key: &str, body: String| Change {
        kind: kind.into(),
        key: key.into(),
        body: Some(body),
        problem: None,
    };
    let changes = [
        change(PROJECT, "T9", project.to_owned()),
        change(PROJECT_INDICATOR, "T9/001", serde_json::to_string(&line).expect("JSON")),
        change(REVIEW, "T9/001", serde_json::to_string(&review).expect("JSON")),
    ];
    let author = crate::ops::ground::code("320581101");
    let batch = Batch { author: &author, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    store.accept_records(&batch).await.expect("writable");
    crate::background::rescoring::start(&ground.app);
    while ground.app.rescoring.standing().is_running() {
        tokio::task::yield_now().await;
    }
    let total = async || store.score("T9").await.expect("readable").expect("scored").total;
    assert_eq!(total().await.as_deref(), Some("70.00")); // 60 and 10 for execution
    let address = "/reviews/T9/1";
    let post = async |fields: &[(&str, &str)]| {
        let page = approves.get(address).await.text;
        let version = hidden(&page, "version");
        approves.post(address, &[&[("version", version.as_str())], fields].concat()).await.status
    };
    assert!(approves.get(address).await.text.contains("乡镇核对"));
    assert_eq!(post(&[("way", "value"), ("figure", "285"), ("reason", "区县核对")]).await, 303);
    assert_eq!(total().await.as_deref(), Some("95.50")); // 285 ÷ 300 × 90, and 10
    assert_eq!(post(&[("do", "withdraw"), ("reason", "有误")]).await, 303);
    assert_eq!(total().await.as_deref(), Some("70.00"));
    assert_eq!(post(&[("do", "withdraw"), ("reason", "有误")]).await, 422);
}

/// A decision is good for the text it was made on: once the value is typed anew the line waits again, and the decision
/// stays in the history as one that no longer applies.
#[tokio::test]
async fn another_text_waits_again() {
    let ground = Ground::new().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    ground.desk.score().await;
    let seq = waiting(&ground, &enters).await.seq;
    assert_eq!(decide(&approves, seq, &[("way", "points"), ("figure", "1"), ("reason", "核对")]).await.status, 303);
    assert!(sheet(&ground).await.waiting().all(|waits| waits.seq != seq));
    let address = format!("/projects/{CODE}/evaluation");
    let page = enters.get(&address).await;
    let actual = format!("{seq}.actual");
    assert_eq!(evaluation::post(&enters, &address, &page.text, &[(actual.as_str(), "约四百")]).await.status, 303);
    assert!(sheet(&ground).await.waiting().any(|waits| waits.seq == seq));
    let page = approves.get(&format!("/reviews/{CODE}/{seq}")).await.text;
    assert!(page.contains("不再适用") && page.contains("约三百") && page.contains("约四百"), "{page}");
}
