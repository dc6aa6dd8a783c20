//! What is wrong with a collection, found when it is imported and again before it is answered.

use std::collections::BTreeSet;

use super::{Collection, Condition, FieldKind, FormSource, Measure, Records, Table, TableField};
use crate::form::ADDED;
use crate::lang::{Lang, Say};
use crate::partial::MeasureKind;

/// One thing that is wrong with a collection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectionProblem {
    /// The period doesn't begin with a budget year.
    #[error("the period {0:?} does not begin with a year")]
    Period(String),
    /// A collection without tables, or a table without measures, asks for nothing.
    #[error("{0:?} asks for nothing")]
    Nothing(String),
    /// Two tables, measures or groupings of the same name.
    #[error("{0:?} stands twice")]
    Twice(String),
    /// These records have no such field.
    #[error("table {table:?} names the field {field:?}, which its records do not have")]
    NoField {
        /// The table.
        table: String,
        /// The field.
        field: String,
    },
    /// The field holds something else than what is done with it.
    #[error("table {table:?}: {field:?} is not of the kind that {used:?} needs")]
    WrongKind {
        /// The table.
        table: String,
        /// The field.
        field: String,
        /// The measure, condition or grouping that uses it.
        used: String,
    },
    /// A measure lacks its field, its weight or its edges, or has one that its kind has no use for.
    #[error("measure {measure:?} of table {table:?}: {part} is missing, superfluous or out of order")]
    Incomplete {
        /// The table.
        table: String,
        /// The measure.
        measure: String,
        /// `field`, `by` or `edges`.
        part: &'static str,
    },
    /// Documents without a form, or a form of what are no documents.
    #[error("table {0:?} must name a form if, and only if, it is computed from documents")]
    Form(String),
    /// A part that this program does not know: what it asks for is not understood, so nothing of it may leave.
    #[error("this program does not know the part {0:?}")]
    Unknown(String),
}

impl Say for CollectionProblem {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Period(period) => format!("期间“{period}”应以四位年度开头，如 2024"),
            Self::Nothing(name) => format!("“{name}”没有要归集的内容，请至少填写一张表、一个指标"),
            Self::Twice(name) => format!("“{name}”重复出现，请改名或删去一个"),
            Self::NoField { table, field } => format!("表“{table}”用到的字段“{field}”不存在或不许归集"),
            Self::WrongKind { table, field, used } => format!("表“{table}”的“{used}”不能用于字段“{field}”（类型不符）"),
            Self::Incomplete { table, measure, part } => {
                format!("表“{table}”的指标“{measure}”：{part} 缺少、多余或顺序不对")
            }
            Self::Form(table) => format!("表“{table}”：按单据归集的，请写明表单；其他的不要写"),
            Self::Unknown(part) => format!("本程序不认识“{part}”这一部分；请先升级程序，或请发布方更正"),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

impl Collection {
    /// Everything that is wrong with it; empty if it can be answered.
    #[must_use]
    pub fn check(&self) -> Vec<CollectionProblem> {
        let mut problems = Vec::new();
        if self.fiscal_year().is_none() {
            problems.push(CollectionProblem::Period(self.period.clone()));
        }
        if self.tables.is_empty() {
            problems.push(CollectionProblem::Nothing(self.id.clone()));
        }
        twice(self.tables.iter().map(|table| table.id.as_str()), &mut problems);
        for table in &self.tables {
            check_table(table, &mut problems);
        }
        problems
    }
}

fn twice<'a>(names: impl Iterator<Item = &'a str>, problems: &mut Vec<CollectionProblem>) {
    let mut seen = BTreeSet::new();
    problems.extend(names.filter(|name| !seen.insert(*name)).map(|name| CollectionProblem::Twice(name.to_owned())));
}

fn check_table(table: &Table, problems: &mut Vec<CollectionProblem>) {
    if table.measures.is_empty() {
        problems.push(CollectionProblem::Nothing(table.id.clone()));
    }
    let named = table.form.as_ref().is_some_and(|form| crate::form::is_name(&form.code));
    if (table.records == Records::Documents) != table.form.is_some() || (table.form.is_some() && !named) {
        problems.push(CollectionProblem::Form(table.id.clone()));
    }
    // What is asked of projects beside has names of its own, and no rows inside.
    let added = |more: &FormSource| {
        crate::form::is_name(&more.code)
            && more.rows.is_empty()
            && more.fields.iter().all(|field| field.name.starts_with(ADDED))
    };
    if table.more.as_ref().is_some_and(|more| table.form.is_some() || !added(more)) {
        problems.push(CollectionProblem::Form(table.id.clone()));
    }
    for form in table.form.iter().chain(&table.more) {
        twice(form.fields.iter().map(|field| field.name.as_str()), problems);
    }
    twice(table.measures.iter().map(|measure| measure.id.as_str()), problems);
    twice(table.group_by.iter().map(String::as_str), problems);
    for name in &table.group_by {
        if let Some(field) = find(table, name, problems)
            && field.kind != FieldKind::Word
        {
            problems.push(wrong_kind(table, name, "group_by"));
        }
    }
    check_conditions(table, &table.filter, "filter", problems);
    for measure in &table.measures {
        check_measure(table, measure, problems);
        check_conditions(table, &measure.conditions, &measure.id, problems);
    }
}

fn find(table: &Table, name: &str, problems: &mut Vec<CollectionProblem>) -> Option<TableField> {
    let field = table.field(name);
    if field.is_none() {
        problems.push(CollectionProblem::NoField { table: table.id.clone(), field: name.to_owned() });
    }
    field
}

fn wrong_kind(table: &Table, field: &str, used: &str) -> CollectionProblem {
    CollectionProblem::WrongKind { table: table.id.clone(), field: field.to_owned(), used: used.to_owned() }
}

fn check_conditions(table: &Table, conditions: &[Condition], used: &str, problems: &mut Vec<CollectionProblem>) {
    for condition in conditions {
        if let Some(field) = find(table, &condition.field, problems)
            && !condition.suits(field.kind)
        {
            problems.push(wrong_kind(table, &condition.field, used));
        }
    }
}

fn check_measure(table: &Table, measure: &Measure, problems: &mut Vec<CollectionProblem>) {
    let kind = measure.kind;
    let numbers = matches!(kind, MeasureKind::Sum | MeasureKind::Weighted | MeasureKind::Histogram);
    if let Some(name) = &measure.field
        && let Some(field) = find(table, name, problems)
    {
        let extremes = matches!(kind, MeasureKind::Min | MeasureKind::Max);
        if (numbers && field.kind != FieldKind::Number) || (extremes && field.kind == FieldKind::Word) {
            problems.push(wrong_kind(table, name, &measure.id));
        }
    }
    if let Some(name) = &measure.by
        && find(table, name, problems).is_some_and(|field| field.kind != FieldKind::Number)
    {
        problems.push(wrong_kind(table, name, &measure.id));
    }
    let ascending = measure.edges.windows(2).all(|pair| pair[0] < pair[1]);
    let parts = [
        ("field", measure.field.is_some() || kind == MeasureKind::Count),
        ("by", measure.by.is_some() == (kind == MeasureKind::Weighted)),
        ("edges", measure.edges.is_empty() != (kind == MeasureKind::Histogram) && ascending),
    ];
    for (part, _) in parts.into_iter().filter(|(_, right)| !right) {
        problems.push(CollectionProblem::Incomplete { table: table.id.clone(), measure: measure.id.clone(), part });
    }
}
