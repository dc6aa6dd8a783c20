//! The reports that children sent, as they were taken in, and what counts of them.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::made::{Minted, mint};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::quota;
use crate::record::{Claim, claim, known_again, move_position};
use crate::sql::{Line, fits, listed, sql};
use crate::topic::Topic;

pub(super) const RECEIVED: &str = "received";
const COLUMNS: &str = "collection, region, revision, digest, received_at, verdict, reasons, decided_by, decided_at, \
    payload, envelope";

/// How many of the reports of one region that the check returned are kept for each collection.
pub const RETURNED_KEPT: u64 = 20;

/// What was decided about a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 已收，待审核: kept, and not counted until a person accepts it.
    Received,
    /// 接收
    Accepted,
    /// 退回
    Returned,
    /// 已被取代: it waited, and a later one that is sound came before anybody looked at it.
    Replaced,
}

impl Verdict {
    /// The word that is stored and shown in machine-readable output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Replaced => "replaced",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let all = [Self::Received, Self::Accepted, Self::Returned, Self::Replaced];
        all.into_iter().find(|verdict| verdict.word() == word)
    }
}

/// A report that a child sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The collection it answers.
    pub collection: String,
    /// Whose it is.
    pub region: RegionCode,
    /// Its revision.
    pub revision: u64,
    /// The digest of the signed content.
    pub digest: Digest,
    /// The content, as JSON.
    pub payload: String,
    /// The signed envelope.
    pub envelope: Vec<u8>,
    /// When it came.
    pub received_at: Moment,
    /// What was decided.
    pub verdict: Verdict,
    /// Why it was returned.
    pub reasons: Vec<String>,
    /// Who decided; a check that the program makes by itself says so.
    pub decided_by: String,
    /// When.
    pub decided_at: Moment,
}

/// That a report came, without its content: for overviews over all collections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportMark {
    /// The collection it answers.
    pub collection: String,
    /// Whose it is.
    pub region: RegionCode,
    /// Its revision.
    pub revision: u64,
    /// When it came.
    pub received_at: Moment,
    /// What was decided.
    pub verdict: Verdict,
}

/// One numbered arrival in a child's stream of reports.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Whose it is, from its certificate.
    pub author: &'a RegionCode,
    /// The stream.
    pub stream: &'a str,
    /// The incarnation of the author's database.
    pub incarnation: &'a str,
    /// Its number in the stream.
    pub seq: u64,
    /// The [`change_mark`](crate::change_mark) of what came.
    pub mark: Digest,
    /// The report, or `None` if what came cannot be kept as one: then there is only a receipt, and the stream goes on.
    pub received: Option<&'a Received>,
    /// When.
    pub at: Moment,
    /// Of which daily quota of its author it is, and how large that is.
    pub limit: Option<(&'a str, u64)>,
}

/// What became of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrived {
    /// It is durable, with its receipt.
    Kept {
        /// The receipt's number.
        receipt: u64,
    },
    /// It was applied before.
    Again,
    /// The same report was kept before, as in another life of its author's database, and has its receipt.
    Moved,
    /// Its author has used up its quota: it is to wait for another day.
    Spent,
    /// One before it is missing; nothing was written.
    Gap {
        /// The number that should come next.
        expected: u64,
    },
    /// The same revision was kept with other content; nothing was written. To refuse it, let it arrive again without
    /// a report to keep.
    Clash {
        /// The digest of what is kept.
        held: Digest,
    },
}

fn received(line: &Line) -> Result<Received, StoreError> {
    Ok(Received {
        collection: line.text("collection")?,
        region: line.region("region")?,
        revision: line.number("revision")?,
        digest: line.digest("digest")?,
        payload: line.text("payload")?,
        envelope: line.bytes("envelope")?,
        received_at: line.moment("received_at")?,
        verdict: line.word("verdict", Verdict::read)?,
        reasons: line.json("reasons")?,
        decided_by: line.text("decided_by")?,
        decided_at: line.moment("decided_at")?,
    })
}

/// A list of texts always becomes JSON.
pub(super) fn json(reasons: &[String]) -> String {
    serde_json::Value::from(reasons).to_string()
}

