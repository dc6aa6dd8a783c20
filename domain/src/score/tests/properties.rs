//! What holds for any figures.

use proptest::prelude::*;

use super::*;

const METHODS: [&str; 12] = [
    "PROP_UP",
    "PROP_UP pass=60",
    "PROP_DOWN",
    "ZERO_TOL",
    "TWO_SIDED",
    "STEP step=2;cut=5",
    "SATISFACTION floor=60",
    "SATISFACTION_RANGE floor=60",
    "GRADE",
    "YES_NO",
    "DEADLINE",
    "DIFF_REVIEW",
];

fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-20_000_i64..200_000).prop_map(|hundredths| Decimal::new(hundredths, 2).to_string()),
        1 => Just(String::new()),
        1 => prop::sample::select(vec!["完成", "达成", "部分达成", "是", "否", "2024-05-31", "46.8万", "95-98%"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    /// A score lies from 0 to the weight, there is one exactly if the line is scored, and nothing panics.
    #[test]
    fn within_bounds(
        method in prop::sample::select(METHODS.to_vec()),
        nature in prop::sample::select(vec!["≥", "≤", "=", "定性", ""]),
        target in typed(),
        actual in typed(),
        pct in prop::option::of(-10_i64..120),
        weight in 0_i64..10_000,
        low in any::<bool>(),
    ) {
        let line = ProjectIndicator {
            nature: nature.to_owned(),
            qual_pct: pct.map(Decimal::from),
            weight: Decimal::new(weight, 2),
            low_target_confirmed: low,
            ..line(method, "0", &target, &actual)
        };
        let scored = line::score_line(&line, None, &rules()).0;
        prop_assert_eq!(scored.score.is_some(), scored.status == Status::Scored);
        if let Some(score) = scored.score {
            prop_assert!(score >= Decimal::ZERO && score <= line.weight, "{} of {}", score, line.weight);
        }
        prop_assert!(!scored.steps.is_empty());
    }

    /// A stored sheet read again is the sheet that scoring the same records gives: else a node would for ever hold its
    /// scores out of date and let no answer leave.
    #[test]
    fn stored_as_scored(
        method in prop::sample::select(METHODS.to_vec()),
        unit in prop::sample::select(vec!["", "%", "人", "万元", " 万人次"]),
        target in typed(),
        actual in typed(),
        self_score in prop::option::of(0_i64..3000),
        low in any::<bool>(),
    ) {
        let line = ProjectIndicator {
            unit: unit.to_owned(),
            self_score: self_score.map(|hundredths| Decimal::new(hundredths, 2)),
            low_target_confirmed: low,
            ..line(method, "20", &target, &actual)
        };
        let scored = sheet(&project("100", "90"), &[line]);
        let stored = serde_json::to_string(&scored).expect("a sheet is JSON");
        prop_assert_eq!(serde_json::from_str::<ScoreSheet>(&stored).expect("and read again"), scored);
    }

    /// More actual never lowers 比例法, unless a reviewer confirmed that the target was low.
    #[test]
    fn more_is_never_less(target in 1_i64..100_000, actual in -1000_i64..400_000, more in 0_i64..100_000) {
        let of = |actual: i64| {
            let text = |hundredths| Decimal::new(hundredths, 2).to_string();
            let line = line("PROP_UP", "20", &text(target), &text(actual));
            line::score_line(&line, None, &rules()).0.score
        };
        prop_assert!(of(actual + more) >= of(actual));
    }

    /// Every total from 0 to 100 has exactly the rating whose band it lies in: no gap, no overlap.
    #[test]
    fn every_total_is_rated(hundredths in 0_i64..=10_000) {
        let total = Decimal::new(hundredths, 2);
        let word = match hundredths {
            9000.. => "优",
            8000.. => "良",
            6000.. => "中",
            _ => "差",
        };
        prop_assert_eq!(rules().rating(total).map(|band| band.word.clone()), Some(word.to_owned()));
    }

    /// Any budget and any spending: the score stays within its weight, and only 0/0 is not applicable.
    #[test]
    fn execution_within_bounds(budget in any::<i64>(), executed in any::<i64>()) {
        let rules = rules();
        let found = execution(Fen(budget), Fen(executed), &rules);
        prop_assert_eq!(found.not_applicable, budget == 0 && executed == 0);
        prop_assert_eq!(found.status == Status::DataError, budget <= 0 && !found.not_applicable || executed < 0);
        if let Some(score) = found.score {
            prop_assert!(score >= Decimal::ZERO && score <= rules.execution.weight);
        }
    }
}
