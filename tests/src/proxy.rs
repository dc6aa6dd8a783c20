//! A line that fails on demand: a TCP relay between a child and its parent that loses what goes up, what comes down,
//! or the whole connection. TLS stays end to end, so both sides see exactly what a bad network shows them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the line loses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    #[default]
    None,
    /// What the child says: the parent never hears it.
    Requests,
    /// What the parent says: the child never learns that it was heard.
    Answers,
}

/// The relay. Dropping it ends all connections.
pub struct Proxy {
    /// Where children connect.
    pub address: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    target: Mutex<String>,
    loss: Mutex<Loss>,
    lost: AtomicU64,
    /// Bytes that one connection carries, both ways together, before it breaks; 0 for any number.
    carries: AtomicU64,
    broken: AtomicU64,
    connections: Mutex<CancellationToken>,
}

impl Proxy {
    /// A line to a parent.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn to(target: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let shared = Arc::new(Shared {
            target: Mutex::new(target.to_owned()),
            loss: Mutex::default(),
            lost: AtomicU64::new(0),
            carries: AtomicU64::new(0),
            broken: AtomicU64::new(0),
            connections: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, accepting })
    }

    /// From now on the line loses this.
    pub fn lose(&self, loss: Loss) {
        *lock(&self.shared.loss) = loss;
    }

    /// From now on each new connection breaks once it has carried so many bytes, both ways together, handshake and all.
    /// What it carried arrives.
    pub fn break_after(&self, bytes: u64) {
        self.shared.carries.store(bytes, Ordering::Relaxed);
    }

    /// How many connections broke because they had carried that much.
    #[must_use]
    pub fn broken(&self) -> u64 {
        self.shared.broken.load(Ordering::Relaxed)
    }

    /// How many bytes were lost so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Breaks every connection; the next one is sound.
    pub fn mend(&self) {
        self.lose(Loss::None);
        self.cut();
    }

    /// Breaks every connection, as when a cable is pulled and put back.
    pub fn cut(&self) {
        std::mem::take(&mut *lock(&self.shared.connections)).cancel();
    }

    /// The parent listens elsewhere now, as after a restart.
    pub fn lead_to(&self, target: &str) {
        target.clone_into(&mut lock(&self.shared.target));
        self.cut();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((child, _)) = listener.accept().await {
        let token = lock(&shared.connections).clone();
        tokio::spawn(relay(child, shared.clone(), token));
    }
}

async fn relay(child: TcpStream, shared: Arc<Shared>, token: CancellationToken) {
    let target = lock(&shared.target).clone();
    let Ok(parent) = TcpStream::connect(target).await else { return };
    let ((mut from_child, mut to_child), (mut from_parent, mut to_parent)) = (child.into_split(), parent.into_split());
    let left = match shared.carries.load(Ordering::Relaxed) {
        0 => AtomicU64::new(u64::MAX),
        carries => AtomicU64::new(carries),
    };
    // Whichever ends first ends both: dropping the halves closes the connections.
    tokio::select! {
        () = token.cancelled() => return,
        () = carry(&mut from_child, &mut to_parent, &shared, Loss::Requests, &left) => {}
        () = carry(&mut from_parent, &mut to_child, &shared, Loss::Answers, &left) => {}
    }
    if left.load(Ordering::Relaxed) == 0 {
        shared.broken.fetch_add(1, Ordering::Relaxed);
        // Closing over unread bytes would take back what was carried.
        let _ = tokio::join!(to_parent.shutdown(), to_child.shutdown());
        let mut rest = [vec![0; 4096], vec![0; 4096]];
        let [up, down] = &mut rest;
        let drained = async { tokio::join!(swallow(&mut from_child, up), swallow(&mut from_parent, down)) };
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), drained).await;
    }
}

async fn swallow(from: &mut OwnedReadHalf, buffer: &mut [u8]) {
    while let Ok(1..) = from.read(buffer).await {}
}

async fn carry(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, shared: &Shared, lost_by: Loss, left: &AtomicU64) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        if *lock(&shared.loss) == lost_by {
            shared.lost.fetch_add(count as u64, Ordering::Relaxed);
            continue;
        }
        let before =
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(count as u64)));
        let carried = before.map_or(0, |left| usize::try_from(left).unwrap_or(usize::MAX)).min(count);
        if to.write_all(&buffer[..carried]).await.is_err() || carried < count {
            return;
        }
    }
}
