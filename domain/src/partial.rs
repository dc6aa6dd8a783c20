//! Mergeable partials (可合并的中间量): how measures travel. Whatever the grouping and the order, merging gives the
//! same total, because only counts, exact sums and extremes are ever merged; averages are computed where they are read.
//!
//! The JSON form is frozen: reports are signed over it. Decimals are written without trailing zeros, so that equal
//! partials are equal bytes.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::lang::{Lang, Say};

mod kind;

pub use kind::MeasureKind;

time::serde::format_description!(pub(crate) iso_date, Date, "[year]-[month]-[day]");

/// A value that can be the least or the greatest of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number.
    Number(Decimal),
    /// A day.
    Date(#[serde(with = "iso_date")] Date),
}

/// What a measure of one group of records comes to, before it is finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// 个数
    Count(u64),
    /// 合计; of no value at all it is 0, so a count stands beside it wherever that matters.
    Sum(Decimal),
    /// 加权: the sum of the weights and of weight times value.
    Weighted {
        /// Σw
        weight: Decimal,
        /// Σw·x
        weighted: Decimal,
    },
    /// 最小值, none of no value.
    Min(Option<Value>),
    /// 最大值, none of no value.
    Max(Option<Value>),
    /// 分布: how many values lie below the first edge, from each edge up to the next, and from the last edge on.
    Histogram {
        /// The edges, ascending.
        edges: Vec<Decimal>,
        /// One more than there are edges.
        counts: Vec<u64>,
    },
}

/// Two partials can't be merged, or a value can't be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PartialError {
    /// One is a sum and the other a count, say, or one a number and the other a day.
    #[error("a {left} does not merge with a {right}")]
    Kinds {
        /// The one.
        left: &'static str,
        /// The other.
        right: &'static str,
    },
    /// The edges of two histograms differ.
    #[error("the edges of two histograms differ")]
    Edges,
    /// The exact result has more digits than a decimal holds. It is never rounded: then order would matter.
    #[error("the exact result has too many digits")]
    OutOfRange,
}

impl Say for PartialError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Kinds { left, right }, Lang::Zh) => format!("两份数据的类型不同（{left} 与 {right}），不能合并"),
            (Self::Edges, Lang::Zh) => "两份分布数据的分段不同，不能合并".to_owned(),
            (Self::OutOfRange, Lang::Zh) => "数值位数过多，无法精确合计；请检查是否填写了异常大的数".to_owned(),
            (_, Lang::En) => self.to_string(),
        }
    }
}

impl Value {
    fn kind(self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Date(_) => "date",
        }
    }

    /// The lesser and the greater of two values of one kind.
    fn sorted(self, other: Self) -> Result<(Self, Self), PartialError> {
        let in_order = match (self, other) {
            (Self::Number(a), Self::Number(b)) => a <= b,
            (Self::Date(a), Self::Date(b)) => a <= b,
            _ => return Err(PartialError::Kinds { left: self.kind(), right: other.kind() }),
        };
        Ok(if in_order { (self, other) } else { (other, self) })
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(self) -> Option<Decimal> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// The day, if it is one.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        if let Self::Date(date) = self { Some(date) } else { None }
    }

    fn normalized(self) -> Self {
        if let Self::Number(number) = self { Self::Number(number.normalize()) } else { self }
    }
}

impl Partial {
    /// What no record at all comes to.
    #[must_use]
    pub fn empty(kind: MeasureKind, edges: &[Decimal]) -> Self {
        match kind {
            MeasureKind::Count => Self::Count(0),
            MeasureKind::Sum => Self::Sum(Decimal::ZERO),
            MeasureKind::Weighted => Self::Weighted { weight: Decimal::ZERO, weighted: Decimal::ZERO },
            MeasureKind::Min => Self::Min(None),
            MeasureKind::Max => Self::Max(None),
            MeasureKind::Histogram => Self::Histogram {
                edges: edges.iter().map(Decimal::normalize).collect(),
                counts: vec![0; edges.len().saturating_add(1)],
            },
        }
    }

    /// One number as a sum.
    #[must_use]
    pub fn sum(number: Decimal) -> Self {
        Self::Sum(number.normalize())
    }

    /// One value with its weight.
    ///
    /// # Errors
    /// [`PartialError::OutOfRange`] if the product isn't exact.
    pub fn weighted(weight: Decimal, value: Decimal) -> Result<Self, PartialError> {
        Ok(Self::Weighted { weight: weight.normalize(), weighted: multiply(weight, value)? })
    }

