//! 规则参数: numbers of the rules in force that a form calculates with, those of the rule set for a document's year; and
//! what is told where there is none.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::sound::{DefinitionFault, DefinitionProblem};
use super::{Check, Condition, Definition, Evaluated, Expression, Facts, Field, KeptAs, Per, Place};
use crate::intake::Words;
use crate::lang::{Lang, Say};
use crate::rules::{self, FiscalYears, RuleSet};
use crate::score::RuleRef;

/// The numbers of the rule sets in force. Cloning shares them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleNumbers {
    sets: Arc<Vec<NumbersOf>>,
    unread: Option<Words>,
}

/// The numbers of one rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumbersOf {
    reference: RuleRef,
    years: FiscalYears,
    numbers: BTreeMap<String, Decimal>,
}

impl NumbersOf {
    /// Those of a rule set, see [`RuleSet::numbers`].
    #[must_use]
    pub fn new(reference: RuleRef, set: &RuleSet) -> Self {
        Self { reference, years: set.fiscal_years, numbers: set.numbers() }
    }
}

impl RuleNumbers {
    /// Those of some rule sets. `unread` is said of one beside them that cannot be read, if there is one.
    #[must_use]
    pub fn new(sets: Vec<NumbersOf>, unread: Option<Words>) -> Self {
        Self { sets: Arc::new(sets), unread }
    }

    /// Whether no rule set is in force, or none that can be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Whether any rule set in force has a number of this path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.sets.iter().any(|set| set.numbers.contains_key(path))
    }

    /// The rule set of a year, chosen as for scores: the only one that is for it.
    fn of_year(&self, year: i32) -> Result<&NumbersOf, NoNumber> {
        rules::of_year(&self.sets, year, |set| set.years).map_err(|fitting| match (&fitting[..], &self.unread) {
            // Where one cannot be read, that is the answer, and not that there is none.
            ([], Some(unread)) => NoNumber::Unread(unread.clone()),
            ([], None) => NoNumber::Year(year),
            (several, _) => {
                NoNumber::Several { year, keys: several.iter().map(|set| set.reference.key.clone()).collect() }
            }
        })
    }
}

impl Facts {
    /// The same for a document of a year. Nothing is copied where no rules are calculated with.
    #[must_use]
    pub fn of_year(&self, year: Option<i32>) -> Cow<'_, Self> {
        let same = self.year == year || self.rules == RuleNumbers::default();
        if same { Cow::Borrowed(self) } else { Cow::Owned(Self { year, ..self.clone() }) }
    }

    /// A number of the rule set for the year, and which rule set that is.
    ///
    /// # Errors
    /// [`NoNumber`], which is never zero.
    pub fn rule(&self, path: &str) -> Result<(Decimal, &RuleRef), NoNumber> {
        if self.rules == RuleNumbers::default() {
            return Err(NoNumber::NoRules);
        }
        let set = self.rules.of_year(self.year.ok_or(NoNumber::NoYear)?)?;
        let number = set.numbers.get(path).ok_or_else(|| NoNumber::NotThere(set.reference.clone()))?;
        Ok((*number, &set.reference))
    }
}

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoNumber {
    /// The document is of no year.
    NoYear,
    /// No rule set is in force.
    NoRules,
    /// None is for this year.
    Year(i32),
    /// More than one is for this year.
    Several {
        /// The year.
        year: i32,
        /// Their names.
        keys: Vec<String>,
    },
    /// None can be used, but there is one that this program cannot read.
    Unread(Words),
    /// The rule set of the year has no such number.
    NotThere(RuleRef),
}

impl Say for NoNumber {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::NoYear => {
                ("单据没有年度，无法确定用哪套计分规则".to_owned(), "the document is of no year".to_owned())
            }
            Self::NoRules => ("还没有发布计分规则".to_owned(), "no rules are published yet".to_owned()),
            Self::Year(year) => (format!("没有适用于 {year} 年度的计分规则"), format!("no rule set is for {year}")),
            Self::Several { year, keys } => (
                format!("有多套计分规则适用于 {year} 年度（{}），无法确定用哪一套", keys.join("、")),
                format!("more than one rule set is for {year}: {}", keys.join(", ")),
            ),
            Self::Unread(words) => return words.say(lang),
            Self::NotThere(rules) => (
                format!("规则“{}”第 {} 版没有这个参数", rules.key, rules.release),
                format!("release {} of the rules {:?} has no such number", rules.release, rules.key),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// A number of the rules that a document needs and that there is none of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingRule {
    /// The field that has no value for that; none for a check that cannot be told.
    pub place: Option<Place>,
    /// Its path.
    pub path: String,
    /// Why.
    pub why: NoNumber,
}

impl Say for LackingRule {
    fn say(&self, lang: Lang) -> String {
        let (path, why) = (&self.path, self.why.say(lang));
        match (&self.place, lang) {
            (Some(_), Lang::Zh) => format!("取不到规则参数“{path}”：{why}；此项暂时算不出来，请联系发布方"),
            (None, Lang::Zh) => {
                format!("取不到规则参数“{path}”：{why}；有关的校验或显示条件暂时无法判断，请联系发布方")
            }
            (Some(_), Lang::En) => format!("no rule {path:?}: {why}; this cannot be calculated, ask its publisher"),
            (None, Lang::En) => {
                format!("no rule {path:?}: {why}; a check or condition cannot be told, ask its publisher")
            }
        }
    }
}

/// Looks for numbers of the rules where there is no year that would tell of which: they would be missing for ever.
pub(super) fn check(definition: &Definition, problems: &mut Vec<DefinitionProblem>) {
    let no_year = match &definition.kept_as {
        None => definition.subject.per == Per::Once,
        // A line says of which project it is, and the project of which year.
        Some(kept_as) => *kept_as == KeptAs::Line,
    };
    if no_year {
        let places: BTreeSet<String> = definition.rules_used().into_values().flatten().collect();
        problems.extend(places.into_iter().map(|at| DefinitionProblem::new(at, DefinitionFault::RuleWithoutYear)));
    }
}

impl Definition {
    /// Whether it calculates with numbers of the rules.
    #[must_use]
    pub fn uses_rules(&self) -> bool {
        let fields = self.fields.iter().flat_map(|field| std::iter::once(field).chain(&field.fields));
        fields.map(of_field).chain(self.checks.iter().map(of_check)).any(|paths| !paths.is_empty())
    }

