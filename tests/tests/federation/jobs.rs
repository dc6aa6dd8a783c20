//! Background jobs wait for the program's clock and for what concerns them, and for nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;
use tongpin_link::LinkError;
use tongpin_link::reconcile::{self, Job, Problem, Reconciler};
use tongpin_store::Topic;
use tongpin_tests::inprocess::{Member, TestClock, until};

const HOUR: Duration = Duration::from_hours(1);

/// Counts its looks: those at everything, and those at what has changed. The first one fails.
#[derive(Clone, Default)]
struct Counting {
    whole: Arc<AtomicU32>,
    part: Arc<AtomicU32>,
}

impl Reconciler for Counting {
    fn job(&self) -> Job {
        Job { name: "counting", zh: "计数", en: "counting", every: HOUR, gather: Duration::ZERO }
    }

    fn concerns(topic: &Topic) -> bool {
        *topic == Topic::Setting("mine".into())
    }

    async fn look(&mut self, changed: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        let count = if changed.is_some() { &self.part } else { &self.whole };
        let looks = count.fetch_add(1, Ordering::Relaxed);
        if changed.is_none() && looks == 0 {
            return Err(LinkError::Stopped.into());
        }
        Ok(())
    }
}

/// While the clock stands only what concerns a job makes it look, at everything after a failure and at that alone after
/// a success; an hour set forward makes it look at everything.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_stopped_clock() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let time = TestClock::default();
    time.stop();
    let hub = Member::hub(folder.path(), "537600", &time.clock()).await?;
    let (job, token) = (Counting::default(), CancellationToken::new());
    let (site, counting, stopping) = (hub.site.clone(), job.clone(), token.clone());
    let running = tokio::spawn(async move { reconcile::run(&site, counting, stopping).await });
    let looks = || (job.whole.load(Ordering::Relaxed), job.part.load(Ordering::Relaxed));
    until("it looks when it begins", async || Ok(looks() == (1, 0))).await?;
    let standing = || hub.site.jobs.standing().remove("counting");
    until("that is noted", async || Ok(standing().is_some_and(|it| it.failures == 1 && it.succeeded_at.is_none())))
        .await?;

    hub.site.store.set_meta("another's", "1").await?;
    hub.site.store.set_meta("mine", "1").await?;
    until("at everything, because it had failed", async || Ok(looks() == (2, 0))).await?;
    until("that is noted", async || Ok(standing().is_some_and(|it| it.looks == 2 && it.problem.is_none()))).await?;
    hub.site.store.set_meta("mine", "2").await?;
    until("at what has changed", async || Ok(looks() == (2, 1))).await?;
    time.advance(HOUR);
    until("an hour has passed", async || Ok(looks() == (3, 1))).await?;
    token.cancel();
    running.await?;
    assert_eq!(looks(), (3, 1));
    Ok(())
}
