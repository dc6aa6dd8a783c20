//! Answering a collection: rows in, groups of mergeable partials out. Equal rows in any order give an equal answer.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Cell, Collection, CollectionProblem, Measure, Records, Row, Rows, Table};
use crate::lang::{Lang, Say};
use crate::partial::{MeasureKind, Partial, PartialError};

/// How many characters a budget year has.
const YEAR: usize = 4;

/// One group of a table: what its records have in common, and what they come to.
///
/// Part of signed reports: fields may be added, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The values of the grouping fields, in their order; blank where the records lack one.
    pub keys: Vec<String>,
    /// How many records it is made of.
    pub records: u64,
    /// The measures, by id.
    pub measures: BTreeMap<String, Partial>,
}

/// The answer to one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableAnswer {
    /// The table's id.
    pub table: String,
    /// How many records passed the filter.
    pub records: u64,
    /// The groups, sorted by keys.
    pub groups: Vec<Group>,
}

/// A collection can't be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectionError {
    /// It asks for what there isn't.
    #[error("the collection is not well formed ({} problems)", .0.len())]
    Problems(Vec<CollectionProblem>),
    /// A measure can't be computed.
    #[error("measure {measure:?} of table {table:?}, group {group:?}, cannot be computed")]
    Measure {
        /// The table.
        table: String,
        /// The group's keys, separated by `/`.
        group: String,
        /// The measure.
        measure: String,
        /// Why.
        source: PartialError,
    },
}

impl Say for CollectionError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Problems(problems), _) => {
                let said: Vec<String> = problems.iter().map(|problem| problem.say(lang)).collect();
                let head = lang.pick(
                    "归集任务有误，无法计算，请联系发布方更正：",
                    "The collection is wrong and cannot be answered; ask its publisher to correct it: ",
                );
                format!("{head}{}", said.join(lang.pick("；", "; ")))
            }
            (Self::Measure { table, group, measure, source }, Lang::Zh) => {
                format!("表“{table}”分组“{group}”的“{measure}”无法计算：{}", source.say(lang))
            }
            (Self::Measure { source, .. }, Lang::En) => format!("{self}: {}", source.say(lang)),
        }
    }
}

/// Computes what a collection asks for, from rows of its period.
///
/// # Errors
/// [`CollectionError`] if the collection isn't well formed, or an exact figure has too many digits.
pub fn answer(collection: &Collection, rows: &Rows) -> Result<Vec<TableAnswer>, CollectionError> {
    let problems = collection.check();
    if !problems.is_empty() {
        return Err(CollectionError::Problems(problems));
    }
    collection.tables.iter().map(|table| answer_table(table, collection, rows.of_table(table))).collect()
}

/// Whether a row is of the collection's period: of its year, and a document of exactly its period, unless a whole year
/// is asked for.
fn is_of_period(row: &Row, collection: &Collection, records: Records) -> bool {
    let year = collection.fiscal_year().map(Decimal::from);
    let of_year = row.get("fiscal_year").and_then(Cell::number) == year;
    let whole = records != Records::Documents || collection.period.len() == YEAR;
    of_year && (whole || row.get("period").is_some_and(|period| period.text() == collection.period))
}

fn answer_table(table: &Table, collection: &Collection, rows: &[Row]) -> Result<TableAnswer, CollectionError> {
    let mut groups: BTreeMap<Vec<String>, Vec<&Row>> = BTreeMap::new();
    let mut records: u64 = 0;
    for row in rows {
        if is_of_period(row, collection, table.records) && table.filter.iter().all(|condition| condition.holds(row)) {
            let keys = table.group_by.iter().map(|field| row.get(field).map(Cell::text).unwrap_or_default()).collect();
            groups.entry(keys).or_default().push(row);
            records = records.saturating_add(1);
        }
    }
    let groups: Result<Vec<Group>, CollectionError> =
        groups.into_iter().map(|(keys, rows)| answer_group(table, keys, &rows)).collect();
    Ok(TableAnswer { table: table.id.clone(), records, groups: groups? })
}

fn answer_group(table: &Table, keys: Vec<String>, rows: &[&Row]) -> Result<Group, CollectionError> {
    let mut measures = BTreeMap::new();
    for measure in &table.measures {
        let partial = rows
            .iter()
            .filter(|row| measure.conditions.iter().all(|condition| condition.holds(row)))
            .filter_map(|row| partial_of(measure, row).transpose())
            .try_fold(Partial::empty(measure.kind, &measure.edges), |sum, partial| sum.merge(&partial?))
            .map_err(|source| CollectionError::Measure {
                table: table.id.clone(),
                group: keys.join("/"),
                measure: measure.id.clone(),
                source,
            })?;
        measures.insert(measure.id.clone(), partial);
    }
    Ok(Group { keys, records: rows.len() as u64, measures })
}

/// What one record adds to a measure; nothing if it lacks the field.
fn partial_of(measure: &Measure, row: &Row) -> Result<Option<Partial>, PartialError> {
    let cell = measure.field.as_deref().map(|field| row.get(field));
    let number = || cell.flatten().and_then(Cell::number);
    let value = || match cell.flatten() {
        Some(Cell::Value(value)) => Some(*value),
        _ => None,
    };
    Ok(match measure.kind {
        MeasureKind::Count => cell.is_none_or(|cell| cell.is_some()).then_some(Partial::Count(1)),
        MeasureKind::Sum => number().map(Partial::sum),
        MeasureKind::Weighted => {
            let weight = measure.by.as_deref().and_then(|by| row.get(by)).and_then(Cell::number);
            match (weight, number()) {
                (Some(weight), Some(number)) => Some(Partial::weighted(weight, number)?),
                _ => None,
            }
        }
        MeasureKind::Min => value().map(Partial::min),
        MeasureKind::Max => value().map(Partial::max),
        MeasureKind::Histogram => number().map(|number| Partial::histogram(&measure.edges, number)),
    })
}
