//! What the audit log keeps of what is done at the command line: whoever runs a command has the whole machine, so that
//! the log can only repeat whom the command names.

use tongpin_domain::moment::Moment;
use tongpin_store::AuditDraft;

/// Who stands in the audit log where a command names nobody.
pub const NOBODY: &str = "命令行";

/// An entry of a command; `by` is whom it names, blank for nobody.
#[must_use]
pub fn entry<'a>(at: Moment, by: &'a str, action: &'a str, subject: &'a str, detail: &'a str) -> AuditDraft<'a> {
    let by = by.trim();
    let actor = if by.is_empty() { NOBODY } else { by };
    AuditDraft { at, actor, address: "", action, subject, detail, allowed: true }
}
