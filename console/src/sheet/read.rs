//! A sheet that comes back. Its marks say what each row is; what they do not agree with was not written here, or was
//! changed where it was not open, and is refused as a whole.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::{Definition, Edition, Field, Given, GivenRow, is_row_id};

use super::mark::{MAKE, MARK, Mark, Open, PRINTED, Printed, next_number};
use super::{FilledSheet, Identity, TableThen, text};
use crate::workbook::{Book, Cells, Fault, SheetError, cell_name};

/// What a workbook says it is, if one of its sheets is a form's.
///
/// # Errors
/// It cannot be read, or is a sheet of another make.
pub fn identify(book: &mut Book<'_>) -> Result<Option<Identity>, SheetError> {
    Ok(find(book)?.map(|(identity, ..)| identity))
}

/// Reads the sheet of a form, whose definition must be of the release that the sheet says.
///
/// # Errors
/// There is none, it is another form's, or something on it would have to be guessed at.
pub fn read(book: &mut Book<'_>, definition: &Definition) -> Result<FilledSheet, SheetError> {
    let fault = |book: &Book<'_>, fault| SheetError { file: book.file().to_owned(), fault };
    let Some((identity, cells, marks)) = find(book)? else {
        let sheet = book.sheets().into_iter().next().map(|(name, _)| name).unwrap_or_default();
        return Err(fault(book, Fault::NotTheForm(sheet)));
    };
    if identity.code != definition.code {
        return Err(fault(book, Fault::OtherForm(identity.sheet)));
    }
    let filled = FilledSheet {
        file: book.file().to_owned(),
        identity,
        given: BTreeMap::new(),
        cells: BTreeMap::new(),
        stamps: BTreeMap::new(),
        tables: BTreeMap::new(),
    };
    let reading = Reading { definition, cells: &cells, marks, filled, table: None, open: BTreeMap::new() };
    reading.whole().map_err(|found| fault(book, found))
}

/// The sheet that bears the mark, and the column of marks. A sheet that cannot be read is an error only where no other
/// is the form.
fn find(book: &mut Book<'_>) -> Result<Option<(Identity, Cells, u32)>, SheetError> {
    let mut refused = None;
    for (name, _) in book.sheets() {
        // A table of many rows is not read only to see that it is none.
        let cells = match book.is_headed(&name, MAKE) {
            Ok(true) => book.cells(&name),
            Ok(false) => continue,
            Err(error) => Err(error),
        };
        let cells = match cells {
            Ok(cells) => cells,
            Err(error) => {
                refused.get_or_insert(error);
                continue;
            }
        };
        let head = cells.rows.get(&0).map(Vec::as_slice).unwrap_or_default();
        let Some(at) = head.iter().position(|cell| cell.starts_with(MAKE)) else { continue };
        let said = |after: usize| at.checked_add(after).and_then(|at| head.get(at)).map_or("", |text| text.trim());
        let sound = said(0) == MARK && said(4) == at.to_string();
        let (Ok(edition), Ok(column), true) = (said(2).parse::<Edition>(), u32::try_from(at), sound) else {
            return Err(SheetError { file: book.file().to_owned(), fault: Fault::OtherForm(name) });
        };
        let printed = Printed::read(said(PRINTED.into()));
        let stands = |cell: &Printed| cell.stands(cells.get(cell.at.0, cell.at.1.into()));
        let fault = match printed.as_ref().map(|all| all.iter().find(|cell| !stands(cell))) {
            Some(None) => None,
            Some(Some(Printed { at: (row, column), .. })) => Some(Fault::Relabelled {
                cell: format!("{name}!{}", cell_name(*row, (*column).into())),
                says: cells.get(*row, (*column).into()).trim().to_owned(),
                of: said(3).to_owned(),
            }),
            None => Some(Fault::OtherForm(name.clone())),
        };
        if let Some(fault) = fault {
            return Err(SheetError { file: book.file().to_owned(), fault });
        }
        let identity = Identity { sheet: name, code: said(1).to_owned(), edition, key: said(3).to_owned() };
        return Ok(Some((identity, cells, column)));
    }
    refused.map_or(Ok(None), Err)
}

/// A table that is being read.
struct Reader<'a> {
    field: &'a Field,
    open: Vec<Open>,
    rows: Vec<GivenRow>,
    /// Their ids.
    ids: BTreeSet<String>,
    /// The number of the next new row.
    next: u32,
}

/// A sheet that is being read.
struct Reading<'a> {
    definition: &'a Definition,
    cells: &'a Cells,
    /// The column of marks.
    marks: u32,
    filled: FilledSheet,
    table: Option<Reader<'a>>,
    /// The columns of each row that were read, to tell whether any of them was merged away.
    open: BTreeMap<u32, Vec<u32>>,
}

