//! Submitting by itself what the bureau has allowed to leave without a person's word each time. The worker takes no
//! input: it looks at the state, does what is missing, and can be run at any time.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tongpin_domain::report;

use crate::answer::{self, AnswerError, Basis};
use crate::failure::Failure;
use crate::guidance;
use crate::office::Office;
use crate::outgoing::Shrunk;
use crate::restored;

/// How often it looks without being nudged.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Who is named as the approver: the bureau itself, by its configuration.
const BY_SETTING: &str = "自动上报（本级设定）";

/// Who stands in the audit log.
const BY_ITSELF: &str = "系统";

/// Submits the configured collections whenever what they ask can be answered and has changed, until cancelled.
pub(crate) async fn submit_by_itself(office: Office, token: CancellationToken) {
    if office.settings.auto_submit.is_empty() {
        return;
    }
    let mut changes = office.site.changes();
    loop {
        changes.borrow_and_update();
        if let Err(failure) = look(&office).await {
            tracing::warn!(reason = failure.chain(), "submitting by itself failed; it is tried again");
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            ended = changes.changed() => if ended.is_err() { return },
        }
    }
}

/// One look at everything. A returned report waits for a person: sending it again by itself would be returned again.
pub(crate) async fn look(office: &Office) -> Result<(), Failure> {
    let (store, own) = (office.store(), office.site.region());
    let asked = guidance::asked(store, &office.parent.region, &own).await?;
    let allowed = |id: &String| office.settings.auto_submit.contains(id);
    let due: Vec<_> = asked.into_iter().filter(|asked| allowed(&asked.collection.id)).collect();
    if due.is_empty() {
        return Ok(());
    }
    if let Err(undecided) = restored::must_be_decided(office).await {
        tracing::warn!(reason = undecided.chain(), "nothing is submitted by itself");
        return Ok(());
    }
    let basis = Basis::load(store).await?;
    for wanted in due {
        let id = wanted.collection.id.clone();
        let last = answer::last_report(store, &id).await?;
        let answer = match basis.answer(store, wanted, &office.settings.egress).await {
            Ok(answer) => answer,
            Err(AnswerError::Store(error)) => return Err(error.into()),
            Err(AnswerError::Link(error)) => return Err(error.into()),
            Err(error) => {
                tracing::debug!(collection = id, reason = %error, "not submitted by itself yet");
                continue;
            }
        };
        if answer.projects == 0 || answer.is_told(last.as_ref()) {
            continue;
        }
        if let Some(Shrunk { before, now }) = Shrunk::of(&answer, last.as_ref()) {
            tracing::warn!(collection = id, before, now, "not submitted by itself: far fewer records than before");
            continue;
        }
        let place = answer::next_place(store, &id, &office.parent.region).await?;
        let told = answer.report(&own, place, office.site.now(), BY_SETTING);
        let problems = report::check(&told, &answer.asked.collection, &own, &*office.site.regions().await?);
        if !problems.is_empty() {
            tracing::warn!(collection = id, problems = ?problems, "not submitted by itself: it would be returned");
            continue;
        }
        let detail = format!("第 {} 次，{} 组汇总数，{BY_SETTING}", told.revision, answer.groups());
        let entry = office.entry(BY_ITSELF, "submit", &id, &detail);
        store.audited(&entry, tongpin_link::report::submit(&office.site, &told)).await?;
        tracing::info!(collection = id, revision = told.revision, "submitted by itself");
    }
    Ok(())
}
