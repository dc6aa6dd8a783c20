//! A database that is put back from a copy: its peer notices, everything is sent again, and what only the other side
//! still knows is shown instead of lost.

use std::path::Path;

use anyhow::{Context, Result};
use tongpin_link::recall::{self, Lack, Recall, Standing};
use tongpin_store::{AuditFilter, Choice, Put, RecordRow, Store};
use tongpin_tests::inprocess::until;

use super::Pair;

const DATABASE: &str = "tongpin.sqlite";

/// Puts a file in the place of a closed database.
fn put_back(folder: &Path, copy: &Path) -> Result<()> {
    for beside in ["tongpin.sqlite-wal", "tongpin.sqlite-shm"] {
        let _ = std::fs::remove_file(folder.join(beside));
    }
    std::fs::copy(copy, folder.join(DATABASE))?;
    Ok(())
}

async fn keys(pair: &Pair) -> Result<[Vec<String>; 2]> {
    Ok(pair.both().await?.map(|records| records.into_iter().map(|(key, _)| key).collect()))
}

async fn left_behind(pair: &Pair) -> Result<Vec<String>> {
    let records = pair.county.site.store.left_behind(&pair.author()).await?;
    Ok(records.into_iter().map(|record| record.key).collect())
}

/// The records of which the two hold different states, as the township was told.
async fn told(pair: &Pair) -> Result<Vec<(String, Standing)>> {
    let found = recall::differences(&pair.township.site).await?;
    Ok(found.into_iter().map(|(standing, it)| (it.key, standing)).collect())
}

fn due(told: &[(&str, Standing)]) -> Vec<(String, Standing)> {
    told.iter().map(|(key, standing)| ((*key).to_owned(), *standing)).collect()
}

/// Waits until the county has answered what it holds and the township does not.
async fn answered(pair: &Pair) -> Result<Recall> {
    until("the county has answered", async || {
        Ok(Recall::load(&pair.township.site).await?.is_some_and(|recall| recall.answered_at.is_some()))
    })
    .await?;
    Recall::load(&pair.township.site).await?.context("asked")
}

/// A township with A, B and C goes back to that after A was deleted, B changed, and D and E entered.
async fn went_back(county: &str, township: &str) -> Result<Pair> {
    let mut pair = Pair::new(county, township).await?;
    pair.enter(&[("A", Some(1)), ("B", Some(1)), ("C", Some(1))]).await?;
    pair.settled().await?;
    let copy = pair.folder.path().join("copy.sqlite");
    pair.township.site.store.backup_to(&copy).await?;
    pair.enter(&[("A", None), ("B", Some(2)), ("D", Some(1)), ("E", Some(1))]).await?;
    pair.settled().await?;
    pair = pair.restart_township(async |folder| put_back(folder, &copy)).await?;
    Ok(pair)
}

async fn agree(pair: &Pair) -> Result<Vec<(String, String)>> {
    until("both sides agree", async || {
        let [there, here] = pair.both().await?;
        Ok(there == here && pair.county.site.store.differences(&pair.author()).await?.is_empty())
    })
    .await?;
    assert_eq!(told(pair).await?, []);
    Ok(pair.both().await?[1].clone())
}

fn record(key: &str, version: u32) -> (String, String) {
    (key.to_owned(), format!("{{\"project_code\":\"{key}\",\"v\":{version}}}"))
}

/// A township goes back to its backup: before it sends anything it asks the county, which holds what is newer; nothing
/// of that is overwritten, not even what was deleted comes back; what is entered meanwhile goes up; and one step takes
/// everything back.
#[tokio::test(flavor = "multi_thread")]
async fn township_from_a_backup() -> Result<()> {
    let pair = went_back("330105", "330105001").await?;
    pair.enter(&[("F", Some(1))]).await?;
    pair.settled().await?;
    let recall = answered(&pair).await?;
    assert!(recall.is_open(), "a person decides");
    assert_eq!(recall.records, 4, "B, C, D and E");
    let [there, here] = pair.both().await?;
    assert_eq!(there, [record("B", 2), record("C", 1), record("D", 1), record("E", 1), record("F", 1)]);
    assert_eq!(here, [record("A", 1), record("B", 1), record("C", 1), record("F", 1)]);
    assert_eq!(left_behind(&pair).await?, ["B", "D", "E"]);
    let (missing, older) = (Standing::Missing, Standing::Older);
    assert_eq!(told(&pair).await?, due(&[("A", older), ("B", older), ("D", missing), ("E", missing)]));
    assert_eq!(recall::lack(&recall::differences(&pair.township.site).await?), Lack { missing: 2, older: 2, both: 0 });

    assert_eq!(recall::take_back(&pair.township.site, "经办-001").await?, 4);
    assert_eq!(agree(&pair).await?, there);
    let recall = Recall::load(&pair.township.site).await?.context("asked")?;
    assert!(!recall.is_open());
    assert_eq!(recall.decided_by, "经办-001");
    Ok(())
}

