//! Where a child's batches are taken in: each applied once, committed with its number, and only then acknowledged.
//! It knows no transport: a link and a bundle file bring the same batches here.

use std::sync::Arc;

use prost::Message;
use tokio::sync::OwnedSemaphorePermit;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_domain::region::{self, RegionCode};
use tongpin_proto::{packing, v1};
use tongpin_store::{Acceptance, Arrived, Batch, Change, Life, Minted, Past, QUESTION, RECORDS, REPORTS, Written};

use super::quota::{self, Quota};
use super::registrar::{self, Content as Registrable, Entry, Registrar};
use crate::boxed;
use crate::error::{Denial, LinkError};
use crate::question;
use crate::report;
use crate::sealed::{self, Purpose};
use crate::site::Site;

/// The most changes that one batch may bring.
const MOST_CHANGES: usize = 20_000;
/// The most times that a child's database may have been restored.
const MOST_LIVES: usize = 1_000;
/// The longest name of a child's incarnation that is kept, bytes.
const LONGEST_NAME: usize = 100;

/// A batch that was unpacked and checked; what is left of `batch` is its name and numbers.
pub(crate) struct Unpacked {
    batch: v1::Batch,
    content: Content,
    /// The room that it takes among all that are unpacked, given back once it is taken in.
    room: Option<OwnedSemaphorePermit>,
}

impl Unpacked {
    /// Whether it brings reports or questions.
    pub(crate) fn is_reports(&self) -> bool {
        matches!(self.content, Content::Reports(_))
    }

    /// The same with the room that it takes.
    pub(crate) fn within(self, room: Option<OwnedSemaphorePermit>) -> Self {
        Self { room, ..self }
    }
}

enum Content {
    Records(Vec<Change>, Told),
    Reports(v1::Changes),
}

/// What a child told of the past of its database with a batch.
struct Told {
    lineage: Vec<Life>,
    over: Vec<(u64, Written)>,
    mark: Option<Digest>,
}

/// Takes in what children send.
#[derive(Clone)]
pub struct BatchReceiver {
    site: Arc<Site>,
    /// Who writes what arrives together; none where batches come one by one, from a file.
    registrar: Option<Registrar>,
}

impl BatchReceiver {
    /// A receiver of this site.
    #[must_use]
    pub fn new(site: Arc<Site>) -> Self {
        Self { site, registrar: None }
    }

    /// The same for many links at once.
    pub(crate) fn registered(site: Arc<Site>, registrar: Registrar) -> Self {
        Self { site, registrar: Some(registrar) }
    }

