//! Databases that 0.1 wrote are upgraded when they are opened, with everything in them.

use anyhow::{Context as _, Result};
use serde_json::Value;
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::collection::Collection;
use tongpin_domain::observation::Observation;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::rules::RuleSet;
use tongpin_store::Store;
use tongpin_tests::inprocess::region;

use super::goldens::data_folder;

async fn opened(name: &str) -> Result<(tempfile::TempDir, Store)> {
    let folder = tempfile::tempdir()?;
    let home = data_folder(folder.path(), name)?;
    let store = Store::open(home.join("tongpin.sqlite").to_str().context("a path")?).await?;
    Ok((folder, store))
}

/// Every one of a county's records, reports, receipts and entries is there and is read.
#[tokio::test]
async fn a_county() -> Result<()> {
    let (_folder, store) = opened("lone-county").await?;
    let projects = store.records("project", None).await?;
    assert_eq!(projects.len(), 6);
    for project in &projects {
        serde_json::from_str::<Project>(&project.body)?;
    }
    let lines = store.records("project_indicator", None).await?;
    assert_eq!(lines.len(), 30);
    for line in &lines {
        serde_json::from_str::<ProjectIndicator>(&line.body)?;
    }
    let scored = store.scored_codes().await?;
    assert_eq!(scored.len(), 6);
    // Scoring has learned since: each is to be scored anew, without anybody asking.
    assert_eq!(store.due_after("", 99).await?, scored);
    assert_eq!(store.my_reports("county-scores").await?.len(), 2);
    assert_eq!(store.my_reports("fund-indicators").await?.len(), 1);
    assert_eq!(store.receipts_held(&region("320500")).await?, 4);
    let rules = store.entries(&CatalogId::new(region("320500"), "rules")).await?;
    assert_eq!(rules.len(), 1);
    RuleSet::from_json(&rules[0].body)?;
    for entry in store.entries(&CatalogId::new(region("320500"), "collections")).await? {
        serde_json::from_str::<Collection>(&entry.body)?;
    }
    assert_eq!(store.audit_broken_at().await?, None, "the log of 0.1 is whole");
    Ok(())
}

/// A township's months, with their evidence, and what it has sent.
#[tokio::test]
async fn a_township() -> Result<()> {
    let (_folder, store) = opened("township").await?;
    let months = store.records("observation", None).await?;
    let months: Vec<Observation> =
        months.iter().map(|month| serde_json::from_str(&month.body)).collect::<Result<_, _>>()?;
    // The opening, March and April of one project.
    assert_eq!(months.iter().map(|month| month.month).collect::<Vec<_>>(), [0, 3, 4]);
    assert_eq!(months[1].spent.raw(), "12000.50");
    assert_eq!(months[1].evidence.len(), 1);
    assert_eq!(store.acked("records").await?, 43);
    assert_eq!(store.audit_broken_at().await?, None);
    Ok(())
}

/// A city's nodes, the reports it holds, the draft it had begun, and its log.
#[tokio::test]
async fn a_city() -> Result<()> {
    let (_folder, store) = opened("city").await?;
    assert_eq!(store.children().await?.len(), 10);
    assert_eq!(store.received("county-scores").await?.len(), 10);
    assert_eq!(store.received_all("county-scores").await?.len(), 11, "吴中区 reported twice");
    for report in store.received_all("fund-indicators").await? {
        serde_json::from_str::<Value>(&report.payload)?;
    }
    assert_eq!(store.questions().await?.len(), 1);
    assert_eq!(store.receipts_made(&region("320506")).await?, 4);
    assert_eq!(store.audit_broken_at().await?, None);
    Ok(())
}

/// Upgrading is one step: opening again changes nothing, and the upgraded database says that it is of today.
#[tokio::test]
async fn once() -> Result<()> {
    let (folder, store) = opened("county").await?;
    let incarnation = store.incarnation().await?;
    store.close().await;
    let path = folder.path().join("county/tongpin.sqlite");
    let before = std::fs::read(&path)?;
    let again = Store::open(path.to_str().context("a path")?).await?;
    assert_eq!(again.incarnation().await?, incarnation, "an upgrade is no restore");
    again.close().await;
    assert!(std::fs::read(&path)? == before);
    Ok(())
}
