//! 表单变动的影响: what publishing forms does to documents that exist, in words, and what is not published because such
//! documents could not be read any more.

use std::collections::BTreeSet;
use std::fmt;

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{Definition, DefinitionFault, DefinitionProblem, FORMS, FormChange, KeptAs, changes};
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::Store;

use crate::boxed;
use crate::error::LinkError;

/// What becomes of one form.
#[derive(Debug)]
pub struct Impact {
    /// Its code.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Whether there was no such form before: then there is no document of it.
    pub is_new: bool,
    /// Whether its documents are records that the program keeps as such. Before the city first publishes such a form,
    /// it is as the program ships it; a new release holds for all of its documents at once.
    pub is_kept: bool,
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
#[boxed]
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
    let retired = store.last_forms(&id.publisher, &absent).await?;
    let impacts = changed.iter().map(|(entry, published)| {
        let published = published.as_ref().map(|published| &published.body);
        impact(entry, published.or_else(|| retired.get(&entry.key)).map(String::as_str))
    });
    Ok(impacts.collect())
}

/// What the draft of a catalog of forms does; nothing for another catalog.
///
/// # Errors
/// The database cannot be read.
#[boxed]
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

fn impact(entry: &Entry, before: Option<&str>) -> Impact {
    let known = before.and_then(|before| serde_json::from_str::<Definition>(before).ok());
    let (after, mut problems) = match Definition::drafted(&entry.body) {
        Ok((after, problems)) => (Some(after), problems),
        Err(_) => (None, vec![DefinitionProblem::new("", DefinitionFault::UnknownPart)]),
    };
    let kept_as = after.as_ref().and_then(|after| after.kept_as.as_ref());
    let shipped = kept_as.and_then(KeptAs::shipped).filter(|_| before.is_none());
    let found = match (known.as_ref().or(shipped), &after) {
        (Some(before), Some(after)) => changes(before, after),
        _ => Vec::new(),
    };
    // What such a form may not change is said once.
    problems.retain(|it| !matches!(&it.fault, DefinitionFault::KeptOtherwise(change) if found.contains(change)));
    let is_new = before.is_none() && shipped.is_none();
    let is_kept = after.as_ref().is_some_and(Definition::is_kept);
    let title = after.or(known).map_or_else(|| entry.key.clone(), |form| form.title);
    Impact { key: entry.key.clone(), title, is_new, is_kept, changes: found, problems }
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
