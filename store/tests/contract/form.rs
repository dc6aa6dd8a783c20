//! What lists show of documents: tables made and widened with the releases of a form, rows that follow the records and
//! the verdicts, and pages that the database finds, sorts and cuts.

mod counts;
mod lists;
mod states;
mod supplements;

use tongpin_domain::catalog::{CatalogId, Difference, Entry};
use tongpin_domain::form::{Definition, FORMS, Value};
use tongpin_domain::moment::Moment;
use tongpin_store::{
    Batch, Change, DocumentCount, DocumentRow, FieldTest, FilterOp, FormColumn, FormFilter, FormLine, Put, RECORDS,
    RecordRow, Store,
};

use super::ground::{application, audience, on_each, region, signed};

/// 农村公路 as of the first release: an amount, a share, a day, a month, yes or no, choices, words, and roads in rows.
const FIRST: &str = r#"{"code":"roads","title":"路","fields":[
    {"name":"paid","title":"已支付","kind":"money"},
    {"name":"rate","title":"支付率","kind":"percent","derived":{"share":["paid","paid"]}},
    {"name":"due","title":"日期","kind":"day"},
    {"name":"month","title":"月份","kind":"month"},
    {"name":"done","title":"完工","kind":"yes_no"},
    {"name":"kinds","title":"类别","kind":"any_of","choices":[{"code":"a","text":"甲"},{"code":"ab","text":"乙"}]},
    {"name":"unit","title":"单位","kind":"organisation"},
    {"name":"clerk","title":"经办","kind":"person","personal":true},
    {"name":"reason","title":"原因","kind":"text"},
    {"name":"parts","title":"路段","kind":"rows","fields":[
        {"name":"route","title":"编号","kind":"code"},
        {"name":"cost","title":"投资","kind":"money"},
        {"name":"rate","title":"率","kind":"percent","derived":{"share":["cost","cost"]}}]}]}"#;

/// The first release and a number beside.
fn second() -> String {
    let more = r#""fields":[{"name":"count","title":"条数","kind":"whole"},
        {"name":"spans","title":"桥","kind":"rows","fields":[{"name":"length","title":"长","kind":"decimal","places":3}]},"#;
    FIRST.replacen(r#""fields":["#, more, 1)
}

fn definition(body: &str) -> Definition {
    serde_json::from_str(body).unwrap()
}

fn catalog(publisher: &str, name: &str) -> CatalogId {
    CatalogId::new(region(publisher), name)
}

/// Applies bodies by key as a release of a catalog, and removals.
async fn publish(store: &Store, id: &CatalogId, number: u64, bodies: &[(&str, &str)], removals: &[&str]) {
    let upserts = bodies.iter().map(|(key, body)| Entry {
        key: (*key).to_owned(),
        audience: audience("*"),
        release: number,
        body: (*body).to_owned(),
    });
    let removals = removals.iter().map(|key| (*key).to_owned()).collect();
    let difference = Difference { upserts: upserts.collect(), removals };
    let releases = [signed(id, number)];
    store.apply(&application(&releases, &difference, number - 1, Moment(1))).await.unwrap();
}

async fn publish_form(store: &Store, number: u64, body: &str) {
    publish(store, &catalog("320500", FORMS), number, &[("roads", body)], &[]).await;
}

/// A document under a release, with what was given as JSON.
fn document(id: &str, release: u64, given: &str) -> String {
    format!(
        r#"{{"form":"roads","publisher":"320500","release":{release},"id":"{id}","subject":"S{id}",
        "subject_name":"农村公路{id}","period":"2025Q1","version":1,"turn":3,"state":"review","given":{given},
        "derived":{{"rate":"88.60","parts.r2.rate":"12.5"}},"changed_at":{}}}"#,
        id.len()
    )
}

