//! What the address of a list asks (filters, order, page, columns, a file), and addresses that ask for something else.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::{EXPORTED, ListColumn};

/// What a reader asked of a list, as the address says it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pairs: Vec<(String, String)>,
    /// The page's address where it is shown at another; nothing where the list's ways lead from where they are.
    at: String,
}

impl Asked {
    /// Nothing, of the page at this address: a step that was refused shows the page at the address of the step, from
    /// which the list's ways would lead nowhere.
    #[must_use]
    pub fn at(address: impl Into<String>) -> Self {
        Self { pairs: Vec::new(), at: address.into() }
    }

    /// What these pairs ask.
    #[cfg(test)]
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self { pairs, at: String::new() }
    }

    /// Where a form that changes some of it is sent, if not to where it stands.
    pub(super) fn action(&self) -> Option<&str> {
        Some(self.at.as_str()).filter(|at| !at.is_empty())
    }

    /// What it asks but for the page, to stand behind another address.
    #[must_use]
    pub fn query(&self) -> String {
        query(self.kept(&[]))
    }

    /// A filter's value, empty if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The column to sort by, of those that can be, and whether backwards.
    #[must_use]
    pub fn sort<'a>(&self, columns: &[ListColumn<'a>]) -> Option<(&'a str, bool)> {
        let wanted = self.text("sort");
        let (key, backwards) = wanted.strip_prefix('-').map_or((wanted, false), |key| (key, true));
        columns.iter().find(|column| column.sorts && column.key == key).map(|column| (column.key, backwards))
    }

    /// The first row and how many: a page, or everything for an export.
    #[must_use]
    pub fn window(&self) -> (u64, u64) {
        if self.format().is_some() { (0, EXPORTED) } else { (self.page() * self.rows(), self.rows()) }
    }

    /// The file that is asked for in place of a page: `csv` or `xlsx`.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        Some(self.text("format")).filter(|format| ["csv", "xlsx"].contains(format))
    }

    /// The columns to show.
    #[must_use]
    pub fn columns<'a, 'c>(&self, columns: &'a [ListColumn<'c>]) -> Vec<(usize, &'a ListColumn<'c>)> {
        let chosen: Vec<&str> =
            self.pairs.iter().filter(|(key, _)| key == "column").map(|(_, value)| value.as_str()).collect();
        let shown = |(at, column): &(usize, &ListColumn<'_>)| {
            *at == 0 || if chosen.is_empty() { column.shown } else { chosen.contains(&column.key) }
        };
        columns.iter().enumerate().filter(shown).collect()
    }

    /// An address that asks for the same but for one thing; another filter or order begins on the first page.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> String {
        let more = (!value.is_empty()).then_some((name, value));
        self.address(self.kept(&[name]).chain(more))
    }

    /// An address that asks for the same but for some things.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> String {
        self.address(self.kept(names))
    }

    /// The same without some things: what a page was told once and no way from it tells again.
    #[must_use]
    pub fn but(&self, names: &[&str]) -> Self {
        let pairs = self.pairs.iter().filter(|(key, _)| !names.contains(&key.as_str())).cloned().collect();
        Self { pairs, at: self.at.clone() }
    }

    /// The same with one thing more: of several lists on a page, which of them its numbers turn.
    #[must_use]
    pub fn having(&self, name: &str, value: &str) -> Self {
        let mut having = self.but(&[name]);
        having.pairs.push((name.to_owned(), value.to_owned()));
        having
    }

    fn address<'a>(&self, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
        format!("{}{}", self.at, query(pairs))
    }

    /// What is asked for on whichever page, but for some things.
    fn kept<'a>(&'a self, except: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let pairs = self.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let own = ["page", "format"];
        pairs.filter(move |(key, value)| !value.is_empty() && !own.contains(key) && !except.contains(key))
    }

    /// The hidden fields of a form that changes some of it and keeps the rest.
    #[must_use]
    pub fn hidden(&self, except: &[&str]) -> Markup {
        html! {
            @for (key, value) in self.kept(except) {
                input type="hidden" name=(key) value=(value);
            }
        }
    }
}

fn query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    format!("?{}", serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default())
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        pairs.map(|Query(pairs)| Self { pairs, at: String::new() }).map_err(IntoResponse::into_response)
    }
}
