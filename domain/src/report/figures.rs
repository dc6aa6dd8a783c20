//! Whether reported figures can be true: a figure that no records can come to is found without seeing the records.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Report, ReportTable};
use crate::collection::{Bounds, Collection, FieldKind, Group, MOST_FEN, Measure, Table};
use crate::lang::{Lang, Say};
use crate::partial::{MeasureKind, Partial, Value};

/// The most records that one report can be made of.
pub const MOST_RECORDS: u64 = 1_000_000_000;
/// What stands for the group's name where all groups of a table together are wrong.
const TOGETHER: &str = "合计";

/// Why a figure cannot be true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Implausible {
    /// It lies outside of what its records can come to.
    #[error("{value} does not lie between {least} and {most}")]
    Range {
        /// The figure.
        value: Decimal,
        /// The least that it can be.
        least: Decimal,
        /// The most that it can be.
        most: Decimal,
    },
    /// It has more decimals than what it is made of.
    #[error("{0} has more decimals than it can have")]
    Places(Decimal),
    /// There are more records than a region has.
    #[error("there are more than {MOST_RECORDS} records")]
    Records,
    /// More records are counted than there are.
    #[error("more records than there are")]
    More,
    /// A figure, and nothing that it is made of.
    #[error("a figure of no records")]
    OfNothing,
    /// Records, and no figure of them.
    #[error("no figure of records that have one")]
    Absent,
    /// A part is greater than the whole, or a mean lies outside of the extremes.
    #[error("it contradicts {0:?}")]
    Contradicts(String),
    /// All groups together are more than can be counted.
    #[error("too large to be added up")]
    TooLarge,
}

impl Say for Implausible {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Range { value, least, most } => format!("数值 {value} 不可能：应在 {least} 至 {most} 之间"),
            Self::Places(value) => format!("数值 {value} 的小数位数不可能这样多"),
            Self::Records => format!("记录数不可能超过 {MOST_RECORDS} 条"),
            Self::More => "计入的记录多于实有的记录".to_owned(),
            Self::OfNothing => "没有任何记录，却有数值".to_owned(),
            Self::Absent => "有记录，却没有数值".to_owned(),
            Self::Contradicts(other) => format!("与“{other}”前后矛盾"),
            Self::TooLarge => "各组相加超出可计算的范围".to_owned(),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

/// A figure that cannot be true, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The table.
    pub table: String,
    /// The group's keys, separated by `/`.
    pub group: String,
    /// The measure.
    pub measure: String,
    /// Why.
    pub why: Implausible,
}

impl Say for Wrong {
    fn say(&self, lang: Lang) -> String {
        let Self { table, group, measure, why } = self;
        let why = why.say(lang);
        match lang {
            Lang::Zh => format!("表“{table}”分组“{group}”的“{measure}”{why}；请核对这些项目的数据后重新上报"),
            Lang::En => format!("table {table:?}, group {group:?}: the measure {measure:?} cannot be: {why}"),
        }
    }
}

/// The figures of a report that cannot be true, as far as its tables and measures are those of the collection. A report
/// that was taken in long ago may answer an earlier form of it: what that one did not ask for is nothing wrong.
#[must_use]
pub fn implausible(report: &Report, collection: &Collection) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut totals = Vec::new();
    for asked in &collection.tables {
        let Some(told) = report.tables.iter().find(|told| told.answer.table == asked.id) else { continue };
        let before = wrong.len();
        for group in &told.answer.groups {
            Figures::new(group, asked).check(&group.keys.join("/"), &mut wrong);
        }
        if wrong.len() == before {
            totals.extend(together(told, asked, &mut wrong).map(|total| (asked, told, total)));
        }
    }
    for (at, (asked, told, total)) in totals.iter().enumerate() {
        for (other, beside, whole) in totals.iter().skip(at + 1).filter(|(other, ..)| same_records(asked, other)) {
            compare_tables((asked, told, total), (other, beside, whole), &mut wrong);
        }
    }
    wrong
}

