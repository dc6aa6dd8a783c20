//! 节点: every child with its link, its certificate and its releases.

use serde::Serialize;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_link::admin;
use tongpin_link::clock_watch::{self, Blame};
use tongpin_store::{ChildStatus, Progress};

use crate::app::App;
use crate::failure::Failure;

/// How far a clock may be off, milliseconds.
const CLOCK_MS: u64 = 60_000;
/// What a child said of its clock longer ago says nothing of ours now.
const FRESH_S: i64 = 24 * 3600;

/// One child, as programs read it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) region: RegionCode,
    /// The division's present code, where it joined under a former one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) present: Option<RegionCode>,
    pub(crate) name: String,
    /// `invited`, `active` or `revoked`.
    pub(crate) status: &'static str,
    /// Unknown while no `serve` runs here: nobody listens then.
    pub(crate) connected: Option<bool>,
    pub(crate) last_contact: Option<Moment>,
    pub(crate) certificate_ends: Option<Moment>,
    pub(crate) invited_until: Option<Moment>,
    pub(crate) software: String,
    pub(crate) clock_offset_ms: Option<i64>,
    pub(crate) disk_free_bytes: Option<u64>,
    /// Holds all that was rolled out to it.
    pub(crate) current: bool,
    pub(crate) catalogs: Vec<CatalogRow>,
    /// Two machines use its identity, in words for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) twin: Option<(String, String)>,
    #[serde(skip)]
    pub(crate) now: Moment,
}

/// One catalog of one child.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CatalogRow {
    pub(crate) publisher: RegionCode,
    pub(crate) catalog: String,
    /// The release it should have, 0 for none.
    pub(crate) due: u64,
    /// The release that it spoke of last, 0 for none.
    pub(crate) number: u64,
    /// `waiting`, `announced`, `fetched`, `applied`, `refused` or `claimed`.
    pub(crate) state: &'static str,
    pub(crate) reason: String,
    pub(crate) current: bool,
}

/// The children, sorted by region.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn rows(app: &App) -> Result<Vec<Row>, Failure> {
    let (regions, now) = (app.regions().await?, app.site.now());
    let serving = admin::serving(&app.data).is_some();
    let nodes = admin::nodes(&app.site).await?;
    Ok(nodes.into_iter().map(|node| row(&node, &regions, now, serving)).collect())
}

pub(crate) fn row(node: &admin::Node, regions: &Regions, now: Moment, serving: bool) -> Row {
    let child = &node.child;
    let catalogs = node.releases.iter().map(|release| CatalogRow {
        publisher: release.catalog.publisher.clone(),
        catalog: release.catalog.name.clone(),
        due: release.due,
        number: release.state.as_ref().map_or(0, |state| state.number),
        state: release.state.as_ref().map_or("waiting", |state| state.progress.word()),
        reason: release.state.as_ref().map(|state| state.reason.clone()).unwrap_or_default(),
        current: release.is_current(),
    });
    Row {
        name: regions.name(&child.region),
        present: Some(regions.current(&child.region)).filter(|now| *now != child.region),
        region: child.region.clone(),
        status: child.status.word(),
        connected: serving.then(|| node.is_heard(now)),
        last_contact: child.last_contact,
        certificate_ends: child.not_after.filter(|_| child.status != ChildStatus::Invited),
        invited_until: node.invitation.as_ref().map(|invitation| invitation.expires_at),
        software: child.software.clone(),
        clock_offset_ms: child.clock_offset_ms,
        disk_free_bytes: child.disk_free,
        current: node.is_current(),
        catalogs: catalogs.collect(),
        twin: twin(node, &regions.name(&child.region), now),
        now,
    }
}

pub(crate) fn twin(node: &admin::Node, name: &str, now: Moment) -> Option<(String, String)> {
    let said = |lang| admin::twin_said(name, node, now, lang);
    said(Lang::Zh).zip(said(Lang::En))
}

