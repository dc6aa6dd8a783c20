//! A catalog in the browser: found, edited into the draft, approved by another at once or for a time, rolled out.

use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::*;
use crate::ops::planned::carry_out;

/// A hub whose divisions are published, with somebody who drafts and somebody who publishes.
async fn published(ground: &Ground) -> (Reader<'_>, Reader<'_>) {
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    clerk.import("regions", "regions.csv", REGIONS).await;
    let (status, shown) = publisher.send("/catalogs/regions/publish", &[("sure", "1")]).await;
    assert_eq!(status, 303, "{shown}");
    (clerk, publisher)
}

/// The fields of 常熟市 with another name.
fn changshu<'a>(name: &'a str, seen: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("seen", seen),
        ("name", name),
        ("level", "县"),
        ("parent_code", "320500"),
        ("mof_div_code", "320581000"),
        ("kind", "县级市"),
        ("draft-note", "更名"),
    ]
}

const CHANGSHU: &str = "/catalogs/regions/entries/320581";

/// What is published is listed, searched, narrowed and exported; an entry shows its fields under the trade's words.
#[tokio::test]
async fn entries_are_found() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let list = |query: &str| format!("/catalogs/regions/entries{query}");
    let (status, shown) = clerk.open(&list("")).await;
    assert!(status == 200 && shown.contains("苏州市") && shown.contains("共 2 条"), "{shown}");
    let (_, shown) = clerk.open(&list("?q=%E5%B8%B8%E7%86%9F")).await;
    assert!(shown.contains("共 1 条") && shown.contains(CHANGSHU), "{shown}");
    let (_, shown) = clerk.open(&list("?level=%E5%B8%82")).await;
    assert!(shown.contains("共 1 条") && !shown.contains(CHANGSHU), "{shown}");
    assert!(clerk.open(&list("?q=%E5%8C%BB%E9%99%A2")).await.1.contains("没有符合条件的条目"));
    let (_, file) = clerk.open(&list("?format=csv&q=320581")).await;
    assert!(file.starts_with("\u{feff}编码,名称,级次") && file.contains("320581,常熟市,县,320500"), "{file}");
    assert!(clerk.open(&list("?draft=1")).await.1.contains("没有草稿"));
    let (status, shown) = clerk.open(CHANGSHU).await;
    assert_eq!(status, 200);
    for told in ["财政区划代码", "320581000", "发放范围：全市共享", "第 1 版"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(clerk.open("/catalogs/regions/entries/320599").await.0, 404);
}

