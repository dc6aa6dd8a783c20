//! What lists show of projects follows the records, and the database finds, sorts and cuts it.

use tongpin_domain::moment::Moment;
use tongpin_domain::money::Fen;
use tongpin_domain::region::RegionCode;
use tongpin_store::{
    Batch, Change, ProjectChoices, ProjectFilter, ProjectOrder, Put, RECORDS, RecordRow, ScoreRow, Store, UNSCORED,
};

use super::ground::{on_each, region};
use super::score::computed;

struct Sample {
    code: &'static str,
    name: &'static str,
    fund: &'static str,
    department: &'static str,
    township: Option<&'static str>,
    adjusted: &'static str,
    executed: &'static str,
    year: i32,
}

const SAMPLES: [Sample; 4] = [
    Sample {
        code: "P1",
        name: "学位_扩容",
        fund: "F01",
        department: "教育局",
        township: Some("320581101"),
        adjusted: "100.00",
        executed: "90.00",
        year: 2024,
    },
    Sample {
        code: "P2",
        name: "Ａ校舍安全",
        fund: "F01",
        department: "教育局",
        township: None,
        adjusted: "0.01",
        executed: "0.01",
        year: 2023,
    },
    Sample {
        code: "P3",
        name: "公共卫生",
        fund: "F02",
        department: "卫健委",
        township: Some("320581102"),
        adjusted: "无",
        executed: "5",
        year: 2024,
    },
    Sample {
        code: "P4",
        name: "学位补助",
        fund: "",
        department: "",
        township: None,
        adjusted: "0",
        executed: "",
        year: 2024,
    },
];

fn body(sample: &Sample) -> String {
    let Sample { code, name, fund, department, adjusted, executed, year, .. } = sample;
    let township = sample.township.map_or("null".to_owned(), |code| format!("\"{code}\""));
    format!(
        r#"{{"project_code":"{code}","project_name":"{name}","fiscal_year":{year},"region_code":"320581",
        "township_code":{township},"fund_code":"{fund}","fund_name":"资金{fund}","department":"{department}",
        "implementing_unit":"单位","budget_adjusted":"{adjusted}","executed":"{executed}"}}"#
    )
}

async fn put(store: &Store, records: &[RecordRow]) {
    let own = region("320581");
    store.put_records(&Put { own: &own, records, at: Moment(1), log: false }).await.unwrap();
}

fn row(code: &str, body: Option<String>) -> RecordRow {
    RecordRow { kind: "project".into(), key: code.into(), body }
}

fn score(code: &str, status: &str, total: Option<&str>, rating: &str) -> ScoreRow {
    ScoreRow {
        project_code: code.into(),
        author: region("320581"),
        region: region("320581"),
        fund_code: String::new(),
        status: status.into(),
        total: total.map(Into::into),
        rating: rating.into(),
        rules_publisher: "320500".into(),
        rules_key: "self-evaluation".into(),
        rules_release: 2,
        reason_missing: false,
        waiting: 0,
        sheet: "{}".into(),
        at: Moment(7),
    }
}

async fn fill(store: &Store) {
    put(store, &SAMPLES.iter().map(|sample| row(sample.code, Some(body(sample)))).collect::<Vec<_>>()).await;
    // As a number 100.00 is above 9.50, as a text below.
    let scores = [
        score("P1", "SCORED", Some("100.00"), "优"),
        ScoreRow { reason_missing: true, ..score("P2", "SCORED", Some("9.50"), "差") },
        score("P3", "DATA_ERROR", None, ""),
    ];
    let computed = computed(store, &scores).await;
    assert_eq!(store.replace_scores(&computed).await.unwrap(), [""; 0]);
}

async fn found(store: &Store, filter: &ProjectFilter, order: ProjectOrder, backwards: bool) -> Vec<String> {
    let (rows, total) = store.projects_page(filter, order, backwards, 0, 99).await.unwrap();
    assert_eq!(rows.len() as u64, total);
    rows.into_iter().map(|row| row.code).collect()
}

