//! Work that takes a processor for long, as lists that are exported do.

pub use tongpin_link::processor::beside;
