//! What a file would change, record by record and field by field.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Definition, Field};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::Lang;
use tongpin_domain::observation::OBSERVATION;
use tongpin_domain::project_form::{GOAL, SELF_EVALUATION};
use tongpin_store::{PutCounts, RecordRow};

use super::month_fields;
use super::preview::weight;
use crate::sheets::entry::Entered;
use crate::sheets::template;

/// Changes that are kept to be shown; the rest is counted.
const SHOWN: usize = 200;

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// 新增
    Added,
    /// 修改
    Changed,
    /// 删除
    Removed,
}

impl What {
    /// The word on a page.
    pub(crate) fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Added => lang.pick("新增", "new"),
            Self::Changed => lang.pick("修改", "changed"),
            Self::Removed => lang.pick("删除", "removed"),
        }
    }
}

/// The bodies that are held, by kind and key.
pub(super) type Before = HashMap<(String, String), String>;

/// One record that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The line of the file; 0 for what the file lacks.
    pub(crate) line: u64,
    /// The record's key.
    pub(crate) key: String,
    /// What it is called; the texts of a goal have no name.
    pub(crate) name: String,
    /// What becomes of it.
    pub(crate) what: What,
    /// The fields that differ, of a record that was there.
    pub(crate) fields: Vec<FieldChange>,
}

impl Change {
    /// What it takes in memory, bytes, about.
    pub(crate) fn weight(&self) -> usize {
        let field = |it: &FieldChange| size_of::<FieldChange>() + weight(&it.field) + it.before.len() + it.after.len();
        size_of::<Self>() + self.key.len() + self.name.len() + self.fields.iter().map(field).sum::<usize>()
    }
}

/// One field that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldChange {
    /// The trade's word for it, and its English or the name of its column.
    pub(crate) field: Words,
    /// What is held.
    pub(crate) before: String,
    /// What the file has.
    pub(crate) after: String,
}

/// What writing some rows would change.
pub(super) struct Comparison {
    /// How many records of each fate.
    pub(super) counts: PutCounts,
    /// The first that change.
    pub(super) changes: Vec<Change>,
    /// The digest of all that changes.
    pub(super) effect: Digest,
}

/// Compares rows with the bodies that are held, as writing them will.
pub(super) fn compare(entered: &Entered, before: &Before) -> Comparison {
    // The pages of goals change lines too, and what is reported by month changes projects.
    let shipped = [Definition::of_months(), Definition::of_projects(), Definition::of_lines()];
    let shipped = shipped.into_iter().flat_map(Definition::file_columns).map(|column| column.field);
    let asked: BTreeMap<&str, &Field> =
        shipped.chain(&entered.fields).map(|field| (field.name.as_str(), field)).collect();
    let mut counts = PutCounts::default();
    let (mut changes, mut parts) = (Vec::new(), Vec::new());
    let lines = entered.lines.iter().copied().chain(std::iter::repeat(0));
    for (row, line) in entered.rows.iter().zip(lines) {
        let held = before.get(&(row.kind.clone(), row.key.clone()));
        let what = match (held, &row.body) {
            (None, Some(_)) => What::Added,
            (Some(held), Some(body)) if held != body => What::Changed,
            (Some(_), None) => What::Removed,
            _ => {
                counts.unchanged += 1;
                continue;
            }
        };
        match what {
            What::Added => counts.added += 1,
            What::Changed => counts.changed += 1,
            What::Removed => counts.removed += 1,
        }
        parts.extend([row.key.as_str(), held.map_or("", String::as_str), row.body.as_deref().unwrap_or_default()]);
        if changes.len() < SHOWN {
            changes.push(change(row, line, what, held, &asked));
        }
    }
    let effect = Digest::of_parts(parts.into_iter().map(str::as_bytes));
    Comparison { counts, changes, effect }
}

