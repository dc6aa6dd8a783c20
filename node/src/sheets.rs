//! Tables and workbooks that come in and go out: files of records, the official forms, templates, and what the catalogs
//! say against a file's words.

pub(crate) mod catalog_check;
pub(crate) mod earlier_evaluation;
pub(crate) mod entry;
pub(crate) mod file_kind;
pub(crate) mod goal_book;
pub(crate) mod official_form;
pub(crate) mod scores;
pub(crate) mod template;
