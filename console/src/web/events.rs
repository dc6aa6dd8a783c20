//! Word of changes to open pages, as server-sent events: that something changed, not what; the page is asked anew.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};

use super::Web;
use super::visitor::Signed;

/// Changes that come at once are told once.
const GATHER: Duration = Duration::from_millis(500);

/// The small comforts for browsers that run scripts, those of forms drawn by the kit among them.
const SCRIPT: &str = concat!(include_str!("app.js"), include_str!("kit/kit.js"));

/// The script.
pub(super) async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// Tells of changes until the reader goes.
pub(super) async fn get(State(web): State<Web>, _: Signed) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = stream::unfold(web.store().watch(|_| true), async |watch| {
        watch.changed().await;
        tokio::time::sleep(GATHER).await;
        drop(watch.take());
        Some((Ok(Event::default().event("changed").data("")), watch))
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}
