//! Numbers of the rules in the figures of a document: which rule set, exactly which number, and what is told without.

use serde_json::{Value as Json, json};

use super::*;
use crate::form::road::{quarter, road};
use crate::region::RegionCode;

const PUBLISHED: &str = include_str!("../../../../samples/rules.toml");

/// The shipped rules for these years, with another weight of the execution.
fn numbers(key: &str, release: u64, weight: u32, (from, to): (i32, Option<i32>)) -> NumbersOf {
    let mut set = RuleSet::from_toml(PUBLISHED).expect("the sample is sound");
    set.fiscal_years = FiscalYears { from, to };
    set.execution.weight = Decimal::from(weight);
    let publisher = RegionCode::new("320500").expect("a code");
    NumbersOf::new(RuleRef { publisher, key: key.to_owned(), release }, &set)
}

/// The shipped rules, for a document of 2025.
pub(crate) fn facts() -> Facts {
    facts_of(vec![numbers("self-evaluation", 3, 10, (2020, None))])
}

fn facts_of(sets: Vec<NumbersOf>) -> Facts {
    Facts { rules: RuleNumbers::new(sets, None), year: Some(2025), ..Facts::default() }
}

/// The example form with two fields of its own, a column and a check, each by a number of the rules.
fn ruled() -> Definition {
    let mut form = road();
    let derived = |name: &str, title: &str, tree: Json| {
        let mut field = Field::new(name, title, crate::form::Kind::Decimal);
        field.derived = Some(Expression::from(tree));
        field
    };
    let points = json!({"product": [{"ratio": ["rate", {"number": 100}]}, {"rule": "execution.weight"}]});
    form.fields.push(derived("points", "执行率得分", points));
    form.fields.push(derived("half", "一半", json!({"ratio": ["issued", {"number": 2}]})));
    let column = derived("left", "差距", json!({"difference": [{"rule": "execution.reason_below_pct"}, "rate"]}));
    form.fields.iter_mut().filter(|field| field.name == "roads").for_each(|rows| rows.fields.push(column.clone()));
    let check = json!({"name": "behind", "when": {"field": "rate", "below": {"rule": "execution.reason_below_pct"}},
        "then": "warn", "says": "执行率偏低", "at": "rate"});
    form.checks.push(serde_json::from_value(check).expect("a check"));
    form
}

fn text_at(form: &Definition, facts: &Facts, place: &str) -> Option<String> {
    let found = form.evaluate(&form.read(&quarter()).values, facts);
    form.derived(&found).remove(place)
}

/// The number of the rule set for the year is calculated with: of 88.60 % of ten points, or of twenty, with two rule
/// sets of different years; the formula says which.
#[test]
fn by_the_rules_of_the_year() {
    let form = ruled();
    assert_eq!(text_at(&form, &facts(), "points").as_deref(), Some("8.86"));
    assert_eq!(text_at(&form, &facts(), "roads.r1.left").as_deref(), Some("6.67"), "90 less 83.33");
    let two = facts_of(vec![numbers("old", 1, 10, (2020, Some(2024))), numbers("new", 7, 20, (2025, None))]);
    assert_eq!(text_at(&form, &two, "points").as_deref(), Some("17.72"));
    assert_eq!(text_at(&form, &two.of_year(Some(2024)), "points").as_deref(), Some("8.86"));
    let found = form.evaluate(&form.read(&quarter()).values, &two);
    let worked = |lang| form.worked(&Place::of("points"), &found, &two, lang);
    let zh = "17.72 = 88.60% ÷ 100 × 20（规则参数“execution.weight”，取自规则“new”第 7 版）";
    assert_eq!(worked(Lang::Zh), zh);
    assert_eq!(worked(Lang::En), "17.72 = 88.60% ÷ 100 × 20 (rule “execution.weight” of new, release 7)");
    assert!(found.findings.iter().any(|finding| finding.check == "behind"), "{:?}", found.findings);
    assert!(form.rules_lacking(&found, &two).is_empty());
}

