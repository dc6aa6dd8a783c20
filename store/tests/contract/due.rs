//! What is to be scored, who typed what, and what a database of the first version becomes.

use sqlx::Connection as _;
use tempfile::TempDir;
use tongpin_domain::moment::Moment;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_domain::review::REVIEW;
use tongpin_store::{
    Account, AuditDraft, Batch, Change, ComputedScore, Keys, ProjectFilter, ProjectOrder, Put, PutCounts, RECORDS,
    RecordRow, ScoreRow, Stall, Store, StoreError, basis,
};

use super::ground::{on_each, open, region, run};

fn row(kind: &str, key: &str, body: &str) -> RecordRow {
    RecordRow { kind: kind.into(), key: key.into(), body: Some(body.into()) }
}

async fn put(store: &Store, records: &[RecordRow]) -> PutCounts {
    let own = region("320581");
    store.put_records(&Put { own: &own, records, at: Moment(0), log: false }).await.unwrap()
}

async fn due(store: &Store) -> Vec<String> {
    let due = store.due_after("", 99).await.unwrap();
    assert_eq!(due.len() as u64, store.count_due().await.unwrap());
    due
}

/// A score of a project as it is now.
async fn computed(store: &Store, code: &str) -> ComputedScore {
    let projects = store.records_at(PROJECT, Keys::One(code)).await.unwrap();
    let mut below = store.records_at(PROJECT_INDICATOR, Keys::Below(code)).await.unwrap();
    below.extend(store.records_at(REVIEW, Keys::Below(code)).await.unwrap());
    let row = ScoreRow {
        project_code: code.into(),
        author: region("320581"),
        region: region("320581"),
        fund_code: String::new(),
        status: "REVIEW".into(),
        total: None,
        rating: String::new(),
        rules_publisher: "320500".into(),
        rules_key: "r".into(),
        rules_release: 1,
        reason_missing: false,
        waiting: 2,
        sheet: "{}".into(),
        at: Moment(1),
    };
    ComputedScore { row, basis: basis(code, &projects, &[&below]) }
}

/// Whatever goes into a score marks its project in the same transaction, whether it is typed here or comes from a
/// township; what does not, does not. The mark goes with the score, and stays if the records changed meanwhile.
#[tokio::test]
async fn marked_and_unmarked() {
    on_each(async |store| {
        put(store, &[row(PROJECT, "P1", "{}"), row(PROJECT_INDICATOR, "P2/x/001", "{}"), row("goal", "P9", "{}")])
            .await;
        assert_eq!(due(store).await, ["P1", "P2/x"]);
        let change = |kind: &str, key: &str| Change {
            kind: kind.into(),
            key: key.into(),
            body: Some("{}".into()),
            problem: None,
        };
        let changes = [change(REVIEW, "P3/001"), change("observation", "P4/2024-01"), change(PROJECT, "P5")];
        let author = region("320581101");
        let batch = Batch { author: &author, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
        store.accept_records(&batch).await.unwrap();
        assert_eq!(due(store).await, ["P1", "P2/x", "P3", "P5"]);
        let slow = computed(store, "P1").await;
        put(store, &[row(REVIEW, "P1/001", "{}")]).await;
        assert_eq!(store.put_scores(&[slow, computed(store, "P5").await]).await.unwrap(), ["P1"]);
        assert_eq!(due(store).await, ["P1", "P2/x", "P3"]);
        assert_eq!(store.put_scores(&[computed(store, "P1").await]).await.unwrap(), [""; 0]);
        let seen = computed(store, "P3").await.basis;
        let old = computed(store, "P2/x").await.basis;
        put(store, &[row(PROJECT_INDICATOR, "P2/x/001", "{\"a\":1}")]).await;
        store.nothing_to_score(&[("P2/x", old), ("P3", seen)]).await.unwrap();
        assert_eq!(due(store).await, ["P2/x"]);
        store.mark_due(&["P1"]).await.unwrap();
        assert_eq!(store.due_of(&["P1", "P5"]).await.unwrap(), ["P1".to_owned()].into());
        let body = r#"{"project_code":"P1","project_name":"n","fiscal_year":2024,"region_code":"320581"}"#;
        put(store, &[row(PROJECT, "P1", body)]).await;
        assert_eq!(store.project_counts().await.unwrap().waiting, 2, "the other scores are of no project");
        let filter = ProjectFilter { waiting: true, ..ProjectFilter::default() };
        let (rows, _) = store.projects_page(&filter, ProjectOrder::Code, false, 0, 9).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| (row.code.as_str(), row.due, row.waiting)).collect::<Vec<_>>(),
            [("P1", true, 2)]
        );
    })
    .await;
}

/// A step that is not committed leaves no mark, and one that is leaves it whatever becomes of the program.
#[tokio::test]
async fn as_durable_as_the_change() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.close_log(true).await.unwrap();
    let draft =
        |actor| AuditDraft { at: Moment(0), actor, address: "", action: "t", subject: "", detail: "", allowed: true };
    let rows = [row(PROJECT, "P1", "{}")];
    let own = region("320581");
    let what = Put { own: &own, records: &rows, at: Moment(0), log: false };
    let refused: Result<PutCounts, StoreError> = store.audited(&draft("a"), store.put_records(&what)).await;
    assert!(refused.is_err());
    assert_eq!(due(&store).await, [""; 0]);
    store.close_log(false).await.unwrap();
    put(&store, &rows).await;
    store.close().await;
    assert_eq!(due(&open(&folder).await).await, ["P1"]);
}

