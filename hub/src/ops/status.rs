//! 状况: what a person at the city needs to know at a glance.

use std::path::PathBuf;

use serde::Serialize;
use tongpin_domain::catalog;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::admin::{self, Serving};
use tongpin_link::clock_watch::Jump;

use super::collections;
use super::nodes;
use crate::app::{App, NAME};
use crate::failure::Failure;

/// The state of the hub, as programs read it; the page shows the same.
#[derive(Serialize)]
pub(crate) struct Status {
    pub(crate) region: RegionCode,
    pub(crate) name: String,
    pub(crate) software: &'static str,
    pub(crate) data: PathBuf,
    pub(crate) incarnation: String,
    pub(crate) database_bytes: u64,
    pub(crate) root_fingerprint: String,
    pub(crate) certificate_ends: Moment,
    pub(crate) serving: Option<Serving>,
    /// This machine's clock jumped and is being watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clock_jump: Option<Jump>,
    pub(crate) catalogs: Vec<CatalogState>,
    pub(crate) nodes: NodeCounts,
    pub(crate) collections: Vec<collections::Row>,
}

/// One catalog.
#[derive(Serialize)]
pub(crate) struct CatalogState {
    pub(crate) catalog: String,
    /// The newest release, 0 for none.
    pub(crate) number: u64,
    pub(crate) published_at: Option<Moment>,
    pub(crate) entries: u64,
    pub(crate) draft: Option<DraftState>,
}

/// A draft that waits.
#[derive(Serialize)]
pub(crate) struct DraftState {
    pub(crate) by: String,
    pub(crate) at: Moment,
    pub(crate) entries: usize,
}

/// The children by state.
#[derive(Debug, Default, Serialize)]
pub(crate) struct NodeCounts {
    pub(crate) joined: usize,
    /// Unknown while no `serve` runs here.
    pub(crate) connected: Option<usize>,
    /// Joined and holding all that was rolled out to them.
    pub(crate) current: usize,
    pub(crate) invited: usize,
    pub(crate) revoked: usize,
}

/// Gathers the state.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn gather(app: &App) -> Result<Status, Failure> {
    let (store, identity) = (app.store(), app.site.identity());
    Ok(Status {
        region: app.site.region(),
        name: store.meta(NAME).await?.unwrap_or_default(),
        software: tongpin_link::SOFTWARE,
        data: app.data.clone(),
        incarnation: store.incarnation().await?,
        database_bytes: store.size_bytes().await?,
        root_fingerprint: identity.root_fingerprint().to_string(),
        certificate_ends: identity.not_after(),
        serving: admin::serving(&app.data),
        clock_jump: Jump::load(store).await?,
        catalogs: catalogs(app).await?,
        nodes: NodeCounts::of(&nodes::rows(app).await?),
        collections: collections::rows(app).await?,
    })
}

/// The known catalogs, and any other that this hub publishes or drafts.
async fn catalogs(app: &App) -> Result<Vec<CatalogState>, Failure> {
    let own = app.site.region();
    let mut names: Vec<String> = catalog::KNOWN.iter().map(|name| (*name).to_owned()).collect();
    let heads = app.store().heads().await?.into_iter().map(|head| head.catalog);
    let drafts = app.store().drafts().await?;
    for id in heads.chain(drafts).filter(|id| id.publisher == own) {
        if !names.contains(&id.name) {
            names.push(id.name);
        }
    }
    let mut states = Vec::new();
    for name in names {
        let id = app.catalog(&name);
        let number = app.store().head(&id).await?.map_or(0, |head| head.number);
        let release = app.store().release(&id, number).await?.map(|signed| signed.release);
        let draft = app.store().draft(&id).await?;
        states.push(CatalogState {
            number,
            published_at: release.as_ref().map(|release| release.signed_at),
            entries: release.map_or(0, |release| release.parts.iter().map(|part| part.count).sum()),
            draft: draft.map(|draft| DraftState { by: draft.by, at: draft.at, entries: draft.entries.len() }),
            catalog: name,
        });
    }
    Ok(states)
}

impl NodeCounts {
    /// Counts.
    pub(crate) fn of(rows: &[nodes::Row]) -> Self {
        let heard = |row: &nodes::Row| row.status != "active" || row.connected.is_some();
        let mut counts = Self { connected: rows.iter().all(heard).then_some(0), ..Self::default() };
        for row in rows {
            match row.status {
                "active" => {
                    counts.joined += 1;
                    counts.connected = counts.connected.map(|count| count + usize::from(row.connected == Some(true)));
                    counts.current += usize::from(row.current);
                }
                "invited" => counts.invited += 1,
                _ => counts.revoked += 1,
            }
        }
        counts
    }

    /// In words.
    pub(crate) fn said(&self, lang: Lang) -> String {
        let Self { joined, connected, current, invited, revoked } = self;
        let (up_zh, up_en) = match connected {
            Some(count) => (format!("在线 {count} 个"), format!("{count} up")),
            None => ("在线情况未知（本级服务未运行）".into(), "links unknown (no serve runs here)".into()),
        };
        let zh =
            format!("已加入 {joined} 个，{up_zh}，推送均已应用 {current} 个；待加入 {invited} 个，已吊销 {revoked} 个");
        let en = format!("{joined} joined, {up_en}, {current} with all applied; {invited} invited, {revoked} revoked");
        lang.pick(&zh, &en).to_owned()
    }
}

impl CatalogState {
    /// The draft in words, blank for none.
    pub(crate) fn draft_said(&self, lang: Lang) -> String {
        self.draft.as_ref().map_or_else(String::new, |draft| {
            let zh = format!("有草稿（{} 条，经办 {}）", draft.entries, draft.by);
            lang.pick(&zh, &format!("draft of {} entries by {}", draft.entries, draft.by)).to_owned()
        })
    }
}
