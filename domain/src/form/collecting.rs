//! 归集: what of a form may leave, as a collection asks for it. The city makes a collection from the form that it
//! published; a county answers what its own copy of that form lets leave, and nothing else.

use time::Date;

use super::{Definition, Field, KeptAs, Kind, Leaving, SubjectOf};
use crate::collection::{Accepting, Collection, Condition, FieldKind, FormField, FormSource, Measure, Records, Table};
use crate::lang::Lang;
use crate::partial::MeasureKind;

/// The division of the county; always there, and a grouping that is always allowed.
const REGION: (&str, &str) = ("region", "县级区划代码");
/// What tells of every document, whatever it says.
const ALWAYS: [(&str, &str, FieldKind); 3] = [
    ("fiscal_year", "年度", FieldKind::Number),
    ("period", "期间", FieldKind::Word),
    ("version", "版本", FieldKind::Number),
];
/// Before the name of what a city asks of projects and their lines beside: so it is no field that the program knows.
pub const ADDED: &str = "added_";
/// The fund that a document is about.
const FUND: (&str, &str) = ("fund_code", "专项资金代码");

impl Field {
    /// What a collection calls it: amounts are in fen, and say so.
    #[must_use]
    pub fn collected_as(&self) -> String {
        if self.kind == Kind::Money { format!("{}_fen", self.name) } else { self.name.clone() }
    }

    fn collected(&self) -> Option<FormField> {
        let kind = match self.kind {
            Kind::Whole | Kind::Decimal | Kind::Percent | Kind::Money => FieldKind::Number,
            Kind::Day => FieldKind::Day,
            Kind::Code | Kind::OneOf | Kind::YesNo | Kind::Month | Kind::Region | Kind::Organisation | Kind::Entry => {
                FieldKind::Word
            }
            _ => return None,
        };
        let places = if self.kind == Kind::Money { 0 } else { self.decimals() };
        Some(FormField { name: self.collected_as(), title: self.headed("分", Lang::Zh), kind, places })
    }
}

impl Definition {
    /// The documents of this form, or the rows inside them, as a collection may speak of them; `None` if nothing of
    /// them may leave.
    #[must_use]
    pub fn source(&self, rows: &str) -> Option<FormSource> {
        let fields = if rows.is_empty() { &self.fields } else { &self.field(rows)?.fields };
        let told: Vec<FormField> = leaving(fields).filter_map(Field::collected).collect();
        if told.is_empty() {
            return None;
        }
        let word = |(name, title): (&str, &str)| named(name, title, FieldKind::Word);
        let fund = (self.subject.of == SubjectOf::Fund).then(|| word(FUND));
        let always = ALWAYS.into_iter().map(|(name, title, kind)| named(name, title, kind));
        let fields = std::iter::once(word(REGION)).chain(always).chain(fund).chain(told).collect();
        Some(FormSource { code: self.code.clone(), title: self.title.clone(), rows: rows.to_owned(), fields })
    }

    /// Of a form of projects or their lines: what a city has added to it and lets leave, as a collection may speak of
    /// it; `None` if there is nothing.
    #[must_use]
    pub fn added_source(&self) -> Option<FormSource> {
        let told = |(name, field): (String, &Field)| Some(FormField { name, ..field.collected()? });
        let fields: Vec<FormField> = self.added_names().filter_map(told).collect();
        (!fields.is_empty()).then(|| FormSource {
            code: self.code.clone(),
            title: self.title.clone(),
            rows: String::new(),
            fields,
        })
    }

    /// The records with whose tables a form's added fields are collected.
    #[must_use]
    pub fn collected_with(&self) -> Option<Records> {
        match self.kept_as {
            Some(KeptAs::Project) => Some(Records::Projects),
            Some(KeptAs::Line) => Some(Records::Indicators),
            _ => None,
        }
    }

    /// Whether an added field may leave in some way.
    #[must_use]
    pub fn lets_added(&self, name: &str, way: &Leaving) -> bool {
        let found = self.added_leaving().find(|field| added_as(field) == name);
        found.is_some_and(|field| field.leaves.contains(way))
    }

    /// What a collection calls the added fields that it may speak of.
    pub fn added_names(&self) -> impl Iterator<Item = (String, &Field)> {
        self.added_leaving().map(|field| (added_as(field), field))
    }

