//! Every SQL statement: what a hub or a node keeps, on SQLite by default and on PostgreSQL by URL.
//!
//! One file per entity. Nothing above this crate knows sqlx, and nothing in it knows the wire.

// A future says by its trait that it must be awaited; boxed, the lint asks for it a second time.
#![allow(clippy::must_use_candidate)]

pub mod account;
pub mod api;
pub mod audit;
pub mod backup;
pub mod catalog;
pub mod child;
pub mod db;
pub mod error;
pub mod form;
pub mod meta;
pub mod observation;
pub mod person;
pub mod planned;
pub mod project;
pub mod question;
mod quota;
pub mod record;
pub mod report;
pub mod restore;
pub mod rollout;
pub mod score;
pub mod session;
mod sql;
pub mod staging;
pub mod topic;
pub mod witness;

/// Put on what is offered to other crates: bare, the body of an asynchronous function is compiled again, with all that
/// it waits for, by every crate that waits for it.
use async_recursion::async_recursion as boxed;

pub use account::Account;
pub use api::{ApiToken, KeptAnswer};
pub use audit::{AuditDraft, AuditEntry, AuditFilter};
pub use catalog::{Application, Draft, DraftEdit, DraftEdited, DraftRow, PackedDifference, StoredAdvance};
pub use child::{Certificate, Child, ChildStatus, Contact, Invitation, Redeemed, Twin};
pub use db::{DurableStep, Others, Remembered, Store, Tx, Watch};
pub use error::StoreError;
pub use form::{DocumentCount, DocumentRow, FieldTest, FilterOp, FormColumn, FormFilter, FormHeld, FormLine};
pub use observation::{MonthCount, MonthFilter, MonthOrder, MonthRow};
pub use person::Person;
pub use planned::PlannedRelease;
pub use project::{ProjectChoices, ProjectCounts, ProjectFilter, ProjectOrder, ProjectRow, UNSCORED};
pub use question::{AskedQuestion, Asking, MyQuestion, QUESTION, QuestionArrival};
pub use quota::Quota;
pub use record::{
    Acceptance, Apart, Batch, Change, Choice, Difference, Expected, Keys, Life, OutboxRow, Past, Position,
    ProjectChange, Put, PutCounts, RECORDS, REPORTS, Record, RecordCount, RecordRow, SentRow, Settlement, Settling,
    Written, change_mark,
};
pub use report::{
    Approval, Approved, Arrival, Arrived, CollectionState, Minted, MyReport, RETURNED_KEPT, Receipt, ReceiptTaken,
    Received, ReportMark, ReportState, Return, Stall, Submission, Taken, Verdict,
};
pub use restore::Restoring;
pub use rollout::{ChildState, Progress, Rollout};
pub use score::{ComputedScore, ScoreRow, bases, basis};
pub use session::SessionRow;
pub use staging::Staged;
pub use topic::Topic;
pub use witness::{Agreement, LogEnd, Witness};
