//! `cargo bench --bench pages`: what the pages of nodes cost with 20,000 projects and 10,000 indicators, over HTTP from
//! real nodes, beside the barest page they have: a county's, then with 100,000 documents of ten forms; a township's,
//! whose projects are reported for every month; and those about it of the county above. `-- forms` measures forms
//! alone, `-- import` the import of a table of projects, `-- idle_node` what a node does that nobody asks. One line of
//! JSON per measurement.

mod forms;
mod ground;
mod township;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use ground::{ACCOUNT, City, Ground, PASSWORD, PROJECTS};
use tongpin_tests::process::processor_time;
use tongpin_tests::reader::Reader;
use township::{TOWN, Township};

/// Over how many seconds a node is watched that nobody asks; ten minutes for the figure in the README.
const IDLE: &str = "TONGPIN_BENCH_IDLE_S";
/// How often each page is asked for.
const ROUNDS: usize = 15;

/// A page: its name, its address, and how many milliseconds it may take: half as many if everybody opens it all day.
type Measured = (&'static str, &'static str, f64);

const COUNTY: [Measured; 12] = [
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
    ("indicator", "/guidance/indicators/{indicator}", 100.0),
    ("funds", "/guidance/funds", 100.0),
];
const TOWNSHIP: [Measured; 4] = [
    ("township_overview", "/", 50.0),
    ("month", "/month?month=2024-12", 50.0),
    ("month_filtered_sorted", "/month?month=2024-12&q=%E7%8E%AF%E5%A2%83&state=done&sort=-spent&page=7", 100.0),
    ("month_report", "/month/{code}?month=2024-12", 50.0),
];
const ABOVE: [Measured; 4] = [
    ("county_overview", "/", 50.0),
    ("townships", "/townships", 100.0),
    ("township", "/townships/{town}", 100.0),
    ("township_filtered_sorted", "/townships/{town}?q=%E7%8E%AF%E5%A2%83&state=open&sort=-executed", 100.0),
];

fn main() -> Result<()> {
    let city = City::prepare()?;
    let ground = Ground::prepare(&city)?;
    let asked = |name: &str| std::env::args().any(|argument| argument == name);
    let reader = Reader::sign_in(ground.page(), ACCOUNT, PASSWORD)?;
    if asked("forms") {
        return forms::measured(&city, &ground, &reader);
    }
    if asked("import") {
        return workbook(&ground, &reader, ms(median(&reader, "/healthz")?));
    }
    idle(&ground)?;
    if asked("idle_node") {
        return Ok(());
    }
    let county = |path: &str| path.replace("{code}", &ground.some_project).replace("{indicator}", &city.some_indicator);
    let baseline = measure(&reader, &COUNTY, county)?;
    workbook(&ground, &reader, ms(baseline))?;
    forms::measured(&city, &ground, &reader)?;
    drop(ground);
    let township = Township::prepare(&city)?;
    let reader = Reader::sign_in(&township.town.page, ACCOUNT, PASSWORD)?;
    measure(&reader, &TOWNSHIP, |path| path.replace("{code}", &township.some_project))?;
    let reader = Reader::sign_in(&township.county.page, ACCOUNT, PASSWORD)?;
    measure(&reader, &ABOVE, |path| path.replace("{town}", TOWN))?;
    Ok(())
}

/// Measures pages beside the barest one, which is given back.
fn measure(reader: &Reader, pages: &[Measured], address: impl Fn(&str) -> String) -> Result<Duration> {
    let baseline = median(reader, "/healthz")?;
    for (name, path, goal) in pages {
        let path = address(path);
        // The first reader after a start fills what is kept in memory; it waits once.
        let first = reader.get(&path)?.took;
        let took = median(reader, &path)?;
        print(&format!("page_{name}"), ms(took), ms(baseline), &format!("<= {goal}"), &json!({ "first": ms(first) }));
    }
    Ok(baseline)
}

/// What a node does while nobody does anything, but for the line to its parent.
fn idle(ground: &Ground) -> Result<()> {
    let time = Duration::from_secs(std::env::var(IDLE).map_or(Ok(60), |seconds| seconds.parse())?);
    // What it does once, after so many records have come, is over by then.
    std::thread::sleep(Duration::from_mins(1));
    let (before, own) = (ground.processor_time()?, processor_time("self")?);
    let began = Instant::now();
    // What the barest program costs that looks at a file each second: to wake up an idle machine is not free, and on
    // some machines it is dear.
    while began.elapsed() < time {
        std::thread::sleep(Duration::from_secs(1));
        let _ = std::fs::metadata("/");
    }
    let time = began.elapsed();
    let used = ground.processor_time()?.saturating_sub(before);
    let bare = processor_time("self")?.saturating_sub(own);
    let share = |used: Duration| (used.as_secs_f64() / time.as_secs_f64() * 100_000.0).round() / 1000.0;
    println!(
        "{}",
        json!({ "measurement": "idle_node_20000_projects", "unit": "% of a core", "over_s": time.as_secs(),
                "value": share(used), "goal": "< 0.1", "a_bare_program": share(bare) })
    );
    Ok(())
}

/// An Excel file of all projects: checked and previewed, then imported.
fn workbook(ground: &Ground, reader: &Reader, baseline: f64) -> Result<()> {
    let file = ground.workbook()?;
    let preview = reader.upload("/import", "projects.xlsx", &file)?;
    ensure!(preview.status == 200, "the file is previewed: {} {}", preview.status, preview.text());
    print("xlsx_20000_rows_previewed", ms(preview.took), baseline, "<= 3000", &json!({ "rows": PROJECTS }));
    let action = preview.form("/import/confirm").context("the preview has a form to confirm")?;
    let (_, digest) = action.iter().find(|(name, _)| name == "file").context("which file it is")?;
    let again = reader.get(&format!("/import/{digest}"))?;
    ensure!(again.status == 200 && again.form("/import/confirm").is_some(), "the preview again: {}", again.text());
    print("xlsx_20000_rows_seen_again", ms(again.took), baseline, "<= 100", &json!({ "rows": PROJECTS }));
    let imported = reader.confirm("/import/confirm", &action)?;
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
