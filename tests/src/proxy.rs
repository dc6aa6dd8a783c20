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
            connections: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, accepting })
    }

    /// From now on the line loses this.
    pub fn lose(&self, loss: Loss) {
        *lock(&self.shared.loss) = loss;
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
    let ((from_child, to_child), (from_parent, to_parent)) = (child.into_split(), parent.into_split());
    // Whichever ends first ends both: dropping the halves closes the connections.
    tokio::select! {
        () = token.cancelled() => {}
        () = carry(from_child, to_parent, &shared, Loss::Requests) => {}
        () = carry(from_parent, to_child, &shared, Loss::Answers) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, lost_by: Loss) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        if *lock(&shared.loss) == lost_by {
            shared.lost.fetch_add(count as u64, Ordering::Relaxed);
        } else if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
