//! Reads comma-separated values strictly by RFC 4180. Own code, because a message must name the line that a clerk's
//! editor shows, behind CRLF, blank lines and line breaks in quotes, and because an unclosed quote must be noticed
//! where it opens instead of swallowing the rest of the file.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

use super::{Table, TableRow};
use crate::csv_file::from_text;
use crate::lang::{Lang, Say};

/// The most rows of a table.
pub const MOST_ROWS: u32 = 200_000;
/// The most columns of a table.
pub const MOST_COLUMNS: u32 = 200;
/// The most cells of a table, blanks within a row counted.
pub const MOST_CELLS: usize = 4_000_000;
/// The longest text of a cell, in characters, as spreadsheets have it.
pub const LONGEST_CELL: usize = 32_767;

/// What a table has too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    /// Columns, see [`MOST_COLUMNS`].
    Columns,
    /// Rows, see [`MOST_ROWS`].
    Rows,
    /// Cells, see [`MOST_CELLS`].
    Cells,
    /// Text in one cell, see [`LONGEST_CELL`].
    Text,
}

/// Why a file can't be read as a table at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// No header line.
    #[error("{file}: the file is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// It is a workbook (xlsx, xls) and not text.
    #[error("{file}: a workbook, not a text file")]
    Workbook {
        /// The file.
        file: String,
    },
    /// It is neither UTF-8 nor GB18030 text.
    #[error("{file}: line {line} is neither UTF-8 nor GB18030 text")]
    NotText {
        /// The file.
        file: String,
        /// The first line that can't be read.
        line: u64,
    },
    /// A quote is opened and never closed.
    #[error("{file}: the quote opened on line {line} is never closed")]
    UnclosedQuote {
        /// The file.
        file: String,
        /// The line that it was opened on.
        line: u64,
    },
    /// Text follows a closing quote.
    #[error("{file}: text behind a closing quote on line {line}")]
    TextBehindQuote {
        /// The file.
        file: String,
        /// The line.
        line: u64,
    },
    /// Two columns have the same name.
    #[error("{file}: column {column:?} occurs twice")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name.
        column: String,
    },
    /// It is more than is read.
    #[error("{file}: too much ({what:?}) on line {line}")]
    TooMuch {
        /// The file.
        file: String,
        /// The line that it is too much on.
        line: u64,
        /// What there is too much of.
        what: TooMuch,
    },
    /// The columns are separated by tabs or semicolons.
    #[error("{file}: not separated by commas")]
    OtherSeparator {
        /// The file.
        file: String,
    },
}

impl Say for IntakeError {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.in_chinese(),
            Lang::En => self.in_english(),
        }
    }
}

impl IntakeError {
    fn in_chinese(&self) -> String {
        match self {
            Self::Empty { file } => format!("{file} 是空文件，第 1 行应为列名"),
            Self::Workbook { file } => {
                format!("{file} 是 Excel 工作簿，不是文本；请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后再导入")
            }
            Self::NotText { file, line } => {
                format!("{file} 第 {line} 行不是 UTF-8 或 GB18030 文本；请另存为“CSV UTF-8（逗号分隔）”后再导入")
            }
            Self::UnclosedQuote { file, line } => format!("{file} 第 {line} 行的双引号没有结束，请补上或删去"),
            Self::TextBehindQuote { file, line } => {
                format!("{file} 第 {line} 行的双引号后还有文字；单元格内的双引号应写成两个双引号")
            }
            Self::DuplicateColumn { file, column } => format!("{file} 第 1 行有两列都叫 {column}，请只保留一列"),
            Self::TooMuch { file, line, what } => match what {
                TooMuch::Columns => {
                    format!("{file} 第 {line} 行超过 {MOST_COLUMNS} 列；请删去多余的列（包括空白列）后再导入")
                }
                TooMuch::Rows => format!("{file} 超过 {MOST_ROWS} 行；请拆分成几个文件后再导入"),
                TooMuch::Cells => {
                    let most = MOST_CELLS / 10_000;
                    format!("{file} 到第 {line} 行已超过 {most} 万个单元格；请删去多余的列，或拆分成几个文件后再导入")
                }
                TooMuch::Text => format!("{file} 第 {line} 行有单元格超过 {LONGEST_CELL} 字；请精简后再导入"),
            },
            Self::OtherSeparator { file } => {
                format!("{file} 不是用逗号分隔的；请另存为“CSV UTF-8（逗号分隔）”后再导入")
            }
        }
    }

