//! What a running program has in both directions: its database, its identity, the time, and word of changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::Store;

use crate::downlink::{Admission, CERTIFICATE_LIFE};
use crate::error::{LinkError, chain};
use crate::identity::Identity;
use crate::retry::Retry;
use crate::tls::{Clock, ReloadableTls};

/// How often a process looks whether another one (a command) changed the database.
const WATCH_EVERY: Duration = Duration::from_millis(200);

/// Free bytes on the disk that holds the database, 0 if that is not known. Passed in, like the time.
pub type FreeBytes = Arc<dyn Fn() -> u64 + Send + Sync>;

/// How long links wait for what. Tests pass shorter times in; everybody else takes the default.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How often a child says how it is, and each looks whether its certificate is due for renewal.
    pub condition_every: Duration,
    /// After a release could not be stored, the link is begun anew after this long.
    pub storage_pause: Duration,
    /// The pause after the first failed attempt to reach the parent; it grows from there.
    pub retry_first: Duration,
    /// The longest pause, and the one after a refusal that only a person can mend.
    pub retry_longest: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            condition_every: Duration::from_mins(1),
            storage_pause: Duration::from_secs(30),
            retry_first: Retry::FIRST,
            retry_longest: Retry::LONGEST,
        }
    }
}

/// One bureau's program: what links need of it.
pub struct Site {
    /// The database.
    pub store: Store,
    /// The time, passed in.
    pub clock: Clock,
    /// TLS for both directions, reloadable.
    pub tls: Arc<ReloadableTls>,
    /// Who may come in from below.
    pub admission: Arc<Admission>,
    /// How long links wait for what.
    pub timing: Timing,
    folder: PathBuf,
    free_bytes: FreeBytes,
    identity: ArcSwap<Identity>,
    changes: watch::Sender<u64>,
}

impl Site {
    /// Opens a site with the identity kept in `folder`. `parent` is whom it follows, if anybody.
    ///
    /// # Errors
    /// No identity yet, a broken one, or a database that cannot be read.
    pub async fn open(
        store: Store,
        folder: &Path,
        parent: Option<RegionCode>,
        clock: Clock,
        free_bytes: FreeBytes,
    ) -> Result<Arc<Self>, LinkError> {
        Self::open_timed(store, folder, parent, clock, free_bytes, Timing::default()).await
    }

    /// The same with other waiting times.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub async fn open_timed(
        store: Store,
        folder: &Path,
        parent: Option<RegionCode>,
        clock: Clock,
        free_bytes: FreeBytes,
        timing: Timing,
    ) -> Result<Arc<Self>, LinkError> {
        let identity = Identity::load(folder)?;
        let admission = Arc::new(Admission::default());
        admission.reload(&store).await?;
        let tls = ReloadableTls::new(&identity, parent, admission.clone(), clock.clone())?;
        Ok(Arc::new(Self {
            store,
            clock,
            tls,
            admission,
            timing,
            folder: folder.to_owned(),
            free_bytes,
            identity: ArcSwap::from_pointee(identity),
            changes: watch::Sender::new(0),
        }))
    }

    /// The identity in use.
    #[must_use]
    pub fn identity(&self) -> Arc<Identity> {
        self.identity.load_full()
    }

    /// Whose program this is.
    #[must_use]
    pub fn region(&self) -> RegionCode {
        self.identity.load().region().clone()
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// Free bytes on the database's disk, 0 if that is not known.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        (self.free_bytes)()
    }

    /// Stores a renewed identity and uses it from the next handshake on, without a restart.
    ///
    /// # Errors
    /// The files cannot be written, or do not fit together.
    pub fn renew_identity(&self, identity: Identity) -> Result<(), LinkError> {
        identity.save(&self.folder)?;
        self.tls.reload(&identity)?;
        self.identity.store(Arc::new(identity));
        Ok(())
    }

    /// Tells every worker to look at the state again.
    pub fn nudge(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Word of changes: the number only says that something changed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Renews the own certificate of the root's holder when it is due, until cancelled: nobody is above it to ask. For
    /// everybody else this does nothing; their uplink renews.
    pub(crate) async fn keep_own_certificate(&self, token: &CancellationToken) {
        let mut due = tokio::time::interval(self.timing.condition_every);
        loop {
            tokio::select! {
                () = token.cancelled() => return,
                _ = due.tick() => {}
            }
            let (identity, now) = (self.identity(), self.now());
            if !identity.holds_root() || !identity.renewal_due(now) {
                continue;
            }
            let renewed = identity.renew_own_leaf(CERTIFICATE_LIFE, now).map_err(LinkError::from);
            match renewed.and_then(|renewed| self.renew_identity(renewed)) {
                Ok(()) => tracing::info!(region = %identity.region(), "the own certificate was renewed"),
                Err(error) => {
                    let (reason, ends) = (chain(&error), identity.not_after());
                    tracing::warn!(region = %identity.region(), %reason, %ends, "the own certificate could not be renewed");
                }
            }
        }
    }

    /// Notices what commands running beside this process changed in the database, until cancelled.
    pub async fn watch_database(self: Arc<Self>, token: CancellationToken) {
        let mut seen = None;
        let mut failing = false;
        loop {
            match self.store.pulse().await {
                Ok(pulse) if seen != Some(pulse) => {
                    seen = Some(pulse);
                    if let Err(error) = self.admission.reload(&self.store).await {
                        tracing::warn!(error = %error, "who may come in could not be read again");
                    }
                    self.nudge();
                    failing = false;
                }
                Ok(_) => failing = false,
                Err(error) => {
                    if !failing {
                        tracing::warn!(error = %error, "the database does not answer");
                    }
                    failing = true;
                }
            }
            tokio::select! {
                () = token.cancelled() => return,
                () = tokio::time::sleep(WATCH_EVERY) => {}
            }
        }
    }
}
