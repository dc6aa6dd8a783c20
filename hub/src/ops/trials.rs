//! 影响测算: asks the counties how many of their documents drafted forms would concern, and puts together what they
//! answer. Whoever has not answered counts for nothing, and never as none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tongpin_domain::catalog::{Audience, Entry};
use tongpin_domain::form::{
    Answer, Count, Counted, Definition, FORMS, FormChange, Step, TRIALS, Tally, Trial, TrialAnswer,
};
use tongpin_link::publish::forms::{self, Impact};
use tongpin_link::publish::{self, Publication};
use tongpin_link::reconcile::{Job, Problem, Reconciler};
use tongpin_link::trials;
use tongpin_store::{AuditDraft, Person, Topic};

use crate::app::App;
use crate::failure::Failure;
use crate::ops::nodes;

/// Who ends trials by themselves.
const BY_ITSELF: &str = "系统";

/// A trial, and what the counties say of it.
pub(crate) struct Standing {
    /// What the form is called in the draft.
    pub(crate) title: String,
    /// What was asked.
    pub(crate) trial: Trial,
    /// Whether what was asked about is still what is drafted.
    pub(crate) stand: Stand,
    /// Whether the draft lets any document come to it; without a step for that none is concerned.
    pub(crate) renews: bool,
    /// Every county that has joined.
    pub(crate) lines: Vec<Line>,
}

/// How a trial stands to what is drafted and published of its form now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    /// The draft is what was asked about.
    Current,
    /// The draft is another one by now.
    Changed,
    /// Something was published of the form since, or nothing is drafted of it any more.
    Over,
}

/// What one county says of a trial.
pub(crate) struct Line {
    /// What it is called.
    pub(crate) name: String,
    /// Whether the question has reached it.
    pub(crate) delivered: bool,
    /// What it answers; `None` as long as it has not.
    pub(crate) answer: Option<TrialAnswer>,
}

impl Standing {
    /// How many counties have counted.
    pub(crate) fn counted(&self) -> usize {
        self.lines.iter().filter(|line| line.count().is_some()).count()
    }

    /// How many have said something, if only that they do not tell.
    pub(crate) fn answered(&self) -> usize {
        self.lines.iter().filter(|line| line.answer.is_some()).count()
    }

    /// What the answers add up to; `None` if nobody counted it.
    pub(crate) fn sum(&self, tally: &Tally) -> Option<Counted> {
        let told = self.lines.iter().filter_map(|line| line.count()?.tallies.get(tally));
        told.copied().reduce(Counted::plus)
    }
}

impl Line {
    fn told(&self) -> Option<&Answer> {
        self.answer.as_ref().map(|answer| &answer.answer)
    }

    /// What it counted, if it did.
    pub(crate) fn count(&self) -> Option<&Count> {
        if let Answer::Counted(count) = self.told()? { Some(count) } else { None }
    }
}

/// Whether a changed form can be tried: it had documents, can be published, and changes something for them.
pub(crate) fn can_be_tried(impact: &Impact) -> bool {
    let looks = |change: &FormChange| matches!(change, FormChange::LooksChanged);
    // What is kept as a record of another kind is no document that a county could count.
    !impact.is_new && !impact.is_kept && !impact.is_refused() && !impact.changes.iter().all(looks)
}

/// The trials, and how far their answers are.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn standing(app: &App) -> Result<Vec<Standing>, Failure> {
    let (store, own) = (app.store(), app.site.region());
    let asked = trials::of(store, &own).await?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let now = Now::read(app, &asked).await?;
    let mut counties = Vec::new();
    for row in nodes::rows(app).await?.into_iter().filter(|row| row.status == "active") {
        let delivered = row.catalogs.iter().any(|it| it.catalog == TRIALS && it.publisher == own && it.current);
        counties.push((row.name, delivered, trials::of_child(&app.site, &row.region).await?));
    }
    let mut all = Vec::with_capacity(asked.len());
    for (code, trial) in asked {
        let digest = trial.digest();
        let line = |(name, delivered, answers): &(String, bool, Vec<TrialAnswer>)| Line {
            name: name.clone(),
            delivered: *delivered,
            answer: answers.iter().find(|answer| answer.trial == digest).cloned(),
        };
        let stand = now.stand(&code, &trial);
        let form = serde_json::from_str::<Definition>(&trial.form).ok();
        let renews = form.as_ref().is_none_or(|form| form.flow.steps.iter().any(Step::renews));
        let title = form.map_or(code, |form| form.title);
        all.push(Standing { title, stand, renews, lines: counties.iter().map(line).collect(), trial });
    }
    Ok(all)
}

/// The forms that trials are of, as they are drafted and published now.
struct Now {
    drafts: BTreeMap<String, String>,
    published: Vec<Entry>,
}

impl Now {
    async fn read(app: &App, asked: &BTreeMap<String, Trial>) -> Result<Self, Failure> {
        let (store, forms_of) = (app.store(), app.catalog(FORMS));
        let drafted = store.draft(&forms_of).await?.map(|draft| draft.entries).unwrap_or_default();
        let drafts = drafted.into_iter().map(|entry| (entry.key, entry.body)).collect();
        let codes: Vec<&str> = asked.keys().map(String::as_str).collect();
        Ok(Self { drafts, published: store.entries_named(&forms_of, &codes).await? })
    }

