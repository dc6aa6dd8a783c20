//! 绩效目标: what a project is for and what it is to reach, as the 绩效目标申报表 asks it. Its lines are the project's
//! indicators; the texts around them are a record of their own.
//!
//! The JSON of [`Goal`] is what the store keeps and what a township sends to its county: fields may be added, never
//! renamed.

use serde::{Deserialize, Serialize};

use crate::money::Amount;

mod advice;
mod fields;

pub use advice::{Advice, TargetDoubt, advise, doubt};
pub use fields::{ATTRIBUTES, FIELDS};

/// The kind of record that a [`Goal`] is kept as. Its key is the project's code.
pub const GOAL: &str = "goal";
/// The most characters of a narrative box, as county forms have it.
pub const LONGEST: usize = 450;

/// 绩效目标申报表, but for what the project and its lines say already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// 项目代码
    pub project_code: String,
    /// 项目属性: 新增 or 延续
    #[serde(default)]
    pub attribute: String,
    /// 项目负责人
    #[serde(default)]
    pub leader: String,
    /// 联系电话
    #[serde(default)]
    pub phone: String,
    /// 起始时间 as typed
    #[serde(default)]
    pub starts: String,
    /// 终止时间 as typed
    #[serde(default)]
    pub ends: String,
    /// 实施期资金总额
    #[serde(default)]
    pub whole_amount: Amount,
    /// 立项依据
    #[serde(default)]
    pub basis: String,
    /// 必要性
    #[serde(default)]
    pub necessity: String,
    /// 可行性
    #[serde(default)]
    pub feasibility: String,
    /// 实施计划
    #[serde(default)]
    pub plan: String,
    /// 实施期目标
    #[serde(default)]
    pub whole_goal: String,
    /// 年度目标
    #[serde(default)]
    pub year_goal: String,
}

impl Goal {
    /// Whether one of its texts is longer than the form has room for.
    #[must_use]
    pub fn too_long(text: &str) -> bool {
        // A browser counts a line's end as one character and sends two.
        text.chars().filter(|c| *c != '\r').count() > LONGEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A goal reads from the names it is kept under; what is not there yet is blank, and an odd amount stays as typed.
    #[test]
    fn stored_form() {
        let json = r#"{"project_code":"P1","year_goal":"新增学位","whole_amount":"约300万","later":1}"#;
        let goal: Goal = serde_json::from_str(json).expect("a goal");
        assert_eq!((goal.year_goal.as_str(), goal.basis.as_str()), ("新增学位", ""));
        assert!(goal.whole_amount.problem().is_some() && goal.whole_amount.raw() == "约300万");
        let written = serde_json::to_string(&goal).expect("JSON");
        assert_eq!(serde_json::from_str::<Goal>(&written).expect("written above"), goal);
    }

    /// Characters are counted, not bytes, and a line's end once.
    #[test]
    fn length() {
        let full = "目".repeat(448) + "\r\n。";
        assert!(!Goal::too_long(&full) && Goal::too_long(&(full + "。")));
    }
}
