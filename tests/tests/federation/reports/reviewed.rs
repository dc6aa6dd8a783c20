//! Reports that a person accepts (人工审核): they count from that decision on, the county is told of each step, and
//! neither a broken database nor a file on the way changes that.

use anyhow::{Context, Result};
use tongpin_domain::collection::{Accepting, Collection};
use tongpin_domain::report::Verdict;
use tongpin_link::uplink::Parent;
use tongpin_link::{bundle, report};
use tongpin_store::{Approved, ReportState, Verdict as Kept};
use tongpin_tests::inprocess::{Member, TestClock, region, until};

use super::{Asked, COLLECTION, figures};

/// The collection of county scores, with reports that a person accepts.
fn by_review() -> Result<(String, String, String)> {
    let body = figures::county_scores().replacen('{', "{\"accepting\":\"by_review\",", 1);
    assert_eq!(serde_json::from_str::<Collection>(&body)?.accepting, Accepting::ByReview);
    Ok((COLLECTION.into(), "*".into(), body))
}

impl Asked {
    async fn for_review(hub: &str, county: &str) -> Result<Self> {
        let asked = Self::new(hub, county).await?;
        asked.hub.publish("collections", &[by_review()?]).await?;
        asked.county.holds(&asked.hub.catalog("collections"), 2).await?;
        Ok(asked)
    }

    async fn accept(&self, revision: u64) -> Result<Approved> {
        let county = self.county.site.region();
        Ok(report::accept(&self.hub.site, COLLECTION, &county, revision, "审核-003").await?)
    }

    async fn awaiting(&self) -> Result<usize> {
        Ok(self.hub.site.store.awaiting(COLLECTION).await?.len())
    }

    /// Number, revision and verdict of every receipt that the county holds.
    async fn told(&self) -> Result<Vec<(u64, u64, Verdict)>> {
        Ok(self.receipts().await?.iter().map(|it| (it.number, it.revision, it.verdict)).collect())
    }
}

/// A sound report waits and does not count; accepted it does, and the receipt names who accepted it. The next one
/// waits while the first goes on counting, a third takes the second's place, and one that was given back needs a new
/// revision.
#[tokio::test(flavor = "multi_thread")]
async fn accepted_or_given_back() -> Result<()> {
    let asked = Asked::for_review("343000", "343081").await?;
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Received);
    assert_eq!((asked.counted().await?, asked.awaiting().await?), (Vec::new(), 1));
    assert_eq!(asked.accept(9).await?, Approved::Missing);
    assert_eq!(asked.accept(1).await?, Approved::Done { receipt: 2 });
    asked.known_as(1, |state| state == ReportState::Accepted).await?;
    let receipt = asked.receipts().await?.pop().context("a receipt")?;
    assert_eq!((receipt.by.as_str(), receipt.verdict), ("审核-003", Verdict::Accepted));
    assert_eq!((asked.counted().await?, asked.awaiting().await?), (vec![1], 0));
    assert_eq!(asked.accept(1).await?, Approved::Decided(Kept::Accepted));

    for revision in 2..=3 {
        let mine = asked.decided(&asked.answer().await?).await?;
        assert_eq!((mine.revision, mine.state), (revision, ReportState::Received));
    }
    assert_eq!((asked.counted().await?, asked.awaiting().await?), (vec![1], 1));
    assert_eq!(asked.accept(2).await?, Approved::Decided(Kept::Replaced));
    let reasons = ["执行数与决算不一致".to_owned()];
    let county = asked.county.site.region();
    assert_eq!(report::give_back(&asked.hub.site, COLLECTION, &county, 3, &reasons, "审核-003").await?, Some(5));
    asked.known_as(3, |state| state == ReportState::Returned).await?;
    assert_eq!(asked.accept(3).await?, Approved::Decided(Kept::Returned));
    assert_eq!((asked.counted().await?, asked.awaiting().await?), (vec![1], 0), "the second was replaced for good");

    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Received);
    assert_eq!(asked.accept(4).await?, Approved::Done { receipt: 7 });
    assert_eq!(asked.counted().await?, [4]);
    Ok(())
}

/// A later report that the check returned takes nothing away from the one that waits: it still waits, and an officer
/// accepts it, or gives it back.
#[tokio::test(flavor = "multi_thread")]
async fn the_check_returns_a_later_one() -> Result<()> {
    let asked = Asked::for_review("343400", "343481").await?;
    for revision in [1, 3] {
        let mine = asked.decided(&asked.answer().await?).await?;
        assert_eq!((mine.revision, mine.state), (revision, ReportState::Received));
        let mut wrong = asked.answer().await?;
        wrong.period = "2023".into();
        assert_eq!(asked.decided(&wrong).await?.state, ReportState::Returned);
        assert_eq!(asked.awaiting().await?, 1, "revision {revision}");
        if revision == 1 {
            assert_eq!(asked.accept(1).await?, Approved::Done { receipt: 3 });
        }
    }
    let (county, reasons) = (asked.county.site.region(), ["执行数与决算不一致".to_owned()]);
    assert_eq!(report::give_back(&asked.hub.site, COLLECTION, &county, 3, &reasons, "审核-003").await?, Some(6));
    assert_eq!((asked.counted().await?, asked.awaiting().await?), (vec![1], 0));
    Ok(())
}

