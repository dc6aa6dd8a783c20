//! The scores that the list shows, as a table that Excel and WPS open: the columns of `scores --out`.

use axum::extract::{Extension, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tongpin_console::web::{Signed, Visitor, Web};

use super::scores::Asked;
use super::{WORK, failed};
use crate::failure::Failure;
use crate::office::Office;
use crate::{records, scoring};

/// Writes it.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Office>,
    visitor: Visitor,
    signed: Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, WORK).await?;
    let (count, bytes) = made(&office, &asked).await.map_err(|failure| failed(&web, &visitor, &failure))?;
    let detail = format!("{count} 个项目");
    visitor.audit(&web, &signed.account.name, "score_export", "", &detail, true).await?;
    let name = format!("attachment; filename=\"scores-{}.csv\"", office.site.region());
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}

/// How many scores, and the file: with a byte order mark, by which spreadsheets know Chinese.
async fn made(office: &Office, asked: &Asked) -> Result<(usize, Vec<u8>), Failure> {
    let held = records::load(office.store()).await?;
    let found = asked.of(scoring::kept(office.store(), &held).await?);
    let rows = found.iter().map(|kept| (&kept.project, &kept.sheet));
    let table = scoring::csv(rows, as_text).map_err(|error| Failure::internal(&error))?;
    Ok((found.len(), ["\u{feff}".as_bytes(), &table].concat()))
}

/// What begins like a formula is text: a spreadsheet must not run what somebody typed as a name.
fn as_text(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::as_text;

    /// What a spreadsheet would take for a formula gets an apostrophe, everything else stays.
    #[test]
    fn formulas() {
        assert_eq!(
            ["=1+1", "+1", "-1", "@x", "优", "", "a=b"].map(as_text),
            ["'=1+1", "'+1", "'-1", "'@x", "优", "", "a=b"]
        );
    }
}
