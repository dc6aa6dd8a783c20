//! Numbers at the ends of what the wire carries: each is taken, answered or refused by its name, on a link that goes
//! on.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::report::{CollectionRef, Report};
use tongpin_link::downlink::Admission;
use tongpin_link::sealed::{self, Purpose};
use tongpin_link::tls::{self, Connector, Limits, ReloadableTls};
use tongpin_link::uplink::{Intake, LinkState, Parent};
use tongpin_proto::v1::link_client::LinkClient;
use tongpin_proto::v1::link_server::{Link, LinkServer};
use tongpin_proto::v1::{downward, upward};
use tongpin_proto::{packing, v1};
use tongpin_tests::inprocess::{Member, TestClock, join, region, until};
use tongpin_tests::logs;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use crate::craft::{feed, row, whole};

/// The ends, and where narrower types have theirs.
const ENDS: [u64; 8] = [1, 1 << 31, 1 << 32, 1 << 53, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX];

/// A child's end of a link, by hand.
struct Line {
    say: mpsc::Sender<v1::Upward>,
    hear: Streaming<v1::Downward>,
}

impl Line {
    async fn open(parent: &Member, child: &Member) -> Result<Self> {
        let (identity, clock) = (child.site.identity(), child.site.clock.clone());
        let tls = ReloadableTls::new(&identity, Some(parent.site.region()), Arc::new(Admission::default()), clock)?;
        let endpoint = Connector::endpoint(&parent.address)?;
        let channel = endpoint.connect_with_connector(Connector::new(tls)).await?;
        let (say, said) = mpsc::channel(16);
        // The answer comes with the first word.
        let mut client = LinkClient::new(channel);
        let hear = client.follow(ReceiverStream::new(said)).await?.into_inner();
        Ok(Self { say, hear })
    }

    async fn say(&self, body: upward::Body) -> Result<()> {
        Ok(self.say.send(v1::Upward { body: Some(body) }).await?)
    }

    async fn hear(&mut self) -> Result<downward::Body> {
        self.hear.message().await?.and_then(|message| message.body).context("the link ended")
    }

    /// The next answer to a batch, what is offered meanwhile passed over: the acknowledged number and the expected one.
    async fn acknowledged(&mut self) -> Result<(u64, u64)> {
        loop {
            match self.hear().await? {
                downward::Body::Acknowledged(answer) => {
                    return Ok((answer.position.unwrap_or_default().number, answer.expected));
                }
                // What it said it holds is asked for, and not shown.
                downward::Body::Receipt(_) | downward::Body::Transfer(_) | downward::Body::Prove(_) => {}
                other => bail!("not an acknowledgement: {other:?}"),
            }
        }
    }
}

fn batch(stream: &str, incarnation: &str, first: u64, changes: Vec<v1::Change>) -> Result<upward::Body> {
    let packed = packing::pack(&v1::Changes { changes }, 1)?;
    Ok(upward::Body::Batch(v1::Batch {
        stream: stream.to_owned(),
        incarnation: incarnation.to_owned(),
        first,
        data: packed.data,
        raw_length: packed.raw_length,
        ..Default::default()
    }))
}

fn record(key: &str) -> v1::Change {
    v1::Change { kind: "project".into(), key: key.into(), body: Some("{}".into()), ..Default::default() }
}

/// A report that its author signed, of a revision at the end.
fn report(child: &Member, end: u64) -> Result<v1::Change> {
    let report = Report {
        collection: "季度".into(),
        collection_release: CollectionRef { publisher: region("330104"), release: end },
        region: child.site.region(),
        period: "2026".into(),
        revision: end,
        replaces: Digest::NONE,
        tables: Vec::new(),
        rules: Vec::new(),
        computed_at: child.site.now(),
        approved_by: "审核-002".into(),
    };
    let signed = sealed::seal(&child.site.identity(), Purpose::Report, &serde_json::to_vec(&report)?)?;
    let body = Some(signed.encode_to_vec().into());
    Ok(v1::Change { kind: "report".into(), key: "季度".into(), body, ..Default::default() })
}