/// Without a year, without rules, with several, or without such a number nothing is calculated, and never as zero: the
/// reason stands at each field that needs it, and once for the check.
#[test]
fn missing_with_the_reason() {
    let form = ruled();
    let twice = vec![numbers("a", 1, 10, (2020, None)), numbers("b", 1, 20, (2025, None))];
    let unread = Words::new("规则读不出来", "unreadable");
    for (facts, why) in [
        (facts().of_year(None).into_owned(), "没有年度"),
        (Facts { year: Some(2025), ..Facts::default() }, "还没有发布计分规则"),
        (facts().of_year(Some(2019)).into_owned(), "没有适用于 2019 年度"),
        (facts_of(twice), "有多套计分规则适用于 2025 年度（a、b）"),
        (Facts { rules: RuleNumbers::new(Vec::new(), Some(unread)), year: Some(2025), ..Facts::default() }, "读不出来"),
    ] {
        let found = form.evaluate(&form.read(&quarter()).values, &facts);
        assert_eq!((found.at(&Place::of("points")), found.at(&Place::cell("roads", "r1", "left"))), (None, None));
        assert!(found.at(&Place::of("half")).is_some() && found.findings.is_empty(), "{why}");
        let lacking = form.rules_lacking(&found, &facts);
        let places: Vec<_> = lacking.iter().map(|it| it.place.as_ref().map(ToString::to_string)).collect();
        let due = [None, Some("roads.r1.left"), Some("roads.r2.left"), Some("points")];
        assert_eq!(places, due.map(|place| place.map(str::to_owned)), "{why}");
        assert!(lacking.iter().all(|it| it.say(Lang::Zh).contains(why)), "{lacking:?}");
        let worked = form.worked(&Place::of("points"), &found, &facts, Lang::Zh);
        assert!(worked.starts_with("（缺） = ") && worked.contains(why), "{worked}");
    }
}

/// Every place that names a number is known, conditions of rows among them; those that no rule set has are told.
#[test]
fn names_that_there_are() {
    let mut form = ruled();
    assert!(form.uses_rules() && !road().uses_rules());
    let late = json!({"any_row": "roads", "when": {"field": "paid", "above": {"rule": "execution.wieght"}}});
    form.fields[0].when = Some(Condition::from(late));
    let used: Vec<(String, Vec<String>)> =
        form.rules_used().into_iter().map(|(path, at)| (path, at.into_iter().collect())).collect();
    let all = |path: &str, at: &[&str]| (path.to_owned(), at.iter().map(|at| (*at).to_owned()).collect());
    let due = [
        all("execution.reason_below_pct", &["checks.behind", "fields.roads.left"]),
        all("execution.weight", &["fields.points"]),
        all("execution.wieght", &["fields.issued"]),
    ];
    assert_eq!(used, due);
    let problems = form.rules_not_there(&facts().rules);
    let said: Vec<String> = problems.iter().map(|problem| problem.say(Lang::Zh)).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("字段 issued：已发布的计分规则中没有参数“execution.wieght”"), "{said:?}");
}

/// A form that has no year has no rule set: it is refused, as is one of indicators, which do not say of which year they
/// are; one of projects does.
#[test]
fn without_a_year() {
    let mut form = ruled();
    assert_eq!(form.check(), []);
    form.subject.per = Per::Once;
    let places: Vec<String> = form.check().into_iter().map(|problem| problem.place).collect();
    assert_eq!(places, ["checks.behind", "fields.points", "fields.roads.left"]);
    assert!(form.check()[0].say(Lang::Zh).contains("此表没有年度，不能用规则参数"));
    for (shipped, refused) in [(Definition::of_projects(), 0), (Definition::of_lines(), 1)] {
        let mut form = shipped.clone();
        let mut field = Field::new("due", "应得分", crate::form::Kind::Decimal);
        field.derived = Some(Expression::Rule("execution.weight".to_owned()));
        form.fields.push(field);
        assert_eq!(form.check().len(), refused, "{:?}", form.check());
    }
}
