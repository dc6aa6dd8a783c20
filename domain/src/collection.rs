//! Collections (归集任务): what a parent asks of its children. A collection is data: a county reads in its own language
//! exactly what would leave, and computes the answer from its own records, which stay where they are.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::lang::{Lang, Say};
use crate::moment::Moment;
use crate::partial::{MeasureKind, iso_date};
use crate::region::{RegionCode, Regions};

mod accepting;
mod answer;
mod bounds;
mod check;
mod condition;
mod field;
mod source;

pub use accepting::Accepting;
pub use answer::{CollectionError, Group, TableAnswer, answer};
pub use bounds::{Bounds, MOST_FEN};
pub use check::CollectionProblem;
pub use condition::{Condition, NotOneTest, Test, clauses};
pub use field::{Cell, FIELDS, Field, FieldKind, Records, Row, Rows};
pub use source::{FormField, FormSource, TableField};

/// 归集任务: an entry of the `collections` catalog, written as TOML or JSON. Whoever reads one reads it by
/// [`crate::reading::read`]: one with parts that are unknown here is shown, and never answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// The entry's key.
    pub id: String,
    /// 任务名称
    pub title: String,
    /// 期间: begins with the budget year, `2024`.
    pub period: String,
    /// 截止日期: the last day for reporting in time.
    #[serde(with = "iso_date")]
    pub due: Date,
    /// 归集范围: the regions that are asked, with all within them; empty means everyone who can read it.
    #[serde(default)]
    pub audience: Vec<RegionCode>,
    /// 汇总方法, in words: every figure names its method.
    #[serde(default)]
    pub method: String,
    /// 最小分组: groups of fewer records are withheld.
    #[serde(default = "one")]
    pub smallest_group: u64,
    /// 接收方式: what makes a sound report count. Signed entries without it keep their bytes.
    #[serde(default, skip_serializing_if = "Accepting::is_by_check")]
    pub accepting: Accepting,
    /// 归集表
    pub tables: Vec<Table>,
}

/// One table of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Unique within the collection.
    pub id: String,
    /// 表名
    #[serde(default)]
    pub title: String,
    /// From which records.
    pub records: Records,
    /// Of documents: of which form, and what of it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<FormSource>,
    /// Of projects and indicator lines: what the city asks of them beside what the program knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<FormSource>,
    /// Which of them: those of which all conditions hold.
    #[serde(default)]
    pub filter: Vec<Condition>,
    /// 分组: the fields whose values make a group; none makes a single group.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// What is computed of each group.
    pub measures: Vec<Measure>,
}

/// One measure of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Unique within the table.
    pub id: String,
    /// 名称
    #[serde(default)]
    pub title: String,
    /// How it is computed.
    pub kind: MeasureKind,
    /// Of which field. A record that lacks it doesn't take part. A count without a field counts records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The weight field, where the kind is weighted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The edges of a histogram, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<Decimal>,
    /// Of which records of the group: those of which all conditions hold.
    #[serde(rename = "where", default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

fn one() -> u64 {
    1
}

impl Collection {
    /// The budget year that its period lies in; `None` if the period doesn't begin with one.
    #[must_use]
    pub fn fiscal_year(&self) -> Option<i32> {
        let digits = self.period.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse().ok()
    }

    /// The first moment that is too late: the end of the due day in China (UTC+8).
    #[must_use]
    pub fn deadline(&self) -> Moment {
        let midnight = self.due.midnight().assume_utc().unix_timestamp();
        Moment(0).plus_seconds(midnight).plus_seconds(24 * 3600 - 8 * 3600)
    }

    /// Whether it asks this region, under whatever code.
    #[must_use]
    pub fn asks(&self, region: &RegionCode, regions: &Regions) -> bool {
        self.audience.is_empty() || self.audience.iter().any(|asked| regions.within(region, asked))
    }

    /// The table of this id.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }
}

impl Measure {
    /// The measure as a sentence part: what, of which field, under which conditions.
    #[must_use]
    pub fn clause(&self, table: &Table, lang: Lang) -> String {
        let name = |field: &Option<String>| table.called(field.as_deref().unwrap_or_default(), lang);
        let (field, by, kind) = (name(&self.field), name(&self.by), self.kind.text(lang));
        let what = match (self.kind, lang) {
            (MeasureKind::Count, _) if self.field.is_none() => {
                lang.pick("记录个数", "the number of records").to_owned()
            }
            (MeasureKind::Weighted, Lang::Zh) => format!("{field}按{by}加权的合计"),
            (MeasureKind::Weighted, Lang::En) => format!("{field} weighted by {by}"),
            (MeasureKind::Histogram, _) => {
                let edges: Vec<String> = self.edges.iter().map(Decimal::to_string).collect();
                let edges = edges.join(lang.pick("、", ", "));
                match lang {
                    Lang::Zh => format!("{field}的分布（分界 {edges}）"),
                    Lang::En => format!("the distribution of {field} at {edges}"),
                }
            }
            (_, Lang::Zh) => format!("{field}的{kind}"),
            (_, Lang::En) => format!("{kind} of {field}"),
        };
        match (clauses(&self.conditions, table, lang), lang) {
            (None, _) => what,
            (Some(only), Lang::Zh) => format!("{what}（仅限{only}的记录）"),
            (Some(only), Lang::En) => format!("{what} (only where {only})"),
        }
    }
}

impl Say for Table {
    fn say(&self, lang: Lang) -> String {
        let of = match &self.form {
            Some(form) => form.said(lang),
            None => self.records.text(lang).to_owned(),
        };
        let only = clauses(&self.filter, self, lang);
        let names = |fields: &[String]| {
            let names: Vec<String> = fields.iter().map(|field| self.called(field, lang)).collect();
            names.join(lang.pick("、", ", "))
        };
        let measures: Vec<String> = self.measures.iter().map(|measure| measure.clause(self, lang)).collect();
        match lang {
            Lang::Zh => {
                let only = only.map_or_else(String::new, |only| format!("中{only}的记录"));
                let groups = if self.group_by.is_empty() {
                    "不分组".to_owned()
                } else {
                    format!("按{}分组", names(&self.group_by))
                };
                format!("从{of}{only}，{groups}，上报：{}。", measures.join("；"))
            }
            Lang::En => {
                let only = only.map_or_else(String::new, |only| format!(" where {only}"));
                let groups = if self.group_by.is_empty() {
                    "as one group".to_owned()
                } else {
                    format!("grouped by {}", names(&self.group_by))
                };
                format!("From {of}{only}, {groups}, report: {}.", measures.join("; "))
            }
        }
    }
}

impl Say for Collection {
    fn say(&self, lang: Lang) -> String {
        let head = match lang {
            Lang::Zh => format!("{}：期间 {}，截止 {}。", self.title, self.period, self.due),
            Lang::En => format!("{}: period {}, due {}.", self.title, self.period, self.due),
        };
        let tables = self.tables.iter().map(|table| format!("\n{} {}", table.title, table.say(lang)));
        std::iter::once(head).chain(tables).collect()
    }
}

#[cfg(test)]
mod tests;
