//! Who may come in: deny by default. Only a certificate that this node issued and has not revoked is admitted.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::Mutex;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Certificate, Store, Topic};

use super::live::LiveLinks;
use crate::boxed;
use crate::error::{Denial, LinkError};
use crate::reconcile::{Job, Problem, Reconciler};
use crate::site::Site;
use crate::tls::{Gate, Refused};

/// The list of admitted certificates, kept in memory so that a handshake does not wait for the database.
#[derive(Debug, Default)]
pub struct Admission {
    known: RwLock<Known>,
    /// One reader at a time: of two, the one that read first could otherwise be the last to say what it found, and turn
    /// away a node that joined in between.
    reading: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    standing: HashMap<[u8; 32], Standing>,
    of: HashMap<RegionCode, Vec<[u8; 32]>>,
}

#[derive(Debug)]
struct Standing {
    region: RegionCode,
    revoked: bool,
}

impl Known {
    fn add(&mut self, certificate: Certificate) {
        let (fingerprint, region) = (certificate.fingerprint.0, certificate.region);
        self.of.entry(region.clone()).or_default().push(fingerprint);
        self.standing.insert(fingerprint, Standing { region, revoked: certificate.revoked_at.is_some() });
    }
}

impl Admission {
    /// Reads the whole list again.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn reload(&self, store: &Store) -> Result<(), LinkError> {
        let _reading = self.reading.lock().await;
        let mut known = Known::default();
        for certificate in store.all_certificates().await? {
            known.add(certificate);
        }
        *self.write() = known;
        Ok(())
    }

    /// Reads again what one region holds.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn refresh(&self, store: &Store, region: &RegionCode) -> Result<(), LinkError> {
        let _reading = self.reading.lock().await;
        let certificates = store.certificates(region).await?;
        let mut known = self.write();
        for gone in known.of.remove(region).unwrap_or_default() {
            known.standing.remove(&gone);
        }
        for certificate in certificates {
            known.add(certificate);
        }
        Ok(())
    }

    /// Checks a certificate that TLS has verified.
    ///
    /// # Errors
    /// [`Denial::Unknown`] and [`Denial::Revoked`].
    pub fn check(&self, fingerprint: &[u8; 32], region: &RegionCode) -> Result<(), Denial> {
        match self.read().standing.get(fingerprint) {
            Some(standing) if standing.revoked => Err(Denial::Revoked(region.clone())),
            Some(standing) if standing.region == *region => Ok(()),
            _ => Err(Denial::Unknown(region.clone())),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 准入: keeps the list up to date, and ends the links of those who are put out.
pub(super) struct KeepAdmission {
    pub(super) site: Arc<Site>,
    pub(super) links: Arc<LiveLinks>,
}

impl Reconciler for KeepAdmission {
    fn job(&self) -> Job {
        let every = Duration::from_mins(1);
        Job { name: "admission", zh: "准入", en: "who may come in", every, gather: Duration::ZERO }
    }

    fn concerns(topic: &Topic) -> bool {
        matches!(topic, Topic::Standing(_))
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        let Self { site, links } = self;
        let check = |peer: &crate::identity::Peer| site.admission.check(&peer.fingerprint, &peer.region);
        let Some(changed) = changed else {
            site.admission.reload(&site.store).await?;
            links.drop_refused(None, check);
            return Ok(());
        };
        for topic in changed {
            if let Topic::Standing(region) = topic {
                site.admission.refresh(&site.store, region).await?;
                links.drop_refused(Some(region), check);
            }
        }
        Ok(())
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
    use tongpin_domain::digest::Digest;
    use tongpin_domain::moment::Moment;

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
            admission.refresh(&store, &region).await.expect("readable");
            for _ in 0..20 {
                assert!(admission.check(&fingerprint, &region).is_ok(), "certificate {number} is forgotten again");
                tokio::task::yield_now().await;
            }
        }
        watcher.abort();
    }
}
