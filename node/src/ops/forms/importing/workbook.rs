//! The workbook that is filled in: empty, or with the documents that a list shows.

use std::collections::BTreeSet;

use tongpin_console::sheet::documents::{self, DocumentLine, DocumentsView};
use tongpin_domain::form::DOCUMENT;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::processor::beside;
use tongpin_store::{FormFilter, Keys};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::forms::{HeldDocument, HeldForm, opening};

/// Documents in one workbook at most.
const MOST_DOCUMENTS: usize = 20_000;
/// Documents that are read at once.
const PIECE: u64 = 500;

/// There are more documents than one workbook takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Say for TooMany {
    fn say(&self, lang: Lang) -> String {
        let zh = format!("符合条件的单据多于 {MOST_DOCUMENTS} 份；请先在列表中加上条件，分次下载");
        let en = format!("more than {MOST_DOCUMENTS} documents are like that; ask for less in the list");
        lang.pick(&zh, &en).to_owned()
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
) -> Result<Result<(Vec<u8>, usize), TooMany>, Failure> {
    let mut held = Vec::new();
    if let Some(filter) = filter {
        match found(app, form, filter).await? {
            Ok(found) => held = found,
            Err(too_many) => return Ok(Err(too_many)),
        }
    }
    let versions: Vec<String> = held.iter().map(HeldDocument::version).collect();
    let line = |(held, version)| {
        let held: &HeldDocument = held;
        DocumentLine { document: &held.document, keeper: held.author.as_str(), state: held.state_title(), version }
    };
    let lines: Vec<DocumentLine<'_>> = held.iter().zip(versions.iter().map(String::as_str)).map(line).collect();
    let view = DocumentsView { definition: &form.definition, periods, lines: &lines };
    let bytes = beside(|| documents::write(&view)).map_err(|error| Failure::internal(&error))?;
    Ok(Ok((bytes, lines.len())))
}

/// The documents that a filter finds.
async fn found(app: &App, form: &HeldForm, filter: &FormFilter) -> Result<Result<Vec<HeldDocument>, TooMany>, Failure> {
    let store = app.store();
    let (mut all, mut after) = (Vec::new(), (String::new(), String::new()));
    loop {
        let page = store.documents_after(&form.definition, filter, (&after.0, &after.1), PIECE).await?;
        let Some(last) = page.last() else { break };
        after = (last.key.clone(), last.author.to_string());
        let named: BTreeSet<(&str, &str)> = page.iter().map(|row| (row.key.as_str(), row.author.as_str())).collect();
        let keys: Vec<&str> = named.iter().map(|(key, _)| *key).collect();
        let mut records = store.records_at(DOCUMENT, Keys::These(&keys)).await?;
        records.retain(|record| named.contains(&(record.key.as_str(), record.author.as_str())));
        all.extend(opening::held(store, records).await?);
        if all.len() > MOST_DOCUMENTS {
            return Ok(Err(TooMany));
        }
    }
    Ok(Ok(all))
}
