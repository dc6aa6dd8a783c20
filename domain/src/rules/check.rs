//! Reading a rule set and refusing one that contradicts itself: a gap between ratings found here is a line in a
//! preview, found later it is a project without a rating.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{FormulaRule, Params, ParamsError, RuleSet};
use crate::lang::{Lang, Say};
use crate::reading::{self, Reading};

/// A rule set can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// It isn't TOML or JSON of the right shape; the text says where and what was expected.
    #[error("not a rule set: {0}")]
    Unreadable(String),
    /// It has parts that this program does not know; where rules are drafted that is a slip of the pen.
    #[error("the rule set has unknown parts: {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// It reads, but its parts contradict one another.
    #[error("the rule set contradicts itself in {} places", .0.len())]
    Contradictory(Vec<RuleProblem>),
}

impl Say for RuleSetError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Unreadable(detail), Lang::Zh) => format!("规则文件读不出来：{detail}"),
            (Self::Unreadable(detail), Lang::En) => format!("the rule file cannot be read: {detail}"),
            (Self::Unknown(parts), Lang::Zh) => {
                format!("有本程序不认识的内容：{}；请对照样例更正，或先升级程序", parts.join("、"))
            }
            (Self::Unknown(_), Lang::En) => self.to_string(),
            (Self::Contradictory(problems), _) => {
                problems.iter().map(|problem| problem.say(lang)).collect::<Vec<_>>().join(lang.pick("；", "; "))
            }
        }
    }
}

/// One contradiction within a rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleProblem {
    /// Weights of execution and indicators don't add up to 100, or one of them is negative.
    Weights(Decimal),
    /// A band's bound isn't below the one before it; names the later band.
    RatingOrder(String),
    /// The lowest rating doesn't begin at 0.
    RatingGap,
    /// There are no ratings.
    NoRatings,
    /// A grade doesn't begin where the one above it does, or the bands don't cover 0–100; names the grade.
    GradeGap(String),
    /// One word stands for two grades, or for yes and no.
    WordTwice(String),
    /// The default parameters of a method can't be read.
    Params(String, ParamsError),
    /// Over-achievement steps must rise from above 1, with cuts between 0 and 100.
    OverSteps,
    /// Lights must rise: `0 ≤ red ≤ yellow`; months from 1 to 12 in order.
    Lights,
    /// More decimal places than a score can have.
    Places(u32),
}

impl Say for RuleProblem {
    fn say(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        match self {
            Self::Weights(sum) if zh => format!("执行率分值与指标分值合计应为 100，现为 {}", sum.normalize()),
            Self::Weights(sum) => {
                format!("execution and indicator weights must add up to 100, not {}", sum.normalize())
            }
            Self::RatingOrder(word) if zh => format!("评级要从高到低排列，“{word}”的起点不比上一档低"),
            Self::RatingOrder(word) => {
                format!("ratings go from high to low, but \"{word}\" is not below the one before")
            }
            Self::RatingGap => lang.pick("最低一档评级应从 0 开始", "the lowest rating must begin at 0").to_owned(),
            Self::NoRatings => lang.pick("没有评级", "there are no ratings").to_owned(),
            Self::GradeGap(word) if zh => format!("定性分档要从 100 到 0 首尾相接，“{word}”这一档没有接上"),
            Self::GradeGap(word) => format!("grades must run from 100 to 0 without a gap; \"{word}\" does not join"),
            Self::WordTwice(word) if zh => format!("“{word}”有两个意思"),
            Self::WordTwice(word) => format!("\"{word}\" has two meanings"),
            Self::Params(method, error) => format!("{method}: {}", error.say(lang)),
            Self::OverSteps => lang
                .pick(
                    "超额台阶的倍数应大于 1 且逐级升高，扣减在 0 到 100 之间",
                    "over-achievement steps must rise from above 1, with cuts from 0 to 100",
                )
                .to_owned(),
            Self::Lights => lang
                .pick(
                    "亮灯界限应 0 ≤ 红灯 ≤ 黄灯，月份为 1 到 12 且逐月升序",
                    "lights need 0 ≤ red ≤ yellow, and months from 1 to 12 in order",
                )
                .to_owned(),
            Self::Places(places) if zh => format!("小数位数 {places} 太多，最多 6 位"),
            Self::Places(places) => format!("{places} decimal places are too many, 6 at most"),
        }
    }
}

impl RuleSet {
    /// Reads a rule set from JSON, as the body of a catalog entry, and checks it. Parts that this program does not know
    /// are left out, sections that it does not have are filled in; [`RuleSet::reading`] names both.
    ///
    /// # Errors
    /// [`RuleSetError`] if it isn't one, or contradicts itself.
    pub fn from_json(text: &str) -> Result<Self, RuleSetError> {
        Ok(Self::reading(text)?.value)
    }

    /// The same, with what is unknown and what was filled in.
    ///
    /// # Errors
    /// As [`RuleSet::from_json`].
    pub fn reading(text: &str) -> Result<Reading<Self>, RuleSetError> {
        let read = reading::read::<Self>(text).map_err(|error| RuleSetError::Unreadable(error.to_string()))?;
        Ok(Reading { value: read.value.checked()?, ..read })
    }

