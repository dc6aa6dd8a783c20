//! Who has reported: n of N, who is missing and who was late. A roll-up is never shown without it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::children;
use crate::collection::Collection;
use crate::lang::{Lang, Say};
use crate::moment::Moment;
use crate::region::{RegionCode, Regions};
use crate::report::Report;

/// The newest accepted report of a region, and when it came.
#[derive(Debug, Clone, Copy)]
pub struct Returned<'a> {
    /// The report.
    pub report: &'a Report,
    /// When it was received.
    pub received_at: Moment,
}

/// A division by code and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unit {
    /// 区划代码
    pub code: RegionCode,
    /// 区划名称
    pub name: String,
}

/// 上报情况
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// How many were asked.
    pub asked: usize,
    /// Who has reported.
    pub reported: Vec<Unit>,
    /// 已收待审核: of whom a report waits for a person. It does not count yet; an earlier one may.
    pub awaiting: Vec<Unit>,
    /// Of whom nothing counts and nothing waits.
    pub missing: Vec<Unit>,
    /// 迟报: who reported after the due day.
    pub late: Vec<Unit>,
    /// 未计入: whose accepted report cannot be counted, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// The due day is over, so that whoever is missing is late too.
    pub overdue: bool,
}

/// A region whose report is kept and not counted, because its figures cannot be true or do not answer what is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Whose.
    #[serde(flatten)]
    pub unit: Unit,
    /// Why, in words for whoever asks that region for another one.
    pub reason: String,
}

impl Coverage {
    /// Of everyone a report counts.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.missing.is_empty()
            && self.left_out.is_empty()
            && self.awaiting.iter().all(|unit| self.reported.contains(unit))
    }

    /// Whether a report of a region waits for a person, and none of it counts.
    #[must_use]
    pub fn only_awaits(&self, region: &RegionCode) -> bool {
        let of = |units: &[Unit]| units.iter().any(|unit| unit.code == *region);
        of(&self.awaiting) && !of(&self.reported)
    }

    /// Everyone who is asked.
    pub fn everyone(&self) -> impl Iterator<Item = &Unit> {
        let waiting = self.awaiting.iter().filter(|unit| !self.reported.contains(unit));
        let waits = |unit: &Unit| self.awaiting.contains(unit);
        let left_out = self.left_out.iter().map(|one| &one.unit).filter(move |unit| !waits(unit));
        self.reported.iter().chain(waiting).chain(left_out).chain(&self.missing)
    }

    /// Notes that the report of a region is not counted, and why.
    pub fn leave_out(&mut self, region: &RegionCode, regions: &Regions, reason: String) {
        let code = regions.current(region);
        if !self.everyone().any(|unit| unit.code == code) {
            self.asked = self.asked.saturating_add(1);
        }
        self.missing.retain(|unit| unit.code != code);
        let unit = Unit { name: regions.name(&code), code };
        self.left_out.push(LeftOut { unit, reason });
    }

    /// Why the report of a region is not counted, if that is so.
    #[must_use]
    pub fn why_left_out(&self, region: &RegionCode) -> Option<&str> {
        self.left_out.iter().find(|one| one.unit.code == *region).map(|one| one.reason.as_str())
    }
}

impl Say for Coverage {
    fn say(&self, lang: Lang) -> String {
        let names = |units: &[Unit]| {
            let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
            names.join(lang.pick("、", ", "))
        };
        let (reported, asked) = (self.reported.len(), self.asked);
        let mut said = match lang {
            Lang::Zh => format!("应报 {asked} 个，已报 {reported} 个"),
            Lang::En => format!("{reported} of {asked} reported"),
        };
        if !self.awaiting.is_empty() {
            said = format!("{said}{}{}", lang.pick("，已收待审核：", "; awaiting review: "), names(&self.awaiting));
        }
        if !self.missing.is_empty() {
            let zh = if self.overdue { "，逾期未报：" } else { "，未报：" };
            let en = if self.overdue { "; overdue: " } else { "; missing: " };
            said = format!("{said}{}{}", lang.pick(zh, en), names(&self.missing));
        }
        for LeftOut { unit, reason } in &self.left_out {
            let (zh, en) = ("，未计入：", "; not counted: ");
            said = format!("{said}{}{}（{reason}）", lang.pick(zh, en), unit.name);
        }
        if !self.late.is_empty() {
            said = format!("{said}{}{}", lang.pick("，迟报：", "; late: "), names(&self.late));
        }
        said
    }
}

/// Compares who was asked with who has reported; a former code counts as its successor's. A region that reported
/// without being on the list counts as asked. `awaiting` are the regions whose newest report waits for a person.
#[must_use]
pub fn coverage(
    collection: &Collection,
    regions: &Regions,
    parent: &RegionCode,
    returned: &[Returned<'_>],
    awaiting: &[RegionCode],
    now: Moment,
) -> Coverage {
    let mut asked: Vec<RegionCode> =
        children(regions, parent).into_iter().filter(|region| collection.asks(region, regions)).collect();
    asked.extend(returned.iter().map(|one| regions.current(&one.report.region)));
    let awaiting: BTreeSet<RegionCode> = awaiting.iter().map(|region| regions.current(region)).collect();
    asked.extend(awaiting.iter().cloned());
    asked.sort();
    asked.dedup();
    let of = |region: &RegionCode| returned.iter().find(|one| regions.current(&one.report.region) == *region);
    let deadline = collection.deadline();
    let units = |wanted: &dyn Fn(&RegionCode) -> bool| {
        let unit = |code: &RegionCode| Unit { code: code.clone(), name: regions.name(code) };
        asked.iter().filter(|code| wanted(code)).map(unit).collect::<Vec<Unit>>()
    };
    Coverage {
        asked: asked.len(),
        reported: units(&|code| of(code).is_some()),
        awaiting: units(&|code| awaiting.contains(code)),
        missing: units(&|code| of(code).is_none() && !awaiting.contains(code)),
        late: units(&|code| of(code).is_some_and(|one| one.received_at >= deadline)),
        left_out: Vec::new(),
        overdue: now >= deadline,
    }
}
