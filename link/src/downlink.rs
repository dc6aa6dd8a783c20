//! Serving children: who may come in, what each should have, and what they send.

mod admission;
mod board;
mod desk;
mod enrolment;
mod inbox;
mod live;
mod patience;
mod recorder;
mod server;
mod session;

pub use admission::Admission;
pub(crate) use board::Board;
pub use desk::Desk;
pub(crate) use desk::{lineage, mint_receipt};
pub(crate) use enrolment::proof_of;
pub use enrolment::{CERTIFICATE_LIFE, enrol, enrol_by_file, invite};
pub use live::LiveLinks;
pub use server::{Downlink, serve, serve_limited};
