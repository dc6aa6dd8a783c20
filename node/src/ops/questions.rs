//! 指导 at a node: what the levels above let it know, what it asked, and what it was answered.

use tongpin_domain::digest::Digest;
use tongpin_domain::guidance::{NOTICES, Notice, Question};
use tongpin_domain::moment::Moment;
use tongpin_domain::report::Receipt;
use tongpin_store::{REPORTS, StoreError};

use crate::app::App;
use crate::failure::Failure;
use crate::guidance::{self, Published};
use crate::records::receipts;

/// A question that this node sent.
#[derive(Debug, Clone)]
pub(crate) struct MyQuestion {
    /// What was asked.
    pub(crate) question: Question,
    /// When it was sent.
    pub(crate) sent_at: Moment,
    /// The parent has it.
    pub(crate) arrived: bool,
    /// Why the parent did not take it in; empty if it did, or has not said.
    pub(crate) refused: Vec<String>,
    /// The answers, the newest first.
    pub(crate) answers: Vec<Notice>,
}

/// Notices and answers (通知、答复) of the levels above, the newest first.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn notices(app: &App) -> Result<Vec<Published<Notice>>, StoreError> {
    let mut notices: Vec<Published<Notice>> = guidance::published(app.store(), NOTICES).await?;
    notices.sort_by(|a, b| (b.value.at, &b.value.title).cmp(&(a.value.at, &a.value.title)));
    Ok(notices)
}

/// What was asked, the newest first, with its answers. Only the parent answers.
///
/// # Errors
/// The database cannot be read, or holds something else there.
pub(crate) async fn mine(app: &App, notices: &[Published<Notice>]) -> Result<Vec<MyQuestion>, Failure> {
    let acked = app.store().acked(REPORTS).await?;
    let receipts = receipts::all(app.store()).await?;
    let mut all = Vec::new();
    for row in app.store().my_questions().await? {
        let question: Question = serde_json::from_str(&row.payload).map_err(|error| Failure::internal(&error))?;
        let to = |one: &&Published<Notice>| {
            one.publisher == app.parent.region && one.value.answers.as_ref() == Some(&question.key)
        };
        let answers = notices.iter().filter(to).map(|one| one.value.clone()).collect();
        let digest = Digest::of(row.payload.as_bytes());
        let about = |receipt: &&Receipt| receipt.question == Some(digest);
        let refused = receipts.iter().filter(about).max_by_key(|receipt| receipt.number);
        let refused = refused.map(|receipt| receipt.reasons.clone()).unwrap_or_default();
        all.push(MyQuestion { question, sent_at: row.sent_at, arrived: acked >= row.seq, refused, answers });
    }
    Ok(all)
}

/// Whether this node may ask: a county asks its city. A township is in one house with its county and asks across the
/// table.
pub(crate) fn asks(app: &App) -> bool {
    !app.records_go_up()
}
