//! What a second pair of eyes would say about a goal before it is filed. None of it refuses: published forms differ,
//! and the bureau decides.

use rust_decimal::Decimal;

use crate::form::Field;
use crate::intake::Words;
use crate::lang::{Lang, Say};
use crate::level;
use crate::number::{Typed, TypedValue};
use crate::project::ProjectIndicator;
use crate::rules::{FormulaCode, RuleSet};
use crate::score::nature_fits;
use crate::unit;

/// A line that carries more than so many points of a hundred decides the rating alone.
const HEAVY: Decimal = Decimal::from_parts(30, 0, 0, false, 0);

/// A target that its formula cannot use as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetDoubt {
    /// A day is needed.
    NotADay,
    /// One number is needed.
    NotANumber,
    /// `万` under a unit that has it too may mean either.
    Wan,
}

impl Say for TargetDoubt {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::NotADay => ("按期指标要写成一个日期，如 2024-10-31", "write one day, such as 2024-10-31"),
            Self::NotANumber => (
                "要写成一个数，如 95 或 1,200，不带“约”“以上”和区间；没有数值的请改为定性指标",
                "write one number, such as 95 or 1,200: no estimate and no range; what has no number is qualitative",
            ),
            Self::Wan => ("单位里已有“万”，指标值不要再写“万”", "the unit says 万 already: leave it out here"),
        };
        lang.pick(zh, en).to_owned()
    }
}

/// What is doubtful about a target, given its nature and how it scores. A blank one is not doubtful, only missing.
#[must_use]
pub fn doubt(nature: &str, unit: &str, target: &Typed, formula: Option<FormulaCode>) -> Option<TargetDoubt> {
    let worded = nature.trim() == "定性" || matches!(formula, Some(FormulaCode::Grade | FormulaCode::YesNo));
    if target.is_missing() || worded {
        return None;
    }
    match (formula, target.value_in(unit)) {
        (Some(FormulaCode::Deadline), TypedValue::Date(_)) => None,
        (Some(FormulaCode::Deadline), _) => Some(TargetDoubt::NotADay),
        (_, TypedValue::Number(_)) => None,
        (_, TypedValue::Text) if target.number().is_some() => Some(TargetDoubt::Wan),
        _ => Some(TargetDoubt::NotANumber),
    }
}

/// One remark about a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// What the form asks for is blank: its name in Chinese and English.
    Blank(String, String),
    /// There are no lines.
    NoLines,
    /// The weights do not add up to what the rule set demands: theirs, and its.
    Weights(Option<Decimal>, Decimal),
    /// No line of a first-level indicator: its word.
    Lacks(&'static str),
    /// One line carries very much: its name and weight.
    Heavy(String, Decimal),
    /// A line has no target: its name.
    NoTarget(String),
    /// A line's target cannot be scored as it is typed: its name.
    Target(String, TargetDoubt),
    /// A line has no unit although it is a number: its name.
    NoUnit(String),
    /// A line's scoring method is none of the rule set's: its name and the method.
    Method(String, String),
    /// A line's nature and its method judge in different directions: its name, the nature and the method's formula.
    Nature(String, String, FormulaCode),
    /// A line has another unit than the library: its name, and what it should have been.
    Unit(String, Words),
    /// 二级指标 does not belong to 一级指标: the line's name, and what it should have been.
    Level(String, Words),
    /// Two lines have the same name.
    Twice(String),
}

