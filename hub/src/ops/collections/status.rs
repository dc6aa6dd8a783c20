//! One collection, what it asks, and where every region stands with it.

use std::collections::BTreeMap;

use serde::Serialize;
use tongpin_domain::collection::Collection;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_domain::rollup::Coverage;
use tongpin_store::{CollectionState, Received, Verdict};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;

/// One collection as it stands.
#[derive(Serialize)]
pub(crate) struct CollectionStatus {
    /// What is asked.
    pub(crate) collection: Collection,
    pub(crate) release: u64,
    pub(crate) open: bool,
    /// Why and by whom it was closed or opened again.
    pub(crate) reason: String,
    pub(crate) decided_by: String,
    pub(crate) coverage: Coverage,
    pub(crate) regions: Vec<RegionState>,
}

/// Where a region stands; every revision that it sent.
#[derive(Serialize)]
pub(crate) struct RegionState {
    pub(crate) region: RegionCode,
    pub(crate) name: String,
    reported: bool,
    /// A revision waits for a person.
    awaiting: bool,
    late: bool,
    /// Why what it reported is not counted, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<String>,
    pub(crate) revisions: Vec<Revision>,
}

/// One revision.
#[derive(Serialize)]
pub(crate) struct Revision {
    #[serde(rename = "revision")]
    pub(crate) number: u64,
    digest: Digest,
    pub(crate) received_at: Moment,
    /// `received`, `accepted`, `returned` or `replaced`.
    verdict: &'static str,
    pub(crate) reasons: Vec<String>,
    decided_by: String,
    pub(crate) approved_by: String,
}

/// A collection and where every region stands with it.
///
/// # Errors
/// There is none of this id, or the database cannot be read.
pub(crate) async fn gather(app: &App, id: &str) -> Result<CollectionStatus, Failure> {
    let evidence = Collected::gather(app, id).await?;
    let all = app.store().received_all(id).await?;
    let state = app.store().collection_state(id).await?;
    Ok(shown(evidence, all, state))
}

fn shown(evidence: Collected, all: Vec<Received>, state: Option<CollectionState>) -> CollectionStatus {
    let Collected { collection, release, regions, coverage, open, .. } = evidence;
    let mut revisions: BTreeMap<RegionCode, Vec<Revision>> = BTreeMap::new();
    for received in all {
        let approved_by = crate::ops::collected::read(&received).map(|report| report.approved_by).unwrap_or_default();
        revisions.entry(regions.current(&received.region)).or_default().push(Revision {
            number: received.revision,
            digest: received.digest,
            received_at: received.received_at,
            verdict: received.verdict.word(),
            reasons: received.reasons,
            decided_by: received.decided_by,
            approved_by,
        });
    }
    // A region whose only report was returned counts as missing, so everybody with a revision is listed as well.
    let mut codes: Vec<RegionCode> = coverage.everyone().map(|unit| unit.code.clone()).collect();
    codes.extend(revisions.keys().cloned());
    codes.sort();
    codes.dedup();
    let rows = codes.into_iter().map(|code| RegionState {
        name: regions.name(&code),
        reported: coverage.reported.iter().any(|unit| unit.code == code),
        awaiting: coverage.awaiting.iter().any(|unit| unit.code == code),
        late: coverage.late.iter().any(|unit| unit.code == code),
        left_out: coverage.why_left_out(&code).map(str::to_owned),
        revisions: revisions.remove(&code).unwrap_or_default(),
        region: code,
    });
    let rows = rows.collect();
    let (reason, decided_by) = state.map(|state| (state.reason, state.by)).unwrap_or_default();
    CollectionStatus { collection, release, open, reason, decided_by, coverage, regions: rows }
}

impl RegionState {
    /// The revision that says where it stands: the one that waits for a person, else the newest.
    pub(crate) fn telling(&self) -> Option<&Revision> {
        let waiting = self.revisions.iter().rfind(|revision| revision.verdict == Verdict::Received.word());
        waiting.or(self.revisions.last())
    }

    /// Why its newest does not count: what it was returned for, or what is wrong with its figures.
    pub(crate) fn reasons(&self, lang: Lang) -> String {
        let returned = self.telling().map(|last| last.reasons.as_slice()).unwrap_or_default();
        let all: Vec<&str> = returned.iter().chain(&self.left_out).map(String::as_str).collect();
        all.join(lang.pick("；", "; "))
    }

