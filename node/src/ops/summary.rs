//! How this node stands, gathered once for the `status` command and for the console's first page.

mod forms;
mod township;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;
use tongpin_domain::guidance::Notice;
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::admin::{self, Serving};
use tongpin_link::clock_watch::Jump;
use tongpin_link::uplink::{LinkState, Refused, Suspension, Warning};
use tongpin_store::{ReportState, Stall, Store, StoreError, UNSCORED};

pub(crate) use forms::{FormLine, FormStanding, Left};
pub(crate) use township::{ChildLine, children};

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::{self, Unread};
use crate::ops::questions;
use crate::ops::restored::Restored;
use crate::ops::unasked::{self, Unasked};
use crate::records::SetAside;
use crate::records::receipts;

const DAY_S: i64 = 24 * 3600;

/// Everything a person needs to see first.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// 区划代码
    pub(crate) region: RegionCode,
    /// 名称，the code itself while the divisions have not come.
    pub(crate) name: String,
    /// The program's version.
    pub(crate) software: &'static str,
    /// The database's incarnation.
    pub(crate) incarnation: String,
    /// Its size.
    pub(crate) database_bytes: u64,
    /// The running `serve`, none if it does not run.
    pub(crate) serving: Option<Serving>,
    /// Whom it follows, and how that goes.
    pub(crate) parent: ParentLine,
    /// When the certificate ends.
    pub(crate) certificate_ends: Moment,
    /// What the parent warns of.
    pub(crate) warnings: Vec<Warning>,
    /// This node is shut out by its parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suspension: Option<Suspension>,
    /// This machine's clock jumped and is being watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clock_jump: Option<Jump>,
    /// What others share.
    pub(crate) catalogs: Vec<CatalogLine>,
    /// What is asked.
    pub(crate) collections: Vec<CollectionLine>,
    /// Collections that this node may report by itself and cannot.
    pub(crate) stalls: Vec<StallLine>,
    /// What the configuration lets leave by itself and nobody asks.
    pub(crate) unasked: Vec<Unasked>,
    /// Records by kind.
    pub(crate) records: BTreeMap<&'static str, u64>,
    /// Scores by status.
    pub(crate) scores: BTreeMap<String, u64>,
    /// Projects that have no score.
    pub(crate) unscored: u64,
    /// Projects whose records have changed since they were scored, or that are about to get their first score.
    pub(crate) due: u64,
    /// Lines that wait for a person.
    pub(crate) lines_waiting: u64,
    /// Projects that are not filled in, by whose records they are.
    pub(crate) incomplete: BTreeMap<RegionCode, u64>,
    /// Projects in whose lines a reason for a deviation is missing.
    pub(crate) reasons_missing: u64,
    /// Releases that were refused and have not come again.
    pub(crate) refused: Vec<Refused>,
    /// What the parent has not acknowledged.
    pub(crate) unsent: Vec<UnsentLine>,
    /// Records that do not take part.
    pub(crate) set_aside: Vec<SetAside>,
    /// Entries of the levels above that cannot be used here.
    pub(crate) unread: Vec<Unread>,
    /// How documents stand that somebody has to do something about.
    pub(crate) forms: Vec<FormLine>,
    /// Townships.
    pub(crate) children: Vec<ChildLine>,
    /// How this database stands to what the parent holds, if somebody has to look.
    pub(crate) restored: Option<Restored>,
}

/// The parent.
#[derive(Debug, Serialize)]
pub(crate) struct ParentLine {
    /// Its region.
    pub(crate) region: RegionCode,
    /// Its name.
    pub(crate) name: String,
    /// `host:port`
    pub(crate) address: String,
    /// How the link was when it was last looked at.
    pub(crate) link: LinkState,
}

