//! 表单定义: one document of the trade, described once.

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{Condition, Field, Flow, KeptAs, Layout};

/// 表单: an entry of the catalog `forms`, written as TOML or as a workbook, kept as JSON. What a newer program added is
/// told by [`crate::reading::read`] and by [`Definition::unknown`], and makes the form read-only here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The entry's key: `[a-z][a-z0-9_]*`.
    pub code: String,
    /// 沿用的单据: where its documents are records that the program keeps as such; then there are no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_as: Option<KeptAs>,
    /// 表名
    pub title: String,
    /// English name, for the English pages.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub english: String,
    /// 阶段: the stage of the cycle, in the trade's words (绩效目标, 运行监控 …).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stage: String,
    /// 依据 (文号)
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<String>,
    /// 填表说明
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// 适用年度
    #[serde(default, skip_serializing_if = "Years::is_always")]
    pub years: Years,
    /// 填报对象
    #[serde(default)]
    pub subject: Subject,
    /// 字段
    pub fields: Vec<Field>,
    /// 校验
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// 流程
    #[serde(default)]
    pub flow: Flow,
    /// 版式
    #[serde(default, skip_serializing_if = "Layout::is_default")]
    pub layout: Layout,
    /// 列表
    #[serde(default, skip_serializing_if = "List::is_default")]
    pub list: List,
}

/// The budget years that a form is for; both ends included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Years {
    /// From which on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i32>,
    /// Up to which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i32>,
}

impl Years {
    /// Whether it is for every year.
    #[must_use]
    pub fn is_always(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a year is among them.
    #[must_use]
    pub fn has(&self, year: i32) -> bool {
        self.from.is_none_or(|from| from <= year) && self.to.is_none_or(|to| year <= to)
    }
}

/// What a document is about, and how often there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// 填报对象
    pub of: SubjectOf,
    /// 填报频次
    pub per: Per,
    /// Whether a subject may have several documents of one period.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub several: bool,
}

impl Default for Subject {
    fn default() -> Self {
        Self { of: SubjectOf::Region, per: Per::Year, several: false }
    }
}

words! {
    /// 填报对象: what a document is about.
    SubjectOf {
        /// A project of the library, by its code.
        Project = "project", "项目", "project";
        /// A special transfer payment, by its code.
        Fund = "fund", "专项资金", "fund";
        /// A department, by its name.
        Department = "department", "部门", "department";
        /// A unit, by its name.
        Unit = "unit", "单位", "unit";
        /// A policy, by its name.
        Policy = "policy", "政策", "policy";
        /// The division of whoever fills it in.
        Region = "region", "地区", "region";
        /// A task given to an expert.
        Task = "task", "专家任务", "expert's task";
        /// Nothing in particular.
        Nothing = "nothing", "无", "nothing";
    }
}

words! {
    /// 填报频次: the period that a document is for.
    Per {
        /// Once and for all.
        Once = "once", "一次", "once";
        /// A budget year: `2025`.
        Year = "year", "年", "year";
        /// A quarter: `2025Q3`.
        Quarter = "quarter", "季度", "quarter";
        /// A month: `2025-03`.
        Month = "month", "月", "month";
        /// A round that the bureau numbers: `2025-1`.
        Round = "round", "批次", "round";
    }
}

impl Per {
    /// The year of a period of this kind, if it is one that can be: `2025`, `2025Q3`, `2025-03`, `2025-1`.
    #[must_use]
    pub fn year_of(&self, period: &str) -> Option<i32> {
        let (year, rest) = period.split_at_checked(4)?;
        let year: i32 = Some(year).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
        let number = |text: &str, most: u8, width: usize| {
            text.len() <= width
                && text.bytes().all(|b| b.is_ascii_digit())
                && text.parse().is_ok_and(|n: u8| (1..=most).contains(&n))
        };
        let sound = match self {
            Self::Year => rest.is_empty(),
            Self::Quarter => rest.strip_prefix('Q').is_some_and(|rest| number(rest, 4, 1)),
            Self::Month => rest.len() == 3 && rest.strip_prefix('-').is_some_and(|rest| number(rest, 12, 2)),
            Self::Round => rest.strip_prefix('-').is_some_and(|rest| number(rest, 99, 2)),
            Self::Once | Self::Unknown(_) => false,
        };
        (sound && (2000..=2999).contains(&year)).then_some(year)
    }

    /// Whether a text is a period of this kind; once has none.
    #[must_use]
    pub fn has(&self, period: &str) -> bool {
        if *self == Self::Once { period.is_empty() } else { self.year_of(period).is_some() }
    }

    /// A period as people read it: 2025年第3季度.
    #[must_use]
    pub fn shown(&self, period: &str, lang: crate::lang::Lang) -> String {
        let rest = period.get(5..).unwrap_or_default().trim_start_matches('0');
        match (self, self.year_of(period), lang) {
            (Self::Year, Some(year), crate::lang::Lang::Zh) => format!("{year}年度"),
            (Self::Quarter, Some(year), crate::lang::Lang::Zh) => format!("{year}年第{rest}季度"),
            (Self::Month, Some(year), crate::lang::Lang::Zh) => format!("{year}年{rest}月"),
            (Self::Round, Some(year), crate::lang::Lang::Zh) => format!("{year}年第{rest}批"),
            _ => period.to_owned(),
        }
    }
}

