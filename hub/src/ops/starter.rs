//! 示例目录: what a fresh hub can begin with, so that it is never a blank page: rules, procedures, funds, a library, a
//! form and the calendar of a year, from the sample files. They go the way of everything else: drafted by one person,
//! approved by another.

use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::form::FORMS;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::publish;
use tongpin_store::{AuditDraft, Person};

use super::import::{self, NamedFile, Request};
use super::publish::approved;
use crate::app::App;
use crate::failure::Failure;

/// The division that the sample file of divisions is of.
const SAMPLED: &str = "320500";

/// What the releases say of themselves.
const NOTE: &str = "示例，请按本级制度修改后使用";

/// A file of a catalog, with its name.
type File = (&'static str, &'static str);

/// The catalogs and their files.
const CATALOGS: [(&str, &[File]); 7] = [
    ("rules", &[("rules.toml", include_str!("../../../samples/rules.toml"))]),
    ("regions", &[("regions.csv", include_str!("../../../samples/regions.csv"))]),
    ("procedures", &[("procedures.csv", include_str!("../../../samples/procedures.csv"))]),
    ("funds", &[("funds.csv", include_str!("../../../samples/funds.csv"))]),
    ("indicators", &[("indicators.csv", include_str!("../../../samples/indicators.csv"))]),
    (
        FORMS,
        &[
            ("goal.toml", include_str!("../../../samples/forms/goal.toml")),
            ("observation.toml", include_str!("../../../samples/forms/observation.toml")),
            ("project.toml", include_str!("../../../samples/forms/project.toml")),
            ("project_indicator.toml", include_str!("../../../samples/forms/project_indicator.toml")),
            ("self_evaluation.toml", include_str!("../../../samples/forms/self_evaluation.toml")),
            ("road_dispatch.toml", include_str!("../../../samples/forms/road_dispatch.toml")),
        ],
    ),
    (CALENDARS, &[("2025.toml", include_str!("../../../samples/calendars/2025.toml"))]),
];

/// Whether nothing is published or drafted: then there is something to begin with.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn is_wanted(app: &App) -> Result<bool, Failure> {
    let own = app.site.region();
    let store = app.store();
    Ok(store.newest_releases(&own).await?.is_empty() && store.draft_infos(&own).await?.is_empty())
}

/// Drafts every sample catalog of which there is nothing yet, and tells which. `entry` says of whom the audit log
/// tells; what was done is filled in.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn draft(app: &App, by: &Person, entry: &AuditDraft<'_>) -> Result<Vec<&'static str>, Failure> {
    let (own, store) = (app.site.region(), app.store());
    let mut drafted = Vec::new();
    for (catalog, files) in CATALOGS {
        // Another city's divisions are not these.
        if catalog == "regions" && own.as_str() != SAMPLED {
            continue;
        }
        let id = app.catalog(catalog);
        if store.head(&id).await?.is_some() || store.draft_info(&id).await?.is_some() {
            continue;
        }
        let named = |(name, text): &File| NamedFile { name: (*name).to_owned(), bytes: text.as_bytes().to_vec() };
        let request = Request {
            catalog,
            files: files.iter().map(named).collect(),
            remove: &[],
            merge: false,
            by,
            note: Some(NOTE.to_owned()),
            dry_run: false,
            entry: AuditDraft { action: "catalog_draft", subject: catalog, detail: "", ..*entry },
        };
        let preview = import::draft(app, request).await?;
        if let Some(problem) = preview.problems.first() {
            return Err(Failure::input(problem.say(Lang::Zh), problem.say(Lang::En)));
        }
        drafted.push(catalog);
    }
    Ok(drafted)
}

/// Publishes these drafts, by somebody else than who drafted them unless the bureau allows one person.
///
/// # Errors
/// As [`approved`], or the database cannot be written.
pub(crate) async fn publish(app: &App, catalogs: &[&str], by: &Person, entry: &AuditDraft<'_>) -> Result<(), Failure> {
    for catalog in catalogs {
        let publication = approved(app, catalog, by, None).await?;
        let detail = format!("第 {} 版{}", publication.signed.release.number, publication.alone());
        let entry = AuditDraft { action: "catalog_publish", subject: catalog, detail: &detail, ..*entry };
        app.store().audited(&entry, publish::commit(&app.site, publication, None)).await?;
    }
    Ok(())
}
