//! The rows of a goal form between the heads and the sum, as they were filled in.

use super::filled::FilledGoal;
use super::lists::method_word;
use super::{HEADS, LINE, METHOD, STANDARD, WEIGHT, plain, weighed};

/// A row as it was filled in.
pub(super) struct Row {
    pub(super) at: u32,
    /// What it is, as the hidden column has it.
    pub(super) id: String,
    pub(super) cells: [String; 11],
    /// 评分标准 as it stands there.
    pub(super) standard: String,
}

impl Row {
    /// The number of the held line that it is.
    pub(super) fn held(&self) -> Option<u32> {
        self.id.strip_prefix(LINE)?.parse().ok()
    }
}

impl FilledGoal {
    /// The rows between the heads and the sum that say something. 评分标准 says nothing in the row of a held line.
    pub(super) fn filled(&self) -> impl Iterator<Item = u32> {
        let says = move |(row, cells): (&u32, &Vec<String>)| {
            let mut said = cells.iter().take(HEADS.len()).enumerate().filter(|(_, cell)| !cell.trim().is_empty());
            said.any(|(at, _)| at != STANDARD || self.id(*row).is_empty()).then_some(*row)
        };
        self.cells.rows.range(self.head + 1..self.end).filter_map(says)
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let row = |row: u32| {
            let mut cells: [String; 11] = std::array::from_fn(|at| self.cell(row, at));
            let standard = std::mem::take(&mut cells[STANDARD]);
            let method = method_word(&cells[METHOD]).to_owned();
            cells[METHOD] = method;
            cells[WEIGHT] = weighed(&cells[WEIGHT]);
            Row { at: row, id: self.id(row).to_owned(), cells, standard }
        };
        self.filled().map(row).collect()
    }

    pub(super) fn cell(&self, row: u32, at: usize) -> String {
        plain(self.cells.get(row, u32::try_from(at).unwrap_or(u32::MAX)))
    }
}
