//! What a rule set reads, and what it refuses.

use super::*;
use crate::lang::{Lang, Say};

const PUBLISHED: &str = include_str!("../../../samples/rules.toml");

/// The published rule set is sound, and reads back from JSON as it is: that is how a node gets it.
#[test]
fn published_rules() {
    let rules = RuleSet::from_toml(PUBLISHED).expect("sound");
    let body = serde_json::to_string(&rules).expect("JSON");
    assert_eq!(RuleSet::from_json(&body).expect("written above"), rules);
    assert!(rules.applies_to(2024) && !rules.applies_to(2019));
    assert_eq!(rules.over_achievement.steps.first().map(|step| step.above.to_string()).as_deref(), Some("1.3"));
    assert!(!body.contains("1.3,") && body.contains("\"1.3\""), "numbers are written as text");
}

/// A number means what was typed, with or without quotes.
#[test]
fn numbers_as_written() {
    let unquoted = RuleSet::from_toml(&PUBLISHED.replace("\"1.3\"", "1.3")).expect("sound");
    assert_eq!(unquoted, RuleSet::from_toml(PUBLISHED).expect("sound"));
    let word = RuleSet::from_toml(&PUBLISHED.replace("\"1.3\"", "\"多\"")).expect_err("not a number");
    assert!(word.say(Lang::Zh).contains("多"), "{word:?}");
}

/// Forms calculate with every number of the shipped rules by its path, exactly, and with no word that looks like one.
#[test]
fn numbers_by_path() {
    let of = |text: &str| RuleSet::from_toml(text).expect("sound").numbers();
    let all = of(PUBLISHED);
    for (path, number) in [
        ("fiscal_years.from", "2020"),
        ("execution.weight", "10"),
        ("execution.reason_below_pct", "90"),
        ("indicators.weight_total", "90"),
        ("rounding.places", "2"),
        ("ratings.1.from", "90"),
        ("ratings.4.from", "0"),
        ("grades.2.to_pct", "80"),
        ("over_achievement.steps.1.above", "1.3"),
        ("over_achievement.steps.3.cut_pct", "30"),
        ("reasons.self_score_tolerance", "0"),
        ("lights.yellow_below", "80"),
        ("ranking.coverage_pct", "80"),
    ] {
        assert_eq!(all.get(path).map(ToString::to_string).as_deref(), Some(number), "{path}");
    }
    assert_eq!(all.len(), 25, "{all:?}");
    // More digits than a float has.
    let exact = PUBLISHED.replacen("weight = 10\n", "weight = \"10.12345678901234567890\"\n", 1).replacen(
        "weight_total = 90\n",
        "weight_total = \"89.87654321098765432110\"\n",
        1,
    );
    assert_eq!(of(&exact).get("execution.weight").map(ToString::to_string).as_deref(), Some("10.1234567890123456789"));
    let words = PUBLISHED.replacen("yes = [\"是\"", "yes = [\"1\"", 1).replacen("word = \"优\"", "word = \"5\"", 1);
    let words = words.replacen("project-self-evaluation", "2024", 1);
    assert_eq!(of(&words), all);
}

/// Each contradiction is found, alone, and told in the user's words.
#[test]
fn contradictions() {
    let cases: [(&str, &str, RuleProblem); 11] = [
        ("weight_total = 90", "weight_total = 80", RuleProblem::Weights(Decimal::from(90))),
        ("from = 80\n", "from = 95\n", RuleProblem::RatingOrder("良".into())),
        ("from = 0\n", "from = 1\n", RuleProblem::RatingGap),
        ("from_pct = 60\n", "from_pct = 61\n", RuleProblem::GradeGap("未达成".into())),
        ("to_pct = 100", "to_pct = 99", RuleProblem::GradeGap("达成".into())),
        ("from_pct = 0\n", "from_pct = 5\n", RuleProblem::GradeGap("未达成".into())),
        ("no = [\"否\"", "no = [\"是\"", RuleProblem::WordTwice("是".into())),
        ("above = 2\n", "above = 1\n", RuleProblem::OverSteps),
        ("red_below = 60", "red_below = 81", RuleProblem::Lights),
        ("places = 2", "places = 9", RuleProblem::Places(9)),
        (
            "params = \"floor=60\" }\nSATISFACTION_RANGE",
            "params = \"flor=60\" }\nSATISFACTION_RANGE",
            RuleProblem::Params("SATISFACTION".into(), ParamsError::Unknown("flor".into())),
        ),
    ];
    for (good, bad, problem) in cases {
        assert!(PUBLISHED.contains(good), "{good}");
        let error = RuleSet::from_toml(&PUBLISHED.replacen(good, bad, 1)).expect_err(bad);
        assert!(!error.say(Lang::Zh).is_empty() && !error.say(Lang::En).is_empty());
        assert_eq!(error, RuleSetError::Contradictory(vec![problem]), "{bad}");
    }
}

