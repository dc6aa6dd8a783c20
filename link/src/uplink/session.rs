//! One link from the child's side: says what this node has, takes what the parent sends, sends what it wrote.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc, watch};
use tokio_stream::wrappers::{ReceiverStream, UnboundedReceiverStream};
use tongpin_domain::region::RegionCode;
use tongpin_proto::v1::link_client::LinkClient;
use tongpin_proto::{PROTOCOL, convert, v1};
use tongpin_store::Watch;

use super::batch_size::BatchSize;
use super::intake::Intake;
use super::state::Parent;
use super::{outbox, proof, renewal, state, warned};
use crate::error::{LinkError, chain};
use crate::recall::{self, Taking};
use crate::site::Site;
use crate::tls::Connector;
use crate::trials;
use crate::witness;

/// The largest message taken from the parent: a transfer's first message with many releases.
const LARGEST_MESSAGE: usize = 16 * 1024 * 1024;
/// How often the end of the audit log is told while it goes on, in times that the node says how it is.
const WITNESS_EVERY: u32 = 5;
/// How long what came over a line that broke is waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long the parent may take to answer the first message.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connects, follows, and returns when the link ends. `welcomed` is called once the parent has answered.
pub(crate) async fn run(
    site: &Arc<Site>,
    parent: &Parent,
    batch_size: &BatchSize,
    welcomed: impl FnOnce(),
) -> Result<(), LinkError> {
    let endpoint = Connector::endpoint(&parent.address).map_err(LinkError::Connect)?;
    let channel = endpoint
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20))
        .keep_alive_while_idle(true)
        .connect_with_connector(site.connector())
        .await
        .map_err(|error| LinkError::from_transport(&error))?;
    renewal::renew_if_due(site, channel.clone()).await?;

    // Answers to the parent never wait for batches: a full line upward must not stop what comes down.
    let (answers, answers_out) = mpsc::unbounded_channel();
    let (batches, batches_out) = mpsc::channel(1);
    let incarnation = site.store.incarnation().await?;
    // What is answered to trials from here on is told beside what Hello says.
    let answered = site.store.watch(trials::concerns);
    say(&answers, v1::upward::Body::Hello(hello(site, parent, &incarnation).await?))?;
    let outgoing =
        futures_util::stream::select(UnboundedReceiverStream::new(answers_out), ReceiverStream::new(batches_out));
    let mut client = LinkClient::new(channel.clone()).max_decoding_message_size(LARGEST_MESSAGE);
    let inbound = client.follow(outgoing).await.map_err(|status| LinkError::from_status(&status))?.into_inner();
    let mut inbound = inbound.map(|message| message.map_err(|status| LinkError::from_status(&status)));
    let first = tokio::time::timeout(PATIENCE, inbound.next()).await;
    let first = first.map_err(|_| LinkError::Protocol("no welcome".into()))?.transpose()?;
    let Some(v1::Downward { body: Some(v1::downward::Body::Welcome(welcome)) }) = first else {
        return Err(LinkError::Protocol("the first answer must be Welcome".into()));
    };
    // With a full disk the link goes on: it is how the parent learns of it.
    site.clock_watch.hear(&parent.region, welcome.clock_ms.saturating_sub(site.now().0));
    let noted = async {
        warned::admitted(site).await?;
        state::note_success(site, welcome.clock_ms, &welcome.software).await
    };
    if let Err(error) = noted.await {
        tracing::warn!(error = %chain(&error), "that the link is up could not be noted");
    }
    tracing::info!(parent = %parent.region, address = parent.address, "following");
    if let Some(held) = &welcome.witnessed
        && let Err(error) = witness::note(site, held).await
    {
        tracing::warn!(error = %chain(&error), "what the parent holds of the audit log could not be noted");
    }
    welcomed();

    let cursors = committed(site, parent, &incarnation, &welcome).await?;
    let due = recall::is_due(site, &incarnation, &welcome.committed).await?;
    if due {
        say(&answers, v1::upward::Body::Recall(v1::Recall { lineage: outbox::lineage(site).await? }))?;
        // A parent that does not know the question passes it over; its answer to this tells.
        say(&answers, v1::upward::Body::Condition(condition(site)))?;
    }
    let (asked, mut told) = watch::channel(!due);
    let (acknowledged, watched) = watch::channel(cursors.clone());
    let caught_up = Notify::new();
    let keeper = outbox::keep_acknowledged(site.clone(), watched.clone(), &caught_up);
    let sending = outbox::pump(site.clone(), incarnation.clone(), cursors, watched, (batches, batch_size), &caught_up);
    let pump = async {
        // Nothing is sent before the parent has told what this database may lack.
        told.wait_for(|told| *told).await.map_err(|_| LinkError::Stopped)?;
        sending.await
    };
    let mut listener = Listener {
        site,
        parent: parent.region.clone(),
        incarnation,
        intake: Intake::new(site.clone(), parent.region.clone()),
        answers,
        acknowledged,
        taking: Taking::default(),
        asked,
        batch_size,
        answered,
    };
    let ended = {
        let mut listening = pin!(listener.listen(inbound, channel));
        tokio::select! {
            ended = &mut listening => ended,
            ended = async { tokio::select! { ended = pump => ended, ended = keeper => ended } } => {
                // When sending ends the line is broken; what came before that is still to be heard.
                let _ = tokio::time::timeout(LAST_WORDS, listening).await;
                ended
            }
        }
    };
    listener.intake.keep().await;
    ended
}

