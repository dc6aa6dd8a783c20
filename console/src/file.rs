//! A file that a command names: read whole, or refused in words that say what stands there and what to do.

use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use tongpin_domain::lang::{Lang, Say};

/// The largest file that a command reads, bytes: far more than a table may hold, and far less than a machine has.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub struct Unreadable {
    /// Where it should be.
    pub path: PathBuf,
    /// What is in the way.
    #[source]
    pub source: io::Error,
}

/// Reads a file. Only what has an end is read: a folder, a device or a pipe is none.
///
/// # Errors
/// [`Unreadable`].
pub fn read(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let told = |source| Unreadable { path: path.to_owned(), source };
    let held = std::fs::metadata(path).map_err(told)?;
    if held.is_dir() {
        return Err(told(ErrorKind::IsADirectory.into()));
    }
    if !held.is_file() {
        return Err(told(ErrorKind::InvalidInput.into()));
    }
    let file = std::fs::File::open(path).map_err(told)?;
    let mut bytes = Vec::new();
    file.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() as u64 > LARGEST {
        return Err(told(ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}

impl Unreadable {
    /// Whether another file has to be named, and nothing is wrong with the machine.
    #[must_use]
    pub fn is_input(&self) -> bool {
        use ErrorKind::{FileTooLarge, InvalidInput, IsADirectory, NotFound};
        matches!(self.source.kind(), IsADirectory | InvalidInput | FileTooLarge | NotFound)
    }
}

impl Say for Unreadable {
    fn say(&self, lang: Lang) -> String {
        let path = self.path.display();
        // A link that leads nowhere, or round in a circle, is there and cannot be opened.
        let link = std::fs::symlink_metadata(&self.path).is_ok_and(|found| found.is_symlink());
        let (zh, en) = match self.source.kind() {
            ErrorKind::IsADirectory => (
                format!("{path} 是文件夹，不是文件；请指定其中的一个文件"),
                format!("{path} is a folder; name a file in it"),
            ),
            ErrorKind::InvalidInput => (
                format!("{path} 不是普通文件；请指定一个 .xlsx 或 CSV 文件"),
                format!("{path} is no plain file; name an .xlsx or CSV file"),
            ),
            ErrorKind::FileTooLarge => {
                let most = LARGEST / 1024 / 1024;
                (
                    format!("{path} 超过 {most} MB；请拆分成几个文件"),
                    format!("{path} is larger than {most} MB; divide it"),
                )
            }
            ErrorKind::PermissionDenied => (
                format!("没有读取 {path} 的权限；请核对文件的权限，或换一个有权限的用户运行"),
                format!("reading {path} is not permitted; check its permissions"),
            ),
            _ if link => (
                format!("{path} 是链接（快捷方式），它指向的文件打不开；请指定原文件"),
                format!("{path} is a link to a file that cannot be opened; name the file itself"),
            ),
            ErrorKind::NotFound => (
                format!("文件 {path} 不存在；请核对文件名和所在目录"),
                format!("there is no file {path}; check its name and folder"),
            ),
            _ => (
                format!("无法读取 {path}（{}）；请核对文件名、权限和磁盘", self.source),
                format!("cannot read {path} ({}); check its name, its permissions and the disk", self.source),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &Path) -> String {
        read(path).expect_err("it cannot be read").say(Lang::Zh)
    }

    /// What stands in place of a file is named, without the system's English: nothing, a folder, a link that leads
    /// nowhere or round in a circle, a device without an end.
    #[test]
    fn in_words() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(said(folder.path()).contains("是文件夹，不是文件"));
        assert!(said(&folder.path().join("无.csv")).contains("不存在；请核对文件名"));
        let plain = folder.path().join("有.csv");
        std::fs::write(&plain, "a").expect("written");
        assert_eq!(read(&plain).expect("a file"), b"a");
        #[cfg(unix)]
        {
            let (circle, nowhere) = (folder.path().join("圈.csv"), folder.path().join("断.csv"));
            std::os::unix::fs::symlink(&circle, &circle).expect("a link");
            std::os::unix::fs::symlink(folder.path().join("无.csv"), &nowhere).expect("a link");
            assert!(said(&circle).contains("是链接"), "{}", said(&circle));
            assert!(said(&nowhere).contains("是链接"), "{}", said(&nowhere));
            assert!(said(Path::new("/dev/zero")).contains("不是普通文件"));
        }
        for kind in [ErrorKind::PermissionDenied, ErrorKind::FileTooLarge] {
            let error = Unreadable { path: "项目.csv".into(), source: kind.into() };
            assert!(!error.say(Lang::Zh).contains("os error") && error.say(Lang::Zh).contains("项目.csv"));
        }
    }
}
