//! The records that this node holds, as typed things: its own and, at a county, its townships'.

mod added;
pub(crate) mod answer;
pub(crate) mod checked;
pub(crate) mod documents;
pub(crate) mod evaluation;
pub(crate) mod evidence;
pub(crate) mod goal_form;
pub(crate) mod goal_lines;
pub(crate) mod indicator_use;
pub(crate) mod kept_form;
pub(crate) mod observations;
pub(crate) mod receipts;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project, ProjectIndicator};
use tongpin_domain::region::RegionCode;
use tongpin_domain::review::{REVIEW, Review};
use tongpin_link::processor::beside;
use tongpin_store::{Keys, Record, Store, StoreError, bases, basis};

/// One project with its lines, all of one author.
#[derive(Debug, Clone)]
pub(crate) struct HeldProject {
    /// Whose records they are.
    pub(crate) author: RegionCode,
    /// The project.
    pub(crate) project: Project,
    /// Its lines, by number.
    pub(crate) lines: Vec<ProjectIndicator>,
    /// What people decided about its lines: those who keep it, and those above them, who come first.
    pub(crate) reviews: Vec<Review>,
}

/// A record that does not take part, and why: the rest goes on without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SetAside {
    /// Whose it is.
    pub(crate) author: RegionCode,
    /// `project` or `project_indicator`.
    pub(crate) kind: String,
    /// Its key.
    pub(crate) key: String,
    /// Why, in Chinese.
    pub(crate) reason: String,
}

impl Say for SetAside {
    fn say(&self, lang: Lang) -> String {
        let Self { author, kind, key, reason } = self;
        match lang {
            Lang::Zh => format!("未计入 {author} 的 {kind} {key}：{reason}"),
            Lang::En => format!("set aside: {kind} {key} of {author}: {reason}"),
        }
    }
}

/// All records.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Sorted by project code; each code once.
    pub(crate) projects: Vec<HeldProject>,
    /// What does not take part.
    pub(crate) set_aside: Vec<SetAside>,
}

/// Reads all records.
pub(crate) async fn load(store: &Store) -> Result<Held, StoreError> {
    with_aside(store, load_sound(store).await?).await
}

/// The same without what was set aside as it came.
pub(crate) async fn load_sound(store: &Store) -> Result<Held, StoreError> {
    let raw = Raw::all(store).await?;
    Ok(beside(|| assemble(raw)))
}

/// What is held of one project, and of it what does not take part.
pub(crate) async fn held_of(store: &Store, code: &str) -> Result<Held, StoreError> {
    Ok(assemble(Raw::read(store, code).await?))
}

/// Reads all records, and of each project what a score of it is computed from.
pub(crate) async fn load_with_bases(store: &Store) -> Result<(Held, BTreeMap<String, Digest>), StoreError> {
    let raw = Raw::all(store).await?;
    let (held, bases) = beside(|| {
        let bases = bases(&raw.projects, &[&raw.lines, &raw.reviews]);
        (assemble(raw), bases)
    });
    Ok((with_aside(store, held).await?, bases))
}

/// The same, and what was set aside as it came.
async fn with_aside(store: &Store, mut held: Held) -> Result<Held, StoreError> {
    held.set_aside.extend(aside_as_it_came(store).await?);
    Ok(held)
}

/// What was set aside as it came, because it could be no record at all.
pub(crate) async fn aside_as_it_came(store: &Store) -> Result<Vec<SetAside>, StoreError> {
    let found = store.set_aside().await?;
    Ok(found.iter().map(|record| aside(record, record.problem.clone().unwrap_or_default())).collect())
}

/// What is kept of one project, as the store keeps it: its record and its lines', of every author that has some.
#[derive(Debug, Clone, Default)]
pub(crate) struct Raw {
    /// Records of the project itself.
    pub(crate) projects: Vec<Record>,
    /// Records of its lines.
    pub(crate) lines: Vec<Record>,
    /// Records of what was decided about its lines.
    pub(crate) reviews: Vec<Record>,
}

impl Raw {
    /// Reads what is kept of all projects.
    async fn all(store: &Store) -> Result<Self, StoreError> {
        let projects = store.records(PROJECT, None).await?;
        let lines = store.records(PROJECT_INDICATOR, None).await?;
        let reviews = store.records(REVIEW, None).await?;
        Ok(Self { projects, lines, reviews })
    }

    /// Reads it, and nothing of other projects.
    pub(crate) async fn read(store: &Store, code: &str) -> Result<Self, StoreError> {
        let projects = store.records_at(PROJECT, Keys::One(code)).await?;
        let lines = store.records_at(PROJECT_INDICATOR, Keys::Below(code)).await?;
        let reviews = store.records_at(REVIEW, Keys::Below(code)).await?;
        Ok(Self { projects, lines, reviews })
    }

    /// What a score of this project is computed from.
    pub(crate) fn basis(&self, code: &str) -> Digest {
        basis(code, &self.projects, &[&self.lines, &self.reviews])
    }

    /// The project in it, if there is one that can be read.
    pub(crate) fn project(self) -> Option<HeldProject> {
        assemble(self).projects.into_iter().next()
    }
}

/// One project, without reading the others.
pub(crate) async fn one(store: &Store, code: &str) -> Result<Option<HeldProject>, StoreError> {
    Ok(Raw::read(store, code).await?.project())
}

/// Some projects without their lines.
pub(crate) async fn some(store: &Store, codes: &[&str]) -> Result<Vec<Project>, StoreError> {
    let projects = store.records_at(PROJECT, Keys::These(codes)).await?;
    let held = beside(|| assemble(Raw { projects, ..Raw::default() }));
    Ok(held.projects.into_iter().map(|held| held.project).collect())
}

