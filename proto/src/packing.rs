//! Messages packed with zstd, with the unpacked length declared and bounded, so that no few bytes unpack to gigabytes.

use std::io::Read;

use bytes::Bytes;
use prost::Message;

/// The most that one packed message may unpack to: 256 MiB, some 400,000 entries.
pub const LARGEST: u64 = 256 * 1024 * 1024;

/// Why packed bytes cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackingError {
    /// More than [`LARGEST`].
    #[error("declares {declared} bytes, more than {LARGEST}")]
    TooLarge {
        /// The declared length.
        declared: u64,
    },
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

/// Packs a message. Level 1 favours speed, 3 is the default of zstd.
///
/// # Errors
/// [`PackingError::TooLarge`] if nobody would unpack it.
pub fn pack(message: &impl Message, level: i32) -> Result<Packed, PackingError> {
    let raw = message.encode_to_vec();
    let raw_length = raw.len() as u64;
    if raw_length > LARGEST {
        return Err(PackingError::TooLarge { declared: raw_length });
    }
    let data = zstd::bulk::compress(&raw, level).map_err(|error| PackingError::Broken { reason: error.to_string() })?;
    Ok(Packed { data: data.into(), raw_length })
}

/// Unpacks a message, checking the declared length.
///
/// # Errors
/// [`PackingError`] says which of the three it was.
pub fn unpack<M: Message + Default>(data: &[u8], raw_length: u64) -> Result<M, PackingError> {
    if raw_length > LARGEST {
        return Err(PackingError::TooLarge { declared: raw_length });
    }
    let broken = |reason: String| PackingError::Broken { reason };
    let decoder = zstd::Decoder::with_buffer(data).map_err(|error| broken(error.to_string()))?;
    // Memory grows with what really arrives; the declared length only bounds it.
    let expected = usize::try_from(raw_length).map_err(|_| PackingError::TooLarge { declared: raw_length })?;
    let mut raw = Vec::with_capacity(expected.min(64 * data.len().max(1024)));
    decoder.take(raw_length + 1).read_to_end(&mut raw).map_err(|error| broken(error.to_string()))?;
    if raw.len() != expected {
        return Err(broken(format!("{} bytes instead of {raw_length}", raw.len())));
    }
    M::decode(Bytes::from(raw)).map_err(|error| PackingError::NotTheMessage { reason: error.to_string() })
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
        let zeros = zstd::bulk::compress(&[0xff; 64], 1).expect("it packs");
        assert!(matches!(read(&zeros, 64), Err(PackingError::NotTheMessage { .. })));
    }
}
