//! A federation in one process: hubs and nodes with real databases, real keys and real mutual TLS over loopback, on
//! free ports. Tests and benchmarks use it where separate processes would only be slower.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tongpin_domain::catalog::{Audience, CatalogId};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::clock::{Clock, Time, Waiting};
use tongpin_link::downlink::{self, Downlink};
use tongpin_link::identity::Identity;
use tongpin_link::token::Token;
use tongpin_link::uplink::{self, Joined, Parent};
use tongpin_link::{Site, Timing, publish};
use tongpin_store::{DraftRow, Store};

const DAY: Duration = Duration::from_hours(24);

/// A clock that tests can move and stop: the real time plus an offset, and whoever waits for it moves along.
#[derive(Debug, Clone)]
pub struct TestClock {
    shift: Arc<watch::Sender<Shift>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Shift {
    offset_ms: i64,
    /// How much of that was set forward: a clock that goes back lets nobody wait longer.
    forward_ms: i64,
    /// The time at which it stands.
    stopped: Option<Moment>,
}

impl Shift {
    fn now(self) -> Moment {
        let real = || tongpin_console::clock::now().0;
        Moment(self.stopped.map_or_else(real, |at| at.0).saturating_add(self.offset_ms))
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self { shift: Arc::new(watch::Sender::new(Shift::default())) }
    }
}

impl Time for TestClock {
    fn now(&self) -> Moment {
        self.shift.borrow().now()
    }

    fn pass(&self, time: Duration) -> Waiting {
        let mut shift = self.shift.subscribe();
        let (begun, before) = (Instant::now(), shift.borrow().forward_ms);
        Box::pin(async move {
            loop {
                let now = *shift.borrow_and_update();
                // Where it stands, only setting it lets time pass.
                let real = if now.stopped.is_some() { 0 } else { millis(begun.elapsed()) };
                let passed = real.saturating_add(now.forward_ms.saturating_sub(before));
                let left = u64::try_from(millis(time).saturating_sub(passed)).unwrap_or(0);
                let passes = async {
                    match now.stopped {
                        _ if left == 0 => {}
                        Some(_) => std::future::pending().await,
                        None => tokio::time::sleep(Duration::from_millis(left)).await,
                    }
                };
                tokio::select! {
                    () = passes => return,
                    changed = shift.changed() => if changed.is_err() { return },
                }
            }
        })
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2)
}

impl TestClock {
    /// The clock as the programs take it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::new(self.clone())
    }

    /// Moves it.
    pub fn advance(&self, by: Duration) {
        self.shift.send_modify(|shift| {
            shift.offset_ms = shift.offset_ms.saturating_add(millis(by));
            shift.forward_ms = shift.forward_ms.saturating_add(millis(by));
        });
    }

    /// Moves it back.
    pub fn retreat(&self, by: Duration) {
        self.shift.send_modify(|shift| shift.offset_ms = shift.offset_ms.saturating_sub(millis(by)));
    }

    /// Stops it: from here on only [`TestClock::advance`] and [`TestClock::retreat`] move it.
    pub fn stop(&self) {
        self.shift.send_modify(|shift| {
            shift.stopped = shift.stopped.or_else(|| Some(tongpin_console::clock::now()));
        });
    }
}

/// One bureau in this process. Dropping it stops its tasks.
pub struct Member {
    /// What its links need.
    pub site: Arc<Site>,
    /// Where children reach it.
    pub address: String,
    /// Its serving side.
    pub downlink: Downlink,
    folder: PathBuf,
    token: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Reads a region code of a test.
///
/// # Panics
/// It is none.
#[must_use]
pub fn region(code: &str) -> RegionCode {
    RegionCode::new(code).unwrap_or_else(|error| unreachable!("{error}"))
}

impl Member {
    /// A hub with a fresh root.
    ///
    /// # Errors
    /// Files, database or port cannot be had.
    pub async fn hub(folder: &Path, code: &str, clock: &Clock) -> Result<Self> {
        let folder = folder.join(code);
        let identity = folder.join("identity");
        std::fs::create_dir_all(&folder)?;
        Identity::init(&identity, &region(code), clock.now(), 3650 * DAY, 90 * DAY)?;
        Self::start(&folder, None, clock, "127.0.0.1:0").await
    }

