//! Why a collection that this node may report by itself is not reported: kept until the cause is gone.

use tongpin_domain::moment::Moment;

use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, sql};
use crate::topic::Topic;

const STALL: &str = "submission_stall";

/// 自动上报受阻
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stall {
    /// The collection's id.
    pub collection: String,
    /// Since when it is for this reason.
    pub since: Moment,
    /// Why, and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

fn stall(line: &Line) -> Result<Stall, StoreError> {
    Ok(Stall {
        collection: line.text("collection")?,
        since: line.moment("since")?,
        zh: line.text("reason_zh")?,
        en: line.text("reason_en")?,
    })
}

impl Store {
    /// All of them, sorted by collection.
    #[boxed]
    pub async fn stalls(&self) -> Result<Vec<Stall>, StoreError> {
        let text = "SELECT collection, since, reason_zh, reason_en FROM submission_stall ORDER BY collection";
        sql(STALL, "reading stalls", text).read(&mut *self.reader().await?, stall).await
    }

    /// Notes why a collection is not reported, in the place of an earlier reason.
    #[boxed]
    pub async fn stalled(&self, stall: &Stall) -> Result<(), StoreError> {
        let text = "INSERT INTO submission_stall (collection, since, reason_zh, reason_en) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (collection) DO UPDATE SET since = excluded.since, reason_zh = excluded.reason_zh, \
            reason_en = excluded.reason_en";
        let mut tx = self.begin_apart().await?;
        let statement = sql(STALL, "noting a stall", text).text(&stall.collection).moment(stall.since);
        statement.text(&stall.zh).text(&stall.en).run(tx.connection()).await?;
        tx.touch(Topic::Stalls);
        tx.commit().await
    }

    /// A collection is no longer kept from being reported.
    #[boxed]
    pub async fn unstalled(&self, collection: &str) -> Result<(), StoreError> {
        let mut tx = self.begin_apart().await?;
        let statement = sql(STALL, "ending a stall", "DELETE FROM submission_stall WHERE collection = $1");
        statement.text(collection).run(tx.connection()).await?;
        tx.touch(Topic::Stalls);
        tx.commit().await
    }
}
