//! A database that was restored from an old copy sends again what it has: what its author wrote after the copy stays,
//! and where the two differ a person settles it.

use tempfile::TempDir;
use tongpin_domain::moment::Moment;
use tongpin_store::{
    Acceptance, Batch, Change, Choice, Difference, Life, Past, Put, RECORDS, RecordRow, Settlement, Settling, Store,
    StoreError, Written,
};

use super::ground::{on_each, region, run};

fn change(key: &str, body: Option<&str>) -> Change {
    Change { kind: "project".into(), key: key.into(), body: body.map(Into::into), problem: None }
}

fn lineage(lives: &[(&str, u64)]) -> Vec<Life> {
    lives.iter().map(|(incarnation, start)| Life { incarnation: (*incarnation).into(), start: *start }).collect()
}

fn written(incarnation: &str, number: u64) -> Written {
    Written { incarnation: incarnation.into(), number }
}

/// Takes changes of the township in, which tells of the lives of its database; the last is the one that sends.
async fn accept(
    store: &Store,
    lives: &[(&str, u64)],
    first_seq: u64,
    changes: &[Change],
    over: &[(u64, Written)],
) -> Result<Acceptance, StoreError> {
    let (author, lineage) = (region("320581101"), lineage(lives));
    let incarnation = lives.last().map_or("", |life| life.0);
    let batch = Batch { author: &author, stream: RECORDS, incarnation, first_seq, changes };
    store.accept_told(&batch, Past { lineage: &lineage, over, mark: None }).await
}

async fn held(store: &Store) -> Vec<(String, String)> {
    let records = store.records("project", Some(&region("320581101"))).await.unwrap();
    records.into_iter().map(|record| (record.key, record.body)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, body)| ((*key).to_owned(), (*body).to_owned())).collect()
}

/// Key, what is held here, what came and whether that is plainly older.
type Told = (String, Option<String>, Option<(Option<String>, bool)>);

fn told(differences: &[Difference]) -> Vec<Told> {
    let there = |it: &Difference| it.there.as_ref().map(|there| (there.body.clone(), there.older));
    differences.iter().map(|it| (it.key.clone(), it.here.clone(), there(it))).collect()
}

fn tell(key: &str, here: Option<&str>, there: Option<(Option<&str>, bool)>) -> Told {
    (key.into(), here.map(Into::into), there.map(|(body, older)| (body.map(Into::into), older)))
}

const FIRST: &[(&str, u64)] = &[("i1", 0)];
/// A copy was made after the second change, and the database restored from it.
const RESTORED: &[(&str, u64)] = &[("i1", 0), ("i2", 2)];

/// What the township wrote in its first life: a changed and e new after the copy, d deleted again.
async fn first_life(store: &Store) {
    let changes = [
        change("a", Some("1")),
        change("b", Some("1")),
        change("a", Some("2")),
        change("c", Some("1")),
        change("d", Some("1")),
        change("d", None),
        change("e", Some("1")),
    ];
    accept(store, FIRST, 1, &changes, &[]).await.unwrap();
}

/// The restored one sends its copy again, then c and d with other content, and f.
async fn second_life(store: &Store) {
    let copy = [change("a", Some("1")), change("b", Some("1"))];
    accept(store, RESTORED, 1, &copy, &[]).await.unwrap();
    let new = [change("c", Some("9")), change("d", Some("8")), change("f", Some("1"))];
    let done = accept(store, RESTORED, 3, &new, &[]).await.unwrap();
    assert_eq!(done, Acceptance::Accepted { seq: 5, applied: 3, skipped: 0 }, "the stream goes on");
}

/// Newer records stay, whether the restored database sends an older state or another one; a deleted record does not
/// come back; everything that differs is listed with both states, and what is new is taken.
#[tokio::test]
async fn newer_records_stay() {
    on_each(async |store| {
        first_life(store).await;
        second_life(store).await;
        assert_eq!(held(store).await, pairs(&[("a", "2"), ("b", "1"), ("c", "1"), ("e", "1"), ("f", "1")]));
        let differences = store.differences(&region("320581101")).await.unwrap();
        let due = [
            tell("a", Some("2"), Some((Some("1"), true))),
            tell("c", Some("1"), Some((Some("9"), false))),
            tell("d", None, Some((Some("8"), false))),
            tell("e", Some("1"), None),
        ];
        assert_eq!(told(&differences), due);
        assert_eq!(differences[0].here_written, written("i1", 3));
        let left: Vec<_> = store.left_behind(&region("320581101")).await.unwrap();
        assert_eq!(left.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["a", "c", "e"]);
        assert_eq!(store.record_counts().await.unwrap()[0].left_behind, 3);
    })
    .await;
}

