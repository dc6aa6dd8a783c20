//! Messages packed with zstd, with the unpacked length declared and bounded, so that no few bytes unpack to gigabytes.

use std::io::Read;

use bytes::Bytes;
use prost::Name;

use crate::weight::{self, Overweight};

/// The most that a packed difference or bundle may unpack to: 256 MiB, some 400,000 entries.
pub const LARGEST: u64 = 256 * 1024 * 1024;
/// The most that a packed batch may unpack to: a sender ends one after 2 MiB, unless one change is larger.
pub const LARGEST_BATCH: u64 = 32 * 1024 * 1024;
/// Which part of its largest length a message's lists may take beside half of its own: much of little is refused.
const SPARE: u64 = 32;

/// Why packed bytes cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackingError {
    /// Longer than such a message may be.
    #[error("declares {declared} bytes, more than {most}")]
    TooLarge {
        /// The declared length.
        declared: u64,
        /// The most it may have.
        most: u64,
    },
    /// More of little than anybody would send: it would take far more memory than its length.
    #[error("is too heavy: {0}")]
    Overweight(Overweight),
    /// Not zstd, cut off, or of another length than declared.
    #[error("does not unpack: {reason}")]
    Broken {
        /// What the decompressor said.
        reason: String,
    },
    /// Unpacked, but not the expected message.
    #[error("is not the expected message: {reason}")]
    NotTheMessage {
        /// What the decoder said.
        reason: String,
    },
}

/// A message, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The compressed bytes.
    pub data: Bytes,
    /// The length before compression.
    pub raw_length: u64,
}

/// A message that travels packed.
pub trait Packable: Name + Default {
    /// The most bytes that one may have.
    const MOST: u64;
}

impl Packable for crate::v1::Difference {
    const MOST: u64 = LARGEST;
}

impl Packable for crate::v1::BundleContent {
    const MOST: u64 = LARGEST;
}

impl Packable for crate::v1::Changes {
    const MOST: u64 = LARGEST_BATCH;
}

/// Packs a message. Level 1 favours speed, 3 is the default of zstd.
///
/// # Errors
/// [`PackingError::TooLarge`] and [`PackingError::Overweight`] if nobody would unpack it.
pub fn pack<M: Packable>(message: &M, level: i32) -> Result<Packed, PackingError> {
    let raw = message.encode_to_vec();
    bounded::<M>(raw.len() as u64)?;
    weigh::<M>(&raw)?;
    let data = zstd::bulk::compress(&raw, level).map_err(|error| PackingError::Broken { reason: error.to_string() })?;
    Ok(Packed { data: data.into(), raw_length: raw.len() as u64 })
}

/// Unpacks a message, checking the declared length, and what it will take before it is read: at most four times the
/// declared length, or what is little for such a message.
///
/// # Errors
/// [`PackingError`] says which of them it was.
pub fn unpack<M: Packable>(data: &[u8], raw_length: u64) -> Result<M, PackingError> {
    let raw = inflate(data, bounded::<M>(raw_length)?)?;
    weigh::<M>(&raw)?;
    M::decode(Bytes::from(raw)).map_err(|error| PackingError::NotTheMessage { reason: error.to_string() })
}

fn bounded<M: Packable>(declared: u64) -> Result<usize, PackingError> {
    let too_large = PackingError::TooLarge { declared, most: M::MOST };
    if declared > M::MOST {
        return Err(too_large);
    }
    usize::try_from(declared).map_err(|_| too_large)
}

fn weigh<M: Packable>(raw: &[u8]) -> Result<(), PackingError> {
    weight::check::<M>(raw, M::MOST / SPARE).map_err(|error| match error {
        Overweight::Malformed => PackingError::NotTheMessage { reason: error.to_string() },
        Overweight::Lists { .. } => PackingError::Overweight(error),
    })
}

/// Memory grows with what really arrives; the declared length only bounds it.
fn inflate(data: &[u8], expected: usize) -> Result<Vec<u8>, PackingError> {
    let broken = |reason: String| PackingError::Broken { reason };
    let mut decoder = zstd::Decoder::with_buffer(data).map_err(|error| broken(error.to_string()))?;
    let mut raw = Vec::new();
    loop {
        // As long as there is room for a byte more than declared, the end of the data is seen.
        let room = raw.len().max(64 * 1024).min(expected.saturating_add(1).saturating_sub(raw.len()));
        if room == 0 {
            return Err(broken(format!("more than {expected} bytes")));
        }
        raw.reserve_exact(room);
        let read =
            decoder.by_ref().take(room as u64).read_to_end(&mut raw).map_err(|error| broken(error.to_string()))?;
        if read < room {
            break;
        }
    }
    if raw.len() != expected {
        return Err(broken(format!("{} bytes instead of {expected}", raw.len())));
    }
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1;

    fn sample() -> v1::Difference {
        v1::Difference { upserts: Vec::new(), removals: vec!["键".repeat(1000)] }
    }

    #[test]
    fn round_trip() {
        let packed = pack(&sample(), 3).expect("it packs");
        assert!(packed.data.len() < 100);
        assert_eq!(unpack(&packed.data, packed.raw_length), Ok(sample()));
    }

    /// A bomb, a cut-off message and a wrong length are refused without unpacking more than was declared.
    #[test]
    fn hostile_bytes() {
        let packed = pack(&sample(), 3).expect("it packs");
        let read = |data: &[u8], length| unpack::<v1::Difference>(data, length);
        assert!(matches!(read(&packed.data, 10), Err(PackingError::Broken { .. })));
        assert!(matches!(read(&packed.data, u64::MAX), Err(PackingError::TooLarge { .. })));
        assert!(matches!(read(&packed.data[..20], packed.raw_length), Err(PackingError::Broken { .. })));
        assert!(matches!(read(b"not zstd", 8), Err(PackingError::Broken { .. })));
        let strange = zstd::bulk::compress(&[0xff; 64], 1).expect("it packs");
        assert!(matches!(read(&strange, 64), Err(PackingError::NotTheMessage { .. })));
    }

    /// A message of two-byte entries is refused before it is read: by its length where it is long, and by what its
    /// lists would take where it is within its length.
    #[test]
    fn much_of_little() {
        let empty = |count: usize| zstd::bulk::compress(&[0x0a, 0x00].repeat(count), 1).expect("it packs");
        let batch = |count: usize| unpack::<v1::Changes>(&empty(count), 2 * count as u64);
        assert!(batch(5_000).is_ok());
        assert!(matches!(batch(1_000_000), Err(PackingError::Overweight(_))));
        assert!(matches!(batch(20_000_000), Err(PackingError::TooLarge { .. })));
        let difference = unpack::<v1::Difference>(&empty(20_000_000), 40_000_000);
        assert!(matches!(difference, Err(PackingError::Overweight(_))));
        assert!(pack(&v1::Difference { removals: vec![String::new(); 20_000_000], ..Default::default() }, 1).is_err());
    }
}
