//! Faults at the two places that are there for them: the transport of a link, and the store's durable step.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tongpin_domain::digest::Digest;
use tongpin_link::tls::{Reaching, Tcp, Transport, Wire};
use tongpin_store::DurableStep;
use tongpin_tests::inprocess::{Member, TestClock, brisk, join};

use crate::craft::rows;

/// A transport that reaches nobody each second time, and else breaks after so many bytes from the parent, more each
/// time.
#[derive(Debug, Default)]
struct Breaking(AtomicU32);

impl Transport for Breaking {
    fn reach(&self, address: String) -> Reaching {
        let time = self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if time % 2 == 1 {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let wire = Tcp.reach(address).await?;
            let left = usize::try_from(time).unwrap_or(usize::MAX).saturating_mul(1_500);
            Ok(Box::new(Breaks { wire, left }) as Box<dyn Wire>)
        })
    }
}

struct Breaks {
    wire: Box<dyn Wire>,
    left: usize,
}

impl AsyncRead for Breaks {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.wire).poll_read(cx, into);
        let came = into.filled().len().saturating_sub(before);
        if self.left < came {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        self.left -= came;
        read
    }
}

impl AsyncWrite for Breaks {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

/// A disk on which each third commit fails, and of each fifth the answer is lost.
#[derive(Debug, Default)]
struct Failing(AtomicU32, AtomicU32);

fn each(count: &AtomicU32, number: u32) -> io::Result<()> {
    let now = count.fetch_add(1, Ordering::Relaxed) + 1;
    if now.is_multiple_of(number) { Err(io::Error::other("as the test has it")) } else { Ok(()) }
}

impl DurableStep for Failing {
    fn before(&self) -> io::Result<()> {
        each(&self.0, 3)
    }

    fn after(&self) -> io::Result<()> {
        each(&self.1, 5)
    }
}

/// Over a line that breaks again and again, and with a disk that fails now and then, a county ends with the same
/// releases and the same entries as one that nothing happened to.
#[tokio::test(flavor = "multi_thread")]
async fn a_county_of_many_faults() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "536600", &clock).await?;
    let calm = Member::node(folder.path(), "536602", &hub, &clock).await?;
    let home = folder.path().join("536603");
    let joined = join(&home, &hub.invite("536603").await?, &clock).await?;
    let county = Member::prepare(&home, Some(joined.parent), &clock, brisk()).await?;
    county.site.connect_over(Arc::new(Breaking::default()));
    county.site.store.around_commits(Arc::new(Failing::default()));
    let county = county.start().await?;
    let id = hub.catalog("rules");
    for round in 1..=12_u64 {
        hub.publish("rules", &rows(60, &round.to_string())).await?;
    }
    calm.holds(&id, 12).await?;
    county.holds(&id, 12).await?;
    let head = async |member: &Member| -> Result<Option<Digest>> {
        Ok(member.site.store.head(&id).await?.map(|head| head.digest))
    };
    assert_eq!(head(&county).await?, head(&calm).await?);
    assert_eq!(county.site.store.entries(&id).await?, calm.site.store.entries(&id).await?);
    Ok(())
}
