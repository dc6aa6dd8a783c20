//! What a score was computed from: the records of its project, as a digest that is compared where the score is written.

use std::collections::BTreeMap;

use sqlx::AnyConnection;
use tongpin_domain::digest::Digest;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, ProjectIndicator};
use tongpin_domain::review::REVIEW;

use crate::error::StoreError;
use crate::record::{COLUMNS, Keys, RECORD, Record, record};
use crate::sql::{Statement, sql};

/// What of a project stands below its code, in this order.
const BELOW: [&str; 2] = [PROJECT_INDICATOR, REVIEW];

/// The digest of a project's records, then of its lines', then of what was decided about these, whoever their authors,
/// in the order in which they are read; `below` holds lines and decisions, each kind for itself.
/// Records of other projects are passed over; a
/// project that is not there has the digest of nothing.
#[must_use]
pub fn basis(code: &str, projects: &[Record], below: &[&[Record]]) -> Digest {
    let projects = projects.iter().filter(|record| record.key == code);
    let below =
        below.iter().copied().flatten().filter(|record| ProjectIndicator::project_in_key(&record.key) == Some(code));
    of_records(projects.chain(below))
}

/// The basis of every project among these records, which are all that there are.
#[must_use]
pub fn bases(projects: &[Record], below: &[&[Record]]) -> BTreeMap<String, Digest> {
    let mut by_project: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in projects {
        by_project.entry(&record.key).or_default().push(record);
    }
    for record in below.iter().copied().flatten() {
        if let Some(code) = ProjectIndicator::project_in_key(&record.key) {
            by_project.entry(code).or_default().push(record);
        }
    }
    by_project.into_iter().map(|(code, records)| (code.to_owned(), of_records(records.into_iter()))).collect()
}

fn of_records<'a>(records: impl Iterator<Item = &'a Record>) -> Digest {
    let parts = |it: &'a Record| [&it.kind, &it.key, it.author.as_str(), &it.body].map(|part: &'a str| part.as_bytes());
    Digest::of_parts(records.flat_map(parts))
}

fn reading(kind: &str, condition: &str) -> Statement {
    let text =
        format!("SELECT {COLUMNS} FROM record WHERE kind = $1 AND problem IS NULL {condition} ORDER BY key, author");
    sql(RECORD, "comparing records", text).text(kind)
}

/// Those of some projects, as this connection sees them.
pub(super) async fn of_some(
    connection: &mut AnyConnection,
    codes: &[&str],
) -> Result<BTreeMap<String, Digest>, StoreError> {
    let mut found = BTreeMap::new();
    for code in codes {
        let projects = reading(PROJECT, "AND key = $2").text(code).read(&mut *connection, record).await?;
        let (first, last) = Keys::ends_below(code);
        let mut below = Vec::new();
        for kind in BELOW {
            let query = reading(kind, "AND key >= $2 AND key <= $3").text(&first).text(&last);
            below.extend(query.read(&mut *connection, record).await?);
        }
        found.insert((*code).to_owned(), basis(code, &projects, &[&below]));
    }
    Ok(found)
}

/// Those of all projects, as this connection sees them.
pub(super) async fn of_all(connection: &mut AnyConnection) -> Result<BTreeMap<String, Digest>, StoreError> {
    let projects = reading(PROJECT, "").read(&mut *connection, record).await?;
    let mut below = Vec::new();
    for kind in BELOW {
        below.extend(reading(kind, "").read(&mut *connection, record).await?);
    }
    Ok(bases(&projects, &[&below]))
}
