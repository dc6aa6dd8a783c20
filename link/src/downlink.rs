//! Serving children: who may come in, what each should have, and what they send.

mod admission;
mod batch;
mod board;
mod enrolment;
mod inbox;
mod live;
mod patience;
mod proof;
mod quota;
mod recorder;
mod recovery;
mod registrar;
mod server;
mod session;

pub use admission::Admission;
pub use batch::BatchReceiver;
pub(crate) use batch::{lineage, mint_receipt};
pub(crate) use board::Board;
pub(crate) use enrolment::proof_of;
pub use enrolment::{CERTIFICATE_LIFE, enrol, enrol_by_file, invite};
pub use live::LiveLinks;
pub use quota::{OPEN_QUESTIONS, Quota, told as quotas_told};
pub(crate) use quota::{left as quota_left, too_many_questions};
pub use server::{Downlink, serve, serve_limited};
pub(crate) use session::MOST_HEADS;
