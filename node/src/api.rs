//! The node's API for departments' own systems, as JSON: projects, what is reported of them by month, what changed, and
//! the documents of forms.
//! What a page may do is done here by the same functions; what a file must be is demanded here by the same checks.

mod call;
mod changes;
mod condition;
mod evaluation;
mod forms;
mod goal;
pub(crate) mod guide;
mod idempotency;
mod observations;
mod project;
mod project_form;
mod projects;
mod refused;
mod report;
mod typed;
mod write;

use axum::Router;
use axum::extract::Extension;
use axum::routing::{get, patch, put};
use tongpin_console::web::Web;

use self::idempotency::Turn;
use crate::app::App;

/// Every address, below where the console puts the API. `openapi.json` documents each of them, and a test holds that.
pub(crate) fn routes(app: &App) -> Router<Web> {
    Router::new()
        .route("/projects", get(projects::get))
        .route("/projects/{code}", get(project::get).put(write::put))
        .route("/projects/{code}/actuals", patch(write::actuals))
        .route("/projects/{code}/evaluation", get(evaluation::get).put(evaluation::put))
        .route("/projects/{code}/goal", get(goal::get).put(goal::put))
        .route("/projects/{code}/observations", get(observations::of_project))
        .route("/projects/{code}/observations/{month}", put(report::put))
        .route("/observations", get(observations::get))
        .route("/changes", get(changes::get))
        .merge(forms::routes())
        .layer(Extension(app.clone()))
        .layer(Extension(Turn::default()))
}