/// 校验: when something holds of a document, what follows, and the sentence that the person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Unique within the form.
    pub name: String,
    /// The condition under which something follows.
    pub when: Condition,
    /// What follows.
    pub then: Consequence,
    /// What the person reads: what is wrong, and what to do.
    pub says: String,
    /// The field at which it is told; the form as a whole without one. For a check of each row, a field of the rows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// The rows that it is checked for, one by one; the document as a whole without it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub each: String,
    /// For [`Consequence::Reason`]: the text field in which the reason is given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

words! {
    /// What a check does.
    Consequence {
        /// The document cannot be handed on.
        Block = "block", "不得送审", "blocks";
        /// It cannot be handed on without a reason.
        Reason = "reason", "须说明原因", "demands a reason";
        /// It goes on, and whoever reviews it is told.
        Review = "review", "提请审核关注", "goes to review";
        /// The person who fills it in is told.
        Warn = "warn", "提醒", "warns";
    }
}

/// 列表: what a list of documents shows before anybody chooses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The fields that are columns; the first five single fields without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The fields that can be filtered by; those with choices without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// The field that it is sorted by, with `-` in front backwards; the last changed first without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order: String,
}

impl List {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The field that it is sorted by, and whether backwards; `None` if the last changed stands first.
    #[must_use]
    pub fn sorted_by(&self) -> Option<(&str, bool)> {
        let order = Some(self.order.as_str()).filter(|order| !order.is_empty())?;
        Some(order.strip_prefix('-').map_or((order, false), |name| (name, true)))
    }
}

impl Definition {
    /// The field of this name that stands in no rows.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that a calculator or a page asks for by its role.
    #[must_use]
    pub fn role(&self, role: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.role == role && !field.retired)
    }

    /// A field by its place: `paid`, or `roads.paid` for one of rows.
    #[must_use]
    pub fn field_at(&self, place: &str) -> Option<&Field> {
        match place.split_once('.') {
            None => self.field(place),
            Some((rows, name)) => self.field(rows)?.fields.iter().find(|field| field.name == name),
        }
    }

    /// Every field with its place, those of rows behind them.
    pub fn places(&self) -> impl Iterator<Item = (String, &Field)> {
        self.fields.iter().flat_map(|field| {
            let own = std::iter::once((field.name.clone(), field));
            own.chain(field.fields.iter().map(move |inner| (format!("{}.{}", field.name, inner.name), inner)))
        })
    }

    /// What a check does, in words: documents that the program keeps itself are handed on by nobody, only saved.
    #[must_use]
    pub fn follows<'a>(&self, then: &'a Consequence, lang: crate::lang::Lang) -> &'a str {
        match then {
            Consequence::Block if self.is_kept() => lang.pick("不能保存", "is not saved"),
            _ => then.text(lang),
        }
    }

    /// What the form is called.
    #[must_use]
    pub fn called(&self, lang: crate::lang::Lang) -> &str {
        if self.english.is_empty() { &self.title } else { lang.pick(&self.title, &self.english) }
    }

    /// The fields that a list shows: those it names, or else the first five single ones.
    #[must_use]
    pub fn list_fields(&self) -> Vec<&Field> {
        if self.list.columns.is_empty() {
            return self.fields.iter().filter(|field| field.kind.is_column() && !field.retired).take(5).collect();
        }
        self.list.columns.iter().filter_map(|name| self.field(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    /// Each period has its own way of being written, and is read as a person says it.
    #[test]
    fn periods() {
        for (per, text, shown) in [
            (Per::Year, "2025", "2025年度"),
            (Per::Quarter, "2025Q3", "2025年第3季度"),
            (Per::Month, "2025-03", "2025年3月"),
            (Per::Round, "2025-12", "2025年第12批"),
        ] {
            assert_eq!((per.year_of(text), per.shown(text, Lang::Zh)), (Some(2025), shown.to_owned()));
        }
        for (per, text) in [
            (Per::Year, "2025Q1"),
            (Per::Quarter, "2025Q5"),
            (Per::Quarter, "2025Q03"),
            (Per::Month, "2025-13"),
            (Per::Month, "2025-3"),
            (Per::Month, "1999-03"),
            (Per::Once, "2025"),
            (Per::Year, "二〇二五"),
        ] {
            assert!(!per.has(text), "{text}");
        }
        assert!(Per::Once.has(""));
    }

    /// A word of a newer program comes back as it was.
    #[test]
    fn words_that_are_not_known() {
        let read: Consequence = serde_json::from_str("\"notify\"").expect("a word");
        assert_eq!(read.unknown(), Some("notify"));
        assert_eq!(serde_json::to_string(&read).expect("JSON"), "\"notify\"");
        assert_eq!(Consequence::read("须说明原因"), Consequence::Reason);
    }
}
