//! The small notation of the columns 计算 and 条件: `占比(已支付合计, 本季下达资金)`, `合计(路段.已支付)`,
//! `支付率 小于 30 且 类别 是 新建`. It is a tree written down, not a language: no precedence, no free text. A cell that
//! begins with `{` is the tree itself, in JSON.

use super::names::Names;
use super::tokens::{Token, number, tokens};
use crate::form::{Condition, DEEPEST, Expression, Field, Kind, Test};
use crate::intake::Words;

/// An operation on any number of things.
type Many = fn(Vec<Expression>) -> Expression;
/// An operation on two things.
type Two = fn(Box<[Expression; 2]>) -> Expression;

/// Operations on any number of things.
const MANY: [(&str, Many); 5] = [
    ("和", Expression::Sum),
    ("已填之和", Expression::SumGiven),
    ("积", Expression::Product),
    ("最小", Expression::Least),
    ("最大", Expression::Most),
];
/// Operations on two things.
const TWO: [(&str, Two); 5] = [
    ("差", Expression::Difference),
    ("商", Expression::Ratio),
    ("占比", Expression::Share),
    ("天数", Expression::Days),
    ("工作日", Expression::WorkingDays),
];

/// What is asked of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equals,
    Differs,
    Is,
    IsNot,
    OneOf,
    Includes,
    Given,
    Missing,
}

/// The comparison that a word means.
pub(super) fn comparison(word: &str) -> Option<Comparison> {
    Some(match word {
        "大于" | "超过" | "高于" | "晚于" | ">" => Comparison::Above,
        "不小于" | "大于等于" | "至少" | "不低于" | "不早于" | ">=" | "≥" => Comparison::AtLeast,
        "小于" | "低于" | "早于" | "<" => Comparison::Below,
        "不大于" | "小于等于" | "至多" | "不超过" | "不高于" | "不晚于" | "<=" | "≤" => {
            Comparison::AtMost
        }
        "等于" | "=" | "==" => Comparison::Equals,
        "不等于" | "<>" | "≠" => Comparison::Differs,
        "是" | "为" => Comparison::Is,
        "不是" | "不为" => Comparison::IsNot,
        "属于" => Comparison::OneOf,
        "包含" => Comparison::Includes,
        "已填" => Comparison::Given,
        "未填" => Comparison::Missing,
        _ => return None,
    })
}

/// Reads a cell of 计算.
pub(super) fn expression(cell: &str, names: Names<'_>) -> Result<Expression, Words> {
    if cell.starts_with('{') {
        return serde_json::from_str(cell).map_err(|error| bad_json(&error));
    }
    let mut reader = Reader::new(cell)?;
    let read = reader.expression(names, DEEPEST)?;
    reader.end().map(|()| read)
}

/// Reads a cell of 条件.
pub(super) fn condition(cell: &str, names: Names<'_>) -> Result<Condition, Words> {
    if cell.starts_with('{') {
        return serde_json::from_str(cell).map_err(|error| bad_json(&error));
    }
    let mut reader = Reader::new(cell)?;
    let read = reader.condition(names, DEEPEST)?;
    reader.end().map(|()| read)
}

fn bad_json(error: &serde_json::Error) -> Words {
    Words::new(format!("合法的 JSON（{error}）"), format!("valid JSON ({error})"))
}

fn wrong<T>(zh: &str, en: &str) -> Result<T, Words> {
    Err(Words::new(zh, en))
}

struct Reader {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Reader {
    fn new(cell: &str) -> Result<Self, Words> {
        let tokens = tokens(cell).map_err(|open| {
            Words::new(format!("成对的括号和引号：{open} 没有收尾"), format!("marks in pairs: {open} is not closed"))
        })?;
        Ok(Self { tokens: tokens.into_iter().peekable() })
    }

    fn end(&mut self) -> Result<(), Words> {
        match self.tokens.next() {
            None => Ok(()),
            Some(_) => wrong(
                "到此为止，后面还有多余的内容；字段、大于、数值之间要有空格",
                "the end; something stands behind it, or a blank is missing",
            ),
        }
    }

    fn next_is(&mut self, mark: char) -> bool {
        self.tokens.next_if_eq(&Token::Mark(mark)).is_some()
    }

    fn mark(&mut self, mark: char) -> Result<(), Words> {
        if self.next_is(mark) {
            return Ok(());
        }
        Err(Words::new(format!("这里应有“{mark}”"), format!("“{mark}” here")))
    }

    /// A name, as somebody wrote it.
    fn name(&mut self) -> Result<String, Words> {
        match self.tokens.next() {
            Some(Token::Word(name) | Token::Name(name)) => Ok(name),
            _ => wrong("这里应有字段的中文名或代号", "a field's title or name here"),
        }
    }

