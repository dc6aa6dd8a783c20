//! A fresh hub begins with samples, and keeps the calendars of years.

use tongpin_domain::calendar::CALENDARS;

use super::*;

/// A hub with nothing offers samples on its first page and above the catalogs. One person drafts them, another
/// publishes each; then nothing is offered any more.
#[tokio::test]
async fn samples_are_drafted_and_published() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter, Duty::Publish]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    for place in ["/", "/catalogs"] {
        assert!(clerk.open(place).await.1.contains(">装入示例目录<"), "{place}");
        let (_, shown) = publisher.open(place).await;
        assert!(shown.contains("从示例开始") && !shown.contains(">装入示例目录<"), "{place}: {shown}");
    }
    assert_eq!(publisher.send("/catalogs/starter", &[]).await.0, 403);
    let (status, shown) = clerk.send("/catalogs/starter", &[]).await;
    assert!(status == 303 && shown.contains("示例目录已存为草稿"), "{shown}");
    assert!(!shown.contains("从示例开始"), "{shown}");
    for catalog in ["rules", "regions", "procedures", "funds", "indicators", "forms", "calendars"] {
        let publish = format!("/catalogs/{catalog}/publish");
        assert_eq!(clerk.send(&publish, &[("sure", "1")]).await.0, 422, "{catalog} needs another person");
        let (status, shown) = publisher.send(&publish, &[("sure", "1")]).await;
        assert_eq!(status, 303, "{catalog}: {shown}");
    }
    let (_, shown) = clerk.send("/catalogs/starter", &[]).await;
    assert!(shown.contains("各目录已有内容"), "{shown}");
}

/// A table of days becomes a year of the calendar, which the list counts; a line that is no day is told, and what is
/// changed as text is looked at like the table.
#[tokio::test]
async fn calendars() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let days = include_str!("../../../../samples/cycle/holidays_2025.csv");
    let (status, shown) = clerk.import(CALENDARS, "节假日.csv", days).await;
    assert_eq!(status, 303, "{shown}");
    let (_, list) = clerk.open("/catalogs/calendars/entries?draft=1").await;
    for told in ["放假天数", ">28<", ">5<", "2025年节假日与调休"] {
        assert!(list.contains(told), "{told}: {list}");
    }
    let (_, shown) = clerk.open("/catalogs/calendars/entries/2025").await;
    assert!(shown.contains("2025-01-26;2025-02-08"), "{shown}");
    let bad = days.replace("2025-01-28,放假", "2025-01-28,休息");
    let (status, shown) = clerk.upload("/catalogs/calendars/draft", &clerk.csrf, "节假日.csv", &bad).await;
    assert!(status == 422 && shown.contains("放假 或 上班"), "{shown}");

    let edit = "/catalogs/calendars/entries/2025/edit";
    let (_, page) = clerk.open(edit).await;
    let seen = hidden(&page, "seen");
    let text = "id = \"2025\"\nholidays = [\"2025-01-01\"]\nworking = [\"2026-01-04\"]\n";
    let (status, told) = clerk.send(edit, &[("seen", &seen), ("text", text)]).await;
    assert!(status == 422 && told.contains("2025 年的日期"), "{told}");
    let book = clerk.file("/catalogs/calendars/template.xlsx").await;
    assert!(!book.is_empty());
}
