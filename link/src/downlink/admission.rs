//! Who may come in: deny by default. Only a certificate that this node issued and has not revoked is admitted.

use std::collections::HashMap;

use arc_swap::ArcSwap;
use tokio::sync::Mutex;
use tongpin_domain::region::RegionCode;
use tongpin_store::Store;

use crate::error::{Denial, LinkError};
use crate::tls::{Gate, Refused};

/// The list of admitted certificates, kept in memory so that a handshake does not wait for the database.
#[derive(Debug, Default)]
pub struct Admission {
    standing: ArcSwap<HashMap<[u8; 32], Standing>>,
    /// One reader at a time: of two, the one that read first could otherwise be the last to say what it found, and turn
    /// away a node that joined in between.
    reading: Mutex<()>,
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
        let _reading = self.reading.lock().await;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tongpin_domain::digest::Digest;
    use tongpin_domain::moment::Moment;
    use tongpin_store::Certificate;

    use super::*;

    /// Whoever was let in stays in while somebody else reads the list again: the child that joins in that moment would
    /// be turned away, and come back only after the longest pause.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_older_reading_does_not_replace_a_newer_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tongpin.sqlite");
        let store = Store::open(path.to_str().expect("a path in UTF-8")).await.expect("a database");
        let admission = Arc::new(Admission::default());
        let (watched, database) = (admission.clone(), store.clone());
        let watcher = tokio::spawn(async move {
            loop {
                watched.reload(&database).await.expect("readable");
            }
        });
        for number in 0..150_u8 {
            let fingerprint = [number; 32];
            let region = RegionCode::new("320581").expect("a code");
            let certificate = Certificate {
                fingerprint: Digest(fingerprint),
                serial: number.to_string(),
                region: region.clone(),
                issued_at: Moment(0),
                not_after: Moment(1),
                revoked_at: None,
                reason: String::new(),
            };
            store.record_certificate(&certificate).await.expect("writable");
            admission.reload(&store).await.expect("readable");
            for _ in 0..20 {
                assert!(admission.check(&fingerprint, &region).is_ok(), "certificate {number} is forgotten again");
                tokio::task::yield_now().await;
            }
        }
        watcher.abort();
    }
}
