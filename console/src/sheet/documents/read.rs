//! Reading a workbook of documents. What cannot be told, an unknown column or a row of no document, is told at its cell
//! and never guessed.

use std::collections::{BTreeMap, HashMap};

use tongpin_domain::form::Definition;
use tongpin_domain::intake::{Table, TableRow, Words};

use super::{
    CHOICES, Column, FilledDocument, FilledRow, First, GUIDE, Holds, Name, STAMP, columns, row_columns, sheets,
    stamp_head,
};
use crate::sheet::text;
use crate::workbook::{self, Book, Fault, SheetError};

/// Characters of a cell that are kept to be shown: one more than a page shows, so that it tells that there are more.
const BEGINNING: usize = 121;

/// The documents of a file.
#[derive(Debug, Clone, Default)]
pub struct FilledDocuments {
    /// The file's name.
    pub file: String,
    /// Its sheets: that of the documents, then those of tables that it has.
    pub sheets: Vec<ReadSheet>,
    /// What its lines say.
    pub documents: Vec<FilledDocument>,
    /// What cannot be told.
    pub faults: First<TableFault>,
    /// Other sheets that hold something, which nobody reads.
    pub unread: Vec<String>,
}

/// A sheet that was read.
#[derive(Debug, Clone, Default)]
pub struct ReadSheet {
    /// Its name; blank for a file of comma-separated values.
    pub name: String,
    /// The table whose rows it has; blank for the documents.
    pub rows: String,
    /// The line of what stands above its columns, counted from 1.
    pub head: u64,
    /// What stands above its columns.
    pub header: Vec<String>,
    /// The column of each field that is read.
    pub fields: BTreeMap<String, u32>,
    /// The columns of what tells a document from others.
    pub named: BTreeMap<Name, u32>,
}

/// Something that is wrong on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFault {
    /// Which of the sheets.
    pub sheet: usize,
    /// The line, counted from 1.
    pub line: u64,
    /// The column, counted from 0; the whole line without one.
    pub column: Option<u32>,
    /// What stands there, the first of it.
    pub found: String,
    /// What is wrong, and what to do.
    pub says: Words,
}

/// Reads a file of a form's documents.
///
/// # Errors
/// It is no table, another form's, or one that would have to be guessed at.
pub fn read(name: &str, bytes: &[u8], definition: &Definition) -> Result<FilledDocuments, SheetError> {
    let own = columns(definition);
    let expected: Vec<String> = own.iter().flat_map(|column| [column.head(), column.bare.clone()]).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    if !workbook::is_workbook(bytes) {
        let table = workbook::read(name, bytes, &expected)?;
        return Ok(Reading::of(name, definition, (String::new(), 1, table), &own)?.filled);
    }
    let mut book = Book::open(name, bytes)?;
    let there: Vec<String> = book.sheets().into_iter().map(|(name, _)| name).collect();
    let sheet = workbook::table_sheet(&mut book)?;
    let (head, table) = workbook::read_sheet(&mut book, &sheet, &expected)?;
    let mut reading = Reading::of(name, definition, (sheet, head, table), &own)?;
    for (sheet, field) in sheets(definition).into_iter().filter(|(sheet, _)| there.contains(sheet)) {
        let columns = row_columns(definition, field);
        let expected: Vec<String> = columns.iter().flat_map(|column| [column.head(), column.bare.clone()]).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let (head, table) = workbook::read_sheet(&mut book, &sheet, &expected)?;
        reading.table((sheet, &field.name, head), &table, &columns);
    }
    let mut filled = reading.filled;
    let read = filled.sheets.iter().map(|sheet| sheet.name.as_str()).chain([CHOICES, GUIDE]);
    filled.unread = workbook::filled_sheets(&mut book, &read.collect::<Vec<_>>());
    Ok(filled)
}

/// What stands in each column of a sheet; nothing where no column is known.
type Columns<'a> = Vec<Option<Holds<'a>>>;