    /// The numbers of the rules that it names, by path, each with the places that name it: `fields.roads.rate`,
    /// `checks.late`.
    #[must_use]
    pub fn rules_used(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut note = |paths: Vec<&str>, place: &dyn Fn() -> String| {
            for path in paths {
                used.entry(path.to_owned()).or_default().insert(place());
            }
        };
        for (at, field) in self.places() {
            note(of_field(field), &|| format!("fields.{at}"));
        }
        for check in &self.checks {
            note(of_check(check), &|| format!("checks.{}", check.name));
        }
        used
    }

    /// The places that name a number that no rule set in force has.
    #[must_use]
    pub fn rules_not_there(&self, rules: &RuleNumbers) -> Vec<DefinitionProblem> {
        let used = self.rules_used();
        let lacking = used.iter().filter(|(path, _)| !rules.has(path));
        let problem = |path: &str, at: &str| DefinitionProblem::new(at, DefinitionFault::NoSuchRule(path.to_owned()));
        lacking.flat_map(|(path, places)| places.iter().map(move |at| problem(path, at))).collect()
    }

    /// The numbers of the rules that a document lacks: at each field whose value is missing for that, and once for the
    /// document where a check or a condition cannot be told.
    #[must_use]
    pub fn rules_lacking(&self, evaluated: &Evaluated, facts: &Facts) -> Vec<LackingRule> {
        let mut lacking = Vec::new();
        if !self.uses_rules() {
            return lacking;
        }
        for (path, places) in self.rules_used() {
            let Err(why) = facts.rule(&path) else { continue };
            let told = |place| LackingRule { place, path: path.clone(), why: why.clone() };
            let fields = places.iter().filter_map(|at| at.strip_prefix("fields."));
            let missing: Vec<Place> = fields.flat_map(|at| self.without_value(at, evaluated)).collect();
            let derives = |at: &str| self.field_at(at).is_some_and(|field| field.derived.is_some());
            if !places.iter().all(|at| at.strip_prefix("fields.").is_some_and(derives)) {
                lacking.push(told(None));
            }
            lacking.extend(missing.into_iter().map(|place| told(Some(place))));
        }
        lacking
    }

    /// Where a derived field is asked and has no value: in the document, or in each of the rows.
    fn without_value(&self, at: &str, evaluated: &Evaluated) -> Vec<Place> {
        let derives = self.field_at(at).is_some_and(|field| field.derived.is_some());
        let places = match at.split_once('.') {
            _ if !derives => Vec::new(),
            None => vec![Place::of(at)],
            Some((rows, inner)) => {
                let all = evaluated.values.get(rows).and_then(|value| value.rows()).unwrap_or_default();
                all.iter().map(|row| Place::cell(rows, &row.id, inner)).collect()
            }
        };
        let lacks = |place: &Place| !evaluated.hidden.contains(&place.to_string()) && evaluated.at(place).is_none();
        places.into_iter().filter(lacks).collect()
    }
}

/// The numbers of the rules that a field names.
fn of_field(field: &Field) -> Vec<&str> {
    let mut paths = Vec::new();
    field.derived.iter().for_each(|derived| in_expression(derived, &mut paths));
    field.when.iter().for_each(|when| in_condition(when, &mut paths));
    paths
}

/// The numbers of the rules that a check names.
fn of_check(check: &Check) -> Vec<&str> {
    let mut paths = Vec::new();
    in_condition(&check.when, &mut paths);
    paths
}

/// JSON is read to 128 levels at most, so that this ends.
fn in_expression<'a>(tree: &'a Expression, paths: &mut Vec<&'a str>) {
    if let Expression::Rule(path) = tree {
        paths.push(path);
    }
    tree.condition().into_iter().for_each(|condition| in_condition(condition, paths));
    tree.parts().into_iter().for_each(|part| in_expression(part, paths));
}

fn in_condition<'a>(tree: &'a Condition, paths: &mut Vec<&'a str>) {
    match tree {
        Condition::All(all) | Condition::Any(all) => all.iter().for_each(|part| in_condition(part, paths)),
        Condition::Not(part) => in_condition(part, paths),
        Condition::AnyRow { when, .. } | Condition::EveryRow { when, .. } => in_condition(when, paths),
        Condition::Value { value, test } => {
            in_expression(value, paths);
            test.other().into_iter().for_each(|other| in_expression(other, paths));
        }
        Condition::Unknown(_) => {}
    }
}

#[cfg(test)]
pub(crate) mod tests;
