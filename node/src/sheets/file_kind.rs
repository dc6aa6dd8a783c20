//! What a file holds that somebody imports.

use tongpin_domain::lang::Lang;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// 项目
    Projects,
    /// 项目绩效指标
    Indicators,
    /// 项目支出绩效自评表, filled in
    Evaluation,
    /// 项目支出绩效目标申报表, filled in
    Goal,
    /// 按月填报
    Observations,
}

impl FileKind {
    /// What people call it.
    pub(crate) fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Projects => lang.pick("项目", "projects"),
            Self::Indicators => lang.pick("项目绩效指标", "indicators of projects"),
            Self::Evaluation => lang.pick("项目支出绩效自评表", "self-evaluation form"),
            Self::Goal => lang.pick("项目支出绩效目标申报表", "goal form"),
            Self::Observations => lang.pick("按月填报", "reports by month"),
        }
    }

    /// Its word in addresses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Projects => "projects",
            Self::Indicators => "indicators",
            Self::Evaluation => "form",
            Self::Goal => "goal",
            Self::Observations => "observations",
        }
    }

    /// What a table holds by its column names, if they tell.
    pub(crate) fn of(header: &[String]) -> Option<Self> {
        let has = |name: &str, word: &str| header.iter().any(|title| title == name || title == word);
        if has("month", "月份") {
            Some(Self::Observations)
        } else if has("seq", "序号") || has("weight", "分值") {
            Some(Self::Indicators)
        } else if has("region_code", "区划代码") {
            Some(Self::Projects)
        } else {
            None
        }
    }
}
