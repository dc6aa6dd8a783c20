//! A report before it leaves: computed once for whoever looks at it or lets it go, at a terminal or in a browser.

use std::sync::Arc;

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::report::{self, Report, ReportTable};
use tongpin_link::publish::ALONE;
use tongpin_store::{AuditDraft, MyReport, Person};

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::{self, AskedCollection};
use crate::ops::restored;
use crate::records::answer::{self, Answer, Basis};

/// What enters data that reports are made of, in the words of the audit log.
const ENTERING: [&str; 11] = [
    "project_new",
    "project_save",
    "evaluation_save",
    "import",
    "form_fill",
    "goal_fill",
    "goal_save",
    "goal_lines",
    "month_report",
    "record_take_back",
    "record_settle",
];

/// What would leave, and what left last.
pub(crate) struct ReportDraft {
    /// The answer to what was asked.
    pub(crate) answer: Answer,
    /// The report it would become.
    pub(crate) report: Report,
    /// The last report about the same collection, if there is one.
    pub(crate) last: Option<MyReport>,
    regions: Arc<Regions>,
}

/// The collection of this id, if it is asked of this node.
///
/// # Errors
/// [`Failure::NoCollection`], or the database cannot be read.
pub(crate) async fn find(app: &App, collection: &str) -> Result<AskedCollection, Failure> {
    let asked = guidance::asked(app.store(), &app.parent.region, &app.site.region()).await?;
    let found = asked.into_iter().find(|asked| asked.collection.id == collection);
    found.ok_or_else(|| Failure::NoCollection(collection.to_owned()))
}

/// 记录数大幅减少: a report of less than half the records of the last one, as an empty database would make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shrunk {
    /// How many records the last report was made of.
    pub(crate) before: u64,
    /// How many this one is.
    pub(crate) now: u64,
}

/// A person's word that a report may leave.
pub(crate) struct Approval<'a> {
    /// Who gives it.
    pub(crate) by: Person,
    /// It may leave though it says what was sent last.
    pub(crate) again: bool,
    /// The digest of what was seen, as [`ReportDraft::content`] tells it; none where nothing lies between seeing and
    /// sending.
    pub(crate) seen: Option<&'a str>,
    /// The number of records that was confirmed to be right though it is far below the last one.
    pub(crate) fewer: Option<u64>,
}

impl Shrunk {
    /// How an answer has shrunk since the last report, if it has.
    pub(crate) fn of(answer: &Answer, last: Option<&MyReport>) -> Option<Self> {
        let records = |tables: &[ReportTable]| tables.iter().map(|table| table.answer.records).max().unwrap_or(0);
        let last: Report = serde_json::from_str(&last?.payload).ok()?;
        let (before, now) = (records(&last.tables), records(&answer.tables));
        (now.saturating_mul(2) < before).then_some(Self { before, now })
    }
}

impl ReportDraft {
    /// How it has shrunk since the last report, if it has.
    pub(crate) fn shrunk(&self) -> Option<Shrunk> {
        Shrunk::of(&self.answer, self.last.as_ref())
    }

    /// Refuses a report of far fewer records than the last one, unless a person has confirmed this very number.
    ///
    /// # Errors
    /// [`Failure::Shrunk`].
    fn must_be_whole(&self, confirmed: Option<u64>) -> Result<(), Failure> {
        match self.shrunk() {
            Some(Shrunk { before, now }) if confirmed != Some(now) => Err(Failure::Shrunk { before, now }),
            _ => Ok(()),
        }
    }

    /// Computes the answer to a collection and the report that it would become; `by` is who would let it leave.
    ///
    /// # Errors
    /// Nothing of that name is asked, the egress contract does not allow it, or scores are missing or out of date.
    pub(crate) async fn prepare(app: &App, collection: &str, by: &str) -> Result<Self, Failure> {
        let store = app.store();
        let asked = find(app, collection).await?;
        let basis = Basis::load(store).await?;
        let answer = basis.answer(store, asked, &app.settings.own.egress).await?;
        let place = answer::next_place(store, collection, &app.parent.region).await?;
        let report = answer.report(&app.site.region(), place, app.site.now(), by);
        let last = answer::last_report(store, collection).await?;
        Ok(Self { answer, report, last, regions: app.site.regions().await? })
    }