struct Listener<'a> {
    site: &'a Arc<Site>,
    parent: RegionCode,
    batch_size: &'a BatchSize,
    incarnation: String,
    intake: Intake,
    answers: mpsc::UnboundedSender<v1::Upward>,
    acknowledged: watch::Sender<HashMap<&'static str, u64>>,
    taking: Taking,
    /// Whether the parent has answered what this database may lack, or need not be asked.
    asked: watch::Sender<bool>,
    /// Wakes when something else is answered to a trial.
    answered: Watch,
}

impl Listener<'_> {
    async fn listen(
        &mut self,
        mut inbound: impl StreamExt<Item = Result<v1::Downward, LinkError>> + Unpin,
        channel: tonic::transport::Channel,
    ) -> Result<(), LinkError> {
        let timing = self.site.timing;
        let mut condition_due = tokio::time::interval(timing.condition_every);
        condition_due.reset();
        let mut witness_due = tokio::time::interval(timing.condition_every.saturating_mul(WITNESS_EVERY));
        witness_due.reset();
        // Entries may have come since Hello was written: the first time it is told whatever it is.
        let mut witnessed = None;
        let storage_pause = tokio::time::sleep(timing.storage_pause);
        tokio::pin!(storage_pause);
        loop {
            tokio::select! {
                message = inbound.next() => match message.transpose()? {
                    None => return Ok(()),
                    Some(v1::Downward { body: Some(body) }) => {
                        let failed_before = self.intake.storage_failed();
                        if let Some(answer) = self.receive(body).await? {
                            say(&self.answers, answer)?;
                        }
                        if self.intake.storage_failed() && !failed_before {
                            storage_pause.as_mut().reset(tokio::time::Instant::now() + timing.storage_pause);
                        }
                    }
                    Some(v1::Downward { body: None }) => {
                        tracing::debug!("a message of a newer version was passed over");
                    }
                },
                _ = condition_due.tick() => {
                    say(&self.answers, v1::upward::Body::Condition(condition(self.site)))?;
                    renewal::renew_if_due(self.site, channel.clone()).await?;
                }
                _ = self.answered.changed() => {
                    let trial_answers = trials::told(self.site).await?;
                    let told = v1::Condition { trial_answers, ..condition(self.site) };
                    say(&self.answers, v1::upward::Body::Condition(told))?;
                }
                _ = witness_due.tick() => match witness::told(self.site).await {
                    Ok((number, _)) if witnessed == Some(number) => {}
                    Ok((number, signed)) => {
                        say(&self.answers, v1::upward::Body::AuditHead(signed))?;
                        witnessed = Some(number);
                    }
                    Err(error) => tracing::warn!(error = %chain(&error), "the audit log's end could not be told"),
                },
                () = &mut storage_pause, if self.intake.storage_failed() => {
                    return Err(LinkError::Answer {
                        code: tonic::Code::Aborted,
                        message: "a release could not be stored here; trying again".into(),
                    });
                }
            }
        }
    }

    async fn receive(&mut self, body: v1::downward::Body) -> Result<Option<v1::upward::Body>, LinkError> {
        match body {
            v1::downward::Body::Welcome(_) => Err(LinkError::Protocol("Welcome twice".into())),
            v1::downward::Body::Transfer(transfer) => self.intake.begin(transfer).await,
            v1::downward::Body::Chunk(chunk) => self.intake.go_on(chunk).await,
            v1::downward::Body::Receipt(receipt) => self.intake.receipt(receipt).await,
            v1::downward::Body::Prove(asked) => {
                for message in proof::answer(self.site, &self.parent, asked).await? {
                    say(&self.answers, message)?;
                }
                Ok(None)
            }
            v1::downward::Body::Acknowledged(acknowledged) => self.acknowledged(acknowledged).map(|()| None),
            v1::downward::Body::Warned(warned) => Ok(self.warned(warned).await),
            v1::downward::Body::Returned(returned) => {
                if self.taking.take(self.site, returned).await? {
                    self.asked.send_replace(true);
                }
                Ok(None)
            }
            v1::downward::Body::Heard(heard) => {
                if !*self.asked.borrow() {
                    self.taking.passed_over(self.site).await?;
                    self.asked.send_replace(true);
                }
                // A word about the line must not end it: with a full disk it goes on being heard.
                if let Err(error) = state::note_heard(self.site, heard.clock_ms).await {
                    tracing::warn!(error = %chain(&error), "the parent's answer could not be noted");
                }
                Ok(None)
            }
        }
    }

    /// Notes what the parent warns of. The answer shows the parent that this machine is there.
    async fn warned(&self, warned: v1::Warned) -> Option<v1::upward::Body> {
        tracing::error!(code = warned.code, detail = warned.detail, "the parent warns");
        if let Err(error) = warned::note(self.site, &warned.code, &warned.detail).await {
            tracing::warn!(error = %chain(&error), "a warning of the parent could not be noted");
        }
        Some(v1::upward::Body::Condition(condition(self.site)))
    }

    fn acknowledged(&self, answer: v1::Acknowledged) -> Result<(), LinkError> {
        let position = answer.position.unwrap_or_default();
        if answer.expected != 0 {
            // The next link begins with what the parent has, so what it misses is sent again.
            return Err(LinkError::Answer {
                code: tonic::Code::Aborted,
                message: format!("the parent misses {} {}: sending from there again", position.stream, answer.expected),
            });
        }
        if position.incarnation != self.incarnation {
            return Ok(());
        }
        if let Err(invalid) = convert::number("acknowledged.number", position.number) {
            tracing::warn!(stream = position.stream, reason = %invalid, "an acknowledgement was passed over");
            return Ok(());
        }
        self.batch_size.acknowledged();
        self.acknowledged.send_modify(|acked| {
            if let Some((_, number)) = acked.iter_mut().find(|(stream, _)| **stream == position.stream) {
                *number = position.number.max(*number);
            }
        });
        Ok(())
    }
}

