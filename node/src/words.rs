//! How things are called and written for people, on pages, in forms and at a terminal alike.

pub(crate) mod catalog;
pub(crate) mod figure;
pub(crate) mod flag;
pub(crate) mod method;