    /// One value as the least.
    #[must_use]
    pub fn min(value: Value) -> Self {
        Self::Min(Some(value.normalized()))
    }

    /// One value as the greatest.
    #[must_use]
    pub fn max(value: Value) -> Self {
        Self::Max(Some(value.normalized()))
    }

    /// One number in a histogram of these ascending edges.
    #[must_use]
    pub fn histogram(edges: &[Decimal], number: Decimal) -> Self {
        let at = edges.partition_point(|edge| *edge <= number);
        let counts = (0..=edges.len()).map(|bin| u64::from(bin == at)).collect();
        Self::Histogram { edges: edges.iter().map(Decimal::normalize).collect(), counts }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> MeasureKind {
        match self {
            Self::Count(_) => MeasureKind::Count,
            Self::Sum(_) => MeasureKind::Sum,
            Self::Weighted { .. } => MeasureKind::Weighted,
            Self::Min(_) => MeasureKind::Min,
            Self::Max(_) => MeasureKind::Max,
            Self::Histogram { .. } => MeasureKind::Histogram,
        }
    }

    /// Whether it is of this form: the kind, and for a histogram the edges and their counts.
    #[must_use]
    pub fn has_form(&self, kind: MeasureKind, edges: &[Decimal]) -> bool {
        match self {
            Self::Histogram { edges: own, counts } => {
                kind == MeasureKind::Histogram && own == edges && counts.len() == edges.len().saturating_add(1)
            }
            _ => self.kind() == kind,
        }
    }

    /// Both together. Merging is commutative and associative, and [`Partial::empty`] changes nothing.
    ///
    /// # Errors
    /// [`PartialError`] if the two don't belong together or the exact result doesn't fit.
    pub fn merge(&self, other: &Self) -> Result<Self, PartialError> {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => a.checked_add(*b).map(Self::Count).ok_or(PartialError::OutOfRange),
            (Self::Sum(a), Self::Sum(b)) => add(*a, *b).map(Self::Sum),
            (Self::Weighted { weight: wa, weighted: xa }, Self::Weighted { weight: wb, weighted: xb }) => {
                Ok(Self::Weighted { weight: add(*wa, *wb)?, weighted: add(*xa, *xb)? })
            }
            (Self::Min(a), Self::Min(b)) => extreme(*a, *b, |(least, _)| least).map(Self::Min),
            (Self::Max(a), Self::Max(b)) => extreme(*a, *b, |(_, greatest)| greatest).map(Self::Max),
            (Self::Histogram { edges, counts }, Self::Histogram { edges: other_edges, counts: other_counts }) => {
                if edges != other_edges || counts.len() != other_counts.len() {
                    return Err(PartialError::Edges);
                }
                let sums = counts.iter().zip(other_counts).map(|(a, b)| a.checked_add(*b)).collect::<Option<_>>();
                sums.map(|counts| Self::Histogram { edges: edges.clone(), counts }).ok_or(PartialError::OutOfRange)
            }
            _ => Err(PartialError::Kinds { left: self.kind().code(), right: other.kind().code() }),
        }
    }
}

/// A sum that is exact or an error.
fn add(a: Decimal, b: Decimal) -> Result<Decimal, PartialError> {
    let (a, b) = (a.normalize(), b.normalize());
    let sum = a.checked_add(b).ok_or(PartialError::OutOfRange)?;
    let back = (sum.checked_sub(b), sum.checked_sub(a));
    if back == (Some(a), Some(b)) { Ok(sum.normalize()) } else { Err(PartialError::OutOfRange) }
}

/// A product that is exact or an error: a decimal that runs out of digits drops places.
fn multiply(a: Decimal, b: Decimal) -> Result<Decimal, PartialError> {
    let (a, b) = (a.normalize(), b.normalize());
    let product = a.checked_mul(b).ok_or(PartialError::OutOfRange)?;
    let exact = a.is_zero() || b.is_zero() || product.scale() == a.scale().saturating_add(b.scale());
    if exact { Ok(product.normalize()) } else { Err(PartialError::OutOfRange) }
}

fn extreme(
    a: Option<Value>,
    b: Option<Value>,
    choose: impl Fn((Value, Value)) -> Value,
) -> Result<Option<Value>, PartialError> {
    match (a, b) {
        (Some(a), Some(b)) => a.sorted(b).map(choose).map(Some),
        (one, other) => Ok(one.or(other)),
    }
}

#[cfg(test)]
mod tests;
