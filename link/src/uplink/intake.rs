//! Taking in what the parent sends. It knows no transport: a link and a bundle file bring the same messages here.

mod receipt;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tongpin_domain::catalog::{CatalogId, CatalogIndex, Difference, Head, SignedRelease, Turnover};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_domain::sync::{self, Refusal};
use tongpin_proto::{convert, packing, v1};
use tongpin_store::{Application, PackedDifference, StoreError};

use crate::boxed;
use crate::error::{LinkError, chain};
use crate::processor::beside;
use crate::sealed;
use crate::site::Site;
use crate::uplink::refused;

/// A transfer under way is kept in pieces of this size: a disk write each, and what a broken line can cost.
const STAGE: usize = 256 * 1024;
/// The longest compressed transfer that is accepted.
const LONGEST: u64 = packing::LARGEST;

/// Takes in releases and receipts.
pub struct Intake {
    site: Arc<Site>,
    parent: RegionCode,
    region: RegionCode,
    /// What is held of the catalogs that came over this link.
    held: HashMap<CatalogId, (Head, CatalogIndex)>,
    /// The catalogs of which pieces are staged, once that was asked of the database.
    staged: Option<BTreeSet<CatalogId>>,
    receiving: Option<Receiving>,
    /// A transfer that could not be stored: what still comes of it is passed over.
    given_up: Option<Digest>,
    storage_failed: bool,
}

/// A transfer of which not everything has arrived yet.
struct Receiving {
    catalog: CatalogId,
    from: u64,
    to: u64,
    releases: Vec<v1::Signed>,
    id: Digest,
    length: u64,
    raw_length: u64,
    data: Vec<u8>,
    /// How much of `data` is kept in the database.
    staged: usize,
}

impl Intake {
    /// An intake of what `parent` sends.
    #[must_use]
    pub fn new(site: Arc<Site>, parent: RegionCode) -> Self {
        let region = site.region();
        Self {
            site,
            parent,
            region,
            held: HashMap::new(),
            staged: None,
            receiving: None,
            given_up: None,
            storage_failed: false,
        }
    }

    /// Whether something could not be stored: the link should be begun anew after a while.
    #[must_use]
    pub fn storage_failed(&self) -> bool {
        self.storage_failed
    }

    /// Takes in the beginning of a transfer; the answer comes once it is complete.
    ///
    /// # Errors
    /// A message that cannot be read, or a failing database.
    #[boxed]
    pub async fn begin(&mut self, transfer: v1::Transfer) -> Result<Option<v1::upward::Body>, LinkError> {
        let id = convert::digest("transfer.id", &transfer.id)?;
        self.receiving = None;
        self.given_up = Some(id);
        let catalog = match convert::catalog(&transfer.publisher, &transfer.catalog) {
            Ok(catalog) => catalog,
            Err(invalid) => {
                tracing::warn!(from = %self.parent, reason = %invalid, "a transfer was passed over");
                return Ok(None);
            }
        };
        // What can never be kept is refused by its name, and the rest flows.
        let numbers = convert::number("transfer.to", transfer.to).map_err(|invalid| malformed(&invalid));
        let too_long = || Refusal::Malformed { reason: format!("a transfer of {} bytes", transfer.length) };
        if let Err(refusal) = numbers.and_then(|_| (transfer.length <= LONGEST).then_some(()).ok_or_else(too_long)) {
            return self.refuse(catalog, transfer.to, &refusal).await.map(Some);
        }
        let mut data = Vec::new();
        if transfer.offset > 0 {
            data = self.site.store.staged_bytes(&id.0).await?;
        }
        if data.len() as u64 != transfer.offset {
            self.clear_staged(&catalog).await?;
            return Err(LinkError::Protocol("the transfer goes on elsewhere than where it broke off".into()));
        }
        if transfer.offset > 0 {
            let (number, offset, length) = (transfer.to, transfer.offset, transfer.length);
            tracing::info!(catalog = %catalog, number, offset, length, "a transfer goes on where it broke off");
        }
        self.given_up = None;
        let receiving = Receiving {
            catalog,
            from: transfer.from,
            to: transfer.to,
            releases: transfer.releases,
            id,
            length: transfer.length,
            raw_length: transfer.raw_length,
            staged: data.len(),
            data,
        };
        // Nothing is kept of what comes in pieces before somebody vouches for it; a whole one is checked at once
        // anyway.
        if (transfer.data.len() as u64) < transfer.length
            && let Err(refusal) = self.vouched(&receiving).await
        {
            self.given_up = Some(id);
            self.receiving = None;
            return self.refuse(receiving.catalog, receiving.to, &refusal).await.map(Some);
        }
        self.receiving = Some(receiving);
        self.take(id, transfer.offset, &transfer.data).await
    }

