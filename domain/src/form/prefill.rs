//! 自动带出: what a document about a project is filled with from the project's own record, so that nobody types it.

use super::{Definition, Values};
use crate::project::Project;

impl Definition {
    /// The fields that come from a project. What is not known stays missing.
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
    use crate::form::KeptAs;

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
