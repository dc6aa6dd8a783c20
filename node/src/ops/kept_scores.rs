//! The scores that are kept, beside the projects as they stand now.

use std::collections::HashMap;

use tongpin_domain::moment::Moment;
use tongpin_domain::project::Project;
use tongpin_domain::region::RegionCode;
use tongpin_domain::score::ScoreSheet;
use tongpin_store::Store;

use crate::failure::Failure;
use crate::records::{self, Held};

/// A score that is kept, and the project as it stands now.
#[derive(Debug, Clone)]
pub(crate) struct KeptScore {
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
pub(crate) async fn all(store: &Store, held: &Held) -> Result<Vec<KeptScore>, Failure> {
    let projects: HashMap<&str, &Project> =
        held.projects.iter().map(|held| (held.project.code.as_str(), &held.project)).collect();
    let mut kept = Vec::new();
    for row in store.scores().await? {
        let sheet: ScoreSheet = serde_json::from_str(&row.sheet).map_err(|error| Failure::internal(&error))?;
        if let Some(project) = projects.get(row.project_code.as_str()) {
            kept.push(KeptScore { project: (*project).clone(), author: row.author, sheet, at: row.at });
        }
    }
    Ok(kept)
}

/// The kept score of one project that is held.
///
/// # Errors
/// The database cannot be read, or holds something else there.
pub(crate) async fn of_project(store: &Store, code: &str) -> Result<Option<KeptScore>, Failure> {
    let (Some(held), Some(row)) = (records::one(store, code).await?, store.score(code).await?) else {
        return Ok(None);
    };
    let sheet = serde_json::from_str(&row.sheet).map_err(|error| Failure::internal(&error))?;
    Ok(Some(KeptScore { project: held.project, author: row.author, sheet, at: row.at }))
}