/// Edits on both sides, before anybody looked: the county keeps its own and shows both; each record is settled with one
/// choice, at the county or at the township, for the one value or the other, and both sides end with the same.
#[tokio::test(flavor = "multi_thread")]
async fn edited_on_both_sides() -> Result<()> {
    let pair = went_back("330108", "330108001").await?;
    answered(&pair).await?;
    pair.enter(&[("A", Some(8)), ("B", Some(9)), ("D", Some(9)), ("E", Some(9))]).await?;
    pair.settled().await?;
    let (county, own) = (&pair.county.site.store, pair.author());
    assert_eq!(pair.both().await?[0], [record("B", 2), record("C", 1), record("D", 1), record("E", 1)]);
    let both = Standing::Both;
    assert_eq!(told(&pair).await?, due(&[("A", both), ("B", both), ("D", both), ("E", both)]));
    let shown = county.differences(&own).await?;
    let came = shown.iter().map(|it| it.there.as_ref().and_then(|there| there.body.clone()));
    assert!(came.eq(["A", "B", "D", "E"].map(|key| Some(record(key, if key == "A" { 8 } else { 9 }).1))), "{shown:?}");

    // At the county: its own value for B, the township's for D.
    assert!(county.choose(&own, "project", "B", Choice::Parent, "审核-001").await?);
    assert!(county.choose(&own, "project", "D", Choice::Child, "审核-001").await?);
    until("the township carried it out", async || Ok(told(&pair).await?.len() == 2)).await?;
    let entered = pair.township.site.store.audit_page(&AuditFilter::default(), 0, 9).await?;
    let entered = entered.iter().filter(|entry| entry.action == "record_settle").count();
    assert_eq!(entered, 2, "the township's own log tells of both");

    // At the township: its own value for A, which the county had seen deleted, the county's for E.
    let seen = async |key: &str| {
        let found = recall::differences(&pair.township.site).await?;
        let one = found.iter().find(|(_, it)| it.key == key).context("a difference")?;
        anyhow::Ok(one.1.here_written.number)
    };
    let (a, e) = (seen("A").await?, seen("E").await?);
    assert!(!recall::settle(&pair.township.site, "project", "A", Choice::Child, a - 1).await?, "another was seen");
    assert!(recall::settle(&pair.township.site, "project", "A", Choice::Child, a).await?);
    assert!(recall::settle(&pair.township.site, "project", "E", Choice::Parent, e).await?);
    let all = [record("A", 8), record("B", 2), record("C", 1), record("D", 9), record("E", 1)];
    assert_eq!(agree(&pair).await?, all);
    assert_eq!(county.chosen_authors().await?, []);
    Ok(())
}

/// The database is gone and an empty one takes its place: the county keeps everything, and everything comes back.
#[tokio::test(flavor = "multi_thread")]
async fn township_with_an_empty_database() -> Result<()> {
    let mut pair = Pair::new("330109", "330109001").await?;
    pair.enter(&[("A", Some(1)), ("B", Some(1)), ("A", Some(2))]).await?;
    pair.settled().await?;
    pair = pair
        .restart_township(async |folder| {
            for file in ["tongpin.sqlite", "tongpin.sqlite-wal", "tongpin.sqlite-shm"] {
                let _ = std::fs::remove_file(folder.join(file));
            }
            Ok(())
        })
        .await?;
    pair.enter(&[("B", Some(7))]).await?;
    let recall = answered(&pair).await?;
    pair.settled().await?;
    assert_eq!(recall.records, 2);
    assert_eq!(told(&pair).await?, due(&[("A", Standing::Missing), ("B", Standing::Both)]));
    assert_eq!(pair.both().await?[0], [record("A", 2), record("B", 1)]);
    assert_eq!(recall::take_back(&pair.township.site, "经办-001").await?, 1, "B is a person's to judge");
    let b = recall::differences(&pair.township.site).await?.remove(0).1.here_written.number;
    assert!(recall::settle(&pair.township.site, "project", "B", Choice::Parent, b).await?);
    assert_eq!(agree(&pair).await?, [record("A", 2), record("B", 1)]);
    Ok(())
}

