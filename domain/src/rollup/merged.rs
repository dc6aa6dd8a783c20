//! Groups of many reports merged into one, and their measures asked for by name and kind.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::RollupError;
use crate::money::Fen;
use crate::partial::{MeasureKind, Partial, Value};
use crate::report::Report;

/// The measures of one merged group.
#[derive(Debug, Clone)]
pub(super) struct Merged {
    table: &'static str,
    group: String,
    measures: BTreeMap<String, Partial>,
    /// Why it has no figures, if something in it couldn't be merged.
    broken: Option<RollupError>,
}

impl Merged {
    /// A group that nothing has been added to.
    pub(super) fn new(table: &'static str, group: String) -> Self {
        Self { table, group, measures: BTreeMap::new(), broken: None }
    }

    /// A group of no records, whose measures are all there.
    pub(super) fn empty(table: &'static str, group: String, measures: &[(&str, MeasureKind)]) -> Self {
        let measures = measures.iter().map(|(id, kind)| ((*id).to_owned(), Partial::empty(*kind, &[]))).collect();
        Self { measures, ..Self::new(table, group) }
    }

    pub(super) fn add(&mut self, measures: &BTreeMap<String, Partial>) {
        for (id, partial) in measures {
            let merged = match self.measures.get(id) {
                Some(held) => held.merge(partial),
                None => Ok(partial.clone()),
            };
            match merged {
                Ok(merged) => drop(self.measures.insert(id.clone(), merged)),
                Err(source) => {
                    let group = self.group.clone();
                    self.broken.get_or_insert(RollupError::Merge { table: self.table, group, source });
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.broken = self.broken.take().or_else(|| other.broken.clone());
        self.add(&other.measures);
    }

    pub(super) fn out_of_range(&self) -> RollupError {
        RollupError::OutOfRange { group: self.group.clone() }
    }

    fn measure(&self, id: &'static str) -> Result<Option<&Partial>, RollupError> {
        self.broken.clone().map_or_else(|| Ok(self.measures.get(id)), Err)
    }

    fn missing(&self, measure: &'static str) -> RollupError {
        RollupError::Missing { table: self.table, measure }
    }

    pub(super) fn count(&self, id: &'static str) -> Result<u64, RollupError> {
        match self.measure(id)? {
            Some(Partial::Count(count)) => Ok(*count),
            _ => Err(self.missing(id)),
        }
    }

    pub(super) fn sum(&self, id: &'static str) -> Result<Decimal, RollupError> {
        match self.measure(id)? {
            Some(Partial::Sum(sum)) => Ok(*sum),
            _ => Err(self.missing(id)),
        }
    }

    pub(super) fn fen(&self, id: &'static str) -> Result<Fen, RollupError> {
        self.sum(id)?.to_i64().map(Fen).ok_or_else(|| self.out_of_range())
    }

    pub(super) fn extreme(&self, id: &'static str) -> Result<Option<Value>, RollupError> {
        match self.measure(id)? {
            Some(Partial::Min(value) | Partial::Max(value)) => Ok(*value),
            _ => Err(self.missing(id)),
        }
    }

    /// Σw·x ÷ Σw; none if the weights come to nothing.
    pub(super) fn mean(&self, id: &'static str) -> Result<Option<Decimal>, RollupError> {
        match self.measure(id)? {
            Some(Partial::Weighted { weight, .. }) if weight.is_zero() => Ok(None),
            Some(Partial::Weighted { weight, weighted }) => {
                weighted.checked_div(*weight).map(Some).ok_or_else(|| self.out_of_range())
            }
            _ => Err(self.missing(id)),
        }
    }
}

/// The groups of one table of many reports, merged by their keys.
pub(super) fn merge(reports: &[&Report], table: &'static str) -> Result<BTreeMap<Vec<String>, Merged>, RollupError> {
    let mut groups: BTreeMap<Vec<String>, Merged> = BTreeMap::new();
    for report in reports {
        let answer = report.table(table).ok_or(RollupError::Missing { table, measure: table })?;
        for group in &answer.groups {
            let merged = groups.entry(group.keys.clone());
            merged.or_insert_with(|| Merged::new(table, group.keys.join("/"))).add(&group.measures);
        }
    }
    Ok(groups)
}

/// Sets aside what can't be merged or finished: `None`, for a line without figures. Reports that don't answer a
/// collection of this method remain an error.
pub(super) fn set_aside<T>(result: Result<T, RollupError>) -> Result<Option<T>, RollupError> {
    match result {
        Ok(figures) => Ok(Some(figures)),
        Err(RollupError::Merge { .. } | RollupError::OutOfRange { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
