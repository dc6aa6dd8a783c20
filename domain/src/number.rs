//! Numbers as people type them. The raw text is kept beside what was read, and what can't be read goes to a person
//! for review: it never becomes zero.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Date, Month};

use crate::lang::{Lang, Say};
use crate::unit::{Fit, Unit};

/// More digits before the point than this are refused, so that later sums and products stay within a decimal.
pub const WHOLE_DIGITS: usize = 15;
/// More digits behind the point than this are refused. A spreadsheet's average has up to 17.
pub const FRACTION_DIGITS: usize = 20;
/// More digits in all than this are refused: a decimal holds no more.
const DIGITS: usize = 28;

/// Why a text is not a number that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    /// The text is something else.
    #[error("not a single number")]
    NotANumber,
    /// It has more decimals than its kind allows.
    #[error("more than {places} decimals")]
    TooPrecise {
        /// How many are allowed.
        places: usize,
    },
    /// It is too large to be calculated with.
    #[error("number out of range")]
    OutOfRange,
}

impl Say for NumberProblem {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::NotANumber => lang.pick("不是一个确定的数", "it is not one number").to_owned(),
            Self::TooPrecise { places } => match lang {
                Lang::Zh => format!("小数多于 {places} 位"),
                Lang::En => format!("it has more than {places} decimals"),
            },
            Self::OutOfRange => lang.pick("数值过大", "it is too large").to_owned(),
        }
    }
}

/// What had to be understood about the typed text to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Full-width digits or signs were read as half-width ones.
    Normalised,
    /// Thousands separators were dropped.
    Thousands,
    /// `万` was read as ten thousand.
    Wan,
    /// A percent sign was dropped; percentages are kept in percentage points.
    Percent,
    /// The unit stood behind the number, and the number was told in the line's own unit.
    Unit,
}

impl Mark {
    /// The flag that a score sheet shows for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Normalised => "NORMALISED",
            Self::Thousands => "THOUSANDS",
            Self::Wan => "WAN_SUFFIX",
            Self::Percent => "PERCENT_SIGN",
            Self::Unit => "UNIT_TYPED",
        }
    }
}

/// What a typed value was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedValue {
    /// Nothing but blanks: not reported yet.
    Missing,
    /// One number, at most [`WHOLE_DIGITS`] before and [`FRACTION_DIGITS`] behind the point, and 28 in all.
    Number(Decimal),
    /// One day.
    Date(Date),
    /// Words, a range, an estimate: a person has to read it.
    Text,
}

/// What a typed value is under a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUnit {
    /// What it was read as, in that unit.
    pub value: TypedValue,
    /// What had to be understood.
    pub marks: Vec<Mark>,
    /// Why it has no value there, if the unit is the reason.
    pub doubt: Option<UnitDoubt>,
}

/// Why a number that can be read has no value in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitDoubt {
    /// `万` stands in the value and in the unit; the number as `万` of single ones.
    Doubled(Decimal),
    /// The value has another unit, and neither can be told in the other.
    Differs,
}

/// A target or an actual (指标值, 完成值) as it was typed, and what it was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    raw: String,
    value: TypedValue,
    marks: Vec<Mark>,
}

impl Typed {
    /// Reads a text. It can't fail: what is neither a number nor a date is [`TypedValue::Text`].
    ///
    /// Read are decimals with full-width characters, thousands separators, one `万`, one percent sign, and the
    /// days `2024-05-31`, `2024/5/31` and `2024年5月31日`.
    #[must_use]
    pub fn parse(raw: &str) -> Self {
        let typed = |value, marks| Self { raw: raw.to_owned(), value, marks };
        let trimmed = raw.trim();
        if trimmed.is_empty() {
            return typed(TypedValue::Missing, Vec::new());
        }
        let text = half_width(trimmed);
        let mut marks = Vec::new();
        if text != trimmed {
            marks.push(Mark::Normalised);
        }
        if let Some(date) = read_date(&text) {
            return typed(TypedValue::Date(date), marks);
        }
        match read_number(&text, &mut marks) {
            Some(number) => typed(TypedValue::Number(number), marks),
            None => typed(TypedValue::Text, Vec::new()),
        }
    }

    /// What it is in a unit.
    #[must_use]
    pub fn value_in(&self, unit: &str) -> TypedValue {
        self.in_unit(unit).value
    }

    /// What it is in a unit, and how that came about. `46.8万` under the unit 万人次 may mean 46.8 or 468,000 of them, and
    /// `95%` of a unit 件 means nothing: nobody but the author knows, so there it is [`TypedValue::Text`] and goes to
    /// review. `46.8万元` under 元 or 万元 is one number.
    #[must_use]
    pub fn in_unit(&self, unit: &str) -> InUnit {
        let own = Unit::read(unit);
        let doubted = |doubt| InUnit { value: TypedValue::Text, marks: self.marks.clone(), doubt: Some(doubt) };
        match self.value {
            TypedValue::Number(number) if self.marks.contains(&Mark::Wan) && own.is_scaled() => {
                doubted(UnitDoubt::Doubled(number))
            }
            TypedValue::Number(number) if self.marks.contains(&Mark::Percent) && !own.is_blank() => {
                match Unit::read("%").fit(&own) {
                    Fit::Same => InUnit { value: self.value, marks: self.marks.clone(), doubt: None },
                    Fit::Times(times) => converted(number, times, self.marks.clone()),
                    Fit::Differs => doubted(UnitDoubt::Differs),
                }
            }
            TypedValue::Text if !own.is_blank() => self.with_unit(&own),
            _ => InUnit { value: self.value, marks: self.marks.clone(), doubt: None },
        }
    }