/// An edit goes into the draft and nowhere else; a mistake is told at its field and keeps what was typed; another
/// person looks and publishes; the entry then tells both versions.
#[tokio::test]
async fn edited_by_one_published_by_another() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let form = format!("{CHANGSHU}/edit");
    let (status, shown) = clerk.open(&form).await;
    assert!(status == 200 && shown.contains("value=\"常熟市\"") && shown.contains("上级代码"), "{shown}");
    let seen = hidden(&shown, "seen");

    let mut wrong = changshu(" ", &seen);
    wrong[3].1 = "32050x";
    let (status, shown) = clerk.send(&form, &wrong).await;
    assert_eq!(status, 422);
    for told in ["应为：非空的内容", "应为：6 位或 9 位区划代码", "value=\"32050x\"", "id=\"name-error\"", "更名"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let id = ground.app.catalog("regions");
    assert_eq!(ground.app.store().draft(&id).await.expect("readable"), None);

    let (status, _) = clerk.send(&form, &changshu("常熟市（试）", &seen)).await;
    assert_eq!(status, 303);
    let entry = ground.app.store().entry(&id, "320581").await.expect("readable").expect("published");
    assert!(entry.body.contains("常熟市\""), "the release is what it was");
    assert!(clerk.open(CHANGSHU).await.1.contains("草稿中有修改，尚未发布"));
    assert!(clerk.open("/catalogs/regions/entries?draft=1").await.1.contains("常熟市（试）"));

    let (status, shown) = publisher.open("/catalogs/regions/publish").await;
    assert_eq!(status, 200);
    for told in ["通过", "经办与审核不是同一人", "没有停用条目", "修改 1，停用 0", "常熟市（试）", "更名"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let reviewed = hidden(&shown, "draft");
    let old = "0".repeat(64);
    let (status, told) = publisher.send("/catalogs/regions/publish", &[("sure", "1"), ("draft", &old)]).await;
    assert!(status == 422 && told.contains("草稿在核对之后有改动"), "{told}");
    let (status, told) = publisher.send("/catalogs/regions/publish", &[("sure", "1"), ("draft", &reviewed)]).await;
    assert!(status == 303 && told.contains("已发布第 2 版"), "{told}");

    let (_, shown) = clerk.open(CHANGSHU).await;
    assert!(shown.contains("<td>常熟市</td>") && shown.contains("<td>常熟市（试）</td>"), "{shown}");
    let (_, shown) = clerk.open("/catalogs/regions/releases").await;
    assert!(shown.contains("共 2 条") && shown.contains("fabu岗（fabu）") && shown.contains("更名"), "{shown}");
    let (_, shown) = clerk.open("/catalogs/regions/releases?q=%E6%9B%B4%E5%90%8D").await;
    assert!(shown.contains("共 1 条") && shown.contains("releases/2\"") && !shown.contains("releases/1\""), "{shown}");
    assert!(shown.contains("href=\"?\" aria-label=\"去掉条件 包含：“更名”\""), "{shown}");
    let (_, file) = clerk.open("/catalogs/regions/releases?sort=note&format=csv").await;
    assert_eq!(file.lines().skip(1).map(|line| &line[..2]).collect::<Vec<_>>(), ["1,", "2,"], "{file}");
    let (_, shown) = clerk.open("/catalogs/regions/releases/2").await;
    assert!(shown.contains("新增 0，修改 1，停用 0") && shown.contains("<td>常熟市</td>"), "{shown}");
    assert_eq!(clerk.open("/catalogs/regions/releases/3").await.0, 404);
    assert_eq!(
        ground.logged("catalog_edit").await.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(),
        ["320581：修改"]
    );
}

/// Of two people who change one entry at once the second is shown both values, loses nothing, and may then decide.
#[tokio::test]
async fn two_editors_of_one_entry() {
    let ground = Ground::new().await;
    let (first, _) = published(&ground).await;
    let second = ground.reader("jingban2", &[Duty::Enter]).await;
    let form = format!("{CHANGSHU}/edit");
    let seen = hidden(&first.open(&form).await.1, "seen");
    assert_eq!(first.send(&form, &changshu("常熟甲", &seen)).await.0, 303);
    let (status, shown) = second.send(&form, &changshu("常熟乙", &seen)).await;
    assert_eq!(status, 409);
    for told in ["填写期间别人改了这一条", "<td>常熟甲</td>", "<td>常熟乙</td>", "value=\"常熟乙\""]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let now = hidden(&shown, "seen");
    assert_eq!(second.send(&form, &changshu("常熟乙", &now)).await.0, 303);
    let draft = ground.app.store().draft(&ground.app.catalog("regions")).await.expect("readable").expect("one");
    assert_eq!(draft.by, "jingban岗（jingban）、jingban2岗（jingban2）");
    assert!(draft.entries[1].body.contains("常熟乙"));
    assert_eq!(ground.logged("catalog_edit").await.iter().map(|it| it.2).collect::<Vec<_>>(), [true, false, true]);
}

/// A new entry needs a key that is not taken; one that retires can be put back; unsure, nothing happens.
#[tokio::test]
async fn new_and_retired() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let mut new = changshu("太仓市", "");
    let none = "0".repeat(64);
    new[0].1 = &none;
    new.push(("code", "320581"));
    let (status, shown) = clerk.send("/catalogs/regions/new", &new).await;
    assert!(status == 422 && shown.contains("已有这个编码") && shown.contains("id=\"code-error\""), "{shown}");
    new.pop();
    new.push(("code", "320585"));
    assert_eq!(clerk.send("/catalogs/regions/new", &new).await.0, 303);
    assert!(clerk.open("/catalogs/regions/entries/320585").await.1.contains("草稿中的新条目"));

    let retire = format!("{CHANGSHU}/retire");
    let seen = hidden(&clerk.open(CHANGSHU).await.1, "seen");
    let (status, shown) = clerk.send(&retire, &[("seen", &seen)]).await;
    assert!(status == 422 && shown.contains("请勾选“确认”后再停用"));
    assert_eq!(clerk.send(&retire, &[("seen", &seen), ("sure", "1")]).await.0, 303);
    let (_, shown) = clerk.open(CHANGSHU).await;
    assert!(shown.contains("草稿中已停用"), "{shown}");
    let (_, shown) = publisher.open("/catalogs/regions/publish").await;
    assert!(shown.contains("将停用 1 条，已发布共 2 条") && shown.contains("还没有相关上报"), "{shown}");
    let (status, _) = clerk.send(&format!("{CHANGSHU}/restore"), &[("seen", &none)]).await;
    assert_eq!(status, 303);
    let (_, shown) = clerk.open("/catalogs/regions").await;
    assert!(shown.contains("新增 1，修改 0，停用 0"), "{shown}");
}

