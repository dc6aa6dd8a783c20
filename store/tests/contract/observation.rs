//! What lists show of reporting by month follows the records, and the database finds, sorts, counts and cuts it.

use tongpin_domain::moment::Moment;
use tongpin_domain::money::Fen;
use tongpin_domain::month::Month;
use tongpin_store::{Batch, Change, MonthCount, MonthFilter, MonthOrder, Put, RECORDS, RecordRow, Store};

use super::ground::{on_each, region};

const TOWN: &str = "320581101";

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn project(code: &str, year: i32, name: &str, fund: &str, budget: &str) -> RecordRow {
    let body = format!(
        r#"{{"project_code":"{code}","project_name":"{name}","fiscal_year":{year},"region_code":"{TOWN}",
        "fund_code":"{fund}","budget_adjusted":"{budget}","executed":"5"}}"#
    );
    RecordRow { kind: "project".into(), key: code.into(), body: Some(body) }
}

fn observation(code: &str, month: &str, spent: &str, at: i64) -> RecordRow {
    let (year, number) = month.split_once('-').unwrap();
    let number: u8 = number.parse().unwrap();
    let body = format!(
        r#"{{"project_code":"{code}","year":{year},"month":{number},"spent":"{spent}","reported_at":{at},"changed_at":{at}}}"#
    );
    RecordRow { kind: "observation".into(), key: format!("{code}/{month}"), body: Some(body) }
}

async fn put(store: &Store, records: &[RecordRow]) {
    let own = region(TOWN);
    store.put_records(&Put { own: &own, records, at: Moment(1), log: true }).await.unwrap();
}

/// Three projects of 2024, one of them with a slash in its code, and one of 2023.
async fn fill(store: &Store) {
    let projects = [
        project("P1", 2024, "学位_扩容", "F1", "300"),
        project("P/2", 2024, "卫生院", "F1", "无"),
        project("P3", 2024, "学位补助", "F2", "10"),
        project("P4", 2023, "旧账", "F1", "1"),
    ];
    let observations = [
        observation("P1", "2024-11", "9.50", 7),
        observation("P/2", "2024-11", "100", 8),
        observation("P1", "2024-10", "约3万", 6),
        observation("P1", "2024-00", "1", 5),
        observation("P4", "2024-11", "1", 3),
        observation("gone", "2024-11", "1", 9),
    ];
    put(store, &[&projects[..], &observations[..]].concat()).await;
}

fn november() -> MonthFilter {
    MonthFilter { author: region(TOWN), month: month("2024-11"), text: String::new(), reported: None }
}

async fn found(store: &Store, filter: &MonthFilter, order: MonthOrder, backwards: bool) -> Vec<String> {
    let (rows, total) = store.months_page(filter, order, backwards, 0, 99).await.unwrap();
    assert_eq!(rows.len() as u64, total);
    rows.into_iter().map(|row| row.code).collect()
}

