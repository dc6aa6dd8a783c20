//! The egress contract (出域约定): what may leave a county at all, whatever a collection asks for. The county's own
//! program enforces it, and the county's own configuration widens or narrows it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::collection::{Collection, Condition, FormSource, Measure, Records, Table, TableAnswer};
use crate::form::{Definition, Leaving};
use crate::lang::{Lang, Say};
use crate::partial::MeasureKind;

/// What may leave. Everything that isn't listed stays.
///
/// The smallest group is 1 by default: budget projects are not personal data, and a single project may be reported.
/// Raise it wherever records of people are collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressContract {
    /// Records that measures may be computed from.
    pub records: BTreeSet<Records>,
    /// Fields that groups may be made by.
    pub groupings: BTreeSet<String>,
    /// Kinds of measures.
    pub kinds: BTreeSet<MeasureKind>,
    /// Fields that measures may be computed of, or be weighted by.
    pub fields: BTreeSet<String>,
    /// Groups of fewer records are withheld.
    pub smallest_group: u64,
    /// Whether it may be told how many documents a drafted form would concern: see [`EgressContract::lets_trials`].
    pub trials: bool,
}

/// Fields that identify a single project or are free text: never let out, even if a configuration lists them.
const NEVER: [&str; 9] = [
    "project_code",
    "project_name",
    "name",
    "implementing_unit",
    "township",
    "deviation_reason",
    "execution_reason",
    "case_tag",
    "text",
];

/// Fields that conditions may always test: how a record was judged and which year it is of.
const CONDITIONS: [&str; 6] = ["fiscal_year", "status", "project_status", "line_status", "judgement", "self_made"];

const GROUPINGS: [&str; 13] = [
    "region",
    "fund_code",
    "department",
    "book",
    "indicator_code",
    "unit",
    "nature",
    "rule_type",
    "rule_params",
    "status",
    "rating",
    "fund_level",
    "judgement",
];

const MEASURED: [&str; 17] = [
    "budget_fen",
    "executed_fen",
    "arrived_fen",
    "execution_rate",
    "execution_score",
    "indicator_sum",
    "unscored",
    "lines_waiting",
    "lines_decided",
    "total_score",
    "seq",
    "weight",
    "line_score",
    "target",
    "actual",
    "target_date",
    "actual_date",
];

impl Default for EgressContract {
    fn default() -> Self {
        let words = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            records: [Records::Projects, Records::Indicators, Records::Documents].into(),
            groupings: words(&GROUPINGS),
            kinds: [
                MeasureKind::Count,
                MeasureKind::Sum,
                MeasureKind::Weighted,
                MeasureKind::Min,
                MeasureKind::Max,
                MeasureKind::Histogram,
            ]
            .into(),
            fields: words(&MEASURED),
            smallest_group: 1,
            trials: true,
        }
    }
}

/// Why a collection may not be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressRefusal {
    /// These records stay.
    #[error("table {table:?} is computed from records that may not leave")]
    Records {
        /// The table.
        table: String,
    },
    /// Groups by this field would tell too much.
    #[error("table {table:?} may not be grouped by {field:?}")]
    Grouping {
        /// The table.
        table: String,
        /// The field.
        field: String,
    },
    /// This field stays.
    #[error("measure {measure:?} of table {table:?} may not use the field {field:?}")]
    Field {
        /// The table.
        table: String,
        /// The measure.
        measure: String,
        /// The field.
        field: String,
    },
    /// Measures of this kind stay.
    #[error("measure {measure:?} of table {table:?} is a {kind}, which may not leave")]
    Kind {
        /// The table.
        table: String,
        /// The measure.
        measure: String,
        /// Its kind.
        kind: MeasureKind,
    },
}

impl Say for EgressRefusal {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Records { table } => format!("表“{table}”要用的记录不在本级允许上报的范围内"),
            Self::Grouping { table, field } => format!("表“{table}”按“{field}”分组，本级不允许"),
            Self::Field { table, measure, field } => {
                format!("表“{table}”的“{measure}”要用字段“{field}”，本级不允许上报")
            }
            Self::Kind { table, measure, kind } => {
                format!("表“{table}”的“{measure}”属于{}，本级不允许上报", kind.text(lang))
            }
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

/// What was held back because its groups were too small.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// How many groups.
    pub groups: u64,
    /// How many records were in them.
    pub records: u64,
}

