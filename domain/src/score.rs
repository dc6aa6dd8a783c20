//! Scoring a project's self-evaluation (自评) by a rule set: a pure function that never fails.
//! What can't be scored becomes a status that a person can act on, and every figure comes with its arithmetic.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::lang::{Lang, Say};
use crate::money::Fen;
use crate::number::Typed;
use crate::project::{Project, ProjectIndicator};
use crate::region::{RegionCode, Regions};
use crate::review::{Decision, Review};
use crate::rules::RuleSet;

mod execution;
mod flag;
mod formula;
mod lights;
mod line;
mod ruling;
mod step;
mod total;

pub use execution::{Execution, execution};
pub use flag::Flag;
pub use formula::{Line, Outcome, Reading, formula_score, nature_fits};
pub use lights::{Light, LightReading, light};
pub use step::{Award, Column, Notice, Obstacle, Relation, Ruling, Side, Step, Summing};

/// Which rule set computed a result, and which release of it: stored with each result, so that results under
/// different rules are never mixed silently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleRef {
    /// Who published the rules.
    pub publisher: RegionCode,
    /// The rule set's key in the `rules` catalog.
    pub key: String,
    /// The release number of the catalog.
    pub release: u64,
}

/// What can be said about a project or a line. Of several, the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// 已评分
    Scored,
    /// 待复核: a person has to judge something.
    Review,
    /// 未完成填报: something is blank, which is never zero.
    Incomplete,
    /// 数据错误: the figures contradict one another.
    DataError,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Scored, Self::Review, Self::Incomplete, Self::DataError];

    /// The code in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Scored => "SCORED",
            Self::Review => "REVIEW",
            Self::Incomplete => "INCOMPLETE",
            Self::DataError => "DATA_ERROR",
        }
    }

    /// The words on a page.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Scored => lang.pick("已评分", "scored"),
            Self::Review => lang.pick("待复核", "to be reviewed"),
            Self::Incomplete => lang.pick("未完成填报", "incomplete"),
            Self::DataError => lang.pick("数据错误", "data error"),
        }
    }
}

impl Say for Status {
    fn say(&self, lang: Lang) -> String {
        self.text(lang).to_owned()
    }
}

/// 自评得分表: everything that scoring found out about one project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreSheet {
    /// 项目代码
    pub project_code: String,
    /// 区划代码 in use today; a former code has been followed.
    pub region: RegionCode,
    /// 专项资金代码
    pub fund_code: String,
    /// 主管部门
    pub department: String,
    /// 预算本
    pub book: String,
    /// 全年预算数, if it could be read.
    pub budget: Option<Fen>,
    /// 全年执行数, if it could be read.
    pub executed: Option<Fen>,
    /// 执行率 in percent, not capped; none where it isn't applicable.
    pub execution_rate: Option<Decimal>,
    /// 执行率得分; none where it isn't applicable.
    pub execution_score: Option<Decimal>,
    /// The rules demand a reason for the execution rate, and there is none.
    #[serde(default)]
    pub execution_reason_missing: bool,
    /// Sum of the lines' scores, of those that have one.
    pub indicator_sum: Decimal,
    /// How many lines have none.
    pub unscored: u32,
    /// 总分; only a scored project has one.
    pub total: Option<Decimal>,
    /// 评级; only a scored project has one.
    pub rating: Option<String>,
    /// 状态
    pub status: Status,
    /// Codes of [`Flag`]s, sorted.
    pub flags: Vec<String>,
    /// 指标行, by number.
    pub lines: Vec<LineScore>,
    /// How the total came about.
    pub steps: Vec<Step>,
    /// What it was computed under.
    pub rules: RuleRef,
}

impl ScoreSheet {
    /// A reason is due, for a line or for the execution rate, and is not there.
    #[must_use]
    pub fn reason_missing(&self) -> bool {
        self.execution_reason_missing || self.lines.iter().any(|line| line.reason_missing)
    }
}

