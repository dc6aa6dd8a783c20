//! The notation of [`super::notation`] written down. What would not be read back as it is, is written as JSON.

use super::names::Names;
use super::notation;
use super::tokens::is_word;
use crate::form::{Condition, Expression, Field, Kind, Test};

/// A tree as a cell of 计算.
pub(super) fn expression(tree: &Expression, names: Names<'_>) -> String {
    let short = of_expression(tree, names);
    match short {
        Some(text) if notation::expression(&text, names).is_ok_and(|read| read == *tree) => text,
        _ => as_object(&serde_json::Value::from(tree.clone()), "field"),
    }
}

/// A tree as a cell of 条件.
pub(super) fn condition(tree: &Condition, names: Names<'_>) -> String {
    let short = of_condition(tree, names);
    match short {
        Some(text) if notation::condition(&text, names).is_ok_and(|read| read == *tree) => text,
        _ => as_object(&serde_json::Value::from(tree.clone()), "all"),
    }
}

/// JSON that begins with `{`, which is how a cell says that it is JSON.
fn as_object(value: &serde_json::Value, name: &str) -> String {
    if value.is_object() { value.to_string() } else { serde_json::json!({ name: value }).to_string() }
}

fn of_expression(tree: &Expression, names: Names<'_>) -> Option<String> {
    if let Some(name) = notation::called(tree) {
        let parts = tree.parts().into_iter().map(|part| of_expression(part, names)).collect::<Option<Vec<_>>>()?;
        return Some(format!("{name}({})", parts.join(", ")));
    }
    Some(match tree {
        Expression::Field(name) => names.write(name),
        Expression::Number(number) => number.to_string(),
        Expression::Day(day) => day.clone(),
        Expression::Rule(path) => format!("规则({path})"),
        Expression::Total { rows, field, of } => {
            let inside = names.inside(rows);
            format!("合计({}.{}{})", names.write(rows), inside.write(field), behind(of.as_deref(), inside)?)
        }
        Expression::Count { rows, of } => {
            format!("行数({}{})", names.write(rows), behind(of.as_deref(), names.inside(rows))?)
        }
        Expression::If(parts) => {
            let (condition, then, other) = parts.as_ref();
            let condition = of_condition(condition, names)?;
            format!("如果({condition}, {}, {})", of_expression(then, names)?, of_expression(other, names)?)
        }
        _ => return None,
    })
}

fn behind(of: Option<&Condition>, inside: Names<'_>) -> Option<String> {
    of.map_or(Some(String::new()), |of| Some(format!(", {}", of_condition(of, inside)?)))
}

fn of_condition(tree: &Condition, names: Names<'_>) -> Option<String> {
    let joined = |parts: &[Condition], word: &str| {
        let parts = parts.iter().map(|part| {
            let text = of_condition(part, names)?;
            Some(if matches!(part, Condition::All(_) | Condition::Any(_)) { format!("({text})") } else { text })
        });
        Some(parts.collect::<Option<Vec<_>>>()?.join(word))
    };
    match tree {
        Condition::All(all) => joined(all, " 且 "),
        Condition::Any(any) => joined(any, " 或 "),
        Condition::Not(part) => Some(format!("非({})", of_condition(part, names)?)),
        Condition::AnyRow { rows, when } => {
            Some(format!("任一行({}: {})", names.write(rows), of_condition(when, names.inside(rows))?))
        }
        Condition::EveryRow { rows, when } => {
            Some(format!("每一行({}: {})", names.write(rows), of_condition(when, names.inside(rows))?))
        }
        Condition::Value { value, test } => {
            let field = if let Expression::Field(name) = value { names.field(name) } else { None };
            Some(format!("{} {}", of_expression(value, names)?, of_test(test, field, names)?))
        }
        Condition::Unknown(_) => None,
    }
}

fn of_test(test: &Test, field: Option<&Field>, names: Names<'_>) -> Option<String> {
    let other = test.other().map(|other| of_expression(other, names));
    let with = |word: &str| Some(format!("{word} {}", other.clone()??));
    match test {
        Test::Is(word) => Some(format!("是 {}", shown(word, field))),
        Test::IsNot(word) => Some(format!("不是 {}", shown(word, field))),
        Test::Includes(word) => Some(format!("包含 {}", shown(word, field))),
        Test::OneOf(words) => {
            let words: Vec<String> = words.iter().map(|word| shown(word, field)).collect();
            Some(format!("属于 {}", words.join("/")))
        }
        Test::Present(true) => Some("已填".to_owned()),
        Test::Present(false) => Some("未填".to_owned()),
        Test::Above(_) => with("大于"),
        Test::AtLeast(_) => with("不小于"),
        Test::Below(_) => with("小于"),
        Test::AtMost(_) => with("不大于"),
        Test::Equals(_) => with("等于"),
        Test::Differs(_) => with("不等于"),
    }
}

/// A word as people read it, between quotation marks if it is more than one piece.
fn shown(word: &str, field: Option<&Field>) -> String {
    let text = match field {
        Some(field) if field.kind == Kind::YesNo => match word {
            "yes" => "是",
            "no" => "否",
            other => other,
        },
        Some(field) => Some(field.choice_text(word))
            .filter(|text| notation::kept(field, text).is_ok_and(|kept| kept == word))
            .unwrap_or(word),
        None => word,
    };
    if is_word(text) {
        text.to_owned()
    } else if text.contains('”') {
        format!("\"{text}\"")
    } else {
        format!("“{text}”")
    }
}