    /// What is typed alone: what follows from it is kept nowhere.
    fn added_leaving(&self) -> impl Iterator<Item = &Field> {
        let asked = self.collected_with().is_some();
        self.added().filter(move |field| asked && field.is_given() && !field.personal && !field.leaves.is_empty())
    }

    /// Whether anything of it may leave.
    #[must_use]
    pub fn leaves_something(&self) -> bool {
        if self.is_kept() {
            return self.added_source().is_some();
        }
        let rows = self.fields.iter().filter(|field| field.kind == Kind::Rows).map(|field| field.name.as_str());
        std::iter::once("").chain(rows).any(|rows| self.source(rows).is_some())
    }

    /// Whether a field of a table may leave in some way; those that tell of every document always may.
    #[must_use]
    pub fn lets(&self, rows: &str, name: &str, way: &Leaving) -> bool {
        let always = ALWAYS.iter().any(|(known, _, _)| *known == name) || name == REGION.0;
        let fund = self.subject.of == SubjectOf::Fund && name == FUND.0;
        if (always || fund) && *way == Leaving::Group {
            return true;
        }
        let fields = if rows.is_empty() { Some(&self.fields) } else { self.field(rows).map(|field| &field.fields) };
        let found = fields.and_then(|fields| fields.iter().find(|field| field.collected_as() == name));
        found.is_some_and(|field| !field.personal && field.leaves.contains(way))
    }

    /// The collection of all that this form lets leave: for each of its tables one, grouped as its fields allow.
    #[must_use]
    pub fn collection(&self, id: &str, period: &str, due: Date) -> Option<Collection> {
        if self.is_kept() {
            let title = format!("{period}年度{}归集", self.title);
            return collection_of((id, title), period, due, "按现有记录的合计与分布", vec![self.added_table()?]);
        }
        let rows = self.fields.iter().filter(|field| field.kind == Kind::Rows).map(|field| field.name.as_str());
        let tables: Vec<Table> = std::iter::once("").chain(rows).filter_map(|rows| self.table(rows)).collect();
        let title = format!("{}（{}）", self.title, self.subject.per.shown(period, Lang::Zh));
        collection_of((id, title), period, due, "已批复单据的合计与分布", tables)
    }

    fn added_table(&self) -> Option<Table> {
        let (source, records) = (self.added_source()?, self.collected_with()?);
        let groups = self.added_names().filter(|(_, field)| field.leaves.contains(&Leaving::Group));
        let groups = groups.map(|(name, _)| name);
        let counted = if records == Records::Projects { "项目数" } else { "指标数" };
        let mut usual = vec![measure("records", counted, MeasureKind::Count, None)];
        // What is asked beside is read beside what every project has.
        if records == Records::Projects {
            let sum =
                |(id, title, field): (&str, &str, &str)| measure(id, title, MeasureKind::Sum, Some(field.to_owned()));
            usual.extend([("budget", "全年预算数", "budget_fen"), ("executed", "全年执行数", "executed_fen")].map(sum));
        }
        let told =
            self.added_names().flat_map(|(name, field)| measures(field, &format!("{ADDED}{}", field.name), &name));
        Some(Table {
            id: "records".to_owned(),
            title: self.title.clone(),
            records,
            form: None,
            more: Some(source),
            filter: Vec::<Condition>::new(),
            group_by: std::iter::once(REGION.0.to_owned()).chain(groups).collect(),
            measures: usual.into_iter().chain(told).collect(),
        })
    }

    fn table(&self, rows: &str) -> Option<Table> {
        let source = self.source(rows)?;
        let fields = if rows.is_empty() { &self.fields } else { &self.field(rows)?.fields };
        let groups = leaving(fields).filter(|field| field.leaves.contains(&Leaving::Group)).map(Field::collected_as);
        let fund = (self.subject.of == SubjectOf::Fund).then(|| FUND.0.to_owned());
        let title = self.field(rows).map_or(self.title.as_str(), |field| field.title.as_str());
        let count = measure("records", if rows.is_empty() { "单据份数" } else { "明细行数" }, MeasureKind::Count, None);
        Some(Table {
            id: if rows.is_empty() { "documents".to_owned() } else { rows.to_owned() },
            title: title.to_owned(),
            records: Records::Documents,
            form: Some(source),
            more: None,
            filter: Vec::<Condition>::new(),
            group_by: std::iter::once(REGION.0.to_owned()).chain(fund).chain(groups).collect(),
            measures: std::iter::once(count)
                .chain(leaving(fields).flat_map(|field| measures(field, &field.name, &field.collected_as())))
                .collect(),
        })
    }
}