/// Every filter finds what it should, alone and together; words stand for themselves and are found in any case and
/// width.
#[tokio::test]
async fn filters() {
    on_each(async |store| {
        fill(store).await;
        let all = ProjectFilter::default;
        let text = |text: &str| ProjectFilter { text: text.into(), ..all() };
        for (filter, expected) in [
            (all(), &["P1", "P2", "P3", "P4"][..]),
            (text("学位"), &["P1", "P4"]),
            (text(" 教育局  学位 "), &["P1"]),
            (text("a校舍"), &["P2"]),
            (text("_扩"), &["P1"]),
            (text("%"), &[]),
            (text("p3"), &["P3"]),
            (text("资金f01"), &["P1", "P2"]),
            (ProjectFilter { fund: "F01".into(), ..all() }, &["P1", "P2"]),
            (ProjectFilter { department: "卫健委".into(), ..all() }, &["P3"]),
            (ProjectFilter { township: "320581101".into(), ..all() }, &["P1"]),
            (ProjectFilter { year: Some(2024), ..all() }, &["P1", "P3", "P4"]),
            (ProjectFilter { status: "SCORED".into(), ..all() }, &["P1", "P2"]),
            (ProjectFilter { status: UNSCORED.into(), ..all() }, &["P4"]),
            (ProjectFilter { scored: true, ..all() }, &["P1", "P2", "P3"]),
            (ProjectFilter { rating: "优".into(), ..all() }, &["P1"]),
            (ProjectFilter { reason_missing: true, ..all() }, &["P2"]),
            (ProjectFilter { author: "320581".into(), ..all() }, &["P1", "P2", "P3", "P4"]),
            (ProjectFilter { author: "320582".into(), ..all() }, &[]),
            (ProjectFilter { rating: "优".into(), year: Some(2023), ..text("学位") }, &[]),
        ] {
            assert_eq!(found(store, &filter, ProjectOrder::Code, false).await, expected, "{filter:?}");
        }
        let choices = ProjectChoices {
            funds: vec![("F01".into(), "资金F01".into()), ("F02".into(), "资金F02".into())],
            departments: vec!["卫健委".into(), "教育局".into()],
            townships: vec![("320581101".into(), String::new()), ("320581102".into(), String::new())],
            years: vec![2024, 2023],
            ratings: vec!["优".into(), "差".into()],
        };
        assert_eq!(store.project_choices().await.unwrap(), choices);
        let missing = ScoreRow { reason_missing: true, ..score("P2", "REVIEW", None, "") };
        let gone = ScoreRow { project_code: "gone".into(), ..missing.clone() };
        let both = computed(store, &[missing, gone]).await;
        assert_eq!(store.put_scores(&both).await.unwrap(), [""; 0]);
        let counts = store.project_counts().await.unwrap();
        let by_status: Vec<(&str, u64)> =
            counts.by_status.iter().map(|(status, count)| (status.as_str(), *count)).collect();
        assert_eq!(by_status, [("DATA_ERROR", 1), ("REVIEW", 1), ("SCORED", 1), ("UNSCORED", 1)]);
        assert_eq!(counts.reasons_missing, 1, "a project that is gone lacks nothing");
    })
    .await;
}

