//! The rule sets (计分规则) of the releases that this node has applied, and choosing the one of a year.

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{NumbersOf, RuleNumbers};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::reading::Reading;
use tongpin_domain::region::RegionCode;
use tongpin_domain::rules::{self, RuleSet};
use tongpin_domain::score::RuleRef;
use tongpin_link::error::LinkError;
use tongpin_link::history;
use tongpin_store::{Store, StoreError};

use super::{Unread, entries};

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
        rules::of_year(&self.sets, year, |rules| rules.set.fiscal_years).map_err(|fitting| match fitting[..] {
            [] => none(RuleChoice::Year(year)),
            _ => RuleChoice::Several { year, keys: keys(&fitting) },
        })
    }

    /// What forms calculate with of them.
    pub(crate) fn numbers(&self) -> RuleNumbers {
        let sets = self.sets.iter().map(|rules| NumbersOf::new(rules.reference.clone(), &rules.set));
        let unread = self.unread.first().map(|unread| Words::new(unread.say(Lang::Zh), unread.say(Lang::En)));
        RuleNumbers::new(sets.collect(), unread)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(key: &str, years: (i32, Option<i32>)) -> Rules {
        let text = include_str!("../../../samples/rules.toml");
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