struct Reading<'a> {
    definition: &'a Definition,
    filled: FilledDocuments,
    /// Where a document stands, by who keeps it and its id.
    by_id: HashMap<(String, String), usize>,
    /// The same by subject and period, where no other line has them.
    by_subject: HashMap<(String, String), Option<usize>>,
}

impl<'a> Reading<'a> {
    /// Reads the sheet of the documents.
    fn of(
        file: &str,
        definition: &'a Definition,
        (sheet, head, table): (String, u64, Table),
        own: &[Column<'a>],
    ) -> Result<Self, SheetError> {
        let others = |head: &&String| head.starts_with(STAMP) && **head != stamp_head(&definition.code);
        if let Some(other) = table.header.iter().find(others) {
            let code = other.strip_prefix(STAMP).unwrap_or_default().to_owned();
            return Err(SheetError { file: file.to_owned(), fault: Fault::OfAnotherForm(code) });
        }
        let filled = FilledDocuments { file: file.to_owned(), ..FilledDocuments::default() };
        let mut reading = Self { definition, filled, by_id: HashMap::new(), by_subject: HashMap::new() };
        let columns = reading.head((sheet, "", head), &table, own);
        for row in &table.rows {
            reading.beyond(row, table.header.len(), &columns);
            if row.cells.iter().any(|cell| !cell.trim().is_empty()) {
                reading.document(row, &columns);
            }
        }
        Ok(reading)
    }

    /// Notes a sheet and tells what stands in its columns.
    fn head(&mut self, (name, rows, line): (String, &str, u64), table: &Table, known: &[Column<'a>]) -> Columns<'a> {
        let sheet = self.filled.sheets.len();
        let (mut fields, mut named) = (BTreeMap::new(), BTreeMap::new());
        let mut columns: Columns<'a> = Vec::new();
        for (at, head) in (0u32..).zip(&table.header) {
            let bare = head.trim().trim_start_matches(['*', '＊']).trim();
            let found = known.iter().find(|column| column.bare == bare).map(|column| column.holds);
            let twice = found.is_some() && columns.contains(&found);
            columns.push(found.filter(|_| !twice));
            match columns.last().copied().flatten() {
                Some(Holds::Field(field)) => drop(fields.insert(field.name.clone(), at)),
                Some(holds) => named.extend(holds.name().map(|name| (name, at))),
                None => {}
            }
            let says = if twice {
                Words::new("此列重复，请只保留一列", "this column is there twice; keep one of them")
            } else if found.is_none() && !head.is_empty() {
                let zh = "本表没有此列（不读的列请删去；列名和单位须与模板一致）";
                Words::new(zh, "the form has no such column; names and units are those of the template")
            } else {
                continue;
            };
            self.fault(sheet, line, Some(at), head, says);
        }
        let (rows, header) = (rows.to_owned(), table.header.clone());
        self.filled.sheets.push(ReadSheet { name, rows, head: line, header, fields, named });
        columns
    }

    fn fault(&mut self, sheet: usize, line: u64, column: Option<u32>, found: &str, says: Words) {
        self.filled.faults.add_with(|| TableFault { sheet, line, column, found: beginning(found), says });
    }

    /// Tells of cells that no column is for.
    fn beyond(&mut self, row: &TableRow, known: usize, columns: &Columns<'_>) {
        let sheet = self.filled.sheets.len().saturating_sub(1);
        let header = self.filled.sheets.last().map(|sheet| sheet.header.as_slice()).unwrap_or_default();
        let nameless =
            |at: usize| at >= known || (columns.get(at) == Some(&None) && header.get(at).is_some_and(String::is_empty));
        let found = row.cells.iter().enumerate().find(|(at, cell)| !cell.trim().is_empty() && nameless(*at));
        if let Some((at, cell)) = found {
            let says = Words::new("此列没有列名，请补上列名或清空", "the column has no name; name it or clear it");
            self.fault(sheet, row.line, u32::try_from(at).ok(), &cell.clone(), says);
        }
    }

    fn document(&mut self, row: &TableRow, columns: &Columns<'_>) {
        let mut document = FilledDocument { line: row.line, ..FilledDocument::default() };
        let money = &self.definition.layout.money;
        for (cell, holds) in row.cells.iter().zip(columns) {
            match holds {
                Some(Holds::Field(field)) => {
                    document.given.insert(field.name.clone(), text::kept_given(field, cell, money));
                }
                Some(Holds::Subject) => cell.trim().clone_into(&mut document.subject),
                Some(Holds::Period) => document.period = period(self.definition, cell),
                Some(Holds::Id) => cell.trim().clone_into(&mut document.id),
                Some(Holds::Keeper) => cell.trim().clone_into(&mut document.keeper),
                Some(Holds::Stamp) => cell.trim().clone_into(&mut document.stamp),
                _ => {}
            }
        }
        let at = self.filled.documents.len();
        if !document.id.is_empty() {
            self.by_id.entry((document.keeper.clone(), document.id.clone())).or_insert(at);
        }
        let subject = (document.subject.clone(), document.period.clone());
        self.by_subject.entry(subject).and_modify(|found| *found = None).or_insert(Some(at));
        self.filled.documents.push(document);
    }

    /// Reads the sheet of a table inside the documents.
    fn table(&mut self, (sheet, field, head): (String, &str, u64), table: &Table, known: &[Column<'a>]) {
        let columns = self.head((sheet, field, head), table, known);
        for document in &mut self.filled.documents {
            document.rows.insert(field.to_owned(), Vec::new());
        }
        for row in &table.rows {
            self.beyond(row, table.header.len(), &columns);
            if row.cells.iter().any(|cell| !cell.trim().is_empty()) {
                self.row(field, row, &columns);
            }
        }
    }

    fn row(&mut self, field: &str, row: &TableRow, columns: &Columns<'_>) {
        let mut filled = FilledRow { line: row.line, ..FilledRow::default() };
        let (mut id, mut keeper, mut subject, mut when) = <(String, String, String, String)>::default();
        let money = &self.definition.layout.money;
        let mut said = false;
        for (cell, holds) in row.cells.iter().zip(columns) {
            match holds {
                Some(Holds::Field(field)) => {
                    let kept = text::kept(field, cell, money);
                    said |= !kept.is_empty();
                    filled.cells.insert(field.name.clone(), kept);
                }
                Some(Holds::Subject) => cell.trim().clone_into(&mut subject),
                Some(Holds::Period) => when = period(self.definition, cell),
                Some(Holds::Id) => cell.trim().clone_into(&mut id),
                Some(Holds::Keeper) => cell.trim().clone_into(&mut keeper),
                Some(Holds::Row) => cell.trim().clone_into(&mut filled.id),
                _ => {}
            }
        }
        if filled.id.is_empty() && !said {
            return;
        }
        let found = if id.is_empty() {
            self.by_subject.get(&(subject, when)).copied().flatten()
        } else {
            self.by_id.get(&(keeper, id)).copied()
        };
        let place = found.and_then(|at| self.filled.documents.get_mut(at)).and_then(|it| it.rows.get_mut(field));
        if let Some(rows) = place {
            rows.push(filled);
            return;
        }
        let zh = "不知道属于哪份单据：请填与“数据”表中一行相同的单据编号，或对象和期间（不要的明细行请删去）";
        let en = "it belongs to no document: give the id, or subject and period, of a line of 数据";
        self.fault(self.filled.sheets.len().saturating_sub(1), row.line, None, "", Words::new(zh, en));
    }
}

/// As much of a text as is kept to be shown: a cell can hold far more than anybody wants to see of it.
#[must_use]
pub fn beginning(text: &str) -> String {
    text.chars().take(BEGINNING).collect()
}

/// A period as it is kept: a spreadsheet makes the first day of a month that is typed.
fn period(definition: &Definition, cell: &str) -> String {
    let text = cell.trim();
    let month = text.strip_suffix("-01").filter(|month| definition.subject.per.has(month));
    month.filter(|_| !definition.subject.per.has(text)).unwrap_or(text).to_owned()
}
