//! 定时发布: a draft that was approved and is to be published at a time, one per catalog.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::boxed;
use crate::catalog::catalog_id;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, sql};
use crate::topic::Topic;

const TABLE: &str = "planned_release";
const COLUMNS: &str = "publisher, catalog, draft, approved_by, account, due_at, regions, planned_at, problem";

/// A publication that waits for its time. It ends when any release of the catalog is published, or its draft discarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRelease {
    /// The catalog.
    pub catalog: CatalogId,
    /// The draft that was approved: [`Draft::digest`](crate::Draft::digest). Another one is not published.
    pub draft: Digest,
    /// 审核: who approved it, as the release will name them.
    pub approved_by: String,
    /// The same person's account, for the audit log.
    pub account: String,
    /// When it is to be published.
    pub at: Moment,
    /// To whom it goes first; `None` for everybody.
    pub regions: Option<Vec<RegionCode>>,
    /// When it was planned.
    pub planned_at: Moment,
    /// Why it was not published when its time had come; empty while it waits.
    pub problem: String,
}

fn planned(line: &Line) -> Result<PlannedRelease, StoreError> {
    Ok(PlannedRelease {
        catalog: catalog_id(line)?,
        draft: line.digest("draft")?,
        approved_by: line.text("approved_by")?,
        account: line.text("account")?,
        at: line.moment("due_at")?,
        regions: line.json("regions")?,
        planned_at: line.moment("planned_at")?,
        problem: line.text("problem")?,
    })
}

/// Ends what was planned for a catalog, and says whether anything was.
pub(crate) async fn end(tx: &mut Tx, id: &CatalogId) -> Result<bool, StoreError> {
    let text = "DELETE FROM planned_release WHERE publisher = $1 AND catalog = $2";
    let statement = sql(TABLE, "ending a planned release", text).shown(&id.publisher).text(&id.name);
    Ok(statement.run(tx.connection()).await? > 0)
}

impl Store {
    /// Plans a publication, in place of what was planned for the catalog before.
    #[boxed]
    pub async fn plan_release(&self, plan: &PlannedRelease) -> Result<(), StoreError> {
        let regions = serde_json::Value::from(plan.regions.as_ref().map(|regions| {
            let codes = regions.iter().map(|region| serde_json::Value::from(region.as_str()));
            codes.collect::<Vec<_>>()
        }));
        let mut tx = self.begin().await?;
        end(&mut tx, &plan.catalog).await?;
        let text = format!("INSERT INTO planned_release ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        let statement = sql(TABLE, "planning a release", text).shown(&plan.catalog.publisher).text(&plan.catalog.name);
        let statement = statement.digest(&plan.draft).text(&plan.approved_by).text(&plan.account).moment(plan.at);
        let statement = statement.shown(&regions).moment(plan.planned_at).text(&plan.problem);
        statement.run(tx.connection()).await?;
        tx.touch(Topic::Draft(plan.catalog.clone()));
        tx.commit().await
    }

    /// Every planned publication, sorted by catalog.
    #[boxed]
    pub async fn planned_releases(&self) -> Result<Vec<PlannedRelease>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM planned_release ORDER BY publisher, catalog");
        sql(TABLE, "reading planned releases", text).read(&mut *self.reader().await?, planned).await
    }

    /// What is planned for a catalog.
    #[boxed]
    pub async fn planned_release(&self, id: &CatalogId) -> Result<Option<PlannedRelease>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM planned_release WHERE publisher = $1 AND catalog = $2");
        let query = sql(TABLE, "reading a planned release", text).shown(&id.publisher).text(&id.name);
        query.first(&mut *self.reader().await?).await?.as_ref().map(planned).transpose()
    }

    /// Notes why a planned publication cannot be carried out, unless another one took its place meanwhile.
    #[boxed]
    pub async fn planned_release_failed(&self, plan: &PlannedRelease, problem: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = "UPDATE planned_release SET problem = $1 WHERE publisher = $2 AND catalog = $3 AND planned_at = $4";
        let statement = sql(TABLE, "noting a planned release", text).text(problem).shown(&plan.catalog.publisher);
        statement.text(&plan.catalog.name).moment(plan.planned_at).run(tx.connection()).await?;
        tx.touch(Topic::Draft(plan.catalog.clone()));
        tx.commit().await
    }

    /// Cancels what is planned for a catalog, and says whether anything was.
    #[boxed]
    pub async fn cancel_planned_release(&self, id: &CatalogId) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let was_there = end(&mut tx, id).await?;
        if was_there {
            tx.touch(Topic::Draft(id.clone()));
            tx.commit().await?;
        }
        Ok(was_there)
    }
}
