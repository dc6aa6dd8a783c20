//! Formulas over words and days: grades, yes or no, deadlines.

use rust_decimal::Decimal;

use super::doubt::of_nature;
use super::{Answer, Case, Open, Points};
use crate::number::{TypedValue, half_width};
use crate::rules::Grade;
use crate::score::{Award, Flag, Obstacle, Side};

/// Words are compared without blanks, width and case, and in no other way: what is only similar goes to a person.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| half_width(text).trim().to_lowercase();
    plain(a) == plain(b)
}

fn among(words: &[String], text: &str) -> bool {
    words.iter().any(|word| same(word, text))
}

/// 分档法: the word picks the band, the coefficient must lie in it.
pub(super) fn grade(case: &Case<'_>) -> Answer {
    let (line, formula) = (case.line, case.formula);
    if line.actual.value == TypedValue::Missing {
        return Err(Open::incomplete(Flag::MissingActual, Obstacle::Missing { side: Side::Actual }));
    }
    of_nature(case)?;
    let grades = &case.rules.grades;
    let bands = match &case.params.bands {
        Some(bands) if bands.len() == grades.len() => bands.clone(),
        None => grades.iter().map(|grade| (grade.from_pct, grade.to_pct)).collect(),
        Some(_) => {
            let step = Obstacle::ParamMissing { name: "bands".to_owned(), formula };
            return Err(Open::review(Flag::RuleUnclear, step));
        }
    };
    let is_meant = |grade: &Grade| same(&grade.word, line.actual.text) || among(&grade.also, line.actual.text);
    let Some((grade, (from, to))) = grades.iter().zip(bands).find(|(grade, _)| is_meant(grade)) else {
        let known = grades.iter().map(|grade| grade.word.clone()).collect();
        let text = line.actual.text.trim().to_owned();
        return Err(Open::review(Flag::GradeUnclear, Obstacle::GradeUnknown { text, known }));
    };
    let word = grade.word.clone();
    let Some(pct) = line.qual_pct else {
        return Err(Open::incomplete(Flag::MissingGrade, Obstacle::MissingGrade { word }));
    };
    let at_top = pct == to && to == Decimal::ONE_HUNDRED;
    if pct < from || (pct >= to && !at_top) {
        return Err(Open::review(Flag::GradeUnclear, Obstacle::GradeOutside { word, pct, from, to }));
    }
    let weight = line.weight;
    // The coefficient is at most 100, so the product stays far below a decimal's limit unless the weight is absurd.
    let raw = weight.checked_mul(pct).ok_or_else(Open::out_of_range)? / Decimal::ONE_HUNDRED;
    let score = case.round(raw);
    Ok(Points::new(score, Award::Graded { word, pct, from, to, weight, score, formula }))
}

/// 直接赋分. "Yes" is wanted unless the target itself says no (是否发生……: 否).
pub(super) fn yes_no(case: &Case<'_>) -> Answer {
    let (line, words, formula) = (case.line, &case.rules.yes_no, case.formula);
    if line.actual.value == TypedValue::Missing {
        return Err(Open::incomplete(Flag::MissingActual, Obstacle::Missing { side: Side::Actual }));
    }
    of_nature(case)?;
    let text = line.actual.text.trim().to_owned();
    let said = match (among(&words.yes, &text), among(&words.no, &text)) {
        (true, false) => true,
        (false, true) => false,
        _ => return Err(Open::review(Flag::Unparsable, Obstacle::NotAnAnswer { text })),
    };
    let wanted = said != among(&words.no, line.target.text);
    let score = case.round(if wanted { line.weight } else { Decimal::ZERO });
    Ok(Points::new(score, Award::Answered { text, wanted, score, formula }))
}

/// 按期: the day itself still counts.
pub(super) fn deadline(case: &Case<'_>) -> Answer {
    let (line, formula) = (case.line, case.formula);
    let day = |side: Side, flag: Flag| {
        let reading = case.reading(side);
        match reading.value {
            TypedValue::Date(date) => Ok(date),
            _ => Err(Open::review(flag, Obstacle::NotADate { side, text: reading.text.to_owned() })),
        }
    };
    let actual = day(Side::Actual, Flag::ActualNotDate)?;
    let target = day(Side::Target, Flag::TargetNotDate)?;
    of_nature(case)?;
    let late_days = (actual - target).whole_days().max(0);
    let score = case.round(if late_days == 0 { line.weight } else { Decimal::ZERO });
    Ok(Points::new(score, Award::Finished { actual, target, late_days, score, formula }))
}
