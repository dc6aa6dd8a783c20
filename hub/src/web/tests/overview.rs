//! Shows the city's first page and a county's own page.

use super::*;

/// A draft is named with the page where it is published; the counties stand on the map, each leading to its page; who
/// administers sees no drafts. An address of no county says so.
#[tokio::test]
async fn drafts_and_counties() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let (_, empty) = clerk.open("/").await;
    assert!(empty.contains("还没有单位加入") && !empty.contains("class=\"map\""), "{empty}");
    clerk.import("regions", "regions.csv", REGIONS).await;
    let (_, shown) = clerk.open("/").await;
    assert!(shown.contains("目录“区划”的草稿（2 条，经办 jingban岗（jingban））等待另一人审核发布"), "{shown}");
    assert!(shown.contains(r#"<a href="/catalogs/regions">核对并发布</a>"#));
    let admin = ground.reader("xitong", &[Duty::System]).await;
    assert!(!admin.open("/").await.1.contains("的草稿"));

    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    publisher.send("/catalogs/regions/publish", &[("sure", "1")]).await;
    let (_, shown) = clerk.open("/").await;
    assert!(!shown.contains("等待另一人审核发布") && shown.contains("class=\"map\""), "{shown}");
    assert!(shown.contains("--column:2;--row:1") && shown.contains(r#"href="/nodes/320581""#), "{shown}");

    admin.send("/nodes/invite", &[("region", "320581"), ("address", "10.0.0.1:7401"), ("days", "7")]).await;
    let (status, refused) = admin.send("/nodes/invite", &[("region", "x"), ("address", "y"), ("days", "7")]).await;
    let leads =
        |page: &str| page.contains(r#"action="/nodes" role="search""#) && page.contains(r#"href="/nodes?sort="#);
    assert!(status == 422 && leads(&refused), "the list leads from its own address: {refused}");
    let (status, shown) = admin.open("/nodes/320581").await;
    assert!(status == 200 && shown.contains("已邀请，未加入") && shown.contains("常熟市"), "{shown}");
    assert!(!shown.contains("要求它上报"), "an administrator does no work");
    assert!(clerk.open("/nodes/320581").await.1.contains("没有要求它上报的归集任务"));
    for unknown in ["320582", "320500", "x"] {
        assert_eq!(clerk.open(&format!("/nodes/{unknown}")).await.0, 404, "{unknown}");
    }
}

/// A collection that is overdue is named with who is missing, and the county's tile counts it.
#[tokio::test]
async fn overdue_collections() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let officer = ground.reader("shenhe", &[Duty::Approve, Duty::Publish]).await;
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/collections/county-scores.toml");
    let collection = std::fs::read_to_string(samples).expect("a sample");
    for (catalog, file, content) in
        [("regions", "regions.csv", REGIONS), ("collections", "county-scores.toml", &collection)]
    {
        clerk.import(catalog, file, content).await;
        let (status, shown) = officer.send(&format!("/catalogs/{catalog}/publish"), &[("sure", "1")]).await;
        assert_eq!(status, 303, "{shown}");
    }
    let (_, shown) = officer.open("/").await;
    assert!(shown.contains("已过截止日期") && shown.contains("还有 1 个单位未报：常熟市"), "{shown}");
    assert!(shown.contains(r#"<a href="/collections/county-scores">查看并催报</a>"#));
    assert!(shown.contains("应报 1，已报 0") && shown.contains(r#"<span class="mark bad">逾期 1</span>"#), "{shown}");
    let (_, county) = officer.open("/nodes/320581").await;
    assert!(county.contains("逾期未报") && county.contains(r#"href="/collections/county-scores""#), "{county}");
}