/// The score of one indicator line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineScore {
    /// 序号
    pub seq: u32,
    /// 指标代码, none for a self-made indicator.
    pub indicator_code: Option<String>,
    /// 三级指标
    pub name: String,
    /// 度量单位
    pub unit: String,
    /// 指标性质
    pub nature: String,
    /// 赋分方法
    pub rule_type: String,
    /// Its parameters.
    pub rule_params: String,
    /// 分值
    pub weight: Decimal,
    /// 年度指标值 as typed.
    pub target: Typed,
    /// 实际完成值 as typed.
    pub actual: Typed,
    /// 得分; none if a person must judge or something is missing.
    pub score: Option<Decimal>,
    /// What the likelier reading of contradicting figures would give, for the person who decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Decimal>,
    /// 自评得分 as the unit reported it, kept beside ours.
    pub self_score: Option<Decimal>,
    /// 状态
    pub status: Status,
    /// Codes of [`Flag`]s, sorted; more than the project shows.
    pub flags: Vec<String>,
    /// How the score came about.
    pub steps: Vec<Step>,
    /// The rules demand a reason for the deviation, and there is none.
    pub reason_missing: bool,
    /// What a person decided, where the score stands on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

impl ScoreSheet {
    /// The lines that wait for a person (待复核).
    pub fn waiting(&self) -> impl Iterator<Item = &LineScore> {
        self.lines.iter().filter(|line| line.status == Status::Review)
    }

    /// The decisions that lines are scored by (人工复核), with their lines.
    pub fn decided(&self) -> impl Iterator<Item = (&LineScore, &Decision)> {
        self.lines.iter().filter_map(|line| Some((line, line.decision.as_ref()?)))
    }
}

impl LineScore {
    /// What is typed in it is not on one scale: it is not added to other figures, even if a person has decided since.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let doubts = [Flag::FractionForPercent, Flag::ScaleUnclear, Flag::UnitDiffers].map(|flag| flag.code());
        self.flags.iter().any(|flag| doubts.contains(flag))
    }
}

/// Scores one project. Lines of other projects are ignored, and it can't fail: problems become statuses, of which
/// `DATA_ERROR` comes before `INCOMPLETE` before `REVIEW`.
#[must_use]
pub fn score(
    project: &Project,
    indicators: &[ProjectIndicator],
    rules: &RuleSet,
    rule_ref: &RuleRef,
    regions: &Regions,
) -> ScoreSheet {
    score_reviewed(project, indicators, &[], rules, rule_ref, regions)
}

/// As [`score`], with what people decided about lines that no formula can score. Of several decisions about a line the
/// first that is in force counts.
#[must_use]
pub fn score_reviewed(
    project: &Project,
    indicators: &[ProjectIndicator],
    reviews: &[Review],
    rules: &RuleSet,
    rule_ref: &RuleRef,
    regions: &Regions,
) -> ScoreSheet {
    let decision = |line: &ProjectIndicator| reviews.iter().find_map(|review| review.in_force(line));
    let mut own: Vec<&ProjectIndicator> = indicators.iter().filter(|line| line.project_code == project.code).collect();
    own.sort_by_key(|line| line.seq);
    let (lines, line_flags): (Vec<LineScore>, Vec<BTreeSet<Flag>>) =
        own.into_iter().map(|indicator| line::score_line(indicator, decision(indicator), rules)).unzip();

    let execution = execution::of_project(project, rules);
    let total = total::total(&execution, &lines, rules);
    let flags: BTreeSet<String> = line_flags
        .iter()
        .flatten()
        .chain(&execution.flags)
        .chain(&total.flags)
        .filter(|flag| flag.on_project())
        .map(Flag::code)
        .collect();

    let mut steps = execution.steps;
    steps.extend(total.steps);
    ScoreSheet {
        project_code: project.code.clone(),
        region: regions.current(&project.region),
        fund_code: project.fund_code.clone(),
        department: project.department.clone(),
        book: project.book.clone(),
        budget: project.money.adjusted.fen(),
        executed: project.money.executed.fen(),
        execution_rate: execution.rate,
        execution_score: execution.score,
        execution_reason_missing: execution.reason_missing,
        indicator_sum: total.indicator_sum,
        unscored: total.unscored,
        total: total.points,
        rating: total.rating,
        status: total.status,
        flags: flags.into_iter().collect(),
        lines,
        steps,
        rules: rule_ref.clone(),
    }
}

#[cfg(test)]
mod tests;
