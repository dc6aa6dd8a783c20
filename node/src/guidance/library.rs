//! The indicator library (指标库) as one searches it: read once for each release and kept in memory. Ten thousand entries
//! are a few megabytes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tongpin_domain::catalog::Head;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::search::Texts;
use tongpin_store::{Store, StoreError};

use crate::guidance::{self, Published};

/// The catalog that the library is read from.
pub(crate) const INDICATORS: &str = "indicators";

/// The library of a running console; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Library {
    index: Arc<Mutex<Option<Arc<LibraryIndex>>>>,
}

impl Library {
    /// The entries of the releases held now.
    pub(crate) async fn index(&self, store: &Store) -> Result<Arc<LibraryIndex>, StoreError> {
        let heads: Vec<Head> =
            store.heads().await?.into_iter().filter(|head| head.catalog.name == INDICATORS).collect();
        // A panic while it was held left nothing half done: the value is replaced whole.
        let kept = self.index.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(index) = kept.filter(|index| index.heads == heads) {
            return Ok(index);
        }
        let fresh = Arc::new(LibraryIndex::new(heads, guidance::published(store, INDICATORS).await?));
        *self.index.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }
}

/// What to look for. Blank filters find everything.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Search<'a> {
    /// Words that must all occur.
    pub(crate) words: &'a str,
    /// 主管部门
    pub(crate) department: &'a str,
    /// 一级指标
    pub(crate) level1: &'a str,
}

/// The entries of some releases, ready to be searched.
#[derive(Debug, Default)]
pub(crate) struct LibraryIndex {
    heads: Vec<Head>,
    entries: Vec<Published<Indicator>>,
    texts: Texts,
    departments: BTreeSet<String>,
    level1s: BTreeSet<String>,
}

impl LibraryIndex {
    pub(crate) fn new(heads: Vec<Head>, entries: Vec<Published<Indicator>>) -> Self {
        let texts = Texts::new(entries.iter().map(|entry| {
            let it = &entry.value;
            let rest =
                [&it.code, &it.definition, &it.department, &it.domain, &it.level1, &it.level2, &it.formula, &it.unit];
            (it.name.as_str(), rest.map(String::as_str).join("\n"))
        }));
        let all = |word: fn(&Indicator) -> &String| {
            entries.iter().map(|entry| word(&entry.value).clone()).filter(|word| !word.is_empty()).collect()
        };
        Self { texts, departments: all(|it| &it.department), level1s: all(|it| &it.level1), heads, entries }
    }

    /// The entries that fit, the best found first.
    pub(crate) fn find(&self, wanted: Search<'_>) -> Vec<&Published<Indicator>> {
        let fits = |it: &Indicator| {
            (wanted.department.is_empty() || it.department == wanted.department)
                && (wanted.level1.is_empty() || it.level1 == wanted.level1)
        };
        let found = self.texts.find(wanted.words).into_iter().filter_map(|at| self.entries.get(at));
        found.filter(|entry| fits(&entry.value)).collect()
    }

    /// One entry; of several publishers', the highest level's.
    pub(crate) fn get(&self, code: &str) -> Option<&Published<Indicator>> {
        self.entries.iter().find(|entry| entry.value.code == code)
    }

    /// The entries of exactly this name.
    pub(crate) fn named(&self, name: &str) -> Vec<&Indicator> {
        self.entries.iter().map(|entry| &entry.value).filter(|it| it.name.trim() == name).collect()
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The departments that keep indicators.
    pub(crate) fn departments(&self) -> impl Iterator<Item = &str> {
        self.departments.iter().map(String::as_str)
    }

    /// The first levels that occur.
    pub(crate) fn level1s(&self) -> impl Iterator<Item = &str> {
        self.level1s.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::ground::code;

    fn entry(fields: &str) -> Published<Indicator> {
        let json = format!(r#"{{{fields},"agg_method":"累加"}}"#);
        Published { publisher: code("320500"), release: 1, value: serde_json::from_str(&json).expect("an entry") }
    }

    fn index() -> LibraryIndex {
        LibraryIndex::new(
            Vec::new(),
            vec![
                entry(
                    r#""code":"A1","name":"学位补助标准","department":"教育局","level1":"成本","definition":"按床位计""#,
                ),
                entry(r#""code":"A2","name":"新增公办学位数","department":"教育局","level1":"产出","unit":"个""#),
                entry(r#""code":"B1","name":"新增护理型床位","department":"民政局","level1":"产出","unit":"张""#),
                entry(r#""code":"B2","name":"床位使用率","department":"民政局","level1":"效益","unit":"%""#),
            ],
        )
    }

    fn codes<'a>(index: &'a LibraryIndex, wanted: Search<'_>) -> Vec<&'a str> {
        index.find(wanted).iter().map(|entry| entry.value.code.as_str()).collect()
    }

    /// What begins with the words comes first, then what has them in its name, then what has them elsewhere; filters
    /// narrow that, and no words find all.
    #[test]
    fn order_and_filters() {
        let index = index();
        let found = |words, department, level1| codes(&index, Search { words, department, level1 });
        assert_eq!(found("床位", "", ""), ["B2", "B1", "A1"]);
        assert_eq!(found("新增 床位", "", ""), ["B1"]);
        assert_eq!(found("床位", "民政局", "产出"), ["B1"]);
        assert_eq!(found("", "教育局", ""), ["A1", "A2"]);
        assert_eq!(found("ｂ２", "", ""), ["B2"]);
        assert_eq!(found("产出 个", "", ""), ["A2"]);
        assert_eq!(found("医院", "", ""), [""; 0]);
        assert_eq!(index.departments().collect::<Vec<_>>(), ["教育局", "民政局"]);
        assert_eq!((index.len(), index.get("B1").map(|it| it.value.unit.as_str())), (4, Some("张")));
    }

    /// What was read once is not read again until another release comes.
    #[tokio::test]
    async fn read_once() {
        let desk = crate::ops::ground::TestNode::open().await;
        let library = Library::default();
        assert_eq!(library.index(&desk.store).await.expect("readable").len(), 0);
        let body = r#"{"code":"A1","name":"学位数","agg_method":"累加"}"#;
        desk.publish(INDICATORS, "A1", body, 1).await;
        let first = library.index(&desk.store).await.expect("readable");
        assert_eq!(first.len(), 1);
        assert!(Arc::ptr_eq(&first, &library.index(&desk.store).await.expect("readable")));
    }
}
