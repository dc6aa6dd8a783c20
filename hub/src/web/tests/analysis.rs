//! Shows that the analysis has the figures of the samples' expected files, ranks nobody who is covered too little, says
//! which dimensions cannot be had, and leads from every figure down to the reports behind it.

use tongpin_domain::partial::Partial;

use super::counties::{County, code, report, sample, scored};
use super::*;

/// All ten counties have answered this collection.
async fn reported(ground: &Ground, id: &str) {
    let asked = ground.collection(id).await;
    for (region, projects) in scored() {
        let county = County::join(ground, &region).await;
        county.reports(ground, &report(&asked, &region, &projects)).await;
    }
}

/// The cells of the row that begins with a name, from an exported list.
fn row<'a>(file: &'a str, name: &str) -> Vec<&'a str> {
    let line = file.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| unreachable!("{name} in {file}"));
    line.split(',').collect()
}

/// Scores first: the file of the command byte for byte; 昆山 and 太仓, below 80 % of their budget, have no rank; the year
/// before stands beside; every county leads to its arithmetic and its report.
#[tokio::test]
async fn counties_by_their_scores() {
    let ground = Ground::new().await;
    let before = sample("collections/county-scores.toml").replace("2024", "2023").replace("2025-03", "2024-03");
    let before = before.replace("id = \"county-scores\"", "id = \"county-scores-2023\"");
    let now = sample("collections/county-scores.toml");
    ground.guided(&[("a.toml", now), ("b.toml", before)]).await;
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    let (_, shown) = reader.open("/analysis/county-scores").await;
    assert!(shown.contains("尚无上报") && !shown.contains("没有上一年度"), "{shown}");
    reported(&ground, "county-scores").await;
    // The year before 常熟 had 100 yuan of budget with a score of 90: this year's 97.72 is 7.72 more.
    let (asked, region) = (ground.collection("county-scores-2023").await, code("320581"));
    let mut last = report(&asked, &region, &[]);
    let projects = scored().remove(&region).expect("projects");
    last.tables = report(&ground.collection("county-scores").await, &region, &projects).tables;
    let score = Partial::Weighted { weight: 10_000.into(), weighted: 900_000.into() };
    last.tables[0].answer.groups[0].measures.insert("score_by_budget".into(), score);
    County::join(&ground, &region).await.reports(&ground, &last).await;

    let (_, file) = reader.open("/analysis/county-scores/rollup.csv").await;
    assert_eq!(file, format!("\u{feff}{}", sample("expected_rollup_region.csv")));
    let (_, shown) = reader.open("/analysis/county-scores").await;
    for told in [
        "先评分后加权",
        "应报 10 个，已报 10 个",
        "预算覆盖率低于 80% 的区县不排名",
        "84.49（不排名）",
        "与上年比较：2023年度",
        "区县评级分布",
        "优 ≥90",
        "不能按专项资金、主管部门、预算本、指标汇总",
        "data-print",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let (_, file) = reader.open("/analysis/county-scores?format=csv&sort=-score").await;
    assert_eq!(row(&file, "姑苏区")[1..3], ["1", "6"]);
    assert_eq!(
        (row(&file, "昆山市")[1], *row(&file, "昆山市").iter().nth_back(1).expect("a note")),
        ("—", "覆盖率不足，不排名")
    );
    assert_eq!(row(&file, "常熟市")[6..10], ["97.72", "优", "90.00", "+7.72"]);
    assert_eq!(file.lines().nth(1).map(|line| line.starts_with("姑苏区")), Some(true), "{file}");
    assert!(file.lines().last().is_some_and(|line| line.starts_with("苏州市")), "the city stays below: {file}");

    let (status, shown) = reader.open("/analysis/county-scores/explain?figure=320583").await;
    assert_eq!(status, 200);
    for told in [
        "68043550.81 ÷ 96542918.48 = 70.48%",
        "低于 80%，不参加排名",
        "签名有效",
        "/collections/county-scores/reports/320583?revision=1",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(reader.open("/analysis/county-scores/explain?figure=330100").await.0, 422);
    assert!(reader.open("/analysis").await.1.contains("/analysis/county-scores-2023"));
    let nobody = ground.reader("xitong", &[Duty::System]).await;
    for page in [
        "/analysis",
        "/analysis/county-scores",
        "/analysis/county-scores/explain?figure=320583",
        "/analysis/county-scores/rollup.csv",
    ] {
        assert_eq!(nobody.open(page).await.0, 403, "{page}");
    }
}

/// Values first: the file of the command byte for byte, one fund apart, and the same reports put together by fund and
/// by county. 公办学校扩容: 42614899.87 ÷ 54116145.11 = 78.75 %.
#[tokio::test]
async fn funds_and_their_dimensions() {
    let ground = Ground::new().await;
    ground.guided(&[("fund.toml", sample("collections/fund-indicators.toml"))]).await;
    reported(&ground, "fund-indicators").await;
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    let (_, file) = reader.open("/analysis/fund-indicators/rollup.csv").await;
    assert_eq!(file, format!("\u{feff}{}", sample("expected_rollup_fund.csv")));
    let (_, shown) = reader.open("/analysis/fund-indicators?fund=ZX2024-01").await;
    assert!(shown.contains("去掉条件 专项：ZX2024-01"), "{shown}");
    for told in [
        "先汇总后评分",
        "公办学校扩容与校舍安全补助资金",
        "新增公办学位数",
        "8,292.0000",
        "各指标得分率",
        "没有上一年度的同一归集任务",
        "不能按主管部门、预算本汇总",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(!shown.contains("基本公共卫生服务项目") && shown.contains("figure=ZX2024-01%2FJY-21-001"), "{shown}");
    let (status, shown) = reader.open("/analysis/fund-indicators/explain?figure=ZX2024-01%2FEXEC").await;
    assert!(status == 200 && shown.contains("54116145.11") && shown.contains("签名有效"), "{shown}");

    let (_, file) = reader.open("/analysis/fund-indicators?by=funds.fund_code&format=csv").await;
    let fund = row(&file, "公办学校扩容");
    assert_eq!(fund[1..2], ["ZX2024-01"]);
    assert_eq!(fund[4..7], ["54116145.11", "42614899.87", "78.75"]);
    let (_, shown) = reader.open("/analysis/fund-indicators?by=funds.fund_code").await;
    assert!(shown.contains(">54,116,145.11</td>") && shown.contains(">ZX2024-01</td>"), "{shown}");
    let (status, shown) = reader.open("/analysis/fund-indicators?by=funds.region").await;
    assert!(status == 200 && shown.contains("昆山市") && shown.contains("by=funds.region&amp;key=320583"), "{shown}");
    let (status, shown) = reader.open("/analysis/fund-indicators/explain?by=funds.region&key=320583").await;
    assert!(status == 200 && shown.contains("各单位合并为") && shown.contains("昆山市 第 1 次上报"), "{shown}");
    assert!(!shown.contains("太仓市 第 1 次上报"), "only its own report went in: {shown}");
    let (status, shown) = reader.open("/analysis/fund-indicators/explain?by=funds.region&key=x").await;
    assert!(status == 422 && shown.contains("汇总中没有“x”"), "{shown}");
}

/// While nothing was collected the page says where to begin; what cannot be rolled up yet says what is missing, in the
/// words of a page.
#[tokio::test]
async fn nothing_to_analyse() {
    let ground = Ground::new().await;
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    let (status, shown) = reader.open("/analysis").await;
    assert!(status == 200 && shown.contains("还没有归集任务") && shown.contains("href=\"/collections\""), "{shown}");
    assert_eq!(reader.open("/analysis/unknown").await.0, 422);
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let officer = ground.reader("fabu", &[Duty::Publish]).await;
    let file = sample("collections/county-scores.toml");
    clerk.import("collections", "county-scores.toml", &file).await;
    officer.send("/catalogs/collections/publish", &[("sure", "1")]).await;
    let (status, shown) = reader.open("/analysis/county-scores").await;
    assert!(status == 200 && shown.contains("请先在“目录发布”中导入"), "{shown}");
    assert_eq!(reader.open("/analysis/county-scores/rollup.csv").await.0, 422);
}

/// A report that was accepted before figures were weighed, with 7e28 fen of budget, is left out by name and with the
/// reason; every other county keeps its figures and its line, and the city's is the sum of them.
#[tokio::test]
async fn a_report_that_cannot_be_true() {
    let ground = Ground::new().await;
    ground.guided(&[("a.toml", sample("collections/county-scores.toml"))]).await;
    let asked = ground.collection("county-scores").await;
    for (region, projects) in scored() {
        let mut told = report(&asked, &region, &projects);
        if region == code("320581") {
            let budget = Partial::Sum("70000000000000000000000000000".parse().expect("a decimal"));
            told.tables[0].answer.groups[0].measures.insert("budget".into(), budget);
        }
        County::join(&ground, &region).await.reports(&ground, &told).await;
    }
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    let (_, file) = reader.open("/analysis/county-scores/rollup.csv").await;
    let expected = format!("\u{feff}{}", sample("expected_rollup_region.csv"));
    let (kept, all): (Vec<&str>, Vec<&str>) = (file.lines().collect(), expected.lines().collect());
    assert_eq!(kept.len(), all.len(), "{file}");
    for (line, sound) in kept.iter().zip(&all).filter(|(_, sound)| !sound.starts_with("320581")).take(10) {
        assert_eq!(line, sound);
    }
    assert!(file.contains("320581,常熟市,,,"), "no figures of it: {file}");
    let (_, shown) = reader.open("/analysis/county-scores").await;
    for told in ["应报 10 个，已报 9 个", "未计入：常熟市", "应在 0 至 10000000000000000 之间", "已上报，未计入"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let (_, shown) = reader.open("/collections/county-scores").await;
    assert!(shown.contains("已报，未计入汇总"), "{shown}");
}

/// A report that was accepted before its rules were looked for, and names some that nobody has published, is left out
/// by name as well: neither the roll-up nor the page fails for it.
#[tokio::test]
async fn rules_that_nobody_published() {
    let ground = Ground::new().await;
    ground.guided(&[("a.toml", sample("collections/county-scores.toml"))]).await;
    let asked = ground.collection("county-scores").await;
    for (region, projects) in scored() {
        let mut told = report(&asked, &region, &projects);
        match region.as_str() {
            "320581" => told.rules[0].key = "another".into(),
            "320582" => told.rules[0].release = 7,
            _ => {}
        }
        County::join(&ground, &region).await.reports(&ground, &told).await;
    }
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    let (status, file) = reader.open("/analysis/county-scores/rollup.csv").await;
    assert_eq!(status, 200, "{file}");
    let expected = format!("\u{feff}{}", sample("expected_rollup_region.csv"));
    let others = ["320505", "320506", "320507", "320508", "320509", "320576", "320583", "320585"];
    let mut sound = 0;
    for line in expected.lines().filter(|line| others.iter().any(|code| line.starts_with(code))) {
        assert!(file.lines().any(|kept| kept == line), "{line} in {file}");
        sound += 1;
    }
    assert_eq!(sound, 8);
    let (status, shown) = reader.open("/analysis/county-scores").await;
    assert_eq!(status, 200);
    for told in
        ["应报 10 个，已报 8 个", "常熟市", "“another”（320500 发布）第 1 版中没有", "张家港市", "第 7 版不存在"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
}
