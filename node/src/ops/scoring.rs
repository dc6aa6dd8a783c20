//! Scoring what this node holds.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::Regions;
use tongpin_domain::review::Review;
use tongpin_domain::score::{ScoreSheet, score_reviewed};
use tongpin_link::processor::beside;
use tongpin_store::{AuditDraft, ComputedScore, ScoreRow, Store, StoreError, basis};

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::{self, RuleBook, RuleChoice, Rules};
use crate::records::{self, Held, HeldProject, Raw};

/// How often a project is scored that somebody edits at the same time. Whoever edits it scores it as well.
const ATTEMPTS: usize = 3;

/// A score could not be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScoreError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sheet could not be written as text.
    #[error("a score could not be written as JSON")]
    Internal(#[from] serde_json::Error),
}

/// A project and its sheet.
#[derive(Debug)]
pub(crate) struct Scored<'a> {
    /// The project as it is held.
    pub(crate) held: &'a HeldProject,
    /// What scoring found out.
    pub(crate) sheet: ScoreSheet,
}

/// A project that could not be scored, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Skipped {
    /// 项目代码
    pub(crate) project_code: String,
    /// Why, in words.
    pub(crate) reason: String,
}

/// Scores all projects under the rules of their years. What has no rules is passed over and told; if no project has,
/// the choice itself has failed.
pub(crate) fn score_all<'a>(
    projects: &'a [HeldProject],
    book: &RuleBook,
    rules: Option<&str>,
    regions: &Regions,
    lang: Lang,
) -> Result<(Vec<Scored<'a>>, Vec<Skipped>), RuleChoice> {
    let (mut scored, mut skipped) = (Vec::new(), Vec::new());
    let mut failed = None;
    for held in projects {
        match book.choose(rules, held.project.fiscal_year) {
            Ok(rules) => {
                let sheet =
                    score_reviewed(&held.project, &held.lines, &held.reviews, &rules.set, &rules.reference, regions);
                scored.push(Scored { held, sheet });
            }
            Err(choice) => {
                skipped.push(Skipped { project_code: held.project.code.clone(), reason: choice.say(lang) });
                failed = Some(choice);
            }
        }
    }
    match failed {
        Some(choice) if scored.is_empty() => Err(choice),
        _ => Ok((scored, skipped)),
    }
}

impl Scored<'_> {
    /// What the store keeps, if the project's records still are what they were.
    fn computed(&self, basis: Digest, at: Moment) -> Result<ComputedScore, serde_json::Error> {
        let sheet = &self.sheet;
        let row = ScoreRow {
            project_code: sheet.project_code.clone(),
            author: self.held.author.clone(),
            region: sheet.region.clone(),
            fund_code: sheet.fund_code.clone(),
            status: sheet.status.code().to_owned(),
            total: sheet.total.map(|total| total.to_string()),
            rating: sheet.rating.clone().unwrap_or_default(),
            rules_publisher: sheet.rules.publisher.to_string(),
            rules_key: sheet.rules.key.clone(),
            rules_release: sheet.rules.release,
            reason_missing: sheet.reason_missing(),
            waiting: sheet.waiting().count() as u64,
            sheet: serde_json::to_string(sheet)?,
            at,
        };
        Ok(ComputedScore { row, basis })
    }
}

/// What scores are computed from, read once.
pub(crate) struct Material {
    /// The records.
    pub(crate) held: Held,
    /// The rules.
    pub(crate) book: RuleBook,
    regions: Regions,
    bases: BTreeMap<String, Digest>,
}

impl Material {
    /// Reads it.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let (held, bases) = records::load_with_bases(store).await?;
        Ok(Self { held, book: RuleBook::load(store).await?, regions: guidance::regions(store).await?, bases })
    }

    /// Scores all projects, as [`score_all`] does.
    pub(crate) fn score(&self, rules: Option<&str>, lang: Lang) -> Result<(Vec<Scored<'_>>, Vec<Skipped>), RuleChoice> {
        score_all(&self.held.projects, &self.book, rules, &self.regions, lang)
    }
}

/// Scores all projects and keeps the scores; the audit entry tells how many there are. What has no rules is told.
///
/// # Errors
/// No rules can be chosen for any project, or the database cannot be written.
pub(crate) async fn all_anew<'m>(
    app: &App,
    material: &'m Material,
    rules: Option<&str>,
    lang: Lang,
    entry: &AuditDraft<'_>,
) -> Result<(Vec<Scored<'m>>, Vec<Skipped>), Failure> {
    let (scored, skipped) = beside(|| material.score(rules, lang))?;
    let detail = format!("评分 {} 个项目，未评分 {} 个", scored.len(), skipped.len());
    let entry = AuditDraft { detail: &detail, ..*entry };
    app.store().audited(&entry, keep(app.store(), material, &scored, app.site.now())).await?;
    Ok((scored, skipped))
}

/// Keeps scores that were computed from `material` in the place of all earlier ones. Projects that were changed in the
/// meantime are scored once more as they are now.
///
/// # Errors
/// The database cannot be written.
pub(crate) async fn keep(store: &Store, material: &Material, scored: &[Scored<'_>], at: Moment) -> Result<(), Failure> {
    let nothing = |code: &str| basis(code, &[], &[]);
    let computed = scored.iter().map(|scored| {
        let code = &scored.sheet.project_code;
        scored.computed(material.bases.get(code).copied().unwrap_or_else(|| nothing(code)), at)
    });
    let computed: Result<Vec<_>, _> = beside(|| computed.collect());
    let stale = store.replace_scores(&computed.map_err(|error| Failure::internal(&error))?).await?;
    catch_up(store, &stale, at).await.map(drop)
}

/// The rules of the project's year. Where there are several, those of the name that its score had `before`.
fn choose<'b>(book: &'b RuleBook, project: &Project, before: Option<&str>) -> Result<&'b Rules, RuleChoice> {
    let year = project.fiscal_year;
    book.choose(None, year).or_else(|choice| match (&choice, before) {
        (RuleChoice::Several { keys, .. }, Some(name)) if keys.iter().any(|key| key == name) => {
            book.choose(Some(name), year)
        }
        _ => Err(choice),
    })
}

