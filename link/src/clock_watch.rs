//! Whether this machine's clock can be believed: it is held against the time that really passes and against the clocks
//! of those that are connected, before a certificate is replaced by it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::Store;

use crate::boxed;
use crate::error::LinkError;
use crate::uplink::{read, write};

const JUMP: &str = "clock.jump";
/// A clock that moves by more than this against the time that passes was set.
const JUMP_MS: i64 = 2 * 60 * 1000;
/// Clocks further apart than this are not the same time.
const APART_MS: i64 = 5 * 60 * 1000;
/// What a peer said of its clock counts this long; it says it every minute.
const SAID_FOR: Duration = Duration::from_mins(3);

/// The clock of this machine was set, or stepped by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    /// By how much, milliseconds; forward is positive.
    pub by_ms: i64,
    /// When it was noticed, by the new time.
    pub at: Moment,
}

impl Jump {
    /// The jump that is waited out now, if there is one.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn load(store: &Store) -> Result<Option<Self>, LinkError> {
        Ok(read::<Option<Self>>(store, JUMP).await?.flatten())
    }

    pub(crate) async fn save(store: &Store, jump: Option<Self>) -> Result<(), LinkError> {
        if Self::load(store).await? == jump { Ok(()) } else { write(store, JUMP, &jump).await }
    }
}

impl Say for Jump {
    fn say(&self, lang: Lang) -> String {
        let (by, at) = (spell(self.by_ms, lang), self.at);
        let zh = format!(
            "本机时钟突然{}了 {by}（{at}），正在观察，暂不更换证书；请核对本机时钟（timedatectl）",
            if self.by_ms < 0 { "后退" } else { "前进" }
        );
        let en = format!(
            "this machine's clock jumped {} by {by} ({at}); no certificate is replaced for now; check the clock (timedatectl)",
            if self.by_ms < 0 { "back" } else { "ahead" }
        );
        lang.pick(&zh, &en).to_owned()
    }
}

fn spell(ms: i64, lang: Lang) -> String {
    let seconds = ms.unsigned_abs() / 1000;
    match seconds {
        0..7200 => format!("{} {}", seconds / 60, lang.pick("分钟", "minutes")),
        7200..172_800 => format!("{} {}", seconds / 3600, lang.pick("小时", "hours")),
        _ => format!("{} {}", seconds / 86_400, lang.pick("天", "days")),
    }
}

/// What is known of this machine's clock.
#[derive(Debug)]
pub(crate) struct ClockWatch {
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    last: (Moment, Instant),
    jump: Option<(Jump, Instant)>,
    /// Each peer's clock minus ours, and when it was told.
    peers: HashMap<RegionCode, (i64, Instant)>,
}

impl ClockWatch {
    pub(crate) fn new(now: Moment) -> Self {
        let known = Known { last: (now, Instant::now()), jump: None, peers: HashMap::new() };
        Self { known: Mutex::new(known) }
    }

    /// A peer told its time.
    pub(crate) fn hear(&self, peer: &RegionCode, ahead_ms: i64) {
        self.lock().peers.insert(peer.clone(), (ahead_ms, Instant::now()));
    }

    /// Looks at the clock: the jump that is not yet waited out, if there is one. A clock that goes back to where it
    /// would have been has not jumped.
    pub(crate) fn look(&self, now: Moment, settle: Duration) -> Option<Jump> {
        let (mut known, at) = (self.lock(), Instant::now());
        let passed = i64::try_from(at.duration_since(known.last.1).as_millis()).unwrap_or(i64::MAX);
        let by_ms = now.0.saturating_sub(known.last.0.0).saturating_sub(passed);
        known.last = (now, at);
        if by_ms.saturating_abs() > JUMP_MS {
            let before = known.jump.map_or(0, |(jump, _)| jump.by_ms);
            let by_ms = before.saturating_add(by_ms);
            known.jump = (by_ms.saturating_abs() > JUMP_MS).then_some((Jump { by_ms, at: now }, at));
            known.peers.clear();
        }
        if known.jump.is_some_and(|(_, since)| at.duration_since(since) >= settle) {
            known.jump = None;
        }
        known.jump.map(|(jump, _)| jump)
    }

