//! What a rule set says where it says nothing: an entry of a program that did not have a section yet is read with the
//! values of the city's shipped rule set (`samples/rules.toml`), and whoever shows it names what was filled in.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

use super::{
    ExecutionRule, FormulaCode, FormulaRule, Grade, IndicatorRule, Lights, OverAchievement, OverStep, Ranking, Rating,
    Reasons, Rounding, RoundingMode, YesNo,
};

/// 财预〔2020〕10号: execution counts ten points.
pub(super) fn execution() -> ExecutionRule {
    ExecutionRule { weight: Decimal::TEN, reason_below_pct: Decimal::from(90) }
}

pub(super) fn indicators() -> IndicatorRule {
    IndicatorRule { weight_total: Decimal::from(90) }
}

pub(super) fn rounding() -> Rounding {
    Rounding { places: 2, mode: RoundingMode::HalfUp }
}

/// 财预〔2020〕10号: 优, 良, 中, 差.
pub(super) fn ratings() -> Vec<Rating> {
    let bands = [("优", 90), ("良", 80), ("中", 60), ("差", 0)];
    bands.map(|(word, from)| Rating { word: word.to_owned(), from: Decimal::from(from) }).into()
}

/// Every formula under its own code.
pub(super) fn formulas() -> BTreeMap<String, FormulaRule> {
    let params = |formula| match formula {
        FormulaCode::Satisfaction | FormulaCode::SatisfactionRange => "floor=60".to_owned(),
        _ => String::new(),
    };
    let rule = |formula: FormulaCode| (formula.code().to_owned(), FormulaRule { formula, params: params(formula) });
    FormulaCode::ALL.into_iter().map(rule).collect()
}

/// 财预〔2020〕10号: three grades.
pub(super) fn grades() -> Vec<Grade> {
    let bands = [("达成", 80, 100), ("部分达成", 60, 80), ("未达成", 0, 60)];
    bands
        .map(|(word, from, to)| Grade {
            word: word.to_owned(),
            also: Vec::new(),
            from_pct: Decimal::from(from),
            to_pct: Decimal::from(to),
        })
        .into()
}

pub(super) fn yes_no() -> YesNo {
    let words = |words: [&str; 6]| words.map(str::to_owned).into();
    YesNo {
        yes: words(["是", "有", "已完成", "yes", "Y", "√"]), no: words(["否", "无", "未完成", "no", "N", "×"])
    }
}

pub(super) fn over_achievement() -> OverAchievement {
    let step = |above, cut| OverStep { above, cut_pct: Decimal::from(cut) };
    OverAchievement {
        formulas: vec![FormulaCode::PropUp, FormulaCode::Satisfaction],
        steps: vec![step(Decimal::new(13, 1), 10), step(Decimal::TWO, 20), step(Decimal::from(3), 30)],
    }
}

pub(super) fn reasons() -> Reasons {
    Reasons { below_full: true, over_achieved: true, self_score_tolerance: Decimal::ZERO }
}

pub(super) fn lights() -> Lights {
    Lights { red_below: Decimal::from(60), yellow_below: Decimal::from(80), minimums: Vec::new() }
}

pub(super) fn ranking() -> Ranking {
    Ranking { coverage_pct: Decimal::from(80) }
}

/// The methods whose formula this program knows. One with a formula of a later program is left out here and named as
/// unknown where the entry is read; a line that uses it waits for a person.
pub(super) fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, FormulaRule>, D::Error> {
    use serde::de::Error as _;
    let all = BTreeMap::<String, Value>::deserialize(deserializer)?;
    let mut known = BTreeMap::new();
    for (word, rule) in all {
        let code = rule.get("formula").and_then(Value::as_str);
        if code.is_none_or(|code| FormulaCode::ALL.iter().any(|known| known.code() == code)) {
            let rule = FormulaRule::deserialize(rule).map_err(|error| D::Error::custom(format!("{word}: {error}")))?;
            known.insert(word, rule);
        }
    }
    Ok(known)
}
