//! Transfers made by hand: what an honest parent would send, and the same with one thing wrong.

use anyhow::{Context, Result, bail, ensure};
use prost::Message;
use tongpin_domain::catalog::{CatalogId, Entry, Head, Release, SignedRelease};
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;
use tongpin_link::identity::Identity;
use tongpin_link::sealed;
use tongpin_link::transfer::{self, Transfers};
use tongpin_link::uplink::Intake;
use tongpin_proto::{packing, v1};
use tongpin_tests::inprocess::Member;

/// A message to a child.
pub(crate) type Down = v1::downward::Body;

/// A row of a catalog: key, audience and body.
pub(crate) fn row(key: &str, audience: &str, body: &str) -> (String, String, String) {
    (key.to_owned(), audience.to_owned(), body.to_owned())
}

/// As many rows for everybody, each with a short body that names the version.
pub(crate) fn rows(count: usize, version: &str) -> Vec<(String, String, String)> {
    (0..count)
        .map(|n| row(&format!("K{n:05}"), "*", &format!("{{\"name\":\"指标 {n}\",\"v\":\"{version}\"}}")))
        .collect()
}

/// Rows whose bodies hardly compress: `count` entries of `size` characters out of sixty-four, in no order.
pub(crate) fn noise(count: usize, size: usize) -> Vec<(String, String, String)> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut letter = || {
        // Xorshift: the same noise in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'0' + u8::try_from(state % 64).unwrap_or(0))
    };
    let mut body = || (0..size).map(|_| letter()).filter(|letter| *letter != '\\').collect::<String>();
    (0..count).map(|n| row(&format!("K{n:05}"), "*", &format!("{{\"noise\":\"{}\"}}", body()))).collect()
}

/// What `parent` would send to a child that holds release `from` and should hold `to`.
pub(crate) async fn carried(
    parent: &Member,
    child: &RegionCode,
    id: &CatalogId,
    from: u64,
    to: u64,
) -> Result<Vec<Down>> {
    let store = &parent.site.store;
    let releases = transfer::Transfers::default().releases_between(store, id, from, to).await?;
    let prepared = Transfers::default().prepare(store, id, from, to, child).await?;
    Ok(transfer::messages(id, to, releases, &prepared, None).collect())
}

/// The same where it is small enough for one message.
pub(crate) async fn whole(
    parent: &Member,
    child: &RegionCode,
    id: &CatalogId,
    from: u64,
    to: u64,
) -> Result<v1::Transfer> {
    let mut messages = carried(parent, child, id, from, to).await?;
    match (messages.pop(), messages.is_empty()) {
        (Some(Down::Transfer(transfer)), true) => Ok(transfer),
        _ => bail!("more than one message"),
    }
}

/// The transfer with its difference changed and packed again, with a digest that fits the new bytes.
pub(crate) fn repacked(transfer: &v1::Transfer, change: impl FnOnce(&mut v1::Difference)) -> Result<v1::Transfer> {
    let mut difference: v1::Difference = packing::unpack(&transfer.data, transfer.raw_length)?;
    change(&mut difference);
    let packed = packing::pack(&difference, 3)?;
    Ok(v1::Transfer {
        id: Digest::of(&packed.data).0.to_vec().into(),
        length: packed.data.len() as u64,
        raw_length: packed.raw_length,
        data: packed.data,
        ..transfer.clone()
    })
}

/// The transfer with other signed releases.
pub(crate) fn signed_by(transfer: &v1::Transfer, releases: &[SignedRelease]) -> Result<v1::Transfer> {
    let releases = releases.iter().map(|signed| v1::Signed::decode(signed.envelope.as_slice()));
    Ok(v1::Transfer { releases: releases.collect::<Result<_, _>>()?, ..transfer.clone() })
}

/// A release of `publisher`, changed and signed anew by whoever `identity` is.
pub(crate) async fn resigned(
    publisher: &Member,
    id: &CatalogId,
    number: u64,
    identity: &Identity,
    change: impl FnOnce(&mut Release),
) -> Result<SignedRelease> {
    let mut release = publisher.site.store.release(id, number).await?.context("no such release")?.release;
    change(&mut release);
    Ok(sealed::seal_release(identity, release)?)
}

/// Hands messages to an intake; the answer is the last one.
pub(crate) async fn feed(intake: &mut Intake, messages: impl IntoIterator<Item = Down>) -> Result<String> {
    let mut last = None;
    for message in messages {
        ensure!(last.is_none(), "an answer before the transfer was complete");
        last = match message {
            Down::Transfer(transfer) => intake.begin(transfer).await?,
            Down::Chunk(chunk) => intake.go_on(chunk).await?,
            other => bail!("not part of a transfer: {other:?}"),
        };
    }
    Ok(match last {
        None => "MORE".to_owned(),
        Some(v1::upward::Body::Applied(applied)) => {
            format!("APPLIED {}", applied.head.context("a head")?.number)
        }
        Some(v1::upward::Body::Refused(refused)) => {
            ensure!(refused.detail.contains("本级") || refused.detail.contains("已拒收"), "{}", refused.detail);
            refused.code
        }
        Some(other) => bail!("not an answer to a transfer: {other:?}"),
    })
}

/// Everything that a refused transfer must leave as it was.
#[derive(Debug, PartialEq)]
pub(crate) struct Held {
    heads: Vec<Head>,
    entries: Vec<Entry>,
    staged: bool,
}

/// What a member holds of a catalog now.
pub(crate) async fn held(member: &Member, id: &CatalogId) -> Result<Held> {
    let store = &member.site.store;
    Ok(Held {
        heads: store.heads().await?,
        entries: store.entries(id).await?,
        staged: store.staged(id).await?.is_some(),
    })
}
