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
