//! Monitoring lights (运行监控): how spending keeps pace with the year.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::lang::{Lang, Say};
use crate::rules::RuleSet;

/// 红灯, 黄灯, 绿灯
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// 绿灯: in step.
    Green,
    /// 黄灯: behind.
    Yellow,
    /// 红灯: far behind.
    Red,
}

impl Say for Light {
    fn say(&self, lang: Lang) -> String {
        let text = match self {
            Self::Green => lang.pick("绿灯", "green"),
            Self::Yellow => lang.pick("黄灯", "yellow"),
            Self::Red => lang.pick("红灯", "red"),
        };
        text.to_owned()
    }
}

/// A light and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LightReading {
    /// The light.
    pub light: Light,
    /// Up to the end of this month.
    pub month: u8,
    /// 执行率 in percent.
    pub execution_pct: Decimal,
    /// Execution rate ÷ time progress, in percent, to one place.
    pub progress_pct: Decimal,
    /// The rate that was due by now and is not reached, if the rule set has such dates.
    pub below_minimum: Option<Decimal>,
}

/// Reads the light at the end of a month (1–12) from the execution rate in percent. `None` for a month that doesn't
/// exist or a rate beyond all measure.
#[must_use]
pub fn light(rules: &RuleSet, month: u8, execution_pct: Decimal) -> Option<LightReading> {
    if !(1..=12).contains(&month) {
        return None;
    }
    let progress = execution_pct.checked_mul(Decimal::from(12))?.checked_div(Decimal::from(month))?;
    let light = match progress {
        q if q < rules.lights.red_below => Light::Red,
        q if q < rules.lights.yellow_below => Light::Yellow,
        _ => Light::Green,
    };
    let due = rules.lights.minimums.iter().filter(|minimum| minimum.month <= month).max_by_key(|minimum| minimum.month);
    let below_minimum = due.map(|minimum| minimum.execution_pct).filter(|minimum| execution_pct < *minimum);
    let progress_pct = progress.round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    Some(LightReading { light, month, execution_pct, progress_pct, below_minimum })
}

impl Say for LightReading {
    fn say(&self, lang: Lang) -> String {
        let Self { light, month, execution_pct, progress_pct, below_minimum } = self;
        let execution = execution_pct.normalize();
        let light = light.say(lang);
        let text = match lang {
            Lang::Zh => format!("{month} 月底执行率 {execution} % ÷ 时间进度 {month}/12 = {progress_pct} %,{light}"),
            Lang::En => format!(
                "executed {execution} % by the end of month {month} ÷ {month}/12 of the year = {progress_pct} %: {light}"
            ),
        };
        let Some(minimum) = below_minimum else { return text };
        let minimum = minimum.normalize();
        match lang {
            Lang::Zh => format!("{text}；低于到期最低执行率 {minimum} %"),
            Lang::En => format!("{text}; below the {minimum} % due by now"),
        }
    }
}