    /// Keeps all that has arrived of the transfer under way: a line that breaks costs the message that it broke in, and
    /// one that always breaks after a few messages brings everything in the end.
    #[boxed]
    pub async fn keep(&mut self) {
        let Some(receiving) = self.receiving.take() else { return };
        let unstaged = receiving.data.get(receiving.staged..).unwrap_or_default();
        if unstaged.is_empty() {
            return;
        }
        let store = &self.site.store;
        let kept = store.stage(&receiving.id.0, &receiving.catalog, receiving.staged as u64, unstaged).await;
        if let Err(error) = kept {
            tracing::warn!(catalog = %receiving.catalog, error = %chain(&error), "what arrived could not be kept");
        }
    }

    /// Takes in more of the transfer under way.
    ///
    /// # Errors
    /// A piece that does not fit, or a failing database.
    #[boxed]
    pub async fn go_on(&mut self, chunk: v1::Chunk) -> Result<Option<v1::upward::Body>, LinkError> {
        let id = convert::digest("chunk.id", &chunk.id)?;
        if self.given_up == Some(id) {
            return Ok(None);
        }
        self.take(id, chunk.offset, &chunk.data).await
    }

    async fn take(&mut self, id: Digest, offset: u64, data: &[u8]) -> Result<Option<v1::upward::Body>, LinkError> {
        let fits = |receiving: &&mut Receiving| receiving.id == id && receiving.data.len() as u64 == offset;
        let Some(receiving) = self.receiving.as_mut().filter(fits) else {
            return Err(LinkError::Protocol("a piece that does not continue the transfer".into()));
        };
        receiving.data.extend_from_slice(data);
        let have = receiving.data.len() as u64;
        if have > receiving.length {
            return Err(LinkError::Protocol("a transfer longer than it said".into()));
        }
        let unstaged = receiving.data.get(receiving.staged..).unwrap_or_default();
        if have < receiving.length && unstaged.len() >= STAGE {
            // A large transfer goes on after a broken line or a restart: what arrived is kept.
            let staged = self.site.store.stage(&id.0, &receiving.catalog, receiving.staged as u64, unstaged).await;
            if let Err(error) = staged {
                let (catalog, number) = (receiving.catalog.clone(), receiving.to);
                self.receiving = None;
                self.given_up = Some(id);
                return self.refuse(catalog, number, &storage(&error)).await.map(Some);
            }
            receiving.staged = receiving.data.len();
            if let Some(staged) = &mut self.staged {
                staged.insert(receiving.catalog.clone());
            }
        }
        if have < receiving.length {
            return Ok(None);
        }
        let Some(complete) = self.receiving.take() else { return Ok(None) };
        self.finish(complete).await.map(Some)
    }

    async fn finish(&mut self, received: Receiving) -> Result<v1::upward::Body, LinkError> {
        let (catalog, number) = (received.catalog.clone(), received.to);
        match self.apply(received).await {
            Ok(head) => {
                tracing::info!(catalog = %catalog, number, "a release was applied");
                Ok(v1::upward::Body::Applied(v1::Applied { head: Some((&head).into()) }))
            }
            Err(refusal) => self.refuse(catalog, number, &refusal).await,
        }
    }

    async fn refuse(
        &mut self,
        catalog: CatalogId,
        number: u64,
        refusal: &Refusal,
    ) -> Result<v1::upward::Body, LinkError> {
        tracing::warn!(
            catalog = %catalog, number, from = %self.parent, code = refusal.code(), reason = %refusal,
            "a release was refused"
        );
        self.held.remove(&catalog);
        if let Err(error) = refused::note(&self.site, &catalog, number, refusal).await {
            tracing::warn!(error = %chain(&error), "a refusal could not be written down");
        }
        if matches!(refusal, Refusal::Storage { .. }) {
            // What arrived is good: once there is space, it goes on from there.
            self.storage_failed = true;
        } else {
            self.clear_staged(&catalog).await?;
        }
        Ok(v1::upward::Body::Refused(v1::Refused {
            publisher: catalog.publisher.to_string(),
            catalog: catalog.name,
            number,
            code: refusal.code().into(),
            detail: refusal.say(Lang::Zh),
        }))
    }

    /// Checks that a transfer's releases are signed by a publisher above, continue the chain and end where it says.
    async fn vouched(&self, received: &Receiving) -> Result<(), Refusal> {
        let catalog = &received.catalog;
        self.publishes_for_us(catalog, received.to)?;
        let mut releases = self.open(received)?;
        let held = self.site.store.head(catalog).await.map_err(|error| storage(&error))?;
        let held_number = held.as_ref().map_or(0, |head| head.number);
        if held.as_ref().is_some_and(|held| releases.last().is_some_and(|last| last.digest == held.digest)) {
            return Ok(());
        }
        let known = releases.iter().take_while(|signed| signed.release.number <= held_number).count();
        releases.drain(..known.min(releases.len().saturating_sub(1)));
        sync::check_chain(catalog, held.as_ref(), &releases).map(|_| ())
    }

