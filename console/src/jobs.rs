//! What a program does by itself, as the pages show it.

pub use tongpin_link::reconcile::{Job, Jobs, Problem, Standing};