    fn was_returned(&self) -> bool {
        self.revisions.last().is_some_and(|last| last.verdict == Verdict::Returned.word())
    }

    /// Where it stands, in a word for filters and programs: `awaiting`, `returned`, `accepted`,
    /// `left_out` or `missing`.
    pub(crate) fn standing(&self) -> &'static str {
        match (self.awaiting, self.was_returned(), self.reported) {
            (true, _, _) => "awaiting",
            (_, true, _) => "returned",
            (_, _, true) => "accepted",
            _ if self.left_out.is_some() => "left_out",
            _ => "missing",
        }
    }

    /// Where it stands, in a word for people.
    pub(crate) fn state(&self, overdue: bool, lang: Lang) -> &'static str {
        match (self.standing(), self.reported) {
            ("left_out", _) => lang.pick("已报，未计入汇总", "reported, not counted"),
            ("awaiting", true) => lang.pick("已报，更正待审核", "reported, a newer one awaits review"),
            ("awaiting", false) => lang.pick("已收，待审核", "received, awaiting review"),
            ("returned", true) => lang.pick("已报，最近一次被退回", "reported, last one returned"),
            ("returned", false) => lang.pick("已退回，待重报", "returned, to be sent again"),
            (_, true) if self.late => lang.pick("已报（迟报）", "reported (late)"),
            (_, true) => lang.pick("已报", "reported"),
            (_, false) if overdue => lang.pick("未报（已逾期）", "missing (overdue)"),
            (_, false) => lang.pick("未报", "missing"),
        }
    }

    fn row(&self, overdue: bool, lang: Lang) -> Vec<String> {
        let last = self.telling();
        let dash = || "—".to_owned();
        vec![
            self.region.to_string(),
            self.name.clone(),
            self.state(overdue, lang).to_owned(),
            last.map_or_else(dash, |last| last.number.to_string()),
            last.map_or_else(dash, |last| last.received_at.to_string()),
            last.map_or_else(dash, |last| last.approved_by.clone()),
            self.reasons(lang),
        ]
    }
}

impl CollectionStatus {
    /// Whether it takes reports, and who has reported.
    pub(crate) fn state(&self, lang: Lang) -> String {
        let Self { reason, decided_by, .. } = self;
        let state = match (self.open, reason.is_empty()) {
            (true, true) => lang.pick("开放中", "open").to_owned(),
            (true, false) => format!("{}（{decided_by} {reason}）", lang.pick("已重新开放", "open again")),
            (false, true) => format!("{}（{decided_by}）", lang.pick("已关闭", "closed")),
            (false, false) => format!("{}（{decided_by} {reason}）", lang.pick("已关闭", "closed")),
        };
        format!("{}{state}。{}", lang.pick("状态：", "State: "), self.coverage.say(lang))
    }

    /// What stands above [`CollectionStatus::rows`].
    pub(crate) fn headers(lang: Lang) -> Vec<&'static str> {
        match lang {
            Lang::Zh => vec!["区划", "名称", "状态", "次数", "收到时间", "审核", "原因"],
            Lang::En => vec!["Region", "Name", "State", "Revision", "Received", "Approved by", "Reasons"],
        }
    }

    /// Every region with its last revision.
    pub(crate) fn rows(&self, lang: Lang) -> Vec<Vec<String>> {
        self.regions.iter().map(|region| region.row(self.coverage.overdue, lang)).collect()
    }

    /// The last report of each region that counts or waits, and can be given back: `region/revision`, and what it is
    /// called.
    pub(crate) fn latest(&self, lang: Lang) -> Vec<(String, String)> {
        let stands = [Verdict::Received.word(), Verdict::Accepted.word()];
        let last = |region: &RegionState| region.revisions.iter().rposition(|one| stands.contains(&one.verdict));
        let kept = self.regions.iter().filter_map(|region| Some((region, region.revisions.get(last(region)?)?)));
        kept.map(|(region, last)| {
            let (code, number) = (&region.region, last.number);
            let zh = format!("{} 第 {number} 次（{}）", region.name, last.received_at);
            let en = format!("{} revision {number} ({})", region.name, last.received_at);
            (format!("{code}/{number}"), lang.pick(&zh, &en).to_owned())
        })
        .collect()
    }
}
