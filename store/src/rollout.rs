//! 分批下发: which release each region may have, and how far each child has come with it.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::boxed;
use crate::catalog::catalog_id;
use crate::child::{self, Contact};
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, pieces, sql, tuples};
use crate::topic::Topic;

/// Stands for every region.
const EVERYBODY: &str = "*";

/// A release given to a region and all within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// The catalog.
    pub catalog: CatalogId,
    /// The release.
    pub number: u64,
    /// To whom; `None` for everybody.
    pub region: Option<RegionCode>,
}

/// How far a child has come with a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// 已通知
    Announced,
    /// 已接收
    Fetched,
    /// 已生效
    Applied,
    /// 已拒收
    Refused,
    /// 所称: it says that it holds the release, of which this node knows nothing.
    Claimed,
}

impl Progress {
    /// The word that is stored and shown in machine-readable output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Fetched => "fetched",
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Claimed => "claimed",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let all = [Self::Announced, Self::Fetched, Self::Applied, Self::Refused, Self::Claimed];
        all.into_iter().find(|state| state.word() == word)
    }
}

/// Where one child is with one catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildState {
    /// The child.
    pub region: RegionCode,
    /// The catalog.
    pub catalog: CatalogId,
    /// The release in question.
    pub number: u64,
    /// Its digest, as the child knows it.
    pub digest: Digest,
    /// How far.
    pub progress: Progress,
    /// Why it was refused, empty otherwise.
    pub reason: String,
    /// When this was learned.
    pub at: Moment,
}

fn child_state(line: &Line) -> Result<ChildState, StoreError> {
    Ok(ChildState {
        region: line.region("region")?,
        catalog: catalog_id(line)?,
        number: line.number("number")?,
        digest: line.digest("digest")?,
        progress: line.word("progress", Progress::read)?,
        reason: line.text("reason")?,
        at: line.moment("noted_at")?,
    })
}

fn rollout(line: &Line) -> Result<Rollout, StoreError> {
    let region = if line.text("region")? == EVERYBODY { None } else { Some(line.region("region")?) };
    Ok(Rollout { catalog: catalog_id(line)?, number: line.number("number")?, region })
}

impl Store {
    /// Rolls a release out: to some regions and all within them, or to everybody. A region gets the highest release
    /// that it, a region around it, or everybody was given.
    #[boxed]
    pub async fn allow(
        &self,
        id: &CatalogId,
        number: u64,
        regions: Option<&[RegionCode]>,
        at: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        allow(&mut tx, id, number, regions, at).await?;
        tx.commit().await
    }

    /// Notes where children are and that they were heard of, all in one transaction; no child and catalog twice. What
    /// is known is not written again.
    #[boxed]
    pub async fn note_children(&self, states: &[ChildState], contacts: &[Contact]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if note(&mut tx, states).await? > 0 {
            tx.touch(Topic::Progress);
        }
        child::note(&mut tx, contacts).await?;
        tx.commit().await
    }

    /// Every roll-out, sorted by catalog and region.
    #[boxed]
    pub async fn rollouts(&self) -> Result<Vec<Rollout>, StoreError> {
        let text = "SELECT publisher, catalog, region, number FROM rollout ORDER BY publisher, catalog, region";
        sql("rollout", "reading the roll-out", text).read(&mut *self.reader().await?, rollout).await
    }

    /// The roll-outs of one catalog, sorted by region.
    #[boxed]
    pub async fn rollouts_of(&self, id: &CatalogId) -> Result<Vec<Rollout>, StoreError> {
        let text = "SELECT publisher, catalog, region, number FROM rollout \
            WHERE publisher = $1 AND catalog = $2 ORDER BY region";
        let query = sql("rollout", "reading the roll-out", text).shown(&id.publisher).text(&id.name);
        query.read(&mut *self.reader().await?, rollout).await
    }

    /// Where all children are with all catalogs, sorted by region, publisher and name.
    #[boxed]
    pub async fn child_states(&self) -> Result<Vec<ChildState>, StoreError> {
        let text = "SELECT region, publisher, catalog, number, digest, progress, reason, noted_at FROM child_state \
            ORDER BY region, publisher, catalog";
        sql("child_state", "reading children's states", text).read(&mut *self.reader().await?, child_state).await
    }

    /// Where one child is with all catalogs.
    #[boxed]
    pub async fn child_states_of(&self, region: &RegionCode) -> Result<Vec<ChildState>, StoreError> {
        let text = "SELECT region, publisher, catalog, number, digest, progress, reason, noted_at FROM child_state \
            WHERE region = $1 ORDER BY publisher, catalog";
        let query = sql("child_state", "reading a child's state", text).shown(region);
        query.read(&mut *self.reader().await?, child_state).await
    }
}

/// Writes a roll-out within a transaction.
pub(crate) async fn allow(
    tx: &mut Tx,
    id: &CatalogId,
    number: u64,
    regions: Option<&[RegionCode]>,
    at: Moment,
) -> Result<(), StoreError> {
    let everybody = [EVERYBODY.to_owned()];
    let named: Vec<String> = regions.unwrap_or_default().iter().map(ToString::to_string).collect();
    let number = fits("release number", number)?;
    tx.touch(Topic::Catalog(id.clone()));
    for region in if regions.is_none() { &everybody[..] } else { &named[..] } {
        let text = "INSERT INTO rollout (publisher, catalog, region, number, allowed_at) \
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (publisher, catalog, region) \
            DO UPDATE SET number = excluded.number, allowed_at = excluded.allowed_at";
        let statement = sql("rollout", "rolling out", text).shown(&id.publisher).text(&id.name);
        statement.text(region).number(number).moment(at).run(tx.connection()).await?;
    }
    Ok(())
}

/// Writes where children are, and returns how many of it is new.
async fn note(tx: &mut Tx, states: &[ChildState]) -> Result<u64, StoreError> {
    let mut written = 0_u64;
    for chunk in pieces(states) {
        let text = format!(
            "INSERT INTO child_state AS s (region, publisher, catalog, number, digest, progress, reason, noted_at) \
             VALUES {} ON CONFLICT (region, publisher, catalog) DO UPDATE SET number = excluded.number, \
             digest = excluded.digest, progress = excluded.progress, reason = excluded.reason, \
             noted_at = excluded.noted_at WHERE s.number <> excluded.number OR s.digest <> excluded.digest \
             OR s.progress <> excluded.progress OR s.reason <> excluded.reason",
            tuples(tx.kind(), chunk.len(), 8)
        );
        let mut statement = sql("child_state", "noting children's states", text);
        for state in chunk {
            statement = statement.shown(&state.region).shown(&state.catalog.publisher).text(&state.catalog.name);
            statement = statement.number(fits("release number", state.number)?).digest(&state.digest);
            statement = statement.text(state.progress.word()).text(&state.reason).moment(state.at);
        }
        written = written.saturating_add(statement.run(tx.connection()).await?);
    }
    Ok(written)
}
