//! A database that is put back from a copy: its peer notices, everything is sent again, and what only the other side
//! still knows is shown instead of lost.

use std::path::Path;

use anyhow::Result;

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

/// A township goes back to its backup: it takes a new incarnation, sends all it has again, and the county keeps and
/// shows what the backup did not know.
#[tokio::test(flavor = "multi_thread")]
async fn township_from_a_backup() -> Result<()> {
    let mut pair = Pair::new("330105", "330105001").await?;
    pair.enter(&[("A", Some(1)), ("B", Some(1)), ("C", Some(1))]).await?;
    pair.settled().await?;
    let copy = pair.folder.path().join("copy.sqlite");
    pair.township.site.store.backup_to(&copy).await?;
    pair.enter(&[("A", None), ("B", Some(2)), ("D", Some(1)), ("E", Some(1))]).await?;
    pair.settled().await?;
    let before = pair.township.site.store.incarnation().await?;

    pair = pair.restart_township(async |folder| put_back(folder, &copy)).await?;
    pair.enter(&[("F", Some(1))]).await?;
    pair.settled().await?;
    let store = &pair.township.site.store;
    let now = store.incarnation().await?;
    assert_ne!(now, before);
    assert_eq!(store.previous_incarnation().await?, Some(before));
    let position = pair.county.site.store.position(&pair.author(), "records").await?.expect("a position");
    assert_eq!((position.incarnation, position.seq), (now, 4), "A, B, C and F, sent anew");
    assert_eq!(keys(&pair).await?, [vec!["A", "B", "C", "D", "E", "F"], vec!["A", "B", "C", "F"]]);
    assert_eq!(left_behind(&pair).await?, ["D", "E"]);

    // Entered again, they are no longer left behind.
    pair.enter(&[("D", Some(2)), ("E", Some(1))]).await?;
    pair.settled().await?;
    assert_eq!(left_behind(&pair).await?, Vec::<String>::new());
    let [there, here] = pair.both().await?;
    assert_eq!(there, here);
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
    assert_eq!(left_behind(&pair).await?, ["B", "C"]);
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
