//! 见证: the end of a node's audit log as its parent last saw it. Whoever takes entries off the end of a log, and puts
//! what is kept apart right, cannot put right what another bureau holds.

use sqlx::AnyConnection;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::audit::AuditDraft;
use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::meta;
use crate::sql::{Line, fits, sql};
use crate::topic::Topic;

const TABLE: &str = "audit_witness";
const COLUMNS: &str = "region, number, digest, signed_at, seen_at, envelope, back_number, back_at";
/// What the parent said at this node's last contact that it holds.
const WITNESSED: &str = "audit_witnessed";

/// The end of an audit log: how many entries, the digest of the last, and when it was so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEnd {
    /// The number of the last entry, 0 if there is none.
    pub number: u64,
    /// Its digest.
    pub digest: Digest,
    /// When it was the last.
    pub at: Moment,
}

/// What a parent holds of a child's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The longest log that the child signed.
    pub end: LogEnd,
    /// When that came.
    pub seen_at: Moment,
    /// A later log that was shorter, or another of the same length: how long it was, and when that was seen.
    pub back: Option<(u64, Moment)>,
}

/// How this node's log stands to what its parent holds of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// No parent has told what it holds.
    Unknown,
    /// The log holds what the parent saw, and goes on from there.
    Agrees(LogEnd),
    /// Entries that the parent saw are missing here, or are others.
    Differs(LogEnd),
}

fn witness(line: &Line) -> Result<Witness, StoreError> {
    let back = (line.maybe_number("back_number")?, line.maybe_moment("back_at")?);
    Ok(Witness {
        end: LogEnd { number: line.number("number")?, digest: line.digest("digest")?, at: line.moment("signed_at")? },
        seen_at: line.moment("seen_at")?,
        back: match back {
            (Some(number), Some(at)) => Some((number, at)),
            _ => None,
        },
    })
}

async fn held(connection: &mut AnyConnection, region: &RegionCode) -> Result<Option<Witness>, StoreError> {
    let query = sql(TABLE, "reading a witness", format!("SELECT {COLUMNS} FROM audit_witness WHERE region = $1"));
    query.shown(region).first(connection).await?.as_ref().map(witness).transpose()
}

impl Store {
    /// The end of this database's own log, at a moment.
    #[boxed]
    pub async fn audit_end(&self, at: Moment) -> Result<LogEnd, StoreError> {
        let (number, digest) = crate::audit::newest(&mut *self.reader().await?).await?;
        Ok(LogEnd { number, digest, at })
    }

    /// What is held of a child's log.
    #[boxed]
    pub async fn witness(&self, region: &RegionCode) -> Result<Option<Witness>, StoreError> {
        held(&mut *self.reader().await?, region).await
    }

    /// Takes in the end of a child's log that the child signed. A longer one takes the place of the one that is held;
    /// one that is shorter, or as long and another, does not: it is noted, and entered with `audit` when it is first
    /// seen. Answers whether the log went on.
    #[boxed]
    pub async fn bear_witness(
        &self,
        region: &RegionCode,
        end: &LogEnd,
        envelope: &[u8],
        seen_at: Moment,
        audit: &AuditDraft<'_>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_apart().await?;
        tx.lock(&format!("witness {region}")).await?;
        let before = held(tx.connection(), region).await?;
        let went_on = before.as_ref().is_none_or(|before| {
            before.end.number < end.number || (before.end.number == end.number && before.end.digest == end.digest)
        });
        if !went_on {
            let known = before.and_then(|before| before.back).is_some_and(|(number, _)| number == end.number);
            if !known {
                let text = "UPDATE audit_witness SET back_number = $2, back_at = $3 WHERE region = $1";
                let statement = sql(TABLE, "noting a log that went back", text).shown(region);
                let statement = statement.number(fits("audit number", end.number)?).moment(seen_at);
                statement.run(tx.connection()).await?;
                tx.audit(audit).await?;
                tx.touch(Topic::Child(region.clone()));
                tx.commit().await?;
            }
            return Ok(false);
        }
        let text = "INSERT INTO audit_witness (region, number, digest, signed_at, seen_at, envelope) \
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (region) DO UPDATE SET number = excluded.number, \
            digest = excluded.digest, signed_at = excluded.signed_at, seen_at = excluded.seen_at, \
            envelope = excluded.envelope";
        let statement = sql(TABLE, "bearing witness", text).shown(region).number(fits("audit number", end.number)?);
        let statement = statement.digest(&end.digest).moment(end.at).moment(seen_at).bytes(envelope);
        statement.run(tx.connection()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Keeps what the parent says that it holds of this node's log.
    #[boxed]
    pub async fn set_witnessed(&self, end: &LogEnd) -> Result<(), StoreError> {
        let text = format!("{} {} {}", end.number, end.digest, end.at.0);
        if self.meta(WITNESSED).await?.as_deref() == Some(text.as_str()) {
            return Ok(());
        }
        let mut tx = self.begin_apart().await?;
        meta::write(tx.connection(), WITNESSED, &text).await?;
        tx.commit().await
    }

    /// Compares this node's log with what its parent holds of it.
    #[boxed]
    pub async fn witnessed(&self) -> Result<Agreement, StoreError> {
        let Some(end) = self.meta(WITNESSED).await?.as_deref().and_then(read) else { return Ok(Agreement::Unknown) };
        if end.number == 0 {
            return Ok(Agreement::Agrees(end));
        }
        let found = self.audit_after(end.number.saturating_sub(1), 1).await?;
        let same = found.first().is_some_and(|entry| entry.number == end.number && entry.digest == end.digest);
        Ok(if same { Agreement::Agrees(end) } else { Agreement::Differs(end) })
    }
}

fn read(text: &str) -> Option<LogEnd> {
    let mut words = text.split(' ');
    let (number, digest, at) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(LogEnd { number, digest, at: Moment(at) })
}
