//! Lists of documents: filtered, sorted and cut, and nothing asked of what is no column.

use tongpin_domain::form::Definition;
use tongpin_store::{FieldTest, FilterOp, FormColumn, FormFilter, Store, StoreError};

use super::super::ground::on_each;
use super::{FIRST, definition, document, keys, publish_form, put};

fn test(field: &str, op: FilterOp) -> FormFilter {
    FormFilter { tests: vec![FieldTest { field: field.into(), op }], ..FormFilter::default() }
}

async fn fill(store: &Store) {
    publish_form(store, 1, FIRST).await;
    let given = [
        (
            "1",
            r#"{"paid":"100.00","kinds":["a","ab"],"unit":"交通局","reason":"Ａ路塌方","clerk":"李四","due":"2025-01-31"}"#,
        ),
        ("22", r#"{"paid":"9.50","kinds":["ab"],"unit":"水务局","done":"yes","due":"2025-02-01"}"#),
        ("333", r#"{"unit":"100%","done":"no"}"#),
    ];
    let rows = given.map(|(id, given)| (format!("roads/{id}"), Some(document(id, 1, given))));
    let rows: Vec<(&str, Option<String>)> = rows.iter().map(|(key, body)| (key.as_str(), body.clone())).collect();
    put(store, &rows).await;
}

/// Every filter finds what it says and nothing else: numbers as numbers, one choice among several, words in half and
/// full width, what is personal not at all, signs of LIKE as themselves.
#[tokio::test]
async fn filters() {
    on_each(async |store| {
        fill(store).await;
        let text = |text: &str| FormFilter { text: text.into(), ..FormFilter::default() };
        let is = |text: &str| FilterOp::Is(text.to_owned());
        let least = |text: &str| FilterOp::AtLeast(text.to_owned());
        let most = |text: &str| FilterOp::AtMost(text.to_owned());
        let subjects = |some: &[&str]| FormFilter {
            subjects: Some(some.iter().map(|it| (*it).to_owned()).collect()),
            ..FormFilter::default()
        };
        for (filter, expected) in [
            (test("paid", is("9.5")), &["22"][..]),
            (test("paid", least("9.495")), &["1", "22"]),
            (test("paid", most("99.999")), &["22"]),
            (test("paid", least("99999999999999999999")), &[]),
            (test("paid", is("many")), &[]),
            (test("paid", FilterOp::Missing), &["333"]),
            (test("paid", FilterOp::Present), &["1", "22"]),
            (test("due", least("2025-02-01")), &["22"]),
            (test("done", is("no")), &["333"]),
            (test("kinds", is("a")), &["1"]),
            (test("kinds", FilterOp::OneOf(vec!["a".into(), "ab".into()])), &["1", "22"]),
            (test("kinds", FilterOp::OneOf(Vec::new())), &[]),
            (test("unit", FilterOp::OneOf(vec!["水务局".into(), "100%".into()])), &["22", "333"]),
            (test("unit", is("' OR 1=1 --")), &[]),
            (text("a路"), &["1"]),
            (text("公路22 水务"), &["22"]),
            (text("0%"), &["333"]),
            (text("李四"), &[]),
            (subjects(&["S1", "S333"]), &["1", "333"]),
            (subjects(&[]), &[]),
            (
                FormFilter { states: vec!["review".into(), "draft".into()], ..FormFilter::default() },
                &["1", "22", "333"],
            ),
            (FormFilter { states: vec!["approved".into()], ..FormFilter::default() }, &[]),
            (FormFilter { period: "2025Q2".into(), ..FormFilter::default() }, &[]),
            (FormFilter { author: "320581".into(), ..FormFilter::default() }, &["1", "22", "333"]),
        ] {
            assert_eq!(keys(store, &filter, &FormColumn::Key, false).await, expected, "{filter:?}");
        }
        let units = store.form_choices("roads", &FormColumn::Field("unit".into())).await.unwrap();
        assert_eq!(units, ["100%", "交通局", "水务局"]);
        assert_eq!(store.form_choices("roads", &FormColumn::Field("kinds".into())).await.unwrap(), ["a", "ab"]);
        assert_eq!(store.form_choices("roads", &FormColumn::Field("paid".into())).await.unwrap(), ["9.50", "100.00"]);
        assert_eq!(store.form_choices("roads", &FormColumn::Period).await.unwrap(), ["2025Q1"]);
    })
    .await;
}

/// Sorted by the value and not by its letters, what is missing last both ways, cut into pages that say how many there
/// are in all.
#[tokio::test]
async fn order_and_pages() {
    on_each(async |store| {
        fill(store).await;
        let (all, paid) = (FormFilter::default(), FormColumn::Field("paid".into()));
        assert_eq!(keys(store, &all, &paid, false).await, ["22", "1", "333"]);
        assert_eq!(keys(store, &all, &paid, true).await, ["1", "22", "333"]);
        assert_eq!(keys(store, &all, &FormColumn::ChangedAt, true).await, ["333", "22", "1"]);
        assert_eq!(keys(store, &all, &FormColumn::Subject, true).await, ["333", "22", "1"]);
        let order = (&paid, false);
        let (rows, total) = store.documents_page(&definition(FIRST), &all, order, 1, 1).await.unwrap();
        assert_eq!((rows.len(), rows[0].key.as_str(), total), (1, "roads/1", 3));
        let (rows, total) = store.documents_page(&definition(FIRST), &all, order, 9, 1).await.unwrap();
        assert_eq!((rows.len(), total), (0, 3));
    })
    .await;
}

/// Read on from the last one, each page has what follows in the order of keys and authors, filtered as asked; of a form
/// without tables there is nothing.
#[tokio::test]
async fn pages_by_key() {
    on_each(async |store| {
        fill(store).await;
        let (form, all) = (definition(FIRST), FormFilter::default());
        let (mut seen, mut after) = (Vec::new(), (String::new(), String::new()));
        loop {
            let page = store.documents_after(&form, &all, (&after.0, &after.1), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = (last.key.clone(), last.author.to_string());
            seen.extend(page.into_iter().map(|row| row.key));
        }
        assert_eq!(seen, ["roads/1", "roads/22", "roads/333"]);
        let filter = test("paid", FilterOp::Present);
        let found = store.documents_after(&form, &filter, ("roads/1", "320581"), 9).await.unwrap();
        assert_eq!(found.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["roads/22"]);
        let other = Definition { code: "none".into(), ..form };
        assert_eq!(store.documents_after(&other, &all, ("", ""), 9).await.unwrap(), []);
    })
    .await;
}

/// A field that is no column, quoted or not, is refused by name, wherever it is named; a form without tables has no
/// documents.
#[tokio::test]
async fn unknown_fields_are_refused() {
    on_each(async |store| {
        fill(store).await;
        let refused = |error: StoreError, name: &str| {
            assert!(
                matches!(&error, StoreError::NoColumn { form, field } if form == "roads" && field == name),
                "{error:?}"
            );
        };
        let (first, all, key) = (definition(FIRST), FormFilter::default(), (&FormColumn::Key, false));
        for name in ["nothing", "\"paid\"", "paid = 1 OR 1", "reason", "c_paid", "parts", ""] {
            let found = store.documents_page(&first, &test(name, FilterOp::Present), key, 0, 9).await;
            refused(found.unwrap_err(), name);
            let order = FormColumn::Field(name.into());
            refused(store.documents_page(&first, &all, (&order, false), 0, 9).await.unwrap_err(), name);
            refused(store.form_choices("roads", &order).await.unwrap_err(), name);
            refused(store.form_rows("roads", None, &[name], &all, |_| ()).await.unwrap_err(), name);
        }
        refused(store.form_rows("roads", None, &["parts.cost"], &all, |_| ()).await.unwrap_err(), "parts.cost");
        let other = Definition { code: "x; DROP TABLE f_roads".into(), ..first };
        assert_eq!(store.documents_page(&other, &all, key, 0, 9).await.unwrap(), (Vec::new(), 0));
    })
    .await;
}

/// What is about something is found by it and not by reading all documents, also in a table that was made before it was
/// looked for in this way.
#[tokio::test]
async fn about_something() {
    on_each(async |store| {
        let about = FormFilter { subjects: Some(vec!["S12".to_owned()]), ..FormFilter::default() };
        publish_form(store, 1, FIRST).await;
        let rows: Vec<(String, String)> =
            (1..=40).map(|id| (format!("roads/{id}"), document(&id.to_string(), 1, r#"{"paid":"1.00"}"#))).collect();
        put(store, &rows.iter().map(|(key, body)| (key.as_str(), Some(body.clone()))).collect::<Vec<_>>()).await;
        let of_projects = FIRST.replacen(r#""fields""#, r#""subject":{"of":"project","per":"quarter"},"fields""#, 1);
        publish_form(store, 2, &of_projects).await;
        publish_form(store, 3, &of_projects.replacen("已支付", "支付数", 1)).await;
        assert_eq!(keys(store, &about, &FormColumn::Period, true).await, ["12"]);
        if store.path().is_some() {
            let order = (&FormColumn::Period, true);
            let plan = store.documents_plan(&definition(&of_projects), &about, order, 12).await.unwrap().join("; ");
            assert!(plan.contains("SEARCH f USING") && plan.contains("s_roads (subject=?)"), "{plan}");
        }
    })
    .await;
}
