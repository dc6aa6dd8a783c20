//! What links report about children is written by one worker, many notes in one transaction, so that ten nodes that
//! acknowledge at the same moment cost one disk write.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tongpin_store::{ChildState, Contact};

use crate::error::chain;
use crate::site::Site;

/// The most notes written at once.
const AT_ONCE: usize = 512;
/// How long the first note waits for others: what a release brings in one moment is one disk write.
const GATHER: Duration = Duration::from_millis(100);

/// Something learned about a child.
#[derive(Debug)]
pub(crate) enum Note {
    /// Where it stands with a release.
    Release(ChildState),
    /// It was heard of.
    Contact(Contact),
}

/// Where sessions leave their notes.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    notes: mpsc::UnboundedSender<Note>,
}

impl Recorder {
    /// Starts the worker; it ends when the token is cancelled and what was noted has been written.
    pub(crate) fn start(site: Arc<Site>, token: CancellationToken) -> (Self, impl Future<Output = ()> + Send) {
        // Unbounded is safe: a session leaves at most one note for each message it has read from its child.
        let (notes, inbox) = mpsc::unbounded_channel();
        (Self { notes }, work(site, inbox, token))
    }

    /// Leaves a note. After the program began to stop it may be lost: the child says it again when it comes back.
    pub(crate) fn note(&self, note: Note) {
        if self.notes.send(note).is_err() {
            tracing::debug!("a note about a child came after the recorder stopped");
        }
    }
}

async fn work(site: Arc<Site>, mut inbox: mpsc::UnboundedReceiver<Note>, token: CancellationToken) {
    let mut taken = Vec::with_capacity(AT_ONCE);
    loop {
        let count = tokio::select! {
            biased;
            count = inbox.recv_many(&mut taken, AT_ONCE) => count,
            () = token.cancelled() => 0,
        };
        if count == 0 {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(GATHER) => {}
            () = token.cancelled() => {}
        }
        while taken.len() < AT_ONCE
            && let Ok(note) = inbox.try_recv()
        {
            taken.push(note);
        }
        let (mut releases, mut contacts) = (Vec::new(), Vec::new());
        for note in taken.drain(..) {
            match note {
                Note::Release(note) => releases.push(note),
                Note::Contact(contact) => contacts.push(contact),
            }
        }
        if let Err(error) = site.store.note_children(&releases, &contacts).await {
            // Nothing depends on these notes but what people see; the next contact brings them again.
            tracing::warn!(error = %chain(&error), "what children reported could not be written");
        }
    }
}
