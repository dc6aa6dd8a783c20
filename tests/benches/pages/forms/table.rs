//! 批量导入: 20,000 documents of one form as a workbook, previewed and imported, then downloaded and imported again with
//! one value changed in each; beside the same bodies in a raw table.

use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rust_xlsxwriter::Workbook;
use serde_json::json;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use tongpin_tests::reader::Reader;

use crate::{ms, print};

/// The columns of the documents and of their rows, as the template has them.
const DOCUMENTS: [&str; 5] = ["项目代码", "期间", "本季下达资金（万元）", "指标到达日期", "偏差原因"];
const ROADS: [&str; 6] = ["项目代码", "期间", "路线编号", "养护里程（公里）", "计划投资（万元）", "已支付（万元）"];
/// How long a body is, bytes, about.
const BODY: usize = 900;

/// Every project's document, with one row each.
fn workbook(projects: &[(String, String)], issued: &str) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let line = |code: &str| [code, "2026", issued, "2026-03-31", "一处路段未验收"].map(str::to_owned).to_vec();
    let road = |code: &str| [code, "2026", "Y001320581", "2.5", "35", "12"].map(str::to_owned).to_vec();
    for (name, heads, cells) in
        [("数据", &DOCUMENTS[..], &line as &dyn Fn(&str) -> Vec<String>), ("路段", &ROADS[..], &road)]
    {
        let sheet = book.add_worksheet().set_name(name)?;
        for (column, head) in (0u16..).zip(heads) {
            sheet.write_string(0, column, *head)?;
        }
        for (row, (code, _)) in (1u32..).zip(projects) {
            for (column, cell) in (0u16..).zip(cells(code)) {
                sheet.write_string(row, column, cell)?;
            }
        }
    }
    Ok(book.save_to_buffer()?)
}

/// A file is previewed, a late page of the preview is turned to, and it is imported; how long each took.
fn taken(reader: &Reader, form: &str, file: &[u8], told: &str) -> Result<[Duration; 3]> {
    let at = format!("/forms/{form}/import");
    let preview = reader.upload(&at, "table.xlsx", file)?;
    ensure!(preview.status == 200, "it is previewed: {} {}", preview.status, preview.text());
    ensure!(preview.text().contains(told), "{told}: {}", preview.text());
    let action = format!("{at}/confirm");
    let fields = preview.form(&action).context("the preview has a form to confirm")?;
    let (_, digest) = fields.iter().find(|(name, _)| name == "file").context("which file it is")?;
    let turned = reader.get(&format!("{at}/{digest}?list=changes&page=200"))?;
    ensure!(turned.status == 200 && turned.text().contains(told), "a page of it: {}", turned.text());
    let done = reader.confirm(&action, &fields)?;
    ensure!(done.status == 303, "it is imported: {} {}", done.status, done.text());
    Ok([preview.took, turned.took, done.took])
}

/// Documents begin, and are changed, as a table.
pub(crate) fn imported(reader: &Reader, projects: &[(String, String)], form: &str, baseline: f64) -> Result<()> {
    let count = projects.len();
    let raw = ms(tokio::runtime::Runtime::new()?.block_on(raw(projects))?);
    let new = taken(reader, form, &workbook(projects, "900")?, &format!("新增 {count}"))?;
    let held = reader.get(&format!("/forms/{form}/data.xlsx"))?;
    ensure!(held.status == 200, "what is held is written: {}", held.status);
    let same = reader.upload(&format!("/forms/{form}/import"), "table.xlsx", &held.body)?;
    ensure!(same.status == 200 && same.text().contains("没有变更"), "nothing changes: {}", same.text());
    for (name, took, goal) in [
        ("documents_20000_previewed", new[0], "<= 3000"),
        ("documents_20000_page_turned", new[1], "<= 100"),
        ("documents_20000_imported", new[2], "<= 5000"),
        ("documents_20000_written_out", held.took, "<= 5000"),
        ("documents_20000_unchanged_previewed", same.took, "<= 3000"),
    ] {
        let ratio = (ms(took) / raw * 10.0).round() / 10.0;
        print(name, ms(took), baseline, goal, &json!({ "documents": count, "raw": raw, "times_raw": ratio }));
    }
    Ok(())
}

/// As many bodies in one table of a raw database, in one transaction.
async fn raw(projects: &[(String, String)]) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", folder.path().join("raw").display()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let table = "CREATE TABLE record (key TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID";
    sqlx::query(table).execute(&mut connection).await?;
    let body = "x".repeat(BODY);
    let began = Instant::now();
    let mut transaction = connection.begin().await?;
    for (code, _) in projects {
        let insert = sqlx::query("INSERT INTO record (key, body) VALUES (?, ?)").bind(code).bind(&body);
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(began.elapsed())
}
