//! 表单: the county's node again, with ten forms and 100,000 documents: the pages about them, what follows from a form of
//! 200 rows as one types, a table of 20,000 documents, and a changed form that comes while somebody reads.

mod table;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::runtime::Runtime;
use tongpin_domain::form::Definition;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Put, RecordRow, Store};
use tongpin_tests::documents::{DRAFT, MANY, MANY_ROWS, code, document, form, id, with_decimals, with_field};
use tongpin_tests::reader::Reader;

use super::ground::{COUNTY, City, Ground};
use super::{Measured, measure, ms, print};

/// How many forms, and documents of each.
const FORMS: usize = 10;
const DOCUMENTS: usize = 10_000;
/// The form that changes alone.
const CHANGED: usize = 3;
/// How often somebody types.
const ROUNDS: usize = 15;
/// How long a release is waited for.
const APPLIED: Duration = Duration::from_mins(1);

const PAGES: [Measured; 11] = [
    ("forms_overview", "/forms", 60.0),
    ("forms_start", "/", 60.0),
    ("documents", "/forms/{form}", 60.0),
    ("documents_page_100", "/forms/{form}?page=100", 60.0),
    ("documents_by_state", "/forms/{form}?state=review", 60.0),
    ("documents_searched", "/forms/{form}?q=%E7%8E%AF%E5%A2%83", 60.0),
    ("documents_by_amount", "/forms/{form}?sort=-paid_total", 60.0),
    ("documents_by_amount_page_100", "/forms/{form}?sort=paid_total&page=100", 60.0),
    ("documents_last_changed_page_100", "/forms/{form}?sort=-@changed&page=100", 60.0),
    ("document", "/forms/{form}/{author}/{id}", 20.0),
    ("document_200_rows", "/forms/{form}/{author}/{many}", 20.0),
];

/// The ten forms reach the county, their documents are filled in, and everything is measured.
pub(crate) fn measured(city: &City, ground: &Ground, reader: &Reader) -> Result<()> {
    // One more has no documents: they come as a table.
    let forms: Vec<String> = (0..=FORMS).map(form).collect::<Result<_>>()?;
    city.draft_forms(&forms)?;
    city.approve_forms()?;
    city.wait()?;
    let database = ground.database()?;
    let runtime = Runtime::new()?;
    let filled = runtime.block_on(filled_in(&database, &ground.projects()))?;
    let middle = code(FORMS / 2);
    let address = |path: &str| {
        let path = path.replace("{form}", &middle).replace("{author}", COUNTY);
        path.replace("{id}", &filled.some).replace("{many}", &filled.many)
    };
    let baseline = measure(reader, &PAGES, address)?;
    let many = address("/forms/{form}/{author}/{many}");
    typed(reader, &many, ms(baseline))?;
    let draft = address("/forms/{form}/{author}/{draft}").replace("{draft}", &filled.draft);
    saved(reader, &draft, ground, ms(baseline))?;
    table::imported(reader, &ground.projects(), &code(FORMS), ms(baseline))?;
    changed(city, reader, &runtime, &database, &draft, ms(baseline))
}

/// The ids of some documents.
struct Filled {
    some: String,
    many: String,
    draft: String,
}

/// Every form is filled in for as many projects as it has documents.
async fn filled_in(database: &str, projects: &[(String, String)]) -> Result<Filled> {
    let store = Store::open(database).await?;
    let (own, publisher) = (RegionCode::new(COUNTY)?, RegionCode::new("320500")?);
    let began = Instant::now();
    for number in 0..FORMS {
        let body = store.form_definition(&publisher, &code(number), 1).await?.context("the form is here")?;
        let definition: Definition = serde_json::from_str(&body)?;
        let document = |(place, (code, name)): (usize, &(String, String))| {
            document(&definition, (&publisher, 1), place, (code, name))
        };
        let projects = projects.iter().take(DOCUMENTS).enumerate();
        let records: Vec<RecordRow> = projects.map(document).collect::<Result<_>>()?;
        ensure!(records.len() == DOCUMENTS, "so many projects");
        store.put_records(&Put { own: &own, records: &records, at: Moment(1), log: false }).await?;
        let counts = store.document_counts(&code(number)).await?;
        ensure!(counts.iter().map(|count| count.count).sum::<u64>() == DOCUMENTS as u64, "all are listed: {counts:?}");
    }
    store.close().await;
    let took = began.elapsed();
    println!("{}", json!({ "measurement": "documents_100000_written", "unit": "ms", "value": ms(took) }));
    let of = |place: usize| projects.get(place).map(|(code, _)| id(code)).context("a project");
    Ok(Filled { some: of(DOCUMENTS / 2)?, many: of(MANY)?, draft: of(DRAFT)? })
}

/// The fields of a document's page as a browser sends them, with what somebody typed.
fn fields(reader: &Reader, at: &str, typed: usize) -> Result<Vec<(String, String)>> {
    let edit = format!("{at}/edit");
    let page = reader.get(&edit)?;
    let mut fields = page.form(&edit).with_context(|| format!("a form to fill in: {}", page.text()))?;
    let rows = fields.iter().find(|(name, _)| name == "roads.rows").context("rows")?.1.clone();
    for row in rows.split(',').filter(|row| row.starts_with('r')) {
        for (name, text) in [("route", "Y001320581"), ("length", "2.5"), ("planned", "35"), ("paid", "12")] {
            fields.push((format!("roads.{row}.{name}"), text.to_owned()));
        }
    }
    fields.push(("received".to_owned(), format!("{}", 9_000 + typed)));
    Ok(fields)
}

