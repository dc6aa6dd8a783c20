//! What a child says it holds, held against what is known here: believed, asked for, or shown as not proven.

use tongpin_domain::catalog::Head;
use tongpin_domain::digest::Digest;
use tongpin_domain::sync::Refusal;
use tongpin_proto::convert::{self, Invalid};
use tongpin_proto::v1;
use tongpin_store::Progress;

use super::{Attempt, Board, MOST_HEADS, Session};
use crate::downlink::proof::Proven;
use crate::downlink::recovery::Recovered;
use crate::error::LinkError;
use crate::report::shortened;

/// The most characters of a child's reason that are kept.
const LONGEST_DETAIL: usize = 500;
/// What stands beside a claim until it is proven.
const WAITS: &str = "未经证实，不影响本级发布";

impl Session {
    pub(super) fn applied(&mut self, head: Head) {
        if self.heads.len() >= MOST_HEADS && !self.heads.contains_key(&head.catalog) {
            tracing::error!(child = %self.child, most = MOST_HEADS, "the child speaks of more catalogs than there are");
            return;
        }
        tracing::info!(child = %self.child, catalog = %head.catalog, number = head.number, "applied");
        self.under_way.remove(&head.catalog);
        self.refused.remove(&head.catalog);
        self.unheard.push(head.clone());
        // Nobody listening is no error.
        let _ = self.shared.acknowledgements.send(head.clone());
        self.heads.insert(head.catalog.clone(), head);
    }

    pub(super) fn child_refused(&mut self, refused: &v1::Refused) -> Result<(), Invalid> {
        let catalog = convert::catalog(&refused.publisher, &refused.catalog)?;
        convert::number("refused.number", refused.number)?;
        if !self.shared.board.load().is_due(&self.child, &catalog) {
            tracing::debug!(child = %self.child, catalog = %catalog, "it refuses what nobody offered");
            return Ok(());
        }
        tracing::warn!(
            child = %self.child, catalog = %catalog, number = refused.number,
            code = refused.code, detail = refused.detail, "the child refuses a release"
        );
        self.under_way.remove(&catalog);
        if matches!(refused.code.as_str(), "CONTENT" | "MALFORMED") {
            self.shared.transfers.forget(&catalog);
        }
        let again = self.refused.get(&catalog).is_some_and(|attempt| attempt.number == refused.number);
        let send_everything = Refusal::wants_everything(&refused.code) && !again;
        self.refused.insert(catalog.clone(), Attempt { number: refused.number, send_everything });
        let head = Head { catalog, number: refused.number, digest: Digest::NONE };
        self.note_release(&head, Progress::Refused, shortened(&refused.detail, LONGEST_DETAIL));
        Ok(())
    }

    /// Notes what the child said, once there is a board to hold it against, and asks for what lies beyond this node's
    /// own catalogs. What is said of catalogs that are not for it is not kept.
    pub(super) async fn hear(&mut self, board: &Board) -> Result<(), LinkError> {
        if !board.is_read() {
            return Ok(());
        }
        // What was beyond this node may have come to it since: from above, or back from below.
        let known = |head: &Head| board.believed(&self.child, head) == Some(Progress::Applied);
        let since: Vec<Head> = self.claimed.extract_if(.., |_, head| known(head)).map(|(_, head)| head).collect();
        for head in since {
            self.note_release(&head, Progress::Applied, String::new());
        }
        for head in std::mem::take(&mut self.unheard) {
            let believed = board.believed(&self.child, &head);
            match believed {
                Some(Progress::Applied) => self.note_release(&head, Progress::Applied, String::new()),
                Some(_) => {
                    self.note_release(&head, Progress::Claimed, WAITS.to_owned());
                    self.claimed.insert(head.catalog.clone(), head.clone());
                }
                None => tracing::debug!(child = %self.child, catalog = %head.catalog, "a catalog that is not for it"),
            }
            if believed == Some(Progress::Applied) || !board.is_beyond(&head) {
                continue;
            }
            // The board may be a moment older than the database.
            let held = self.shared.site.store.head(&head.catalog).await?.map_or(0, |held| held.number);
            if head.number > held && self.proofs.ask(&head) {
                tracing::error!(
                    child = %self.child, catalog = %head.catalog, child_has = head.number, here = held,
                    "the child says that it has a newer release than this node: is this database an old one? asking for it"
                );
                let (publisher, catalog) = (head.catalog.publisher.to_string(), head.catalog.name);
                self.send(v1::downward::Body::Prove(v1::Prove { publisher, catalog, after: held })).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn proof_begins(&mut self, transfer: v1::Transfer) -> Result<(), LinkError> {
        let proven = self.proofs.begin(&self.shared.site, &self.child, transfer).await?;
        self.weigh(proven).await
    }

    pub(super) async fn proof_goes_on(&mut self, chunk: &v1::Chunk) -> Result<(), LinkError> {
        let proven = self.proofs.go_on(&self.child, chunk)?;
        self.weigh(proven).await
    }

    pub(super) fn not_proven(&mut self, unproven: &v1::Unproven) {
        if let Some(head) = self.proofs.refused(unproven) {
            self.unproven(&head, "对方未能出示所称的版本");
        }
    }

    async fn weigh(&mut self, proven: Proven) -> Result<(), LinkError> {
        let proof = match proven {
            Proven::More => return Ok(()),
            Proven::Signed(head) => {
                // From here on its number is taken: nothing else may be published under it.
                self.note_release(&head, Progress::Applied, String::new());
                return Ok(());
            }
            Proven::Nothing(head, reason) => {
                self.unproven(&head, &reason);
                return Ok(());
            }
            Proven::Whole(proof) => proof,
        };
        let head = proof.head.clone();
        self.note_release(&head, Progress::Applied, String::new());
        match self.shared.recovery.add(&self.shared.site, &self.child, proof).await? {
            Recovered::Done => {}
            Recovered::Awaiting(missing) => tracing::warn!(
                catalog = %head.catalog, number = head.number, missing,
                "a release that was lost here is proven, and waits for what other children hold"
            ),
            Recovered::Unfit(reason) => self.unproven(&head, &reason),
        }
        Ok(())
    }

    /// What the child said is not so, or cannot be shown: people see it, and it keeps nobody from publishing.
    fn unproven(&self, head: &Head, reason: &str) {
        tracing::error!(child = %self.child, catalog = %head.catalog, number = head.number, reason, "not proven");
        if self.shared.board.load().is_due(&self.child, &head.catalog) {
            self.note_release(head, Progress::Claimed, format!("{WAITS}（{reason}）"));
        }
    }
}
