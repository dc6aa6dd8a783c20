//! 审核意见: which decision holds of a document, whichever of the two came first.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::form::{VERDICTS, Verdict, is_name};
use tongpin_domain::region::RegionCode;

use super::{land, table, turn};
use crate::catalog::Application;
use crate::db::Tx;
use crate::error::StoreError;
use crate::sql::{listed, sql};

const ENTRY: &str = "catalog_entry";

/// Verdicts by author and key of the document.
pub(super) type Verdicts = BTreeMap<(String, String), Vec<Verdict>>;

/// The keys of the verdicts that a release may take away; nothing for other catalogs. To be asked before it does.
pub(crate) async fn leaving(
    tx: &mut Tx,
    id: &CatalogId,
    application: &Application<'_>,
) -> Result<Vec<String>, StoreError> {
    if id.name != VERDICTS {
        return Ok(Vec::new());
    }
    if !application.full {
        return Ok(application.difference.removals.clone());
    }
    let text = "SELECT key FROM catalog_entry WHERE publisher = $1 AND catalog = $2";
    let query = sql(ENTRY, "reading verdicts", text).shown(&id.publisher).text(&id.name);
    query.read(tx.connection(), |line| line.text("key")).await
}

/// The verdicts that are held about some documents, `(author, key)`: each of a bureau that stands above the author, or
/// is it.
pub(super) async fn held(tx: &mut Tx, documents: &[(&str, &str)]) -> Result<Verdicts, StoreError> {
    let text = "SELECT DISTINCT publisher FROM catalog_release WHERE catalog = 'verdicts'";
    let query = sql("catalog_release", "reading who decides", text);
    let publishers = query.read(tx.connection(), |line| line.text("publisher")).await?;
    let mut found = Verdicts::new();
    if publishers.is_empty() || documents.is_empty() {
        return Ok(found);
    }
    let names: Vec<String> = documents.iter().map(|(author, key)| format!("{author}/{key}")).collect();
    let text = format!(
        "SELECT publisher, key, body FROM catalog_entry WHERE publisher IN {} AND catalog = 'verdicts' AND key IN {}",
        listed(tx.kind(), 1),
        listed(tx.kind(), 2)
    );
    let publishers: Vec<&str> = publishers.iter().map(String::as_str).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let query = sql(ENTRY, "reading verdicts", text).list(&publishers).list(&names);
    for line in query.all(tx.connection()).await? {
        let publisher = line.region("publisher")?;
        let Ok(verdict) = serde_json::from_str::<Verdict>(&line.text("body")?) else { continue };
        let name = format!("{}/{}", verdict.author, verdict.document);
        if verdict.author.within(&publisher) && is_name(&verdict.state) && name == line.text("key")? {
            let document = (verdict.author.to_string(), verdict.document.clone());
            found.entry(document).or_default().push(verdict);
        }
    }
    Ok(found)
}

/// Lists anew the documents that verdicts of these keys are about, and returns how many.
pub(super) async fn decide(tx: &mut Tx, keys: impl Iterator<Item = &str>) -> Result<u64, StoreError> {
    let mut forms: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for name in keys {
        let Some((author, key)) = name.split_once('/') else { continue };
        let Some((code, _)) = key.split_once('/').filter(|(code, _)| is_name(code)) else { continue };
        if RegionCode::new(author).is_ok() {
            forms.entry(code).or_default().entry(author).or_default().insert(key);
        }
    }
    let mut decided = 0u64;
    for (code, authors) in forms {
        tx.lock(&turn(code)).await?;
        let Some(table) = table::read(tx.connection(), code).await? else { continue };
        decided = decided.saturating_add(land::land_again(tx, &table, &authors).await?);
    }
    Ok(decided)
}
