//! 字段: what a form asks, and what follows from what it asks.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::expression::number;
use super::flow::FlowLevel;
use super::word::words;
use super::{Condition, Expression};

words! {
    /// What a field holds.
    Kind {
        /// A line of text.
        Line = "line", "单行文本", "line";
        /// A text of several lines.
        Text = "text", "多行文本", "text";
        /// A code: compared as it is typed, without blanks.
        Code = "code", "编码", "code";
        /// One of the choices.
        OneOf = "one_of", "单选", "one of";
        /// Any of the choices.
        AnyOf = "any_of", "多选", "any of";
        /// Yes or no.
        YesNo = "yes_no", "是否", "yes or no";
        /// A whole number.
        Whole = "whole", "整数", "whole number";
        /// A number with decimals.
        Decimal = "decimal", "小数", "decimal";
        /// A percentage, in percent.
        Percent = "percent", "百分比", "percent";
        /// An amount, kept in yuan to the fen.
        Money = "money", "金额", "amount";
        /// A day.
        Day = "day", "日期", "day";
        /// A month.
        Month = "month", "月份", "month";
        /// A division, by its code.
        Region = "region", "区划", "division";
        /// An organisation, by its name.
        Organisation = "organisation", "单位名称", "organisation";
        /// A person, by name.
        Person = "person", "人员", "person";
        /// An entry of a catalog.
        Entry = "entry", "目录条目", "catalog entry";
        /// Another document.
        Document = "document", "其他单据", "document";
        /// Files.
        Files = "files", "附件", "files";
        /// A table inside the form.
        Rows = "rows", "明细表", "rows";
    }
}

impl Kind {
    /// Whether it is a number, with which can be calculated.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Whole | Self::Decimal | Self::Percent | Self::Money)
    }

    /// Whether a list can have it as a column: one value that fits a line.
    #[must_use]
    pub fn is_column(&self) -> bool {
        !matches!(self, Self::Text | Self::Files | Self::Rows | Self::Unknown(_))
    }

    /// Whether a row of a table inside the form can have it.
    #[must_use]
    pub fn fits_rows(&self) -> bool {
        !matches!(self, Self::AnyOf | Self::Files | Self::Rows)
    }
}

words! {
    /// What of a field may leave, as part of a declared aggregate.
    Leaving {
        /// Results may be grouped by it.
        Group = "group", "分组", "group by";
        /// How many have it.
        Count = "count", "计数", "count";
        /// Its sum.
        Sum = "sum", "合计", "sum";
        /// Its sum weighted by another field, and that field's use as a weight.
        Weigh = "weigh", "加权", "weigh";
        /// How its values are distributed.
        Histogram = "histogram", "分布", "histogram";
    }
}

/// 选项: one of the values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is kept; it never changes its meaning.
    pub code: String,
    /// What people read.
    pub text: String,
    /// 停用: documents that have it keep it, nobody chooses it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// 字段
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Unique within the form, or within its rows: `[a-z][a-z0-9_]*`. A field is never renamed.
    pub name: String,
    /// 中文名
    pub title: String,
    /// English name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub english: String,
    /// What it holds.
    pub kind: Kind,
    /// 必填: what must be there before the document is handed on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// 计量单位, where a number has one that its kind does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// 填写说明
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Decimals of a number; 2 for a percentage and a decimal that do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<u32>,
    /// The least that a number may be.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "limit")]
    pub least: Option<Decimal>,
    /// The most that a number may be.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "limit")]
    pub most: Option<Decimal>,
    /// The most characters of a text, the most rows of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<usize>,
    /// The choices of `one_of` and `any_of`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// The catalog of an entry, the form of a document; of a form that the program keeps as records of its own
    /// ([`super::KeptAs`]), the other such form that describes this field.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub of: String,
    /// 自动带出: a field of the subject, such as `project.name`, that it is filled with; then it is not typed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// 计算: what it follows from; then it is not typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<Expression>,
    /// When it is asked at all; always without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Which level fills it in; whoever keeps the document without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<FlowLevel>,
    /// The states in which it may be changed; those that the flow opens for filling in without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fill: Vec<String>,
    /// 个人信息: masked on pages, and never part of what leaves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
    /// What may leave; nothing without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<Leaving>,
    /// 停用: documents that have it keep it, nobody fills it in any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// The role that a calculator asks for it by, such as `budget`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// The fields of rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// A limit: text, or a whole number as people write it in a file.
