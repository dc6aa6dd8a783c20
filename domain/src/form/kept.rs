//! 既有单据: documents that the program keeps as records of their own kind, because scores, lists and the levels above
//! are made of them. What they ask is described by a form all the same: as the program ships it, or as the city has
//! published it since, with other words, hints, limits, checks and fields of its own.

use std::sync::LazyLock;

use super::word::words;
use super::{Definition, Kind, changes};
use crate::form::sound::{DefinitionFault, DefinitionProblem};

words! {
    /// 沿用的单据: what the documents of a form are, where they are not documents of their own.
    KeptAs {
        /// The goal of a project, one for each: a record of the kind [`crate::goal::GOAL`].
        Goal = "goal", "项目绩效目标", "a project's goal";
    }
}

/// What a goal's record calls the project that it is of.
const PROJECT_CODE: &str = "project_code";

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
/// nothing is asked that such a document has no place for. Another form does not take its code.
pub(super) fn check(definition: &Definition, problems: &mut Vec<DefinitionProblem>) {
    let Some(kept_as) = &definition.kept_as else {
        let taken = KeptAs::ALL.iter().find(|kept_as| kept_as.code() == definition.code);
        problems.extend(taken.map(|it| DefinitionProblem::new("code", DefinitionFault::CodeOfKept(it.clone()))));
        return;
    };
    let Some(shipped) = kept_as.shipped() else { return };
    let refused = changes(shipped, definition).into_iter().filter(super::FormChange::is_refused);
    problems.extend(refused.map(|change| DefinitionProblem::new("kept_as", DefinitionFault::KeptOtherwise(change))));
    let not_of_kept = |place: &str| DefinitionProblem::new(place, DefinitionFault::NotOfKept);
    if definition.flow != shipped.flow {
        problems.push(not_of_kept("flow"));
    }
    // Of these records there is one release of their form in force for all years.
    if !definition.years.is_always() {
        problems.push(not_of_kept("years"));
    }
    for field in &definition.fields {
        let unfit = matches!(field.kind, Kind::Rows | Kind::Files) || field.level.is_some() || !field.fill.is_empty();
        // What the record is about is no value in it.
        let taken = field.name == PROJECT_CODE && field.is_typed();
        if unfit || taken || !field.leaves.is_empty() {
            problems.push(not_of_kept(&format!("fields.{}", field.name)));
        }
    }
}

impl Definition {
    /// The form of goals as the program ships it.
    #[must_use]
    pub fn of_goals() -> &'static Self {
        &GOAL
    }

    /// Whether its documents are records that this program keeps as such: then there are no others. What a newer
    /// program keeps so is not known here, and shown as such.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.kept_as.as_ref().is_some_and(|kept_as| kept_as.unknown().is_none())
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
        let bare = told(&|form| form.kept_as = None);
        assert!(bare.contains("编码：“goal”是沿用单据（项目绩效目标）的表单编码"), "{bare}");
        assert!(!told(&|form| form.fields.push(Field::new("files", "附件", Kind::Files))).is_empty());
        assert!(!told(&|form| form.fields[6].leaves.push(crate::form::Leaving::Count)).is_empty());
        assert!(told(&|form| form.years.from = Some(2026)).contains("适用年度"));
        let code = told(&|form| form.fields[1].from.clear());
        assert!(
            code.contains("project_code"),
            "a typed value would take the place of what the record is about: {code}"
        );
        let steps = told(&|form| form.flow = Flow { steps: Vec::new(), ..Flow::default() });
        assert!(steps.contains("流程"), "{steps}");
    }
}