async fn put(store: &Store, rows: &[(&str, Option<String>)]) {
    let own = region("320581");
    let row = |(key, body): &(&str, Option<String>)| RecordRow {
        kind: "form".into(),
        key: (*key).to_owned(),
        body: body.clone(),
    };
    let records: Vec<RecordRow> = rows.iter().map(row).collect();
    store.put_records(&Put { own: &own, records: &records, at: Moment(1), log: false }).await.unwrap();
}

async fn page(store: &Store, body: &str, filter: &FormFilter) -> Vec<DocumentRow> {
    let order = (&FormColumn::Key, false);
    let (rows, total) = store.documents_page(&definition(body), filter, order, 0, 99).await.unwrap();
    assert_eq!(rows.len() as u64, total);
    rows
}

async fn keys(store: &Store, filter: &FormFilter, order: &FormColumn, backwards: bool) -> Vec<String> {
    let found = store.documents_page(&definition(FIRST), filter, (order, backwards), 0, 99).await.unwrap();
    found.0.into_iter().map(|row| row.key.trim_start_matches("roads/").to_owned()).collect()
}

async fn lines(store: &Store, rows: Option<&str>, places: &[&str]) -> Vec<FormLine> {
    let mut found = Vec::new();
    store.form_rows("roads", rows, places, &FormFilter::default(), |line| found.push(line)).await.unwrap();
    found
}

fn number(text: &str) -> Option<Value> {
    text.parse().ok().map(Value::Number)
}

const FULL: &str = r#"{"paid":"1234.50","due":"1970-02-01","month":"2025-03","done":"no","kinds":["ab"],
    "unit":"交通局","clerk":"张三","reason":"雨季 停工","unknown":"x",
    "parts":[{"id":"r1","cells":{"route":"G1","cost":"0.01"}},{"id":"r2","cells":{"route":"G2"}}]}"#;

/// A form's tables come with its release, the rows with the records, each value as it was given; what is missing or
/// unreadable is null and never zero; a deleted record takes its rows with it.
#[tokio::test]
async fn rows_follow_the_records() {
    on_each(async |store| {
        publish_form(store, 1, FIRST).await;
        let unreadable = r#"{"paid":"1.005","due":"soon","done":"maybe","kinds":[],"month":"2025-13"}"#;
        let under = |id: &str, given: &str| Some(document(id, 1, given));
        put(
            store,
            &[("roads/1", under("1", FULL)), ("roads/2", under("2", unreadable)), ("roads/x", under("1", "{}"))],
        )
        .await;

        let rows = page(store, FIRST, &FormFilter::default()).await;
        assert_eq!(
            rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
            ["roads/1", "roads/2"],
            "not another's key"
        );
        let first = &rows[0];
        assert_eq!((first.author.as_str(), first.release, first.version, first.turn), ("320581", 1, 1, 3));
        assert_eq!((first.subject.as_str(), first.subject_name.as_str()), ("S1", "农村公路1"));
        assert_eq!((first.period.as_str(), first.state.as_str(), first.changed_at), ("2025Q1", "review", Moment(1)));
        let value = |row: &DocumentRow, field: &str| row.values[field].clone();
        for (field, text) in [
            ("paid", "1234.50"),
            ("rate", "88.60"),
            ("due", "1970-02-01"),
            ("month", "2025-03"),
            ("done", "no"),
            ("kinds", "ab"),
            ("unit", "交通局"),
            ("clerk", "张三"),
        ] {
            assert_eq!(value(first, field).as_deref(), Some(text), "{field}");
        }
        assert!(!first.values.contains_key("reason") && !first.values.contains_key("parts"));
        for field in ["paid", "due", "month", "done", "kinds", "unit"] {
            assert_eq!(value(&rows[1], field), None, "{field}");
        }

        let parts = lines(store, Some("parts"), &["parts.cost", "parts.rate", "parts.route", "paid"]).await;
        let seen: Vec<_> = parts.iter().map(|line| (line.row.as_deref().unwrap(), line.values.clone())).collect();
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        let paid = number("1234.50");
        let expected = [
            ("r1", vec![number("0.01"), None, text("G1"), paid.clone()]),
            ("r2", vec![None, number("12.5"), text("G2"), paid]),
        ];
        assert_eq!(seen, expected);

        put(store, &[("roads/1", None)]).await;
        assert_eq!(page(store, FIRST, &FormFilter::default()).await.len(), 1);
        assert_eq!(lines(store, Some("parts"), &["parts.cost"]).await, []);
    })
    .await;
}

