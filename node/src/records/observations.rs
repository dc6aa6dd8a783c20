//! Observations (按月填报) as this node holds them: its own or its townships', read as typed things.

use std::ops::RangeInclusive;

use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;
use tongpin_domain::observation::{OBSERVATION, Observation};
use tongpin_domain::project::PROJECT;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Keys, MonthRow, Record, Store, StoreError};

use crate::records::SetAside;

/// An observation and where it stands in its author's log.
#[derive(Debug, Clone)]
pub(crate) struct KeptObservation {
    /// Its number there, by which one knows whether it has gone up.
    pub(crate) seq: u64,
    /// The observation.
    pub(crate) observation: Observation,
}

/// The observations of an author that cannot be read, each with the reason.
pub(crate) async fn unreadable(store: &Store, author: &RegionCode) -> Result<Vec<SetAside>, StoreError> {
    let records = store.observations_unlisted(author).await?.into_iter();
    let aside = records.filter_map(|record| {
        let reason = read(&record).err()?;
        Some(SetAside { author: record.author, kind: record.kind, key: record.key, reason })
    });
    Ok(aside.collect())
}

/// What an author reported of some projects for some months of a year, sorted by project and month. Those that cannot
/// be read are told elsewhere, see [`unreadable`].
pub(crate) async fn of_projects(
    store: &Store,
    author: &RegionCode,
    projects: &[MonthRow],
    year: i32,
    months: RangeInclusive<u8>,
) -> Result<Vec<KeptObservation>, StoreError> {
    let of = |project: &MonthRow| -> Vec<String> {
        months.clone().map(|month| Observation::key_of(&project.code, year, month)).collect()
    };
    let keys: Vec<String> = projects.iter().flat_map(of).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let records = store.records_named(OBSERVATION, author, &keys).await?;
    let kept = |record: &Record| Some(KeptObservation { seq: record.seq, observation: read(record).ok()? });
    Ok(records.iter().filter_map(kept).collect())
}

/// Everything that an author reported and that can be read: for a file of all of it.
pub(crate) async fn of_author(store: &Store, author: &RegionCode) -> Result<Vec<Observation>, StoreError> {
    let records = store.records(OBSERVATION, Some(author)).await?;
    Ok(records.iter().filter_map(|record| read(record).ok()).collect())
}

/// The months of a year that are past their day.
pub(crate) fn late(year: i32, now: Moment) -> Vec<Month> {
    (1..=12).filter_map(|number| Month::new(year, number)).filter(|month| now >= month.late_from()).collect()
}

/// How many reports (projects × months) an author owes of some months of one year, in their order.
pub(crate) async fn owed(store: &Store, author: &RegionCode, late: &[Month]) -> Result<u64, StoreError> {
    let (Some(first), Some(last)) = (late.first(), late.last()) else { return Ok(0) };
    let due = store.projects_due(author, last.year()).await?.saturating_mul(late.len() as u64);
    Ok(due.saturating_sub(store.months_reported(author, *first, *last).await?))
}

/// The observations of a project, sorted by month: those of the bureau that keeps the project, and of nobody else.
pub(crate) async fn of_project(store: &Store, code: &str) -> Result<Vec<Observation>, StoreError> {
    let Some(project) = store.record(PROJECT, code).await? else { return Ok(Vec::new()) };
    let records = store.records_at(OBSERVATION, Keys::Below(code)).await?;
    Ok(of_one(&records, &project.author, code))
}

/// Those of one author about exactly this project: a code may go on behind a slash.
pub(crate) fn of_one(records: &[Record], author: &RegionCode, code: &str) -> Vec<Observation> {
    let own = records.iter().filter(|record| record.author == *author);
    own.filter_map(|record| read(record).ok()).filter(|it| it.project_code == code).collect()
}

/// Reads a report.
///
/// # Errors
/// It is none, or one of another project or month than it is kept as.
pub(crate) fn read(record: &Record) -> Result<Observation, String> {
    let read: Observation = serde_json::from_str(&record.body).map_err(|error| format!("内容无法识别：{error}"))?;
    if read.record_key() == record.key { Ok(read) } else { Err("内容与登记的项目或月份不符".to_owned()) }
}

/// What people call a month.
pub(crate) fn month_name(month: Month, lang: Lang) -> String {
    let (year, number) = (month.year(), month.number());
    lang.pick(&format!("{year} 年 {number} 月"), &format!("{month}")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(author: &str, key: &str, body: &str) -> Record {
        let author = RegionCode::new(author).expect("a code");
        Record { author, kind: OBSERVATION.into(), key: key.into(), body: body.into(), seq: 0, problem: None }
    }

    fn body(code: &str, month: u8, spent: &str) -> String {
        format!(
            r#"{{"project_code":"{code}","year":2024,"month":{month},"spent":"{spent}","note":"<b>","reported_at":0,"changed_at":0}}"#
        )
    }

    /// Of a project only what its own bureau said counts, and what is kept under another name than it says does not.
    #[test]
    fn whose_they_are() {
        let records = [
            record("320581101", "P/2024-01", &body("P", 1, "1")),
            record("320581102", "P/2024-02", &body("P", 2, "1")),
            record("320581101", "P/2024-03", &body("P", 4, "1")),
            record("320581101", "P/Q/2024-05", &body("P/Q", 5, "1")),
        ];
        let found = of_one(&records, &records[0].author, "P");
        assert_eq!(found.iter().map(|it| it.month).collect::<Vec<_>>(), [1]);
    }
}
