//! 标错: a workbook that somebody sent, as it came, but that the cells with something wrong are red and say why in a
//! column behind the others. Every other sheet, format and formula stays byte for byte as it was.

mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};

use xml::{Tag, escaped, tags, unescaped};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::cell_name;

/// What stands above the column in which it is said what is wrong. Whoever reads a table passes over it.
pub const REMARKS: &str = "改正说明 To be corrected";
/// The ground of a cell with something wrong.
const RED: &str = "FFFFC9C4";
/// The most formats that a spreadsheet knows.
const FORMATS: usize = 64_000;

/// What is wrong on a sheet. Rows and columns are counted from 0.
#[derive(Debug, Default)]
pub struct Marks<'a> {
    /// The sheet's name.
    pub sheet: &'a str,
    /// The cells.
    pub cells: BTreeSet<(u32, u32)>,
    /// The column behind the others, and what is said in it by row; no other row has anything there.
    pub said: Option<(u32, BTreeMap<u32, String>)>,
}

/// A workbook cannot be marked.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// Its package cannot be read or written.
    #[error(transparent)]
    Package(#[from] ZipError),
    /// A part cannot be read or written.
    #[error(transparent)]
    Part(#[from] std::io::Error),
    /// A part is not UTF-8.
    #[error(transparent)]
    Letters(#[from] std::string::FromUtf8Error),
    /// It is put together in a way that is not known here.
    #[error("the workbook has no {0}")]
    Shape(&'static str),
}

/// Marks a workbook, which was measured before.
///
/// # Errors
/// It is put together in a way that is not known here.
pub fn mark(bytes: &[u8], marks: &Marks<'_>) -> Result<Vec<u8>, MarkError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let parts = Parts::find(&mut archive, marks.sheet)?;
    let styles = part(&mut archive, &parts.styles)?;
    let (_, formats, _) = listed(&styles, "cellXfs", "xf")?;
    let mut edited = Edited { marks, formats: formats.len(), red: Vec::new() };
    let sheet = edited.sheet(&part(&mut archive, &parts.sheet)?);
    let styles = styled(&styles, &edited.red)?;
    let mut written = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len() + bytes.len() / 4)));
    for at in 0..archive.len() {
        let file = archive.by_index_raw(at)?;
        let name = file.name()?.into_owned();
        let changed = [(&parts.styles, &styles), (&parts.sheet, &sheet)].into_iter().find(|(part, _)| **part == name);
        match changed {
            None => written.raw_copy_file(file)?,
            Some((_, text)) => {
                drop(file);
                written.start_file(name, SimpleFileOptions::default())?;
                written.write_all(text.as_bytes())?;
            }
        }
    }
    Ok(written.finish()?.into_inner())
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, MarkError> {
    let mut bytes = Vec::new();
    archive.by_name(name)?.read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes)?)
}

/// The parts that are changed.
struct Parts {
    styles: String,
    sheet: String,
}

impl Parts {
    fn find(archive: &mut ZipArchive<Cursor<&[u8]>>, sheet: &str) -> Result<Self, MarkError> {
        let root = Related::read(&part(archive, "_rels/.rels")?, "");
        let book = root.of_kind("/officeDocument").ok_or(MarkError::Shape("workbook"))?;
        let (folder, file) = book.rsplit_once('/').unwrap_or(("", book.as_str()));
        let related =
            if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
        let related = Related::read(&part(archive, &related)?, folder);
        let text = part(archive, &book)?;
        let named =
            |tag: &Tag<'_>| tag.begins("sheet") && tag.attribute("name").map(unescaped).as_deref() == Some(sheet);
        let id = tags(&text).find(named).and_then(|tag| tag.attribute("id").map(str::to_owned));
        let sheet = id.and_then(|id| related.of_id(&id)).ok_or(MarkError::Shape("such sheet"))?;
        Ok(Self { styles: related.of_kind("/styles").ok_or(MarkError::Shape("styles"))?, sheet })
    }
}

/// What a part leads to: id, kind and the part.
struct Related(Vec<(String, String, String)>);