impl Say for Advice {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Blank(zh, en) => (format!("“{zh}”还没有填写"), format!("{en} is blank")),
            Self::NoLines => {
                ("还没有绩效指标；请从指标库选用或自设".into(), "there are no indicators; choose some".into())
            }
            Self::Weights(Some(sum), due) => {
                (format!("权重合计 {sum}，应为 {due}"), format!("the weights add up to {sum}, not {due}"))
            }
            Self::Weights(None, due) => {
                (format!("权重过大，无法合计；应为 {due}"), format!("the weights are too large; they should be {due}"))
            }
            Self::Lacks("满意度") => (
                "没有满意度指标；直接服务群众的项目一般应设，不设的，分值并入效益指标".into(),
                "no satisfaction indicator; projects that serve people directly usually have one".into(),
            ),
            Self::Lacks("成本") => (
                "没有成本指标；工程、维修和采购类项目一般应设".into(),
                "no cost indicator; works, repairs and procurement usually have one".into(),
            ),
            Self::Lacks(level) => {
                (format!("没有{level}指标；{level}是必设的"), format!("no indicator of {level}, which is required"))
            }
            Self::Heavy(name, weight) => (
                format!("“{name}”一项占 {weight} 分，几乎决定总分；建议拆分或调低"),
                format!("{name:?} carries {weight} points and all but decides the total; divide it"),
            ),
            Self::NoTarget(name) => (format!("“{name}”没有指标值"), format!("{name:?} has no target")),
            Self::Target(name, doubt) => (
                format!("“{name}”的指标值{}", doubt.say(Lang::Zh)),
                format!("target of {name:?}: {}", doubt.say(Lang::En)),
            ),
            Self::NoUnit(name) => (format!("“{name}”没有度量单位"), format!("{name:?} has no unit")),
            Self::Method(name, method) if method.is_empty() => {
                (format!("“{name}”没有选定计分方法"), format!("{name:?} has no scoring method"))
            }
            Self::Method(name, method) => (
                format!("“{name}”的计分方法“{method}”不在本年度的计分规则之内"),
                format!("the method {method:?} of {name:?} is none of this year's rules"),
            ),
            Self::Nature(name, nature, formula) => (
                format!("“{name}”的性质“{nature}”与计分方法“{} {formula}”矛盾，评分时将转人工复核", formula.chinese()),
                format!("{name:?}: the nature {nature} contradicts the method {formula}, and would go to review"),
            ),
            Self::Unit(name, expected) => (
                format!("“{name}”的度量单位应为：{}", expected.zh),
                format!("unit of {name:?}: expected {}", expected.en),
            ),
            Self::Level(name, expected) => (
                format!("“{name}”的二级指标应为：{}", expected.zh),
                format!("second level of {name:?}: expected {}", expected.en),
            ),
            Self::Twice(name) => (format!("“{name}”出现了不止一次"), format!("{name:?} is there more than once")),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// Everything worth saying about a goal: what its form asks for and is not filled in first, then the lines together,
/// then line by line. Without a rule set, nothing is said about weights and methods. `unit_of` gives the unit that the
/// library has for a code.
#[must_use]
pub fn advise<'u, 'f>(
    blank: impl IntoIterator<Item = &'f Field>,
    lines: &[ProjectIndicator],
    rules: Option<&RuleSet>,
    unit_of: impl Fn(&str) -> Option<&'u str>,
) -> Vec<Advice> {
    let named = |field: &Field, lang| field.called(lang).to_owned();
    let blank = blank.into_iter().map(|field| Advice::Blank(named(field, Lang::Zh), named(field, Lang::En)));
    let mut advice: Vec<Advice> = blank.collect();
    if lines.is_empty() {
        advice.push(Advice::NoLines);
        return advice;
    }
    if let Some(due) = rules.map(|rules| rules.indicators.weight_total) {
        let sum = weight_sum(lines);
        if sum != Some(due) {
            advice.push(Advice::Weights(sum, due));
        }
    }
    for level in ["产出", "效益", "满意度", "成本"] {
        if !lines.iter().any(|line| line.level1.trim().trim_end_matches("指标") == level) {
            advice.push(Advice::Lacks(level));
        }
    }
    for (at, line) in lines.iter().enumerate() {
        if lines.iter().take(at).any(|before| before.name == line.name) {
            advice.push(Advice::Twice(line.name.clone()));
        }
        about(line, rules, &mut advice);
        let library = line.indicator_code.as_deref().and_then(&unit_of);
        let differing = library.and_then(|library| unit::differing(&line.unit, library));
        advice.extend(differing.map(|expected| Advice::Unit(line.name.clone(), expected)));
    }
    advice
}

fn about(line: &ProjectIndicator, rules: Option<&RuleSet>, advice: &mut Vec<Advice>) {
    let name = || line.name.clone();
    let formula = rules.and_then(|rules| rules.formulas.get(line.rule_type.trim())).map(|rule| rule.formula);
    if line.weight > HEAVY {
        advice.push(Advice::Heavy(name(), line.weight));
    }
    if line.target.is_missing() {
        advice.push(Advice::NoTarget(name()));
    }
    if let Some(doubt) = doubt(&line.nature, &line.unit, &line.target, formula) {
        advice.push(Advice::Target(name(), doubt));
    }
    if line.unit.trim().is_empty() && line.target.number().is_some() {
        advice.push(Advice::NoUnit(name()));
    }
    if let Some(formula) = formula.filter(|formula| !nature_fits(&line.nature, *formula)) {
        advice.push(Advice::Nature(name(), line.nature.trim().to_owned(), formula));
    }
    if let Some(expected) = level::misplaced(&line.level1, &line.level2) {
        advice.push(Advice::Level(name(), expected));
    }
    if rules.is_some() && formula.is_none() {
        advice.push(Advice::Method(name(), line.rule_type.clone()));
    }
}

/// The sum of the lines' weights, `None` where it cannot be held.
fn weight_sum(lines: &[ProjectIndicator]) -> Option<Decimal> {
    lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.weight)).map(|sum| sum.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Kind;

    fn line(name: &str, level1: &str, target: &str, weight: i64) -> ProjectIndicator {
        let json = format!(
            r#"{{"project_code":"P","seq":1,"name":"{name}","level1":"{level1}","nature":"≥","unit":"%",
                "target":"{target}","weight":"{weight}","rule_type":"PROP_UP"}}"#
        );
        serde_json::from_str(&json).expect("a line")
    }

    fn rules() -> RuleSet {
        RuleSet::from_toml(include_str!("../../../samples/rules.toml")).expect("the sample is sound")
    }

    /// A full form with all four first levels and weights of 90 in all is passed without a word.
    #[test]
    fn nothing_to_say() {
        let lines = [
            line("成本", "成本", "9", 20),
            line("数量", "产出", "9", 30),
            line("效益", "效益", "9", 30),
            line("满意", "满意度指标", "90", 10),
        ];
        assert_eq!(advise([], &lines, Some(&rules()), |_| None), []);
    }

    /// Each lack is told once, in order; without rules nothing is said of weights.
    #[test]
    fn lacks() {
        let plan = Field { english: "Plan".into(), ..Field::new("plan", "实施计划", Kind::Text) };
        let lines = [line("数量", "产出", "约9", 85), line("数量", "效益", "", 4)];
        let told = [
            Advice::Blank("实施计划".into(), "Plan".into()),
            Advice::Weights(Some(Decimal::from(89)), Decimal::from(90)),
            Advice::Lacks("满意度"),
            Advice::Lacks("成本"),
            Advice::Heavy("数量".into(), Decimal::from(85)),
            Advice::Target("数量".into(), TargetDoubt::NotANumber),
            Advice::Twice("数量".into()),
            Advice::NoTarget("数量".into()),
        ];
        assert_eq!(advise([&plan], &lines, Some(&rules()), |_| None), told);
        assert!(told.iter().all(|advice| !advice.say(Lang::Zh).is_empty() && !advice.say(Lang::En).is_empty()));
        assert!(!advise([&plan], &lines, None, |_| None).iter().any(|advice| matches!(advice, Advice::Weights(..))));
        assert_eq!(advise([], &[], None, |_| None), [Advice::NoLines]);
    }

    /// A nature against its method, another unit than the library's and a second level in the wrong place are told.
    #[test]
    fn contradictions() {
        let mut odd = line("床位", "效益", "9", 20);
        (odd.nature, odd.unit, odd.level2) = ("≤".into(), "个".into(), "数量".into());
        odd.indicator_code = Some("A1".into());
        let told = advise([], &[odd], Some(&rules()), |code| (code == "A1").then_some("张"));
        let found = |fits: fn(&Advice) -> bool| told.iter().any(fits);
        assert!(found(|it| matches!(it, Advice::Nature(_, nature, FormulaCode::PropUp) if nature == "≤")), "{told:?}");
        assert!(found(|it| matches!(it, Advice::Unit(_, expected) if expected.zh.contains("张"))), "{told:?}");
        assert!(found(|it| matches!(it, Advice::Level(_, expected) if expected.zh.contains("产出"))), "{told:?}");
        assert!(told.iter().all(|it| !it.say(Lang::Zh).is_empty() && !it.say(Lang::En).is_empty()));
    }

    /// What a target must look like follows from how it scores.
    #[test]
    fn targets() {
        let of = |nature: &str, unit: &str, target: &str, formula| doubt(nature, unit, &Typed::parse(target), formula);
        assert_eq!(of("≥", "个", "1,200", Some(FormulaCode::PropUp)), None);
        assert_eq!(of("≥", "个", "1200以上", None), Some(TargetDoubt::NotANumber));
        assert_eq!(of("≥", "万人次", "3万", Some(FormulaCode::PropUp)), Some(TargetDoubt::Wan));
        assert_eq!(of("定性", "", "有所提升", None), None);
        assert_eq!(of("=", "", "是", Some(FormulaCode::YesNo)), None);
        assert_eq!(of("≤", "", "2024年10月31日", Some(FormulaCode::Deadline)), None);
        assert_eq!(of("≤", "", "10月底前", Some(FormulaCode::Deadline)), Some(TargetDoubt::NotADay));
        assert_eq!(of("≥", "", " ", None), None);
    }
}
