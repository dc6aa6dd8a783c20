//! What a roll-up's line says about itself: notes that a reader must see, and the steps of its arithmetic.

use rust_decimal::Decimal;
use serde::Serialize;

use super::Method;
use super::line::Aggregate;
use crate::indicator::Aggregation;
use crate::lang::{Lang, Say};
use crate::money::Fen;
use crate::score::Step;

/// Something without which a line would be misread. A line that is as it should be has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// No project has usable values.
    NothingUsable,
    /// 指标库 doesn't know the indicator, so there is no aggregation method.
    NotInLibrary,
    /// 度量单位不一: values of different units are never added.
    MixedUnits {
        /// The units.
        units: Vec<String>,
    },
    /// 赋分方法不一: the library's method was applied.
    MixedMethods {
        /// The methods of the lines.
        methods: Vec<String>,
    },
    /// 分值不一: the mean by budget was taken.
    MixedWeights {
        /// The lowest.
        from: Decimal,
        /// The highest.
        to: Decimal,
    },
    /// The budgets behind the values come to nothing, so that there is no weighted mean.
    NoBudget,
    /// Neither budget nor spending.
    NotApplicable,
    /// The rules leave the score to a person.
    ForReview,
    /// The reported figures can't be put together exactly, so that the line is set aside.
    Unmergeable,
}

impl Say for Note {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::NothingUsable => ("没有可用的数值".to_owned(), "no usable values".to_owned()),
            Self::NotInLibrary => {
                ("指标库中没有此指标，未汇总".to_owned(), "not in the indicator library, not aggregated".to_owned())
            }
            Self::MixedUnits { units } => (
                format!("度量单位不一（{}），未汇总", units.join("、")),
                format!("mixed units ({}), not aggregated", units.join(", ")),
            ),
            Self::MixedMethods { methods } => (
                format!("赋分方法不一（{}），按指标库的方法计分", methods.join("、")),
                format!("mixed scoring methods ({}), scored by the library's", methods.join(", ")),
            ),
            Self::MixedWeights { from, to } => (
                format!("各项目分值不一（{from}至{to}），取按预算加权的平均分值"),
                format!("weights from {from} to {to}, their mean by budget is used"),
            ),
            Self::NoBudget => ("预算合计为0，无法加权".to_owned(), "no budget to weigh by".to_owned()),
            Self::NotApplicable => {
                ("预算数和执行数均为0，不适用".to_owned(), "neither budget nor spending, not applicable".to_owned())
            }
            Self::Unmergeable => (
                "上报的数值无法精确合并，未汇总，请核对各地上报".to_owned(),
                "the reported figures cannot be merged exactly, not aggregated; check the reports".to_owned(),
            ),
            Self::ForReview => ("按规则须人工评定".to_owned(), "the rules leave it to a person".to_owned()),
        };
        if lang == Lang::Zh { zh } else { en }
    }
}

/// One line of a roll-up's explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RollupStep {
    /// No report, so no figures.
    NotReported,
    /// A report came and waits for a person, so that there are no figures yet.
    AwaitsReview,
    /// A report came whose figures cannot be counted.
    LeftOut {
        /// Why.
        reason: String,
    },
    /// The reported figures can't be put together exactly, so that there are none.
    Unmergeable,
    /// How much of a region is rated.
    Coverage {
        /// Rated projects.
        scored: u64,
        /// All projects.
        projects: u64,
        /// The budget of the rated ones.
        budget_scored: Fen,
        /// The budget of all.
        budget_total: Fen,
        /// The quotient in percent.
        coverage_pct: Option<Decimal>,
    },
    /// Scores weighted by budget.
    WeightedScore {
        /// Σm
        budget_scored: Fen,
        /// Σm·S ÷ Σm
        score: Decimal,
        /// ΣS ÷ n, for contrast
        simple_mean: Option<Decimal>,
    },
    /// Covered too little to be ranked.
    NotRanked {
        /// The least coverage, in percent.
        threshold: Decimal,
    },
    /// Which values of a fund's indicator were put together, and how.
    Aggregated {
        /// 汇总方式
        method: Aggregation,
        /// Projects with usable values.
        used: u64,
        /// Projects of the fund.
        total: Option<u64>,
        /// 汇总指标值
        target: Option<Aggregate>,
        /// 汇总完成值
        actual: Option<Aggregate>,
    },
    /// Qualitative scores weighted by budget.
    QualitativeScore {
        /// The mean, at most the weight.
        score: Decimal,
        /// 分值
        weight: Decimal,
    },
    /// The formula applied once, to the values put together.
    Scored {
        /// The formula's own explanation.
        formula: Step,
    },
}

