//! Shows who drafts and opens collections, how a report that was given back stands beside its correction, what its
//! signature rests on, and closing with a reason.

use super::counties::{County, code, report, sample, scored};
use super::*;

/// Which draft a page shows, as its form says it.
fn shown_draft(page: &str) -> String {
    let rest = page.split("name=\"draft\" value=\"").nth(1).expect("the field");
    rest.split('"').next().unwrap_or_default().to_owned()
}

const FORM: [(&str, &str); 7] = [
    ("base", "county-scores"),
    ("id", "county-scores-2025"),
    ("title", "2025年度<script>自评</script>得分"),
    ("period", "2025"),
    ("due", "2099-03-31"),
    ("scope", "all"),
    ("smallest", "2"),
];

/// One drafts from a template and sees what the counties would be asked; the same one cannot open it, whoever read an
/// older draft neither, another can; what was typed is text and not part of the page.
#[tokio::test]
async fn drafted_by_one_and_opened_by_another() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter, Duty::Publish]).await;
    let officer = ground.reader("fabu", &[Duty::Publish]).await;
    assert!(clerk.open("/collections").await.1.contains("新建归集任务"));
    assert!(!officer.open("/collections").await.1.contains("href=\"/collections/new\""));
    assert!(clerk.open("/collections/new").await.1.contains("自行设计"));
    let (status, shown) = clerk.open("/collections/new?template=county-scores").await;
    assert!(status == 200 && shown.contains("区县会看到什么") && shown.contains("出域约定"), "{shown}");
    let (status, shown) = clerk.send("/collections/new/preview", &FORM).await;
    assert!(status == 200 && shown.starts_with("<div id=\"preview\">") && shown.contains("少于 2 的分组"), "{shown}");
    let mut preview = FORM.to_vec();
    preview.push(("step", "preview"));
    let (status, shown) = clerk.send("/collections/new", &preview).await;
    assert!(status == 200 && shown.contains("先评分后加权") && shown.contains("value=\"2099-03-31\""), "{shown}");
    assert!(clerk.open("/collections/draft").await.1.contains("没有待审核"), "a preview drafts nothing");

    assert_eq!(clerk.send("/collections/new", &FORM).await.0, 303);
    let (_, shown) = clerk.open("/collections/draft").await;
    assert!(shown.contains("&lt;script&gt;自评") && !shown.contains("<script>自评"), "{shown}");
    let first = shown_draft(&shown);
    let (status, shown) = clerk.send("/collections/draft/open", &[("draft", &first), ("sure", "1")]).await;
    assert!(status == 422 && shown.contains("须由另一人审核发布"), "{shown}");
    let (status, _) = officer.send("/collections/draft/open", &[("draft", &first)]).await;
    assert_eq!(status, 422, "it must be meant");
    let (status, shown) = officer.send("/collections/draft/open", &[("draft", "17"), ("sure", "1")]).await;
    assert!(status == 422 && shown.contains("核对之后有改动"), "{shown}");
    let (status, shown) = officer.send("/collections/draft/open", &[("draft", &first), ("sure", "1")]).await;
    assert!(status == 303 && shown.contains("随第 1 版发布"), "{shown}");
    let opened = ground.collection("county-scores-2025").await;
    assert_eq!((opened.period.as_str(), opened.smallest_group), ("2025", 2));
    let logged = ground.logged("collection_open").await;
    assert_eq!(
        logged.iter().map(|it| (it.0.as_str(), it.2)).collect::<Vec<_>>(),
        [("jingban", false), ("fabu", false), ("fabu", true)]
    );
    let (_, shown) = officer.open("/collections?q=2025&state=open").await;
    assert!(shown.contains("/collections/county-scores-2025"), "{shown}");
    assert!(!officer.open("/collections?state=closed").await.1.contains("/collections/county-scores-2025"));
}

