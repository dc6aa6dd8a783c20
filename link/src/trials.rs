//! 测算的答复 on the way up: what a node answers to its parent's trials of forms goes with what it says of itself, and
//! the parent keeps of it what it asked.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{MOST_TRIALS, TRIALS, Trial, TrialAnswer};
use tongpin_domain::region::RegionCode;
use tongpin_proto::v1;
use tongpin_store::{Store, Topic};

use crate::boxed;
use crate::downlink::{Quota, quota_left};
use crate::error::LinkError;
use crate::site::Site;

/// Under which name the database keeps what is answered here; and, with a child's code behind it, what that one said.
const ANSWERS: &str = "trial_answers";

/// Whether a change is of what is answered here.
pub(crate) fn concerns(topic: &Topic) -> bool {
    matches!(topic, Topic::Setting(key) if key == ANSWERS)
}

/// Whether a change is of what a child answered.
#[must_use]
pub fn concerns_children(topic: &Topic) -> bool {
    matches!(topic, Topic::Setting(key) if key.strip_prefix(ANSWERS).is_some_and(|of| of.starts_with('.')))
}

/// A publisher's trials, by the code of the form. One that cannot be read is passed over.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn of(store: &Store, publisher: &RegionCode) -> Result<BTreeMap<String, Trial>, LinkError> {
    let entries = store.entries(&CatalogId::new(publisher.clone(), TRIALS)).await?;
    Ok(entries.into_iter().filter_map(|entry| Some((entry.key, serde_json::from_str(&entry.body).ok()?))).collect())
}

/// What is answered here; nothing before the first answer.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn answered(site: &Site) -> Result<Vec<TrialAnswer>, LinkError> {
    kept(&site.store, ANSWERS).await
}

/// Keeps what is answered; the link tells it from here on.
///
/// # Errors
/// The database cannot be written.
#[boxed]
pub async fn answer(site: &Site, answers: &[TrialAnswer]) -> Result<(), LinkError> {
    Ok(site.store.set_meta(ANSWERS, &text(answers)?).await?)
}

/// What a child answered last of what it was asked.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn of_child(site: &Site, child: &RegionCode) -> Result<Vec<TrialAnswer>, LinkError> {
    kept(&site.store, &format!("{ANSWERS}.{child}")).await
}

/// All that is answered here, as it is sent.
pub(crate) async fn told(site: &Site) -> Result<Vec<v1::TrialAnswer>, LinkError> {
    Ok(answered(site).await?.iter().map(v1::TrialAnswer::from).collect())
}

/// Takes in what a child told: of trials that this node asks, one answer to each. The rest is passed over, and so is
/// all of it once the child has changed its mind as often as it may in a day.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn hear(site: &Site, child: &RegionCode, told: Vec<v1::TrialAnswer>) -> Result<(), LinkError> {
    if told.is_empty() {
        return Ok(());
    }
    let mut open: BTreeSet<Digest> = of(&site.store, &site.region()).await?.values().map(Trial::digest).collect();
    let mut answers = Vec::new();
    for told in told.into_iter().take(MOST_TRIALS) {
        match TrialAnswer::try_from(told) {
            Ok(answer) if open.remove(&answer.trial) => answers.push(answer),
            Ok(answer) => {
                tracing::debug!(%child, trial = %answer.trial, "an answer that nobody asks for is passed over");
            }
            Err(invalid) => tracing::warn!(%child, reason = %invalid, "an answer to a trial is passed over"),
        }
    }
    let key = format!("{ANSWERS}.{child}");
    if kept(&site.store, &key).await? != answers && quota_left(site, child, Quota::Answers, 1).await? {
        site.store.set_meta(&key, &text(&answers)?).await?;
    }
    Ok(())
}

/// What cannot be read any more is as if it had not been told: it is told again.
async fn kept(store: &Store, key: &str) -> Result<Vec<TrialAnswer>, LinkError> {
    let text = store.meta(key).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

fn text(answers: &[TrialAnswer]) -> Result<String, LinkError> {
    serde_json::to_string(answers).map_err(|error| LinkError::Internal(error.to_string()))
}
