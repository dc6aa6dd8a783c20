//! Joining: a one-time token, and keys made here, for certificates of the region that the token names.

use std::path::Path;

use prost::Message;
use tongpin_proto::v1::enrolment_client::EnrolmentClient;
use tongpin_proto::{v1, weight};
use tongpin_store::Store;

use super::renewal::certificates;
use super::state::Parent;
use crate::boxed;
use crate::downlink::proof_of;
use crate::error::LinkError;
use crate::identity::{Identity, PendingKeys};
use crate::tls::{Clock, Connector};
use crate::token::Token;

/// What joining led to.
#[derive(Debug)]
pub struct Joined {
    /// The new identity, stored.
    pub identity: Identity,
    /// Whom this node follows from now on, stored.
    pub parent: Parent,
}

/// Joins with a token over the network. It can be repeated after a failure: the keys are kept until the answer is
/// stored, and the parent answers the same keys again.
///
/// # Errors
/// The parent is not reached or refuses, its root is not the token's, or files and database cannot be written.
#[boxed]
pub async fn join(store: &Store, folder: &Path, token: &Token, clock: Clock) -> Result<Joined, LinkError> {
    let connector = Connector::for_join(token, &clock)?;
    let channel = Connector::endpoint(&token.address)
        .map_err(LinkError::Connect)?
        .connect_with_connector(connector)
        .await
        .map_err(|error| LinkError::from_transport(&error))?;
    let answer = EnrolmentClient::new(channel)
        .enrol(request(folder, token)?)
        .await
        .map_err(|status| LinkError::from_status(&status))?
        .into_inner();
    accept(store, folder, token, answer, &clock).await
}

/// The request that a node without a network carries to its parent as a file.
///
/// # Errors
/// Keys cannot be made or stored.
fn request(folder: &Path, token: &Token) -> Result<v1::EnrolRequest, LinkError> {
    let keys = PendingKeys::load_or_create(folder)?;
    let public = v1::PublicKeys { identity: keys.identity_spki().into(), issuer: keys.issuer_spki().into() };
    let proof = keys.prove(&proof_of(&public, &token.secret))?;
    Ok(v1::EnrolRequest {
        secret: token.secret.to_vec().into(),
        keys: Some(public),
        proof: proof.into(),
        software: crate::SOFTWARE.into(),
    })
}

/// The request as a file's bytes.
///
/// # Errors
/// Keys cannot be made or stored.
pub fn request_file(folder: &Path, token: &Token) -> Result<Vec<u8>, LinkError> {
    Ok(request(folder, token)?.encode_to_vec())
}

/// Takes the parent's answer from a file.
///
/// # Errors
/// The file is not an answer, or what [`accept`] may answer.
#[boxed]
pub async fn accept_file(
    store: &Store,
    folder: &Path,
    token: &Token,
    answer: &[u8],
    clock: &Clock,
) -> Result<Joined, LinkError> {
    let none =
        |problem: &dyn std::fmt::Display| LinkError::Protocol(format!("not an answer to a request to join: {problem}"));
    weight::check::<v1::Certificates>(answer, 0).map_err(|error| none(&error))?;
    let answer = v1::Certificates::decode(answer).map_err(|error| none(&error))?;
    accept(store, folder, token, answer, clock).await
}

/// Takes the parent's answer, however it came.
///
/// # Errors
/// The certificates do not fit the token or the keys, or files and database cannot be written.
async fn accept(
    store: &Store,
    folder: &Path,
    token: &Token,
    answer: v1::Certificates,
    clock: &Clock,
) -> Result<Joined, LinkError> {
    let identity = Identity::from_issued(
        PendingKeys::load_or_create(folder)?,
        certificates(answer.identity_chain),
        certificates(answer.issuer_chain),
        &token.root,
        &token.region,
        clock.now(),
    )?;
    let parent = Parent { region: token.parent.clone(), address: token.address.clone() };
    // The identity comes last: it is what makes the node joined.
    parent.save(store).await?;
    identity.save(folder)?;
    Ok(Joined { identity, parent })
}
