//! 影响测算: answers the parent's trials of drafted forms, once for each, and again some time after something that was
//! counted changed. Only numbers leave, and only if the egress contract lets them; what was told is in the audit log
//! and on a page.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{
    Answer, Counted, DOCUMENT, FORMS, MOST_A_DAY, MOST_TRIALS, SubjectOf, TRIALS, Tally, Trial, TrialAnswer, VERDICTS,
};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::project::PROJECT;
use tongpin_link::reconcile::{Job, Problem, Reconciler};
use tongpin_link::trials;
use tongpin_store::Topic;

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::forms::HeldForm;
use crate::ops::forms::trying;

/// Who stands in the audit log.
const BY_ITSELF: &str = "系统";
/// Documents that change all the time are not counted more often than this, seconds: it costs, and whoever sees each
/// number change by one could tell what was filled in.
const QUIET_S: i64 = 600;
/// Under which name the database keeps which trials were counted today.
const SPENT: &str = "trials_counted";
/// The numbers of the rules in force, which forms calculate with.
const RULES: &str = "rules";

/// Counts for trials.
pub(crate) struct Trials {
    app: App,
    /// Something may have changed since all trials were compared with what was counted for them.
    touched: bool,
    /// How often what documents of all forms are read by has changed.
    around: u64,
    /// How often projects have, which forms are filled in from.
    projects: u64,
    /// The last look failed: what changed meanwhile was not told.
    failed: bool,
    /// What was counted last, by the code of the form.
    seen: BTreeMap<String, Seen>,
}

/// What was counted for a trial.
struct Seen {
    trial: Digest,
    at: Moment,
    state: State,
}

/// What a count depends on.
#[derive(PartialEq, Eq)]
struct State {
    documents: String,
    around: u64,
    projects: u64,
}

/// The trials of a form that were counted on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    day: u64,
    trials: BTreeSet<Digest>,
}

impl Spent {
    /// Whether a trial may still be counted on that day.
    fn lets(&self, trial: Digest) -> bool {
        self.trials.len() < MOST_A_DAY || self.trials.contains(&trial)
    }
}

impl Trials {
    /// Of this node.
    pub(crate) fn of(app: App) -> Self {
        Self { app, touched: true, around: 0, projects: 0, failed: false, seen: BTreeMap::new() }
    }

    /// Keeps in mind what has changed since it looked last; where that is not told nothing has, unless it failed.
    pub(crate) fn note(&mut self, changed: Option<&BTreeSet<Topic>>) {
        let Some(changed) = changed else {
            self.around = self.around.saturating_add(self.failed.into());
            self.touched |= self.failed;
            return;
        };
        for topic in changed {
            let counter = match topic {
                // What is asked is read anew each time.
                Topic::Catalog(id) if id.name == TRIALS => continue,
                Topic::Catalog(id) if id.name != VERDICTS => &mut self.around,
                Topic::Records(kind) if kind == PROJECT => &mut self.projects,
                _ => {
                    self.touched = true;
                    continue;
                }
            };
            *counter = counter.saturating_add(1);
            self.touched = true;
        }
    }

    /// Answers what is not answered yet, counts anew where something is different, and tells what that changed.
    pub(crate) async fn look_at(&mut self, now: Moment) -> Result<(), Failure> {
        let (app, parent) = (self.app.clone(), self.app.parent.region.clone());
        let asked = trials::of(app.store(), &parent).await?;
        let known = trials::answered(&app.site).await?;
        let mut spent = spent(&app, now).await?;
        let (mut answers, mut told, mut compared) = (Vec::new(), BTreeMap::new(), true);
        self.seen.retain(|code, _| asked.contains_key(code));
        for (code, trial) in asked.iter().take(MOST_TRIALS) {
            let digest = trial.digest();
            let before = known.iter().find(|known| known.trial == digest);
            let due = self.due(code, trial, before, spent.get(code), now).await?;
            compared &= !matches!(due, Due::Later);
            let answer = match due {
                Due::Answer(answer) => answer,
                Due::Count(drafted, state) => {
                    let of_form = spent.entry(code.clone()).or_default();
                    if of_form.lets(digest) {
                        of_form.trials.insert(digest);
                        let answer = trying::answer(&app, *drafted).await?;
                        self.seen.insert(code.clone(), Seen { trial: digest, at: now, state });
                        answer
                    } else {
                        Answer::Postponed
                    }
                }
                Due::Nothing | Due::Later => {
                    answers.extend(before.cloned());
                    continue;
                }
            };
            if let Some(same) = before.filter(|before| before.answer == answer) {
                answers.push(same.clone());
            } else {
                told.insert(code, said(&answer));
                answers.push(TrialAnswer { trial: digest, at: now, answer });
            }
        }
        self.touched &= !compared;
        keep(&app, &spent, &answers, &known, &told, now).await
    }

