//! What goes on while `serve` runs, without anybody asking: reading ahead for pages, scoring what has changed,
//! submitting what may leave by itself, and counting for trials of forms. Each takes no input, looks at the state and
//! does what is missing.

pub(crate) mod auto_submit;
pub(crate) mod prefetch;
pub(crate) mod rescoring;
pub(crate) mod trials;
