//! The whole way in the browser, as a finance office walks it: the city publishes an indicator, a county finds it, puts
//! it into a project's goal, evaluates the project, reports, and the city finds the figure in its roll-up.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tongpin_tests::demo::{self, DataFolder};
use tongpin_tests::process::{Bureau, Program, Running};

use crate::driver::Browser;
use crate::office_year::{APPROVER, CLERK, PUBLISHER};

const COUNTY: &str = "320506";
const PROJECT: &str = "32050624T000000000101";

/// The city and one county of the samples, with scores and an open collection.
struct Ground {
    city: Running,
    county: Running,
    hub: Bureau,
    _folder: TempDir,
}

fn ground() -> Result<Ground> {
    let folder = tempfile::tempdir()?;
    let data = DataFolder::read(demo::samples())?;
    let hub = Bureau::new(Program::Hub, folder.path(), "hub");
    hub.run(&["init", "--region", "320500", "--name", "苏州市"])?;
    let city = hub.serve()?;
    for (catalog, file) in
        [("regions", "regions.csv"), ("rules", "rules.toml"), ("indicators", "indicators.csv"), ("funds", "funds.csv")]
    {
        hub.run(&["import", catalog, path(&data.file(file))?, "--by", "经办-001"])?;
        hub.run(&["publish", catalog, "--by", "审核-002", "--yes"])?;
    }
    let node = Bureau::new(Program::Node, folder.path(), COUNTY);
    let invited = hub.ask(&["invite", COUNTY, "--address", &city.listen, "--by", "经办-001"])?;
    node.run(&["join", invited["token"].as_str().context("a token")?])?;
    let county = node.serve()?;
    let open = ["collect", "open", "--template", "county-scores", "--period", "2024", "--due", "2099-03-31"];
    hub.run(&[&open[..], &["--by", "经办-001", "--approved-by", "审核-002"]].concat())?;
    hub.run(&["wait", "--timeout", "120"])?;
    let own = data.counties.iter().find(|own| own.code == COUNTY).context("the county of the samples")?;
    let (projects, lines) = data.write_entries(own, folder.path())?;
    node.run(&["import", "projects", path(&projects)?, "--indicators", path(&lines)?])?;
    node.run(&["score"])?;
    for (bureau, person, duty) in [
        (&hub, &CLERK, "enter"),
        (&hub, &APPROVER, "approve"),
        (&hub, &PUBLISHER, "publish"),
        (&node, &CLERK, "enter"),
        (&node, &APPROVER, "approve"),
    ] {
        let add = ["account", "add", person.name, "--display", person.display_name, "--duties", duty];
        bureau.run_told(&[&add[..], &["--password-stdin"]].concat(), person.password)?;
    }
    Ok(Ground { city, county, hub, _folder: folder })
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}

