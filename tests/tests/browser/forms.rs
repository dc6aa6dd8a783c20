//! 表单 in the browser: a form that the test publishes is filled in at a township, given back and approved by its
//! county, adjusted, and found in the city's roll-up; every page of it is looked at, and its paper.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use serde_json::json;
use tempfile::TempDir;
use tongpin_tests::demo::{DataFolder, samples};
use tongpin_tests::process::{Bureau, Program, Running};

use crate::ENTER;
use crate::driver::Browser;
use crate::office_year::{APPROVER, CLERK, READER};

const FORM: &str = "road_dispatch";
const TITLE: &str = "农村公路养护补助资金季度调度表";
const PERIOD: &str = "2026Q3";
/// What the county is asked for.
const OPINION: &str = r#"
[[fields]]
name = "opinion"
title = "财政审核意见"
english = "The county's opinion"
kind = "text"
level = "county"
hint = "审核时填写，填报单位可以看到。"
"#;
/// How long what travels, or is checked while somebody types, may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Three levels that have the form and nothing else.
struct Ground {
    hub: Bureau,
    county: Bureau,
    /// The three consoles: city, county, township.
    running: [Running; 3],
    _folder: TempDir,
}

impl Ground {
    fn found() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = DataFolder::read(samples())?;
        let known = data.counties.iter().find(|county| county.township.is_some()).context("a county")?;
        let (town, _) = known.township.as_ref().context("its township")?;
        let bureau = |program, name: &str| Bureau::new(program, folder.path(), name);
        let hub = bureau(Program::Hub, "hub");
        hub.run(&["init", "--region", "320500", "--name", "苏州市"])?;
        let city = hub.serve()?;
        let form = folder.path().join("road_dispatch.toml");
        let written = std::fs::read_to_string(samples().join("forms/road_dispatch.toml"))?;
        // In a form that travels, a bound is a text.
        let written = written.replace("least = 0", "least = \"0\"").replace("[\"clerk\"]", "[\"clerk\", \"opinion\"]");
        std::fs::write(&form, format!("{written}{OPINION}"))?;
        for (catalog, file) in [("regions", samples().join("regions.csv")), ("forms", form)] {
            hub.run(&["import", catalog, &path(&file)?, "--by", "经办-001"])?;
            hub.run(&["publish", catalog, "--by", "审核-002", "--yes"])?;
        }
        let (county, township) = (bureau(Program::Node, "county"), bureau(Program::Node, "township"));
        let above = join(&hub, &city, &county, &known.code)?;
        let below = join(&county, &above, &township, town)?;
        for (bureau, person, duty) in [
            (&township, &CLERK, "enter"),
            (&county, &CLERK, "enter"),
            (&county, &APPROVER, "approve"),
            (&hub, &READER, "read"),
        ] {
            let add = ["account", "add", person.name, "--display", person.display_name, "--duties", duty];
            bureau.run_told(&[&add[..], &["--password-stdin"]].concat(), person.password)?;
        }
        Ok(Self { hub, county, running: [city, above, below], _folder: folder })
    }
}

fn join(parent: &Bureau, running: &Running, child: &Bureau, region: &str) -> Result<Running> {
    let invited = parent.ask(&["invite", region, "--address", &running.listen, "--by", "经办-001"])?;
    child.run(&["join", invited["token"].as_str().context("a token")?])?;
    child.serve()
}

fn path(path: &Path) -> Result<String> {
    Ok(path.to_str().context("a path in UTF-8")?.to_owned())
}

