//! A project that is reported by month and comes by file again: its sum and what it has reached stay, everything else
//! of the file is taken, and what was not is told, whichever way the project comes.

use clap::Parser as _;
use tongpin_console::exit::Exit;
use tongpin_domain::form::Definition;

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use super::month::{project, township};
use crate::command::CommandLine;

/// The columns of a file and one row with these values.
fn table(form: &Definition, values: &[(&str, &str)]) -> Vec<u8> {
    let names: Vec<&str> = form.file_columns().map(|column| column.field.name.as_str()).collect();
    let value = |name: &&str| values.iter().find(|(column, _)| column == name).map_or("", |(_, value)| value);
    let row: Vec<&str> = names.iter().map(value).collect();
    format!("{}\n{}\n", names.join(","), row.join(",")).into_bytes()
}

const PROJECT_ROW: [(&str, &str); 7] = [
    ("project_code", "T1"),
    ("project_name", "卫生院改造"),
    ("fiscal_year", "2026"),
    ("region_code", "320581101"),
    ("department", "卫生健康委"),
    ("budget_adjusted", "1000000"),
    ("executed", "5"),
];

async fn confirm(reader: &Reader, preview: &Shown) -> Shown {
    let (file, effect) = (hidden(&preview.text, "file"), hidden(&preview.text, "effect"));
    reader.post("/import/confirm", &[("file", &file), ("effect", &effect)]).await
}

/// 200,000 before, 7 in November, and 40 reached of the first line.
async fn reported() -> (Ground, Reader) {
    let ground = township().await;
    let enters = ground.reader("enter").await;
    let head = "项目代码,年度,月份,本月支出（元）,指标序号,截至本月完成值,说明\n";
    let rows = format!("{head}T1,2026,期初,200000,,,\nT1,2026,11,7,1,40,\n");
    let preview = enters.upload("/import", &[], ("月.csv", rows.as_bytes())).await;
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    (ground, enters)
}

/// A file of projects.
#[tokio::test]
async fn a_file_of_projects() {
    let (ground, enters) = reported().await;
    let file = table(Definition::of_projects(), &PROJECT_ROW);
    let preview = enters.upload("/import", &[], ("项目.csv", &file)).await;
    let told = "执行数由月报汇总为 200007.00，文件中的 5 未采用；要改请改月报或期初数";
    assert!(preview.status == 200 && preview.text.contains(told), "{}", preview.text);
    assert!(!preview.text.contains("全年执行数：200007.00 →"), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let held = project(&ground).await.project;
    assert_eq!((held.money.executed.raw(), held.department.as_str()), ("200007.00", "卫生健康委"));
}

/// A file of indicators: the line that is reported by month keeps its value, the other takes the file's.
#[tokio::test]
async fn a_file_of_indicators() {
    let (ground, enters) = reported().await;
    let row = |seq: &str, actual: &str| {
        let values = [
            ("project_code", "T1"),
            ("seq", seq),
            ("name", "改造面积"),
            ("nature", "≥"),
            ("unit", "平方米"),
            ("target", "310"),
            ("actual", actual),
            ("weight", "45"),
            ("rule_type", "PROP_UP"),
            ("evidence_count", "0"),
        ];
        String::from_utf8(table(Definition::of_lines(), &values)).expect("UTF-8")
    };
    let second = row("2", "13");
    let file = row("1", "12") + second.lines().nth(1).expect("a row") + "\n";
    let preview = enters.upload("/import", &[], ("指标.csv", file.as_bytes())).await;
    let told = "完成值由月报填报为 40，文件中的 12 未采用";
    assert!(preview.status == 200 && preview.text.contains(told), "{}", preview.text);
    assert_eq!(confirm(&enters, &preview).await.status, 303);
    let lines = project(&ground).await.lines;
    let said: Vec<_> = lines.iter().map(|line| (line.target.raw(), line.actual.raw())).collect();
    assert_eq!(said, [("310", "40"), ("310", "13")]);
}

/// The command keeps both as the page of imports does.
#[tokio::test]
async fn by_the_command() {
    let (ground, _) = reported().await;
    let path = |name: &str| ground.desk.folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (projects, lines) = (path("项目.csv"), path("指标.csv"));
    std::fs::write(&projects, table(Definition::of_projects(), &PROJECT_ROW)).expect("writable");
    let line = [
        ("project_code", "T1"),
        ("seq", "1"),
        ("name", "改造面积"),
        ("nature", "≥"),
        ("unit", "平方米"),
        ("target", "310"),
        ("actual", "12"),
        ("weight", "90"),
        ("rule_type", "PROP_UP"),
        ("evidence_count", "0"),
    ];
    std::fs::write(&lines, table(Definition::of_lines(), &line)).expect("writable");
    let words = ["tongpin-node", "import", "projects", &projects, "--indicators", &lines];
    let done = CommandLine::try_parse_from(words).expect("a command").at(&ground.app).await;
    assert_eq!(done.expect("imported"), Exit::Done);
    let held = project(&ground).await;
    assert_eq!((held.project.money.executed.raw(), held.project.department.as_str()), ("200007.00", "卫生健康委"));
    assert_eq!((held.lines[0].target.raw(), held.lines[0].actual.raw()), ("310", "40"));
}

/// The page of the project asks first, and keeps the sum as well.
#[tokio::test]
async fn by_the_page() {
    let (ground, enters) = reported().await;
    let page = enters.get("/projects/T1/edit").await;
    let version = hidden(&page.text, "page-version");
    let fields = [&[("page-version", version.as_str())], &PROJECT_ROW[..]].concat();
    let asked = enters.post("/projects/T1/edit", &fields).await;
    assert!(asked.status == 422 && asked.text.contains("执行数由月报汇总为 200007.00"), "{}", asked.text);
    let saved = enters.post("/projects/T1/edit", &[&fields[..], &[("and-checked", "1")]].concat()).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let held = project(&ground).await.project;
    assert_eq!((held.money.executed.raw(), held.department.as_str()), ("200007.00", "卫生健康委"));
}
