//! Observations (按月填报): what the last user of the money reports of a project for one month: spending, how far its
//! indicators have come, a note, and which evidence it keeps.
//!
//! The JSON of these types is what the store keeps and what a township sends to its county; fields may be added, never
//! renamed. What a project's own record says follows from its observations, by [`settle`] alone.

pub mod check;
pub mod keeping;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::form::Given;
use crate::moment::Moment;
use crate::money::{Amount, Fen};
use crate::number::Typed;
use crate::project::{Project, ProjectIndicator};

/// The kind of record that an [`Observation`] is kept as.
pub const OBSERVATION: &str = "observation";

/// What stands in the place of the month for 期初: what was spent before reporting by month began.
pub const OPENING: u8 = 0;

/// 按月填报: one project in one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// 项目代码
    pub project_code: String,
    /// 年度
    pub year: i32,
    /// 1–12, or [`OPENING`].
    pub month: u8,
    /// 本月支出, in yuan as typed; of the opening, all that was spent before.
    pub spent: Amount,
    /// What was reached to date, by line.
    #[serde(default)]
    pub outputs: Vec<Output>,
    /// 说明
    #[serde(default)]
    pub note: String,
    /// What the city's form of months asks beside all this, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, Given>,
    /// 佐证材料, which itself stays where it was handed in.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Who reported it, as records name people.
    #[serde(default)]
    pub reported_by: String,
    /// When it was first reported.
    pub reported_at: Moment,
    /// When it was last changed.
    pub changed_at: Moment,
}

/// 截至本月的完成值 of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// 序号 of the line within the project.
    pub seq: u32,
    /// As typed.
    pub value: Typed,
}

/// 佐证材料: a file, known by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the reporter called it.
    pub name: String,
    /// SHA-256 of its content.
    pub digest: Digest,
    /// Its size.
    pub bytes: u64,
}

impl Observation {
    /// The key that the record is kept under; it sorts by project, then by month, the opening first.
    #[must_use]
    pub fn record_key(&self) -> String {
        Self::key_of(&self.project_code, self.year, self.month)
    }

    /// The key of what is reported of a project for a month, or of its opening.
    #[must_use]
    pub fn key_of(project_code: &str, year: i32, month: u8) -> String {
        format!("{project_code}/{year:04}-{month:02}")
    }
}

/// What was spent up to the end of a month, the opening included: the exact sum. `None` if nothing was reported until
/// then, if an amount cannot be read, or beyond 64 bits of fen.
#[must_use]
pub fn spent_until<'a>(observations: impl IntoIterator<Item = &'a Observation>, month: u8) -> Option<Fen> {
    let mut amounts = observations.into_iter().filter(|it| it.month <= month).map(|it| it.spent.fen()).peekable();
    amounts.peek()?;
    amounts.try_fold(Fen::ZERO, |sum, amount| sum.checked_add(amount?))
}

/// What was last reported of a line: the value of the latest month that has one.
#[must_use]
pub fn latest(observations: &[Observation], seq: u32) -> Option<(u8, &Typed)> {
    let of_line =
        |it: &'_ &Observation| it.outputs.iter().any(|output| output.seq == seq && !output.value.is_missing());
    let found = observations.iter().filter(of_line).max_by_key(|it| it.month)?;
    let output = found.outputs.iter().find(|output| output.seq == seq)?;
    Some((found.month, &output.value))
}

