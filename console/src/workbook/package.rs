//! The package that a workbook is: measured by unpacking it to nowhere, before anything parses it. What a package says
//! of its own sizes is not believed.

use std::io::{self, Cursor, Read};

use tongpin_domain::intake::{MOST_CELLS, MOST_COLUMNS};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Fault, FileKind};

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
        return FileKind::of(bytes).map_or(Ok(()), |guise| Err(Fault::Other(guise)));
    }
    let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encrypted = bytes.windows(stream.len()).any(|window| window == stream);
    Err(if encrypted { Fault::Encrypted } else { Fault::OldFormat })
}

/// What a workbook holds, as far as it can be told without parsing it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measured {
    /// Whether any cell may be computed.
    pub(super) computed: bool,
    /// Bytes that its cells and texts can take in memory.
    pub(super) memory: u64,
}

/// Checks that the package is a workbook without macros, and not made to fill the memory.
pub(super) fn check(bytes: &[u8]) -> Result<Measured, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let names: Result<Vec<String>, ZipError> =
        archive.file_names().map(|name| name.map(|name| name.to_ascii_lowercase())).collect();
    let names = names.map_err(|error| damaged(&error))?;
    if let Some(guise) = FileKind::of_package(&names) {
        return Err(Fault::Other(guise));
    }
    if names.iter().any(|name| name.contains("vbaproject")) {
        return Err(Fault::Macros);
    }
    if archive.len() > PARTS {
        return Err(Fault::TooLarge(UNPACKED_MB));
    }
    let mut left = UNPACKED_MB * 1024 * 1024;
    let mut measured = Measured::default();
    for part in 0..archive.len() {
        let file = archive.by_index(part).map_err(|error| damaged(&error))?;
        let packed = file.compressed_size().min(bytes.len() as u64);
        let most = left.min(SMALL.max(packed.saturating_mul(RATIO)));
        let name = file.name().map_err(|error| damaged(&error))?.to_ascii_lowercase();
        let part = Part::of(&name);
        let mut seen = Seen::default();
        let unpacked = io::copy(&mut file.take(most.saturating_add(1)), &mut seen);
        let unpacked = unpacked.map_err(|error| Fault::Damaged(error.to_string()))?;
        if unpacked > most {
            return Err(Fault::TooLarge(UNPACKED_MB));
        }
        left -= unpacked;
        measured.computed |= part == Part::Sheet && seen.formula;
        measured.memory += part.memory(&seen, unpacked)?;
    }
    Ok(measured)
}

/// What a part of a workbook is to the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The texts that cells share: all of them are kept while any sheet is read.
    Strings,
    Sheet,
    /// How cells look.
    Styles,
    /// Names, sheets, relations: read whole.
    Other,
    /// Pictures and the like, which nobody reads.
    Passed,
}

impl Part {
    fn of(name: &str) -> Self {
        if name.ends_with("sharedstrings.xml") {
            Self::Strings
        } else if name.starts_with("xl/worksheets/") {
            Self::Sheet
        } else if name.ends_with("styles.xml") {
            Self::Styles
        } else if name.rsplit_once('.').is_some_and(|(_, kind)| matches!(kind, "xml" | "rels")) {
            Self::Other
        } else {
            Self::Passed
        }
    }

    /// Bytes of memory that it can take, or why it is not read.
    fn memory(self, seen: &Seen, unpacked: u64) -> Result<u64, Fault> {
        let texts = matches!(self, Self::Strings | Self::Sheet);
        if texts && seen.longest > LONGEST_TEXT {
            return Err(Fault::LongText);
        }
        match self {
            // A text has a tag of its own, and the count that its part claims to have is room the parser takes at once.
            Self::Strings if seen.tags > STRINGS || seen.claims_more(STRINGS) => Err(Fault::TooLarge(UNPACKED_MB)),
            Self::Sheet => {
                let widest = u64::from(MOST_COLUMNS) * seen.tags / 6;
                Ok(unpacked + widest.min(MOST_CELLS as u64) * EMPTY)
            }
            // Every format is kept with copies of its font's name and its number format.
            Self::Styles => {
                let formats = seen.formats.saturating_mul(FORMAT.saturating_add(seen.longest));
                if formats > FORMATS { Err(Fault::Formats) } else { Ok(unpacked + seen.tags * EMPTY + formats) }
            }
            Self::Strings | Self::Other => Ok(unpacked + seen.tags * EMPTY),
            Self::Passed => Ok(0),
        }
    }
}

/// What the formats of a workbook's cells may take of memory, bytes: twice what a spreadsheet's own 65,490 take.
const FORMATS: u64 = 192 * 1024 * 1024;
/// What a format takes besides its texts, bytes.
const FORMAT: u64 = 700;
/// The longest text or tag of a sheet, bytes: more than a cell can hold, however it is written, or a list of areas
/// needs.
const LONGEST_TEXT: u64 = 1024 * 1024;

/// Tags in the part with the shared texts at most: three or more for each.
const STRINGS: u64 = 16_000_000;
/// What a text takes besides its characters, bytes.
const EMPTY: u64 = 24;

/// What passes by of a part while it is unpacked to nowhere.
#[derive(Default)]
struct Seen {
    tags: u64,
    formula: bool,
    /// Tags that are, or may be, formats of cells.
    formats: u64,
    /// The longest tag with the text behind it, bytes, and the one that has begun.
    longest: u64,
    begun: u64,
    /// The part's beginning, where counts are claimed.
    head: Vec<u8>,
    /// The last bytes of the piece before, for what lies across two.
    last: [u8; 2],
}

impl Seen {
    /// Whether the part says of itself that it holds more than so many.
    fn claims_more(&self, most: u64) -> bool {
        let head = String::from_utf8_lossy(&self.head);
        let claimed = head.split_once("uniqueCount").map_or("", |(_, rest)| rest);
        let digits: String =
            claimed.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        !digits.is_empty() && digits.parse::<u64>().map_or(true, |count| count > most)
    }
}

impl io::Write for Seen {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        const HEAD: usize = 4_096;
        self.head.extend(piece.iter().take(HEAD.saturating_sub(self.head.len())));
        for (at, run) in piece.split(|byte| *byte == b'<').enumerate() {
            if at > 0 {
                self.tags += 1;
                self.begun = 0;
            }
            self.begun += run.len() as u64;
            self.longest = self.longest.max(self.begun);
        }
        // `<f>`, `<f `, `<f/`, and the same behind a prefix; anything that might be one counts.
        let across: Vec<u8> = self.last.iter().chain(piece.iter().take(2)).copied().collect();
        let formula = |bytes: &[u8]| {
            bytes.windows(3).any(|it| matches!(it, [b'<' | b':', b'f', b'>' | b' ' | b'/' | b'\t' | b'\r' | b'\n']))
        };
        self.formula = self.formula || formula(&across) || formula(piece);
        // `<xf`, or behind a prefix: in pieces of four bytes nothing counts twice.
        let formats =
            |bytes: &[u8]| bytes.windows(3).filter(|it| matches!(it, [b'<' | b':', b'x', b'f'])).count() as u64;
        self.formats += formats(&across) + formats(piece);
        let tail: Vec<u8> = self.last.iter().chain(piece).rev().take(2).copied().collect();
        if let [last, before] = tail.as_slice() {
            self.last = [*before, *last];
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn damaged(error: &ZipError) -> Fault {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => Fault::Encrypted,
        other => Fault::Damaged(other.to_string()),
    }
}
