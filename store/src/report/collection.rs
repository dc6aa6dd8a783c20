//! 归集任务的开闭: whether a collection still takes reports, and who decided that, why and when.

use tongpin_domain::moment::Moment;

use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, sql};
use crate::topic::Topic;

const STATE: &str = "collection_state";
const COLUMNS: &str = "collection, state, reason, decided_by, decided_at";

/// How a collection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionState {
    /// The collection.
    pub collection: String,
    /// Whether it takes reports.
    pub open: bool,
    /// Why it was closed, or opened again.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Moment,
}

fn state(line: &Line) -> Result<CollectionState, StoreError> {
    let open = |word: &str| match word {
        "open" => Some(true),
        "closed" => Some(false),
        _ => None,
    };
    Ok(CollectionState {
        collection: line.text("collection")?,
        open: line.word("state", open)?,
        reason: line.text("reason")?,
        by: line.text("decided_by")?,
        at: line.moment("decided_at")?,
    })
}

impl Store {
    /// Opens, closes or reopens a collection.
    #[boxed]
    pub async fn set_collection_state(&self, new: &CollectionState) -> Result<(), StoreError> {
        let text = "INSERT INTO collection_state (collection, state, reason, decided_by, decided_at) \
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (collection) DO UPDATE SET state = excluded.state, \
            reason = excluded.reason, decided_by = excluded.decided_by, decided_at = excluded.decided_at";
        let mut tx = self.begin().await?;
        let statement = sql(STATE, "deciding on a collection", text).text(&new.collection);
        let statement = statement.text(if new.open { "open" } else { "closed" }).text(&new.reason);
        statement.text(&new.by).moment(new.at).run(tx.connection()).await?;
        tx.touch(Topic::Reports(new.collection.clone()));
        tx.commit().await
    }

    /// How one collection stands; one that nobody decided on is not here.
    #[boxed]
    pub async fn collection_state(&self, collection: &str) -> Result<Option<CollectionState>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM collection_state WHERE collection = $1");
        let query = sql(STATE, "reading a collection's state", text).text(collection);
        query.first(&mut *self.reader().await?).await?.as_ref().map(state).transpose()
    }

    /// How all collections stand.
    #[boxed]
    pub async fn collection_states(&self) -> Result<Vec<CollectionState>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM collection_state ORDER BY collection");
        sql(STATE, "reading collections' states", text).read(&mut *self.reader().await?, state).await
    }
}
