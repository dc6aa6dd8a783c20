//! A workbook whose sheets can be read as text, cell by cell. The parser is somebody else's: should it panic on what
//! somebody crafted, that is a damaged file and no more.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataType as _, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use tongpin_domain::intake::{LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, TooMuch};

use super::number_format::NumberFormat;
use super::{Fault, SheetError, TEXT, cell_text, package};

/// A workbook that has been measured.
pub struct Book<'a> {
    file: String,
    xlsx: Xlsx<Cursor<&'a [u8]>>,
    /// Whether any cell may be computed.
    computed: bool,
}

/// Merged cells, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// First row and column.
    pub start: (u32, u32),
    /// Last row and column.
    pub end: (u32, u32),
}

/// The cells of a sheet as people see them.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    /// The sheet's name.
    pub sheet: String,
    /// The rows that hold something, counted from 0. A row ends with its last cell that holds something.
    pub rows: BTreeMap<u32, Vec<String>>,
    /// The merged cells.
    pub merged: Vec<Area>,
}

impl Cells {
    /// What stands in a cell, empty if nothing does.
    #[must_use]
    pub fn get(&self, row: u32, column: u32) -> &str {
        let cell = self.rows.get(&row).and_then(|cells| cells.get(usize::try_from(column).ok()?));
        cell.map_or("", String::as_str)
    }

    /// A cell by its name for people.
    #[must_use]
    pub fn name(&self, row: u32, column: u32) -> String {
        format!("{}!{}", self.sheet, cell_name(row, column))
    }
}

/// A column's letters: A, B … Z, AA. Counted from 0.
#[must_use]
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column;
    loop {
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or_default()));
        if left < 26 {
            break;
        }
        left = left / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// A cell's name on its sheet, such as C7. Counted from 0.
#[must_use]
pub fn cell_name(row: u32, column: u32) -> String {
    format!("{}{}", column_letters(column), row.saturating_add(1))
}