fn hello(incarnation: &str, end: u64) -> v1::Hello {
    let signed = i64::try_from(end).unwrap_or(i64::MIN);
    let head = |catalog: &str| v1::Head {
        publisher: "330104".into(),
        catalog: catalog.into(),
        number: end,
        digest: vec![7; 32].into(),
    };
    v1::Hello {
        protocol: u32::try_from(end).unwrap_or(u32::MAX),
        software: "长".repeat(10_000),
        incarnation: incarnation.into(),
        heads: vec![head("rules"), head("no/catalog"), head("unknown")],
        staged: vec![v1::Staged {
            publisher: "330104".into(),
            catalog: "rules".into(),
            transfer: vec![7; 32].into(),
            length: end,
        }],
        sent: vec![v1::Position {
            stream: "records".into(),
            incarnation: incarnation.into(),
            number: end,
            ..Default::default()
        }],
        // Few missing receipts would be made anew, which is another test's business.
        receipts_held: if end > 1 << 31 { end } else { 0 },
        condition: Some(v1::Condition {
            clock_ms: signed,
            disk_free_bytes: end,
            certificate_ends_ms: signed,
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Every number that a child says, at every end: the link answers the batches, takes the sound one and a report that no
/// database can number is returned; at the end the parent still hears how the child is, and shows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_child_says_extreme_numbers() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let county = Member::hub(folder.path(), "330104", &clock).await?;
    county.publish("rules", &[row("A", "*", "{}")]).await?;
    let child = Member::apart(folder.path(), "330104001", &county, &clock).await?;
    for end in ENDS {
        let incarnation = format!("i{end}");
        let mut line = Line::open(&county, &child).await?;
        line.say(upward::Body::Hello(hello(&incarnation, end))).await?;
        ensure!(matches!(line.hear().await?, downward::Body::Welcome(_)), "no welcome at {end}");
        let head =
            v1::Head { publisher: "330104".into(), catalog: "funds".into(), number: end, digest: vec![0; 32].into() };
        line.say(upward::Body::Applied(v1::Applied { head: Some(head) })).await?;
        line.say(upward::Body::Applied(v1::Applied { head: None })).await?;
        line.say(upward::Body::Refused(v1::Refused {
            publisher: "330104".into(),
            catalog: "experts".into(),
            number: end,
            code: "CHAIN".into(),
            detail: String::new(),
        }))
        .await?;
        line.say(upward::Body::ReceiptsHeld(v1::ReceiptsHeld { number: end })).await?;
        if end > 1 {
            for stream in ["records", "reports"] {
                line.say(batch(stream, &incarnation, end, vec![record("A"), record("B")])?).await?;
                assert_eq!(line.acknowledged().await?, (0, 1), "{stream} from {end} leaves a gap");
            }
        }
        line.say(batch("reports", &incarnation, 1, vec![report(&child, end)?, record("no report")])?).await?;
        assert_eq!(line.acknowledged().await?, (2, 0), "a report of revision {end} is answered");
        line.say(batch("records", &incarnation, 1, vec![record(&format!("K{end}"))])?).await?;
        assert_eq!(line.acknowledged().await?, (1, 0));
        let signed = i64::try_from(end).unwrap_or(i64::MIN);
        let condition =
            v1::Condition { clock_ms: signed, disk_free_bytes: end, certificate_ends_ms: signed, ..Default::default() };
        line.say(upward::Body::Condition(condition)).await?;
        loop {
            match line.hear().await? {
                downward::Body::Heard(_) => break,
                // What it said it holds is asked for, and not shown.
                downward::Body::Receipt(_) | downward::Body::Transfer(_) | downward::Body::Prove(_) => {}
                other => bail!("not how the parent heard it: {other:?}"),
            }
        }
        until("the county notes the child", async || {
            let found = county.site.store.child(&region("330104001")).await?.context("a child")?;
            Ok(found.incarnation == incarnation)
        })
        .await?;
    }
    let of_2_63 = logs::captured(&["a report was returned", "330104001", "超出范围"]);
    assert_eq!(of_2_63.len(), 3, "of the three beyond what a database numbers: {of_2_63:?}");
    assert_eq!(county.site.store.records("project", None).await?.len(), ENDS.len());
    Ok(())
}

/// Every number of a transfer at every end, and a catalog of no name: the node refuses it by name or passes it over,
/// and takes the sound one that follows.
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_says_extreme_numbers() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330500", &clock).await?;
    let node = Member::apart(folder.path(), "330502", &hub, &clock).await?;
    hub.publish("rules", &[row("A", "*", "{}")]).await?;
    let id = hub.catalog("rules");
    let sound = whole(&hub, &region("330502"), &id, 0, 1).await?;
    let mut intake = Intake::new(node.site.clone(), hub.site.region());
    for end in ENDS.into_iter().filter(|end| *end > 1) {
        let others = [
            v1::Transfer { to: end, ..sound.clone() },
            v1::Transfer { from: end, ..sound.clone() },
            v1::Transfer { raw_length: end, ..sound.clone() },
        ];
        for wrong in others {
            let code = feed(&mut intake, [downward::Body::Transfer(wrong.clone())]).await?;
            assert!(["MALFORMED", "START"].contains(&code.as_str()), "{code} for {wrong:?}");
        }
        let long = v1::Transfer { length: end, ..sound.clone() };
        assert_eq!(feed(&mut intake, [downward::Body::Transfer(long)]).await?, "MALFORMED");
    }
    let nameless = v1::Transfer { catalog: "no/name".into(), ..sound.clone() };
    assert_eq!(feed(&mut intake, [downward::Body::Transfer(nameless)]).await?, "MORE", "passed over");
    assert_eq!(feed(&mut intake, [downward::Body::Transfer(sound)]).await?, "APPLIED 1");
    assert_eq!(node.site.store.head(&id).await?.map(|head| head.number), Some(1));
    Ok(())
}

/// A message that is far within its length and would take a hundred times as much memory is not read: its sender is
/// told why, nothing of it is kept, and the next link is welcomed.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_much_and_little() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let county = Member::hub(folder.path(), "330105", &clock).await?;
    let child = Member::apart(folder.path(), "330105001", &county, &clock).await?;
    let light = hello("light", 1);
    // Two bytes each, a megabyte in all.
    let heavy = v1::Hello { heads: vec![v1::Head::default(); 500_000], incarnation: "heavy".into(), ..light.clone() };
    let mut line = Line::open(&county, &child).await?;
    line.say(upward::Body::Hello(heavy)).await?;
    let refused = line.hear.message().await.err().context("it was read")?;
    assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{refused}");
    assert!(refused.message().contains("hold lists of"), "{refused}");

    let mut line = Line::open(&county, &child).await?;
    line.say(upward::Body::Hello(light.clone())).await?;
    ensure!(matches!(line.hear().await?, downward::Body::Welcome(_)), "no welcome");
    // What comes later on the same link is weighed as well.
    let staged = vec![v1::Staged::default(); 500_000];
    line.say(upward::Body::Hello(v1::Hello { staged, ..light })).await?;
    let refused = loop {
        match line.hear.message().await {
            Ok(Some(_)) => {}
            Ok(None) => bail!("the link ended without a reason"),
            Err(refused) => break refused,
        }
    };
    assert!(refused.message().contains("hold lists of"), "{refused}");
    until("the county knows the light one", async || {
        let found = county.site.store.child(&region("330105001")).await?.context("a child")?;
        Ok(found.incarnation == "light")
    })
    .await
}

/// A parent whose welcome is a megabyte that would take a hundred.
struct Heavy;

#[tonic::async_trait]
impl Link for Heavy {
    type FollowStream = ReceiverStream<Result<v1::Downward, Status>>;

    async fn follow(&self, _: Request<Streaming<v1::Upward>>) -> Result<Response<Self::FollowStream>, Status> {
        let (say, said) = mpsc::channel(1);
        let welcome = v1::Welcome { committed: vec![v1::Position::default(); 500_000], ..Default::default() };
        let body = Some(downward::Body::Welcome(welcome));
        say.send(Ok(v1::Downward { body })).await.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(ReceiverStream::new(said)))
    }
}

