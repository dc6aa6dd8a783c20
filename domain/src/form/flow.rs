//! 流程: the states of a document, and who may take it from one to the next.

use serde::{Deserialize, Serialize};

use super::word::words;
use crate::region::{Level, RegionCode};

words! {
    /// 层级: at which level a step is taken.
    FlowLevel {
        /// Whoever keeps the document: the bureau in whose node it was made.
        Keeper = "keeper", "填报单位", "who fills it in";
        /// The county's finance bureau; of a document that it keeps itself, it too.
        County = "county", "县级财政", "the county";
    }
}

impl FlowLevel {
    /// Whether a bureau is of this level for a document of `author`: of one that a county keeps itself, it is both.
    #[must_use]
    pub fn is_of(&self, author: &RegionCode, bureau: &RegionCode) -> bool {
        let keeper = author == bureau;
        match self {
            Self::Keeper => keeper,
            Self::County if keeper => bureau.level() <= Level::County,
            Self::County => author.within(bureau) && bureau.level() == Level::County,
            Self::Unknown(_) => false,
        }
    }
}

words! {
    /// 岗位: the duty that a step takes.
    FlowDuty {
        /// 经办
        Enter = "enter", "经办", "clerk";
        /// 审核
        Approve = "approve", "审核", "approver";
    }
}

words! {
    /// What a step does beside moving the document.
    Action {
        /// Nothing in it changes any more, but by a new version: the state that it leads to is not open.
        Freeze = "freeze", "冻结", "freeze";
        /// A new version begins, and the one before stays readable.
        NewVersion = "new_version", "新版本", "new version";
        /// The document moves to the release of its form that is in force, as a new version. Such a step is one of the
        /// release that is moved to: that says from which states documents of earlier releases come to it.
        Renew = "renew", "改用新版表单", "move to the new release";
        /// The document of another form is begun about the same, in the same stroke: [`Step::makes`] says of which.
        Make = "make", "生成下一张表", "begin the next form";
    }
}

/// 流程
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// 状态: the first is where a document begins.
    pub states: Vec<State>,
    /// 步骤
    pub steps: Vec<Step>,
}

/// 状态
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Unique within the flow: `[a-z][a-z0-9_]*`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Whether whoever keeps the document may change it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// 终审: whether it counts in what is collected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts: bool,
    /// How long it may stay there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Days>,
}

/// A number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// How many.
    pub days: u32,
    /// 工作日 instead of calendar days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub working: bool,
}

/// 步骤
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Unique within the flow: `[a-z][a-z0-9_]*`.
    pub name: String,
    /// What happens, as the button says it: 送县财政审核.
    pub title: String,
    /// The states in which it can be taken.
    pub from: Vec<String>,
    /// The state that it leads to.
    pub to: String,
    /// At which level.
    pub level: FlowLevel,
    /// Which duty.
    pub duty: FlowDuty,
    /// Whether what is required must be there and no check may block it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// Whether a reason must be given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reason: bool,
    /// Steps that another person must have taken, `fill` among them for whoever filled it in: compared by account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_than: Vec<String>,
    /// What it does beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// For [`Action::Make`]: the code of the form whose document is begun.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub makes: String,
}

impl Step {
    /// A step from nowhere to nowhere.
    #[must_use]
    pub fn new(name: &str, level: FlowLevel, duty: FlowDuty) -> Self {
        Self {
            name: name.to_owned(),
            title: String::new(),
            from: Vec::new(),
            to: String::new(),
            level,
            duty,
            complete: false,
            reason: false,
            other_than: Vec::new(),
            actions: Vec::new(),
            makes: String::new(),
        }
    }

    /// Whether it moves a document to the release of the form whose step it is.
    #[must_use]
    pub fn renews(&self) -> bool {
        self.actions.contains(&Action::Renew)
    }

    /// The form whose document it begins, if it begins one.
    #[must_use]
    pub fn next_form(&self) -> Option<&str> {
        self.actions.contains(&Action::Make).then_some(self.makes.as_str())
    }
}

/// In [`Step::other_than`]: whoever filled the document in.
pub const FILL: &str = "fill";

impl Default for Flow {
    /// 草稿 → 财政审核 → 已批复, with a way back, a way to adjust, and for drafts a way to a new release of the form.
    fn default() -> Self {
        let state = |name: &str, title: &str, open, counts| State {
            name: name.to_owned(),
            title: title.to_owned(),
            open,
            counts,
            within: None,
        };
        let step = |name: &str, title: &str, from: &str, to: &str, level, duty| Step {
            title: title.to_owned(),
            from: vec![from.to_owned()],
            to: to.to_owned(),
            ..Step::new(name, level, duty)
        };
        let (keeper, county) = (FlowLevel::Keeper, FlowLevel::County);
        let submit =
            Step { complete: true, ..step("submit", "送审", "draft", "review", keeper.clone(), FlowDuty::Enter) };
        let withdraw = step("withdraw", "撤回", "review", "draft", keeper.clone(), FlowDuty::Enter);
        let others = vec![FILL.to_owned(), "submit".to_owned()];
        let approve = Step {
            other_than: others,
            actions: vec![Action::Freeze],
            complete: true,
            ..step("approve", "批复", "review", "approved", county.clone(), FlowDuty::Approve)
        };
        let give_back = Step { reason: true, ..step("return", "退回", "review", "draft", county, FlowDuty::Approve) };
        let renew = Step {
            actions: vec![Action::Renew],
            ..step("renew", "改用新版表单", "draft", "draft", keeper.clone(), FlowDuty::Enter)
        };
        let adjust = Step {
            reason: true,
            actions: vec![Action::NewVersion],
            ..step("adjust", "申请调整", "approved", "draft", keeper, FlowDuty::Enter)
        };
        Self {
            states: vec![
                state("draft", "草稿", true, false),
                state("review", "财政审核", false, false),
                state("approved", "已批复", false, true),
            ],
            steps: vec![submit, withdraw, approve, give_back, adjust, renew],
        }
    }
}

impl Flow {
    /// Where a document begins.
    #[must_use]
    pub fn first(&self) -> &str {
        self.states.first().map_or("draft", |state| state.name.as_str())
    }

    /// The state of this name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.iter().find(|state| state.name == name)
    }

    /// The step of this name.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The steps that lead on from a state.
    pub fn steps_from<'a>(&'a self, state: &'a str) -> impl Iterator<Item = &'a Step> {
        self.steps.iter().filter(move |step| step.from.iter().any(|from| from == state))
    }
}
