//! 差异: what publishing a draft would change, field by field, and who uses what would be retired.

use std::collections::BTreeMap;

use serde::Serialize;
use tongpin_domain::catalog::{self, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::Report;
use tongpin_link::publish::PublishError;
use tongpin_store::Person;

use crate::app::App;
use crate::failure::Failure;

pub(crate) use tongpin_domain::catalog::changed::{FieldChange, fields, title};

#[derive(Serialize)]
pub(crate) struct Differences {
    pub(crate) catalog: String,
    /// What the draft is known by: whoever approves it approves exactly this.
    pub(crate) draft: Digest,
    /// The release compared with, 0 for none.
    pub(crate) release: u64,
    pub(crate) drafted_by: String,
    /// The same people, to be told from who approves.
    #[serde(skip)]
    pub(crate) drafters: Vec<Person>,
    pub(crate) drafted_at: Moment,
    pub(crate) note: String,
    pub(crate) added: Vec<Named>,
    pub(crate) changed: Vec<ChangedEntry>,
    pub(crate) retired: Vec<Retired>,
    pub(crate) unchanged: usize,
    /// Whether reports tell who uses entries of this catalog.
    pub(crate) usage_known: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Named {
    pub(crate) key: String,
    pub(crate) title: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct ChangedEntry {
    #[serde(flatten)]
    pub(crate) named: Named,
    pub(crate) fields: Vec<FieldChange>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Retired {
    #[serde(flatten)]
    pub(crate) named: Named,
    pub(crate) used_by: Vec<Use>,
}

/// Who uses an entry, by the newest accepted reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Use {
    pub(crate) region: RegionCode,
    pub(crate) name: String,
    pub(crate) records: u64,
}

/// What publishing the draft of a catalog would change.
///
/// # Errors
/// There is no draft, or the database cannot be read.
pub(crate) async fn differences(app: &App, catalog_name: &str) -> Result<Differences, Failure> {
    let id = app.catalog(catalog_name);
    let draft = app.store().draft(&id).await?.ok_or_else(|| PublishError::NoDraft(id.clone()))?;
    let published = app.store().entries(&id).await?;
    let changes = catalog::compare(&published, &draft.entries);
    let (before, after) = (by_key(&published), by_key(&draft.entries));
    let usage = if changes.retired.is_empty() { None } else { usage(app, catalog_name).await? };
    let named = |side: &BTreeMap<&str, &Entry>, key: &String| {
        let title = side.get(key.as_str()).map(|entry| title(&entry.body)).unwrap_or_default();
        Named { key: key.clone(), title }
    };
    let replaced = changes.changed.iter().filter_map(|key| {
        let fields = fields(before.get(key.as_str())?, after.get(key.as_str())?);
        Some(ChangedEntry { named: named(&after, key), fields })
    });
    let retired = changes.retired.iter().map(|key| {
        let used_by = usage.as_ref().and_then(|usage| usage.get(key)).cloned().unwrap_or_default();
        Retired { named: named(&before, key), used_by }
    });
    Ok(Differences {
        release: app.store().head(&id).await?.map_or(0, |head| head.number),
        drafted_by: draft.by.clone(),
        drafters: draft.people.clone(),
        drafted_at: draft.at,
        note: draft.note.clone(),
        added: changes.added.iter().map(|key| named(&after, key)).collect(),
        changed: replaced.collect(),
        retired: retired.collect(),
        unchanged: draft.entries.len().saturating_sub(changes.added.len() + changes.changed.len()),
        usage_known: usage.is_some(),
        catalog: catalog_name.to_owned(),
        draft: draft.digest(),
    })
}

fn by_key(entries: &[Entry]) -> BTreeMap<&str, &Entry> {
    entries.iter().map(|entry| (entry.key.as_str(), entry)).collect()
}

/// Who uses which entry, from the groups of the newest accepted reports; `None` if no report tells.
pub(crate) async fn usage(app: &App, catalog: &str) -> Result<Option<BTreeMap<String, Vec<Use>>>, Failure> {
    let field = match catalog {
        "indicators" => "indicator_code",
        "funds" => "fund_code",
        _ => return Ok(None),
    };
    let regions = app.regions().await?;
    let mut counts: BTreeMap<(String, RegionCode), u64> = BTreeMap::new();
    let mut told = false;
    for published in app.collections().await? {
        let asked = &published.collection;
        for received in app.store().received(&asked.id).await? {
            let Ok(report) = serde_json::from_str::<Report>(&received.payload) else { continue };
            for table in &asked.tables {
                let at = table.group_by.iter().position(|grouping| grouping == field);
                let (Some(at), Some(answer)) = (at, report.table(&table.id)) else { continue };
                told = true;
                for group in &answer.groups {
                    let Some(key) = group.keys.get(at) else { continue };
                    // Several tables tell of the same records: the largest number is the most that can be said.
                    let mine = counts.entry((key.clone(), received.region.clone())).or_default();
                    *mine = (*mine).max(group.records);
                }
            }
        }
    }
    let mut usage: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for ((key, region), records) in counts {
        let name = regions.name(&region);
        usage.entry(key).or_default().push(Use { region, name, records });
    }
    Ok(told.then_some(usage))
}