/// What a parent says is weighed as well: its child does not read it, and shows why it is not connected.
#[tokio::test(flavor = "multi_thread")]
async fn a_welcome_of_much_and_little() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330600", &clock).await?;
    let own = folder.path().join("330602");
    join(&own, &hub.invite("330602").await?, &clock).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let parent = Parent { region: hub.site.region(), address: listener.local_addr()?.to_string() };
    let token = CancellationToken::new();
    let _stop = token.clone().drop_guard();
    let doors = tls::incoming(listener, hub.site.tls.clone(), Limits::default(), token);
    tokio::spawn(Server::builder().add_service(LinkServer::new(Heavy)).serve_with_incoming(doors.children));
    let node = Member::start(&own, Some(parent), &clock, "127.0.0.1:0").await?;
    until("the node says why", async || {
        Ok(LinkState::load(&node.site.store).await?.problem_zh.contains("hold lists of"))
    })
    .await?;
    assert!(!LinkState::load(&node.site.store).await?.connected);
    Ok(())
}

/// What a report names as its moment may lie anywhere: it is shown, and nothing runs over.
#[test]
fn moments_at_the_ends() {
    for at in [i64::MIN, -1, 0, i64::MAX] {
        assert!(!Moment(at).to_string().is_empty());
        assert!(!Moment(at).plus_seconds(i64::MAX).to_string().is_empty());
        assert!(Moment(at).seconds_since(Moment(i64::MIN)) >= 0);
    }
}
