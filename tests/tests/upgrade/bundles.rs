//! Bundles that 0.1 packed are taken in by databases that 0.1 wrote and this program upgraded.

use anyhow::{Context as _, Result};
use tongpin_domain::catalog::CatalogId;
use tongpin_link::bundle;
use tongpin_link::uplink::Parent;
use tongpin_tests::inprocess::{Member, region};

use super::goldens::{clock, data_folder, kept};

/// A township's file brings the change of one name up; the city's brings the second release of the roster down. Both
/// are taken once, and again without effect.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_0_1() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let home = data_folder(folder.path(), "county")?;
    let county = Member::start(&home, None, &clock(), "127.0.0.1:0").await?;
    let store = &county.site.store;

    let renamed = async || -> Result<usize> {
        let projects = store.records("project", Some(&region("320505101"))).await?;
        assert_eq!(projects.len(), 6);
        Ok(projects.iter().filter(|project| project.body.contains("（更名）")).count())
    };
    assert_eq!(renamed().await?, 0);
    let taken = bundle::take(&county.site, None, &kept("township-to-county.bundle")?).await?;
    assert_eq!(taken.sender, region("320505101"));
    assert_eq!(renamed().await?, 1);

    let parent = Parent::load(store).await?.context("a parent")?;
    let taken = bundle::take(&county.site, Some(&parent), &kept("city-to-county.bundle")?).await?;
    assert!(taken.outcomes.iter().any(|line| line.contains("experts") && line.contains("第 2 版")), "{taken:?}");
    bundle::take(&county.site, Some(&parent), &kept("city-to-county.bundle")?).await?;
    let experts = CatalogId::new(region("320500"), "experts");
    assert_eq!(store.releases(&experts, 0, 9).await?.len(), 2, "taken once");
    county.stop().await;
    Ok(())
}
