//! The fields of a goal by name, as forms and files have them, and what cannot be kept in them.

use super::{Goal, LONGEST};
use crate::intake::Words;
use crate::lang::{Lang, Say};
use crate::money::Amount;
use crate::number::Typed;

/// The fields that somebody fills in, in the form's order: name, and the trade's word.
pub const FIELDS: [(&str, &str); 12] = [
    ("attribute", "项目属性"),
    ("leader", "项目负责人"),
    ("phone", "联系电话"),
    ("starts", "起始时间"),
    ("ends", "终止时间"),
    ("whole_amount", "实施期资金总额"),
    ("basis", "立项依据"),
    ("necessity", "必要性"),
    ("feasibility", "可行性"),
    ("plan", "实施计划"),
    ("whole_goal", "总体目标（实施期）"),
    ("year_goal", "年度目标"),
];

/// 项目属性
pub const ATTRIBUTES: [&str; 2] = ["新增", "延续"];

impl Goal {
    /// A field by its name, empty for a name that is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        match name {
            "whole_amount" => self.whole_amount.raw(),
            "attribute" => &self.attribute,
            "leader" => &self.leader,
            "phone" => &self.phone,
            "starts" => &self.starts,
            "ends" => &self.ends,
            "basis" => &self.basis,
            "necessity" => &self.necessity,
            "feasibility" => &self.feasibility,
            "plan" => &self.plan,
            "whole_goal" => &self.whole_goal,
            "year_goal" => &self.year_goal,
            _ => "",
        }
    }

    /// Fills a field in by its name.
    pub fn set(&mut self, name: &str, text: &str) {
        let field = match name {
            "whole_amount" => {
                self.whole_amount = Amount::parse(text);
                return;
            }
            "attribute" => &mut self.attribute,
            "leader" => &mut self.leader,
            "phone" => &mut self.phone,
            "starts" => &mut self.starts,
            "ends" => &mut self.ends,
            "basis" => &mut self.basis,
            "necessity" => &mut self.necessity,
            "feasibility" => &mut self.feasibility,
            "plan" => &mut self.plan,
            "whole_goal" => &mut self.whole_goal,
            "year_goal" => &mut self.year_goal,
            _ => return,
        };
        text.clone_into(field);
    }

    /// What cannot be kept as it was typed: the field's name, and how it should look.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, Words)> {
        let mut problems = Vec::new();
        let short = ["attribute", "starts", "ends", "whole_amount"];
        for (name, _) in FIELDS.iter().filter(|(name, _)| !short.contains(name) && Self::too_long(self.get(name))) {
            let zh = format!("最多 {LONGEST} 字，请精简");
            problems.push((*name, Words::new(zh, format!("at most {LONGEST} characters"))));
        }
        let day = |text: &str| Typed::parse(text).date();
        for name in ["starts", "ends"] {
            if !self.get(name).is_empty() && day(self.get(name)).is_none() {
                problems.push((name, Words::new("请写成一个日期，如 2024-01-31", "write one day, such as 2024-01-31")));
            }
        }
        if let (Some(start), Some(end)) = (day(&self.starts), day(&self.ends))
            && end < start
        {
            let zh = "终止时间早于起始时间，请核对";
            problems.push(("ends", Words::new(zh, "it ends before it starts: compare the two")));
        }
        if let Some(problem) = self.whole_amount.problem() {
            let zh = format!("{}；请写成以元为单位的金额，如 5000000.00", problem.say(Lang::Zh));
            let en = format!("{}; write an amount in yuan, such as 5000000.00", problem.say(Lang::En));
            problems.push(("whole_amount", Words::new(zh, en)));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field is found again under its name, and a blank goal has nothing that could not be kept.
    #[test]
    fn by_name() {
        let mut goal = Goal::default();
        for (name, word) in FIELDS {
            goal.set(name, word);
        }
        assert!(FIELDS.iter().all(|(name, word)| goal.get(name) == *word));
        assert_eq!(goal.get("later"), "");
        assert_eq!(Goal::default().problems(), []);
    }

    /// Long texts, odd days, an end before the start and an odd amount are told, each at its field.
    #[test]
    fn told_at_the_field() {
        let mut goal = Goal::default();
        goal.set("plan", &"长".repeat(451));
        goal.set("starts", "年初");
        goal.set("whole_amount", "约300万");
        let told = |goal: &Goal| goal.problems().iter().map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(told(&goal), ["plan", "starts", "whole_amount"]);
        let mut goal = Goal::default();
        goal.set("starts", "2024-05-01");
        goal.set("ends", "2024年4月30日");
        assert_eq!(told(&goal), ["ends"]);
    }
}
