//! What the hidden column of a sheet says, one mark a row: written by one function and read by the other.

use tongpin_domain::form::{Field, Kind, is_name, is_row_id};

use super::text::stamp;

/// What the column begins with. A sheet of a later make will say another number.
pub(super) const MARK: &str = "tongpin-sheet-1";
/// What such a mark begins with, whatever the make.
pub(super) const MAKE: &str = "tongpin-sheet-";
/// Hidden columns: marks, and beside the head of a table the rows that there are.
pub(super) const HIDDEN: u16 = 8;
/// Behind the identity: where the sheet names its subject. Sheets of before do not say it.
pub(super) const PRINTED: u16 = 5;
/// The most characters of one hidden cell.
pub(super) const CHUNK: usize = 30_000;

/// An open cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    /// The field.
    pub(super) name: String,
    /// The column that it stands in.
    pub(super) column: u16,
    /// What stood in it when the sheet was written; blank for a column of new rows.
    pub(super) stamp: String,
}

/// A cell that names the subject of a sheet. A file that was relabelled for another would be written to the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Printed {
    /// Row and column.
    pub(super) at: (u32, u16),
    stamp: String,
}

impl Printed {
    /// The cell of a field that comes from the project that a document is about, and says in words which it is.
    pub(super) fn of(field: &Field, at: (u32, u16), text: &str) -> Option<Self> {
        let names = field.from.starts_with("project.") && matches!(field.kind, Kind::Line | Kind::Code);
        names.then(|| Self { at, stamp: stamp([text.trim()]) })
    }

    /// How it is written.
    pub(super) fn written(&self) -> String {
        format!("{}:{}:{}", self.at.0, self.at.1, self.stamp)
    }

    /// Reads all of them; `None` where they are not what this program wrote.
    pub(super) fn read(text: &str) -> Option<Vec<Self>> {
        let one = |text: &str| {
            let mut parts = text.splitn(3, ':');
            let at = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Some(Self { at, stamp: parts.next()?.to_owned() })
        };
        text.split(',').filter(|cell| !cell.is_empty()).map(one).collect()
    }

    /// Whether the cell still says it.
    pub(super) fn stands(&self, says: &str) -> bool {
        stamp([says.trim()]) == self.stamp
    }
}

/// The mark of a row of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// A line of the grid.
    Line(Vec<Open>),
    /// The head of a table, with the columns that are open in a new row.
    Head(String, Vec<Open>),
    /// A row that was there when the sheet was written.
    Row(String, Vec<Open>),
    /// Below the last row of a table.
    End(String),
}

impl Mark {
    /// How it is written.
    pub(super) fn written(&self) -> String {
        let all = |cells: &[Open]| {
            let cells = cells.iter().map(|cell| format!("{}:{}:{}", cell.name, cell.column, cell.stamp));
            cells.collect::<Vec<_>>().join(",")
        };
        match self {
            Self::Line(cells) => format!("line={}", all(cells)),
            Self::Head(rows, open) => format!("head={rows}={}", all(open)),
            Self::Row(id, cells) => format!("row={id}={}", all(cells)),
            Self::End(rows) => format!("end={rows}"),
        }
    }

    /// Reads it; `None` where there is none, or none that this program wrote.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (what, rest) = text.trim().split_once('=')?;
        let named = |is: fn(&str) -> bool| {
            let (name, cells) = rest.split_once('=')?;
            Some((Some(name).filter(|name| is(name))?.to_owned(), opened(cells)?))
        };
        Some(match what {
            "line" => Self::Line(opened(rest)?),
            "head" => named(is_name).map(|(rows, open)| Self::Head(rows, open))?,
            "row" => named(is_row_id).map(|(id, cells)| Self::Row(id, cells))?,
            "end" => Self::End(Some(rest).filter(|rows| is_name(rows))?.to_owned()),
            _ => return None,
        })
    }
}

fn opened(text: &str) -> Option<Vec<Open>> {
    let cell = |cell: &str| {
        let (name, rest) = cell.split_once(':').filter(|(name, _)| is_name(name))?;
        let (column, stamp) = rest.split_once(':')?;
        Some(Open { name: name.to_owned(), column: column.parse().ok()?, stamp: stamp.to_owned() })
    };
    text.split(',').filter(|cell| !cell.is_empty()).map(cell).collect()
}

/// The first number above those of ids that are called `n1`, `n2` …: what a page, a file and a system call the next new
/// row.
pub fn next_number<'a>(ids: impl Iterator<Item = &'a str>) -> u32 {
    let numbers = ids.filter_map(|id| id.strip_prefix('n')?.parse::<u32>().ok());
    numbers.max().unwrap_or_default().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each mark is read as it was written; what nobody here wrote is none.
    #[test]
    fn marks() {
        let open = |name: &str, column, stamp: &str| Open { name: name.to_owned(), column, stamp: stamp.to_owned() };
        let cells = vec![open("paid", 3, "0a1b"), open("reason", 11, "")];
        for (mark, text) in [
            (Mark::Line(cells.clone()), "line=paid:3:0a1b,reason:11:"),
            (Mark::Line(Vec::new()), "line="),
            (Mark::Head("roads".into(), vec![open("code", 0, "")]), "head=roads=code:0:"),
            (Mark::Row("r-1".into(), cells), "row=r-1=paid:3:0a1b,reason:11:"),
            (Mark::End("roads".into()), "end=roads"),
        ] {
            assert_eq!(mark.written(), text);
            assert_eq!(Mark::read(text), Some(mark));
        }
        for text in [
            "",
            "合计",
            "row=r.1=",
            "row==",
            "head=Roads=",
            "line=Paid:1:2",
            "line=paid:x:",
            &"row=aaaaaaaaa=".replace('a', "aaaaa"),
        ] {
            assert_eq!(Mark::read(text), None, "{text}");
        }
        let name = Field { from: "project.name".into(), ..Field::new("project_name", "项目名称", Kind::Line) };
        let printed = Printed::of(&name, (2, 3), "校舍维修").expect("it names the project");
        assert_eq!(Printed::read(&printed.written()), Some(vec![printed.clone()]));
        assert!(printed.stands(" 校舍维修") && !printed.stands("别的项目") && Printed::read("2:x:0").is_none());
        assert_eq!(next_number(["r1", "n2", "n7", "nx", "n10x"].into_iter()), 8);
        assert_eq!(next_number([].into_iter()), 1);
    }
}
