//! Shows that forms calculate with the numbers of the rules in force: on the page, in an import and over the API, by
//! the rule set for the year of each document, and with the reason where there is none.

use serde_json::{Value, json};
use tongpin_domain::form::{DOCUMENT, Definition, Document};

use super::api::System;
use super::ground::Ground;
use super::hidden;

/// 执行率得分: what was paid of the budget, at most all of it, times the weight of the execution; below the rate at which
/// a reason is due, the check warns.
const FORM: &str = r#"{"code":"points","title":"执行率得分表","subject":{"of":"unit","per":"year"},"fields":[
    {"name":"budget","title":"预算数","kind":"money","required":true},
    {"name":"paid","title":"执行数","kind":"money"},
    {"name":"rate","title":"执行率","kind":"percent","derived":{"share":["paid","budget"]}},
    {"name":"points","title":"执行率得分","kind":"decimal","derived":
        {"product":[{"ratio":[{"least":["paid","budget"]},"budget"]},{"rule":"execution.weight"}]}}],
    "checks":[{"name":"slow","when":{"field":"rate","below":{"rule":"execution.reason_below_pct"}},"then":"warn",
        "says":"执行率偏低","at":"rate"}]}"#;
const ALL: &str = "/api/v1/forms/points/documents";

/// The sample rules until 2024 and others from 2025 on, by which the execution counts 20 points; and the form.
async fn publish(ground: &Ground) {
    let sample = include_str!("../../../../samples/rules.toml");
    let old = sample.replacen("from = 2020\n", "from = 2020\nto = 2024\n", 1);
    let new = sample.replacen("from = 2020\n", "from = 2025\n", 1);
    let new =
        new.replacen("\nweight = 10\n", "\nweight = 20\n", 1).replacen("weight_total = 90", "weight_total = 80", 1);
    let read = |text: &str| tongpin_domain::rules::RuleSet::from_toml(text).expect("sound");
    for (number, key, text) in [(2, "project-self-evaluation", old), (3, "new", new)] {
        ground.desk.publish("rules", key, &serde_json::to_string(&read(&text)).expect("JSON"), number).await;
    }
    ground.desk.publish("forms", "points", FORM, 1).await;
}

async fn kept(ground: &Ground) -> Vec<Document> {
    let found = ground.desk.store.records(DOCUMENT, None).await.expect("readable");
    found.iter().map(|record| serde_json::from_str(&record.body).expect("a document")).collect()
}

async fn begin(system: &System, year: &str) -> Value {
    let body = json!({ "period": year, "subject": "一中", "given": { "budget": "1000", "paid": "750" } });
    let (shown, told) = system.call("POST", ALL, &[], &body).await;
    assert_eq!(shown.status, 201, "{told}");
    told
}

/// By the sample rules alone: 750 ÷ 1,000 of 10 points, and 75 % is below 90 %. The page says so while one types and in
/// the document, with the rule set and its release; what is saved and handed on is the same.
#[tokio::test]
async fn on_the_page() {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "points", FORM, 1).await;
    let enters = ground.reader("enter").await;
    let begun = enters.post("/forms/points/new", &[("subject", "一中"), ("period", "2024")]).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let edit = enters.get(&begun.location).await.text;
    let version = hidden(&edit, "page-version");
    let typed = [("page-version", version.as_str()), ("budget", "1000"), ("paid", "750")];
    let at = begun.location.trim_end_matches("/edit");
    let checked = enters.post(&format!("{at}/check"), &typed).await.text;
    assert!(checked.contains("7.50") && checked.contains("执行率偏低"), "{checked}");
    assert_eq!(enters.post(&format!("{at}/edit"), &typed).await.status, 303);
    let page = enters.get(at).await.text;
    assert!(page.contains("7.50") && page.contains("执行率偏低"), "{page}");
    let page = enters.get(&format!("{at}/edit")).await.text;
    let worked = "7.50 = 最小值（750.00、1,000.00） ÷ 1,000.00 × 10\
        （规则参数“execution.weight”，取自规则“project-self-evaluation”第 1 版）";
    assert!(page.contains(worked), "{page}");
    assert_eq!(kept(&ground).await[0].derived["points"], "7.50");
    // Half of it while the line is above that rate.
    let version = hidden(&enters.get(&format!("{at}/edit")).await.text, "page-version");
    let typed = [("page-version", version.as_str()), ("budget", "1000"), ("paid", "900")];
    assert_eq!(enters.post(&format!("{at}/edit"), &typed).await.status, 303);
    assert!(!enters.get(at).await.text.contains("执行率偏低"), "90 % is not below 90 %");
    assert_eq!(kept(&ground).await[0].derived["points"], "9.00");
}

