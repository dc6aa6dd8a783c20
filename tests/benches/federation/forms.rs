//! 表单: what a county's verdict costs beside ten thousand others, and a changed form that reaches ten nodes with a
//! hundred thousand documents of it each while somebody writes there.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tongpin_domain::catalog::{Audience, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Definition, FORMS, VERDICTS};
use tongpin_link::publish;
use tongpin_store::{Person, Put, RecordRow};
use tongpin_tests::documents::{code, document, form, published, with_decimals, with_field};
use tongpin_tests::inprocess::{Member, TestClock, region, until};

use super::{NODES, ROUNDS, baseline, median, ms, print};

/// Verdicts of a county, and documents of a node.
const VERDICTS_HELD: usize = 10_000;
const DOCUMENTS: usize = 100_000;
/// So many are written at a time.
const AT_ONCE: usize = 10_000;
const TOWN: &str = "320581101";

fn verdict(number: usize, turn: usize) -> Entry {
    let document = format!("{}/2026-{number:012}", code(0));
    let body = json!({
        "document": document, "author": TOWN, "turn": turn, "content": Digest::of(document.as_bytes()).to_string(),
        "state": "approved", "steps": [{
            "step": "approve", "from": "review", "to": "approved", "by": "审核-003", "account": "shenhe",
            "at": 1_770_000_000_000_i64 + i64::try_from(number).unwrap_or_default(), "reason": "金额与指标文件一致",
        }],
    });
    let audience = Audience::Region(region(TOWN));
    Entry { key: format!("{TOWN}/{document}"), audience, release: 0, body: body.to_string() }
}

/// One verdict beside many: from the decision to its durable acknowledgement by the township.
pub(crate) async fn verdicts() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let [_hub, county, township] = Member::three_tiers(folder.path(), &clock).await?;
    let id = county.catalog(VERDICTS);
    let by = Person::from("审核-003");
    let all: Vec<Entry> = (0..VERDICTS_HELD).map(|number| verdict(number, 1)).collect();
    let held: Vec<(String, String)> = all.iter().map(|entry| (entry.key.clone(), entry.body.clone())).collect();
    publish::commit(&county.site, publish::amend(&county.site, &id, &by, "", all).await?, None).await?;
    township.holds(&id, 1).await?;
    let mut bare_path = baseline::BarePath::open(&folder.path().join("raw"), &held, 1).await?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS * 6 {
        let entry = verdict(round * 97 % VERDICTS_HELD, 2);
        let mut acknowledged = county.downlink.acknowledgements();
        let began = Instant::now();
        let decided = publish::amend(&county.site, &id, &by, "", vec![entry]).await?;
        let (number, changed) = (decided.signed.release.number, decided.difference.upserts.clone());
        publish::commit(&county.site, decided, None).await?;
        loop {
            let applied = acknowledged.recv().await?;
            if applied.catalog == id && applied.number == number {
                break;
            }
        }
        ours.push(began.elapsed());
        raw.push(bare_path.send(&changed).await?);
    }
    let (ours, raw) = (median(ours), median(raw));
    let ratio = ours.as_secs_f64() / raw.as_secs_f64();
    print("verdict_beside_10000", "ms", ms(ours), ("bare_path", ms(raw)), ratio, "<= 60 ms");
    Ok(())
}

async fn filled_in(node: &Member, definition: &Definition) -> Result<()> {
    let (own, city) = (node.site.region(), region("320500"));
    let row = |place: usize| document(definition, (&city, 1), place, (&format!("P{place:08}"), "农村公路养护"));
    for first in (0..DOCUMENTS).step_by(AT_ONCE) {
        let records: Vec<RecordRow> = (first..first + AT_ONCE).map(row).collect::<Result<_>>()?;
        node.site.store.put_records(&Put { own: &own, records: &records, at: node.site.now(), log: false }).await?;
    }
    Ok(())
}

/// The longest that somebody waits who writes a document of a node again and again.
async fn longest_write(node: &Member, definition: &Definition, ended: CancellationToken) -> Result<Duration> {
    let (own, city) = (node.site.region(), region("320500"));
    let mut longest = Duration::ZERO;
    for round in 0.. {
        let row = document(definition, (&city, 1), DOCUMENTS + round % 2, ("P00000001", "农村公路养护"))?;
        let began = Instant::now();
        let put = Put { own: &own, records: &[row], at: node.site.now(), log: false };
        node.site.store.put_records(&put).await?;
        longest = longest.max(began.elapsed());
        if ended.is_cancelled() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(longest)
}

/// A form changes twice, by a field and by more decimals: from the signed release to the last of ten durable
/// acknowledgements.
pub(crate) async fn changed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let id = hub.catalog(FORMS);
    let first = form(0)?;
    let second = with_field(&first, "noted");
    let third = with_decimals(&second);
    let publish = async |text: &str| hub.publish(FORMS, &[(code(0), "*".into(), published(text)?)]).await;
    publish(&first).await?;
    let definition: Definition = serde_json::from_str(&published(&first)?)?;
    let mut nodes = Vec::new();
    for number in 0..NODES {
        let node = Member::node(folder.path(), &format!("3205{:02}", number + 10), &hub, &clock).await?;
        node.holds(&id, 1).await?;
        filled_in(&node, &definition).await?;
        nodes.push(node);
    }
    until("all follow", async || Ok(hub.downlink.links().regions().len() == NODES)).await?;
    let writes = baseline_write(&folder.path().join("raw.sqlite")).await?;
    for (name, text) in [("form_changed_at_10_nodes_field", &second), ("form_changed_at_10_nodes_decimals", &third)] {
        let mut acknowledged = hub.downlink.acknowledgements();
        let ended = CancellationToken::new();
        let writing = longest_write(&nodes[0], &definition, ended.clone());
        let changing = async {
            let began = Instant::now();
            let number = publish(text).await?;
            let mut missing = NODES;
            while missing > 0 {
                let applied = acknowledged.recv().await?;
                missing -= usize::from(applied.catalog == id && applied.number == number);
            }
            let took = began.elapsed();
            ended.cancel();
            anyhow::Ok(took)
        };
        let (took, longest) = tokio::try_join!(changing, writing)?;
        ensure!(longest > Duration::ZERO, "somebody wrote meanwhile");
        print(name, "ms", ms(took), ("raw_sqlite_write", ms(writes)), ms(took) / ms(writes), "<= 5000 ms");
        print(
            &format!("{name}_longest_write"),
            "ms",
            ms(longest),
            ("raw_sqlite_write", ms(writes)),
            ms(longest) / ms(writes),
            "<= 200 ms",
        );
    }
    Ok(())
}

/// What one durable write of a document's size costs in a raw database.
async fn baseline_write(path: &Path) -> Result<Duration> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let entry = (format!("k{round}"), "x".repeat(2_000));
        let path = path.with_extension(format!("{round}.sqlite"));
        times.push(baseline::insert_entries(&path, &[entry]).await?);
    }
    Ok(median(times))
}
