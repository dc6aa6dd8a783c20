//! What a child says it holds beyond what this node knows counts only with the signed release behind it. Of this node's
//! own catalogs it is asked for: a node that went back to an old backup recovers the releases that it lost, part by
//! part, from those whom it gave them to, and publishes on. Of a lie nothing is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use tongpin_domain::catalog::{
    Audience, CatalogId, CatalogIndex, Difference, Entry, Head, Part, SignedRelease, Turnover,
};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::sync;
use tongpin_proto::{convert, packing, v1};
use tongpin_store::{Application, ChildStatus, PackedDifference, StoreError};

use crate::error::{LinkError, chain};
use crate::history;
use crate::sealed;
use crate::site::Site;

/// The most catalogs of one link that are asked for: a child may name any.
const MOST_ASKED: usize = 16;
/// The longest packed content that is taken.
const LONGEST: u64 = packing::LARGEST;

/// What one link is asked to prove, and what of it has arrived.
#[derive(Default)]
pub(super) struct Proofs {
    asked: BTreeMap<CatalogId, Head>,
    /// Whatever was asked on this link is not asked again.
    done: BTreeSet<CatalogId>,
    receiving: Option<Receiving>,
}

/// A proof whose signatures hold and whose content is still arriving.
struct Receiving {
    head: Head,
    releases: Vec<SignedRelease>,
    id: Digest,
    length: u64,
    raw_length: u64,
    data: Vec<u8>,
}

/// Releases with what a child holds of the last one, all checked.
pub(super) struct Proof {
    head: Head,
    releases: Vec<SignedRelease>,
    entries: Vec<Entry>,
}

impl Proof {
    /// The release that is proven.
    pub(super) fn head(&self) -> &Head {
        &self.head
    }
}

/// What became of a message of a proof.
pub(super) enum Proven {
    /// More is to come.
    More,
    /// The signed release is there: what the child said is true. Its content is still to come.
    Signed(Head),
    /// The content is there as well.
    Whole(Proof),
    /// It proves nothing.
    Nothing(Head, String),
}

impl Proofs {
    /// Whether a child is to be asked for a head beyond ours, which is then noted as asked.
    pub(super) fn ask(&mut self, head: &Head) -> bool {
        if self.done.len() >= MOST_ASKED || !self.done.insert(head.catalog.clone()) {
            return false;
        }
        self.asked.insert(head.catalog.clone(), head.clone());
        true
    }

    /// The child says that it cannot prove what it said.
    pub(super) fn refused(&mut self, unproven: &v1::Unproven) -> Option<Head> {
        let catalog = convert::catalog(&unproven.publisher, &unproven.catalog).ok()?;
        self.asked.remove(&catalog)
    }

    /// Takes in the beginning of a proof. No content is read before the signatures hold.
    ///
    /// # Errors
    /// A message that cannot be read or that nobody asked for, or a failing database.
    pub(super) async fn begin(
        &mut self,
        site: &Site,
        child: &RegionCode,
        transfer: v1::Transfer,
    ) -> Result<Proven, LinkError> {
        let catalog = convert::catalog(&transfer.publisher, &transfer.catalog)?;
        let id = convert::digest("transfer.id", &transfer.id)?;
        let Some(head) = self.asked.remove(&catalog) else {
            return Err(LinkError::Protocol(format!("nobody asked for {catalog}")));
        };
        let releases = match signed(site, &head, &transfer).await? {
            Ok(releases) => releases,
            Err(reason) => return Ok(Proven::Nothing(head, reason)),
        };
        let (length, raw_length) = (transfer.length, transfer.raw_length);
        let receiving = Receiving { head: head.clone(), releases, id, length, raw_length, data: Vec::new() };
        self.receiving = Some(receiving);
        Ok(self.take(id, 0, &transfer.data)?.map_or(Proven::Signed(head), |whole| whole.content(child)))
    }

    /// Takes in more of a proof.
    ///
    /// # Errors
    /// A piece that belongs to none.
    pub(super) fn go_on(&mut self, child: &RegionCode, chunk: &v1::Chunk) -> Result<Proven, LinkError> {
        let id = convert::digest("chunk.id", &chunk.id)?;
        Ok(self.take(id, chunk.offset, &chunk.data)?.map_or(Proven::More, |whole| whole.content(child)))
    }

    fn take(&mut self, id: Digest, offset: u64, data: &[u8]) -> Result<Option<Receiving>, LinkError> {
        let fits = |receiving: &&mut Receiving| receiving.id == id && receiving.data.len() as u64 == offset;
        let Some(receiving) = self.receiving.as_mut().filter(fits) else {
            return Err(LinkError::Protocol("a piece that does not continue the proof".into()));
        };
        receiving.data.extend_from_slice(data);
        let have = receiving.data.len() as u64;
        if have > receiving.length {
            return Err(LinkError::Protocol("a proof longer than it said".into()));
        }
        Ok(if have == receiving.length { self.receiving.take() } else { None })
    }
}

