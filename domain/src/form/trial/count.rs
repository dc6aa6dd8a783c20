//! 个数: how documents are counted, and what of the numbers leaves: no number of so few documents that somebody could
//! tell which they are, be it those that are meant or those that are not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Tally;
use crate::lang::Lang;

/// Fewer documents than these are told as fewer than these.
pub const FEW: u64 = 5;

/// A number as it leaves, or the ends between which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The least that it can be.
    pub least: u64,
    /// The most that it can be.
    pub most: u64,
}

impl Counted {
    /// This many.
    #[must_use]
    pub const fn exactly(number: u64) -> Self {
        Self { least: number, most: number }
    }

    /// Some, but fewer than this.
    #[must_use]
    pub const fn fewer_than(number: u64) -> Self {
        Self { least: 1, most: number.saturating_sub(1) }
    }

    /// What both are together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }

    /// As people read it.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match (self.least, self.most) {
            (least, most) if least == most => least.to_string(),
            (1, most) => format!("{}{}", lang.pick("少于 ", "fewer than "), most.saturating_add(1)),
            (least, most) => format!("{least}{}{most}", lang.pick("～", " to ")),
        }
    }
}

/// What is told of the documents of a bureau.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many documents each of these concerns. What is not there was not counted.
    pub tallies: BTreeMap<Tally, Counted>,
    /// Those of which parts are not counted, because they tell of personal fields.
    #[serde(default)]
    pub left_out: BTreeSet<Tally>,
}

impl<const N: usize> From<[(Tally, Counted); N]> for Count {
    fn from(tallies: [(Tally, Counted); N]) -> Self {
        Self { tallies: tallies.into(), left_out: BTreeSet::new() }
    }
}

impl Count {
    /// The first of what is counted that cannot be: more than what it is a part of.
    #[must_use]
    pub fn contradiction(&self) -> Option<&Tally> {
        let more = |(tally, counted): &(&Tally, &Counted)| {
            let whole = of(tally).iter().filter_map(|whole| self.tallies.get(whole));
            counted.least > counted.most || whole.into_iter().any(|whole| counted.least > whole.most)
        };
        self.tallies.iter().find(more).map(|(tally, _)| tally)
    }
}

/// Of which documents those of a tally are some, the most of them first.
fn of(tally: &Tally) -> &'static [Tally] {
    match tally {
        Tally::Documents | Tally::Unknown(_) => &[],
        Tally::Movable | Tally::Unread => &[Tally::Documents],
        Tally::Lacking | Tally::Refused | Tally::Chosen | Tally::Stopped | Tally::Retired => {
            &[Tally::Documents, Tally::Movable]
        }
    }
}

/// Counts documents one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    numbers: BTreeMap<Tally, u64>,
    left_out: BTreeSet<Tally>,
}

impl Tallies {
    /// One document more, with everything that is so of it.
    pub fn add(&mut self, of: impl IntoIterator<Item = Tally>) {
        for tally in of {
            let count = self.numbers.entry(tally).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Notes of what parts are not counted.
    pub fn leave_out(&mut self, tallies: impl IntoIterator<Item = Tally>) {
        self.left_out.extend(tallies);
    }

    /// How many there are.
    #[must_use]
    pub fn of(&self, tally: &Tally) -> u64 {
        self.numbers.get(tally).copied().unwrap_or(0)
    }

    /// What is told of them: every one that is counted, those of none among them. Neither fewer than `smallest`
    /// documents nor fewer than [`FEW`] can be made out, nor that so few are left of what they are a part of.
    #[must_use]
    pub fn told(&self, smallest: u64) -> Count {
        let few = smallest.max(FEW).saturating_sub(1);
        let mut tallies = BTreeMap::new();
        for tally in Tally::ALL {
            let wholes: Vec<Counted> = of(tally).iter().filter_map(|whole| tallies.get(whole).copied()).collect();
            tallies.insert(tally.clone(), blurred(self.of(tally), few, &wholes));
        }
        Count { tallies, left_out: self.left_out.clone() }
    }
}

/// A number as it is told beside those that it is a part of, the largest first: exactly, if neither these documents nor
/// the others are few. Only what is told of the wholes decides how: else that would tell more of them.
fn blurred(number: u64, few: u64, wholes: &[Counted]) -> Counted {
    if number == 0 {
        return Counted::exactly(0);
    }
    for whole in wholes.iter().rev().filter(|whole| whole.most <= few.saturating_mul(2)) {
        // Both parts of it may be few, and it must not show which of them are.
        if whole.least < whole.most {
            return Counted { least: 1, ..*whole };
        } else if number != whole.most {
            return Counted { least: 1, most: whole.most.saturating_sub(1) };
        }
    }
    if number <= few {
        return Counted { least: 1, most: few };
    }
    let others_few = |whole: &Counted| {
        let ends = Counted { least: whole.least.saturating_sub(few).max(1), most: whole.most.saturating_sub(1) };
        Some(ends).filter(|ends| (ends.least..=ends.most).contains(&number))
    };
    wholes.iter().find_map(others_few).unwrap_or(Counted::exactly(number))
}

#[cfg(test)]
mod tests;
