//! Where an identity lives: PEM files that only their owner reads, each replaced whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::issuing::{IssuerKey, create_issuer, root_holder};
use super::keys::{Key, PendingKeys};
use super::{Identity, IdentityError, RootSet, region_of};

/// The own key and its chain, in one file so that the two can never be of different ages.
const IDENTITY: &str = "identity.pem";
/// The key that certifies children, and its chain.
const ISSUER: &str = "issuer.pem";
/// The trusted roots.
const ROOT: &str = "root.pem";
/// Keys that have no certificate yet.
const PENDING: &str = "pending.pem";

impl Identity {
    /// Makes the federation's root in a folder. It is only ever done when asked for, and only once: of two that try at
    /// the same time one is refused, and one that was interrupted goes on with the root that it had made.
    ///
    /// # Errors
    /// [`IdentityError::AlreadyThere`] if the folder holds an identity, [`IdentityError::Io`] if it cannot be written,
    /// and as [`Identity::create_root`].
    pub fn init(
        dir: &Path,
        region: &RegionCode,
        now: Moment,
        root_validity: Duration,
        leaf_validity: Duration,
    ) -> Result<Self, IdentityError> {
        let (own, authority) = (dir.join(IDENTITY), dir.join(ISSUER));
        if own.exists() {
            return Err(IdentityError::AlreadyThere { path: own });
        }
        let issuer = if let Some((key, chain)) = load_keyed(&authority)? {
            if chain.len() > 1 {
                return Err(bad(&authority, "holds another bureau's certificates, not a root"));
            }
            IssuerKey { key, chain }
        } else {
            let issuer = create_issuer(region, now, root_validity)?;
            create_new(dir, &authority, &keyed_pem(&issuer.key, &issuer.chain))?;
            issuer
        };
        let identity = root_holder(issuer, region, now, leaf_validity)?;
        identity.save(dir)?;
        Ok(identity)
    }

    /// Reads the identity of a folder. An expired one is read too, so that it can be shown and replaced.
    ///
    /// # Errors
    /// [`IdentityError::Missing`] if there is none, [`IdentityError::BadFile`] if files are damaged or do not belong
    /// together, [`IdentityError::Io`] if they cannot be read.
    pub fn load(dir: &Path) -> Result<Self, IdentityError> {
        let path = dir.join(IDENTITY);
        let (key, chain) = load_keyed(&path)?.ok_or_else(|| IdentityError::Missing { dir: dir.to_owned() })?;
        let root = dir.join(ROOT);
        let text = read(&root)?.ok_or_else(|| bad(&root, "the root certificate is missing"))?;
        let roots = RootSet::new(certificates(&root, &text)?).map_err(|_| bad(&root, "holds no readable root"))?;
        let authority = dir.join(ISSUER);
        let issuer = load_keyed(&authority)?.map(|(key, chain)| IssuerKey { key, chain });
        Self::assemble(key, chain, issuer, roots).map_err(|error| match error {
            IdentityError::WrongKey => bad(&path, "the key and the certificate do not belong together"),
            other => other,
        })
    }

    /// Writes the identity into a folder and forgets the pending keys that it was made from.
    ///
    /// The own key and certificate go last, in one step; until then the old identity stands.
    ///
    /// # Errors
    /// [`IdentityError::Io`] if a file cannot be written; nothing half-written stays behind.
    pub fn save(&self, dir: &Path) -> Result<(), IdentityError> {
        make_dir(dir)?;
        replace(&dir.join(ROOT), certificates_pem(self.roots.certificates()).as_bytes())?;
        match &self.issuer {
            Some(issuer) => replace(&dir.join(ISSUER), keyed_pem(&issuer.key, &issuer.chain).as_bytes())?,
            None => remove(&dir.join(ISSUER))?,
        }
        replace(&dir.join(IDENTITY), keyed_pem(&self.key, &self.chain).as_bytes())?;
        remove_pending(dir)
    }

    /// Whether a folder holds an identity at all.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        dir.join(IDENTITY).exists()
    }
}

pub(super) fn load_pending(dir: &Path) -> Result<Option<PendingKeys>, IdentityError> {
    let path = dir.join(PENDING);
    let Some(text) = read(&path)? else { return Ok(None) };
    match keys(&path, &text)?.as_slice() {
        [identity, issuer] => Ok(Some(PendingKeys { identity: identity.clone(), issuer: issuer.clone() })),
        _ => Err(bad(&path, "does not hold two private keys")),
    }
}

pub(super) fn save_pending(dir: &Path, keys: &PendingKeys) -> Result<(), IdentityError> {
    make_dir(dir)?;
    replace(&dir.join(PENDING), (keys.identity.pem() + &keys.issuer.pem()).as_bytes())
}

pub(super) fn remove_pending(dir: &Path) -> Result<(), IdentityError> {
    remove(&dir.join(PENDING))
}

