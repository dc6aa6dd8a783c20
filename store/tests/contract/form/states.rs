//! What becomes of rows beside their records: verdicts, rebuilding, and releases while others read.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};
use tongpin_domain::catalog::Difference;
use tongpin_domain::form::{Document, VERDICTS};
use tongpin_domain::moment::Moment;
use tongpin_store::{Application, FormColumn, FormFilter, Store};

use super::super::ground::{application, on_each, on_each_at, run, signed};
use super::{FIRST, FULL, catalog, definition, document, lines, page, publish, publish_form, put, second};

fn verdict(turn: u32, state: &str) -> String {
    let about: Document = serde_json::from_str(&document("1", 1, "{}")).unwrap();
    let content = about.content();
    format!(
        r#"{{"document":"roads/1","author":"320581","turn":{turn},"content":"{content}","state":"{state}","steps":[]}}"#
    )
}

async fn state(store: &Store) -> String {
    page(store, FIRST, &FormFilter::default()).await.remove(0).state
}

/// A verdict about the document as it stands is its state, whichever of the two came first; one about an earlier turn
/// or about other content, of a bureau that does not stand above, or about another key is not; without it the state is
/// as it was left.
#[tokio::test]
async fn verdicts_decide() {
    on_each(async |store| {
        let (county, name) = (catalog("320581", VERDICTS), "320581/roads/1");
        publish_form(store, 1, FIRST).await;
        publish(store, &county, 1, &[(name, &verdict(3, "approved"))], &[]).await;
        put(store, &[("roads/1", Some(document("1", 1, "{}")))]).await;
        assert_eq!(state(store).await, "approved", "the verdict came first");
        let other = document("1", 1, r#"{"sum":"9.00"}"#);
        put(store, &[("roads/1", Some(other))]).await;
        assert_eq!(state(store).await, "review", "it says something else than what was approved");
        let later = document("1", 1, "{}").replace("\"turn\":3", "\"turn\":4");
        put(store, &[("roads/1", Some(later))]).await;
        assert_eq!(state(store).await, "review", "history");
        publish(store, &county, 2, &[(name, &verdict(4, "draft"))], &[]).await;
        assert_eq!(state(store).await, "draft", "the document came first");
        let found = FormFilter { states: vec!["draft".into()], ..FormFilter::default() };
        assert_eq!(page(store, FIRST, &found).await.len(), 1);

        let foreign = catalog("320582", VERDICTS);
        publish(store, &foreign, 1, &[(name, &verdict(4, "approved")), ("320581/x/1", &verdict(4, "y"))], &[]).await;
        assert_eq!(state(store).await, "draft");
        publish(store, &county, 3, &[], &[name]).await;
        assert_eq!(state(store).await, "review");

        publish(store, &county, 4, &[(name, &verdict(4, "approved"))], &[]).await;
        assert_eq!(state(store).await, "approved");
        let nothing = Difference { upserts: Vec::new(), removals: Vec::new() };
        let releases = [signed(&county, 5)];
        let whole = Application { full: true, ..application(&releases, &nothing, 4, Moment(2)) };
        store.apply(&whole).await.unwrap();
        assert_eq!(state(store).await, "review", "taken away by a whole replacement");
    })
    .await;
}

/// A release may decide about more documents of one author than are read at once.
#[tokio::test]
async fn many_verdicts() {
    on_each(async |store| {
        publish_form(store, 1, FIRST).await;
        let (mut records, mut verdicts) = (Vec::new(), Vec::new());
        for id in 0..1_203 {
            let body = document(&id.to_string(), 1, "{}");
            let content = serde_json::from_str::<Document>(&body).unwrap().content();
            verdicts.push((
                format!("320581/roads/{id}"),
                format!(
                    r#"{{"document":"roads/{id}","author":"320581","turn":3,"content":"{content}","state":"approved","steps":[]}}"#
                ),
            ));
            records.push((format!("roads/{id}"), body));
        }
        let records = records.iter().map(|(key, body)| (key.as_str(), Some(body.clone())));
        put(store, &records.collect::<Vec<_>>()).await;
        let decided = async || {
            let filter = FormFilter { states: vec!["approved".into()], ..FormFilter::default() };
            let order = (&FormColumn::Key, false);
            store.documents_page(&definition(FIRST), &filter, order, 0, 1).await.unwrap().1
        };
        assert_eq!(decided().await, 0);
        let verdicts: Vec<(&str, &str)> = verdicts.iter().map(|(key, body)| (key.as_str(), body.as_str())).collect();
        publish(store, &catalog("320581", VERDICTS), 1, &verdicts, &[]).await;
        assert_eq!(decided().await, 1_203);
    })
    .await;
}

/// Made anew, the rows are what they were, in as many pieces as it takes; what somebody put there is gone, what
/// somebody took away is back.
#[tokio::test]
async fn rebuilding() {
    on_each_at(async |store, url| {
        publish_form(store, 1, FIRST).await;
        let many: Vec<(String, Option<String>)> =
            (0..1_203).map(|id| (format!("roads/{id}"), Some(document(&id.to_string(), 1, FULL)))).collect();
        let many: Vec<(&str, Option<String>)> = many.iter().map(|(key, body)| (key.as_str(), body.clone())).collect();
        put(store, &many).await;
        publish(store, &catalog("320581", VERDICTS), 1, &[("320581/roads/1", &verdict(3, "approved"))], &[]).await;
        let all = async || {
            let order = (&FormColumn::Key, false);
            let pages = store.documents_page(&definition(FIRST), &FormFilter::default(), order, 0, 9_999).await;
            (pages.unwrap(), lines(store, Some("parts"), &["parts.cost", "parts.route"]).await)
        };
        let before = all().await;
        assert_eq!((before.0.1, before.1.len()), (1_203, 2_406));

        let mut other = AnyConnection::connect(url).await.unwrap();
        for text in [
            "DELETE FROM f_roads WHERE key > 'roads/5'",
            "DELETE FROM r1_roads WHERE key < 'roads/5'",
            "UPDATE f_roads SET c_paid = 0, state = 'wrong'",
            "INSERT INTO f_roads (key, author, publisher, release, subject, subject_name, period, state, version, turn, \
             changed_at, words) SELECT 'roads/zzz', author, publisher, release, subject, subject_name, period, state, \
             version, turn, changed_at, words FROM f_roads WHERE key = 'roads/1'",
        ] {
            sqlx::query(AssertSqlSafe(text)).execute(&mut other).await.unwrap();
        }
        other.close().await.unwrap();
        assert_ne!(all().await.0, before.0);
        assert_eq!(store.rebuild_form("roads", Moment(9)).await.unwrap(), 1_203);
        assert_eq!(all().await, before);
        assert_eq!(store.rebuild_form("nothing", Moment(9)).await.unwrap(), 0);
        assert_eq!(store.rebuild_form("x; y", Moment(9)).await.unwrap(), 0);
    })
    .await;
}

/// On PostgreSQL a table cannot be widened while somebody reads it: the release asks for it again and again, and goes
/// through when the reader leaves.
#[tokio::test]
async fn a_reader_in_the_way() {
    on_each_at(async |store, url| {
        if url.starts_with("sqlite") {
            return;
        }
        publish_form(store, 1, FIRST).await;
        let mut reader = AnyConnection::connect(url).await.unwrap();
        let mut watcher = AnyConnection::connect(url).await.unwrap();
        run(&mut reader, "BEGIN; SELECT key FROM f_roads;".to_owned()).await;
        let mut waits = async |wanted: bool| {
            let text = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = CAST('f_roads' AS regclass)";
            while (sqlx::query_scalar::<_, i64>(text).fetch_one(&mut watcher).await.unwrap() > 0) != wanted {}
        };
        let leaving = async {
            for wanted in [true, false, true] {
                waits(wanted).await;
            }
            run(&mut reader, "COMMIT".to_owned()).await;
        };
        let second = second();
        tokio::join!(publish_form(store, 2, &second), leaving);
        put(store, &[("roads/1", Some(document("1", 2, r#"{"count":"7"}"#)))]).await;
        assert_eq!(page(store, &second, &FormFilter::default()).await[0].values["count"].as_deref(), Some("7"));
    })
    .await;
}

/// A statement that another connection has prepared finds what it found, while a release adds a column beside it.
#[tokio::test]
async fn prepared_statements_outlive_a_release() {
    on_each_at(async |store, url| {
        publish_form(store, 1, FIRST).await;
        put(store, &[("roads/1", Some(document("1", 1, FULL)))]).await;
        let mut other = AnyConnection::connect(url).await.unwrap();
        let text = "SELECT key, c_paid FROM f_roads WHERE author = $1";
        let reader = Store::open(url).await.unwrap();
        for release in 1..4 {
            let found = sqlx::query(text).bind("320581").fetch_all(&mut other).await.unwrap();
            assert_eq!(found.iter().map(|row| row.get::<i64, _>(1)).collect::<Vec<_>>(), [123_450]);
            let body = (0..release).fold(FIRST.to_owned(), |body, more| {
                let field = format!(r#""fields":[{{"name":"more{more}","title":"又","kind":"line"}},"#);
                body.replacen(r#""fields":["#, &field, 1)
            });
            assert_eq!(page(&reader, &body, &FormFilter::default()).await.len(), 1);
            publish_form(store, release + 1, &body).await;
            assert_eq!(page(&reader, &body, &FormFilter::default()).await.len(), 1);
        }
        reader.close().await;
        other.close().await.unwrap();
    })
    .await;
}

/// Documents that wait for a release are listed when it has come, however many, and what an earlier attempt left is
/// listed by the next; one that waits for a release that is not here is not forgotten meanwhile.
#[tokio::test]
async fn what_waited() {
    on_each_at(async |store, url| {
        publish_form(store, 1, FIRST).await;
        let many: Vec<(String, Option<String>)> = (0..1_203)
            .map(|id| (format!("roads/{id}"), Some(document(&id.to_string(), if id % 2 == 0 { 2 } else { 3 }, "{}"))))
            .collect();
        let many: Vec<(&str, Option<String>)> = many.iter().map(|(key, body)| (key.as_str(), body.clone())).collect();
        put(store, &many).await;
        let listed = async || {
            let order = (&FormColumn::Key, false);
            store.documents_page(&definition(FIRST), &FormFilter::default(), order, 0, 1).await.unwrap().1
        };
        assert_eq!(listed().await, 0, "all wait");
        publish_form(store, 2, FIRST).await;
        assert_eq!(listed().await, 602);
        publish_form(store, 3, FIRST).await;
        assert_eq!((listed().await, store.list_waiting().await.unwrap()), (1_203, 0));

        let mut other = AnyConnection::connect(url).await.unwrap();
        let text = "DELETE FROM f_roads WHERE key > 'roads/5'; UPDATE form_table SET waiting = 2;";
        run(&mut other, text.to_owned()).await;
        other.close().await.unwrap();
        assert!(listed().await < 1_203);
        assert!(store.list_waiting().await.unwrap() > 500);
        assert_eq!(listed().await, 1_203);
    })
    .await;
}
