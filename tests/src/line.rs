//! A link that is spoken by hand: a child without a database, of which a test or a benchmark says each word. A thousand
//! of them fit into a process.

use std::sync::Arc;

use anyhow::{Context, Result};
use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::Report;
use tongpin_link::downlink::Admission;
use tongpin_link::identity::Identity;
use tongpin_link::sealed::{self, Purpose};
use tongpin_link::tls::{Clock, Connector, ReloadableTls};
use tongpin_proto::v1::link_client::LinkClient;
use tongpin_proto::{PROTOCOL, packing, v1};
use tongpin_store::REPORTS;

/// The incarnation that every such child has.
pub const INCARNATION: &str = "x";

/// Both directions of a link.
pub struct Line {
    up: mpsc::Sender<v1::Upward>,
    /// What the parent says.
    pub down: tonic::Streaming<v1::Downward>,
}

impl Line {
    /// Calls a parent as the child of an identity, which says that it holds these heads.
    ///
    /// # Errors
    /// The parent is not reached, or does not let it in.
    pub async fn open(
        identity: &Identity,
        parent: RegionCode,
        address: &str,
        clock: &Clock,
        heads: Vec<v1::Head>,
    ) -> Result<Self> {
        let tls = ReloadableTls::new(identity, Some(parent), Arc::new(Admission::default()), clock.clone())?;
        let channel = Connector::endpoint(address)?.connect_with_connector(Connector::new(tls)).await?;
        let (up, out) = mpsc::channel(8);
        let hello = v1::Hello { protocol: PROTOCOL, incarnation: INCARNATION.into(), heads, ..v1::Hello::default() };
        up.send(v1::Upward { body: Some(v1::upward::Body::Hello(hello)) }).await?;
        let down = LinkClient::new(channel).follow(ReceiverStream::new(out)).await?.into_inner();
        Ok(Self { up, down })
    }

    /// Says something.
    ///
    /// # Errors
    /// The link has ended.
    pub async fn say(&self, body: v1::upward::Body) -> Result<()> {
        Ok(self.up.send(v1::Upward { body: Some(body) }).await?)
    }

    /// What the parent says next.
    ///
    /// # Errors
    /// The link has ended.
    pub async fn hear(&mut self) -> Result<v1::downward::Body> {
        loop {
            let message = self.down.message().await?.context("the link ended")?;
            if let Some(body) = message.body {
                return Ok(body);
            }
        }
    }
}

/// A report as the batch that brings it, under a number of the stream.
///
/// # Errors
/// It cannot be signed.
pub fn reported(identity: &Identity, report: &Report, number: u64) -> Result<v1::Batch> {
    let payload = serde_json::to_string(report)?;
    let envelope = sealed::seal(identity, Purpose::Report, payload.as_bytes())?.encode_to_vec();
    let change = v1::Change {
        kind: "report".into(),
        key: report.collection.clone(),
        body: Some(envelope.into()),
        ..v1::Change::default()
    };
    let packed = packing::pack(&v1::Changes { changes: vec![change] }, 1)?;
    Ok(v1::Batch {
        stream: REPORTS.into(),
        incarnation: INCARNATION.into(),
        first: number,
        data: packed.data,
        raw_length: packed.raw_length,
        lineage: Vec::new(),
    })
}

/// The word that a transfer was applied, if it came whole in its first message.
#[must_use]
pub fn applied(transfer: &v1::Transfer) -> Option<v1::upward::Body> {
    let whole = transfer.data.len() as u64 == transfer.length;
    let last = transfer.releases.last().filter(|_| whole)?;
    let head = v1::Head {
        publisher: transfer.publisher.clone(),
        catalog: transfer.catalog.clone(),
        number: transfer.to,
        digest: Digest::of(&last.payload).0.to_vec().into(),
    };
    Some(v1::upward::Body::Applied(v1::Applied { head: Some(head) }))
}
