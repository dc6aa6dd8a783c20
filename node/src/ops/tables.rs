//! Tables of projects and of their indicators (录入): checked against what is held here and what the levels above share,
//! and written.

use std::collections::BTreeSet;

use tongpin_domain::intake::Table;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_store::{Put, PutCounts, RecordRow, StoreError};

use crate::app::App;
use crate::guidance;
use crate::records::kept_form::{KeptForm, RecordForms};
use crate::records::{self, HeldProject};
use crate::sheets::catalog_check::CatalogCheck;
use crate::sheets::entry::months::{self, Months};
use crate::sheets::entry::{Bounds, Entered};

/// What tables are checked against, read once.
pub(crate) struct Checks {
    own: RegionCode,
    regions: Regions,
    held: Vec<HeldProject>,
    months: Months,
    forms: RecordForms,
    catalogs: CatalogCheck,
}

impl Checks {
    /// Reads it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(app: &App) -> Result<Self, StoreError> {
        let (store, own) = (app.store(), app.site.region());
        Ok(Self {
            regions: guidance::regions(store).await?,
            held: records::load(store).await?.projects,
            months: months::of_all(store, &own).await?,
            forms: RecordForms::load(store).await?,
            catalogs: CatalogCheck::load(store).await?,
            own,
        })
    }

    /// What tables are read by.
    pub(crate) fn forms(&self) -> &RecordForms {
        &self.forms
    }

    /// A table of projects.
    pub(crate) fn projects(&self, table: &Table) -> Entered {
        self.doubted(table, &self.forms.projects, self.bounds().projects(table))
    }

    /// A table of indicators; `codes` are projects that come together with it.
    pub(crate) fn indicators(&self, table: &Table, codes: &BTreeSet<String>) -> Entered {
        self.doubted(table, &self.forms.lines, self.bounds().indicators(table, codes))
    }

    fn bounds(&self) -> Bounds<'_> {
        let Self { own, regions, held, months, forms, .. } = self;
        Bounds { own, regions, held, months, forms }
    }

    /// What was read, with what the catalogs know otherwise.
    fn doubted(&self, table: &Table, form: &KeptForm, mut entered: Entered) -> Entered {
        let doubts = self.catalogs.doubts((&table.name, &table.header), form.definition(), &entered);
        entered.warnings.extend(doubts);
        entered
    }
}

/// Writes records of this bureau.
///
/// # Errors
/// The database cannot be written.
pub(crate) async fn put(app: &App, records: &[RecordRow]) -> Result<PutCounts, StoreError> {
    let own = app.site.region();
    app.store().put_records(&Put { own: &own, records, at: app.site.now(), log: app.records_go_up() }).await
}
