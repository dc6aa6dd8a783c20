//! What a line changes in a document, field by field, as people read it.

use std::collections::BTreeMap;

use tongpin_console::sheet::documents::beginning;
use tongpin_console::sheet::text::{MASKED, told, told_given};
use tongpin_domain::form::{Definition, Field, Given, GivenRow};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::Lang;

use super::Look;
use crate::ops::forms::HeldDocument;
use crate::ops::import::FieldChange;

/// Fields of a document that are told.
const FIELDS: usize = 20;

impl Look<'_> {
    /// What would be otherwise in a document, the first of it: fields, and cells of rows.
    pub(super) fn differences(
        &self,
        definition: &Definition,
        held: &HeldDocument,
        after: &BTreeMap<String, Given>,
    ) -> Vec<FieldChange> {
        Differences { definition, lang: self.lang, found: Vec::new() }.between(&held.given(), after)
    }
}

/// What is found to be otherwise.
struct Differences<'a> {
    definition: &'a Definition,
    lang: Lang,
    found: Vec<FieldChange>,
}

impl Differences<'_> {
    fn between(mut self, before: &BTreeMap<String, Given>, after: &BTreeMap<String, Given>) -> Vec<FieldChange> {
        let money = &self.definition.layout.money;
        for field in &self.definition.fields {
            let (was, is) = (before.get(&field.name), after.get(&field.name));
            if was == is {
                continue;
            }
            let rows =
                |given: Option<&'_ Given>| if let Some(Given::Rows(rows)) = given { rows.clone() } else { Vec::new() };
            if let (Some(Given::Rows(_)), _) | (_, Some(Given::Rows(_))) = (was, is) {
                self.of_rows(field, &rows(was), &rows(is));
            } else {
                let text =
                    |given: Option<&Given>| given.map(|it| told_given(field, it, money, self.lang)).unwrap_or_default();
                let (before, after) = (text(was), text(is));
                self.change(self.headed(field), field.personal, &before, &after);
            }
        }
        self.found
    }

    /// What a field is called, with its unit.
    fn headed(&self, field: &Field) -> [String; 2] {
        [Lang::Zh, Lang::En].map(|lang| field.headed(self.definition.layout.money.text(lang), lang))
    }

    fn change(&mut self, [zh, en]: [String; 2], personal: bool, before: &str, after: &str) {
        if self.found.len() < FIELDS {
            let shown = |text: &str| if personal && !text.is_empty() { MASKED.to_owned() } else { beginning(text) };
            self.found.push(FieldChange { field: Words::new(zh, en), before: shown(before), after: shown(after) });
        }
    }

    fn of_rows(&mut self, rows: &Field, before: &[GivenRow], after: &[GivenRow]) {
        let called = [Lang::Zh, Lang::En].map(|lang| rows.called(lang).to_owned());
        let lang = self.lang;
        let count = |rows: usize| lang.pick(&format!("{rows} 行"), &format!("{rows} rows")).to_owned();
        if before.len() != after.len() {
            self.change(called.clone(), false, &count(before.len()), &count(after.len()));
        }
        let by_id: BTreeMap<&str, &GivenRow> = before.iter().map(|row| (row.id.as_str(), row)).collect();
        let money = &self.definition.layout.money;
        for (number, row) in (1usize..).zip(after) {
            let was = by_id.get(row.id.as_str());
            for inner in &rows.fields {
                let text = |row: Option<&GivenRow>| {
                    let kept = row.and_then(|row| row.cells.get(&inner.name));
                    kept.map(|kept| told(inner, kept, money, lang)).unwrap_or_default()
                };
                let (before, after) = (text(was.copied()), text(Some(row)));
                if before != after {
                    let [zh, en] = self.headed(inner);
                    let [rows_zh, rows_en] = &called;
                    let name = [format!("{rows_zh}第 {number} 行 {zh}"), format!("{rows_en}, row {number}, {en}")];
                    self.change(name, inner.personal || rows.personal, &before, &after);
                }
            }
        }
        let same = |a: &[GivenRow], b: &[GivenRow]| a.iter().map(|row| &row.id).eq(b.iter().map(|row| &row.id));
        if before.len() == after.len() && !same(before, after) {
            let [zh, en] = called;
            let name = [format!("{zh}的行"), format!("rows of {en}")];
            self.change(name, false, "—", lang.pick("顺序或行有变化", "in another order, or others"));
        }
    }
}
