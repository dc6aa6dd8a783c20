//! What a child says it holds beyond what this node knows counts only with the signed release behind it. Of this node's
//! own catalogs it is asked for: a node that went back to an old backup gets back what it lost (see `recovery`). Of a
//! lie nothing is kept.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::catalog::{CatalogId, CatalogIndex, Difference, Entry, Head, SignedRelease};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::sync;
use tongpin_proto::{convert, packing, v1};

use crate::error::{LinkError, chain};
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
    pub(super) head: Head,
    pub(super) releases: Vec<SignedRelease>,
    pub(super) entries: Vec<Entry>,
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

/// The releases of a proof that are newer than ours, if they were signed here, follow one another, continue our chain
/// where they begin right after it, and end where the child says it is; or why they prove nothing.
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
    // Who joined late holds no more than the newest: what lies between comes from others, or not at all.
    let follows = releases.first().is_none_or(|first| first.release.number == held_number.saturating_add(1));
    let chained = sync::check_chain(&head.catalog, held.as_ref().filter(|_| follows), &releases);
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
