//! The pieces of a formula or a condition in a cell, whichever way its marks were typed.

use rust_decimal::Decimal;

use crate::number::half_width;

/// A piece of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word, a number, a day or a comparison.
    Word(String),
    /// A name between 【】.
    Name(String),
    /// A text between “”.
    Text(String),
    /// `(`, `)`, `,`, `:`, `.` or `/`.
    Mark(char),
}

/// Words that mean something by themselves; a field of such a title is written between 【】.
const RESERVED: [&str; 8] = ["且", "并且", "或", "或者", "非", "任一行", "每一行", "倒序"];

/// Whether a mark parts the members of a list.
pub(super) fn separates(c: char) -> bool {
    matches!(c, '、' | ',' | '，' | ';' | '；' | '\n' | '\r')
}

/// A cell in pieces; the mark that is not closed otherwise.
pub(super) fn tokens(cell: &str) -> Result<Vec<Token>, char> {
    let mut found = Vec::new();
    let mut rest = cell;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let closing = match first {
            '【' => Some('】'),
            '[' => Some(']'),
            '“' => Some('”'),
            '"' => Some('"'),
            _ => None,
        };
        if first.is_whitespace() {
            rest = after;
        } else if let Some(closing) = closing {
            let (inside, behind) = after.split_once(closing).ok_or(first)?;
            let inside = inside.to_owned();
            found.push(if matches!(first, '【' | '[') { Token::Name(inside) } else { Token::Text(inside) });
            rest = behind;
        } else if let Some(mark) = mark(first) {
            found.push(Token::Mark(mark));
            rest = after;
        } else {
            let (word, behind) = word(rest);
            found.push(Token::Word(word));
            rest = behind;
        }
    }
    Ok(found)
}

fn mark(c: char) -> Option<char> {
    Some(match c {
        '(' | '（' => '(',
        ')' | '）' => ')',
        ':' | '：' => ':',
        '.' | '．' => '.',
        '/' | '／' => '/',
        c if separates(c) => ',',
        _ => return None,
    })
}

fn compares(c: char) -> bool {
    "><=≥≤≠＞＜＝".contains(c)
}

/// The longest word that a text begins with, and what is behind it. A number keeps its point.
fn word(text: &str) -> (String, &str) {
    let number = text.starts_with(|c: char| {
        half_width(c.encode_utf8(&mut [0; 4])).starts_with(|c: char| c.is_ascii_digit() || c == '-')
    });
    let comparison = text.starts_with(compares);
    let ends = |c: char| {
        let point = number && matches!(c, '.' | '．');
        let other = c.is_whitespace() || "【】[]“”\"".contains(c) || (mark(c).is_some() && !point);
        other || compares(c) != comparison
    };
    // The first character is of the word, or there would be no end to it.
    let first = text.chars().next().map_or(0, char::len_utf8);
    let length = text.get(first..).and_then(|rest| rest.find(ends)).map_or(text.len(), |length| first + length);
    let (word, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    (if comparison { half_width(word).into_owned() } else { word.to_owned() }, rest)
}

/// Whether a text is one piece that can only be the name of a field.
pub(super) fn is_plain(text: &str) -> bool {
    let single = tokens(text).is_ok_and(|tokens| tokens == [Token::Word(text.to_owned())]);
    single
        && number(text).is_none()
        && !text.starts_with(|c: char| c.is_ascii_digit() || compares(c))
        && !RESERVED.contains(&text)
        && super::notation::comparison(text).is_none()
}

/// Whether a text is one piece, if a word is looked for.
pub(super) fn is_word(text: &str) -> bool {
    tokens(text).is_ok_and(|tokens| tokens == [Token::Word(text.to_owned())])
}

/// A number as a cell has it: 30, 30%, 1.5, 200万元. A percentage is in percent, an amount in yuan.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let text = half_width(text);
    let (text, wan) = match text.strip_suffix("万元").or_else(|| text.strip_suffix('万')) {
        Some(rest) => (rest, true),
        None => (text.strip_suffix('%').or_else(|| text.strip_suffix('元')).unwrap_or(&text), false),
    };
    let number: Decimal = text.parse().ok()?;
    if wan { number.checked_mul(Decimal::from(10_000)) } else { Some(number) }
}
