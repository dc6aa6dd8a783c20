//! A write transaction, and the one function in which all of them commit.

use sqlx::Transaction;
use sqlx::{Any, AnyConnection};

use super::Kind;
use crate::audit::Waiting;
use crate::error::StoreError;
use crate::sql::sql;

/// An open write transaction. Dropping it undoes everything.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Any>,
    kind: Kind,
    /// An audit entry that is committed with this, unless another transaction of the same step was faster.
    waiting: Option<Waiting>,
}

impl Tx {
    pub(super) fn new(inner: Transaction<'static, Any>, kind: Kind) -> Self {
        Self { inner, kind, waiting: None }
    }

    pub(super) fn with(self, waiting: Option<Waiting>) -> Self {
        Self { waiting, ..self }
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Who makes this change, as the audit entry names them that is written with it.
    pub(crate) fn actor(&self) -> Option<String> {
        self.waiting.as_ref().and_then(Waiting::actor)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Waits until no other transaction is at work on the same topic. SQLite has one writer at a time anyway; on
    /// PostgreSQL the row is locked until this transaction ends.
    pub(crate) async fn take_turn(&mut self, topic: &str) -> Result<(), StoreError> {
        if self.kind == Kind::Sqlite {
            return Ok(());
        }
        let text =
            "INSERT INTO turn (topic, taken) VALUES ($1, 1) ON CONFLICT (topic) DO UPDATE SET taken = turn.taken + 1";
        sql("turn", "waiting for a turn", text).text(topic).run(&mut self.inner).await?;
        Ok(())
    }

    /// Commits quietly: for notes that nobody waits for.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.finish(false).await
    }

    /// Commits and bumps the pulse, so that other processes on the same database notice.
    pub async fn commit_noticed(self) -> Result<(), StoreError> {
        self.finish(true).await
    }

    /// Every commit passes here, and with it the audit entry that waits for one. They are the last statements of the
    /// transaction that touch the end of the log and then the pulse, which all of them share, so that on PostgreSQL
    /// they wait for each other as briefly as possible, and always in this order.
    async fn finish(mut self, noticed: bool) -> Result<(), StoreError> {
        let taken = self.waiting.take().and_then(Waiting::take);
        if let Some(taken) = &taken {
            self.audit(&taken.draft()).await?;
        }
        if noticed {
            let text = "UPDATE pulse SET beat = beat + 1 WHERE id = 1";
            sql("pulse", "bumping the pulse", text).run(&mut self.inner).await?;
        }
        self.inner.commit().await.map_err(|source| StoreError::database("committing", source))?;
        if let Some(taken) = taken {
            taken.committed();
        }
        Ok(())
    }
}
