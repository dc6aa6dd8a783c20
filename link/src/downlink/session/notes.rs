//! What is written down of a child, and what of its words cannot be.

use tongpin_domain::catalog::{CatalogId, Head};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::sync::Refusal;
use tongpin_proto::convert::{self, Invalid};
use tongpin_proto::v1;
use tongpin_store::{ChildState, Contact, Progress};

use super::Session;
use crate::downlink::recorder::Note;
use crate::error::{LinkError, chain};
use crate::trials;
use crate::uplink::warned;
use crate::witness;

impl Session {
    /// One item that cannot be read is named and passed over; what does not depend on it goes on.
    pub(super) fn pass_over(&self, message: &str, invalid: &Invalid) {
        tracing::warn!(child = %self.child, message, reason = %invalid, "an item of the child was passed over");
    }

    pub(super) fn warn_once(&mut self, catalog: CatalogId, what: &str) {
        if self.warned.insert(catalog.clone()) {
            tracing::error!(child = %self.child, catalog = %catalog, "{what}");
            let held = self.heads.get(&catalog).cloned();
            let head = held.unwrap_or(Head { catalog, number: 0, digest: Digest::NONE });
            let zh = Refusal::Chain { number: head.number }.say(Lang::Zh);
            self.note_release(&head, Progress::Refused, zh);
        }
    }

    pub(super) fn note_release(&self, head: &Head, progress: Progress, reason: String) {
        self.shared.recorder.note(Note::Release(ChildState {
            region: self.child.clone(),
            catalog: head.catalog.clone(),
            number: head.number,
            digest: head.digest,
            progress,
            reason,
            at: self.shared.site.now(),
        }));
    }

    pub(super) fn note_contact(&self, condition: Option<&v1::Condition>) {
        let now = self.shared.site.now();
        if let Some(condition) = condition {
            self.shared.site.clock_watch.hear(&self.child, condition.clock_ms.saturating_sub(now.0));
        }
        self.shared.recorder.note(Note::Contact(Contact {
            region: self.child.clone(),
            at: now,
            software: self.software.clone(),
            incarnation: self.incarnation.clone(),
            clock_offset_ms: condition.map(|condition| condition.clock_ms.saturating_sub(now.0)),
            disk_free: condition.map(|condition| condition.disk_free_bytes),
            address: self.caller.address.clone(),
        }));
    }

    /// Keeps what the child answers to trials. A full disk here keeps nobody from being followed.
    pub(super) async fn note_answers(&self, condition: &mut v1::Condition) {
        let told = std::mem::take(&mut condition.trial_answers);
        if let Err(error) = trials::hear(&self.shared.site, &self.child, told).await {
            tracing::warn!(child = %self.child, error = %chain(&error), "its answers to trials could not be kept");
        }
    }

    /// A full disk here keeps nobody from being followed.
    pub(super) async fn bear_witness(&self, signed: &v1::Signed) {
        if let Err(error) = witness::hear(&self.shared.site, &self.child, signed, false).await {
            tracing::warn!(child = %self.child, error = %chain(&error), "the end of its audit log could not be kept");
        }
    }

    /// Tells the child once that this bureau is shut out by its own parent, and once that it no longer is.
    pub(super) async fn tell_suspension(&mut self, suspended: bool) -> Result<(), LinkError> {
        if suspended == self.suspended {
            return Ok(());
        }
        self.suspended = suspended;
        let code = if suspended { warned::SUSPENDED } else { warned::RESUMED };
        self.warn(code, self.shared.site.region().to_string()).await
    }
}

/// What a child has of a transfer that broke off.
pub(super) fn staged_of(staged: &v1::Staged) -> Result<(CatalogId, (Digest, u64)), Invalid> {
    let catalog = convert::catalog(&staged.publisher, &staged.catalog)?;
    Ok((catalog, (convert::digest("staged.transfer", &staged.transfer)?, staged.length)))
}
