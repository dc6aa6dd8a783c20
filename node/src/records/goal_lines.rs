//! New lines of a project's goal, wherever they come from: made by the unit itself or copied from the library.

use rust_decimal::Decimal;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::number::Typed;
use tongpin_domain::project::ProjectIndicator;

/// The number behind all others.
pub(crate) fn next(lines: &[ProjectIndicator]) -> u32 {
    lines.iter().map(|line| line.seq).max().unwrap_or(0).saturating_add(1)
}

/// A line that has nothing yet but its number.
pub(crate) fn blank(project: &str, seq: u32) -> ProjectIndicator {
    ProjectIndicator {
        project_code: project.to_owned(),
        seq,
        indicator_code: None,
        level1: String::new(),
        level2: String::new(),
        name: String::new(),
        nature: String::new(),
        unit: String::new(),
        target: Typed::default(),
        actual: Typed::default(),
        qual_pct: None,
        weight: Decimal::ZERO,
        rule_type: String::new(),
        rule_params: String::new(),
        low_target_confirmed: false,
        self_score: None,
        deviation_reason: String::new(),
        evidence_count: 0,
        more: std::collections::BTreeMap::new(),
    }
}

/// A line that copies an entry of the library and keeps its code.
pub(crate) fn copied(entry: &Indicator, project: &str, seq: u32) -> ProjectIndicator {
    ProjectIndicator {
        indicator_code: Some(entry.code.clone()),
        level1: entry.level1.clone(),
        level2: entry.level2.clone(),
        name: entry.name.clone(),
        nature: entry.nature.clone(),
        unit: entry.unit.clone(),
        rule_type: entry.rule_type.clone(),
        rule_params: entry.rule_params.clone(),
        ..blank(project, seq)
    }
}

/// The weight that lines leave of `total`.
pub(crate) fn left(lines: &[ProjectIndicator], total: Decimal) -> Decimal {
    let sum = sum(lines).unwrap_or(Decimal::ONE_HUNDRED);
    total.checked_sub(sum).unwrap_or_default().max(Decimal::ZERO)
}

/// The sum of the weights, `None` where it cannot be held.
pub(crate) fn sum(lines: &[ProjectIndicator]) -> Option<Decimal> {
    lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.weight)).map(|sum| sum.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: u32, weight: i64) -> ProjectIndicator {
        let json = format!(r#"{{"project_code":"P","seq":{seq},"name":"n{seq}","weight":"{weight}","actual":"9"}}"#);
        serde_json::from_str(&json).expect("a line")
    }

    /// A copied line keeps the entry's code, unit and rule, has no target, and stands behind the others; the weight
    /// that they leave is never below 0.
    #[test]
    fn copying() {
        let json = r#"{"code":"A1","name":"床位数","level1":"产出","nature":"≥","unit":"张","rule_type":"STEP",
            "rule_params":"step=2;cut=5","typical_target":"300","agg_method":"累加"}"#;
        let entry: Indicator = serde_json::from_str(json).expect("an entry");
        let left = |lines: &[ProjectIndicator]| left(lines, Decimal::from(90));
        let new = copied(&entry, "P", next(&[line(2, 50), line(7, 15)]));
        assert_eq!((new.indicator_code.as_deref(), new.unit.as_str(), new.seq), (Some("A1"), "张", 8));
        assert_eq!((new.rule_type.as_str(), new.rule_params.as_str()), ("STEP", "step=2;cut=5"));
        assert!(new.target.is_missing() && new.actual.is_missing());
        assert_eq!(left(&[line(2, 50), line(7, 15)]), Decimal::from(25));
        assert_eq!((left(&[line(1, 95)]), left(&[])), (Decimal::ZERO, Decimal::from(90)));
        assert_eq!(next(&[]), 1);
    }
}
