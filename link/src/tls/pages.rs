//! TLS for pages: a certificate that the bureau brings (browsers trust its own authority, not the federation's root),
//! read anew when its files change.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_store::Topic;
use x509_parser::parse_x509_certificate;

use super::incoming::{self, Limits, READY};
use super::provider;
use super::seated::Seated;
use super::seats::{Seats, origin};
use crate::reconcile::{Job, Problem, Reconciler};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// What browsers and departments' systems speak to the pages.
const PAGE_ALPN: &[u8] = b"http/1.1";

/// Why pages cannot be served with TLS.
#[derive(Debug, thiserror::Error)]
pub enum PageTlsError {
    /// One of the two settings is there, and the other is not.
    #[error("page_cert and page_key go together")]
    OnlyOne,
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {problem}", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Key and certificate do not belong together, or cannot be used.
    #[error("cannot use the certificate and key of the pages")]
    Unusable(#[from] rustls::Error),
}

impl Say for PageTlsError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::OnlyOne => (
                "配置中 page_cert 和 page_key 须同时填写，或都不填".to_owned(),
                format!("{self}: give both or neither"),
            ),
            Self::Io { path, source } => (
                format!("管理页面的证书或私钥文件 {} 无法读取（{source}）；请核对路径和权限", path.display()),
                format!("{self} ({source}); check the path and its permissions"),
            ),
            Self::BadFile { path, .. } => (
                format!(
                    "{} 不是可用的 PEM 文件；page_cert 应为证书（含中间证书），page_key 应为未加密的私钥",
                    path.display()
                ),
                format!("{self}; page_cert holds the certificate chain and page_key an unencrypted key, both as PEM"),
            ),
            Self::Unusable(error) => (
                format!("管理页面的证书与私钥不配套，或不受支持（{error}）；请核对两个文件"),
                format!("{self} ({error}); see that the two belong together"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// What was read from the files.
struct Loaded {
    config: Arc<ServerConfig>,
    not_after: Moment,
    seen: [Option<SystemTime>; 2],
}

/// The certificate that pages are served with.
pub struct PageTls {
    cert: PathBuf,
    key: PathBuf,
    now: ArcSwap<Loaded>,
}

impl PageTls {
    /// Reads the certificate and key that are configured; paths are taken from `folder` on. `None` if none are.
    ///
    /// # Errors
    /// See [`PageTlsError`].
    pub fn configured(cert: &str, key: &str, folder: &Path) -> Result<Option<Arc<Self>>, PageTlsError> {
        match (cert.trim(), key.trim()) {
            ("", "") => Ok(None),
            ("", _) | (_, "") => Err(PageTlsError::OnlyOne),
            (cert, key) => {
                let (cert, key) = (folder.join(cert), folder.join(key));
                let now = ArcSwap::from_pointee(load(&cert, &key)?);
                Ok(Some(Arc::new(Self { cert, key, now })))
            }
        }
    }

    /// The end of the certificate's validity.
    #[must_use]
    pub fn not_after(&self) -> Moment {
        self.now.load().not_after
    }

    /// Reads the files again if they changed. What cannot be used leaves the old certificate in use.
    ///
    /// # Errors
    /// See [`PageTlsError`].
    pub fn reload(&self) -> Result<bool, PageTlsError> {
        if self.now.load().seen == seen(&self.cert, &self.key) {
            return Ok(false);
        }
        self.now.store(Arc::new(load(&self.cert, &self.key)?));
        Ok(true)
    }
}

/// 页面证书: takes up a certificate of the pages that was put in the place of the old one.
pub struct PageCertificate(pub Arc<PageTls>);

impl Reconciler for PageCertificate {
    fn job(&self) -> Job {
        let (zh, en) = ("管理页面证书", "the pages' certificate");
        Job { name: "page_certificate", zh, en, every: LOOK_EVERY, gather: Duration::ZERO }
    }

    fn concerns(_: &Topic) -> bool {
        false
    }

    async fn look(&mut self, _: Option<&BTreeSet<Topic>>) -> Result<(), Problem> {
        // What cannot be used leaves the old one in use.
        if self.0.reload()? {
            tracing::info!(until = %self.0.not_after(), "the pages have a new certificate");
        }
        Ok(())
    }
}

/// Connections to pages, each with the address it comes from, in one of the places that there are for pages.
pub type Pages<S> = ReceiverStream<io::Result<(Seated<S>, SocketAddr)>>;

/// Where connections to pages wait to be served.
struct Gate<S> {
    ready: mpsc::Sender<io::Result<(Seated<S>, SocketAddr)>>,
    seats: Arc<Seats<IpAddr>>,
    idle: Duration,
}

impl<S> Gate<S> {
    fn new(limits: &Limits) -> (Arc<Self>, Pages<S>) {
        let (ready, pages) = mpsc::channel(READY);
        let seats = Seats::new(limits.pages.0, limits.pages.1);
        (Arc::new(Self { ready, seats, idle: limits.page_idle }), ReceiverStream::new(pages))
    }

    async fn enter(&self, stream: S, peer: SocketAddr) {
        let (seat, _) = self.seats.take(origin(peer.ip()));
        let seated = Seated::new(stream, async move { seat.lost().await }).ending_idle(self.idle);
        // The receiver is gone only when the program stops.
        let _ = self.ready.send(Ok((seated, peer))).await;
    }
}

/// Accepts connections to pages until the token is cancelled.
#[must_use]
pub fn plain_pages(listener: TcpListener, limits: Limits, token: CancellationToken) -> Pages<TcpStream> {
    let (gate, pages) = Gate::new(&limits);
    tokio::spawn(async move {
        while let Some((socket, peer)) = incoming::next(&listener, &token).await {
            if let Err(error) = socket.set_nodelay(true) {
                tracing::debug!(%peer, %error, "cannot turn off delaying");
            }
            gate.enter(socket, peer).await;
        }
    });
    pages
}

/// The same, each after its handshake.
#[must_use]
pub fn secure_pages(
    listener: TcpListener,
    tls: Arc<PageTls>,
    limits: Limits,
    token: CancellationToken,
) -> Pages<TlsStream<TcpStream>> {
    let (gate, pages) = Gate::new(&limits);
    let current = move || Arc::clone(&tls.now.load().config);
    let enter = move |stream, peer| {
        let gate = Arc::clone(&gate);
        async move { gate.enter(stream, peer).await }
    };
    tokio::spawn(incoming::accept(listener, current, enter, limits, token));
    pages
}

fn load(cert: &Path, key: &Path) -> Result<Loaded, PageTlsError> {
    // Looked at before reading: what changes in between is read again at the next look.
    let seen = seen(cert, key);
    let bad = |path: &Path, problem| PageTlsError::BadFile { path: path.to_owned(), problem };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(cert)?).collect();
    let chain = chain.map_err(|_| bad(cert, "holds an unreadable certificate"))?;
    let leaf = chain.first().ok_or_else(|| bad(cert, "holds no certificate"))?;
    let (_, parsed) = parse_x509_certificate(leaf).map_err(|_| bad(cert, "holds an unreadable certificate"))?;
    let not_after = Moment(parsed.validity().not_after.timestamp().saturating_mul(1000));
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| bad(key, "holds no private key"))?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)?;
    config.alpn_protocols = vec![PAGE_ALPN.to_vec()];
    Ok(Loaded { config: Arc::new(config), not_after, seen })
}

fn read(path: &Path) -> Result<Vec<u8>, PageTlsError> {
    fs::read(path).map_err(|source| PageTlsError::Io { path: path.to_owned(), source })
}

fn seen(cert: &Path, key: &Path) -> [Option<SystemTime>; 2] {
    [cert, key].map(|path| fs::metadata(path).and_then(|about| about.modified()).ok())
}

#[cfg(test)]
mod tests;
