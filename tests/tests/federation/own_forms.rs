//! A county's own form reaches its townships as all guidance does, and is not changed so that documents could not be
//! read any more, whoever publishes.

use anyhow::{Result, ensure};
use tongpin_domain::catalog::{Audience, CatalogId};
use tongpin_domain::form::FORMS;
use tongpin_link::publish::{self, PublishError, Separation};
use tongpin_store::{DraftRow, Person};
use tongpin_tests::inprocess::{Member, TestClock};

fn row(kind: &str) -> DraftRow {
    let body = format!(
        r#"{{"code":"rural_water","title":"农村供水维修养护台账","fields":[{{"name":"issued","title":"下达资金","kind":"{kind}"}}]}}"#
    );
    DraftRow { key: "rural_water".to_owned(), audience: Audience::Everyone, body }
}

/// Drafts a form, and publishes it as another person.
async fn publish(county: &Member, id: &CatalogId, kind: &str) -> Result<(), PublishError> {
    let site = &county.site;
    site.store.replace_draft(id, &[row(kind)], "经办-001", site.now(), "").await?;
    let publication = publish::prepare(site, id, Person::from("审核-002"), Separation::TwoPeople).await?;
    publish::commit(site, publication, None).await.map(drop)
}

/// The township has the form, with its table, and neither the city nor a neighbouring county does; a field that would
/// turn into a day keeps the change from being published.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_county() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let [hub, county, township] = Member::three_tiers(folder.path(), &clock).await?;
    let neighbour = Member::node(folder.path(), "320582", &hub, &clock).await?;
    let id = county.catalog(FORMS);
    publish(&county, &id, "money").await?;
    township.holds(&id, 1).await?;
    let held = township.site.store.forms_held().await?;
    ensure!(held.len() == 1 && held[0].code == "rural_water", "{held:?}");
    for other in [&hub, &neighbour] {
        ensure!(other.site.store.head(&id).await?.is_none(), "a county's form is nobody else's");
    }
    let refused = publish(&county, &id, "day").await;
    ensure!(matches!(refused, Err(PublishError::Forms(_))), "{refused:?}");
    ensure!(county.site.store.head(&id).await?.is_some_and(|head| head.number == 1), "nothing was published");
    Ok(())
}
