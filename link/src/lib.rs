//! How two levels talk: identity, enrolment, following a parent (`uplink`), serving children (`downlink`), and the
//! same by files (`bundle`). What is sent is decided in `domain` and kept in `store`; here it only travels.

// A future says by its trait that it must be awaited; boxed, the lint asks for it a second time.
#![allow(clippy::must_use_candidate)]

pub mod admin;
pub mod bundle;
pub mod clock;
pub mod clock_watch;
pub mod divisions;
pub mod downlink;
pub mod error;
pub mod history;
pub mod identity;
mod log_limit;
pub mod processor;
pub mod publish;
pub mod question;
pub mod recall;
pub mod reconcile;
pub mod report;
pub mod retry;
pub mod sealed;
pub mod site;
pub mod tls;
pub mod token;
pub mod transfer;
pub mod trials;
pub mod uplink;
mod witness;

/// Put on what is offered to other crates: bare, the body of an asynchronous function is compiled again, with all that
/// it waits for, by every crate that waits for it.
use async_recursion::async_recursion as boxed;

pub use clock::Clock;
pub use error::LinkError;
pub use site::{Site, Timing};

/// What this program tells the other side about itself.
pub const SOFTWARE: &str = concat!("tongpin ", env!("CARGO_PKG_VERSION"));
