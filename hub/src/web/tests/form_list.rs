//! The list of a form on the page on which it is designed, and rows of that page in which hardly anything was typed.

use super::forms::{ENTRY, Filled, drafted, published, sample};
use super::*;

const NEW: &str = "/catalogs/forms/design";

/// What is said at a row.
fn at_row<'a>(page: &'a str, row: &str) -> &'a str {
    let rest = page.split(&format!("id=\"wrong-{row}\"")).nth(1).expect("its slot");
    rest.split("</div>").next().expect("its end")
}

/// Columns in their order, filters and the order are chosen among the form's own fields, and the head that comes of it
/// stands beside as one types; what nobody touches stays.
#[tokio::test]
async fn a_list_is_designed() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let design = format!("{ENTRY}/design");
    let shown = clerk.open(&design).await.1;
    let page = Filled::of(&shown);
    let of = |title: &str, part: &str| format!("{}-{part}", page.row(title));
    let columns = ["本季下达资金", "已支付合计", "支付率"].map(|title| page.get(&of(title, "column")).to_owned());
    assert_eq!(columns, ["1", "2", "3"]);
    assert_eq!((page.get(&of("支付率", "filter")), page.get("s-order"), page.get("s-back")), ("1", "rate", "-"));
    assert!(!shown.contains(&format!("name=\"{}\"", of("路段", "column"))), "a table is no column");
    let seen = shown.split("清单的表头").nth(1).expect("the head of the list");
    assert!(seen.contains("aria-sort=\"descending\">支付率（%） ▼</th>"), "{seen}");

    let changed = page.clone().with(&of("支付率", "column"), "0.5").with(&of("已支付合计", "column"), "");
    let changed = changed.with(&of("指标到达日期", "column"), "1.5").with(&of("指标到达日期", "filter"), "1");
    let changed = changed.with("s-order", "arrived_on").with("s-back", "");
    let (_, seen) = changed.send(&clerk, &format!("{NEW}/seen")).await;
    let head = seen.split("清单的表头").nth(1).expect("the head of the list");
    let places = ["支付率", "本季下达资金", "指标到达日期 ▲", "可筛选：状态、期间、填报单位、指标到达日期、支付率"];
    let places: Vec<Option<usize>> = places.iter().map(|told| head.find(told)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted() && !head.contains("已支付合计"), "{head}");
    let (status, told) = changed.with("step", "save").send(&clerk, &design).await;
    assert_eq!(status, 303, "{told}");
    let (before, after) = (sample(), drafted(&ground).await.expect("a draft"));
    assert_eq!(after.list.columns, ["rate", "received", "arrived_on"]);
    assert_eq!(after.list.filters, ["rate", "arrived_on"]);
    assert_eq!(after.list.order, "arrived_on");
    assert_eq!((after.fields, after.layout), (before.fields, before.layout));
}

/// What is no number is told at its row and marked there, and so is a field that fits no line of a list; a field that
/// is taken out leaves the list with it.
#[tokio::test]
async fn mistakes_in_a_list() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let design = format!("{ENTRY}/design");
    let page = Filled::of(&clerk.open(&design).await.1);
    let rate = page.row("支付率").replace('f', "l");
    let wrong = page.clone().with(&format!("{}-column", page.row("支付率")), "第三").with("step", "save");
    let (status, told) = wrong.send(&clerk, &design).await;
    assert!(status == 422 && at_row(&told, &rate).contains("列序应为数字"), "{told}");
    assert!(told.contains("value=\"第三\"") && told.contains("aria-invalid=\"true\""), "{told}");

    let page = Filled::of(&page.with("step", "add").send(&clerk, &design).await.1);
    let new = page.row("");
    let titled = page.with(&format!("{new}-title"), "建设性质").with("step", "show");
    let page = Filled::of(&titled.send(&clerk, &design).await.1);
    let own = page.get(&format!("{new}-name")).to_owned();
    assert_eq!(page.get(&format!("{new}-column")), "", "it has a row in the list now");
    let named = page.with(&format!("{new}-column"), "4").with("s-order", &own);
    let long = named.clone().with(&format!("{new}-kind"), "text").with("step", "save");
    let (status, told) = long.send(&clerk, &design).await;
    assert!(status == 422 && at_row(&told, &new.replace('f', "l")).contains("列表"), "{told}");
    let sorted = named.clone().with(&format!("{new}-column"), "").with(&format!("{new}-kind"), "text");
    let (status, told) = sorted.with("step", "save").send(&clerk, &design).await;
    assert!(status == 422 && at_row(&told, &new.replace('f', "l")).contains("列表"), "it is only sorted by: {told}");
    let gone = named.clone().with(&format!("{new}-remove"), "1").with("step", "save");
    let (status, told) = gone.send(&clerk, &design).await;
    assert_eq!(status, 303, "{told}");
    let list = drafted(&ground).await.expect("a draft").list;
    assert_eq!((list.columns, list.order), (sample().list.columns, String::new()));
}

/// A new row in which hardly anything was typed is told where it stands, and is never dropped or kept as nothing.
#[tokio::test]
async fn rows_with_hardly_anything() {
    let ground = Ground::new().await;
    let (clerk, _) = published(&ground).await;
    let design = format!("{ENTRY}/design");
    let page = Filled::of(&clerk.open(&design).await.1).with("step", "add-part");
    let page = Filled::of(&page.send(&clerk, &design).await.1);
    let group = page.clone().with("p-4-group", "资金").with("step", "save");
    let (status, told) = group.send(&clerk, &design).await;
    assert!(status == 422 && at_row(&told, "p-4").contains("明细表"), "{told}");
    let page = Filled::of(&page.with("step", "add").send(&clerk, &design).await.1);
    let new = page.row("");
    let who = page.with(&format!("{new}-who"), "县级").with("step", "save");
    let (status, told) = who.send(&clerk, &design).await;
    assert!(status == 422 && at_row(&told, &new).contains("中文名应已填写"), "{told}");
    assert_eq!(Filled::of(&told).get(&format!("{new}-who")), "县级");
}
