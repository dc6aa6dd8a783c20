//! Taking in the parent's receipts: each once, in their order, and only what the parent signed.

use prost::Message;
use serde::Deserialize;
use tongpin_domain::moment::Moment;
use tongpin_domain::report::{Receipt, Verdict};
use tongpin_proto::v1;
use tongpin_store::{ReceiptTaken, ReportState, Taken};

use super::Intake;
use crate::boxed;
use crate::error::{LinkError, chain};
use crate::report;
use crate::sealed::{self, Purpose};

/// What every receipt says, whatever else a newer parent writes into it.
#[derive(Deserialize)]
struct Numbered {
    number: u64,
    at: Moment,
}

impl Intake {
    /// Takes in a receipt. One that is not from the parent is set aside with a warning. One that the parent signed and
    /// this program cannot read is kept and changes nothing: those after it must have their place.
    ///
    /// # Errors
    /// A failing database.
    #[boxed]
    pub async fn receipt(&mut self, receipt: v1::Receipt) -> Result<Option<v1::upward::Body>, LinkError> {
        let signed = receipt.signed.unwrap_or_default();
        let told = match serde_json::from_slice::<Numbered>(&signed.payload) {
            Ok(told) if told.number == receipt.number => Ok(told),
            Ok(told) => Err(format!("it calls itself {}", told.number)),
            Err(error) => Err(error.to_string()),
        };
        let told = match told {
            Ok(told) => told,
            Err(reason) => return self.set_aside(receipt.number, &signed, &reason).await,
        };
        // Like a release it is kept for years, and may have waited for this node longer than its signer's certificate
        // lived: it is checked for the moment it was signed.
        let opened = sealed::open(self.site.identity().roots(), Purpose::Receipt, &signed, told.at);
        let opened = match opened {
            Ok(opened) if opened.signer == self.parent => opened,
            Ok(opened) => {
                tracing::warn!(signer = %opened.signer, "a receipt that the parent did not sign was set aside");
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(reason = %chain(&error), "a receipt was set aside");
                return Ok(None);
            }
        };
        let payload = String::from_utf8_lossy(&opened.payload).into_owned();
        let content = match serde_json::from_slice::<Receipt>(&opened.payload) {
            Ok(content) => Some(content),
            Err(error) => {
                tracing::warn!(number = receipt.number, reason = %error, "a receipt that cannot be read was kept");
                None
            }
        };
        let about = match &content {
            Some(content) => report::receipt_about(&self.site, content).await?,
            None => None,
        };
        let about = about.as_ref().map(|(collection, revision, state)| (collection.as_str(), *revision, *state));
        let (answer, new) = self.keep_receipt(receipt.number, &signed, &payload, about).await?;
        if let Some(content) = content.filter(|_| new) {
            self.tell(&content);
        }
        Ok(Some(answer))
    }

    /// Keeps a receipt whose number cannot be read in the place in which the parent sent it, without a content that
    /// anybody would take for true: it is shown as unreadable, changes nothing, and those after it have their place.
    /// One that the parent did not sign is not kept.
    async fn set_aside(
        &mut self,
        number: u64,
        signed: &v1::Signed,
        reason: &str,
    ) -> Result<Option<v1::upward::Body>, LinkError> {
        let now = self.site.now();
        // It does not say when it was signed, so that its certificate must hold now.
        let opened = sealed::open(self.site.identity().roots(), Purpose::Receipt, signed, now);
        if !opened.is_ok_and(|opened| opened.signer == self.parent) {
            tracing::warn!(number, reason, "a receipt that nobody vouches for was set aside");
            return Ok(None);
        }
        tracing::warn!(number, reason, "a receipt without a readable number was set aside in its place");
        self.keep_receipt(number, signed, "", None).await.map(|(answer, _)| Some(answer))
    }

    /// Keeps a receipt in its place and says whether it is new.
    async fn keep_receipt(
        &self,
        number: u64,
        signed: &v1::Signed,
        payload: &str,
        about: Option<(&str, u64, ReportState)>,
    ) -> Result<(v1::upward::Body, bool), LinkError> {
        let (parent, envelope, at) = (&self.parent, &signed.encode_to_vec(), self.site.now());
        let taken =
            self.site.store.take_receipt(&ReceiptTaken { parent, number, payload, envelope, at, about }).await?;
        if let Taken::Gap { expected } = taken {
            tracing::error!(expected, got = number, "a gap in the parent's receipts");
            // The next link begins with what this node holds, so the missing one comes by itself.
            let message = format!("receipt {number} came where {expected} was expected");
            return Err(LinkError::Answer { code: tonic::Code::Aborted, message });
        }
        Ok((v1::upward::Body::ReceiptsHeld(v1::ReceiptsHeld { number }), taken == Taken::New))
    }

    /// What a person should hear of a new receipt.
    fn tell(&self, content: &Receipt) {
        let reasons = content.reasons.join(";");
        if content.question.is_some() {
            tracing::warn!(parent = %self.parent, reasons, "the parent did not take a question in");
        } else if content.verdict == Verdict::Returned {
            tracing::warn!(
                parent = %self.parent, collection = content.collection, revision = content.revision, reasons,
                "the parent returned a report"
            );
        }
    }
}