    fn expression(&mut self, names: Names<'_>, levels: usize) -> Result<Expression, Words> {
        let Some(levels) = levels.checked_sub(1) else {
            return wrong("嵌套不超过 12 层，请分成几个字段逐步计算", "no more than 12 levels");
        };
        match self.tokens.next() {
            Some(Token::Word(word)) => {
                if self.next_is('(') {
                    let read = self.call(&word, names, levels)?;
                    return self.mark(')').map(|()| read);
                }
                if let Some(number) = number(&word) {
                    return Ok(Expression::Number(number));
                }
                if is_day(&word) {
                    return Ok(Expression::Day(word));
                }
                names.read(&word).map(Expression::Field)
            }
            Some(Token::Name(name)) => names.read(&name).map(Expression::Field),
            _ => wrong(
                "字段的中文名、数字、日期或算法，例如 占比(已支付合计, 本季下达资金)",
                "a field's title, a number, a day or an operation, such as 占比(a, b)",
            ),
        }
    }

    fn call(&mut self, word: &str, names: Names<'_>, levels: usize) -> Result<Expression, Words> {
        if let Some((_, many)) = MANY.iter().find(|(name, _)| *name == word) {
            let mut all = vec![self.expression(names, levels)?];
            while self.next_is(',') {
                all.push(self.expression(names, levels)?);
            }
            return Ok(many(all));
        }
        if let Some((_, two)) = TWO.iter().find(|(name, _)| *name == word) {
            let first = self.expression(names, levels)?;
            self.mark(',')?;
            return Ok(two(Box::new([first, self.expression(names, levels)?])));
        }
        match word {
            "合计" => {
                let (rows, inside) = self.rows(names)?;
                self.mark('.')?;
                let field = inside.read(&self.name()?)?;
                Ok(Expression::Total { rows, field, of: self.of(inside, levels)? })
            }
            "行数" => {
                let (rows, inside) = self.rows(names)?;
                Ok(Expression::Count { rows, of: self.of(inside, levels)? })
            }
            "规则" => {
                let mut path = self.name()?;
                while self.next_is('.') {
                    path = format!("{path}.{}", self.name()?);
                }
                Ok(Expression::Rule(path))
            }
            "如果" => {
                let condition = self.condition(names, levels)?;
                self.mark(',')?;
                let then = self.expression(names, levels)?;
                self.mark(',')?;
                Ok(Expression::If(Box::new((condition, then, self.expression(names, levels)?))))
            }
            _ => {
                let known: Vec<&str> =
                    MANY.iter().map(|(name, _)| *name).chain(TWO.iter().map(|(name, _)| *name)).collect();
                let known = known.join("、");
                Err(Words::new(
                    format!("算法“{word}”是下列之一：{known}、合计、行数、规则、如果"),
                    format!("“{word}” as one of {known}、合计、行数、规则、如果"),
                ))
            }
        }
    }

    fn rows<'a>(&mut self, names: Names<'a>) -> Result<(String, Names<'a>), Words> {
        let rows = names.read(&self.name()?)?;
        if names.field(&rows).is_none_or(|field| field.kind != Kind::Rows) {
            return Err(Words::new(format!("明细表的中文名，“{rows}”不是明细表"), format!("rows; “{rows}” is none")));
        }
        let inside = names.inside(&rows);
        Ok((rows, inside))
    }

    fn of(&mut self, inside: Names<'_>, levels: usize) -> Result<Option<Box<Condition>>, Words> {
        if self.next_is(',') { self.condition(inside, levels).map(|read| Some(Box::new(read))) } else { Ok(None) }
    }

    fn condition(&mut self, names: Names<'_>, levels: usize) -> Result<Condition, Words> {
        let Some(levels) = levels.checked_sub(1) else {
            return wrong("嵌套不超过 12 层，请简化条件", "no more than 12 levels");
        };
        let first = self.term(names, levels)?;
        let joined = |token: &Token| match token {
            Token::Word(word) if word == "且" || word == "并且" => Some(true),
            Token::Word(word) if word == "或" || word == "或者" => Some(false),
            _ => None,
        };
        let Some(all) = self.tokens.peek().and_then(joined) else { return Ok(first) };
        let mut parts = vec![first];
        while let Some(next) = self.tokens.peek().and_then(joined) {
            if next != all {
                return wrong("只用“且”或只用“或”；两种都要时用括号分开", "only 且 or only 或; brackets for both");
            }
            self.tokens.next();
            parts.push(self.term(names, levels)?);
        }
        Ok(if all { Condition::All(parts) } else { Condition::Any(parts) })
    }

    fn term(&mut self, names: Names<'_>, levels: usize) -> Result<Condition, Words> {
        if self.next_is('(') {
            let read = self.condition(names, levels)?;
            return self.mark(')').map(|()| read);
        }
        let reserved =
            |token: &Token| matches!(token, Token::Word(w) if ["非", "任一行", "每一行"].contains(&w.as_str()));
        let Some(Token::Word(word)) = self.tokens.next_if(reserved) else { return self.comparison(names, levels) };
        self.mark('(')?;
        let read = if word == "非" {
            Condition::Not(Box::new(self.condition(names, levels)?))
        } else {
            let (rows, inside) = self.rows(names)?;
            self.mark(':')?;
            let when = Box::new(self.condition(inside, levels)?);
            if word == "任一行" { Condition::AnyRow { rows, when } } else { Condition::EveryRow { rows, when } }
        };
        self.mark(')').map(|()| read)
    }

