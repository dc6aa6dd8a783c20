//! 恢复之后问上级: a node whose database was restored, or is new, asks its parent what it holds of it and this database
//! does not know. What differs is kept apart until a person takes it back or goes on without; a parent's decision about
//! such a record travels down the same way, and the author carries it out by a change of its own.

mod answering;
mod taking;

use serde::{Deserialize, Serialize};
use tongpin_domain::moment::Moment;
use tongpin_proto::v1;
use tongpin_store::{Choice, Difference, Settlement, Settling};

pub(crate) use answering::{Answers, Decisions, decisions};
pub(crate) use taking::Taking;

use crate::boxed;
use crate::error::LinkError;
use crate::site::Site;
use crate::uplink;

const STATE: &str = "uplink.recall";
/// How many records are settled in one transaction.
const AT_ONCE: usize = 2_000;

/// How asking the parent stands, for the present incarnation of this database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    incarnation: String,
    /// When the parent answered.
    pub answered_at: Option<Moment>,
    /// The parent is of a version that does not know the question.
    #[serde(default)]
    pub passed_over: bool,
    /// How many records of this node the parent holds.
    #[serde(default)]
    pub records: u64,
    /// How many of this node's reports came back.
    #[serde(default)]
    pub reports: u64,
    /// Who decided how to go on.
    #[serde(default)]
    pub decided_by: String,
    /// When.
    #[serde(default)]
    pub decided_at: Option<Moment>,
}

/// 两边的差别: what the parent holds and this database does not, as a person is shown it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Lack {
    /// Records that are not here.
    pub missing: u64,
    /// Records of which this database has an older state.
    pub older: u64,
    /// Records that were changed on both sides since the copy: only a person can tell which state is right.
    pub both: u64,
}

impl Lack {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// How a record here stands to the parent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is not here.
    Missing,
    /// It is older here.
    Older,
    /// It was changed on both sides.
    Both,
}

impl Recall {
    /// How it stands; `None` if this database never had to ask.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn load(site: &Site) -> Result<Option<Self>, LinkError> {
        let incarnation = site.store.incarnation().await?;
        let found: Option<Self> = uplink::read(&site.store, STATE).await?;
        match found.filter(|found| found.incarnation == incarnation) {
            None if site.store.lineage().await?.len() > 1 => Ok(Some(Self { incarnation, ..Self::default() })),
            found => Ok(found),
        }
    }

    /// Whether a person has to decide before anything is reported by itself: the parent was not asked yet, or holds
    /// what this database lacks.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.decided_at.is_none() && !self.passed_over
    }

    async fn keep(&self, site: &Site) -> Result<(), LinkError> {
        uplink::write(&site.store, STATE, self).await
    }
}

/// Whether the parent is to be asked before anything is sent: this database was restored, or the parent knows another
/// one of this node.
pub(crate) async fn is_due(site: &Site, incarnation: &str, committed: &[v1::Position]) -> Result<bool, LinkError> {
    let state = Recall::load(site).await?;
    if let Some(state) = &state {
        return Ok(state.answered_at.is_none());
    }
    if committed.iter().all(|position| position.incarnation == incarnation) {
        return Ok(false);
    }
    Recall { incarnation: incarnation.to_owned(), ..Recall::default() }.keep(site).await?;
    Ok(true)
}

/// What the parent holds and this database does not, each with how it stands.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn differences(site: &Site) -> Result<Vec<(Standing, Difference)>, LinkError> {
    let start = site.store.lineage().await?.last().map_or(0, |life| life.start);
    let returned = site.store.returned(&site.region()).await?;
    let standing = |it: &Difference| match &it.here {
        None => Standing::Missing,
        Some(_) if it.here_written.number <= start => Standing::Older,
        Some(_) => Standing::Both,
    };
    Ok(returned.into_iter().map(|it| (standing(&it), it)).collect())
}

/// How many there are of each.
#[must_use]
pub fn lack(differences: &[(Standing, Difference)]) -> Lack {
    let count = |of: Standing| differences.iter().filter(|(standing, _)| *standing == of).count() as u64;
    Lack { missing: count(Standing::Missing), older: count(Standing::Older), both: count(Standing::Both) }
}

/// Takes back what is missing or older here: written as own changes, which go up like any other. What was changed on
/// both sides is left for a person, one by one. Returns how many were written.
///
/// # Errors
/// The database cannot be read or written.
#[boxed]
pub async fn take_back(site: &Site, by: &str) -> Result<u64, LinkError> {
    let found = differences(site).await?;
    let plain = found.iter().filter(|(standing, _)| *standing != Standing::Both);
    let settlements: Vec<Settlement> = plain.filter_map(|(_, it)| settlement(it, Choice::Parent)).collect();
    let mut written = 0_u64;
    for piece in settlements.chunks(AT_ONCE) {
        written = written.saturating_add(carry_out(site, piece).await?);
    }
    decided(site, by).await?;
    Ok(written)
}

/// Goes on without taking anything back: what differs stays listed on both sides, and nothing is overwritten.
///
/// # Errors
/// The database cannot be written.
#[boxed]
pub async fn go_on(site: &Site, by: &str) -> Result<(), LinkError> {
    decided(site, by).await
}

/// Settles one record: `false` if it does not differ any more, or was changed here since it was seen.
///
/// # Errors
/// The database cannot be read or written.
#[boxed]
pub async fn settle(site: &Site, kind: &str, key: &str, choice: Choice, seen: u64) -> Result<bool, LinkError> {
    let found = site.store.returned(&site.region()).await?;
    let one = found.iter().find(|it| it.kind == kind && it.key == key && it.here_written.number == seen);
    let Some(settlement) = one.and_then(|it| settlement(it, choice)) else { return Ok(false) };
    Ok(carry_out(site, &[settlement]).await? > 0)
}

fn settlement(it: &Difference, choice: Choice) -> Option<Settlement> {
    let there = it.there.as_ref()?;
    Some(Settlement {
        kind: it.kind.clone(),
        key: it.key.clone(),
        over: there.written.clone(),
        there: there.body.clone(),
        choice,
        seen: it.here_written.number,
    })
}

async fn carry_out(site: &Site, settlements: &[Settlement]) -> Result<u64, LinkError> {
    let own = site.region();
    let written = site.store.settle(&Settling { own: &own, settlements, at: site.now() }).await?;
    Ok(written)
}

async fn decided(site: &Site, by: &str) -> Result<(), LinkError> {
    let Some(state) = Recall::load(site).await? else { return Ok(()) };
    Recall { decided_by: by.to_owned(), decided_at: Some(site.now()), ..state }.keep(site).await
}
