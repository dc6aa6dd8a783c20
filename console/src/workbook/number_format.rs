//! What a number format does to a number: the sign, the percent and the unit that it shows, and by how much it scales.
//! A cell that is seen as 251.89万元 is that, whatever number stands behind it; where what is seen and what is kept
//! contradict each other, nobody but the author knows which is meant.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

/// A number format, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NumberFormat {
    sections: Vec<Section>,
    clock: bool,
}

/// What a format does to the numbers of one of its sections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// Which numbers it is for, where it says so itself.
    condition: Option<Condition>,
    /// Whether it shows the number a hundred times as large, with a percent sign.
    pub(super) percent: bool,
    /// Decimals that are shown whether they are zero or not.
    pub(super) decimals: usize,
    /// Digits before the point that are shown whether they are zero or not.
    pub(super) padded: usize,
    /// What stands before and behind the digits.
    pub(super) before: String,
    pub(super) behind: String,
    /// By how many tens the number is divided: three for every comma behind the digits.
    pub(super) commas: usize,
    /// Digits behind a point that is only drawn, as in `0!.0000`.
    pub(super) drawn: usize,
    /// Whether something else is drawn among the digits.
    pub(super) masked: bool,
}

/// A comparison in brackets.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    sign: String,
    with: f64,
}

impl Eq for Condition {}

impl Condition {
    fn read(text: &str) -> Option<Self> {
        let at = text.find(|c| !matches!(c, '<' | '>' | '=')).filter(|at| *at > 0)?;
        let (sign, with) = text.split_at_checked(at)?;
        Some(Self { sign: sign.to_owned(), with: with.trim().parse().ok()? })
    }

    fn holds(&self, value: f64) -> bool {
        match self.sign.as_str() {
            "<" => value < self.with,
            "<=" => value <= self.with,
            ">" => value > self.with,
            ">=" => value >= self.with,
            "<>" => value.partial_cmp(&self.with).is_some_and(Ordering::is_ne),
            _ => value.partial_cmp(&self.with).is_some_and(Ordering::is_eq),
        }
    }
}

/// What a format consists of, behind its quotes and escapes.
enum Token {
    /// Text that is shown as it is.
    Literal(String),
    /// What stands in brackets.
    Bracket(String),
    /// A sign with a meaning.
    Sign(char),
    /// The end of a section.
    End,
}

impl NumberFormat {
    /// Reads a format code.
    pub(super) fn of(code: &str) -> Self {
        let code = code.replace("G/通用格式", "General");
        let mut chars = code.chars().peekable();
        let (mut sections, mut tokens, mut clock) = (Vec::new(), Vec::new(), None);
        while let Some(token) = next(&mut chars) {
            if let Token::End = token {
                clock.get_or_insert(is_clock(&tokens));
                sections.push(Section::of(&std::mem::take(&mut tokens)));
            } else {
                tokens.push(token);
            }
        }
        let clock = clock.unwrap_or_else(|| is_clock(&tokens));
        sections.push(Section::of(&tokens));
        Self { sections, clock }
    }

    /// Whether it shows a time or a length of time, and no day.
    pub(super) fn is_clock(&self) -> bool {
        self.clock
    }

    /// The section that a number is shown by.
    pub(super) fn section(&self, value: f64) -> Section {
        let conditional = self.sections.iter().any(|section| section.condition.is_some());
        let holds = |section: &&Section| section.condition.as_ref().is_none_or(|it| it.holds(value));
        let chosen = match self.sections.as_slice() {
            // The fourth is for texts.
            sections if conditional => sections.iter().take(3).find(holds),
            [_, negative, ..] if value < 0.0 => Some(negative),
            [positive, _, zero, ..] => Some(if value == 0.0 { zero } else { positive }),
            sections => sections.first(),
        };
        chosen.cloned().unwrap_or_default()
    }
}

/// The next piece of a format code.
fn next(chars: &mut Peekable<Chars<'_>>) -> Option<Token> {
    let until = |chars: &mut Peekable<Chars<'_>>, end: char| chars.by_ref().take_while(|c| *c != end).collect();
    loop {
        return Some(match chars.next()? {
            ';' => Token::End,
            '\\' | '!' => Token::Literal(chars.next()?.to_string()),
            // A blank of some width, and what fills the cell.
            '_' | '*' => {
                chars.next();
                continue;
            }
            '"' => Token::Literal(until(chars, '"')),
            '[' => Token::Bracket(until(chars, ']')),
            c if c.is_ascii() => Token::Sign(c),
            c => Token::Literal(c.to_string()),
        });
    }
}