impl<'b> Book<'b> {
    /// Opens a workbook after measuring it.
    ///
    /// # Errors
    /// It is none, or none that is taken.
    pub fn open(file: &str, bytes: &'b [u8]) -> Result<Self, SheetError> {
        let fault = |fault| SheetError { file: file.to_owned(), fault };
        let measured = package::refuse_others(bytes).and_then(|()| package::check(bytes)).map_err(fault)?;
        let xlsx = guarded(|| Xlsx::new(Cursor::new(bytes))).map_err(fault)?;
        Ok(Self { file: file.to_owned(), xlsx, computed: measured.computed })
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The sheets of cells and whether each is shown.
    #[must_use]
    pub fn sheets(&self) -> Vec<(String, bool)> {
        let sheets = self.xlsx.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        sheets.map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect()
    }

    /// An error about this file.
    pub(super) fn fault(&self, fault: Fault) -> SheetError {
        SheetError { file: self.file.clone(), fault }
    }

    /// True if a sheet holds nothing.
    pub(super) fn is_blank(&mut self, sheet: &str) -> Result<bool, SheetError> {
        let found = guarded(|| {
            let mut reader = self.xlsx.worksheet_cells_reader(sheet)?;
            while let Some(cell) = reader.next_cell()? {
                if !cell_text::is_blank(cell.get_value()) {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        found.map_err(|fault| self.fault(fault))
    }

    /// The first text on a sheet, empty if there is none before anything else.
    ///
    /// # Errors
    /// The sheet cannot be read.
    pub fn title(&mut self, sheet: &str) -> Result<String, SheetError> {
        let found = guarded(|| {
            let mut reader = self.xlsx.worksheet_cells_reader(sheet)?;
            while let Some(cell) = reader.next_cell()? {
                if !cell_text::is_blank(cell.get_value()) {
                    return Ok(cell.get_value().get_string().unwrap_or_default().trim().to_owned());
                }
            }
            Ok(String::new())
        });
        found.map_err(|fault| self.fault(fault))
    }

    /// Whether a cell of the first row of a sheet begins so, without reading the rest of it or keeping any of it.
    ///
    /// # Errors
    /// The sheet cannot be read.
    pub fn is_headed(&mut self, sheet: &str, mark: &str) -> Result<bool, SheetError> {
        let found = guarded(|| {
            let mut reader = self.xlsx.worksheet_cells_reader(sheet)?;
            while let Some(cell) = reader.next_cell()?.filter(|cell| cell.get_position().0 == 0) {
                if cell.get_value().get_string().is_some_and(|text| text.trim_start().starts_with(mark)) {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        found.map_err(|fault| self.fault(fault))
    }

    /// Reads a sheet.
    ///
    /// # Errors
    /// There is none of this name, it holds more than is read, or a cell is a formula or an error.
    pub fn cells(&mut self, sheet: &str) -> Result<Cells, SheetError> {
        let sheets: Vec<String> = self.sheets().into_iter().map(|(name, _)| name).collect();
        if !sheets.iter().any(|name| name == sheet) {
            return Err(self.fault(Fault::NoSheet { wanted: sheet.to_owned(), sheets }));
        }
        self.values_alone(sheet).map_err(|fault| self.fault(fault))
    }

    /// The values of a sheet on which nothing is computed. A sheet that is too long is refused before the second look
    /// at it, which is taken only where a formula may be.
    fn values_alone(&mut self, sheet: &str) -> Result<Cells, Fault> {
        let values = self.values(sheet);
        if self.computed
            && !matches!(values, Err(Fault::TooMany { .. }))
            && let Some((row, column)) = self.formula(sheet)?
        {
            return Err(Fault::Formula(format!("{sheet}!{}", cell_name(row, column))));
        }
        values
    }

    /// The first cell that is computed.
    fn formula(&mut self, sheet: &str) -> Result<Option<(u32, u32)>, Fault> {
        guarded(|| {
            let mut reader = self.xlsx.worksheet_cells_reader(sheet)?;
            while let Some(cell) = reader.next_formula()? {
                if !cell.get_value().is_empty() {
                    return Ok(Some(cell.get_position()));
                }
            }
            Ok(None)
        })
    }

    fn values(&mut self, sheet: &str) -> Result<Cells, Fault> {
        let merged = guarded(|| self.xlsx.merge_cells_by_sheet_name(sheet))?;
        let merged = merged.into_iter().map(|area| Area { start: area.start, end: area.end }).collect();
        let rows = guarded(|| {
            let mut reader = self.xlsx.worksheet_cells_reader(sheet)?;
            let look =
                |style: &calamine::Style| style.number_format.as_ref().map(|it| NumberFormat::of(&it.format_code));
            let looks: Vec<NumberFormat> =
                reader.styles().iter().map(|style| look(style).unwrap_or_default()).collect();
            let none = NumberFormat::default();
            let mut rows = Gathered::new(sheet);
            while let Some((cell, style)) = reader.next_cell_with_style_id()? {
                if cell_text::is_blank(cell.get_value()) {
                    continue;
                }
                let (row, column) = cell.get_position();
                let named = || format!("{sheet}!{}", cell_name(row, column));
                let text = cell_text::text(cell.get_value(), looks.get(style).unwrap_or(&none), named);
                if let Err(fault) = text.and_then(|text| rows.put(row, column, text)) {
                    return Ok(Err(fault));
                }
            }
            Ok(Ok(rows.rows))
        })??;
        Ok(Cells { sheet: sheet.to_owned(), rows, merged })
    }
}

/// Rows as they are gathered, within bounds.
struct Gathered<'a> {
    sheet: &'a str,
    rows: BTreeMap<u32, Vec<String>>,
    cells: usize,
    text: usize,
}

impl<'a> Gathered<'a> {
    fn new(sheet: &'a str) -> Self {
        Self { sheet, rows: BTreeMap::new(), cells: 0, text: 0 }
    }

    fn put(&mut self, row: u32, column: u32, text: String) -> Result<(), Fault> {
        let too_many = |what| Fault::TooMany { sheet: self.sheet.to_owned(), row: row.saturating_add(1), what };
        if row >= MOST_ROWS {
            return Err(too_many(TooMuch::Rows));
        }
        let at = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS {
            return Err(too_many(TooMuch::Columns));
        }
        if text.len() > LONGEST_CELL && text.chars().count() > LONGEST_CELL {
            return Err(Fault::LongCell(format!("{}!{}", self.sheet, cell_name(row, column))));
        }
        let cells = self.rows.entry(row).or_default();
        let more = (at + 1).saturating_sub(cells.len());
        self.cells += more;
        self.text += text.len();
        if self.cells > MOST_CELLS {
            return Err(Fault::TooMany {
                sheet: self.sheet.to_owned(),
                row: row.saturating_add(1),
                what: TooMuch::Cells,
            });
        }
        if self.text > TEXT {
            return Err(Fault::TooMany {
                sheet: self.sheet.to_owned(),
                row: row.saturating_add(1),
                what: TooMuch::Text,
            });
        }
        if more > 0 {
            cells.resize(at + 1, String::new());
        }
        cells[at] = text;
        Ok(())
    }
}

/// Runs the parser.
fn guarded<T>(parse: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(parse)) {
        Ok(Ok(parsed)) => Ok(parsed),
        Ok(Err(XlsxError::Password)) => Err(Fault::Encrypted),
        Ok(Err(XlsxError::CellError(error))) => Err(Fault::OtherError(error)),
        Ok(Err(error)) => Err(Fault::Damaged(error.to_string())),
        Err(_) => Err(Fault::Damaged("the parser gave up".to_owned())),
    }
}
