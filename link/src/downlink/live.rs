//! The links that are alive, one per child. A child that comes back replaces its old link; a second machine that bears
//! the identity of one that is connected is turned away, once that one has shown that it is still there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tongpin_domain::region::RegionCode;

use crate::error::Denial;
use crate::identity::Peer;

/// The links that are alive.
#[derive(Debug, Default)]
pub struct LiveLinks {
    links: Mutex<HashMap<RegionCode, Live>>,
}

#[derive(Debug)]
struct Live {
    number: u64,
    peer: Peer,
    token: CancellationToken,
    /// Which run of the program is at the other end, empty for one too old to say.
    machine: String,
    wire: Arc<Wire>,
}

/// What a link is to look at again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Look(u8);

impl Look {
    /// Which releases its child should have.
    pub(crate) const OFFERS: Self = Self(1);
    /// The receipts that were made for it.
    pub(crate) const RECEIPTS: Self = Self(2);
    /// What was decided about its records.
    pub(crate) const DECISIONS: Self = Self(4);
    /// All of it.
    pub(crate) const ALL: Self = Self(7);

    /// Whether this is part of it.
    pub(crate) fn has(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }
}

/// What a link and those who ask about it tell each other.
#[derive(Debug)]
pub(crate) struct Wire {
    /// Where another machine with the same identity last called from.
    rival: Mutex<String>,
    called: Notify,
    heard: Notify,
    /// What there is to look at, as [`Look`].
    look: AtomicU8,
    woken: Notify,
    /// The child has said of a release that is not known here that it holds it.
    claims: AtomicBool,
    number: u64,
    /// Where it called from.
    address: String,
}

impl Wire {
    /// Something was heard.
    pub(crate) fn hear(&self) {
        self.heard.notify_waiters();
    }

    /// There is something to look at.
    fn wake(&self, look: Look) {
        self.look.fetch_or(look.0, Ordering::AcqRel);
        self.woken.notify_one();
    }

    /// What there is to look at since this was asked last.
    pub(crate) fn look(&self) -> Look {
        Look(self.look.swap(0, Ordering::AcqRel))
    }

    /// Waits until there is something to look at.
    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Whether the child speaks of what is not known here.
    pub(crate) fn set_claims(&self, claims: bool) {
        self.claims.store(claims, Ordering::Relaxed);
    }

    /// Where another machine with the same identity calls from, once one does.
    pub(crate) async fn rival(&self) -> String {
        self.called.notified().await;
        self.rival.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells the link of another machine, and whether anything is heard of the child in the time after.
    async fn asked(&self, address: &str, patience: Duration) -> bool {
        // Whatever is heard from here on counts.
        let heard = self.heard.notified();
        address.clone_into(&mut self.rival.lock().unwrap_or_else(PoisonError::into_inner));
        self.called.notify_one();
        tokio::time::timeout(patience, heard).await.is_ok()
    }
}

/// A link's place among the others, given up when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) links: Arc<LiveLinks>,
    pub(crate) region: RegionCode,
    pub(crate) wire: Arc<Wire>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.links.end(&self.region, &self.wire);
    }
}

impl LiveLinks {
    /// The regions that are connected now.
    #[must_use]
    pub fn regions(&self) -> Vec<RegionCode> {
        let mut regions: Vec<RegionCode> = self.lock().keys().cloned().collect();
        regions.sort();
        regions
    }

    /// Whether nobody is connected now.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Wakes the link of a child, if it has one.
    pub(crate) fn wake(&self, child: &RegionCode, look: Look) {
        if let Some(live) = self.lock().get(child) {
            live.wire.wake(look);
        }
    }

    /// Wakes all links.
    pub(crate) fn wake_all(&self, look: Look) {
        self.wake_those(look, |_, _| true);
    }

    /// Wakes the links of those children that something concerns, who are named with whether they speak of what is not
    /// known here.
    pub(crate) fn wake_those(&self, look: Look, concerns: impl Fn(&RegionCode, bool) -> bool) {
        for (child, live) in self.lock().iter() {
            if concerns(child, live.wire.claims.load(Ordering::Relaxed)) {
                live.wire.wake(look);
            }
        }
    }

    /// Makes a caller's link the one of its region. If another run of the program holds it, that one is asked first,
    /// and has `patience` to show that it is there: a line that broke unnoticed must keep nobody out.
    ///
    /// # Errors
    /// [`Denial::Twin`] if it is there.
    pub(crate) async fn claim(
        &self,
        peer: &Peer,
        (machine, address): (&str, &str),
        token: &CancellationToken,
        patience: Duration,
    ) -> Result<Arc<Wire>, Denial> {
        if let Some(held) = self.held_by_another(&peer.region, machine)
            && held.asked(address, patience).await
        {
            return Err(Denial::Twin(held.address.clone()));
        }
        Ok(self.begin(peer, machine, address, token))
    }

    fn held_by_another(&self, region: &RegionCode, machine: &str) -> Option<Arc<Wire>> {
        let links = self.lock();
        let live = links.get(region)?;
        let told_apart = !machine.is_empty() && !live.machine.is_empty() && live.machine != machine;
        (told_apart && !live.token.is_cancelled()).then(|| Arc::clone(&live.wire))
    }

    fn begin(&self, peer: &Peer, machine: &str, address: &str, token: &CancellationToken) -> Arc<Wire> {
        let mut links = self.lock();
        let number = links.get(&peer.region).map_or(1, |live| live.number.wrapping_add(1));
        let wire = Arc::new(Wire {
            rival: Mutex::default(),
            called: Notify::new(),
            heard: Notify::new(),
            look: AtomicU8::new(Look::ALL.0),
            woken: Notify::new(),
            claims: AtomicBool::new(false),
            number,
            address: address.to_owned(),
        });
        let (peer, machine, token) = (peer.clone(), machine.to_owned(), token.clone());
        let live = Live { number, peer: peer.clone(), token, machine, wire: Arc::clone(&wire) };
        if let Some(old) = links.insert(peer.region, live) {
            old.token.cancel();
        }
        wire
    }

    /// Forgets a link that has ended, unless another has taken its place.
    fn end(&self, region: &RegionCode, wire: &Wire) {
        let mut links = self.lock();
        if links.get(region).is_some_and(|live| live.number == wire.number) {
            links.remove(region);
        }
    }

    /// Ends the link of a child whose certificate is no longer admitted; without a child, those of all such.
    pub(crate) fn drop_refused(&self, child: Option<&RegionCode>, refused: impl Fn(&Peer) -> Result<(), Denial>) {
        let links = self.lock();
        let these: Box<dyn Iterator<Item = &Live> + '_> = match child {
            Some(child) => Box::new(links.get(child).into_iter()),
            None => Box::new(links.values()),
        };
        for live in these {
            if let Err(denial) = refused(&live.peer) {
                tracing::warn!(child = %live.peer.region, reason = %denial, "a live link is ended");
                live.token.cancel();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RegionCode, Live>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
