//! Why there is no connection to the parent, in one place: from what TLS reports to what a user can do.

mod words;

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use rustls::{AlertDescription, CertificateError, Error};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::client::ClientSide;
use crate::identity::{moment, region_of_name};

/// How far a connection had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reaching the address.
    Connecting,
    /// Agreeing on who is who.
    Handshake,
    /// Waiting for the parent's first word.
    Greeting,
}

/// Why there is no connection to the parent. It can be cloned, since the transport only lends it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectError {
    /// No parent is configured.
    #[error("no parent is configured")]
    NoParent,
    /// The address is not `host:port`.
    #[error("not an address of the form host:port: {address:?}")]
    BadAddress {
        /// The address.
        address: String,
    },
    /// Nobody answers there.
    #[error("cannot reach {address}")]
    Unreachable {
        /// The address.
        address: String,
        /// The system's reason.
        source: Arc<io::Error>,
    },
    /// It takes too long.
    #[error("{address} does not answer ({stage:?})")]
    Timeout {
        /// The address.
        address: String,
        /// How far it had come.
        stage: Stage,
    },
    /// The other end hung up without a reason.
    #[error("{address} closed the connection ({stage:?})")]
    Closed {
        /// The address.
        address: String,
        /// How far it had come.
        stage: Stage,
    },
    /// Something else listens there.
    #[error("{address} does not speak this protocol")]
    NotTongpin {
        /// The address.
        address: String,
    },
    /// The other end belongs to another federation, or is a stranger in between.
    #[error("{address} has a certificate of another root")]
    WrongRoot {
        /// The address.
        address: String,
    },
    /// The other end is not the parent.
    #[error("{address} is not {expected} but {}", presented.join(", "))]
    WrongRegion {
        /// The address.
        address: String,
        /// The parent.
        expected: RegionCode,
        /// The regions in its certificate.
        presented: Vec<String>,
    },
    /// The parent has revoked our certificate.
    #[error("{address} has revoked our certificate")]
    Revoked {
        /// The address.
        address: String,
    },
    /// The parent does not know our certificate, or not its root.
    #[error("{address} does not know our certificate")]
    Unknown {
        /// The address.
        address: String,
    },
    /// Our certificate has run out.
    #[error("our certificate expired at {not_after}")]
    Expired {
        /// When it ran out.
        not_after: Moment,
    },
    /// The parent's certificate has run out.
    #[error("the certificate of {address} expired at {not_after}, our clock says {now}")]
    PeerExpired {
        /// The address.
        address: String,
        /// When it ran out.
        not_after: Moment,
        /// Our time.
        now: Moment,
    },
    /// By one end's clock a certificate is not valid that is valid by the other's.
    #[error("the clocks of {address} and of this machine differ, ours says {now}")]
    ClockOff {
        /// The address.
        address: String,
        /// Our time.
        now: Moment,
    },
    /// TLS failed for another reason.
    #[error("TLS with {address} failed")]
    Tls {
        /// The address.
        address: String,
        /// The reason.
        source: Error,
    },
}

impl ConnectError {
    /// The connection error inside an error of the transport or a status, if there is one.
    #[must_use]
    pub fn find_in<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// Whether it can pass by itself. What needs a person is tried again too, but seldom.
    #[must_use]
    pub fn worth_a_retry(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. } | Self::Closed { .. })
    }

    /// The reason why a handshake or the first read failed.
    pub(super) fn from_io(error: io::Error, address: &str, stage: Stage, side: &ClientSide) -> Self {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).cloned();
        match tls {
            Some(tls) => classify(tls, address, &side.parent, side.not_after, side.now()),
            None if stage == Stage::Connecting => {
                Self::Unreachable { address: address.to_owned(), source: Arc::new(error) }
            }
            None => Self::Closed { address: address.to_owned(), stage },
        }
    }
}

/// What a TLS error means for whoever connects to a parent.
///
/// `not_after` is the end of the own certificate, `now` the own time: together they tell an expired certificate from a
/// clock that is off.
#[must_use]
pub fn classify(
    error: Error,
    address: &str,
    parent: &RegionCode,
    not_after: Option<Moment>,
    now: Moment,
) -> ConnectError {
    let address = address.to_owned();
    match error {
        Error::AlertReceived(alert) => from_alert(alert, address, not_after, now),
        Error::InvalidCertificate(problem) => from_certificate(problem, address, parent, now),
        Error::InvalidMessage(_)
        | Error::PeerIncompatible(_)
        | Error::InappropriateMessage { .. }
        | Error::NoApplicationProtocol
        | Error::PeerSentOversizedRecord => ConnectError::NotTongpin { address },
        source => ConnectError::Tls { address, source },
    }
}

fn from_alert(alert: AlertDescription, address: String, not_after: Option<Moment>, now: Moment) -> ConnectError {
    match (alert, not_after) {
        (AlertDescription::CertificateRevoked, _) => ConnectError::Revoked { address },
        // A decrypt error is what a root of the same name but another key amounts to, as after a second init.
        (
            AlertDescription::AccessDenied
            | AlertDescription::UnknownCA
            | AlertDescription::DecryptError
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown,
            _,
        ) => ConnectError::Unknown { address },
        (AlertDescription::CertificateExpired, Some(not_after)) if now > not_after => {
            ConnectError::Expired { not_after }
        }
        (AlertDescription::CertificateExpired, _) => ConnectError::ClockOff { address, now },
        (AlertDescription::NoApplicationProtocol | AlertDescription::ProtocolVersion, _) => {
            ConnectError::NotTongpin { address }
        }
        (alert, _) => ConnectError::Tls { address, source: Error::AlertReceived(alert) },
    }
}

fn from_certificate(problem: CertificateError, address: String, parent: &RegionCode, now: Moment) -> ConnectError {
    let expected = parent.clone();
    match problem {
        CertificateError::NotValidForNameContext { presented, .. } => {
            let presented = presented.iter().map(|name| shown(name)).collect();
            ConnectError::WrongRegion { address, expected, presented }
        }
        CertificateError::NotValidForName => ConnectError::WrongRegion { address, expected, presented: Vec::new() },
        CertificateError::ExpiredContext { not_after, .. } => {
            ConnectError::PeerExpired { address, not_after: moment(not_after), now }
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ConnectError::ClockOff { address, now }
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => ConnectError::WrongRoot { address },
        problem => ConnectError::Tls { address, source: Error::InvalidCertificate(problem) },
    }
}

/// A name as rustls reports it, `DnsName("82.05.32.tongpin.internal")`, as a person knows it: by its region.
fn shown(name: &str) -> String {
    let bare = name.strip_prefix("DnsName(\"").and_then(|rest| rest.strip_suffix("\")")).unwrap_or(name);
    region_of_name(bare).map_or_else(|| bare.to_owned(), |region| region.to_string())
}
