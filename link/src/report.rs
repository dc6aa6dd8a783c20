//! Reports on their way: sealing one, checking one that arrived, and the receipts that answer it. What a report must
//! be is decided in `domain::report`; here signatures, revisions and closed periods come in.

use std::sync::Arc;

use prost::Message;
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::collection::{Accepting, Collection};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::{self as content, Held, Place, Receipt, Report, Verdict};
use tongpin_proto::convert;
use tongpin_store::{Received, ReportState, Submission};

use crate::boxed;
use crate::error::{LinkError, chain};
use crate::sealed::{self, Purpose};
use crate::site::Site;

mod decision;
mod known;
mod undeclared;

pub use decision::{accept, give_back};
pub use known::unpublished;

/// Who decides where no person does.
const BY_CHECK: &str = "系统校验";

/// The longest report that is read, bytes.
const LONGEST: usize = 16 * 1024 * 1024;
/// The most reasons that one receipt names, and the most characters of each.
const MOST_REASONS: usize = 20;
const LONGEST_REASON: usize = 300;
/// How far beyond the next place a report is still kept, so that its author and this node find together again after
/// either was restored.
const FARTHEST: u64 = 1_000;

/// A report that arrived, after it was checked.
pub(crate) struct Inspected {
    /// What to keep, `None` if it cannot be read.
    pub(crate) received: Option<Received>,
    /// Names of the report as far as they could be read.
    collection: String,
    revision: u64,
    digest: Digest,
    judged: Judged,
}

/// What the check of a readable report found.
#[derive(Default)]
struct Judged {
    /// Why to return it; empty if it is sound.
    reasons: Vec<String>,
    /// A person must accept it, if nothing is wrong with it.
    review: bool,
    /// What is held as the latest, if it does not follow that.
    held: Option<Held>,
    /// It is not even kept: it answers nothing that is known here, or says what nobody asked for.
    strange: bool,
}

impl Judged {
    fn refused(reason: String) -> Self {
        Self { reasons: vec![reason], strange: true, ..Self::default() }
    }

    /// Reasons in bounds, for a receipt that somebody reads.
    fn bounded(mut self) -> Self {
        let beyond = self.reasons.len().saturating_sub(MOST_REASONS);
        self.reasons.truncate(MOST_REASONS);
        self.reasons = self.reasons.iter().map(|reason| shortened(reason, LONGEST_REASON)).collect();
        if beyond > 0 {
            self.reasons.push(format!("另有 {beyond} 处，更正以上各处后重新上报时再核对"));
        }
        self
    }

    fn verdict(&self) -> Verdict {
        match (self.reasons.is_empty(), self.review) {
            (false, _) => Verdict::Returned,
            (true, true) => Verdict::Received,
            (true, false) => Verdict::Accepted,
        }
    }
}

/// A receipt before it has its number.
#[derive(Debug, Clone)]
pub(crate) struct ReceiptDraft(Receipt);

impl ReceiptDraft {
    /// In the place of a receipt that this node made and has lost.
    pub(crate) fn of_a_lost_one(child: &RegionCode, at: Moment) -> Self {
        Self(Receipt {
            number: 0,
            collection: String::new(),
            region: child.clone(),
            revision: 0,
            report: Digest::NONE,
            verdict: Verdict::Returned,
            reasons: vec!["上级数据库由较早的备份恢复，此号原回执已缺失；相关上报会重新接收、另发回执".into()],
            by: BY_CHECK.into(),
            at,
            held: None,
            question: None,
        })
    }

    /// Tells whoever asked that a question was not taken in; the digest of what came tells which.
    pub(crate) fn of_a_refused_question(child: &RegionCode, question: Digest, reason: String, at: Moment) -> Self {
        Self(Receipt {
            number: 0,
            collection: String::new(),
            region: child.clone(),
            revision: 0,
            report: Digest::NONE,
            verdict: Verdict::Returned,
            reasons: vec![reason],
            by: BY_CHECK.into(),
            at,
            held: None,
            question: Some(question),
        })
    }

    /// The payload to sign, once the number is known.
    pub(crate) fn payload(&self, number: u64) -> Result<String, String> {
        serde_json::to_string(&Receipt { number, ..self.0.clone() }).map_err(|error| error.to_string())
    }
}

impl Inspected {
    /// The receipt that answers it.
    pub(crate) fn receipt(&self, child: &RegionCode, at: Moment) -> ReceiptDraft {
        self.draft(child, at, self.judged.verdict(), self.judged.reasons.clone())
    }

    /// The receipt that answers it if its revision is taken by other content.
    pub(crate) fn clash(&self, child: &RegionCode, at: Moment) -> ReceiptDraft {
        let reason = format!("第 {} 次上报已收到过内容不同的一份；请以新的次序重新上报", self.revision);
        self.draft(child, at, Verdict::Returned, vec![reason])
    }

