//! 登记: what children report is written by one worker, and what arrives together is written together: a thousand
//! counties that report in the same minute cost a few dozen disk writes, and none is answered before its report is
//! durable.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_proto::v1;
use tongpin_store::{Arrival, Arrived, Minted, REPORTS, StoreError};

use super::batch::sealed_receipt;
use super::quota::Quota;
use crate::error::LinkError;
use crate::report::{Inspected, ReceiptDraft};
use crate::site::Site;

/// The most that is written in one transaction.
const AT_ONCE: usize = 100;
/// The most that waits to be written; whoever comes then waits to be heard.
const WAITING: usize = 256;

/// Something numbered of a child's stream of reports, after it was checked.
pub(super) struct Entry {
    pub(super) child: RegionCode,
    pub(super) incarnation: String,
    pub(super) seq: u64,
    pub(super) mark: Digest,
    pub(super) content: Content,
    pub(super) at: Moment,
}

/// What it is.
pub(super) enum Content {
    /// A report, to be kept or not.
    Report(Box<Inspected>),
    /// Something that is only answered.
    Refused(Box<ReceiptDraft>),
}

/// What became of an entry, and the receipt if one was made.
pub(super) type Registered = Result<(Arrived, Option<v1::Receipt>), LinkError>;

/// Where entries are left.
#[derive(Clone)]
pub(crate) struct Registrar {
    entries: mpsc::Sender<(Entry, oneshot::Sender<Registered>)>,
}

impl Registrar {
    /// Starts the worker; it ends when the token is cancelled, and whoever still waits is not answered.
    pub(crate) fn start(site: Arc<Site>, token: CancellationToken) -> (Self, impl Future<Output = ()> + Send) {
        let (entries, inbox) = mpsc::channel(WAITING);
        (Self { entries }, work(site, inbox, token))
    }

    /// Waits until an entry is written.
    ///
    /// # Errors
    /// The database cannot be written, or the program stops.
    pub(super) async fn register(&self, entry: Entry) -> Registered {
        let (reply, answer) = oneshot::channel();
        self.entries.send((entry, reply)).await.map_err(|_| LinkError::Stopped)?;
        answer.await.map_err(|_| LinkError::Stopped)?
    }
}

async fn work(
    site: Arc<Site>,
    mut inbox: mpsc::Receiver<(Entry, oneshot::Sender<Registered>)>,
    token: CancellationToken,
) {
    let mut taken = Vec::with_capacity(AT_ONCE);
    loop {
        let count = tokio::select! {
            biased;
            () = token.cancelled() => return,
            count = inbox.recv_many(&mut taken, AT_ONCE) => count,
        };
        if count == 0 {
            return;
        }
        // In one order everywhere: of two programs on one database neither waits for a lock that the other holds while
        // that one waits for it.
        taken.sort_by(|(one, _), (next, _)| (&one.child, one.seq).cmp(&(&next.child, next.seq)));
        let (entries, replies): (Vec<Entry>, Vec<_>) = taken.drain(..).unzip();
        for (registered, reply) in together(&site, entries).await.into_iter().zip(replies) {
            // Whoever left hears of it when coming back.
            let _ = reply.send(registered);
        }
    }
}

/// Registers entries in one transaction, or one by one where that cannot be.
async fn together(site: &Site, entries: Vec<Entry>) -> Vec<Registered> {
    if entries.len() > 1 {
        let drafts: Vec<ReceiptDraft> = entries.iter().map(Entry::draft).collect();
        let minted = Mints::of(entries.len());
        let arrivals: Vec<Arrival<'_>> = entries.iter().map(|entry| entry.arrival(entry.kept())).collect();
        let make = |place: usize, number| match drafts.get(place) {
            Some(draft) => minted.mint(site, place, number, draft),
            None => Err("an arrival that nobody knows".to_owned()),
        };
        match site.store.accept_reports(&arrivals, make).await {
            Ok(Some(arrived)) => return arrived.into_iter().zip(minted.all()).map(Ok).collect(),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "what arrived together is taken in one by one"),
        }
    }
    let mut registered = Vec::with_capacity(entries.len());
    for entry in entries {
        registered.push(alone(site, &entry).await);
    }
    registered
}

/// Registers one entry by itself.
///
/// # Errors
/// The database cannot be written.
pub(super) async fn alone(site: &Site, entry: &Entry) -> Registered {
    let minted = Mints::of(1);
    let accept = async |kept: bool, draft: ReceiptDraft| -> Result<Arrived, StoreError> {
        let arrival = entry.arrival(if kept { entry.kept() } else { None });
        site.store.accept_report(&arrival, |number| minted.mint(site, 0, number, &draft)).await
    };
    let mut arrived = accept(true, entry.draft()).await?;
    if let (Arrived::Clash { .. }, Content::Report(inspected)) = (arrived, &entry.content) {
        // The revision is taken by other content: that one stays, and the child is told.
        arrived = accept(false, inspected.clash(&entry.child, entry.at)).await?;
    }
    Ok((arrived, minted.all().pop().flatten()))
}

impl Entry {
    fn kept(&self) -> Option<&tongpin_store::Received> {
        match &self.content {
            Content::Report(inspected) => inspected.received.as_ref(),
            Content::Refused(_) => None,
        }
    }

    fn arrival<'a>(&'a self, received: Option<&'a tongpin_store::Received>) -> Arrival<'a> {
        Arrival {
            author: &self.child,
            stream: REPORTS,
            incarnation: &self.incarnation,
            seq: self.seq,
            mark: self.mark,
            received,
            at: self.at,
            limit: Some((Quota::Arrivals.word(), Quota::Arrivals.most())),
        }
    }

    fn draft(&self) -> ReceiptDraft {
        match &self.content {
            Content::Report(inspected) => inspected.receipt(&self.child, self.at),
            Content::Refused(draft) => ReceiptDraft::clone(draft),
        }
    }
}

/// The receipts that were made within a transaction, each in the place of its entry.
struct Mints(Mutex<Vec<Option<v1::Receipt>>>);

impl Mints {
    fn of(count: usize) -> Self {
        Self(Mutex::new(vec![None; count]))
    }

    fn mint(&self, site: &Site, place: usize, number: u64, draft: &ReceiptDraft) -> Result<Minted, String> {
        let (minted, receipt) = sealed_receipt(site, number, draft)?;
        let mut receipts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = receipts.get_mut(place) {
            *made = Some(receipt);
        }
        Ok(minted)
    }

    fn all(self) -> Vec<Option<v1::Receipt>> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
