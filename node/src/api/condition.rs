//! The condition of a write (If-Match, If-None-Match): whoever writes says which version it saw, or that it means to be
//! the first, so that no clerk's change is lost unseen.

use axum::http::StatusCode;
use serde_json::Value;
use tongpin_console::web::api::Refusal;

use super::idempotency::Request;

/// Words in Chinese and English.
type Words = (&'static str, &'static str);

/// What is told of a condition that does not hold.
pub(super) struct Condition {
    /// It was to be made, and is there already.
    pub(super) there: Words,
    /// It was to be changed, and is not there.
    pub(super) missing: Words,
    /// Somebody has changed it since.
    pub(super) changed: Words,
    /// No condition was sent, or both.
    pub(super) unsaid: Words,
}

impl Condition {
    /// The version to save on top of: the present one, if the caller saw it, or meant to make what is not `there` yet.
    /// `version` is empty if there is nothing at all.
    ///
    /// # Errors
    /// The refusal, with the present version.
    pub(super) fn version(&self, request: &Request<'_>, version: &str, there: bool) -> Result<String, Refusal> {
        let refused = |(zh, en): Words| {
            let present = if version.is_empty() { Value::Null } else { version.into() };
            Err(Refusal::new(StatusCode::PRECONDITION_FAILED, "changed", zh, en).with("version", present))
        };
        match (request.header("if-match"), request.header("if-none-match")) {
            (None, Some("*")) if there => refused(self.there),
            (None, Some("*")) => Ok(version.to_owned()),
            (Some("*"), None) if !there => refused(self.missing),
            (Some(_), None) if version.is_empty() => refused(self.missing),
            (Some(sent), None) if sent == "*" || sent.trim_matches('"') == version => Ok(version.to_owned()),
            (Some(_), None) => refused(self.changed),
            _ => {
                let (zh, en) = self.unsaid;
                Err(Refusal::new(StatusCode::PRECONDITION_REQUIRED, "condition_missing", zh, en))
            }
        }
    }
}
