//! What was given as people read it on a sheet, and what they write there as it is kept. One pair of functions for
//! pages and workbooks, so that what goes out comes back the same.

use rust_decimal::Decimal;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Field, Given, Kind, MoneyUnit, chosen};
use tongpin_domain::lang::Lang;
use tongpin_domain::money::Amount;

use super::amount;

/// What stands in the place of what is personal.
pub const MASKED: &str = "＊＊＊";
/// What stands between several choices in one cell.
const BETWEEN: &str = "、";

/// A kept value as people read it on a sheet: choices by their texts, amounts in the sheet's unit.
#[must_use]
pub fn told(field: &Field, kept: &str, unit: &MoneyUnit, lang: Lang) -> String {
    match (&field.kind, kept) {
        (Kind::Money, _) => amount::told(kept, unit),
        (Kind::OneOf, _) => field.choice_text(kept).to_owned(),
        (Kind::YesNo, "yes") => lang.pick("是", "yes").to_owned(),
        (Kind::YesNo, "no") => lang.pick("否", "no").to_owned(),
        _ => kept.to_owned(),
    }
}

/// The same of anything that was given; rows have no text of their own.
#[must_use]
pub fn told_given(field: &Field, given: &Given, unit: &MoneyUnit, lang: Lang) -> String {
    match given {
        Given::One(kept) => told(field, kept, unit, lang),
        Given::Several(codes) => {
            codes.iter().map(|code| field.choice_text(code)).collect::<Vec<_>>().join(lang.pick(BETWEEN, ", "))
        }
        Given::Files(files) => {
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(lang.pick(BETWEEN, ", "))
        }
        Given::Rows(_) => String::new(),
    }
}

/// What was written into a cell, as it is kept. What cannot be read stays as it was written, for the reading to refuse.
#[must_use]
pub fn kept(field: &Field, written: &str, unit: &MoneyUnit) -> String {
    let text = written.trim();
    match (&field.kind, text) {
        (_, "") => String::new(),
        (Kind::Money, _) => amount::typed(text, unit),
        (Kind::OneOf, _) => code(field, text).to_owned(),
        (Kind::YesNo, "是" | "TRUE" | "√") => "yes".to_owned(),
        (Kind::YesNo, "否" | "FALSE" | "×") => "no".to_owned(),
        // A spreadsheet makes the first day of a month that is typed.
        (Kind::Month, _) if text.len() == 10 => text.strip_suffix("-01").unwrap_or(text).to_owned(),
        // A paragraph keeps the indent of its first line.
        (Kind::Text, _) => unbroken(written),
        _ => text.to_owned(),
    }
}

/// The same as it is given: several choices apart, and nothing where nothing was written.
#[must_use]
pub fn kept_given(field: &Field, written: &str, unit: &MoneyUnit) -> Option<Given> {
    if field.kind == Kind::AnyOf {
        // What is none of the choices stays as it was written, for the reading to refuse.
        let codes = chosen(field, written).unwrap_or_else(|| vec![written.trim().to_owned()]);
        return (!codes.is_empty()).then_some(Given::Several(codes));
    }
    let kept = kept(field, written, unit);
    (!kept.is_empty()).then_some(Given::One(kept))
}

/// The code of a choice by what people read, or by itself. One that is still in use goes first.
fn code<'a>(field: &'a Field, text: &'a str) -> &'a str {
    let mut named = field.choices.iter().filter(|choice| choice.text.trim() == text);
    let in_use = named.clone().find(|choice| !choice.retired);
    in_use.or_else(|| named.next()).map_or(text, |choice| choice.code.as_str())
}

/// Lines broken one way.
#[must_use]
pub fn unbroken(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A kept value by which it is compared: 1,200 is 1200.00, whichever was typed.
#[must_use]
pub fn plain(field: &Field, kept: &str) -> String {
    let text = unbroken(kept.trim());
    match field.kind {
        Kind::Text => unbroken(kept).trim_end().trim_start_matches('\n').to_owned(),
        Kind::Money => Amount::parse(&text).fen().map_or(text, |fen| fen.to_string()),
        Kind::Whole | Kind::Decimal | Kind::Percent => {
            let bare = if field.kind == Kind::Percent { text.trim_end_matches(['%', '％']) } else { &text };
            let read = bare.trim().replace(',', "").parse::<Decimal>();
            read.map_or(text, |number| number.normalize().to_string())
        }
        _ => text,
    }
}

/// The same of anything but rows; blank where nothing was given.
#[must_use]
pub fn plain_given(field: &Field, given: Option<&Given>) -> String {
    match given {
        Some(Given::One(kept)) => plain(field, kept),
        Some(Given::Several(codes)) => {
            let mut codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            codes.sort_unstable();
            codes.join("\n")
        }
        Some(Given::Files(files)) => files.iter().map(|file| file.digest.as_str()).collect::<Vec<_>>().join("\n"),
        Some(Given::Rows(_)) | None => String::new(),
    }
}

/// Stands for texts as they were when a sheet was written, to tell later what was changed in it.
#[must_use]
pub fn stamp<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    Digest::of_parts(texts.into_iter().map(str::as_bytes)).to_string().chars().take(12).collect()
}