fn collection_of(
    (id, title): (&str, String),
    period: &str,
    due: Date,
    method: &str,
    tables: Vec<Table>,
) -> Option<Collection> {
    (!tables.is_empty()).then(|| Collection {
        id: id.to_owned(),
        title,
        period: period.to_owned(),
        due,
        audience: Vec::new(),
        method: method.to_owned(),
        smallest_group: 1,
        accepting: Accepting::default(),
        tables,
    })
}

/// What a collection calls an added field.
fn added_as(field: &Field) -> String {
    format!("{ADDED}{}", field.collected_as())
}

fn named(name: &str, title: &str, kind: FieldKind) -> FormField {
    FormField { name: name.to_owned(), title: title.to_owned(), kind, places: 0 }
}

fn leaving(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| !field.personal && !field.leaves.is_empty())
}

/// What a field says that may be summed or counted. A distribution has edges that only a person can choose.
fn measures(field: &Field, id: &str, name: &str) -> Vec<Measure> {
    let name = || Some(name.to_owned());
    let mut all = Vec::new();
    if field.leaves.contains(&Leaving::Sum) {
        all.push(measure(id, &format!("{}合计", field.title), MeasureKind::Sum, name()));
    }
    if field.leaves.contains(&Leaving::Count) {
        let id = format!("{id}_count");
        all.push(measure(&id, &format!("{}已填份数", field.title), MeasureKind::Count, name()));
    }
    all
}

