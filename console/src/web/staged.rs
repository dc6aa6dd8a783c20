//! Files between their preview and their confirmation: kept in memory for an hour, each for who uploaded it, with what
//! a program keeps beside it.

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
pub struct Waiting<W = ()> {
    account: String,
    since: Moment,
    /// What it is asked for by.
    pub digest: Digest,
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
    /// What was said about it.
    pub note: String,
    /// What the program keeps beside it, as long as it waits.
    pub work: W,
}

/// The files that wait, each with a `W` beside it.
#[derive(Debug)]
pub struct Staged<W = ()>(Mutex<Vec<Waiting<W>>>);

impl<W> Default for Staged<W> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<W: Clone + Default> Staged<W> {
    /// Keeps a file and returns what it is asked for by. One that waits already, under the same note, waits anew with
    /// what is kept beside it.
    #[must_use = "whoever keeps a file asks for it later"]
    pub fn keep(&self, account: &str, name: &str, note: &str, bytes: Bytes, now: Moment) -> Digest {
        let digest = Digest::of_parts([name.as_bytes(), &bytes]);
        let mut files = self.files();
        files.retain(|file| now.seconds_since(file.since) < WAITS);
        let before = files.iter().position(|file| file.account == account && file.digest == digest);
        let before = before.map(|at| files.remove(at)).filter(|file| file.note == note);
        let work = before.map(|file| file.work).unwrap_or_default();
        let taken = |files: &[Waiting<W>]| files.iter().map(|file| file.bytes.len()).sum::<usize>();
        while !files.is_empty() && taken(&files) + bytes.len() > ROOM {
            files.remove(0);
        }
        let [account, name, note] = [account, name, note].map(str::to_owned);
        files.push(Waiting { account, since: now, digest, name, bytes, note, work });
        digest
    }

    /// A file that this account uploaded; it goes on waiting.
    #[must_use]
    pub fn take(&self, account: &str, digest: &Digest, now: Moment) -> Option<Waiting<W>> {
        let files = self.files();
        let mine = |file: &&Waiting<W>| file.account == account && file.digest == *digest;
        files.iter().find(mine).filter(|file| now.seconds_since(file.since) < WAITS).cloned()
    }

    /// The files that this account uploaded under a note and that are still held, the oldest first.
    #[must_use]
    pub fn of(&self, account: &str, note: &str, now: Moment) -> Vec<Waiting<W>> {
        let waits = |file: &&Waiting<W>| now.seconds_since(file.since) < WAITS && !file.bytes.is_empty();
        self.files().iter().filter(|file| file.account == account && file.note == note).filter(waits).cloned().collect()
    }

    /// Forgets a file.
    pub fn forget(&self, account: &str, digest: &Digest) {
        self.files().retain(|file| file.account != account || file.digest != *digest);
    }

    /// Gives back the room of a file of which nobody asks any more but what has become of it.
    pub fn spend(&self, account: &str, digest: &Digest) {
        let mut files = self.files();
        let mine = |file: &&mut Waiting<W>| file.account == account && file.digest == *digest;
        if let Some(file) = files.iter_mut().find(mine) {
            file.bytes = Bytes::new();
        }
    }

    /// The list stays whole whoever panicked while holding it: each change of it is one call.
    fn files(&self) -> MutexGuard<'_, Vec<Waiting<W>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file waits an hour for the account that brought it and no other, and the oldest make room for large ones.
    #[test]
    fn waiting() {
        let staged = Staged::<()>::default();
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

    /// A file that is sent twice waits once, with what was kept beside it, and from the second time on; for something
    /// else it waits anew.
    #[test]
    fn sent_twice() {
        let staged = Staged::<std::sync::Arc<Mutex<u8>>>::default();
        let at = |seconds: i64| Moment(seconds * 1000);
        let file = staged.keep("甲", "a.xlsx", "", vec![1].into(), at(0));
        *staged.take("甲", &file, at(1)).expect("it waits").work.lock().expect("whole") = 7;
        assert_eq!(staged.keep("甲", "a.xlsx", "", vec![1].into(), at(3_000)), file);
        let again = staged.take("甲", &file, at(6_000)).expect("it waits");
        assert_eq!((*again.work.lock().expect("whole"), staged.files().len()), (7, 1));
        assert!(staged.of("甲", "", at(6_000)).iter().map(|file| file.name.as_str()).eq(["a.xlsx"]));
        assert!(staged.of("甲", "other", at(6_000)).is_empty() && staged.of("乙", "", at(6_000)).is_empty());
        staged.spend("甲", &file);
        assert!(staged.of("甲", "", at(6_000)).is_empty());
        assert!(staged.take("甲", &file, at(6_000)).is_some_and(|file| file.bytes.is_empty()));
        assert_eq!(staged.keep("甲", "a.xlsx", "of a form", vec![1].into(), at(6_000)), file);
        let other = staged.take("甲", &file, at(6_000)).expect("it waits");
        assert_eq!((*other.work.lock().expect("whole"), staged.files().len()), (0, 1));
    }
}
