//! 配额: what one child may have this node store in a day, and what was refused for it. One row for each kind, so that
//! counting costs as little as it bounds.

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, sql};

const QUOTA: &str = "child_quota";

/// What a child used of one quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Of which.
    pub what: String,
    /// On which day it was used last, counted from 1970.
    pub day: u64,
    /// How much of it on that day.
    pub used: u64,
    /// How often something was refused for it, on any day.
    pub refused: u64,
    /// When that was last.
    pub refused_at: Option<Moment>,
}

impl Quota {
    /// How much of it was used on the day of this moment.
    #[must_use]
    pub fn used_on(&self, at: Moment) -> u64 {
        if self.day == at.day() { self.used } else { 0 }
    }
}

fn quota(line: &Line) -> Result<Quota, StoreError> {
    Ok(Quota {
        what: line.text("what")?,
        day: line.number("day")?,
        used: line.number("used")?,
        refused: line.number("refused")?,
        refused_at: line.maybe_moment("refused_at")?,
    })
}

impl Store {
    /// What a child used of its quotas, sorted by name.
    #[boxed]
    pub async fn quotas(&self, region: &RegionCode) -> Result<Vec<Quota>, StoreError> {
        let text =
            "SELECT region, what, day, used, refused, refused_at FROM child_quota WHERE region = $1 ORDER BY what";
        sql(QUOTA, "reading quotas", text).shown(region).read(&mut *self.reader().await?, quota).await
    }

    /// Uses so much of a day's quota; `false`, and noted as refused, if that is more than what is left of it. An amount
    /// of 0 only asks whether anything is left.
    #[boxed]
    pub async fn use_quota(
        &self,
        region: &RegionCode,
        what: &str,
        (amount, most): (u64, u64),
        at: Moment,
    ) -> Result<bool, StoreError> {
        let held = self.quotas(region).await?.into_iter().find(|quota| quota.what == what);
        let used = held.as_ref().map_or(0, |quota| quota.used_on(at));
        let fits_in = used.saturating_add(amount.max(1)) <= most;
        if fits_in && amount == 0 {
            return Ok(true);
        }
        let mut tx = self.begin().await?;
        let done = spend(&mut tx, region, what, (amount, most), at).await?;
        tx.commit().await?;
        Ok(done)
    }
}

/// Uses so much of a day's quota within a transaction; `false`, and noted as refused, if so much is not left.
pub(crate) async fn spend(
    tx: &mut Tx,
    region: &RegionCode,
    what: &str,
    (amount, most): (u64, u64),
    at: Moment,
) -> Result<bool, StoreError> {
    tx.lock(&format!("quota {what} of {region}")).await?;
    let text = "INSERT INTO child_quota (region, what, day, used, refused) VALUES ($1, $2, $3, $4, 0) \
        ON CONFLICT (region, what) DO UPDATE SET \
        used = CASE WHEN child_quota.day = excluded.day THEN child_quota.used ELSE 0 END + excluded.used, \
        day = excluded.day \
        WHERE CASE WHEN child_quota.day = excluded.day THEN child_quota.used ELSE 0 END + excluded.used <= $5";
    let fits_in = amount <= most;
    if fits_in {
        let statement = sql(QUOTA, "using a quota", text).shown(region).text(what).number(at.day());
        let statement = statement.number(fits("quota", amount)?).number(most);
        if statement.run(tx.connection()).await? > 0 {
            return Ok(true);
        }
    }
    let text = "INSERT INTO child_quota (region, what, day, used, refused, refused_at) VALUES ($1, $2, $3, 0, 1, $4) \
        ON CONFLICT (region, what) DO UPDATE SET \
        used = CASE WHEN child_quota.day = excluded.day THEN child_quota.used ELSE 0 END, \
        day = excluded.day, refused = child_quota.refused + 1, refused_at = excluded.refused_at";
    let statement = sql(QUOTA, "refusing for a quota", text).shown(region).text(what).number(at.day());
    statement.moment(at).run(tx.connection()).await?;
    Ok(false)
}
