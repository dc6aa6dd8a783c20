//! 表单变动的影响: what publishing forms does to documents that exist, in words, and what is not published because such
//! documents could not be read any more.

use tongpin_domain::catalog::Entry;
use tongpin_domain::form::{Definition, DefinitionProblem, FORMS, FormChange, changes};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::history;

use crate::app::App;
use crate::failure::Failure;
use crate::failure::forms::{FormsRefused, RefusedForm};

/// What becomes of one form.
#[derive(Debug)]
pub(crate) struct Impact {
    /// Its code.
    pub(crate) key: String,
    /// What it is called.
    pub(crate) title: String,
    /// Whether it was never published before: then there is no document of it.
    pub(crate) is_new: bool,
    /// What is different.
    pub(crate) changes: Vec<FormChange>,
    /// What is wrong with it as it stands, whatever was before.
    pub(crate) problems: Vec<DefinitionProblem>,
}

impl Impact {
    /// What keeps it from being published.
    pub(crate) fn refusals(&self, lang: Lang) -> Vec<String> {
        let refused = self.changes.iter().filter(|change| change.is_refused()).map(|change| change.say(lang));
        refused.chain(self.problems.iter().map(|problem| problem.say(lang))).collect()
    }

    /// Whether it is published in no case.
    pub(crate) fn is_refused(&self) -> bool {
        !self.problems.is_empty() || self.changes.iter().any(FormChange::is_refused)
    }
}

/// What these entries of the catalog of forms do to what was published of each before; those that change nothing are
/// left out. A form that had retired is compared with what it was then: its documents are still there.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn of(app: &App, entries: &[Entry]) -> Result<Vec<Impact>, Failure> {
    let (store, id) = (app.store(), app.catalog(FORMS));
    let mut impacts = Vec::new();
    for entry in entries {
        let before = match store.entry(&id, &entry.key).await? {
            Some(published) if published.body == entry.body => continue,
            Some(published) => Some(published),
            None => {
                let changes = history::changes_of(store, &id, &entry.key).await?;
                changes.into_iter().rev().find_map(|change| change.after.or(change.before))
            }
        };
        impacts.push(impact(entry, before.as_ref()));
    }
    Ok(impacts)
}

/// What the draft of the catalog of forms does.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn of_draft(app: &App) -> Result<Vec<Impact>, Failure> {
    let draft = app.store().draft(&app.catalog(FORMS)).await?;
    of(app, &draft.map(|draft| draft.entries).unwrap_or_default()).await
}

/// Refuses forms that cannot be published.
///
/// # Errors
/// [`Failure::Forms`], or the database cannot be read.
pub(crate) async fn must_suit(app: &App, entries: &[Entry]) -> Result<(), Failure> {
    let refused = of(app, entries).await?.into_iter().filter(Impact::is_refused).map(|impact| {
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| impact.refusals(lang));
        RefusedForm { key: impact.key, title: impact.title, zh, en }
    });
    let refused: Vec<RefusedForm> = refused.collect();
    if refused.is_empty() { Ok(()) } else { Err(Failure::Forms(FormsRefused(refused))) }
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