/// Amounts and totals sort as numbers, what has none comes last both ways, and pages cut after sorting.
#[tokio::test]
async fn orders_and_pages() {
    on_each(async |store| {
        fill(store).await;
        let all = ProjectFilter::default();
        for (order, forwards, backwards) in [
            (ProjectOrder::Total, ["P2", "P1", "P3", "P4"], ["P1", "P2", "P3", "P4"]),
            (ProjectOrder::Adjusted, ["P4", "P2", "P1", "P3"], ["P1", "P2", "P4", "P3"]),
            (ProjectOrder::Rate, ["P1", "P2", "P3", "P4"], ["P2", "P1", "P3", "P4"]),
            (ProjectOrder::Status, ["P2", "P1", "P3", "P4"], ["P3", "P2", "P1", "P4"]),
            (ProjectOrder::Fund, ["P1", "P2", "P3", "P4"], ["P3", "P1", "P2", "P4"]),
            (ProjectOrder::Department, ["P3", "P1", "P2", "P4"], ["P1", "P2", "P3", "P4"]),
            (ProjectOrder::Township, ["P1", "P3", "P2", "P4"], ["P3", "P1", "P2", "P4"]),
            (ProjectOrder::Rating, ["P1", "P2", "P3", "P4"], ["P2", "P1", "P3", "P4"]),
            (ProjectOrder::Year, ["P2", "P1", "P3", "P4"], ["P1", "P3", "P4", "P2"]),
        ] {
            assert_eq!(found(store, &all, order, false).await, forwards, "{order:?}");
            assert_eq!(found(store, &all, order, true).await, backwards, "{order:?}");
        }
        put(store, &[row("P1", Some(body(&Sample { name: "", ..SAMPLES[0] })))]).await;
        assert_eq!(found(store, &all, ProjectOrder::Name, false).await, ["P3", "P4", "P2", "P1"]);
        assert_eq!(found(store, &all, ProjectOrder::Name, true).await, ["P2", "P4", "P3", "P1"]);
        put(store, &[row("P1", Some(body(&SAMPLES[0])))]).await;
        let (page, total) = store.projects_page(&all, ProjectOrder::Total, true, 1, 2).await.unwrap();
        assert_eq!((page.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), total), (vec!["P2", "P3"], 4));
        let (amounts, scored) = ((page[0].adjusted, page[1].adjusted), (page[0].total.as_deref(), page[0].scored_at));
        assert_eq!(amounts, (Some(Fen(1)), None));
        assert_eq!((scored, page[1].total.as_deref()), ((Some("9.50"), Some(Moment(7))), None));
        assert_eq!((page[1].township.as_str(), page[1].executed), ("320581102", Some(Fen(500))));
    })
    .await;
}

/// A change, a deletion, a record that is set aside or unreadable: the list follows in the same step, and a project of
/// two authors is listed once, as the first has it.
#[tokio::test]
async fn follows_the_records() {
    on_each(async |store| {
        fill(store).await;
        let other = Sample { name: "改名", ..SAMPLES[0] };
        let unreadable = r#"{"project_code":"P2"}"#.to_owned();
        put(store, &[row("P1", Some(body(&other))), row("P2", Some(unreadable)), row("P3", None)]).await;
        let all = ProjectFilter::default();
        assert_eq!(found(store, &all, ProjectOrder::Code, false).await, ["P1", "P4"]);
        let named = ProjectFilter { text: "改名".into(), ..ProjectFilter::default() };
        assert_eq!(found(store, &named, ProjectOrder::Code, false).await, ["P1"]);

        let town = region("320581101");
        let change = |code: &str, problem: Option<&str>| Change {
            kind: "project".into(),
            key: code.into(),
            body: Some(body(&Sample { name: "乡镇\\u0000的", ..SAMPLES[0] })),
            problem: problem.map(Into::into),
        };
        accept(store, &town, 1, &[change("P1", None), change("P7", None), change("P8", Some("无法识别"))]).await;
        assert_eq!(found(store, &all, ProjectOrder::Code, false).await, ["P1", "P4", "P7"]);
        let (rows, _) = store.projects_page(&all, ProjectOrder::Code, false, 0, 1).await.unwrap();
        assert_eq!((rows[0].name.as_str(), &rows[0].author), ("改名", &region("320581")));
        accept(store, &town, 4, &[change("P8", None), change("P7", Some("有误"))]).await;
        assert_eq!(found(store, &all, ProjectOrder::Code, false).await, ["P1", "P4", "P8"]);
    })
    .await;
}

async fn accept(store: &Store, author: &RegionCode, first_seq: u64, changes: &[Change]) {
    let batch = Batch { author, stream: RECORDS, incarnation: "i1", first_seq, changes };
    store.accept_records(&batch).await.unwrap();
}
