//! Reading documents with what is needed to work on them: one for its page, or many for a file, by the same few
//! statements.

use std::collections::BTreeMap;
use std::sync::Arc;

use tongpin_domain::catalog::Entry;
use tongpin_domain::form::{self, Document, Edition};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Keys, Record, Store, StoreError};

use super::{HeldDocument, HeldForm};
use crate::guidance;

/// Reads a document, whoever keeps it; `None` if there is none of this key, or it cannot be read.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn open(
    store: &Store,
    code: &str,
    author: &RegionCode,
    id: &str,
) -> Result<Option<HeldDocument>, StoreError> {
    let key = format!("{code}/{id}");
    let found = store.records_at(form::DOCUMENT, Keys::One(&key)).await?;
    match found.into_iter().find(|record| record.author == *author) {
        Some(record) => Ok(held(store, vec![record]).await?.pop()),
        None => Ok(None),
    }
}

/// The documents of records, those that can be read, in their order.
pub(super) async fn held(store: &Store, records: Vec<Record>) -> Result<Vec<HeldDocument>, StoreError> {
    let mut read = Vec::with_capacity(records.len());
    let mut forms = Forms::default();
    for record in records {
        let Ok(document) = serde_json::from_str::<Document>(&record.body) else { continue };
        let Some(form) = forms.of(store, &document).await? else { continue };
        if form.definition.believes(&document, &record.author) {
            let newest = forms.newer(store, &form).await?;
            read.push((record, document, form, newest));
        }
    }
    let named = read.iter().map(|(record, document, ..)| verdict_key(&record.author, &document.record_key()));
    let mut verdicts = verdicts(store, &named.collect::<Vec<_>>()).await?;
    let held = read.into_iter().map(|(record, document, form, newest)| {
        let decided = verdicts.remove(&verdict_key(&record.author, &document.record_key())).unwrap_or_default();
        let above = decided.into_iter().find(|(publisher, _)| record.author.within(publisher));
        let verdict = above.as_ref().and_then(|(_, entry)| guidance::read(entry));
        let decided = above.map(|(publisher, entry)| (publisher, entry.body));
        HeldDocument { author: record.author, document, verdict, form, newest, body: record.body, decided }
    });
    Ok(held.collect())
}

/// A form in force, not read yet: its entry with who publishes it, and what the county adds to it.
struct InForce {
    publisher: RegionCode,
    entry: Entry,
    added: Option<Entry>,
}

impl InForce {
    async fn of(store: &Store, code: &str) -> Result<Option<Self>, StoreError> {
        let found = guidance::entries_at(store, form::FORMS, code).await?.into_iter().next();
        let Some((publisher, entry)) = found else { return Ok(None) };
        let added = guidance::entries_at(store, form::SUPPLEMENTS, code).await?;
        let added = added.into_iter().find(|(by, _)| *by != publisher).map(|(_, entry)| entry);
        Ok(Some(Self { publisher, entry, added }))
    }

    fn read(&self) -> Option<HeldForm> {
        let form = HeldForm::read(self.publisher.clone(), self.entry.release, &self.entry.body)?;
        Some(match &self.added {
            Some(added) => form.with(added.release, &added.body),
            None => form,
        })
    }

    fn edition(&self) -> Edition {
        Edition { release: self.entry.release, added: self.added.as_ref().map_or(0, |added| added.release) }
    }
}

/// The forms of documents that are read together, each release read once.
#[derive(Default)]
struct Forms {
    releases: BTreeMap<(RegionCode, String, Edition), Option<Arc<HeldForm>>>,
    in_force: BTreeMap<String, Option<InForce>>,
    newest: BTreeMap<String, Option<Arc<HeldForm>>>,
}

impl Forms {
    /// The form that a document is filled in by, in its release.
    async fn of(&mut self, store: &Store, document: &Document) -> Result<Option<Arc<HeldForm>>, StoreError> {
        let release = (document.publisher.clone(), document.form.clone(), document.edition());
        if let Some(known) = self.releases.get(&release) {
            return Ok(known.clone());
        }
        let form = form_of(store, document).await?;
        self.releases.insert(release, form.clone());
        Ok(form)
    }

    /// The release of the same form that is in force, if that is a newer one: of most documents it is not.
    async fn newer(&mut self, store: &Store, form: &HeldForm) -> Result<Option<Arc<HeldForm>>, StoreError> {
        let code = &form.definition.code;
        if !self.in_force.contains_key(code) {
            self.in_force.insert(code.clone(), InForce::of(store, code).await?);
        }
        let Some(Some(in_force)) = self.in_force.get(code) else { return Ok(None) };
        if in_force.publisher != form.publisher || in_force.edition() <= form.edition() {
            return Ok(None);
        }
        let newest = self.newest.entry(code.clone()).or_insert_with(|| in_force.read().map(Arc::new)).clone();
        // What the county adds may not fit the form any more: then it is not there.
        Ok(newest.filter(|newest| newest.edition() > form.edition()))
    }
}

/// The form that a document is filled in by, in its release.
pub(super) async fn form_of(store: &Store, document: &Document) -> Result<Option<Arc<HeldForm>>, StoreError> {
    let Document { publisher, form: code, release, added, .. } = document;
    let body = store.form_definition(publisher, code, *release).await?;
    let Some(form) = body.and_then(|body| HeldForm::read(publisher.clone(), *release, &body)) else { return Ok(None) };
    if *added == 0 {
        return Ok(Some(Arc::new(form)));
    }
    let body = store.form_supplement(publisher, code, *added).await?;
    Ok(body.map(|body| Arc::new(form.when_filled(*added, &body))))
}

/// The key of a verdict in its catalog.
pub(crate) fn verdict_key(author: &RegionCode, document: &str) -> String {
    format!("{author}/{document}")
}

/// What was decided about some documents, as this node holds it: the highest level first.
async fn verdicts(store: &Store, keys: &[String]) -> Result<BTreeMap<String, Vec<(RegionCode, Entry)>>, StoreError> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut found: BTreeMap<String, Vec<(RegionCode, Entry)>> = BTreeMap::new();
    for (publisher, entry) in guidance::entries_named(store, form::VERDICTS, &keys).await? {
        found.entry(entry.key.clone()).or_default().push((publisher, entry));
    }
    Ok(found)
}
