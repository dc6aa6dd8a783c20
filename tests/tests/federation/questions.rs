//! Questions go up beside reports and survive a broken line; answers come down to whoever asked, and to its townships.

use std::time::Duration;

use anyhow::{Context, Result};
use tongpin_domain::digest::Digest;
use tongpin_domain::guidance::{NOTICES, Notice, Question};
use tongpin_domain::report::{Receipt, Verdict};
use tongpin_link::downlink::BatchReceiver;
use tongpin_link::question;
use tongpin_store::REPORTS;
use tongpin_tests::inprocess::{Member, TestClock, region, until};

use crate::claims::{asking, batch};

fn entry(key: &str, audience: &str, notice: &Notice) -> Result<(String, String, String)> {
    Ok((key.to_owned(), audience.to_owned(), serde_json::to_string(notice)?))
}

/// A county asks while the city is away and is heard when it is back; the city's answer reaches the county and its
/// township and nobody else, a notice to all reaches everybody.
#[tokio::test(flavor = "multi_thread")]
async fn asked_and_answered() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let county = Member::node(folder.path(), "320581", &hub, &clock).await?;
    let other = Member::node(folder.path(), "320582", &hub, &clock).await?;
    let township = Member::node(folder.path(), "320581101", &county, &clock).await?;

    let (home, address) = (hub.folder().to_owned(), hub.address.clone());
    hub.stop().await;
    let at = county.site.now();
    let asked = Question::new(region("320581"), "指标口径", "满意度按户还是按人统计？", "经办（jingban）", at);
    assert!(question::ask(&county.site, &asked).await?);
    let hub = Member::start(&home, None, &clock, &address).await?;
    until("the question arrives", async || Ok(!hub.site.store.questions().await?.is_empty())).await?;
    let kept = hub.site.store.questions().await?;
    assert_eq!(serde_json::from_str::<Question>(&kept[0].payload)?, asked);
    until("it is acknowledged", async || Ok(county.site.store.acked(REPORTS).await? == 1)).await?;

    let told = |title: &str, answers: Option<String>| Notice {
        title: title.into(),
        text: "按户统计。".into(),
        by: "发布（fabu）".into(),
        at,
        answers,
        reminds: None,
    };
    let rows = [entry("a", "320581", &told("答复", Some(asked.key.clone())))?, entry("b", "*", &told("通知", None))?];
    hub.publish(NOTICES, &rows).await?;
    let id = hub.catalog(NOTICES);
    for (member, count) in [(&county, 2), (&township, 2), (&other, 1)] {
        member.holds(&id, 1).await?;
        assert_eq!(member.site.store.entries(&id).await?.len(), count, "{}", member.site.region());
    }
    let answer = township.site.store.entry(&id, "a").await?.expect("it is there");
    assert_eq!(serde_json::from_str::<Notice>(&answer.body)?.answers, Some(asked.key));
    Ok(())
}

/// A question whose moment lies outside its author's certificate, as when a clock was wrong, is not taken in: the asker
/// is told so in a receipt that names the question by its digest. Asked anew it arrives.
#[tokio::test(flavor = "multi_thread")]
async fn not_taken_and_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let county = Member::node(folder.path(), "320581", &hub, &clock).await?;
    let ask = async |at| {
        let asked = Question::new(region("320581"), "指标口径", "满意度按户还是按人统计？", "经办（jingban）", at);
        question::ask(&county.site, &asked).await
    };
    assert!(ask(county.site.now().plus_seconds(400 * 24 * 3600)).await?);
    let store = &county.site.store;
    until("a receipt", async || Ok(store.my_receipts().await?.len() == 1)).await?;
    let receipt: Receipt = serde_json::from_str(&store.my_receipts().await?[0].payload)?;
    let mine = store.my_questions().await?;
    assert_eq!(receipt.question, Some(Digest::of(mine[0].payload.as_bytes())));
    assert_eq!((receipt.verdict, receipt.reasons.len()), (Verdict::Returned, 1));
    assert!(receipt.reasons[0].starts_with("提问的签名无效"), "{receipt:?}");
    assert_eq!(hub.site.store.questions().await?, []);

    assert!(ask(county.site.now()).await?);
    until("the question arrives", async || Ok(hub.site.store.questions().await?.len() == 1)).await?;
    assert_eq!(store.my_receipts().await?.len(), 1);
    Ok(())
}

/// A hundred questions of one county may wait for an answer, twenty a day: the next one is told so and not taken in,
/// and once one of them is answered there is room for one.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_wait_at_most() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let turning = TestClock::default();
    let clock = turning.clock();
    let hub = Member::hub(folder.path(), "522200", &clock).await?;
    let county = Member::apart(folder.path(), "522202", &hub, &clock).await?;
    let (desk, own, store) = (BatchReceiver::new(hub.site.clone()), region("522202"), &hub.site.store);
    for first in (1..=100).step_by(20) {
        let changes: Result<Vec<_>> = (first..first + 20).map(|number| asking(&county, number)).collect();
        desk.receive(&own, batch(&county, first, changes?).await?).await?;
        turning.advance(Duration::from_hours(24));
    }
    assert_eq!((store.questions().await?.len(), store.receipts_made(&own).await?), (100, 0));

    desk.receive(&own, batch(&county, 101, vec![asking(&county, 101)?]).await?).await?;
    assert_eq!(store.questions().await?.len(), 100);
    let told = store.receipts_after(&own, 0).await?.pop().context("a receipt")?;
    assert!(told.payload.contains("已有 100 个提问等待答复"), "{}", told.payload);

    let answers = store.question_keys(&own).await?.pop();
    let at = hub.site.now();
    let answer =
        Notice { title: "答复".into(), text: "是".into(), by: "发布-001".into(), at, answers, reminds: None };
    hub.publish(NOTICES, &[entry("a", "522202", &answer)?]).await?;
    desk.receive(&own, batch(&county, 102, vec![asking(&county, 102)?]).await?).await?;
    assert_eq!((store.questions().await?.len(), store.receipts_made(&own).await?), (101, 1));
    Ok(())
}