impl Browser {
    /// Waits until the first element of this kind says these words: a check while typing takes a moment.
    pub(crate) async fn comes_to_say(&self, css: &str, words: &str) -> Result<()> {
        let began = Instant::now();
        while !self.text(css).await?.contains(words) {
            ensure!(began.elapsed() < PATIENCE, "{css} does not come to say {words:?} but {:?}", self.text(css).await?);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Opens an address again and again until its page says something: what travels takes a moment.
    async fn arrives(&self, address: &str, words: &str) -> Result<()> {
        let began = Instant::now();
        loop {
            self.goto(address).await?;
            let said = self.text("main").await?;
            if said.contains(words) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("{address} does not come to say {words:?} but {said}");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Types letter by letter, as hands do, into whatever has the focus.
    async fn types(&self, text: &str) -> Result<()> {
        let keys = text.chars().fold(KeyActions::new("keyboard".to_owned()), |keys, value| {
            keys.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// Picks a day: how one is typed depends on where a browser comes from.
    async fn picks_day(&self, name: &str, day: &str) -> Result<()> {
        let pick = "const box = document.getElementsByName(arguments[0])[0];
            box.value = arguments[1];
            box.dispatchEvent(new Event('input', { bubbles: true }))";
        self.client.execute(pick, vec![json!(name), json!(day)]).await?;
        ensure!(self.holds(name).await? == day, "{name} holds {day}");
        Ok(())
    }

    /// What stands in a field.
    async fn holds(&self, name: &str) -> Result<String> {
        Ok(self.find(&format!("[name='{name}']")).await?.prop("value").await?.unwrap_or_default())
    }

    /// Types down a column of the grid, from its first row on; Enter leads to the next row.
    async fn types_down(&self, first: &str, values: &[&str]) -> Result<()> {
        // Out of the way of the bar that stays in view, as hands would scroll.
        let scroll = "document.getElementsByName(arguments[0])[0].scrollIntoView({ block: 'center' })";
        self.client.execute(scroll, vec![json!(first)]).await?;
        self.find(&format!("[name='{first}']")).await?.click().await?;
        for (row, value) in values.iter().enumerate() {
            if row > 0 {
                self.key(ENTER).await?;
            }
            self.types(value).await?;
        }
        Ok(())
    }

    /// Looks at a page in both languages.
    async fn looks(&self, name: &str) -> Result<()> {
        self.look(name).await?;
        self.press("English").await?;
        self.look(&format!("en-{name}")).await?;
        self.press("中文").await
    }

    /// Prints the page into `target/screenshots` and returns how many sheets of paper that takes, and what is on them.
    async fn printed(&self, name: &str) -> Result<(usize, String)> {
        let print = json!({ "preferCSSPageSize": true, "printBackground": false });
        let printed = self.devtools("Page.printToPDF", print).await?;
        let pdf = BASE64_STANDARD.decode(printed["data"].as_str().context("a PDF")?)?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::write(folder.join(format!("{name}.pdf")), &pdf)?;
        let sheets = String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count();
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await?;
        let text = self.text("body").await?;
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).await?;
        Ok((sheets, text))
    }
}

/// What the township fills in at first: 30 + 5 of 120 万元 are 29.17 %, so that a reason is wanted.
async fn fills_in(town: &Browser) -> Result<()> {
    town.fill(&[("received", "约一百二十万")]).await?;
    town.comes_to_say("[data-notes='received']", "不是一个确定的数").await?;
    town.press("保存草稿").await?;
    town.says(".notice.bad", "没有保存").await?;
    town.says(".actbar", "1 处须更正").await?;
    town.look("form-fill-wrong").await?;
    town.fill(&[("received", "120")]).await?;
    town.picks_day("arrived_on", "2026-07-15").await?;
    let columns: [(&str, &[&str]); 4] = [
        ("roads.n1.route", &["Y001320581", "C017320581"]),
        ("roads.n1.length", &["12.5", "4.125"]),
        ("roads.n1.planned", &["60", "40"]),
        ("roads.n1.paid", &["30", "5"]),
    ];
    for (first, values) in columns {
        town.types_down(first, values).await?;
    }
    // While it is typed the rate follows, and the bar says what is still missing.
    town.comes_to_say("#at-rate", "29.17%").await?;
    town.comes_to_say("main", "请填写偏差原因").await?;
    town.comes_to_say(".actbar", "还差 2 处").await?;
    town.says(".actbar", "偏差原因").await?;
    town.says(".actbar", "填报人").await?;
    town.press("保存草稿").await?;
    town.says(".notice.good", "已保存").await?;
    town.says(".actbar", "还差 2 处").await?;
    town.looks("form-fill").await?;
    town.fill(&[("reason", "一处路段未验收，10 月支付"), ("clerk", "经办-001")]).await?;
    town.comes_to_say(".actbar", "已填齐").await?;
    hands_on(town).await
}

/// Saves what is on the form and sends it to the county.
async fn hands_on(town: &Browser) -> Result<()> {
    town.press("保存并送财政审核").await?;
    town.look("form-step").await?;
    town.press("送财政审核").await?;
    town.says(".notice.good", "已办理：送财政审核").await?;
    town.says(".actbar", "待县级财政办理，限 5 个工作日").await
}

/// A cell of the second row, whatever the row is called since it was saved.
async fn second_row(town: &Browser, column: &str) -> Result<String> {
    let rows = town.holds("roads.rows").await?;
    let second = rows.split(',').nth(1).context("a second row")?;
    Ok(format!("roads\\.{second}\\.{column}"))
}

/// The county's clerk fills in what the form asks the county for; the rest stays shut.
async fn gives_an_opinion(clerk: &Browser, document: &str) -> Result<()> {
    clerk.arrives(document, "5.375").await?;
    clerk.press("填写本级内容").await?;
    clerk.says("main", "只填写由县级财政填写的内容").await?;
    clerk.looks("form-fill-county").await?;
    clerk.fill(&[("opinion", "同意，村道里程已复核")]).await?;
    clerk.press("保存").await?;
    clerk.says(".notice.good", "已保存").await
}

/// The county approves what waits there.
async fn approves(county: &Browser, document: &str, waits: &str) -> Result<()> {
    county.arrives(document, waits).await?;
    county.press("批复").await?;
    county.press("批复").await?;
    county.says(".notice.good", "已办理：批复").await
}

/// The city asks for the form, the county reports it, and the figures stand under 汇总分析: received and paid in yuan.
async fn is_collected(ground: &Ground, city: &Browser, figures: &[&str]) -> Result<()> {
    let open = ["collect", "open", "--form", FORM, "--period", PERIOD, "--due", "2027-01-20"];
    ground.hub.run(&[&open[..], &["--by", "经办-001", "--approved-by", "审核-002"]].concat())?;
    let listed = ground.hub.ask(&["collect", "list"])?;
    let id = listed[0]["id"].as_str().with_context(|| format!("a collection: {listed}"))?.to_owned();
    let began = Instant::now();
    while !ground.county.ask(&["collections"])?.to_string().contains(&id) {
        ensure!(began.elapsed() < PATIENCE, "the collection does not come to the county");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ground.county.run(&["submit", &id, "--by", "审核-002", "--yes"])?;
    let analysis = format!("/analysis/{id}?by=documents.region");
    for figure in figures {
        city.arrives(&analysis, figure).await?;
    }
    city.look("form-analysis").await
}

/// The paper is one sheet of A4 with the form on it and nothing of the console.
async fn prints(town: &Browser) -> Result<()> {
    let (sheets, on_paper) = town.printed("form-document").await?;
    ensure!(sheets == 1, "it takes {sheets} sheets of paper");
    for words in [TITLE, "金额单位：万元", "Y001320581", "40.00%", "单位负责人"] {
        ensure!(on_paper.contains(words), "{words:?} is not on the paper: {on_paper}");
    }
    for words in ["退出", "English", "办理记录", "返回列表", "填表说明", "申请调整", "已批复"] {
        ensure!(!on_paper.contains(words), "{words:?} of the console is on the paper: {on_paper}");
    }
    Ok(())
}

/// From an empty form to the city's figures: filled in with the keyboard, told what is wrong and missing while typing,
/// handed on, given back with a reason, corrected, approved, closed, adjusted as a second version, printed, collected.
#[tokio::test(flavor = "multi_thread")]
async fn filled_in_approved_and_collected() -> Result<()> {
    if Browser::open("http://127.0.0.1").await?.is_none() {
        return Ok(());
    }
    let ground = Ground::found()?;
    let [city, county, town] = &ground.running;
    let Some(town) = Browser::open(&town.page).await? else { return Ok(()) };
    let Some(county) = Browser::open(&county.page).await? else { return Ok(()) };
    let Some(city) = Browser::open(&city.page).await? else { return Ok(()) };
    let Some(clerk) = Browser::open(&ground.running[1].page).await? else { return Ok(()) };
    for (browser, person) in [(&town, &CLERK), (&clerk, &CLERK), (&county, &APPROVER), (&city, &READER)] {
        browser.goto("/").await?;
        browser.sign_in(person).await?;
    }

    town.arrives("/forms", TITLE).await?;
    town.looks("forms").await?;
    town.press(TITLE).await?;
    town.look("form-list-empty").await?;
    town.press("填表说明").await?;
    town.looks("form-help").await?;
    town.goto(&format!("/forms/{FORM}")).await?;
    town.press("新建").await?;
    town.look("form-new").await?;
    town.choose("period", PERIOD).await?;
    town.press("开始填写").await?;
    let edit = town.path().await?;
    let document = edit.trim_end_matches("/edit").to_owned();
    town.look("form-fill-blank").await?;
    fills_in(&town).await.context("filling it in")?;
    town.looks("form-document").await?;
    town.goto(&edit).await?;
    town.says("main", "财政审核").await?;
    town.look("form-closed").await?;

    county.arrives(&format!("/forms/{FORM}"), "财政审核").await?;
    county.look("form-list").await?;
    county.goto(&document).await?;
    county.look("form-document-to-approve").await?;
    county.press("退回").await?;
    county.fill(&[("reason", "村道里程请复核")]).await?;
    county.look("form-step-return").await?;
    county.press("退回").await?;
    county.says(".notice.good", "已办理：退回").await?;

    town.arrives(&document, "村道里程请复核").await?;
    town.look("form-document-returned").await?;
    town.press("填写").await?;
    town.fill(&[(&second_row(&town, "length").await?, "5.375")]).await?;
    hands_on(&town).await.context("handing it on again")?;
    gives_an_opinion(&clerk, &document).await.context("the county's part")?;
    approves(&county, &document, "5.375").await?;

    // What is approved is closed, until it is adjusted as a version of its own.
    town.arrives(&document, "已批复").await?;
    town.says("main", "同意，村道里程已复核").await?;
    town.goto(&edit).await?;
    town.says("h1", "不能填写").await?;
    town.goto(&document).await?;
    town.press("申请调整").await?;
    town.fill(&[("reason", "追加资金")]).await?;
    town.press("申请调整").await?;
    town.says("main", "第 2 版").await?;
    town.press("填写").await?;
    town.fill(&[("received", "150"), (&second_row(&town, "paid").await?, "30")]).await?;
    town.comes_to_say("#at-rate", "40.00%").await?;
    hands_on(&town).await.context("handing the adjustment on")?;
    approves(&county, &document, "40.00%").await?;
    town.arrives(&document, "已批复").await?;
    town.look("form-document-approved").await?;
    prints(&town).await?;
    is_collected(&ground, &city, &["1,500,000.00", "600,000.00"]).await
}
