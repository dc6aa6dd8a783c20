//! Questions on their way: sealing one, and checking one that arrived. They share the stream of reports, so that they
//! are numbered, sent, acknowledged and listed with all that ever left.

use prost::Message;
use tongpin_domain::digest::Digest;
use tongpin_domain::guidance::Question;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Acceptance, AskedQuestion, Asking, QuestionArrival};

use crate::boxed;
use crate::downlink;
use crate::error::{LinkError, chain};
use crate::sealed::{self, Purpose};
use crate::site::Site;

/// Signs a question and puts it on its way. `false` if it was sent before.
///
/// # Errors
/// It is not fit to be sent or not this node's, it cannot be signed, or the database cannot be written.
#[boxed]
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
    Ok(new)
}

/// What became of what came as a question.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It is sound; its place in the stream says whether it was kept.
    Sound(Acceptance),
    /// It is none, and nothing was written.
    Refused {
        /// By which whoever sent it knows it again.
        digest: Digest,
        /// Why, in words for whoever sent it.
        reason: String,
    },
}

/// Takes in a question that a child sent, if that one vouches for it. A failing database is the only error.
pub(crate) async fn take(
    site: &Site,
    child: &RegionCode,
    incarnation: &str,
    (seq, mark): (u64, Digest),
    envelope: &[u8],
) -> Result<Taken, LinkError> {
    let question = match inspect(site, child, envelope) {
        Ok(question) => question,
        Err(reason) => {
            tracing::warn!(child = %child, seq, reason, "a question was not taken in");
            // What cannot be opened at all is known by all of its bytes.
            let payload = sealed::decode(envelope).map(|signed| signed.payload);
            let digest = payload.map_or_else(|_| Digest::of(envelope), |payload| Digest::of(&payload));
            return Ok(Taken::Refused { digest, reason });
        }
    };
    // One that was taken in before, as after a restore, uses up nothing.
    let known = site.store.question_keys(child).await?.contains(&question.key);
    if let Some(reason) = if known { None } else { downlink::too_many_questions(site, child).await? } {
        tracing::warn!(child = %child, seq, reason, "a question was not taken in");
        let digest = Digest::of(question.payload.as_bytes());
        return Ok(Taken::Refused { digest, reason });
    }
    let arrival = QuestionArrival { author: child, incarnation, seq, mark, question: &question };
    Ok(Taken::Sound(site.store.accept_question(&arrival).await?))
}

/// The question, or why it is none.
fn inspect(site: &Site, child: &RegionCode, envelope: &[u8]) -> Result<AskedQuestion, String> {
    let unreadable = |problem: String| format!("提问内容无法识别：{problem}");
    let signed = sealed::decode(envelope).map_err(|error| unreadable(chain(&error)))?;
    let question: Question = serde_json::from_slice(&signed.payload).map_err(|error| unreadable(error.to_string()))?;
    // Like a report it may have waited for a line longer than its author's certificate lived.
    let opened = sealed::open(site.identity().roots(), Purpose::Question, &signed, question.at);
    let opened = opened.map_err(|error| format!("提问的签名无效：{}", chain(&error)))?;
    if opened.signer != *child || question.region != *child {
        return Err(format!("提问由 {} 签名、以 {} 的名义提出，不是 {child}", opened.signer, question.region));
    }
    if let Some(problem) = question.problems().first() {
        return Err(problem.say(Lang::Zh));
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
