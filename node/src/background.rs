//! What goes on while `serve` runs, without anybody asking: reading ahead for pages, scoring what has changed, and
//! submitting what may leave by itself. Each takes no input, looks at the state and does what is missing.

pub(crate) mod auto_submit;
pub(crate) mod prefetch;
pub(crate) mod rescoring;