/// What one project is scored by: the rules and the divisions.
pub(crate) struct ScoringRules {
    /// The rules.
    pub(crate) rules: Rules,
    regions: Regions,
}

impl ScoringRules {
    /// The rules of the project's year. Where there are several, those that its score was computed under so far.
    ///
    /// # Errors
    /// The database cannot be read; within, why no rules can be chosen.
    pub(crate) async fn of(store: &Store, project: &Project) -> Result<Result<Self, RuleChoice>, StoreError> {
        let book = RuleBook::load(store).await?;
        let before = store.score(&project.code).await?.map(|score| score.rules_key);
        let rules = match choose(&book, project, before.as_deref()) {
            Ok(rules) => rules.clone(),
            Err(choice) => return Ok(Err(choice)),
        };
        Ok(Ok(Self { rules, regions: guidance::regions(store).await? }))
    }

    /// Scores the project.
    pub(crate) fn score(&self, project: &Project, lines: &[ProjectIndicator], reviews: &[Review]) -> ScoreSheet {
        score_reviewed(project, lines, reviews, &self.rules.set, &self.rules.reference, &self.regions)
    }
}

/// Scores one project by its [`ScoringRules`]. `None` if no rules can be chosen.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn of_one<'a>(store: &Store, held: &'a HeldProject) -> Result<Option<Scored<'a>>, StoreError> {
    let basis = ScoringRules::of(store, &held.project).await?.ok();
    Ok(basis.map(|basis| Scored { held, sheet: basis.score(&held.project, &held.lines, &held.reviews) }))
}

/// Scores a project as it is held now and keeps the score, after an edit of it. If somebody edits it at the same time,
/// whoever scores the later records is the one whose score stays.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn anew(store: &Store, code: &str, at: Moment) -> Result<(), ScoreError> {
    for _ in 0..ATTEMPTS {
        let raw = Raw::read(store, code).await?;
        let basis = raw.basis(code);
        let Some(held) = raw.project() else { return Ok(()) };
        let Some(scored) = of_one(store, &held).await? else { return Ok(()) };
        if store.put_scores(&[scored.computed(basis, at)?]).await?.is_empty() {
            return Ok(());
        }
    }
    Ok(())
}

/// What became of projects that were to be scored.
#[derive(Debug, Default)]
pub(crate) struct Caught {
    /// Scores to write.
    computed: Vec<ComputedScore>,
    /// There is nothing to score: the project is gone, or has neither lines nor a score yet.
    nothing: Vec<(String, Digest)>,
    /// No rules can be chosen, which rules that come may change.
    waiting: Vec<String>,
}

/// Scores some projects as they are held now, each by the rules that its score was computed under so far, and keeps the
/// scores. Those that change at this moment stay due. The projects for which no rules can be chosen are returned.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn catch_up(store: &Store, codes: &[String], at: Moment) -> Result<Vec<String>, Failure> {
    let (book, regions) = tokio::try_join!(RuleBook::load(store), guidance::regions(store))?;
    let caught = compute(store, codes, &book, &regions, at).await?;
    if !caught.computed.is_empty() {
        store.put_scores(&caught.computed).await?;
    }
    if !caught.nothing.is_empty() {
        let seen: Vec<(&str, Digest)> = caught.nothing.iter().map(|(code, basis)| (code.as_str(), *basis)).collect();
        store.nothing_to_score(&seen).await?;
    }
    Ok(caught.waiting)
}

/// Computes the scores of some projects as they are held now.
async fn compute(
    store: &Store,
    codes: &[String],
    book: &RuleBook,
    regions: &Regions,
    at: Moment,
) -> Result<Caught, Failure> {
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let before = store.scores_of(&codes).await?.into_iter().map(|row| (row.project_code, row.rules_key));
    let before: HashMap<String, String> = before.collect();
    let mut read = Vec::new();
    for code in codes {
        read.push((code, Raw::read(store, code).await?));
    }
    beside(|| caught(read, &before, (book, regions), at))
}

/// What becomes of projects as they were read.
fn caught(
    read: Vec<(&str, Raw)>,
    before: &HashMap<String, String>,
    (book, regions): (&RuleBook, &Regions),
    at: Moment,
) -> Result<Caught, Failure> {
    let mut caught = Caught::default();
    for (code, raw) in read {
        let basis = raw.basis(code);
        let held = raw.project().filter(|held| !held.lines.is_empty() || before.contains_key(code));
        let Some(held) = held else {
            caught.nothing.push((code.to_owned(), basis));
            continue;
        };
        let Ok(rules) = choose(book, &held.project, before.get(code).map(String::as_str)) else {
            caught.waiting.push(code.to_owned());
            continue;
        };
        let sheet = score_reviewed(&held.project, &held.lines, &held.reviews, &rules.set, &rules.reference, regions);
        let scored = Scored { held: &held, sheet }.computed(basis, at);
        caught.computed.push(scored.map_err(|error| Failure::internal(&error))?);
    }
    Ok(caught)
}