/// A database that was restored to its whole log sends all of it again, in pieces: an earlier state of a record that it
/// goes on to change is passed over, and stands at no time in the place of the later one or beside it.
#[tokio::test]
async fn what_its_own_log_goes_on_to_is_passed_over() {
    on_each(async |store| {
        let whole: &[(&str, u64)] = &[("i1", 0), ("i2", 7)];
        first_life(store).await;
        let first = [change("a", Some("1")), change("b", Some("1"))];
        accept(store, whole, 1, &first, &[]).await.unwrap();
        assert_eq!(held(store).await, pairs(&[("a", "2"), ("b", "1"), ("c", "1"), ("e", "1")]));
        assert_eq!(store.differences(&region("320581101")).await.unwrap(), []);
    })
    .await;
}

/// A change that was made in knowledge of what is held takes its place, and then both sides agree; one that names an
/// older state than the one held does not.
#[tokio::test]
async fn settled_by_the_author() {
    on_each(async |store| {
        first_life(store).await;
        second_life(store).await;
        let early = [(6, written("i1", 2))];
        accept(store, RESTORED, 6, &[change("c", Some("9"))], &early).await.unwrap();
        assert_eq!(told(&store.differences(&region("320581101")).await.unwrap()).len(), 4, "it knew less");
        let settled = [change("a", Some("2")), change("c", Some("9")), change("d", None), change("e", None)];
        let over = [(7, written("i1", 3)), (8, written("i1", 4)), (9, written("i1", 6)), (10, written("i1", 7))];
        accept(store, RESTORED, 7, &settled, &over).await.unwrap();
        assert_eq!(held(store).await, pairs(&[("a", "2"), ("b", "1"), ("c", "9"), ("f", "1")]));
        assert_eq!(store.differences(&region("320581101")).await.unwrap(), []);
        // Restored once more from the same copy: all of the second life is newer than that, too.
        let third = &[("i1", 0), ("i3", 2)];
        accept(store, third, 1, &[change("a", Some("1")), change("b", Some("1")), change("f", Some("7"))], &[])
            .await
            .unwrap();
        assert_eq!(held(store).await, pairs(&[("a", "2"), ("b", "1"), ("c", "9"), ("f", "1")]));
    })
    .await;
}

/// The same content is no difference, however it came to be.
#[tokio::test]
async fn equal_states_agree() {
    on_each(async |store| {
        first_life(store).await;
        let changes = [change("a", Some("2")), change("b", Some("1")), change("c", Some("1")), change("d", None)];
        accept(store, &[("new", 0)], 1, &changes, &[]).await.unwrap();
        let left = store.differences(&region("320581101")).await.unwrap();
        assert_eq!(left.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["e"]);
    })
    .await;
}

/// A database whose place another one took is refused for good, with the reason, whether it is an old copy that goes on
/// or an old file that comes late; the one in use goes on.
#[tokio::test]
async fn a_replaced_database_is_refused() {
    on_each(async |store| {
        first_life(store).await;
        second_life(store).await;
        let refused = accept(store, FIRST, 1, &[change("a", Some("1"))], &[]).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Replaced { incarnation, .. } if incarnation == "i1"), "{refused}");
        let own = region("320581101");
        let begun = store.begin_life(&own, &lineage(FIRST)).await.unwrap_err();
        assert!(matches!(begun, StoreError::Replaced { .. }), "{begun}");
        assert_eq!(store.position(&own, RECORDS).await.unwrap().unwrap().incarnation, "i2");
        accept(store, RESTORED, 6, &[change("g", Some("1"))], &[]).await.unwrap();
    })
    .await;
}

/// A restored database that has sent nothing yet may ask what it lacks: that is told by the lives alone.
#[tokio::test]
async fn asked_before_sending() {
    on_each(async |store| {
        first_life(store).await;
        let own = region("320581101");
        store.begin_life(&own, &lineage(RESTORED)).await.unwrap();
        let differences = store.differences(&own).await.unwrap();
        let keys: Vec<&str> = differences.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, ["a", "c", "d", "e"], "b is as in the copy");
        store.begin_life(&own, &lineage(RESTORED)).await.unwrap();
        second_life(store).await;
    })
    .await;
}

/// What a person chose at the parent is kept until the child has carried it out, or sends something else.
#[tokio::test]
async fn chosen_at_the_parent() {
    on_each(async |store| {
        first_life(store).await;
        second_life(store).await;
        let own = region("320581101");
        assert!(!store.choose(&own, "project", "b", Choice::Parent, "审核-001").await.unwrap(), "no difference");
        assert!(store.choose(&own, "project", "c", Choice::Parent, "审核-001").await.unwrap());
        assert!(store.choose(&own, "project", "e", Choice::Child, "审核-001").await.unwrap());
        assert_eq!(store.chosen_authors().await.unwrap(), std::slice::from_ref(&own));
        let chosen: Vec<_> = store.differences(&own).await.unwrap().into_iter().map(|it| (it.key, it.choice)).collect();
        let of = |key: &str, choice| (key.to_owned(), choice);
        let due = [of("a", None), of("c", Some(Choice::Parent)), of("d", None), of("e", Some(Choice::Child))];
        assert_eq!(chosen, due);
        accept(store, RESTORED, 6, &[change("c", Some("10"))], &[]).await.unwrap();
        let c = store.differences(&own).await.unwrap().remove(1);
        assert_eq!((c.choice, c.there.and_then(|it| it.body)), (None, Some("10".to_owned())), "it was changed again");
        accept(store, RESTORED, 7, &[change("e", None)], &[(7, written("i1", 7))]).await.unwrap();
        assert_eq!(store.chosen_authors().await.unwrap(), []);
    })
    .await;
}