    /// What has been committed of a child's streams.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn positions(&self, child: &RegionCode) -> Result<Vec<v1::Position>, LinkError> {
        let positions = self.site.store.positions(child).await?;
        Ok(positions
            .into_iter()
            .map(|position| v1::Position {
                stream: position.stream,
                incarnation: position.incarnation,
                number: position.seq,
                mark: position.mark.map(|mark| mark.0.to_vec().into()).unwrap_or_default(),
            })
            .collect())
    }

    /// The receipts for a child after a number.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn receipts_after(&self, child: &RegionCode, number: u64) -> Result<Vec<v1::Receipt>, LinkError> {
        let receipts = self.site.store.receipts_after(child, number).await?;
        receipts
            .into_iter()
            .map(|receipt| {
                let signed = Some(sealed::decode(&receipt.envelope)?);
                Ok(v1::Receipt { number: receipt.number, signed })
            })
            .collect()
    }

    /// A child holds receipts that this database does not know: it is an older copy, and its next receipts would bear
    /// numbers that the child takes for known ones. The missing numbers are filled with receipts that say so.
    ///
    /// # Errors
    /// A receipt cannot be signed, or the database cannot be written.
    #[boxed]
    pub async fn settle_receipts(&self, child: &RegionCode, held: u64) -> Result<(), LinkError> {
        let known = self.site.store.receipts_made(child).await?;
        let missing = held.saturating_sub(known);
        if missing == 0 {
            return Ok(());
        }
        // A number beyond ours is a copy that lacks some, or a lie: neither may fill this database, and neither is a
        // reason to do without the child's reports.
        if !quota::left(&self.site, child, Quota::Receipts, missing).await? {
            tracing::error!(child = %child, held, known, "the child says it holds more receipts than are made up for");
            return Ok(());
        }
        tracing::error!(child = %child, held, known, "receipts are missing here: this database is an older copy");
        let (site, draft) = (self.site.clone(), report::ReceiptDraft::of_a_lost_one(child, self.site.now()));
        let mint = move |number| mint_receipt(&site, number, &draft);
        Ok(self.site.store.fill_receipts(child, held, self.site.now(), mint).await?)
    }

    /// Takes a batch in. The answers may be given once this returns: what they acknowledge is durable.
    ///
    /// # Errors
    /// A batch that cannot be read, one of a stream that this child may not send, or a failing database.
    #[boxed]
    pub async fn receive(&self, child: &RegionCode, batch: v1::Batch) -> Result<Vec<v1::downward::Body>, LinkError> {
        self.take(child, Self::unpack(batch)?).await
    }

    /// Unpacks and checks a batch: the part that needs no database, and a moment of a processor.
    pub(crate) fn unpack(mut batch: v1::Batch) -> Result<Unpacked, LinkError> {
        let packed = std::mem::take(&mut batch.data);
        let changes: v1::Changes = packing::unpack(&packed, batch.raw_length)?;
        let count = changes.changes.len();
        if count > MOST_CHANGES || batch.first == 0 {
            return Err(LinkError::Protocol(format!("a batch of {count} changes from {}", batch.first)));
        }
        if batch.incarnation.len() > LONGEST_NAME {
            return Err(LinkError::Protocol("an incarnation of a long name".into()));
        }
        let content = match batch.stream.as_str() {
            RECORDS => {
                let lineage = lineage(std::mem::take(&mut batch.lineage))?;
                let overs = numbers(batch.first).zip(&changes.changes);
                let overs = overs.filter_map(|(seq, change)| Some((seq, written(change.over.clone()?))));
                let told = Told { lineage, over: overs.collect(), mark: changes.changes.last().map(mark_of) };
                Content::Records(changes.changes.into_iter().map(record_change).collect(), told)
            }
            REPORTS => Content::Reports(changes),
            other => return Err(LinkError::Protocol(format!("unknown stream {other}"))),
        };
        Ok(Unpacked { batch, content, room: None })
    }

    /// Takes an unpacked batch in, as [`BatchReceiver::receive`] does.
    pub(crate) async fn take(
        &self,
        child: &RegionCode,
        unpacked: Unpacked,
    ) -> Result<Vec<v1::downward::Body>, LinkError> {
        let Unpacked { batch, content, room: _room } = unpacked;
        match content {
            Content::Records(changes, told) => self.records(child, &batch, &changes, &told).await,
            Content::Reports(changes) => self.reports(child, &batch, changes).await,
        }
    }

    async fn records(
        &self,
        child: &RegionCode,
        batch: &v1::Batch,
        changes: &[Change],
        told: &Told,
    ) -> Result<Vec<v1::downward::Body>, LinkError> {
        if !region::records_go_up(child, &self.site.region()) {
            return Err(Denial::RecordsStay(child.clone()).into());
        }
        let (incarnation, first_seq) = (batch.incarnation.as_str(), batch.first);
        let batch_of = Batch { author: child, stream: RECORDS, incarnation, first_seq, changes };
        let past = Past { lineage: &told.lineage, over: &told.over, mark: told.mark };
        let accepted = self.site.store.accept_told(&batch_of, past).await?;
        match accepted {
            Acceptance::Accepted { seq, .. } => Ok(vec![acknowledged(batch, seq, 0)]),
            Acceptance::Gap { expected } => {
                tracing::error!(child = %child, expected, got = batch.first, "a gap in the child's records");
                Ok(vec![acknowledged(batch, expected.saturating_sub(1), expected)])
            }
        }
    }

    async fn reports(
        &self,
        child: &RegionCode,
        batch: &v1::Batch,
        changes: v1::Changes,
    ) -> Result<Vec<v1::downward::Body>, LinkError> {
        let mut answers = Vec::new();
        let mut last = 0;
        for (seq, change) in numbers(batch.first).zip(changes.changes) {
            let mark = mark_of(&change);
            let envelope = change.body.unwrap_or_default();
            let (arrived, receipt) = if change.kind == QUESTION {
                self.question(child, batch, (seq, mark), &envelope).await?
            } else {
                let inspected = report::inspect(&self.site, child, &envelope).await?;
                self.register(child, batch, (seq, mark), Registrable::Report(Box::new(inspected))).await?
            };
            match arrived {
                Arrived::Kept { .. } => answers.extend(receipt.map(v1::downward::Body::Receipt)),
                Arrived::Again | Arrived::Moved | Arrived::Clash { .. } => {}
                Arrived::Spent => {
                    let of = Quota::Arrivals;
                    return Err(LinkError::Quota { what: of.say(Lang::Zh), most: of.most() });
                }
                Arrived::Gap { expected } => {
                    answers.push(gap(child, batch, seq, expected));
                    return Ok(answers);
                }
            }
            last = seq;
        }
        answers.push(acknowledged(batch, last, 0));
        Ok(answers)
    }

    /// Takes a question in, which a person answers some day; one that is not taken in is answered at once.
    async fn question(
        &self,
        child: &RegionCode,
        batch: &v1::Batch,
        (seq, mark): (u64, Digest),
        envelope: &[u8],
    ) -> registrar::Registered {
        match question::take(&self.site, child, &batch.incarnation, (seq, mark), envelope).await? {
            question::Taken::Sound(Acceptance::Accepted { .. }) => Ok((Arrived::Again, None)),
            question::Taken::Sound(Acceptance::Gap { expected }) => Ok((Arrived::Gap { expected }, None)),
            question::Taken::Refused { digest, reason } => {
                let draft = report::ReceiptDraft::of_a_refused_question(child, digest, reason, self.site.now());
                self.register(child, batch, (seq, mark), Registrable::Refused(Box::new(draft))).await
            }
        }
    }

    async fn register(
        &self,
        child: &RegionCode,
        batch: &v1::Batch,
        (seq, mark): (u64, Digest),
        content: Registrable,
    ) -> registrar::Registered {
        let (child, incarnation) = (child.clone(), batch.incarnation.clone());
        let entry = Entry { child, incarnation, seq, mark, content, at: self.site.now() };
        match &self.registrar {
            Some(registrar) => registrar.register(entry).await,
            None => registrar::alone(&self.site, &entry).await,
        }
    }
}

