//! One value as people write it, read by the kind of its field.

use rust_decimal::Decimal;

use super::{Fault, is_given};
use crate::form::evaluate::Figure;
use crate::form::{Choice, Field, Kind, LONGEST_TEXT, Value};
use crate::intake::spoilt;
use crate::money::Amount;
use crate::month::Month;
use crate::number::{Mark, NumberProblem, Typed, TypedValue, WHOLE_DIGITS, decimal, half_width, read_date};
use crate::region::RegionCode;

/// What stands between choices that are written in one cell.
const BETWEEN: [char; 7] = ['、', '；', ';', '，', ',', '\n', '\u{1f}'];

/// Blanks between choices that are put up with, in bytes.
const LONGEST_BLANK: usize = 64;

/// Reads one text; a blank is missing. `before` is what the field held, for what is kept and not chosen anew.
pub(super) fn single(field: &Field, text: &str, before: Option<&str>) -> Result<Option<Value>, Fault> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(match &field.kind {
        Kind::Line | Kind::Organisation | Kind::Person | Kind::Entry | Kind::Document => {
            Value::Text(within(field, text.trim().to_owned(), |_| false)?)
        }
        Kind::Text => Value::Text(several_lines(field, text)?),
        Kind::Code => Value::Text(code(field, text)?),
        Kind::OneOf => Value::Text(choice(field, text, |code| before == Some(code))?),
        Kind::AnyOf => {
            return several(field, &[text.to_owned()], &before.map(str::to_owned).into_iter().collect::<Vec<_>>());
        }
        Kind::YesNo => Value::Flag(yes_or_no(text)?),
        Kind::Whole | Kind::Decimal | Kind::Percent => Value::Number(number(field, text)?),
        Kind::Money => Value::Number(money(field, text)?),
        Kind::Day => Value::Day(read_date(&half_width(text.trim())).ok_or(Fault::NotADay)?),
        Kind::Month => Value::Month(month(text).ok_or(Fault::NotAMonth)?),
        Kind::Region => {
            let code = RegionCode::new(&half_width(text)).map_err(|_| Fault::NotADivision)?;
            Value::Text(code.as_str().to_owned())
        }
        Kind::Files | Kind::Rows => return Err(Fault::WrongShape),
        Kind::Unknown(_) => return Err(Fault::UnknownKind),
    }))
}

/// The codes of the choices that a text on a sheet names, where people read texts: the text of a choice goes before
/// another's code. `None` if it names something else.
#[must_use]
pub fn chosen(field: &Field, text: &str) -> Option<Vec<String>> {
    let by_text = |part: &str| {
        let mut named = field.choices.iter().filter(|choice| choice.text.trim() == part.trim());
        let in_use = named.clone().find(|choice| !choice.retired);
        let named = in_use.or_else(|| named.next()).map(|choice| choice.code.clone());
        named.map_or_else(|| choice(field, part, |_| true), Ok)
    };
    let mut chosen = Vec::new();
    choices(field, text, by_text, &mut chosen).ok()?;
    Some(chosen)
}

/// Reads choices, in whatever order and way they were given; they are kept in the order of the definition.
pub(super) fn several(field: &Field, given: &[String], before: &[String]) -> Result<Option<Value>, Fault> {
    let kept = |code: &str| before.iter().any(|one| one == code);
    let mut chosen = Vec::new();
    for text in given {
        choices(field, text, |part| choice(field, part, kept), &mut chosen)?;
    }
    let codes = field.choices.iter().map(|choice| &choice.code).filter(|code| chosen.contains(code));
    let codes: Vec<String> = codes.cloned().collect();
    Ok((!codes.is_empty()).then_some(Value::Several(codes)))
}

/// Reads the choices in one text. The text of a choice may itself have a sign that stands between choices, so of what
/// is left the longest part that is a choice is taken each time.
fn choices(
    field: &Field,
    text: &str,
    read: impl Fn(&str) -> Result<String, Fault>,
    chosen: &mut Vec<String>,
) -> Result<(), Fault> {
    let lengths = field.choices.iter().map(|choice| choice.text.len().max(choice.code.len()));
    // A character of full width has up to three bytes for the one that it stands for.
    let longest = lengths.max().unwrap_or_default().saturating_mul(3).saturating_add(LONGEST_BLANK);
    let is_between = |c: char| c.is_whitespace() || BETWEEN.contains(&c);
    let mut left = text.trim_matches(is_between);
    while !left.is_empty() {
        let ends = left.char_indices().filter(|(_, c)| BETWEEN.contains(c)).map(|(at, _)| at);
        let ends: Vec<usize> = ends.chain([left.len()]).take_while(|end| *end <= longest).collect();
        let parts = ends.iter().rev().filter_map(|end| left.split_at_checked(*end));
        let mut parts = parts.map(|(part, rest)| (read(part), rest));
        let found = parts.find(|(read, _)| !matches!(read, Err(Fault::NotAChoice { .. })));
        let (code, rest) = found.unwrap_or_else(|| (read(left), ""));
        chosen.push(code?);
        left = rest.trim_start_matches(is_between);
    }
    Ok(())
}

