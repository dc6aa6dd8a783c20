//! 新建单据: a document begins with what it is about and for which period; of those that there can be one of only, the
//! second is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use tongpin_domain::digest::Digest;
use tongpin_domain::form::{DOCUMENT, Definition, Document, Given};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{Expected, Keys, Put};

use super::around::Around;
use super::{FormError, HeldDocument, HeldForm, Worker, saving};
use crate::app::App;
use crate::ops::editing::row;

/// The longest id that somebody may mean.
const LONGEST_ID: usize = 64;

/// What is asked for.
pub(crate) struct Beginning<'a> {
    /// By which form.
    pub(crate) form: &'a HeldForm,
    /// About what: a code or a name, as the form's subject is.
    pub(crate) subject: &'a str,
    /// For which period.
    pub(crate) period: &'a str,
    /// What is in it already, as of a file.
    pub(crate) given: BTreeMap<String, Given>,
}

/// What was begun.
pub(crate) struct Begun {
    /// What tells the document from others of its form.
    pub(crate) id: String,
}

/// Begins a document.
///
/// # Errors
/// [`FormError`]; then nothing was written.
pub(crate) async fn begin(app: &App, asked: Beginning<'_>, by: &Worker) -> Result<Begun, FormError> {
    begin_as(app, asked, None, by).await
}

/// The same under an id that somebody means: where a subject may have several documents any that is sound, otherwise
/// none but that of the subject and period.
///
/// # Errors
/// [`FormError`]; then nothing was written.
pub(crate) async fn begin_as(
    app: &App,
    asked: Beginning<'_>,
    id: Option<&str>,
    by: &Worker,
) -> Result<Begun, FormError> {
    let document = drafted(app, asked, id, by).await?;
    let (own, key, at) = (app.site.region(), document.record_key(), document.changed_at);
    let records = [row(DOCUMENT, &key, &document)?];
    let put = Put { own: &own, records: &records, at, log: app.records_go_up() };
    let expected = [Expected { kind: DOCUMENT, keys: Keys::One(&key), bodies: BTreeMap::new() }];
    match app.store().put_expected(&put, &expected).await? {
        Some(_) => Ok(Begun { id: document.id }),
        None => Err(FormError::Exists(document.id)),
    }
}

/// A document as it begins; nothing is written.
pub(super) async fn drafted(
    app: &App,
    asked: Beginning<'_>,
    id: Option<&str>,
    by: &Worker,
) -> Result<Document, FormError> {
    let around = Around::new(app, &asked.form.definition, &[], &[asked.subject.trim()]).await?;
    let form = Arc::new(asked.form.clone());
    draft(&around, &form, (asked.subject, asked.period, id), &asked.given, (by, app.site.now()))
}

/// A document about a subject and for a period, under the id that somebody means, as it begins.
pub(super) fn draft(
    around: &Around,
    form: &Arc<HeldForm>,
    (subject, period, id): (&str, &str, Option<&str>),
    given: &BTreeMap<String, Given>,
    (by, at): (&Worker, Moment),
) -> Result<Document, FormError> {
    let definition = &form.definition;
    if !form.unknown.is_empty() {
        return Err(FormError::Unknown(form.unknown.clone()));
    }
    let (subject, period) = (subject.trim(), period.trim());
    if !definition.subject.per.has(period) {
        let per = definition.subject.per.text(Lang::Zh);
        let zh = format!("期间“{period}”不对：此表按{per}填报，请从页面上选择");
        return Err(FormError::Subject { zh, en: format!("{period:?} is no period of this form") });
    }
    if let Some(year) = definition.subject.per.year_of(period).filter(|year| !definition.years.has(*year)) {
        let zh = format!("此表不适用于 {year} 年度");
        return Err(FormError::Subject { zh, en: format!("this form is not for {year}") });
    }
    let (subject, subject_name) = around.subject(&definition.subject.of, subject)?;
    let id = numbered(definition, &subject, period, id)?;
    let document = Document {
        form: definition.code.clone(),
        publisher: form.publisher.clone(),
        release: form.release,
        added: form.added,
        id,
        subject,
        subject_name,
        period: period.to_owned(),
        version: 1,
        turn: 0,
        state: definition.flow.first().to_owned(),
        given: BTreeMap::new(),
        derived: BTreeMap::new(),
        filled_by: vec![by.account().to_owned()],
        steps: Vec::new(),
        changed_at: at,
    };
    let held = HeldDocument {
        author: around.own.clone(),
        document,
        verdict: None,
        form: form.clone(),
        newest: None,
        body: String::new(),
        decided: None,
    };
    let checked = around.checked(&held, given);
    if !checked.reading.problems.is_empty() {
        return Err(FormError::Unreadable(checked.reading.problems));
    }
    Ok(saving::with_given(&held, &checked, given))
}

/// What tells a document from others of its form.
pub(super) fn numbered(
    definition: &Definition,
    subject: &str,
    period: &str,
    meant: Option<&str>,
) -> Result<String, FormError> {
    if definition.subject.several {
        let sound = |id: &&str| {
            (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        return match meant {
            None => Ok(uuid::Uuid::now_v7().to_string()),
            Some(id) if sound(&id) => Ok(id.to_owned()),
            Some(_) => Err(FormError::Subject {
                zh: format!("单据编号只能用英文字母、数字和短横线，最长 {LONGEST_ID} 个字符"),
                en: format!("an id has letters, digits and hyphens, at most {LONGEST_ID} of them"),
            }),
        };
    }
    // From what it is about follows which it is, so that two people who begin it begin one.
    let digest = Digest::of_parts([subject.as_bytes(), period.as_bytes()]).to_string();
    let when = if period.is_empty() { "once".to_owned() } else { period.to_lowercase() };
    let id = format!("{when}-{}", digest.get(..12).unwrap_or_default());
    if meant.is_some_and(|meant| meant != id) {
        return Err(FormError::Subject {
            zh: format!("该对象本期的单据编号应为 {id}"),
            en: format!("the document of this subject and period is {id}"),
        });
    }
    Ok(id)
}
