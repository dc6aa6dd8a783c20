//! What budget performance management (预算绩效管理) means. Pure: no I/O, no clock, no randomness, no async.

pub mod catalog;
pub mod collection;
pub mod digest;
pub mod egress;
pub mod expert;
pub mod goal;
pub mod guidance;
pub mod indicator;
pub mod intake;
pub mod lang;
pub mod moment;
pub mod money;
pub mod month;
pub mod number;
pub mod observation;
pub mod partial;
pub mod procedure;
pub mod project;
pub mod region;
pub mod report;
pub mod review;
pub mod rollup;
pub mod rules;
pub mod score;
pub mod search;
pub mod sync;
