//! What the levels above share, as scoring and answering need it: divisions, rule sets and collections of the releases
//! that this node has applied.

pub(crate) mod forms;
pub(crate) mod library;
mod rules;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::collection::Collection;
use tongpin_domain::guidance::Notice;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::procedure::Procedure;
use tongpin_domain::reading::{self, Reading};
use tongpin_domain::region::{Region, RegionCode, Regions};
use tongpin_domain::report::CollectionRef;
use tongpin_store::{Store, StoreError};

pub(crate) use rules::{RuleBook, RuleChoice, Rules, rules_at};

/// The entries of a catalog by all its publishers, the highest level first.
pub(crate) async fn entries(store: &Store, name: &str) -> Result<Vec<(RegionCode, Entry)>, StoreError> {
    let mut found = Vec::new();
    for head in store.heads().await?.into_iter().filter(|head| head.catalog.name == name) {
        let publisher = head.catalog.publisher.clone();
        found.extend(store.entries(&head.catalog).await?.into_iter().map(|entry| (publisher.clone(), entry)));
    }
    found.sort_by_key(|(publisher, _)| (publisher.level(), publisher.clone()));
    Ok(found)
}

/// The entries of one key of a catalog by all its publishers, the highest level first. Each is read by its key, however
/// many there are beside it.
pub(crate) async fn entries_at(store: &Store, name: &str, key: &str) -> Result<Vec<(RegionCode, Entry)>, StoreError> {
    let mut found = Vec::new();
    for head in store.heads().await?.into_iter().filter(|head| head.catalog.name == name) {
        let entry = store.entry(&head.catalog, key).await?;
        found.extend(entry.map(|entry| (head.catalog.publisher, entry)));
    }
    found.sort_by_key(|(publisher, _)| (publisher.level(), publisher.clone()));
    Ok(found)
}

/// The entries of some keys of a catalog by all its publishers, the highest level first: as many reads as publishers.
pub(crate) async fn entries_named(
    store: &Store,
    name: &str,
    keys: &[&str],
) -> Result<Vec<(RegionCode, Entry)>, StoreError> {
    let mut found = Vec::new();
    for head in store.heads().await?.into_iter().filter(|head| head.catalog.name == name) {
        let publisher = head.catalog.publisher.clone();
        let entries = store.entries_named(&head.catalog, keys).await?;
        found.extend(entries.into_iter().map(|entry| (publisher.clone(), entry)));
    }
    found.sort_by_key(|(publisher, _)| (publisher.level(), publisher.clone()));
    Ok(found)
}

/// An entry's content; one that cannot be read is passed over, with a word in the log.
pub(crate) fn read<T: DeserializeOwned>(entry: &Entry) -> Option<T> {
    match serde_json::from_str(&entry.body) {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(key = entry.key, %error, "an entry of a catalog is passed over: it cannot be read");
            None
        }
    }
}

/// An entry of a catalog, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published<T> {
    /// Who publishes it.
    pub(crate) publisher: RegionCode,
    /// The release that brought this version of it.
    pub(crate) release: u64,
    /// The entry.
    pub(crate) value: T,
}

/// The entries of a catalog by all its publishers, the highest level first. One that cannot be read is passed over.
pub(crate) async fn published<T: DeserializeOwned>(store: &Store, name: &str) -> Result<Vec<Published<T>>, StoreError> {
    let found = entries(store, name).await?;
    let read = |(publisher, entry): (RegionCode, Entry)| {
        Some(Published { publisher, release: entry.release, value: read(&entry)? })
    };
    Ok(found.into_iter().filter_map(read).collect())
}

/// The divisions with their former codes.
pub(crate) async fn regions(store: &Store) -> Result<Regions, StoreError> {
    tongpin_link::divisions::read(store).await
}

/// The indicator library of all publishers, in the order of its codes.
pub(crate) async fn indicators(store: &Store) -> Result<Vec<Indicator>, StoreError> {
    Ok(entries(store, "indicators").await?.iter().filter_map(|(_, entry)| read(entry)).collect())
}

/// What a region is called, by its own entry alone where there is one; its code as long as no release has told.
pub(crate) async fn region_name(store: &Store, region: &RegionCode) -> Result<String, StoreError> {
    let found = entries_at(store, "regions", region.as_str()).await?;
    match found.iter().find_map(|(_, entry)| read::<Region>(entry)) {
        Some(found) => Ok(found.name),
        None => Ok(regions(store).await?.name(region)),
    }
}

/// 专项资金: what the `funds` catalog tells of one. A publisher adds what columns it likes; these are needed here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Fund {
    /// 专项资金代码
    #[serde(rename = "fund_code")]
    pub(crate) code: String,
    /// 专项资金名称
    #[serde(default)]
    pub(crate) name: String,
    /// 资金级次
    #[serde(default)]
    pub(crate) level: String,
}

