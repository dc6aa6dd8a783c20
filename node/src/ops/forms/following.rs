//! 生成下一张表: a step begins the document of another form about the same, in the same stroke, where there is none yet.

use std::collections::BTreeMap;

use tongpin_domain::form::{Document, Per, Step, SubjectOf};
use tongpin_store::{DocumentRow, FormColumn, FormFilter, StoreError};

use super::begin::{Beginning, drafted};
use super::{FormError, HeldDocument, HeldForm, Worker, find};
use crate::app::App;

/// Documents of the next form that are told of.
const MOST: u64 = 5;

/// A form that a step of a document leads to, and its documents about the same.
pub(crate) struct FollowingForm {
    /// The form.
    pub(crate) form: HeldForm,
    /// Its documents of whoever keeps the one before.
    pub(crate) documents: Vec<DocumentRow>,
}

/// The document that a step begins; `None` if it begins none, or there is one.
///
/// # Errors
/// [`FormError`]: the form is not known here, or is about something else.
pub(super) async fn begun(
    app: &App,
    held: &HeldDocument,
    step: &str,
    by: &Worker,
) -> Result<Option<Document>, FormError> {
    let Some(code) = held.step(step).and_then(|(_, step)| step.next_form()) else { return Ok(None) };
    let Some(form) = find(app.store(), code).await? else {
        let zh = format!("这一步要生成表单“{code}”的单据，本级还没有这张表单；请联系下发单位下发后再办理");
        return Err(FormError::Subject {
            zh,
            en: format!("the form {code:?} that the step begins is not in force here"),
        });
    };
    let definition = &form.definition;
    let about = definition.subject.of.clone();
    let (Some(period), true) = (period_of(held, &definition.subject.per), suits(&about, held)) else {
        let title = &definition.title;
        let zh = format!("这一步要生成“{title}”，但该表的填报对象或频次与本单据不同；请联系下发单位修改表单");
        return Err(FormError::Subject { zh, en: format!("{title} is about something else, or for other periods") });
    };
    if !documents(app, held, &form).await?.is_empty() {
        return Ok(None);
    }
    // What is about a region is about that of whoever begins it.
    let same = about == held.form.definition.subject.of && about != SubjectOf::Region;
    let subject = if same { held.document.subject.as_str() } else { "" };
    let asked = Beginning { form: &form, subject, period: &period, given: BTreeMap::new() };
    drafted(app, asked, None, by).await.map(Some)
}

/// Whether a form can be about what this document is about.
fn suits(about: &SubjectOf, held: &HeldDocument) -> bool {
    *about == held.form.definition.subject.of || matches!(about, SubjectOf::Nothing | SubjectOf::Region)
}

/// The period of the next document; `None` if nothing follows from that of this one.
fn period_of(held: &HeldDocument, per: &Per) -> Option<String> {
    let (own, period) = (&held.form.definition.subject.per, &held.document.period);
    match per {
        Per::Once => Some(String::new()),
        per if per == own => Some(period.clone()),
        Per::Year => own.year_of(period).map(|year| year.to_string()),
        _ => None,
    }
}

/// The documents of the next form about the same, of whoever keeps this one.
async fn documents(app: &App, held: &HeldDocument, form: &HeldForm) -> Result<Vec<DocumentRow>, StoreError> {
    let definition = &form.definition;
    let about = &definition.subject.of;
    let subjects = (*about == held.form.definition.subject.of).then(|| vec![held.document.subject.clone()]);
    let filter = FormFilter {
        subjects,
        period: period_of(held, &definition.subject.per).unwrap_or_default(),
        author: held.author.to_string(),
        ..FormFilter::default()
    };
    Ok(app.store().documents_page(definition, &filter, (&FormColumn::ChangedAt, true), 0, MOST).await?.0)
}

/// The forms that the steps led to that were taken with a document, with their documents.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn following(app: &App, held: &HeldDocument) -> Result<Vec<FollowingForm>, StoreError> {
    let taken = held.document.history(&held.author, held.verdict.as_ref());
    let was = |step: &&Step| taken.iter().any(|it| it.step == step.name);
    let mut codes: Vec<&str> = held.form.definition.flow.steps.iter().filter(was).filter_map(Step::next_form).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut found = Vec::new();
    for code in codes {
        if let Some(form) = find(app.store(), code).await? {
            let documents = documents(app, held, &form).await?;
            found.push(FollowingForm { form, documents });
        }
    }
    Ok(found)
}
