//! A self-evaluation that was exported before its sheet was made from the form: what units have filled in since is
//! still taken. It is read as the sheet of today, with the same places and stamps.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use tongpin_console::sheet::{FilledSheet, Identity, TableThen};
use tongpin_console::workbook::{Book, Fault, SheetError, cell_name};
use tongpin_domain::form::{Given, GivenRow, KeptAs};
use tongpin_domain::project::Project;

use crate::records::evaluation::{ACTUAL, EVIDENCE, EXECUTION_REASON, LINES, REASON, line_id};
use crate::sheets::official_form::{is_of_make, plain, stamp};

/// The sheet's name.
pub(crate) const SHEET: &str = "自评表";
/// What the hidden column begins with.
const MARK: &str = "tongpin-form-3";
/// The make before, which does not say what stood in its cells: it may fill in what is blank, and nothing else.
const BLANK: &str = "tongpin-form-2";
/// What such a mark begins with, whatever the make.
const MAKE: &str = "tongpin-form-";
/// What a line's number is written behind; what stood in its open cells follows it.
const LINE: &str = "line:";
/// What marks the row of the reason for the execution rate; what stood in it follows.
const REASON_ROW: &str = "execution_reason=";
/// The hidden column, and that of the reason for the execution rate.
const IDS: u32 = 11;
const REASON_AT: u32 = 3;
/// What was open of a line, each with its column.
const OPEN: [(&str, u32); 3] = [(ACTUAL, 6), (EVIDENCE, 9), (REASON, 10)];
/// What was shown of it: name, nature, target and unit, and its weight.
const SHOWN: [u32; 4] = [2, 3, 4, 5];
const WEIGHT: u32 = 7;
/// Where the project was named: name and code.
const NAMED: [(u32, u32); 2] = [(2, 2), (2, 8)];

/// Whether a workbook may be such a sheet.
pub(crate) fn is_form(book: &Book<'_>) -> bool {
    book.sheets().iter().any(|(name, _)| name == SHEET)
}

/// Reads one; none if the sheet only bears its name. `release` is that of the form in force.
///
/// # Errors
/// It cannot be read, or is of a still earlier make.
pub(crate) fn read(book: &mut Book<'_>, release: u64) -> Result<Option<FilledSheet>, SheetError> {
    let cells = book.cells(SHEET)?;
    let other = || SheetError { file: book.file().to_owned(), fault: Fault::OtherForm(SHEET.to_owned()) };
    if ![MARK, BLANK].contains(&cells.get(0, IDS)) {
        return if is_of_make(&cells, MAKE) { Err(other()) } else { Ok(None) };
    }
    let code = KeptAs::Evaluation.code().to_owned();
    let key = cells.get(1, IDS).trim().to_owned();
    let mut filled = FilledSheet {
        file: book.file().to_owned(),
        identity: Identity { sheet: SHEET.to_owned(), code, edition: release.into(), key },
        given: BTreeMap::new(),
        cells: NAMED.iter().zip(["project_name", "project_code"]).map(|(at, name)| (name.to_owned(), *at)).collect(),
        stamps: BTreeMap::new(),
        tables: BTreeMap::new(),
    };
    let mut then = TableThen { open: OPEN.map(|(name, _)| name.to_owned()).to_vec(), rows: BTreeMap::new() };
    let nothing = ["", "0", ""].map(|text| stamp(&[text.to_owned()])).join(",");
    let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
    for row in cells.rows.keys().copied() {
        let at = |column: u32| plain(cells.get(row, column));
        let mark = cells.get(row, IDS);
        if let Some(was) = mark.strip_prefix(REASON_ROW) {
            let said = at(REASON_AT);
            filled.cells.insert(EXECUTION_REASON.to_owned(), (row, REASON_AT));
            filled.stamps.insert(EXECUTION_REASON.to_owned(), was.to_owned());
            let said = (!said.is_empty()).then_some((EXECUTION_REASON.to_owned(), Given::One(said)));
            filled.given.extend(said);
        }
        let Some(mark) = mark.strip_prefix(LINE) else { continue };
        let (seq, was) = mark.split_once('=').unwrap_or((mark, nothing.as_str()));
        let weight = at(WEIGHT).parse::<Decimal>().map_err(|_| other())?;
        let seq = seq.parse::<u32>().map_err(|_| other())?;
        let shown = SHOWN.map(at);
        let known = line_id(seq, [&shown[0], &shown[1], &shown[2], &shown[3]], weight);
        // A row that was copied is a row of no line.
        let id = if seen.insert(seq) { known } else { format!("{seq}-row{row}") };
        let mut given = BTreeMap::new();
        for ((name, column), was) in OPEN.iter().zip(was.split(',')) {
            let place = format!("{LINES}.{id}.{name}");
            filled.cells.insert(place.clone(), (row, *column));
            filled.stamps.insert(place, was.to_owned());
            let said = at(*column);
            given.extend((!said.is_empty()).then(|| ((*name).to_owned(), said)));
        }
        if !id.ends_with(&format!("-row{row}")) {
            then.rows.insert(id.clone(), String::new());
        }
        rows.push(GivenRow { id, cells: given });
    }
    rows.retain(|row| !row.cells.is_empty());
    filled.tables.insert(LINES.to_owned(), then);
    filled.given.extend((!rows.is_empty()).then(|| (LINES.to_owned(), Given::Rows(rows))));
    let named = NAMED.map(|(row, column)| Given::One(plain(cells.get(row, column))));
    filled.given.extend(["project_name", "project_code"].map(str::to_owned).into_iter().zip(named));
    Ok(Some(filled))
}

/// Takes off an earlier sheet what names its project; the sheets of today say themselves whether they were relabelled.
///
/// # Errors
/// It was relabelled for another, to which it would not be written.
pub(crate) fn unlabelled(filled: &mut FilledSheet, project: &Project) -> Result<(), SheetError> {
    for (name, own) in [("project_name", &project.name), ("project_code", &project.code)] {
        let said = filled.given.remove(name);
        let at = filled.cells.remove(name);
        if let (Some(Given::One(said)), Some((row, column))) = (said, at)
            && said != plain(own)
        {
            let cell = format!("{SHEET}!{}", cell_name(row, column));
            let fault = Fault::Relabelled { cell, says: said, of: filled.identity.key.clone() };
            return Err(SheetError { file: filled.file.clone(), fault });
        }
    }
    Ok(())
}
