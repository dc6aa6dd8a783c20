//! 按表单归集: the collection of all that a published form lets leave.

use time::{Duration, OffsetDateTime};
use tongpin_domain::collection::Collection;
use tongpin_domain::form::{Definition, FORMS, Per};
use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;

use crate::app::App;
use crate::failure::Failure;

/// Days until a collection of a form is due, unless somebody says otherwise.
const DUE_DAYS: i64 = 30;

/// The forms that are published here, by title; one that cannot be read is none to collect by.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn published(app: &App) -> Result<Vec<Definition>, Failure> {
    let entries = app.store().entries(&app.catalog(FORMS)).await?;
    let mut forms: Vec<Definition> =
        entries.iter().filter_map(|entry| serde_json::from_str(&entry.body).ok()).collect();
    forms.sort_by(|a, b| a.title.cmp(&b.title));
    Ok(forms)
}

/// The collection of a form, for a period or the present one, and due in a month: a person sets both.
///
/// # Errors
/// There is no such form, nothing of it may leave, or the database cannot be read.
pub(crate) async fn usual(app: &App, code: &str, period: Option<&str>) -> Result<Collection, Failure> {
    let form = published(app).await?.into_iter().find(|form| form.code == code);
    let form = form.ok_or_else(|| {
        Failure::input(
            format!("没有发布过代号为“{code}”的表单；请核对，或先发布"),
            format!("no form {code:?} was published"),
        )
    })?;
    let now = app.site.now();
    let period = period.map_or_else(|| present(&form.subject.per, now), str::to_owned);
    let id = format!("{}-{}", code.replace('_', "-"), period.to_lowercase());
    let due = OffsetDateTime::from_unix_timestamp(now.plus_seconds(DUE_DAYS * 86_400).0.div_euclid(1000));
    let due = due.unwrap_or(OffsetDateTime::UNIX_EPOCH).saturating_add(Duration::hours(8)).date();
    form.collection(&id, &period, due).ok_or_else(|| {
        Failure::input(
            format!("表单“{}”没有可以归集的字段；请在表单的“可归集”中声明，重新发布后再归集", form.title),
            format!("nothing of the form {code:?} may leave; say so in the form, then publish it"),
        )
    })
}

/// The period of a moment; of what is filled in once, or by rounds, its year.
fn present(per: &Per, at: Moment) -> String {
    let now = Month::of(at);
    match per {
        Per::Quarter => format!("{}Q{}", now.year(), now.number().saturating_sub(1) / 3 + 1),
        Per::Month => now.to_string(),
        _ => now.year().to_string(),
    }
}
