//! The side that connects to a parent: whatever the address, the other end must be the parent's region.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{ALPN, Clock, ClockProvider, TlsError, provider};
use crate::identity::{Identity, RootSet, dns_name, fingerprint_of, region_of};

/// How an enrolled bureau connects to its parent: it shows its own certificate and trusts its own roots.
///
/// # Errors
/// See [`TlsError`].
pub fn client_config(identity: &Identity, parent: &RegionCode, clock: &Clock) -> Result<Arc<ClientConfig>, TlsError> {
    let mut config = ClientConfig::builder_with_details(provider(), Arc::new(ClockProvider(clock.clone())))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(ParentVerifier::new(Trust::Roots(identity.roots().store()), parent)?)
        .with_client_auth_cert(identity.chain().to_vec(), identity.tls_key())?;
    finish(&mut config);
    Ok(Arc::new(config))
}

/// How a bureau connects that has nothing but an invitation: it trusts the one certificate in the presented chain whose
/// SHA-256 the invitation carries.
///
/// # Errors
/// See [`TlsError`].
pub fn join_config(root: &Digest, parent: &RegionCode, clock: &Clock) -> Result<Arc<ClientConfig>, TlsError> {
    let mut config = ClientConfig::builder_with_details(provider(), Arc::new(ClockProvider(clock.clone())))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(ParentVerifier::new(Trust::Fingerprint(*root), parent)?)
        .with_no_client_auth();
    finish(&mut config);
    Ok(Arc::new(config))
}

fn finish(config: &mut ClientConfig) {
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
}

/// What a connector needs for one connection, and to explain why there is none.
#[derive(Debug)]
pub(super) struct ClientSide {
    pub(super) config: Arc<ClientConfig>,
    pub(super) parent: RegionCode,
    pub(super) name: ServerName<'static>,
    /// The end of the own certificate's validity, if there is one.
    pub(super) not_after: Option<Moment>,
    pub(super) clock: ClockProvider,
}

impl ClientSide {
    pub(super) fn of(identity: &Identity, parent: &RegionCode, clock: &Clock) -> Result<Self, TlsError> {
        let config = client_config(identity, parent, clock)?;
        Self::new(config, parent, Some(identity.not_after()), clock.clone())
    }

    pub(super) fn joining(root: &Digest, parent: &RegionCode, clock: &Clock) -> Result<Self, TlsError> {
        Self::new(join_config(root, parent, clock)?, parent, None, clock.clone())
    }

    fn new(
        config: Arc<ClientConfig>,
        parent: &RegionCode,
        not_after: Option<Moment>,
        clock: Clock,
    ) -> Result<Self, TlsError> {
        Ok(Self { config, parent: parent.clone(), name: server_name(parent)?, not_after, clock: ClockProvider(clock) })
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.0.now()
    }
}

fn server_name(region: &RegionCode) -> Result<ServerName<'static>, TlsError> {
    let name = dns_name(region);
    ServerName::try_from(name.clone()).map_err(|_| TlsError::Name(name))
}

/// What makes a chain trusted.
#[derive(Debug)]
enum Trust {
    Roots(Arc<RootCertStore>),
    Fingerprint(Digest),
}

/// Checks the parent's chain and that it is the parent's region, whatever name the connection was made for.
#[derive(Debug)]
struct ParentVerifier {
    trust: Trust,
    parent: RegionCode,
    name: ServerName<'static>,
}

impl ParentVerifier {
    fn new(trust: Trust, parent: &RegionCode) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self { trust, parent: parent.clone(), name: server_name(parent)? }))
    }

    fn roots(&self, presented: &[CertificateDer<'_>]) -> Result<Arc<RootCertStore>, Error> {
        match &self.trust {
            Trust::Roots(store) => Ok(Arc::clone(store)),
            Trust::Fingerprint(expected) => {
                let root = presented
                    .iter()
                    .find(|certificate| fingerprint_of(certificate) == expected.0)
                    .ok_or(CertificateError::UnknownIssuer)?;
                let roots = RootSet::new(vec![root.clone().into_owned()]).map_err(|_| CertificateError::BadEncoding)?;
                Ok(roots.store())
            }
        }
    }
}

impl ServerCertVerifier for ParentVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = WebPkiServerVerifier::builder_with_provider(self.roots(intermediates)?, provider())
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now)?;
        match region_of(end_entity) {
            Ok(region) if region == self.parent => Ok(verified),
            _ => Err(CertificateError::NotValidForName.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