/// The projects of the month's year and of one author, narrowed by words and by whether they were reported; amounts
/// sort as numbers, what has none comes last both ways, and pages cut after sorting.
#[tokio::test]
async fn pages_of_a_month() {
    on_each(async |store| {
        fill(store).await;
        let all = november;
        for (filter, expected) in [
            (all(), &["P/2", "P1", "P3"][..]),
            (MonthFilter { text: "学位".into(), ..all() }, &["P1", "P3"]),
            (MonthFilter { text: "_ p1".into(), ..all() }, &["P1"]),
            (MonthFilter { reported: Some(true), ..all() }, &["P/2", "P1"]),
            (MonthFilter { reported: Some(false), ..all() }, &["P3"]),
            (MonthFilter { reported: Some(false), text: "卫生".into(), ..all() }, &[]),
            (MonthFilter { month: month("2024-10"), reported: Some(true), ..all() }, &["P1"]),
            (MonthFilter { month: month("2023-11"), ..all() }, &["P4"]),
            (MonthFilter { author: region("320581102"), ..all() }, &[]),
        ] {
            assert_eq!(found(store, &filter, MonthOrder::Code, false).await, expected, "{filter:?}");
        }
        for (order, forwards, backwards) in [
            (MonthOrder::Code, ["P/2", "P1", "P3"], ["P3", "P1", "P/2"]),
            (MonthOrder::Spent, ["P1", "P/2", "P3"], ["P/2", "P1", "P3"]),
            (MonthOrder::Adjusted, ["P3", "P1", "P/2"], ["P1", "P3", "P/2"]),
            (MonthOrder::Reported, ["P3", "P/2", "P1"], ["P/2", "P1", "P3"]),
            (MonthOrder::Name, ["P/2", "P1", "P3"], ["P3", "P1", "P/2"]),
        ] {
            assert_eq!(found(store, &all(), order, false).await, forwards, "{order:?}");
            assert_eq!(found(store, &all(), order, true).await, backwards, "{order:?}");
        }
        let (page, total) = store.months_page(&all(), MonthOrder::Spent, true, 1, 1).await.unwrap();
        assert_eq!((page.len(), total, page[0].code.as_str(), page[0].reported), (1, 3, "P1", true));
        assert_eq!((page[0].adjusted, page[0].executed), (Some(Fen(30_000)), Some(Fen(500))));
    })
    .await;
}

/// Reports count with the project that they are of, and only in its year; what has none counts nowhere.
#[tokio::test]
async fn counts_of_months() {
    on_each(async |store| {
        fill(store).await;
        let (town, county) = (region(TOWN), region("320581"));
        let count = MonthCount { projects: 3, due: 3, reported: 2 };
        assert_eq!(store.month_count(&town, month("2024-11")).await.unwrap(), count);
        let counts = store.month_counts(month("2024-11"), &county).await.unwrap();
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [(town.clone(), MonthCount { projects: 4, ..count })]);
        assert!(store.month_counts(month("2024-11"), &town).await.unwrap().is_empty());
        assert_eq!(store.projects_due(&town, 2024).await.unwrap(), 3);
        let reported = async |from: &str, upto: &str| store.months_reported(&town, month(from), month(upto)).await;
        assert_eq!(reported("2024-01", "2024-12").await.unwrap(), 3, "the opening is no month");
        assert_eq!(reported("2024-11", "2024-11").await.unwrap(), 2);
        assert_eq!(reported("2023-01", "2023-12").await.unwrap(), 0);
        assert_eq!(store.last_reported(&town).await.unwrap(), Some(Moment(9)));
        assert_eq!(store.last_reported(&county).await.unwrap(), None);
        assert_eq!(store.project_years(&town).await.unwrap().into_iter().collect::<Vec<_>>(), [2023, 2024]);
        let funds = store.projects_by_fund().await.unwrap();
        assert_eq!(funds.into_iter().collect::<Vec<_>>(), [("F1".into(), 3), ("F2".into(), 1)]);
        let names = store.project_names(&["P4", "none", "P/2"]).await.unwrap();
        assert_eq!(
            names.into_iter().collect::<Vec<_>>(),
            [("P/2".into(), "卫生院".into()), ("P4".into(), "旧账".into())]
        );
    })
    .await;
}