fn change(row: &RecordRow, line: u64, what: What, held: Option<&String>, asked: &BTreeMap<&str, &Field>) -> Change {
    let of_month = row.kind == OBSERVATION;
    let read = |body: &str| {
        let mut read = serde_json::from_str::<Map<String, Value>>(body).unwrap_or_default();
        if let Some(Value::Object(more)) = read.remove("more") {
            read.extend(more);
        }
        if of_month { month_fields::told(read) } else { read }
    };
    let before = held.map(|held| read(held)).unwrap_or_default();
    let after = row.body.as_deref().map(read).unwrap_or_default();
    let shown = if after.is_empty() { &before } else { &after };
    let name = ["project_name", "name"].iter().find_map(|field| shown.get(*field)).map(template::text);
    let of_texts = [GOAL, SELF_EVALUATION].contains(&row.kind.as_str());
    let told = what == What::Changed || of_month || of_texts;
    let fields = if told { fields(&before, &after, asked) } else { Vec::new() };
    Change { line, key: row.key.clone(), name: name.unwrap_or_default(), what, fields }
}

fn fields(before: &Map<String, Value>, after: &Map<String, Value>, asked: &BTreeMap<&str, &Field>) -> Vec<FieldChange> {
    let text = |name: &String, values: &Map<String, Value>| {
        let value = values.get(name).unwrap_or(&Value::Null);
        asked.get(name.as_str()).map_or_else(|| template::text(value), |field| template::cell(field, value))
    };
    // Whose it is stands beside it.
    let differs = |name: &&String| name.as_str() != "project_code" && text(name, before) != text(name, after);
    let change = |name: &String| FieldChange {
        field: month_fields::reached(name).unwrap_or_else(|| {
            let title = asked.get(name.as_str()).map_or_else(|| name.clone(), |field| field.headed("元", Lang::Zh));
            Words::new(title, name)
        }),
        before: text(name, before),
        after: text(name, after),
    };
    let gone = before.keys().filter(|field| !after.contains_key(*field));
    after.keys().chain(gone).filter(differs).map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, body: Option<&str>) -> RecordRow {
        RecordRow { kind: "project_indicator".into(), key: key.into(), body: body.map(str::to_owned) }
    }

    /// Each record is new, changed, removed or as it was; a change names its fields in the trade's words. The digest
    /// is that of the changes: it differs when what is held does.
    #[test]
    fn comparing() {
        let held = [
            ("P/001", r#"{"name":"甲","weight":"10","low_target_confirmed":false}"#),
            ("P/002", r#"{"name":"乙"}"#),
            ("P/003", r#"{"name":"丙"}"#),
        ];
        let named = |key: &str| ("project_indicator".to_owned(), key.to_owned());
        let mut before: Before = held.iter().map(|(key, body)| (named(key), (*body).to_owned())).collect();
        let entered = Entered {
            rows: vec![
                row("P/001", Some(r#"{"name":"甲","weight":"12","low_target_confirmed":true}"#)),
                row("P/002", Some(r#"{"name":"乙"}"#)),
                row("P/004", Some(r#"{"name":"丁"}"#)),
                row("P/003", None),
            ],
            lines: vec![2, 3, 5],
            ..Entered::default()
        };
        let Comparison { counts, changes, effect } = compare(&entered, &before);
        assert_eq!(counts, PutCounts { added: 1, changed: 1, unchanged: 1, removed: 1 });
        let seen: Vec<_> = changes.iter().map(|it| (it.line, it.name.as_str(), it.what)).collect();
        assert_eq!(seen, [(2, "甲", What::Changed), (5, "丁", What::Added), (0, "丙", What::Removed)]);
        let fields: Vec<_> =
            changes[0].fields.iter().map(|it| (it.field.zh.as_str(), it.before.as_str(), it.after.as_str())).collect();
        assert_eq!(fields, [("指标值偏低已确认", "0", "1"), ("分值", "10", "12")]);
        assert_eq!(compare(&entered, &before).effect, effect);
        before.insert(named("P/001"), r#"{"name":"甲","weight":"11"}"#.into());
        assert_ne!(compare(&entered, &before).effect, effect);
    }
}