    /// A node that joins `parent` and follows it.
    ///
    /// # Errors
    /// Joining fails, or files, database or port cannot be had.
    pub async fn node(folder: &Path, code: &str, parent: &Self, clock: &Clock) -> Result<Self> {
        let token = parent.invite(code).await?;
        let folder = folder.join(code);
        let joined = join(&folder, &token, clock).await?;
        Self::start(&folder, Some(joined.parent), clock, "127.0.0.1:0").await
    }

    /// A node that joined `parent` but does not follow it: only what a test hands it reaches it.
    ///
    /// # Errors
    /// As [`Member::node`].
    pub async fn apart(folder: &Path, code: &str, parent: &Self, clock: &Clock) -> Result<Self> {
        let token = parent.invite(code).await?;
        let folder = folder.join(code);
        join(&folder, &token, clock).await?;
        Self::start(&folder, None, clock, "127.0.0.1:0").await
    }

    /// A city, a county below it and a township below that one, each following the one above.
    ///
    /// # Errors
    /// As [`Member::node`].
    pub async fn three_tiers(folder: &Path, clock: &Clock) -> Result<[Self; 3]> {
        let hub = Self::hub(folder, "320500", clock).await?;
        let county = Self::node(folder, "320581", &hub, clock).await?;
        let township = Self::node(folder, "320581101", &county, clock).await?;
        Ok([hub, county, township])
    }

    /// A token for a region below this one, good for a day.
    ///
    /// # Errors
    /// The region is not below this one.
    pub async fn invite(&self, code: &str) -> Result<Token> {
        Ok(downlink::invite(&self.site, &region(code), &self.address, DAY, "经办").await?)
    }

    /// Starts a bureau whose folder is prepared, as after a restart.
    ///
    /// # Errors
    /// Files, database or port cannot be had.
    pub async fn start(folder: &Path, parent: Option<Parent>, clock: &Clock, listen: &str) -> Result<Self> {
        Self::start_timed(folder, parent, clock, listen, Timing::default()).await
    }

    /// The same with other waiting times.
    ///
    /// # Errors
    /// As [`Member::start`].
    pub async fn start_timed(
        folder: &Path,
        parent: Option<Parent>,
        clock: &Clock,
        listen: &str,
        timing: Timing,
    ) -> Result<Self> {
        Self::prepare(folder, parent, clock, timing).await?.start_on(listen).await
    }

    /// Opens a bureau whose folder is prepared, and lets it do nothing yet.
    ///
    /// # Errors
    /// Files or database cannot be had.
    pub async fn prepare(folder: &Path, parent: Option<Parent>, clock: &Clock, timing: Timing) -> Result<Prepared> {
        let store = open_store(folder).await?;
        let parent_region = parent.as_ref().map(|parent| parent.region.clone());
        let free = Arc::new(|| 1 << 40);
        let identity = folder.join("identity");
        let site = Site::open_timed(store, &identity, parent_region, clock.clone(), free, timing).await?;
        Ok(Prepared { site, parent, folder: folder.to_owned() })
    }

    /// Stops it and waits until its database is closed.
    pub async fn stop(mut self) {
        self.token.cancel();
        for task in self.tasks.drain(..) {
            let _ = task.await;
        }
        self.site.store.close().await;
    }

    /// Stops it as a crash would: tasks are dropped where they stand.
    pub async fn crash(mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
            let _ = task.await;
        }
        self.site.store.close().await;
    }

    /// Its data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A catalog that this bureau publishes.
    #[must_use]
    pub fn catalog(&self, name: &str) -> CatalogId {
        CatalogId::new(self.site.region(), name)
    }