/// All groups of a table as one, which must be as plausible as each of them.
fn together(told: &ReportTable, asked: &Table, wrong: &mut Vec<Wrong>) -> Option<Group> {
    let mut whole = Group { keys: vec![TOGETHER.to_owned()], records: 0, measures: BTreeMap::new() };
    let mut too_large = |measure: &str| {
        let (table, group) = (asked.id.clone(), TOGETHER.to_owned());
        wrong.push(Wrong { table, group, measure: measure.to_owned(), why: Implausible::TooLarge });
    };
    for group in &told.answer.groups {
        let Some(records) = whole.records.checked_add(group.records) else {
            too_large("records");
            return None;
        };
        whole.records = records;
        for measure in &asked.measures {
            let Some(partial) = group.measures.get(&measure.id) else { continue };
            let merged = match whole.measures.get(&measure.id) {
                Some(held) => held.merge(partial),
                None => Ok(partial.clone()),
            };
            let Ok(merged) = merged else {
                too_large(&measure.id);
                return None;
            };
            whole.measures.insert(measure.id.clone(), merged);
        }
    }
    let before = wrong.len();
    if !told.answer.groups.is_empty() {
        Figures::new(&whole, asked).check(TOGETHER, wrong);
    }
    (wrong.len() == before).then_some(whole)
}

fn same_records(one: &Table, other: &Table) -> bool {
    one.records == other.records && one.form == other.form && one.filter == other.filter
}

/// Two tables of the same records: what was withheld of neither is the same in both, however it is grouped.
fn compare_tables(one: (&Table, &ReportTable, &Group), other: (&Table, &ReportTable, &Group), wrong: &mut Vec<Wrong>) {
    let ((asked, told, total), (beside, also, whole)) = (one, other);
    let mut contradicts = |measure: &str| {
        let (table, group, measure) = (asked.id.clone(), TOGETHER.to_owned(), measure.to_owned());
        wrong.push(Wrong { table, group, measure, why: Implausible::Contradicts(beside.id.clone()) });
    };
    if told.answer.records != also.answer.records {
        contradicts("records");
    }
    if told.withheld.records > 0 || also.withheld.records > 0 {
        return;
    }
    for measure in &asked.measures {
        let twin = |twin: &&Measure| {
            let what = |measure: &Measure| (measure.kind, measure.field.clone(), measure.by.clone());
            what(measure) == what(twin) && measure.edges == twin.edges && same_conditions(measure, twin)
        };
        let Some(twin) = beside.measures.iter().find(twin) else { continue };
        if let (Some(one), Some(other)) = (total.measures.get(&measure.id), whole.measures.get(&twin.id))
            && one != other
        {
            contradicts(&measure.id);
        }
    }
}

fn same_conditions(one: &Measure, other: &Measure) -> bool {
    narrower(one, other) && narrower(other, one)
}

/// Whether every record that the one measure is about is one that the other is about.
fn narrower(one: &Measure, other: &Measure) -> bool {
    other.conditions.iter().all(|condition| one.conditions.contains(condition))
}

/// The measures of one group beside what was asked.
struct Figures<'a> {
    group: &'a Group,
    asked: &'a Table,
}

impl<'a> Figures<'a> {
    fn new(group: &'a Group, asked: &'a Table) -> Self {
        Self { group, asked }
    }

    fn check(&self, name: &str, wrong: &mut Vec<Wrong>) {
        let mut note = |measure: &str, why: Implausible| {
            let (table, group, measure) = (self.asked.id.clone(), name.to_owned(), measure.to_owned());
            wrong.push(Wrong { table, group, measure, why });
        };
        if self.group.records > MOST_RECORDS {
            note("records", Implausible::Records);
            return;
        }
        for measure in &self.asked.measures {
            let Some(partial) = self.group.measures.get(&measure.id) else { continue };
            let found = self.one(measure, partial).or_else(|| self.beside_others(measure, partial));
            if let Some(why) = found {
                note(&measure.id, why);
            }
        }
    }