/// What isn't a rule set says what is wrong and where.
#[test]
fn unreadable() {
    let error =
        RuleSet::from_toml(&PUBLISHED.replace("formula = \"STEP\"", "formula = \"LEAP\"")).expect_err("no LEAP");
    assert!(error.say(Lang::Zh).contains("LEAP"), "{error:?}");
    assert!(matches!(RuleSet::from_json("{}"), Err(RuleSetError::Unreadable(_))));
}

/// Parameters as rows write them, full-width punctuation and blanks included.
#[test]
fn params() {
    let of = |text: &str| Params::parse(text);
    assert_eq!(of(""), Ok(Params::default()));
    let step = Params { step: Some(Decimal::TWO), cut: Some(Decimal::from(5)), ..Params::default() };
    assert_eq!(of("step=2;cut=5"), Ok(step.clone()));
    assert_eq!(of(" Step = ２；cut＝5% ;"), Ok(step));
    let bands = of("bands=100-80;80-60;60-0;floor=60").expect("bands and a floor");
    let pct = Decimal::from;
    assert_eq!(bands.bands, Some(vec![(pct(80), pct(100)), (pct(60), pct(80)), (pct(0), pct(60))]));
    assert_eq!(bands.floor, Some(pct(60)));
    assert_eq!(of("pass=60").map(|params| params.pass), Ok(Some(Decimal::new(6, 1))));
    assert_eq!(of("60"), Err(ParamsError::Unknown("60".into())));
    let wrong = |name: &str, value: &str| Err(ParamsError::Value { name: name.into(), value: value.into() });
    assert_eq!(of("floor=六十"), wrong("floor", "六十"));
    assert_eq!(of("floor=-1"), wrong("floor", "-1"));
    assert_eq!(of("step=0"), wrong("step", "0"));
    assert_eq!(of("bands=100;80"), wrong("bands", "100;80"));
}

/// Half way goes up, or to the even digit, as the rule set says; the places are always shown.
#[test]
fn rounding() {
    let of = |mode, text: &str| Rounding { places: 2, mode }.round(text.parse().expect("a number")).to_string();
    assert_eq!(of(RoundingMode::HalfUp, "14.475"), "14.48");
    assert_eq!(of(RoundingMode::HalfUp, "14.465"), "14.47");
    assert_eq!(of(RoundingMode::HalfEven, "14.465"), "14.46");
    assert_eq!(of(RoundingMode::HalfUp, "10"), "10.00");
}

/// A rule set of a program that knew fewer sections is read with the shipped values, and says which; what the shipped
/// file writes and what is filled in are the same.
#[test]
fn missing_sections() {
    let bare = r#"{"name":"n","title":"t","fiscal_years":{"from":2020}}"#;
    let read = RuleSet::reading(bare).expect("readable");
    let shipped = RuleSet::from_toml(PUBLISHED).expect("sound");
    let (name, title, basis) = (read.value.name.clone(), read.value.title.clone(), Vec::new());
    assert_eq!(read.value, RuleSet { name, title, basis, ..shipped });
    assert_eq!(read.assumed.len(), 12, "{:?}", read.assumed);
    assert!(read.unknown.is_empty());
    assert!(RuleSet::from_json(r#"{"name":"n","title":"t"}"#).is_err(), "for which years cannot be guessed");
}

/// A rule set of a later program is read for what is known of it; the rest is named, and refused only where rules are
/// drafted. A method with a formula of a later program is no method here.
#[test]
fn later_sections() {
    let shipped = RuleSet::from_toml(PUBLISHED).expect("sound");
    let mut body = serde_json::to_value(&shipped).expect("JSON");
    body["season"] = serde_json::json!({"from": 3});
    body["over_achievement"]["steps"][0]["confirmed_by"] = serde_json::json!("县级");
    body["formulas"]["FUZZY"] = serde_json::json!({"formula": "FUZZY", "params": ""});
    let text = body.to_string();
    let read = RuleSet::reading(&text).expect("readable");
    assert_eq!(read.value, shipped);
    assert_eq!(read.unknown, ["formulas.FUZZY", "over_achievement.steps.1.confirmed_by", "season"]);
    assert!(RuleSet::drafted(&text).expect_err("no such formula").say(Lang::Zh).contains("FUZZY"));
    let refused = RuleSet::drafted(&text.replace("\"FUZZY\"", "\"STEP\"")).expect_err("unknown parts");
    assert!(refused.say(Lang::Zh).contains("season"), "{}", refused.say(Lang::Zh));
}
