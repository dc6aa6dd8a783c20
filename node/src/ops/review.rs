//! Deciding about a line that no formula can score (人工复核): who may, on what, and writing it down. The line's own
//! text is never touched; the decision stands beside it as a record of this bureau.

use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::review::{Decision, REVIEW, Review, Seen, Verdict};
use tongpin_domain::score::{LineScore, ScoreSheet, Status};
use tongpin_link::publish::ALONE;
use tongpin_store::{Account, Expected, Keys, Put, Record, Store, StoreError};

use crate::app::App;
use crate::guidance::RuleChoice;
use crate::ops::editing;
use crate::ops::scoring::{self, ScoreError, ScoringRules};
use crate::records::{self, HeldProject};

/// Nothing was decided.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReviewError {
    /// There is no such line.
    #[error("there is no line {seq} of project {code}")]
    NoLine {
        /// 项目代码
        code: String,
        /// 序号
        seq: u32,
    },
    /// The line, or what was decided about it, is no longer what the page showed.
    #[error("the line was changed in the meantime")]
    Changed,
    /// The line can be scored by its formula.
    #[error("the line does not wait for a person")]
    NotWaiting,
    /// Whoever typed a value does not judge it.
    #[error("the account has typed this line")]
    OwnValue,
    /// There is nothing of this bureau's to withdraw.
    #[error("there is no decision of this bureau to withdraw")]
    NothingToWithdraw,
    /// No reason was given.
    #[error("no reason was given")]
    NoReason,
    /// Nothing stands where the value belongs.
    #[error("no value is given")]
    NoFigure,
    /// The decision leads to no score.
    #[error("the decision does not lead to a score")]
    NoScore(Verdict),
    /// No rules can be chosen.
    #[error("no rules can be chosen")]
    Rules(#[from] RuleChoice),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be written as text.
    #[error("a record could not be written as JSON")]
    Internal(#[from] serde_json::Error),
}

impl From<ScoreError> for ReviewError {
    fn from(error: ScoreError) -> Self {
        match error {
            ScoreError::Store(error) => Self::Store(error),
            ScoreError::Internal(error) => Self::Internal(error),
        }
    }
}

impl Say for ReviewError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::NoLine { code, seq } => (
                format!("项目 {code} 没有第 {seq} 项指标；可在“待复核”中查看全部"),
                format!("project {code} has no line {seq}; see what waits for a person"),
            ),
            Self::Changed => (
                "这项指标或其复核在您查看之后有变化，本次未保存；请核对后再定".to_owned(),
                "the line, or what was decided about it, has changed since you looked; compare, then decide".to_owned(),
            ),
            Self::NotWaiting => (
                "这项指标按计分规则能直接得分，无须人工复核；如填报有误，请退经办更正".to_owned(),
                "the rules score this line by themselves; have the value corrected if it is wrong".to_owned(),
            ),
            Self::OwnValue => (
                "这项指标是您本人填报的，须由另一个有审核岗位的账号复核".to_owned(),
                "you typed this line yourself; another account that approves has to decide".to_owned(),
            ),
            Self::NothingToWithdraw => (
                "本级没有可撤销的复核；上级或下级的复核由其自行撤销".to_owned(),
                "there is no decision of this bureau to withdraw".to_owned(),
            ),
            Self::NoFigure => ("请填数值".to_owned(), "fill in the value".to_owned()),
            Self::NoReason => ("请填写理由".to_owned(), "say why".to_owned()),
            Self::NoScore(Verdict::Value(_)) => (
                "按这个数值仍不能计分：请填一个确定的数（按度量单位，不带文字；完成时限类指标填日期），或改为直接定系数、得分"
                    .to_owned(),
                "this value gives no score either: give one number in the line's unit, or a coefficient or points"
                    .to_owned(),
            ),
            Self::NoScore(Verdict::Coefficient(_)) => (
                "系数应为 0 到 100 之间的数，如 80".to_owned(),
                "a coefficient is a number from 0 to 100, such as 80".to_owned(),
            ),
            Self::NoScore(_) => {
                ("得分应为 0 到该项分值之间的数".to_owned(), "points are a number from 0 to the weight".to_owned())
            }
            Self::Rules(choice) => return choice.say(lang),
            Self::Store(error) => return error.say(lang),
            Self::Internal(error) => (
                format!("程序内部错误（{error}），未保存；请联系技术支持"),
                format!("an internal error ({error}); nothing was saved, ask for support"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// A line that somebody looks at to decide.
pub(crate) struct ReviewedLine {
    /// Its project.
    pub(crate) held: HeldProject,
    /// The line as it is typed.
    pub(crate) line: ProjectIndicator,
    /// How it is scored now, with what was decided.
    pub(crate) scored: LineScore,
    /// How it would be scored without.
    pub(crate) bare: LineScore,
    /// The ids of the accounts that typed it, as far as this bureau knows.
    pub(crate) typists: Vec<String>,
    /// What this bureau has decided so far.
    own: Option<Review>,
    record: Option<Record>,
    basis: ScoringRules,
}

fn line_of(sheet: ScoreSheet, seq: u32) -> Option<LineScore> {
    sheet.lines.into_iter().find(|line| line.seq == seq)
}

impl ReviewedLine {
    /// Reads it.
    ///
    /// # Errors
    /// There is no such line, no rules can be chosen for it, or the database cannot be read.
    pub(crate) async fn read(app: &App, code: &str, seq: u32) -> Result<Self, ReviewError> {
        let (store, own) = (app.store(), app.site.region());
        let missing = || ReviewError::NoLine { code: code.to_owned(), seq };
        let held = records::one(store, code).await?.ok_or_else(missing)?;
        let line = held.lines.iter().find(|line| line.seq == seq).cloned().ok_or_else(missing)?;
        let basis = ScoringRules::of(store, &held.project).await??;
        let scored = line_of(basis.score(&held.project, &held.lines, &held.reviews), seq).ok_or_else(missing)?;
        let bare = line_of(basis.score(&held.project, &held.lines, &[]), seq).ok_or_else(missing)?;
        let key = line.record_key();
        // Accounts of another bureau are not known here: whoever reviews its values did not type them.
        let typists = if held.author == own { store.line_typists(&key).await? } else { Vec::new() };
        let record = store.records_named(REVIEW, &own, &[key.as_str()]).await?.into_iter().next();
        let review = record.as_ref().and_then(|record| serde_json::from_str(&record.body).ok());
        Ok(Self { held, line, scored, bare, typists, own: review, record, basis })
    }

    /// What the page was made from: the line's text, and what this bureau has decided about it.
    pub(crate) fn version(&self) -> String {
        // Plain data with text keys is always JSON.
        let seen = serde_json::to_vec(&Seen::of(&self.line)).unwrap_or_default();
        let decided = self.record.as_ref().map_or("", |record| record.body.as_str());
        Digest::of_parts([seen.as_slice(), decided.as_bytes()]).to_string()
    }

    /// Whether this account may decide about it.
    pub(crate) fn is_open_to(&self, account: &Account) -> bool {
        !self.typists.contains(&account.id)
    }

    /// Whether it waits for a person, or would without what was decided.
    pub(crate) fn is_for_a_person(&self) -> bool {
        self.bare.status == Status::Review
    }

    /// Everything that was decided, whichever bureau did, the newest first; with whether it counts.
    pub(crate) fn history(&self) -> Vec<(&Decision, bool)> {
        let in_force = self.scored.decision.as_ref();
        let of_line = self.held.reviews.iter().filter(|review| review.seq == self.line.seq);
        let mut all: Vec<&Decision> = of_line.flat_map(|review| &review.decisions).collect();
        all.sort_by_key(|decision| std::cmp::Reverse(decision.at));
        all.into_iter().map(|decision| (decision, in_force == Some(decision))).collect()
    }

    /// Whether this bureau has a decision that can be withdrawn.
    pub(crate) fn has_own(&self) -> bool {
        let last = self.own.as_ref().and_then(|review| review.decisions.last());
        last.is_some_and(|last| last.verdict != Verdict::Withdrawn)
    }

    /// The record with one more decision, if it leads somewhere.
    fn with(&self, decision: Decision) -> Result<Review, ReviewError> {
        let (code, seq) = (&self.line.project_code, self.line.seq);
        let fresh = || Review { project_code: code.clone(), seq, decisions: Vec::new() };
        let mut review = self.own.clone().unwrap_or_else(fresh);
        if decision.verdict == Verdict::Withdrawn {
            if !self.has_own() {
                return Err(ReviewError::NothingToWithdraw);
            }
            review.decisions.push(decision);
            return Ok(review);
        }
        if !self.is_for_a_person() {
            return Err(ReviewError::NotWaiting);
        }
        let verdict = decision.verdict.clone();
        review.decisions.push(decision);
        let sheet = self.basis.score(&self.held.project, &self.held.lines, std::slice::from_ref(&review));
        let scored = line_of(sheet, seq).is_some_and(|line| line.decision.is_some());
        if scored { Ok(review) } else { Err(ReviewError::NoScore(verdict)) }
    }
}

/// What somebody decides.
#[derive(Debug, Clone)]
pub(crate) struct NewDecision<'a> {
    /// What.
    pub(crate) verdict: Verdict,
    /// Why.
    pub(crate) reason: &'a str,
    /// On which papers.
    pub(crate) evidence: &'a str,
}

/// Writes a decision down, and scores the project with it. `version` is what the page was made from.
///
/// # Errors
/// [`ReviewError`]; then nothing was decided.
pub(crate) async fn decide(
    app: &App,
    account: &Account,
    opened: &ReviewedLine,
    version: &str,
    wanted: &NewDecision<'_>,
) -> Result<(), ReviewError> {
    // Where the bureau has one clerk only, that one decides, and the decision says so.
    let alone = !opened.is_open_to(account);
    if alone && !app.store().one_clerk().await? {
        return Err(ReviewError::OwnValue);
    }
    if opened.version() != version {
        return Err(ReviewError::Changed);
    }
    if wanted.reason.trim().is_empty() {
        return Err(ReviewError::NoReason);
    }
    let (own, at) = (app.site.region(), app.site.now());
    let review = opened.with(Decision {
        verdict: wanted.verdict.clone(),
        reason: wanted.reason.trim().to_owned(),
        evidence: wanted.evidence.trim().to_owned(),
        name: if alone { format!("{}，{ALONE}", account.display_name) } else { account.display_name.clone() },
        login: account.name.clone(),
        account: account.id.clone(),
        at,
        seen: Seen::of(&opened.line),
    })?;
    let key = review.record_key();
    let records = [editing::row(REVIEW, &key, &review)?];
    let bodies = opened.record.iter().map(|record| (record.key.clone(), record.body.clone())).collect();
    let expected = [Expected { kind: REVIEW, keys: Keys::One(&key), bodies }];
    let log = app.records_go_up();
    let put = Put { own: &own, records: &records, at, log };
    if app.store().put_expected(&put, &expected).await?.is_none() {
        return Err(ReviewError::Changed);
    }
    Ok(scoring::anew(app.store(), &opened.line.project_code, at).await?)
}

/// A decision in words, as histories and the audit log have it.
pub(crate) fn said(verdict: &Verdict, lang: Lang) -> String {
    let (zh, en) = match verdict {
        Verdict::Value(value) => (format!("定值 {}", value.raw()), format!("value {}", value.raw())),
        Verdict::Coefficient(percent) => {
            (format!("定系数 {} %", percent.normalize()), format!("coefficient {} %", percent.normalize()))
        }
        Verdict::Points(points) => (format!("定分 {}", points.normalize()), format!("{} points", points.normalize())),
        Verdict::Withdrawn => ("撤销复核".to_owned(), "withdrawn".to_owned()),
    };
    lang.pick(&zh, &en).to_owned()
}

/// The accounts of these ids, as people know them.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn names(store: &Store, ids: &[String]) -> Result<String, StoreError> {
    let mut names = Vec::new();
    for id in ids {
        if let Some(account) = store.account(id).await? {
            names.push(format!("{}（{}）", account.display_name, account.name));
        }
    }
    Ok(names.join("、"))
}