impl Related {
    fn read(xml: &str, folder: &str) -> Self {
        let all = tags(xml).filter(|tag| tag.begins("Relationship")).filter_map(|tag| {
            let target = unescaped(tag.attribute("Target")?);
            let target = match target.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None if folder.is_empty() => target,
                None => format!("{folder}/{target}"),
            };
            Some((tag.attribute("Id")?.to_owned(), tag.attribute("Type")?.to_owned(), target))
        });
        Self(all.collect())
    }

    fn of_kind(&self, kind: &str) -> Option<String> {
        self.0.iter().find(|(_, of, _)| of.ends_with(kind)).map(|(.., target)| target.clone())
    }

    fn of_id(&self, id: &str) -> Option<String> {
        self.0.iter().find(|(of, ..)| of == id).map(|(.., target)| target.clone())
    }
}

/// A list in a part: the tag that begins it, where what it lists stands, and where it ends.
type Listed<'a> = (Tag<'a>, Vec<(usize, usize)>, usize);

fn listed<'a>(xml: &'a str, list: &'static str, item: &str) -> Result<Listed<'a>, MarkError> {
    let mut all = tags(xml).skip_while(|tag| !tag.begins(list));
    let head = all.next().filter(|head| !head.is_whole()).ok_or(MarkError::Shape(list))?;
    let (mut items, mut begun) = (Vec::new(), None);
    for tag in all {
        if tag.ends(list) {
            return Ok((head, items, tag.start));
        }
        if tag.begins(item) && tag.is_whole() {
            items.push((tag.start, tag.end));
        } else if tag.begins(item) {
            begun = Some(tag.start);
        } else if tag.ends(item)
            && let Some(start) = begun.take()
        {
            items.push((start, tag.end));
        }
    }
    Err(MarkError::Shape(list))
}

/// The formats, and behind them those in `red` once more on a red ground. What was red from an earlier marking is not
/// any more.
fn styled(xml: &str, red: &[usize]) -> Result<String, MarkError> {
    let (fills, filled, fills_end) = listed(xml, "fills", "fill")?;
    let prefix = fills.prefix();
    let mut all = xml.get(..fills.start).unwrap_or_default().to_owned();
    all.push_str(&fills.with("count", &(filled.len() + 1).to_string()));
    for (start, end) in &filled {
        let fill = xml.get(*start..*end).unwrap_or_default();
        if fill.contains(RED) {
            let _ = write!(all, "<{prefix}fill><{prefix}patternFill patternType=\"none\"/></{prefix}fill>");
        } else {
            all.push_str(fill);
        }
    }
    let _ = write!(
        all,
        "<{prefix}fill><{prefix}patternFill patternType=\"solid\"><{prefix}fgColor rgb=\"{RED}\"/>\
         <{prefix}bgColor indexed=\"64\"/></{prefix}patternFill></{prefix}fill>"
    );
    let rest = xml.get(fills_end..).unwrap_or_default();
    let (formats, items, formats_end) = listed(rest, "cellXfs", "xf")?;
    if items.len() + red.len() > FORMATS {
        return Err(MarkError::Shape("formats that can be marked"));
    }
    all.push_str(rest.get(..formats.start).unwrap_or_default());
    all.push_str(&formats.with("count", &(items.len() + red.len()).to_string()));
    all.push_str(rest.get(formats.end..formats_end).unwrap_or_default());
    for (start, end) in red.iter().filter_map(|format| items.get(*format)) {
        let format = rest.get(*start..*end).unwrap_or_default();
        let Some(tag) = tags(format).next() else { continue };
        let red = tag.with("fillId", &filled.len().to_string());
        let red = tags(&red).next().map_or(red.clone(), |tag| tag.with("applyFill", "1"));
        all.push_str(&red);
        all.push_str(format.get(tag.end..).unwrap_or_default());
    }
    all.push_str(rest.get(formats_end..).unwrap_or_default());
    Ok(all)
}

/// A sheet that is being marked.
struct Edited<'a> {
    marks: &'a Marks<'a>,
    /// How many formats there are.
    formats: usize,
    /// Those that are wanted in red, in the order in which the red ones stand behind the others.
    red: Vec<usize>,
}

