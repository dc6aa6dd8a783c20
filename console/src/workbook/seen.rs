//! A cell as people see it: 1200 and not 1200.0, 95% and not 0.95, a day and not the number of it.

use calamine::{DataRef, DataType as _, ExcelDateTime};

use super::Fault;

/// Numbers beyond this have lost their last digits in the spreadsheet.
const EXACT: f64 = 1e15;
/// What is smaller is written with an exponent instead of many zeros.
const TINY: f64 = 1e-12;

/// What a number format does to a number, as far as it matters here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    percent: bool,
    decimals: usize,
}

impl Look {
    /// Reads the first section of a format code. Anything unusual counts for nothing: digits are never hidden.
    pub(super) fn of(code: &str) -> Self {
        let mut plain = String::new();
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                '\\' | '!' | '_' | '*' => drop(chars.next()),
                '"' => drop(chars.by_ref().find(|c| *c == '"')),
                '[' => drop(chars.by_ref().find(|c| *c == ']')),
                c => plain.push(c),
            }
        }
        let scaled = plain.trim_end_matches(['%', ' ']).ends_with(',');
        if scaled || plain.chars().any(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '?' | '@')) {
            return Self::default();
        }
        let behind = plain.split_once('.').map_or("", |(_, behind)| behind);
        let decimals = behind.chars().take_while(|c| *c == '0').count().min(10);
        Self { percent: plain.contains('%'), decimals }
    }
}

/// A value as it is seen. Blank cells give an empty text.
pub(super) fn text(value: &DataRef<'_>, look: Look, cell: impl Fn() -> String) -> Result<String, Fault> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => return self::number(*number, look).ok_or_else(|| Fault::LongNumber(cell())),
        DataRef::DateTime(at) => return day(at).ok_or_else(|| Fault::ErrorValue(cell())),
        DataRef::DateTimeIso(text) => iso(text),
        DataRef::Error(_) => return Err(Fault::ErrorValue(cell())),
    })
}

/// A number with the fifteen digits that a spreadsheet shows, and the zeros that its format shows. `None` if the
/// spreadsheet itself cannot tell its last digits.
pub(super) fn number(value: f64, look: Look) -> Option<String> {
    if !value.is_finite() || value.abs() >= EXACT {
        return None;
    }
    if value != 0.0 && value.abs() < TINY {
        return Some(format!("{value:e}"));
    }
    let shown = format!("{:.14e}", value.abs());
    let (mantissa, exponent) = shown.split_once('e')?;
    let exponent: isize = exponent.parse().ok()?;
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let shift = if look.percent { 2 } else { 0 };
    let point = if digits.is_empty() { 0 } else { exponent + 1 + shift };
    let (mut whole, mut behind) = match usize::try_from(point) {
        Ok(point) if point >= digits.len() => (format!("{digits:0<point$}"), String::new()),
        Ok(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
        Err(_) => (String::new(), format!("{}{digits}", "0".repeat(point.unsigned_abs()))),
    };
    if whole.is_empty() {
        whole.push('0');
    }
    while behind.len() < look.decimals {
        behind.push('0');
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let point = if behind.is_empty() { "" } else { "." };
    let percent = if look.percent { "%" } else { "" };
    Some(format!("{sign}{whole}{point}{behind}{percent}"))
}

/// A day, and the time of it if there is one.
fn day(at: &ExcelDateTime) -> Option<String> {
    if at.is_duration() || at.as_f64() < 1.0 {
        return number(at.as_f64(), Look::default());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    if year > 9999 {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") })
}

fn iso(text: &str) -> String {
    match text.split_once('T') {
        Some((day, time)) if time.starts_with("00:00:00") => day.to_owned(),
        _ => text.replace('T', " "),
    }
}

/// True if nothing stands in a cell.
pub(super) fn is_blank(value: &DataRef<'_>) -> bool {
    value.is_empty() || value.get_string().is_some_and(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers look as the spreadsheet shows them: no floating remains, the format's zeros, percent in points.
    #[test]
    fn numbers() {
        let plain = Look::default();
        for (value, shown) in [
            (1200.0, "1200"),
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (-364_447.0, "-364447"),
            (7_663_728.58, "7663728.58"),
            (0.05, "0.05"),
            (123_456_789_012_345.0, "123456789012345"),
        ] {
            assert_eq!(number(value, plain).as_deref(), Some(shown));
        }
        assert_eq!(number(1e15, plain), None);
        assert_eq!(number(f64::NAN, plain), None);
        assert_eq!(number(1e-13, plain).as_deref(), Some("1e-13"));
        for (value, code, shown) in [
            (0.0, "0.00", "0.00"),
            (12.5, "#,##0.00", "12.50"),
            (12.345, "0.00", "12.345"),
            (0.95, "0%", "95%"),
            (0.0, "0%", "0%"),
            (0.005, "0%", "0.5%"),
            (0.9565, "0.0%", "95.65%"),
            (1.0, "0.00%", "100.00%"),
            (55_000_000.0, "0!.0000", "55000000"),
            (55_000_000.0, "0\\.0000", "55000000"),
            (3.0, "0.00_);[Red](0.00)", "3.00"),
            (3.0, "0\".00\"", "3"),
            (3.0, "0.00,", "3"),
            (3.0, "# ?/?", "3"),
            (3.0, "General", "3"),
            (3.0, "@", "3"),
        ] {
            assert_eq!(number(value, Look::of(code)).as_deref(), Some(shown), "{code}");
        }
    }

    /// Days with and without a time of day.
    #[test]
    fn iso_days() {
        assert_eq!(iso("2024-05-31T00:00:00"), "2024-05-31");
        assert_eq!(iso("2024-05-31T08:30:00"), "2024-05-31 08:30:00");
        assert_eq!(iso("2024-05-31"), "2024-05-31");
    }
}
