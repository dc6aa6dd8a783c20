//! `cargo bench --bench pages`: what a county's pages cost with 20,000 projects and 10,000 indicators, over HTTP from a
//! real node, beside the barest page it has. One line of JSON per measurement.

mod ground;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use ground::{Ground, PROJECTS};
use tongpin_tests::reader::Reader;

/// How often each page is asked for.
const ROUNDS: usize = 15;

/// The pages, and how many milliseconds each may take: half as many for those that everybody opens all day.
const PAGES: [(&str, &str, f64); 10] = [
    ("overview", "/", 50.0),
    ("projects", "/projects", 50.0),
    ("projects_filtered_sorted", "/projects?q=%E7%8E%AF%E5%A2%83&sort=-executed&page=7", 100.0),
    ("project", "/projects/{code}", 50.0),
    ("evaluation", "/projects/{code}/evaluation", 50.0),
    ("goal", "/projects/{code}/goal", 50.0),
    ("scores", "/scores", 100.0),
    ("collections", "/collections", 100.0),
    ("library", "/guidance/indicators", 100.0),
    ("library_search", "/guidance/indicators?q=%E5%AD%A6%E4%BD%8D+9", 30.0),
];

fn main() -> Result<()> {
    let ground = Ground::prepare()?;
    let reader = Reader::sign_in(ground.page(), &ground.account, &ground.password)?;
    let baseline = median(&reader, "/healthz")?;
    for (name, path, goal) in PAGES {
        let path = path.replace("{code}", &ground.some_project);
        // The first reader after a start fills what is kept in memory; it waits once.
        let first = reader.get(&path)?.took;
        let took = median(&reader, &path)?;
        print(&format!("page_{name}"), ms(took), ms(baseline), &format!("<= {goal}"), &json!({ "first": ms(first) }));
    }
    workbook(&ground, &reader, ms(baseline))
}

/// An Excel file of all projects: checked and previewed, then imported.
fn workbook(ground: &Ground, reader: &Reader, baseline: f64) -> Result<()> {
    let file = ground.workbook()?;
    let preview = reader.upload("/import", "projects.xlsx", &file)?;
    ensure!(preview.status == 200, "the file is previewed: {} {}", preview.status, preview.text());
    print("xlsx_20000_rows_previewed", ms(preview.took), baseline, "<= 3000", &json!({ "rows": PROJECTS }));
    let action = preview.form("/import/confirm").context("the preview has a form to confirm")?;
    let imported = reader.post("/import/confirm", &action)?;
    ensure!(imported.status == 200 || imported.status == 303, "it is imported: {}", imported.text());
    print("xlsx_20000_rows_imported", ms(imported.took), baseline, "<= 5000", &json!({ "rows": PROJECTS }));
    Ok(())
}

fn median(reader: &Reader, path: &str) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let answer = reader.get(path)?;
        ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, answer.text());
        times.push(answer.took);
    }
    times.sort();
    times.get(ROUNDS / 2).copied().context("some rounds")
}

fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

fn print(name: &str, value: f64, baseline: f64, goal: &str, more: &serde_json::Value) {
    println!(
        "{}",
        json!({ "measurement": name, "unit": "ms", "value": value, "healthz": baseline, "goal": goal, "more": more })
    );
}