/// A change, a deletion, a report that is set aside, that cannot be read or says that it is another: the list follows
/// in the same step. A project that the county has as well is the county's.
#[tokio::test]
async fn follows_the_records() {
    on_each(async |store| {
        fill(store).await;
        let town = region(TOWN);
        assert_eq!(store.observation_counts().await.unwrap()[&town], 6);
        let gone = RecordRow { body: None, ..observation("P1", "2024-11", "", 0) };
        let other = RecordRow { key: "P/2/2024-11".into(), ..observation("P/2", "2024-12", "1", 9) };
        put(store, &[gone, other, observation("P3", "2024-11", "0.01", 9)]).await;
        let done = MonthFilter { reported: Some(true), ..november() };
        assert_eq!(found(store, &done, MonthOrder::Code, false).await, ["P3"]);
        assert_eq!(store.observation_counts().await.unwrap()[&town], 5);
        let change = |row: RecordRow, problem: Option<&str>| {
            let RecordRow { kind, key, body } = row;
            Change { kind, key, body, problem: problem.map(Into::into) }
        };
        let unreadable = RecordRow { body: Some("{}".into()), ..observation("P1", "2024-10", "", 0) };
        let changes = [
            change(observation("P3", "2024-11", "1", 9), Some("有误")),
            change(unreadable, None),
            change(observation("P1", "2024-11", "1", 9), None),
        ];
        let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
        store.accept_records(&batch).await.unwrap();
        assert_eq!(found(store, &done, MonthOrder::Code, false).await, ["P1"]);
        assert_eq!(store.months_reported(&town, month("2024-01"), month("2024-12")).await.unwrap(), 1);

        let county = region("320581");
        let same = [project("P1", 2024, "县级的", "F1", "1")];
        store.put_records(&Put { own: &county, records: &same, at: Moment(1), log: false }).await.unwrap();
        assert_eq!(found(store, &november(), MonthOrder::Code, false).await, ["P/2", "P3"]);
        assert_eq!(store.months_reported(&town, month("2024-01"), month("2024-12")).await.unwrap(), 0);
        assert_eq!(store.month_counts(month("2024-11"), &county).await.unwrap()[&town].due, 2);
        assert_eq!(store.projects_due(&town, 2024).await.unwrap(), 2);
    })
    .await;
}

/// Reports come page by page without gaps or doubles, by project and month, of one year or of one month of each; what
/// another says of a project, and what is of none, is left out. What cannot be read is found by itself.
#[tokio::test]
async fn pages_of_all() {
    on_each(async |store| {
        fill(store).await;
        let (town, other) = (region(TOWN), region("320581102"));
        let unreadable = RecordRow { body: Some("{}".into()), ..observation("P1", "2024-09", "", 0) };
        put(store, &[project("P1!", 2024, "n", "F1", "1"), observation("P1!", "2024-11", "1", 1), unreadable]).await;
        let of_another = [observation("P3", "2024-11", "1", 1)];
        store.put_records(&Put { own: &other, records: &of_another, at: Moment(1), log: false }).await.unwrap();
        let all = ["P/2/2024-11", "P1/2024-00", "P1/2024-10", "P1/2024-11", "P1!/2024-11", "P4/2024-11"];
        for limit in 1..=7 {
            let (mut after, mut seen) = (String::new(), Vec::new());
            loop {
                let page = store.observations_page(&after, None, None, limit).await.unwrap();
                assert!(page.len() as u64 <= limit && page.iter().all(|it| it.author == town && !it.body.is_empty()));
                let Some(last) = page.last() else { break };
                after.clone_from(&last.key);
                seen.extend(page.into_iter().map(|it| it.key));
            }
            assert_eq!(seen, all, "by {limit}");
        }
        for (after, year, number, due) in [
            ("", Some(2024), None, &all[..]),
            ("", Some(2024), Some(0), &all[1..2]),
            ("", None, Some(11), &["P/2/2024-11", "P1/2024-11", "P1!/2024-11", "P4/2024-11"]),
            ("P1/2024-10", Some(2024), Some(11), &all[3..]),
            ("P1", Some(2023), Some(11), &[]),
            ("", Some(202), None, &[]),
        ] {
            let page = store.observations_page(after, year, number, 99).await.unwrap();
            assert_eq!(page.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), due, "{after} {year:?} {number:?}");
        }
        let unlisted = async |author| {
            let found = store.observations_unlisted(author).await.unwrap().into_iter();
            found.map(|it| (it.key, it.body)).collect::<Vec<_>>()
        };
        assert_eq!(unlisted(&town).await, [("P1/2024-09".to_owned(), "{}".to_owned())]);
        assert_eq!(unlisted(&other).await, []);
    })
    .await;
}