    fn in_english(&self) -> String {
        match self {
            Self::Empty { file } => format!("{file} is empty; line 1 should hold the column names"),
            Self::Workbook { file } => format!("{file} is a workbook, not text: save it as “CSV UTF-8” and try again"),
            Self::NotText { file, line } => {
                format!("{file}, line {line}, is neither UTF-8 nor GB18030 text: save it as “CSV UTF-8” and try again")
            }
            Self::UnclosedQuote { file, line } => format!("{file}: the quote opened on line {line} is never closed"),
            Self::TextBehindQuote { file, line } => {
                format!("{file}, line {line}: text behind a closing quote; write a quote within a cell twice")
            }
            Self::DuplicateColumn { file, column } => format!("{file}, line 1: two columns are called {column}"),
            Self::TooMuch { file, line, what } => match what {
                TooMuch::Columns => {
                    format!(
                        "{file}, line {line}: more than {MOST_COLUMNS} columns; delete those not needed, blank ones too"
                    )
                }
                TooMuch::Rows => format!("{file} has more than {MOST_ROWS} rows; divide it"),
                TooMuch::Cells => {
                    format!(
                        "{file}: more than {MOST_CELLS} cells up to line {line}; delete columns not needed, or divide it"
                    )
                }
                TooMuch::Text => {
                    format!("{file}, line {line}: a cell of more than {LONGEST_CELL} characters; shorten it")
                }
            },
            Self::OtherSeparator { file } => {
                format!("{file} is not separated by commas: save it as “CSV UTF-8” and try again")
            }
        }
    }
}

/// Reads a file of comma-separated values: UTF-8 with or without a byte order mark, else GB18030.
///
/// Blank lines and rows of nothing but blanks are passed over. Rows with too many or too few cells are kept: they are
/// problems of their own.
///
/// # Errors
/// [`IntakeError`] if the file is no such text, or its structure is broken.
pub fn read_csv(name: &str, bytes: &[u8]) -> Result<Table, IntakeError> {
    let file = || name.to_owned();
    let text = decode(name, bytes)?;
    let mut records = Records { file: name, chars: text.chars().peekable(), line: 1 };
    let Some(header) = records.next_row()? else { return Err(IntakeError::Empty { file: file() }) };
    let header: Vec<String> = header.cells.iter().map(|cell| cell.trim().to_owned()).collect();
    if let [only] = header.as_slice()
        && only.contains(['\t', ';'])
    {
        return Err(IntakeError::OtherSeparator { file: file() });
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = header.iter().find(|column| !column.is_empty() && !seen.insert(column.as_str())) {
        return Err(IntakeError::DuplicateColumn { file: file(), column: twice.clone() });
    }
    let (mut rows, mut cells) = (Vec::new(), header.len());
    while let Some(row) = records.next_row()? {
        let too_much = |what| IntakeError::TooMuch { file: file(), line: row.line, what };
        cells += row.cells.len();
        if cells > MOST_CELLS {
            return Err(too_much(TooMuch::Cells));
        }
        if rows.len() >= MOST_ROWS as usize {
            return Err(too_much(TooMuch::Rows));
        }
        rows.push(row);
    }
    Ok(Table { name: file(), header, rows })
}

/// The file's text. NUL bytes and the beginnings of workbooks tell that it is none.
pub(super) fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, IntakeError> {
    const ZIP: &[u8] = b"PK\x03\x04";
    const COMPOUND_DOCUMENT: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
    let file = name.to_owned();
    if bytes.starts_with(ZIP) || bytes.starts_with(COMPOUND_DOCUMENT) {
        return Err(IntakeError::Workbook { file });
    }
    let not_text = |at: usize| {
        let line = line_of(bytes, at);
        Err(IntakeError::NotText { file: name.to_owned(), line })
    };
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return not_text(at);
    }
    let marked = bytes.strip_prefix(BYTE_ORDER_MARK);
    let failed_at = match std::str::from_utf8(marked.unwrap_or(bytes)) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error.valid_up_to(),
    };
    if marked.is_some() {
        return not_text(failed_at + BYTE_ORDER_MARK.len());
    }
    // A few bad bytes in a file of UTF-8 may be GB18030 by chance: its every character would then be another one.
    if mostly_utf8(bytes) {
        return not_text(failed_at);
    }
    let (text, bad) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
    if bad {
        let before = text.split('\u{FFFD}').next().unwrap_or_default();
        return Err(IntakeError::NotText { file, line: line_of(before.as_bytes(), before.len()) });
    }
    Ok(text)
}

