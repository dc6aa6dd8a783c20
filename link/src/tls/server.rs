//! The side that children connect to: it shows the whole chain, root included, and asks the gate about each child.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

use super::{ALPN, Clock, ClockProvider, Gate, Refused, TlsError, provider};
use crate::identity::{Identity, fingerprint_of, region_of, short};
use crate::log_limit::LogLimit;

/// How this bureau serves: with its own certificate, to whoever presents none (for enrolment only; each call checks)
/// or one that chains to the root and that the gate admits.
///
/// # Errors
/// See [`TlsError`].
pub fn server_config(identity: &Identity, gate: Arc<dyn Gate>, clock: &Clock) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = WebPkiClientVerifier::builder_with_provider(identity.roots().store(), provider())
        .allow_unauthenticated()
        .clear_root_hint_subjects()
        .build()?;
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(ClockProvider(clock.clone())))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(ChildVerifier { chain, gate, refused: LogLimit::of(REFUSALS_TOLD) }))
        .with_single_cert(identity.chain().to_vec(), identity.tls_key())?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Lines a minute about certificates that are none of this federation.
const REFUSALS_TOLD: u64 = 20;

/// Checks a child's chain, then asks the gate.
#[derive(Debug)]
struct ChildVerifier {
    chain: Arc<dyn ClientCertVerifier>,
    gate: Arc<dyn Gate>,
    refused: LogLimit,
}

impl ClientCertVerifier for ChildVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.chain.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let fingerprint = fingerprint_of(end_entity);
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now).inspect_err(|error| {
            // The name is what the certificate says and nothing more: it helps to find whose it is.
            let claimed = region_of(end_entity).map(|region| region.to_string()).unwrap_or_default();
            if let Some(left_out) = self.refused.next() {
                let certificate = short(&fingerprint);
                tracing::warn!(claimed, certificate, reason = %error, left_out, "certificate refused");
            }
        })?;
        let region = region_of(end_entity).map_err(|_| CertificateError::NotValidForName)?;
        self.gate.admit(&fingerprint, &region).map_err(|refused| {
            tracing::warn!(%region, certificate = short(&fingerprint), ?refused, "certificate refused");
            match refused {
                Refused::Unknown => CertificateError::ApplicationVerificationFailure,
                Refused::Revoked => CertificateError::Revoked,
            }
        })?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