fn say(answers: &mpsc::UnboundedSender<v1::Upward>, body: v1::upward::Body) -> Result<(), LinkError> {
    answers.send(v1::Upward { body: Some(body) }).map_err(|_| LinkError::Stopped)
}

/// How this node's machine is, without what is answered to trials.
fn condition(site: &Site) -> v1::Condition {
    v1::Condition {
        clock_ms: site.now().0,
        disk_free_bytes: site.free_bytes(),
        certificate_ends_ms: site.identity().not_after().0,
        trial_answers: Vec::new(),
    }
}

/// What this node has and where it stands.
pub(crate) async fn hello(site: &Site, parent: &Parent, incarnation: &str) -> Result<v1::Hello, LinkError> {
    let store = &site.store;
    let own = site.region();
    let mut heads = store.heads().await?;
    heads.retain(|head| head.catalog.publisher != own);
    let mut staged = Vec::new();
    for (catalog, found) in store.all_staged().await? {
        staged.push(v1::Staged {
            publisher: catalog.publisher.to_string(),
            catalog: catalog.name,
            transfer: found.transfer_id.into(),
            length: found.bytes_have,
        });
    }
    let mut sent = Vec::new();
    for stream in outbox::streams(&own, &parent.region) {
        let number = store.outbox_last(stream).await?;
        let (stream, incarnation) = (stream.into(), incarnation.into());
        sent.push(v1::Position { stream, incarnation, number, ..Default::default() });
    }
    Ok(v1::Hello {
        protocol: PROTOCOL,
        software: crate::SOFTWARE.into(),
        incarnation: incarnation.into(),
        heads: heads.iter().map(Into::into).collect(),
        staged,
        sent,
        receipts_held: store.receipts_held(&parent.region).await?,
        condition: Some(v1::Condition { trial_answers: trials::told(site).await?, ..condition(site) }),
        machine: site.machine().to_owned(),
        audit_head: Some(witness::told(site).await?.1),
    })
}

/// Where to go on sending: after what the parent has committed of this incarnation.
///
/// A parent that has more of this incarnation than this node ever wrote, or another change under the same number,
/// proves that this database is an old copy: it takes a new incarnation and everything is sent again, which the parent
/// applies anew.
async fn committed(
    site: &Site,
    parent: &Parent,
    incarnation: &str,
    welcome: &v1::Welcome,
) -> Result<HashMap<&'static str, u64>, LinkError> {
    let mut cursors = HashMap::new();
    for stream in outbox::streams(&site.region(), &parent.region) {
        let same = |position: &&v1::Position| position.stream == stream && position.incarnation == incarnation;
        let position = welcome.committed.iter().find(same);
        let number = convert::number("welcome.committed", position.map_or(0, |position| position.number))?;
        if let Some(position) = position
            && outbox::lacks(site, position).await?
        {
            site.store.renew_incarnation(&uuid::Uuid::now_v7().to_string()).await?;
            tracing::error!(
                stream,
                number,
                "this database is older than what the parent has: sending everything again"
            );
            return Err(LinkError::Answer {
                code: tonic::Code::Aborted,
                message: "this database was restored from an old copy; everything is sent again".into(),
            });
        }
        site.store.mark_acked(stream, number, site.now()).await?;
        cursors.insert(stream, number);
    }
    Ok(cursors)
}