/// Who typed a value stands for it alone, who typed what it is measured by stands beside, and who touched neither does
/// not. Accounts are told apart by their ids.
#[tokio::test]
async fn typists() {
    on_each(async |store| {
        let draft = |actor| AuditDraft {
            at: Moment(0),
            actor,
            address: "",
            action: "t",
            subject: "",
            detail: "",
            allowed: true,
        };
        for name in ["anna", "bert"] {
            let account = Account {
                id: format!("id-{name}"),
                name: name.into(),
                display_name: "经办".into(),
                duties: Vec::new(),
                password_hash: String::new(),
                totp_secret: None,
                totp_last_step: 0,
                active: true,
                failures: 0,
                failures_before: 0,
                last_failure: None,
                created_at: Moment(0),
                password_set_at: None,
                last_sign_in: None,
            };
            store.create_account(&account, &draft(name)).await.unwrap();
        }
        let body = |target: &str, actual: &str, reason: &str| {
            format!(
                r#"{{"project_code":"P1","seq":1,"name":"n","weight":"9","target":"{target}","actual":"{actual}","deviation_reason":"{reason}"}}"#
            )
        };
        let own = region("320581");
        let typed = async |actor: &'static str, body: String| {
            let rows = [row(PROJECT_INDICATOR, "P1/001", &body)];
            let what = Put { own: &own, records: &rows, at: Moment(0), log: false };
            let done: Result<PutCounts, StoreError> = store.audited(&draft(actor), store.put_records(&what)).await;
            done.unwrap();
            store.line_typists("P1/001").await.unwrap()
        };
        assert_eq!(typed("anna", body("5", "约3", "")).await, ["id-anna"]);
        assert_eq!(typed("bert", body("5", "约3", "已说明")).await, ["id-anna"]);
        assert_eq!(typed("bert", body("6", "约3", "已说明")).await, ["id-anna", "id-bert"]);
        assert_eq!(typed("bert", body("6", "约4", "已说明")).await, ["id-bert"]);
        assert_eq!(typed("系统", body("6", "约5", "已说明")).await, [""; 0]);
    })
    .await;
}

/// Why a collection is not reported is kept once, in its newest form, until it is.
#[tokio::test]
async fn stalls() {
    on_each(async |store| {
        let stall =
            |since, zh: &str| Stall { collection: "c".into(), since: Moment(since), zh: zh.into(), en: "why".into() };
        store.stalled(&stall(1, "缺评分")).await.unwrap();
        store.stalled(&stall(2, "约定不许")).await.unwrap();
        assert_eq!(store.stalls().await.unwrap(), [stall(2, "约定不许")]);
        store.unstalled("c").await.unwrap();
        assert_eq!(store.stalls().await.unwrap(), []);
    })
    .await;
}

/// A database of the first version: what was noted as open or never scored is to be scored, and the lines that wait are
/// counted from their sheets.
#[tokio::test]
async fn from_the_first_version() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("node.db");
    sqlx::any::install_default_drivers();
    let mut old = sqlx::AnyConnection::connect(&format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
    let first = include_str!("../../src/db/steps/0001_first.sql");
    run(&mut old, "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)".to_owned()).await;
    run(&mut old, first.to_owned()).await;
    let project = |code: &str| {
        format!(
            "INSERT INTO project (code, author, name, fiscal_year, fund_code, fund_name, department, unit, township, \
             township_name, book, words) VALUES ('{code}', '320581', '', 2024, '', '', '', '', '', '', '', '');"
        )
    };
    let score = |code: &str, status: &str, lines: &[&str]| {
        let lines: Vec<String> = lines
            .iter()
            .map(|status| format!(r#"{{"seq":1,"actual":"\"status\":\"REVIEW\"","status":"{status}"}}"#))
            .collect();
        let sheet = format!(r#"{{"status":"{status}","flags":[],"lines":[{}]}}"#, lines.join(","));
        format!(
            "INSERT INTO score VALUES ('{code}', '320581', '320581', '', '{status}', NULL, '', '320500', 'r', 1, 0, 1); \
             INSERT INTO score_sheet VALUES ('{code}', '{sheet}');"
        )
    };
    let rows = [
        "INSERT INTO meta VALUES ('schema', '1'), ('incarnation', 'i'), ('scores_open', '[\"P1\"]');".to_owned(),
        ["P1", "P2", "P3", "P4"].map(project).concat(),
        score("P1", "REVIEW", &["REVIEW", "SCORED", "REVIEW"]),
        score("P2", "INCOMPLETE", &["REVIEW", "INCOMPLETE"]),
        score("P3", "SCORED", &["SCORED"]),
    ];
    run(&mut old, rows.concat()).await;
    old.close().await.unwrap();
    let store = open(&folder).await;
    // What was open, what had no score, and every score of a program that scored otherwise.
    assert_eq!(due(&store).await, ["P1", "P2", "P3", "P4"]);
    let scores = store.scores().await.unwrap();
    let waiting: Vec<_> = scores.iter().map(|score| (score.project_code.as_str(), score.waiting)).collect();
    assert_eq!(waiting, [("P1", 2), ("P2", 1), ("P3", 0)]);
    assert_eq!(store.meta("scores_open").await.unwrap(), None);
}
