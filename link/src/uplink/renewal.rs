//! A certificate renews itself when a third of its life is left, over the link that it secures.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use tongpin_proto::v1;
use tongpin_proto::v1::enrolment_client::EnrolmentClient;
use tonic::transport::Channel;

use super::state::Parent;
use crate::boxed;
use crate::downlink::proof_of;
use crate::error::{LinkError, chain};
use crate::identity::{Identity, PendingKeys};
use crate::site::Site;
use crate::tls::Connector;

/// Renews the certificate if it is due and the clock can be believed. A parent that cannot just now is asked again
/// later, and the certificate that is held stays until a better one is there.
pub(crate) async fn renew_if_due(site: &Arc<Site>, channel: Channel) -> Result<(), LinkError> {
    let identity = site.identity();
    if !identity.renewal_due(site.now()) || site.clock_jump().is_some() {
        return Ok(());
    }
    match renewed(site, channel).await {
        Ok(renewed) => site.renew_identity(renewed),
        Err(error) => {
            let reason = chain(&error);
            tracing::warn!(reason, ends = %identity.not_after(), "the certificate could not be renewed yet");
            Ok(())
        }
    }
}

/// Renews the certificate now, because a person says so.
///
/// # Errors
/// The parent is not reached or refuses, its answer is not valid by this machine's clock, or a file cannot be written.
#[boxed]
pub async fn renew_now(site: &Arc<Site>, parent: &Parent) -> Result<(), LinkError> {
    let channel = Connector::endpoint(&parent.address)
        .map_err(LinkError::Connect)?
        .connect_with_connector(site.connector())
        .await
        .map_err(|error| LinkError::from_transport(&error))?;
    site.renew_identity(renewed(site, channel).await?)
}

/// New certificates for new keys. One that is not valid yet by this machine's clock is none: the held one goes on.
async fn renewed(site: &Arc<Site>, channel: Channel) -> Result<Identity, LinkError> {
    let identity = site.identity();
    let keys = PendingKeys::generate()?;
    let public = v1::PublicKeys { identity: keys.identity_spki().into(), issuer: keys.issuer_spki().into() };
    let proof = keys.prove(&proof_of(&public, &[]))?;
    let request = v1::RenewRequest { keys: Some(public), proof: proof.into() };
    let answer = EnrolmentClient::new(channel).renew(request).await;
    let answer = answer.map_err(|status| LinkError::from_status(&status))?.into_inner();
    let renewed = Identity::from_issued(
        keys,
        certificates(answer.identity_chain),
        certificates(answer.issuer_chain),
        &identity.root_fingerprint(),
        identity.region(),
        site.now(),
    )?;
    tracing::info!(ends = %renewed.not_after(), "the certificate was renewed");
    Ok(renewed)
}

/// Certificates as they came over the wire.
pub(crate) fn certificates(chain: Vec<bytes::Bytes>) -> Vec<CertificateDer<'static>> {
    chain.into_iter().map(|der| CertificateDer::from(der.to_vec())).collect()
}
