//! How much a batch holds: as much as is good for a sound line, and less on one that breaks before a batch has come
//! through, down to what any line carries.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Acknowledged batches of one link after which the next ones may be longer.
const EASE: u64 = 8;

/// How large batches are, which outlives a link: what broke one is known to the next.
#[derive(Debug)]
pub(crate) struct BatchSize {
    bytes: AtomicUsize,
    /// Batches of the present link that went out, and that were acknowledged since that last changed.
    sent: AtomicU64,
    acknowledged: AtomicU64,
    came_through: AtomicU64,
}

impl Default for BatchSize {
    fn default() -> Self {
        Self {
            bytes: AtomicUsize::new(Self::LARGEST),
            sent: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            came_through: AtomicU64::new(0),
        }
    }
}

impl BatchSize {
    /// The bytes after which a batch ends on a sound line, before they are packed.
    pub(crate) const LARGEST: usize = 2 * 1024 * 1024;
    /// The same on the worst line.
    const SMALLEST: usize = 4 * 1024;

    /// The bytes after which the next batch ends.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// A batch went out.
    pub(crate) fn sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// A batch was acknowledged: after a few of them the line may bear more.
    pub(crate) fn acknowledged(&self) {
        self.came_through.fetch_add(1, Ordering::Relaxed);
        if self.acknowledged.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= EASE {
            self.acknowledged.store(0, Ordering::Relaxed);
            let longer = self.bytes().saturating_mul(2).min(Self::LARGEST);
            self.bytes.store(longer, Ordering::Relaxed);
        }
    }

    /// The link ended: if nothing of what went out came through, the next batches are shorter.
    pub(crate) fn ended(&self) {
        let (sent, through) = (self.sent.swap(0, Ordering::Relaxed), self.came_through.swap(0, Ordering::Relaxed));
        self.acknowledged.store(0, Ordering::Relaxed);
        if sent > 0 && through == 0 {
            self.bytes.store((self.bytes() / 4).max(Self::SMALLEST), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line on which nothing comes through gets shorter and shorter batches, never none; one that holds gets its long
    /// ones back; an idle line that breaks changes nothing.
    #[test]
    fn follows_the_line() {
        let batch_size = BatchSize::default();
        batch_size.ended();
        assert_eq!(batch_size.bytes(), BatchSize::LARGEST, "nothing was sent");
        let mut seen = Vec::new();
        for _ in 0..6 {
            batch_size.sent();
            batch_size.ended();
            seen.push(batch_size.bytes() / 1024);
        }
        assert_eq!(seen, [512, 128, 32, 8, 4, 4]);
        batch_size.sent();
        batch_size.acknowledged();
        batch_size.ended();
        assert_eq!(batch_size.bytes(), BatchSize::SMALLEST, "one came through: it stays as it is");
        for _ in 0..9 * EASE {
            batch_size.acknowledged();
        }
        assert_eq!(batch_size.bytes(), BatchSize::LARGEST);
    }
}
