//! What a child is sent: the releases that it should have, the receipts that were made for it, and what was decided
//! about its records.

use tongpin_domain::catalog::{CatalogId, Head};
use tongpin_domain::digest::Digest;
use tongpin_domain::sync::Step;
use tongpin_proto::v1;
use tongpin_store::Progress;

use super::Session;
use crate::downlink::live::Look;
use crate::error::LinkError;
use crate::transfer;

impl Session {
    /// Sends what is missing of what there is to look at: releases, receipts and decisions.
    pub(super) async fn offer(&mut self, look: Look) -> Result<(), LinkError> {
        if look.has(Look::OFFERS) || std::mem::take(&mut self.due).has(Look::OFFERS) {
            self.offer_releases().await?;
        }
        if look.has(Look::DECISIONS) {
            for returned in self.decisions.fresh(&self.shared.site, &self.child).await? {
                self.send(v1::downward::Body::Returned(returned)).await?;
            }
        }
        if look.has(Look::RECEIPTS) {
            self.send_receipts().await?;
        }
        Ok(())
    }

    pub(super) async fn offer_releases(&mut self) -> Result<(), LinkError> {
        let board = self.shared.board.load_full();
        if !board.is_read() {
            // Once it is, every link is woken.
            self.shared.unread.notify_one();
            return Ok(());
        }
        self.hear(&board).await?;
        let held: Vec<Head> = self.heads.values().cloned().collect();
        for step in board.plan(&self.child, &held) {
            match step {
                Step::Send { catalog, from, to } => self.offer_release(catalog, from, to).await?,
                // What is beyond ours was heard already, and is proven or not.
                Step::Ahead { .. } => {}
                Step::Diverged { catalog, number } => {
                    self.warn_once(catalog, &format!("release {number} of the child has another digest"));
                }
            }
        }
        self.tell_suspension(board.suspended).await
    }

    /// Sends the receipts that the child does not have: always all, in their order, because a person may have given a
    /// report back a moment before the next one came.
    pub(super) async fn send_receipts(&mut self) -> Result<(), LinkError> {
        for receipt in self.shared.receiver.receipts_after(&self.child, self.receipts_sent).await? {
            self.receipts_sent = receipt.number;
            self.send(v1::downward::Body::Receipt(receipt)).await?;
        }
        Ok(())
    }

    async fn offer_release(&mut self, catalog: CatalogId, from: u64, to: u64) -> Result<(), LinkError> {
        if self.under_way.contains(&catalog) {
            return Ok(());
        }
        let start = match self.refused.get(&catalog) {
            Some(attempt) if attempt.number == to && !attempt.send_everything => return Ok(()),
            Some(attempt) if attempt.number == to => 0,
            _ => from,
        };
        let store = &self.shared.site.store;
        let releases = self.shared.transfers.releases_between(store, &catalog, from, to).await?;
        let prepared = self.shared.transfers.prepare(store, &catalog, start, to, &self.child).await?;
        let have = self.staged.remove(&catalog);
        if let Some(last) = releases.last() {
            let digest = Digest::of(&last.payload);
            let head = Head { catalog: catalog.clone(), number: to, digest };
            self.note_release(&head, Progress::Announced, String::new());
        }
        self.under_way.insert(catalog.clone());
        for message in transfer::messages(&catalog, to, releases, &prepared, have) {
            self.send(message).await?;
        }
        Ok(())
    }
}