fn choice(field: &Field, text: &str, kept: impl Fn(&str) -> bool) -> Result<String, Fault> {
    let typed = text.trim();
    let narrow = half_width(typed);
    let find = |fits: &dyn Fn(&&Choice) -> bool| field.choices.iter().find(fits);
    let found = find(&|choice| choice.code == typed)
        .or_else(|| find(&|choice| !choice.retired && choice.text.trim() == typed))
        .or_else(|| find(&|choice| choice.text.trim() == typed))
        .or_else(|| find(&|choice| choice.code == narrow || half_width(choice.text.trim()) == narrow));
    match found {
        Some(choice) if choice.retired && !kept(&choice.code) => {
            Err(Fault::RetiredChoice { text: choice.text.clone() })
        }
        Some(choice) => Ok(choice.code.clone()),
        None => {
            let offered = field.choices.iter().filter(|choice| !choice.retired);
            Err(Fault::NotAChoice { choices: offered.map(|choice| choice.text.clone()).collect() })
        }
    }
}

fn yes_or_no(text: &str) -> Result<bool, Fault> {
    match half_width(text.trim()).to_ascii_lowercase().as_str() {
        "yes" | "是" | "true" | "√" => Ok(true),
        "no" | "否" | "false" | "×" => Ok(false),
        _ => Err(Fault::NotYesOrNo),
    }
}

/// `2025-03`, `2025/3` or `2025年3月`, or the first day of it, which a spreadsheet makes of one.
fn month(text: &str) -> Option<Month> {
    let text = half_width(text.trim());
    if let Some(day) = read_date(&text) {
        return Month::new(day.year(), day.month().into()).filter(|_| day.day() == 1);
    }
    let text = text.strip_suffix('月').map_or_else(|| text.replace('/', "-"), |text| text.replace('年', "-"));
    text.parse().ok()
}

/// The text, if it is not too long and has no control characters but those that are allowed.
fn within(field: &Field, text: String, allowed: impl Fn(char) -> bool) -> Result<String, Fault> {
    let most = field.longest.unwrap_or(LONGEST_TEXT).min(LONGEST_TEXT);
    if text.contains(|c: char| c.is_control() && !allowed(c)) {
        Err(Fault::ControlCharacter)
    } else if text.chars().count() > most {
        Err(Fault::TooLong { most })
    } else {
        Ok(text)
    }
}

/// A text of several lines: every way of ending a line becomes the same one, an indent stays.
fn several_lines(field: &Field, text: &str) -> Result<String, Fault> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_end().trim_start_matches('\n').to_owned();
    within(field, text, |c| matches!(c, '\n' | '\t'))
}

/// A code has no blanks, and no characters of full width; one that a spreadsheet has made a number is lost.
fn code(field: &Field, text: &str) -> Result<String, Fault> {
    let code: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(expected) = spoilt(&code) {
        return Err(Fault::SpoiltCode(expected));
    }
    within(field, code, |_| false)
}

fn number(field: &Field, text: &str) -> Result<Decimal, Fault> {
    let typed = Typed::parse(text);
    let unit = if field.kind == Kind::Percent { "%" } else { field.unit.as_str() };
    let read = typed.in_unit(unit);
    let TypedValue::Number(number) = read.value else {
        return Err(match decimal(&half_width(text.trim())) {
            Err(NumberProblem::TooPrecise { .. }) => too_many_decimals(field),
            Err(NumberProblem::OutOfRange) => Fault::TooLarge,
            _ => Fault::NotANumber,
        });
    };
    // A percentage where no unit is, and ten thousand percent, are something else than what was typed says.
    let percent = typed.marks().contains(&Mark::Percent) && unit.trim().is_empty();
    let wan = typed.marks().contains(&Mark::Wan) && field.kind == Kind::Percent;
    if percent || wan { Err(Fault::NotANumber) } else { bounded(field, number) }
}

fn money(field: &Field, text: &str) -> Result<Decimal, Fault> {
    let amount = Amount::parse(text);
    match (amount.fen(), amount.problem()) {
        (Some(fen), _) => bounded(field, fen.yuan()),
        (None, Some(NumberProblem::TooPrecise { .. })) => Err(too_many_decimals(field)),
        (None, Some(NumberProblem::OutOfRange)) => Err(Fault::TooLarge),
        (None, _) => Err(Fault::NotANumber),
    }
}

fn too_many_decimals(field: &Field) -> Fault {
    match field.kept_places() {
        0 => Fault::NotWhole,
        places => Fault::TooManyDecimals { places },
    }
}

fn bounded(field: &Field, number: Decimal) -> Result<Decimal, Fault> {
    let number = number.normalize();
    if number.scale() > field.kept_places() {
        return Err(too_many_decimals(field));
    }
    // What a unit makes longer than any number that is read could be written down, and never read again.
    let is_long = number.trunc().abs().to_string().len() > WHOLE_DIGITS;
    if is_long || Figure::from(number).rounded(field.kept_places()) != Some(number) {
        return Err(Fault::TooLarge);
    }
    // Limits are for what people type: a figure that was kept is what it was.
    if !is_given(field) {
        return Ok(number);
    }
    match (field.least, field.most) {
        (Some(least), _) if number < least => Err(Fault::BelowLeast { least: least.normalize() }),
        (_, Some(most)) if number > most => Err(Fault::AboveMost { most: most.normalize() }),
        _ => Ok(number),
    }
}
