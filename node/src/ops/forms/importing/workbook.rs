//! The workbook that is filled in: empty, or with the documents that a list shows. None is written that could not come
//! back.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use tongpin_console::sheet::documents::{self, DocumentLine, DocumentsView, TooLarge};
use tongpin_console::web::LARGEST_FILE;
use tongpin_domain::form::{DOCUMENT, Document, Given};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::processor::beside;
use tongpin_store::{FormFilter, Keys};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::forms::{HeldDocument, HeldForm, opening};

/// Documents in one workbook at most.
const MOST_DOCUMENTS: usize = 20_000;
/// What the bodies of these documents may be together, bytes: so much is held in memory while the file is written.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Documents that are read at once.
const PIECE: u64 = 500;

/// There is more than one workbook takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TooMuch {
    /// More documents.
    Documents,
    /// More in them, or more columns.
    Large(TooLarge),
}

impl Say for TooMuch {
    fn say(&self, lang: Lang) -> String {
        let zh = format!("符合条件的单据多于 {MOST_DOCUMENTS} 份；请先在列表中加上条件，分次下载");
        let en = format!("more than {MOST_DOCUMENTS} documents are like that; ask for less in the list");
        match self {
            Self::Documents => lang.pick(&zh, &en).to_owned(),
            Self::Large(too_large) => too_large.say(lang),
        }
    }
}

/// A form's documents as a workbook, and how many they are; none make a template.
///
/// # Errors
/// The database cannot be read, or the documents fill more than a sheet.
pub(crate) async fn workbook(
    app: &App,
    form: &HeldForm,
    periods: &[String],
    filter: Option<&FormFilter>,
) -> Result<Result<(Vec<u8>, usize), TooMuch>, Failure> {
    let mut held = Vec::new();
    if let Some(filter) = filter {
        match found(app, form, filter).await? {
            Ok(found) => held = found,
            Err(too_much) => return Ok(Err(too_much)),
        }
    }
    let versions: Vec<String> = held.iter().map(HeldDocument::version).collect();
    let whole: Vec<Cow<'_, Document>> = held.iter().map(HeldDocument::whole).collect();
    let line = |((held, document), version)| {
        let (held, document): (&HeldDocument, &Cow<'_, Document>) = (held, document);
        DocumentLine { document, keeper: held.author.as_str(), state: held.state_title(), version }
    };
    let versions = versions.iter().map(String::as_str);
    let lines: Vec<DocumentLine<'_>> = held.iter().zip(&whole).zip(versions).map(line).collect();
    let view = DocumentsView { definition: &form.definition, periods, lines: &lines };
    let made = beside(|| documents::write(&view, LARGEST_FILE)).map_err(|error| Failure::internal(&error))?;
    Ok(made.map(|bytes| (bytes, lines.len())).map_err(TooMuch::Large))
}

/// The documents that a filter finds, while they are no more than a workbook takes.
async fn found(app: &App, form: &HeldForm, filter: &FormFilter) -> Result<Result<Vec<HeldDocument>, TooMuch>, Failure> {
    let store = app.store();
    let (mut all, mut after) = (Vec::new(), (String::new(), String::new()));
    let (mut rows, mut bytes): (BTreeMap<String, usize>, usize) = (BTreeMap::new(), 0);
    loop {
        let page = store.documents_after(&form.definition, filter, (&after.0, &after.1), PIECE).await?;
        let Some(last) = page.last() else { break };
        after = (last.key.clone(), last.author.to_string());
        let named: BTreeSet<(&str, &str)> = page.iter().map(|row| (row.key.as_str(), row.author.as_str())).collect();
        let keys: Vec<&str> = named.iter().map(|(key, _)| *key).collect();
        let mut records = store.records_at(DOCUMENT, Keys::These(&keys)).await?;
        records.retain(|record| named.contains(&(record.key.as_str(), record.author.as_str())));
        for held in opening::held(store, records).await? {
            bytes += held.body.len();
            for (field, given) in &held.document.given {
                if let Given::Rows(given) = given {
                    *rows.entry(field.clone()).or_default() += given.len();
                }
            }
            all.push(held);
        }
        if all.len() > MOST_DOCUMENTS {
            return Ok(Err(TooMuch::Documents));
        }
        if bytes > MOST_BYTES {
            return Ok(Err(TooMuch::Large(TooLarge::File)));
        }
        let of = |field: &str| rows.get(field).copied().unwrap_or_default();
        if let Err(too_large) = documents::can_come_back(&form.definition, all.len(), of) {
            return Ok(Err(TooMuch::Large(too_large)));
        }
    }
    Ok(Ok(all))
}