    /// Whether there is nothing to send.
    pub(crate) fn is_sent(&self) -> bool {
        self.answer.is_sent(self.last.as_ref())
    }

    /// Whether it would count as late.
    pub(crate) fn is_late(&self, now: Moment) -> bool {
        now >= self.answer.asked.collection.deadline()
    }

    /// Refuses what was sent already.
    ///
    /// # Errors
    /// [`Failure::Unchanged`].
    fn must_be_new(&self) -> Result<(), Failure> {
        match &self.last {
            Some(last) if self.is_sent() => Err(Failure::Unchanged(last.revision)),
            _ => Ok(()),
        }
    }

    /// Refuses whoever entered some of what is told since the last report, unless the bureau has one clerk only.
    ///
    /// # Errors
    /// Somebody has to be another, or the database cannot be read.
    async fn must_be_anothers(&self, app: &App, approver: &Person) -> Result<(), Failure> {
        if app.store().one_clerk().await? {
            return Ok(());
        }
        let since = self.last.as_ref().map_or(Moment(i64::MIN), |last| last.at);
        let entered = app.store().audit_actors(&ENTERING, since).await?;
        if !entered.iter().any(|actor| Person::named(actor).is(approver)) {
            return Ok(());
        }
        let name = &approver.name;
        Err(Failure::input(
            format!(
                "{name} 在上次上报之后录入过数据，须由另一人审核上报；确实只有一名经办人员的，请安全管理员在“账号”页登记"
            ),
            format!(
                "{name} has entered data since the last report, so somebody else approves it; a bureau with one clerk only has the security administrator say so under Accounts"
            ),
        ))
    }

    /// Refuses what the parent would return.
    ///
    /// # Errors
    /// [`Failure::Report`].
    pub(crate) fn must_be_sound(&self) -> Result<(), Failure> {
        let own: &RegionCode = &self.report.region;
        let problems = report::check(&self.report, &self.answer.asked.collection, own, &self.regions);
        if problems.is_empty() { Ok(()) } else { Err(Failure::Report(problems)) }
    }

    /// The digest of what is told, whoever tells it and when: two that agree tell the same.
    ///
    /// # Errors
    /// A fault of the program: the report cannot be written.
    pub(crate) fn content(&self) -> Result<Digest, Failure> {
        let Report { collection_release, revision, tables, rules, .. } = &self.report;
        let told = serde_json::to_vec(&(collection_release, revision, tables, rules));
        Ok(Digest::of(&told.map_err(|error| Failure::internal(&error))?))
    }

    /// Checks everything that must hold before it may leave, in the order in which a person can do something about it.
    /// False if it is not what its approver saw.
    ///
    /// # Errors
    /// Why it may not leave, or the database cannot be read.
    pub(crate) async fn may_leave(&self, app: &App, approval: &Approval<'_>) -> Result<bool, Failure> {
        if !approval.again {
            self.must_be_new()?;
        }
        self.must_be_anothers(app, &approval.by).await?;
        if let Some(seen) = approval.seen
            && self.content()?.to_string() != seen
        {
            return Ok(false);
        }
        self.must_be_sound()?;
        restored::must_be_decided(app).await?;
        self.must_be_whole(approval.fewer)?;
        Ok(true)
    }

    /// Signs it and lets it go, with an audit entry whose detail is what leaves.
    ///
    /// # Errors
    /// It cannot be signed, the revision exists, or the database cannot be written.
    pub(crate) async fn send(&self, app: &App, entry: &AuditDraft<'_>) -> Result<Digest, Failure> {
        let alone = if self.report.approved_by.ends_with(ALONE) { format!("，{ALONE}") } else { String::new() };
        let detail = format!("第 {} 次，{} 组汇总数{alone}", self.report.revision, self.answer.groups());
        let entry = AuditDraft { detail: &detail, ..*entry };
        Ok(app.store().audited(&entry, tongpin_link::report::submit(&app.site, &self.report)).await?)
    }
}