impl Say for RollupStep {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::NotReported => {
                lang.pick("尚未上报，没有数字（不按 0 计）", "no report yet: no figures, not zero").into()
            }
            Self::AwaitsReview => lang
                .pick(
                    "上报已收到，待审核，暂无数字（不按 0 计）",
                    "received and awaiting review: no figures yet, not zero",
                )
                .into(),
            Self::LeftOut { reason } => match lang {
                Lang::Zh => format!("上报已收到，未计入汇总：{reason}"),
                Lang::En => format!("received, not counted: {reason}"),
            },
            Self::Unmergeable => Note::Unmergeable.say(lang),
            Self::Coverage { scored, projects, budget_scored, budget_total, coverage_pct } => {
                let pct = coverage_pct.map_or_else(|| "—".to_owned(), |pct| format!("{pct}%"));
                match lang {
                    Lang::Zh => format!(
                        "已评分 {scored} 个项目（共 {projects} 个）；预算覆盖率 {budget_scored} ÷ {budget_total} = {pct}"
                    ),
                    Lang::En => format!(
                        "{scored} of {projects} projects are rated; they cover {budget_scored} of {budget_total} = {pct}"
                    ),
                }
            }
            Self::WeightedScore { budget_scored, score, simple_mean } => {
                let mean = simple_mean.map_or_else(|| "—".to_owned(), |mean| mean.to_string());
                let method = Method::ScoresFirst.say(lang);
                match lang {
                    Lang::Zh => format!(
                        "{method}：Σ（全年预算数 × 总分） ÷ Σ全年预算数（{budget_scored}）= {score}；简单平均 {mean}，仅供对照"
                    ),
                    Lang::En => format!(
                        "{method}: Σ(budget × score) ÷ Σbudget ({budget_scored}) = {score}; plain mean {mean} for contrast"
                    ),
                }
            }
            Self::NotRanked { threshold } => match lang {
                Lang::Zh => format!("预算覆盖率低于 {threshold}%，不参加排名"),
                Lang::En => format!("less than {threshold}% of the budget is covered: not ranked"),
            },
            Self::Aggregated { .. } => self.say_aggregated(lang),
            Self::QualitativeScore { score, weight } => match lang {
                Lang::Zh => format!("Σ（全年预算数 × 指标得分） ÷ Σ全年预算数 = {score}（分值 {weight}）"),
                Lang::En => format!("Σ(budget × line score) ÷ Σbudget = {score} (weight {weight})"),
            },
            Self::Scored { formula } => formula.say(lang),
        }
    }
}

impl RollupStep {
    fn say_aggregated(&self, lang: Lang) -> String {
        let Self::Aggregated { method, used, total, target, actual } = self else { return String::new() };
        let total = total.map_or_else(|| "—".to_owned(), |total| total.to_string());
        let text = |value: &Option<Aggregate>| value.as_ref().map_or_else(|| "—".to_owned(), Aggregate::text);
        let (target, actual) = (text(target), text(actual));
        let (zh, en) = match method {
            Aggregation::Sum => ("各项目相加", "added up"),
            Aggregation::WeightedMean => ("按全年预算数加权平均", "mean weighted by budget"),
            Aggregation::QualitativeMean => ("各项目得分按全年预算数加权平均", "scores weighted by budget"),
            Aggregation::Latest => ("取最晚的日期", "the latest day"),
        };
        let values = if *method == Aggregation::QualitativeMean {
            String::new()
        } else {
            match lang {
                Lang::Zh => format!("：汇总指标值 {target}，汇总完成值 {actual}"),
                Lang::En => format!(": target {target}, actual {actual}"),
            }
        };
        match lang {
            Lang::Zh => format!("{method}（{zh}），采用 {used} 个项目（共 {total} 个）{values}"),
            Lang::En => format!("{en}, {used} of {total} projects used{values}"),
        }
    }
}