    fn draft(&self, child: &RegionCode, at: Moment, verdict: Verdict, reasons: Vec<String>) -> ReceiptDraft {
        ReceiptDraft(Receipt {
            number: 0,
            collection: self.collection.clone(),
            region: child.clone(),
            revision: self.revision,
            report: self.digest,
            verdict,
            reasons,
            by: BY_CHECK.into(),
            at,
            held: self.judged.held,
            question: None,
        })
    }

    /// A report that nobody vouches for is not kept. What it calls itself is only told back to its sender, so that the
    /// sender sees which of its reports this is about.
    fn unsigned(envelope: &[u8], reason: String) -> Self {
        let payload = sealed::decode(envelope).map(|signed| signed.payload).unwrap_or_default();
        match serde_json::from_slice::<Report>(&payload) {
            Ok(report) => Self::unkept(&report, Digest::of(&payload), reason),
            Err(_) => Self::unreadable(Digest::of(envelope), reason),
        }
    }

    /// What cannot be kept is answered by its names.
    fn unkept(report: &Report, digest: Digest, reason: String) -> Self {
        let collection = shortened(&report.collection, LONGEST_REASON);
        Self { received: None, collection, revision: report.revision, digest, judged: Judged::refused(reason) }
    }

    fn unreadable(digest: Digest, reason: String) -> Self {
        Self { received: None, collection: String::new(), revision: 0, digest, judged: Judged::refused(reason) }
    }
}

/// Checks a report that a child sent: its signature, that it is exactly what was asked, its revision, and that the
/// period is open. A failing database is the only error; everything else becomes a reason to return it.
pub(crate) async fn inspect(site: &Arc<Site>, child: &RegionCode, envelope: &[u8]) -> Result<Inspected, LinkError> {
    let now = site.now();
    let report_of = |payload: &[u8]| serde_json::from_slice::<Report>(payload);
    let opened = sealed::decode(envelope).and_then(|signed| {
        // A report may wait longer for a line than its author's certificate lives, so it is checked for the moment it
        // names. Whoever has an old key still lacks the standing certificate of the link or bundle that brings it.
        let at = report_of(&signed.payload).map_or(now, |report| report.computed_at);
        sealed::open(site.identity().roots(), Purpose::Report, &signed, at)
    });
    let opened = match opened {
        Ok(opened) if opened.signer == *child => opened,
        Ok(opened) => {
            let reason = format!("上报由 {} 签名，不是 {child}", opened.signer);
            return Ok(refused(child, Inspected::unsigned(envelope, reason)));
        }
        Err(error) => {
            let reason = format!("上报的签名无效：{}", chain(&error));
            return Ok(refused(child, Inspected::unsigned(envelope, reason)));
        }
    };
    let digest = Digest::of(&opened.payload);
    if opened.payload.len() > LONGEST {
        let reason = format!("上报内容长 {} 字节，超过上限 {LONGEST} 字节", opened.payload.len());
        return Ok(refused(child, Inspected::unreadable(digest, reason)));
    }
    let report = match report_of(&opened.payload) {
        Ok(report) => report,
        Err(error) => {
            let reason = shortened(&format!("上报内容无法识别：{error}"), LONGEST_REASON);
            return Ok(refused(child, Inspected::unreadable(digest, reason)));
        }
    };
    if let Err(invalid) = convert::number("revision", report.revision) {
        // No database keeps it under this number: it is answered, and what follows it flows.
        let reason = format!("上报次序 {} 超出范围；请以正确的次序重新上报", invalid.found);
        return Ok(refused(child, Inspected::unkept(&report, digest, reason)));
    }
    let judged = match undeclared::found(&opened.payload, &report) {
        Some(reason) => Judged::refused(reason),
        None => judge(site, child, &report, digest).await?,
    };
    let judged = judged.bounded();
    let verdict = match judged.verdict() {
        Verdict::Received => tongpin_store::Verdict::Received,
        Verdict::Accepted => tongpin_store::Verdict::Accepted,
        Verdict::Returned => tongpin_store::Verdict::Returned,
    };
    let received = (!judged.strange).then(|| Received {
        collection: report.collection.clone(),
        region: child.clone(),
        revision: report.revision,
        digest,
        payload: String::from_utf8_lossy(&opened.payload).into_owned(),
        envelope: envelope.to_vec(),
        received_at: now,
        verdict,
        reasons: judged.reasons.clone(),
        decided_by: BY_CHECK.into(),
        decided_at: now,
    });
    let (collection, revision) = (shortened(&report.collection, LONGEST_REASON), report.revision);
    Ok(refused(child, Inspected { received, collection, revision, digest, judged }))
}

fn refused(child: &RegionCode, inspected: Inspected) -> Inspected {
    if !inspected.judged.reasons.is_empty() {
        tracing::warn!(
            child = %child, collection = inspected.collection, revision = inspected.revision,
            reasons = inspected.judged.reasons.join(";"), "a report was returned"
        );
    }
    inspected
}

