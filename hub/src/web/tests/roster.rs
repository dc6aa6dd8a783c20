//! The roster of experts as a file, .xlsx or .csv, into the draft, and a template that is filled in.

use tongpin_console::workbook::{self, Heading, TableSheet};
use tongpin_domain::intake;

use super::*;

fn sample() -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/experts.csv");
    std::fs::read(path).expect("a sample")
}

/// How many experts the draft holds.
async fn drafted(ground: &Ground) -> usize {
    let draft = ground.app.store().draft(&ground.app.catalog("experts")).await.expect("readable");
    draft.map_or(0, |draft| draft.entries.len())
}

/// The sample roster is taken as a file of comma-separated values and as a workbook, and is the same roster.
#[tokio::test]
async fn the_roster_is_imported() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let (status, shown) = clerk.import("experts", "专家.csv", &sample()).await;
    assert_eq!((status, drafted(&ground).await), (303, 40), "{shown}");
    let store = ground.app.store();
    let id = ground.app.catalog("experts");
    let first = store.draft(&id).await.expect("readable").expect("a draft").entries;

    let table = intake::read_csv("专家.csv", &sample()).expect("a table");
    let columns: Vec<Heading<'_>> = table.header.iter().map(|name| Heading { name, number: false }).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.cells.clone()).collect();
    let sheet = TableSheet { title: "专家", columns: &columns, rows: &rows, open: false };
    let book = workbook::write_table(&sheet).expect("a workbook");
    let seen = hidden(&clerk.open("/catalogs/experts").await.1, "drafted");
    assert_eq!(clerk.send("/catalogs/experts/discard", &[("sure", "1"), ("drafted", &seen)]).await.0, 303);
    let (status, shown) = clerk.import("experts", "专家.xlsx", &book).await;
    assert_eq!((status, drafted(&ground).await), (303, 40), "{shown}");
    assert_eq!(store.draft(&id).await.expect("readable").expect("a draft").entries, first);
    assert_eq!(ground.logged("catalog_draft").await.len(), 2);
}

/// The template has every column under its word, explains itself, and comes back filled in; a mistake is told at its
/// row. Where an import has no columns of its own there is no template, and who only reads gets none.
#[tokio::test]
async fn the_template_is_filled_in() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    assert!(clerk.open("/catalogs/experts").await.1.contains("/catalogs/experts/template.xlsx"));
    let template = clerk.file("/catalogs/experts/template.xlsx").await;
    let table = workbook::read("模板.xlsx", &template, &["专家编号"]).expect("a table");
    assert_eq!(table.header, intake::columns("experts").map(|(_, word)| word).collect::<Vec<_>>());
    assert!(table.rows.is_empty());
    let cell = |word: &str| match word {
        "专家编号" => "EXP-901",
        "显示名" => "专家901",
        "主评领域" => "教育",
        "常驻区划" => "320581",
        "共享范围" => "全市共享",
        "聘期起" => "2024-01-01",
        "聘期止" => "2026-12-31",
        "状态" => "在库",
        _ => "",
    };
    let filled = |region: &'static str| {
        let of = |word: &String| if word == "常驻区划" { region } else { cell(word) };
        table.header.iter().map(|word| of(word).to_owned()).collect::<Vec<String>>()
    };
    let columns: Vec<Heading<'_>> = table.header.iter().map(|name| Heading { name, number: false }).collect();
    let book = |region| {
        let rows = [filled(region)];
        let sheet = TableSheet { title: "数据", columns: &columns, rows: &rows, open: true };
        workbook::write_table(&sheet).expect("a workbook")
    };
    let (status, shown) = clerk.import("experts", "专家.xlsx", &book("常熟")).await;
    assert!(status == 422 && shown.contains("J2</th><td>常驻区划</td>"), "{shown}");
    assert_eq!(drafted(&ground).await, 0);
    let (status, shown) = clerk.import("experts", "专家.xlsx", &book("320581")).await;
    assert_eq!((status, drafted(&ground).await), (303, 1), "{shown}");

    assert_eq!(clerk.open("/catalogs/funds/template.xlsx").await.0, 404);
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    assert_eq!(reader.open("/catalogs/experts/template.xlsx").await.0, 403);
}
