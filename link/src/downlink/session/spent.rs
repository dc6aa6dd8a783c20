//! A child that has used up what it may send in a day: the rest waits with it, and everything else goes on.

use tongpin_proto::v1;
use tongpin_store::REPORTS;

use super::Session;
use crate::downlink::batch::Unpacked;
use crate::downlink::quota::{self, Quota};
use crate::error::LinkError;
use crate::uplink::warned;

impl Session {
    /// Takes a batch in and gives the answers, or leaves it to another day, of which the child is told once.
    pub(super) async fn take_in(&mut self, batch: Unpacked) -> Result<Vec<v1::downward::Body>, LinkError> {
        if self.spent && batch.is_reports() {
            return Ok(Vec::new());
        }
        match self.shared.receiver.take(&self.child, batch).await {
            Err(error @ LinkError::Quota { most, .. }) => {
                tracing::error!(child = %self.child, %error, "the rest is left with the child until tomorrow");
                self.spent = true;
                let warned = v1::Warned { code: warned::QUOTA.to_owned(), detail: most.to_string() };
                Ok(vec![v1::downward::Body::Warned(warned)])
            }
            taken => taken,
        }
    }

    /// Asks for what was left to another day, once it has come.
    pub(super) async fn go_on_another_day(&mut self) -> Result<(), LinkError> {
        if !self.spent || !quota::lasts(&self.shared.site, &self.child, Quota::Arrivals).await? {
            return Ok(());
        }
        self.spent = false;
        let committed = self.shared.receiver.positions(&self.child).await?;
        let reports = committed.into_iter().find(|position| position.stream == REPORTS);
        let position = reports.unwrap_or(v1::Position { stream: REPORTS.to_owned(), ..Default::default() });
        let expected = position.number.saturating_add(1);
        self.send(v1::downward::Body::Acknowledged(v1::Acknowledged { position: Some(position), expected })).await
    }
}
