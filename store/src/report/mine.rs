//! The reports that this node submitted, and the receipts it got for them.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{Receipt, receipt};
use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::record::REPORTS;
use crate::sql::{Line, fits, sql};
use crate::topic::Topic;

const MINE: &str = "my_report";
const RECEIPT: &str = "my_receipt";
const COLUMNS: &str = "collection, revision, digest, state, approved_by, submitted_at, seq, payload, envelope";

/// How a report stands, as far as its author knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportState {
    /// 已上报
    Submitted,
    /// 已收，待审核
    Received,
    /// 已接收
    Accepted,
    /// 已退回
    Returned,
}

impl ReportState {
    /// The word that is stored and shown in machine-readable output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Submitted, Self::Received, Self::Accepted, Self::Returned].into_iter().find(|state| state.word() == word)
    }
}

/// A report that this node submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyReport {
    /// The collection it answers.
    pub collection: String,
    /// 1, 2, 3 …; a later one replaces an earlier one.
    pub revision: u64,
    /// The digest of the signed content.
    pub digest: Digest,
    /// The content, as JSON.
    pub payload: String,
    /// The signed envelope.
    pub envelope: Vec<u8>,
    /// How it stands.
    pub state: ReportState,
    /// Who approved it.
    pub approved_by: String,
    /// When it was submitted.
    pub at: Moment,
    /// Its number in the stream of reports.
    pub seq: u64,
}

/// A report to submit.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// The collection it answers.
    pub collection: &'a str,
    /// Its revision.
    pub revision: u64,
    /// The digest of the signed content.
    pub digest: Digest,
    /// The content, as JSON.
    pub payload: &'a str,
    /// The signed envelope.
    pub envelope: &'a [u8],
    /// Who approved it.
    pub approved_by: &'a str,
    /// When.
    pub at: Moment,
}

/// A receipt that came from the parent, checked.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptTaken<'a> {
    /// Who made it.
    pub parent: &'a RegionCode,
    /// Its number.
    pub number: u64,
    /// The content, as JSON.
    pub payload: &'a str,
    /// The signed envelope.
    pub envelope: &'a [u8],
    /// When.
    pub at: Moment,
    /// The report it is about, and how that stands now.
    pub about: Option<(&'a str, u64, ReportState)>,
}

/// What became of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is kept, and the report's state follows it.
    New,
    /// It was kept before.
    Again,
    /// One before it is missing; nothing was written.
    Gap {
        /// The number that should come next.
        expected: u64,
    },
}

fn my_report(line: &Line) -> Result<MyReport, StoreError> {
    Ok(MyReport {
        collection: line.text("collection")?,
        revision: line.number("revision")?,
        digest: line.digest("digest")?,
        payload: line.text("payload")?,
        envelope: line.bytes("envelope")?,
        state: line.word("state", ReportState::read)?,
        approved_by: line.text("approved_by")?,
        at: line.moment("submitted_at")?,
        seq: line.number("seq")?,
    })
}

const LAST_RECEIPT: &str = "SELECT MAX(number) AS number FROM my_receipt WHERE parent = $1";

impl Store {
    /// Keeps a report and appends it to the stream of reports in one transaction; returns its number there.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] unless its revision is above the last one. It may be further above: a database restored
    /// from an old copy goes on after what its parent holds.
    #[boxed]
    pub async fn submit_report(&self, new: &Submission<'_>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let seq = tx.append(REPORTS, "report", new.collection, Some(new.envelope), new.at).await?;
        let text = "SELECT MAX(revision) AS revision FROM my_report WHERE collection = $1";
        let last = sql(MINE, "reading reports", text).text(new.collection).first(tx.connection()).await?;
        let found = last.map(|line| line.maybe_number("revision")).transpose()?.flatten().unwrap_or(0);
        if new.revision <= found {
            let expected = new.revision.saturating_sub(1);
            return Err(StoreError::Conflict { what: new.collection.to_owned(), expected, found });
        }
        let text = format!("INSERT INTO my_report ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        let statement = sql(MINE, "keeping a report", text).text(new.collection);
        let statement = statement.number(fits("revision", new.revision)?).digest(&new.digest);
        let statement = statement.text(ReportState::Submitted.word()).text(new.approved_by).moment(new.at).number(seq);
        statement.text(new.payload).bytes(new.envelope).run(tx.connection()).await?;
        tx.touch(Topic::MyReports);
        tx.commit().await?;
        Ok(seq)
    }

    /// Keeps an own report that this database had lost. `false`, and nothing written, if it has one of this revision.
    #[boxed]
    pub async fn take_back_report(&self, lost: &MyReport) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let text = format!(
            "INSERT INTO my_report ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (collection, revision) DO NOTHING"
        );
        let statement = sql(MINE, "keeping a report", text).text(&lost.collection);
        let statement = statement.number(fits("revision", lost.revision)?).digest(&lost.digest);
        let seq = fits("sequence number", lost.seq)?;
        let statement = statement.text(lost.state.word()).text(&lost.approved_by).moment(lost.at).number(seq);
        if statement.text(&lost.payload).bytes(&lost.envelope).run(tx.connection()).await? == 0 {
            return Ok(false);
        }
        tx.touch(Topic::MyReports);
        tx.commit().await?;
        Ok(true)
    }

