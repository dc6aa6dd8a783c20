//! A write transaction, and the one function in which all of them commit.

use std::collections::BTreeSet;

use sqlx::Transaction;
use sqlx::{Any, AnyConnection};

use super::{Kind, Store, others};
use crate::audit::Waiting;
use crate::boxed;
use crate::error::StoreError;
use crate::form::Definitions;
use crate::sql::sql;
use crate::topic::Topic;

/// An open write transaction. Dropping it undoes everything.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Any>,
    store: Store,
    /// What it changes that somebody may wait for.
    topics: BTreeSet<Topic>,
    /// An audit entry that is committed with this, unless another transaction of the same step was faster.
    waiting: Option<Waiting>,
}

impl Tx {
    pub(super) fn new(inner: Transaction<'static, Any>, store: Store) -> Self {
        Self { inner, store, topics: BTreeSet::new(), waiting: None }
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
        self.store.kind()
    }

    /// Definitions of forms that were read before.
    pub(crate) fn definitions(&self) -> &Definitions {
        &self.store.inner.forms
    }

    /// Says what this transaction changes: whoever watches for it is told once it is committed.
    pub(crate) fn touch(&mut self, topic: Topic) {
        self.topics.insert(topic);
    }

    /// The same of records of these kinds, of which there may be very many.
    pub(crate) fn touch_records<'a>(&mut self, kinds: impl Iterator<Item = &'a str>) {
        for kind in kinds {
            let known = |topic: &Topic| matches!(topic, Topic::Records(known) if known == kind);
            if !self.topics.iter().any(known) {
                self.touch(Topic::Records(kind.to_owned()));
            }
        }
    }

    /// Waits until no other transaction holds the lock of this name, and holds it until this one ends. SQLite has one
    /// writer at a time anyway; on PostgreSQL it is the lock of a row.
    pub(crate) async fn lock(&mut self, name: &str) -> Result<(), StoreError> {
        if self.kind() == Kind::Sqlite {
            return Ok(());
        }
        let text =
            "INSERT INTO turn (topic, taken) VALUES ($1, 1) ON CONFLICT (topic) DO UPDATE SET taken = turn.taken + 1";
        sql("turn", "waiting for a lock", text).text(name).run(&mut self.inner).await?;
        Ok(())
    }

    /// Commits, and tells whoever watches for what was changed. Every commit passes here, and with it the audit entry
    /// that waits for one: the last statements of the transaction, because all of them share the end of the log (and
    /// on SQLite the count of changes), and always in this order.
    #[boxed]
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let taken = self.waiting.take().and_then(Waiting::take);
        if let Some(taken) = &taken {
            self.audit(&taken.draft()).await?;
        }
        let Self { mut inner, store, topics, .. } = self;
        let mut word = others::Word { store, topics, number: None };
        word.count(&mut inner).await?;
        let around = word.store.inner.around.get().cloned();
        let failed = |source: sqlx::Error| StoreError::database("committing", source);
        if let Some(around) = &around {
            around.before().map_err(|error| failed(error.into()))?;
        }
        inner.commit().await.map_err(failed)?;
        if let Some(around) = &around {
            around.after().map_err(|error| failed(error.into()))?;
        }
        if let Some(taken) = taken {
            taken.committed();
        }
        word.tell();
        Ok(())
    }
}
