//! 人工复核: what a person decided about a line that no formula can score.
//!
//! A line's own text stays as it was typed; the decision stands beside it, with who made it, when, why and on what. It
//! is good for exactly what its author saw: a line that is typed, aimed, weighed or scored otherwise since goes to a
//! person again. The JSON of these types is what the store keeps and what a township sends to its county; fields may be
//! added, never renamed.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::number::Typed;
use crate::project::ProjectIndicator;

/// The kind of record that a [`Review`] is kept as.
pub const REVIEW: &str = "line_review";

/// Everything that was decided about one line, the oldest first. Only the last of it can be in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// 项目代码
    pub project_code: String,
    /// 序号 of the line within the project.
    pub seq: u32,
    /// What was decided, and what was taken back.
    pub decisions: Vec<Decision>,
}

/// 复核决定
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// 佐证: which papers it rests on, in words; they stay where they are.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// Who decided, as records name people.
    pub name: String,
    /// The login name.
    pub login: String,
    /// The account, which keeps its identity whatever it is called.
    pub account: String,
    /// When.
    pub at: Moment,
    /// What the line said then.
    pub seen: Seen,
}

/// What a decision comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 定值: what the text amounts to, in the line's unit; the method then scores it.
    Value(Typed),
    /// 定系数: percent of the weight, 0–100.
    Coefficient(Decimal),
    /// 定分: points, from 0 to the weight.
    Points(Decimal),
    /// 撤销: the decision before no longer counts.
    Withdrawn,
}

/// What the score of a line depends on, as it was when somebody decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// 年度指标值
    pub target: Typed,
    /// 实际完成值
    pub actual: Typed,
    /// 定性系数
    #[serde(default)]
    pub qual_pct: Option<Decimal>,
    /// 度量单位
    #[serde(default)]
    pub unit: String,
    /// 指标性质
    #[serde(default)]
    pub nature: String,
    /// 分值
    pub weight: Decimal,
    /// 赋分方法
    #[serde(default)]
    pub rule_type: String,
    /// Its parameters.
    #[serde(default)]
    pub rule_params: String,
}

impl Seen {
    /// What a line says now.
    #[must_use]
    pub fn of(line: &ProjectIndicator) -> Self {
        Self {
            target: line.target.clone(),
            actual: line.actual.clone(),
            qual_pct: line.qual_pct,
            unit: line.unit.clone(),
            nature: line.nature.clone(),
            weight: line.weight,
            rule_type: line.rule_type.clone(),
            rule_params: line.rule_params.clone(),
        }
    }
}

impl Review {
    /// The key that the record is kept under: that of its line.
    #[must_use]
    pub fn record_key(&self) -> String {
        ProjectIndicator::key_of(&self.project_code, self.seq)
    }

    /// The decision that counts for a line as it is now, if there is one.
    #[must_use]
    pub fn in_force(&self, line: &ProjectIndicator) -> Option<&Decision> {
        let of_line = self.seq == line.seq && self.project_code == line.project_code;
        let last = self.decisions.last().filter(|last| last.verdict != Verdict::Withdrawn)?;
        (of_line && last.seen == Seen::of(line)).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> ProjectIndicator {
        let json = r#"{"project_code":"P1","seq":3,"name":"n","weight":"10","target":"300","actual":"约3百"}"#;
        serde_json::from_str(json).expect("a line")
    }

    fn decision(verdict: Verdict) -> Decision {
        Decision {
            verdict,
            reason: "台账 295".into(),
            evidence: String::new(),
            name: "审核-002".into(),
            login: "s2".into(),
            account: "a".into(),
            at: Moment(1),
            seen: Seen::of(&line()),
        }
    }

    /// The last decision counts, for its own line as it was seen; whatever the score depends on undoes it, what it does
    /// not depend on leaves it, and a withdrawal ends it without taking it out of the history.
    #[test]
    fn what_counts() {
        let value = decision(Verdict::Value(Typed::parse("295")));
        let mut review = Review { project_code: "P1".into(), seq: 3, decisions: vec![value.clone()] };
        assert_eq!(review.record_key(), line().record_key());
        assert_eq!(review.in_force(&line()), Some(&value));
        let changes: [fn(&mut ProjectIndicator); 9] = [
            |line| line.seq = 4,
            |line| line.actual = Typed::parse("约3百多"),
            |line| line.target = Typed::parse("301"),
            |line| line.weight = Decimal::from(11),
            |line| line.rule_type = "STEP".into(),
            |line| line.rule_params = "floor=1".into(),
            |line| line.unit = "人".into(),
            |line| line.nature = "≤".into(),
            |line| line.qual_pct = Some(Decimal::ONE),
        ];
        for change in changes {
            let mut changed = line();
            change(&mut changed);
            assert_eq!(review.in_force(&changed), None, "{changed:?}");
        }
        let told = ProjectIndicator { deviation_reason: "已说明".into(), ..line() };
        assert!(review.in_force(&told).is_some());
        let same = ProjectIndicator { weight: Decimal::new(100, 1), ..line() };
        assert!(review.in_force(&same).is_some(), "10.0 is 10");
        review.decisions.push(decision(Verdict::Withdrawn));
        assert_eq!((review.in_force(&line()), review.decisions.len()), (None, 2));
        review.decisions.push(decision(Verdict::Points(Decimal::from(6))));
        assert_eq!(review.in_force(&line()).map(|it| &it.verdict), Some(&Verdict::Points(Decimal::from(6))));
    }

    /// The stored form is frozen: a township sends it to a county of another version.
    #[test]
    fn stored_form() {
        let review = Review { project_code: "P1".into(), seq: 3, decisions: vec![decision(Verdict::Withdrawn)] };
        let json = r#"{"project_code":"P1","seq":3,"decisions":[{"verdict":"withdrawn","reason":"台账 295","name":"审核-002","login":"s2","account":"a","at":1,"seen":{"target":"300","actual":"约3百","qual_pct":null,"unit":"","nature":"","weight":"10","rule_type":"","rule_params":""}}]}"#;
        assert_eq!(serde_json::to_string(&review).expect("JSON"), json);
        for verdict in [r#"{"value":"295"}"#, r#"{"coefficient":"80"}"#, r#"{"points":"6.5"}"#] {
            let newer = json.replace(r#""withdrawn""#, verdict).replace(r#""at":1"#, r#""later":0,"at":1"#);
            let read: Review = serde_json::from_str(&newer).expect("read");
            assert_eq!(serde_json::to_value(&read.decisions[0].verdict).expect("JSON").to_string(), verdict);
        }
    }
}
