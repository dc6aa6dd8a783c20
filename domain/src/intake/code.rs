//! Codes that a spreadsheet took for numbers: `3.20581E+20` was a project code of 21 digits of which six are left, and
//! `320581.0` has a decimal that no code has. Codes that look like another and are not: with a character that nobody
//! sees, or with the apostrophe by which a spreadsheet marks a text. None may become the name of a record.

use super::Words;
use crate::number::half_width;

/// What is expected in place of a code that is a spreadsheet's number or only looks like another code; `None` for any
/// other text.
#[must_use]
pub fn spoilt(code: &str) -> Option<Words> {
    if code.contains(is_unseen) {
        let zh = "没有看不见的字符（如零宽空格）的代码；请清空单元格后重新键入";
        return Some(Words::new(zh, "a code without characters that nobody sees: clear the cell and type it again"));
    }
    let text = half_width(code.trim());
    if text.starts_with(['\'', '‘', '’', '`']) {
        let zh = "不带单引号的代码；单引号是电子表格标记文本用的，请删去";
        return Some(Words::new(zh, "a code without the apostrophe by which a spreadsheet marks a text: delete it"));
    }
    if is_scientific(&text) {
        let zh = "完整的代码；电子表格已把它变成科学记数法，后面的数字丢失了，请把该列设为“文本”格式后重新填写完整代码";
        let en = "the whole code; a spreadsheet has made it a number and lost its digits: format the column as text and \
            enter the codes again";
        return Some(Words::new(zh, en));
    }
    if is_decimal(&text) {
        let zh = "不带小数的代码；电子表格已把它变成数值，请把该列设为“文本”格式后重新填写";
        let en =
            "a code without decimals; a spreadsheet has made it a number: format the column as text and enter it again";
        return Some(Words::new(zh, en));
    }
    None
}

/// Characters without a shape: zero-width spaces and joiners, marks of direction and of byte order, soft hyphens.
fn is_unseen(c: char) -> bool {
    let alone = matches!(c, '\u{ad}' | '\u{180e}' | '\u{feff}');
    alone || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `3.20581E+20`, `5E+20`, `3.2e20`. A code of letters and digits such as `2E01` has neither a point nor a sign.
fn is_scientific(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let signed = exponent.strip_prefix(['+', '-']);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let marked = signed.is_some() || mantissa.contains('.');
    marked && digits(whole) && digits(fraction) && digits(signed.unwrap_or(exponent))
}

/// `320581.0`, or a long number with decimals. Short ones such as `1.2` number the steps of a procedure.
fn is_decimal(text: &str) -> bool {
    const LONG: usize = 5;
    let Some((whole, fraction)) = text.split_once('.') else { return false };
    let nothing = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    digits(whole) && digits(fraction) && (nothing || whole.len() >= LONG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{Lang, Say};

    /// A code with a character that nobody sees, or behind an apostrophe, looks like another and is refused.
    #[test]
    fn that_look_like_others() {
        for code in ["\u{200b}32058124T0001", "32058124T\u{feff}0001", "3205\u{ad}81", "\u{202d}320581\u{202c}"] {
            assert!(spoilt(code).expect("spoilt").say(Lang::Zh).contains("看不见的字符"), "{code:?}");
        }
        for code in ["'32058124T0001", "’320581"] {
            assert!(spoilt(code).expect("spoilt").say(Lang::Zh).contains("单引号"), "{code}");
        }
    }

    /// Scientific notation and decimals are told from codes, in any width.
    #[test]
    fn told_apart() {
        for code in ["3.20581E+20", "3.20581e+20", "3.20581E20", "5E+20", "３．２０５８１Ｅ＋２０", " 1.2E+05 "]
        {
            assert!(spoilt(code).expect("spoilt").say(Lang::Zh).contains("科学记数法"), "{code}");
        }
        for code in ["320581.0", "2130305.00", "32058124.5", "７.０"] {
            assert!(spoilt(code).expect("spoilt").say(Lang::Zh).contains("小数"), "{code}");
        }
        for code in ["32058124T000007000001", "ZX2024-01", "JY-11-001", "2E01", "E+20", "1.2", "1.2.3", "P1", "", "A.0"]
        {
            assert_eq!(spoilt(code), None, "{code}");
        }
    }
}
