//! Lines that a person decided about.

use super::*;
use crate::collection::{Cell, Records, Rows};
use crate::moment::Moment;
use crate::number::Typed;
use crate::review::{Decision, Review, Seen, Verdict};

pub(super) fn decided(line: &ProjectIndicator, verdict: Verdict) -> Review {
    let decision = Decision {
        verdict,
        reason: "核对台账".into(),
        evidence: "台账第 3 页".into(),
        name: "审核-002".into(),
        login: "shenhe2".into(),
        account: "id-2".into(),
        at: Moment(1_774_918_800_000),
        seen: Seen::of(line),
    };
    Review { project_code: line.project_code.clone(), seq: line.seq, decisions: vec![decision] }
}

pub(super) fn reviewed(lines: &[ProjectIndicator], reviews: &[Review]) -> ScoreSheet {
    let publisher = RegionCode::new("320500").expect("a code");
    let reference = RuleRef { publisher, key: "r".into(), release: 1 };
    score_reviewed(&project("100", "100"), lines, reviews, &rules(), &reference, &Regions::default())
}

/// A value is scored by the line's method, a coefficient is of the weight, points are points; each as worked out by
/// hand. The sheet keeps what was typed and why it went to a person, and says who decided, when, why and on what.
#[test]
fn three_ways() {
    let typed = line("PROP_UP", "90", "300", "约280");
    let by_hand = [
        (Verdict::Value(Typed::parse("285")), "85.50", "95.50"), // 285 ÷ 300 × 90; + 10 for execution
        (Verdict::Value(Typed::parse("3百")), "", ""),           // is no number either: it goes on waiting
        (Verdict::Coefficient(number("80")), "72.00", "82.00"),
        (Verdict::Coefficient(number("100")), "90.00", "100.00"),
        (Verdict::Coefficient(number("100.1")), "", ""),
        (Verdict::Points(number("61.25")), "61.25", "71.25"),
        (Verdict::Points(number("0")), "0.00", "10.00"),
        (Verdict::Points(number("90.01")), "", ""),
        (Verdict::Withdrawn, "", ""),
    ];
    for (verdict, score, total) in by_hand {
        let sheet = reviewed(std::slice::from_ref(&typed), &[decided(&typed, verdict.clone())]);
        let shown = |number: Option<Decimal>| number.map(|number| number.to_string()).unwrap_or_default();
        assert_eq!((shown(sheet.lines[0].score).as_str(), shown(sheet.total).as_str()), (score, total), "{verdict:?}");
        assert_eq!(sheet.lines[0].actual.raw(), "约280");
        assert!(sheet.flags.contains(&"UNPARSABLE".to_owned()));
        assert_eq!(sheet.flags.contains(&"REVIEWED".to_owned()), !score.is_empty());
        assert_eq!((sheet.waiting().count(), sheet.decided().count()), if score.is_empty() { (1, 0) } else { (0, 1) });
    }
    let sheet = reviewed(std::slice::from_ref(&typed), &[decided(&typed, Verdict::Coefficient(number("80")))]);
    let said: Vec<String> = sheet.lines[0].steps.iter().map(|step| step.say(Lang::Zh)).collect();
    assert_eq!(
        said[..2],
        [
            "完成值“约280”不是一个确定的数，转人工复核，原文保留",
            "人工复核：审核-002（shenhe2） 2026-03-31 09:00:00 定，系数 80 %，分值 90 × 80 % = 72.00；填报原文“约280”不变；\
             理由：核对台账；佐证：台账第 3 页",
        ]
    );
    assert!(sheet.lines[0].steps[1].say(Lang::En).starts_with("decided by 审核-002（shenhe2）, 2026-03-31 09:00:00"));
}

/// A decision does not outlive what it was made on, and never touches a line that its formula can score.
#[test]
fn bound_to_what_was_seen() {
    let typed = line("PROP_UP", "90", "300", "约280");
    let review = decided(&typed, Verdict::Points(number("70")));
    for changed in [
        ProjectIndicator { actual: Typed::parse("约290"), ..typed.clone() },
        ProjectIndicator { target: Typed::parse("310"), ..typed.clone() },
        ProjectIndicator { rule_type: "STEP".into(), rule_params: "step=2;cut=5".into(), ..typed.clone() },
    ] {
        let sheet = reviewed(&[changed], std::slice::from_ref(&review));
        assert_eq!((sheet.status, sheet.total), (Status::Review, None));
    }
    let plain = line("PROP_UP", "90", "300", "285");
    let sheet = reviewed(std::slice::from_ref(&plain), &[decided(&plain, Verdict::Points(number("1")))]);
    assert_eq!(sheet.lines[0].score, Some(number("85.50")));
    assert!(sheet.lines[0].decision.is_none());
}

/// A value that was decided is cut as a typed one is, where the target was confirmed to be low.
#[test]
fn cut_as_typed() {
    let typed = ProjectIndicator { low_target_confirmed: true, ..line("PROP_UP", "90", "60", "约186") };
    let sheet = reviewed(std::slice::from_ref(&typed), &[decided(&typed, Verdict::Value(Typed::parse("186")))]);
    assert_eq!(sheet.lines[0].score, Some(number("63.00"))); // 90 − 30 % of 90
}

/// Collections count the lines that wait and those that a person decided, by project and by line.
#[test]
fn counted() {
    let lines = [("1", "40", "约280"), ("2", "40", "约280"), ("3", "10", "285")].map(|(seq, weight, actual)| {
        ProjectIndicator { seq: seq.parse().expect("a number"), ..line("PROP_UP", weight, "300", actual) }
    });
    let sheet = reviewed(&lines, &[decided(&lines[1], Verdict::Points(number("20")))]);
    let project = project("100", "100");
    let rows = Rows::new([(&project, &sheet)]);
    let of = |field: &str| rows.of(Records::Projects)[0].get(field).map(Cell::text);
    assert_eq!((of("lines_waiting").as_deref(), of("lines_decided").as_deref()), (Some("1"), Some("1")));
    let lines: Vec<Option<String>> =
        rows.of(Records::Indicators).iter().map(|row| row.get("judgement").map(Cell::text)).collect();
    assert_eq!(lines, [Some("WAITING".to_owned()), Some("DECIDED".to_owned()), None]);
}

/// A sheet that was written before there were decisions is read as one without.
#[test]
fn earlier_sheets() {
    let plain = line("PROP_UP", "90", "300", "285");
    let sheet = reviewed(&[plain], &[]);
    let json = serde_json::to_string(&sheet).expect("JSON");
    assert!(!json.contains("decision"));
    assert_eq!(serde_json::from_str::<ScoreSheet>(&json).expect("read"), sheet);
}
