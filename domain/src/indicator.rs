//! The indicator library (绩效指标库): what projects choose their indicators from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// 汇总方式: how the values of many projects become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Aggregation {
    /// 累加: absolute values add up.
    #[serde(rename = "累加")]
    Sum,
    /// 加权平均: relative values are weighted by the adjusted budget.
    #[serde(rename = "加权平均")]
    WeightedMean,
    /// 定性加权: scores of qualitative lines are weighted by the adjusted budget.
    #[serde(rename = "定性加权")]
    QualitativeMean,
    /// 最晚值: of days, the latest.
    #[serde(rename = "最晚值")]
    Latest,
}

impl Aggregation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sum, Self::WeightedMean, Self::QualitativeMean, Self::Latest];

    /// The word in files and forms.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sum => "累加",
            Self::WeightedMean => "加权平均",
            Self::QualitativeMean => "定性加权",
            Self::Latest => "最晚值",
        }
    }

    /// Reads the word, ignoring blanks around it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word.trim())
    }
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// 指标库条目. A project's line copies it and keeps its code, so a later edit never changes an approved goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// 指标代码
    pub code: String,
    /// 主管部门
    #[serde(default)]
    pub department: String,
    /// 行业领域
    #[serde(default)]
    pub domain: String,
    /// 一级指标
    #[serde(default)]
    pub level1: String,
    /// 二级指标
    #[serde(default)]
    pub level2: String,
    /// 三级指标
    pub name: String,
    /// 指标解释
    #[serde(default)]
    pub definition: String,
    /// 计算公式
    #[serde(default)]
    pub formula: String,
    /// 指标性质: ≥, ≤, = or 定性
    #[serde(default)]
    pub nature: String,
    /// 度量单位
    #[serde(default)]
    pub unit: String,
    /// 方向: 正向, 反向, 定值, 定性
    #[serde(default)]
    pub direction: String,
    /// The code of the formula in the rule set
    #[serde(default)]
    pub rule_type: String,
    /// Its parameters, `name=value` separated by `;`
    #[serde(default)]
    pub rule_params: String,
    /// 评(扣)分标准 in words
    #[serde(default)]
    pub scoring_rule: String,
    /// 参考值 as written
    #[serde(default)]
    pub typical_target: String,
    /// 标准类型: 历史标准, 行业标准 …
    #[serde(default)]
    pub target_basis: String,
    /// 数据来源
    #[serde(default)]
    pub data_source: String,
    /// 适用层级, separated by `;`
    #[serde(default)]
    pub applicable_level: String,
    /// 汇总方式
    pub agg_method: Aggregation,
    /// 是否共性指标
    #[serde(default)]
    pub is_common: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each method's word reads back, in files and in JSON, and another word does not.
    #[test]
    fn aggregation_words() {
        for method in Aggregation::ALL {
            assert_eq!(Aggregation::from_word(&format!(" {method} ")), Some(method));
            assert_eq!(serde_json::to_string(&method).expect("JSON"), format!("\"{}\"", method.word()));
        }
        assert_eq!(Aggregation::from_word("平均"), None);
    }
}
