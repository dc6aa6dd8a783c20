//! How the pages are reached: over HTTPS with the certificate that the configuration names, through a proxy that it
//! names, and what is said of a key that stands open.

use std::fs;
use std::io::{Read as _, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use tongpin_tests::process::{Bureau, Running};

use crate::ground::{CITY, Ground};

/// Certificate and key, as a bureau's file has them: those of its link serve as well as any.
const CONFIG: &str = "page_cert = \"page.pem\"\npage_key = \"page.pem\"\n";
const CHOOSES: &str = "POST /lang HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n";
const CHOICE: &str = "\r\nlang=en&back=/";
const KEPT: &str = "strict-transport-security: max-age=31536000";

fn config(bureau: &Bureau, text: &str) -> Result<()> {
    Ok(fs::write(bureau.data.join("config.toml"), text)?)
}

fn answer(mut line: impl std::io::Read + Write, headers: &str) -> Result<String> {
    line.write_all(format!("{CHOOSES}{headers}{CHOICE}").as_bytes())?;
    let mut answer = String::new();
    line.read_to_string(&mut answer)?;
    Ok(answer)
}

fn plain(running: &Running, headers: &str) -> Result<String> {
    let address = running.page.strip_prefix("http://").context("plain pages")?;
    answer(TcpStream::connect(address.trim_end_matches('/'))?, headers)
}

/// Asks over TLS as a browser does that trusts the root in this folder.
fn secured(running: &Running, folder: &Path, region: &str) -> Result<String> {
    let address = running.page.strip_prefix("https://").context("secured pages")?.trim_end_matches('/');
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("identity/root.pem"))?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = tongpin_link::identity::dns_name(&tongpin_tests::inprocess::region(region));
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(name)?)?;
    answer(StreamOwned::new(connection, TcpStream::connect(address)?), "")
}

/// How `doctor` finds the files.
fn files(bureau: &Bureau) -> Result<(String, String)> {
    let told: Value = serde_json::from_slice(&bureau.try_run(&["--json", "doctor"])?.stdout)?;
    let mut checks = told["checks"].as_array().into_iter().flatten();
    let found = checks.find(|check| check["name"] == "文件权限").with_context(|| format!("no files in {told}"))?;
    Ok((found["state"].to_string(), found["detail"].to_string()))
}

/// With a certificate both programs serve their pages over TLS and nothing else, tell browsers to keep to it and mark
/// cookies for it. A key that others may read is named when the program starts and by `doctor`, until it is closed.
#[test]
fn with_a_certificate() -> Result<()> {
    let mut ground = Ground::found()?;
    drop(ground.run_all()?);
    for (bureau, region) in [(&ground.hub, CITY), (&ground.county, ground.codes.0.as_str())] {
        let key = bureau.data.join("page.pem");
        fs::copy(bureau.data.join("identity/identity.pem"), &key)?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644))?;
        config(bureau, CONFIG)?;
        let running = bureau.serve()?;
        let told = secured(&running, &bureau.data, region)?;
        ensure!(told.starts_with("HTTP/1.1 303") && told.contains(KEPT), "{region}: {told}");
        let cookie = told.lines().find(|line| line.starts_with("set-cookie: ")).context("a cookie")?;
        ensure!(cookie.ends_with("; Secure"), "{region}: {cookie}");
        let mut unsecured = TcpStream::connect(running.page.trim_start_matches("https://").trim_end_matches('/'))?;
        unsecured.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut told = Vec::new();
        let _ = unsecured.read_to_end(&mut told);
        ensure!(!told.starts_with(b"HTTP"), "{region}: {}", String::from_utf8_lossy(&told));

        let log = fs::read_to_string(bureau.data.join("serve.log"))?;
        ensure!(log.contains("page.pem") && log.contains("chmod -R go-rwx"), "{region}: {log}");
        let (state, detail) = files(bureau)?;
        ensure!(state == "\"bad\"" && detail.contains("page.pem"), "{region}: {state} {detail}");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        ensure!(files(bureau)?.0 == "\"good\"", "{region}: {:?}", files(bureau)?);
    }
    Ok(())
}

/// What a request says of itself counts in both programs once the configuration names the proxy that it comes from, and
/// not before: whoever said so would keep browsers from plain pages for a year.
#[test]
fn behind_a_proxy() -> Result<()> {
    const SAYS: &str = "X-Forwarded-For: 10.9.9.9\r\nX-Forwarded-Proto: https\r\n";
    let mut ground = Ground::found()?;
    drop(ground.run_all()?);
    for bureau in [&ground.hub, &ground.county] {
        for (text, believed) in [("", false), ("trusted_proxy = [\"127.0.0.1\"]\n", true)] {
            config(bureau, text)?;
            let told = plain(&bureau.serve()?, SAYS)?;
            ensure!(told.starts_with("HTTP/1.1 303"), "{told}");
            ensure!(told.contains(KEPT) == believed && told.contains("; Secure") == believed, "{text}: {told}");
        }
    }
    Ok(())
}
