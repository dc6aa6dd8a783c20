//! The kinds of measures, as collections and egress contracts name them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// The kind of a partial, without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// 个数
    Count,
    /// 合计
    Sum,
    /// 加权
    Weighted,
    /// 最小值
    Min,
    /// 最大值
    Max,
    /// 分布
    Histogram,
}

impl MeasureKind {
    /// The word in collections and reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Weighted => "weighted",
            Self::Min => "min",
            Self::Max => "max",
            Self::Histogram => "histogram",
        }
    }

    /// The word that users read.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        let zh = match self {
            Self::Count => "个数",
            Self::Sum => "合计",
            Self::Weighted => "加权合计",
            Self::Min => "最小值",
            Self::Max => "最大值",
            Self::Histogram => "分布",
        };
        lang.pick(zh, self.code())
    }
}

impl fmt::Display for MeasureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
