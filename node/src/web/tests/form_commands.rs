//! Shows that the commands about forms list them, make their lists anew and write their documents into files.

use clap::Parser as _;
use tongpin_console::exit::Exit;
use tongpin_console::workbook::Book;
use tongpin_domain::form::{DOCUMENT, Definition};

use super::ground::Ground;
use crate::command::CommandLine;
use crate::ops::ground::row;

const FORM: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money"},
    {"name":"kind","title":"类别","kind":"one_of","choices":[{"code":"a","text":"新建"}]},
    {"name":"clerk","title":"填报人","kind":"person","personal":true},
    {"name":"parts","title":"路段","kind":"rows","fields":[{"name":"km","title":"里程","kind":"decimal","unit":"公里"}]}]}"#;
const DOCUMENT_BODY: &str = r#"{"form":"roads","publisher":"320500","release":1,"id":"x","subject":"320581",
    "subject_name":"常熟市","period":"2026Q3","version":1,"turn":0,"state":"draft","given":{"issued":"1200.50",
    "kind":"a","clerk":"张三","parts":[{"id":"r1","cells":{"km":"12.5"}}]},"changed_at":0}"#;

async fn ground() -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FORM, 1).await;
    ground.desk.put(&[row(DOCUMENT, "roads/x", Ok(DOCUMENT_BODY.to_owned()))]).await;
    ground
}

async fn run(ground: &Ground, words: &[&str]) -> Result<Exit, String> {
    let line = CommandLine::try_parse_from(["tongpin-node", "forms"].iter().chain(words)).expect("a command");
    line.at(&ground.app).await.map_err(|failure| failure.chain())
}

/// Lists are made anew, of one form or of all; a code that nobody published is told.
#[tokio::test]
async fn listing_and_rebuilding() {
    let ground = ground().await;
    for words in [&["list"][..], &["rebuild"], &["rebuild", "roads"]] {
        assert_eq!(run(&ground, words).await, Ok(Exit::Done), "{words:?}");
    }
    assert_eq!(ground.desk.store.forms_held().await.expect("readable")[0].documents, 1);
    assert!(run(&ground, &["rebuild", "none"]).await.is_err_and(|why| why.contains("none")));
}

/// A file has every document with its values as people read them and nothing personal; a workbook also has the tables
/// inside them. Another ending is refused.
#[tokio::test]
async fn exporting() {
    let ground = ground().await;
    let path = |name: &str| ground.desk.folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (csv, xlsx) = (path("表.csv"), path("表.xlsx"));
    assert_eq!(run(&ground, &["export", "roads", "--out", &csv]).await, Ok(Exit::Done));
    let written = std::fs::read_to_string(&csv).expect("UTF-8");
    assert!(written.contains("下达资金（元）") && written.contains("1200.50,新建"), "{written}");
    assert!(!written.contains("填报人") && !written.contains("张三"), "{written}");
    assert_eq!(run(&ground, &["export", "roads", "--out", &xlsx]).await, Ok(Exit::Done));
    let bytes = std::fs::read(&xlsx).expect("there");
    let mut book = Book::open("表.xlsx", &bytes).expect("a workbook");
    let names: Vec<String> = book.sheets().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["单据", "路段"]);
    let cells = book.cells("路段").expect("a sheet");
    assert_eq!((cells.get(0, 6), cells.get(1, 6), cells.get(1, 5)), ("里程（公里）", "12.50", "r1"));
    assert!(run(&ground, &["export", "roads", "--out", &path("表.pdf")]).await.is_err());
}

/// The form of goals makes no list of documents: the commands say where these are, and make the other lists.
#[tokio::test]
async fn of_documents_that_are_kept_with_projects() {
    let ground = ground().await;
    let goals = serde_json::to_string(Definition::of_goals()).expect("JSON");
    ground.desk.publish("forms", "goal", &goals, 2).await;
    let held = ground.desk.store.forms_held().await.expect("readable");
    let goal = held.iter().find(|it| it.code == "goal").expect("held");
    assert_eq!((goal.in_force, goal.listed, goal.documents), (true, false, 0));
    for words in [&["list"][..], &["rebuild"]] {
        assert_eq!(run(&ground, words).await, Ok(Exit::Done), "{words:?}");
    }
    for words in [&["rebuild", "goal"][..], &["export", "goal", "--out", "x.xlsx"]] {
        assert!(run(&ground, words).await.is_err_and(|why| why.contains("projects")), "{words:?}");
    }
}

/// The documents of a form go out as a workbook and come back: without `--yes` nothing is written, with it the change
/// is, by whoever is named; what cannot be read ends with another code.
#[tokio::test]
async fn importing() {
    let ground = ground().await;
    let path = |name: &str| ground.desk.folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (held, empty, changed) = (path("表.xlsx"), path("模板.xlsx"), path("改.csv"));
    assert_eq!(run(&ground, &["template", "roads", "--filled", "--out", &held]).await, Ok(Exit::Done));
    assert_eq!(run(&ground, &["template", "roads", "--out", &empty]).await, Ok(Exit::Done));
    for file in [&held, &empty] {
        assert_eq!(run(&ground, &["import", "roads", file, "--by", "甲", "--yes"]).await, Ok(Exit::Done));
    }
    assert!(ground.logged("document_import").await.is_empty(), "there is nothing to import");
    let write = |period: &str, issued: &str| {
        let text = format!("期间,下达资金（元）,类别\n{period},{issued},新建\n");
        std::fs::write(&changed, text).expect("writable");
    };
    let begun = async || ground.desk.store.forms_held().await.expect("readable")[0].documents;
    write("2026Q4", "300");
    assert_eq!(run(&ground, &["import", "roads", &changed, "--by", "甲"]).await, Ok(Exit::Done));
    assert_eq!(begun().await, 1, "it was a preview");
    assert_eq!(run(&ground, &["import", "roads", &changed, "--by", "甲", "--yes"]).await, Ok(Exit::Done));
    assert_eq!(begun().await, 2);
    let logged = ground.logged("document_import").await;
    assert_eq!((logged.len(), logged[0].0.as_str(), logged[0].1.as_str()), (1, "甲", "roads"));
    write("2026Q2", "很多");
    assert_eq!(run(&ground, &["import", "roads", &changed, "--by", "甲", "--yes"]).await, Ok(Exit::Input));
    assert!(run(&ground, &["import", "none", &changed, "--by", "甲"]).await.is_err_and(|why| why.contains("none")));
}