/// The lives of a child's database, each of which began where the one before it stood.
pub(crate) fn lineage(lives: Vec<v1::Life>) -> Result<Vec<Life>, LinkError> {
    if lives.len() > MOST_LIVES || !lives.is_sorted_by_key(|life| life.start) {
        return Err(LinkError::Protocol(format!("a lineage of {} lives", lives.len())));
    }
    Ok(lives.into_iter().map(|life| Life { incarnation: life.incarnation, start: life.start }).collect())
}

fn mark_of(change: &v1::Change) -> Digest {
    tongpin_store::change_mark(&change.kind, &change.key, change.body.as_deref())
}

fn written(written: v1::Written) -> Written {
    Written { incarnation: written.incarnation, number: written.number }
}

/// A record's body must be a JSON object; what is not is set aside with the reason, and the rest flows.
fn record_change(change: v1::Change) -> Change {
    let Some(bytes) = change.body else {
        return Change { kind: change.kind, key: change.key, body: None, problem: None };
    };
    let (body, problem) = match String::from_utf8(bytes.into()) {
        Ok(text) => {
            let problem = report::not_an_object(&text);
            (text, problem)
        }
        Err(error) => {
            let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (shown, Some("内容不是 UTF-8 文本".to_owned()))
        }
    };
    Change { kind: change.kind, key: change.key, body: Some(body), problem }
}

/// The numbers from one on, as far as there are any: a first one near their end is a gap, as the first change shows.
fn numbers(first: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(first), |seq| seq.checked_add(1))
}

/// The answer to something before which something is missing.
fn gap(child: &RegionCode, batch: &v1::Batch, got: u64, expected: u64) -> v1::downward::Body {
    tracing::error!(child = %child, expected, got, "a gap in the child's reports");
    acknowledged(batch, expected.saturating_sub(1), expected)
}

fn acknowledged(batch: &v1::Batch, number: u64, expected: u64) -> v1::downward::Body {
    let (stream, incarnation) = (batch.stream.clone(), batch.incarnation.clone());
    let position = v1::Position { stream, incarnation, number, ..Default::default() };
    v1::downward::Body::Acknowledged(v1::Acknowledged { position: Some(position), expected })
}

/// Writes and signs a receipt.
pub(crate) fn mint_receipt(site: &Site, number: u64, draft: &report::ReceiptDraft) -> Result<Minted, String> {
    sealed_receipt(site, number, draft).map(|(minted, _)| minted)
}

/// The same, with what is sent of it.
pub(super) fn sealed_receipt(
    site: &Site,
    number: u64,
    draft: &report::ReceiptDraft,
) -> Result<(Minted, v1::Receipt), String> {
    let payload = draft.payload(number)?;
    let signed = sealed::seal(&site.identity(), Purpose::Receipt, payload.as_bytes()).map_err(|e| e.to_string())?;
    let minted = Minted { payload, envelope: signed.encode_to_vec() };
    Ok((minted, v1::Receipt { number, signed: Some(signed) }))
}