    /// All revisions of the answer to a collection, oldest first.
    #[boxed]
    pub async fn my_reports(&self, collection: &str) -> Result<Vec<MyReport>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM my_report WHERE collection = $1 ORDER BY revision");
        let query = sql(MINE, "reading reports", text).text(collection);
        query.read(&mut *self.reader().await?, my_report).await
    }

    /// The latest revision of every answer, sorted by collection.
    #[boxed]
    pub async fn my_latest(&self) -> Result<Vec<MyReport>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM my_report AS m WHERE revision = \
             (SELECT MAX(n.revision) FROM my_report AS n WHERE n.collection = m.collection) ORDER BY collection"
        );
        sql(MINE, "reading reports", text).read(&mut *self.reader().await?, my_report).await
    }

    /// Keeps a receipt, and lets the report that it is about follow it, in one transaction.
    #[boxed]
    pub async fn take_receipt(&self, new: &ReceiptTaken<'_>) -> Result<Taken, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&format!("receipts from {}", new.parent)).await?;
        let last = sql(RECEIPT, "reading receipts", LAST_RECEIPT).shown(new.parent).first(tx.connection()).await?;
        let last = last.map(|line| line.maybe_number("number")).transpose()?.flatten().unwrap_or(0);
        if new.number <= last {
            return Ok(Taken::Again);
        }
        let expected = last.saturating_add(1);
        if new.number != expected {
            return Ok(Taken::Gap { expected });
        }
        let text = "INSERT INTO my_receipt (parent, number, taken_at, payload, envelope) VALUES ($1, $2, $3, $4, $5)";
        let statement = sql(RECEIPT, "keeping a receipt", text).shown(new.parent);
        let statement = statement.number(fits("receipt number", new.number)?).moment(new.at);
        statement.text(new.payload).bytes(new.envelope).run(tx.connection()).await?;
        if let Some((collection, revision, state)) = new.about {
            let text = "UPDATE my_report SET state = $3 WHERE collection = $1 AND revision = $2";
            let statement = sql(MINE, "noting a verdict", text).text(collection).number(revision).text(state.word());
            statement.run(tx.connection()).await?;
        }
        tx.touch(Topic::MyReports);
        tx.commit().await?;
        Ok(Taken::New)
    }

    /// The number of the last receipt held from a parent, 0 for none.
    #[boxed]
    pub async fn receipts_held(&self, parent: &RegionCode) -> Result<u64, StoreError> {
        let query = sql(RECEIPT, "reading receipts", LAST_RECEIPT).shown(parent);
        let line = query.first(&mut *self.reader().await?).await?;
        Ok(line.map(|line| line.maybe_number("number")).transpose()?.flatten().unwrap_or(0))
    }

    /// All receipts held, sorted by parent and number.
    #[boxed]
    pub async fn my_receipts(&self) -> Result<Vec<Receipt>, StoreError> {
        let text = "SELECT parent AS region, number, taken_at AS noted_at, payload, envelope FROM my_receipt \
            ORDER BY parent, number";
        sql(RECEIPT, "reading receipts", text).read(&mut *self.reader().await?, receipt).await
    }
}