/// Every mistake is told at its field and nothing typed is lost; a period's id is not taken from another; only who
/// enters drafts, and an unknown template leads to the choice.
#[tokio::test]
async fn mistakes_in_a_new_collection() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let wrong = [
        ("base", "own"),
        ("id", "New"),
        ("title", "部门预算执行"),
        ("period", "今年"),
        ("due", ""),
        ("scope", "some"),
        ("smallest", "0"),
        ("measure_1", "预算"),
        ("kind_1", "sum"),
        ("filter_field_1", "total_score"),
        ("filter_test_1", "at_least"),
        ("filter_value_1", "高"),
    ];
    let (status, shown) = clerk.send("/collections/new", &wrong).await;
    assert_eq!(status, 422);
    for told in [
        "应为小写字母、数字和连字符",
        "应以四位预算年度开头",
        "请填写截止日期",
        "请勾选至少一个单位",
        "应为 1 至 10000 的整数",
        "请选择哪个字段",
        "应为数，如 60",
        "value=\"部门预算执行\"",
        "value=\"高\"",
    ] {
        assert!(shown.contains(told), "{told}");
    }
    let mut day = FORM;
    day[4] = ("due", "2099-02-30");
    let (status, shown) = clerk.send("/collections/new", &day).await;
    assert!(status == 422 && shown.contains("应为实有的日期"), "{shown}");
    ground.guided(&[("county-scores.toml", sample("collections/county-scores.toml"))]).await;
    let mut taken = FORM;
    taken[1] = ("id", "county-scores");
    let (status, shown) = clerk.send("/collections/new", &taken).await;
    assert!(status == 422 && shown.contains("已用于期间 2024"), "{shown}");
    assert_eq!(ground.logged("collection_draft").await, []);

    let reader = ground.reader("chakan", &[Duty::Read, Duty::Approve]).await;
    assert_eq!(reader.open("/collections/new").await.0, 403);
    assert_eq!(reader.send("/collections/new", &FORM).await.0, 403);
    assert_eq!(reader.send("/collections/draft/open", &[("draft", "1"), ("sure", "1")]).await.0, 403);
    assert!(clerk.open("/collections/new?template=x").await.1.contains("用模板"));
    assert_eq!(clerk.open("/collections/new?from=unknown").await.0, 422);
}

/// A table of one's own making is grouped and limited as it was filled in; what the counties' contract refuses is told
/// before it is drafted, and a draft can be given up.
#[tokio::test]
async fn a_table_of_ones_own() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let officer = ground.reader("fabu", &[Duty::Publish]).await;
    let own = [
        ("base", "own"),
        ("id", "by-department"),
        ("title", "部门预算执行"),
        ("period", "2024"),
        ("due", "2099-03-31"),
        ("scope", "all"),
        ("smallest", "1"),
        ("records", "projects"),
        ("group", "department"),
        ("group", "category"),
        ("filter_field_1", "fund_code"),
        ("filter_test_1", "present"),
        ("measure_1", "预算"),
        ("kind_1", "sum"),
        ("field_1", "budget_fen"),
        ("only_1", "scored"),
        ("measure_3", "分布"),
        ("kind_3", "histogram"),
        ("field_3", "total_score"),
        ("edges_3", "60、80"),
    ];
    let (_, shown) = clerk.send("/collections/new/preview", &own).await;
    for told in ["按主管部门、项目类别分组", "专项资金代码已填且可用", "分界 60、80", "区县按默认的出域约定不会应答"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let own: Vec<_> = own.into_iter().filter(|field| *field != ("group", "category")).collect();
    assert!(!clerk.send("/collections/new/preview", &own).await.1.contains("不会应答"));
    assert_eq!(clerk.send("/collections/new", &own).await.0, 303);
    let (_, shown) = officer.open("/collections/draft").await;
    officer.send("/collections/draft/open", &[("draft", &shown_draft(&shown)), ("sure", "1")]).await;
    let opened = ground.collection("by-department").await;
    let table = opened.table("own").expect("the table");
    assert_eq!((table.group_by.as_slice(), table.filter.len()), (["department".to_owned()].as_slice(), 1));
    let measures: Vec<_> = table.measures.iter().map(|measure| (&*measure.id, measure.conditions.len())).collect();
    assert_eq!(measures, [("m1", 1), ("m3", 0)]);

    assert_eq!(clerk.send("/collections/new", &FORM).await.0, 303);
    assert_eq!(clerk.send("/collections/draft/discard", &[]).await.0, 422);
    let seen = hidden(&clerk.open("/collections/draft").await.1, "drafted");
    assert_eq!(clerk.send("/collections/draft/discard", &[("sure", "1"), ("drafted", &seen)]).await.0, 303);
    assert!(clerk.open("/collections/draft").await.1.contains("没有待审核"));
}

