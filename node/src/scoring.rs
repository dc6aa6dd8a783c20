//! Scoring what this node holds, and the scores as the file that offices exchange.

pub(crate) mod behind;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use serde::Serialize;
use tongpin_domain::csv_file::CsvFile;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::money::Fen;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::score::{ScoreSheet, score};
use tongpin_store::{ComputedScore, ScoreRow, Store, StoreError, basis};

pub(crate) use behind::{Behind, Standing};

use crate::failure::Failure;
use crate::guidance::{self, RuleBook, RuleChoice, Rules};
use crate::records::{self, Held, HeldProject, Raw};

/// Projects scored anew between two writes.
const AT_ONCE: usize = 50;
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
                let sheet = score(&held.project, &held.lines, &rules.set, &rules.reference, regions);
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
    let computed: Result<Vec<_>, _> = computed.collect();
    let stale = store.replace_scores(&computed.map_err(|error| Failure::internal(&error))?).await?;
    again(store, &stale, at, |_| {}).await.map(drop)
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
pub(crate) struct Basis {
    /// The rules.
    pub(crate) rules: Rules,
    regions: Regions,
}

impl Basis {
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
    pub(crate) fn score(&self, project: &Project, lines: &[ProjectIndicator]) -> ScoreSheet {
        score(project, lines, &self.rules.set, &self.rules.reference, &self.regions)
    }
}

/// Scores one project by its [`Basis`]. `None` if no rules can be chosen.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn of_one<'a>(store: &Store, held: &'a HeldProject) -> Result<Option<Scored<'a>>, StoreError> {
    let basis = Basis::of(store, &held.project).await?.ok();
    Ok(basis.map(|basis| Scored { held, sheet: basis.score(&held.project, &held.lines) }))
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

/// Scores some projects anew after their records came by file, a few at a time, so that pages meanwhile show what is
/// done: `done` is told how many more. Each by the rules that its score was computed under so far; a project that is
/// gone is passed over.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn again(store: &Store, codes: &[String], at: Moment, done: impl Fn(usize)) -> Result<usize, Failure> {
    let (book, regions) = tokio::try_join!(RuleBook::load(store), guidance::regions(store))?;
    let mut count = 0;
    for some in codes.chunks(AT_ONCE) {
        let (mut open, mut attempts) = (some.to_vec(), 0);
        while !open.is_empty() && attempts < ATTEMPTS {
            let computed = compute(store, &open, &book, &regions, at).await?;
            open = store.put_scores(&computed).await?;
            count += computed.len() - open.len();
            attempts += 1;
        }
        done(some.len());
    }
    Ok(count)
}

/// Computes the scores of some projects as they are held now.
async fn compute(
    store: &Store,
    codes: &[String],
    book: &RuleBook,
    regions: &Regions,
    at: Moment,
) -> Result<Vec<ComputedScore>, Failure> {
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let before = store.scores_of(&codes).await?.into_iter().map(|row| (row.project_code, row.rules_key));
    let before: HashMap<String, String> = before.collect();
    let mut computed = Vec::with_capacity(codes.len());
    for code in codes {
        let raw = Raw::read(store, code).await?;
        let basis = raw.basis(code);
        let Some(held) = raw.project() else { continue };
        let Ok(rules) = choose(book, &held.project, before.get(code).map(String::as_str)) else { continue };
        let sheet = score(&held.project, &held.lines, &rules.set, &rules.reference, regions);
        let scored = Scored { held: &held, sheet }.computed(basis, at);
        computed.push(scored.map_err(|error| Failure::internal(&error))?);
    }
    Ok(computed)
}

/// A score that is kept, and the project as it stands now.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The project.
    pub(crate) project: Project,
    /// Whose record it is.
    pub(crate) author: RegionCode,
    /// What scoring found out.
    pub(crate) sheet: ScoreSheet,
    /// When it was scored.
    pub(crate) at: Moment,
}

/// The kept scores of the projects that are held, by project. A score whose project is gone is history, not a result.
///
/// # Errors
/// The database cannot be read, or holds something else there.
pub(crate) async fn kept(store: &Store, held: &Held) -> Result<Vec<Kept>, Failure> {
    let projects: HashMap<&str, &Project> =
        held.projects.iter().map(|held| (held.project.code.as_str(), &held.project)).collect();
    let mut kept = Vec::new();
    for row in store.scores().await? {
        let sheet: ScoreSheet = serde_json::from_str(&row.sheet).map_err(|error| Failure::internal(&error))?;
        if let Some(project) = projects.get(row.project_code.as_str()) {
            kept.push(Kept { project: (*project).clone(), author: row.author, sheet, at: row.at });
        }
    }
    Ok(kept)
}

/// The kept score of one project that is held.
///
/// # Errors
/// The database cannot be read, or holds something else there.
pub(crate) async fn kept_of(store: &Store, code: &str) -> Result<Option<Kept>, Failure> {
    let (Some(held), Some(row)) = (records::one(store, code).await?, store.score(code).await?) else {
        return Ok(None);
    };
    let sheet = serde_json::from_str(&row.sheet).map_err(|error| Failure::internal(&error))?;
    Ok(Some(Kept { project: held.project, author: row.author, sheet, at: row.at }))
}

const HEADER: [&str; 14] = [
    "project_code",
    "region_code",
    "fund_code",
    "budget_adjusted_norm",
    "executed_norm",
    "exec_rate_pct",
    "exec_score",
    "indicator_score_sum",
    "indicators_unscored",
    "total_score",
    "rating",
    "status",
    "flags",
    "case_tag",
];

/// Scores as the file that offices exchange.
pub(crate) fn csv<'a>(rows: impl IntoIterator<Item = (&'a Project, &'a ScoreSheet)>) -> CsvFile {
    let amount = |fen: Option<Fen>| fen.map(|fen| fen.to_string()).unwrap_or_default();
    let number = |number: Option<Decimal>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut file = CsvFile::new(HEADER);
    for (project, sheet) in rows {
        file.row([
            sheet.project_code.clone(),
            sheet.region.to_string(),
            sheet.fund_code.clone(),
            amount(sheet.budget),
            amount(sheet.executed),
            number(sheet.execution_rate),
            number(sheet.execution_score),
            sheet.indicator_sum.to_string(),
            sheet.unscored.to_string(),
            number(sheet.total),
            sheet.rating.clone().unwrap_or_default(),
            sheet.status.code().to_owned(),
            sheet.flags.join(";"),
            project.case_tag.clone(),
        ]);
    }
    file
}