/// Puts lines to their projects. Records come sorted by key, then by author.
fn assemble(raw: Raw) -> Held {
    let Raw { projects, lines, reviews } = raw;
    let mut held = Held::default();
    let mut decided = decided(reviews, &mut held);
    let mut by_project: BTreeMap<(RegionCode, String), Vec<ProjectIndicator>> = BTreeMap::new();
    for record in lines {
        match read::<ProjectIndicator>(&record) {
            Ok(line) => by_project.entry((record.author, line.project_code.clone())).or_default().push(line),
            Err(reason) => held.set_aside.push(aside(&record, reason)),
        }
    }
    for record in projects {
        let project = match read::<Project>(&record) {
            Ok(project) => project,
            Err(reason) => {
                held.set_aside.push(aside(&record, reason));
                continue;
            }
        };
        if let Some(first) = held.projects.last().filter(|before| before.project.code == project.code) {
            let reason = format!("项目已由 {} 登记，同一项目只能由一个单位登记，这一份未计入", first.author);
            held.set_aside.push(aside(&record, reason));
            continue;
        }
        let lines = by_project.remove(&(record.author.clone(), project.code.clone())).unwrap_or_default();
        let mut reviews: Vec<(RegionCode, Review)> = decided.remove(&project.code).unwrap_or_default();
        reviews.retain(|(author, _)| record.author.within(author));
        reviews.sort_by_key(|(author, review)| (author.as_str().len(), review.seq));
        let reviews = reviews.into_iter().map(|(_, review)| review).collect();
        held.projects.push(HeldProject { author: record.author, project, lines, reviews });
    }
    held
}

/// What was decided, and by which bureau, by project.
fn decided(records: Vec<Record>, held: &mut Held) -> BTreeMap<String, Vec<(RegionCode, Review)>> {
    let mut by_project: BTreeMap<String, Vec<(RegionCode, Review)>> = BTreeMap::new();
    for record in records {
        let review = read::<Review>(&record);
        let review = review.and_then(|review| {
            let of_key = review.record_key() == record.key;
            of_key.then_some(review).ok_or_else(|| "内容与登记的项目或指标不符".to_owned())
        });
        match review {
            Ok(review) => by_project.entry(review.project_code.clone()).or_default().push((record.author, review)),
            Err(reason) => held.set_aside.push(aside(&record, reason)),
        }
    }
    by_project
}

fn read<T: DeserializeOwned>(record: &Record) -> Result<T, String> {
    serde_json::from_str(&record.body).map_err(|error| format!("内容无法识别：{error}"))
}

fn aside(record: &Record, reason: String) -> SetAside {
    SetAside { author: record.author.clone(), kind: record.kind.clone(), key: record.key.clone(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(author: &str, kind: &str, key: &str, body: &str) -> Record {
        Record {
            author: RegionCode::new(author).expect("a code"),
            kind: kind.into(),
            key: key.into(),
            body: body.into(),
            seq: 0,
            problem: None,
        }
    }

    fn project(author: &str, code: &str) -> Record {
        let body = format!(
            r#"{{"project_code":"{code}","project_name":"n","fiscal_year":2024,"region_code":"320581","township_code":null}}"#
        );
        record(author, PROJECT, code, &body)
    }

    /// Lines go to the project of the same author; a second author's project of the same code and an unreadable
    /// record are set aside with the reason, and the others take part.
    #[test]
    fn assembling() {
        let line = |author: &str, code: &str| {
            record(
                author,
                PROJECT_INDICATOR,
                "x",
                &format!(r#"{{"project_code":"{code}","seq":1,"name":"n","weight":"9"}}"#),
            )
        };
        let projects = vec![
            project("320581", "P1"),
            project("320581101", "P1"),
            project("320581101", "P2"),
            record("320581", PROJECT, "P3", r#"{"project_code":"P3"}"#),
        ];
        let lines = vec![line("320581101", "P1"), line("320581101", "P2")];
        let held = assemble(Raw { projects, lines, reviews: Vec::new() });
        let seen: Vec<_> = held.projects.iter().map(|held| (held.project.code.as_str(), held.lines.len())).collect();
        assert_eq!(seen, [("P1", 0), ("P2", 1)]);
        assert_eq!(held.set_aside.iter().map(|aside| aside.key.as_str()).collect::<Vec<_>>(), ["P1", "P3"]);
        assert!(held.set_aside[0].reason.contains("320581 登记") && held.set_aside[1].reason.contains("无法识别"));
    }

    /// A decision counts that the keeper of a project made, or a bureau above it, whose word comes first; a neighbour's
    /// does not, and one that is kept under another line than it speaks of is set aside.
    #[test]
    fn whose_decisions_count() {
        let review = |author: &str, key: &str, seq: u32| {
            let body = format!(r#"{{"project_code":"P1","seq":{seq},"decisions":[]}}"#);
            record(author, REVIEW, key, &body)
        };
        let reviews = vec![
            review("320581101", "P1/001", 1),
            review("320581102", "P1/001", 1),
            review("320581", "P1/002", 2),
            review("320582", "P1/003", 3),
            review("320581101", "P1/004", 5),
        ];
        let held = assemble(Raw { projects: vec![project("320581101", "P1")], lines: Vec::new(), reviews });
        assert_eq!(held.projects[0].reviews.iter().map(|review| review.seq).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(held.set_aside.iter().map(|aside| aside.key.as_str()).collect::<Vec<_>>(), ["P1/004"]);
    }
}
