//! The ground that tests stand on: a fresh database of each kind, and short ways to make things.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry, Release, SignedRelease, Turnover};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Application, PackedDifference, Store};

static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// Runs a test on a fresh SQLite file, and on a fresh PostgreSQL schema if there is a server.
pub(super) async fn on_each(test: impl AsyncFn(&Store)) {
    on_each_at(async |store, _| test(store).await).await;
}

/// Like [`on_each`], for tests that also need the database's URL, to do to it what no store does.
pub(super) async fn on_each_at(test: impl AsyncFn(&Store, &str)) {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    test(&store, &format!("sqlite://{}", folder.path().join("node.db").display())).await;
    store.close().await;
    let Some((server, name, url)) = fresh_schema() else { return };
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&server).await.unwrap();
    run(&mut connection, format!("CREATE SCHEMA {name}")).await;
    let store = Store::open(&url).await.unwrap();
    test(&store, &url).await;
    store.close().await;
    run(&mut connection, format!("DROP SCHEMA {name} CASCADE")).await;
}

/// The PostgreSQL server, if there is one, the name of a schema that nobody has yet, and the URL of a store in it.
pub(super) fn fresh_schema() -> Option<(String, String, String)> {
    let Ok(server) = std::env::var("TONGPIN_TEST_POSTGRES") else {
        eprintln!("PostgreSQL was left out: TONGPIN_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("contract_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
    let mark = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{mark}options[search_path]={name}");
    Some((server, name, url))
}

pub(super) async fn run(connection: &mut sqlx::AnyConnection, text: String) {
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await.unwrap();
}

/// A store in a file `node.db` of a folder.
pub(super) async fn open(folder: &TempDir) -> Store {
    Store::open(folder.path().join("node.db").to_str().unwrap()).await.unwrap()
}

pub(super) fn region(code: &str) -> RegionCode {
    RegionCode::new(code).unwrap()
}

pub(super) fn indicators() -> CatalogId {
    CatalogId::new(region("320500"), "indicators")
}

pub(super) fn audience(text: &str) -> Audience {
    Audience::try_from(text.to_owned()).unwrap()
}

pub(super) fn entry(key: &str, release: u64, to: &str) -> Entry {
    Entry { key: key.into(), audience: audience(to), release, body: format!("{{\"{key}\":{release}}}") }
}

/// A release whose digest is that of its number.
pub(super) fn signed(id: &CatalogId, number: u64) -> SignedRelease {
    let release = Release {
        catalog: id.clone(),
        number,
        previous: digest(number - 1),
        parts: Vec::new(),
        drafted_by: "经办".into(),
        approved_by: "审核".into(),
        note: "测试".into(),
        signed_at: Moment(1),
    };
    SignedRelease { release, digest: digest(number), envelope: vec![0, 255, 7] }
}

pub(super) fn digest(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

/// Applies entries and removals as the next release of the indicators.
pub(super) async fn apply(store: &Store, number: u64, upserts: Vec<Entry>, removals: &[&str]) {
    let id = indicators();
    let difference = Difference { upserts, removals: removals.iter().map(|key| (*key).to_owned()).collect() };
    let releases = [signed(&id, number)];
    let expected_head = number - 1;
    let at = Moment(i64::try_from(number).unwrap());
    store.apply(&application(&releases, &difference, expected_head, at)).await.unwrap();
}

/// An application that replaces nothing, with other bytes in place of a packed difference: the store keeps them as they
/// are.
pub(super) fn application<'a>(
    releases: &'a [SignedRelease],
    difference: &'a Difference,
    expected_head: u64,
    at: Moment,
) -> Application<'a> {
    static NOTHING: Turnover = Turnover { added: BTreeSet::new(), left: BTreeMap::new() };
    let packed = PackedDifference { data: &[0, 255, 7], raw_length: 99 };
    Application { releases, difference, turnover: &NOTHING, packed, full: false, staged: true, expected_head, at }
}

pub(super) fn keys(entries: &[Entry]) -> Vec<(&str, u64)> {
    entries.iter().map(|entry| (entry.key.as_str(), entry.release)).collect()
}
