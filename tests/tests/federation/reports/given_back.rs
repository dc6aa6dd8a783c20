//! Reports that an officer gives back (退回): they no longer count, and the county learns it, whatever else is going on.

use std::sync::Arc;

use anyhow::{Context, Result};
use prost::Message;
use tongpin_link::sealed::{self, Purpose};
use tongpin_link::uplink::{Intake, Parent};
use tongpin_link::{Site, bundle, report};
use tongpin_proto::v1;
use tongpin_store::{Minted, ReportState, Store};
use tongpin_tests::inprocess::{Member, TestClock, region};
use tongpin_tests::logs;

use super::{Asked, COLLECTION};

/// An officer gives an accepted report back: it no longer counts, and the county learns it with the reason, by whom.
#[tokio::test(flavor = "multi_thread")]
async fn given_back_by_a_person() -> Result<()> {
    let asked = Asked::new("340700", "340781").await?;
    asked.decided(&asked.answer().await?).await?;
    let reasons = ["执行数与决算不一致".to_owned()];
    let county = asked.county.site.region();
    let number = report::give_back(&asked.hub.site, COLLECTION, &county, 1, &reasons, "审核-003").await?;
    assert_eq!(number, Some(2));
    asked.known_as(1, |state| state == ReportState::Returned).await?;
    let receipt = asked.receipts().await?.pop().context("a receipt")?;
    assert_eq!((receipt.reasons, receipt.by.as_str()), (reasons.to_vec(), "审核-003"));
    assert_eq!(asked.counted().await?, Vec::<u64>::new());
    assert_eq!(report::give_back(&asked.hub.site, COLLECTION, &county, 9, &[], "审核-003").await?, None);
    assert_eq!(asked.decided(&asked.answer().await?).await?.state, ReportState::Accepted);
    assert_eq!(asked.counted().await?, [2]);
    Ok(())
}

/// While an officer gives reports back with a command, beside the running program, the county goes on reporting: every
/// receipt comes, in the order of the numbers, over one unbroken link.
#[tokio::test(flavor = "multi_thread")]
async fn receipts_keep_their_order() -> Result<()> {
    logs::capture();
    let asked = Asked::new("340800", "340881").await?;
    let (folder, county) = (asked.hub.folder(), asked.county.site.region());
    let database = folder.join("tongpin.sqlite");
    let store = Store::open(database.to_str().context("a path in UTF-8")?).await?;
    let command = Site::open(store, &folder.join("identity"), None, asked.time.clock(), Arc::new(|| 0)).await?;
    asked.decided(&asked.answer().await?).await?;
    for revision in 1..=6 {
        let next = asked.answer().await?;
        let reasons = ["请更正".to_owned()];
        // The running program has not noticed yet when the next report arrives.
        report::give_back(&command, COLLECTION, &county, revision, &reasons, "审核-003").await?;
        report::submit(&asked.county.site, &next).await?;
        asked.known_as(revision, |state| state == ReportState::Returned).await?;
        asked.known_as(revision + 1, |state| state == ReportState::Accepted).await?;
    }
    // One receipt for each of 7 revisions, and one more for each of the 6 that were given back.
    let numbers: Vec<u64> = asked.receipts().await?.iter().map(|receipt| receipt.number).collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<_>>());
    assert_eq!(logs::captured(&["the link to the parent is down", "region=340881"]), Vec::<String>::new());
    Ok(())
}

/// The city signs a receipt as a later program might: with a verdict that this one does not know.
async fn answered_by_a_later_program(hub: &Site, county: &str) -> Result<()> {
    let (identity, at) = (hub.identity(), hub.now());
    let mint = move |number: u64| {
        let payload = serde_json::json!({ "number": number, "at": at, "verdict": "weighed" }).to_string();
        let signed = sealed::seal(&identity, Purpose::Receipt, payload.as_bytes()).map_err(|it| it.to_string())?;
        Ok(Minted { payload, envelope: signed.encode_to_vec() })
    };
    hub.store.fill_receipts(&region(county), 1, at, mint).await?;
    Ok(())
}

