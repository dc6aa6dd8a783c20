//! What a page says once: the outcome of a form, kept in memory while the reader is led to the page that shows it. To
//! load that page again neither sends the form again nor shows the outcome again.

use std::sync::{Mutex, PoisonError};

use maud::{Markup, PreEscaped};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

use super::next_page::decoded_once;

/// How long something waits to be shown, seconds: a browser follows at once.
const WAITS: i64 = 300;
/// How much waits at once; the oldest make room.
const ROOM: usize = 2_000;

/// What waits to be shown.
#[derive(Debug, Default)]
pub(super) struct Flash(Mutex<Vec<One>>);

#[derive(Debug)]
struct One {
    session: Digest,
    /// Decoded, because browsers encode an address as they like.
    path: Vec<u8>,
    since: Moment,
    said: String,
}

impl Flash {
    /// Keeps what a session's next look at a page shows.
    pub(super) fn keep(&self, session: Digest, address: &str, said: &Markup, now: Moment) {
        let path = path(address);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| now.seconds_since(one.since) < WAITS);
        if all.len() >= ROOM {
            all.remove(0);
        }
        all.push(One { session, path, since: now, said: said.0.clone() });
    }

    /// What waits for this session on a page, in the order in which it came. It does not wait any longer.
    pub(super) fn take(&self, session: &Digest, address: &str, now: Moment) -> Vec<Markup> {
        let path = path(address);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = |one: &One| one.session == *session && one.path == path;
        let (mine, others): (Vec<One>, Vec<One>) = all.drain(..).partition(due);
        *all = others;
        mine.into_iter().filter(|one| now.seconds_since(one.since) < WAITS).map(|one| PreEscaped(one.said)).collect()
    }
}

fn path(address: &str) -> Vec<u8> {
    decoded_once(address.split(['?', '#']).next().unwrap_or_default().as_bytes())
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    /// What was said is shown once, to the session that it was said to, on the page that it was said of, and not for
    /// long.
    #[test]
    fn once() {
        let (flash, now) = (Flash::default(), Moment(0));
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        let said = html! { p { "done" } };
        flash.keep(one, "/projects/项目?sent=1", &said, now);
        assert!(flash.take(&other, "/projects/项目", now).is_empty());
        assert!(flash.take(&one, "/projects", now).is_empty());
        let shown = flash.take(&one, "/projects/%E9%A1%B9%E7%9B%AE?page=2", now);
        assert_eq!(shown.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["<p>done</p>"]);
        assert!(flash.take(&one, "/projects/项目", now).is_empty());
        flash.keep(one, "/", &said, now);
        assert!(flash.take(&one, "/", now.plus_seconds(WAITS)).is_empty());
    }
}
