//! 办理: taking a step of a document's flow. Where the document is kept, it changes; at the level above, a verdict about
//! it is published for whoever keeps it, and comes down to them as all guidance does.

use tongpin_domain::catalog::{Audience, CatalogId, Entry};
use tongpin_domain::form::{Actor, DOCUMENT_VERSION, Step, Taken, VERDICTS, Verdict};
use tongpin_domain::region::RegionCode;
use tongpin_link::publish::{self, PublishError};
use tongpin_store::{AuditDraft, StoreError};

use super::saving::Recalculated;
use super::{Checked, FormError, HeldDocument, Worker, following, renewal, saving, verdict_key};
use crate::app::App;
use crate::ops::editing::row;

/// How often a verdict is signed anew because another was published at the same moment.
const ATTEMPTS: usize = 5;

/// Stands for a reason that nobody has given yet.
const ANY_REASON: &str = "—";

fn actor<'a>(own: &'a RegionCode, by: &'a Worker) -> Actor<'a> {
    Actor { region: own, account: by.account(), name: &by.person.name, duties: &by.duties, alone: by.alone }
}

/// The steps that somebody may take with a document as it stands.
pub(crate) fn steps<'a>(app: &App, held: &'a HeldDocument, by: &Worker) -> Vec<&'a Step> {
    let own = app.site.region();
    if !held.form.unknown.is_empty() {
        return Vec::new();
    }
    let (case, actor) = (held.case(false), actor(&own, by));
    let mut steps = held.form.definition.steps_for(&case, &actor);
    if let Some(newest) = &held.newest {
        let offered = |step: &&Step| held.step(&step.name).is_some_and(|(_, found)| found.renews());
        steps.extend(newest.definition.renewals_for(&case, &actor).into_iter().filter(offered));
    }
    steps
}

/// Takes a step. `version` is what the page was made from ([`HeldDocument::version_for`]); `entry` is kept in the same
/// stroke.
///
/// # Errors
/// [`FormError`]; then nothing was done.
pub(crate) async fn step(
    app: &App,
    held: &HeldDocument,
    version: &str,
    name: &str,
    reason: &str,
    by: &Worker,
    entry: &AuditDraft<'_>,
) -> Result<(), FormError> {
    if held.version_for(name) != version {
        return Err(FormError::Changed);
    }
    let (fresh, taken) = taken(app, held, name, reason, by).await?;
    match taken {
        Taken::Document { document, before } => {
            let mut beside = Vec::new();
            if let Some(before) = before {
                // The version that was in force stays readable.
                let key = format!("{}/{}", before.record_key(), before.version);
                beside.push(row(DOCUMENT_VERSION, &key, &before)?);
            }
            let next = following::begun(app, &fresh, name, by).await?;
            let begins = next.as_ref().map(|next| format!("{}；生成单据 {}", entry.detail, next.record_key()));
            let entry = AuditDraft { detail: begins.as_deref().unwrap_or(entry.detail), ..*entry };
            app.store().audited(&entry, saving::write(app, held, &[&document], beside, next.as_ref())).await
        }
        Taken::Verdict(verdict) => app.store().audited(entry, publish(app, &fresh, &verdict, by)).await,
    }
}

/// Whether a step can be taken with a document as it stands, once a reason is given where one is needed.
///
/// # Errors
/// What taking it would say.
pub(crate) async fn can_take(app: &App, held: &HeldDocument, name: &str, by: &Worker) -> Result<(), FormError> {
    let (fresh, taken) = taken(app, held, name, ANY_REASON, by).await?;
    if matches!(taken, Taken::Document { .. }) {
        following::begun(app, &fresh, name, by).await?;
    }
    Ok(())
}