    /// Whether a certificate of this span is valid by the clocks of those that are connected: by the middle one of
    /// them. Where nobody is, nobody objects.
    pub(crate) fn peers_agree(&self, now: Moment, (not_before, not_after): (Moment, Moment)) -> bool {
        let known = self.lock();
        let mut told: Vec<i64> =
            known.peers.values().filter_map(|(ahead_ms, at)| (at.elapsed() < SAID_FOR).then_some(*ahead_ms)).collect();
        told.sort_unstable();
        let Some(middle) = told.get(told.len() / 2) else { return true };
        let theirs = Moment(now.0.saturating_add(*middle));
        not_before <= theirs && theirs < not_after
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose clock is wrong, judged by how far each peer's is ahead of ours, milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blame {
    /// Nobody's, or there is nobody to compare with.
    Nobody,
    /// Ours: most of several peers agree with each other and not with us. How far ours is ahead.
    Ours {
        /// Milliseconds.
        ahead_ms: i64,
        /// How many peers say so.
        peers: usize,
    },
    /// These peers', while others agree with us; each with how far it is ahead.
    Theirs(Vec<(String, i64)>),
    /// One of the two: a single peer differs and nobody else can tell.
    Either {
        /// The peer.
        peer: String,
        /// How far it is ahead.
        ahead_ms: i64,
    },
}

/// Judges the clocks.
#[must_use]
pub fn blame(peers: &[(String, i64)], tolerance_ms: u64) -> Blame {
    let off = |ahead: &i64| ahead.unsigned_abs() > tolerance_ms;
    let differing: Vec<&(String, i64)> = peers.iter().filter(|(_, ahead)| off(ahead)).collect();
    let mut sorted: Vec<i64> = differing.iter().map(|(_, ahead)| *ahead).collect();
    sorted.sort_unstable();
    let Some(middle) = sorted.get(sorted.len() / 2).copied() else { return Blame::Nobody };
    let alike = sorted.iter().filter(|ahead| ahead.abs_diff(middle) <= APART_MS.unsigned_abs()).count();
    if alike >= 2 && alike.saturating_mul(2) > peers.len() {
        return Blame::Ours { ahead_ms: middle.saturating_neg(), peers: alike };
    }
    match (peers, differing.as_slice()) {
        ([_], [(peer, ahead_ms)]) => Blame::Either { peer: peer.clone(), ahead_ms: *ahead_ms },
        _ => Blame::Theirs(differing.into_iter().cloned().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    /// A clock that is set is noticed and waited out; one that comes back to where it was never left. What peers said
    /// before counts no longer.
    #[test]
    fn jumps() {
        let (start, settle) = (Moment(1_800_000_000_000), Duration::from_hours(1));
        let pace = ClockWatch::new(start);
        assert_eq!(pace.look(Moment(start.0 + 100_000), settle), None);
        let ahead = Moment(start.0 + 70 * DAY_MS);
        let jump = pace.look(ahead, settle).expect("a jump");
        assert_eq!(jump.by_ms / DAY_MS, 69);
        assert!(jump.say(Lang::Zh).contains("前进了 69 天"), "{}", jump.say(Lang::Zh));
        assert_eq!(pace.look(start, settle), None, "it is back");
        assert!(pace.look(ahead, settle).is_some());
        assert_eq!(pace.look(ahead, Duration::ZERO), None, "it has stood long enough");
    }

    /// Peers object to a certificate that is not valid by the middle one of their clocks; where nobody is, nobody does.
    #[test]
    fn peers() {
        let now = Moment(100 * DAY_MS);
        let span = |from: i64, to: i64| (Moment(from * DAY_MS), Moment(to * DAY_MS));
        let pace = ClockWatch::new(now);
        assert!(pace.peers_agree(now, span(99, 190)));
        for (peer, ahead) in [("320581", -70), ("320582", -70), ("320583", 0)] {
            pace.hear(&RegionCode::new(peer).expect("a code"), ahead * DAY_MS);
        }
        assert!(!pace.peers_agree(now, span(99, 190)));
        assert!(pace.peers_agree(now, span(10, 190)));
    }

    /// If all others agree against us, ours is wrong; if one differs from us and the others, that one's is; if there is
    /// but one, it may be either.
    #[test]
    fn blaming() {
        let peers = |all: &[i64]| -> Vec<(String, i64)> {
            all.iter().enumerate().map(|(at, ahead)| (format!("P{at}"), *ahead)).collect()
        };
        let judged = |all: &[i64]| blame(&peers(all), 60_000);
        assert_eq!(judged(&[]), Blame::Nobody);
        assert_eq!(judged(&[59_000, -60_000]), Blame::Nobody);
        assert_eq!(judged(&[-DAY_MS, 1000 - DAY_MS, -DAY_MS]), Blame::Ours { ahead_ms: DAY_MS, peers: 3 });
        assert_eq!(judged(&[-DAY_MS, -DAY_MS, 0]), Blame::Ours { ahead_ms: DAY_MS, peers: 2 });
        assert_eq!(judged(&[DAY_MS, 0, 0]), Blame::Theirs(vec![("P0".into(), DAY_MS)]));
        assert_eq!(judged(&[DAY_MS]), Blame::Either { peer: "P0".into(), ahead_ms: DAY_MS });
    }
}
