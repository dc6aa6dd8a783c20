//! What one person decides at a time: each release is signed over exactly what the catalog is then, whoever else
//! decides meanwhile, and in whichever process.

use std::sync::Arc;

use anyhow::{Result, ensure};
use tongpin_domain::catalog::{Audience, CatalogId, CatalogIndex, Entry};
use tongpin_domain::form::VERDICTS;
use tongpin_link::publish::{self, PublishError};
use tongpin_link::{LinkError, Site};
use tongpin_store::{Person, Store, StoreError};
use tongpin_tests::inprocess::{Member, TestClock, region};

const TOWN: &str = "320581101";

/// Decides about something, again if somebody was faster.
async fn decide(site: &Arc<Site>, id: &CatalogId, key: &str, body: &str) -> Result<()> {
    loop {
        let audience = Audience::Region(region(TOWN));
        let entry = Entry { key: key.to_owned(), audience, release: 0, body: body.to_owned() };
        let publication = publish::amend(site, id, &Person::from("审核-003"), key, vec![entry]).await?;
        match publish::commit(site, publication, None).await {
            Ok(_) => return Ok(()),
            Err(PublishError::Link(LinkError::Store(StoreError::Conflict { .. }))) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether the newest release says what the catalog is.
async fn is_whole(store: &Store, id: &CatalogId, entries: usize) -> Result<()> {
    let held = store.entries(id).await?;
    let head = store.head(id).await?.map_or(0, |head| head.number);
    let signed = store.release(id, head).await?.map(|signed| signed.release.parts);
    ensure!(held.len() == entries, "{} entries in place of {entries}", held.len());
    ensure!(signed == Some(CatalogIndex::new(&held).parts()), "release {head} is signed over something else");
    Ok(())
}

/// Two programs on one database take turns, and then four people decide at the same moment: no release leaves out what
/// another decided, and the township takes all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decided_at_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let [hub, county, township] = Member::three_tiers(folder.path(), &clock).await?;
    let id = county.catalog(VERDICTS);
    let database = county.folder().join("tongpin.sqlite");
    let store = Store::open(database.to_str().unwrap_or_default()).await?;
    let identity = county.folder().join("identity");
    let parent = Some(hub.site.region());
    let other = Site::open(store, &identity, parent, clock.clone(), Arc::new(|| 1 << 40)).await?;
    for round in 0..6 {
        let site = if round % 3 == 0 { &other } else { &county.site };
        decide(site, &id, &format!("{TOWN}/roads/{}", round % 4), &format!("{{\"turn\":{round}}}")).await?;
        is_whole(&other.store, &id, (round + 1).min(4)).await?;
    }

    let people = (0..4).map(|person| {
        let (site, id) = (if person == 0 { other.clone() } else { county.site.clone() }, id.clone());
        tokio::spawn(async move {
            for number in 0..12 {
                decide(&site, &id, &format!("{TOWN}/roads/{person}-{number}"), "{}").await?;
            }
            anyhow::Ok(())
        })
    });
    for person in people.collect::<Vec<_>>() {
        person.await??;
    }
    is_whole(&county.site.store, &id, 4 + 48).await?;
    township.holds(&id, 6 + 48).await?;
    is_whole(&township.site.store, &id, 4 + 48).await?;
    other.store.close().await;
    Ok(())
}
