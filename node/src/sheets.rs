//! Tables and workbooks that come in and go out: files of records, the official forms, templates, and what the catalogs
//! say against a file's words.

pub(crate) mod catalog_check;
pub(crate) mod entry;
pub(crate) mod evaluation_book;
pub(crate) mod file_kind;
pub(crate) mod goal_book;
mod official_form;
pub(crate) mod scores;
pub(crate) mod template;
