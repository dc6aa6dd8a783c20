//! The links that are alive, one per child. A child that comes back replaces its old link; a second machine that bears
//! the identity of one that is connected is turned away, once that one has shown that it is still there.

use std::collections::HashMap;
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

/// What a link and those who ask about it tell each other.
#[derive(Debug)]
pub(crate) struct Wire {
    /// Where another machine with the same identity last called from.
    rival: Mutex<String>,
    called: Notify,
    heard: Notify,
    number: u64,
    /// Where it called from.
    address: String,
}

impl Wire {
    /// Something was heard.
    pub(crate) fn hear(&self) {
        self.heard.notify_waiters();
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

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
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
        let (rival, called, heard) = (Mutex::default(), Notify::new(), Notify::new());
        let wire = Arc::new(Wire { rival, called, heard, number, address: address.to_owned() });
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

    /// Ends the links whose certificate is no longer admitted.
    pub(crate) fn drop_refused(&self, refused: impl Fn(&Peer) -> Result<(), Denial>) {
        for live in self.lock().values() {
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
