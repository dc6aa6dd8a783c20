//! A PostgreSQL database that 0.1 wrote is upgraded when it is opened; the SQLite ones are tried with the programs, in
//! `tests/tests/upgrade`. What stops an upgrade on its way leaves the database as it was.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tongpin_domain::catalog::CatalogId;
use tongpin_store::Store;

use super::ground::{fresh_schema, region, run};

const DUMP: &[u8] = include_bytes!("../../../tests/goldens/0.1/city.postgres.sql.zst");

/// Releases, drafts, invitations and the log are there afterwards, and the database says that it is of today.
#[tokio::test]
async fn a_city_on_postgresql() {
    let Some((server, name, url)) = fresh_schema() else { return };
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&server).await.unwrap();
    let dump = String::from_utf8(zstd::decode_all(DUMP).unwrap()).unwrap();
    run(&mut connection, format!("CREATE SCHEMA {name}; SET search_path TO {name};")).await;
    run(&mut connection, dump).await;

    let store = Store::open(&url).await.unwrap();
    let catalog = |name: &str| CatalogId::new(region("320500"), name);
    assert_eq!(store.entries(&catalog("experts")).await.unwrap().len(), 40);
    assert_eq!(store.entries(&catalog("collections")).await.unwrap().len(), 1);
    assert_eq!(store.releases(&catalog("rules"), 0, 9).await.unwrap().len(), 1);
    assert!(store.draft(&catalog("experts")).await.unwrap().is_some(), "a draft that had been begun");
    assert_eq!(store.children().await.unwrap().len(), 1, "invited, not yet joined");
    assert_eq!(store.audit_broken_at().await.unwrap(), None);
    let incarnation = store.incarnation().await.unwrap();
    store.close().await;

    let again = Store::open(&url).await.unwrap();
    assert_eq!(again.incarnation().await.unwrap(), incarnation, "an upgrade is no restore");
    again.close().await;
    sqlx::query(AssertSqlSafe(format!("DROP SCHEMA {name} CASCADE"))).execute(&mut connection).await.unwrap();
}

/// All steps are one transaction: where the last one fails, here because a table of its name is in the way, nothing of
/// those before it is kept, and the next opening makes all of them.
#[tokio::test]
async fn all_steps_or_none() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("old.db");
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let meta = "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
        INSERT INTO meta VALUES ('schema', '1'), ('incarnation', 'mine');";
    let first = include_str!("../../src/db/steps/0001_first.sql");
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    run(&mut connection, format!("{meta}{first} CREATE TABLE child_quota (region TEXT);")).await;
    let before = schema(&mut connection).await;

    assert!(Store::open(path.to_str().unwrap()).await.is_err());
    assert_eq!(schema(&mut connection).await, before);
    let found: (String,) =
        sqlx::query_as("SELECT value FROM meta WHERE key = 'schema'").fetch_one(&mut connection).await.unwrap();
    assert_eq!(found.0, "1");

    run(&mut connection, "DROP TABLE child_quota".to_owned()).await;
    connection.close().await.unwrap();
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    assert_eq!(store.incarnation().await.unwrap(), "mine");
    assert!(store.quotas(&region("320581")).await.unwrap().is_empty());
    store.close().await;
}

/// Every table and index, as it was made.
async fn schema(connection: &mut AnyConnection) -> Vec<String> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT COALESCE(sql, name) FROM sqlite_master ORDER BY name")
        .fetch_all(connection)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.0).collect()
}

/// The steps as they were published, each of which some program stopped at.
const STEPS: [&str; 14] = [
    include_str!("../../src/db/steps/0001_first.sql"),
    include_str!("../../src/db/steps/0002_attempts.sql"),
    include_str!("../../src/db/steps/0003_standing.sql"),
    include_str!("../../src/db/steps/0004_lives.sql"),
    include_str!("../../src/db/steps/0005_drafters.sql"),
    include_str!("../../src/db/steps/0006_witness.sql"),
    include_str!("../../src/db/steps/0007_review.sql"),
    include_str!("../../src/db/steps/0008_claims.sql"),
    include_str!("../../src/db/steps/0009_rescoring.sql"),
    include_str!("../../src/db/steps/0010_marks.sql"),
    include_str!("../../src/db/steps/0011_topics.sql"),
    include_str!("../../src/db/steps/0012_forms.sql"),
    include_str!("../../src/db/steps/0013_form_counts.sql"),
    include_str!("../../src/db/steps/0014_supplements.sql"),
];

/// A database of every earlier version is brought forward, keeps what it held, and tells its changes.
#[tokio::test]
async fn from_every_version() {
    sqlx::any::install_default_drivers();
    for version in 1..=STEPS.len() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("old.db");
        let mut connection = AnyConnection::connect(&format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
        let meta = format!(
            "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
             INSERT INTO meta VALUES ('schema', '{version}'), ('incarnation', 'mine'), ('kept', 'yes');"
        );
        run(&mut connection, meta).await;
        for step in &STEPS[..version] {
            run(&mut connection, (*step).to_owned()).await;
        }
        connection.close().await.unwrap();

        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        assert_eq!(store.meta("kept").await.unwrap().as_deref(), Some("yes"), "version {version}");
        assert_eq!(store.meta("schema").await.unwrap(), Some(STEPS.len().to_string()), "version {version}");
        let before = store.change_count().await.unwrap();
        store.set_meta("kept", "still").await.unwrap();
        assert_eq!(store.change_count().await.unwrap(), before + 1, "version {version}");
        store.close().await;
    }
}
