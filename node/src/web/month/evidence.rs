//! Handing out a piece of evidence: only what an observation of this office names, and only if it is still whole.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use tongpin_console::web::PageError;
use tongpin_domain::digest::Digest;

use crate::ops::months::ReportedProject;
use crate::web::evidence::hand_out;
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
    hand_out(&cx, (&code, &file.name), &file.name, &file.digest).await
}