    /// Drafts and publishes rows of `(key, audience, body)`; the rows are the whole catalog.
    ///
    /// # Errors
    /// Publishing fails.
    pub async fn publish(&self, name: &str, rows: &[(String, String, String)]) -> Result<u64> {
        self.publish_to(name, rows, None).await
    }

    /// The same, rolled out to some regions only.
    ///
    /// # Errors
    /// Publishing fails.
    pub async fn publish_to(
        &self,
        name: &str,
        rows: &[(String, String, String)],
        regions: Option<&[RegionCode]>,
    ) -> Result<u64> {
        let id = self.catalog(name);
        let rows: Result<Vec<DraftRow>, _> = rows
            .iter()
            .map(|(key, audience, body)| {
                let audience = Audience::try_from(audience.clone())?;
                Ok::<_, tongpin_domain::region::NotARegion>(DraftRow { key: key.clone(), audience, body: body.clone() })
            })
            .collect();
        self.site.store.replace_draft(&id, &rows?, "经办", self.site.now(), "").await?;
        let publication = publish::prepare(&self.site, &id, "审核", publish::Separation::TwoPeople).await?;
        Ok(publish::commit(&self.site, publication, regions).await?.release.number)
    }

    /// Waits until this bureau holds a release of a catalog.
    ///
    /// # Errors
    /// It does not within half a minute.
    pub async fn holds(&self, id: &CatalogId, number: u64) -> Result<()> {
        until(&format!("{} holds {id} {number}", self.site.region()), async || {
            Ok(self.site.store.head(id).await?.is_some_and(|head| head.number >= number))
        })
        .await
    }
}

/// A bureau that was opened and does nothing yet: a test may still put something in its way.
pub struct Prepared {
    /// What its links need.
    pub site: Arc<Site>,
    parent: Option<Parent>,
    folder: PathBuf,
}

impl Prepared {
    /// Lets it work, on any free port.
    ///
    /// # Errors
    /// The port cannot be had.
    pub async fn start(self) -> Result<Member> {
        self.start_on("127.0.0.1:0").await
    }

    async fn start_on(self, listen: &str) -> Result<Member> {
        let Self { site, parent, folder } = self;
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?.to_string();
        let token = CancellationToken::new();
        let (downlink, serving) = downlink::serve(site.clone(), listener, token.clone());
        let mut tasks = vec![
            tokio::spawn(async move {
                if let Err(error) = serving.await {
                    tracing::error!(error = %error, "serving ended");
                }
            }),
            tokio::spawn(site.clone().hear_others(token.clone())),
        ];
        if let Some(parent) = parent {
            tasks.push(tokio::spawn(uplink::follow(site.clone(), parent, token.clone())));
        }
        Ok(Member { site, address, downlink, folder, token, tasks })
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.token.cancel();
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Waiting times for tests of what happens by itself: everything is looked at twenty times a second.
#[must_use]
pub fn brisk() -> Timing {
    let tick = Duration::from_millis(50);
    Timing {
        condition_every: tick,
        storage_pause: tick,
        retry_first: tick,
        retry_longest: 2 * tick,
        proof: 20 * tick,
        settle: 2 * tick,
    }
}

/// Joins with a token as the bureau of a folder, new or not, which must not be running.
///
/// # Errors
/// Joining fails, or files or database cannot be had.
pub async fn join(folder: &Path, token: &Token, clock: &Clock) -> Result<Joined> {
    std::fs::create_dir_all(folder)?;
    let store = open_store(folder).await?;
    let joined = uplink::join(&store, &folder.join("identity"), token, clock.clone()).await;
    store.close().await;
    Ok(joined?)
}

async fn open_store(folder: &Path) -> Result<Store> {
    let path = folder.join("tongpin.sqlite");
    Ok(Store::open(path.to_str().context("a path in UTF-8")?).await?)
}

/// Asks again and again until something holds, at most half a minute.
///
/// # Errors
/// It fails or does not hold in time.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        if holds().await? {
            return Ok(());
        }
        ensure!(tokio::time::Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
