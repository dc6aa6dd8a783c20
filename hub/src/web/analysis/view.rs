//! The sides from which a collection can be looked at, as far as it was collected by them, and what codes are called.

use std::collections::BTreeMap;

use tongpin_domain::collection::{Collection, Records, Table};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::Regions;
use tongpin_domain::rollup::{By, Method};

use crate::app::App;
use crate::failure::Failure;

/// The dimensions that people ask for, and the field that a collection has to be grouped by for each.
pub(super) const DIMENSIONS: [(&str, &str, &str); 5] = [
    ("region", "区县", "county"),
    ("fund_code", "专项资金", "fund"),
    ("department", "主管部门", "department"),
    ("book", "预算本", "budget book"),
    ("indicator_code", "指标", "indicator"),
];

/// A side from which a collection can be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum View {
    /// By its own method: a league table, or funds and indicators.
    Method,
    /// A table by its field, or by reporter where that is `region`.
    Table {
        /// The table's id.
        table: String,
        /// The field.
        field: String,
    },
}

impl View {
    /// Every view of a collection, the one it was made for first.
    pub(super) fn all(collection: &Collection) -> Vec<Self> {
        let method = Method::of(collection);
        let mut views: Vec<Self> = method.is_some().then_some(Self::Method).into_iter().collect();
        // The league table says all that a table of scores by county could; lines of a method have views of their own.
        let told = |table: &&Table| match method {
            Some(Method::ScoresFirst) => table.id != "regions",
            Some(Method::ValuesFirst) => table.records == Records::Projects,
            None => true,
        };
        for table in collection.tables.iter().filter(told) {
            let fields = std::iter::once("region")
                .chain(table.group_by.iter().map(String::as_str).filter(|field| *field != "region"));
            views.extend(fields.map(|field| Self::Table { table: table.id.clone(), field: field.to_owned() }));
        }
        views
    }

    /// The view of a word; the first if there is none.
    pub(super) fn of_word(collection: &Collection, word: &str) -> Option<Self> {
        let all = Self::all(collection);
        all.iter().find(|view| view.word() == word).cloned().or_else(|| all.into_iter().next())
    }

    /// How addresses name it.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Method => "method".to_owned(),
            Self::Table { table, field } => format!("{table}.{field}"),
        }
    }

    /// The table and what its lines stand for; `None` for the method's own view.
    pub(super) fn table<'a>(&self, collection: &'a Collection) -> Option<(&'a Table, By)> {
        let Self::Table { table, field } = self else { return None };
        let table = collection.table(table)?;
        if field == "region" {
            return Some((table, By::Reporter));
        }
        let at = table.group_by.iter().position(|grouping| grouping == field)?;
        Some((table, By::Grouping(at)))
    }

    pub(super) fn label(&self, collection: &Collection, lang: Lang) -> String {
        match self {
            Self::Method => match Method::of(collection) {
                Some(Method::ScoresFirst) => lang.pick("区县得分与排名", "Counties' scores").to_owned(),
                _ => lang.pick("专项与指标得分", "Funds and indicators").to_owned(),
            },
            Self::Table { table, field } => {
                let known = DIMENSIONS.iter().find(|(name, _, _)| name == field);
                let said = match known {
                    Some((_, zh, en)) => lang.pick(zh, en).to_owned(),
                    None => collection.table(table).map_or_else(|| field.clone(), |table| table.called(field, lang)),
                };
                let title = collection.table(table).map_or("", |table| table.title.as_str());
                if collection.tables.len() > 1 {
                    format!("{title}{}{said}", lang.pick("·按", " by "))
                } else {
                    format!("{}{said}", lang.pick("按", "By "))
                }
            }
        }
    }
}

/// What codes are called: divisions, funds and indicators.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn names(app: &App, regions: &Regions) -> Result<BTreeMap<String, String>, Failure> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for name in ["funds", "indicators"] {
        for entry in app.store().entries(&app.catalog(name)).await? {
            let body: serde_json::Value = serde_json::from_str(&entry.body).unwrap_or_default();
            let called = body.get("name").and_then(serde_json::Value::as_str).unwrap_or_default();
            names.insert(entry.key, called.to_owned());
        }
    }
    names.extend(regions.iter().map(|region| (region.code.to_string(), region.name.clone())));
    Ok(names)
}
