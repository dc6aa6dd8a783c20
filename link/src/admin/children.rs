//! Children as a person at the parent sees them: invited, admitted or revoked, and where each stands with what it
//! should have.

use std::time::Duration;

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Child, ChildState, ChildStatus, Invitation, Progress, Twin};

use super::AdminError;
use crate::boxed;
use crate::downlink::{self, Board};
use crate::site::Site;
use crate::token::{Token, TokenError, is_address};
use crate::uplink::warned::TWIN_GONE_S;

/// The longest that a token may be valid, in days.
pub const LONGEST_DAYS: u32 = 90;

/// A child says how it is once a minute; after this long without a word the line is taken for down.
const SILENCE_S: i64 = 150;

const DAY_S: u64 = 24 * 3600;

/// A token that was made.
#[derive(Debug)]
pub struct Invited {
    /// What to hand over. As secret as a password until it is used.
    pub token: Token,
    /// Until when it can be used.
    pub expires_at: Moment,
    /// The region has joined before: whoever uses the token takes its place.
    pub joined_before: bool,
    /// How many unused tokens of the region this one makes worthless.
    pub cancelled: usize,
    /// No divisions are published yet, so that the code could not be checked.
    pub unchecked: bool,
}

/// Makes a one-time token for a division within this one, which must be published. A division that joined under a
/// former code is let in under the same, so that it stays the same node; its open tokens become worthless.
///
/// # Errors
/// [`AdminError`], except `NoChild` and `NoReason`.
#[boxed]
pub async fn invite(
    site: &Site,
    region: &RegionCode,
    address: &str,
    days: u32,
    by: &str,
) -> Result<Invited, AdminError> {
    let (own, regions) = (site.region(), site.regions().await?);
    let Some(place) = regions.inside(region, &own).filter(|place| *place != own) else {
        return Err(AdminError::NotWithin { region: region.clone(), own });
    };
    if !site.identity().can_issue() {
        return Err(AdminError::NotAnIssuer(own));
    }
    if !is_address(address) {
        return Err(AdminError::Address(TokenError::BadAddress(address.to_owned())));
    }
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(AdminError::Days(days));
    }
    let same = |child: &Child| child.status != ChildStatus::Invited && regions.same(&child.region, region);
    let children = site.store.children().await?.into_iter().filter(same);
    let joined = children.max_by_key(|child| child.status == ChildStatus::Active);
    if joined.is_none() && !regions.is_empty() && regions.get(region).is_none() {
        let near = regions.likely(region, &own).into_iter();
        let near = near.map(|near| format!("{} {}", near.code, near.name)).collect();
        return Err(AdminError::Unlisted { region: region.clone(), near });
    }
    let joined_before = joined.is_some();
    let region = match joined {
        Some(child) => child.region,
        None => regions.inside(&regions.current(region), &own).unwrap_or(place),
    };
    let now = site.now();
    let open = |it: &&Invitation| it.region == region && it.used_at.is_none() && it.expires_at > now;
    let cancelled = site.store.invitations().await?.iter().filter(open).count();
    let valid = Duration::from_secs(u64::from(days) * DAY_S);
    let expires_at = site.now().plus_seconds(i64::from(days) * 24 * 3600);
    let token = downlink::invite(site, &region, address, valid, by).await?;
    Ok(Invited { token, expires_at, joined_before, cancelled, unchecked: regions.is_empty() })
}

/// One child and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// What is known of it.
    pub child: Child,
    /// An invitation that can still be used.
    pub invitation: Option<Invitation>,
    /// Every catalog that was rolled out to it, or that it holds, sorted.
    pub releases: Vec<NodeRelease>,
}

/// Where a child stands with one catalog.
#[derive(Debug, Clone)]
pub struct NodeRelease {
    /// The catalog.
    pub catalog: CatalogId,
    /// The release it should have, 0 if none was rolled out to it.
    pub due: u64,
    /// What it said last, `None` if nothing yet.
    pub state: Option<ChildState>,
}

impl NodeRelease {
    /// Whether it holds what it should.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let applied = |state: &ChildState| state.progress == Progress::Applied && state.number >= self.due;
        self.due == 0 || self.state.as_ref().is_some_and(applied)
    }
}

impl Node {
    /// Whether it holds all that it should.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.releases.iter().all(NodeRelease::is_current)
    }

    /// The second machine that calls with its identity now.
    #[must_use]
    pub fn twin(&self, now: Moment) -> Option<&Twin> {
        self.child.twin.as_ref().filter(|twin| now.seconds_since(twin.at).abs() <= TWIN_GONE_S)
    }

    /// Whether it was heard of lately enough to be taken for connected.
    #[must_use]
    pub fn is_heard(&self, now: Moment) -> bool {
        self.child.status == ChildStatus::Active
            && self.child.last_contact.is_some_and(|at| now.seconds_since(at) <= SILENCE_S)
    }
}

/// All children, sorted by region.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn nodes(site: &Site) -> Result<Vec<Node>, AdminError> {
    let board = Board::load(site).await?;
    let invitations = site.store.invitations().await?;
    let states = site.store.child_states().await?;
    let children = site.store.children().await?;
    Ok(children.into_iter().map(|child| describe(child, &board, &invitations, &states, site.now())).collect())
}

/// One child.
///
/// # Errors
/// [`AdminError::NoChild`], or the database cannot be read.
#[boxed]
pub async fn node(site: &Site, region: &RegionCode) -> Result<Node, AdminError> {
    let found = nodes(site).await?.into_iter().find(|node| node.child.region == *region);
    found.ok_or_else(|| AdminError::NoChild(region.clone()))
}

fn describe(child: Child, board: &Board, invitations: &[Invitation], states: &[ChildState], now: Moment) -> Node {
    let usable = |invitation: &&Invitation| {
        invitation.region == child.region && invitation.used_at.is_none() && invitation.expires_at > now
    };
    let invitation = invitations.iter().filter(usable).max_by_key(|invitation| invitation.expires_at).cloned();
    let of_child = || states.iter().filter(|state| state.region == child.region);
    let due = if child.status == ChildStatus::Active { board.due(&child.region) } else { Vec::new() };
    let mut releases: Vec<NodeRelease> = due
        .into_iter()
        .map(|head| NodeRelease {
            state: of_child().find(|state| state.catalog == head.catalog).cloned(),
            catalog: head.catalog,
            due: head.number,
        })
        .collect();
    for state in of_child() {
        if !releases.iter().any(|release| release.catalog == state.catalog) {
            releases.push(NodeRelease { catalog: state.catalog.clone(), due: 0, state: Some(state.clone()) });
        }
    }
    releases.sort_by(|a, b| a.catalog.cmp(&b.catalog));
    Node { child, invitation, releases }
}

/// What revoking did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// How many certificates no longer hold.
    pub certificates: u64,
}

/// Revokes every certificate of a child. It takes effect on the next request; a running `serve` ends a live link.
///
/// # Errors
/// [`AdminError::NoChild`], [`AdminError::NoReason`], or the database cannot be written.
#[boxed]
pub async fn revoke(site: &Site, region: &RegionCode, reason: &str) -> Result<Revoked, AdminError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(AdminError::NoReason);
    }
    if site.store.child(region).await?.is_none() {
        return Err(AdminError::NoChild(region.clone()));
    }
    let certificates = site.store.revoke(region, site.now(), reason).await?;
    site.admission.refresh(&site.store, region).await?;
    Ok(Revoked { certificates })
}