/// The releases of a proof that follow ours, if they were signed here, continue our chain and end where the child says
/// it is; or why they prove nothing.
async fn signed(
    site: &Site,
    head: &Head,
    transfer: &v1::Transfer,
) -> Result<Result<Vec<SignedRelease>, String>, LinkError> {
    if transfer.from != 0 || transfer.offset != 0 || transfer.length > LONGEST {
        return Ok(Err("所附内容的起点或长度不对".into()));
    }
    let held = site.store.head(&head.catalog).await?;
    let held_number = held.as_ref().map_or(0, |held| held.number);
    let identity = site.identity();
    let mut releases = Vec::new();
    for signed in &transfer.releases {
        match sealed::open_release(identity.roots(), signed) {
            Ok(release) if release.release.number > held_number => releases.push(release),
            Ok(_) => {}
            Err(error) => return Ok(Err(format!("所附版本的签名无效（{}）", chain(&error)))),
        }
    }
    let chained = sync::check_chain(&head.catalog, held.as_ref(), &releases);
    Ok(match chained {
        Ok(last) if last.release.number == head.number && last.digest == head.digest => Ok(releases),
        Ok(last) => Err(format!("所附版本到第 {} 版为止，不是所称的版本", last.release.number)),
        Err(refusal) => Err(refusal.say(Lang::Zh)),
    })
}

impl Receiving {
    /// What arrived, checked against the signed release: everything that a node of the child's region holds.
    fn content(self, child: &RegionCode) -> Proven {
        let Self { head, releases, raw_length, data, .. } = self;
        match entries(&releases, raw_length, &data, child) {
            Ok(entries) => Proven::Whole(Proof { head, releases, entries }),
            Err(reason) => Proven::Nothing(head, reason),
        }
    }
}

fn entries(releases: &[SignedRelease], raw_length: u64, data: &[u8], child: &RegionCode) -> Result<Vec<Entry>, String> {
    let Some(last) = releases.last() else { return Err("没有版本".into()) };
    let unreadable = |error: &(dyn std::error::Error + 'static)| format!("所附内容无法识别（{}）", chain(error));
    let difference: v1::Difference = packing::unpack(data, raw_length).map_err(|error| unreadable(&error))?;
    let difference = Difference::try_from(difference).map_err(|error| unreadable(&error))?;
    // What it says is removed changes nothing: the entries alone must be what was signed.
    let checked = sync::check_difference(&difference, last.release.number);
    let mut index = CatalogIndex::new(&difference.upserts);
    checked
        .and_then(|()| sync::check_content(&last.release, &mut index, child))
        .map_err(|refusal| refusal.say(Lang::Zh))?;
    Ok(difference.upserts)
}

/// What children have brought back of this node's own catalogs until all parts are there. It lasts as long as the
/// program: after a new start the children are asked again.
#[derive(Default)]
pub(crate) struct Recovery(Mutex<BTreeMap<CatalogId, Found>>);

/// The newest release that was brought back of one catalog.
#[derive(Clone)]
struct Found {
    releases: Vec<SignedRelease>,
    parts: BTreeMap<Audience, Vec<Entry>>,
    holders: BTreeSet<RegionCode>,
}

/// What a proof led to.
pub(super) enum Recovered {
    /// The catalog is at the release again.
    Done,
    /// Parts of it are with others that have not come yet.
    Awaiting(Vec<Audience>),
}

impl Recovery {
    /// Adds what a child proved, and applies the release once every part is there: from children, or from this database
    /// where it is unchanged or where nobody below ever held it.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub(super) async fn add(&self, site: &Site, child: &RegionCode, proof: Proof) -> Result<Recovered, LinkError> {
        let (id, number) = (proof.head.catalog.clone(), proof.head.number);
        let found = self.remember(child, proof);
        let held_head = site.store.head(&id).await?;
        let held_number = held_head.as_ref().map_or(0, |head| head.number);
        if held_number >= number {
            return Ok(Recovered::Done);
        }
        let held = site.store.entries(&id).await?;
        let target = match assemble(site, &found, &held).await? {
            Ok(target) => target,
            Err(missing) => return Ok(Recovered::Awaiting(missing)),
        };
        let difference = between(&held, &target);
        let turnover = if held_number == 0 { Turnover::default() } else { CatalogIndex::new(&held).apply(&difference) };
        let packed = history::pack(difference.clone()).await?;
        let releases: Vec<SignedRelease> =
            found.releases.into_iter().filter(|signed| signed.release.number > held_number).collect();
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
        site.nudge();
        Ok(Recovered::Done)
    }

    fn remember(&self, child: &RegionCode, proof: Proof) -> Found {
        let Proof { head, releases, entries } = proof;
        let mut all = self.lock();
        let fresh = || Found { releases: Vec::new(), parts: BTreeMap::new(), holders: BTreeSet::new() };
        let found = all.entry(head.catalog.clone()).or_insert_with(fresh);
        let number = found.releases.last().map_or(0, |last| last.release.number);
        if number < head.number {
            *found = Found { releases, ..fresh() };
        }
        if number <= head.number {
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

/// All entries of the release that was found, or the parts that are still missing.
async fn assemble(site: &Site, found: &Found, held: &[Entry]) -> Result<Result<Vec<Entry>, Vec<Audience>>, LinkError> {
    let Some(last) = found.releases.last() else { return Ok(Err(Vec::new())) };
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
