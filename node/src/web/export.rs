//! The scores that the list shows, as a table that Excel and WPS open: the columns of `scores --out`.

use std::collections::HashMap;

use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tongpin_console::web::list::{Asked, CSV, EXPORTED};
use tongpin_console::web::{Signed, Visitor, Web};

use super::{WORK, failed, scores};
use crate::failure::Failure;
use crate::office::Office;
use crate::records;
use crate::scoring::{self, Kept};

/// Writes it.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
    asked: Asked,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, WORK).await?;
    let (count, bytes) = made(&office, &asked).await.map_err(|failure| failed(&web, &visitor, &failure))?;
    let detail = format!("{count} 个项目");
    visitor.audit(&web, &signed.account.name, "score_export", "", &detail, true).await?;
    let name = format!("attachment; filename=\"scores-{}.csv\"", office.site.region());
    let headers = [(header::CONTENT_TYPE, CSV.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}

/// How many scores, and the file.
async fn made(office: &Office, asked: &Asked) -> Result<(usize, Vec<u8>), Failure> {
    let (rows, _) = scores::page(office.store(), asked, (0, EXPORTED)).await?;
    let held = records::load(office.store()).await?;
    let mut kept: HashMap<String, Kept> =
        scoring::kept(office.store(), &held).await?.into_iter().map(|kept| (kept.project.code.clone(), kept)).collect();
    let found: Vec<Kept> = rows.iter().filter_map(|row| kept.remove(&row.code)).collect();
    let rows = found.iter().map(|kept| (&kept.project, &kept.sheet));
    Ok((found.len(), scoring::csv(rows).into_marked()))
}