/// The line that a place in a file stands on, its line ends counted as reading rows does.
fn line_of(bytes: &[u8], at: usize) -> u64 {
    let before = bytes.get(..at).unwrap_or(bytes);
    let ends = |(index, byte): (usize, &u8)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        _ => false,
    };
    1 + before.iter().enumerate().filter(|it| ends(*it)).count() as u64
}

/// Text in Chinese is UTF-8 if more of it reads as characters of three bytes than does not read: of GB18030, hardly any
/// pair of characters does.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut read, mut failed) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        read = read.saturating_add(chunk.valid().chars().filter(|c| c.len_utf8() >= 3).count());
        failed = failed.saturating_add(usize::from(!chunk.invalid().is_empty()));
    }
    read > failed
}

/// How a cell ended.
#[derive(PartialEq, Eq)]
enum End {
    Cell,
    Row,
    File,
}

struct Records<'a> {
    file: &'a str,
    chars: Peekable<Chars<'a>>,
    line: u64,
}

impl Records<'_> {
    /// The next row that is not blank.
    fn next_row(&mut self) -> Result<Option<TableRow>, IntakeError> {
        loop {
            let line = self.line;
            let mut cells = Vec::new();
            let end = loop {
                let (cell, end) = self.next_cell()?;
                let too_much = |what| IntakeError::TooMuch { file: self.file.to_owned(), line, what };
                if cells.len() >= MOST_COLUMNS as usize {
                    return Err(too_much(TooMuch::Columns));
                }
                if cell.len() > LONGEST_CELL && cell.chars().count() > LONGEST_CELL {
                    return Err(too_much(TooMuch::Text));
                }
                cells.push(from_text(cell));
                if end != End::Cell {
                    break end;
                }
            };
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                cells.shrink_to_fit();
                return Ok(Some(TableRow { line, cells }));
            }
            if end == End::File {
                return Ok(None);
            }
        }
    }

    fn next_cell(&mut self) -> Result<(String, End), IntakeError> {
        if self.chars.next_if_eq(&'"').is_some() {
            return self.quoted();
        }
        let mut cell = String::new();
        loop {
            match self.end_here() {
                Some(end) => return Ok((cell, end)),
                None => cell.extend(self.chars.next()),
            }
        }
    }

    fn quoted(&mut self) -> Result<(String, End), IntakeError> {
        let opened = self.line;
        let mut cell = String::new();
        loop {
            match self.chars.next() {
                None => return Err(IntakeError::UnclosedQuote { file: self.file.to_owned(), line: opened }),
                Some('"') if self.chars.next_if_eq(&'"').is_some() => cell.push('"'),
                Some('"') => break,
                Some(c) => {
                    if c == '\n' || (c == '\r' && self.chars.peek() != Some(&'\n')) {
                        self.line += 1;
                    }
                    cell.push(c);
                }
            }
        }
        match self.end_here() {
            Some(end) => Ok((cell, end)),
            None => Err(IntakeError::TextBehindQuote { file: self.file.to_owned(), line: self.line }),
        }
    }

    /// Consumes what ends a cell, if it stands here.
    fn end_here(&mut self) -> Option<End> {
        match self.chars.peek() {
            None => Some(End::File),
            Some(',') => {
                self.chars.next();
                Some(End::Cell)
            }
            Some('\n' | '\r') => {
                if self.chars.next() == Some('\r') {
                    self.chars.next_if_eq(&'\n');
                }
                self.line += 1;
                Some(End::Row)
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