/// Makes a project and its lines say what its observations of one year say. 全年执行数 is the sum of opening and months,
/// and 实际完成值 what was last reported, where that is not what it was `before`: so doing it again changes nothing, and
/// what the self-evaluation says since the last report stays. A line whose only value was taken back has none again.
/// `None` if the sum cannot be told: then nothing is to be written.
#[must_use]
pub fn settle(
    project: &Project,
    lines: &[ProjectIndicator],
    before: &[Observation],
    after: &[Observation],
) -> Option<(Project, Vec<ProjectIndicator>)> {
    let mut project = project.clone();
    if after.is_empty() {
        return Some((project, lines.to_vec()));
    }
    let spent = spent_until(after, 12)?;
    // An amount that says the same stays as it was typed.
    if project.money.executed.fen() != Some(spent) {
        project.money.executed = spent.into();
    }
    let settled = lines.iter().cloned().map(|mut line| {
        let (was, is) = (latest(before, line.seq), latest(after, line.seq));
        if was != is {
            line.actual = is.map(|(_, value)| value.clone()).unwrap_or_default();
        }
        line
    });
    Some((project, settled.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(month: u8, spent: &str, outputs: &[(u32, &str)]) -> Observation {
        Observation {
            project_code: "P1".into(),
            year: 2024,
            month,
            spent: Amount::parse(spent),
            outputs: outputs.iter().map(|(seq, value)| Output { seq: *seq, value: Typed::parse(value) }).collect(),
            note: String::new(),
            more: BTreeMap::new(),
            evidence: Vec::new(),
            reported_by: String::new(),
            reported_at: Moment(0),
            changed_at: Moment(0),
        }
    }

    fn project(executed: &str) -> (Project, Vec<ProjectIndicator>) {
        let json = format!(
            r#"{{"project_code":"P1","project_name":"n","fiscal_year":2024,"region_code":"320581","executed":"{executed}"}}"#
        );
        let line = |seq: u32| {
            serde_json::from_str(&format!(
                r#"{{"project_code":"P1","seq":{seq},"name":"n","weight":"9","actual":"１１"}}"#
            ))
        };
        let lines = [1, 2].into_iter().map(|seq| line(seq).expect("a line")).collect();
        (serde_json::from_str(&json).expect("a project"), lines)
    }

    /// The sum is exact and includes the opening; what cannot be read or was never reported gives none.
    #[test]
    fn sums() {
        let all = [observation(OPENING, "100.10", &[]), observation(3, "0.20", &[]), observation(5, "-50", &[])];
        assert_eq!(spent_until(&all, 0), Some(Fen(10_010)));
        assert_eq!(spent_until(&all, 4), Some(Fen(10_030)));
        assert_eq!(spent_until(&all, 12), Some(Fen(5_030)));
        assert_eq!(spent_until(&all[1..], 2), None);
        assert_eq!(spent_until(&[observation(1, "约3万", &[])], 12), None);
        assert_eq!(spent_until(&[observation(1, "", &[])], 12), None);
        let most = Amount::from(Fen(i64::MAX)).raw().to_owned();
        assert_eq!(spent_until(&[observation(1, &most, &[]), observation(2, "0.01", &[])], 12), None);
    }

    /// Keys sort by month, the opening first.
    #[test]
    fn keys_sort() {
        let keys = [OPENING, 2, 11].map(|month| observation(month, "1", &[]).record_key());
        assert_eq!(keys, ["P1/2024-00", "P1/2024-02", "P1/2024-11"]);
        assert!(keys.is_sorted());
    }

    /// Execution is the sum and the actual the latest value, whichever order the months were reported in; doing it
    /// again changes nothing.
    #[test]
    fn settling() {
        let (before, lines) = project("100");
        let after = [
            observation(OPENING, "100", &[]),
            observation(4, "20.5", &[(1, "40"), (2, "")]),
            observation(3, "1万", &[(1, "30")]),
        ];
        let (project, settled) = settle(&before, &lines, &[], &after).expect("a sum");
        assert_eq!(project.money.executed.raw(), "10120.50");
        assert_eq!((settled[0].actual.raw(), settled[1].actual.raw()), ("40", "１１"));
        let again = settle(&project, &settled, &after, &after).expect("a sum");
        assert_eq!((&again.0, &again.1), (&project, &settled));
        // What was taken back falls to the month before, then to nothing.
        let less = [after[0].clone(), observation(4, "20.5", &[]), after[2].clone()];
        assert_eq!(settle(&project, &settled, &after, &less).expect("a sum").1[0].actual.raw(), "30");
        // The self-evaluation's word stays until the next report of the line.
        let mut evaluated = settled.clone();
        evaluated[0].actual = Typed::parse("41");
        assert_eq!(settle(&project, &evaluated, &after, &after).expect("a sum").1, evaluated);
        let none = settle(&project, &settled, &less, &after[..1]).expect("a sum").1;
        assert!(none[0].actual.is_missing() && none[1].actual.raw() == "１１");
    }

    /// An execution that is the same amount in other words is left as it was typed.
    #[test]
    fn the_same_amount_stays() {
        let (before, lines) = project("1万");
        let opening = [observation(OPENING, "10000", &[])];
        assert_eq!(settle(&before, &lines, &[], &opening).expect("a sum").0, before);
    }

    /// The stored form is frozen: a township sends it to a county of another version.
    #[test]
    fn stored_form() {
        let mut it = observation(11, "５０ 元", &[(3, "约300")]);
        it.evidence = vec![Evidence { name: "照片.jpg".into(), digest: Digest::of(b"abc"), bytes: 3 }];
        let json = r#"{"project_code":"P1","year":2024,"month":11,"spent":"５０ 元","outputs":[{"seq":3,"value":"约300"}],"note":"","evidence":[{"name":"照片.jpg","digest":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","bytes":3}],"reported_by":"","reported_at":0,"changed_at":0}"#;
        assert_eq!(serde_json::to_string(&it).expect("JSON"), json);
        let newer = json.replace("\"note\"", "\"later\":1,\"note\"");
        assert_eq!(serde_json::from_str::<Observation>(&newer).expect("read"), it);
    }
}
