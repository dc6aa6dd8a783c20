//! The entries of a catalog as lists show and search them, prepared once for each release: ten thousand are read,
//! parsed and made ready for searching in the first request, and only looked through in the next ones.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tongpin_console::web::list::Column;
use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::catalog::Entry;
use tongpin_domain::form::{FORMS, Per, SubjectOf};
use tongpin_domain::lang::Lang;
use tongpin_domain::search::Texts;
use tongpin_store::{Remembered, Topic};

use super::fields;
use crate::app::App;
use crate::failure::Failure;
use crate::ops::diff::title;

const fn column(key: &'static str, zh: &'static str, en: &'static str, shown: bool) -> Column {
    Column { key, zh, en, number: false, sorts: true, shown }
}

const CODE: Column = column("key", "编码", "Key", true);
const TITLE: Column = column("title", "名称", "Name", true);
const AUDIENCE: Column = column("audience", "发放范围", "For whom", false);
const RELEASE: Column = Column { number: true, ..column("release", "版本", "Version", true) };

const INDICATORS: [Column; 14] = [
    CODE,
    TITLE,
    column("department", "主管部门", "Department", true),
    column("domain", "行业领域", "Sector", false),
    column("level1", "一级指标", "First level", true),
    column("level2", "二级指标", "Second level", true),
    column("nature", "性质", "Nature", true),
    column("unit", "单位", "Unit", true),
    column("rule_type", "赋分类型", "Scoring method", true),
    column("agg_method", "汇总方式", "Summed by", false),
    column("applicable_level", "适用层级", "Levels", false),
    column("typical_target", "参考值", "Typical target", false),
    AUDIENCE,
    RELEASE,
];
const EXPERTS: [Column; 10] = [
    CODE,
    TITLE,
    column("primary_field", "主评领域", "Main field", true),
    column("title_word", "职称", "Title", true),
    column("org_type", "单位类型", "Kind of employer", false),
    column("base_region", "常驻区划", "Based in", true),
    column("share_scope", "共享范围", "Shared with", true),
    column("term_end", "聘期止", "Term until", true),
    column("status", "状态", "State", true),
    RELEASE,
];
const REGIONS: [Column; 7] = [
    CODE,
    TITLE,
    column("level", "级次", "Level", true),
    column("parent_code", "上级代码", "Lies within", true),
    column("kind", "类型", "Kind", true),
    column("alias_codes", "曾用代码", "Former codes", true),
    RELEASE,
];
const FUNDS: [Column; 8] = [
    CODE,
    TITLE,
    column("level", "资金级次", "Level", true),
    column("department", "主管部门", "Department", true),
    column("notice", "资金文号", "Notice", true),
    column("year", "年度", "Year", true),
    AUDIENCE,
    RELEASE,
];
const PROCEDURES: [Column; 6] =
    [CODE, TITLE, column("months", "时间", "When", true), column("who", "责任单位", "Who", true), AUDIENCE, RELEASE];
const DAYS: [Column; 5] = [
    column("key", "年度", "Year", true),
    TITLE,
    Column { number: true, ..column("holidays", "放假天数", "Days off", true) },
    Column { number: true, ..column("working", "周末上班天数", "Weekends worked", true) },
    RELEASE,
];
const DEFINITIONS: [Column; 8] = [
    CODE,
    TITLE,
    column("stage", "阶段", "Stage", true),
    column("of", "填报对象", "About", true),
    column("per", "填报频次", "How often", true),
    Column { number: true, ..column("fields", "字段数", "Fields", true) },
    AUDIENCE,
    RELEASE,
];
const OTHERS: [Column; 4] = [CODE, TITLE, Column { shown: true, ..AUDIENCE }, RELEASE];

/// The columns of a catalog's list.
pub(super) fn columns(catalog: &str) -> &'static [Column] {
    match catalog {
        "indicators" => &INDICATORS,
        "experts" => &EXPERTS,
        "regions" => &REGIONS,
        "funds" => &FUNDS,
        "procedures" => &PROCEDURES,
        CALENDARS => &DAYS,
        FORMS => &DEFINITIONS,
        _ => &OTHERS,
    }
}

