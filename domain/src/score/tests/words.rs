//! Formulas over words and days, and what no formula can read.

use super::formulas::{scored, table};
use super::*;

/// 直接赋分: yes is full, no is nothing, unless "no" is what the target asks for; another word goes to a person.
#[test]
fn yes_no() {
    table(
        "YES_NO",
        "定性",
        &[
            ("5", "是", "是", "5.00"),
            ("5", "", " 是 ", "5.00"),
            ("5", "建成", "ＹＥＳ", "5.00"),
            ("5", "是", "否", "0.00"),
            ("5", "否", "否", "5.00"),
            ("5", "否", "是", "0.00"),
            ("5", "是", "基本是", "REVIEW UNPARSABLE"),
            ("5", "是", "", "INCOMPLETE MISSING_ACTUAL"),
        ],
    );
}

/// 按期: the day itself counts, the day after doesn't, and what isn't one day goes to a person.
#[test]
fn deadline() {
    table(
        "DEADLINE",
        "≤",
        &[
            ("15", "2024-05-31", "2024-05-31", "15.00"),
            ("15", "2024-05-31", "2024年5月28日", "15.00"),
            ("15", "2024-05-31", "2024/6/1", "0.00"),
            ("15", "2024-05-31", "2024年5月底", "REVIEW ACTUAL_NOT_DATE"),
            ("15", "2024-05-31", "完成", "REVIEW ACTUAL_NOT_DATE"),
            ("15", "2024-05-31", "20240528", "REVIEW ACTUAL_NOT_DATE"),
            ("15", "汛前", "2024-05-28", "REVIEW TARGET_NOT_DATE"),
            ("15", "2024-05-31", "", "INCOMPLETE MISSING_ACTUAL"),
            ("15", "", "2024-05-28", "INCOMPLETE MISSING_TARGET"),
        ],
    );
}

/// 分档法: the word picks the band, the coefficient must lie in it; similar words and gaps go to a person.
#[test]
fn grade() {
    for (word, pct, expected) in [
        ("达成", "100", "15.00"),
        ("达成", "80", "12.00"),
        ("达成", "79.9", "REVIEW GRADE_UNCLEAR"),
        ("达成", "100.1", "REVIEW GRADE_UNCLEAR"),
        (" 部分达成 ", "75", "11.25"),
        ("部分达成", "60", "9.00"),
        ("部分达成", "80", "REVIEW GRADE_UNCLEAR"),
        ("未达成", "0", "0.00"),
        ("未达成", "59.99", "9.00"), // 8.9985
        ("未达成", "60", "REVIEW GRADE_UNCLEAR"),
        ("未达成", "-1", "REVIEW GRADE_UNCLEAR"),
        ("基本达成", "82", "REVIEW GRADE_UNCLEAR"),
        ("85", "85", "REVIEW GRADE_UNCLEAR"),
        ("", "85", "INCOMPLETE MISSING_ACTUAL"),
    ] {
        assert_eq!(scored(&graded("15", word, pct)), expected, "{word} {pct}");
    }
    assert_eq!(scored(&line("GRADE", "15", "落实", "达成")), "INCOMPLETE MISSING_GRADE");
    assert_eq!(scored(&line("GRADE", "15", "落实", "基本达成")), "REVIEW GRADE_UNCLEAR");
    // Older forms cut at 80 and 50.
    let older = |pct| ProjectIndicator {
        qual_pct: Some(number(pct)),
        ..line("GRADE bands=100-80;80-50;50-0", "15", "", "部分达成")
    };
    assert_eq!(scored(&older("50")), "7.50");
    let short = ProjectIndicator { rule_params: "bands=100-60;60-0".into(), ..older("50") };
    assert_eq!(scored(&short), "REVIEW RULE_UNCLEAR");
}

/// Blanks are incomplete, words go to a person, whatever the formula; a method nobody knows goes to a person too.
#[test]
fn what_cannot_be_read() {
    for rule in ["PROP_UP", "PROP_DOWN", "ZERO_TOL", "TWO_SIDED", "STEP step=1;cut=5", "SATISFACTION", "DIFF_REVIEW"] {
        table(
            rule,
            "≥",
            &[
                ("10", "30", "", "INCOMPLETE MISSING_ACTUAL"),
                ("10", "30", " \u{3000}", "INCOMPLETE MISSING_ACTUAL"),
                ("10", "", "30", "INCOMPLETE MISSING_TARGET"),
                ("10", "大于30", "", "INCOMPLETE MISSING_ACTUAL"),
                ("10", "大于30", "30", "REVIEW UNPARSABLE"),
                ("10", "30", "完成", "REVIEW UNPARSABLE"),
                ("10", "95", "95-98%", "REVIEW UNPARSABLE"),
                ("10", "30", "约300", "REVIEW UNPARSABLE"),
                ("10", "30", "2024-05-31", "REVIEW UNPARSABLE"),
            ],
        );
    }
    table("", "≥", &[("10", "30", "30", "REVIEW RULE_UNCLEAR")]);
    table("GUESS", "≥", &[("10", "30", "30", "REVIEW RULE_UNCLEAR")]);
    table("PROP_UP bonus=3", "≥", &[("10", "30", "30", "REVIEW RULE_UNCLEAR")]);
    table("PROP_UP", "≥", &[("10", "480,000", "46.8万", "9.75 THOUSANDS;WAN_SUFFIX")]);
}

/// Figures beyond all measure go to a person; nothing overflows.
#[test]
fn absurd_sizes() {
    let computed = |target, actual, weight| {
        let value = |number| Reading::computed(crate::number::TypedValue::Number(number));
        let line = Line {
            rule_type: "PROP_UP",
            rule_params: "",
            nature: "≥",
            target: value(target),
            actual: value(actual),
            qual_pct: None,
            weight,
        };
        formula_score(&line, &rules())
    };
    let half = Decimal::MAX / Decimal::TWO;
    assert_eq!(computed(Decimal::MAX, half, Decimal::TEN).status, Status::Review);
    assert_eq!(computed(Decimal::TEN, Decimal::ONE, Decimal::MAX).status, Status::Scored);
    let line = ProjectIndicator { weight: Decimal::MAX, ..graded("1", "达成", "90") };
    assert_eq!(scored(&line), "REVIEW UNPARSABLE");
    let sheet = sheet(&project("92233720368547758.07", "0.01"), &[line.clone(), line]);
    assert_eq!(sheet.status, Status::DataError);
}