/// The funds that the levels above have told of, by code.
pub(crate) async fn funds(store: &Store) -> Result<Vec<Fund>, StoreError> {
    let mut funds: Vec<Fund> = entries(store, "funds").await?.iter().filter_map(|(_, entry)| read(entry)).collect();
    funds.sort_by(|a, b| a.code.cmp(&b.code));
    funds.dedup_by(|a, b| a.code == b.code);
    Ok(funds)
}

/// An entry that this program cannot use, and why: shown, never skipped in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unread {
    /// Its catalog.
    pub(crate) catalog: CatalogId,
    /// Its key.
    pub(crate) key: String,
    /// Why, in the words of the reader.
    pub(crate) why: String,
}

impl Say for Unread {
    fn say(&self, lang: Lang) -> String {
        let Self { catalog, key, why } = self;
        let zh = format!("目录 {catalog} 的条目“{key}”本程序读不懂，没有采用：{why}；请升级本程序，或请发布方更正");
        let en = format!("entry {key:?} of {catalog} cannot be used here ({why}): upgrade, or ask its publisher");
        lang.pick(&zh, &en).to_owned()
    }
}

/// A collection that this node is asked to answer, and where it was read.
#[derive(Debug, Clone)]
pub(crate) struct AskedCollection {
    /// What is asked.
    pub(crate) collection: Collection,
    /// The release it was read from.
    pub(crate) reference: CollectionRef,
    /// What this program does not know of it: then it is shown and not answered.
    pub(crate) unknown: Vec<String>,
}

/// The collections that the parent asks this region, by due day. Those of a higher level are answered by the parent.
pub(crate) async fn asked(
    store: &Store,
    parent: &RegionCode,
    own: &RegionCode,
) -> Result<Vec<AskedCollection>, StoreError> {
    let id = CatalogId::new(parent.clone(), "collections");
    let regions = regions(store).await?;
    let mut asked: Vec<AskedCollection> = store
        .entries(&id)
        .await?
        .iter()
        .filter_map(|entry| {
            let reference = CollectionRef { publisher: parent.clone(), release: entry.release };
            // One that cannot be read at all is told by `unread`.
            let Reading { value: collection, unknown, .. } = reading::read::<Collection>(&entry.body).ok()?;
            Some(AskedCollection { collection, reference, unknown })
        })
        .filter(|asked| asked.collection.asks(own, &regions))
        .collect();
    asked.sort_by(|a, b| (a.collection.due, &a.collection.id).cmp(&(b.collection.due, &b.collection.id)));
    Ok(asked)
}

/// Entries that work here stands on and that cannot be read: rules, collections, the calendar, funds, divisions and
/// notices. The library and the roster are told of where they are read.
pub(crate) async fn unread(store: &Store) -> Result<Vec<Unread>, StoreError> {
    let mut unread = RuleBook::load(store).await?.unread().to_vec();
    for (name, check) in CHECKED {
        for (publisher, entry) in entries(store, name).await? {
            let catalog = CatalogId::new(publisher, name);
            unread.extend(check(&entry.body).map(|why| Unread { catalog, key: entry.key, why }));
        }
    }
    Ok(unread)
}

/// Why a body cannot be used, if it cannot.
type Check = fn(&str) -> Option<String>;

const CHECKED: [(&str, Check); 5] = [
    ("collections", |body| match reading::read::<Collection>(body) {
        Ok(read) if read.unknown.is_empty() => None,
        Ok(read) => Some(unknown_parts(&read.unknown, Lang::Zh)),
        Err(error) => Some(error.to_string()),
    }),
    ("procedures", unreadable::<Procedure>),
    ("funds", unreadable::<Fund>),
    ("regions", unreadable::<Region>),
    ("notices", unreadable::<Notice>),
];

fn unreadable<T: DeserializeOwned>(body: &str) -> Option<String> {
    serde_json::from_str::<T>(body).err().map(|error| error.to_string())
}

/// The parts of an entry that this program does not know, in words.
pub(crate) fn unknown_parts(parts: &[String], lang: Lang) -> String {
    let parts = parts.join(lang.pick("、", ", "));
    lang.pick(&format!("本程序不认识其中的 {parts}"), &format!("this program does not know: {parts}")).to_owned()
}

/// The ids under which the parent published collections that this program cannot read.
pub(crate) async fn unreadable_collections(store: &Store, parent: &RegionCode) -> Result<Vec<String>, StoreError> {
    let entries = store.entries(&CatalogId::new(parent.clone(), "collections")).await?;
    Ok(entries
        .into_iter()
        .filter(|entry| reading::read::<Collection>(&entry.body).is_err())
        .map(|entry| entry.key)
        .collect())
}
