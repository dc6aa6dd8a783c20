//! A certificate renews itself when a third of its life is left, over the link that it secures.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use tongpin_proto::v1;
use tongpin_proto::v1::enrolment_client::EnrolmentClient;
use tonic::transport::Channel;

use crate::downlink::proof_of;
use crate::error::LinkError;
use crate::identity::{Identity, PendingKeys};
use crate::site::Site;

/// Renews the certificate if it is due. A parent that cannot just now is asked again later.
pub(crate) async fn renew_if_due(site: &Arc<Site>, channel: Channel) -> Result<(), LinkError> {
    let identity = site.identity();
    if !identity.renewal_due(site.now()) {
        return Ok(());
    }
    let keys = PendingKeys::generate()?;
    let public = v1::PublicKeys { identity: keys.identity_spki().into(), issuer: keys.issuer_spki().into() };
    let proof = keys.prove(&proof_of(&public, &[]))?;
    let request = v1::RenewRequest { keys: Some(public), proof: proof.into() };
    let answer = match EnrolmentClient::new(channel).renew(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let error = LinkError::from_status(&status);
            tracing::warn!(reason = %error, ends = %identity.not_after(), "the certificate could not be renewed yet");
            return Ok(());
        }
    };
    let renewed = Identity::from_issued(
        keys,
        certificates(answer.identity_chain),
        certificates(answer.issuer_chain),
        &identity.root_fingerprint(),
        identity.region(),
        site.now(),
    )?;
    tracing::info!(ends = %renewed.not_after(), "the certificate was renewed");
    site.renew_identity(renewed)
}

/// Certificates as they came over the wire.
pub(crate) fn certificates(chain: Vec<bytes::Bytes>) -> Vec<CertificateDer<'static>> {
    chain.into_iter().map(|der| CertificateDer::from(der.to_vec())).collect()
}
