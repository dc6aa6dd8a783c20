//! What a browser is answered when a project was not saved.

use axum::http::StatusCode;
use axum::response::Response;
use tongpin_console::web::PageFailure;
use tongpin_domain::causes::chain;
use tongpin_domain::lang::Say as _;

use crate::ops::saving::SaveError;
use crate::web::parts::Context;

impl PageFailure for SaveError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Changed => StatusCode::CONFLICT,
            Self::NotOurs(_) => StatusCode::FORBIDDEN,
            Self::Gone => StatusCode::GONE,
            Self::Store(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn chain(&self) -> String {
        chain(self)
    }
}

/// The page that says why a project was not saved.
pub(super) fn unsaved(cx: &Context, error: &SaveError) -> Response {
    let status = error.status();
    if status.is_server_error() {
        tracing::error!(reason = chain(error), "a project could not be saved");
    }
    cx.refused(cx.lang().pick("未保存", "Not saved"), &error.say(cx.lang()), status)
}