/// Whether hours, minutes or seconds are shown, and neither year nor day.
fn is_clock(tokens: &[Token]) -> bool {
    let shows = |letters: &str| {
        tokens.iter().any(|token| match token {
            Token::Sign(c) => letters.contains(c.to_ascii_lowercase()),
            Token::Bracket(text) => text.chars().all(|c| letters.contains(c.to_ascii_lowercase())),
            _ => false,
        })
    };
    // `General` has none of them but its e, and a month's m stands beside a year or a day.
    shows("hs") && !shows("yd")
        || tokens.iter().any(|token| matches!(token, Token::Bracket(m) if m == "m" || m == "mm"))
}

impl Section {
    fn of(tokens: &[Token]) -> Self {
        let mut section = Self::default();
        let letters = |token: &Token| matches!(token, Token::Sign(c) if c.is_ascii_alphabetic() || *c == '/');
        // A fraction, an exponent, `General`: the number itself, with what stands around it.
        let plain = tokens.iter().any(letters);
        let digit = |token: &Token| match token {
            Token::Sign(c) => matches!(c, '0' | '#' | '?' | '@') || c.is_ascii_alphabetic(),
            _ => false,
        };
        let first = tokens.iter().position(digit).unwrap_or(tokens.len());
        let last = tokens.iter().rposition(digit).map_or(first, |last| last + 1);
        let (mut point, mut drawn) = (false, false);
        for (at, token) in tokens.iter().enumerate() {
            match token {
                Token::Bracket(text) => section.bracket(text, at < first),
                Token::Literal(text) if at < first => section.before.push_str(text),
                Token::Literal(text) if at >= last => section.behind.push_str(text),
                Token::Literal(text) if text == "." && !point && !drawn => drawn = true,
                Token::Literal(text) => section.masked |= !text.trim().is_empty(),
                Token::Sign('%') => section.percent = true,
                Token::Sign(',') if at >= last && !plain => section.commas += 3,
                Token::Sign('.') => point = true,
                Token::Sign('0' | '#' | '?') if drawn => section.drawn += 1,
                Token::Sign('0') if point && !plain => section.decimals += 1,
                Token::Sign('0') if !point && !plain => section.padded += 1,
                _ => {}
            }
        }
        // Commas before the point scale as those behind the last digit do: `0,.00`.
        let before_point = tokens.windows(2).filter(|pair| matches!(pair, [Token::Sign(','), Token::Sign('.')]));
        section.commas += 3 * before_point.count();
        section.decimals = section.decimals.min(10);
        if point || drawn || section.masked || tokens.iter().any(|token| matches!(token, Token::Sign('#' | ',' | '?')))
        {
            section.padded = 0;
        }
        section.before = telling(&section.before);
        section.behind = telling(&section.behind);
        section
    }

    /// A condition, a currency, or what changes only the colour.
    fn bracket(&mut self, text: &str, before: bool) {
        if let Some(currency) = text.strip_prefix('$') {
            let symbol = currency.rsplit_once('-').map_or(currency, |(symbol, _)| symbol);
            let side = if before { &mut self.before } else { &mut self.behind };
            side.push_str(symbol);
        } else if let Some(condition) = Condition::read(text) {
            self.condition = Some(condition);
        }
    }
}

/// What of a text around a number says something: signs, brackets and the yuan sign do not.
fn telling(text: &str) -> String {
    let mute =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '+' | '-' | ':' | '¥' | '￥' | '（' | '）' | '：');
    text.trim_matches(mute).to_owned()
}

/// How many tens a unit stands for by its first words: four for 万元, eight for 亿, none for 元 or 人.
pub(super) fn tens(unit: &str) -> usize {
    let tens = |c| match c {
        '十' => Some(1),
        '百' => Some(2),
        '千' => Some(3),
        '万' => Some(4),
        '亿' => Some(8),
        _ => None,
    };
    unit.chars().map_while(tens).sum()
}