/// One catalog.
#[derive(Debug, Serialize)]
pub(crate) struct CatalogLine {
    /// Who publishes it.
    pub(crate) publisher: RegionCode,
    /// Its name.
    pub(crate) catalog: String,
    /// The release that is held.
    pub(crate) release: u64,
    /// How many entries of it are for this region.
    pub(crate) entries: u64,
    /// When it was signed.
    pub(crate) signed_at: Option<Moment>,
    /// Its note.
    pub(crate) note: String,
}

/// One collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CollectionLine {
    /// Its id.
    pub(crate) id: String,
    /// 任务名称
    pub(crate) title: String,
    /// 期间
    pub(crate) period: String,
    /// 截止日期
    pub(crate) due: String,
    /// `open`, `submitted`, `received`, `accepted` or `returned`.
    pub(crate) state: &'static str,
    /// The last revision, 0 for none.
    pub(crate) revision: u64,
    /// Whole days until it is too late; none left is today, and below that it is too late.
    pub(crate) days_left: i64,
    /// The due day has passed and nothing has been accepted.
    pub(crate) overdue: bool,
    /// Why it was returned.
    pub(crate) reasons: Vec<String>,
    /// When a person at the parent accepted the last revision; none if the parent's check did, or nobody has.
    pub(crate) passed_at: Option<Moment>,
    /// When the parent last reminded of it (催报), as long as a report is owed.
    pub(crate) reminded_at: Option<Moment>,
}

/// 自动上报受阻: why a collection is not reported by itself.
#[derive(Debug, Serialize)]
pub(crate) struct StallLine {
    /// The collection's id.
    pub(crate) collection: String,
    /// Since when it is for this reason.
    pub(crate) since: Moment,
    /// Why, and what to do, in Chinese.
    pub(crate) reason_zh: String,
    /// The same in English.
    pub(crate) reason_en: String,
}

/// One stream.
#[derive(Debug, Serialize)]
pub(crate) struct UnsentLine {
    /// `records` or `reports`
    pub(crate) stream: &'static str,
    /// How many changes.
    pub(crate) count: u64,
    /// When the oldest was written.
    pub(crate) oldest: Option<Moment>,
}

impl Summary {
    /// Gathers it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn gather(app: &App) -> Result<Self, Failure> {
        let store = app.store();
        let region = app.site.region();
        let regions = guidance::regions(store).await?;
        let counted = app.statistics.now(store).await?;
        let mut scores = counted.projects.by_status.clone();
        let unscored = scores.remove(UNSCORED).unwrap_or_default();
        let unsent = admin::unsent(&app.site, &app.parent).await?.into_iter();
        Ok(Self {
            name: regions.name(&region),
            software: tongpin_link::SOFTWARE,
            incarnation: store.incarnation().await?,
            database_bytes: store.size_bytes().await?,
            serving: admin::serving(&app.data),
            parent: ParentLine {
                region: app.parent.region.clone(),
                name: regions.name(&app.parent.region),
                address: app.parent.address.clone(),
                link: LinkState::load(store).await?,
            },
            certificate_ends: app.site.identity().not_after(),
            warnings: Warning::standing(store, app.site.now()).await?,
            suspension: Suspension::load(store).await?,
            clock_jump: Jump::load(store).await?,
            catalogs: catalogs(store, &region).await?,
            collections: collections(app).await?,
            stalls: stalls(store).await?,
            unasked: unasked::unasked(app).await?,
            records: counted.records.clone(),
            scores,
            unscored,
            due: store.count_due().await?,
            lines_waiting: counted.projects.waiting,
            incomplete: counted.projects.incomplete.clone(),
            reasons_missing: counted.projects.reasons_missing,
            refused: Refused::load(store).await?,
            unsent: unsent
                .map(|unsent| UnsentLine { stream: unsent.stream, count: unsent.count, oldest: unsent.oldest })
                .collect(),
            set_aside: app.statistics.read(store).await?.set_aside().cloned().collect(),
            unread: guidance::unread(store).await?,
            forms: forms::lines(app).await?,
            children: children(app, &regions).await?,
            restored: Restored::load(app).await?,
            region,
        })
    }

    /// What stands in the way of this node's identity, in words for people.
    pub(crate) fn troubles(&self, lang: Lang) -> Vec<String> {
        let own = self.suspension.iter().map(|one| one.say(lang));
        let told = self.warnings.iter().map(|one| one.say(lang));
        own.chain(told).chain(self.clock_jump.iter().map(|one| one.say(lang))).collect()
    }

    /// Whether the link to the parent is up: `serve` runs and said so last.
    pub(crate) fn is_connected(&self) -> bool {
        self.serving.is_some() && self.parent.link.connected
    }
}