/// A receipt that a county cannot read is kept in its place, and those after it do their work: over a link and by file.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_a_later_form() -> Result<()> {
    let asked = Asked::new("343500", "343581").await?;
    let told = asked.answer().await?;
    answered_by_a_later_program(&asked.hub.site, "343581").await?;
    assert_eq!(asked.decided(&told).await?.state, ReportState::Accepted);
    assert_eq!(asked.county.site.store.receipts_held(&asked.hub.site.region()).await?, 2);

    let (folder, clock) = (tempfile::tempdir()?, TestClock::default().clock());
    let hub = Member::hub(folder.path(), "343600", &clock).await?;
    let county = Member::apart(folder.path(), "343681", &hub, &clock).await?;
    let parent = Parent { region: hub.site.region(), address: hub.address.clone() };
    hub.publish("collections", &[(COLLECTION.into(), "*".into(), tongpin_tests::figures::county_scores())]).await?;
    hub.publish("rules", &[(tongpin_tests::figures::RULES.into(), "*".into(), "{}".into())]).await?;
    answered_by_a_later_program(&hub.site, "343681").await?;
    let own = region("343681");
    bundle::take(&county.site, Some(&parent), &bundle::for_child(&hub.site, &own).await?).await?;
    report::submit(&county.site, &super::answer_of(&county.site, &hub.catalog("collections")).await?).await?;
    bundle::take(&hub.site, None, &bundle::for_parent(&county.site, &parent).await?).await?;
    bundle::take(&county.site, Some(&parent), &bundle::for_child(&hub.site, &own).await?).await?;
    let mine = county.site.store.my_reports(COLLECTION).await?.pop().context("a report")?;
    assert_eq!((mine.state, county.site.store.receipts_held(&parent.region).await?), (ReportState::Accepted, 2));
    Ok(())
}

/// A receipt without a readable number, and one that calls itself another, are set aside in the place in which the city
/// sent them: those after them do their work.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_without_a_number() -> Result<()> {
    let asked = Asked::new("343700", "343781").await?;
    let told = asked.answer().await?;
    let (hub, at) = (&asked.hub.site, asked.hub.site.now());
    let identity = hub.identity();
    let mint = move |number: u64| {
        let payload =
            if number == 1 { "[]".to_owned() } else { serde_json::json!({ "number": 7, "at": at }).to_string() };
        let signed = sealed::seal(&identity, Purpose::Receipt, payload.as_bytes()).map_err(|it| it.to_string())?;
        Ok(Minted { payload, envelope: signed.encode_to_vec() })
    };
    hub.store.fill_receipts(&region("343781"), 2, at, mint).await?;
    assert_eq!(asked.decided(&told).await?.state, ReportState::Accepted);
    assert_eq!(asked.county.site.store.receipts_held(&hub.region()).await?, 3);
    Ok(())
}

/// A receipt that another county signed, or the county itself, one that was signed for another purpose and one that was
/// changed are not taken, with a number in them or without: their place is free for the one that the parent signed.
#[tokio::test]
async fn a_receipt_of_somebody_else() -> Result<()> {
    let (folder, clock) = (tempfile::tempdir()?, TestClock::default().clock());
    let hub = Member::hub(folder.path(), "343800", &clock).await?;
    let county = Member::apart(folder.path(), "343881", &hub, &clock).await?;
    let other = Member::apart(folder.path(), "343882", &hub, &clock).await?;
    let (store, parent) = (&county.site.store, hub.site.region());
    let mut intake = Intake::new(county.site.clone(), parent.clone());
    let numbered = serde_json::json!({ "number": 1, "at": hub.site.now(), "verdict": "weighed" }).to_string();
    for payload in [numbered.as_str(), "[]"] {
        let seal = |of: &Member, purpose| sealed::seal(&of.site.identity(), purpose, payload.as_bytes());
        let sound = seal(&hub, Purpose::Receipt)?;
        let unsigned = v1::Signed { signature: Vec::new().into(), ..sound.clone() };
        let wrong = [
            seal(&other, Purpose::Receipt)?,
            seal(&county, Purpose::Receipt)?,
            seal(&hub, Purpose::Report)?,
            unsigned,
            v1::Signed { payload: format!("{payload} ").into(), ..sound },
        ];
        for (which, signed) in wrong.into_iter().enumerate() {
            let answer = intake.receipt(v1::Receipt { number: 1, signed: Some(signed) }).await?;
            assert_eq!(answer, None, "{which} of {payload}");
            assert_eq!(store.receipts_held(&parent).await?, 0, "{which} of {payload}");
        }
    }
    let signed = Some(sealed::seal(&hub.site.identity(), Purpose::Receipt, numbered.as_bytes())?);
    assert!(intake.receipt(v1::Receipt { number: 1, signed }).await?.is_some());
    assert_eq!(store.receipts_held(&parent).await?, 1);
    Ok(())
}