    /// How a trial stands to them.
    fn stand(&self, code: &str, trial: &Trial) -> Stand {
        let published = self.published.iter().find(|entry| entry.key == code);
        if published.is_some_and(|published| published.release > trial.forms_at) {
            return Stand::Over;
        }
        match self.drafts.get(code) {
            Some(drafted) if *drafted == trial.form => Stand::Current,
            Some(drafted) if published.is_none_or(|published| published.body != *drafted) => Stand::Changed,
            _ => Stand::Over,
        }
    }
}

/// Asks about every form of the draft that can be tried. It binds nobody, so that one person asks; what was asked in
/// the same words already stays. `entry` gets the forms at the end of its detail.
///
/// # Errors
/// There is nothing to ask about, somebody else is at work on the trials, or the database cannot be written.
pub(crate) async fn ask(app: &App, by: &Person, entry: &AuditDraft<'_>) -> Result<usize, Failure> {
    let (store, forms_of) = (app.store(), app.catalog(FORMS));
    let impacts = forms::of_draft(store, &forms_of).await?;
    let tried: BTreeSet<&str> = impacts.iter().filter(|it| can_be_tried(it)).map(|it| it.key.as_str()).collect();
    let draft = store.draft(&forms_of).await?.map(|draft| draft.entries).unwrap_or_default();
    let forms_at = store.head(&forms_of).await?.map_or(0, |head| head.number);
    let known = trials::of(store, &app.site.region()).await?;
    let mut entries = Vec::new();
    for drafted in draft.into_iter().filter(|it| tried.contains(it.key.as_str())) {
        if known.get(&drafted.key).is_some_and(|known| known.form == drafted.body) {
            continue;
        }
        let trial = Trial { form: drafted.body, forms_at, by: by.name.clone(), at: app.site.now() };
        let body = serde_json::to_string(&trial).map_err(|error| Failure::unreadable("trial", &error))?;
        entries.push(Entry { key: drafted.key, audience: Audience::Everyone, release: 0, body });
    }
    if entries.is_empty() {
        let none = Failure::input(
            "草稿中没有可测算的表单：新表单还没有单据，不能发布的请先改正",
            "no form of the draft can be tried: a new one has no documents, and a wrong one is to be corrected first",
        );
        let same =
            Failure::input("草稿没有变动，各区县正在测算或已测算", "the counties were asked about this draft already");
        return Err(if tried.is_empty() { none } else { same });
    }
    let (count, codes) = (entries.len(), entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>().join("、"));
    let publication = publish::amend(&app.site, &app.catalog(TRIALS), by, &codes, entries).await?;
    commit(app, publication, &AuditDraft { detail: &format!("{}{codes}", entry.detail), ..*entry }).await?;
    Ok(count)
}

/// Ends all trials: nobody counts for them any more. Tells whether there were any.
///
/// # Errors
/// Somebody else is at work on the trials, or the database cannot be written.
pub(crate) async fn end(app: &App, by: &Person, entry: &AuditDraft<'_>) -> Result<bool, Failure> {
    let all = trials::of(app.store(), &app.site.region()).await?;
    withdraw(app, by, all.into_keys().collect(), entry).await
}

async fn withdraw(app: &App, by: &Person, keys: Vec<String>, entry: &AuditDraft<'_>) -> Result<bool, Failure> {
    if keys.is_empty() {
        return Ok(false);
    }
    let codes = keys.join("、");
    let publication = publish::withdraw(&app.site, &app.catalog(TRIALS), by, &codes, keys).await?;
    commit(app, publication, &AuditDraft { detail: &format!("{}{codes}", entry.detail), ..*entry }).await?;
    Ok(true)
}

async fn commit(app: &App, publication: Publication, entry: &AuditDraft<'_>) -> Result<(), Failure> {
    app.store().audited(entry, publish::commit(&app.site, publication, None)).await?;
    Ok(())
}

/// Ends the trials of forms of which something was published since, or nothing is drafted any more.
pub(crate) struct OverTrials(pub(crate) Arc<App>);

impl Reconciler for OverTrials {
    fn job(&self) -> Job {
        let (every, gather) = (Duration::from_hours(1), Duration::ZERO);
        Job { name: "trials", zh: "结束已过时的表单测算", en: "ending trials that are over", every, gather }
    }

    fn concerns(topic: &Topic) -> bool {
        matches!(topic, Topic::Catalog(id) | Topic::Draft(id) if id.name == FORMS)
    }

    async fn look(&mut self, _: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        let Self(app) = self;
        Ok(end_over(app).await?)
    }
}

pub(crate) async fn end_over(app: &App) -> Result<(), Failure> {
    let asked = trials::of(app.store(), &app.site.region()).await?;
    if asked.is_empty() {
        return Ok(());
    }
    let now = Now::read(app, &asked).await?;
    let over = asked.into_iter().filter(|(code, trial)| now.stand(code, trial) == Stand::Over);
    let over = over.map(|(code, _)| code).collect();
    let entry = app.audit_entry(BY_ITSELF, "trial_end", TRIALS, "表单已有新版，或草稿已放弃：");
    withdraw(app, &Person::named(BY_ITSELF), over, &entry).await?;
    Ok(())
}
