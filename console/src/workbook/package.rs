//! The package that a workbook is: measured by unpacking it to nowhere, before anything parses it. What a package says
//! of its own sizes is not believed.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Fault, Guise};

/// What a workbook may be unpacked, MB.
const UNPACKED_MB: u64 = 200;
/// Parts in a package at most.
const PARTS: usize = 2_000;
/// How much smaller than its content a part may be, once it is larger than `SMALL`: sheets shrink to a thirtieth, what
/// is made to fill memory to a thousandth.
const RATIO: u64 = 200;
const SMALL: u64 = 4 * 1024 * 1024;
/// How compound documents begin: old workbooks and new ones with a password.
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// How a workbook begins that is older still.
const ANCIENT: [&[u8]; 4] = [&[9, 8, 16, 0], &[9, 8, 8, 0], &[9, 4, 6, 0], &[9, 2, 6, 0]];

/// Refuses old workbooks, those with a password, and what is something else than a table.
pub(super) fn refuse_others(bytes: &[u8]) -> Result<(), Fault> {
    if ANCIENT.iter().any(|start| bytes.starts_with(start)) {
        return Err(Fault::OldFormat);
    }
    if !bytes.starts_with(COMPOUND) {
        return Guise::of(bytes).map_or(Ok(()), |guise| Err(Fault::Other(guise)));
    }
    let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encrypted = bytes.windows(stream.len()).any(|window| window == stream);
    Err(if encrypted { Fault::Encrypted } else { Fault::OldFormat })
}

/// Checks that the package is a workbook without macros, and not made to fill the memory.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let names: Result<Vec<String>, ZipError> =
        archive.file_names().map(|name| name.map(|name| name.to_ascii_lowercase())).collect();
    let names = names.map_err(|error| damaged(&error))?;
    if let Some(guise) = Guise::of_package(&names) {
        return Err(Fault::Other(guise));
    }
    if names.iter().any(|name| name.contains("vbaproject")) {
        return Err(Fault::Macros);
    }
    if archive.len() > PARTS {
        return Err(Fault::TooLarge(UNPACKED_MB));
    }
    let mut left = UNPACKED_MB * 1024 * 1024;
    for part in 0..archive.len() {
        let file = archive.by_index(part).map_err(|error| damaged(&error))?;
        let packed = file.compressed_size().min(bytes.len() as u64);
        let most = left.min(SMALL.max(packed.saturating_mul(RATIO)));
        let unpacked = io::copy(&mut file.take(most.saturating_add(1)), &mut io::sink());
        let unpacked = unpacked.map_err(|error| Fault::Damaged(error.to_string()))?;
        if unpacked > most {
            return Err(Fault::TooLarge(UNPACKED_MB));
        }
        left -= unpacked;
    }
    Ok(())
}

fn damaged(error: &ZipError) -> Fault {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => Fault::Encrypted,
        other => Fault::Damaged(other.to_string()),
    }
}