/// Whose clock is wrong, by what those that are connected said of theirs.
pub(crate) fn blame(rows: &[Row]) -> Blame {
    let told = |row: &Row| {
        let fresh = row.last_contact.is_some_and(|at| row.now.seconds_since(at).abs() <= FRESH_S);
        let named = row.clock_offset_ms.map(|ahead| (row.name.clone(), ahead));
        named.filter(|_| fresh || row.connected == Some(true))
    };
    let peers: Vec<(String, i64)> = rows.iter().filter(|row| row.status == "active").filter_map(told).collect();
    clock_watch::blame(&peers, CLOCK_MS)
}

/// How long ago, as people say it.
pub(crate) fn ago(at: Moment, now: Moment, lang: Lang) -> String {
    let seconds = now.seconds_since(at).max(0);
    let (amount, zh, en) = match seconds {
        0..10 => return lang.pick("刚刚", "just now").to_owned(),
        10..60 => (seconds, "秒前", "s ago"),
        60..3600 => (seconds / 60, "分钟前", "min ago"),
        3600..86400 => (seconds / 3600, "小时前", "h ago"),
        _ => (seconds / 86400, "天前", "days ago"),
    };
    format!("{amount} {}", lang.pick(zh, en))
}

impl CatalogRow {
    /// What becomes of it, in a few words.
    pub(crate) fn said(&self, lang: Lang) -> String {
        let number = self.number;
        let word = [Progress::Announced, Progress::Fetched, Progress::Applied, Progress::Refused, Progress::Claimed]
            .into_iter()
            .find(|progress| progress.word() == self.state);
        let (zh, en) = match word {
            None => (format!("第 {} 版待送达", self.due), format!("release {} waits", self.due)),
            Some(Progress::Announced) => (format!("第 {number} 版已通知"), format!("release {number} announced")),
            Some(Progress::Fetched) => (format!("第 {number} 版已接收"), format!("release {number} fetched")),
            Some(Progress::Applied) if self.current => {
                (format!("第 {number} 版已应用"), format!("release {number} applied"))
            }
            Some(Progress::Applied) => (
                format!("第 {number} 版已应用，第 {} 版待送达", self.due),
                format!("release {number} applied, {} waits", self.due),
            ),
            Some(Progress::Claimed) => (
                format!("对方称已持有第 {number} 版，{}", self.reason),
                format!("it says that it holds release {number}: {}", self.reason),
            ),
            Some(Progress::Refused) => {
                (format!("第 {number} 版已拒收：{}", self.reason), format!("release {number} refused: {}", self.reason))
            }
        };
        lang.pick(&zh, &en).to_owned()
    }
}

impl Row {
    /// How the link stands, in a few words.
    pub(crate) fn link(&self, lang: Lang) -> String {
        if self.twin.is_some() {
            return lang.pick("两台机器使用同一身份", "two machines with one identity").to_owned();
        }
        let heard = self.last_contact.map(|at| ago(at, self.now, lang));
        match (self.status, heard) {
            ("revoked", _) if self.invited_until.is_some() => {
                lang.pick("已吊销，已重新邀请", "revoked, invited again").to_owned()
            }
            ("revoked", _) => lang.pick("已吊销", "revoked").to_owned(),
            ("invited", _) if self.invited_until.is_some() => {
                lang.pick("已邀请，未加入", "invited, not joined").to_owned()
            }
            ("invited", _) => lang.pick("未加入，加入码已过期", "not joined, the token expired").to_owned(),
            (_, Some(heard)) => match self.connected {
                Some(true) => format!("{}（{heard}）", lang.pick("在线", "up ")),
                Some(false) => format!("{}（{heard}）", lang.pick("未连接，上次联系", "down, last heard ")),
                None => {
                    let (zh, en) = ("未知（本级服务未运行），上次联系", "unknown: no serve runs here, last heard ");
                    format!("{}（{heard}）", lang.pick(zh, en))
                }
            },
            (_, None) => lang.pick("已加入，尚未连接", "joined, not connected yet").to_owned(),
        }
    }

    /// Its code, with the present one if it joined under a former.
    pub(crate) fn code(&self, lang: Lang) -> String {
        let Self { region, present, .. } = self;
        let Some(now) = present else { return region.to_string() };
        lang.pick(&format!("{now}（原 {region}）"), &format!("{now} (formerly {region})")).to_owned()
    }

