//! What a database knows about itself: a few named texts, and which incarnation it is.

use sqlx::AnyConnection;

use crate::audit::AuditDraft;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::record::{RECORDS, live};
use crate::sql::sql;
use crate::topic::Topic;

/// Whose database it is. The key is older than the hub's use of it.
pub(crate) const REGION: &str = "node.region";
pub(crate) const SCHEMA: &str = "schema";
pub(crate) const INCARNATION: &str = "incarnation";
pub(crate) const PREVIOUS_INCARNATION: &str = "previous_incarnation";
/// Present in a copy that was not yet opened as a live database.
pub(crate) const RESTORED: &str = "restored";

pub(crate) async fn read(connection: &mut AnyConnection, key: &str) -> Result<Option<String>, StoreError> {
    let line = sql("meta", "reading a setting", "SELECT key, value FROM meta WHERE key = $1").text(key);
    line.first(connection).await?.map(|line| line.text("value")).transpose()
}

pub(crate) async fn write(connection: &mut AnyConnection, key: &str, value: &str) -> Result<(), StoreError> {
    let text = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    sql("meta", "writing a setting", text).text(key).text(value).run(connection).await?;
    Ok(())
}

/// Makes `new` the incarnation and remembers the one before it. It writes the numbers after `start` of the stream of
/// records.
pub(crate) async fn incarnate(connection: &mut AnyConnection, new: &str, start: u64) -> Result<(), StoreError> {
    if let Some(old) = read(connection, INCARNATION).await? {
        write(connection, PREVIOUS_INCARNATION, &old).await?;
    }
    write(connection, INCARNATION, new).await?;
    live(connection, new, start).await?;
    sql("meta", "writing a setting", "DELETE FROM meta WHERE key = $1").text(RESTORED).run(connection).await?;
    Ok(())
}

/// Whether the bureau has one clerk only, who enters and approves.
const ONE_CLERK: &str = "one_clerk";

impl Tx {
    /// Writes a named text within this transaction.
    #[boxed]
    pub async fn set_meta(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        self.touch(Topic::Setting(key.to_owned()));
        write(self.connection(), key, value).await
    }
}

impl Store {
    /// Reads a named text.
    #[boxed]
    pub async fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        read(&mut *self.reader().await?, key).await
    }

    /// Writes a named text.
    #[boxed]
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.set_meta(key, value).await?;
        tx.commit().await
    }

    /// Writes a named text for which nobody waits, as when a line was last heard of.
    #[boxed]
    pub async fn note_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        write(tx.connection(), key, value).await?;
        tx.commit().await
    }

    /// 一人经办并审核: whether this bureau has said that one person enters and approves, because it has no other.
    #[boxed]
    pub async fn one_clerk(&self) -> Result<bool, StoreError> {
        Ok(self.meta(ONE_CLERK).await?.as_deref() == Some("1"))
    }

    /// Says so, or that it is so no more, with the entry in the audit log.
    #[boxed]
    pub async fn set_one_clerk(&self, one: bool, audit: &AuditDraft<'_>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.set_meta(ONE_CLERK, if one { "1" } else { "0" }).await?;
        tx.audit(audit).await?;
        tx.commit().await
    }

    /// Which life of this database it is: a copy that goes on by itself has another one. Sequence numbers and
    /// acknowledgements hold within one incarnation only.
    #[boxed]
    pub async fn incarnation(&self) -> Result<String, StoreError> {
        let missing = || StoreError::Inconsistent {
            table: "meta",
            column: "value",
            row: INCARNATION.to_owned(),
            problem: "missing".to_owned(),
        };
        self.meta(INCARNATION).await?.ok_or_else(missing)
    }

    /// The incarnation before this one, if the database was restored from a copy.
    #[boxed]
    pub async fn previous_incarnation(&self) -> Result<Option<String>, StoreError> {
        self.meta(PREVIOUS_INCARNATION).await
    }

    /// Starts a new incarnation, as when a database was brought back by other means than [`Store::backup_to`]. When the
    /// copy was made is not known then: only what was acknowledged is surely of the incarnation before.
    #[boxed]
    pub async fn renew_incarnation(&self, new: &str) -> Result<(), StoreError> {
        let start = self.acked(RECORDS).await?;
        let mut tx = self.begin().await?;
        incarnate(tx.connection(), new, start).await?;
        tx.touch(Topic::Setting(INCARNATION.to_owned()));
        tx.commit().await
    }
}
