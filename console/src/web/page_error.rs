//! What a handler answers when it cannot show its page: a failure, or another page in its place.
//!
//! A handler returns it with `?` and needs neither reader nor language for that. The words of a failure travel with the
//! answer in both languages; [`dressed`](super::refusal::dressed), which knows the reader, puts them on a page and into
//! the log, once.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tongpin_domain::causes;
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::StoreError;

use super::refusal::{self, Why};
use crate::exit::Exit;

/// A failure that a page can tell of.
pub trait PageFailure: Say {
    /// What the browser is answered.
    fn status(&self) -> StatusCode;

    /// The whole chain of causes, for the log.
    fn chain(&self) -> String;

    /// What the reader of a page is told, where it differs from what a terminal shows.
    fn on_page(&self, lang: Lang) -> String {
        self.say(lang)
    }
}

impl PageFailure for StoreError {
    fn status(&self) -> StatusCode {
        refusal::status(Exit::of_store(self))
    }

    fn chain(&self) -> String {
        causes::chain(self)
    }
}

/// Another answer than the page that was asked for. It is boxed because results are passed on through many functions.
#[derive(Debug)]
pub struct PageError(Box<Response>);

impl PageError {
    /// The answer that tells of a failure which others are told of as well.
    #[must_use]
    pub fn of(failure: &impl PageFailure) -> Self {
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| failure.on_page(lang));
        let why = Why { zh, en, reason: Some(failure.chain()) };
        why.answer(failure.status()).into()
    }
}

impl<F: PageFailure> From<F> for PageError {
    fn from(failure: F) -> Self {
        Self::of(&failure)
    }
}

impl From<Response> for PageError {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<Redirect> for PageError {
    fn from(elsewhere: Redirect) -> Self {
        elsewhere.into_response().into()
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        *self.0
    }
}
