//! Evidence (佐证材料): photos and files that prove what was reported. They stay in this node's data folder, each under
//! the digest of its content; only name, size and digest are sent. What was changed on the disk is not handed out.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tongpin_console::private;
use tongpin_console::web::LARGEST_FILE;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::observation::Evidence;

/// The longest name that is kept, characters.
const LONGEST_NAME: usize = 80;
/// Endings, what files of them begin with, and what a browser is told they are.
const FORMS: [(&str, &[u8], &str); 6] = [
    ("jpg", b"\xff\xd8\xff", "image/jpeg"),
    ("jpeg", b"\xff\xd8\xff", "image/jpeg"),
    ("png", b"\x89PNG\r\n\x1a\n", "image/png"),
    ("pdf", b"%PDF-", "application/pdf"),
    ("docx", b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];
/// What a form lets a reader choose.
pub(crate) const CHOOSABLE: &str = ".jpg,.jpeg,.png,.pdf,.docx,.xlsx";

/// A file is not taken, or not given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EvidenceError {
    /// Its name ends in none of the endings that are taken.
    #[error("{0:?} is not of a form that is taken")]
    Form(String),
    /// Its content is something else than its name says.
    #[error("{0:?} does not contain what its name says")]
    Content(String),
    /// It is larger than what is taken.
    #[error("{0:?} is too large")]
    TooLarge(String),
    /// It was here and is not any more.
    #[error("the file is missing")]
    Missing,
    /// What is on the disk is not what was handed in.
    #[error("the file was changed on the disk")]
    Damaged,
    /// The disk.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Say for EvidenceError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Form(name) => (
                format!("“{name}”不是可用的文件；请选择 jpg、png 照片或 pdf、docx、xlsx 文件"),
                format!("{name:?} is not taken; choose a jpg or png picture or a pdf, docx or xlsx file"),
            ),
            Self::Content(name) => (
                format!("“{name}”的内容与扩展名不符，可能已损坏或改过名；请打开核对后重新选择"),
                format!("{name:?} does not contain what its name says; open it, check it and choose it again"),
            ),
            Self::TooLarge(name) => (
                format!("“{name}”超过 20 MB；请压缩或拆分后再选择"),
                format!("{name:?} is larger than 20 MB; make it smaller or divide it"),
            ),
            Self::Missing => (
                "佐证材料已不在本机数据目录中；请从备份恢复 evidence 目录，或重新上传".to_owned(),
                "the file is no longer in the data folder; restore the folder evidence or upload it again".to_owned(),
            ),
            Self::Damaged => (
                "佐证材料在磁盘上已损坏或被改动，与填报时不一致，不能下载；请从备份恢复，或重新上传".to_owned(),
                "the file was changed on the disk since it was reported; restore it or upload it again".to_owned(),
            ),
            Self::Io { path, source } => (
                format!("无法读写 {}（{source}）；请检查磁盘空间和权限", path.display()),
                format!("cannot use {} ({source}); check the disk and its permissions", path.display()),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// Where the evidence of a data folder is.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("evidence")
}

/// What a browser is told that a file of this name is.
pub(crate) fn form(name: &str) -> Option<&'static str> {
    found(name).map(|(_, _, form)| form)
}

fn found(name: &str) -> Option<(&'static str, &'static [u8], &'static str)> {
    let (_, end) = name.rsplit_once('.')?;
    FORMS.into_iter().find(|(ending, _, _)| end.eq_ignore_ascii_case(ending))
}

/// Keeps a file and returns what is recorded of it. The same content is kept once, whatever it is called.
///
/// # Errors
/// It is not of a form that is taken, or the disk does not take it; then nothing is kept.
pub(crate) async fn keep(data: &Path, name: &str, bytes: Vec<u8>) -> Result<Evidence, EvidenceError> {
    let name = plain(name);
    let Some((_, begin, _)) = found(&name) else { return Err(EvidenceError::Form(name)) };
    if bytes.len() > LARGEST_FILE {
        return Err(EvidenceError::TooLarge(name));
    }
    if !bytes.starts_with(begin) {
        return Err(EvidenceError::Content(name));
    }
    let folder = folder(data);
    on_disk(folder.clone(), move || {
        let digest = Digest::of(&bytes);
        write(&folder, &digest, &bytes)?;
        Ok(Evidence { name, digest, bytes: bytes.len() as u64 })
    })
    .await
}

