//! An error and what lies behind it, in one line. Each error's own words speak of itself alone; a log wants them all.

use std::error::Error;

/// An error and its causes. What a cause says in the words that stand there already is not said again.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    text
}
