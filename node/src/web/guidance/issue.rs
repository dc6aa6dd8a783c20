//! What is held of each catalog: whose it is, which release, and since when.

use maud::{Markup, html};
use tongpin_domain::form::TRIALS;
use tongpin_domain::lang::{Lang, Say as _};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_store::{Store, StoreError};

use crate::guidance::Unread;
use crate::web::parts::segment;

/// The catalogs that have a page of their own.
pub(super) const PAGES: [&str; 7] = ["indicators", "rules", "procedures", "experts", "funds", "regions", TRIALS];

/// A catalog as it is held here: whose, which release, and since when.
pub(super) struct Issue {
    pub(super) publisher: RegionCode,
    pub(super) catalog: String,
    pub(super) number: u64,
    pub(super) signed_at: Option<Moment>,
    pub(super) applied_at: Option<Moment>,
    pub(super) note: String,
}

impl Issue {
    /// Where its newest release is told.
    pub(super) fn address(&self, number: u64) -> String {
        let (catalog, publisher) = (segment(&self.catalog), segment(self.publisher.as_str()));
        format!("/guidance/{catalog}/releases/{number}?publisher={publisher}")
    }
}

/// The catalogs that are held, the highest level's first; of one name or of all.
pub(super) async fn issues(store: &Store, name: Option<&str>) -> Result<Vec<Issue>, StoreError> {
    let mut issues = Vec::new();
    for head in store.heads().await?.into_iter().filter(|head| name.is_none_or(|name| head.catalog.name == name)) {
        let release = store.release(&head.catalog, head.number).await?.map(|signed| signed.release);
        issues.push(Issue {
            signed_at: release.as_ref().map(|release| release.signed_at),
            note: release.map(|release| release.note).unwrap_or_default(),
            applied_at: store.applied_at(&head.catalog, head.number).await?,
            publisher: head.catalog.publisher,
            catalog: head.catalog.name,
            number: head.number,
        });
    }
    let place = |issue: &Issue| PAGES.iter().position(|page| *page == issue.catalog).unwrap_or(PAGES.len());
    issues.sort_by_key(|issue| (issue.publisher.level(), issue.publisher.clone(), place(issue)));
    Ok(issues)
}

pub(super) fn when(at: Option<Moment>) -> String {
    at.map_or_else(|| "—".to_owned(), |at| at.to_string())
}

/// Under the heading of a catalog's page: whose it is, and how new.
pub(super) async fn origin(store: &Store, catalog: &str, regions: &Regions, lang: Lang) -> Result<Markup, StoreError> {
    let issues = issues(store, Some(catalog)).await?;
    Ok(html! {
        @for issue in &issues {
            p.hint {
                (lang.pick("发布单位 ", "Published by ")) (regions.name(&issue.publisher))
                (lang.pick("，第 ", ", release ")) (issue.number) (lang.pick(" 版，签发 ", ", signed "))
                (when(issue.signed_at)) (lang.pick("，本级启用 ", ", in force here since ")) (when(issue.applied_at))
                " · " a href=(issue.address(issue.number)) { (lang.pick("本版改了什么", "What it changed")) }
            }
        }
        p.noprint { a href="/guidance" { (lang.pick("返回市级下发", "Back to the guidance")) } }
    })
}

/// What of it cannot be used here, and why.
pub(super) fn unusable(unread: &[Unread], lang: Lang) -> Markup {
    html! {
        @if !unread.is_empty() {
            div.notice.bad role="alert" { ul { @for unread in unread { li { (unread.say(lang)) } } } }
        }
    }
}