/// The last part of a name, without what no name should have.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.trim().chars().filter(|c| !c.is_control()).collect();
    let over = plain.chars().count().saturating_sub(LONGEST_NAME);
    // A long name loses its beginning, so that it still says what it is.
    plain.chars().skip(over).collect()
}

/// Writes under another name, makes it durable, and only then calls it what it is: a file that bears a digest is whole.
fn write(folder: &Path, digest: &Digest, bytes: &[u8]) -> Result<(), EvidenceError> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    if matches!(read_whole(folder, digest), Ok(held) if held == bytes) {
        return Ok(());
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let (path, part) = (folder.join(digest.to_string()), folder.join(format!("{}-{count}.part", std::process::id())));
    let written = private::own_folder(folder)
        .and_then(|()| private::write(&part, bytes))
        .and_then(|()| File::open(&part)?.sync_all())
        .and_then(|()| fs::rename(&part, &path))
        .and_then(|()| File::open(folder)?.sync_all());
    written.map_err(|source| {
        let _ = fs::remove_file(&part);
        EvidenceError::Io { path, source }
    })
}

/// What is recorded of a file that is here already, if it is.
pub(crate) fn held(data: &Path, digest: Digest, name: &str) -> Option<Evidence> {
    let name = plain(name);
    found(&name)?;
    let about = fs::metadata(folder(data).join(digest.to_string())).ok()?;
    Some(Evidence { name, digest, bytes: about.len() })
}

/// Reads a file and makes sure that it is what was handed in.
///
/// # Errors
/// It is missing, damaged, or the disk does not give it.
pub(crate) async fn read(data: &Path, digest: &Digest) -> Result<Vec<u8>, EvidenceError> {
    let (folder, digest) = (folder(data), *digest);
    on_disk(folder.clone(), move || read_whole(&folder, &digest)).await
}

fn read_whole(folder: &Path, digest: &Digest) -> Result<Vec<u8>, EvidenceError> {
    let path = folder.join(digest.to_string());
    let bytes = fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => EvidenceError::Missing,
        _ => EvidenceError::Io { path, source },
    })?;
    if Digest::of(&bytes) == *digest { Ok(bytes) } else { Err(EvidenceError::Damaged) }
}

/// Does what waits for the disk where nobody else waits for it.
async fn on_disk<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce() -> Result<T, EvidenceError> + Send + 'static,
) -> Result<T, EvidenceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(EvidenceError::Io { path, source: io::Error::other(error) }))
}

/// What a backup of the evidence holds.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Copied {
    /// How many files.
    pub(crate) files: u64,
    /// How large they are together.
    pub(crate) bytes: u64,
    /// The digests of those that are damaged here and were not copied.
    pub(crate) damaged: Vec<String>,
}

