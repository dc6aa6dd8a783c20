//! Shows that what is done at the command line stands in the same audit log as what is done in the browser.

use clap::Parser as _;
use tongpin_console::exit::Exit;
use tongpin_domain::form::Definition;
use tongpin_domain::project::Project;

use super::ground::Ground;
use crate::command::CommandLine;
use crate::records;
use crate::sheets::template;

/// Actor, subject and detail; blank where nothing is entered.
type Entered<'a> = (&'a str, &'a str, &'a str);

/// A table that a command writes begins with the mark by which spreadsheets know that it is UTF-8.
#[tokio::test]
async fn written_tables_are_marked() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let path = ground.desk.folder.path().join("表.csv");
    let file = path.to_str().expect("UTF-8").to_owned();
    for words in [&["scores", "--out", &file][..], &["export", "catalog", "rules", "--out", &file]] {
        let line = CommandLine::try_parse_from(["tongpin-node"].iter().chain(words)).expect("a command");
        assert_eq!(line.at(&ground.app).await.expect("written"), Exit::Done, "{words:?}");
        let written = std::fs::read_to_string(&path).expect("UTF-8");
        assert!(written.starts_with('\u{feff}') && written.lines().count() > 1, "{words:?}: {written}");
        std::fs::remove_file(&path).expect("there");
    }
}

/// Every command that changes something is entered once, under the name that it was given.
#[tokio::test]
async fn commands_are_entered() {
    let ground = Ground::new().await;
    let store = &ground.desk.store;
    let held = records::load(store).await.expect("readable").projects;
    let mut projects: Vec<Project> = held.into_iter().map(|held| held.project).collect();
    projects[0].name = "改名".into();
    let path = |name: &str| ground.desk.folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (file, out) = (path("项目.xlsx"), path("给市里.tp"));
    let book = template::projects(Definition::of_projects(), &projects.iter().collect::<Vec<_>>()).expect("a workbook");
    std::fs::write(&file, book).expect("writable");
    let commands: [(&[&str], Entered<'_>); 9] = [
        (&["import", "projects", &file, "--dry-run"], ("", "", "")),
        (&["import", "projects", &file], ("命令行", "projects", "项目.xlsx：项目 6 条")),
        (&["score"], ("命令行", "", "评分 6 个项目，未评分 0 个")),
        (
            &["submit", "county-scores", "--by", "审核-003", "--yes"],
            ("审核-003", "county-scores", "第 1 次，1 组汇总数"),
        ),
        (
            &["invite", "320581101", "--address", "10.0.0.1:7401", "--by", "经办-001"],
            ("经办-001", "320581101", "10.0.0.1:7401，7 天"),
        ),
        (&["revoke", "320581101", "--reason", "设备遗失", "--yes"], ("命令行", "320581101", "设备遗失")),
        (&["pack", &out], ("命令行", "320500", "给市里.tp")),
        (&["collections"], ("", "", "")),
        // There is nothing to take back, which is no failure.
        (&["take-back", "--by", "经办-001"], ("", "", "")),
    ];
    let own = async || {
        let mut entries = store.audit_after(0, 99).await.expect("readable");
        entries.retain(|entry| entry.allowed && entry.address.is_empty() && entry.action != "t");
        entries.into_iter().map(|entry| (entry.actor, entry.subject, entry.detail)).collect::<Vec<_>>()
    };
    let mut due = Vec::new();
    for (words, (actor, subject, detail)) in commands {
        let line = CommandLine::try_parse_from(["tongpin-node"].iter().chain(words)).expect("a command");
        assert_eq!(line.at(&ground.app).await.expect("done"), Exit::Done, "{words:?}");
        if !actor.is_empty() {
            due.push((actor.to_owned(), subject.to_owned(), detail.to_owned()));
        }
        assert_eq!(own().await, due, "{words:?}");
    }
}
