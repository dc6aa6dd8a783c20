//! What a file holds that somebody imports.

use tongpin_domain::lang::Lang;

use crate::records::kept_form::{KeptForm, RecordForms};

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

    /// What a table holds by its column names, if they tell: of the forms whose own column is there the one of which
    /// most is. Titles are the city's, and a field that it adds may have another form's.
    pub(crate) fn of(header: &[String], forms: &RecordForms) -> Option<Self> {
        let kinds: [(Self, &KeptForm, &[&str]); 3] = [
            (Self::Observations, &forms.months, &["month"]),
            (Self::Indicators, &forms.lines, &["seq", "weight"]),
            (Self::Projects, &forms.projects, &["region_code"]),
        ];
        let has =
            |form: &KeptForm, own: &[&str]| own.iter().any(|name| form.definition().heading(name, header).is_some());
        let found = kinds.into_iter().filter(|(_, form, own)| has(form, own));
        // Of several of which as much is there the first.
        found.rev().max_by_key(|(_, form, _)| form.definition().share_in(header)).map(|(kind, ..)| kind)
    }
}
