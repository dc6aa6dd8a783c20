//! What a report may rest on: a collection and rule sets that this node has published or received, in releases that
//! exist.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::collection::Collection;
use tongpin_domain::report::Report;
use tongpin_domain::score::RuleRef;

use super::shortened;
use crate::boxed;
use crate::error::LinkError;
use crate::history;
use crate::site::Site;

/// The most characters of a name that are told back.
const LONGEST_NAME: usize = 80;
/// The catalog of rule sets.
const RULES: &str = "rules";

/// The collection that a report answers, as it stood in the release that the report names; or why there is none.
pub(super) async fn collection(
    site: &Site,
    id: &CatalogId,
    report: &Report,
) -> Result<Result<Collection, String>, LinkError> {
    let asked_in = &report.collection_release;
    let missing = || Err(format!("没有名为“{}”的归集任务", shortened(&report.collection, LONGEST_NAME)));
    if asked_in.publisher != id.publisher {
        return Ok(missing());
    }
    if let Some(reason) = not_yet(site, id, asked_in.release).await? {
        return Ok(Err(format!("上报所依据的归集任务{reason}；请接收最新下发的目录后重新上报")));
    }
    let entry = history::entry_at(&site.store, id, &report.collection, asked_in.release).await?;
    let read = entry.and_then(|entry| serde_json::from_str::<Collection>(&entry.body).ok());
    // Its own body names it, too: one that calls itself by another name cannot be answered.
    Ok(read.map_or_else(missing, Ok))
}

/// The rule sets of a report that nobody has published, each with the reason.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn unpublished(site: &Site, named: &[RuleRef]) -> Result<Vec<String>, LinkError> {
    let mut reasons = Vec::new();
    for RuleRef { publisher, key, release } in named {
        let id = CatalogId::new(publisher.clone(), RULES);
        let unknown = match not_yet(site, &id, *release).await? {
            Some(reason) => Some(reason),
            None => match history::entry_at(&site.store, &id, key, *release).await? {
                Some(_) => None,
                None => Some(format!("第 {release} 版中没有")),
            },
        };
        if let Some(reason) = unknown {
            let key = shortened(key, LONGEST_NAME);
            reasons.push(format!("所用的计分规则“{key}”（{publisher} 发布）{reason}；请按已下发的规则重新评分后上报"));
        }
    }
    Ok(reasons)
}

/// Why a release of a catalog does not exist here; `None` if it does.
async fn not_yet(site: &Site, id: &CatalogId, release: u64) -> Result<Option<String>, LinkError> {
    let newest = site.store.head(id).await?.map_or(0, |head| head.number);
    Ok((release > newest).then(|| format!("第 {release} 版不存在（现有第 {newest} 版）")))
}