/// What is approved for a time is published then, once, to those it was meant for; a time gone by is refused.
#[tokio::test]
async fn published_at_its_time() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let form = format!("{CHANGSHU}/edit");
    let seen = hidden(&clerk.open(&form).await.1, "seen");
    clerk.send(&form, &changshu("常熟甲", &seen)).await;
    let reviewed = hidden(&publisher.open("/catalogs/regions/publish").await.1, "draft");
    let plan = |at| [("sure", "1"), ("when", "later"), ("at", at), ("draft", reviewed.as_str()), ("to", "320581")];
    let (status, shown) = publisher.send("/catalogs/regions/publish", &plan("2020-01-01T09:00")).await;
    assert!(status == 422 && shown.contains("请填写今后的日期和时间") && shown.contains("2020-01-01T09:00"), "{shown}");
    let (status, shown) = publisher.send("/catalogs/regions/publish", &plan("2999-01-01T09:00")).await;
    assert!(
        status == 303 && shown.contains("定于 2999-01-01 09:00:00 发布") && shown.contains("送达 常熟市"),
        "{shown}"
    );
    assert!(clerk.open("/catalogs").await.1.contains("定于 2999-01-01"));

    let (app, due) = (&ground.app, Moment::from_local("2999-01-01T09:00").expect("a time"));
    let id = app.catalog("regions");
    let number = async || app.store().head(&id).await.expect("readable").map_or(0, |head| head.number);
    carry_out(app, Moment(due.0 - 1)).await.expect("readable");
    assert_eq!(number().await, 1, "not yet");
    carry_out(app, due).await.expect("readable");
    carry_out(app, due).await.expect("readable");
    assert_eq!(number().await, 2);
    assert_eq!(app.store().planned_releases().await.expect("readable"), []);
    let release = app.store().release(&id, 2).await.expect("readable").expect("published").release;
    assert_eq!(release.approved_by, "fabu岗（fabu）");
    let rollouts = app.store().rollouts().await.expect("readable");
    let county = RegionCode::new("320581").expect("a code");
    assert_eq!(
        rollouts.iter().map(|it| (it.number, it.region.clone())).collect::<Vec<_>>(),
        [(1, None), (2, Some(county))]
    );
    assert!(ground.logged("catalog_publish").await.iter().any(|it| it.0 == "fabu" && it.1.contains("按计划发布")));

    let (status, shown) = publisher.send("/catalogs/regions/rollout", &[("sure", "1")]).await;
    assert!(status == 422 && shown.contains("请勾选要推送的单位"), "{shown}");
    let (status, shown) = publisher.send("/catalogs/regions/rollout", &[("sure", "1"), ("all", "1")]).await;
    assert!(status == 303 && shown.contains("第 2 版已推送：全部"), "{shown}");
    assert_eq!(app.store().rollouts().await.expect("readable")[0].number, 2);
}

/// A draft that changed after its approval is not published at its time, and the page says why until it is cancelled.
#[tokio::test]
async fn a_changed_draft_is_not_published() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let form = format!("{CHANGSHU}/edit");
    let seen = hidden(&clerk.open(&form).await.1, "seen");
    clerk.send(&form, &changshu("常熟甲", &seen)).await;
    let plan = [("sure", "1"), ("when", "later"), ("at", "2999-01-01T09:00")];
    assert_eq!(publisher.send("/catalogs/regions/publish", &plan).await.0, 303);
    let seen = hidden(&clerk.open(&form).await.1, "seen");
    clerk.send(&form, &changshu("常熟乙", &seen)).await;
    assert!(publisher.open("/catalogs/regions").await.1.contains("审核之后草稿有改动，到时不会发布"));

    let due = Moment::from_local("2999-01-01T09:00").expect("a time");
    carry_out(&ground.app, due).await.expect("readable");
    carry_out(&ground.app, due).await.expect("readable");
    let id = ground.app.catalog("regions");
    assert_eq!(ground.app.store().head(&id).await.expect("readable").expect("one").number, 1);
    let (_, shown) = publisher.open("/catalogs/regions").await;
    assert!(shown.contains("到时没有发布：目录 regions 的草稿在核对之后有改动"), "{shown}");
    let told = ground.logged("catalog_publish").await.iter().filter(|it| !it.2).count();
    assert_eq!(told, 1, "told once");
    assert_eq!(clerk.send("/catalogs/regions/cancel", &[]).await.0, 403);
    assert_eq!(publisher.send("/catalogs/regions/cancel", &[]).await.0, 303);
    assert!(!publisher.open("/catalogs/regions").await.1.contains("到时没有发布"));
}

