//! What is wrong with a form, and where in it.

use super::DefinitionFault;
use crate::lang::{Lang, Say};

/// A fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionProblem {
    /// The place, such as `fields.paid`, `checks.overpaid`, `flow.steps.approve` or `layout`.
    pub place: String,
    /// What is wrong there.
    pub fault: DefinitionFault,
}

impl DefinitionProblem {
    /// Names a fault and its place.
    #[must_use]
    pub fn new(place: impl Into<String>, fault: DefinitionFault) -> Self {
        Self { place: place.into(), fault }
    }

    /// Whether it is something of a newer program, rather than a mistake.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        use DefinitionFault::{UnknownOperation, UnknownPart, UnknownWord};
        matches!(self.fault, UnknownWord(_) | UnknownOperation(_) | UnknownPart)
    }
}

impl Say for DefinitionProblem {
    fn say(&self, lang: Lang) -> String {
        let fault = self.fault.say(lang);
        match lang {
            Lang::Zh => format!("{}：{fault}", place_in_words(&self.place)),
            Lang::En => format!("{}: {fault}", self.place),
        }
    }
}

/// `fields.roads.paid` as 字段 roads.paid.
fn place_in_words(place: &str) -> String {
    const PARTS: [(&str, &str); 12] = [
        ("flow.states", "流程状态"),
        ("flow.steps", "流程步骤"),
        ("fields", "字段"),
        ("checks", "校验"),
        ("layout", "版式"),
        ("list", "列表"),
        ("flow", "流程"),
        ("code", "编码"),
        ("kept_as", "沿用单据"),
        ("title", "表名"),
        ("years", "适用年度"),
        ("subject", "填报对象"),
    ];
    let found = PARTS.iter().find_map(|(part, zh)| Some((zh, place.strip_prefix(part)?)));
    match found {
        Some((zh, "")) => (*zh).to_owned(),
        Some((zh, rest)) if rest.starts_with('.') => format!("{zh} {}", rest.trim_start_matches('.')),
        _ if place.is_empty() => "表单".to_owned(),
        _ => place.to_owned(),
    }
}
