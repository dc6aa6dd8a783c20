//! Who may come in: only the certificate that was issued here, registered here and not revoked. All others are turned
//! away with the reason in the log of both ends.

use std::sync::Arc;

use anyhow::{Context, Result};
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::LinkError;
use tongpin_link::admin;
use tongpin_link::downlink::Admission;
use tongpin_link::identity::{Identity, PendingKeys};
use tongpin_link::tls::{Clock, ConnectError, Connector, ReloadableTls};
use tongpin_link::uplink::{self, LinkState, Parent};
use tongpin_proto::v1;
use tongpin_proto::v1::enrolment_client::EnrolmentClient;
use tongpin_proto::v1::link_client::LinkClient;
use tongpin_store::{Put, RecordRow};
use tongpin_tests::inprocess::{Member, TestClock, brisk, join, region, until};
use tongpin_tests::logs::{self, logged};
use tonic::transport::Channel;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ListServiceResponse, ServerReflectionRequest};

/// Connects to a bureau as somebody.
async fn visit(identity: &Identity, parent: &str, address: &str, clock: &Clock) -> Result<Channel, LinkError> {
    let tls = ReloadableTls::new(identity, Some(region(parent)), Arc::new(Admission::default()), clock.clone())?;
    let endpoint = Connector::endpoint(address).map_err(LinkError::Connect)?;
    let connected = endpoint.connect_with_connector(Connector::new(tls)).await;
    connected.map_err(|error| LinkError::from_transport(&error))
}

/// A certificate for a region that an issuer made without registering it.
fn unregistered(issuer: &Identity, code: &str, clock: &Clock) -> Result<Identity> {
    let keys = PendingKeys::generate()?;
    let life = std::time::Duration::from_hours(24);
    let made = issuer.issue(&region(code), &keys.identity_spki(), Some(&keys.issuer_spki()), life, clock.now())?;
    let root = issuer.root_fingerprint();
    let (leaf, authority) = (made.leaf_chain, made.issuer_chain);
    Ok(Identity::from_issued(keys, leaf, authority, &root, &region(code), clock.now())?)
}

async fn health(channel: &Channel) -> Result<i32, tonic::Status> {
    let request = HealthCheckRequest { service: "tongpin.v1.Link".into() };
    Ok(HealthClient::new(channel.clone()).check(request).await?.into_inner().status)
}

async fn services(channel: &Channel) -> Result<Vec<String>, tonic::Status> {
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(channel.clone());
    let mut answers = client.server_reflection_info(tokio_stream::once(ask)).await?.into_inner();
    let listed = answers.message().await?.and_then(|answer| answer.message_response);
    let Some(MessageResponse::ListServicesResponse(ListServiceResponse { service })) = listed else {
        return Err(tonic::Status::internal("no list"));
    };
    Ok(service.into_iter().map(|service| service.name).collect())
}

async fn follow(channel: &Channel) -> Result<(), tonic::Status> {
    let nothing = Request::new(tokio_stream::empty::<v1::Upward>());
    LinkClient::new(channel.clone()).follow(nothing).await.map(|_| ())
}

/// Waits until a node's own state says, in the words its user reads, what is wrong.
async fn says(member: &Member, words: &str) -> Result<()> {
    until(words, async || Ok(LinkState::load(&member.site.store).await?.problem_zh.contains(words))).await
}

/// Without a certificate only joining is possible: links, renewal, health and reflection are refused. An admitted
/// certificate gets all of them.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_nothing_but_joining() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "331100", &clock).await?;
    let node = Member::node(folder.path(), "331181", &hub, &clock).await?;

    let token = hub.invite("331182").await?;
    let endpoint = Connector::endpoint(&hub.address)?;
    let nobody = endpoint.connect_with_connector(Connector::for_join(&token, &clock)?).await?;
    let renewed = EnrolmentClient::new(nobody.clone()).renew(v1::RenewRequest::default()).await.map(|_| ());
    let refused =
        [follow(&nobody).await, renewed, health(&nobody).await.map(|_| ()), services(&nobody).await.map(|_| ())];
    for answer in refused {
        let status = answer.expect_err("nobody gets nothing");
        assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "no certificate"));
    }
    for what in ["a link refused", "renewal refused", "a call refused"] {
        logged(&[what, "no certificate"]).await?;
    }

    let channel = visit(&node.site.identity(), "331100", &hub.address, &clock).await?;
    assert_eq!(health(&channel).await?, i32::from(ServingStatus::Serving));
    let services = services(&channel).await?;
    for name in ["tongpin.v1.Link", "tongpin.v1.Enrolment", "grpc.health.v1.Health"] {
        assert!(services.iter().any(|service| service == name), "{services:?}");
    }
    Ok(())
}

