//! What a failure looks like in the browser. It is said once, here, so that hub and node answer the same failure alike.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;
use tongpin_domain::lang::{Lang, Say};

use super::shell::{Page, Tone, Whole, notice};
use super::{Visitor, Web};
use crate::exit::Exit;

/// The status of an answer to what would have ended a command so: what was handed in is the reader's to mend, the rest
/// is not.
#[must_use]
pub fn status(exit: Exit) -> StatusCode {
    match exit {
        Exit::Done => StatusCode::OK,
        Exit::Different => StatusCode::CONFLICT,
        Exit::Usage | Exit::Input => StatusCode::UNPROCESSABLE_ENTITY,
        Exit::Refused => StatusCode::BAD_GATEWAY,
        Exit::Unreachable | Exit::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        Exit::Environment | Exit::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Visitor {
    /// A page that only says why there is nothing else on it.
    #[must_use]
    pub fn refused(&self, web: &Web, title: &str, why: &str, status: StatusCode) -> Response {
        let body = html! {
            (notice(Tone::Bad, why))
            p { a href="/" { (self.lang.pick("返回首页", "Back to the first page")) } }
        };
        (status, Page::new(web, self, title).show(&body)).into_response()
    }

    /// The page that tells why another could not be made. Who is at fault is seen in its title.
    #[must_use]
    pub fn cannot(&self, web: &Web, why: &str, status: StatusCode) -> Response {
        let title = if status == StatusCode::NOT_FOUND {
            self.lang.pick("没有此页", "No such page")
        } else {
            self.lang.pick("无法完成", "It cannot be done")
        };
        self.refused(web, title, why, status)
    }
}

/// Why something is refused before there is a page to say it on, in both languages.
#[derive(Debug, Clone)]
pub(super) struct Why {
    pub(super) zh: String,
    pub(super) en: String,
    /// What the log is told of it, if it is worth a line there.
    pub(super) reason: Option<String>,
}

impl Why {
    /// The answer that [`dressed`] puts on a page.
    pub(super) fn answer(self, status: StatusCode) -> Response {
        (status, Extension(self)).into_response()
    }
}

/// A refusal that [`dressed`] puts on a page.
pub(super) fn bare(status: StatusCode, zh: impl Into<String>, en: impl Into<String>) -> Response {
    Why { zh: zh.into(), en: en.into(), reason: None }.answer(status)
}

/// A refusal in words that speak for themselves.
pub(super) fn said(status: StatusCode, words: &impl Say) -> Response {
    bare(status, words.say(Lang::Zh), words.say(Lang::En))
}

/// Puts whatever was refused before its page was made on a page of this console, in its reader's language: a form that
/// cannot be read, a file that is too large, a failure of the program's. A failure goes into the log here and nowhere
/// else.
pub(super) async fn dressed(State(web): State<Web>, visitor: Visitor, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || response.extensions().get::<Whole>().is_some() {
        return response;
    }
    let why = response.extensions().get::<Why>().cloned().unwrap_or_else(|| why(status));
    match &why.reason {
        Some(reason) if status.is_server_error() => {
            tracing::error!(reason, path = visitor.path, "a page could not be made");
        }
        Some(reason) => tracing::warn!(reason, path = visitor.path, "a page could not be made"),
        None => {}
    }
    visitor.cannot(&web, visitor.lang.pick(&why.zh, &why.en), status)
}

/// What a status alone tells.
fn why(status: StatusCode) -> Why {
    let (zh, en) = match status {
        StatusCode::NOT_FOUND => ("地址有误，或该页已移走", "The address is wrong, or the page has moved."),
        StatusCode::PAYLOAD_TOO_LARGE => ("提交的内容过大，请减少后重试", "Too much was sent; send less."),
        status if status.is_server_error() => {
            ("系统暂时无法完成，请稍后重试", "It cannot be done now; try again later.")
        }
        _ => (
            "提交的内容无法识别；请返回上一页，从页面上的表单重新提交",
            "What was sent cannot be read; go back and use the form on the page.",
        ),
    };
    Why { zh: zh.into(), en: en.into(), reason: None }
}