    /// What is to be done about a trial that was answered so, or not yet.
    async fn due(
        &self,
        code: &str,
        trial: &Trial,
        before: Option<&TrialAnswer>,
        spent: Option<&Spent>,
        now: Moment,
    ) -> Result<Due, Failure> {
        if !self.app.settings.own.egress.lets_trials() {
            return Ok(Due::Answer(Answer::Withheld));
        }
        let counted = before.filter(|before| matches!(before.answer, Answer::Counted(_)));
        let seen = self.seen.get(code).filter(|seen| seen.trial == trial.digest());
        if counted.is_some() && seen.is_some() && !self.touched {
            return Ok(Due::Nothing);
        }
        let last = counted.map(|counted| seen.map_or(counted.at, |seen| seen.at));
        if last.is_some_and(|last| now.seconds_since(last).abs() < QUIET_S) {
            return Ok(Due::Later);
        }
        if counted.is_none() && spent.is_some_and(|spent| !spent.lets(trial.digest())) {
            return Ok(Due::Answer(Answer::Postponed));
        }
        let drafted = trying::drafted(&self.app.parent.region, code, trial);
        let Some(drafted) = drafted else { return Ok(Due::Answer(Answer::Unable)) };
        let of_project = drafted.definition.subject.of == SubjectOf::Project;
        let state = State {
            documents: self.app.store().documents_mark(code).await?,
            around: self.around,
            projects: if of_project { self.projects } else { 0 },
        };
        if counted.is_some() && seen.is_some_and(|seen| seen.state == state) {
            return Ok(Due::Nothing);
        }
        Ok(Due::Count(Box::new(drafted), state))
    }
}

impl Reconciler for Trials {
    fn job(&self) -> Job {
        let (every, gather) = (Duration::from_mins(1), Duration::from_secs(1));
        Job { name: "trials", zh: "表单影响测算", en: "trials of forms", every, gather }
    }

    fn concerns(topic: &Topic) -> bool {
        match topic {
            Topic::Catalog(id) => [TRIALS, FORMS, VERDICTS, CALENDARS, RULES].contains(&id.name.as_str()),
            Topic::Records(kind) => [DOCUMENT, PROJECT].contains(&kind.as_str()),
            _ => false,
        }
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        if self.app.records_go_up() {
            // What a township keeps is counted by its county.
            return Ok(());
        }
        self.note(changed);
        self.failed = true;
        self.look_at(self.app.site.now()).await?;
        self.failed = false;
        Ok(())
    }
}

/// What is to be done about a trial.
enum Due {
    /// What was told is still so.
    Nothing,
    /// It may be different, and is counted anew once it is quiet.
    Later,
    /// This is answered without counting.
    Answer(Answer),
    /// It is counted.
    Count(Box<HeldForm>, State),
}

/// What was counted today, by the code of the form.
async fn spent(app: &App, now: Moment) -> Result<BTreeMap<String, Spent>, Failure> {
    let text = app.store().meta(SPENT).await?;
    let kept: BTreeMap<String, Spent> = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Ok(kept.into_iter().filter(|(_, spent)| spent.day == now.day()).collect())
}

/// Keeps what is answered and what was counted for it; what is told anew is entered in the log in the first of the two
/// transactions, so that nothing leaves that is not there.
async fn keep(
    app: &App,
    spent: &BTreeMap<String, Spent>,
    answers: &[TrialAnswer],
    known: &[TrialAnswer],
    told: &BTreeMap<&String, String>,
    now: Moment,
) -> Result<(), Failure> {
    if answers == known {
        return Ok(());
    }
    if told.is_empty() {
        return Ok(trials::answer(&app.site, answers).await?);
    }
    let spent: BTreeMap<&String, Spent> =
        spent.iter().map(|(code, spent)| (code, Spent { day: now.day(), ..spent.clone() })).collect();
    let text = serde_json::to_string(&spent).map_err(|error| Failure::internal(&error))?;
    let detail: Vec<String> = told.iter().map(|(code, said)| format!("{code}：{said}")).collect();
    let (subject, detail) = (told.keys().map(|code| code.as_str()).collect::<Vec<_>>().join("、"), detail.join("；"));
    let entry = app.entry(BY_ITSELF, "trial_answer", &subject, &detail);
    let both = async {
        app.store().set_meta(SPENT, &text).await?;
        Ok::<_, Failure>(trials::answer(&app.site, answers).await?)
    };
    app.store().audited(&entry, both).await
}

/// An answer as the log has it: all that is told.
fn said(answer: &Answer) -> String {
    match answer {
        Answer::Withheld => "未授权，不告知".to_owned(),
        Answer::Unable => "程序较旧，不认识草稿的部分内容".to_owned(),
        Answer::Postponed => "今日测算次数已满，次日再测算".to_owned(),
        Answer::Counted(count) => {
            let one = |(tally, counted): (&Tally, &Counted)| {
                let part = if count.left_out.contains(tally) { "（未含涉及个人信息的部分）" } else { "" };
                format!("{} {}{part}", tally.text(Lang::Zh), counted.text(Lang::Zh))
            };
            count.tallies.iter().map(one).collect::<Vec<_>>().join("，")
        }
    }
}
