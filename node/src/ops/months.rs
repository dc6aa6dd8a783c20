//! Reporting one month of one project: the observation, the opening, and what follows from them for the project's own
//! record are written together, if nobody else has saved any of it in the meantime.

use std::collections::BTreeMap;

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::money::{Amount, Fen};
use tongpin_domain::month::Month;
use tongpin_domain::observation::{OBSERVATION, OPENING, Observation, settle, spent_until};
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project, ProjectIndicator};
use tongpin_store::{Expected, Keys, Put, Record, RecordRow, StoreError};

use crate::app::App;
use crate::ops::editing;
use crate::ops::saving::SaveError;
use crate::ops::scoring;
use crate::records::observations::of_one;
use crate::records::{HeldProject, Raw};

/// A project of this bureau with what was reported of it, as a page is made from it.
#[derive(Debug, Clone)]
pub(crate) struct ReportedProject {
    /// The project and its lines.
    pub(crate) held: HeldProject,
    /// What was reported of its year, by month.
    pub(crate) observations: Vec<Observation>,
    raw: Raw,
    records: Vec<Record>,
}

/// What a person reports.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// What was spent before reporting by month began.
    pub(crate) opening: Amount,
    /// The month, with the moment of saving.
    pub(crate) observation: Observation,
}

/// What is to be reported of one project: the opening and some of its months, whoever reports them and when.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The project as it was looked at.
    pub(crate) opened: ReportedProject,
    /// What was spent before reporting by month began.
    pub(crate) opening: Amount,
    /// The months.
    pub(crate) months: Vec<Observation>,
}

impl Plan {
    /// All that is reported of the project's year afterwards, what is new reported by somebody at a moment.
    pub(crate) fn after(&self, by: &str, at: Moment) -> Vec<Observation> {
        let now = |it: &Observation| Observation {
            reported_by: by.to_owned(),
            reported_at: at,
            changed_at: at,
            ..it.clone()
        };
        let months: Vec<Observation> = self.months.iter().map(now).collect();
        self.opened.after(&self.opening, &months, by, at)
    }
}

impl ReportedProject {
    /// Reads it. `None` if this bureau keeps no such project.
    pub(crate) async fn read(app: &App, code: &str) -> Result<Option<Self>, StoreError> {
        let (store, own) = (app.store(), app.site.region());
        let raw = Raw::read(store, code).await?;
        let records = store.records_at(OBSERVATION, Keys::Below(code)).await?;
        let Some(held) = raw.clone().project().filter(|held| held.author == own) else { return Ok(None) };
        let year = held.project.fiscal_year;
        let observations = of_one(&records, &own, code).into_iter().filter(|it| it.year == year).collect();
        Ok(Some(Self { held, observations, raw, records }))
    }

    /// What a page was made from: who saves says so, and is told if it is no longer true.
    pub(crate) fn version(&self) -> String {
        let project = editing::version(&self.held);
        let observations = self.observations.iter().map(|it| serde_json::to_vec(it).unwrap_or_default());
        let parts: Vec<Vec<u8>> = std::iter::once(project.into_bytes()).chain(observations).collect();
        Digest::of_parts(parts.iter().map(Vec::as_slice)).to_string()
    }

    /// What was reported of a month.
    pub(crate) fn at(&self, month: Month) -> Option<&Observation> {
        self.observations.iter().find(|it| it.month == month.number())
    }

    /// What was spent before reporting by month began: as it was reported, or before the first report what the
    /// project's record says by then.
    pub(crate) fn opening(&self) -> &Amount {
        let reported = self.observations.iter().find(|it| it.month == OPENING);
        reported.map_or(&self.held.project.money.executed, |it| &it.spent)
    }

    /// What the months add up to, if that is not what the project's record says: somebody has imported another figure.
    pub(crate) fn differs(&self) -> Option<Fen> {
        let sum = spent_until(&self.observations, 12)?;
        (self.held.project.money.executed.fen() != Some(sum)).then_some(sum)
    }

    /// What all months together would be with a report in its place.
    pub(crate) fn with(&self, report: &Report) -> Vec<Observation> {
        let it = &report.observation;
        self.after(&report.opening, std::slice::from_ref(it), &it.reported_by, it.changed_at)
    }

    /// What all months together would be with an opening and some months in their places.
    fn after(&self, opening: &Amount, months: &[Observation], by: &str, at: Moment) -> Vec<Observation> {
        let opening = Observation {
            project_code: self.held.project.code.clone(),
            year: self.held.project.fiscal_year,
            month: OPENING,
            spent: opening.clone(),
            outputs: Vec::new(),
            note: String::new(),
            more: BTreeMap::new(),
            evidence: Vec::new(),
            reported_by: by.to_owned(),
            reported_at: at,
            changed_at: at,
        };
        let new: BTreeMap<u8, Observation> =
            std::iter::once(&opening).chain(months).map(|it| (it.month, self.dated(it.clone()))).collect();
        let mut after: Vec<Observation> =
            self.observations.iter().filter(|it| !new.contains_key(&it.month)).cloned().collect();
        after.extend(new.into_values());
        after.sort_by_key(|it| it.month);
        after
    }

