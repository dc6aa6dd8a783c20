//! What people call fields in a cell: by their titles, or by their names where a title is not enough.

use super::tokens::{is_plain, separates};
use crate::form::{Field, Kind};
use crate::intake::Words;

/// The fields that a cell may speak of: those of a row, if there is one, before those of the document.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    document: &'a [Field],
    rows: Option<&'a Field>,
}

impl<'a> Names<'a> {
    /// Those of the document alone.
    pub(super) fn new(document: &'a [Field]) -> Self {
        Self { document, rows: None }
    }

    /// Those of a row too, if there are rows of that name.
    pub(super) fn inside(self, rows: &str) -> Self {
        let rows = self.document.iter().find(|field| field.kind == Kind::Rows && field.name == rows);
        Self { rows, ..self }
    }

    /// The field of this name.
    pub(super) fn field(self, name: &str) -> Option<&'a Field> {
        self.own().iter().find(|field| field.name == name).or_else(|| self.of_document(name))
    }

    fn own(self) -> &'a [Field] {
        self.rows.map(|rows| rows.fields.as_slice()).unwrap_or_default()
    }

    fn of_document(self, name: &str) -> Option<&'a Field> {
        self.document.iter().find(|field| field.name == name)
    }

    /// The name of the field that somebody means.
    pub(super) fn read(self, text: &str) -> Result<String, Words> {
        if let Some(field) = among(self.own(), text)? {
            return Ok(field.name.clone());
        }
        let field = among(self.document, text)?.ok_or_else(|| {
            Words::new(
                format!("“{text}”是表中某个字段的中文名或代号；名称里有空格或标点的，用【】括起来"),
                format!(
                    "“{text}” as the title or the name of a field; between 【】 if there are blanks or marks in it"
                ),
            )
        })?;
        if self.own().iter().any(|own| own.name == field.name) {
            return Err(Words::new(
                format!("另一个字段：明细表里有同代号的字段 {}，取不到表头的“{text}”", field.name),
                format!("another field: the rows have one named {} too", field.name),
            ));
        }
        Ok(field.name.clone())
    }

    /// How a field is called so that [`Names::read`] finds it again.
    pub(super) fn write(self, name: &str) -> String {
        let Some(field) = self.field(name) else { return name.to_owned() };
        if !self.read(&field.title).is_ok_and(|read| read == name) {
            name.to_owned()
        } else if is_plain(&field.title) {
            field.title.clone()
        } else if field.title.contains(['【', '】']) {
            name.to_owned()
        } else {
            format!("【{}】", field.title)
        }
    }
}

/// The field of this title or name; one that is retired only if no other has the title.
fn among<'a>(fields: &'a [Field], text: &str) -> Result<Option<&'a Field>, Words> {
    let titled = |retired| fields.iter().filter(move |field| field.title == text && field.retired == retired);
    for retired in [false, true] {
        let mut found = titled(retired);
        match (found.next(), found.next()) {
            (Some(only), None) => return Ok(Some(only)),
            (None, _) => {}
            (Some(_), Some(_)) => {
                return Err(Words::new(
                    format!("代号：有几个字段都叫“{text}”，请写名称一列的代号"),
                    format!("a name: several fields have the title “{text}”"),
                ));
            }
        }
    }
    Ok(fields.iter().find(|field| field.name == text))
}

/// The parts of a cell that names several things, without the brackets around those that hold a separator.
pub(super) fn listed(cell: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut inside = false;
    for c in cell.chars() {
        match c {
            '【' if !inside => inside = true,
            '】' if inside => inside = false,
            c if !inside && separates(c) => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// One part of such a cell.
pub(super) fn one_of_list(text: &str) -> String {
    if text.contains(separates) { format!("【{text}】") } else { text.to_owned() }
}