/// The columns by which a catalog's list is narrowed.
pub(super) fn filters(catalog: &str) -> &'static [&'static str] {
    match catalog {
        "indicators" => &["department", "level1"],
        "experts" => &["primary_field", "status"],
        "regions" => &["level"],
        "funds" => &["level", "department"],
        FORMS => &["stage"],
        _ => &[],
    }
}

/// One entry as the list shows it: a text for each column.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) key: String,
    pub(super) cells: Vec<String>,
}

/// All entries of one state of a catalog.
#[derive(Debug, Default)]
pub(super) struct EntryList {
    pub(super) items: Vec<Item>,
    texts: Texts,
}

impl EntryList {
    /// Prepares entries.
    pub(super) fn new(catalog: &str, entries: &[Entry]) -> Self {
        let columns = columns(catalog);
        let items = entries.iter().map(|entry| item(columns, entry)).collect();
        let texts = entries.iter().map(|entry| (title(&entry.body), findable(entry))).collect::<Vec<_>>();
        let texts = Texts::new(texts.iter().map(|(title, rest)| (title.as_str(), rest.clone())));
        Self { items, texts }
    }

    /// The entries that hold every word and have every wanted value, in the order of the search.
    pub(super) fn find(&self, words: &str, wanted: &[(usize, &str)]) -> Vec<&Item> {
        let fits =
            |item: &&Item| wanted.iter().all(|(at, value)| item.cells.get(*at).is_some_and(|cell| cell == value));
        if words.trim().is_empty() {
            return self.items.iter().filter(fits).collect();
        }
        self.texts.find(words).into_iter().filter_map(|at| self.items.get(at)).filter(fits).collect()
    }

    /// The values of a column, each once.
    pub(super) fn values(&self, column: usize) -> BTreeSet<&str> {
        let values = self.items.iter().filter_map(|item| item.cells.get(column)).map(String::as_str);
        values.filter(|value| !value.is_empty()).collect()
    }
}

fn item(columns: &[Column], entry: &Entry) -> Item {
    let body = fields::body(&entry.body);
    let word = |name: &str| Some(body.get("subject")?.get(name)?.as_str()?.to_owned());
    let cell = |column: &Column| match column.key {
        "key" => entry.key.clone(),
        "title" => title(&entry.body),
        "audience" => entry.audience.to_string(),
        "release" if entry.release == 0 => String::new(),
        "release" => entry.release.to_string(),
        // An expert's field `title` is a professional title, and the list's is what an entry is called.
        "title_word" => body.get("title").map(fields::text).unwrap_or_default(),
        "of" => word("of").map(|word| SubjectOf::read(&word).text(Lang::Zh).to_owned()).unwrap_or_default(),
        "per" => word("per").map(|word| Per::read(&word).text(Lang::Zh).to_owned()).unwrap_or_default(),
        // A list has a number for what there are several of.
        many if column.number => body.get(many).and_then(|all| all.as_array()).map_or(0, Vec::len).to_string(),
        field => body.get(field).map(fields::text).unwrap_or_default(),
    };
    Item { key: entry.key.clone(), cells: columns.iter().map(cell).collect() }
}

/// What an entry is found by, beside what it is called.
fn findable(entry: &Entry) -> String {
    let body = fields::body(&entry.body);
    let values = body.values().map(fields::text).collect::<Vec<_>>().join(" ");
    format!("{} {values}", entry.key)
}

/// The newest release of each catalog, and the draft that was looked at last, prepared. Requests share it.
#[derive(Debug)]
pub(in crate::web) struct EntryLists {
    published: Mutex<HashMap<String, (u64, Arc<EntryList>)>>,
    drafted: Remembered<Drafted>,
}

impl Default for EntryLists {
    fn default() -> Self {
        let drafted = Remembered::until(|topic| matches!(topic, Topic::Draft(_) | Topic::Catalog(_)));
        Self { published: Mutex::default(), drafted }
    }
}

/// The draft of a catalog, as long as no draft changes.
#[derive(Debug)]
struct Drafted {
    catalog: String,
    list: Option<Arc<EntryList>>,
}

