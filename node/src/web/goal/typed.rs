//! What was typed into the form of indicators, read into lines. What a line has besides, its actual above all, is
//! never touched here.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tongpin_console::web::Fields;
use tongpin_domain::form;
use tongpin_domain::intake::written;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::level;
use tongpin_domain::number::Typed;
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::rules::{Params, RuleSet};

use crate::records::goal_lines::{blank, next};
use crate::records::kept_form::KeptForm;
use crate::sheets::template;

/// What goes wrong with a form, by field.
pub(super) type Errors = BTreeMap<String, String>;

/// What a line is known by while it is edited.
pub(super) fn identity(line: &ProjectIndicator) -> &str {
    line.indicator_code.as_deref().unwrap_or(&line.name)
}

/// The name of a field of a line.
pub(super) fn field(what: &str, line: &ProjectIndicator) -> String {
    format!("{what}-{}", line.seq)
}

/// What was typed into a field of a line, if the form was about that line.
pub(super) fn typed<'a>(fields: &'a Fields, what: &str, line: &ProjectIndicator) -> Option<&'a str> {
    let name = field(what, line);
    // The form may have been about another order of the lines.
    let same = fields.raw(&field("is", line)) == identity(line);
    let sent = fields.all(&name).next().is_some();
    (same && sent).then(|| fields.raw(&name).trim())
}

/// What a field that the city added is called among the boxes of a line: no name of another box has a point.
pub(super) fn added_as(field: &form::Field) -> String {
    format!("more.{}", field.name)
}

/// A reader of forms: collects what is wrong.
pub(super) struct Reading<'a> {
    pub(super) fields: &'a Fields,
    pub(super) form: &'a KeptForm,
    pub(super) rules: Option<&'a RuleSet>,
    pub(super) lang: Lang,
    pub(super) errors: Errors,
}

impl Reading<'_> {
    /// The lines with what was typed about them.
    pub(super) fn lines(&mut self, held: &[ProjectIndicator]) -> Vec<ProjectIndicator> {
        let read = held.iter().map(|before| {
            let mut line = self.line(before);
            line.restate(before);
            self.added(before, &mut line);
            line
        });
        read.collect()
    }

    /// What the city's form asks of a line beside. What was not on the page stays as it is held.
    fn added(&mut self, held: &ProjectIndicator, line: &mut ProjectIndicator) {
        let asked = self.form.asked();
        let sent = |name: &str| typed(self.fields, name, held);
        let given: Vec<(&form::Field, &str)> =
            asked.added().filter_map(|field| Some((field, sent(&added_as(field))?))).collect();
        if sent("target").is_none() && given.is_empty() {
            return;
        }
        let own = serde_json::to_value(&*line).unwrap_or_default();
        let own = own.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), template::text(value)));
        let mut texts: BTreeMap<&str, String> = own.collect();
        texts.extend(held.more.iter().map(|(name, given)| (name.as_str(), written(given))));
        texts.extend(given.iter().map(|(field, text)| (field.name.as_str(), (*text).to_owned())));
        let judged = asked.judge(&texts.iter().map(|(name, text)| (*name, text.as_str())).collect());
        for (name, expected) in &judged.problems {
            let at = given.iter().find(|(field, _)| field.name == *name).map(|(field, _)| added_as(field));
            // What is about the line's own boxes is told at its target, which every line has.
            let at = at.unwrap_or_else(|| "target".to_owned());
            self.errors.insert(field(&at, held), expected.say(self.lang));
        }
        line.more = asked.kept(&held.more, judged.more);
    }

    fn line(&mut self, held: &ProjectIndicator) -> ProjectIndicator {
        let mut line = held.clone();
        let fields = self.fields;
        let get = |what: &str| typed(fields, what, held);
        if let Some(target) = get("target") {
            line.target = Typed::parse(target);
        }
        if let Some(weight) = get("weight") {
            line.weight = self.weight(&field("weight", held), weight).unwrap_or(held.weight);
        }
        if held.indicator_code.is_some() {
            return line;
        }
        if let Some(name) = get("name") {
            name.clone_into(&mut line.name);
            self.need(&field("name", held), name);
        }
        if let Some(nature) = get("nature") {
            nature.clone_into(&mut line.nature);
        }
        if let Some(unit) = get("unit") {
            unit.clone_into(&mut line.unit);
        }
        if let Some(rule) = get("rule") {
            rule.clone_into(&mut line.rule_type);
            self.method(&field("rule", held), rule);
        }
        if let Some(params) = get("params") {
            params.clone_into(&mut line.rule_params);
            self.params(&field("params", held), params);
        }
        line
    }

    /// The indicator that somebody made up, if there is anything of one.
    pub(super) fn own(&mut self, project: &str, lines: &[ProjectIndicator], asked: bool) -> Option<ProjectIndicator> {
        let get = |what: &str| self.fields.text(&format!("own-{what}")).to_owned();
        let (name, rule, params) = (get("name"), get("rule"), get("params"));
        if name.is_empty() && !asked {
            return None;
        }
        let (level1, weight) = (get("level1"), get("weight"));
        self.need("own-name", &name);
        self.need("own-level1", &level1);
        if let Some(expected) = level::misplaced(&level1, &get("level2")) {
            let (zh, en) = (format!("应为：{}", expected.zh), format!("expected: {}", expected.en));
            self.say("own-level2", &zh, &en);
        }
        self.method("own-rule", &rule);
        self.params("own-params", &params);
        let weight = self.weight("own-weight", &weight);
        Some(ProjectIndicator {
            level1,
            level2: get("level2"),
            name,
            nature: get("nature"),
            unit: get("unit"),
            target: Typed::parse(&get("target")),
            rule_type: rule,
            rule_params: params,
            weight: weight.unwrap_or_default(),
            ..blank(project, next(lines))
        })
    }

    fn say(&mut self, name: &str, zh: &str, en: &str) {
        self.errors.insert(name.to_owned(), self.lang.pick(zh, en).to_owned());
    }

    fn need(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.say(name, "请填写", "fill this in");
        }
    }

    fn weight(&mut self, name: &str, value: &str) -> Option<Decimal> {
        let weight = Typed::parse(value).number();
        let weight = weight.filter(|weight| !weight.is_sign_negative() && *weight <= Decimal::ONE_HUNDRED);
        if weight.is_none() {
            self.say(name, "请填写 0 到 100 的分值，如 15", "a weight from 0 to 100, such as 15");
        }
        weight
    }

    fn method(&mut self, name: &str, value: &str) {
        let known = self.rules.is_none_or(|rules| rules.formulas.contains_key(value));
        if value.is_empty() {
            self.say(name, "请选定计分方法", "choose how it scores");
        } else if !known {
            self.say(
                name,
                "这个方法不在本年度的计分规则之内，请另选",
                "it is none of this year's rules: choose another",
            );
        }
    }

    fn params(&mut self, name: &str, value: &str) {
        if let Err(error) = Params::parse(value) {
            self.errors.insert(name.to_owned(), error.say(self.lang));
        }
    }
}