impl Reading<'_> {
    fn whole(mut self) -> Result<FilledSheet, Fault> {
        for row in self.cells.rows.range(1..).map(|(row, _)| *row) {
            self.row(row).ok_or_else(|| Fault::OtherForm(self.cells.sheet.clone()))?;
        }
        if self.table.is_some() || self.open.is_empty() {
            return Err(Fault::OtherForm(self.cells.sheet.clone()));
        }
        self.merged()?;
        Ok(self.filled)
    }

    /// Reads a row; `None` where its mark does not fit.
    fn row(&mut self, row: u32) -> Option<()> {
        let marked = self.cells.get(row, self.marks).trim();
        if marked.is_empty() {
            return self.new_row(row);
        }
        match Mark::read(marked)? {
            Mark::Line(cells) if self.table.is_none() => self.line(row, &cells),
            Mark::Head(rows, open) if self.table.is_none() => self.head(row, &rows, open),
            Mark::Row(id, cells) => self.known_row(row, id, &cells),
            Mark::End(rows) => {
                let table = self.table.take().filter(|table| table.field.name == rows)?;
                if !table.rows.is_empty() {
                    self.filled.given.insert(rows, Given::Rows(table.rows));
                }
                Some(())
            }
            Mark::Line(_) | Mark::Head(..) => None,
        }
    }

    fn line(&mut self, row: u32, cells: &[Open]) -> Option<()> {
        for cell in cells {
            let field = self.definition.field(&cell.name).filter(|field| field.is_typed())?;
            let written = self.written(row, cell);
            self.note(row, cell, cell.name.clone(), Some(&cell.stamp));
            if let Some(given) = text::kept_given(field, &written, &self.definition.layout.money) {
                self.filled.given.insert(cell.name.clone(), given);
            }
        }
        Some(())
    }

    /// The head of a table. One in which nothing is open has no end, and nothing of it is read.
    fn head(&mut self, row: u32, rows: &str, open: Vec<Open>) -> Option<()> {
        if open.is_empty() {
            return Some(());
        }
        let field = self.definition.field(rows).filter(|field| field.is_typed())?;
        if open.iter().any(|cell| inner(field, &cell.name).is_none()) {
            return None;
        }
        let behind = self.cells.rows.get(&row).map(Vec::as_slice).unwrap_or_default();
        let listed = behind.iter().skip(usize::try_from(self.marks).ok()?.saturating_add(1));
        let listed = listed.flat_map(|chunk| chunk.split(',')).filter(|row| !row.is_empty());
        let then: BTreeMap<String, String> = listed
            .map(|row| row.split_once(':').filter(|(id, _)| is_row_id(id)))
            .map(|row| row.map(|(id, stamp)| (id.to_owned(), stamp.to_owned())))
            .collect::<Option<_>>()?;
        let next = next_number(then.keys().map(String::as_str));
        let names = open.iter().map(|cell| cell.name.clone()).collect();
        let known = self.filled.tables.insert(rows.to_owned(), TableThen { open: names, rows: then });
        self.table = Some(Reader { field, open, rows: Vec::new(), ids: BTreeSet::new(), next });
        known.is_none().then_some(())
    }

    /// A row that was there. One that was copied is a new row, however alike.
    fn known_row(&mut self, row: u32, id: String, cells: &[Open]) -> Option<()> {
        let Some(table) = &self.table else {
            // Of a table in which nothing was open.
            return cells.is_empty().then_some(());
        };
        if table.ids.contains(&id) || !self.filled.tables.get(&table.field.name)?.rows.contains_key(&id) {
            return self.new_row(row);
        }
        self.take(row, id, cells)
    }

    fn new_row(&mut self, row: u32) -> Option<()> {
        let Some(table) = &mut self.table else { return Some(()) };
        let (id, open) = (format!("n{}", table.next), table.open.clone());
        if !open.iter().any(|cell| !self.cells.get(row, cell.column.into()).trim().is_empty()) {
            return Some(());
        }
        table.next = table.next.saturating_add(1);
        let open: Vec<Open> = open.into_iter().map(|cell| Open { stamp: String::new(), ..cell }).collect();
        self.take(row, id, &open)
    }

    /// Takes a row over; one in which nothing stands any more is none.
    fn take(&mut self, row: u32, id: String, cells: &[Open]) -> Option<()> {
        let (field, unit) = (self.table.as_ref()?.field, &self.definition.layout.money);
        let mut given = BTreeMap::new();
        for cell in cells {
            let inner = inner(field, &cell.name)?;
            let kept = text::kept(inner, &self.written(row, cell), unit);
            let stamp = Some(&cell.stamp).filter(|stamp| !stamp.is_empty());
            self.note(row, cell, format!("{}.{id}.{}", field.name, cell.name), stamp);
            if !kept.is_empty() {
                given.insert(cell.name.clone(), kept);
            }
        }
        if !given.is_empty() {
            let table = self.table.as_mut()?;
            table.ids.insert(id.clone());
            table.rows.push(GivenRow { id, cells: given });
        }
        Some(())
    }

    fn written(&self, row: u32, cell: &Open) -> String {
        self.cells.get(row, cell.column.into()).to_owned()
    }

    fn note(&mut self, row: u32, cell: &Open, place: String, stamp: Option<&String>) {
        self.open.entry(row).or_default().push(cell.column.into());
        if let Some(stamp) = stamp {
            self.filled.stamps.insert(place.clone(), stamp.clone());
        }
        self.filled.cells.insert(place, (row, cell.column.into()));
    }

    /// Refuses a sheet on which a cell that was read is merged into another.
    fn merged(&self) -> Result<(), Fault> {
        for area in &self.cells.merged {
            let columns: BTreeSet<u32> = (area.start.1..=area.end.1.min(self.marks)).collect();
            let covers = |(row, open): (&u32, &Vec<u32>)| {
                open.iter().any(|column| columns.contains(column) && (*row, *column) != area.start)
            };
            if area.start.0 <= area.end.0 && self.open.range(area.start.0..=area.end.0).any(covers) {
                let (start, end) = (cell_name(area.start.0, area.start.1), cell_name(area.end.0, area.end.1));
                return Err(Fault::Merged(format!("{}!{start}:{end}", self.cells.sheet)));
            }
        }
        Ok(())
    }
}

/// A typed field of rows.
fn inner<'a>(rows: &'a Field, name: &str) -> Option<&'a Field> {
    rows.fields.iter().find(|field| field.name == name && field.is_typed())
}