/// Reads a file of one private key and its chain; `None` if there is no such file.
fn load_keyed(path: &Path) -> Result<Option<(Key, Vec<CertificateDer<'static>>)>, IdentityError> {
    let Some(text) = read(path)? else { return Ok(None) };
    let chain = certificates(path, &text)?;
    match keys(path, &text)?.as_slice() {
        [key] if !chain.is_empty() => Ok(Some((key.clone(), chain))),
        _ => Err(bad(path, "does not hold one private key and its certificates")),
    }
}

fn keys(path: &Path, text: &[u8]) -> Result<Vec<Key>, IdentityError> {
    PrivatePkcs8KeyDer::pem_slice_iter(text)
        .map(|key| key.ok().and_then(|key| Key::from_pkcs8(&key)).ok_or_else(|| bad(path, "holds an unreadable key")))
        .collect()
}

fn certificates(path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    CertificateDer::pem_slice_iter(text)
        .map(|certificate| certificate.map_err(|_| bad(path, "holds an unreadable certificate")))
        .collect()
}

fn keyed_pem(key: &Key, chain: &[CertificateDer<'_>]) -> String {
    key.pem() + &certificates_pem(chain)
}

/// Certificates as PEM, each preceded by its region where it has one, for whoever opens the file.
fn certificates_pem(chain: &[CertificateDer<'_>]) -> String {
    let mut text = String::new();
    for certificate in chain {
        if let Ok(region) = region_of(certificate) {
            text.extend(["# ", region.as_str(), "\n"]);
        }
        text += "-----BEGIN CERTIFICATE-----\n";
        let encoded = STANDARD.encode(certificate);
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            text += line;
            text.push('\n');
            rest = after;
        }
        text += "-----END CERTIFICATE-----\n";
    }
    text
}

fn bad(path: &Path, problem: &'static str) -> IdentityError {
    IdentityError::BadFile { path: path.to_owned(), problem }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, IdentityError> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(IdentityError::io("read", path)(error)),
    }
}

fn remove(path: &Path) -> Result<(), IdentityError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(IdentityError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

fn make_dir(dir: &Path) -> Result<(), IdentityError> {
    fs::create_dir_all(dir).map_err(IdentityError::io("create", dir))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(IdentityError::io("protect", dir))?;
    }
    Ok(())
}

/// Replaces a file whole: whoever reads it sees the old content or the new, also after a power cut.
fn replace(path: &Path, content: &[u8]) -> Result<(), IdentityError> {
    replace_by(path, |file| file.write_all(content))
}

fn replace_by(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), IdentityError> {
    let draft = draft(path, write)?;
    fs::rename(&draft, path).map_err(|error| abandon(&draft, path, error))?;
    sync_folder(path)
}

/// Writes a file that must not exist yet; of two that try at once only one succeeds.
fn create_new(dir: &Path, path: &Path, content: &str) -> Result<(), IdentityError> {
    make_dir(dir)?;
    let draft = draft(path, |file| file.write_all(content.as_bytes()))?;
    let linked = fs::hard_link(&draft, path);
    remove(&draft)?;
    match linked {
        Ok(()) => sync_folder(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(IdentityError::AlreadyThere { path: path.to_owned() })
        }
        Err(error) => Err(IdentityError::io("create", path)(error)),
    }
}

/// Writes the content beside the file, durable before it is put in place. The process number keeps two programs from
/// writing the same draft.
fn draft(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<PathBuf, IdentityError> {
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    remove(&draft)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(&draft)
        .and_then(|mut file| write(&mut file).and_then(|()| file.sync_all()))
        .map_err(|error| abandon(&draft, path, error))?;
    Ok(draft)
}

fn abandon(draft: &Path, path: &Path, error: io::Error) -> IdentityError {
    // The write has failed already; a draft that cannot be removed either is removed by the next attempt.
    let _ = fs::remove_file(draft);
    IdentityError::io("write", path)(error)
}

/// Makes a rename durable.
fn sync_folder(path: &Path) -> Result<(), IdentityError> {
    match path.parent() {
        #[cfg(unix)]
        Some(dir) => File::open(dir).and_then(|dir| dir.sync_all()).map_err(IdentityError::io("sync", dir)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A write that fails midway, as on a full disk, leaves the old file as it was and no draft behind.
    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("identity.pem");
        replace(&path, b"old").expect("the first write");
        let failed = replace_by(&path, |file| {
            file.write_all(b"ne")?;
            Err(io::Error::from(ErrorKind::StorageFull))
        });
        assert!(matches!(failed, Err(IdentityError::Io { doing: "write", .. })), "{failed:?}");
        assert_eq!(fs::read(&path).expect("the file"), b"old");
        assert_eq!(fs::read_dir(dir.path()).expect("the folder").count(), 1);
    }

    /// A file that must be new is never replaced.
    #[test]
    fn creating_refuses_an_existing_file() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("issuer.pem");
        create_new(dir.path(), &path, "first").expect("the first");
        let second = create_new(dir.path(), &path, "second");
        assert!(matches!(second, Err(IdentityError::AlreadyThere { .. })), "{second:?}");
        assert_eq!(fs::read(&path).expect("the file"), b"first");
    }
}
