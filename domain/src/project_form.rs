//! What was filled in of a form of which a project has one: its goal, its self-evaluation. What the project and its
//! lines say already is not kept a second time, and what there is to fill in is said by a form: see
//! [`crate::form::KeptAs`].
//!
//! The JSON of [`ProjectForm`] is what the store keeps and what a township sends to its county: fields may be added,
//! never renamed.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::form::Given;

/// 绩效目标申报表: the kind of record that the texts of a project's goal are kept as. The key of all kinds is the
/// project's code.
pub const GOAL: &str = "goal";

/// 项目支出绩效自评表: the kind of record that the texts of a project's self-evaluation are kept as.
pub const SELF_EVALUATION: &str = "self_evaluation";

/// What was filled in of such a form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectForm {
    /// 项目代码
    pub project_code: String,
    /// What was typed, by the form's fields. A field that stands blank in a record says nothing.
    #[serde(flatten, deserialize_with = "given")]
    pub given: BTreeMap<String, Given>,
}

/// What this program can make of it; what a newer one added besides is passed over.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Given>, D::Error> {
    let all = BTreeMap::<String, Value>::deserialize(from)?;
    let read = all.into_iter().filter_map(|(name, value)| Some((name, serde_json::from_value(value).ok()?)));
    Ok(read.filter(|(_, given)| !matches!(given, Given::One(text) if text.is_empty())).collect())
}

impl ProjectForm {
    /// One of which nothing is said yet.
    #[must_use]
    pub fn of(project_code: &str) -> Self {
        Self { project_code: project_code.to_owned(), given: BTreeMap::new() }
    }

    /// What was typed into a field of one text; empty if nothing was.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        match self.given.get(field) {
            Some(Given::One(text)) => text,
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A goal reads from the names it is kept under; what stands blank is not there, an odd amount stays as typed, and
    /// what a newer program added is passed over.
    #[test]
    fn stored_form() {
        let json = r#"{"project_code":"P1","year_goal":"新增学位","whole_amount":"约300万","basis":"","later":1}"#;
        let goal: ProjectForm = serde_json::from_str(json).expect("a goal");
        let held: Vec<&str> = goal.given.keys().map(String::as_str).collect();
        assert_eq!((goal.project_code.as_str(), held), ("P1", vec!["whole_amount", "year_goal"]));
        assert_eq!(
            (goal.text("year_goal"), goal.text("whole_amount"), goal.text("basis")),
            ("新增学位", "约300万", "")
        );
        let written = serde_json::to_string(&goal).expect("JSON");
        assert_eq!(written, r#"{"project_code":"P1","whole_amount":"约300万","year_goal":"新增学位"}"#);
        assert_eq!(serde_json::from_str::<ProjectForm>(&written).expect("written above"), goal);
        assert_eq!(ProjectForm::of("P2").text("year_goal"), "");
    }
}
