//! Letting a node in: the secret of a one-time token for a certificate of the region that the token names, and later
//! a new certificate for the old one.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use tongpin_domain::digest::Digest;
use tongpin_domain::region::RegionCode;
use tongpin_proto::v1;
use tongpin_store::{Certificate, Invitation, Redeemed};

use crate::boxed;
use crate::error::{Denial, LinkError};
use crate::identity::{self, Issued, Peer};
use crate::site::Site;
use crate::token::{Token, hash_secret};
use crate::uplink::Suspension;

/// How long a child's certificate lives; it renews itself when a third is left.
pub const CERTIFICATE_LIFE: Duration = Duration::from_hours(90 * 24);

/// What the caller signs to prove that it holds the key: the keys and what admits it.
#[must_use]
pub(crate) fn proof_of(keys: &v1::PublicKeys, secret: &[u8]) -> Vec<u8> {
    v1::EnrolRequest { secret: secret.to_vec().into(), keys: Some(keys.clone()), ..Default::default() }.encode_to_vec()
}

/// Makes a one-time token for a region inside this one and stores the hash of its secret.
///
/// # Errors
/// The region is not inside this one, or the database cannot be written.
#[boxed]
pub async fn invite(
    site: &Site,
    region: &RegionCode,
    address: &str,
    valid: Duration,
    by: &str,
) -> Result<Token, LinkError> {
    must_stand(site).await?;
    let own = site.region();
    if !region.within(&own) || *region == own || !site.identity().can_issue() {
        return Err(Denial::NotOurs(region.clone()).into());
    }
    let token = Token::generate(address, &own, region, &site.identity().root_fingerprint())
        .map_err(|error| LinkError::Internal(error.to_string()))?;
    let now = site.now();
    let expires_at = now.plus_seconds(i64::try_from(valid.as_secs()).unwrap_or(i64::MAX / 2000));
    site.store
        .invite(&Invitation {
            secret_hash: token.secret_hash(),
            region: region.clone(),
            address: address.to_owned(),
            created_at: now,
            expires_at,
            used_at: None,
            used_key: None,
            by: by.to_owned(),
        })
        .await?;
    Ok(token)
}

/// Answers an enrolment. Repeating it with the same keys is answered again: the first answer may have been lost.
///
/// # Errors
/// Every [`Denial`] of a token, or a failing database.
#[boxed]
pub async fn enrol(site: &Arc<Site>, request: v1::EnrolRequest) -> Result<v1::Certificates, LinkError> {
    must_stand(site).await?;
    let keys = request.keys.ok_or_else(|| LinkError::Protocol("no keys".into()))?;
    identity::check_proof(&keys.identity, &proof_of(&keys, &request.secret), &request.proof)
        .map_err(|_| Denial::Proof)?;
    let secret_hash = hash_secret(&request.secret);
    let invitation = site.store.invitation(&secret_hash).await?.ok_or(Denial::UnknownToken)?;
    let issued = issue(site, &invitation.region, &keys)?;
    let certificate = certificate_row(site, &invitation.region, &issued);
    let key_hash = Digest::of(&keys.identity);
    let redeemed = site.store.redeem(&secret_hash, &key_hash, &[certificate], site.now()).await?;
    match redeemed {
        Redeemed::NotFound => Err(Denial::UnknownToken.into()),
        Redeemed::Expired { .. } => Err(Denial::ExpiredToken.into()),
        Redeemed::UsedByAnother => Err(Denial::UsedToken.into()),
        Redeemed::Redeemed | Redeemed::Again => {
            tracing::info!(child = %invitation.region, software = request.software, "a node joined");
            site.admission.refresh(&site.store, &invitation.region).await?;
            Ok(answer(issued))
        }
    }
}

/// Answers an enrolment that came as a file, for networks that do not meet; the answer goes back as a file.
///
/// # Errors
/// The file is not a request, or what [`enrol`] may answer.
#[boxed]
pub async fn enrol_by_file(site: &Arc<Site>, request: &[u8]) -> Result<Vec<u8>, LinkError> {
    let request = v1::EnrolRequest::decode(request)
        .map_err(|error| LinkError::Protocol(format!("not a request to join: {error}")))?;
    Ok(enrol(site, request).await?.encode_to_vec())
}

/// Answers a renewal: new certificates for whoever holds a standing one.
///
/// # Errors
/// [`Denial::Proof`], [`Denial::Revoked`], or a failing database.
pub(crate) async fn renew(
    site: &Arc<Site>,
    peer: &Peer,
    request: v1::RenewRequest,
) -> Result<v1::Certificates, LinkError> {
    must_stand(site).await?;
    let keys = request.keys.ok_or_else(|| LinkError::Protocol("no keys".into()))?;
    identity::check_proof(&keys.identity, &proof_of(&keys, &[]), &request.proof).map_err(|_| Denial::Proof)?;
    let child = &peer.region;
    let issued = issue(site, child, &keys)?;
    let held = Digest(peer.fingerprint);
    if !site.store.renew_certificate(&held, &certificate_row(site, child, &issued)).await? {
        // It was revoked a moment ago, by a command beside this process.
        return Err(Denial::Revoked(child.clone()).into());
    }
    site.admission.refresh(&site.store, child).await?;
    tracing::info!(child = %child, "a certificate was renewed");
    Ok(answer(issued))
}

/// Whoever is shut out by its own parent lets nobody in.
async fn must_stand(site: &Site) -> Result<(), LinkError> {
    match Suspension::load(&site.store).await? {
        Some(_) => Err(Denial::Suspended(site.region()).into()),
        None => Ok(()),
    }
}

fn issue(site: &Site, child: &RegionCode, keys: &v1::PublicKeys) -> Result<Issued, LinkError> {
    let issuer = (!keys.issuer.is_empty()).then_some(keys.issuer.as_ref());
    Ok(site.identity().issue(child, &keys.identity, issuer, CERTIFICATE_LIFE, site.now())?)
}

fn certificate_row(site: &Site, region: &RegionCode, issued: &Issued) -> Certificate {
    Certificate {
        fingerprint: Digest(issued.fingerprint),
        serial: issued.serial.clone(),
        region: region.clone(),
        issued_at: site.now(),
        not_after: issued.not_after,
        revoked_at: None,
        reason: String::new(),
    }
}

fn answer(issued: Issued) -> v1::Certificates {
    let der = |chain: Vec<rustls_pki_types::CertificateDer<'static>>| {
        chain.iter().map(|certificate| certificate.to_vec().into()).collect()
    };
    v1::Certificates { identity_chain: der(issued.leaf_chain), issuer_chain: der(issued.issuer_chain) }
}
