//! Every page of the three consoles, found by following its links as each role: none leads where its reader may not go
//! or where nothing is, each fits its window and pleases axe, in English none has Chinese labels, and each form that is
//! handed in blank says what it lacks.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tongpin_tests::process::Bureau;

use crate::blank_forms;
use crate::driver::Browser;
use crate::office_year::{EVERYBODY, OfficeYear};

/// The addresses that a page leads to, without those of files.
const LINKS: &str = r"
    return [...document.querySelectorAll('a[href]')]
        .filter(it => it.origin === location.origin && !it.href.includes('format='))
        .map(it => it.pathname + it.search);
";
/// What the server said of the page, beside its heading.
const ANSWER: &str =
    "return [performance.getEntriesByType('navigation')[0].responseStatus, document.querySelector('h1')?.innerText]";
/// Words of the program's own that hold Chinese: heads, labels, buttons. What the data say may be Chinese.
const CHINESE: &str = r"
    const own = 'th[scope=col], label, button, dt, nav a, summary';
    return [...document.querySelectorAll(own)]
        .filter(it => !it.closest('[lang=zh-CN], .check'))
        .map(it => [...it.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join(' ').trim())
        .filter(text => /[\u4e00-\u9fff]/.test(text));
";

/// Titles of collections are data wherever they stand; the pages about one are full of what it calls its measures, and
/// the fields of a month bear the names of the project's indicators.
const TITLES: [&str; 2] = ["2024年度专项资金绩效指标归集", "2024年度项目支出绩效自评得分归集"];
const OF_DATA: [&str; 3] = ["/collections/", "/analysis/", "/month/"];

/// How many forms everybody together finds at least in a console.
const FORMS: u64 = 15;

/// Pages of one shape are looked at once: `/projects/32050624T1/goal` and another project's are the same page, whatever
/// they are asked for.
fn shape(address: &str) -> String {
    let part = |part: &str| if part.bytes().any(|byte| byte.is_ascii_digit()) { "0" } else { part }.to_owned();
    let (path, asked) = address.split_once('?').unwrap_or((address, ""));
    let path = path.split('/').map(part).collect::<Vec<_>>().join("/");
    if asked.starts_with("draft=1") { format!("{path}-draft") } else { path }
}

fn is_file(address: &str) -> bool {
    let address = address.split('?').next().unwrap_or_default();
    [".csv", ".xlsx", ".json", ".toml"].iter().any(|ending| address.ends_with(ending))
        || ["/evidence/", "/template/", "/data/"].iter().any(|folder| address.contains(folder))
}

/// Follows every link from the first page on, one page of each shape, and returns their addresses.
async fn walk(browser: &Browser, look: Option<&str>, in_english: bool) -> Result<Vec<String>> {
    let mut ahead = vec!["/".to_owned()];
    let mut seen: BTreeMap<String, String> = BTreeMap::from([("/".into(), "the start".into())]);
    let mut chinese = BTreeSet::new();
    let mut pages = Vec::new();
    while let Some(address) = ahead.pop() {
        let from = seen.get(&shape(&address)).cloned().unwrap_or_default();
        browser.goto(&address).await?;
        let answer = browser.client.execute(ANSWER, Vec::new()).await?;
        ensure!(answer[0] == json!(200), "{from} leads to {address}, which answers {answer}");
        if let Some(name) = look {
            let name = format!("{name}{}", shape(&address).replace('/', "-"));
            browser.look(name.trim_end_matches('-')).await?;
        }
        if in_english && !OF_DATA.iter().any(|of| address.starts_with(of)) {
            let found = browser.client.execute(CHINESE, Vec::new()).await?;
            let found = found.as_array().into_iter().flatten().filter_map(Value::as_str);
            let found = found.filter(|text| !TITLES.iter().any(|title| text.starts_with(title)));
            chinese.extend(found.map(|text| format!("{}: {text}", shape(&address))));
        }
        let links = browser.client.execute(LINKS, Vec::new()).await?;
        for link in links.as_array().into_iter().flatten().filter_map(Value::as_str).filter(|link| !is_file(link)) {
            if let Entry::Vacant(place) = seen.entry(shape(link)) {
                place.insert(address.clone());
                ahead.push(link.to_owned());
            }
        }
        pages.push(address);
    }
    let chinese: Vec<String> = chinese.into_iter().collect();
    ensure!(chinese.is_empty(), "in English:\n{}", chinese.join("\n"));
    Ok(pages)
}

/// Walks a console as everybody who has an account there; `least` pages are known to exist for the clerk.
async fn console(year: &OfficeYear, bureau: &Bureau, name: &str, least: &[&str]) -> Result<()> {
    let Some(browser) = Browser::open(year.page(bureau)?).await? else { return Ok(()) };
    let mut forms = 0;
    for (person, duty) in EVERYBODY {
        if duty == "publish" && bureau != year.city() {
            continue;
        }
        browser.goto("/").await?;
        browser.sign_in(person).await?;
        let pages = walk(&browser, Some(name), false).await.with_context(|| format!("{name}, {duty}"))?;
        if duty == "enter" {
            let shapes: BTreeSet<String> = pages.iter().map(|page| shape(page)).collect();
            for page in least {
                ensure!(shapes.contains(*page), "no link leads the clerk to {page}, only to {shapes:?}");
            }
            browser.press("English").await?;
            walk(&browser, None, true).await.with_context(|| format!("{name}, {duty}, in English"))?;
            browser.press("中文").await?;
        }
        forms += blank_forms::hand_in(&browser, &pages).await.with_context(|| format!("{name}, {duty}"))?;
        browser.goto("/").await?;
        browser.press("退出").await?;
    }
    ensure!(forms >= FORMS, "only {forms} forms were found in {name}");
    Ok(())
}

/// The year, if there is a browser to look at it with.
async fn year() -> Result<Option<OfficeYear>> {
    Ok(if Browser::open("http://127.0.0.1").await?.is_some() { Some(OfficeYear::begin()?) } else { None })
}

/// The city's, as everybody sees them.
#[tokio::test(flavor = "multi_thread")]
async fn of_the_city() -> Result<()> {
    let Some(year) = year().await? else { return Ok(()) };
    let least = [
        "/catalogs/indicators/new",
        "/catalogs/rules/releases/0",
        "/collections/new",
        "/collections/county-scores/reports/0",
        "/analysis/county-scores/explain",
        "/nodes/0",
    ];
    console(&year, year.city(), "city", &least).await
}

/// The county's, as everybody sees them.
#[tokio::test(flavor = "multi_thread")]
async fn of_the_county() -> Result<()> {
    let Some(year) = year().await? else { return Ok(()) };
    let least = ["/projects/0", "/scores/0", "/guidance/rules", "/guidance/indicators/0", "/collections/county-scores"];
    console(&year, year.county(), "county", &least).await
}

/// The township's, as everybody sees them.
#[tokio::test(flavor = "multi_thread")]
async fn of_the_township() -> Result<()> {
    let Some(year) = year().await? else { return Ok(()) };
    let least = ["/month/0", "/projects/0/evaluation", "/projects/0/goal", "/import"];
    console(&year, year.office(), "township", &least).await
}