/// A certificate that carries the right region and root but was never registered is turned away, and the bureau that
/// shows it is told in its own state and log.
#[tokio::test(flavor = "multi_thread")]
async fn an_unregistered_certificate_is_refused() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "331200", &clock).await?;
    let node = Member::node(folder.path(), "331281", &hub, &clock).await?;
    until("the real one is connected", async || Ok(hub.downlink.links().regions() == [region("331281")])).await?;
    let real = node.site.identity();
    node.stop().await;
    until("it left", async || Ok(hub.downlink.links().regions().is_empty())).await?;

    let double = folder.path().join("double");
    unregistered(&hub.site.identity(), "331281", &clock)?.save(&double.join("identity"))?;
    let parent = Parent { region: region("331200"), address: hub.address.clone() };
    let double = Member::start_timed(&double, Some(parent), &clock, "127.0.0.1:0", brisk()).await?;
    says(&double, "不认识本单位的证书").await?;
    logged(&["tls", "certificate refused", "region=331281", "Unknown"]).await?;
    logged(&["the link to the parent is down", "region=331281", "does not know our certificate"]).await?;
    assert!(hub.downlink.links().regions().is_empty(), "the double came in");

    let channel = visit(&real, "331200", &hub.address, &clock).await?;
    assert_eq!(health(&channel).await?, i32::from(ServingStatus::Serving));
    Ok(())
}

/// A township of one county is a stranger at another county: its certificate is good, but not from there. And a county
/// is not taken for another one, whatever address it answers at.
#[tokio::test(flavor = "multi_thread")]
async fn another_countys_township_is_refused() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "331300", &clock).await?;
    let own = Member::node(folder.path(), "331381", &hub, &clock).await?;
    let other = Member::node(folder.path(), "331382", &hub, &clock).await?;
    let township = Member::node(folder.path(), "331381101", &own, &clock).await?;
    let identity = township.site.identity();

    visit(&identity, "331381", &own.address, &clock).await.context("its own county lets it in")?;
    let error = visit(&identity, "331382", &other.address, &clock).await.expect_err("another county");
    assert!(matches!(error, LinkError::Connect(ConnectError::Unknown { .. })), "{error:?}");
    logged(&["certificate refused", "region=331381101", "Unknown"]).await?;
    logged(&["no connection to the parent", &other.address, "does not know our certificate"]).await?;

    let error = visit(&identity, "331381", &other.address, &clock).await.expect_err("not the county it looks for");
    let said = error.say(Lang::Zh);
    assert!(said.contains("不是上级 331381，而是 331382"), "{said}");

    // Not even the city lets a county's township in: it belongs to the county.
    let error = visit(&identity, "331300", &hub.address, &clock).await.expect_err("the city");
    assert!(matches!(error, LinkError::Connect(ConnectError::Unknown { .. })), "{error:?}");
    Ok(())
}

