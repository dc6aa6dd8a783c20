//! Submitting by itself what the bureau has allowed to leave without a person's word each time. The worker takes no
//! input: it looks at the state, does what is missing, and can be run at any time. What keeps a collection from being
//! reported is noted until it is gone, told where people look, and entered into the log once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tongpin_domain::catalog::Head;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::PROJECT;
use tongpin_domain::report;
use tongpin_link::reconcile::{Job, Problem, Reconciler};
use tongpin_store::{Stall, Topic};

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::{self, AskedCollection};
use crate::ops::restored;
use crate::ops::submit::Shrunk;
use crate::records::answer::{self, AnswerError, Basis, some};

/// Who is named as the approver: the bureau itself, by its configuration.
const BY_SETTING: &str = "自动上报（本级设定）";

/// Who stands in the audit log.
const BY_ITSELF: &str = "系统";

/// What became of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// There is nothing to do about it: it has just been reported, or was, or a person has to correct what was given
    /// back, which is told where it is told of all reports.
    Settled,
    /// It cannot be reported now: why, and what to do, in both languages.
    Stalled(String, String),
}

impl Outcome {
    fn stalled(zh: &str, en: &str) -> Self {
        Self::Stalled(format!("{zh}；原因消除后自动上报"), format!("{en}; it is reported by itself once that is done"))
    }
}

/// Submits the configured collections whenever what they ask can be answered and has changed.
pub(crate) struct AutoSubmit {
    app: App,
    /// On which ground it looked last.
    seen: Option<Ground>,
}

/// What answers are made of, and what else decides whether they leave: as long as it is the same, another look finds
/// the same.
#[derive(PartialEq, Eq)]
struct Ground {
    releases: Vec<Head>,
    scores: (u64, Option<i64>),
    due: u64,
    day: u64,
}

impl AutoSubmit {
    /// Of this node.
    pub(crate) fn of(app: App) -> Self {
        Self { app, seen: None }
    }
}

impl Reconciler for AutoSubmit {
    fn job(&self) -> Job {
        let (every, gather) = (Duration::from_mins(1), Duration::from_secs(1));
        Job { name: "auto_submit", zh: "自动上报", en: "submitting by itself", every, gather }
    }

    fn concerns(topic: &Topic) -> bool {
        match topic {
            // A setting is what was decided after a restore, and whether one person may approve.
            Topic::Catalog(_)
            | Topic::Scores
            | Topic::Due
            | Topic::MyReports
            | Topic::Decisions(_)
            | Topic::Setting(_) => true,
            Topic::Records(kind) => kind == PROJECT,
            _ => false,
        }
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        if self.app.settings.own.auto_submit.is_empty() && self.seen.is_some() {
            // What an earlier configuration allowed is no longer noted, and nothing more is to be done.
            return Ok(());
        }
        let store = self.app.store();
        let (releases, scores, due) = tokio::try_join!(store.heads(), store.scores_imprint(), store.count_due())?;
        let ground = Ground { releases, scores, due, day: self.app.site.now().day() };
        if changed.is_none() && self.seen.as_ref() == Some(&ground) {
            return Ok(());
        }
        self.seen = None;
        look(&self.app).await?;
        self.seen = Some(ground);
        Ok(())
    }
}

/// One look at everything. What keeps one collection does not keep another.
pub(crate) async fn look(app: &App) -> Result<(), Failure> {
    let (store, own, parent) = (app.store(), app.site.region(), &app.parent.region);
    let allowed = &app.settings.own.auto_submit;
    let mut outcomes = BTreeMap::new();
    if !allowed.is_empty() {
        for id in guidance::unreadable_collections(store, parent).await?.into_iter().filter(|id| allowed.contains(id)) {
            let zh = "归集任务的内容本程序读不出来，请升级程序或告知上级";
            outcomes.insert(
                id,
                Outcome::stalled(zh, "this program cannot read the collection; upgrade, or tell the parent"),
            );
        }
        let asked = guidance::asked(store, parent, &own).await?;
        let due: Vec<AskedCollection> =
            asked.into_iter().filter(|asked| allowed.contains(&asked.collection.id)).collect();
        if !due.is_empty() {
            outcomes.extend(each(app, due).await?);
        }
    }
    note(app, outcomes).await
}

/// Reports what is due, or says of each why it is not reported.
async fn each(app: &App, due: Vec<AskedCollection>) -> Result<Vec<(String, Outcome)>, Failure> {
    let failed = |failure: &Failure| Outcome::stalled(&failure.say(Lang::Zh), &failure.say(Lang::En));
    if let Err(undecided) = restored::must_be_decided(app).await {
        let outcome = failed(&undecided);
        return Ok(due.into_iter().map(|asked| (asked.collection.id, outcome.clone())).collect());
    }
    let basis = match Basis::load(app.store()).await {
        Ok(basis) => basis,
        Err(error) => {
            let outcome = failed(&error.into());
            return Ok(due.into_iter().map(|asked| (asked.collection.id, outcome.clone())).collect());
        }
    };
    let mut outcomes = Vec::new();
    for wanted in due {
        let id = wanted.collection.id.clone();
        let outcome = one(app, &basis, wanted).await.unwrap_or_else(|failure| failed(&failure));
        outcomes.push((id, outcome));
    }
    Ok(outcomes)
}

