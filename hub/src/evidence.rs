//! The reports behind a collection's figures: what was received, what of it counts, and whether its signature holds.

use serde::Serialize;
use tongpin_domain::collection::Collection;
use tongpin_domain::digest::Digest;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::report::Report;
use tongpin_domain::rollup::{Coverage, Returned, coverage};
use tongpin_link::error::chain;
use tongpin_link::sealed::{self, Purpose};
use tongpin_store::Received;

use crate::failure::Failure;
use crate::office::{Office, Published};

/// A report that counts: the newest accepted revision of its region.
pub(crate) struct Counted {
    /// As it was received.
    pub(crate) received: Received,
    /// Its content.
    pub(crate) report: Report,
}

/// A collection with everything that its figures rest on.
pub(crate) struct Evidence {
    /// What was asked.
    pub(crate) collection: Collection,
    /// Since which release it is asked like this.
    pub(crate) release: u64,
    /// The reports that count, by region.
    pub(crate) counted: Vec<Counted>,
    /// The divisions.
    pub(crate) regions: Regions,
    /// Who has reported.
    pub(crate) coverage: Coverage,
    /// Whether it takes reports.
    pub(crate) open: bool,
}

/// What a check of a report's signature found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Signature {
    /// It holds, for the region and the content that are kept.
    pub(crate) valid: bool,
    /// Who signed, or why it does not hold.
    pub(crate) detail: String,
}

impl Evidence {
    /// Gathers the evidence of one collection.
    ///
    /// # Errors
    /// There is no such collection, or the database cannot be read.
    pub(crate) async fn gather(office: &Office, id: &str) -> Result<Self, Failure> {
        Self::of(office, office.collection(id).await?, office.regions().await?).await
    }

    /// As [`Evidence::gather`], of a collection that was read already.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn of(office: &Office, published: Published, regions: Regions) -> Result<Self, Failure> {
        let Published { collection, release } = published;
        let mut counted = Vec::new();
        for received in office.store().received(&collection.id).await? {
            let report = read(&received)?;
            counted.push(Counted { received, report });
        }
        let returned: Vec<Returned<'_>> =
            counted.iter().map(|one| Returned { report: &one.report, received_at: one.received.received_at }).collect();
        let coverage = coverage(&collection, &regions, &office.site.region(), &returned, office.site.now());
        let state = office.store().collection_state(&collection.id).await?;
        let open = state.is_none_or(|state| state.open);
        Ok(Self { collection, release, counted, regions, coverage, open })
    }

    /// The contents of the reports that count.
    pub(crate) fn reports(&self) -> Vec<&Report> {
        self.counted.iter().map(|one| &one.report).collect()
    }
}

/// The content of a received report.
///
/// # Errors
/// [`Failure::Unreadable`].
pub(crate) fn read(received: &Received) -> Result<Report, Failure> {
    let what = format!("{} {} ({})", received.collection, received.region, received.revision);
    serde_json::from_str(&received.payload).map_err(|error| Failure::unreadable(what, &error))
}

/// Checks a received report's envelope anew: whether its signature held when it came, whether its region signed it,
/// and whether it holds exactly the content that is kept and summed up.
pub(crate) fn signature(office: &Office, received: &Received) -> Signature {
    let opened = sealed::decode(&received.envelope).and_then(|signed| {
        sealed::open(office.site.identity().roots(), Purpose::Report, &signed, received.received_at)
    });
    match opened {
        Err(error) => Signature { valid: false, detail: chain(&error) },
        Ok(opened) => judge(&opened.signer, &opened.payload, received),
    }
}

fn judge(signer: &RegionCode, payload: &[u8], received: &Received) -> Signature {
    let same = Digest::of(payload) == received.digest && payload == received.payload.as_bytes();
    let detail = if same { signer.to_string() } else { "内容与签名时不同 (content differs)".to_owned() };
    Signature { valid: same && *signer == received.region, detail }
}
