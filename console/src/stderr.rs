//! The standard error stream, written by one thread of its own: a disk that is full, a reader that went away and a pipe
//! that nobody reads hold up and end nothing else. What cannot be written is dropped, counted, and told of later.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

/// Lines that wait while one is being written: a burst of a busy moment, and not the memory of a stuck one.
const WAITING: usize = 4096;
/// How long the end of a program, or a word to its user, waits for lines to be written.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// The pause before a full queue is tried again by whoever waits for it.
const AGAIN: Duration = Duration::from_millis(5);

/// This process's standard error.
static STDERR: LazyLock<Outlet> =
    LazyLock::new(|| Outlet::to(io::stderr(), |lost| tracing::warn!(lost, "log lines could not be written")));

/// Writes whole lines to standard error, at once or as soon as there is a way; never waits.
pub fn write(lines: &[u8]) {
    STDERR.write(lines);
}

/// Waits until what was written before has gone out, at most so long, and says whether it has.
pub fn flush(limit: Duration) -> bool {
    STDERR.flush(limit)
}

enum Piece {
    Lines(Vec<u8>),
    /// Everything before this has been tried.
    Flush(SyncSender<()>),
}

struct Outlet {
    pieces: SyncSender<Piece>,
    lost: Arc<AtomicU64>,
}

impl Outlet {
    /// `tell` hears how many pieces were lost, once one could be written again.
    fn to(writer: impl Write + Send + 'static, tell: fn(u64)) -> Self {
        let (pieces, waiting) = mpsc::sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = lost.clone();
        // Without a thread everything counts as lost, which is all that can be done about it.
        let started =
            thread::Builder::new().name("stderr".into()).spawn(move || drain(writer, &waiting, &counted, tell));
        drop(started);
        Self { pieces, lost }
    }

    fn write(&self, lines: &[u8]) {
        if self.pieces.try_send(Piece::Lines(lines.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flush(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let (done, gone_out) = mpsc::sync_channel(1);
        let mut piece = Piece::Flush(done);
        loop {
            match self.pieces.try_send(piece) {
                Ok(()) => break,
                Err(TrySendError::Full(back)) if Instant::now() < deadline => piece = back,
                Err(_) => return false,
            }
            thread::sleep(AGAIN);
        }
        gone_out.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok()
    }
}

fn drain(mut writer: impl Write, waiting: &Receiver<Piece>, lost: &AtomicU64, tell: fn(u64)) {
    while let Ok(piece) = waiting.recv() {
        match piece {
            Piece::Lines(lines) => match writer.write_all(&lines).and_then(|()| writer.flush()) {
                Ok(()) => match lost.swap(0, Ordering::Relaxed) {
                    0 => {}
                    count => tell(count),
                },
                Err(_) => {
                    lost.fetch_add(1, Ordering::Relaxed);
                }
            },
            // Whoever asked may have stopped waiting.
            Piece::Flush(done) => {
                let _ = done.send(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A stream that can be shut and opened, and that is full while it is told so.
    #[derive(Clone, Default)]
    struct Stream {
        shut: Arc<Mutex<()>>,
        full: Arc<Mutex<bool>>,
        text: Arc<Mutex<String>>,
    }

    impl Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _open = self.shut.lock().expect("no panic holds it");
            if *self.full.lock().expect("no panic holds it") {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.text.lock().expect("no panic holds it").push_str(&String::from_utf8_lossy(bytes));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What the outlet of a test told of lost pieces.
    static TOLD: AtomicU64 = AtomicU64::new(0);

    /// Shows that a full disk costs the lines of that time and nothing else, and that they are counted.
    #[test]
    fn a_full_disk_costs_lines_only() {
        let stream = Stream::default();
        let outlet = Outlet::to(stream.clone(), |lost| TOLD.store(lost, Ordering::Relaxed));
        outlet.write(b"one\n");
        assert!(outlet.flush(PATIENCE));
        *stream.full.lock().expect("free") = true;
        outlet.write(b"two\n");
        outlet.write(b"three\n");
        assert!(outlet.flush(PATIENCE), "trying and failing is as good as writing");
        *stream.full.lock().expect("free") = false;
        outlet.write(b"four\n");
        assert!(outlet.flush(PATIENCE));
        assert_eq!(*stream.text.lock().expect("free"), "one\nfour\n");
        assert_eq!(TOLD.load(Ordering::Relaxed), 2);
    }

    /// Shows that a stream that takes nothing holds nobody up: whoever writes goes on, and whoever waits stops waiting.
    #[test]
    fn a_stuck_stream_holds_nobody_up() {
        let stream = Stream::default();
        let stuck = stream.shut.lock().expect("free");
        let outlet = Outlet::to(stream.clone(), |_| {});
        for _ in 0..3 * WAITING {
            outlet.write(b"line\n");
        }
        assert!(!outlet.flush(Duration::from_millis(20)));
        assert!(outlet.lost.load(Ordering::Relaxed) >= WAITING as u64);
        drop(stuck);
        assert!(outlet.flush(Duration::from_secs(10)));
        let lines = stream.text.lock().expect("free").lines().count();
        assert!((WAITING..=WAITING + 1).contains(&lines), "{lines}");
    }
}