    /// What its catalogs are like, in a few words; every one that is not current is named.
    pub(crate) fn releases(&self, lang: Lang) -> String {
        let owed: Vec<&CatalogRow> = self.catalogs.iter().filter(|row| row.due > 0).collect();
        if owed.is_empty() {
            return lang.pick("—", "—").to_owned();
        }
        let behind: Vec<String> =
            owed.iter().filter(|row| !row.current).map(|row| format!("{} {}", row.catalog, row.said(lang))).collect();
        if behind.is_empty() {
            let all = format!("{}/{}", owed.len(), owed.len());
            return format!("{} {all}", lang.pick("推送均已应用", "all applied"));
        }
        behind.join(lang.pick("；", "; "))
    }

    /// Its clock against ours, in seconds; blank where it is unknown.
    pub(crate) fn clock(&self, lang: Lang) -> String {
        let Some(offset) = self.clock_offset_ms else { return "—".to_owned() };
        let seconds = offset.unsigned_abs() / 1000;
        match (offset, seconds) {
            (_, 0) => lang.pick("一致", "same").to_owned(),
            (..0, _) => format!("{} {seconds} {}", lang.pick("慢", "behind"), lang.pick("秒", "s")),
            _ => format!("{} {seconds} {}", lang.pick("快", "ahead"), lang.pick("秒", "s")),
        }
    }
}

/// Only the day of a moment.
pub(crate) fn day(at: Option<Moment>) -> String {
    at.map_or_else(|| "—".to_owned(), |at| at.to_string().chars().take(10).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the unit that people would choose, on both sides of each border.
    #[test]
    fn times_ago() {
        let said = |seconds: i64| ago(Moment(0), Moment(seconds * 1000), Lang::Zh);
        let expected = ["刚刚", "59 秒前", "1 分钟前", "59 分钟前", "1 小时前", "23 小时前", "2 天前"];
        assert_eq!([9, 59, 60, 3599, 3600, 86399, 172_800].map(said), expected);
        assert_eq!(ago(Moment(5000), Moment(0), Lang::Zh), "刚刚");
    }

    /// Shows that a link is only told as up or down while somebody listens; what is known of the last contact is told
    /// in any case.
    #[test]
    fn links_are_known_while_serving() {
        let said = |connected| {
            let row = Row {
                region: RegionCode::new("320581").expect("a code"),
                present: None,
                name: "常熟市".into(),
                status: "active",
                connected,
                last_contact: Some(Moment(0)),
                certificate_ends: None,
                invited_until: None,
                software: String::new(),
                clock_offset_ms: None,
                disk_free_bytes: None,
                current: true,
                catalogs: Vec::new(),
                twin: None,
                now: Moment(60_000),
            };
            let counts = crate::ops::status::NodeCounts::of(std::slice::from_ref(&row));
            (row.link(Lang::Zh), counts.connected)
        };
        assert_eq!(said(Some(true)), ("在线（1 分钟前）".into(), Some(1)));
        assert_eq!(said(Some(false)), ("未连接，上次联系（1 分钟前）".into(), Some(0)));
        assert_eq!(said(None), ("未知（本级服务未运行），上次联系（1 分钟前）".into(), None));
    }

    /// Shows that a node that holds an older release is told with both numbers, and a refusal with its reason.
    #[test]
    fn catalog_states() {
        let row = |due, number, state, current| CatalogRow {
            publisher: RegionCode::new("320500").expect("a code"),
            catalog: "rules".into(),
            due,
            number,
            state,
            reason: "签名无效".into(),
            current,
        };
        assert_eq!(row(3, 3, "applied", true).said(Lang::Zh), "第 3 版已应用");
        assert_eq!(row(3, 2, "applied", false).said(Lang::Zh), "第 2 版已应用，第 3 版待送达");
        assert_eq!(row(3, 3, "refused", false).said(Lang::Zh), "第 3 版已拒收：签名无效");
        assert_eq!(row(3, 0, "waiting", false).said(Lang::Zh), "第 3 版待送达");
    }
}
