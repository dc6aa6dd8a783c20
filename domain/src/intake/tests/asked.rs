//! What a form asks beside what the program itself reads of a row.

use super::*;
use crate::form::{Field, Given, Kind};

fn published() -> Definition {
    let mut form = Definition::of_projects().clone();
    form.fields.push(Field::new("open", "是否公开", Kind::YesNo));
    form.fields.push(Field { required: true, ..Field::new("debt", "专项债券", Kind::Money) });
    for field in &mut form.fields {
        match field.name.as_str() {
            "project_name" => field.longest = Some(4),
            "department" => field.title = "实施部门".into(),
            _ => {}
        }
    }
    form.layout.blocks[2].fields.push("debt".into());
    form.checks.push(
        serde_json::from_str(
            r#"{"name":"debt","when":{"field":"debt","above":{"field":"budget_adjusted"}},"then":"warn","at":"debt",
            "says":"专项债券大于全年预算数。"}"#,
        )
        .expect("a check"),
    );
    assert_eq!(form.check(), []);
    form
}

/// One row with other values in some columns, and the columns that the city added.
fn read(others: &[(&str, &str)], added: &[(&str, &str)]) -> Intake<Project> {
    let mut table = table("projects.csv", PROJECTS);
    table.rows.truncate(1);
    for (name, value) in others {
        let at = table.header.iter().position(|title| title == name).expect("a column");
        table.rows[0].cells[at] = (*value).to_owned();
    }
    for (title, value) in added {
        table.header.push((*title).to_owned());
        table.rows[0].cells.push((*value).to_owned());
    }
    let (form, facts) = (published(), Facts::default());
    super::super::projects(&table, &Asked::new(&form, &facts))
}

/// Fields that were added are read by their kinds, under either name; a limit of the city holds for a field of the
/// program; a check that warns and a value that lacks are doubts; what cannot be read is a problem at its cell.
#[test]
fn beyond_the_program() {
    let fine = read(&[("project_name", "校舍维修")], &[("open", "是"), ("专项债券（元）", "1.5万")]);
    assert_eq!((short(&fine.problems), short(&fine.warnings)), (vec![], vec![]));
    let expected = [("debt", "15000.00"), ("open", "yes")];
    assert_eq!(fine.accepted[0].1.more, expected.map(|(name, text)| (name.into(), Given::One(text.into()))).into());

    let long = read(&[("project_name", "校舍维修项目")], &[("debt", "1")]);
    let told = &long.problems[0];
    assert!(told.column == "project_name" && told.expected.zh.contains('4'), "{told:?}");
    let wrong = read(&[("project_name", "校舍")], &[("open", "也许"), ("debt", "约3万")]);
    let columns: Vec<&str> = wrong.problems.iter().map(|problem| problem.column.as_str()).collect();
    assert_eq!(columns, ["debt", "open"]);
    let doubtful = read(&[("project_name", "校舍")], &[("debt", "99999999999")]);
    assert!(doubtful.problems.is_empty() && doubtful.warnings[0].expected.zh.contains("大于全年预算数"));
    let lacking = read(&[("project_name", "校舍")], &[]);
    assert!(lacking.problems.is_empty() && lacking.warnings[0].expected.zh.contains("必填"), "{lacking:?}");
}

/// A column is found under the title in force, the one that the program ships, its name, and either with its unit; what
/// has no column stays as it is held.
#[test]
fn under_either_title() {
    let form = published();
    for title in ["实施部门", "主管部门", "department"] {
        let header = [title.to_owned(), "全年预算数（元）".into()];
        assert_eq!(form.said_in(&header), ["budget_adjusted", "department"].into());
    }
    let held = [("debt", "1.00"), ("gone", "甲")].map(|(name, text)| (name.to_owned(), Given::One(text.to_owned())));
    let mut more = std::collections::BTreeMap::new();
    keep_unsaid(&["debt"].into(), &held.into(), &mut more);
    assert_eq!(more.keys().collect::<Vec<_>>(), ["gone"], "what was cleared is gone");
    let needed = |name: &str| form.file_columns().find(|it| it.field.name == name).expect("a column").needed;
    assert!(needed("department") && !needed("debt") && !needed("township_code") && !needed("case_tag"));
}

/// A check by a number of the rules goes by the year that stands in the row, however its digits are typed; where there
/// is no rule set for it, that is told and nothing else.
#[test]
fn by_the_rules_of_the_year() {
    let mut form = published();
    let check = r#"{"name":"slow","when":{"field":"debt","below":{"rule":"execution.reason_below_pct"}},"then":"warn",
        "says":"债券偏少","at":"debt"}"#;
    form.checks.push(serde_json::from_str(check).expect("a check"));
    let facts = crate::form::ruled::tests::facts();
    let asked = Asked::new(&form, &facts);
    let doubts = |year: &str, debt: &str| {
        let typed = [("project_name", "校舍"), ("fiscal_year", year), ("debt", debt)].into();
        let doubts = asked.judge(&typed).doubts.into_iter().map(|(at, said)| (at, said.zh));
        doubts.filter(|(_, said)| !said.contains("必填")).collect::<Vec<_>>()
    };
    assert_eq!(doubts("2024", "89"), [("debt".to_owned(), "债券偏少".to_owned())]);
    assert_eq!(doubts("２０２４", "90"), []);
    let told = doubts("2019", "89");
    assert!(told.len() == 1 && told[0].1.contains("没有适用于 2019 年度的计分规则"), "{told:?}");
    assert!(doubts("", "89")[0].1.contains("没有年度"));
}
