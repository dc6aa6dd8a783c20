//! A connection that holds a place, and ends with it: when its time is over, when it lies idle too long, or when its
//! place is given to somebody else.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

/// What ends a connection from outside; it holds the place.
pub(super) type Ending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A connection in its place.
pub struct Seated<S> {
    /// Boxed, because what serves it moves it through many hands, and each would reserve room for it.
    stream: Box<S>,
    /// `None` once it has come.
    ending: Option<Ending>,
    idle: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl<S> Seated<S> {
    /// A connection that lasts until `ending`.
    pub(super) fn new(stream: S, ending: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { stream: Box::new(stream), ending: Some(Box::pin(ending)), idle: None }
    }

    /// The same, which ends too when nothing comes and nothing goes for so long.
    pub(super) fn ending_idle(self, limit: Duration) -> Self {
        Self { idle: Some((limit, Box::pin(sleep(limit)))), ..self }
    }

    /// Whether it has to end; whoever asked is woken when it does.
    fn over(&mut self, context: &mut Context<'_>) -> bool {
        let Some(ending) = &mut self.ending else { return true };
        let idle = self.idle.as_mut().is_some_and(|(_, idle)| idle.as_mut().poll(context).is_ready());
        let over = idle || ending.as_mut().poll(context).is_ready();
        if over {
            self.ending = None;
        }
        over
    }

    fn moved(&mut self) {
        if let Some((limit, idle)) = &mut self.idle {
            idle.as_mut().reset(Instant::now() + *limit);
        }
    }
}

fn ended<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
}

impl<S: AsyncRead + Unpin> AsyncRead for Seated<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.over(cx) {
            return ended();
        }
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if read.is_ready() {
            this.moved();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Seated<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.over(cx) {
            return ended();
        }
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        if written.is_ready() {
            this.moved();
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.over(cx) {
            return ended();
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

impl Connected for Seated<TlsStream<TcpStream>> {
    type ConnectInfo = <TlsStream<TcpStream> as Connected>::ConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}
