//! What the city shares, as the county's clerks see it.

use tongpin_domain::intake::entries;

use super::ground::Ground;
use crate::guidance::library::INDICATORS;
use crate::sheets::entry;

fn sample(name: &str) -> Vec<(String, String)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(format!("{name}.csv"));
    let read = entries(name, &entry::file::table(&path).expect("a sample"));
    read.accepted.into_iter().map(|(_, entry)| (entry.key, entry.body)).collect()
}

/// Publishes the first entries of a sample, one with each release.
async fn published(ground: &Ground, name: &str, count: usize) {
    for (number, (key, body)) in (1..).zip(sample(name).into_iter().take(count)) {
        ground.desk.publish(name, &key, &body, number).await;
    }
}

/// Every catalog has its page, which says whose it is and how new; who does no such work opens none of them.
#[tokio::test]
async fn every_catalog_has_a_page() {
    let ground = Ground::new().await;
    for name in ["indicators", "experts", "procedures", "funds", "regions"] {
        published(&ground, name, 3).await;
    }
    let reader = ground.reader("read").await;
    let list = reader.get("/guidance").await.text;
    for (name, shown) in [
        ("indicators", "新增公办学位数"),
        ("experts", "专家003"),
        ("procedures", "转移支付目标分解下达"),
        ("funds", "示例财教〔2024〕1号"),
        ("regions", "张家港市"),
        ("rules", "财预〔2020〕10号"),
    ] {
        assert!(list.contains(&format!("href=\"/guidance/{name}\"")), "{name}");
        let page = reader.get(&format!("/guidance/{name}")).await;
        assert!(page.status == 200 && page.text.contains(shown), "{name}: {}", page.text);
        assert!(page.text.contains("苏州市") || page.text.contains("320500"), "{name} says whose it is");
    }
    let audit = ground.reader("audit").await;
    for address in ["/guidance", "/guidance/indicators", "/guidance/rules", "/guidance/rules/releases/1"] {
        assert_eq!(audit.get(address).await.status, 403, "{address}");
    }
}