/// A report is given back with a reason and comes again: both revisions with their receipts, every figure beside the
/// one before with its difference, and a signature that holds; content that was changed afterwards is found out.
#[tokio::test]
async fn given_back_and_reported_again() {
    let ground = Ground::new().await;
    ground.guided(&[("county-scores.toml", sample("collections/county-scores.toml"))]).await;
    let officer = ground.reader("shenhe", &[Duty::Approve]).await;
    let (asked, region) = (ground.collection("county-scores").await, code("320581"));
    let county = County::join(&ground, &region).await;
    let projects = scored().remove(&region).expect("projects");
    let page = "/collections/county-scores/reports/320581";
    assert_eq!(officer.open(page).await.0, 404);
    let first = report(&asked, &region, &projects);
    county.reports(&ground, &first).await;
    let (status, shown) = officer.open(page).await;
    assert!(status == 200 && shown.contains("已接收，计入汇总") && shown.contains("签名有效"), "{shown}");
    assert!(shown.contains("这是第一次上报") && shown.contains("回执 1：“county-scores”第 1 次上报已接收"), "{shown}");

    let given = [("report", "320581/1"), ("reason", "少了<b>一个</b>项目"), ("sure", "1")];
    assert_eq!(officer.send("/collections/county-scores/return", &given).await.0, 303);
    let (_, shown) = officer.open(page).await;
    assert!(shown.contains("不计入汇总：少了&lt;b&gt;一个") && shown.contains("回执 2"), "{shown}");
    // Without its last project the county has 5 of its 6 projects.
    let last = projects.len() - 1;
    let mut second = report(&asked, &region, &projects[..last]);
    let held = ground.app.store().received_all("county-scores").await.expect("readable");
    (second.revision, second.replaces) = (2, held[0].digest);
    county.reports(&ground, &second).await;
    let (_, shown) = officer.open(page).await;
    for told in ["第 2 次", "正在查看", "href=\"?revision=1\"", "回执 3", "<strong>-1</strong>", "通到本联邦的根"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let (_, file) = officer.open(&format!("{page}?changed=1&format=csv")).await;
    assert!(file.contains("320581,regions,项目数,5,6,-1"), "{file}");
    assert!(officer.open(&format!("{page}?revision=1")).await.1.contains("不计入汇总"));
    assert!(
        officer
            .open("/collections/county-scores")
            .await
            .1
            .contains("href=\"/collections/county-scores/reports/320581\"")
    );

    let mut forged = held[0].clone();
    forged.revision = 3;
    forged.payload = forged.payload.replace("审核岗", "他人岗");
    ground.receive(&forged, 3).await;
    let (_, shown) = officer.open(page).await;
    assert!(shown.contains("签名无效") && shown.contains("与签名时不同"), "{shown}");
}

/// Closing and opening again need a reason, which stays on the page, and the duty to approve.
#[tokio::test]
async fn closing_and_opening_again() {
    let ground = Ground::new().await;
    ground.guided(&[("county-scores.toml", sample("collections/county-scores.toml"))]).await;
    let officer = ground.reader("shenhe", &[Duty::Approve]).await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let close = "/collections/county-scores/close";
    assert_eq!(clerk.send(close, &[("reason", "到期"), ("sure", "1")]).await.0, 403);
    let (status, shown) = officer.send(close, &[("reason", ""), ("sure", "1")]).await;
    assert!(status == 422 && shown.contains(">请填写<"), "{shown}");
    let (status, shown) = officer.send(close, &[("reason", "已到期"), ("sure", "1")]).await;
    assert!(status == 303 && shown.contains("已关闭（shenhe岗（shenhe） 已到期）"), "{shown}");
    assert!(officer.open("/collections?state=closed").await.1.contains("/collections/county-scores"));
    let again = [("reason", "常熟市更正"), ("sure", "1")];
    let (status, shown) = officer.send("/collections/county-scores/reopen", &again).await;
    assert!(status == 303 && shown.contains("已重新开放（shenhe岗（shenhe） 常熟市更正）"), "{shown}");
    let logged = [ground.logged("collection_close").await, ground.logged("collection_reopen").await].concat();
    assert_eq!(logged.iter().map(|it| (&*it.1, it.2)).collect::<Vec<_>>(), [("已到期", true), ("常熟市更正", true)]);
    assert!(clerk.open("/collections/county-scores").await.1.contains("/collections/new?from=county-scores"));
    let (status, shown) = clerk.open("/collections/new?from=county-scores").await;
    assert!(status == 200 && shown.contains("value=\"2025-03-31\"") && shown.contains("截止日期已过"), "{shown}");
}