/// One file with documents of two years: each by the rules of its own, which are read once; and over the API likewise.
#[tokio::test]
async fn each_by_its_year() {
    let system = System::new().await;
    let ground = &system.ground;
    publish(ground).await;
    let enters = ground.reader("enter").await;
    let table = "单位,期间,预算数（元）,执行数（元）\n二中,2024,1000,750\n二中,2025,1000,750\n";
    let sent = enters.upload("/forms/points/import", &[], ("表.csv", table.as_bytes())).await;
    let preview = enters.get(&sent.location).await;
    let (file, effect) = (hidden(&preview.text, "file"), hidden(&preview.text, "effect"));
    let done = enters.post("/forms/points/import/confirm", &[("file", &file), ("effect", &effect)]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let mut points: Vec<(String, String)> =
        kept(ground).await.into_iter().map(|it| (it.period.clone(), it.derived["points"].clone())).collect();
    points.sort();
    let due = [("2024", "7.50"), ("2025", "15.00")].map(|(year, points)| (year.to_owned(), points.to_owned()));
    assert_eq!(points, due);
    for (year, points) in [("2024", "7.50"), ("2025", "15.00")] {
        let told = begin(&system, year).await;
        assert_eq!((&told["derived"]["points"], &told["lacking_rules"]), (&json!(points), &json!([])), "{told}");
        assert_eq!(told["findings"][0]["check"], "slow");
    }
}

/// Without a rule set for its year, or with several, a document has no such figure, and the page and the API say why;
/// all else is calculated.
#[tokio::test]
async fn missing_with_the_reason() {
    let system = System::new().await;
    let ground = &system.ground;
    publish(ground).await;
    let told = begin(&system, "2019").await;
    assert_eq!(told["derived"], json!({ "rate": "75.00" }), "{told}");
    let says = |told: &Value, at: usize| told["lacking_rules"][at]["says"].as_str().unwrap_or_default().to_owned();
    assert_eq!((&told["findings"], &told["lacking_rules"][1]["place"]), (&json!([]), &json!("points")), "{told}");
    assert!(says(&told, 0).contains("校验或显示条件暂时无法判断"), "{told}");
    let why = "取不到规则参数“execution.weight”：没有适用于 2019 年度的计分规则";
    assert!(says(&told, 1).starts_with(why), "{told}");
    let reads = ground.reader("read").await;
    let page = reads.get(&format!("/forms/points/320581/{}", told["id"].as_str().expect("an id"))).await.text;
    assert!(page.contains(why) && page.contains("75.00%"), "{page}");

    let text = include_str!("../../../../samples/rules.toml");
    let set = tongpin_domain::rules::RuleSet::from_toml(text).expect("sound");
    ground.desk.publish("rules", "other", &serde_json::to_string(&set).expect("JSON"), 4).await;
    let told = begin(&system, "2025").await;
    assert!(says(&told, 1).contains("有多套计分规则适用于 2025 年度"), "{told}");
    ground.desk.publish("forms", "points", &FORM.replace("execution.weight", "execution.points"), 2).await;
    ground.desk.retire("rules", "other", 5).await;
    let told = begin(&system, "2026").await;
    assert!(says(&told, 0).contains("规则“new”第 3 版没有这个参数"), "{told}");
}

/// A goal goes by the rules for the year of its project, 2024: twelve times ten.
#[tokio::test]
async fn of_a_project() {
    let ground = Ground::new().await;
    publish(&ground).await;
    let enters = ground.reader("enter").await;
    let mut form = Definition::of_goals().clone();
    let due = r#"{"name":"due","title":"应得分","kind":"decimal","derived":
        {"product":["whole_amount",{"rule":"execution.weight"}]}}"#;
    form.fields.push(serde_json::from_str(due).expect("a field"));
    assert_eq!(form.check(), []);
    ground.desk.publish("forms", "goal", &serde_json::to_string(&form).expect("JSON"), 2).await;
    let goal = "/projects/32058124T000000000101/goal";
    assert_eq!(enters.post(goal, &[("page-version", ""), ("whole_amount", "12")]).await.status, 303);
    let page = enters.get(goal).await.text;
    let source = "× 10（规则参数“execution.weight”，取自规则“project-self-evaluation”第 2 版）";
    assert!(page.contains("120.00") && page.contains(source), "{page}");
}
