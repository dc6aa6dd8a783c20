//! The reports behind a collection's figures: what was received, what of it counts, and whether its signature holds.

use std::collections::BTreeMap;

use serde::Serialize;
use tongpin_domain::causes::chain;
use tongpin_domain::collection::Collection;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::report::{Report, implausible};
use tongpin_domain::rollup::{Coverage, Method, Returned, coverage};
use tongpin_domain::score::RuleRef;
use tongpin_link::LinkError;
use tongpin_link::report::unpublished;
use tongpin_link::sealed::{self, Papers, Purpose};
use tongpin_store::{Certificate, Received, ReportMark};

use crate::app::{App, Published};
use crate::failure::Failure;

/// A report that counts: the newest accepted revision of its region.
pub(crate) struct Counted {
    /// As it was received.
    pub(crate) received: Received,
    /// Its content.
    pub(crate) report: Report,
}

/// A collection with everything that its figures rest on.
pub(crate) struct Collected {
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

impl Collected {
    /// Gathers the evidence of one collection.
    ///
    /// # Errors
    /// There is no such collection, or the database cannot be read.
    pub(crate) async fn gather(app: &App, id: &str) -> Result<Self, Failure> {
        Self::of(app, app.collection(id).await?, app.regions().await?).await
    }

    /// As [`Collected::gather`], of a collection that was read already.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn of(app: &App, published: Published, regions: Regions) -> Result<Self, Failure> {
        let Published { collection, release } = published;
        let (mut all, mut left_out) = (Vec::new(), Vec::new());
        let mut rules = Rules::default();
        for received in app.store().received(&collection.id).await? {
            let countable = read(&received).map_err(|failure| failure.say(Lang::Zh));
            let countable = countable.and_then(|report| answers(&collection, &report).map(|()| report));
            let countable = match countable {
                Ok(report) => rules.lacking(app, &report).await?.map_or(Ok(report), Err),
                Err(reason) => Err(reason),
            };
            match countable {
                Ok(report) => all.push(Counted { received, report }),
                Err(reason) => left_out.push((received.region, reason)),
            }
        }
        let counted = newest(all, &regions);
        let returned: Vec<Returned<'_>> =
            counted.iter().map(|one| Returned { report: &one.report, received_at: one.received.received_at }).collect();
        let awaiting = app.store().awaiting(&collection.id).await?;
        let (own, now) = (app.site.region(), app.site.now());
        let mut coverage = coverage(&collection, &regions, &own, &returned, &awaiting, now);
        for (region, reason) in left_out {
            coverage.leave_out(&region, &regions, reason);
        }
        let state = app.store().collection_state(&collection.id).await?;
        let open = state.is_none_or(|state| state.open);
        Ok(Self { collection, release, counted, regions, coverage, open })
    }

    /// The contents of the reports that count.
    pub(crate) fn reports(&self) -> Vec<&Report> {
        self.counted.iter().map(|one| &one.report).collect()
    }
}

/// Whether a report that was accepted can be counted. One that was taken in before figures were weighed, or that
/// answers an earlier form of the collection, is left out by name, and the others go on without it.
fn answers(collection: &Collection, report: &Report) -> Result<(), String> {
    if let Some(wrong) = implausible(report, collection).first() {
        return Err(wrong.say(Lang::Zh));
    }
    match Method::of(collection).and_then(|method| method.lacks(report)) {
        Some(lacking) => Err(lacking.say(Lang::Zh)),
        None => Ok(()),
    }
}

/// The rule sets that reports name, each looked for once.
#[derive(Default)]
struct Rules(BTreeMap<RuleRef, Option<String>>);

impl Rules {
    /// Why a report cannot be counted that rests on rules which nobody published; `None` if it does not.
    async fn lacking(&mut self, app: &App, report: &Report) -> Result<Option<String>, LinkError> {
        for named in &report.rules {
            if !self.0.contains_key(named) {
                let unknown = unpublished(&app.site, std::slice::from_ref(named)).await?;
                self.0.insert(named.clone(), unknown.into_iter().next());
            }
        }
        Ok(report.rules.iter().find_map(|named| self.0.get(named).cloned().flatten()))
    }
}

/// One report of each division: of a county that reported under a former code and, having joined anew, under the
/// present one, only what came last counts.
fn newest(mut all: Vec<Counted>, regions: &Regions) -> Vec<Counted> {
    all.sort_by_key(|one| (regions.current(&one.received.region), one.received.received_at));
    all.reverse();
    all.dedup_by(|one, kept| regions.same(&one.received.region, &kept.received.region));
    all.sort_by(|one, other| one.received.region.cmp(&other.received.region));
    all
}

