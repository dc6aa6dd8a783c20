//! What a county does with batches as they may arrive: twice, overlapping, with something missing, or from somebody
//! whose records it must not have.

use anyhow::{Result, bail};
use tokio_stream::wrappers::ReceiverStream;
use tongpin_domain::region::RegionCode;
use tongpin_link::LinkError;
use tongpin_link::downlink::BatchReceiver;
use tongpin_link::error::Denial;
use tongpin_link::tls::Connector;
use tongpin_proto::v1::link_client::LinkClient;
use tongpin_proto::{PROTOCOL, packing, v1};
use tongpin_store::StoreError;
use tongpin_tests::inprocess::{Member, TestClock, region};
use tongpin_tests::logs;

fn batch(first: u64, keys: &[&str]) -> Result<v1::Batch> {
    let changes = keys.iter().zip(first..).map(|(key, number)| v1::Change {
        kind: "project".into(),
        key: (*key).to_owned(),
        body: Some(format!("{{\"n\":{number}}}").into_bytes().into()),
        over: None,
    });
    let packed = packing::pack(&v1::Changes { changes: changes.collect() }, 1)?;
    Ok(v1::Batch {
        stream: "records".into(),
        incarnation: "i1".into(),
        first,
        data: packed.data,
        raw_length: packed.raw_length,
        lineage: Vec::new(),
    })
}

/// The acknowledged number and the expected one, 0 for none.
async fn answer(desk: &BatchReceiver, child: &RegionCode, batch: v1::Batch) -> Result<(u64, u64)> {
    let answers = desk.receive(child, batch).await?;
    let [v1::downward::Body::Acknowledged(told)] = &answers[..] else { bail!("not one acknowledgement: {answers:?}") };
    Ok((told.position.as_ref().map_or(0, |position| position.number), told.expected))
}

/// A batch that comes again changes nothing, of an overlapping one only the rest is applied, and none of it if it has
/// something else under the number that was taken last. After a gap nothing is taken: the log raises the alarm and the
/// answer names what is missing.
#[tokio::test(flavor = "multi_thread")]
async fn duplicates_overlaps_and_gaps() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let county = Member::hub(folder.path(), "330104", &TestClock::default().clock()).await?;
    let (desk, child, store) = (BatchReceiver::new(county.site.clone()), region("330104001"), &county.site.store);
    let body = async |key: &str| Ok::<_, anyhow::Error>(store.record("project", key).await?.map(|found| found.body));

    assert_eq!(answer(&desk, &child, batch(1, &["A", "B", "C"])?).await?, (3, 0));
    let before = store.change_count().await?;
    assert_eq!(answer(&desk, &child, batch(1, &["A", "B", "C"])?).await?, (3, 0));
    assert_eq!(answer(&desk, &child, batch(2, &["B"])?).await?, (3, 0));
    assert_eq!(store.change_count().await?, before, "nothing was written again");

    assert_eq!(answer(&desk, &child, batch(3, &["C", "D"])?).await?, (4, 0));
    assert_eq!((body("C").await?, body("D").await?), (Some("{\"n\":3}".into()), Some("{\"n\":4}".into())));
    let forked = desk.receive(&child, batch(4, &["C", "E"])?).await.expect_err("another fourth change");
    assert!(matches!(&forked, LinkError::Store(StoreError::Forked { number: 4, .. })), "{forked:?}");
    assert_eq!((body("C").await?, body("E").await?), (Some("{\"n\":3}".into()), None));

    assert_eq!(answer(&desk, &child, batch(9, &["Z"])?).await?, (4, 5));
    assert_eq!(body("Z").await?, None);
    assert_eq!(logs::captured(&["ERROR", "a gap in the child's records", "330104001", "expected=5", "got=9"]).len(), 1);
    assert_eq!(answer(&desk, &child, batch(5, &["E"])?).await?, (5, 0));
    Ok(())
}

/// A city takes no records of a county, whoever made it send them: the link is refused, and both ends can read why.
#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_county_are_refused() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330300", &clock).await?;
    let county = Member::node(folder.path(), "330381", &hub, &clock).await?;
    let own = county.site.region();
    let refused = BatchReceiver::new(hub.site.clone()).receive(&own, batch(1, &["A"])?).await;
    assert!(matches!(&refused, Err(LinkError::Denied(Denial::RecordsStay(region))) if *region == own), "{refused:?}");

    // The same over the wire, by a program that does not keep to the rule.
    let tls = county.site.tls.clone();
    county.stop().await;
    let channel = Connector::endpoint(&hub.address)
        .map_err(LinkError::Connect)?
        .connect_with_connector(Connector::new(tls))
        .await?;
    let (outlet, outgoing) = tokio::sync::mpsc::channel(2);
    let hello = v1::Hello { protocol: PROTOCOL, incarnation: "i1".into(), ..Default::default() };
    for body in [v1::upward::Body::Hello(hello), v1::upward::Body::Batch(batch(1, &["A"])?)] {
        outlet.send(v1::Upward { body: Some(body) }).await?;
    }
    let mut inbound = LinkClient::new(channel).follow(ReceiverStream::new(outgoing)).await?.into_inner();
    let status = loop {
        match inbound.message().await {
            Ok(Some(_)) => {}
            Ok(None) => bail!("the link must end with a reason"),
            Err(status) => break status,
        }
    };
    let said = (status.code(), status.message());
    assert_eq!(said, (tonic::Code::PermissionDenied, "records of 330381 do not leave the county"));
    logs::logged(&["330381", "records of 330381 do not leave the county"]).await?;
    assert_eq!(hub.site.store.count_records("project").await?, 0);
    Ok(())
}