/// A later release widens the tables and leaves the rows of the first as they are; every release stays, also of a form
/// that was retired; a decimal more is another column, filled exactly.
#[tokio::test]
async fn releases_widen() {
    on_each(async |store| {
        publish_form(store, 1, FIRST).await;
        put(store, &[("roads/1", Some(document("1", 1, FULL)))]).await;
        let second = second();
        publish_form(store, 2, &second).await;
        let more = r#"{"count":"7","paid":"0","spans":[{"id":"b","cells":{"length":"0.125"}}]}"#;
        put(store, &[("roads/2", Some(document("2", 2, more)))]).await;
        let rows = page(store, &second, &FormFilter::default()).await;
        assert_eq!((rows[0].values["count"].clone(), rows[1].values["count"].as_deref()), (None, Some("7")));
        assert_eq!(
            (rows[0].values["paid"].as_deref(), rows[1].values["paid"].as_deref()),
            (Some("1234.50"), Some("0.00"))
        );
        let spans = lines(store, Some("spans"), &["spans.length"]).await;
        assert_eq!(spans.iter().map(|line| line.values.clone()).collect::<Vec<_>>(), [vec![number("0.125")]]);

        let third = second.replace(r#""kind":"percent","derived""#, r#""kind":"percent","places":4,"derived""#);
        publish_form(store, 3, &third).await;
        let finer = document("3", 3, "{}").replace("88.60", "0.1234");
        put(store, &[("roads/3", Some(finer))]).await;
        let rows = page(store, &third, &FormFilter::default()).await;
        let rates: Vec<_> = rows.iter().map(|row| row.values["rate"].as_deref()).collect();
        assert_eq!(rates, [Some("88.6000"), Some("88.6000"), Some("0.1234")]);
        let rate = FormColumn::Field("rate".into());
        let order = (&rate, false);
        let least = FieldTest { field: "rate".into(), op: FilterOp::AtLeast("0.1235".into()) };
        let filter = FormFilter { tests: vec![least], ..FormFilter::default() };
        let (found, total) = store.documents_page(&definition(&third), &filter, order, 0, 9).await.unwrap();
        assert_eq!((found.len(), total), (2, 2), "what was written with fewer decimals is found by its value");
        let all = store.documents_page(&definition(&third), &FormFilter::default(), order, 0, 9).await.unwrap().0;
        assert_eq!(all.first().map(|row| row.key.as_str()), Some("roads/3"), "and sorted by it");
        assert_eq!(store.form_choices("roads", &rate).await.unwrap(), ["0.1234", "88.6000"]);
        let parts = lines(store, Some("parts"), &["parts.rate", "rate"]).await;
        let values: Vec<_> = parts.iter().map(|line| line.values.clone()).collect();
        assert_eq!(values, [vec![None, number("88.60")], vec![number("12.5"), number("88.60")]]);
        // Written anew, with nothing in it, it is missing, and not what it was.
        let empty = document("2", 3, "{}").replace("\"rate\":\"88.60\",", "");
        put(store, &[("roads/2", Some(empty))]).await;
        let rows = page(store, &third, &FormFilter::default()).await;
        assert_eq!(rows[1].values["rate"], None);

        publish(store, &catalog("320500", FORMS), 4, &[], &["roads"]).await;
        assert_eq!(page(store, &third, &FormFilter::default()).await, rows);
        let city = region("320500");
        assert_eq!(store.form_definition(&city, "roads", 1).await.unwrap().as_deref(), Some(FIRST));
        assert_eq!(store.form_definition(&city, "roads", 3).await.unwrap(), Some(third));
        assert_eq!(store.form_definition(&city, "roads", 4).await.unwrap(), None);
        let held = store.forms_held().await.unwrap();
        let held: Vec<_> =
            held.iter().map(|it| (it.code.as_str(), it.release, it.in_force, it.listed, it.documents)).collect();
        assert_eq!(held, [("roads", 3, false, true, 3)]);
    })
    .await;
}

/// What cannot be a form makes no table and stops nothing; the code belongs to who published it first, and documents of
/// another's form of that code are in no list; one under a release that passed by is read by the next.
#[tokio::test]
async fn whose_form_it_is() {
    on_each(async |store| {
        let forms = [("Roads'; --", FIRST), ("broken", "{"), ("other", FIRST), ("roads", FIRST)];
        publish(store, &catalog("320500", FORMS), 1, &forms, &[]).await;
        let own = [("roads", FIRST)];
        publish(store, &catalog("320581", FORMS), 1, &own, &[]).await;
        publish_form(store, 2, FIRST).await;
        publish_form(store, 3, FIRST).await;
        let foreign = document("2", 1, FULL).replace("\"320500\"", "\"320581\"");
        put(store, &[("roads/1", Some(document("1", 0, FULL))), ("roads/2", Some(foreign))]).await;
        put(store, &[("roads/3", Some(document("3", 4, FULL)))]).await;
        assert_eq!(keys(store, &FormFilter::default(), &FormColumn::Key, false).await, ["1"]);
        let fourth = FIRST.replacen("路", "路况", 1);
        publish_form(store, 4, &fourth).await;
        assert_eq!(keys(store, &FormFilter::default(), &FormColumn::Key, false).await, ["1", "3"], "it waited");
        let held = store.forms_held().await.unwrap();
        let held: Vec<_> = held.iter().map(|it| (it.code.as_str(), it.publisher.as_str(), it.listed)).collect();
        let expected = [
            ("Roads'; --", "320500", false),
            ("broken", "320500", false),
            ("other", "320500", false),
            ("roads", "320500", true),
            ("roads", "320581", false),
        ];
        assert_eq!(held, expected);
        let codes = async |of: &str| store.form_codes(&region(of)).await.unwrap();
        assert_eq!(Vec::from_iter(codes("320500").await), ["roads"]);
        assert_eq!(codes("320581").await.len(), 4, "retired or not, each once");
        publish(store, &catalog("320500", FORMS), 5, &[], &["other"]).await;
        let asked = ["other", "roads", "x"].map(str::to_owned).into();
        let last = store.last_forms(&region("320500"), &asked).await.unwrap();
        assert_eq!(
            last.into_iter().collect::<Vec<_>>(),
            [("other", FIRST), ("roads", &fourth)].map(|(code, body)| (code.to_owned(), body.to_owned()))
        );
    })
    .await;
}

/// Documents that arrived before their form are listed with it, those of a township as well.
#[tokio::test]
async fn documents_first() {
    on_each(async |store| {
        let town = region("320581101");
        let changes =
            [Change { kind: "form".into(), key: "roads/1".into(), body: Some(document("1", 1, FULL)), problem: None }];
        let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
        store.accept_records(&batch).await.unwrap();
        put(store, &[("roads/1", Some(document("1", 1, "{}")))]).await;
        assert_eq!(page(store, FIRST, &FormFilter::default()).await, []);
        publish_form(store, 1, FIRST).await;
        let authors = page(store, FIRST, &FormFilter::default()).await.into_iter().map(|row| row.author.to_string());
        assert_eq!(authors.collect::<Vec<_>>(), ["320581", "320581101"]);
        let count = |author: &str| DocumentCount {
            author: region(author),
            state: "review".into(),
            handed_on: true,
            count: 1,
            since: Moment(1),
        };
        assert_eq!(store.document_counts("roads").await.unwrap(), [count("320581"), count("320581101")]);
    })
    .await;
}
