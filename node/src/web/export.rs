//! The scores that the list shows, as a table that Excel and WPS open: the columns of `scores --out`, and behind
//! them who decided about lines and whether a score is old.

use std::collections::HashMap;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use tongpin_console::processor;
use tongpin_console::web::PageError;
use tongpin_console::web::list::{Asked, CSV, EXPORTED};
use tongpin_domain::lang::Lang;
use tongpin_store::ProjectRow;

use super::{marks, scores};
use crate::app::App;
use crate::failure::Failure;
use crate::guidance::RuleBook;
use crate::ops::kept_scores::{self, KeptScore};
use crate::records;
use crate::sheets::scores::{Beside, csv, reviewers};
use crate::web::parts::{Context, WORK};

/// Writes it.
pub(super) async fn get(cx: Context, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (count, bytes) = made(&cx.app, &asked).await?;
    let detail = format!("{count} 个项目");
    cx.audit("score_export", "", &detail, true).await?;
    let name = format!("attachment; filename=\"scores-{}.csv\"", cx.app.site.region());
    let headers = [(header::CONTENT_TYPE, CSV.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}

/// How many scores, and the file.
async fn made(app: &App, asked: &Asked) -> Result<(usize, Vec<u8>), Failure> {
    let (rows, _) = scores::page(app.store(), asked, (0, EXPORTED)).await?;
    let held = records::load(app.store()).await?;
    let mut kept: HashMap<String, KeptScore> =
        kept_scores::all(app.store(), &held).await?.into_iter().map(|kept| (kept.project.code.clone(), kept)).collect();
    let book = RuleBook::load(app.store()).await?;
    let found: Vec<(&ProjectRow, KeptScore)> =
        rows.iter().filter_map(|row| Some((row, kept.remove(&row.code)?))).collect();
    let rows = found.iter().map(|(row, kept)| {
        let stale = marks::stale(row, &book, Lang::Zh).unwrap_or_default();
        let beside = Beside { reviewed_by: reviewers(&kept.sheet), stale };
        (&kept.project, &kept.sheet, Some(beside))
    });
    Ok((found.len(), processor::beside(|| csv(rows, true).into_marked())))
}
