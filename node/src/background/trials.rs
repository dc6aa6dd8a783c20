//! 影响测算: answers the parent's trials of drafted forms, once for each, and again some time after documents changed.
//! Only numbers leave, and only if the egress contract lets them; what was told is in the audit log and on a page.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Answer, Counted, DOCUMENT, FORMS, MOST_TRIALS, TRIALS, Tally, TrialAnswer, VERDICTS};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_link::reconcile::{Job, Problem, Reconciler};
use tongpin_link::trials;
use tongpin_store::Topic;

use crate::app::App;
use crate::failure::Failure;
use crate::ops::forms::trying;

/// Who stands in the audit log.
const BY_ITSELF: &str = "系统";
/// Documents that change all the time are not counted more often than this, seconds.
const QUIET_S: i64 = 60;

/// Counts for trials.
pub(crate) struct Trials {
    app: App,
    /// Something that was counted has changed since, or may have before the program began.
    stale: bool,
    /// When everything was counted last.
    counted: Option<Moment>,
}

impl Trials {
    /// Of this node.
    pub(crate) fn of(app: App) -> Self {
        Self { app, stale: true, counted: None }
    }
}

impl Reconciler for Trials {
    fn job(&self) -> Job {
        let (every, gather) = (Duration::from_mins(1), Duration::from_secs(1));
        Job { name: "trials", zh: "表单影响测算", en: "trials of forms", every, gather }
    }

    fn concerns(topic: &Topic) -> bool {
        match topic {
            Topic::Catalog(id) => [TRIALS, FORMS, VERDICTS, CALENDARS].contains(&id.name.as_str()),
            Topic::Records(kind) => kind == DOCUMENT,
            _ => false,
        }
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        if self.app.records_go_up() {
            // What a township keeps is counted by its county.
            return Ok(());
        }
        let of_trials = |topic: &Topic| matches!(topic, Topic::Catalog(id) if id.name == TRIALS);
        self.stale |= changed.is_some_and(|changed| !changed.iter().all(of_trials));
        let now = self.app.site.now();
        let quiet = self.counted.is_none_or(|at| now.seconds_since(at).abs() >= QUIET_S);
        let anew = self.stale && quiet;
        look(&self.app, anew).await?;
        if anew {
            (self.stale, self.counted) = (false, Some(now));
        }
        Ok(())
    }
}

/// Answers what is not answered yet, or all of it anew, and tells what is different.
pub(crate) async fn look(app: &App, anew: bool) -> Result<(), Failure> {
    let (site, parent) = (&app.site, &app.parent.region);
    let asked = trials::of(app.store(), parent).await?;
    let known = trials::answered(site).await?;
    let of = |trial: &Digest| known.iter().find(|known| known.trial == *trial);
    let (mut answers, mut told) = (Vec::new(), BTreeMap::new());
    for (code, trial) in asked.iter().take(MOST_TRIALS) {
        let digest = trial.digest();
        let before = of(&digest);
        let withheld = before.is_some_and(|it| it.answer == Answer::Withheld);
        let kept = before.filter(|_| !anew && withheld != app.settings.own.egress.lets_trials());
        if let Some(kept) = kept {
            answers.push(kept.clone());
            continue;
        }
        let answer = trying::answer(app, parent, code, trial).await?;
        if let Some(same) = before.filter(|before| before.answer == answer) {
            answers.push(same.clone());
        } else {
            told.insert(code, said(&answer, Lang::Zh));
            answers.push(TrialAnswer { trial: digest, at: site.now(), answer });
        }
    }
    if answers == known {
        return Ok(());
    }
    if told.is_empty() {
        return Ok(trials::answer(site, &answers).await?);
    }
    let detail: Vec<String> = told.iter().map(|(code, said)| format!("{code}：{said}")).collect();
    let (subject, detail) = (told.keys().map(|code| code.as_str()).collect::<Vec<_>>().join("、"), detail.join("；"));
    let entry = app.entry(BY_ITSELF, "trial_answer", &subject, &detail);
    Ok(app.store().audited(&entry, trials::answer(site, &answers)).await?)
}

/// An answer in words.
pub(crate) fn said(answer: &Answer, lang: Lang) -> String {
    match answer {
        Answer::Withheld => lang.pick("未授权，不告知", "withheld").to_owned(),
        Answer::Unable => {
            lang.pick("程序较旧，不认识草稿的部分内容", "this program is too old for the draft").to_owned()
        }
        Answer::Counted(tallies) => {
            let one = |(tally, counted): (&Tally, &Counted)| format!("{} {}", tally.text(lang), counted.text(lang));
            tallies.iter().map(one).collect::<Vec<_>>().join(lang.pick("，", ", "))
        }
    }
}