/// Copies all evidence of a folder into another one, which is made if there is anything to copy. What is there
/// already stays, so that a folder can take one backup after the other.
///
/// # Errors
/// The disk does not give or take a file.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<Copied, EvidenceError> {
    let mut copied = Copied::default();
    let listed = match fs::read_dir(from) {
        Ok(listed) => listed,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(copied),
        Err(source) => return Err(EvidenceError::Io { path: from.to_owned(), source }),
    };
    let mut digests: Vec<Digest> =
        listed.flatten().filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok())).collect();
    digests.sort();
    for digest in digests {
        match read_whole(from, &digest) {
            Ok(bytes) => {
                write(to, &digest, &bytes)?;
                copied.files += 1;
                copied.bytes = copied.bytes.saturating_add(bytes.len() as u64);
            }
            Err(EvidenceError::Damaged) => copied.damaged.push(digest.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(copied)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.4 a page";

    /// A file is kept once under its digest, whatever it is called, and nothing else is left in the folder.
    #[tokio::test]
    async fn kept_once() {
        let data = tempfile::tempdir().expect("a folder");
        let first = keep(data.path(), r"C:\文件\现场.PDF", PDF.to_vec()).await.expect("a pdf");
        let second = keep(data.path(), "../../etc/另一份.pdf", PDF.to_vec()).await.expect("a pdf");
        assert_eq!((first.name.as_str(), second.name.as_str(), first.bytes), ("现场.PDF", "另一份.pdf", 15));
        assert_eq!(first.digest, second.digest);
        let names = fs::read_dir(folder(data.path())).expect("a folder").flatten().map(|entry| entry.file_name());
        assert_eq!(names.collect::<Vec<_>>(), [first.digest.to_string().as_str()]);
        assert_eq!(read(data.path(), &first.digest).await.expect("whole"), PDF);
        let at = folder(data.path());
        assert!(private::open_ones(&[at]).is_empty(), "folder and file are this program's alone");
    }

    /// What was changed or taken away on the disk is told, and handing it in again mends it.
    #[tokio::test]
    async fn damage_is_told() {
        let data = tempfile::tempdir().expect("a folder");
        let kept = keep(data.path(), "a.pdf", PDF.to_vec()).await.expect("a pdf");
        let path = folder(data.path()).join(kept.digest.to_string());
        fs::write(&path, b"%PDF-1.4 another").expect("writable");
        assert!(matches!(read(data.path(), &kept.digest).await, Err(EvidenceError::Damaged)));
        fs::remove_file(&path).expect("there");
        assert!(matches!(read(data.path(), &kept.digest).await, Err(EvidenceError::Missing)));
        fs::write(&path, b"").expect("writable");
        keep(data.path(), "a.pdf", PDF.to_vec()).await.expect("a pdf");
        assert_eq!(read(data.path(), &kept.digest).await.expect("whole"), PDF);
    }

    /// Only the forms that are taken are, and only with the content that goes with their name.
    #[tokio::test]
    async fn forms() {
        let data = tempfile::tempdir().expect("a folder");
        let png = b"\x89PNG\r\n\x1a\n....".to_vec();
        assert!(keep(data.path(), "a.png", png.clone()).await.is_ok());
        for (name, bytes) in [("a.exe", PDF.to_vec()), ("a", PDF.to_vec()), ("a.svg", b"<svg/>".to_vec())] {
            assert!(matches!(keep(data.path(), name, bytes).await, Err(EvidenceError::Form(_))), "{name}");
        }
        for (name, bytes) in [("a.pdf", png), ("a.jpg", PDF.to_vec()), ("a.docx", b"MZ".to_vec()), ("a.pdf", vec![])] {
            assert!(matches!(keep(data.path(), name, bytes).await, Err(EvidenceError::Content(_))), "{name}");
        }
        let mut large = PDF.to_vec();
        large.resize(LARGEST_FILE + 1, 0);
        assert!(matches!(keep(data.path(), "a.pdf", large).await, Err(EvidenceError::TooLarge(_))));
    }

    /// A backup holds every file that is whole and names those that are not; taking it again is no fault.
    #[tokio::test]
    async fn copies() {
        let (data, to) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let to = to.path().join("backup.evidence");
        assert_eq!(copy(&folder(data.path()), &to).expect("nothing"), Copied::default());
        assert!(!to.exists());
        let kept = keep(data.path(), "a.pdf", PDF.to_vec()).await.expect("a pdf");
        let other = keep(data.path(), "b.pdf", b"%PDF-2".to_vec()).await.expect("a pdf");
        fs::write(folder(data.path()).join(other.digest.to_string()), b"x").expect("writable");
        for _ in 0..2 {
            let copied = copy(&folder(data.path()), &to).expect("copied");
            assert_eq!(copied, Copied { files: 1, bytes: 15, damaged: vec![other.digest.to_string()] });
        }
        assert_eq!(fs::read(to.join(kept.digest.to_string())).expect("there"), PDF);
    }
}
