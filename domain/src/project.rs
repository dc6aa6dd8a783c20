//! Projects (项目) and their indicators as a county keeps them: the records that scores are computed from.
//!
//! The JSON of these types is what the store keeps and what a township sends to its county. Field names are the
//! column names of the files they are imported from; fields may be added, never renamed, and unknown ones are ignored.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::form::Given;
use crate::lang::{Lang, Say};
use crate::money::{Amount, Fen};
use crate::number::Typed;
use crate::region::RegionCode;

/// The kind of record that a [`Project`] is kept as.
pub const PROJECT: &str = "project";
/// The kind of record that a [`ProjectIndicator`] is kept as.
pub const PROJECT_INDICATOR: &str = "project_indicator";

/// 项目: what money was budgeted for, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// 项目代码, given by the unified budget platform (预算管理一体化)
    #[serde(rename = "project_code")]
    pub code: String,
    /// 项目名称
    #[serde(rename = "project_name")]
    pub name: String,
    /// 年度
    pub fiscal_year: i32,
    /// 区划代码 as written: a former code is kept, and followed where it is read
    #[serde(rename = "region_code")]
    pub region: RegionCode,
    /// 区划名称
    #[serde(default)]
    pub region_name: String,
    /// 财政区划代码
    #[serde(default)]
    pub mof_div_code: String,
    /// 乡镇代码 as written; `None` where no township is involved
    #[serde(rename = "township_code", default)]
    pub township: Option<RegionCode>,
    /// 乡镇名称
    #[serde(default)]
    pub township_name: String,
    /// 专项资金代码
    #[serde(default)]
    pub fund_code: String,
    /// 专项资金名称
    #[serde(default)]
    pub fund_name: String,
    /// 资金级次: 中央, 省级, 市级
    #[serde(default)]
    pub fund_level: String,
    /// 主管部门
    #[serde(default)]
    pub department: String,
    /// 实施单位
    #[serde(rename = "implementing_unit", default)]
    pub unit: String,
    /// 项目类别: 特定目标类 …
    #[serde(rename = "project_category", default)]
    pub category: String,
    /// 项目类型: 一次性, 阶段性, 经常性
    #[serde(rename = "project_type", default)]
    pub kind: String,
    /// 功能分类科目编码
    #[serde(default)]
    pub func_code: String,
    /// 功能分类科目名称
    #[serde(default)]
    pub func_name: String,
    /// 预算本 (四本预算): totals never mix two books without saying so
    #[serde(rename = "budget_book", default)]
    pub book: String,
    /// The amounts
    #[serde(flatten)]
    pub money: Money,
    /// 执行率偏低的原因: due where the rule set asks for one. Left out while blank, so that a record from before there was
    /// such a field is the same record
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub execution_reason: String,
    /// Marks an awkward row of the sample data; blank in real data
    #[serde(default)]
    pub case_tag: String,
    /// What the city's form of projects asks beside all this, by field
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, Given>,
}

/// The amounts of a project, each as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// 年初预算数
    #[serde(rename = "budget_initial", default)]
    pub initial: Amount,
    /// 上年结转
    #[serde(default)]
    pub carry_over: Amount,
    /// 预算调整, negative for a cut
    #[serde(rename = "budget_adjust", default)]
    pub adjust: Amount,
    /// 全年预算数: the form's column A, what execution is measured against
    #[serde(rename = "budget_adjusted", default)]
    pub adjusted: Amount,
    /// 上级资金
    #[serde(rename = "fund_upper", default)]
    pub upper: Amount,
    /// 本级资金
    #[serde(rename = "fund_local", default)]
    pub local: Amount,
    /// 其他资金
    #[serde(rename = "fund_other", default)]
    pub other: Amount,
    /// 到位数
    #[serde(default)]
    pub arrived: Amount,
    /// 全年执行数: the form's column B
    #[serde(default)]
    pub executed: Amount,
}

/// Two amounts of a project that contradict one another (金额矛盾).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "doubt", rename_all = "snake_case")]
#[allow(missing_docs, reason = "fields are the amounts of the sentence that a variant's comment gives")]
pub enum MoneyDoubt {
    /// 年初预算数 + 上年结转 + 预算调整 is not 全年预算数.
    Parts { adjusted: Fen, sum: Fen },
    /// 上级资金 + 本级资金 + 其他资金 is not 全年预算数.
    Sources { adjusted: Fen, sum: Fen },
    /// Nothing was budgeted, yet a source gave something.
    SourceOfNothing { amount: Fen },
    /// 到位数 is more than 全年预算数.
    ArrivedOverBudget { arrived: Fen, adjusted: Fen },
    /// 全年执行数 is more than 到位数: money may be advanced, so this is a question and no contradiction.
    ExecutedOverArrived { executed: Fen, arrived: Fen },
}

impl MoneyDoubt {
    /// Only one of the two amounts can be right.
    #[must_use]
    pub fn is_contradiction(&self) -> bool {
        !matches!(self, Self::ExecutedOverArrived { .. })
    }

