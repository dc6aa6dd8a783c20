//! The city's own pages in the console: one file per page.

mod analysis;
mod catalog;
mod catalogs;
mod collections;
mod node;
mod nodes;
mod overview;
mod question;
mod questions;
mod rows;
mod starter;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router};
use tongpin_console::duty::Duty;
use tongpin_console::web::{self, Place, Program, Staged, Upload, Web};

use crate::app::{App, NAME};
use crate::failure::Failure;

/// What every page of the city's own is asked with.
type Context = web::Context<Extension<Arc<App>>>;

/// The duties of the bureau's work.
const WORK: [Duty; 4] = [Duty::Enter, Duty::Approve, Duty::Publish, Duty::Read];

/// The city's console.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn console(app: &Arc<App>) -> Result<Web, Failure> {
    let region = app.site.region().to_string();
    let (source, named) = (app.clone(), app.clone());
    let program = Program {
        title: Arc::new(move |lang| {
            let app = named.clone();
            Box::pin(async move {
                let name = app.store().meta(NAME).await.ok().flatten().filter(|name| !name.is_empty());
                let name = name.unwrap_or_else(|| app.site.region().to_string());
                format!("{name} · {}", lang.pick("同频市级平台", "Tongpin hub"))
            })
        }),
        region,
        duties: Duty::ALL.to_vec(),
        home: Arc::new(move |lang, signed| Box::pin(overview::make(source.clone(), lang, signed))),
        places: places(),
        pages: pages(app.clone()),
        api: None,
        jobs: app.site.jobs.clone(),
        proxies: app.settings.common.trusted_proxy.clone(),
    };
    Ok(Web::open(app.store().clone(), app.site.clock.reader(), program).await?)
}

/// The city's places in the menu.
fn places() -> Vec<Place> {
    vec![
        Place { address: "/catalogs", zh: "目录发布", en: "Catalogs", duties: &WORK },
        Place { address: "/collections", zh: "归集", en: "Collections", duties: &WORK },
        Place { address: "/analysis", zh: "汇总分析", en: "Analysis", duties: &WORK },
        Place { address: "/questions", zh: "指导", en: "Questions", duties: &WORK },
        Place { address: "/nodes", zh: "节点", en: "Nodes", duties: &nodes::READERS },
    ]
}

/// The city's pages.
fn pages(app: Arc<App>) -> Router<Web> {
    Router::new()
        .route("/catalogs", get(catalogs::get))
        .route("/catalogs/starter", post(starter::post))
        .route("/catalogs/{name}", get(catalog::get))
        .route("/catalogs/{name}/draft", post(catalog::import::post).layer(Upload::limit()))
        .route("/catalogs/{name}/draft/{file}", get(catalog::import::preview))
        .route("/catalogs/{name}/draft/confirm", post(catalog::import::confirm))
        .route("/catalogs/{name}/template.xlsx", get(catalog::template::get))
        .route("/catalogs/{name}/discard", post(catalog::discard))
        .route("/catalogs/{name}/publish", get(catalog::publishing::get).post(catalog::publishing::post))
        .route("/catalogs/forms/trial", get(catalog::trial::get).post(catalog::trial::post))
        .route("/catalogs/{name}/cancel", post(catalog::publishing::cancel))
        .route("/catalogs/{name}/rollout", post(catalog::rollout::post))
        .route("/catalogs/{name}/releases", get(catalog::releases::get))
        .route("/catalogs/{name}/releases/{number}", get(catalog::releases::one))
        .route("/catalogs/{name}/new", get(catalog::edit::new).post(catalog::edit::create))
        .route("/catalogs/{name}/design", get(catalog::design::new).post(catalog::design::create))
        .route("/catalogs/{name}/design/seen", post(catalog::design::live))
        .route("/catalogs/{name}/entries/{key}/design", get(catalog::design::get).post(catalog::design::post))
        .route("/catalogs/{name}/entries", get(catalog::entries::get))
        .route("/catalogs/{name}/entries/{key}", get(catalog::entry::get))
        .route("/catalogs/{name}/entries/{key}/edit", get(catalog::edit::get).post(catalog::edit::change))
        .route("/catalogs/{name}/entries/{key}/book.xlsx", get(catalog::form_entry::book))
        .route("/catalogs/{name}/entries/{key}/retire", post(catalog::entry::retire))
        .route("/catalogs/{name}/entries/{key}/restore", post(catalog::entry::restore))
        .route("/collections", get(collections::get))
        .route("/questions", get(questions::get))
        .route("/questions/notices", post(questions::post))
        .route("/questions/{key}", get(question::get))
        .route("/questions/{key}/answer", post(question::answer))
        .route("/questions/{key}/expert", post(question::expert))
        .route("/collections/new", get(collections::new::get).post(collections::new::post))
        .route("/collections/new/preview", post(collections::new::live))
        .route("/collections/draft", get(collections::draft::get))
        .route("/collections/draft/open", post(collections::draft::open))
        .route("/collections/draft/discard", post(collections::draft::discard))
        .route("/collections/{id}", get(collections::one::get))
        .route("/collections/{id}/return", post(collections::one::give_back))
        .route("/collections/{id}/accept", post(collections::accept::post))
        .route("/collections/{id}/remind", get(collections::remind::get).post(collections::remind::post))
        .route("/collections/{id}/close", post(collections::decide::close))
        .route("/collections/{id}/reopen", post(collections::decide::reopen))
        .route("/collections/{id}/reports/{region}", get(collections::report::get))
        .route("/analysis", get(analysis::get))
        .route("/analysis/{id}", get(analysis::one::get))
        .route("/analysis/{id}/explain", get(analysis::explain::get))
        .route("/analysis/{id}/rollup.csv", get(analysis::one::csv))
        .route("/nodes", get(nodes::get))
        .route("/nodes/invite", get(nodes::invite::get).post(nodes::invite::post))
        .route("/nodes/{region}", get(node::get))
        .route("/nodes/{region}/revoke", post(nodes::revoke))
        .layer(Extension(Arc::new(catalog::EntryLists::default())))
        .layer(Extension(Arc::new(<Staged>::default())))
        .layer(Extension(app))
}

#[cfg(test)]
mod tests;