/// The library is searched, filtered, sorted by use and exported; an entry's page tells who uses it.
#[tokio::test]
async fn the_library() {
    let ground = Ground::new().await;
    let fields = r#""level1":"产出","nature":"≥","unit":"个","rule_type":"PROP_UP","agg_method":"累加""#;
    let entries = [("JY-1", "新增公办学位数", "教育局"), ("WJ-22-001", "<i>规范管理率", "卫生健康委员会")];
    for (number, (key, name, department)) in (1..).zip(entries) {
        let body = format!(r#"{{"code":"{key}","name":"{name}","department":"{department}",{fields}}}"#);
        ground.desk.publish(INDICATORS, key, &body, number).await;
    }
    let reader = ground.reader("read").await;
    let one = reader.get("/guidance/indicators?q=%E5%AD%A6%E4%BD%8D").await.text;
    assert!(one.contains("新增公办学位数") && !one.contains("规范管理率") && one.contains("共 1 条"));
    let none =
        reader.get("/guidance/indicators?q=%E5%AD%A6%E4%BD%8D&department=%E6%B0%91%E6%94%BF%E5%B1%80").await.text;
    assert!(none.contains("没有符合条件的指标"));
    let sorted = reader.get("/guidance/indicators?sort=-used").await.text;
    assert!(sorted.find("WJ-22-001") < sorted.find("JY-1") && !sorted.contains("<i>"), "the used one first, as text");
    let file = reader.get("/guidance/indicators?sort=code&format=csv").await.text;
    assert!(file.lines().nth(1).is_some_and(|line| line.starts_with("JY-1,新增公办学位数,教育局,产出")), "{file}");
    let page = reader.get("/guidance/indicators/WJ-22-001").await.text;
    assert!(page.contains("本级已有 1 个项目使用") && page.contains("32058124T000000000101"));
    assert!(page.contains("比例法：达到指标值得满分") && page.contains("320500，2"), "{page}");
    assert_eq!(reader.get("/guidance/indicators/none").await.status, 404);
}

/// A fund is listed with how many projects held here it pays for.
#[tokio::test]
async fn the_funds() {
    let ground = Ground::new().await;
    let funds = ground.desk.store.projects_by_fund().await.expect("readable");
    let (code, count) = funds.iter().find(|(code, _)| !code.is_empty()).expect("a fund");
    let body = format!(r#"{{"fund_code":"{code}","name":"一项资金"}}"#);
    ground.desk.publish("funds", code, &body, 1).await;
    ground.desk.publish("funds", "none", r#"{"fund_code":"none","name":"另一项"}"#, 2).await;
    let file = ground.reader("read").await.get("/guidance/funds?format=csv&column=name&column=projects").await.text;
    let expected = [format!("{code},一项资金,{count}"), "none,另一项,0".to_owned()];
    assert!(expected.iter().all(|line| file.lines().any(|it| it == line)), "{expected:?} in {file}");
}

/// Experts are found by field, and the page does not show those kept from this county because they never came.
#[tokio::test]
async fn the_roster() {
    let ground = Ground::new().await;
    published(&ground, "experts", 3).await;
    let reader = ground.reader("read").await;
    let page = reader.get("/guidance/experts?field=%E6%B3%95%E5%BE%8B").await.text;
    assert!(page.contains("专家003") && !page.contains("专家002") && page.contains("320508-民政局"));
    assert!(!page.contains("C-0003"), "how to reach them stays with the roster's keeper");
}

/// A rule set is told number by number.
#[tokio::test]
async fn the_rules() {
    let ground = Ground::new().await;
    let page = ground.reader("read").await.get("/guidance/rules").await.text;
    for told in [
        "预算执行率 10 分 + 绩效指标合计 90 分 = 100 分",
        "良 ≥ 80，&lt; 90",
        "每行得分保留 2 位小数，四舍五入",
        "下限 60",
        "部分达成：60%–80%",
        "超过指标值 1.3 倍",
        "低于 60% 红灯",
        "低于 80% 的，不参加排名",
    ] {
        assert!(page.contains(told), "{told} in {page}");
    }
}

/// The clock of the ground stands at January 2027: what is due then is marked, for its budget year.
#[tokio::test]
async fn the_calendar() {
    let ground = Ground::new().await;
    published(&ground, "procedures", 7).await;
    let page = ground.reader("read").await.get("/guidance/procedures").await.text;
    assert!(page.contains("本月应办（2027 年 1 月）"), "{page}");
    let due = page.split("</ul>").next().expect("the list");
    assert!(due.contains("预算与绩效目标同步批复") && due.contains("（2027 年度）"));
    assert!(due.contains("单位自评与转移支付自评上报") && due.contains("（2026 年度）"));
    assert!(!due.contains("绩效运行双监控"));
    assert_eq!(page.matches("本月应办</span>").count(), 2);
    let reader = ground.reader("enter").await;
    let file = reader.get("/guidance/procedures?q=%E5%8F%8C%E7%9B%91%E6%8E%A7&format=csv").await.text;
    assert!(file.lines().count() == 2 && file.contains("\n绩效运行双监控,"), "{file}");
}

/// A release tells what it added and changed, with both values as text.
#[tokio::test]
async fn a_release_is_compared() {
    let ground = Ground::new().await;
    let body = |name: &str| format!(r#"{{"fund_code":"ZX1","name":"{name}"}}"#);
    ground.desk.publish("funds", "ZX1", &body("旧名称"), 1).await;
    ground.desk.publish("funds", "ZX1", &body("新<b>名称"), 2).await;
    let reader = ground.reader("read").await;
    let first = reader.get("/guidance/funds/releases/1").await.text;
    assert!(first.contains("新增 1 条，修改 0 条") && first.contains("ZX1 旧名称"));
    let second = reader.get("/guidance/funds/releases/2?publisher=320500").await.text;
    assert!(second.contains("新增 0 条，修改 1 条，停用 0 条"), "{second}");
    assert!(second.contains("<td>旧名称</td>") && second.contains("<td>新&lt;b&gt;名称</td>"));
    assert!(second.contains("rel=\"prev\"") && !second.contains("rel=\"next\""));
    assert_eq!(reader.get("/guidance/funds/releases/3").await.status, 404);
    assert_eq!(reader.get("/guidance/none/releases/1").await.status, 404);
}

/// What a later program publishes is shown for what it is: rules with parts that are unknown here apply otherwise and
/// say so; rules that cannot be read, and a collection that asks in a way unknown here, are named with what to do, and
/// the collection is not answered.
#[tokio::test]
async fn entries_of_a_later_program() {
    let ground = Ground::new().await;
    let later = r#"{"name":"later","title":"新一代规则","fiscal_years":{"from":2031},"season":{"from":3}}"#;
    ground.desk.publish("rules", "later", later, 2).await;
    ground.desk.publish("rules", "strange", r#"{"title":"没有名称"}"#, 3).await;
    let table = r#"{"id":"t","records":"projects","measures":[{"id":"m","kind":"count","blurred":true}]}"#;
    let asked =
        format!(r#"{{"id":"blurred","title":"模糊归集","period":"2024","due":"2030-01-01","tables":[{table}]}}"#);
    ground.desk.publish("collections", "blurred", &asked, 2).await;

    let reader = ground.reader("read").await;
    let rules = reader.get("/guidance/rules").await.text;
    assert!(rules.contains("新一代规则") && rules.contains("本程序不认识其中的 season"), "{rules}");
    assert!(rules.contains("条目“strange”本程序读不懂"), "{rules}");
    let list = reader.get("/guidance").await.text;
    assert!(list.contains("条目“blurred”") && list.contains("tables.1.measures.1.blurred"), "{list}");
    let page = reader.get("/collections/blurred").await;
    assert!(page.text.contains("模糊归集") && page.text.contains("请升级本程序"), "{}", page.text);
    let first = reader.get("/").await.text;
    assert!(first.contains("读不懂：strange") && first.contains("读不懂：blurred"), "{first}");
}
