//! Questions go up beside reports and survive a broken line; answers come down to whoever asked, and to its townships.

use anyhow::Result;
use tongpin_domain::guidance::{NOTICES, Notice, Question};
use tongpin_link::question;
use tongpin_store::REPORTS;
use tongpin_tests::inprocess::{Member, TestClock, region, until};

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
