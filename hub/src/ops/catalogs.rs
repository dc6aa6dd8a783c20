//! 目录: what the catalogs are called, how each stands, and what may become one.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::catalog::{self, Release};
use tongpin_domain::moment::Moment;

use super::nodes;
use crate::app::App;
use crate::failure::Failure;

/// One catalog at a glance.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) number: u64,
    pub(crate) entries: u64,
    pub(crate) signed_at: Option<Moment>,
    pub(crate) draft: Option<(String, Moment)>,
    /// When it is to be published, and whether nothing keeps it from that.
    pub(crate) planned: Option<(Moment, bool)>,
    /// Nodes that hold what they should, of those that should, and those that refused.
    pub(crate) applied: usize,
    pub(crate) due: usize,
    pub(crate) refused: usize,
}

/// Every known catalog, and any other that this hub publishes or drafts.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn rows(app: &App) -> Result<Vec<Row>, Failure> {
    let (own, store) = (app.site.region(), app.store());
    let newest = store.newest_releases(&own).await?.into_iter().map(|signed| signed.release);
    let newest: BTreeMap<String, Release> = newest.map(|release| (release.catalog.name.clone(), release)).collect();
    let mut drafts: BTreeMap<_, _> = store.draft_infos(&own).await?.into_iter().collect();
    let planned = store.planned_releases().await?.into_iter().filter(|plan| plan.catalog.publisher == own);
    let planned: BTreeMap<String, _> = planned.map(|plan| (plan.catalog.name.clone(), plan)).collect();
    let nodes = nodes::rows(app).await?;
    let mut names: Vec<String> = catalog::KNOWN.iter().map(|name| (*name).to_owned()).collect();
    let others = newest.keys().chain(drafts.keys()).filter(|name| !catalog::KNOWN.contains(&name.as_str()));
    names.extend(others.cloned().collect::<BTreeSet<_>>());
    let row = |name: String| {
        let release = newest.get(&name);
        let states = nodes.iter().filter(|node| node.status == "active");
        let states =
            states.filter_map(|node| node.catalogs.iter().find(|it| it.publisher == own && it.catalog == name));
        let states: Vec<_> = states.filter(|state| state.due > 0).collect();
        Row {
            number: release.map_or(0, |release| release.number),
            entries: release.map_or(0, |release| release.parts.iter().map(|part| part.count).sum()),
            signed_at: release.map(|release| release.signed_at),
            draft: drafts.remove(&name).map(|draft| (draft.by, draft.at)),
            planned: planned.get(&name).map(|plan| (plan.at, plan.problem.is_empty())),
            applied: states.iter().filter(|state| state.current).count(),
            due: states.len(),
            refused: states.iter().filter(|state| state.state == "refused").count(),
            name,
        }
    };
    Ok(names.into_iter().map(row).collect())
}

/// A misspelt name must not become a catalog.
///
/// # Errors
/// [`Common::Input`], or the database cannot be read.
pub(crate) async fn check_name(app: &App, name: &str, new: bool) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
        return Err(Failure::input(
            format!("“{name}”不能作目录名；请用小写字母、数字和连字符"),
            format!("{name:?} is no name for a catalog; use small letters, digits and hyphens"),
        ));
    }
    let known = catalog::KNOWN.contains(&name) || app.store().head(&app.catalog(name)).await?.is_some();
    if known || new {
        return Ok(());
    }
    let all = catalog::KNOWN.join("、");
    Err(Failure::input(
        format!("没有名为“{name}”的目录（内置的有 {all}）；确要新建一个目录，请加 --new"),
        format!("there is no catalog {name:?} (known: {}); add --new to make one", catalog::KNOWN.join(", ")),
    ))
}

/// A catalog by its name and what it is called: `indicators（指标库）`.
pub(crate) fn titled(name: &str) -> String {
    catalog::title(name).map_or_else(|| name.to_owned(), |title| format!("{name}（{title}）"))
}
