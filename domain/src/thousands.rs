//! Amounts and counts as people read them: with thousands marked.

/// A plain number with its thousands marked, `8,292.0000`; any other text as it is.
#[must_use]
pub fn marked(text: &str) -> String {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = text.strip_suffix(digits).unwrap_or_default();
    let (whole, point, part) = match digits.split_once('.') {
        Some((whole, part)) if !part.is_empty() => (whole, ".", part),
        _ => (digits, "", ""),
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) {
        return text.to_owned();
    }
    let mut shown = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && whole.len().saturating_sub(at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + point + part
}

#[cfg(test)]
mod tests {
    use super::marked;

    /// Thousands are marked from the point on, whatever stands before them and behind it; what is no plain number stays
    /// as it is.
    #[test]
    fn thousands() {
        for (text, shown) in [
            ("0.00", "0.00"),
            ("999", "999"),
            ("1000", "1,000"),
            ("8292.0000", "8,292.0000"),
            ("1234567890.12", "1,234,567,890.12"),
            ("-1000.00", "-1,000.00"),
            ("+100000", "+100,000"),
        ] {
            assert_eq!(marked(text), shown);
        }
        for text in ["", "—", "84.49（不排名）", "1000/2000", "10,000", "约3000", "1000.", ".1000", "-", "１０００"]
        {
            assert_eq!(marked(text), text);
        }
    }
}
