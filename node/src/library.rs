//! The indicator library (指标库) as one searches it: read once for each release and kept in memory. Ten thousand entries
//! are a few megabytes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tongpin_domain::catalog::Head;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::search::Texts;
use tongpin_store::{Store, StoreError};

use crate::guidance::{self, Published};
use crate::records::HeldProject;

/// The catalog that the library is read from.
pub(crate) const INDICATORS: &str = "indicators";

/// The library of a running console; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Library {
    shelf: Arc<Mutex<Option<Arc<Shelf>>>>,
}

impl Library {
    /// The entries of the releases held now.
    pub(crate) async fn shelf(&self, store: &Store) -> Result<Arc<Shelf>, StoreError> {
        let heads: Vec<Head> =
            store.heads().await?.into_iter().filter(|head| head.catalog.name == INDICATORS).collect();
        // A panic while it was held left nothing half done: the value is replaced whole.
        let kept = self.shelf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(shelf) = kept.filter(|shelf| shelf.heads == heads) {
            return Ok(shelf);
        }
        let fresh = Arc::new(Shelf::new(heads, guidance::published(store, INDICATORS).await?));
        *self.shelf.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }
}

/// What to look for. Blank filters find everything.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    /// Words that must all occur.
    pub(crate) words: &'a str,
    /// 主管部门
    pub(crate) department: &'a str,
    /// 一级指标
    pub(crate) level1: &'a str,
}

/// The entries of some releases, ready to be searched.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    heads: Vec<Head>,
    entries: Vec<Published<Indicator>>,
    texts: Texts,
    departments: BTreeSet<String>,
    level1s: BTreeSet<String>,
}

impl Shelf {
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
    pub(crate) fn find(&self, wanted: Wanted<'_>) -> Vec<&Published<Indicator>> {
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

/// Projects that are named of those that use an indicator; the rest is counted.
pub(crate) const NAMED: usize = 100;

/// How many projects use each indicator of the library, and the first of them.
#[derive(Debug, Default)]
pub(crate) struct Used {
    all: HashMap<String, Users>,
    by_fund: HashMap<String, HashMap<String, usize>>,
}

/// The projects that use one indicator.
#[derive(Debug, Default)]
struct Users {
    count: usize,
    first: Vec<String>,
}

impl Used {
    /// Counts each project once for each indicator.
    pub(crate) fn count(projects: &[HeldProject]) -> Self {
        let mut used = Self::default();
        for held in projects {
            let codes: HashSet<&str> = held.lines.iter().filter_map(|line| line.indicator_code.as_deref()).collect();
            for code in codes {
                let users = used.all.entry(code.to_owned()).or_default();
                users.count += 1;
                if users.first.len() < NAMED {
                    users.first.push(held.project.code.clone());
                }
                if !held.project.fund_code.is_empty() {
                    let of_fund = used.by_fund.entry(held.project.fund_code.clone()).or_default();
                    *of_fund.entry(code.to_owned()).or_default() += 1;
                }
            }
        }
        used
    }

    /// By how many projects held here.
    pub(crate) fn times(&self, code: &str) -> usize {
        self.all.get(code).map_or(0, |users| users.count)
    }

    /// The codes of the projects held here that use it, the first [`NAMED`] of them.
    pub(crate) fn first(&self, code: &str) -> &[String] {
        self.all.get(code).map_or(&[], |users| &users.first)
    }

    /// By how many projects of a fund.
    pub(crate) fn times_in(&self, fund: &str, code: &str) -> usize {
        self.by_fund.get(fund).and_then(|of_fund| of_fund.get(code)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::project::{Project, ProjectIndicator};

    use super::*;
    use crate::answer::ground::code;

    fn entry(fields: &str) -> Published<Indicator> {
        let json = format!(r#"{{{fields},"agg_method":"累加"}}"#);
        Published { publisher: code("320500"), release: 1, value: serde_json::from_str(&json).expect("an entry") }
    }

    fn shelf() -> Shelf {
        Shelf::new(
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

    fn codes<'a>(shelf: &'a Shelf, wanted: Wanted<'_>) -> Vec<&'a str> {
        shelf.find(wanted).iter().map(|entry| entry.value.code.as_str()).collect()
    }

    /// What begins with the words comes first, then what has them in its name, then what has them elsewhere; filters
    /// narrow that, and no words find all.
    #[test]
    fn order_and_filters() {
        let shelf = shelf();
        let found = |words, department, level1| codes(&shelf, Wanted { words, department, level1 });
        assert_eq!(found("床位", "", ""), ["B2", "B1", "A1"]);
        assert_eq!(found("新增 床位", "", ""), ["B1"]);
        assert_eq!(found("床位", "民政局", "产出"), ["B1"]);
        assert_eq!(found("", "教育局", ""), ["A1", "A2"]);
        assert_eq!(found("ｂ２", "", ""), ["B2"]);
        assert_eq!(found("产出 个", "", ""), ["A2"]);
        assert_eq!(found("医院", "", ""), [""; 0]);
        assert_eq!(shelf.departments().collect::<Vec<_>>(), ["教育局", "民政局"]);
        assert_eq!((shelf.len(), shelf.get("B1").map(|it| it.value.unit.as_str())), (4, Some("张")));
    }

    fn project(number: &str, fund: &str, used: &[&str]) -> HeldProject {
        let json = format!(
            r#"{{"project_code":"{number}","project_name":"n","fiscal_year":2024,"region_code":"320581",
                "township_code":null,"fund_code":"{fund}"}}"#
        );
        let project: Project = serde_json::from_str(&json).expect("a project");
        let line = |code: &&str| {
            let json =
                format!(r#"{{"project_code":"{number}","seq":1,"name":"n","weight":"1","indicator_code":"{code}"}}"#);
            serde_json::from_str::<ProjectIndicator>(&json).expect("a line")
        };
        HeldProject { author: code("320581"), lines: used.iter().map(line).collect(), project, reviews: Vec::new() }
    }

    /// A project counts once for an indicator, however many of its lines use it; one of no fund is similar to none.
    #[test]
    fn counting_use() {
        let projects =
            [project("P1", "F1", &["A1", "A1", "B1"]), project("P2", "F2", &["A1"]), project("P3", "", &["A1"])];
        let used = Used::count(&projects);
        assert_eq!([used.times("A1"), used.times("B1"), used.times("B2")], [3, 1, 0]);
        assert_eq!((used.first("A1"), used.first("B2")), (&["P1", "P2", "P3"].map(String::from)[..], &[][..]));
        let many: Vec<HeldProject> = (0..=NAMED).map(|number| project(&number.to_string(), "", &["A1"])).collect();
        let many = Used::count(&many);
        assert_eq!((many.times("A1"), many.first("A1").len()), (NAMED + 1, NAMED));
        assert_eq!([used.times_in("F1", "A1"), used.times_in("F2", "B1"), used.times_in("", "A1")], [1, 0, 0]);
    }

    /// What was read once is not read again until another release comes.
    #[tokio::test]
    async fn read_once() {
        let desk = crate::answer::ground::Desk::open().await;
        let library = Library::default();
        assert_eq!(library.shelf(&desk.store).await.expect("readable").len(), 0);
        let body = r#"{"code":"A1","name":"学位数","agg_method":"累加"}"#;
        desk.publish(INDICATORS, "A1", body, 1).await;
        let first = library.shelf(&desk.store).await.expect("readable");
        assert_eq!(first.len(), 1);
        assert!(Arc::ptr_eq(&first, &library.shelf(&desk.store).await.expect("readable")));
    }
}