/// What is wrong is returned by the check without a person, and a county does not get around being looked at by
/// answering a release that did not ask for it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_around_it() -> Result<()> {
    let asked = Asked::for_review("343100", "343181").await?;
    let mut wrong = asked.answer().await?;
    wrong.period = "2023".into();
    assert_eq!(asked.decided(&wrong).await?.state, ReportState::Returned);
    let mut older = asked.answer().await?;
    older.collection_release.release = 1;
    assert_eq!(asked.decided(&older).await?.state, ReportState::Received);
    assert_eq!(asked.counted().await?, Vec::<u64>::new());
    // Once the city accepts by the check again, so is what comes; what waits is still an officer's.
    asked.hub.publish("collections", &[(COLLECTION.into(), "*".into(), figures::county_scores())]).await?;
    asked.county.holds(&asked.hub.catalog("collections"), 3).await?;
    assert_eq!(asked.accept(2).await?, Approved::Done { receipt: 3 });
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Accepted);
    // The same once it was taken away: then nothing says any more that the check is enough.
    let late = asked.answer().await?;
    asked.hub.publish("collections", &[]).await?;
    assert_eq!(asked.decided(&late).await?.state, ReportState::Received);
    Ok(())
}

/// A city that goes back to its backup has forgotten an acceptance: the report waits again, the county is told so, and
/// the officer accepts it anew.
#[tokio::test(flavor = "multi_thread")]
async fn city_from_a_backup() -> Result<()> {
    let mut asked = Asked::for_review("343200", "343281").await?;
    let copy = asked.folder.path().join("copy.sqlite");
    asked.hub.site.store.backup_to(&copy).await?;
    asked.decided(&asked.answer().await?).await?;
    assert_eq!(asked.accept(1).await?, Approved::Done { receipt: 2 });
    asked.known_as(1, |state| state == ReportState::Accepted).await?;

    asked = asked.hub_from(&copy).await?;
    until("the report waits again", async || Ok(asked.awaiting().await? == 1)).await?;
    asked.known_as(1, |state| state == ReportState::Received).await?;
    assert_eq!(asked.accept(1).await?, Approved::Done { receipt: 4 });
    asked.known_as(1, |state| state == ReportState::Accepted).await?;
    let (received, accepted) = (Verdict::Received, Verdict::Accepted);
    assert_eq!(asked.told().await?, [(1, 1, received), (2, 1, accepted), (3, 1, received), (4, 1, accepted)]);
    assert_eq!(asked.counted().await?, [1]);
    Ok(())
}

/// Over files the same happens: the report waits, the decision comes with the next file, and a file that is taken twice
/// decides nothing twice.
#[tokio::test(flavor = "multi_thread")]
async fn by_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "343300", &clock).await?;
    let county = Member::apart(folder.path(), "343381", &hub, &clock).await?;
    let parent = Parent { region: hub.site.region(), address: hub.address.clone() };
    hub.publish("collections", &[by_review()?]).await?;
    hub.publish("rules", &[(figures::RULES.into(), "*".into(), "{}".into())]).await?;
    let own = region("343381");
    let down = async || -> Result<()> {
        let file = bundle::for_child(&hub.site, &own).await?;
        bundle::take(&county.site, Some(&parent), &file).await?;
        bundle::take(&county.site, Some(&parent), &file).await?;
        Ok(())
    };
    let state = async || -> Result<ReportState> {
        Ok(county.site.store.my_reports(COLLECTION).await?.pop().context("a report")?.state)
    };
    down().await?;
    report::submit(&county.site, &super::answer_of(&county.site, &hub.catalog("collections")).await?).await?;
    let up = bundle::for_parent(&county.site, &parent).await?;
    for _ in 0..2 {
        bundle::take(&hub.site, None, &up).await?;
    }
    assert_eq!(hub.site.store.awaiting(COLLECTION).await?, std::slice::from_ref(&own));
    down().await?;
    assert_eq!(state().await?, ReportState::Received);
    let accepted = report::accept(&hub.site, COLLECTION, &own, 1, "审核-003").await?;
    assert_eq!(accepted, Approved::Done { receipt: 2 });
    bundle::take(&hub.site, None, &up).await?;
    down().await?;
    assert_eq!(state().await?, ReportState::Accepted);
    assert_eq!(county.site.store.my_receipts().await?.len(), 2);
    Ok(())
}
