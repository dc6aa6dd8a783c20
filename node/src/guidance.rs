//! What the levels above share, as scoring and answering need it: divisions, rule sets and collections of the releases
//! that this node has applied.

pub(crate) mod library;

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
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::RuleRef;
use tongpin_link::error::LinkError;
use tongpin_link::history;
use tongpin_store::{Store, StoreError};

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
    for head in store.heads().await?.into_iter().filter(|head| head.catalog.name == "regions") {
        let entry = store.entry(&head.catalog, region.as_str()).await?;
        if let Some(found) = entry.as_ref().and_then(read::<Region>) {
            return Ok(found.name);
        }
    }
    Ok(regions(store).await?.name(region))
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

/// A rule set and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Publisher, key and release.
    pub(crate) reference: RuleRef,
    /// The rule set.
    pub(crate) set: RuleSet,
    /// What this program does not know of it.
    pub(crate) unknown: Vec<String>,
    /// What it does not say, and was filled in.
    pub(crate) assumed: Vec<String>,
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

/// The rule sets in force here.
#[derive(Debug, Default)]
pub(crate) struct RuleBook {
    sets: Vec<Rules>,
    unread: Vec<Unread>,
}

/// No rule set can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RuleChoice {
    /// No rule set has been received.
    #[error("no rule set has been received")]
    None,
    /// None is for this year.
    #[error("no rule set is for {0}")]
    Year(i32),
    /// None can be used, but there are some that this program cannot read.
    #[error("{}", .0.say(Lang::En))]
    Unread(Unread),
    /// More than one is for this year.
    #[error("more than one rule set is for {year}: {}", keys.join(", "))]
    Several {
        /// The year.
        year: i32,
        /// Their names.
        keys: Vec<String>,
    },
    /// None bears this name.
    #[error("no rule set is called {name:?}; there are {}", keys.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        keys: Vec<String>,
    },
}

impl Say for RuleChoice {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::None => "还没有收到计分规则（rules 目录）；请先与上级连通，用 catalogs 查看已收到的目录".into(),
            Self::Year(year) => format!("收到的计分规则都不适用于 {year} 年度；请联系发布方"),
            Self::Unread(unread) => unread.say(Lang::Zh),
            Self::Several { year, keys } => {
                format!("有多套计分规则适用于 {year} 年度（{}）；请用 --rules 指定一套", keys.join("、"))
            }
            Self::Unknown { name, keys } => format!("没有名为“{name}”的计分规则；现有：{}", keys.join("、")),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

impl RuleBook {
    /// Reads the rule sets of all publishers; those that cannot be used are kept apart, with the reason.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let mut book = Self::default();
        for (publisher, entry) in entries(store, "rules").await? {
            match RuleSet::reading(&entry.body) {
                Ok(Reading { value: set, unknown, assumed }) => {
                    book.sets.push(Rules { reference: reference(publisher, &entry), set, unknown, assumed });
                }
                Err(error) => {
                    let catalog = CatalogId::new(publisher, "rules");
                    book.unread.push(Unread { catalog, key: entry.key, why: error.say(Lang::Zh) });
                }
            }
        }
        Ok(book)
    }

    /// The rule sets that cannot be used here.
    pub(crate) fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// The rule set for a year: the one that is named, or the only one for that year.
    pub(crate) fn choose(&self, name: Option<&str>, year: i32) -> Result<&Rules, RuleChoice> {
        // Where one cannot be read, that is the answer, and not that there is none.
        let none = |otherwise| self.unread.first().map_or(otherwise, |unread| RuleChoice::Unread(unread.clone()));
        if self.sets.is_empty() {
            return Err(none(RuleChoice::None));
        }
        let keys = |sets: &[&Rules]| sets.iter().map(|rules| rules.reference.key.clone()).collect();
        if let Some(name) = name {
            let found = self.sets.iter().find(|rules| rules.reference.key == name);
            let all: Vec<&Rules> = self.sets.iter().collect();
            return found.ok_or_else(|| RuleChoice::Unknown { name: name.to_owned(), keys: keys(&all) });
        }
        let fitting: Vec<&Rules> = self.sets.iter().filter(|rules| rules.set.applies_to(year)).collect();
        match fitting[..] {
            [] => Err(none(RuleChoice::Year(year))),
            [only] => Ok(only),
            _ => Err(RuleChoice::Several { year, keys: keys(&fitting) }),
        }
    }

    /// All rule sets, the highest level's first.
    pub(crate) fn sets(&self) -> &[Rules] {
        &self.sets
    }

    /// The names of all rule sets and their titles.
    pub(crate) fn titles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sets.iter().map(|rules| (rules.reference.key.as_str(), rules.set.title.as_str()))
    }

    /// The rule set of the same publisher and key as it is now.
    pub(crate) fn newest(&self, reference: &RuleRef) -> Option<&Rules> {
        let same =
            |rules: &&Rules| rules.reference.publisher == reference.publisher && rules.reference.key == reference.key;
        self.sets.iter().find(same)
    }
}

/// The version of an entry is the release that brought it, so that a release that changes another entry makes no
/// results look different.
fn reference(publisher: RegionCode, entry: &Entry) -> RuleRef {
    RuleRef { publisher, key: entry.key.clone(), release: entry.release }
}

/// The rule set that a result was computed under, `None` if it is no longer kept.
pub(crate) async fn rules_at(store: &Store, reference: &RuleRef) -> Result<Option<Rules>, LinkError> {
    let id = CatalogId::new(reference.publisher.clone(), "rules");
    let entry = history::entry_at(store, &id, &reference.key, reference.release).await?;
    let read = entry.and_then(|entry| RuleSet::reading(&entry.body).ok());
    Ok(read.map(|Reading { value: set, unknown, assumed }| Rules {
        reference: reference.clone(),
        set,
        unknown,
        assumed,
    }))
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
    let mut unread = RuleBook::load(store).await?.unread;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(key: &str, years: (i32, Option<i32>)) -> Rules {
        let text = include_str!("../../samples/rules.toml");
        let mut set = RuleSet::from_toml(text).expect("the sample is sound");
        (set.fiscal_years.from, set.fiscal_years.to) = years;
        let publisher = RegionCode::new("320500").expect("a code");
        let reference = RuleRef { publisher, key: key.into(), release: 1 };
        Rules { reference, set, unknown: Vec::new(), assumed: Vec::new() }
    }

    /// The only rule set for a year is chosen by itself; among several one must be named.
    #[test]
    fn choosing() {
        let key = |found: Result<&Rules, RuleChoice>| found.map(|rules| rules.reference.key.clone());
        assert_eq!(key(RuleBook::default().choose(None, 2024)), Err(RuleChoice::None));
        let book =
            RuleBook { sets: vec![rules("old", (2020, Some(2024))), rules("new", (2024, None))], unread: Vec::new() };
        assert_eq!(key(book.choose(None, 2023)), Ok("old".into()));
        assert_eq!(key(book.choose(None, 2025)), Ok("new".into()));
        assert_eq!(key(book.choose(None, 2019)), Err(RuleChoice::Year(2019)));
        let both = vec!["old".into(), "new".into()];
        assert_eq!(key(book.choose(None, 2024)), Err(RuleChoice::Several { year: 2024, keys: both.clone() }));
        assert_eq!(key(book.choose(Some("old"), 2024)), Ok("old".into()));
        assert_eq!(key(book.choose(Some("x"), 2024)), Err(RuleChoice::Unknown { name: "x".into(), keys: both }));
    }
}