/// The document calculated anew, and what taking a step with it leads to; nothing of it is kept yet.
async fn taken(
    app: &App,
    held: &HeldDocument,
    name: &str,
    reason: &str,
    by: &Worker,
) -> Result<(HeldDocument, Taken), FormError> {
    if !held.form.unknown.is_empty() {
        return Err(FormError::Unknown(held.form.unknown.clone()));
    }
    let own = app.site.region();
    let recalculated = saving::recalculated(app, held).await?;
    let Recalculated { held: fresh, checked, .. } = &recalculated;
    let case = fresh.case(checked.is_blocked());
    let (actor, at) = (actor(&own, by), app.site.now());
    let mut taken = match renewal(app, fresh, name).await? {
        Some(renewal) => {
            let definition = &renewal.form.definition;
            definition.renew(name, &case, &actor, (reason, at), renewal.carried())?
        }
        None => fresh.form.definition.take(name, &case, &actor, reason, at)?,
    };
    if let Taken::Verdict(verdict) = &mut taken {
        let version = fresh.document.version;
        if let Some(filled) = verdict.filled.iter_mut().find(|filled| filled.version == version) {
            filled.derived = fresh.form.definition.derived(&checked.evaluated);
        }
        let counts = fresh.form.definition.flow.state(&verdict.state).is_some_and(|state| state.counts);
        let differing = differing(fresh, recalculated.below());
        if counts && !differing.is_empty() {
            return Err(FormError::Figures(differing));
        }
    }
    if let Taken::Document { document, before: Some(_) } = &mut taken
        && fresh.form.definition.asks_above()
        && document.edition() == fresh.document.edition()
    {
        // Without what the county said of the version before less follows.
        let next = HeldDocument { document: (**document).clone(), verdict: None, ..fresh.clone() };
        let derived = fresh.form.definition.derived(&saving::checked(app, &next, &document.given).await?.evaluated);
        document.derived = derived;
    }
    Ok((recalculated.held, taken))
}

/// What a document says was calculated and is not what follows here, as it is called.
fn differing(held: &HeldDocument, checked: &Checked) -> Vec<String> {
    let definition = &held.form.definition;
    let (told, found) = (&held.document.derived, definition.derived(&checked.evaluated));
    let titles = definition.places().filter(|(at, _)| {
        let of_field = |name: &&String| {
            let mut parts = name.split('.');
            let (first, last) = (parts.next(), parts.next_back());
            at.split_once('.').map_or((Some(at.as_str()), None), |(rows, inner)| (Some(rows), Some(inner)))
                == (first, last)
        };
        told.keys().chain(found.keys()).filter(of_field).any(|name| told.get(name) != found.get(name))
    });
    titles.map(|(_, field)| field.title.clone()).collect()
}

/// Publishes a verdict for whoever keeps the document. It takes the place of the one that was read with the document,
/// and of no other.
pub(super) async fn publish(app: &App, held: &HeldDocument, verdict: &Verdict, by: &Worker) -> Result<(), FormError> {
    let id = CatalogId::new(app.site.region(), VERDICTS);
    let note = verdict.document.clone();
    let body = serde_json::to_string(verdict)?;
    let key = verdict_key(&verdict.author, &verdict.document);
    let read = held.decided.as_ref().filter(|(publisher, _)| *publisher == id.publisher).map(|(_, body)| body.as_str());
    for attempt in 1..=ATTEMPTS {
        let audience = Audience::Region(verdict.author.clone());
        let entries = vec![Entry { key: key.clone(), audience, release: 0, body: body.clone() }];
        let publication = publish::amend(&app.site, &id, &by.person, &note, entries).await?;
        // Somebody may have decided about the same document since this verdict was made.
        let now = app.store().entry(&id, &key).await?;
        if now.as_ref().map(|now| now.body.as_str()) != read {
            return Err(FormError::Changed);
        }
        match publish::commit(&app.site, publication, None).await {
            Ok(_) => return Ok(()),
            Err(PublishError::Link(tongpin_link::error::LinkError::Store(StoreError::Conflict { .. })))
                if attempt < ATTEMPTS => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(FormError::Changed)
}
