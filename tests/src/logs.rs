//! What the programs log, kept in memory: tests of refusals show that the reason stands in the log of both ends.
//!
//! All tests of a binary share one log, so each looks only for lines with a mark of its own: a region code or an
//! address that no other test uses.

use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::Result;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::inprocess::until;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins to keep what is logged, in the whole process. Called again it does nothing.
pub fn capture() {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let subscriber = tracing_subscriber::registry().with(Keeper);
        let installed = tracing::subscriber::set_global_default(subscriber).is_ok();
        // A place in the code that logged for the first time just before this would else stay silent for good.
        tracing::callsite::rebuild_interest_cache();
        installed
    });
}

/// Every line kept so far that holds all the marks, oldest first: level, module, message, then `name=value` pairs.
#[must_use]
pub fn captured(marks: &[&str]) -> Vec<String> {
    capture();
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| marks.iter().all(|mark| line.contains(mark))).cloned().collect()
}

/// Waits until a line with all the marks was logged.
///
/// # Errors
/// None was within half a minute.
pub async fn logged(marks: &[&str]) -> Result<()> {
    until(&format!("a line of the log with {marks:?}"), async || Ok(!captured(marks).is_empty())).await
}

/// Keeps what this workspace's crates log at `INFO` and above.
struct Keeper;

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        if *about.level() > Level::INFO || !about.target().starts_with("tongpin") {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        let text = format!("{} {} {}{}", about.level(), about.target(), line.message, line.fields);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn add(&mut self, field: &Field, shown: &str) {
        if field.name() == "message" {
            self.message.push_str(shown);
        } else {
            // Writing into a text cannot fail.
            let _ = write!(self.fields, " {}={shown}", field.name());
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, &format!("{value:?}"));
    }
}
