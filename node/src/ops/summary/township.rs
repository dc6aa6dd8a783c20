//! The townships as a county sees them.

use serde::Serialize;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_link::admin::{self, Node};
use tongpin_store::ChildStatus;

use crate::app::App;
use crate::failure::Failure;

/// One township.
#[derive(Debug, Serialize)]
pub(crate) struct ChildLine {
    /// Its region.
    pub(crate) region: RegionCode,
    /// Its name.
    pub(crate) name: String,
    /// `invited`, `active` or `revoked`.
    pub(crate) status: &'static str,
    /// It was heard of lately; unknown while no `serve` runs here, because nobody listens then.
    pub(crate) heard: Option<bool>,
    /// When it was last heard of.
    pub(crate) last_contact: Option<Moment>,
    /// When its certificate ends.
    pub(crate) certificate_ends: Option<Moment>,
    /// Its program's version.
    pub(crate) software: String,
    /// How far its clock was ahead.
    pub(crate) clock_offset_ms: Option<i64>,
    /// Free bytes on its disk.
    pub(crate) disk_free: Option<u64>,
    /// It holds every release that it should.
    pub(crate) current: bool,
    /// What it lacks, and why.
    pub(crate) behind: Vec<Outdated>,
    /// Two machines use its identity, in words for people: Chinese and English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) twin: Option<(String, String)>,
    /// Records of it that its present database has not sent: it was restored from an older copy.
    pub(crate) left_behind: u64,
}

/// A release that a township does not hold yet.
#[derive(Debug, Serialize)]
pub(crate) struct Outdated {
    /// The catalog, with its publisher.
    pub(crate) catalog: String,
    /// The release it should have.
    pub(crate) due: u64,
    /// `waiting`, `announced`, `fetched`, `applied` (an older one) or `refused`.
    pub(crate) progress: &'static str,
    /// Why it was refused.
    pub(crate) reason: String,
}

/// The townships.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn children(app: &App, regions: &Regions) -> Result<Vec<ChildLine>, Failure> {
    let serving = admin::serving(&app.data).is_some();
    let left = app.statistics.left_behind(app.store()).await?;
    let mut lines = Vec::new();
    for node in admin::nodes(&app.site).await? {
        let left_behind = left.get(&node.child.region).copied().unwrap_or_default();
        lines.push(child_line(&node, regions, serving.then(|| app.site.now()), left_behind));
    }
    Ok(lines)
}

fn child_line(node: &Node, regions: &Regions, listening: Option<Moment>, left_behind: u64) -> ChildLine {
    let child = &node.child;
    let now = listening.unwrap_or(Moment(i64::MAX));
    let twin_said = |lang| admin::twin_said(&regions.name(&child.region), node, now, lang);
    let behind = node.releases.iter().filter(|release| !release.is_current()).map(|release| Outdated {
        catalog: release.catalog.to_string(),
        due: release.due,
        progress: release.state.as_ref().map_or("waiting", |state| state.progress.word()),
        reason: release.state.as_ref().map(|state| state.reason.clone()).unwrap_or_default(),
    });
    ChildLine {
        region: child.region.clone(),
        name: regions.name(&child.region),
        status: child.status.word(),
        heard: listening.map(|now| node.is_heard(now)),
        last_contact: child.last_contact,
        certificate_ends: child.not_after.filter(|_| child.status == ChildStatus::Active),
        software: child.software.clone(),
        clock_offset_ms: child.clock_offset_ms,
        disk_free: child.disk_free,
        current: node.is_current(),
        behind: behind.collect(),
        twin: twin_said(Lang::Zh).zip(twin_said(Lang::En)),
        left_behind,
    }
}