fn measure(id: &str, title: &str, kind: MeasureKind, field: Option<String>) -> Measure {
    let (id, title) = (id.to_owned(), title.to_owned());
    Measure { id, title, kind, field, by: None, edges: Vec::new(), conditions: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::CollectionProblem;
    use crate::egress::EgressContract;
    use crate::form::Expression;

    fn form() -> Definition {
        let body = serde_json::json!({
            "code": "road", "title": "调度表", "subject": { "of": "region", "per": "quarter" },
            "fields": [
                { "name": "issued", "title": "下达资金", "kind": "money", "leaves": ["sum"] },
                { "name": "phone", "title": "电话", "kind": "line", "personal": true, "leaves": ["group"] },
                { "name": "note", "title": "备注", "kind": "text" },
                { "name": "roads", "title": "路段", "kind": "rows", "fields": [
                    { "name": "grade", "title": "等级", "kind": "one_of", "leaves": ["group"],
                      "choices": [{ "code": "a", "text": "县道" }] },
                    { "name": "km", "title": "里程", "kind": "decimal", "places": 3, "leaves": ["sum"] },
                    { "name": "paid", "title": "已支付", "kind": "money" } ] } ]
        });
        serde_json::from_value(body).expect("a definition")
    }

    /// 项目信息 to which a city has added 民生实事, 专项债券 and 联系电话.
    fn projects() -> Definition {
        let mut form = Definition::of_projects().clone();
        for (name, title, kind, leaves) in [
            ("livelihood", "民生实事", Kind::YesNo, vec![Leaving::Group]),
            ("bond", "专项债券", Kind::Money, vec![Leaving::Sum, Leaving::Count]),
            ("phone", "联系电话", Kind::Line, Vec::new()),
        ] {
            form.fields.push(Field { leaves, ..Field::new(name, title, kind) });
        }
        assert_eq!(form.check(), []);
        form
    }

    /// What a city adds to projects is collected as its fields say, beside what the program knows of projects; what it
    /// does not let leave stays, whatever a collection says of it, and so does what the program has a place for.
    #[test]
    fn what_is_added_to_projects() {
        let (form, due) = (projects(), Date::from_calendar_date(2026, time::Month::March, 31).expect("a day"));
        assert_eq!((Definition::of_projects().leaves_something(), form.leaves_something()), (false, true));
        let collection = form.collection("bonds", "2025", due).expect("something leaves");
        assert_eq!(collection.check(), Vec::<CollectionProblem>::new());
        assert_eq!(collection.title, "2025年度项目信息归集");
        let [table] = collection.tables.as_slice() else { unreachable!("one table") };
        assert_eq!(
            (table.records, table.group_by.join(" ")),
            (Records::Projects, "region added_livelihood".to_owned())
        );
        let told: Vec<&str> = table.measures.iter().filter_map(|it| it.field.as_deref()).collect();
        assert_eq!(told, ["budget_fen", "executed_fen", "added_bond_fen", "added_bond_fen"]);
        assert_eq!(table.called("added_bond_fen", Lang::Zh), "专项债券（分）");
        assert_eq!(table.called("budget_fen", Lang::Zh), "全年预算数（分）");

        let contract = EgressContract::default();
        let of = |form: &'static Definition| move |code: &str| (code == "project").then_some(form);
        let form: &'static Definition = Box::leak(Box::new(form));
        assert_eq!(contract.check_with(&collection, of(form)), Ok(()));
        let refused = |collection: &Collection, form| contract.check_with(collection, form).map_err(|it| it.len());
        assert_eq!(refused(&collection, of(Definition::of_projects())), Err(5), "a county with another form");
        let mut other = collection.clone();
        let phone =
            FormField { name: "added_phone".into(), title: "联系电话".into(), kind: FieldKind::Word, places: 0 };
        other.tables[0].more.as_mut().expect("a source").fields.push(phone);
        other.tables[0].group_by.push("added_phone".into());
        assert_eq!(refused(&other, of(form)), Err(2), "it is described, and grouped by");
        let mut other = collection.clone();
        other.tables[0].measures[3].kind = MeasureKind::Max;
        assert_eq!(refused(&other, of(form)), Err(1), "a greatest is one project's value");
        let mut other = collection;
        other.tables[0].more.as_mut().expect("a source").fields[0].name = "department".into();
        assert!(other.check().contains(&CollectionProblem::Form("records".into())), "no name of the program's");

        let mut form = form.clone();
        let budget = form.fields.iter_mut().find(|field| field.name == "budget_adjusted").expect("a field");
        budget.leaves.push(Leaving::Sum);
        assert!(!form.check().is_empty(), "the program's own fields leave under their own names");
        let mut form = projects();
        let gap =
            Field { derived: Some(Expression::field("budget_adjusted")), ..Field::new("gap", "缺口", Kind::Money) };
        form.fields.push(Field { leaves: vec![Leaving::Sum], ..gap });
        assert!(!form.check().is_empty() && !form.lets_added("added_gap_fen", &Leaving::Sum), "it is kept nowhere");
    }

    /// A form of projects says nothing of what leaves of lines, though both have a field of the same name; nor of
    /// documents, of which it has none.
    #[test]
    fn of_its_own_records() {
        let (form, due) = (projects(), Date::from_calendar_date(2026, time::Month::March, 31).expect("a day"));
        let mut collection = form.collection("bonds", "2025", due).expect("something leaves");
        let table = &mut collection.tables[0];
        table.records = Records::Indicators;
        let contract = EgressContract::default();
        let refused = contract.check_with(&collection, |_| Some(&form)).map_err(|it| it.len());
        assert_eq!(refused, Err(5), "the sums, the count and the grouping, and what they are described as");
        let table = &mut collection.tables[0];
        (table.records, table.form) = (Records::Documents, table.more.take());
        assert_eq!(contract.check_with(&collection, |_| Some(&form)).map_err(|it| it.len()), Err(1));
    }

    /// A form is collected as its fields say: sums of what may be summed, groups by what may group, and nothing that is
    /// personal or not said to leave.
    #[test]
    fn what_a_form_lets_leave() {
        let due = Date::from_calendar_date(2025, time::Month::October, 20).expect("a day");
        let collection = form().collection("road-2025q3", "2025Q3", due).expect("something leaves");
        assert_eq!(collection.check(), Vec::<CollectionProblem>::new());
        let [documents, roads] = collection.tables.as_slice() else { unreachable!("two tables") };
        let told: Vec<&str> = documents.measures.iter().filter_map(|it| it.field.as_deref()).collect();
        assert_eq!((documents.group_by.as_slice(), told.as_slice()), (&["region".to_owned()][..], &["issued_fen"][..]));
        let told: Vec<&str> = roads.measures.iter().filter_map(|it| it.field.as_deref()).collect();
        assert_eq!(
            (roads.group_by.as_slice(), told.as_slice()),
            (&["region".to_owned(), "grade".to_owned()][..], &["km"][..])
        );
        let form = form();
        assert!(!form.lets("", "phone", &Leaving::Group) && !form.lets("roads", "paid_fen", &Leaving::Sum));
        assert!(form.lets("roads", "grade", &Leaving::Group) && !form.lets("roads", "grade", &Leaving::Sum));
        assert!(form.lets("", "issued_fen", &Leaving::Sum) && !form.lets("", "issued", &Leaving::Sum));
    }
}
