//! Files of comma-separated values as every program here writes them, and the one place that decides how: a spreadsheet
//! must neither take Chinese for something else nor run what somebody typed as a name.

use crate::number;

/// By which spreadsheets know that a file is UTF-8. Every file that a person opens begins with it; what is compared or
/// printed to a terminal does not.
pub const MARK: &str = "\u{feff}";

/// A file that is being written, its lines ended by line feeds.
#[derive(Debug)]
pub struct CsvFile(csv::Writer<Vec<u8>>);

impl CsvFile {
    /// Begins a file with its column names.
    pub fn new<T: AsRef<str>>(head: impl IntoIterator<Item = T>) -> Self {
        let mut file = Self(csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()));
        file.row(head);
        file
    }

    /// Adds a row. Whatever a spreadsheet would run stays a text, see [`as_text`].
    ///
    /// # Panics
    /// Never: memory takes every row, and rows may differ in length.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) {
        let cells = cells.into_iter().map(|cell| as_text(cell.as_ref()));
        self.0.write_record(cells).expect("memory takes rows of any length");
    }

    /// The file, without the [`MARK`].
    ///
    /// # Panics
    /// Never: memory can always be flushed.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("memory can always be flushed")
    }

    /// The file for people to open, behind its [`MARK`].
    #[must_use]
    pub fn into_marked(self) -> Vec<u8> {
        marked(&self.into_bytes())
    }
}

/// A file behind the [`MARK`].
#[must_use]
pub fn marked(bytes: &[u8]) -> Vec<u8> {
    [MARK.as_bytes(), bytes].concat()
}

/// A cell as it is written: behind an apostrophe if a spreadsheet would take it for a formula. Numbers stay numbers.
#[must_use]
pub fn as_text(cell: &str) -> String {
    if looks_like_formula(cell.trim_start_matches('\'')) { format!("'{cell}") } else { cell.to_owned() }
}

/// A cell as it was before it was written by [`as_text`].
pub(crate) fn from_text(mut cell: String) -> String {
    if cell.starts_with('\'') && looks_like_formula(cell.trim_start_matches('\'')) {
        cell.remove(0);
    }
    cell
}

/// Whether a spreadsheet would run a cell. Those that know Chinese take full-width signs like half-width ones; a sign
/// alone is none, nor is a number.
fn looks_like_formula(cell: &str) -> bool {
    let mut chars = cell.chars();
    let Some(first) = chars.next() else { return false };
    match first {
        '=' | '@' | '＝' | '＠' => !chars.as_str().is_empty(),
        '\t' | '\r' | '\n' => true,
        '+' | '-' | '＋' | '－' | '\u{2212}' => {
            !chars.as_str().is_empty() && number::decimal(cell.strip_suffix('%').unwrap_or(cell)).is_err()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::intake::read_csv;

    /// Signs of any width, tabs and line breaks at the start are put behind an apostrophe; numbers, lone signs and what
    /// only contains a sign are left alone.
    #[test]
    fn nothing_runs() {
        for cell in [
            "=1+1",
            "＝1+1",
            "+86 512",
            "＋1",
            "-1+cmd|'/c'!A0",
            "－甲",
            "−x",
            "@SUM(A1)",
            "＠x",
            "\t=1",
            "\r=1",
            "\n=1",
        ] {
            assert_eq!(as_text(cell), format!("'{cell}"));
            assert_eq!(from_text(as_text(cell)), cell);
        }
        for cell in ["", "=", "-", "≥", "-12.50", "+3", "-95.6%", "1,234.00", "a=b", "'甲'", "— ", "2024-05-31"] {
            assert_eq!(as_text(cell), cell);
        }
    }

    /// The mark is no part of the first name, and the lines end as they always did.
    #[test]
    fn as_it_is_written() {
        let mut file = CsvFile::new(["代码", "名称"]);
        file.row(["1", "甲,\"乙\""]);
        file.row(["-5.00", "＝A1"]);
        let bytes = file.into_marked();
        assert_eq!(std::str::from_utf8(&bytes), Ok("\u{feff}代码,名称\n1,\"甲,\"\"乙\"\"\"\n-5.00,'＝A1\n"));
        let read = read_csv("a.csv", &bytes).expect("a table");
        assert_eq!(read.header, ["代码", "名称"]);
        assert_eq!(read.rows[1].cells, ["-5.00", "＝A1"]);
    }

    proptest! {
        /// Whatever is written here is read back as it was.
        #[test]
        fn comes_back(rows in proptest::collection::vec(proptest::array::uniform2("[-=+@＝＋－＠'\t,\"\r\n a1.甲]{0,5}"), 1..6)) {
            let mut file = CsvFile::new(["x", "y"]);
            for row in &rows {
                file.row(row);
            }
            let read = read_csv("a.csv", &file.into_marked()).expect("a table");
            let read: Vec<Vec<String>> = read.rows.into_iter().map(|row| row.cells).collect();
            let blank = |row: &[String; 2]| row.iter().all(|cell| cell.trim().is_empty());
            let rows: Vec<Vec<String>> = rows.into_iter().filter(|row| !blank(row)).map(Vec::from).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
