//! Which forms there are here, in force or not any more.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::is_name;
use tongpin_domain::region::RegionCode;

use super::DOCUMENTS;
use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, listed, sql};

/// A form that is or was held here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormHeld {
    /// Who publishes it.
    pub publisher: RegionCode,
    /// Its code.
    pub code: String,
    /// The newest release that was held.
    pub release: u64,
    /// That release, as it was published.
    pub body: String,
    /// Whether it is in the catalog still; otherwise its documents are only read.
    pub in_force: bool,
    /// Whether its documents are listed: not if it cannot be read here, or the code is another publisher's.
    pub listed: bool,
    /// How many documents are listed.
    pub documents: u64,
}

fn held(line: &Line) -> Result<FormHeld, StoreError> {
    Ok(FormHeld {
        publisher: line.region("publisher")?,
        code: line.text("code")?,
        release: line.number("release")?,
        body: line.text("body")?,
        in_force: line.maybe_text("held")?.is_some(),
        listed: line.maybe_text("listed")?.is_some(),
        documents: 0,
    })
}

impl Store {
    /// Every form that is or was held here, sorted by code and publisher.
    #[boxed]
    pub async fn forms_held(&self) -> Result<Vec<FormHeld>, StoreError> {
        let text = "SELECT d.publisher, d.code, d.release, d.body, e.key AS held, t.code AS listed \
            FROM form_definition AS d \
            LEFT JOIN catalog_entry AS e ON e.publisher = d.publisher AND e.catalog = 'forms' AND e.key = d.code \
            LEFT JOIN form_table AS t ON t.code = d.code AND t.publisher = d.publisher \
            WHERE d.release = (SELECT MAX(n.release) FROM form_definition AS n \
            WHERE n.publisher = d.publisher AND n.code = d.code) ORDER BY d.code, d.publisher";
        let mut reader = self.reader().await?;
        let mut forms = sql("form_definition", "reading forms", text).read(&mut reader, held).await?;
        for form in forms.iter_mut().filter(|form| form.listed && is_name(&form.code)) {
            let text = format!("SELECT COUNT(*) AS count FROM f_{}", form.code);
            let line = sql(DOCUMENTS, "counting documents", text).first(&mut reader).await?;
            form.documents = line.map_or(Ok(0), |line| line.number("count"))?;
        }
        Ok(forms)
    }

    /// The newest release of each of some forms of a publisher that was ever held here, as it was published, by code.
    #[boxed]
    pub async fn last_forms(
        &self,
        publisher: &RegionCode,
        codes: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        if codes.is_empty() {
            return Ok(BTreeMap::new());
        }
        let text = format!(
            "SELECT d.code, d.body FROM form_definition AS d WHERE d.publisher = $1 AND d.code IN {} AND d.release = \
             (SELECT MAX(n.release) FROM form_definition AS n WHERE n.publisher = d.publisher AND n.code = d.code)",
            listed(self.kind(), 2)
        );
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let query = sql("form_definition", "reading forms", text).shown(publisher).list(&codes);
        let read = |line: &Line| Ok((line.text("code")?, line.text("body")?));
        Ok(query.read(&mut *self.reader().await?, read).await?.into_iter().collect())
    }

    /// The codes of the forms that others than this publisher publish, or once did.
    #[boxed]
    pub async fn form_codes(&self, others_than: &RegionCode) -> Result<BTreeSet<String>, StoreError> {
        let text = "SELECT DISTINCT code FROM form_definition WHERE publisher <> $1";
        let query = sql("form_definition", "reading codes of forms", text).shown(others_than);
        Ok(query.read(&mut *self.reader().await?, |line| line.text("code")).await?.into_iter().collect())
    }
}
