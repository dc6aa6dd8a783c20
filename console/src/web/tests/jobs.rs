//! Background jobs are shown to the system administrator, and told to programs on the machine itself.

use std::time::Duration;

use super::browser::Ground;
use crate::jobs::{Job, Problem};

const JOB: Job =
    Job { name: "offers", zh: "下发", en: "what is on offer", every: Duration::from_mins(1), gather: Duration::ZERO };

/// A job that fails is shown with why, what to do, and since when it has not gone well; one that goes well again is
/// shown as that.
#[tokio::test]
async fn how_jobs_stand() {
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    assert!(browser.open("/jobs").await.text.contains("任务还没有运行"));
    ground.jobs.note(JOB, ground.now(), Ok(()));
    ground.wait(60);
    let full = Problem { chain: "full".into(), zh: "磁盘已满；请清理".into(), en: "the disk is full".into() };
    ground.jobs.note(JOB, ground.now(), Err(full));
    let page = browser.open("/jobs").await.text.clone();
    assert!(page.contains("下发") && page.contains("失败") && page.contains("磁盘已满；请清理"), "{page}");
    let cells: Vec<&str> = page.split("<td class=\"number\">").skip(1).map(|cell| &cell[..1]).collect();
    assert_eq!(cells, ["2", "1"], "two looks, of which one failed");
    ground.jobs.note(JOB, ground.now(), Ok(()));
    let page = browser.open("/jobs").await.text.clone();
    assert!(page.contains("正常") && !page.contains("磁盘已满"), "{page}");
}

/// The figures are for the machine itself: neither for a stranger nor through the proxy.
#[tokio::test]
async fn figures_for_programs() {
    let ground = Ground::new().await;
    ground.jobs.note(JOB, ground.now(), Ok(()));
    let told = ground.program_here().open("/metrics").await.text.clone();
    for line in [
        "tongpin_job_looks_total{job=\"offers\"} 1",
        "tongpin_job_failures_total{job=\"offers\"} 0",
        "tongpin_job_failing{job=\"offers\"} 0",
        "tongpin_job_last_success_seconds{job=\"offers\"} 1800000000",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}: {told}");
    }
    for stranger in ["10.9.9.9", "127.0.0.1"] {
        assert_eq!(ground.browser_behind(stranger).open("/metrics").await.status, 404, "{stranger}");
    }
    assert_eq!(ground.browser().open("/metrics").await.status, 404);
}
