//! Files between their preview and their confirmation: kept in memory for an hour, each for who uploaded it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

/// How long a file waits to be confirmed, seconds.
const WAITS: i64 = 3_600;
/// What all files may take together; the oldest make room.
const ROOM: usize = 64 * 1024 * 1024;

/// A file that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    account: String,
    digest: Digest,
    since: Moment,
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
    /// What was said about it.
    pub note: String,
}

/// The files that wait.
#[derive(Debug, Default)]
pub struct Staged(Mutex<Vec<Waiting>>);

impl Staged {
    /// Keeps a file and returns what it is asked for by.
    #[must_use = "whoever keeps a file asks for it later"]
    pub fn keep(&self, account: &str, name: &str, note: &str, bytes: Bytes, now: Moment) -> Digest {
        let digest = Digest::of_parts([name.as_bytes(), &bytes]);
        self.forget(account, &digest);
        let mut files = self.files();
        files.retain(|file| now.seconds_since(file.since) < WAITS);
        let taken = |files: &[Waiting]| files.iter().map(|file| file.bytes.len()).sum::<usize>();
        while !files.is_empty() && taken(&files) + bytes.len() > ROOM {
            files.remove(0);
        }
        let [account, name, note] = [account, name, note].map(str::to_owned);
        files.push(Waiting { account, digest, since: now, name, bytes, note });
        digest
    }

    /// A file that this account uploaded; it goes on waiting.
    #[must_use]
    pub fn take(&self, account: &str, digest: &Digest, now: Moment) -> Option<Waiting> {
        let files = self.files();
        let mine = |file: &&Waiting| file.account == account && file.digest == *digest;
        files.iter().find(mine).filter(|file| now.seconds_since(file.since) < WAITS).cloned()
    }

    /// Forgets a file.
    pub fn forget(&self, account: &str, digest: &Digest) {
        self.files().retain(|file| file.account != account || file.digest != *digest);
    }

    /// The list stays whole whoever panicked while holding it: each change of it is one call.
    fn files(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file waits an hour for the account that brought it and no other, and the oldest make room for large ones.
    #[test]
    fn waiting() {
        let staged = Staged::default();
        let at = |seconds: i64| Moment(seconds * 1000);
        let one = staged.keep("甲", "a.xlsx", "", vec![1].into(), at(0));
        assert!(staged.take("乙", &one, at(1)).is_none());
        assert_eq!(staged.take("甲", &one, at(3_599)).map(|file| file.name), Some("a.xlsx".into()));
        assert!(staged.take("甲", &one, at(3_600)).is_none());
        let large = staged.keep("甲", "b.xlsx", "", vec![2; ROOM - 1].into(), at(10));
        assert!(staged.take("甲", &one, at(11)).is_some());
        let again = staged.keep("甲", "c.xlsx", "", vec![3].into(), at(12));
        assert!(staged.take("甲", &one, at(13)).is_none() && staged.take("甲", &large, at(13)).is_some());
        staged.forget("甲", &again);
        assert!(staged.take("甲", &again, at(13)).is_none());
    }
}
