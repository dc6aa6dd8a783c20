//! What a running program has in both directions: its database, its identity, the time, and word of changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::{Store, Topic};

use crate::boxed;
use crate::clock::Clock;
use crate::clock_watch::{ClockWatch, Jump};
use crate::divisions::Divisions;
use crate::downlink::{Admission, CERTIFICATE_LIFE};
use crate::error::{LinkError, chain};
use crate::identity::{Identity, Standing};
use crate::publish::Amended;
use crate::reconcile::{Job, Jobs, Problem, Reconciler};
use crate::retry::Retry;
use crate::tls::{Connector, ReloadableTls, Transport};

/// How long a database that does not answer is left alone.
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
    /// How long a clock that was set is watched before a certificate is replaced by it.
    pub settle: Duration,
    /// How long a child that is connected may take to show that it is there, when another with its identity calls.
    pub proof: Duration,
    /// The longest pause, and the one after a refusal that only a person can mend.
    pub retry_longest: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            condition_every: Duration::from_mins(1),
            storage_pause: Duration::from_secs(30),
            settle: Duration::from_mins(10),
            proof: Duration::from_secs(10),
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
    transport: OnceLock<Arc<dyn Transport>>,
    folder: PathBuf,
    free_bytes: FreeBytes,
    identity: ArcSwap<Identity>,
    /// What the program does by itself, and how that stands.
    pub jobs: Jobs,
    pub(crate) divisions: Divisions,
    pub(crate) amended: Amended,
    machine: String,
    pub(crate) clock_watch: ClockWatch,
}

impl Site {
    /// Opens a site with the identity kept in `folder`. `parent` is whom it follows, if anybody.
    ///
    /// # Errors
    /// No identity yet, a broken one, or a database that cannot be read.
    #[boxed]
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
    #[boxed]
    pub async fn open_timed(
        store: Store,
        folder: &Path,
        parent: Option<RegionCode>,
        clock: Clock,
        free_bytes: FreeBytes,
        timing: Timing,
    ) -> Result<Arc<Self>, LinkError> {
        let identity = Identity::load(folder)?;
        let clock_watch = ClockWatch::new(clock.now());
        let admission = Arc::new(Admission::default());
        admission.reload(&store).await?;
        let tls = ReloadableTls::new(&identity, parent, admission.clone(), clock.clone())?;
        Ok(Arc::new(Self {
            store,
            clock,
            tls,
            admission,
            timing,
            transport: OnceLock::new(),
            folder: folder.to_owned(),
            free_bytes,
            identity: ArcSwap::from_pointee(identity),
            jobs: Jobs::default(),
            divisions: Divisions::default(),
            amended: Amended::default(),
            machine: uuid::Uuid::now_v7().to_string(),
            clock_watch,
        }))
    }

    /// Lets connections to the parent be made in another way than over TCP; the first that is named stays.
    #[doc(hidden)]
    pub fn connect_over(&self, transport: Arc<dyn Transport>) {
        let _ = self.transport.set(transport);
    }

    /// What connects to the parent.
    pub(crate) fn connector(&self) -> Connector {
        let connector = Connector::new(self.tls.clone());
        match self.transport.get() {
            Some(transport) => connector.over(transport.clone()),
            None => connector,
        }
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

    /// What tells this run of the program from any other with the same identity.
    #[must_use]
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
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

    /// The jump of this machine's clock that is not waited out yet.
    pub(crate) fn clock_jump(&self) -> Option<Jump> {
        self.clock_watch.look(self.now(), self.timing.settle)
    }

    /// A command may have renewed the certificate beside this process.
    fn take_up_identity(&self) -> Result<(), LinkError> {
        let (held, found) = (self.identity(), Identity::load(&self.folder)?);
        if found.fingerprint() != held.fingerprint() && found.region() == held.region() {
            self.tls.reload(&found)?;
            tracing::info!(ends = %found.not_after(), "a renewed certificate was taken up");
            self.identity.store(Arc::new(found));
        }
        Ok(())
    }

    fn renew_root_holder(&self, now: Moment) {
        let identity = self.identity();
        let begins_later = matches!(identity.standing(now), Standing::NotYetValid { .. });
        if !identity.holds_root() || !(identity.renewal_due(now) || begins_later) {
            return;
        }
        let renewed = match identity.renew_own_leaf(CERTIFICATE_LIFE, now) {
            Ok(renewed) => renewed,
            Err(error) => {
                let (reason, ends) = (chain(&error), identity.not_after());
                tracing::warn!(region = %identity.region(), %reason, %ends, "the own certificate could not be renewed");
                return;
            }
        };
        // One that others could not use must not take the place of one that they can.
        if !self.clock_watch.peers_agree(now, (renewed.not_before(), renewed.not_after())) {
            tracing::error!(begins = %renewed.not_before(), "the own certificate is not renewed: by the clocks of those connected it would not be valid; check this machine's clock");
            return;
        }
        match self.renew_identity(renewed) {
            Ok(()) => tracing::info!(region = %identity.region(), "the own certificate was renewed"),
            Err(error) => {
                tracing::warn!(region = %identity.region(), reason = %chain(&error), "the own certificate could not be renewed");
            }
        }
    }

    /// Notices what other processes change in the database, until cancelled.
    #[boxed]
    pub async fn hear_others(self: Arc<Self>, token: CancellationToken) {
        let listening = async {
            let mut failing = false;
            let mut others = None;
            loop {
                let heard = async {
                    let others = match &mut others {
                        Some(others) => others,
                        none => none.insert(self.store.others().await?),
                    };
                    others.hear().await
                };
                match heard.await {
                    Ok(()) => failing = false,
                    Err(error) => {
                        if !std::mem::replace(&mut failing, true) {
                            tracing::warn!(error = %error, "the database does not answer");
                        }
                        self.clock.pass(WATCH_EVERY).await;
                    }
                }
            }
        };
        tokio::select! {
            () = token.cancelled() => {}
            () = listening => {}
        }
    }
}

/// 本级证书: takes up a certificate that a command has put in its place, watches the clock, and renews the one of the
/// root's holder when it is due: nobody is above it to ask. Everybody else's is renewed by their uplink.
pub(crate) struct OwnCertificate(pub(crate) Arc<Site>);

impl Reconciler for OwnCertificate {
    fn job(&self) -> Job {
        let every = self.0.timing.condition_every;
        Job { name: "own_certificate", zh: "本级证书", en: "the own certificate", every, gather: Duration::ZERO }
    }

    fn concerns(_: &Topic) -> bool {
        false
    }

    async fn look(&mut self, _: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        let Self(site) = self;
        let taken = site.take_up_identity();
        // One reading of the clock decides: it may be set while this waits for the database.
        let now = site.now();
        let jump = site.clock_watch.look(now, site.timing.settle);
        if jump.is_none() {
            site.renew_root_holder(now);
        }
        if let Some(jump) = jump {
            tracing::error!(by_ms = jump.by_ms, "this machine's clock jumped: no certificate is replaced for now");
        }
        let noted = Jump::save(&site.store, jump).await;
        taken?;
        Ok(noted?)
    }
}
