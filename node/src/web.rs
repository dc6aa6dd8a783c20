//! The node's own pages in the console, from 项目 to 归集上报, for those who do the bureau's work. One file per page; what
//! a page computes or changes is computed and changed in `ops`, where commands and the API have it done too.

mod added;
mod amounts;
mod collection;
pub(crate) mod collections;
mod evaluation;
mod evidence;
mod export;
pub(crate) mod finding;
mod forms;
mod goal;
mod guidance;
mod history;
mod import;
pub(crate) mod importing;
mod marks;
mod matrix;
mod month;
pub(crate) mod overview;
pub(crate) mod parts;
mod preview;
mod progress;
mod project;
mod projects;
pub(crate) mod questions;
mod reported;
mod restored;
mod reviews;
mod rows;
mod score;
mod scores;
mod townships;
mod unsaved;

use std::sync::Arc;

use axum::Router;
use axum::extract::Extension;
use axum::routing::{get, post};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Place, Upload, Web};
use tongpin_domain::region::Level;

use crate::app::App;
use crate::web::importing::Uploads;
use crate::web::parts::WORK;
use crate::web::project::edit::CHECK;

/// The places of the menu.
const PLACES: &[Place] = &[
    Place { address: "/month", zh: "本月填报", en: "This month", duties: WORK },
    Place { address: "/projects", zh: "项目", en: "Projects", duties: WORK },
    Place { address: "/forms", zh: "表单", en: "Forms", duties: WORK },
    Place { address: "/import", zh: "导入", en: "Import", duties: &[Duty::Enter] },
    Place { address: "/scores", zh: "评分", en: "Scores", duties: WORK },
    Place { address: "/reviews", zh: "待复核", en: "Reviews", duties: WORK },
    Place { address: "/collections", zh: "归集上报", en: "Collections", duties: WORK },
    Place { address: "/guidance", zh: "市级下发", en: "Guidance", duties: WORK },
    Place { address: "/townships", zh: "乡镇", en: "Townships", duties: &townships::READERS },
    Place { address: "/questions", zh: "指导", en: "Questions", duties: WORK },
];

/// The places that a level has: a township reports by month, a county answers collections and looks after townships.
pub(crate) fn places(app: &App) -> Vec<Place> {
    let elsewhere: &[&str] = if is_township(app) { &["/collections", "/townships"] } else { &["/month"] };
    PLACES.iter().filter(|place| !elsewhere.contains(&place.address)).copied().collect()
}

/// Whether this is the node of a township: the last user of the money, with nobody below.
fn is_township(app: &App) -> bool {
    app.site.region().level() == Level::Township
}

/// The pages, on this node, and the files that wait behind them.
pub(crate) fn pages(app: &App, uploads: Arc<Uploads>) -> Router<Web> {
    let of_level = if is_township(app) { month::pages() } else { townships::pages() };
    Router::new()
        .route("/projects", get(projects::get))
        .route("/projects/new", get(project::edit::new).post(project::edit::create))
        .route(&format!("/projects/new{CHECK}"), post(project::edit::check_new))
        .route("/projects/{code}", get(project::get))
        .route("/projects/{code}/edit", get(project::edit::get).post(project::edit::post))
        .route(&format!("/projects/{{code}}/edit{CHECK}"), post(project::edit::check))
        .route("/projects/{code}/evaluation", get(evaluation::get).post(evaluation::post))
        .route("/projects/{code}/evaluation/check", post(evaluation::check))
        .route("/projects/{code}/evaluation/sheet", get(evaluation::sheet))
        .route("/scores", get(scores::get).post(scores::post))
        .route("/scores/export.csv", get(export::get))
        .route("/scores/{project}", get(score::get))
        .route("/reviews", get(reviews::list))
        .route("/reviews/{code}/{seq}", get(reviews::get).post(reviews::post))
        .route("/import", get(import::get).post(import::post).layer(Upload::limit()))
        .route("/import/{file}", get(import::preview))
        .route("/import/{file}/marked.xlsx", get(import::marked))
        .route("/import/confirm", post(import::confirm))
        .route("/import/template/{file}", get(import::files::empty))
        .route("/import/data/{file}", get(import::files::held))
        .route("/projects/{code}/form.xlsx", get(import::files::form))
        .route("/projects/{code}/goal.xlsx", get(import::files::goal))
        .route("/collections", get(collections::get))
        .route("/collections/{id}", get(collection::get).post(collection::post))
        .route("/collections/{id}/preview.json", get(collection::payload))
        .route("/questions", get(questions::get).post(questions::post))
        .route("/restored", get(restored::get).post(restored::post))
        .route("/restored/settle", post(restored::settle))
        .merge(of_level)
        .merge(forms::pages())
        .merge(guidance::pages())
        .merge(goal::pages())
        .merge(crate::api::guide::pages())
        .layer(Extension(uploads))
        .layer(Extension(app.clone()))
}

#[cfg(test)]
mod tests;
