//! Questions on their way: sealing one, and checking one that arrived. They share the stream of reports, so that they
//! are numbered, sent, acknowledged and listed with all that ever left.

use prost::Message;
use tongpin_domain::guidance::Question;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Acceptance, AskedQuestion, Asking, QuestionArrival};

use crate::error::{LinkError, chain};
use crate::sealed::{self, Purpose};
use crate::site::Site;

/// Signs a question and puts it on its way. `false` if it was sent before.
///
/// # Errors
/// It is not fit to be sent or not this node's, it cannot be signed, or the database cannot be written.
pub async fn ask(site: &Site, question: &Question) -> Result<bool, LinkError> {
    if let Some(problem) = question.problems().first() {
        return Err(LinkError::Internal(format!("an unfit question: {problem}")));
    }
    if question.region != site.region() {
        return Err(LinkError::Internal(format!("a question of {}", question.region)));
    }
    let payload = serde_json::to_string(question).map_err(|error| LinkError::Internal(error.to_string()))?;
    let signed = sealed::seal(&site.identity(), Purpose::Question, payload.as_bytes())?;
    let envelope = signed.encode_to_vec();
    let asking =
        Asking { key: &question.key, payload: &payload, envelope: &envelope, by: &question.asked_by, at: site.now() };
    let new = site.store.ask(&asking).await?;
    site.nudge();
    Ok(new)
}

/// Takes in a question that a child sent. One that nobody vouches for is passed over with a word in the log, and the
/// stream goes on. A failing database is the only error.
pub(crate) async fn take(
    site: &Site,
    child: &RegionCode,
    incarnation: &str,
    seq: u64,
    envelope: &[u8],
) -> Result<Acceptance, LinkError> {
    let question = match inspect(site, child, envelope) {
        Ok(question) => Some(question),
        Err(reason) => {
            tracing::warn!(child = %child, seq, reason, "a question was passed over");
            None
        }
    };
    let arrival = QuestionArrival { author: child, incarnation, seq, question: question.as_ref() };
    Ok(site.store.accept_question(&arrival).await?)
}

fn inspect(site: &Site, child: &RegionCode, envelope: &[u8]) -> Result<AskedQuestion, String> {
    let signed = sealed::decode(envelope).map_err(|error| chain(&error))?;
    let question: Question = serde_json::from_slice(&signed.payload).map_err(|error| error.to_string())?;
    // Like a report it may have waited for a line longer than its author's certificate lived.
    let opened = sealed::open(site.identity().roots(), Purpose::Question, &signed, question.at);
    let opened = opened.map_err(|error| chain(&error))?;
    if opened.signer != *child || question.region != *child {
        return Err(format!("signed by {} for {}", opened.signer, question.region));
    }
    if let Some(problem) = question.problems().first() {
        return Err(problem.to_string());
    }
    Ok(AskedQuestion {
        key: question.key,
        region: question.region,
        payload: String::from_utf8_lossy(&opened.payload).into_owned(),
        envelope: envelope.to_vec(),
        received_at: site.now(),
        expert: String::new(),
        noted_by: String::new(),
    })
}

#[cfg(test)]
mod tests;
