//! 表单: documents of the trade (单据) described as data. A [`Definition`] is an entry of the catalog `forms`; whatever
//! shows, checks, stores, exports or reports a document is made from it, and there is no second place.
//!
//! Everything here is pure. [`Definition::read`] turns what was given into typed values, [`Definition::evaluate`] adds
//! what follows from them; a page, an import, the API and a roll-up call these two and nothing else.

mod collecting;
pub mod condition;
pub mod definition;
pub mod document;
pub mod evaluate;
pub mod expression;
pub mod field;
pub mod flow;
pub mod impact;
mod kept;
pub mod layout;
mod level;
mod prefill;
pub mod read;
pub mod renewal;
#[cfg(test)]
mod road;
pub mod ruled;
mod sentence;
pub mod sheets;
pub mod shown;
pub mod sound;
pub mod supplement;
pub mod take;
pub mod trial;
pub mod value;
mod word;

pub use collecting::ADDED;
pub use condition::{Condition, Test};
pub use definition::{Check, Consequence, Definition, List, Per, Subject, SubjectOf, Years};
pub use document::{Attachment, Document, Filled, Given, GivenRow, StepTaken, Verdict, id_of};
pub use evaluate::{Evaluated, Facts, Finding};
pub use expression::Expression;
pub use field::{Choice, Field, Kind, Leaving};
pub use flow::{Action, Days, FILL, Flow, FlowDuty, FlowLevel, State, Step};
pub use impact::{FormChange, changes};
pub use kept::KeptAs;
pub use layout::{Block, Grouped, Layout, MoneyUnit};
pub use level::Seen;
pub use read::{Fault, FieldProblem, MOST_PLACES, Place, Reading, chosen, is_row_id, text};
pub use renewal::{Becomes, Carried, Difference, Under, differences, other_changes};
pub use ruled::{LackingRule, NoNumber, NumbersOf, RuleNumbers};
pub use sheets::{FormSheet, SheetProblem, from_sheets, names_made, to_sheets};
pub use shown::shown;
pub use sound::{DefinitionFault, DefinitionProblem, unknown_parts};
pub use supplement::{Edition, SUPPLEMENTS, Supplement, SupplementFault};
pub use take::{ALONE, Actor, Case, StepFault, Taken};
pub use trial::{
    Answer, Count, Counted, MOST_A_DAY, MOST_TRIALS, Personal, TRIALS, Tallies, Tally, Trial, TrialAnswer, burdens,
};
pub use value::{Row, Value, Values};

/// The catalog of forms (表单).
pub const FORMS: &str = "forms";
/// What a document travels as: a record of this kind, with the key `<form>/<id>`.
pub const DOCUMENT: &str = "form";
/// A version of a document that another has followed: a record of this kind, with the key `<form>/<id>/<version>`.
pub const DOCUMENT_VERSION: &str = "form_version";
/// The catalog in which a bureau tells those below what became of their documents (审核意见).
pub const VERDICTS: &str = "verdicts";

/// The most bytes of a form's code and of a field's name: both become names of tables and columns.
pub const LONGEST_NAME: usize = 40;
/// The most fields that a form has, those of its rows among them.
pub const MOST_FIELDS: usize = 400;
/// The most rows that a table inside a document has.
pub const MOST_ROWS: usize = 2_000;
/// The most files that a field has.
pub const MOST_FILES: usize = 100;
/// The most characters of a text inside a document.
pub const LONGEST_TEXT: usize = 20_000;
/// How deep expressions and conditions may be nested.
pub const DEEPEST: usize = 12;

/// Whether a text can be a form's code or a field's name: `[a-z][a-z0-9_]*`, at most [`LONGEST_NAME`] bytes.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && text.len() <= LONGEST_NAME
}