async fn keep(tx: &mut Tx, new: &Received) -> Result<(), StoreError> {
    let text = format!("INSERT INTO received ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
    let statement = sql(RECEIVED, "keeping a report", text).text(&new.collection).shown(&new.region);
    let statement = statement.number(fits("revision", new.revision)?).digest(&new.digest).moment(new.received_at);
    let statement = statement.text(new.verdict.word()).text(&json(&new.reasons)).text(&new.decided_by);
    let statement = statement.moment(new.decided_at).text(&new.payload).bytes(&new.envelope);
    statement.run(tx.connection()).await?;
    Ok(())
}

/// Of what the check returned only the newest are kept: what nobody will ever count must not fill the disk.
async fn forget_returned(tx: &mut Tx, new: &Received) -> Result<(), StoreError> {
    let text = "DELETE FROM received WHERE collection = $1 AND region = $2 AND verdict = $3 AND decided_by = $4 \
        AND revision <= (SELECT revision FROM received WHERE collection = $1 AND region = $2 AND verdict = $3 \
        AND decided_by = $4 ORDER BY revision DESC LIMIT 1 OFFSET $5)";
    let statement = sql(RECEIVED, "forgetting what was returned", text).text(&new.collection).shown(&new.region);
    let statement = statement.text(Verdict::Returned.word()).text(&new.decided_by).number(RETURNED_KEPT);
    statement.run(tx.connection()).await?;
    Ok(())
}

/// Of a region only its latest sound report waits. One that the check returned takes nobody's place: what waited before
/// it can still be decided.
async fn replace_waiting(tx: &mut Tx, new: &Received) -> Result<(), StoreError> {
    let text = "UPDATE received SET verdict = $4 \
        WHERE collection = $1 AND region = $2 AND revision < $3 AND verdict = $5";
    let statement = sql(RECEIVED, "replacing what waits", text).text(&new.collection).shown(&new.region);
    let statement = statement.number(new.revision).text(Verdict::Replaced.word()).text(Verdict::Received.word());
    statement.run(tx.connection()).await?;
    Ok(())
}

async fn held(tx: &mut Tx, new: &Received) -> Result<Option<Digest>, StoreError> {
    let text = "SELECT collection, region, revision, digest FROM received \
        WHERE collection = $1 AND region = $2 AND revision = $3";
    let query = sql(RECEIVED, "reading a report", text).text(&new.collection).shown(&new.region).number(new.revision);
    query.first(tx.connection()).await?.map(|line| line.digest("digest")).transpose()
}

impl Arrived {
    /// Whether something was written.
    fn changes(self) -> bool {
        matches!(self, Self::Kept { .. } | Self::Moved | Self::Spent)
    }
}

/// Takes one arrival in within a transaction, which is to be committed only if that [changes](Arrived::changes)
/// something.
async fn take(
    tx: &mut Tx,
    arrival: &Arrival<'_>,
    make_receipt: impl FnOnce(u64) -> Result<Minted, String> + Send,
) -> Result<Arrived, StoreError> {
    let Arrival { author, stream, incarnation, seq, mark, limit, at, .. } = *arrival;
    match claim(tx, author, stream, incarnation, seq).await? {
        Claim::Gap { expected } => return Ok(Arrived::Gap { expected }),
        Claim::Fits { skip, mark: taken } if skip > 0 => {
            known_again((author, stream, seq), taken.filter(|_| skip == 1), mark)?;
            return Ok(Arrived::Again);
        }
        Claim::Fits { .. } => {}
    }
    if let Some(report) = arrival.received {
        match held(tx, report).await? {
            Some(digest) if digest != report.digest => return Ok(Arrived::Clash { held: digest }),
            Some(_) => {
                move_position(tx, author, stream, incarnation, (seq, Some(mark))).await?;
                return Ok(Arrived::Moved);
            }
            None => {}
        }
    }
    if let Some((what, most)) = limit
        && !quota::spend(tx, author, what, (1, most), at).await?
    {
        return Ok(Arrived::Spent);
    }
    if let Some(report) = arrival.received {
        keep(tx, report).await?;
        tx.touch(Topic::Reports(report.collection.clone()));
        if report.verdict == Verdict::Returned {
            forget_returned(tx, report).await?;
        } else if report.revision > 1 {
            replace_waiting(tx, report).await?;
        }
    }
    let receipt = mint(tx, author, at, make_receipt).await?;
    move_position(tx, author, stream, incarnation, (seq, Some(mark))).await?;
    Ok(Arrived::Kept { receipt })
}

impl Store {
    /// Takes in what arrived in a child's stream of reports: report, receipt and position in one transaction.
    ///
    /// The receipt is made when its number is known. What was applied before is not applied again; a report that comes
    /// once more in a new incarnation of its author's database gets no second receipt.
    ///
    /// # Errors
    /// [`StoreError::Receipt`] if the receipt cannot be made: then nothing was taken.
    pub async fn accept_report(
        &self,
        arrival: &Arrival<'_>,
        make_receipt: impl FnOnce(u64) -> Result<Minted, String> + Send,
    ) -> Result<Arrived, StoreError> {
        let mut tx = self.begin().await?;
        let arrived = take(&mut tx, arrival, make_receipt).await?;
        if arrived.changes() {
            tx.commit().await?;
        }
        Ok(arrived)
    }

    /// The same of what arrived together, in one transaction; `make_receipt` is told which of them it is for. `None`,
    /// and nothing was written, if one of them is not simply taken in: then each has to come by itself.
    ///
    /// # Errors
    /// As [`Store::accept_report`]: then nothing was taken.
    pub async fn accept_reports(
        &self,
        arrivals: &[Arrival<'_>],
        make_receipt: impl Fn(usize, u64) -> Result<Minted, String> + Send + Sync,
    ) -> Result<Option<Vec<Arrived>>, StoreError> {
        let mut tx = self.begin().await?;
        let mut all = Vec::with_capacity(arrivals.len());
        for (place, arrival) in arrivals.iter().enumerate() {
            let arrived = take(&mut tx, arrival, |number| make_receipt(place, number)).await?;
            if !matches!(arrived, Arrived::Kept { .. }) {
                return Ok(None);
            }
            all.push(arrived);
        }
        tx.commit().await?;
        Ok(Some(all))
    }

    /// The latest accepted report of each region, sorted by region.
    #[boxed]
    pub async fn received(&self, collection: &str) -> Result<Vec<Received>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM received AS r WHERE collection = $1 AND revision = \
             (SELECT MAX(n.revision) FROM received AS n WHERE n.collection = r.collection AND n.region = r.region \
              AND n.verdict = $2) ORDER BY region"
        );
        let query = sql(RECEIVED, "reading reports", text).text(collection).text(Verdict::Accepted.word());
        query.read(&mut *self.reader().await?, received).await
    }

    /// Every report that came for a collection, sorted by region and revision.
    #[boxed]
    pub async fn received_all(&self, collection: &str) -> Result<Vec<Received>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM received WHERE collection = $1 ORDER BY region, revision");
        sql(RECEIVED, "reading reports", text).text(collection).read(&mut *self.reader().await?, received).await
    }

    /// Every report that came for a collection under some codes, which are those of one division over time, sorted by
    /// revision.
    #[boxed]
    pub async fn received_from(&self, collection: &str, codes: &[&str]) -> Result<Vec<Received>, StoreError> {
        let listed = listed(self.kind(), 2);
        let text = format!(
            "SELECT {COLUMNS} FROM received WHERE collection = $1 AND region IN {listed} ORDER BY revision, region"
        );
        let query = sql(RECEIVED, "reading reports", text).text(collection).list(codes);
        query.read(&mut *self.reader().await?, received).await
    }

    /// The codes under which reports came for a collection, sorted.
    #[boxed]
    pub async fn reporting(&self, collection: &str) -> Result<Vec<RegionCode>, StoreError> {
        let text = "SELECT DISTINCT region FROM received WHERE collection = $1 ORDER BY region";
        let query = sql(RECEIVED, "reading who reported", text).text(collection);
        query.read(&mut *self.reader().await?, |line: &Line| line.region("region")).await
    }

    /// That reports came, for all collections: sorted by collection, region and revision.
    #[boxed]
    pub async fn report_marks(&self) -> Result<Vec<ReportMark>, StoreError> {
        let text = "SELECT collection, region, revision, received_at, verdict FROM received \
            ORDER BY collection, region, revision";
        let mark = |line: &Line| {
            Ok(ReportMark {
                collection: line.text("collection")?,
                region: line.region("region")?,
                revision: line.number("revision")?,
                received_at: line.moment("received_at")?,
                verdict: line.word("verdict", Verdict::read)?,
            })
        };
        sql(RECEIVED, "reading what reports came", text).read(&mut *self.reader().await?, mark).await
    }

    /// The regions of which a report waits for a person, sorted.
    #[boxed]
    pub async fn awaiting(&self, collection: &str) -> Result<Vec<RegionCode>, StoreError> {
        let text = "SELECT DISTINCT region FROM received WHERE collection = $1 AND verdict = $2 ORDER BY region";
        let query = sql(RECEIVED, "reading what waits", text).text(collection).text(Verdict::Received.word());
        query.read(&mut *self.reader().await?, |line: &Line| line.region("region")).await
    }

    /// The latest revision of a region that is held, counted or not, and its digest.
    #[boxed]
    pub async fn received_last(
        &self,
        collection: &str,
        region: &RegionCode,
    ) -> Result<Option<(u64, Digest)>, StoreError> {
        let text = "SELECT collection, region, revision, digest FROM received \
            WHERE collection = $1 AND region = $2 ORDER BY revision DESC LIMIT 1";
        let query = sql(RECEIVED, "reading a report", text).text(collection).shown(region);
        let line = query.first(&mut *self.reader().await?).await?;
        line.map(|line| Ok((line.number("revision")?, line.digest("digest")?))).transpose()
    }

    /// The signed envelopes of all reports that came from a region, sorted by collection and revision.
    #[boxed]
    pub async fn reports_of(&self, region: &RegionCode) -> Result<Vec<Vec<u8>>, StoreError> {
        let text = "SELECT collection, region, revision, envelope FROM received WHERE region = $1 \
            ORDER BY collection, revision";
        let query = sql(RECEIVED, "reading reports", text).shown(region);
        query.read(&mut *self.reader().await?, |line: &Line| line.bytes("envelope")).await
    }

    /// One report.
    #[boxed]
    pub async fn received_one(
        &self,
        collection: &str,
        region: &RegionCode,
        revision: u64,
    ) -> Result<Option<Received>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM received WHERE collection = $1 AND region = $2 AND revision = $3");
        let query = sql(RECEIVED, "reading a report", text).text(collection).shown(region).number(revision);
        query.first(&mut *self.reader().await?).await?.as_ref().map(received).transpose()
    }
}
