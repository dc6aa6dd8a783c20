//! The page of a catalog as a list: how new it is, what to look for in it, and its entries. What differs from one
//! catalog to the next is described; the page is made here.

use std::collections::BTreeSet;

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_console::web::list::{self, Asked, Cell, Column, Filter, Listing};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::Regions;

use super::issue::origin;
use crate::web::parts::Context;
use crate::web::rows::chosen;

/// Words in Chinese and English.
type Words = (&'static str, &'static str);

/// A catalog's page, described.
pub(super) struct CatalogList {
    /// The catalog.
    pub(super) catalog: &'static str,
    /// What its page is called, and a file that it is exported to.
    pub(super) title: Words,
    /// All columns.
    pub(super) columns: &'static [Column],
    /// The column that is searched first.
    pub(super) name: &'static str,
    /// What one can look for.
    pub(super) hint: Words,
    /// What is said as long as nothing of it has come.
    pub(super) nothing: Words,
    /// What is said where nothing is found.
    pub(super) unfound: Words,
}

/// A filter: what the address calls it, its label, and what can be chosen.
pub(super) type Choice<'a> = (&'static str, &'a str, Vec<&'a str>);

/// The rows of a page.
pub(super) struct Found {
    /// Those of the page that was asked for.
    rows: Vec<Vec<Cell>>,
    /// How many there are on all pages.
    total: u64,
    /// Whether anything of the catalog has come.
    held: bool,
}

impl Found {
    /// Rows that were found and cut already.
    pub(super) fn cut(rows: Vec<Vec<Cell>>, total: usize, held: bool) -> Self {
        Self { rows, total: total.try_into().unwrap_or(u64::MAX), held }
    }
}

impl CatalogList {
    /// Of all rows those that were asked for.
    pub(super) fn find(&self, rows: Vec<Vec<Cell>>, asked: &Asked, held: bool) -> Found {
        let (rows, total) = chosen(rows, asked, self.columns, self.name);
        Found { rows, total, held }
    }

    /// The page, with something `about` above the list; or the file that the list is exported to.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(super) async fn page(
        &self,
        cx: &Context,
        asked: &Asked,
        found: &Found,
        (regions, choices): (&Regions, &[Choice<'_>]),
        about: &Markup,
    ) -> Result<Response, PageError> {
        let lang = cx.lang();
        let said = |(zh, en): Words| lang.pick(zh, en);
        let empty = said(if found.held { self.unfound } else { self.nothing });
        let Found { rows, total, .. } = found;
        let listing = Listing { title: said(self.title), columns: self.columns, rows, total: *total, empty };
        if let Some(file) = listing.exported(asked, lang) {
            return Ok(file);
        }
        let body = html! {
            (origin(cx.app.store(), self.catalog, regions, lang).await?)
            (about)
            @if found.held { (search(asked, said(self.hint), choices, lang)) }
            (listing.draw(asked, lang))
        };
        Ok(cx.page(said(self.title)).show(&body))
    }
}

/// The words that occur, each once; what can be chosen in a filter.
pub(super) fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    words.filter(|word| !word.is_empty()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A column that is shown when the reader asks for it.
pub(super) const fn further(key: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { shown: false, ..Column::new(key, zh, en) }
}

/// A column of numbers.
pub(super) const fn figures(key: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { number: true, ..Column::new(key, zh, en) }
}

/// A filter with a box for words and some choices: name, label, what can be chosen.
fn search(asked: &Asked, hint: &str, choices: &[Choice<'_>], lang: Lang) -> Markup {
    let words = Filter::words(hint, lang);
    let choices = choices.iter().map(|(name, label, options)| Filter::texts(name, label, options.iter().copied()));
    list::search(&std::iter::once(words).chain(choices).collect::<Vec<_>>(), asked, lang)
}
