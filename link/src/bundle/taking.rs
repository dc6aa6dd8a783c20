//! Taking bundles in: what a parent or a child wrote goes where the same messages of a link would go.

use std::sync::Arc;

use prost::Message;
use tongpin_domain::catalog::Head;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{self, RegionCode};
use tongpin_proto::{packing, v1, weight};
use tongpin_store::{ChildState, Contact};

use super::last_words::{self, Committed};
use super::{BundleError, Taken};
use crate::boxed;
use crate::downlink::{self, BatchReceiver, Board, MOST_HEADS};
use crate::error::{LinkError, chain};
use crate::recall::{self, Taking};
use crate::sealed::{self, Purpose};
use crate::site::Site;
use crate::trials;
use crate::uplink::{self, Intake, Parent};
use crate::witness;

/// Takes in a bundle, from the parent or from a child: who wrote it decides, and its certificate says who that is.
///
/// # Errors
/// Every [`BundleError`]. Nothing that was applied before an error is undone; taking the bundle in again goes on.
#[boxed]
pub async fn take(site: &Arc<Site>, parent: Option<&Parent>, bytes: &[u8]) -> Result<Taken, BundleError> {
    let damaged = |error: &(dyn std::error::Error + 'static)| BundleError::Damaged(chain(error));
    weight::check::<v1::Bundle>(bytes, 0).map_err(|error| damaged(&error))?;
    let bundle = v1::Bundle::decode(bytes).map_err(|error| damaged(&error))?;
    let signed = bundle.signed.unwrap_or_default();
    let identity = site.identity();
    let opened = sealed::open(identity.roots(), Purpose::Bundle, &signed, site.now()).map_err(LinkError::from)?;
    let content: v1::BundleContent =
        packing::unpack(&opened.payload, bundle.raw_length).map_err(|error| damaged(&error))?;
    if content.sender != opened.signer.as_str() {
        return Err(BundleError::Sender { signer: opened.signer, sender: content.sender });
    }
    if content.receiver != site.region().as_str() {
        return Err(BundleError::Receiver(content.receiver));
    }
    let messages = content.upward.len() + content.downward.len();
    let written_at = Moment(content.written_ms);
    // Of two bundles the later written one counts. A clock that was ahead once must not outshine all that follow.
    let order = written_at.min(site.now());
    let sender = opened.signer;
    let outcomes = match parent {
        Some(parent) if parent.region == sender => from_parent(site, parent, order, content.downward).await?,
        _ => {
            let leaf = signed.chain.first().cloned().unwrap_or_default();
            let fingerprint = crate::identity::fingerprint_of(&rustls_pki_types::CertificateDer::from(leaf.as_ref()));
            site.admission.check(&fingerprint, &sender).map_err(LinkError::from)?;
            from_child(site, &sender, order, content.upward).await?
        }
    };
    Ok(Taken { sender, written_at, messages, outcomes })
}

async fn from_parent(
    site: &Arc<Site>,
    parent: &Parent,
    written_at: Moment,
    messages: Vec<v1::Downward>,
) -> Result<Vec<String>, LinkError> {
    let mut intake = Intake::new(site.clone(), parent.region.clone());
    let mut incarnation = site.store.incarnation().await?;
    let mut committed = Committed::new(written_at, &incarnation);
    let mut outcomes = Vec::new();
    let mut taking = Taking::default();
    for message in messages {
        let answer = match message.body {
            Some(v1::downward::Body::Transfer(transfer)) => intake.begin(transfer).await?,
            Some(v1::downward::Body::Chunk(chunk)) => intake.go_on(chunk).await?,
            Some(v1::downward::Body::Receipt(receipt)) => intake.receipt(receipt).await?,
            Some(v1::downward::Body::Acknowledged(acknowledged)) => {
                let position = acknowledged.position.unwrap_or_default();
                if position.incarnation == incarnation {
                    let (stream, number) = (position.stream.as_str(), position.number);
                    if uplink::lacks(site, &position).await? {
                        outcomes.push(send_again(site, stream, number).await?);
                        // What else it acknowledges is of the incarnation that just ended.
                        incarnation = site.store.incarnation().await?;
                    } else {
                        site.store.mark_acked(stream, number, site.now()).await?;
                        committed.note(stream, number);
                    }
                }
                None
            }
            Some(v1::downward::Body::Returned(returned)) => {
                if taking.take(site, returned).await? {
                    let recall::Lack { missing, older, both } = recall::lack(&recall::differences(site).await?);
                    outcomes.push(format!(
                        "上级已收到的记录中，本库缺 {missing} 条、较旧 {older} 条、两边都改过 {both} 条；\
                         请用 take-back 或在“恢复”页面处理"
                    ));
                }
                None
            }
            // About a line only.
            Some(
                v1::downward::Body::Welcome(_)
                | v1::downward::Body::Heard(_)
                | v1::downward::Body::Warned(_)
                | v1::downward::Body::Prove(_),
            )
            | None => None,
        };
        outcomes.extend(answer.and_then(outcome));
    }
    committed.keep(&site.store, &parent.region).await?;
    Ok(outcomes)
}

/// The parent has what this node lacks of its own present incarnation: this database is an old copy. It takes a new
/// incarnation, so that everything is sent again and new changes never hide behind old numbers.
async fn send_again(site: &Site, stream: &str, number: u64) -> Result<String, LinkError> {
    site.store.renew_incarnation(&uuid::Uuid::now_v7().to_string()).await?;
    tracing::error!(stream, number, "this database is older than what the parent has: sending everything again");
    Ok(format!(
        "{stream}：上级已有第 {number} 条，本库没有或与之不同：本库是用旧备份恢复的，下一个上行文件将重新包含全部内容"
    ))
}

fn outcome(answer: v1::upward::Body) -> Option<String> {
    match answer {
        v1::upward::Body::Applied(applied) => {
            applied.head.map(|head| format!("目录 {} 已应用第 {} 版", head.catalog, head.number))
        }
        v1::upward::Body::Refused(refused) => {
            Some(format!("目录 {} 第 {} 版未应用：{}", refused.catalog, refused.number, refused.detail))
        }
        _ => None,
    }
}

async fn from_child(
    site: &Arc<Site>,
    child: &RegionCode,
    written_at: Moment,
    messages: Vec<v1::Upward>,
) -> Result<Vec<String>, LinkError> {
    let desk = BatchReceiver::new(site.clone());
    let mut outcomes = Vec::new();
    for message in messages {
        match message.body {
            Some(v1::upward::Body::Hello(hello)) => note_hello(site, child, written_at, hello).await?,
            Some(v1::upward::Body::Batch(batch)) => {
                let (stream, first) = (batch.stream.clone(), batch.first);
                for answer in desk.receive(child, batch).await? {
                    if let v1::downward::Body::Acknowledged(acknowledged) = answer {
                        outcomes.push(acknowledgement(&stream, first, &acknowledged));
                    }
                }
            }
            Some(v1::upward::Body::Recall(recall)) if region::records_go_up(child, &site.region()) => {
                site.store.begin_life(child, &downlink::lineage(recall.lineage)?).await?;
            }
            _ => {}
        }
    }
    Ok(outcomes)
}

fn acknowledgement(stream: &str, first: u64, acknowledged: &v1::Acknowledged) -> String {
    let number = acknowledged.position.as_ref().map_or(0, |position| position.number);
    if acknowledged.expected > 0 {
        return format!("{stream}：缺第 {} 条，从第 {first} 条起未接收；请先导入较早的文件", acknowledged.expected);
    }
    format!("{stream}：已收到第 {number} 条")
}

async fn note_hello(
    site: &Site,
    child: &RegionCode,
    written_at: Moment,
    mut hello: v1::Hello,
) -> Result<(), LinkError> {
    if !last_words::hear(&site.store, child, written_at, hello.receipts_held).await? {
        return Ok(());
    }
    if let Some(signed) = &hello.audit_head {
        witness::hear(site, child, signed, true).await?;
    }
    if let Some(condition) = &mut hello.condition {
        trials::hear(site, child, std::mem::take(&mut condition.trial_answers)).await?;
    }
    let at = site.now();
    let board = Board::load(site).await?;
    let mut states = Vec::new();
    for head in hello.heads.into_iter().take(MOST_HEADS) {
        let head = match Head::try_from(head) {
            Ok(head) => head,
            Err(invalid) => {
                tracing::warn!(child = %child, reason = %invalid, "an item of the child was passed over");
                continue;
            }
        };
        // What is said beyond what is known here is told to people as what it is: not proven.
        let Some(progress) = board.believed(child, &head) else { continue };
        states.push(ChildState {
            region: child.clone(),
            catalog: head.catalog,
            number: head.number,
            digest: head.digest,
            progress,
            reason: String::new(),
            at,
        });
    }
    let contact = Contact {
        region: child.clone(),
        at,
        software: hello.software,
        incarnation: hello.incarnation,
        clock_offset_ms: None,
        disk_free: hello.condition.map(|condition| condition.disk_free_bytes),
        address: String::new(),
    };
    Ok(site.store.note_children(&states, &[contact]).await?)
}
