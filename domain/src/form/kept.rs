//! 既有单据: documents that the program keeps as records of their own kind, because scores, lists and the levels above
//! are made of them. What they ask is described by a form all the same: as the program ships it, or as the city has
//! published it since, with other words, hints, limits, checks and fields of its own.

use std::sync::LazyLock;

use super::word::words;
use super::{Definition, Kind, Values, changes};
use crate::form::sound::{DefinitionFault, DefinitionProblem};
use crate::project::Project;

words! {
    /// 沿用的单据: what the documents of a form are, where they are not documents of their own.
    KeptAs {
        /// The goal of a project, one for each: a record of the kind [`crate::goal::GOAL`].
        Goal = "goal", "项目绩效目标", "a project's goal";
    }
}

/// The form of goals as the program ships it.
static GOAL: LazyLock<Definition> = LazyLock::new(|| {
    let text = include_str!("../../../samples/forms/goal.toml");
    toml::from_str(text).expect("it is the same text in every program that is built, and a test reads it")
});

impl KeptAs {
    /// The code that its form has.
    #[must_use]
    pub fn code(&self) -> &str {
        self.word()
    }

    /// The form as the program ships it; none of what this program does not know.
    #[must_use]
    pub fn shipped(&self) -> Option<&'static Definition> {
        match self {
            Self::Goal => Some(Definition::of_goals()),
            Self::Unknown(_) => None,
        }
    }
}

/// What a form of documents that the program keeps itself must be beside sound: what was there is still there, and
/// nothing is asked that such a document has no place for.
pub(super) fn check(definition: &Definition, problems: &mut Vec<DefinitionProblem>) {
    let Some(kept_as) = &definition.kept_as else { return };
    let Some(shipped) = kept_as.shipped() else { return };
    let refused = changes(shipped, definition).into_iter().filter(super::FormChange::is_refused);
    problems.extend(refused.map(|change| DefinitionProblem::new("kept_as", DefinitionFault::KeptOtherwise(change))));
    if definition.flow != shipped.flow {
        problems.push(DefinitionProblem::new("flow", DefinitionFault::NotOfKept));
    }
    for field in &definition.fields {
        let unfit = matches!(field.kind, Kind::Rows | Kind::Files) || field.level.is_some() || !field.fill.is_empty();
        if unfit || !field.leaves.is_empty() {
            problems.push(DefinitionProblem::new(format!("fields.{}", field.name), DefinitionFault::NotOfKept));
        }
    }
}

impl Definition {
    /// The form of goals as the program ships it.
    #[must_use]
    pub fn of_goals() -> &'static Self {
        &GOAL
    }

    /// 自动带出: what a document about a project is filled with from the project's own record. What is not known stays
    /// missing.
    #[must_use]
    pub fn filled_from(&self, project: &Project) -> Values {
        let named = self.fields.iter().filter_map(|field| {
            let text = project.told(field.from.strip_prefix("project.")?)?;
            (!text.is_empty()).then(|| (field.name.clone(), text))
        });
        self.filled(&named.collect())
    }
}

impl Project {
    /// What forms are filled with from a project, by the name that they ask for it by; amounts in yuan, and nothing for
    /// one that cannot be read.
    fn told(&self, name: &str) -> Option<String> {
        let amount = match name {
            "initial" => &self.money.initial,
            "carry_over" => &self.money.carry_over,
            "adjust" => &self.money.adjust,
            "adjusted" => &self.money.adjusted,
            "upper" => &self.money.upper,
            "local" => &self.money.local,
            "other" => &self.money.other,
            "arrived" => &self.money.arrived,
            "executed" => &self.money.executed,
            "code" => return Some(self.code.clone()),
            "name" => return Some(self.name.clone()),
            "fiscal_year" => return Some(self.fiscal_year.to_string()),
            "department" => return Some(self.department.clone()),
            "unit" => return Some(self.unit.clone()),
            "category" => return Some(self.category.clone()),
            "kind" => return Some(self.kind.clone()),
            "fund_code" => return Some(self.fund_code.clone()),
            "fund_name" => return Some(self.fund_name.clone()),
            "fund_level" => return Some(self.fund_level.clone()),
            _ => return None,
        };
        amount.fen().map(|fen| fen.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Field, Flow};
    use crate::lang::{Lang, Say};

    /// Each form that the program ships is there, sound, of its code, and says that it is kept so.
    #[test]
    fn shipped_forms_are_sound() {
        for kept_as in KeptAs::ALL {
            let form = kept_as.shipped().expect("it is shipped");
            assert_eq!((form.code.as_str(), form.kept_as.as_ref()), (kept_as.code(), Some(kept_as)));
            assert_eq!(form.check(), []);
        }
    }

    /// A city may add a field and say things otherwise; it may not take away what is there, give it another kind,
    /// lead it through steps, or ask for rows and files.
    #[test]
    fn what_a_city_may_change() {
        let shipped = KeptAs::Goal.shipped().expect("it is shipped");
        let mut form = shipped.clone();
        form.title = "部门项目绩效目标表".into();
        form.fields.push(Field::new("manager", "项目管理办法", Kind::Text));
        assert_eq!(form.check(), []);

        let told = |change: &dyn Fn(&mut Definition)| {
            let mut form = shipped.clone();
            change(&mut form);
            form.check().iter().map(|problem| problem.say(Lang::Zh)).collect::<Vec<_>>().join("\n")
        };
        let gone = told(&|form| form.fields.retain(|field| field.name != "phone"));
        assert!(gone.contains("联系电话") && gone.contains("停用"), "{gone}");
        assert!(!told(&|form| form.fields[6].kind = Kind::Money).is_empty());
        assert!(!told(&|form| form.code = "goals".into()).is_empty());
        assert!(!told(&|form| form.fields.push(Field::new("files", "附件", Kind::Files))).is_empty());
        assert!(!told(&|form| form.fields[6].leaves.push(crate::form::Leaving::Count)).is_empty());
        let steps = told(&|form| form.flow = Flow { steps: Vec::new(), ..Flow::default() });
        assert!(steps.contains("流程"), "{steps}");
    }

    /// A project fills in what a form asks of it by name; an amount that cannot be read stays missing.
    #[test]
    fn filled_from_a_project() {
        let json = r#"{"project_code":"P1","project_name":"校舍维修","fiscal_year":2024,"region_code":"320581",
            "budget_adjusted":"1,200","fund_upper":"约3万"}"#;
        let project: Project = serde_json::from_str(json).expect("a project");
        let filled = KeptAs::Goal.shipped().expect("it is shipped").filled_from(&project);
        let text = |name: &str| filled.get(name).map(|value| format!("{value:?}")).unwrap_or_default();
        assert!(text("project_name").contains("校舍维修") && text("adjusted").contains("1200"), "{filled:?}");
        assert!(!filled.contains_key("upper") && !filled.contains_key("department"), "{filled:?}");
    }
}
