//! The line to the parent as a person needs to see it: each step of connecting by itself, and what has not been
//! acknowledged yet.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tongpin_domain::moment::Moment;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::boxed;
use crate::error::LinkError;
use crate::site::Site;
use crate::tls::{ConnectError, Connector, Stage};
use crate::uplink::{self, Parent};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What trying to reach the parent led to.
#[derive(Debug)]
pub struct ParentCheck {
    /// Where it was tried.
    pub address: String,
    /// A bare TCP connection, and how long it took.
    pub reached: Result<Duration, LinkError>,
    /// A handshake with both certificates and one call; `None` if the address was not reached.
    pub admitted: Option<Result<Duration, LinkError>>,
}

/// Tries to reach the parent beside whatever link is running; nothing is changed by it.
#[boxed]
pub async fn check_parent(site: &Site, parent: &Parent) -> ParentCheck {
    let reached = reach(&parent.address).await;
    let admitted = match &reached {
        Ok(_) => Some(call(site, parent).await),
        Err(_) => None,
    };
    ParentCheck { address: parent.address.clone(), reached, admitted }
}

async fn reach(address: &str) -> Result<Duration, LinkError> {
    Connector::endpoint(address).map_err(LinkError::Connect)?;
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(begun.elapsed()),
        Ok(Err(source)) => Err(unreachable(address, source)),
        Err(_) => {
            Err(LinkError::Connect(ConnectError::Timeout { address: address.to_owned(), stage: Stage::Connecting }))
        }
    }
}

fn unreachable(address: &str, source: std::io::Error) -> LinkError {
    LinkError::Connect(ConnectError::Unreachable { address: address.to_owned(), source: source.into() })
}

async fn call(site: &Site, parent: &Parent) -> Result<Duration, LinkError> {
    let begun = Instant::now();
    let endpoint = Connector::endpoint(&parent.address).map_err(LinkError::Connect)?.timeout(PATIENCE);
    let channel =
        endpoint.connect_with_connector(site.connector()).await.map_err(|error| LinkError::from_transport(&error))?;
    HealthClient::new(channel)
        .check(HealthCheckRequest::default())
        .await
        .map_err(|status| LinkError::from_status(&status))?;
    Ok(begun.elapsed())
}

/// What the parent has not acknowledged yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// `records` or `reports`.
    pub stream: &'static str,
    /// How many changes.
    pub count: u64,
    /// When the oldest of them was written; `None` if there is none.
    pub oldest: Option<Moment>,
}

/// What of each stream has not been acknowledged.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn unsent(site: &Site, parent: &Parent) -> Result<Vec<Unsent>, LinkError> {
    let mut all = Vec::new();
    for stream in uplink::streams(&site.region(), &parent.region) {
        let acknowledged = site.store.acked(stream).await?;
        let count = site.store.outbox_last(stream).await?.saturating_sub(acknowledged);
        let oldest = site.store.appended_at(stream, acknowledged + 1).await?;
        all.push(Unsent { stream, count, oldest });
    }
    Ok(all)
}
