//! Handing out a file that is kept in this node's data folder: only if it is still whole, and never to be opened by the
//! browser itself. Whoever calls has made sure that the reader may have it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tongpin_console::web::PageError;
use tongpin_console::web::list::attachment;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Say;

use super::parts::Context;
use crate::records::evidence::{self, EvidenceError};

/// The file of a digest, under its name. That it was asked for is entered for a subject, as the log calls the file.
///
/// # Errors
/// The page that says that it is not there any more, or is damaged.
pub(super) async fn hand_out(
    cx: &Context,
    (subject, in_log): (&str, &str),
    name: &str,
    digest: &Digest,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let read = evidence::read(&cx.app.data, digest).await;
    cx.audit("evidence_read", subject, in_log, read.is_ok()).await?;
    match read {
        Ok(bytes) => {
            let kind = evidence::form(name).unwrap_or("application/octet-stream");
            let mut response = attachment(bytes, kind, name);
            response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            Ok(response)
        }
        Err(error) => {
            tracing::error!(%error, digest = %digest, "a piece of evidence cannot be given");
            let status = match error {
                EvidenceError::Missing => StatusCode::NOT_FOUND,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            let title = lang.pick("文件无法下载", "The file cannot be given");
            Err(cx.refused(title, &error.say(lang), status).into())
        }
    }
}