/// Lets a line change places with the one before it, or behind it.
pub(super) fn moved(lines: &mut [ProjectIndicator], seq: u32, up: bool) {
    lines.sort_by_key(|line| line.seq);
    let Some(at) = lines.iter().position(|line| line.seq == seq) else { return };
    let other = if up { at.checked_sub(1) } else { at.checked_add(1) };
    let Some(other) = other.filter(|other| *other < lines.len()) else { return };
    let (here, there) = (lines[at].seq, lines[other].seq);
    (lines[at].seq, lines[other].seq) = (there, here);
    lines.swap(at, other);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: u32, weight: i64) -> ProjectIndicator {
        let json = format!(r#"{{"project_code":"P","seq":{seq},"name":"n{seq}","weight":"{weight}","actual":"9"}}"#);
        serde_json::from_str(&json).expect("a line")
    }

    /// A line changes places with its neighbour, keeps all else, and the first does not go further up.
    #[test]
    fn moving() {
        let mut lines = vec![line(1, 10), line(4, 20), line(5, 30)];
        let names = |lines: &[ProjectIndicator]| lines.iter().map(|it| (it.seq, it.name.clone())).collect::<Vec<_>>();
        let named = |pairs: [(u32, &str); 3]| pairs.map(|(seq, name)| (seq, name.to_owned())).to_vec();
        moved(&mut lines, 4, true);
        assert_eq!(names(&lines), named([(1, "n4"), (4, "n1"), (5, "n5")]));
        moved(&mut lines, 1, true);
        moved(&mut lines, 5, false);
        moved(&mut lines, 9, true);
        assert_eq!(names(&lines), named([(1, "n4"), (4, "n1"), (5, "n5")]));
        moved(&mut lines, 4, false);
        assert_eq!(names(&lines), named([(1, "n4"), (4, "n5"), (5, "n1")]));
        assert!(lines.iter().all(|line| line.actual.raw() == "9"));
    }
}