    /// The column of a file that it is told at.
    #[must_use]
    pub fn column(&self) -> &'static str {
        match self {
            Self::Parts { .. } | Self::Sources { .. } | Self::SourceOfNothing { .. } => "budget_adjusted",
            Self::ArrivedOverBudget { .. } => "arrived",
            Self::ExecutedOverArrived { .. } => "executed",
        }
    }
}

/// What the amount should have been.
impl Say for MoneyDoubt {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Parts { sum, .. } => {
                (format!("年初预算数+上年结转+预算调整 = {sum}"), format!("initial + carried over + adjusted = {sum}"))
            }
            Self::Sources { sum, .. } => {
                (format!("上级资金+本级资金+其他资金 = {sum}"), format!("upper + local + other = {sum}"))
            }
            Self::SourceOfNothing { amount } => (
                format!("与资金来源 {amount} 相符的预算数"),
                format!("a budget that agrees with the {amount} from one source"),
            ),
            Self::ArrivedOverBudget { adjusted, .. } => {
                (format!("不超过全年预算数 {adjusted}"), format!("at most the budget of {adjusted}"))
            }
            Self::ExecutedOverArrived { arrived, .. } => {
                (format!("不超过到位数 {arrived}"), format!("at most the {arrived} that arrived"))
            }
        };
        lang.pick(&zh, &en).to_owned()
    }
}

impl Money {
    /// Compares what should be equal or in order, wherever all the amounts are there: a blank is compared with nothing.
    #[must_use]
    pub fn doubts(&self) -> Vec<MoneyDoubt> {
        let sum = |amounts: [&Amount; 3]| {
            let fen: Option<Vec<Fen>> = amounts.into_iter().map(Amount::fen).collect();
            Fen::checked_sum(fen?)
        };
        let (adjusted, arrived) = (self.adjusted.fen(), self.arrived.fen());
        let mut doubts = Vec::new();
        if let (Some(adjusted), Some(sum)) = (adjusted, sum([&self.initial, &self.carry_over, &self.adjust]))
            && adjusted != sum
        {
            doubts.push(MoneyDoubt::Parts { adjusted, sum });
        }
        if let Some(adjusted) = adjusted {
            match sum([&self.upper, &self.local, &self.other]) {
                Some(sum) if adjusted != sum => doubts.push(MoneyDoubt::Sources { adjusted, sum }),
                None if adjusted == Fen::ZERO => {
                    let given = [&self.upper, &self.local, &self.other].into_iter().filter_map(Amount::fen);
                    let given = given.filter(|amount| *amount != Fen::ZERO);
                    doubts.extend(given.take(1).map(|amount| MoneyDoubt::SourceOfNothing { amount }));
                }
                _ => {}
            }
        }
        if let (Some(executed), Some(arrived)) = (self.executed.fen(), arrived)
            && executed > arrived
        {
            doubts.push(MoneyDoubt::ExecutedOverArrived { executed, arrived });
        }
        if let (Some(arrived), Some(adjusted)) = (arrived, adjusted)
            && arrived > adjusted
        {
            doubts.push(MoneyDoubt::ArrivedOverBudget { arrived, adjusted });
        }
        doubts
    }
}

impl Project {
    /// The key that the record is kept under.
    #[must_use]
    pub fn record_key(&self) -> &str {
        &self.code
    }

    /// Takes over from what is held a field that nothing is said about, by the name of its column. What scores are
    /// computed from is always said.
    pub fn keep(&mut self, column: &str, held: &Self) {
        match column {
            "region_name" => self.region_name.clone_from(&held.region_name),
            "mof_div_code" => self.mof_div_code.clone_from(&held.mof_div_code),
            "township_code" => self.township.clone_from(&held.township),
            "township_name" => self.township_name.clone_from(&held.township_name),
            "fund_name" => self.fund_name.clone_from(&held.fund_name),
            "fund_level" => self.fund_level.clone_from(&held.fund_level),
            "implementing_unit" => self.unit.clone_from(&held.unit),
            "project_category" => self.category.clone_from(&held.category),
            "project_type" => self.kind.clone_from(&held.kind),
            "func_code" => self.func_code.clone_from(&held.func_code),
            "func_name" => self.func_name.clone_from(&held.func_name),
            "execution_reason" => self.execution_reason.clone_from(&held.execution_reason),
            "case_tag" => self.case_tag.clone_from(&held.case_tag),
            _ => {}
        }
    }
}

