//! The child's side of the answer: what its parent returned is kept apart, its own reports come back, and what was
//! decided at the parent is carried out.

use tongpin_domain::digest::Digest;
use tongpin_domain::report::{Receipt, Report};
use tongpin_proto::v1;
use tongpin_store::{Apart, AuditDraft, Choice, MyReport, Settlement, Written};

use super::{Recall, carry_out, differences, lack};
use crate::error::{LinkError, chain};
use crate::report;
use crate::sealed::{self, Purpose};
use crate::site::Site;

/// Takes in what a parent returns, message by message.
#[derive(Default)]
pub(crate) struct Taking {
    begun: bool,
    reports: u64,
}

impl Taking {
    /// Takes in one message; `true` if the answer is complete with it.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub(crate) async fn take(&mut self, site: &Site, returned: v1::Returned) -> Result<bool, LinkError> {
        let (decided, listed): (Vec<v1::Held>, Vec<v1::Held>) =
            returned.held.into_iter().partition(|held| !held.choice.is_empty());
        let listed: Vec<(String, String, Apart)> = listed.into_iter().filter_map(apart).collect();
        let asked = returned.complete || !listed.is_empty() || !returned.reports.is_empty();
        if asked {
            site.store.keep_returned(&site.region(), !self.begun, &listed).await?;
            self.begun = true;
        }
        for report in returned.reports {
            self.reports = self.reports.saturating_add(u64::from(take_report(site, &report).await?));
        }
        decide(site, decided).await?;
        if returned.complete {
            self.finish(site, returned.records).await?;
        }
        Ok(returned.complete)
    }

    /// A parent that does not know the question passed it over.
    ///
    /// # Errors
    /// The database cannot be written.
    pub(crate) async fn passed_over(&mut self, site: &Site) -> Result<(), LinkError> {
        let Some(state) = Recall::load(site).await? else { return Ok(()) };
        Recall { passed_over: true, ..state }.keep(site).await
    }

    async fn finish(&mut self, site: &Site, records: u64) -> Result<(), LinkError> {
        self.begun = false;
        let lack = lack(&differences(site).await?);
        let reports = std::mem::take(&mut self.reports);
        let Some(state) = Recall::load(site).await? else {
            // It came by a file, and this database never had to ask.
            return Ok(());
        };
        let now = site.now();
        // Where nothing is lacking there is nothing to decide.
        let nothing = lack.is_none() && reports == 0 && state.decided_at.is_none();
        let (decided_at, decided_by) =
            if nothing { (Some(now), String::new()) } else { (state.decided_at, state.decided_by.clone()) };
        let answered = Recall {
            answered_at: Some(now),
            passed_over: false,
            records,
            reports: state.reports.saturating_add(reports),
            decided_at,
            decided_by,
            ..state
        };
        answered.keep(site).await?;
        if !lack.is_none() {
            let super::Lack { missing, older, both } = lack;
            tracing::warn!(records, missing, older, both, "the parent holds what this database does not know");
        }
        Ok(())
    }
}

fn apart(held: v1::Held) -> Option<(String, String, Apart)> {
    let written = written(held.written?);
    let body = held.body.map(|body| String::from_utf8_lossy(&body).into_owned());
    Some((held.kind, held.key, Apart { written, body, older: false }))
}

fn written(written: v1::Written) -> Written {
    Written { incarnation: written.incarnation, number: written.number }
}

/// Carries out what was decided at the parent, by own changes that the audit log here tells of.
async fn decide(site: &Site, decided: Vec<v1::Held>) -> Result<(), LinkError> {
    let read = |held: v1::Held| {
        let choice = Choice::read(&held.choice)?;
        let seen = held.seen;
        let (kind, key, it) = apart(held)?;
        Some(Settlement { kind, key, over: it.written, there: it.body, choice, seen })
    };
    for settlement in decided.into_iter().filter_map(read) {
        let subject = format!("{} {}", settlement.kind, settlement.key);
        let entry = AuditDraft {
            at: site.now(),
            actor: "系统",
            address: "",
            action: "record_settle",
            subject: &subject,
            detail: match settlement.choice {
                Choice::Parent => "按上级的决定：以上级保留的为准",
                Choice::Child => "按上级的决定：以本单位的为准",
            },
            allowed: true,
        };
        let step = carry_out(site, std::slice::from_ref(&settlement));
        // Repeated on every new link until the parent has seen the change: only the one that writes is entered.
        let written = site.store.audited_as(&entry, step, |done| matches!(done, Ok(1..)).then_some(true)).await?;
        if written > 0 {
            tracing::info!(kind = settlement.kind, key = settlement.key, "settled as the parent decided");
        }
    }
    Ok(())
}

/// Keeps a report of this node that its database does not know; `false` if it does, or if it is none.
async fn take_report(site: &Site, signed: &v1::Signed) -> Result<bool, LinkError> {
    use prost::Message as _;

    let Ok(found) = serde_json::from_slice::<Report>(&signed.payload) else { return Ok(false) };
    let opened = sealed::open(site.identity().roots(), Purpose::Report, signed, found.computed_at);
    match opened {
        Ok(opened) if opened.signer == site.region() => {}
        Ok(opened) => {
            tracing::warn!(signer = %opened.signer, "a returned report that this node did not sign was set aside");
            return Ok(false);
        }
        Err(error) => {
            tracing::warn!(reason = %chain(&error), "a returned report was set aside");
            return Ok(false);
        }
    }
    let digest = Digest::of(&signed.payload);
    let mut state = tongpin_store::ReportState::Submitted;
    for kept in site.store.my_receipts().await? {
        let receipt = serde_json::from_str::<Receipt>(&kept.payload).ok();
        if let Some(receipt) = receipt.filter(|receipt| receipt.report == digest) {
            state = report::state_of(receipt.verdict);
        }
    }
    let mine = MyReport {
        collection: found.collection,
        revision: found.revision,
        digest,
        payload: String::from_utf8_lossy(&signed.payload).into_owned(),
        envelope: signed.encode_to_vec(),
        state,
        approved_by: found.approved_by,
        at: found.computed_at,
        seq: 0,
    };
    Ok(site.store.take_back_report(&mine).await?)
}
