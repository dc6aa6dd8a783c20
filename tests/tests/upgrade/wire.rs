//! The bytes of every message of 0.1, encoded by another implementation of protobuf, mean what they meant.

use anyhow::{Context as _, Result};
use prost::Message as _;
use tongpin_domain::catalog::Head;
use tongpin_proto::packing;
use tongpin_proto::v1::{self, downward, upward};

use super::goldens::kept;

const INCARNATION: &str = "01939e5c-0000-7000-8000-000000000001";

fn up(name: &str) -> Result<upward::Body> {
    let bytes = kept(&format!("wire/{name}.bin"))?;
    v1::Upward::decode(bytes.as_slice())?.body.context("a message that is known")
}

fn down(name: &str) -> Result<downward::Body> {
    let bytes = kept(&format!("wire/{name}.bin"))?;
    v1::Downward::decode(bytes.as_slice())?.body.context("a message that is known")
}

fn is_rules_seven(head: v1::Head) -> Result<()> {
    let head = Head::try_from(head)?;
    assert_eq!((head.catalog.to_string().as_str(), head.number), ("320500/rules", 7));
    assert_eq!(head.digest.0[31], 31);
    Ok(())
}

/// What goes up: every field is where it was, and what came later is absent.
#[test]
fn upwards() -> Result<()> {
    let upward::Body::Hello(hello) = up("hello")? else { anyhow::bail!("not a Hello") };
    assert_eq!((hello.protocol, hello.software.as_str(), hello.receipts_held), (1, "0.1.0", 5));
    assert_eq!(hello.incarnation, INCARNATION);
    is_rules_seven(hello.heads.first().cloned().context("a head")?)?;
    assert_eq!((hello.staged[0].transfer.len(), hello.staged[0].length), (32, 65_536));
    assert_eq!((hello.sent[0].stream.as_str(), hello.sent[0].number), ("records", 42));
    let condition = hello.condition.context("a condition")?;
    assert_eq!((condition.clock_ms, condition.disk_free_bytes), (1_795_916_957_288, 1 << 40));

    let upward::Body::Applied(applied) = up("applied")? else { anyhow::bail!("not an Applied") };
    is_rules_seven(applied.head.context("a head")?)?;
    let upward::Body::Refused(refused) = up("refused")? else { anyhow::bail!("not a Refused") };
    assert_eq!((refused.number, refused.code.as_str(), refused.detail.as_str()), (8, "digest", "条目摘要不符"));

    let upward::Body::Batch(batch) = up("batch")? else { anyhow::bail!("not a Batch") };
    assert_eq!((batch.stream.as_str(), batch.first), ("records", 43));
    let changes: v1::Changes = packing::unpack(&batch.data, batch.raw_length)?;
    let seen: Vec<_> = changes.changes.iter().map(|it| (it.key.as_str(), it.body.as_deref())).collect();
    assert_eq!(seen, [("P001", Some(&br#"{"project_code":"P001"}"#[..])), ("P002", None)]);

    let upward::Body::ReceiptsHeld(held) = up("receipts-held")? else { anyhow::bail!("not a ReceiptsHeld") };
    assert_eq!(held.number, 6);
    let upward::Body::Condition(condition) = up("condition")? else { anyhow::bail!("not a Condition") };
    assert_eq!(condition.clock_ms, -1);
    Ok(())
}

/// What comes down.
#[test]
fn downwards() -> Result<()> {
    let downward::Body::Welcome(welcome) = down("welcome")? else { anyhow::bail!("not a Welcome") };
    assert_eq!((welcome.software.as_str(), welcome.committed[0].number), ("0.1.0", 3));
    let downward::Body::Transfer(transfer) = down("transfer")? else { anyhow::bail!("not a Transfer") };
    assert_eq!(
        (transfer.from, transfer.to, transfer.releases[0].payload.as_ref()),
        (7, 8, &br#"{"signed":"bytes"}"#[..])
    );
    let difference: v1::Difference = packing::unpack(&transfer.data, transfer.raw_length)?;
    let entry = difference.upserts.first().context("an entry")?;
    assert_eq!((entry.key.as_str(), entry.release, entry.body.as_str()), ("k1", 8, r#"{"a":1}"#));
    assert_eq!(difference.removals, ["k2"]);
    let downward::Body::Chunk(chunk) = down("chunk")? else { anyhow::bail!("not a Chunk") };
    assert_eq!((chunk.offset, chunk.data.as_ref()), (65_536, &b"rest"[..]));
    let downward::Body::Acknowledged(acknowledged) = down("acknowledged")? else { anyhow::bail!("not an answer") };
    assert_eq!((acknowledged.position.context("a position")?.number, acknowledged.expected), (44, 43));
    let downward::Body::Receipt(receipt) = down("receipt")? else { anyhow::bail!("not a Receipt") };
    assert_eq!(receipt.number, 9);
    let downward::Body::Heard(heard) = down("heard")? else { anyhow::bail!("not a Heard") };
    assert_eq!(heard.clock_ms, 1_795_916_957_288);
    Ok(())
}

/// Enrolment: a token's holder of 0.1 is still understood.
#[test]
fn enrolment() -> Result<()> {
    let request = v1::EnrolRequest::decode(kept("wire/enrol.bin")?.as_slice())?;
    let keys = request.keys.context("keys")?;
    assert_eq!((request.secret.len(), keys.identity.as_ref(), keys.issuer.as_ref()), (32, &b"i"[..], &b"j"[..]));
    let answer = v1::Certificates::decode(kept("wire/certificates.bin")?.as_slice())?;
    assert_eq!((answer.identity_chain.len(), answer.issuer_chain.len()), (2, 1));
    Ok(())
}
