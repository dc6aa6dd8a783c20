//! A parent is a witness of its child's audit log: what is taken off the log's end at the child is missed.

use anyhow::{Context, Result};
use tongpin_store::{Agreement, AuditDraft, AuditFilter};
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};

fn entry(member: &Member) -> AuditDraft<'static> {
    let at = member.site.now();
    AuditDraft { at, actor: "系统", address: "", action: "sign_in", subject: "", detail: "", allowed: true }
}

/// The end of a county's log reaches the city at the first contact and goes up while the line is up. After the end was
/// taken off, with what is kept apart put right, the log looks whole to the county; but the city notes that it went
/// back, holds what it held and enters it, and tells the county, which sees the difference.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_cut_is_missed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let own = folder.path().join("320581");
    let joined = join(&own, &hub.invite("320581").await?, &clock).await?;
    let start = async || Member::start_timed(&own, Some(joined.parent.clone()), &clock, "127.0.0.1:0", brisk()).await;
    let county = start().await?;
    let held = async || hub.site.store.witness(&region("320581")).await;
    until("the city bears witness", async || Ok(held().await?.is_some())).await?;
    for _ in 0..4 {
        county.site.store.audit(&entry(&county)).await?;
    }
    let told = county.site.store.audit_end(county.site.now()).await?;
    let reached = async || Ok(held().await?.is_some_and(|it| it.end.number == told.number));
    until("the log goes on at the city", reached).await?;
    let seen = held().await?.context("held")?;
    assert_eq!((seen.end.digest, seen.back), (told.digest, None));

    county.site.store.cut_log(told.number - 2).await?;
    assert_eq!(county.site.store.audit_broken_at().await?, None, "by itself it looks whole");
    county.stop().await;
    let county = start().await?;
    until("the city notes it", async || Ok(held().await?.is_some_and(|it| it.back.is_some()))).await?;
    let after = held().await?.context("held")?;
    assert_eq!((after.end, after.back.map(|it| it.0)), (seen.end, Some(told.number - 2)));
    let differs = async || Ok(county.site.store.witnessed().await? == Agreement::Differs(seen.end));
    until("the county is told", differs).await?;
    let filter = AuditFilter { action: "audit_back".into(), ..AuditFilter::default() };
    assert_eq!(hub.site.store.audit_count(&filter).await?, 1);
    Ok(())
}
