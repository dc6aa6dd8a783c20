//! What a person or a program may have done here, one file per thing: pages, the API, commands and background work call
//! it alike. No command line, no printing and no HTTP is known here.

pub(crate) mod editing;
pub(crate) mod evaluation;
pub(crate) mod forms;
#[cfg(test)]
pub(crate) mod ground;
pub(crate) mod import;
pub(crate) mod kept_scores;
pub(crate) mod months;
pub(crate) mod own_forms;
pub(crate) mod project_forms;
pub(crate) mod questions;
pub(crate) mod restored;
pub(crate) mod review;
pub(crate) mod saving;
pub(crate) mod scoring;
pub(crate) mod submit;
pub(crate) mod summary;
pub(crate) mod tables;
pub(crate) mod townships;
pub(crate) mod unasked;
