//! Shows that the list of a form's documents is found by what they hold, page by page, and that each way through it
//! keeps what was asked for.

use tongpin_domain::form::DOCUMENT;

use super::ground::Ground;
use crate::ops::ground::row;

const FORM: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter","several":true},
    "fields":[{"name":"issued","title":"下达资金","kind":"money"},{"name":"rate","title":"支付率","kind":"percent"},
        {"name":"opened","title":"通车日期","kind":"day"},
        {"name":"kind","title":"类别","kind":"one_of","choices":[{"code":"a","text":"新建"},{"code":"b","text":"改建"}]}],
    "layout":{"money":"wan"},"list":{"columns":["opened","rate","issued"],"order":"-rate"}}"#;

/// Documents of the four quarters of 2026 in turn: the first has 1 万元 and was paid by 1 %, the next 2 …
async fn ground(documents: usize) -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FORM, 1).await;
    let document = |number: usize| {
        let (quarter, kind) = (number % 4 + 1, if number.is_multiple_of(2) { "a" } else { "b" });
        let body = format!(
            r#"{{"form":"roads","publisher":"320500","release":1,"id":"d{number}","subject":"320581",
                "subject_name":"第{number}号路","period":"2026Q{quarter}","version":1,"turn":0,"state":"draft",
                "given":{{"issued":"{}","rate":"{}","opened":"2026-05-{:02}","kind":"{kind}"}},"changed_at":{number}}}"#,
            (number + 1) * 10_000,
            number + 1,
            number % 28 + 1,
        );
        row(DOCUMENT, &format!("roads/d{number}"), Ok(body))
    };
    ground.desk.put(&(0..documents).map(document).collect::<Vec<_>>()).await;
    ground
}

/// Amounts are found in the unit that stands above them, days and numbers from one to another, choices and periods
/// among those that occur; all of them together, and each can be taken away by itself.
#[tokio::test]
async fn found() {
    let ground = ground(12).await;
    let reader = ground.reader("read").await;
    for (asked, count) in [
        ("", 12),
        ("period=2026Q2", 3),
        ("f.issued.from=3&f.issued.to=5.5", 3),
        ("f.issued.from=12.000001", 0),
        ("f.rate.to=2", 2),
        ("f.opened.from=2026-05-11", 2),
        ("f.kind=a&period=2026Q1", 3),
        ("f.kind=b&period=2026Q1", 0),
        ("f.issued.from=%E5%BE%88%E5%A4%9A", 0),
        ("q=%E7%AC%AC7%E5%8F%B7", 1),
        ("author=320581", 12),
        ("author=320582", 0),
        ("state=draft&f.issued.from=11", 2),
    ] {
        let shown = reader.get(&format!("/forms/roads?{asked}")).await;
        assert_eq!(shown.status, 200, "{asked}");
        let told = format!("共 {count} 条");
        let none = shown.text.contains("没有符合条件的单据");
        assert!(if count == 0 { none } else { shown.text.contains(&told) }, "{asked}: {}", shown.text);
    }
    let shown = reader.get("/forms/roads?f.issued.from=3&f.issued.to=5.5&state=draft&sort=-issued").await.text;
    for part in [
        "下达资金：3 – 5.5 万元",
        "href=\"?f.issued.from=3&amp;f.issued.to=5.5&amp;sort=-issued\" aria-label=\"去掉条件 状态：",
        "<a href=\"?sort=-issued\">清除全部条件</a>",
        "<option value=\"2026Q4\">2026年第4季度</option>",
        "name=\"f.opened.from\"",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    // Of one author there is nothing to choose; what was asked for all the same is told.
    assert!(!shown.contains("name=\"author\""));
    assert!(reader.get("/forms/roads?author=320581").await.text.contains("去掉条件 填报单位：320581"));
}

/// The columns stand in the order that the form's list names them in, with what it does not name only by choice; what
/// it is sorted by comes first unless the reader chose.
#[tokio::test]
async fn as_the_form_lists_them() {
    let ground = ground(3).await;
    let reader = ground.reader("read").await;
    let shown = reader.get("/forms/roads").await.text;
    let head = shown.split("<thead>").nth(1).and_then(|rest| rest.split("</thead>").next()).expect("a head");
    let places: Vec<Option<usize>> =
        ["通车日期", "支付率", "下达资金（万元）", "最近修改"].iter().map(|title| head.find(title)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{head}");
    assert!(!head.contains("类别"), "{head}");
    let places: Vec<Option<usize>> = ["第2号路", "第1号路", "第0号路"].iter().map(|name| shown.find(name)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{shown}");
}

/// Pages are numbered, keep filters and order, and the last one holds what is left; a page behind it leads back.
#[tokio::test]
async fn page_by_page() {
    let ground = ground(130).await;
    let reader = ground.reader("read").await;
    let shown = reader.get("/forms/roads?sort=-issued&f.kind=a&rows=20&page=4").await.text;
    assert!(shown.contains("共 65 条，第 61–65 条"), "{shown}");
    assert!(shown.contains("第8号路") && shown.contains("第0号路") && !shown.contains("第10号路"), "{shown}");
    assert!(shown.contains("href=\"?sort=-issued&amp;f.kind=a&amp;rows=20&amp;page=3\" rel=\"prev\""), "{shown}");
    let behind = reader.get("/forms/roads?rows=20&page=9").await.text;
    assert!(behind.contains("共 130 条，没有这一页") && behind.contains("page=7\" rel=\"prev\""), "{behind}");
    let more = reader.get("/forms/roads?rows=100").await.text;
    assert!(more.contains("共 130 条，第 1–100 条"), "{more}");
}
