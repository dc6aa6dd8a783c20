//! Bringing back what a node lost of its own catalogs, when it went back to an old backup: children show what they
//! hold, one this part and one that, and once all of it is there the node stands at the newest release again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use tongpin_domain::catalog::{
    Audience, CatalogId, CatalogIndex, Difference, Entry, Head, Part, SignedRelease, Turnover,
};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::sync::Refusal;
use tongpin_store::{Application, ChildStatus, PackedDifference, StoreError};

use super::proof::Proof;
use crate::error::LinkError;
use crate::history;
use crate::site::Site;

/// What children have brought back of this node's own catalogs until all of it is there. It lasts as long as the
/// program: after a new start the children are asked again.
#[derive(Default)]
pub(crate) struct Recovery(Mutex<BTreeMap<CatalogId, Found>>);

/// What was brought back of one catalog.
#[derive(Clone)]
struct Found {
    /// The newest release, which parts and holders are of.
    newest: Head,
    /// All releases that were shown, each of which names the one before it: one child has these and another those.
    releases: BTreeMap<Digest, SignedRelease>,
    parts: BTreeMap<Audience, Vec<Entry>>,
    holders: BTreeSet<RegionCode>,
}

/// What a proof led to.
pub(super) enum Recovered {
    /// The catalog is at the release again.
    Done,
    /// Parts of it, or releases before it, are with others that have not come yet.
    Awaiting(String),
    /// It does not go back to what is held here.
    Unfit(String),
}

