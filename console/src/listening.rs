//! Where a program's console listens, and what is said of it at the start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tongpin_link::site::Site;
use tongpin_link::tls::{Limits, PageCertificate, PageTls, PageTlsError, plain_pages, secure_pages};

use crate::failure::Common as Failure;
use crate::lifecycle::Lifecycle;
use crate::output::Output;
use crate::settings::Common;
use crate::web::{self, Web};
use crate::{doctor, net};

/// The certificate of the pages, if one is configured.
///
/// # Errors
/// It cannot be used.
pub fn page_tls(data: &Path, settings: &Common) -> Result<Option<Arc<PageTls>>, PageTlsError> {
    PageTls::configured(&settings.page_cert, &settings.page_key, data)
}

/// The port of the console, held before anything is served.
pub struct Pages {
    listener: TcpListener,
    at: SocketAddr,
    tls: Option<Arc<PageTls>>,
}

impl Pages {
    /// Takes the port; `None` if there shall be no console: nothing or `off` is named.
    ///
    /// # Errors
    /// The address or the certificate cannot be used.
    pub async fn bind(wanted: &str, data: &Path, settings: &Common) -> Result<Option<Self>, Failure> {
        let tls = page_tls(data, settings)?;
        let wanted = wanted.trim();
        if wanted.is_empty() || wanted.eq_ignore_ascii_case("off") {
            return Ok(None);
        }
        let listener = net::bind(wanted).await?;
        Ok(Some(Self { at: listener.local_addr()?, listener, tls }))
    }

    /// What a browser opens.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.at)
    }

    /// Serves the console among the program's tasks.
    pub fn serve(self, site: Arc<Site>, web: Web, lifecycle: &mut Lifecycle) {
        let (token, at) = (lifecycle.token(), self.at);
        let Some(tls) = self.tls else {
            let incoming = plain_pages(self.listener, Limits::default(), token.clone());
            return lifecycle.spawn_endless("console", web::serve(incoming, at, web, token));
        };
        lifecycle.spawn_job(site, PageCertificate(tls.clone()));
        let incoming = secure_pages(self.listener, tls, Limits::default(), token.clone());
        lifecycle.spawn_endless("console", web::serve_secured(incoming, at, web, token));
    }
}

/// Warns of what other users and machines may read. It is in the log too; who reads neither is served all the same.
pub fn warn(output: &Output, private_files: &[PathBuf], pages: Option<&Pages>) {
    if let Some(exposed) = doctor::exposed(private_files, output.lang) {
        tracing::warn!("keys or records are open to other users of this machine");
        drop(output.tell(&exposed));
    }
    let plain = pages.filter(|pages| pages.tls.is_none());
    if let Some(warning) = plain.and_then(|pages| net::plain_page_warning(pages.at, output.lang)) {
        tracing::warn!("the console is open to other machines without TLS");
        drop(output.tell(&warning));
    }
}
