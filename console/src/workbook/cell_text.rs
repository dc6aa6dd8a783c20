//! A cell as people see it: 1200 and not 1200.0, 95% and not 0.95, a day and not the number of it.

use calamine::{DataRef, DataType as _, ExcelDateTime};

use super::Fault;
use super::number_format::{NumberFormat, Section, tens};

/// Numbers beyond this have lost their last digits in the spreadsheet.
const EXACT: f64 = 1e15;
/// What is smaller is written with an exponent instead of many zeros.
const TINY: f64 = 1e-12;

/// A value as it is seen. Blank cells give an empty text.
pub(super) fn text(value: &DataRef<'_>, look: &NumberFormat, cell: impl Fn() -> String) -> Result<String, Fault> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => return self::number(*number, look, cell),
        // A length of time is kept in days: 36:00 is 1.5, and whether 36, 2160 or 1.5 is meant depends on the unit.
        DataRef::DurationIso(_) => return Err(Fault::Duration(cell())),
        DataRef::DateTime(at) if at.is_duration() || look.is_clock() || at.as_f64() < 1.0 => {
            return Err(Fault::Duration(cell()));
        }
        DataRef::DateTime(at) => return day(at).ok_or_else(|| Fault::ErrorValue(cell())),
        DataRef::DateTimeIso(text) => iso(text),
        DataRef::Error(_) => return Err(Fault::ErrorValue(cell())),
    })
}

/// A number as it is seen: with the unit, the percent sign and the zeros that its format shows, and all its digits.
fn number(value: f64, look: &NumberFormat, cell: impl Fn() -> String) -> Result<String, Fault> {
    let section = look.section(value);
    let unit = tens(&section.behind);
    let divided = section.commas + section.drawn;
    // A point that is only drawn and named by nothing is how sums of yuan are printed under 万元: it changes nothing.
    let only_drawn = section.commas == 0 && section.drawn > 0 && section.behind.is_empty() && section.before.is_empty();
    let divided = if only_drawn { 0 } else { divided };
    if section.masked || (divided > 0 && divided != unit) {
        return Err(Fault::Masked(cell()));
    }
    let digits = digits(value, &section, divided).ok_or_else(|| Fault::LongNumber(cell()))?;
    Ok(format!("{}{digits}{}", section.before, section.behind))
}

/// The fifteen digits that a spreadsheet shows of a number that is `divided` by so many tens. `None` if the spreadsheet
/// itself cannot tell its last digits.
fn digits(value: f64, section: &Section, divided: usize) -> Option<String> {
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
    let shift = if section.percent { 2 } else { 0 } - isize::try_from(divided).ok()?;
    let point = if digits.is_empty() { 0 } else { exponent + 1 + shift };
    let (mut whole, mut behind) = match usize::try_from(point) {
        Ok(point) if point >= digits.len() => (format!("{digits:0<point$}"), String::new()),
        Ok(point) => (digits.get(..point)?.to_owned(), digits.get(point..)?.to_owned()),
        Err(_) => (String::new(), format!("{}{digits}", "0".repeat(point.unsigned_abs()))),
    };
    while whole.len() < section.padded.clamp(1, 30) {
        whole.insert(0, '0');
    }
    while behind.len() < section.decimals {
        behind.push('0');
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let point = if behind.is_empty() { "" } else { "." };
    let percent = if section.percent { "%" } else { "" };
    Some(format!("{sign}{whole}{point}{behind}{percent}"))
}

/// A day, and the time of it if there is one.
fn day(at: &ExcelDateTime) -> Option<String> {
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

    /// A number as it is seen under a format, or the fault.
    fn seen(value: f64, code: &str) -> Result<String, Fault> {
        number(value, &NumberFormat::of(code), || "J2".to_owned())
    }

    /// Numbers look as the spreadsheet shows them: no floating remains, the format's zeros, percent in points.
    #[test]
    fn numbers() {
        for (value, shown) in [
            (1200.0, "1200"),
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (-364_447.0, "-364447"),
            (7_663_728.58, "7663728.58"),
            (0.05, "0.05"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e-13, "1e-13"),
        ] {
            assert_eq!(seen(value, "General").as_deref(), Ok(shown));
        }
        for value in [1e15, f64::NAN] {
            assert_eq!(seen(value, "0"), Err(Fault::LongNumber("J2".into())));
        }
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
            (-3.0, "0.00_);[Red](0.00)", "-3.00"),
            (0.0, "_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * \"-\"??_ ;_ @_ ", "0"),
            (12.5, "_ \"¥\"* #,##0.00_ ;_ \"¥\"* -#,##0.00_ ", "12.50"),
            (12.5, "[$¥-804]#,##0.00", "12.50"),
            (3.0, "# ?/?", "3"),
            (3.0, "@", "3"),
            (3.0, "G/通用格式", "3"),
            (123.0, "000000", "000123"),
        ] {
            assert_eq!(seen(value, code).as_deref(), Ok(shown), "{code}");
        }
    }

    /// A unit that a format shows belongs to the number, and what the format divides by must be that unit. 251.89 shown
    /// as 251.89万元 and 2,518,900 shown so are both 251.89万元.
    #[test]
    fn units_that_are_shown() {
        for (value, code, shown) in [
            (251.89, "0.00\"万元\"", "251.89万元"),
            (251.89, "0.00万元", "251.89万元"),
            (251.89, "General\"万元\"", "251.89万元"),
            (2.5, "0.00\"亿元\"", "2.50亿元"),
            (2_518_900.0, "#,##0.00,\"千元\"", "2518.90千元"),
            (2_518_900.0, "0,.0\"千元\"", "2518.9千元"),
            (2_518_900.0, "0.00,,\"百万元\"", "2.5189百万元"),
            (2_518_900.0, "0!.0000\"万\"", "251.89万"),
            (2_518_900.0, "0\".\"0,\"万元\"", "251.89万元"),
            (2_518_900.0, "[>=10000]0!.0,\"万元\";0.00\"元\"", "251.89万元"),
            (900.0, "[>=10000]0!.0,\"万元\";0.00\"元\"", "900.00元"),
            (-251.89, "0.00\"万元\"", "-251.89万元"),
            (95.0, "0\"%\"", "95%"),
            (95.0, "0\"‰\"", "95‰"),
            (30.0, "0\"天\"", "30天"),
            (300.0, "\"约\"0", "约300"),
            (12.5, "[$€-2] #,##0.00", "€12.50"),
        ] {
            assert_eq!(seen(value, code).as_deref(), Ok(shown), "{code}");
        }
        // Divided by a thousand and called nothing, or ten thousand; digits with words among them.
        for code in ["0.00,", "#,##0,", "0.00,\"万元\"", "0.0,\"K\"", "0!.0,", "0000\"年\"00\"月\"", "000\\-0000"] {
            assert_eq!(seen(2_518_900.0, code), Err(Fault::Masked("J2".into())), "{code}");
        }
    }

    /// Formats that show a time or a length of time and no day are told from those that show a day.
    #[test]
    fn clocks() {
        for code in ["[h]:mm", "h:mm", "mm:ss", "[mm]", "h\"时\"mm\"分\"", "h:mm AM/PM", "[s].00"] {
            assert!(NumberFormat::of(code).is_clock(), "{code}");
        }
        for code in ["yyyy/m/d", "yyyy-mm-dd hh:mm", "m\"月\"d\"日\"", "0.00", "General", "[$-804]aaaa", "[Red]0"] {
            assert!(!NumberFormat::of(code).is_clock(), "{code}");
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
