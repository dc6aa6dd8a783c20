//! A city or a county that goes back to a backup: reports and receipts find together again, and nothing that was
//! decided before is taken for an answer to what came after.

use std::path::Path;

use anyhow::{Context, Result};
use tongpin_domain::report::{Held, Verdict};
use tongpin_link::recall::{self, Recall};
use tongpin_link::report;
use tongpin_store::ReportState;
use tongpin_tests::inprocess::{Member, brisk, until};
use tongpin_tests::proxy::Loss;

use super::{Asked, COLLECTION};

fn put_back(folder: &Path, copy: &Path) -> Result<()> {
    for beside in ["tongpin.sqlite-wal", "tongpin.sqlite-shm"] {
        let _ = std::fs::remove_file(folder.join(beside));
    }
    std::fs::copy(copy, folder.join("tongpin.sqlite"))?;
    Ok(())
}

impl Asked {
    pub(super) async fn hub_from(mut self, copy: &Path) -> Result<Self> {
        let own = self.hub.folder().to_owned();
        self.hub.stop().await;
        put_back(&own, copy)?;
        self.hub = Member::start(&own, None, &self.time.clock(), "127.0.0.1:0").await?;
        self.line.lead_to(&self.hub.address);
        Ok(self)
    }

    async fn county_from(mut self, copy: &Path) -> Result<Self> {
        let (own, parent) = (self.county.folder().to_owned(), self.parent());
        self.county.stop().await;
        put_back(&own, copy)?;
        self.county = Member::start_timed(&own, Some(parent), &self.time.clock(), "127.0.0.1:0", brisk()).await?;
        Ok(self)
    }
}

/// A city that goes back to its backup gets every report again, and its new receipts are not taken for old ones: what
/// is reported afterwards is answered, too.
#[tokio::test(flavor = "multi_thread")]
async fn city_from_a_backup() -> Result<()> {
    let mut asked = Asked::new("342000", "342081").await?;
    asked.decided(&asked.answer().await?).await?;
    let copy = asked.folder.path().join("copy.sqlite");
    asked.hub.site.store.backup_to(&copy).await?;
    // Forgotten by the copy: receipt 2, by which the first revision was given back, and receipt 3 for the second.
    let (county, reasons) = (asked.county.site.region(), ["请更正".to_owned()]);
    report::give_back(&asked.hub.site, COLLECTION, &county, 1, &reasons, "审核-003").await?;
    asked.known_as(1, |state| state == ReportState::Returned).await?;
    asked.decided(&asked.answer().await?).await?;

    asked = asked.hub_from(&copy).await?;
    until("the second revision is there again", async || Ok(asked.counted().await? == [2])).await?;
    let third = asked.decided(&asked.answer().await?).await?;
    assert_eq!((third.revision, third.state), (3, ReportState::Accepted));
    let receipts = asked.receipts().await?;
    let told: Vec<(u64, u64, Verdict)> = receipts.iter().map(|it| (it.number, it.revision, it.verdict)).collect();
    let (accepted, returned) = (Verdict::Accepted, Verdict::Returned);
    assert_eq!(told, [(1, 1, accepted), (2, 1, returned), (3, 2, accepted), (4, 2, accepted), (5, 3, accepted)]);
    Ok(())
}

/// A county that goes back to its backup gets its reports and their receipts back, so that its next revision goes on
/// from what the city holds; until a person has looked, none is sent by itself.
#[tokio::test(flavor = "multi_thread")]
async fn reports_come_back() -> Result<()> {
    let mut asked = Asked::new("342200", "342281").await?;
    asked.decided(&asked.answer().await?).await?;
    let copy = asked.folder.path().join("copy.sqlite");
    asked.county.site.store.backup_to(&copy).await?;
    for _ in 0..2 {
        asked.decided(&asked.answer().await?).await?;
    }
    asked = asked.county_from(&copy).await?;
    let answered = async || Ok(Recall::load(&asked.county.site).await?.is_some_and(|it| it.answered_at.is_some()));
    until("the city has answered", answered).await?;
    asked.known_as(3, |state| state == ReportState::Accepted).await?;
    let recall = Recall::load(&asked.county.site).await?.context("asked")?;
    assert_eq!((recall.reports, recall.is_open()), (2, true));
    let next = asked.decided(&asked.answer().await?).await?;
    assert_eq!((next.revision, next.state), (4, ReportState::Accepted));
    assert_eq!(asked.counted().await?, [4]);
    recall::go_on(&asked.county.site, "审核-002").await?;
    assert!(!Recall::load(&asked.county.site).await?.context("asked")?.is_open());
    Ok(())
}

/// A county that goes back to its backup gets the receipts again that it has forgotten, and does not take one for the
/// answer to another report that now bears the same number; that one is returned, and the next one is taken.
#[tokio::test(flavor = "multi_thread")]
async fn county_from_a_backup() -> Result<()> {
    let mut asked = Asked::new("342100", "342181").await?;
    asked.decided(&asked.answer().await?).await?;
    let copy = asked.folder.path().join("copy.sqlite");
    asked.county.site.store.backup_to(&copy).await?;
    let mut forgotten = Vec::new();
    for revision in 2..=3 {
        let mine = asked.decided(&asked.answer().await?).await?;
        assert_eq!((mine.revision, mine.state), (revision, ReportState::Accepted));
        forgotten.push(mine.digest);
    }

    // It works on before it has a line to the city, which could tell it.
    asked.line.lose(Loss::Requests);
    asked = asked.county_from(&copy).await?;
    report::submit(&asked.county.site, &asked.answer().await?).await?;
    asked.line.mend();
    // It computes a second revision anew: the city has another one under this number, and a third.
    let again = asked.known_as(2, |state| state != ReportState::Submitted).await?;
    assert_ne!(again.digest, forgotten[0]);
    assert_eq!((again.revision, again.state), (2, ReportState::Returned));
    let receipts = asked.receipts().await?;
    let about: Vec<_> = receipts.iter().map(|receipt| receipt.report).collect();
    assert_eq!(about[1..], [forgotten[0], forgotten[1], again.digest]);
    let held: Vec<_> = receipts.iter().map(|receipt| receipt.held).collect();
    assert_eq!(held, [None, None, None, Some(Held { revision: 3, digest: forgotten[1] })]);
    // The receipt says what the city holds, so that the next one goes on from there: two revisions are skipped.
    let told = asked.answer().await?;
    assert_eq!((told.revision, told.replaces), (4, forgotten[1]));
    let found = asked.decided(&told).await?;
    assert_eq!(found.state, ReportState::Accepted);
    assert_eq!(asked.counted().await?, [4]);
    let next = asked.decided(&asked.answer().await?).await?;
    assert_eq!((next.revision, next.state), (5, ReportState::Accepted));
    Ok(())
}