impl EntryLists {
    /// What is published of a catalog.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(super) async fn published(&self, app: &App, catalog: &str) -> Result<Arc<EntryList>, Failure> {
        let id = app.catalog(catalog);
        let number = app.store().head(&id).await?.map_or(0, |head| head.number);
        let kept = self.kept().get(catalog).filter(|(kept, _)| *kept == number).map(|(_, list)| list.clone());
        if let Some(list) = kept {
            return Ok(list);
        }
        let entries = app.store().entries(&id).await?;
        // A release that came in between is newer than the number, and is read again the next time.
        let list = Arc::new(EntryList::new(catalog, &entries));
        self.kept().insert(catalog.to_owned(), (number, list.clone()));
        Ok(list)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, (u64, Arc<EntryList>)>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the draft of a catalog holds, if there is one, as it is now: somebody may be changing it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(super) async fn drafted(&self, app: &App, catalog: &str) -> Result<Option<Arc<EntryList>>, Failure> {
        let read = async || -> Result<Drafted, Failure> {
            Ok(Drafted { catalog: catalog.to_owned(), list: draft(app, catalog).await?.map(Arc::new) })
        };
        let kept = self.drafted.get(app.store(), read).await?;
        if kept.catalog == catalog {
            return Ok(kept.list.clone());
        }
        Ok(read().await?.list)
    }
}

/// The draft's entries, if there is a draft. What it took over as it is published keeps its version; the rest has none
/// yet.
async fn draft(app: &App, catalog: &str) -> Result<Option<EntryList>, Failure> {
    let (store, id) = (app.store(), app.catalog(catalog));
    let Some(draft) = store.draft(&id).await? else { return Ok(None) };
    let published = store.entries(&id).await?;
    let version = |entry: &Entry| {
        let at = published.binary_search_by(|other| other.key.cmp(&entry.key)).ok()?;
        published.get(at).filter(|old| old.body == entry.body && old.audience == entry.audience).map(|old| old.release)
    };
    let entries: Vec<_> =
        draft.entries.into_iter().map(|entry| Entry { release: version(&entry).unwrap_or(0), ..entry }).collect();
    Ok(Some(EntryList::new(catalog, &entries)))
}

#[cfg(test)]
mod tests {
    use tongpin_domain::catalog::Audience;

    use super::*;

    fn entry(key: &str, body: &str) -> Entry {
        Entry { key: key.into(), audience: Audience::Everyone, release: 2, body: body.into() }
    }

    /// Words are found in any field, filters narrow what was found, and a name that begins with the word comes first.
    #[test]
    fn finding() {
        let list = EntryList::new(
            "indicators",
            &[
                entry("A-1", r#"{"code":"A-1","name":"受资助学生人次","department":"教育局","level1":"产出"}"#),
                entry("B-1", r#"{"code":"B-1","name":"学生满意度","department":"教育局","level1":"满意度"}"#),
                entry(
                    "C-1",
                    r#"{"code":"C-1","name":"床位数","department":"民政局","level1":"产出","definition":"学生床位"}"#,
                ),
            ],
        );
        let keys = |found: Vec<&Item>| found.into_iter().map(|item| item.key.clone()).collect::<Vec<_>>();
        assert_eq!(keys(list.find("学生", &[])), ["B-1", "A-1", "C-1"]);
        assert_eq!(keys(list.find("学生", &[(4, "产出")])), ["A-1", "C-1"]);
        assert_eq!(keys(list.find(" ", &[(2, "民政局")])), ["C-1"]);
        assert_eq!(keys(list.find("b-1", &[])), ["B-1"]);
        assert_eq!(list.values(2).into_iter().collect::<Vec<_>>(), ["教育局", "民政局"]);
    }

    /// An expert's professional title is not what the expert is called.
    #[test]
    fn experts_are_called_by_their_name() {
        let list = EntryList::new("experts", &[entry("EXP-001", r#"{"display_name":"专家001","title":"副高级"}"#)]);
        assert_eq!(list.items[0].cells[..4], ["EXP-001", "专家001", "", "副高级"]);
    }
}
