//! Handing out a piece of evidence: only what an observation of this office names, and only if it is still whole.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tongpin_console::web::PageError;
use tongpin_console::web::list::attachment;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Say;

use crate::ops::months::ReportedProject;
use crate::records::evidence::{self, EvidenceError};
use crate::web::parts::{Context, WORK};

/// The file.
pub(crate) async fn get(cx: Context, Path((code, digest)): Path<(String, String)>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let opened = ReportedProject::read(&cx.app, &code).await?;
    let digest: Option<Digest> = digest.parse().ok();
    let named = opened.iter().flat_map(|opened| &opened.observations).flat_map(|it| &it.evidence);
    let Some(file) = named.into_iter().find(|file| Some(file.digest) == digest) else {
        let title = lang.pick("没有此文件", "No such file");
        let why = lang.pick(
            "本单位的填报中没有这份佐证材料；可能已在更正时去掉",
            "no report of this office names this file; it may have been taken away by a correction",
        );
        return Err(cx.refused(title, why, StatusCode::NOT_FOUND).into());
    };
    let read = evidence::read(&cx.app.data, &file.digest).await;
    cx.audit("evidence_read", &code, &file.name, read.is_ok()).await?;
    match read {
        Ok(bytes) => {
            let kind = evidence::form(&file.name).unwrap_or("application/octet-stream");
            let mut response = attachment(bytes, kind, &file.name);
            response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            Ok(response)
        }
        Err(error) => {
            tracing::error!(%error, digest = %file.digest, "a piece of evidence cannot be given");
            let status = match error {
                EvidenceError::Missing => StatusCode::NOT_FOUND,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            let title = lang.pick("文件无法下载", "The file cannot be given");
            Err(cx.refused(title, &error.say(lang), status).into())
        }
    }
}