/// Reports one collection, or says why it is not reported. A returned report waits for a person: sending it again by
/// itself would be returned again.
async fn one(app: &App, basis: &Basis, wanted: AskedCollection) -> Result<Outcome, Failure> {
    let (store, own) = (app.store(), app.site.region());
    let id = wanted.collection.id.clone();
    let last = answer::last_report(store, &id).await?;
    let answer = match basis.answer(store, wanted, &app.settings.own.egress).await {
        Ok(answer) => answer,
        Err(error) => return unanswered(app, &id, error).await,
    };
    if answer.is_told(last.as_ref()) {
        return Ok(Outcome::Settled);
    }
    if answer.projects == 0 {
        let zh = "本期没有项目，“零个项目”不自动上报；确实没有的，请在归集上报中人工审核上报";
        return Ok(Outcome::stalled(zh, "there is no project in the period, which a person has to report"));
    }
    if let Some(Shrunk { before, now }) = Shrunk::of(&answer, last.as_ref()) {
        let zh = format!("记录数比上次上报少得多（{before} 条变为 {now} 条），请核对后在归集上报中人工审核上报");
        let en = format!("far fewer records than before ({before}, now {now}): check, then let it leave by hand");
        return Ok(Outcome::stalled(&zh, &en));
    }
    let place = answer::next_place(store, &id, &app.parent.region).await?;
    let told = answer.report(&own, place, app.site.now(), BY_SETTING);
    let problems = report::check(&told, &answer.asked.collection, &own, &*app.site.regions().await?);
    if !problems.is_empty() {
        let failure = Failure::Report(problems);
        return Ok(Outcome::stalled(&failure.say(Lang::Zh), &failure.say(Lang::En)));
    }
    let detail = format!("第 {} 次，{} 组汇总数，{BY_SETTING}", told.revision, answer.groups());
    let entry = app.entry(BY_ITSELF, "submit", &id, &detail);
    store.audited(&entry, tongpin_link::report::submit(&app.site, &told)).await?;
    tracing::info!(collection = id, revision = told.revision, "submitted by itself");
    Ok(Outcome::Settled)
}

/// Why there is no answer. Scores that turn out to be old are marked to be computed anew, once for each reason: if that
/// does not help, a person has to see to it.
async fn unanswered(app: &App, id: &str, error: AnswerError) -> Result<Outcome, Failure> {
    let (codes, outcome) = match error {
        AnswerError::Unscored(codes) => {
            let (count, which) = (codes.len(), some(&codes));
            let zh = format!(
                "有 {count} 个项目还没有评分（{which}）；绩效指标填报后自动评分，仍没有的请在“评分”中点“重新评分”"
            );
            let en = format!("{count} projects have no score ({which}); they get one once their lines are filled in");
            (codes, Outcome::stalled(&zh, &en))
        }
        AnswerError::Stale(codes) => {
            let (count, which) = (codes.len(), some(&codes));
            let zh = format!(
                "有 {count} 个项目的评分待重算（{which}），正在自动重算；长时间不变的，请在“评分”中点“重新评分”"
            );
            let en =
                format!("{count} scores are being computed anew ({which}); if that lasts, score all anew in Scores");
            (codes, Outcome::stalled(&zh, &en))
        }
        error @ (AnswerError::Store(_) | AnswerError::Link(_)) => return Err(Failure::Answer(error)),
        other => return Ok(Outcome::stalled(&other.say(Lang::Zh), &other.say(Lang::En))),
    };
    let known = app.store().stalls().await?.into_iter().find(|stall| stall.collection == id);
    let new = |known: Stall| outcome != Outcome::Stalled(known.zh, known.en);
    if known.is_none_or(new) {
        app.store().mark_due(&codes.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    }
    Ok(outcome)
}

/// Keeps what has changed about what is kept from being reported, and says it once.
async fn note(app: &App, mut outcomes: BTreeMap<String, Outcome>) -> Result<(), Failure> {
    let store = app.store();
    for known in store.stalls().await? {
        match outcomes.remove(&known.collection) {
            Some(Outcome::Stalled(zh, en)) if (&zh, &en) == (&known.zh, &known.en) => {}
            Some(stalled @ Outcome::Stalled(..)) => {
                outcomes.insert(known.collection, stalled);
            }
            Some(Outcome::Settled) | None => {
                store.unstalled(&known.collection).await?;
                tracing::info!(collection = known.collection, "nothing keeps it from being submitted any more");
            }
        }
    }
    for (collection, outcome) in outcomes {
        let Outcome::Stalled(zh, en) = outcome else { continue };
        tracing::warn!(collection, reason = en, "not submitted by itself yet");
        store.stalled(&Stall { collection, since: app.site.now(), zh, en }).await?;
    }
    Ok(())
}