    /// The moments of a report: what says the same as before is the same, and a correction keeps its first moment.
    fn dated(&self, it: Observation) -> Observation {
        let Some(before) = self.observations.iter().find(|before| before.month == it.month) else { return it };
        let same = Observation {
            reported_by: before.reported_by.clone(),
            reported_at: before.reported_at,
            changed_at: before.changed_at,
            ..it.clone()
        };
        if same == *before { same } else { Observation { reported_at: before.reported_at, ..it } }
    }

    /// What the project and its lines say by what is reported of them. `None` if the sum cannot be told.
    pub(crate) fn settled(&self, after: &[Observation]) -> Option<(Project, Vec<ProjectIndicator>)> {
        settle(&self.held.project, &self.held.lines, &self.observations, after)
    }

    /// The records to write. What stays as it is keeps the very words of its record.
    fn rows(&self, after: &[Observation]) -> Result<Vec<RecordRow>, SaveError> {
        let (project, lines) = self.settled(after).ok_or(SaveError::Changed)?;
        let mut rows = Vec::new();
        for it in after.iter().filter(|it| !self.observations.contains(it)) {
            rows.push(editing::row(OBSERVATION, &it.record_key(), it)?);
        }
        if project != self.held.project {
            rows.push(editing::row(PROJECT, project.record_key(), &project)?);
        }
        for (line, _) in lines.iter().zip(&self.held.lines).filter(|(line, before)| line != before) {
            rows.push(editing::row(PROJECT_INDICATOR, &line.record_key(), line)?);
        }
        Ok(rows)
    }

    /// What must still be held when they are written: all of the project, as it was looked at.
    fn expected(&self) -> [Expected<'_>; 3] {
        let (own, code) = (&self.held.author, self.held.project.code.as_str());
        let bodies = |records: &[Record]| editing::bodies(records, own);
        [
            Expected { kind: OBSERVATION, keys: Keys::Below(code), bodies: bodies(&self.records) },
            Expected { kind: PROJECT, keys: Keys::One(code), bodies: bodies(&self.raw.projects) },
            Expected { kind: PROJECT_INDICATOR, keys: Keys::Below(code), bodies: bodies(&self.raw.lines) },
        ]
    }
}

/// What a month's report says by the fields of its form, as it is typed: what checks of the city's form look at.
pub(crate) fn month_texts(project: &Project, month: u8, spent: &Amount, note: &str) -> BTreeMap<&'static str, String> {
    [
        ("project_code", project.code.clone()),
        ("project_name", project.name.clone()),
        ("fiscal_year", project.fiscal_year.to_string()),
        ("month", month.to_string()),
        ("spent", spent.raw().to_owned()),
        ("note", note.to_owned()),
    ]
    .into()
}

/// Saves a report, brings the project and its lines in line with it, and scores it anew. `version` is what the page
/// was made from. Saving the same again changes nothing.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save(app: &App, version: &str, report: &Report) -> Result<(), SaveError> {
    let code = &report.observation.project_code;
    let opened = ReportedProject::read(app, code).await?.ok_or(SaveError::Gone)?;
    if opened.version() != version {
        return Err(SaveError::Changed);
    }
    let at = app.site.now();
    write(app, &opened.rows(&opened.with(report))?, &opened.expected(), at).await?;
    Ok(scoring::anew(app.store(), code, at).await?)
}

/// Saves what is reported of several projects in one transaction, as [`save`] does one by one; their scores are the
/// caller's to ask for. What was looked at must still be so.
///
/// # Errors
/// [`SaveError`]; then nothing was saved.
pub(crate) async fn save_all(app: &App, plans: &[Plan], by: &str) -> Result<(), SaveError> {
    let at = app.site.now();
    let (mut rows, mut expected) = (Vec::new(), Vec::new());
    for plan in plans {
        rows.extend(plan.opened.rows(&plan.after(by, at))?);
        expected.extend(plan.opened.expected());
    }
    write(app, &rows, &expected, at).await
}

async fn write(app: &App, rows: &[RecordRow], expected: &[Expected<'_>], at: Moment) -> Result<(), SaveError> {
    let own = app.site.region();
    let log = app.records_go_up();
    let put = Put { own: &own, records: rows, at, log };
    app.store().put_expected(&put, expected).await?.map(drop).ok_or(SaveError::Changed)
}