/// The author's side: what the parent returned and is the same here is no difference; what is settled becomes an own
/// change that names what it replaces, once; a record that was changed since it was seen stays.
#[tokio::test]
async fn settled_at_the_author() {
    on_each(async |store| {
        let own = region("320581101");
        let put = async |key: &str, body: &str| {
            let records = [RecordRow { kind: "project".into(), key: key.into(), body: Some(body.into()) }];
            store.put_records(&Put { own: &own, records: &records, at: Moment(1), log: true }).await.unwrap();
        };
        for (key, body) in [("a", "1"), ("b", "1"), ("c", "9")] {
            put(key, body).await;
        }
        let apart = |key: &str, body: Option<&str>, number| {
            let body = body.map(str::to_owned);
            let apart = tongpin_store::Apart { written: written("old", number), body, older: false };
            ("project".to_owned(), key.to_owned(), apart)
        };
        let returned =
            [apart("a", Some("2"), 3), apart("b", Some("1"), 2), apart("c", Some("1"), 4), apart("e", Some("1"), 7)];
        store.keep_returned(&own, true, &returned).await.unwrap();
        let listed = store.returned(&own).await.unwrap();
        let due = [
            tell("a", Some("1"), Some((Some("2"), false))),
            tell("c", Some("9"), Some((Some("1"), false))),
            tell("e", None, Some((Some("1"), false))),
        ];
        assert_eq!(told(&listed), due);
        assert_eq!(listed.iter().map(|it| it.here_written.number).collect::<Vec<_>>(), [1, 3, 0]);

        let settlement = |key: &str, there: &str, number, choice, seen| Settlement {
            kind: "project".into(),
            key: key.into(),
            over: written("old", number),
            there: Some(there.into()),
            choice,
            seen,
        };
        let settlements = [
            settlement("a", "2", 3, Choice::Parent, 1),
            settlement("c", "1", 4, Choice::Child, 3),
            settlement("e", "1", 7, Choice::Parent, 0),
        ];
        let settling = Settling { own: &own, settlements: &settlements, at: Moment(2) };
        assert_eq!(store.settle(&settling).await.unwrap(), 3);
        assert_eq!(store.settle(&settling).await.unwrap(), 0, "once");
        assert_eq!(held(store).await, pairs(&[("a", "2"), ("b", "1"), ("c", "9"), ("e", "1")]));
        assert_eq!(store.returned(&own).await.unwrap(), []);
        let over = store.settled_between(3, 6).await.unwrap();
        assert_eq!(over, [(4, written("old", 3)), (5, written("old", 4)), (6, written("old", 7))]);
        assert_eq!(store.outbox_last(RECORDS).await.unwrap(), 6);

        put("a", "3").await;
        let late = [settlement("a", "5", 9, Choice::Parent, 4)];
        assert_eq!(store.settle(&Settling { settlements: &late, ..settling }).await.unwrap(), 0, "changed since");
    })
    .await;
}

/// A database of the first version keeps what it knew: whose present life wrote its records, and which were left
/// behind before the versions that tell more.
#[tokio::test]
async fn an_old_database_is_upgraded() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("old.db");
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let meta = "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);";
    let rows = "INSERT INTO meta VALUES ('schema', '1'), ('incarnation', 'mine');
        INSERT INTO stream_position VALUES ('320581101', 'records', 'i2', 2);
        INSERT INTO record (kind, key, author, seq, body) VALUES ('project', 'a', '320581101', 2, '1'),
            ('project', 'b', '320581101', 0, '1'), ('project', 'c', '320581', 0, '1');";
    let first = include_str!("../../src/db/steps/0001_first.sql");
    run(&mut connection, format!("{meta}{first}{rows}")).await;
    sqlx::Connection::close(connection).await.unwrap();

    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    assert_eq!(store.lineage().await.unwrap(), lineage(&[("mine", 0)]));
    let left = store.left_behind(&region("320581101")).await.unwrap();
    assert_eq!(left.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["b"]);
    // The author tells of its lives from now on: the record of an unknown one is not overwritten by other content.
    let changes = [change("a", Some("2")), change("b", Some("2"))];
    accept(&store, &[("i2", 0)], 3, &changes, &[]).await.unwrap();
    assert_eq!(held(&store).await, pairs(&[("a", "2"), ("b", "1")]));
}