    /// Reads a rule set that is drafted here: what this program does not know must not be published by it.
    ///
    /// # Errors
    /// As [`RuleSet::from_json`], and [`RuleSetError::Unknown`].
    pub fn drafted(text: &str) -> Result<Self, RuleSetError> {
        #[derive(serde::Deserialize)]
        struct Methods {
            #[serde(default, rename = "formulas")]
            _formulas: BTreeMap<String, FormulaRule>,
        }
        // A formula that is unknown here names those that there are.
        serde_json::from_str::<Methods>(text).map_err(|error| RuleSetError::Unreadable(error.to_string()))?;
        let read = Self::reading(text)?;
        if read.unknown.is_empty() { Ok(read.value) } else { Err(RuleSetError::Unknown(read.unknown)) }
    }

    /// Reads a rule set from TOML, as people write it, and checks it.
    ///
    /// # Errors
    /// As [`RuleSet::drafted`].
    pub fn from_toml(text: &str) -> Result<Self, RuleSetError> {
        // Read as the type first: only that tells the line of what is wrong.
        toml::from_str::<Self>(text).map_err(|error| RuleSetError::Unreadable(error.to_string()))?;
        let body = toml::from_str::<serde_json::Value>(text);
        let body = body.map_err(|error| RuleSetError::Unreadable(error.to_string()))?;
        Self::drafted(&body.to_string())
    }

    /// The rule set itself, if nothing in it contradicts.
    ///
    /// # Errors
    /// [`RuleSetError::Contradictory`] with every contradiction.
    pub fn checked(self) -> Result<Self, RuleSetError> {
        let problems = self.problems();
        if problems.is_empty() { Ok(self) } else { Err(RuleSetError::Contradictory(problems)) }
    }

    /// Every contradiction, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        let mut problems = Vec::new();
        let sum = self.full_weight().unwrap_or(Decimal::MAX);
        let negative = self.execution.weight < Decimal::ZERO || self.indicators.weight_total <= Decimal::ZERO;
        if sum != Decimal::ONE_HUNDRED || negative {
            problems.push(RuleProblem::Weights(sum));
        }
        if self.rounding.places > 6 {
            problems.push(RuleProblem::Places(self.rounding.places));
        }
        self.check_ratings(&mut problems);
        self.check_words(&mut problems);
        for (method, rule) in &self.formulas {
            if let Err(error) = Params::parse(&rule.params) {
                problems.push(RuleProblem::Params(method.clone(), error));
            }
        }
        self.check_thresholds(&mut problems);
        problems
    }

    fn check_ratings(&self, problems: &mut Vec<RuleProblem>) {
        for pair in self.ratings.windows(2) {
            if let [above, below] = pair
                && below.from >= above.from
            {
                problems.push(RuleProblem::RatingOrder(below.word.clone()));
            }
        }
        match self.ratings.last() {
            None => problems.push(RuleProblem::NoRatings),
            Some(lowest) if !lowest.from.is_zero() => problems.push(RuleProblem::RatingGap),
            Some(_) => {}
        }
        let mut joins = Decimal::ONE_HUNDRED;
        for grade in &self.grades {
            if grade.to_pct != joins || grade.from_pct >= grade.to_pct {
                problems.push(RuleProblem::GradeGap(grade.word.clone()));
            }
            joins = grade.from_pct;
        }
        if let Some(lowest) = self.grades.last().filter(|grade| !grade.from_pct.is_zero()) {
            problems.push(RuleProblem::GradeGap(lowest.word.clone()));
        }
    }

    fn check_words(&self, problems: &mut Vec<RuleProblem>) {
        let grades: Vec<&String> =
            self.grades.iter().flat_map(|grade| grade.also.iter().chain([&grade.word])).collect();
        let answers: Vec<&String> = self.yes_no.yes.iter().chain(&self.yes_no.no).collect();
        let ratings: Vec<&String> = self.ratings.iter().map(|rating| &rating.word).collect();
        for mut words in [grades, answers, ratings] {
            words.sort();
            let twice = words.windows(2).find(|pair| pair.first() == pair.last());
            problems.extend(twice.and_then(|pair| pair.first()).map(|word| RuleProblem::WordTwice((*word).clone())));
        }
    }

    fn check_thresholds(&self, problems: &mut Vec<RuleProblem>) {
        let percent = |pct: Decimal| pct >= Decimal::ZERO && pct <= Decimal::ONE_HUNDRED;
        let mut below = Decimal::ONE;
        let mut rising = true;
        for step in &self.over_achievement.steps {
            rising &= step.above > below && percent(step.cut_pct);
            below = step.above;
        }
        if !rising {
            problems.push(RuleProblem::OverSteps);
        }
        let lights = &self.lights;
        let colours = lights.red_below >= Decimal::ZERO && lights.red_below <= lights.yellow_below;
        let months = lights.minimums.iter().map(|minimum| minimum.month);
        let in_year = months.clone().all(|month| (1..=12).contains(&month));
        if !colours || !in_year || !months.clone().zip(months.skip(1)).all(|(a, b)| a < b) {
            problems.push(RuleProblem::Lights);
        }
    }
}