/// Two federations of the same city do not mix: a certificate of the other root is refused by the hub, and a node
/// refuses the other hub.
#[tokio::test(flavor = "multi_thread")]
async fn another_root_is_refused() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "331400", &clock).await?;
    let elsewhere = Member::hub(&folder.path().join("elsewhere"), "331400", &clock).await?;
    let stranger = unregistered(&elsewhere.site.identity(), "331481", &clock)?;

    let error = visit(&stranger, "331400", &hub.address, &clock).await.expect_err("the node trusts its own root");
    assert!(matches!(error, LinkError::Connect(ConnectError::WrongRoot { .. })), "{error:?}");

    // One that trusts both roots gets as far as the hub, and not further.
    let both = folder.path().join("both");
    stranger.save(&both)?;
    let roots = [&both, &hub.folder().join("identity")].map(|folder| std::fs::read_to_string(folder.join("root.pem")));
    let roots: String = roots.into_iter().collect::<std::io::Result<_>>()?;
    std::fs::write(both.join("root.pem"), roots)?;
    let error = visit(&Identity::load(&both)?, "331400", &hub.address, &clock).await.expect_err("another root");
    assert!(matches!(error, LinkError::Connect(ConnectError::Unknown { .. })), "{error:?}");
    logged(&["certificate refused", "claimed=331481"]).await?;
    logged(&["no connection to the parent", &hub.address, "does not know our certificate"]).await
}

/// Revoking ends the live link and bites on the very next request of an open connection. The node reads why, in
/// Chinese. A new token lets it back in with all its data, it catches up, and the old certificate stays out.
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_node_is_out_until_invited_again() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "331500", &clock).await?;
    let data = folder.path().join("331581");
    let token = hub.invite("331581").await?;
    // Whoever is to be put out may have kept the keys that it joined with: they must be of no use.
    uplink::request_file(&data.join("identity"), &token)?;
    let kept = std::fs::read(data.join("identity/pending.pem"))?;
    let joined = join(&data, &token, &clock).await?;
    let node = Member::start_timed(&data, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
    let id = hub.catalog("indicators");
    hub.publish("indicators", &[("K1".into(), "*".into(), "{}".into())]).await?;
    node.holds(&id, 1).await?;
    let incarnation = node.site.store.incarnation().await?;
    let rows = [RecordRow { kind: "project".into(), key: "P1".into(), body: Some("{}".into()) }];
    let put = Put { own: &region("331581"), records: &rows, at: clock.now(), log: true };
    node.site.store.put_records(&put).await?;
    let old = node.site.identity();
    let channel = visit(&old, "331500", &hub.address, &clock).await?;
    assert_eq!(health(&channel).await?, i32::from(ServingStatus::Serving));

    assert_eq!(admin::revoke(&hub.site, &region("331581"), "机构撤并").await?.certificates, 1);
    let status = health(&channel).await.expect_err("the next request");
    assert_eq!((status.code(), status.message()), (Code::PermissionDenied, "revoked certificate of 331581"));
    until("the live link ends", async || Ok(hub.downlink.links().regions().is_empty())).await?;
    says(&node, "证书已被").await?;
    says(&node, "吊销").await?;
    logged(&["a live link is ended", "331581", "revoked certificate"]).await?;
    logged(&["certificate refused", "331581", "Revoked"]).await?;
    logged(&["the link to the parent is down", "region=331581", "revoked our certificate"]).await?;
    hub.publish("indicators", &[("K2".into(), "*".into(), "{}".into())]).await?;
    assert_eq!(node.site.store.head(&id).await?.map(|head| head.number), Some(1));
    node.stop().await;
    let back_door = folder.path().join("back_door");
    std::fs::create_dir_all(back_door.join("identity"))?;
    std::fs::write(back_door.join("identity/pending.pem"), kept)?;
    let refused = join(&back_door, &token, &clock).await.expect_err("a token of before the revocation");
    assert!(refused.to_string().contains("expired token"), "{refused:#}");

    let joined = join(&data, &hub.invite("331581").await?, &clock).await?;
    let node = Member::start_timed(&data, Some(joined.parent), &clock, "127.0.0.1:0", brisk()).await?;
    node.holds(&id, 2).await?;
    assert_eq!(node.site.store.count_records("project").await?, 1);
    assert_eq!(node.site.store.incarnation().await?, incarnation);
    assert!(LinkState::load(&node.site.store).await?.connected);
    let error = visit(&old, "331500", &hub.address, &clock).await.expect_err("the old certificate");
    assert!(matches!(error, LinkError::Connect(ConnectError::Revoked { .. })), "{error:?}");
    Ok(())
}