impl Recovery {
    /// Adds what a child proved, and applies the release once the releases that lead to it and every part are there:
    /// from children, or from this database where it is unchanged or where nobody below ever held it.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub(super) async fn add(&self, site: &Site, child: &RegionCode, proof: Proof) -> Result<Recovered, LinkError> {
        let id = proof.head.catalog.clone();
        let found = self.remember(child, proof);
        let number = found.newest.number;
        let held_head = site.store.head(&id).await?;
        let held_number = held_head.as_ref().map_or(0, |head| head.number);
        if held_number >= number {
            return Ok(Recovered::Done);
        }
        let releases = match found.way_from(held_head.as_ref()) {
            Ok(releases) => releases,
            Err(Gap::Missing(missing)) => return Ok(Recovered::Awaiting(format!("release {missing}"))),
            Err(Gap::Elsewhere(first)) => {
                self.lock().remove(&id);
                return Ok(Recovered::Unfit(Refusal::Chain { number: first }.say(Lang::Zh)));
            }
        };
        let held = site.store.entries(&id).await?;
        let target = match assemble(site, &found, &held).await? {
            Ok(target) => target,
            Err(missing) => {
                let missing: Vec<String> = missing.iter().map(Audience::to_string).collect();
                return Ok(Recovered::Awaiting(missing.join(" ")));
            }
        };
        let difference = between(&held, &target);
        let turnover = if held_number == 0 { Turnover::default() } else { CatalogIndex::new(&held).apply(&difference) };
        let packed = history::pack(difference.clone()).await?;
        let applied = site
            .store
            .apply(&Application {
                releases: &releases,
                difference: &difference,
                turnover: &turnover,
                packed: PackedDifference { data: &packed.data, raw_length: packed.raw_length },
                full: held_number == 0,
                staged: false,
                expected_head: held_number,
                at: site.now(),
            })
            .await;
        match applied {
            // Another link was quicker.
            Err(StoreError::Conflict { .. }) => return Ok(Recovered::Done),
            other => drop(other?),
        }
        let holders: Vec<RegionCode> = found.holders.into_iter().collect();
        site.store.allow(&id, number, Some(&holders), site.now()).await?;
        self.lock().remove(&id);
        tracing::warn!(catalog = %id, from = held_number, number, "releases that were lost here came back from below");
        Ok(Recovered::Done)
    }

    fn remember(&self, child: &RegionCode, proof: Proof) -> Found {
        let Proof { head, releases, entries } = proof;
        let mut all = self.lock();
        let fresh = || Found {
            newest: head.clone(),
            releases: BTreeMap::new(),
            parts: BTreeMap::new(),
            holders: BTreeSet::new(),
        };
        let found = all.entry(head.catalog.clone()).or_insert_with(fresh);
        if found.newest.number < head.number {
            *found = Found { releases: std::mem::take(&mut found.releases), ..fresh() };
        }
        found.releases.extend(releases.into_iter().map(|signed| (signed.digest, signed)));
        if found.newest == head {
            found.holders.insert(child.clone());
            let mut parts: BTreeMap<Audience, Vec<Entry>> = BTreeMap::new();
            for entry in entries {
                parts.entry(entry.audience.clone()).or_default().push(entry);
            }
            found.parts.extend(parts);
        }
        found.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<CatalogId, Found>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the newest release cannot be reached yet, or ever.
enum Gap {
    /// Nobody has shown the release of this number.
    Missing(u64),
    /// The release of this number names another one before it than is held here.
    Elsewhere(u64),
}

impl Found {
    /// The releases from the one after what is held up to the newest, ascending. Whoever holds nothing begins wherever
    /// they begin.
    fn way_from(&self, held: Option<&Head>) -> Result<Vec<SignedRelease>, Gap> {
        let mut way = Vec::new();
        let (mut number, mut digest) = (self.newest.number, self.newest.digest);
        while held.is_none_or(|held| number > held.number) {
            let Some(signed) = self.releases.get(&digest) else {
                match held {
                    None if !way.is_empty() => break,
                    _ => return Err(Gap::Missing(number)),
                }
            };
            digest = signed.release.previous;
            number = signed.release.number.saturating_sub(1);
            way.push(signed.clone());
        }
        if held.is_some_and(|held| held.digest != digest) {
            return Err(Gap::Elsewhere(number.saturating_add(1)));
        }
        way.reverse();
        Ok(way)
    }
}

/// All entries of the release that was found, or the parts that are still missing.
async fn assemble(site: &Site, found: &Found, held: &[Entry]) -> Result<Result<Vec<Entry>, Vec<Audience>>, LinkError> {
    let Some(last) = found.releases.get(&found.newest.digest) else { return Ok(Err(Vec::new())) };
    let own_parts: Vec<Part> = CatalogIndex::new(held).parts();
    let children = site.store.children().await?;
    let somebody_holds = |audience: &Audience| {
        let mut active = children.iter().filter(|child| child.status == ChildStatus::Active);
        active.any(|child| audience.reaches(&child.region))
    };
    let (mut target, mut kept, mut missing) = (Vec::new(), Vec::<Entry>::new(), Vec::new());
    for part in &last.release.parts {
        let audience = &part.audience;
        if let Some(brought) = found.parts.get(audience) {
            target.extend(brought.iter().cloned());
        } else if own_parts.contains(part) || !somebody_holds(audience) {
            if !own_parts.contains(part) {
                tracing::error!(
                    catalog = %last.release.catalog, audience = %audience,
                    "nobody below holds this part: it stays as the backup has it, and should be looked through"
                );
            }
            let own = held.iter().filter(|entry| entry.audience == *audience);
            kept.extend(own.cloned());
        } else {
            missing.push(audience.clone());
        }
    }
    // An entry that has moved to a part which was brought back is there already.
    let brought: BTreeSet<String> = target.iter().map(|entry: &Entry| entry.key.clone()).collect();
    target.extend(kept.into_iter().filter(|entry| !brought.contains(&entry.key)));
    Ok(if missing.is_empty() { Ok(target) } else { Err(missing) })
}

/// What turns the entries that are held into others, with the release that each of them came with.
fn between(held: &[Entry], target: &[Entry]) -> Difference {
    let before: BTreeMap<&str, &Entry> = held.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    let after: BTreeSet<&str> = target.iter().map(|entry| entry.key.as_str()).collect();
    let gone = held.iter().filter(|entry| !after.contains(entry.key.as_str()));
    let removals = gone.map(|entry| entry.key.clone()).collect();
    let mut upserts: Vec<Entry> =
        target.iter().filter(|entry| before.get(entry.key.as_str()) != Some(entry)).cloned().collect();
    upserts.sort_by(|one, next| one.key.cmp(&next.key));
    Difference { upserts, removals }
}