/// Rules are changed as text: what is wrong is shown at its line with the text kept; the key stays.
#[tokio::test]
async fn rules_as_text() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/rules.toml");
    let sample = std::fs::read_to_string(sample).expect("a sample");
    let none = "0".repeat(64);
    let (status, shown) = clerk.send("/catalogs/rules/new", &[("seen", &none), ("text", "a = 1\nb = = 2\n")]).await;
    assert!(status == 422 && shown.contains("第 2 行") && shown.contains("<mark>2 ▸ b = = 2</mark>"), "{shown}");
    let (status, shown) = clerk.send("/catalogs/rules/new", &[("seen", &none), ("text", &sample)]).await;
    assert_eq!(status, 303, "{shown}");
    publisher.send("/catalogs/rules/publish", &[("sure", "1")]).await;

    let form = "/catalogs/rules/entries/project-self-evaluation/edit";
    let (status, shown) = clerk.open(form).await;
    assert!(status == 200 && shown.contains("<textarea") && shown.contains("fiscal_years"), "{shown}");
    let seen = hidden(&shown, "seen");
    let renamed = sample.replace("name = \"project-self-evaluation\"", "name = \"other\"");
    let (status, shown) = clerk.send(form, &[("seen", &seen), ("text", &renamed)]).await;
    assert!(status == 422 && shown.contains("编码不能改"), "{shown}");
    let heavier = sample.replace("weight_total = 90", "weight_total = 95");
    let (status, shown) = clerk.send(form, &[("seen", &seen), ("text", &heavier)]).await;
    assert!(
        status == 422 && shown.contains("合计应为 100，现为 105") && shown.contains("weight_total = 95"),
        "{shown}"
    );
    let (status, shown) = clerk.send(form, &[("seen", &seen), ("text", &sample)]).await;
    assert!(status == 303 && shown.contains("没有改动"), "{shown}");
    let id = ground.app.catalog("rules");
    assert_eq!(ground.app.store().draft_info(&id).await.expect("readable"), None);
}

/// The form of an indicator offers the scoring methods of the rules in force, and takes several levels.
#[tokio::test]
async fn an_indicator_is_written() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/rules.toml");
    let sample = std::fs::read_to_string(sample).expect("a sample");
    clerk.import("rules", "rules.toml", &sample).await;
    publisher.send("/catalogs/rules/publish", &[("sure", "1")]).await;
    let (status, shown) = clerk.open("/catalogs/indicators/new").await;
    assert!(status == 200 && shown.contains("满意度法（SATISFACTION）") && shown.contains("生态环境成本"), "{shown}");
    let seen = hidden(&shown, "seen");
    let mut typed = vec![
        ("seen", seen.as_str()),
        ("code", "JY-21-900"),
        ("name", "新增学位数"),
        ("nature", "≥"),
        ("agg_method", ""),
        ("applicable_level", "市级"),
        ("applicable_level", "县级"),
        ("is_common", "是"),
        ("definition", "甲\r\n乙"),
        ("audience", "320581"),
    ];
    let (status, shown) = clerk.send("/catalogs/indicators/new", &typed).await;
    assert!(status == 422 && shown.contains("应为：累加、加权平均、定性加权、最晚值之一"), "{shown}");
    assert!(shown.contains("value=\"新增学位数\"") && shown.matches(" checked").count() == 2, "{shown}");
    typed[4].1 = "累加";
    let (status, shown) = clerk.send("/catalogs/indicators/new", &typed).await;
    assert_eq!(status, 303, "{shown}");
    let row = ground.app.store().draft_row(&ground.app.catalog("indicators"), "JY-21-900").await;
    let row = row.expect("readable").expect("drafted");
    assert_eq!(row.audience.to_string(), "320581");
    for kept in [r#""applicable_level":"市级;县级""#, r#""is_common":true"#, r#""definition":"甲\n乙""#] {
        assert!(row.body.contains(kept), "{kept}: {}", row.body);
    }
}

/// Whoever reads sees everything and changes nothing; who drafts does not publish, plan, cancel or roll out.
#[tokio::test]
async fn whose_work_it_is() {
    let ground = Ground::new().await;
    let (clerk, publisher) = published(&ground).await;
    let reader = ground.reader("chakan", &[Duty::Read]).await;
    for page in ["entries", "entries/320581", "releases", "releases/1"] {
        let (status, shown) = reader.open(&format!("/catalogs/regions/{page}")).await;
        assert!(status == 200 && !shown.contains("/edit") && !shown.contains("/retire"), "{page}");
    }
    for page in ["new", "entries/320581/edit", "publish"] {
        assert_eq!(reader.open(&format!("/catalogs/regions/{page}")).await.0, 403, "{page}");
    }
    for step in ["new", "entries/320581/edit", "entries/320581/retire", "entries/320581/restore"] {
        let address = format!("/catalogs/regions/{step}");
        assert_eq!(reader.send(&address, &[("sure", "1")]).await.0, 403, "{step}");
        assert_eq!(publisher.send(&address, &[("sure", "1")]).await.0, 403, "{step}");
    }
    for step in ["publish", "cancel", "rollout"] {
        assert_eq!(clerk.send(&format!("/catalogs/regions/{step}"), &[("sure", "1")]).await.0, 403, "{step}");
    }
    assert_eq!(ground.app.store().draft(&ground.app.catalog("regions")).await.expect("readable"), None);
}
