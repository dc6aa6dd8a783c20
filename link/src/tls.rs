//! Mutual TLS 1.3 between two levels: who is let in, who is trusted, and how certificates change without a restart.
//!
//! There is no resumption anywhere: a ticket would let a revoked peer back in.

mod client;
mod connector;
mod incoming;
mod pages;
mod refusal;
mod seated;
mod seats;
mod server;
#[cfg(test)]
mod tests;
mod transport;

use std::fmt;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

use crate::identity::{Identity, IdentityError, unix_time};

pub use client::{client_config, join_config};
pub use connector::Connector;
pub use incoming::{Doors, Incoming, Limits, incoming};
pub use pages::{PageCertificate, PageTls, PageTlsError, Pages, plain_pages, secure_pages};
pub use refusal::{ConnectError, Stage, classify};
pub use seated::Seated;
pub(crate) use seats::origin;
pub use server::server_config;
pub use transport::{Reaching, Tcp, Transport, Wire};

/// Both ends speak HTTP/2 and nothing else.
const ALPN: &[u8] = b"h2";

pub use crate::clock::Clock;

/// Why a certificate of this federation is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is not in the register of children.
    Unknown,
    /// It was revoked.
    Revoked,
}

/// Decides whether a child whose chain is good may come in. It is asked at each handshake.
pub trait Gate: fmt::Debug + Send + Sync {
    /// Lets the certificate in or says why not.
    ///
    /// # Errors
    /// [`Refused`] becomes the TLS alert that the child sees.
    fn admit(&self, fingerprint: &[u8; 32], region: &RegionCode) -> Result<(), Refused>;
}

/// Why no TLS configuration can be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Key, certificate and protocol do not fit together.
    #[error("cannot configure TLS")]
    Config(#[from] rustls::Error),
    /// The trusted roots cannot be used.
    #[error("cannot use the trusted roots")]
    Roots(#[from] rustls::server::VerifierBuilderError),
    /// A region cannot be written as a name.
    #[error("{0} is no name")]
    Name(String),
    /// The identity is not good.
    #[error("cannot use the identity")]
    Identity(#[from] IdentityError),
}

impl Say for TlsError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Identity(error), _) => error.say(lang),
            (_, Lang::Zh) => format!("安全连接无法配置（{self}）。请检查身份文件是否完整，或从备份恢复。"),
            (_, Lang::En) => format!("{self}: check the identity files or restore a backup."),
        }
    }
}

/// The TLS configurations in use, which change when certificates do: connections made after a reload use the new
/// ones, those already made go on.
#[derive(Debug)]
pub struct ReloadableTls {
    server: ArcSwap<ServerConfig>,
    client: ArcSwapOption<client::ClientSide>,
    parent: Option<RegionCode>,
    gate: Arc<dyn Gate>,
    clock: ClockProvider,
}

impl ReloadableTls {
    /// Prepares both sides; without a parent there is no client side.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn new(
        identity: &Identity,
        parent: Option<RegionCode>,
        gate: Arc<dyn Gate>,
        clock: Clock,
    ) -> Result<Arc<Self>, TlsError> {
        let client = client_side(identity, parent.as_ref(), &clock)?;
        Ok(Arc::new(Self {
            server: ArcSwap::new(server_config(identity, Arc::clone(&gate), &clock)?),
            client: ArcSwapOption::new(client),
            parent,
            gate,
            clock: ClockProvider(clock),
        }))
    }

    /// Uses another certificate from now on. If it cannot be used, the old one stays.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn reload(&self, identity: &Identity) -> Result<(), TlsError> {
        let server = server_config(identity, Arc::clone(&self.gate), &self.clock.0)?;
        let client = client_side(identity, self.parent.as_ref(), &self.clock.0)?;
        self.server.store(server);
        self.client.store(client);
        Ok(())
    }
}

fn client_side(
    identity: &Identity,
    parent: Option<&RegionCode>,
    clock: &Clock,
) -> Result<Option<Arc<client::ClientSide>>, TlsError> {
    parent.map(|parent| client::ClientSide::of(identity, parent, clock).map(Arc::new)).transpose()
}

/// Gives rustls the time that was passed in.
#[derive(Clone)]
struct ClockProvider(Clock);

impl TimeProvider for ClockProvider {
    fn current_time(&self) -> Option<UnixTime> {
        unix_time(self.0.now()).ok()
    }
}

impl fmt::Debug for ClockProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockProvider")
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
