//! Tables of a collection that are computed from documents, or from what a city asks of projects beside what the
//! program knows: of which form, and what its fields are. The collection says so itself, so that whoever holds it can
//! read it and check its answers without the form; a county answers only what its own copy of the form lets leave.

use serde::{Deserialize, Serialize};

use super::{Bounds, Field, FieldKind, MOST_FEN, Table};
use crate::lang::{Lang, Say};

/// The form behind a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormSource {
    /// The form's code.
    pub code: String,
    /// What it is called.
    #[serde(default)]
    pub title: String,
    /// The rows inside its documents that the table is computed from; the documents themselves without.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rows: String,
    /// What is asked for, or filtered or grouped by.
    pub fields: Vec<FormField>,
}

/// A field of a form, as a collection speaks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// The field's name; one of amounts ends with `_fen`, and is in fen.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Decimals of a number.
    #[serde(default)]
    pub places: u32,
}

impl FormSource {
    /// What the table is computed from, in words.
    #[must_use]
    pub fn said(&self, lang: Lang) -> String {
        let title = if self.title.is_empty() { &self.code } else { &self.title };
        match lang {
            Lang::Zh => format!("已批复的“{title}”"),
            Lang::En => format!("approved documents of {title:?}"),
        }
    }
}

/// A field of a table, wherever it is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableField {
    zh: String,
    en: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Between which values one record's lies.
    pub bounds: Bounds,
}

impl Say for TableField {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }
}

impl Table {
    /// The field of this name, if its records have it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<TableField> {
        if let Some(field) = Field::find(self.records, name) {
            let (zh, en) = (field.say(Lang::Zh), field.say(Lang::En));
            return Some(TableField { zh, en, kind: field.kind, bounds: field.bounds() });
        }
        let sources = self.form.iter().chain(&self.more);
        let field = sources.flat_map(|form| &form.fields).find(|field| field.name == name)?;
        let money = field.name.ends_with("_fen");
        let most = if money { MOST_FEN } else { i64::MAX };
        let bounds = Bounds { least: (-most).into(), most: most.into(), places: field.places, money };
        Some(TableField { zh: field.title.clone(), en: field.title.clone(), kind: field.kind, bounds })
    }

    /// Whether a form says what is asked of its records, so that each measure is one of that form's.
    #[must_use]
    pub fn is_of_form(&self) -> bool {
        self.form.is_some() || self.more.is_some()
    }

    /// What a field is called; its name if its records do not have it.
    #[must_use]
    pub fn called(&self, name: &str, lang: Lang) -> String {
        self.field(name).map_or_else(|| name.to_owned(), |field| field.say(lang))
    }
}