/// All that a division has reported to a collection, under whichever of its codes, sorted by revision.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn revisions(
    app: &App,
    id: &str,
    regions: &Regions,
    region: &RegionCode,
) -> Result<Vec<Received>, Failure> {
    let now = regions.current(region);
    let codes = app.store().reporting(id).await?;
    let codes: Vec<&str> = codes.iter().filter(|code| regions.current(code) == now).map(RegionCode::as_str).collect();
    Ok(app.store().received_from(id, &codes).await?)
}

/// The content of a received report.
///
/// # Errors
/// [`Failure::Unreadable`].
pub(crate) fn read(received: &Received) -> Result<Report, Failure> {
    let what = format!("{} {} ({})", received.collection, received.region, received.revision);
    serde_json::from_str(&received.payload).map_err(|error| Failure::unreadable(what, &error))
}

/// The code under which a region sent this revision: one that joined under a former code goes on sending under it, and
/// whoever names the region may name it by either. If nothing came it is the code that was named.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn sender(app: &App, id: &str, region: &RegionCode, revision: u64) -> Result<RegionCode, Failure> {
    let (regions, marks) = (app.regions().await?, app.store().report_marks().await?);
    let same = |one: &&ReportMark| {
        one.collection == id && one.revision == revision && regions.current(&one.region) == regions.current(region)
    };
    let found = marks.iter().filter(same).max_by_key(|one| one.region == *region);
    Ok(found.map_or_else(|| region.clone(), |one| one.region.clone()))
}

/// Checks a received report's envelope anew: whether its signature held when it was made, whether its region signed it,
/// and whether it holds exactly the content that is kept and summed up.
pub(crate) fn signature(app: &App, received: &Received) -> Signature {
    let opened = sealed::decode(&received.envelope).and_then(|signed| {
        sealed::open(app.site.identity().roots(), Purpose::Report, &signed, signed_at(&signed.payload, received))
    });
    match opened {
        Err(error) => Signature { valid: false, detail: chain(&error) },
        Ok(opened) => judge(&opened.signer, &opened.payload, received),
    }
}

/// The moment that a report names as its own, for which its certificate must hold: as it is checked on arrival. A
/// report may have waited longer for a line than its author's certificate lived.
fn signed_at(payload: &[u8], received: &Received) -> Moment {
    serde_json::from_slice::<Report>(payload).map_or(received.received_at, |report| report.computed_at)
}

/// A report's signature with everything that the check rests on.
pub(crate) struct Examined {
    /// Whether it holds.
    pub(crate) signature: Signature,
    /// For which moment the certificates were checked.
    pub(crate) signed_at: Moment,
    /// The certificates in the envelope, if they can be read.
    pub(crate) papers: Option<Papers>,
    /// The digest of the signed bytes, computed now.
    pub(crate) digest: Option<Digest>,
    /// The signer's certificate as this hub issued it, if it did.
    pub(crate) issued: Option<Certificate>,
    /// The root at which the chain must end.
    pub(crate) root: Digest,
}

/// Examines a received report's envelope.
///
/// # Errors
/// The database cannot be read. A signature that does not hold is an answer.
pub(crate) async fn examine(app: &App, received: &Received) -> Result<Examined, Failure> {
    let signed = sealed::decode(&received.envelope).ok();
    let papers = signed.as_ref().and_then(|signed| sealed::papers(signed).ok());
    let issued = match &papers {
        Some(papers) => app.store().certificate(&Digest(papers.signer.fingerprint)).await?,
        None => None,
    };
    Ok(Examined {
        signature: signature(app, received),
        signed_at: signed.as_ref().map_or(received.received_at, |signed| signed_at(&signed.payload, received)),
        digest: signed.as_ref().map(|signed| Digest::of(&signed.payload)),
        papers,
        issued,
        root: app.site.identity().root_fingerprint(),
    })
}

fn judge(signer: &RegionCode, payload: &[u8], received: &Received) -> Signature {
    let same = Digest::of(payload) == received.digest && payload == received.payload.as_bytes();
    let detail = if same { signer.to_string() } else { "内容与签名时不同 (content differs)".to_owned() };
    Signature { valid: same && *signer == received.region, detail }
}
