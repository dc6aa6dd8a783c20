//! What budget performance management (预算绩效管理) means. Pure: no I/O, no clock, no randomness, no async.

pub mod catalog;
pub mod digest;
pub mod lang;
pub mod moment;
pub mod region;
pub mod sync;