/// What follows from a document of 200 rows as somebody types.
fn typed(reader: &Reader, at: &str, baseline: f64) -> Result<()> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let fields = fields(reader, at, round)?;
        let answer = reader.post(&format!("{at}/check"), &fields)?;
        ensure!(answer.status == 200, "it is checked: {} {}", answer.status, answer.text());
        times.push(answer.took);
    }
    print("check_200_rows", ms(middle(times)?), baseline, "<= 10", &json!({ "rows": MANY_ROWS }));
    Ok(())
}

/// Somebody saves a document, and reads the overview and the start page right after it. What is done beside that is
/// told as the processor's time.
fn saved(reader: &Reader, at: &str, ground: &Ground, baseline: f64) -> Result<()> {
    let (mut saves, mut overviews, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let before = ground.processor_time()?;
    for round in 0..ROUNDS {
        let fields = fields(reader, at, round)?;
        let answer = reader.post(&format!("{at}/edit"), &fields)?;
        ensure!(answer.status == 303, "it is saved: {} {}", answer.status, answer.text());
        saves.push(answer.took);
        overviews.push(reader.get("/forms")?.took);
        starts.push(reader.get("/")?.took);
    }
    // What follows a change beside the pages is done by then.
    std::thread::sleep(Duration::from_secs(12));
    let used = ground.processor_time()?.saturating_sub(before);
    for (name, times, goal) in [
        ("document_saved", saves, "<= 60"),
        ("forms_overview_after_a_save", overviews, "<= 60"),
        ("forms_start_after_a_save", starts, "<= 60"),
    ] {
        print(name, ms(middle(times)?), baseline, goal, &json!({ "processor_for_all": ms(used), "rounds": ROUNDS }));
    }
    Ok(())
}

fn middle(mut times: Vec<Duration>) -> Result<Duration> {
    times.sort();
    times.get(times.len() / 2).copied().context("some rounds")
}

/// Changed forms come while somebody reads and somebody writes: one of 10,000 documents with a field more, then all ten
/// with shares that get more decimals, which every document and every row of it has.
fn changed(city: &City, reader: &Reader, runtime: &Runtime, database: &str, draft: &str, baseline: f64) -> Result<()> {
    let one = vec![with_field(&form(CHANGED)?, "noted")];
    let all =
        (0..FORMS).map(|number| Ok(with_decimals(&if number == CHANGED { one[0].clone() } else { form(number)? })));
    let all: Vec<String> = all.collect::<Result<_>>()?;
    for (name, release, forms) in [("form_10000_changed", 2, one.clone()), ("forms_100000_changed", 3, all)] {
        city.draft_forms(&forms)?;
        let done = AtomicBool::new(false);
        let longest = |ask: &(dyn Fn(usize) -> Result<Duration> + Sync)| -> Result<Duration> {
            let mut longest = Duration::ZERO;
            for round in 0.. {
                longest = longest.max(ask(round)?);
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
            Ok(longest)
        };
        let list = format!("/forms/{}", code(CHANGED));
        let read = |round: usize| {
            let pages = ["/forms", &list, "/"];
            reader.get(pages.get(round % pages.len()).unwrap_or(&"/")).map(|answer| answer.took)
        };
        let write = |round: usize| {
            let fields = fields(reader, draft, round)?;
            let answer = reader.post(&format!("{draft}/edit"), &fields)?;
            ensure!(answer.status == 303, "it is saved: {} {}", answer.status, answer.text());
            Ok(answer.took)
        };
        let (took, page, save) = std::thread::scope(|scope| {
            let (pages, saves) = (scope.spawn(|| longest(&read)), scope.spawn(|| longest(&write)));
            let began = Instant::now();
            let applied = city.approve_forms().and_then(|()| runtime.block_on(applied(database, release)));
            let took = began.elapsed();
            // What goes on after the release is applied counts too.
            std::thread::sleep(Duration::from_secs(2));
            done.store(true, Ordering::Relaxed);
            let joined = |thread: std::thread::ScopedJoinHandle<'_, Result<Duration>>| {
                thread.join().map_err(|_| anyhow::anyhow!("whoever reads or writes failed"))?
            };
            let (page, save) = (joined(pages)?, joined(saves)?);
            applied.map(|()| (took, page, save))
        })?;
        let more = json!({ "longest_page": ms(page), "longest_save": ms(save), "longest_goal": "<= 200" });
        print(name, ms(took), baseline, "<= 5000", &more);
        ensure!(reader.get(&list)?.status == 200, "its list is read");
    }
    Ok(())
}

async fn applied(database: &str, release: u64) -> Result<()> {
    let store = Store::open(database).await?;
    let publisher = RegionCode::new("320500")?;
    let began = Instant::now();
    while store.form_definition(&publisher, &code(CHANGED), release).await?.is_none() {
        ensure!(began.elapsed() < APPLIED, "the release has not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    store.close().await;
    Ok(())
}
