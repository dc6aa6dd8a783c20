//! 导入: from files to the draft of a catalog, with a preview. A file with a problem changes nothing.

use tongpin_domain::intake::Intake;
use tongpin_domain::lang::Lang;
use tongpin_store::{AuditDraft, Person, person};

use crate::app::App;
use crate::failure::Failure;

pub(crate) mod calendar_table;
mod plan;
mod preview;
mod reading;

pub(crate) use plan::{Outcome, Standing, Way};
use preview::Changed;
pub(crate) use preview::{Before, Preview};
pub(crate) use reading::{NamedFile, Reading, entry_of_text, read};

/// What is to become of the draft of a catalog.
pub(crate) struct Request<'a> {
    /// The catalog.
    pub(crate) catalog: &'a str,
    /// One table, or entries as TOML, one a file.
    pub(crate) files: Vec<NamedFile>,
    /// Entries to take out of the draft.
    pub(crate) remove: &'a [String],
    /// Whether what a table lacks stays.
    pub(crate) merge: bool,
    /// 经办: who drafts.
    pub(crate) by: &'a Person,
    /// The words that go with the release; `None` leaves those of the draft.
    pub(crate) note: Option<String>,
    /// Only tell what it would do.
    pub(crate) dry_run: bool,
    /// Of whom the audit log tells; its detail is made of what is read.
    pub(crate) entry: AuditDraft<'a>,
}

/// Makes or changes a draft, or tells what that would do. A file with a problem changes nothing.
///
/// # Errors
/// The files are not of the catalog's form, somebody changed the draft just now, or the database cannot be read or
/// written.
pub(crate) async fn draft(app: &App, request: Request<'_>) -> Result<Preview, Failure> {
    let Request { catalog, files, remove, merge, by, note, dry_run, entry } = request;
    let reading = read(catalog, files).await?;
    let standing = Standing::load(app, catalog).await?;
    let way = if reading.is_table && !merge { Way::Replace } else { Way::Merge };
    let Reading { files, intake: Intake { accepted, mut problems, warnings }, .. } = reading;
    let outcome = standing.outcome(&accepted, way, remove, &mut problems);
    let drafted = problems.is_empty() && !dry_run;
    let detail = told(&files, remove, accepted.len(), problems.len());
    let entry = AuditDraft { detail: &detail, allowed: drafted, ..entry };
    if drafted && !standing.keep(app, &outcome, by, note, &entry).await? {
        app.store().audit(&AuditDraft { allowed: false, ..entry }).await?;
        return Err(Failure::input(
            "导入期间草稿被别人改动，没有导入；请重新导入",
            "somebody changed the draft meanwhile; nothing was imported: import again",
        ));
    } else if !drafted && !dry_run {
        app.store().audit(&entry).await?;
    }
    Ok(Preview {
        drafted,
        dry_run,
        merged: way == Way::Merge,
        by: person::told(&standing.drafters(way, by)),
        release: standing.release,
        draft: standing.draft.map(|draft| Before { by: draft.by, at: draft.at }),
        accepted: accepted.len(),
        problems,
        warnings,
        told: [outcome.said(Lang::Zh), outcome.said(Lang::En)],
        changes: Changed::new(outcome.changes, outcome.unchanged),
        files,
        catalog: catalog.to_owned(),
    })
}

/// What the audit log says was read.
pub(crate) fn told(files: &[String], remove: &[String], accepted: usize, problems: usize) -> String {
    let mut parts = files.to_vec();
    parts.extend(remove.iter().map(|key| format!("去掉 {key}")));
    format!("{}，{accepted} 条，错误 {problems} 处", parts.join("、"))
}