impl EgressContract {
    /// Checks that a collection asks only for what may leave.
    ///
    /// # Errors
    /// Every [`EgressRefusal`]; the collection is then not answered at all, so that no figure is silently missing.
    pub fn check(&self, collection: &Collection) -> Result<(), Vec<EgressRefusal>> {
        self.check_with(collection, |_| None)
    }

    /// The same of a collection that asks for documents, or for what a city asks of projects beside: of their forms, as
    /// they are held here, each says what of it may leave. What is of a form that is not held stays.
    ///
    /// # Errors
    /// As [`EgressContract::check`].
    pub fn check_with<'a>(
        &self,
        collection: &Collection,
        form: impl Fn(&str) -> Option<&'a Definition>,
    ) -> Result<(), Vec<EgressRefusal>> {
        let of_table = |table: &Table| match &table.form {
            None => {
                let more = table.more.as_ref().and_then(|more| form(&more.code));
                // A form of other records may have a field of the same name.
                self.check_table(table, more.filter(|form| form.collected_with() == Some(table.records)))
            }
            // Records that the program keeps itself are no documents.
            Some(source) => self.check_documents(table, source, form(&source.code).filter(|form| !form.is_kept())),
        };
        let refusals: Vec<EgressRefusal> = collection.tables.iter().flat_map(of_table).collect();
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    /// A table of projects or lines: `form` says of what is asked beside what the program knows what of it may leave.
    fn check_table(&self, table: &Table, form: Option<&Definition>) -> Vec<EgressRefusal> {
        let mut refusals = Vec::new();
        if !self.records.contains(&table.records) {
            refusals.push(EgressRefusal::Records { table: table.id.clone() });
        }
        let known = form.and_then(Definition::added_source).map(|known| known.fields).unwrap_or_default();
        for asked in table.more.iter().flat_map(|more| &more.fields).filter(|asked| !known.contains(asked)) {
            let (table, measure) = (table.id.clone(), "more".to_owned());
            refusals.push(EgressRefusal::Field { table, measure, field: asked.name.clone() });
        }
        let added = |name: &str, way: &Leaving| form.is_some_and(|form| form.lets_added(name, way));
        let shut = |field: &&String| !lets(&self.groupings, field) && !added(field, &Leaving::Group);
        for field in table.group_by.iter().filter(shut) {
            refusals.push(EgressRefusal::Grouping { table: table.id.clone(), field: field.clone() });
        }
        for condition in &table.filter {
            self.check_condition(&table.id, "filter", condition, &added, &mut refusals);
        }
        for measure in &table.measures {
            self.check_measure(&table.id, measure, &added, &mut refusals);
        }
        refusals
    }

    /// A table of documents: what it asks must be what the form lets leave, described as the form describes it.
    fn check_documents(
        &self,
        table: &Table,
        source: &FormSource,
        definition: Option<&Definition>,
    ) -> Vec<EgressRefusal> {
        let known = definition.and_then(|definition| Some((definition, definition.source(&source.rows)?)));
        let Some((definition, known)) = known.filter(|_| self.records.contains(&table.records)) else {
            return vec![EgressRefusal::Records { table: table.id.clone() }];
        };
        let mut refusals = Vec::new();
        let field = |measure: &str, field: &str| EgressRefusal::Field {
            table: table.id.clone(),
            measure: measure.to_owned(),
            field: field.to_owned(),
        };
        let other = source.fields.iter().filter(|asked| !known.fields.contains(asked));
        refusals.extend(other.map(|asked| field("form", &asked.name)));
        let lets = |name: &str, way: &Leaving| definition.lets(&source.rows, name, way);
        for name in table.group_by.iter().filter(|name| !lets(name, &Leaving::Group)) {
            refusals.push(EgressRefusal::Grouping { table: table.id.clone(), field: name.clone() });
        }
        let conditions = table.filter.iter().map(|condition| ("filter", condition));
        let of_measures =
            table.measures.iter().flat_map(|it| it.conditions.iter().map(|condition| (it.id.as_str(), condition)));
        let tested = conditions.chain(of_measures).filter(|(_, condition)| !lets(&condition.field, &Leaving::Group));
        refusals.extend(tested.map(|(of, condition)| field(of, &condition.field)));
        for measure in &table.measures {
            if !self.kinds.contains(&measure.kind) {
                let (table, name) = (table.id.clone(), measure.id.clone());
                refusals.push(EgressRefusal::Kind { table, measure: name, kind: measure.kind });
            }
            let shut = uses(measure).filter(|(name, way)| !lets(name, way));
            refusals.extend(shut.map(|(name, _)| field(&measure.id, name)));
        }
        refusals
    }

    /// A condition tells something of the field that it tests, however little.
    fn check_condition(
        &self,
        table: &str,
        of: &str,
        condition: &Condition,
        added: &dyn Fn(&str, &Leaving) -> bool,
        refusals: &mut Vec<EgressRefusal>,
    ) {
        let field = &condition.field;
        let known = CONDITIONS.contains(&field.as_str()) && !NEVER.contains(&field.as_str());
        if !known && !added(field, &Leaving::Group) && !lets(&self.groupings, field) && !lets(&self.fields, field) {
            let (table, measure) = (table.to_owned(), of.to_owned());
            refusals.push(EgressRefusal::Field { table, measure, field: field.clone() });
        }
    }

    fn check_measure(
        &self,
        table: &str,
        measure: &Measure,
        added: &dyn Fn(&str, &Leaving) -> bool,
        refusals: &mut Vec<EgressRefusal>,
    ) {
        let (table, name) = (table.to_owned(), measure.id.clone());
        if !self.kinds.contains(&measure.kind) {
            refusals.push(EgressRefusal::Kind { table: table.clone(), measure: name.clone(), kind: measure.kind });
        }
        for condition in &measure.conditions {
            self.check_condition(&table, &name, condition, added, refusals);
        }
        for (field, _) in uses(measure).filter(|(field, way)| !lets(&self.fields, field) && !added(field, way)) {
            let field = field.to_owned();
            refusals.push(EgressRefusal::Field { table: table.clone(), measure: name.clone(), field });
        }
    }

    /// Whether numbers of documents may leave as the answer to a trial of a form: they are counts of documents, so that
    /// a contract which keeps either of these keeps them too.
    #[must_use]
    pub fn lets_trials(&self) -> bool {
        self.trials && self.records.contains(&Records::Documents) && self.kinds.contains(&MeasureKind::Count)
    }

    /// Drops the groups that are smaller than the county or the collection allows. For each table, what remains and
    /// what was held back: a reader sees that there is more, and how much.
    #[must_use]
    pub fn withhold(&self, collection: &Collection, answers: Vec<TableAnswer>) -> Vec<(TableAnswer, Withheld)> {
        let smallest = self.smallest_group.max(collection.smallest_group);
        let withhold = |answer: TableAnswer| {
            let (kept, small): (Vec<_>, Vec<_>) =
                answer.groups.into_iter().partition(|group| group.records >= smallest);
            let records = small.iter().map(|group| group.records).fold(0, u64::saturating_add);
            (TableAnswer { groups: kept, ..answer }, Withheld { groups: small.len() as u64, records })
        };
        answers.into_iter().map(withhold).collect()
    }
}

/// The fields that a measure uses, each in which way.
fn uses(measure: &Measure) -> impl Iterator<Item = (&str, Leaving)> {
    let way = match measure.kind {
        MeasureKind::Count => Leaving::Count,
        MeasureKind::Sum => Leaving::Sum,
        MeasureKind::Weighted => Leaving::Weigh,
        // A least or most of all is one record's value.
        MeasureKind::Min | MeasureKind::Max | MeasureKind::Histogram => Leaving::Histogram,
    };
    let used = [(&measure.field, way), (&measure.by, Leaving::Weigh)];
    used.into_iter().filter_map(|(name, way)| Some((name.as_deref()?, way)))
}

fn lets(allowed: &BTreeSet<String>, field: &str) -> bool {
    allowed.contains(field) && !NEVER.contains(&field)
}

#[cfg(test)]
mod tests;