    fn publishes_for_us(&self, catalog: &CatalogId, number: u64) -> Result<(), Refusal> {
        if *catalog.publisher.as_str() == *self.region.as_str() || !self.region.within(&catalog.publisher) {
            let reason = format!("{} does not publish for {}", catalog.publisher, self.region);
            return Err(Refusal::Signature { number, reason });
        }
        Ok(())
    }

    async fn apply(&mut self, received: Receiving) -> Result<Head, Refusal> {
        let store = self.site.store.clone();
        let catalog = &received.catalog;
        self.publishes_for_us(catalog, received.to)?;
        if beside(|| Digest::of(&received.data)) != received.id {
            return Err(Refusal::Malformed { reason: "the bytes arrived damaged".into() });
        }
        let mut releases = self.open(&received)?;
        // What came over this link is known without asking; the database refuses what does not follow its own head.
        let (held, index) = match self.held.remove(catalog) {
            Some((head, index)) => (Some(head), Some(index)),
            None => (store.head(catalog).await.map_err(|error| storage(&error))?, None),
        };
        let held_number = held.as_ref().map_or(0, |head| head.number);
        if let Some(held) = held.clone().filter(|held| releases.last().is_some_and(|last| last.digest == held.digest)) {
            // It came before, as with a bundle that is taken in twice: nothing is left to do.
            self.clear_staged(catalog).await.map_err(|error| storage(&error))?;
            return Ok(held);
        }
        // A sender that does not know where this node is sends the whole chain; the first release after the one held
        // names it by digest, so passing over the earlier ones weakens nothing.
        let known = releases.iter().take_while(|signed| signed.release.number <= held_number).count();
        releases.drain(..known.min(releases.len().saturating_sub(1)));
        let last = sync::check_chain(catalog, held.as_ref(), &releases)?;
        if last.release.number != received.to {
            return Err(Refusal::Malformed { reason: "the last release is not the one announced".into() });
        }
        if received.from != 0 && received.from != held_number {
            return Err(Refusal::Start { from: received.from, held: held_number });
        }
        let difference: v1::Difference =
            beside(|| packing::unpack(&received.data, received.raw_length)).map_err(|error| malformed(&error))?;
        let difference = Difference::try_from(difference).map_err(|error| malformed(&error))?;
        sync::check_difference(&difference, received.to)?;
        let (mut index, turnover) = self.index_after(catalog, index, received.from, &difference).await?;
        sync::check_content(&last.release, &mut index, &self.region)?;
        let head = store
            .apply(&Application {
                releases: &releases,
                difference: &difference,
                turnover: &turnover,
                packed: PackedDifference { data: &received.data, raw_length: received.raw_length },
                full: received.from == 0,
                staged: self.has_staged(catalog).await.map_err(|error| storage(&error))?,
                expected_head: held_number,
                at: self.site.now(),
            })
            .await
            .map_err(|error| storage(&error))?;
        if let Some(staged) = &mut self.staged {
            staged.remove(catalog);
        }
        self.held.insert(received.catalog, (head.clone(), index));
        Ok(head)
    }

    async fn has_staged(&mut self, catalog: &CatalogId) -> Result<bool, StoreError> {
        if self.staged.is_none() {
            self.staged = Some(self.site.store.all_staged().await?.into_iter().map(|(catalog, _)| catalog).collect());
        }
        Ok(self.staged.as_ref().is_some_and(|staged| staged.contains(catalog)))
    }

    async fn clear_staged(&mut self, catalog: &CatalogId) -> Result<(), StoreError> {
        self.site.store.clear_staged(catalog).await?;
        if let Some(staged) = &mut self.staged {
            staged.remove(catalog);
        }
        Ok(())
    }

    /// The index with the difference applied; without one, that of what the database holds.
    async fn index_after(
        &self,
        catalog: &CatalogId,
        held: Option<CatalogIndex>,
        from: u64,
        difference: &Difference,
    ) -> Result<(CatalogIndex, Turnover), Refusal> {
        if from == 0 {
            return Ok((CatalogIndex::new(&difference.upserts), Turnover::default()));
        }
        let mut index = match held {
            Some(index) => index,
            None => CatalogIndex::new(&self.site.store.entries(catalog).await.map_err(|error| storage(&error))?),
        };
        let turnover = index.apply(difference);
        Ok((index, turnover))
    }

    fn open(&self, received: &Receiving) -> Result<Vec<SignedRelease>, Refusal> {
        let identity = self.site.identity();
        received
            .releases
            .iter()
            .map(|signed| {
                sealed::open_release(identity.roots(), signed)
                    .map_err(|error| Refusal::Signature { number: received.to, reason: chain(&error) })
            })
            .collect()
    }
}

fn malformed(error: &(dyn std::error::Error + 'static)) -> Refusal {
    Refusal::Malformed { reason: chain(error) }
}

fn storage(error: &tongpin_store::StoreError) -> Refusal {
    Refusal::Storage { reason: chain(error) }
}