/// The same with a bare copy of the file, which does not know that it is a copy: what the county has proves it.
#[tokio::test(flavor = "multi_thread")]
async fn township_from_a_bare_copy() -> Result<()> {
    let mut pair = Pair::new("330106", "330106001").await?;
    pair.enter(&[("A", Some(1))]).await?;
    pair.settled().await?;
    let copy = pair.folder.path().join("copy.sqlite");
    // Closing the database writes everything into the one file.
    pair = pair.restart_township(async |folder| Ok(std::fs::copy(folder.join(DATABASE), &copy).map(drop)?)).await?;
    let before = pair.township.site.store.incarnation().await?;
    pair.enter(&[("B", Some(1)), ("C", Some(1))]).await?;
    pair.settled().await?;

    pair = pair.restart_township(async |folder| put_back(folder, &copy)).await?;
    pair.settled().await?;
    assert_ne!(pair.township.site.store.incarnation().await?, before);
    assert_eq!(keys(&pair).await?, [vec!["A", "B", "C"], vec!["A"]]);
    answered(&pair).await?;
    assert_eq!(told(&pair).await?, due(&[("B", Standing::Missing), ("C", Standing::Missing)]));
    assert_eq!(left_behind(&pair).await?, ["B", "C"]);
    Ok(())
}

/// The same after more was entered on the copy, before it was connected, than it lacked: its own changes stand under
/// the numbers of those that the county took, which knows its own again. Nothing of either is lost or replaced.
#[tokio::test(flavor = "multi_thread")]
async fn a_bare_copy_that_went_on() -> Result<()> {
    let mut pair = Pair::new("330110", "330110001").await?;
    pair.enter(&[("A", Some(1))]).await?;
    pair.settled().await?;
    let copy = pair.folder.path().join("copy.sqlite");
    pair = pair.restart_township(async |folder| Ok(std::fs::copy(folder.join(DATABASE), &copy).map(drop)?)).await?;
    pair.enter(&[("B", Some(1)), ("C", Some(1))]).await?;
    pair.settled().await?;

    let (own, at) = (pair.author(), pair.township.site.now());
    let entered = ["D", "E", "F"].map(|key| {
        let (key, body) = record(key, 1);
        RecordRow { kind: "project".into(), key, body: Some(body) }
    });
    let go_on = async |folder: &Path| {
        put_back(folder, &copy)?;
        let store = Store::open(folder.join(DATABASE).to_str().context("a path in UTF-8")?).await?;
        store.put_records(&Put { own: &own, records: &entered, at, log: true }).await?;
        store.close().await;
        Ok(())
    };
    pair = pair.restart_township(go_on).await?;
    answered(&pair).await?;
    pair.settled().await?;
    assert_eq!(keys(&pair).await?, [vec!["A", "B", "C", "D", "E", "F"], vec!["A", "D", "E", "F"]]);
    assert_eq!(told(&pair).await?, due(&[("B", Standing::Missing), ("C", Standing::Missing)]));
    Ok(())
}

/// A county goes back to its backup: the township rewinds to what the county still knows and sends the rest again,
/// though all of it had been acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn county_from_a_backup() -> Result<()> {
    let mut pair = Pair::new("330107", "330107001").await?;
    pair.enter(&[("A", Some(1)), ("B", Some(1))]).await?;
    pair.settled().await?;
    let copy = pair.folder.path().join("copy.sqlite");
    pair.county.site.store.backup_to(&copy).await?;
    pair.enter(&[("A", None), ("B", Some(2)), ("C", Some(1))]).await?;
    pair.settled().await?;

    pair = pair.restart_county(async |folder| put_back(folder, &copy)).await?;
    pair.settled().await?;
    assert_eq!(pair.position().await?, 5);
    let [there, here] = pair.both().await?;
    assert_eq!(there, here);
    assert_eq!(there.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["B", "C"]);
    assert_eq!(left_behind(&pair).await?, Vec::<String>::new());
    Ok(())
}