fn limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    let given = Option::<Value>::deserialize(from)?;
    let read = |given: &Value| number(given).ok_or_else(|| D::Error::custom("not a number such as 0 or \"0.5\""));
    given.as_ref().map(read).transpose()
}

impl Field {
    /// A field of this name and kind that asks for nothing else.
    #[must_use]
    pub fn new(name: &str, title: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            english: String::new(),
            kind,
            required: false,
            unit: String::new(),
            hint: String::new(),
            places: None,
            least: None,
            most: None,
            longest: None,
            choices: Vec::new(),
            of: String::new(),
            from: String::new(),
            derived: None,
            when: None,
            level: None,
            fill: Vec::new(),
            personal: false,
            leaves: Vec::new(),
            retired: false,
            role: String::new(),
            fields: Vec::new(),
        }
    }

    /// What it is called.
    #[must_use]
    pub fn called(&self, lang: crate::lang::Lang) -> &str {
        if self.english.is_empty() { &self.title } else { lang.pick(&self.title, &self.english) }
    }

    /// The unit of its numbers, where amounts are in `money`; empty without one.
    #[must_use]
    pub fn unit_in<'a>(&'a self, money: &'a str) -> &'a str {
        match self.kind {
            Kind::Money => money,
            Kind::Percent => "%",
            _ => &self.unit,
        }
    }

    /// What stands above a column of it: 已支付（万元）, where amounts are in `money`.
    #[must_use]
    pub fn headed(&self, money: &str, lang: crate::lang::Lang) -> String {
        let called = self.called(lang);
        match self.unit_in(money) {
            "" => called.to_owned(),
            unit => lang.pick(&format!("{called}（{unit}）"), &format!("{called} ({unit})")).to_owned(),
        }
    }

    /// Whether somebody types it: it is neither calculated nor filled in from elsewhere, and not retired.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.derived.is_none() && self.from.is_empty() && !self.retired
    }

    /// Whether what was once typed is kept: it follows from nothing else and comes from nowhere.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.derived.is_none() && self.from.is_empty()
    }

    /// Whether another form that the program keeps describes it, and its records keep what is typed.
    #[must_use]
    pub fn is_described_elsewhere(&self) -> bool {
        !self.of.is_empty() && !matches!(self.kind, Kind::Entry | Kind::Document)
    }

    /// Whether its rows are there of themselves, one for each record of another form or for each figure of the subject:
    /// nobody adds or takes away any.
    #[must_use]
    pub fn has_fixed_rows(&self) -> bool {
        self.kind == Kind::Rows && !(self.of.is_empty() && self.from.is_empty())
    }

    /// Whether rows neither come nor go where these fields are not filled in (see [`super::Definition::locked`]): some
    /// cells of them may be filled in all the same.
    #[must_use]
    pub fn has_fixed_rows_but(&self, locked: &BTreeSet<String>) -> bool {
        self.has_fixed_rows() || self.kind == Kind::Rows && locked.contains(&self.name)
    }

    /// Whether it, or a field of its rows, is filled in where these are not.
    #[must_use]
    pub fn is_open_but(&self, locked: &BTreeSet<String>) -> bool {
        let inner = |inner: &Field| inner.is_typed() && !locked.contains(&format!("{}.{}", self.name, inner.name));
        self.is_typed() && (!locked.contains(&self.name) || self.fields.iter().any(inner))
    }

    /// Decimals of its numbers: none for whole numbers, 2 for amounts, what it says or 2 for others.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        match self.kind {
            Kind::Whole => 0,
            Kind::Money => 2,
            _ => self.places.unwrap_or(2),
        }
    }

    /// What people read for a choice; the code itself if there is none of it.
    #[must_use]
    pub fn choice_text<'a>(&'a self, code: &'a str) -> &'a str {
        self.choices.iter().find(|choice| choice.code == code).map_or(code, |choice| choice.text.as_str())
    }
}