/// From a new indicator to the figure in the city's roll-up, without a command.
///
/// By hand: line 1 weighs 10 in place of 20 and scores (1 − 3/115) × 10 = 9.74; the new line reaches 150 of 200, 7.50
/// of 10; lines 2 to 6 keep 10.79 + 8.16 + 10.63 + 16.45 + 9.61 = 55.64; with 10.00 for execution that is 82.88, 良.
/// The county's weighted score goes from 87.66 to 86.67: 26,795,829.28 of 61,095,702.93 yuan lose 2.24 points.
#[tokio::test(flavor = "multi_thread")]
async fn from_an_indicator_to_the_roll_up() -> Result<()> {
    if Browser::open("http://127.0.0.1").await?.is_none() {
        return Ok(());
    }
    let ground = ground()?;
    let Some(city) = Browser::open(&ground.city.page).await? else { return Ok(()) };
    let Some(county) = Browser::open(&ground.county.page).await? else { return Ok(()) };
    publish(&city).await.context("publishing")?;
    ground.hub.run(&["wait", "--timeout", "60"])?;
    enter(&county).await.context("at the county")?;
    report(&county).await.context("reporting")?;
    for _ in 0..100 {
        if ground.hub.ask(&["collect", "show", "county-scores"])?.to_string().contains("accepted") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    city.goto("/analysis/county-scores").await?;
    city.says("tbody", "86.67").await?;
    city.look("analysis-scores").await?;
    city.goto(&format!("/collections/county-scores/reports/{COUNTY}")).await?;
    city.look("report").await?;
    give_back(&city).await.context("giving back")?;
    correct(&county).await.context("correcting")?;
    for _ in 0..100 {
        city.goto(&format!("/collections/county-scores/reports/{COUNTY}")).await?;
        if city.text("main").await?.contains("第 2 次") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    city.says("main", "与前一次上报相比").await?;
    city.look("report-corrected").await?;
    city.goto("/analysis/county-scores").await?;
    city.says("tbody", "87.77").await
}

/// An officer of the city finds something wrong and gives the report back.
async fn give_back(city: &Browser) -> Result<()> {
    city.press("退出").await?;
    city.sign_in(&APPROVER).await?;
    city.goto(&format!("/collections/county-scores/reports/{COUNTY}")).await?;
    city.fill(&[("reason", "体检车服务人次与年报不一致，请核对")]).await?;
    city.check("sure-return").await?;
    city.look("report-give-back").await?;
    city.press("退回").await?;
    city.says(".notice.good", "已退回").await?;
    city.look("report-given-back").await
}

/// The county reads why, corrects the figure and reports again.
async fn correct(county: &Browser) -> Result<()> {
    county.press("退出").await?;
    county.sign_in(&CLERK).await?;
    for _ in 0..100 {
        county.goto("/").await?;
        if county.text("main").await?.contains("被退回") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    county.says("main", "体检车服务人次与年报不一致").await?;
    county.look("county-returned").await?;
    county.goto(&format!("/projects/{PROJECT}/evaluation")).await?;
    county.fill_line(7, "actual", "200").await?;
    county.fill_line(7, "deviation_reason", "").await?;
    county.press("保存").await?;
    county.says(".notice.good", "保存").await?;
    county.press("退出").await?;
    county.sign_in(&APPROVER).await?;
    county.goto("/collections/county-scores").await?;
    county.check("confirm-1").await?;
    county.press("上报（第 2 次）").await
}

/// A clerk drafts the indicator, another person publishes it.
async fn publish(city: &Browser) -> Result<()> {
    city.goto("/").await?;
    city.sign_in(&CLERK).await?;
    city.look("hub-overview").await?;
    city.goto("/catalogs/indicators/new").await?;
    city.look("indicator-new").await?;
    city.fill(&[("code", "WJ-21-099"), ("department", "卫生健康委员会"), ("name", "流动体检车服务人次")]).await?;
    city.fill(&[("unit", "人次"), ("typical_target", "200")]).await?;
    for (name, value) in [
        ("level1", "产出"),
        ("level2", "数量"),
        ("nature", "≥"),
        ("direction", "正向"),
        ("rule_type", "PROP_UP"),
        ("agg_method", "累加"),
    ] {
        city.choose(name, value).await?;
    }
    city.press("检查并存入草稿").await?;
    city.look("indicator-drafted").await?;
    city.press("退出").await?;

    city.sign_in(&PUBLISHER).await?;
    city.goto("/catalogs/indicators/publish").await?;
    city.says("main", "流动体检车服务人次").await?;
    city.look("indicators-publish").await?;
    city.check("sure-publish").await?;
    city.press("发布").await?;
    city.says(".notice.good", "第 2 版").await
}

/// The clerk finds the indicator, puts it into the goal, and evaluates.
async fn enter(county: &Browser) -> Result<()> {
    county.goto("/").await?;
    county.sign_in(&CLERK).await?;
    county.look("county-overview").await?;
    county.goto("/guidance/indicators?q=流动体检车").await?;
    county.says("tbody", "WJ-21-099").await?;
    county.look("library").await?;
    for (address, name) in [
        ("/projects", "projects"),
        ("/import", "import"),
        ("/scores", "scores"),
        ("/guidance/rules", "guidance-rules"),
        ("/townships", "townships"),
        ("/questions", "questions"),
    ] {
        county.goto(address).await?;
        county.look(name).await?;
    }
    county.goto(&format!("/projects/{PROJECT}")).await?;
    county.look("project").await?;
    county.goto(&format!("/projects/{PROJECT}/goal")).await?;
    county.look("goal").await?;
    county.goto(&format!("/projects/{PROJECT}/goal/indicators?q=流动体检车")).await?;
    county.look("goal-indicators").await?;
    county.press("选用").await?;
    county.fill(&[("weight-1", "10"), ("target-7", "200"), ("weight-7", "10")]).await?;
    county.press("保存").await?;
    county.says("main", "权重合计 90").await?;

    county.goto(&format!("/projects/{PROJECT}/evaluation")).await?;
    county.fill_line(7, "actual", "150").await?;
    county.fill_line(7, "deviation_reason", "车辆年中到位").await?;
    county.fill(&[("achieved", "体检车年中到位，服务 150 人次")]).await?;
    // The figures follow as one types.
    county.comes_to_say(".actbar .total", "82.88").await?;
    county.look("evaluation").await?;
    county.press("保存").await?;
    county.says(".notice.good", "保存").await?;
    county.press("退出").await
}

/// Another person looks at what would leave, and reports it.
async fn report(county: &Browser) -> Result<()> {
    county.sign_in(&APPROVER).await?;
    county.goto("/collections/county-scores").await?;
    county.look("collection-preview").await?;
    county.check("confirm-1").await?;
    county.press("上报（第 1 次）").await?;
    let said = county.text("main").await?;
    ensure!(said.contains("第 1 次"), "it was reported: {said}");
    county.look("reported").await
}
