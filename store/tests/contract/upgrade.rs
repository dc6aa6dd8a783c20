//! A PostgreSQL database that 0.1 wrote is upgraded when it is opened; the SQLite ones are tried with the programs, in
//! `tests/tests/upgrade`.

use sqlx::{AssertSqlSafe, Connection as _};
use tongpin_domain::catalog::CatalogId;
use tongpin_store::Store;

use super::ground::{fresh_schema, region, run};

const DUMP: &[u8] = include_bytes!("../../../tests/goldens/0.1/city.postgres.sql.zst");

/// Releases, drafts, invitations and the log are there afterwards, and the database says that it is of today.
#[tokio::test]
async fn a_city_on_postgresql() {
    let Some((server, name, url)) = fresh_schema() else { return };
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&server).await.unwrap();
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