impl Edited<'_> {
    fn sheet(&mut self, xml: &str) -> String {
        let mut all = String::with_capacity(xml.len() + xml.len() / 8);
        let (mut copied, mut next_row, mut next_column) = (0, 0, 0);
        let mut open: BTreeSet<u32> = BTreeSet::new();
        let mut row = 0;
        let mut found = tags(xml);
        while let Some(tag) = found.next() {
            if tag.begins("row") {
                let number = tag.attribute("r").and_then(|text| text.parse::<u32>().ok());
                row = number.map_or(next_row, |number| number.saturating_sub(1));
                (next_row, next_column, open) = (row.saturating_add(1), 0, self.columns(row));
                if !open.is_empty() {
                    all.push_str(xml.get(copied..tag.start).unwrap_or_default());
                    // What a row says of its width is not believed by anybody, and is not true any more.
                    let head = tag.without("spans");
                    if tag.is_whole() {
                        all.push_str(head.trim_end_matches("/>"));
                        all.push('>');
                        self.add(&mut all, tag.prefix(), row, &std::mem::take(&mut open));
                        let _ = write!(all, "</{}>", tag.name());
                    } else {
                        all.push_str(&head);
                    }
                    copied = tag.end;
                }
            } else if tag.ends("row") && !open.is_empty() {
                all.push_str(xml.get(copied..tag.start).unwrap_or_default());
                self.add(&mut all, tag.prefix(), row, &std::mem::take(&mut open));
                copied = tag.start;
            } else if tag.begins("c") {
                let column = tag.attribute("r").and_then(column_of).unwrap_or(next_column);
                next_column = column.saturating_add(1);
                let behind = open.split_off(&column);
                if !open.is_empty() {
                    all.push_str(xml.get(copied..tag.start).unwrap_or_default());
                    self.add(&mut all, tag.prefix(), row, &open);
                    copied = tag.start;
                }
                open = behind;
                let said = self.marks.said.as_ref().is_some_and(|(at, _)| *at == column);
                if said {
                    // What is said there is said anew, or not any more.
                    all.push_str(xml.get(copied..tag.start).unwrap_or_default());
                    copied = if tag.is_whole() {
                        tag.end
                    } else {
                        found.find(|it| it.ends("c")).map_or(tag.end, |it| it.end)
                    };
                } else if open.remove(&column) {
                    all.push_str(xml.get(copied..tag.start).unwrap_or_default());
                    let format = tag.attribute("s").and_then(|text| text.parse().ok()).unwrap_or(0);
                    all.push_str(&tag.with("s", &self.red_of(format).to_string()));
                    copied = tag.end;
                }
            } else if tag.begins("dimension") && tag.is_whole() {
                // How far the sheet reaches may be left out, and has changed.
                all.push_str(xml.get(copied..tag.start).unwrap_or_default());
                copied = tag.end;
            }
        }
        all.push_str(xml.get(copied..).unwrap_or_default());
        all
    }

    /// The columns of a row in which something changes.
    fn columns(&self, row: u32) -> BTreeSet<u32> {
        let cells = self.marks.cells.range((row, 0)..=(row, u32::MAX)).map(|(_, column)| *column);
        let said = self.marks.said.iter().filter(|(_, said)| said.contains_key(&row)).map(|(column, _)| *column);
        cells.chain(said).collect()
    }

    /// Writes cells that a row did not have.
    fn add(&mut self, all: &mut String, prefix: &str, row: u32, columns: &BTreeSet<u32>) {
        let red = self.red_of(0);
        for column in columns {
            let name = cell_name(row, *column);
            let said = self.marks.said.as_ref().filter(|(at, _)| at == column).and_then(|(_, said)| said.get(&row));
            let _ = match said {
                Some(text) => write!(
                    all,
                    "<{prefix}c r=\"{name}\" s=\"{red}\" t=\"inlineStr\"><{prefix}is><{prefix}t xml:space=\"preserve\">\
                     {}</{prefix}t></{prefix}is></{prefix}c>",
                    escaped(text)
                ),
                None => write!(all, "<{prefix}c r=\"{name}\" s=\"{red}\"/>"),
            };
        }
    }

    /// The red format of a format.
    fn red_of(&mut self, format: usize) -> usize {
        let format = if format < self.formats { format } else { 0 };
        let at = self.red.iter().position(|held| *held == format).unwrap_or(self.red.len());
        if at == self.red.len() {
            self.red.push(format);
        }
        self.formats + at
    }
}

/// The column of a cell's name, counted from 0: 1 of `B7`.
fn column_of(name: &str) -> Option<u32> {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let value = |column: u32, c: char| column.checked_mul(26)?.checked_add(c.to_digit(36)?.checked_sub(9)?);
    letters.chars().try_fold(0, value)?.checked_sub(1)
}

#[cfg(test)]
mod tests;
