//! One link from the parent's side: it compares what the child has with what it should have, sends what is missing,
//! and takes what the child sends. It holds no thread, no timer and no buffer of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::StreamExt;
use tokio::sync::{Notify, Semaphore, broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use tongpin_domain::catalog::{CatalogId, Head};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;
use tongpin_proto::{PROTOCOL, v1};
use tongpin_store::Twin;
use tonic::Status;

use super::batch::{BatchReceiver, Unpacked};
use super::board::Board;
use super::inbox::{Letter, Letters};
use super::live::{LiveLinks, Look, Place, Wire};
use super::proof::Proofs;
use super::recorder::Recorder;
use super::recovery::Recovery;
use crate::error::{LinkError, chain};
use crate::identity::Peer;
use crate::recall::{Answers, Decisions};
use crate::site::Site;
use crate::transfer::Transfers;
use crate::uplink::warned;
use crate::witness;

mod claims;
mod notes;
mod offers;
mod spent;

use notes::staged_of;

/// The most catalogs that a child may speak of.
pub(crate) const MOST_HEADS: usize = 1_000;
/// How long a child may read nothing, as while it applies a large release. What it sent meanwhile takes up room.
const READING: Duration = Duration::from_mins(5);
/// What a child says of its program and its database is kept up to this length.
const LONGEST_WORD: usize = 100;
/// How long the reason why a link ends waits for a child that is slow to read.
const PARTING: Duration = Duration::from_secs(1);
/// How long a caller may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all sessions of a process share.
pub(crate) struct Shared {
    pub(crate) site: Arc<Site>,
    pub(crate) receiver: BatchReceiver,
    pub(crate) transfers: Transfers,
    pub(crate) recovery: Recovery,
    pub(crate) recorder: Recorder,
    pub(crate) acknowledgements: broadcast::Sender<Head>,
    pub(crate) board: Arc<ArcSwap<Board>>,
    /// Asks for the board to be read.
    pub(crate) unread: Arc<Notify>,
    pub(crate) room: Arc<Semaphore>,
}

/// The messages to the child.
///
/// Boxed, because a channel reserves room for 32 messages however few it may hold.
pub(crate) type Outlet = mpsc::Sender<Box<Result<v1::Downward, Status>>>;

/// Who opened a link, and among which others it will stand.
pub(crate) struct Caller {
    pub(crate) peer: Peer,
    /// Where it calls from.
    pub(crate) address: String,
    pub(crate) links: Arc<LiveLinks>,
}

/// One child's link.
pub(crate) struct Session {
    shared: Arc<Shared>,
    child: RegionCode,
    caller: Caller,
    suspended: bool,
    outlet: Outlet,
    software: String,
    incarnation: String,
    heads: BTreeMap<CatalogId, Head>,
    staged: HashMap<CatalogId, (Digest, u64)>,
    under_way: BTreeSet<CatalogId>,
    refused: BTreeMap<CatalogId, Attempt>,
    warned: BTreeSet<CatalogId>,
    /// What the child said it holds, until the board is there to hold it against.
    unheard: Vec<Head>,
    /// What it said and this node does not know.
    claimed: BTreeMap<CatalogId, Head>,
    proofs: Proofs,
    /// What the child said has left to look at.
    due: Look,
    receipts_sent: u64,
    /// What the child may send in a day is used up.
    spent: bool,
    decisions: Decisions,
    /// The child hears nothing any more; what it sent before is still taken.
    gone: bool,
}

/// A release that the child did not take in this session.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    number: u64,
    send_everything: bool,
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>, caller: Caller, outlet: Outlet) -> Self {
        Self {
            shared,
            child: caller.peer.region.clone(),
            caller,
            suspended: false,
            outlet,
            software: String::new(),
            incarnation: String::new(),
            heads: BTreeMap::new(),
            staged: HashMap::new(),
            under_way: BTreeSet::new(),
            refused: BTreeMap::new(),
            warned: BTreeSet::new(),
            unheard: Vec::new(),
            claimed: BTreeMap::new(),
            proofs: Proofs::default(),
            due: Look::default(),
            receipts_sent: 0,
            spent: false,
            decisions: Decisions::default(),
            gone: false,
        }
    }

    /// Runs until the child leaves, an error ends it, or the token does.
    pub(crate) async fn run(mut self: Box<Self>, letters: Letters, token: CancellationToken) {
        tracing::info!(child = %self.child, "a child follows");
        let ended = tokio::select! {
            ended = self.talk(letters, &token) => ended,
            () = token.cancelled() => Err(LinkError::Stopped),
        };
        if let Err(error) = ended {
            tracing::info!(child = %self.child, reason = %chain(&error), "the link ended");
            // The child may still be reading what came before, so the reason waits for its turn; if the child is gone
            // or has stopped reading, nobody hears it.
            let _ = tokio::time::timeout(PARTING, self.outlet.send(Box::new(Err(error.to_status())))).await;
        }
    }

    async fn talk(&mut self, mut letters: Letters, token: &CancellationToken) -> Result<(), LinkError> {
        // What a link does is boxed while it is done, so that an idle link does not hold room for it.
        // Its place is given up however this ends, and be it that the task is dropped where it stands.
        let place = Box::pin(self.begin(&mut letters, token)).await?;
        self.follow(letters, &place.wire).await
    }

    /// Hears who calls, gives it its place, and greets it.
    async fn begin(&mut self, letters: &mut Letters, token: &CancellationToken) -> Result<Place, LinkError> {
        let first = tokio::time::timeout(PATIENCE, letters.next()).await;
        let first = first.map_err(|_| LinkError::Protocol("no Hello".into()))?.transpose()?;
        let Some(Letter::Other(v1::upward::Body::Hello(hello))) = first else {
            return Err(LinkError::Protocol("the first message must be Hello".into()));
        };
        let place = self.claim(&hello, token).await?;
        self.welcome(hello).await?;
        Ok(place)
    }

    /// Takes this child's place among the live links.
    async fn claim(&self, hello: &v1::Hello, token: &CancellationToken) -> Result<Place, LinkError> {
        let Caller { peer, address, links } = &self.caller;
        let site = &self.shared.site;
        let claimed = links.claim(peer, (&hello.machine, address), token, site.timing.proof).await;
        // It may have been revoked since it called, when it stood nowhere to be ended.
        site.admission.check(&peer.fingerprint, &peer.region)?;
        if claimed.is_err() {
            let twin = Twin { at: site.now(), address: address.clone() };
            site.store.note_twin(&self.child, &twin).await?;
        }
        let wire = claimed?;
        let place = Place { links: Arc::clone(links), region: self.child.clone(), wire };
        Ok(place)
    }

    async fn follow(&mut self, mut letters: Letters, wire: &Wire) -> Result<(), LinkError> {
        loop {
            let look = wire.look();
            if !self.gone {
                Box::pin(self.offer(look)).await?;
                wire.set_claims(!self.claimed.is_empty());
            }
            tokio::select! {
                letter = letters.next() => {
                    wire.hear();
                    match letter.transpose()? {
                        Some(Letter::Batch(batch)) => Box::pin(self.take(batch)).await?,
                        Some(Letter::Other(body)) => Box::pin(self.receive(body)).await?,
                        None => return Ok(()),
                    }
                }
                address = wire.rival() => {
                    tracing::error!(child = %self.child, address, "a second machine calls with this child's identity");
                    Box::pin(self.warn(warned::TWIN, address)).await?;
                }
                () = wire.woken() => {}
            }
        }
    }

    async fn welcome(&mut self, mut hello: v1::Hello) -> Result<(), LinkError> {
        if hello.protocol != PROTOCOL {
            tracing::warn!(child = %self.child, protocol = hello.protocol, "the child speaks another protocol version");
        }
        let word = |text: &str| text.chars().take(LONGEST_WORD).collect();
        self.software = word(&hello.software);
        self.incarnation = word(&hello.incarnation);
        self.shared.receiver.settle_receipts(&self.child, hello.receipts_held).await?;
        self.receipts_sent = hello.receipts_held;
        if hello.heads.len() > MOST_HEADS || hello.staged.len() > MOST_HEADS {
            tracing::error!(child = %self.child, most = MOST_HEADS, "the child speaks of more catalogs than there are");
        }
        for head in hello.heads.into_iter().take(MOST_HEADS) {
            match Head::try_from(head) {
                Ok(head) => {
                    self.unheard.push(head.clone());
                    self.heads.insert(head.catalog.clone(), head);
                }
                Err(invalid) => self.pass_over("Hello", &invalid),
            }
        }
        for staged in hello.staged.into_iter().take(MOST_HEADS) {
            match staged_of(&staged) {
                Ok((catalog, staged)) => drop(self.staged.insert(catalog, staged)),
                Err(invalid) => self.pass_over("Hello", &invalid),
            }
        }
        self.note_contact(hello.condition.as_ref());
        if let Some(condition) = &mut hello.condition {
            self.note_answers(condition).await;
        }
        if let Some(signed) = &hello.audit_head {
            self.bear_witness(signed).await;
        }
        let witnessed = witness::held(&self.shared.site, &self.child).await?;
        let committed = self.shared.receiver.positions(&self.child).await?;
        self.send(v1::downward::Body::Welcome(v1::Welcome {
            protocol: PROTOCOL,
            software: crate::SOFTWARE.into(),
            clock_ms: self.shared.site.now().0,
            committed,
            witnessed,
        }))
        .await
    }

    async fn warn(&self, code: &str, detail: String) -> Result<(), LinkError> {
        self.send(v1::downward::Body::Warned(v1::Warned { code: code.to_owned(), detail })).await
    }

    async fn take(&mut self, batch: Unpacked) -> Result<(), LinkError> {
        for answer in self.take_in(batch).await? {
            let told = match answer {
                _ if self.gone => return Ok(()),
                // What was made before it has not been sent yet.
                v1::downward::Body::Receipt(receipt) if receipt.number > self.receipts_sent.saturating_add(1) => {
                    self.send_receipts().await
                }
                v1::downward::Body::Receipt(receipt) if receipt.number <= self.receipts_sent => Ok(()),
                v1::downward::Body::Receipt(receipt) => {
                    self.receipts_sent = receipt.number;
                    self.send(v1::downward::Body::Receipt(receipt)).await
                }
                answer => self.send(answer).await,
            };
            match told {
                // The line broke behind this batch: what arrived before that need not be sent again.
                Err(LinkError::Stopped) => self.gone = true,
                told => told?,
            }
        }
        Ok(())
    }

    async fn receive(&mut self, body: v1::upward::Body) -> Result<(), LinkError> {
        // What it says of releases may leave something to be sent.
        if !matches!(
            body,
            v1::upward::Body::Batch(_) | v1::upward::Body::Condition(_) | v1::upward::Body::ReceiptsHeld(_)
        ) {
            self.due = Look::OFFERS;
        }
        match body {
            v1::upward::Body::Hello(_) => Err(LinkError::Protocol("Hello twice".into())),
            v1::upward::Body::Applied(applied) => {
                match Head::try_from(applied.head.unwrap_or_default()) {
                    Ok(head) => self.applied(head),
                    Err(invalid) => self.pass_over("Applied", &invalid),
                }
                Ok(())
            }
            v1::upward::Body::Transfer(transfer) => self.proof_begins(transfer).await,
            v1::upward::Body::Chunk(chunk) => self.proof_goes_on(&chunk).await,
            v1::upward::Body::Unproven(unproven) => {
                self.not_proven(&unproven);
                Ok(())
            }
            v1::upward::Body::Refused(refused) => {
                if let Err(invalid) = self.child_refused(&refused) {
                    self.pass_over("Refused", &invalid);
                }
                Ok(())
            }
            v1::upward::Body::Batch(batch) => self.take(BatchReceiver::unpack(batch)?).await,
            v1::upward::Body::ReceiptsHeld(held) => {
                tracing::debug!(child = %self.child, number = held.number, "the child holds our receipts");
                Ok(())
            }
            v1::upward::Body::Recall(recall) => {
                for returned in Answers::to(&self.shared.site, &self.child, recall).await? {
                    self.send(v1::downward::Body::Returned(returned)).await?;
                }
                Ok(())
            }
            v1::upward::Body::AuditHead(signed) => {
                self.bear_witness(&signed).await;
                Ok(())
            }
            v1::upward::Body::Condition(mut condition) => {
                self.note_contact(Some(&condition));
                self.note_answers(&mut condition).await;
                let heard = v1::Heard { clock_ms: self.shared.site.now().0 };
                self.send(v1::downward::Body::Heard(heard)).await?;
                self.go_on_another_day().await
            }
        }
    }

    async fn send(&self, body: v1::downward::Body) -> Result<(), LinkError> {
        let message = v1::Downward { body: Some(body) };
        let sent = tokio::time::timeout(READING, self.outlet.send(Box::new(Ok(message)))).await;
        sent.map_err(|_| LinkError::Protocol("the child has read nothing for minutes".into()))?
            .map_err(|_| LinkError::Stopped)
    }
}