/// 项目绩效指标: one line of a project's self-evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectIndicator {
    /// 项目代码
    pub project_code: String,
    /// 序号 within the project
    pub seq: u32,
    /// 指标代码 in the library; `None` for a self-made indicator (自设指标)
    #[serde(default)]
    pub indicator_code: Option<String>,
    /// 一级指标
    #[serde(default)]
    pub level1: String,
    /// 二级指标
    #[serde(default)]
    pub level2: String,
    /// 三级指标
    pub name: String,
    /// 指标性质: ≥, ≤, = or 定性
    #[serde(default)]
    pub nature: String,
    /// 度量单位
    #[serde(default)]
    pub unit: String,
    /// 年度指标值
    #[serde(default)]
    pub target: Typed,
    /// 实际完成值
    #[serde(default)]
    pub actual: Typed,
    /// 定性系数: the grade a reviewer gave, in percent of the weight
    #[serde(default)]
    pub qual_pct: Option<Decimal>,
    /// 分值
    pub weight: Decimal,
    /// The code of the formula in the rule set
    #[serde(default)]
    pub rule_type: String,
    /// Its parameters, `name=value` separated by `;`
    #[serde(default)]
    pub rule_params: String,
    /// 指标值设定偏低: a reviewer confirmed that the target was set clearly low
    #[serde(default)]
    pub low_target_confirmed: bool,
    /// 自评得分 as the unit reported it
    #[serde(default)]
    pub self_score: Option<Decimal>,
    /// 偏差原因分析及改进措施
    #[serde(default)]
    pub deviation_reason: String,
    /// 佐证材料件数
    #[serde(default)]
    pub evidence_count: u32,
    /// What the city's form of indicators asks beside all this, by field
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, Given>,
}

impl ProjectIndicator {
    /// The key that the record is kept under; it sorts by project, then by line.
    #[must_use]
    pub fn record_key(&self) -> String {
        Self::key_of(&self.project_code, self.seq)
    }

    /// The key of a project's line.
    #[must_use]
    pub fn key_of(project_code: &str, seq: u32) -> String {
        format!("{project_code}/{seq:03}")
    }

    /// Takes back 自评得分 if what it is a score of is no longer what it was `before`: it is the unit's own statement, to
    /// be asked for again and not to be kept for another weight. True if it was taken back.
    pub fn restate(&mut self, before: &Self) -> bool {
        let same = self.weight == before.weight
            && self.target == before.target
            && self.nature == before.nature
            && self.unit == before.unit
            && self.rule_type == before.rule_type
            && self.rule_params == before.rule_params;
        !same && self.self_score.take().is_some()
    }

    /// The project's code in such a key, if it is one.
    #[must_use]
    pub fn project_in_key(key: &str) -> Option<&str> {
        key.rsplit_once('/').map(|(project, _)| project)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project reads from the column names of its file, keeps odd amounts as typed, and ignores what it doesn't know.
    #[test]
    fn stored_form() {
        let json = r#"{"project_code":"P1","project_name":"测试","fiscal_year":2024,"region_code":"320571",
            "township_code":null,"implementing_unit":"某局","budget_adjusted":"８，２６８．５９","executed":"无","later":1}"#;
        let project: Project = serde_json::from_str(json).expect("a project");
        assert_eq!(project.region.as_str(), "320571");
        assert_eq!(project.money.adjusted.fen().map(|fen| fen.0), Some(826_859));
        assert!(project.money.executed.problem().is_some() && project.money.initial.is_missing());
        let written = serde_json::to_string(&project).expect("JSON");
        assert!(written.contains(r#""budget_adjusted":"８，２６８．５９""#) && written.contains(r#""executed":"无""#));
        assert_eq!(serde_json::from_str::<Project>(&written).expect("written above"), project);
    }

    /// A line's key sorts line 2 before line 10.
    #[test]
    fn line_keys_sort() {
        let json = r#"{"project_code":"P1","seq":2,"name":"满意度","weight":"10","actual":"９０％"}"#;
        let line: ProjectIndicator = serde_json::from_str(json).expect("a line");
        assert_eq!(line.record_key(), "P1/002");
        assert_eq!(ProjectIndicator::project_in_key("P/1/002"), Some("P/1"), "a code may hold a stroke itself");
        assert_eq!(ProjectIndicator::project_in_key("P1"), None);
        assert_eq!(line.actual.number(), Some(Decimal::from(90)));
        assert!(line.record_key() < ProjectIndicator { seq: 10, ..line.clone() }.record_key());
    }

    /// A unit's own score is that of a weight, a target and a method: with another one it is asked for again.
    #[test]
    fn a_score_of_another_weight() {
        let json = r#"{"project_code":"P1","seq":1,"name":"n","weight":"10","target":"5","self_score":"9"}"#;
        let before: ProjectIndicator = serde_json::from_str(json).expect("a line");
        let restated = |change: fn(&mut ProjectIndicator)| {
            let mut line = before.clone();
            change(&mut line);
            (line.restate(&before), line.self_score.is_none())
        };
        assert_eq!(restated(|_| {}), (false, false));
        assert_eq!(restated(|line| line.weight = Decimal::new(100, 1)), (false, false), "10.0 is 10");
        assert_eq!(restated(|line| line.weight = Decimal::from(12)), (true, true));
        assert_eq!(restated(|line| line.target = Typed::parse("6")), (true, true));
        assert_eq!(restated(|line| line.rule_type = "STEP".into()), (true, true));
        assert_eq!(restated(|line| line.level1 = "产出".into()), (false, false));
        assert_eq!(restated(|line| (line.self_score, line.weight) = (None, Decimal::ONE)), (false, true));
    }
}