/// The catalogs that this node holds.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn catalogs(store: &Store, own: &RegionCode) -> Result<Vec<CatalogLine>, Failure> {
    let mut lines = Vec::new();
    for head in store.heads().await? {
        let release = store.release(&head.catalog, head.number).await?.map(|signed| signed.release);
        let ours = |part: &&tongpin_domain::catalog::Part| part.audience.reaches(own);
        let entries = release.iter().flat_map(|release| &release.parts).filter(ours).map(|part| part.count).sum();
        lines.push(CatalogLine {
            publisher: head.catalog.publisher,
            catalog: head.catalog.name,
            release: head.number,
            entries,
            signed_at: release.as_ref().map(|release| release.signed_at),
            note: release.map(|release| release.note).unwrap_or_default(),
        });
    }
    Ok(lines)
}

/// The collections that are asked of this node, and how far each has come.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn collections(app: &App) -> Result<Vec<CollectionLine>, Failure> {
    let store = app.store();
    let reports = store.my_latest().await?;
    let receipts = receipts::all(store).await?;
    let now = app.site.now();
    let asked = guidance::asked(store, &app.parent.region, &app.site.region()).await?;
    let notices = questions::notices(app).await?;
    let reminders: Vec<&Notice> =
        notices.iter().filter(|one| one.publisher == app.parent.region).map(|one| &one.value).collect();
    Ok(asked
        .into_iter()
        .map(|asked| {
            let collection = asked.collection;
            let last = reports.iter().find(|report| report.collection == collection.id);
            let state = last.map_or("open", |report| state_word(report.state));
            let owed = matches!(state, "open" | "returned");
            // What was reminded of before the last report left is settled, also if that was given back.
            let later = |notice: &Notice| last.is_none_or(|report| notice.at > report.at);
            let reminds = |notice: &&&Notice| owed && notice.reminds.as_ref() == Some(&collection.id) && later(notice);
            CollectionLine {
                state,
                passed_at: last.and_then(|report| receipts::passed(report, &receipts)),
                reminded_at: reminders.iter().filter(reminds).map(|notice| notice.at).max(),
                revision: last.map_or(0, |report| report.revision),
                days_left: collection.deadline().seconds_since(now).div_euclid(DAY_S),
                overdue: now >= collection.deadline() && owed,
                reasons: last.map(|report| receipts::reasons(report, &receipts)).unwrap_or_default(),
                due: collection.due.to_string(),
                id: collection.id,
                title: collection.title,
                period: collection.period,
            }
        })
        .collect())
}

/// What keeps collections from being reported by themselves.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn stalls(store: &Store) -> Result<Vec<StallLine>, StoreError> {
    let line = |stall: Stall| {
        let Stall { collection, since, zh, en } = stall;
        StallLine { collection, since, reason_zh: zh, reason_en: en }
    };
    Ok(store.stalls().await?.into_iter().map(line).collect())
}

/// The word for a report's state in machine-readable output.
pub(crate) fn state_word(state: ReportState) -> &'static str {
    match state {
        ReportState::Submitted => "submitted",
        ReportState::Received => "received",
        ReportState::Accepted => "accepted",
        ReportState::Returned => "returned",
    }
}
