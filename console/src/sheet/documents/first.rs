//! The first of many: a file of 200,000 lines can have something wrong with each of its cells, which nobody reads and
//! no memory is made for. So some are kept to be shown, and all are counted.

/// How many are kept.
const KEPT: usize = 10_000;

/// Some of what was found, and how much that is in all.
#[derive(Debug, Clone)]
pub struct First<T> {
    all: usize,
    kept: Vec<T>,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self { all: 0, kept: Vec::new() }
    }
}

impl<T> First<T> {
    /// One more, which is made only if it is kept.
    pub fn add_with(&mut self, make: impl FnOnce() -> T) {
        self.all += 1;
        if self.kept.len() < KEPT {
            self.kept.push(make());
        }
    }

    /// All of another, which comes behind.
    pub fn append(&mut self, other: Self) {
        self.all += other.all;
        let room = KEPT.saturating_sub(self.kept.len());
        self.kept.extend(other.kept.into_iter().take(room));
    }

    /// How many there are in all.
    #[must_use]
    pub fn all(&self) -> usize {
        self.all
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all == 0
    }

    /// Those that are kept.
    #[must_use]
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// Puts those that are kept into an order.
    pub fn sort_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K) {
        self.kept.sort_by_key(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However many come, all are counted, some are kept, and no other is made.
    #[test]
    fn bounded() {
        let (mut first, mut made) = (First::default(), 0);
        for number in 0..KEPT + 5 {
            first.add_with(|| {
                made += 1;
                number
            });
        }
        assert_eq!((first.all(), first.kept().len(), made), (10_005, 10_000, 10_000));
        assert_eq!(first.kept().last(), Some(&9_999));
        let mut other = First::default();
        other.add_with(|| 1);
        first.append(other);
        assert_eq!((first.all(), first.kept().len()), (10_006, 10_000));
        assert!(First::<u8>::default().is_empty() && !first.is_empty());
    }
}
