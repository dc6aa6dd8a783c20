//! What somebody else changed since the form was written.

use super::*;

/// What somebody else changed since the form was written is never changed back. Where nobody touched it here, theirs
/// stays: a text, a line, one that is new, one that is gone. Where both changed it, the row tells; what both changed
/// alike is no quarrel, and an actual filled in meanwhile is none either.
#[test]
fn changed_since() {
    let mut filled = desk().back();
    fill(&mut filled, (17, TARGET), "1300");
    fill(&mut filled, (15, 2), "新的年度目标");
    let mut now = desk();
    now.held.lines[0].actual = Typed::parse("77");
    now.held.lines[2].target = Typed::parse("88");
    put(&mut now.goal, "leader", "经办-002");
    let added =
        ProjectIndicator { seq: 50, name: "他人新增".into(), indicator_code: None, ..now.held.lines[1].clone() };
    now.held.lines.push(added.clone());
    let dropped = now.held.lines.remove(1);
    let taken = now.take(&filled).expect("nothing was changed on both sides");
    let mut expected = now.held.lines.clone();
    (expected[0].target, expected[0].self_score) = (Typed::parse("1300"), None);
    assert_eq!(lines(&taken), expected);
    assert_eq!((taken.goal.1.text("leader"), taken.goal.1.text("year_goal")), ("经办-002", "新的年度目标"));
    assert!(taken.removed.is_empty());

    now.held.lines[0].target = Typed::parse("1400");
    put(&mut now.goal, "year_goal", "他人写的");
    fill(&mut filled, (18, TARGET), "99");
    filled.cells.rows.remove(&19);
    let problems = now.take(&filled).expect_err("both changed them");
    let places: Vec<_> = told(&problems).iter().map(|it| (it.0, it.1)).collect();
    assert_eq!(places, [(0, "三级指标"), (16, "年度目标"), (18, "三级指标"), (19, "三级指标")]);
    assert!(problems[0].expected.zh.contains(&now.held.lines[1].name) && problems[2].expected.zh.contains("1400"));
    assert!(problems[1].expected.zh.contains("他人写的") && problems[3].found == dropped.name, "{problems:?}");

    let mut filled = desk().back();
    fill(&mut filled, (17, TARGET), "1300");
    fill(&mut filled, (15, 2), "新的年度目标");
    let mut alike = desk();
    alike.held.lines[0].target = Typed::parse("1300");
    put(&mut alike.goal, "year_goal", "新的年度目标");
    let taken = alike.take(&filled).expect("both wrote the same");
    assert_eq!((lines(&taken), taken.goal.1), (alike.held.lines.clone(), alike.goal.clone()));
}