    fn comparison(&mut self, names: Names<'_>, levels: usize) -> Result<Condition, Words> {
        let value = self.expression(names, levels)?;
        let asked = match self.tokens.next() {
            Some(Token::Word(word)) => comparison(&word),
            _ => None,
        };
        let Some(asked) = asked else {
            return wrong(
                "“字段 大于 数值”这样的写法，中间用空格分开；可用 大于、不小于、小于、不大于、等于、不等于、是、不是、属于、包含、已填、未填",
                "“field 大于 value”, with blanks between them",
            );
        };
        let field = if let Expression::Field(name) = &value { names.field(name) } else { None };
        let words = field.is_some_and(|field| is_asked_by_word(&field.kind));
        let counted = field.is_none_or(|field| field.kind.is_number() || field.kind == Kind::Day);
        let test = match asked {
            Comparison::Given => Test::Present(true),
            Comparison::Missing => Test::Present(false),
            Comparison::Equals if words => Test::Is(self.word(field)?),
            Comparison::Differs if words => Test::IsNot(self.word(field)?),
            Comparison::Is if !counted => Test::Is(self.word(field)?),
            Comparison::IsNot if !counted => Test::IsNot(self.word(field)?),
            Comparison::Includes => Test::Includes(self.word(field)?),
            Comparison::OneOf => {
                let mut all = vec![self.word(field)?];
                while self.next_is('/') {
                    all.push(self.word(field)?);
                }
                Test::OneOf(all)
            }
            Comparison::Above => Test::Above(self.expression(names, levels)?),
            Comparison::AtLeast => Test::AtLeast(self.expression(names, levels)?),
            Comparison::Below => Test::Below(self.expression(names, levels)?),
            Comparison::AtMost => Test::AtMost(self.expression(names, levels)?),
            Comparison::Equals | Comparison::Is => Test::Equals(self.expression(names, levels)?),
            Comparison::Differs | Comparison::IsNot => Test::Differs(self.expression(names, levels)?),
        };
        Ok(Condition::Value { value, test })
    }

    /// A word that a field may be, as it is kept.
    fn word(&mut self, field: Option<&Field>) -> Result<String, Words> {
        let Some(Token::Word(word) | Token::Name(word) | Token::Text(word)) = self.tokens.next() else {
            return wrong("这里应有选项或文字", "a choice or a word here");
        };
        field.map_or(Ok(word.clone()), |field| kept(field, &word))
    }
}

/// Whether one asks of such a field which word it is.
fn is_asked_by_word(kind: &Kind) -> bool {
    !kind.is_number() && !matches!(kind, Kind::Day | Kind::Files | Kind::Rows | Kind::Unknown(_))
}

/// A choice's code by what people read; 是 and 否 as they are kept; any other word as it is.
pub(super) fn kept(field: &Field, word: &str) -> Result<String, Words> {
    match field.kind {
        Kind::YesNo => match word {
            "是" | "yes" => Ok("yes".to_owned()),
            "否" | "no" => Ok("no".to_owned()),
            _ => wrong("是 或 否", "是 or 否"),
        },
        Kind::OneOf | Kind::AnyOf => {
            let by_text = |retired| field.choices.iter().find(|one| one.text == word && one.retired == retired);
            let found = by_text(false).or_else(|| by_text(true));
            let found = found.or_else(|| field.choices.iter().find(|choice| choice.code == word));
            found.map(|choice| choice.code.clone()).ok_or_else(|| {
                let known = field.choices.iter().map(|choice| choice.text.as_str()).collect::<Vec<_>>().join("、");
                Words::new(
                    format!("“{}”的选项之一：{known}", field.title),
                    format!("one of the choices of “{}”: {known}", field.title),
                )
            })
        }
        _ => Ok(word.to_owned()),
    }
}

/// Whether a word is written as a day; whether there is such a day is looked at before publishing.
fn is_day(word: &str) -> bool {
    let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00"
}

/// What an operation on any number of things is called.
pub(super) fn called(tree: &Expression) -> Option<&'static str> {
    Some(match tree {
        Expression::Sum(_) => "和",
        Expression::SumGiven(_) => "已填之和",
        Expression::Product(_) => "积",
        Expression::Least(_) => "最小",
        Expression::Most(_) => "最大",
        Expression::Difference(_) => "差",
        Expression::Ratio(_) => "商",
        Expression::Share(_) => "占比",
        Expression::Days(_) => "天数",
        Expression::WorkingDays(_) => "工作日",
        _ => return None,
    })
}
