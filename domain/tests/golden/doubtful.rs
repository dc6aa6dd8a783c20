//! Files as clerks send them, with one thing wrong in each project: what becomes of it was worked out by hand.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use tongpin_domain::form::{Definition, Facts};
use tongpin_domain::intake::{self, Asked, read_csv};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::Regions;
use tongpin_domain::score::{ScoreSheet, score};

use super::samples::{rule_ref, rules};

fn sheets() -> Vec<(String, ScoreSheet)> {
    let table = |name: &str, text: &str| read_csv(name, text.as_bytes()).expect("a table");
    let projects = intake::projects(
        &table("projects.csv", include_str!("doubtful/projects.csv")),
        &Asked::new(Definition::of_projects(), &Facts::default()),
    );
    assert_eq!(projects.problems, []);
    let known: BTreeSet<String> = projects.accepted.iter().map(|(_, project)| project.code.clone()).collect();
    let lines = intake::project_indicators(
        &table("lines.csv", include_str!("doubtful/lines.csv")),
        &Asked::new(Definition::of_lines(), &Facts::default()),
        &known,
    );
    assert_eq!(lines.problems, []);
    let lines: Vec<_> = lines.accepted.into_iter().map(|(_, line)| line).collect();
    let sheet = |project| score(project, &lines, &rules(), &rule_ref(), &Regions::default());
    projects.accepted.iter().map(|(_, project)| (project.name.clone(), sheet(project))).collect()
}

/// Each project's status, total, score of its line, what is proposed to the reviewer, and flags. By hand:
/// 30 ÷ 60 × 90 = 45.00; 5 ÷ 12 × 90 = 37.50; 8.5 ÷ 9 × 90 = 85.00; 46.8 ÷ 50 × 90 = 84.24;
/// 498,800 ÷ 1,000,000 × 10 = 4.99.
#[test]
fn what_becomes_of_them() {
    let text = |number: Option<Decimal>| number.map(|number| number.to_string()).unwrap_or_default();
    let found: Vec<String> = sheets()
        .iter()
        .map(|(name, sheet)| {
            let line = &sheet.lines[0];
            let (total, score, proposed) = (text(sheet.total), text(line.score), text(line.proposed));
            let owed = if sheet.reason_missing() { " 缺原因" } else { "" };
            format!("{name} {} {total}|{score}|{proposed}|{}{owed}", sheet.status.code(), sheet.flags.join(";"))
        })
        .collect();
    let expected = [
        "性质与方法相反 REVIEW ||45.00|NATURE_CONTRADICTS",
        "电子表格的百分数 REVIEW ||37.50|FRACTION_FOR_PERCENT",
        "百分数填在件数里 REVIEW |||PERCENT_SIGN;UNIT_DIFFERS",
        "十分制满意度 SCORED 95.00|85.00||",
        "三次打分的平均 SCORED 100.00|90.00||",
        "括号里的万人次 REVIEW ||84.24|UNPARSABLE;WAN_SUFFIX",
        "总额为零而来源不为零 DATA_ERROR |90.00||AMOUNTS_CONTRADICT",
        "执行率偏低未说明 SCORED 94.99|90.00|| 缺原因",
        "执行率偏低已说明 SCORED 94.99|90.00||",
    ];
    assert_eq!(found, expected);
}

/// The sheet itself says what is wrong, what the total would come to, and nothing of it is lost in the store.
#[test]
fn told_and_kept() {
    for (name, sheet) in sheets() {
        let said: Vec<String> = sheet.steps.iter().map(|step| step.say(Lang::Zh)).collect();
        let would = |total: &str| said.iter().any(|step| step.contains(&format!("总分为 {total}；复核前不计")));
        match name.as_str() {
            "性质与方法相反" => assert!(would("55.00"), "{said:?}"),
            "电子表格的百分数" => assert!(would("47.50"), "{said:?}"),
            "括号里的万人次" => assert!(would("94.24"), "{said:?}"),
            "总额为零而来源不为零" => {
                assert!(said[0].contains("上级资金+本级资金+其他资金 = 899740.00"), "{said:?}");
            }
            _ => {}
        }
        let stored = serde_json::to_string(&sheet).expect("a sheet is JSON");
        assert_eq!(serde_json::from_str::<ScoreSheet>(&stored).expect("written above"), sheet);
    }
}
