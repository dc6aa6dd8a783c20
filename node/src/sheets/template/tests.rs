//! What leaves as a workbook comes back as it was.

use std::collections::BTreeSet;
use std::path::Path;

use tongpin_console::workbook;
use tongpin_domain::intake::Table;

use super::*;
use crate::ops::ground::{read_lines, read_projects};
use crate::sheets::entry;

fn sample(name: &str) -> Table {
    entry::file::table(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)).expect("a sample file")
}

/// All sample projects and all sample lines, the awkward ones too, are the same after a way through Excel.
#[test]
fn records_survive() {
    let projects = read_projects(&sample("projects.csv"));
    let known: BTreeSet<String> = projects.accepted.iter().map(|(_, project)| project.code.clone()).collect();
    let projects: Vec<Project> = projects.accepted.into_iter().map(|(_, project)| project).collect();
    let bytes = super::projects(Definition::of_projects(), &projects.iter().collect::<Vec<_>>()).expect("a workbook");
    let read = read_projects(&workbook::read("项目.xlsx", &bytes, &["项目代码"]).expect("a table"));
    assert_eq!((projects.len(), &read.problems[..]), (60, &[][..]));
    let read: Vec<Project> = read.accepted.into_iter().map(|(_, project)| project).collect();
    assert_eq!(read, projects);

    let lines = read_lines(&sample("project_indicators.csv"), &known);
    let lines: Vec<ProjectIndicator> = lines.accepted.into_iter().map(|(_, line)| line).collect();
    let bytes = indicators(Definition::of_lines(), &lines.iter().collect::<Vec<_>>(), &[]).expect("a workbook");
    let read = read_lines(&workbook::read("指标.xlsx", &bytes, &[]).expect("a table"), &known);
    assert_eq!((lines.len(), &read.problems[..]), (315, &[][..]));
    let read: Vec<ProjectIndicator> = read.accepted.into_iter().map(|(_, line)| line).collect();
    assert_eq!(read, lines);
}

/// More choices than a list in a cell can have stand in the guide alone, and keep no template back.
#[test]
fn many_choices() {
    let mut form = Definition::of_projects().clone();
    let choice = |at: u32| {
        let text = format!("第{at}类民生实事");
        tongpin_domain::form::Choice { code: text.clone(), text, retired: false }
    };
    let field = Field::new("kind_of", "实事类别", Kind::OneOf);
    form.fields.push(Field { choices: (0..60).map(choice).collect(), ..field });
    let bytes = super::projects(&form, &[]).expect("a workbook");
    let mut book = workbook::Book::open("项目.xlsx", &bytes).expect("a workbook");
    let guide = book.cells("填表说明").expect("the guide");
    assert!(guide.rows.values().flatten().any(|cell| cell.contains("第59类民生实事")), "{:?}", guide.rows.len());
}

/// An empty template has every column that must be there, and says so when it comes back empty.
#[test]
fn empty_templates() {
    let library = intake::entries("indicators", &sample("indicators.csv"));
    let library: Vec<Indicator> =
        library.accepted.iter().map(|(_, entry)| serde_json::from_str(&entry.body).expect("an indicator")).collect();
    let bytes = indicators(Definition::of_lines(), &[], &library).expect("a workbook");
    let table = workbook::read("指标.xlsx", &bytes, &["项目代码"]).expect("a table");
    let read = read_lines(&table, &BTreeSet::new());
    assert!(read.is_clean() && read.accepted.is_empty());
    assert!(read.warnings[0].expected.zh.contains("至少一行数据"));
    let read = read_projects(
        &workbook::read("项目.xlsx", &projects(Definition::of_projects(), &[]).expect("a workbook"), &[])
            .expect("a table"),
    );
    assert!(read.is_clean() && read.accepted.is_empty());
}
