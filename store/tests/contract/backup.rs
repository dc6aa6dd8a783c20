//! Backups, restores, and databases that are not what they should be.

use std::os::unix::fs::PermissionsExt as _;

use sqlx::Connection as _;
use tempfile::TempDir;
use tongpin_domain::moment::Moment;
use tongpin_store::{REPORTS, Restoring, Store, StoreError};

use super::ground::{open, run};

async fn raw(path: &std::path::Path, text: &str) {
    let mut connection = sqlx::AnyConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    run(&mut connection, text.to_owned()).await;
    connection.close().await.unwrap();
}

/// A copy made while a transaction is open holds what was committed; opened, it is another incarnation that knows
/// which one it comes from, once, and counts nothing as acknowledged.
#[tokio::test]
async fn a_restored_copy_is_another_incarnation() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let first = store.incarnation().await.unwrap();
    store.append(REPORTS, "report", "c", Some(b"x"), Moment(1)).await.unwrap();
    store.mark_acked(REPORTS, 1, Moment(1)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.append(REPORTS, "report", "d", Some(b"x"), Moment(1)).await.unwrap();
    let copy = folder.path().join("备份 #1%.db");
    store.backup_to(&copy).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let error = store.backup_to(&copy).await.unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");

    let restored = Store::open(copy.to_str().unwrap()).await.unwrap();
    let second = restored.incarnation().await.unwrap();
    assert_ne!(second, first);
    assert_eq!(restored.previous_incarnation().await.unwrap(), Some(first.clone()));
    assert_eq!(restored.outbox_last(REPORTS).await.unwrap(), 1);
    assert_eq!(restored.acked(REPORTS).await.unwrap(), 0);
    restored.close().await;
    let again = Store::open(copy.to_str().unwrap()).await.unwrap();
    assert_eq!(again.incarnation().await.unwrap(), second);
    assert_eq!(store.incarnation().await.unwrap(), first);
    assert_eq!(store.outbox_last(REPORTS).await.unwrap(), 2);
}

/// A backup that cannot be written leaves neither a file nor a half of one.
#[tokio::test]
async fn a_failed_backup_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let error = store.backup_to(&folder.path().join("missing/copy.db")).await.unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
    assert!(!folder.path().join("missing").exists());
}

/// The file is its owner's alone, its folder is made, and both kinds of address lead to it.
#[tokio::test]
async fn files() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("数据/a b.db");
    let store = Store::open(&format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
    store.set_meta("k", "v").await.unwrap();
    for name in ["数据/a b.db", "数据/a b.db-wal"] {
        let mode = folder.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let same = Store::open(path.to_str().unwrap()).await.unwrap();
    assert_eq!(same.meta("k").await.unwrap().as_deref(), Some("v"));
    let missing = format!("sqlite://{}/none.db?mode=rw", folder.path().display());
    assert!(matches!(Store::open(&missing).await, Err(StoreError::Io { .. })));
}

/// A database of a newer program is refused with both versions, and left as it is.
#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = TempDir::new().unwrap();
    open(&folder).await.close().await;
    let path = folder.path().join("node.db");
    raw(&path, "UPDATE meta SET value = '99' WHERE key = 'schema'").await;
    let error = Store::open(path.to_str().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error}");
    assert!(!error.worth_a_retry());
}

/// A file that is no database is said to be damaged, not emptied.
#[tokio::test]
async fn not_a_database() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("node.db");
    let content = "项目名称,年初预算数\n".repeat(400);
    std::fs::write(&path, &content).unwrap();
    let error = Store::open(path.to_str().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
}

/// A row that cannot be read names its table, column and key.
#[tokio::test]
async fn an_unreadable_row_is_named() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let text = "INSERT INTO child (region, status, serial, software, incarnation, address) \
        VALUES ('320581', 'dancing', '', '', '', '')";
    raw(&folder.path().join("node.db"), text).await;
    let error = store.children().await.unwrap_err();
    let StoreError::Inconsistent { table, column, row, .. } = &error else { panic!("{error}") };
    assert_eq!((*table, *column), ("child", "status"));
    assert!(row.starts_with("320581/dancing"), "{row}");
}

/// A server that is not there is said at once, and may be there later.
#[tokio::test]
async fn no_server() {
    // The port is free: the listener that was given it is gone again.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = Store::open(&format!("postgres://hub:secret@127.0.0.1:{port}/tongpin")).await.unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error:?}");
    assert!(error.worth_a_retry());
    assert!(!format!("{error:?}").contains("secret"));
}

/// A log beside a file that certainly is another's, or with which the file does not open, is named.
#[tokio::test]
async fn anothers_log_is_named() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let (copy, log) = (folder.path().join("copy.db"), folder.path().join("copy.db-wal"));
    store.backup_to(&copy).await.unwrap();
    std::fs::copy(folder.path().join("node.db-wal"), &log).unwrap();
    for _ in 0..2 {
        let before = std::fs::read(&copy).unwrap();
        let error = Store::open(copy.to_str().unwrap()).await.unwrap_err();
        assert!(matches!(&error, StoreError::OthersLog { log: named } if named.ends_with("copy.db-wal")), "{error}");
        assert_eq!(std::fs::read(&copy).unwrap(), before);
        std::fs::write(&copy, "no database at all, and long enough to look like one".repeat(99)).unwrap();
        std::fs::write(&log, "no log").unwrap();
    }
}

/// Whoever is cut off while restoring finds the old database whole or none, and restores again: what an attempt left is
/// no obstacle, and a log without its file stands aside too.
#[tokio::test]
async fn a_restore_that_was_cut_off() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.set_meta("k", "then").await.unwrap();
    let copy = folder.path().join("copy.db");
    store.backup_to(&copy).await.unwrap();
    store.set_meta("k", "now").await.unwrap();
    store.close().await;
    let live = folder.path().join("node.db");
    let at = |name: &str| folder.path().join(name);
    for leftover in ["node.db.restoring", "node.db.restoring-wal", "node.db-wal"] {
        std::fs::write(at(leftover), "half").unwrap();
    }
    std::fs::rename(&live, at("node.db.replaced-1")).unwrap();
    assert!(Store::is_missing(live.to_str().unwrap()).unwrap());
    let url = live.to_str().unwrap();
    let restoring = Restoring::stage(url, &copy).await.unwrap();
    assert!(!live.exists(), "not before it is put in its place");
    // 1970-01-01 08:00:00 in the east-eight zone of every time that is shown.
    assert_eq!(restoring.put_in_place(Moment(0)).await.unwrap(), None, "there was none");
    assert_eq!(std::fs::read(at("node.db.replaced-19700101080000-wal")).unwrap(), b"half");
    assert_eq!(live.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let restored = Store::open(url).await.unwrap();
    assert_eq!(restored.meta("k").await.unwrap().as_deref(), Some("then"));
    assert_eq!(restored.previous_incarnation().await.unwrap(), Some(incarnation(&at("node.db.replaced-1")).await));
    restored.close().await;
    let again = Restoring::stage(url, &copy).await.unwrap().put_in_place(Moment(0)).await.unwrap().unwrap();
    assert!(again.ends_with("node.db.replaced-19700101080000-1"), "no name is taken twice: {}", again.display());
    let server = Restoring::stage("postgres://hub@127.0.0.1/x", &copy).await.unwrap_err();
    assert!(matches!(server, StoreError::UsePgRestore), "{server}");
}

async fn incarnation(path: &std::path::Path) -> String {
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    let found = store.incarnation().await.unwrap();
    store.close().await;
    found
}
