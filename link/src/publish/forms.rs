//! 表单变动的影响: what publishing forms does to documents that exist, in words, and what is not published because such
//! documents could not be read any more.

use std::collections::BTreeSet;
use std::fmt;

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{Definition, DefinitionProblem, FORMS, FormChange, changes};
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::Store;

use crate::error::LinkError;
use crate::history;

/// What becomes of one form.
#[derive(Debug)]
pub struct Impact {
    /// Its code.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Whether it was never published before: then there is no document of it.
    pub is_new: bool,
    /// What is different.
    pub changes: Vec<FormChange>,
    /// What is wrong with it as it stands, whatever was before.
    pub problems: Vec<DefinitionProblem>,
}

impl Impact {
    /// What keeps it from being published.
    #[must_use]
    pub fn refusals(&self, lang: Lang) -> Vec<String> {
        let refused = self.changes.iter().filter(|change| change.is_refused()).map(|change| change.say(lang));
        refused.chain(self.problems.iter().map(|problem| problem.say(lang))).collect()
    }

    /// Whether it is published in no case.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.problems.is_empty() || self.changes.iter().any(FormChange::is_refused)
    }
}

/// What these entries of the catalog of forms do to what was published of each before; those that change nothing are
/// left out. A form that had retired is compared with what it was then: its documents are still there.
///
/// # Errors
/// The database cannot be read.
pub async fn of(store: &Store, id: &CatalogId, entries: &[Entry]) -> Result<Vec<Impact>, LinkError> {
    let (mut changed, mut absent) = (Vec::new(), BTreeSet::new());
    for entry in entries {
        let published = store.entry(id, &entry.key).await?;
        if published.as_ref().is_some_and(|published| published.body == entry.body) {
            continue;
        }
        if published.is_none() {
            absent.insert(entry.key.clone());
        }
        changed.push((entry, published));
    }
    let retired = history::last_of(store, id, absent).await?;
    let impacts = changed.iter().map(|(entry, published)| {
        let before = published.as_ref().or_else(|| retired.get(&entry.key));
        impact(entry, before)
    });
    Ok(impacts.collect())
}

/// What the draft of a catalog of forms does; nothing for another catalog.
///
/// # Errors
/// The database cannot be read.
pub async fn of_draft(store: &Store, id: &CatalogId) -> Result<Vec<Impact>, LinkError> {
    let draft = if id.name == FORMS { store.draft(id).await? } else { None };
    of(store, id, &draft.map(|draft| draft.entries).unwrap_or_default()).await
}

/// The forms among what would be published that cannot be.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn refused(store: &Store, id: &CatalogId, entries: &[Entry]) -> Result<FormsRefused, LinkError> {
    let refused = of(store, id, entries).await?.into_iter().filter(Impact::is_refused).map(|impact| {
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| impact.refusals(lang));
        RefusedForm { key: impact.key, title: impact.title, zh, en }
    });
    Ok(FormsRefused(refused.collect()))
}

fn impact(entry: &Entry, before: Option<&Entry>) -> Impact {
    let read = |body: &str| serde_json::from_str::<Definition>(body).ok();
    let known = before.and_then(|before| read(&before.body));
    let (after, problems) = match Definition::drafted(&entry.body) {
        Ok((after, problems)) => (Some(after), problems),
        Err(_) => (None, vec![DefinitionProblem::new("", tongpin_domain::form::DefinitionFault::UnknownPart)]),
    };
    let found = match (&known, &after) {
        (Some(before), Some(after)) => changes(before, after),
        _ => Vec::new(),
    };
    let title = after.or(known).map_or_else(|| entry.key.clone(), |form| form.title);
    Impact { key: entry.key.clone(), title, is_new: before.is_none(), changes: found, problems }
}

/// A form that is not published.
#[derive(Debug)]
pub struct RefusedForm {
    /// Its code.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Why, in Chinese.
    pub zh: Vec<String>,
    /// Why, in English.
    pub en: Vec<String>,
}

/// Forms that are not published: documents that exist could not be read any more, or they are wrong as they stand.
#[derive(Debug)]
pub struct FormsRefused(pub Vec<RefusedForm>);

impl fmt::Display for FormsRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|form| format!("{}: {}", form.key, form.en.join("; "))).collect();
        write!(f, "forms are not published: {}", all.join("; "))
    }
}

impl std::error::Error for FormsRefused {}

impl Say for FormsRefused {
    fn say(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        let form = |form: &RefusedForm| format!("表单“{}”：{}", form.title, form.zh.join("；"));
        let all: Vec<String> = self.0.iter().map(form).collect();
        format!("没有发布：{}。请修改草稿后再发布", all.join("。"))
    }
}