    /// The measures that stand in this group, with what was asked by them.
    fn others(&self) -> impl Iterator<Item = (&'a Measure, &'a Partial)> + use<'a> {
        let group = self.group;
        self.asked.measures.iter().filter_map(|measure| Some((measure, group.measures.get(&measure.id)?)))
    }

    /// At most how many records stand behind a measure: what a count of all that it is about says.
    fn at_most(&self, measure: &Measure) -> u64 {
        let counts = self.others().filter_map(|(other, partial)| match partial {
            Partial::Count(count) if covers(other, measure) => Some(*count),
            _ => None,
        });
        counts.fold(self.group.records, u64::min)
    }

    /// How many records stand behind a measure, if a count says exactly that.
    fn exactly(&self, measure: &Measure) -> Option<u64> {
        self.others().find_map(|(other, partial)| match partial {
            Partial::Count(count) if covers(other, measure) && same_conditions(other, measure) => {
                let field = measure.field.as_ref();
                let told = other.field.is_some() || field.is_some_and(|field| is_present(other, field));
                told.then_some(*count)
            }
            _ => None,
        })
    }

    /// A measure by itself.
    fn one(&self, measure: &Measure, partial: &Partial) -> Option<Implausible> {
        let records = self.at_most(measure);
        match partial {
            Partial::Count(count) => (*count > self.group.records).then_some(Implausible::More),
            Partial::Histogram { counts, .. } => {
                let sum = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
                match (sum, self.exactly(measure)) {
                    (Some(sum), Some(exact)) if sum != exact => Some(Implausible::Contradicts("个数".to_owned())),
                    (Some(sum), _) if sum <= records => None,
                    _ => Some(Implausible::More),
                }
            }
            Partial::Sum(sum) => total(*sum, bounds(measure.field.as_ref(), self.asked), records),
            Partial::Weighted { weight, weighted } => {
                let by = bounds(measure.by.as_ref(), self.asked);
                // What is weighed with cannot take away.
                let by = Bounds { least: by.least.max(Decimal::ZERO), ..by };
                total(*weight, by, records)
                    .or_else(|| mean(*weight, *weighted, bounds(measure.field.as_ref(), self.asked), by.places))
            }
            Partial::Min(value) | Partial::Max(value) => match value {
                None if self.exactly(measure).is_some_and(|exact| exact > 0) => Some(Implausible::Absent),
                Some(_) if records == 0 => Some(Implausible::OfNothing),
                Some(Value::Number(number)) => single(*number, bounds(measure.field.as_ref(), self.asked)),
                None | Some(Value::Date(_)) => None,
            },
        }
    }

    /// A measure beside the others of its group.
    fn beside_others(&self, measure: &Measure, partial: &Partial) -> Option<Implausible> {
        let adds = |field: Option<&String>| bounds(field, self.asked).only_adds();
        for (other, beside) in self.others().filter(|(other, _)| other.id != measure.id) {
            let same_field = measure.field == other.field;
            let part = same_field && narrower(measure, other);
            let holds = match (partial, beside) {
                (Partial::Count(one), Partial::Count(whole)) if narrower(measure, other) => {
                    let counts_more = other.field.is_none() || same_field;
                    !counts_more || one <= whole
                }
                (Partial::Sum(one), Partial::Sum(whole)) if part && adds(measure.field.as_ref()) => one <= whole,
                (Partial::Weighted { weight, .. }, Partial::Sum(whole))
                    if measure.by == other.field && narrower(measure, other) && adds(other.field.as_ref()) =>
                {
                    weight <= whole
                }
                (Partial::Min(Some(least)), Partial::Max(Some(most)))
                    if same_field && same_conditions(measure, other) =>
                {
                    ordered(*least, *most)
                }
                (Partial::Sum(sum), Partial::Min(Some(Value::Number(least)))) if part => {
                    self.exactly(measure).is_none_or(|count| reaches(*sum, *least, count.into()))
                }
                (Partial::Sum(sum), Partial::Max(Some(Value::Number(most)))) if part => {
                    self.exactly(measure).is_none_or(|count| reaches(-*sum, -*most, count.into()))
                }
                (Partial::Weighted { weight, weighted }, Partial::Min(Some(Value::Number(least)))) if part => {
                    reaches(*weighted, *least, *weight)
                }
                (Partial::Weighted { weight, weighted }, Partial::Max(Some(Value::Number(most)))) if part => {
                    reaches(-*weighted, -*most, *weight)
                }
                _ => true,
            };
            if !holds {
                return Some(Implausible::Contradicts(other.id.clone()));
            }
        }
        None
    }
}