/// Why to return it, whether a person must accept it, and what is held as the latest if it does not follow that.
async fn judge(site: &Site, child: &RegionCode, report: &Report, digest: Digest) -> Result<Judged, LinkError> {
    let id = CatalogId::new(site.region(), "collections");
    let collection = match known::collection(site, &id, report).await? {
        Ok(collection) => collection,
        Err(reason) => {
            // Under a name that is known it takes its place, so that the next revision can follow it.
            let known = site.store.entry(&id, &report.collection).await?.is_some();
            let strange = !known || too_far(report, latest(site, child, report).await?);
            return Ok(Judged { strange, ..Judged::refused(reason) });
        }
    };
    let review = needs_review(site, &id, &report.collection).await?;
    let mut problems = content::check(report, &collection, child, &*site.regions().await?);
    problems.extend(content::check_approver(report));
    let mut reasons: Vec<String> = problems.iter().map(|problem| problem.say(Lang::Zh)).collect();
    if problems.is_empty() {
        reasons.extend(unpublished(site, &report.rules).await?);
    }
    let state = site.store.collection_state(&report.collection).await?;
    if state.is_some_and(|state| !state.open) {
        reasons.push("本期归集已关闭；如需更正，请联系上级重新开放".into());
    }
    // A revision sent again is judged as it was; only a new one must follow the last.
    let known = site.store.received_one(&report.collection, child, report.revision).await?;
    let (mut held, mut strange) = (None, false);
    if known.is_none_or(|known| known.digest != digest) {
        let last = latest(site, child, report).await?;
        strange = too_far(report, last);
        if Place::after(last) != (Place { revision: report.revision, replaces: report.replaces }) {
            let (had, told) = (last.revision, report.revision);
            reasons.push(format!("上报次序不衔接：上级已收到第 {had} 次，本次为第 {told} 次"));
            // A node restored from an old copy does not know it; told so, it can go on from there.
            held = Some(last);
        }
    }
    Ok(Judged { reasons, review, held, strange })
}

/// Whether a person must accept reports: as the collection says now. Which of its releases a report answers is said by
/// the report's author, who must not choose whether anybody looks at it: a person looks also where the collection was
/// taken away since.
async fn needs_review(site: &Site, catalog: &CatalogId, collection: &str) -> Result<bool, LinkError> {
    let now = site.store.entry(catalog, collection).await?;
    let now = now.and_then(|entry| serde_json::from_str::<Collection>(&entry.body).ok());
    Ok(now.is_none_or(|now| now.accepting == Accepting::ByReview))
}

/// The latest revision that is held, counted or not.
async fn latest(site: &Site, child: &RegionCode, report: &Report) -> Result<Held, LinkError> {
    let last = site.store.received_last(&report.collection, child).await?;
    Ok(last.map_or(Held::NONE, |(revision, digest)| Held { revision, digest }))
}

/// Whether a report stands where none can follow it.
fn too_far(report: &Report, last: Held) -> bool {
    report.revision == 0 || report.revision > last.revision.saturating_add(FARTHEST)
}

/// A text that came from outside, short enough to be told back.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Signs a report and puts it on its way: kept here, and sent as soon as there is a line.
///
/// # Errors
/// The report cannot be signed, the revision exists, or the database cannot be written.
#[boxed]
pub async fn submit(site: &Site, report: &Report) -> Result<Digest, LinkError> {
    let payload = serde_json::to_string(report).map_err(|error| LinkError::Internal(error.to_string()))?;
    let signed = sealed::seal(&site.identity(), Purpose::Report, payload.as_bytes())?;
    let digest = Digest::of(payload.as_bytes());
    site.store
        .submit_report(&Submission {
            collection: &report.collection,
            revision: report.revision,
            digest,
            payload: &payload,
            envelope: &signed.encode_to_vec(),
            approved_by: &report.approved_by,
            at: site.now(),
        })
        .await?;
    Ok(digest)
}

/// How a report stands after a verdict.
pub(crate) fn state_of(verdict: Verdict) -> ReportState {
    match verdict {
        Verdict::Received => ReportState::Received,
        Verdict::Accepted => ReportState::Accepted,
        Verdict::Returned => ReportState::Returned,
    }
}

/// Which of this node's reports a receipt is about, and what became of it; `None` if it is about none. Collection and
/// revision alone do not tell: a node restored from an old copy uses the numbers of revisions that it has forgotten.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn receipt_about(
    site: &Site,
    receipt: &Receipt,
) -> Result<Option<(String, u64, ReportState)>, LinkError> {
    if receipt.question.is_some() {
        return Ok(None);
    }
    let state = state_of(receipt.verdict);
    let Receipt { collection, revision, report, .. } = receipt;
    let mine = site.store.my_reports(collection).await?;
    let known = mine.iter().any(|mine| mine.revision == *revision && mine.digest == *report);
    Ok((known && receipt.region == site.region()).then(|| (collection.clone(), *revision, state)))
}

/// The reason to set a record aside: its body must be a JSON object.
pub(crate) fn not_an_object(body: &str) -> Option<String> {
    match serde_json::from_str::<serde::de::IgnoredAny>(body) {
        Err(error) => Some(format!("内容不是 JSON:{error}")),
        Ok(_) if !body.trim_start().starts_with('{') => Some("内容不是 JSON 对象".into()),
        Ok(_) => None,
    }
}
