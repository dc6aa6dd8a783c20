//! Places for connections of one kind, so many in all and so many for one comer. Nobody is turned away when they are
//! taken: whoever takes up the most gives up the place held longest, so that who comes for a moment finds one, and a
//! flood only pushes itself out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// The places of one kind, held by comers who are told apart by `K`.
#[derive(Debug)]
pub(crate) struct Seats<K> {
    most: usize,
    each: usize,
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    next: u64,
    /// By the order in which they were taken.
    by_number: BTreeMap<u64, (K, CancellationToken)>,
}

/// A place; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Seat<K: Clone + Ord> {
    number: u64,
    lost: CancellationToken,
    seats: Arc<Seats<K>>,
}

impl<K: Clone + Ord> Seats<K> {
    /// So many in all, and so many for one comer.
    #[must_use]
    pub(crate) fn new(most: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { most, each, held: Mutex::new(Held { next: 0, by_number: BTreeMap::new() }) })
    }

    /// Takes a place, and says whether somebody had to give one up for it.
    pub(crate) fn take(self: &Arc<Self>, comer: K) -> (Seat<K>, bool) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let own = held.by_number.values().filter(|(holder, _)| *holder == comer).count();
        let leaver = if own >= self.each {
            Some(comer.clone())
        } else if held.by_number.len() >= self.most {
            held.greediest()
        } else {
            None
        };
        let number = leaver.as_ref().and_then(|leaver| held.oldest_of(leaver));
        let pushed_out = number.and_then(|number| held.by_number.remove(&number));
        if let Some((_, lost)) = &pushed_out {
            lost.cancel();
        }
        let (number, lost) = (held.next, CancellationToken::new());
        held.next = held.next.saturating_add(1);
        held.by_number.insert(number, (comer, lost.clone()));
        (Seat { number, lost, seats: Arc::clone(self) }, pushed_out.is_some())
    }

    #[cfg(test)]
    fn taken(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).by_number.len()
    }
}

impl<K: Clone + Ord> Held<K> {
    fn greediest(&self) -> Option<K> {
        let mut counts: BTreeMap<&K, usize> = BTreeMap::new();
        for (holder, _) in self.by_number.values() {
            let count = counts.entry(holder).or_default();
            *count = count.saturating_add(1);
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(holder, _)| holder.clone())
    }

    fn oldest_of(&self, comer: &K) -> Option<u64> {
        self.by_number.iter().find(|(_, (holder, _))| holder == comer).map(|(number, _)| *number)
    }
}

impl<K: Clone + Ord> Seat<K> {
    /// Ends once the place was given up for somebody else.
    pub(crate) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl<K: Clone + Ord> Drop for Seat<K> {
    fn drop(&mut self) {
        self.seats.held.lock().unwrap_or_else(PoisonError::into_inner).by_number.remove(&self.number);
    }
}

/// Where a connection comes from, as far as a comer can choose: of the newer kind of address whole nets are given out.
#[must_use]
pub(crate) fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        origin(text.parse().expect("an address"))
    }

    /// One comer that takes all it can pushes out its own oldest; the places of others stay.
    #[test]
    fn a_flood_pushes_itself_out() {
        let seats = Seats::new(8, 4);
        let (quiet, _) = seats.take(address("10.0.0.1"));
        let flood: Vec<_> = (0..20).map(|_| seats.take(address("10.0.0.2"))).collect();
        assert_eq!(flood.iter().filter(|(_, pushed)| *pushed).count(), 16);
        assert!(!quiet.lost.is_cancelled());
        assert!(flood[..16].iter().all(|(seat, _)| seat.lost.is_cancelled()));
        assert!(flood[16..].iter().all(|(seat, _)| !seat.lost.is_cancelled()));
        assert_eq!(seats.taken(), 5);
    }

    /// When all places are taken the comer with the most gives one up, and what is dropped is free again.
    #[test]
    fn many_comers_share() {
        let seats = Seats::new(4, 3);
        let first: Vec<_> = (0..3).map(|_| seats.take(address("10.0.0.1")).0).collect();
        let second = seats.take(address("10.0.0.2")).0;
        let (third, pushed) = seats.take(address("10.0.0.3"));
        assert!(pushed && first[0].lost.is_cancelled() && !second.lost.is_cancelled());
        drop((first, second));
        assert_eq!(seats.taken(), 1);
        drop(third);
        assert_eq!(seats.taken(), 0);
    }

    /// Addresses of one net of the newer kind are one comer, and an old one is the same in either way of writing it.
    #[test]
    fn origins() {
        assert_eq!(address("2001:db8:1:2:3:4:5:6"), address("2001:db8:1:2::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    }
}