/// Whether a count counts at least the records behind a measure.
fn covers(count: &Measure, measure: &Measure) -> bool {
    let same_field = count.field.is_none() || count.field == measure.field || count.field == measure.by;
    count.kind == MeasureKind::Count && same_field && narrower(measure, count)
}

fn is_present(measure: &Measure, field: &str) -> bool {
    use crate::collection::Test;
    measure.conditions.iter().any(|condition| condition.field == field && condition.test == Test::Present(true))
}

fn bounds(field: Option<&String>, asked: &Table) -> Bounds {
    let known = field.and_then(|name| asked.field(name)).filter(|field| field.kind == FieldKind::Number);
    known.map_or(Bounds { least: Decimal::MIN, most: Decimal::MAX, places: 28, money: false }, |field| field.bounds)
}

/// A product, or the farthest that a decimal reaches.
fn times(one: Decimal, other: Decimal) -> Decimal {
    let far = if one.is_sign_negative() == other.is_sign_negative() { Decimal::MAX } else { Decimal::MIN };
    one.checked_mul(other).unwrap_or(far)
}

fn within(value: Decimal, least: Decimal, most: Decimal) -> Option<Implausible> {
    (value < least || value > most).then_some(Implausible::Range { value, least, most })
}

fn single(value: Decimal, of: Bounds) -> Option<Implausible> {
    within(value, of.least, of.most).or_else(|| too_precise(value, of.places))
}

fn too_precise(value: Decimal, places: u32) -> Option<Implausible> {
    (value.normalize().scale() > places).then_some(Implausible::Places(value))
}

/// A sum over at most so many records.
fn total(sum: Decimal, of: Bounds, records: u64) -> Option<Implausible> {
    if records == 0 {
        return (!sum.is_zero()).then_some(Implausible::OfNothing);
    }
    let (least, most) = (of.least.min(Decimal::ZERO), of.most.max(Decimal::ZERO));
    let (least, most) = (times(least, records.into()), times(most, records.into()));
    let fen = Decimal::from(MOST_FEN);
    let (least, most) = if of.money { (least.max(-fen), most.min(fen)) } else { (least, most) };
    within(sum, least, most).or_else(|| too_precise(sum, of.places))
}

/// A weighted sum: its mean lies where one record's value lies.
fn mean(weight: Decimal, weighted: Decimal, of: Bounds, places: u32) -> Option<Implausible> {
    let (least, most) = (times(of.least, weight), times(of.most, weight));
    within(weighted, least, most).or_else(|| too_precise(weighted, of.places.saturating_add(places)))
}

fn ordered(least: Value, most: Value) -> bool {
    match (least, most) {
        (Value::Number(least), Value::Number(most)) => least <= most,
        (Value::Date(least), Value::Date(most)) => least <= most,
        _ => false,
    }
}

/// Whether a sum over so much weight reaches what the least value alone would come to.
fn reaches(sum: Decimal, least: Decimal, weight: Decimal) -> bool {
    least.checked_mul(weight).is_none_or(|bound| sum >= bound)
}

#[cfg(test)]
mod tests;
