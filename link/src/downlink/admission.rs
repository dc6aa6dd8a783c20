//! Who may come in: deny by default. Only a certificate that this node issued and has not revoked is admitted.

use std::collections::HashMap;

use arc_swap::ArcSwap;
use tongpin_domain::region::RegionCode;
use tongpin_store::Store;

use crate::error::{Denial, LinkError};
use crate::tls::{Gate, Refused};

/// The list of admitted certificates, kept in memory so that a handshake does not wait for the database.
#[derive(Debug, Default)]
pub struct Admission {
    standing: ArcSwap<HashMap<[u8; 32], Standing>>,
}

#[derive(Debug)]
struct Standing {
    region: RegionCode,
    revoked: bool,
}

impl Admission {
    /// Reads the list again.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn reload(&self, store: &Store) -> Result<(), LinkError> {
        let known = store.all_certificates().await?;
        let standing = known.into_iter().map(|certificate| {
            (
                certificate.fingerprint.0,
                Standing { region: certificate.region, revoked: certificate.revoked_at.is_some() },
            )
        });
        self.standing.store(std::sync::Arc::new(standing.collect()));
        Ok(())
    }

    /// Checks a certificate that TLS has verified.
    ///
    /// # Errors
    /// [`Denial::Unknown`] and [`Denial::Revoked`].
    pub fn check(&self, fingerprint: &[u8; 32], region: &RegionCode) -> Result<(), Denial> {
        match self.standing.load().get(fingerprint) {
            Some(standing) if standing.revoked => Err(Denial::Revoked(region.clone())),
            Some(standing) if standing.region == *region => Ok(()),
            _ => Err(Denial::Unknown(region.clone())),
        }
    }
}

impl Gate for Admission {
    fn admit(&self, fingerprint: &[u8; 32], region: &RegionCode) -> Result<(), Refused> {
        self.check(fingerprint, region).map_err(|denial| match denial {
            Denial::Revoked(_) => Refused::Revoked,
            _ => Refused::Unknown,
        })
    }
}