    /// Reads a number with its unit behind it.
    fn with_unit(&self, own: &Unit) -> InUnit {
        let trimmed = self.raw.trim();
        let text = half_width(trimmed);
        let at = text.find(|c: char| !(c.is_ascii_digit() || c.is_whitespace() || "+-.,".contains(c)));
        let (digits, written) = text.split_at(at.unwrap_or(text.len()));
        let written = Unit::read(written);
        let number = decimal(digits.trim());
        let (Ok((number, grouped)), false) = (number, written.is_blank()) else {
            return InUnit { value: TypedValue::Text, marks: Vec::new(), doubt: None };
        };
        let mut marks = Vec::new();
        if text != trimmed {
            marks.push(Mark::Normalised);
        }
        if grouped {
            marks.push(Mark::Thousands);
        }
        match written.fit(own) {
            Fit::Same => converted(number, Decimal::ONE, marks),
            Fit::Times(times) => converted(number, times, marks),
            Fit::Differs => {
                let doubt = written.is_known().then_some(UnitDoubt::Differs);
                InUnit { value: TypedValue::Text, marks: Vec::new(), doubt }
            }
        }
    }

    /// Whether it is a number, and one too large to be calculated with.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        decimal(&half_width(self.raw.trim())) == Err(NumberProblem::OutOfRange)
    }

    /// The text as it was typed.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// What it was read as.
    #[must_use]
    pub fn value(&self) -> TypedValue {
        self.value
    }

    /// What had to be understood to read it, in the order of [`Mark`]; empty for text.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<Decimal> {
        match self.value {
            TypedValue::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The day, if it is one.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        match self.value {
            TypedValue::Date(date) => Some(date),
            _ => None,
        }
    }

    /// True if nothing was typed.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.value == TypedValue::Missing
    }
}

/// A number with its unit behind it, told in the line's own unit.
fn converted(number: Decimal, times: Decimal, mut marks: Vec<Mark>) -> InUnit {
    marks.push(Mark::Unit);
    let value = number.checked_mul(times).map_or(TypedValue::Text, |told| TypedValue::Number(told.normalize()));
    InUnit { value, marks, doubt: None }
}

impl Default for Typed {
    fn default() -> Self {
        Self::parse("")
    }
}

impl Serialize for Typed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.raw)
    }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&Cow::<'de, str>::deserialize(deserializer)?))
    }
}

/// A count as it was typed: a whole number from 0, in digits of any width. A blank is none of it, 0.
#[must_use]
pub fn whole(text: &str) -> Option<u32> {
    let text = half_width(text.trim());
    if text.is_empty() { Some(0) } else { text.parse().ok() }
}

/// The text with full-width letters, digits and signs as half-width ones.
#[must_use]
pub fn half_width(text: &str) -> Cow<'_, str> {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '￥' => '¥',
        '\u{2212}' => '-',
        '！'..='～' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    };
    if text.chars().all(|c| narrow(c) == c) { Cow::Borrowed(text) } else { text.chars().map(narrow).collect() }
}

/// Reads half-width text as a decimal, and says whether it had thousands separators.
///
/// A comma counts only where it parts groups of three, so that `95,98` stays text.
pub(crate) fn decimal(text: &str) -> Result<(Decimal, bool), NumberProblem> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, "0"), |(whole, fraction)| (whole, fraction));
    let grouped = whole.contains(',');
    let readable = if grouped { in_thousands(whole) } else { all_digits(whole) };
    if !readable || !all_digits(fraction) {
        return Err(NumberProblem::NotANumber);
    }
    let whole = whole.replace(',', "");
    let whole = whole.trim_start_matches('0');
    let significant = fraction.trim_end_matches('0');
    if whole.len() > WHOLE_DIGITS {
        return Err(NumberProblem::OutOfRange);
    }
    if significant.len() > FRACTION_DIGITS || whole.len() + significant.len() > DIGITS {
        return Err(NumberProblem::TooPrecise { places: FRACTION_DIGITS.min(DIGITS - whole.len()) });
    }
    let sign = if negative && !(whole.is_empty() && significant.is_empty()) { "-" } else { "" };
    let plain =
        if significant.is_empty() { format!("{sign}0{whole}") } else { format!("{sign}0{whole}.{significant}") };
    Decimal::from_str_exact(&plain).map(|number| (number, grouped)).map_err(|_| NumberProblem::OutOfRange)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn in_thousands(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().is_some_and(|group| all_digits(group) && group.len() <= 3);
    first && groups.all(|group| all_digits(group) && group.len() == 3)
}

fn read_number(text: &str, marks: &mut Vec<Mark>) -> Option<Decimal> {
    let (digits, factor, mark) = if let Some(rest) = text.strip_suffix('万') {
        (rest, Decimal::from(10_000), Some(Mark::Wan))
    } else if let Some(rest) = text.strip_suffix('%') {
        (rest, Decimal::ONE, Some(Mark::Percent))
    } else {
        (text, Decimal::ONE, None)
    };
    let (number, grouped) = decimal(digits.trim_end()).ok()?;
    let scaled = number.checked_mul(factor)?.normalize();
    if grouped {
        marks.push(Mark::Thousands);
    }
    marks.extend(mark);
    Some(scaled)
}

/// Reads `2024-05-31`, `2024/5/31` or `2024年5月31日`.
#[must_use]
pub fn read_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = if let Some(rest) = text.strip_suffix('日') {
        let (year, rest) = rest.split_once('年')?;
        let (month, day) = rest.split_once('月')?;
        vec![year, month, day]
    } else {
        let separator = if text.contains('/') { '/' } else { '-' };
        text.split(separator).collect()
    };
    let [year, month, day] = parts.as_slice() else { return None };
    let fits = all_digits(year) && year.len() == 4;
    if !fits || ![month, day].iter().all(|part| all_digits(part) && part.len() <= 2) {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests;
