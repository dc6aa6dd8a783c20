//! Pages behind TLS: what is served, what is refused, and how a new certificate comes into use.

use std::time::UNIX_EPOCH;

use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_stream::StreamExt as _;

use super::*;

/// A certificate of its own for `localhost`, and its key, in files of these names.
fn write(folder: &Path, cert: &str, key: &str) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    fs::write(folder.join(cert), made.cert.pem()).expect("writable");
    fs::write(folder.join(key), made.signing_key.serialize_pem()).expect("writable");
    made.cert.der().clone()
}

async fn connect(address: SocketAddr, trusted: &CertificateDer<'static>) -> io::Result<[u8; 2]> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let socket = TcpStream::connect(address).await?;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
    stream.write_all(b"?").await?;
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// Whoever trusts the certificate is answered, whoever trusts another is not, and after the files changed it is the
/// other way round, without a restart.
#[tokio::test]
async fn served_and_reloaded() {
    let folder = TempDir::new().expect("a folder");
    let old = write(folder.path(), "page.pem", "page.key");
    let tls = PageTls::configured("page.pem", "page.key", folder.path()).expect("readable").expect("configured");
    assert!(tls.not_after() > Moment(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let token = CancellationToken::new();
    let mut pages = secure_pages(listener, Arc::clone(&tls), Limits::default(), token.clone());
    tokio::spawn(async move {
        while let Some(Ok((mut stream, peer))) = pages.next().await {
            assert!(peer.ip().is_loopback());
            let mut asked = [0; 1];
            if stream.read_exact(&mut asked).await.is_ok() {
                let _ = stream.write_all(b"ok").await;
            }
        }
    });
    assert_eq!(&connect(address, &old).await.expect("trusted"), b"ok");
    assert!(!tls.reload().expect("readable"), "nothing changed");

    let new = write(folder.path(), "page.pem", "page.key");
    // A file system may be too coarse to tell two writes apart.
    for name in ["page.pem", "page.key"] {
        let file = fs::File::options().write(true).open(folder.path().join(name)).expect("there");
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1)).expect("settable");
    }
    assert!(connect(address, &new).await.is_err());
    assert!(tls.reload().expect("readable"));
    assert_eq!(&connect(address, &new).await.expect("trusted"), b"ok");
    assert!(connect(address, &old).await.is_err());
    token.cancel();
}

/// Each mistake is told for what it is, and a bad new file leaves the old certificate in use.
#[test]
fn mistakes() {
    let folder = TempDir::new().expect("a folder");
    let configured = |cert: &str, key: &str| PageTls::configured(cert, key, folder.path());
    assert!(matches!(configured("", " "), Ok(None)));
    assert!(matches!(configured("page.pem", ""), Err(PageTlsError::OnlyOne)));
    assert!(matches!(configured("page.pem", "page.key"), Err(PageTlsError::Io { .. })));
    write(folder.path(), "page.pem", "page.key");
    write(folder.path(), "other.pem", "other.key");
    assert!(matches!(configured("page.pem", "other.key"), Err(PageTlsError::Unusable(_))));
    assert!(matches!(configured("page.key", "page.key"), Err(PageTlsError::BadFile { .. })));
    assert!(matches!(configured("page.pem", "page.pem"), Err(PageTlsError::BadFile { .. })));
    let tls = configured("page.pem", "page.key").expect("readable").expect("configured");
    let until = tls.not_after();
    fs::write(folder.path().join("page.pem"), "nothing").expect("writable");
    let file = fs::File::options().write(true).open(folder.path().join("page.pem")).expect("there");
    file.set_modified(UNIX_EPOCH).expect("settable");
    let said = tls.reload().expect_err("a refusal").say(Lang::Zh);
    assert!(said.contains("不是可用的 PEM 文件"), "{said}");
    assert_eq!(tls.not_after(), until);
}
