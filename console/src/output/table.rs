//! Tables as text: columns line up on a terminal where a Chinese character is two columns wide.

use unicode_width::UnicodeWidthStr;

/// The gap between two columns.
const GAP: &str = "  ";

/// The table as text, each line ended. A column whose filled cells are all numbers is set to the right. A row may be
/// shorter than the headers; cells beyond the headers are left out.
#[must_use]
pub fn text(headers: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = headers.iter().map(|cell| one_line(cell)).collect();
    let body: Vec<Vec<String>> = rows
        .iter()
        .map(|row| (0..headers.len()).map(|at| row.get(at).map(|cell| one_line(cell)).unwrap_or_default()).collect())
        .collect();
    let columns: Vec<Column> = head
        .iter()
        .enumerate()
        .map(|(at, header)| Column::of(header, body.iter().filter_map(|row| row.get(at))))
        .collect();
    let rule: Vec<String> = columns.iter().map(|column| "-".repeat(column.width)).collect();
    let mut out = String::new();
    for line in [&head, &rule].into_iter().chain(&body) {
        out.push_str(&set(line, &columns));
        out.push('\n');
    }
    out
}

/// How one column is set.
struct Column {
    width: usize,
    numeric: bool,
}

impl Column {
    fn of<'a>(header: &str, cells: impl Iterator<Item = &'a String>) -> Self {
        let mut width = header.width();
        let mut filled = false;
        let mut numeric = true;
        for cell in cells {
            width = width.max(cell.width());
            if !cell.is_empty() {
                filled = true;
                numeric = numeric && is_number(cell);
            }
        }
        Self { width, numeric: filled && numeric }
    }
}

/// One line of the table, without blanks at its end.
fn set(cells: &[String], columns: &[Column]) -> String {
    let mut line = String::new();
    for (at, (cell, column)) in cells.iter().zip(columns).enumerate() {
        if at > 0 {
            line.push_str(GAP);
        }
        let blanks = " ".repeat(column.width.saturating_sub(cell.width()));
        if column.numeric {
            line.push_str(&blanks);
            line.push_str(cell);
        } else {
            line.push_str(cell);
            line.push_str(&blanks);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Amounts, counts, shares and the dash that stands for none.
fn is_number(cell: &str) -> bool {
    matches!(cell, "-" | "—")
        || (cell.chars().any(|c| c.is_ascii_digit())
            && cell.strip_prefix(['-', '+']).unwrap_or(cell).chars().all(|c| c.is_ascii_digit() || ".,%/".contains(c)))
}

/// A cell on one line: what others wrote must neither break the table nor command the terminal.
fn one_line(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// A text as it may go to a terminal: its line breaks and tabs stay, other control characters become visible.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    /// Shows that Chinese cells count two columns each, that numbers stand right and that text stands left.
    #[test]
    fn columns_line_up_with_chinese() {
        // 张家港市 is 4 characters, 8 columns; 昆山 is 2 and 4, so 4 blanks make it equal. 得分 is 4 columns wide,
        // 92.35 five, so the header gets 1 blank before it and 7.5 two.
        let shown = text(&["地区", "得分", "备注"], &[row(&["张家港市", "92.35", "优"]), row(&["昆山", "7.5"])]);
        let expected = "地区       得分  备注\n--------  -----  ----\n张家港市  92.35  优\n昆山        7.5\n";
        assert_eq!(shown, expected);
    }

    /// Shows that every line of a table of mixed widths ends its first column in the same terminal column.
    #[test]
    fn widths_are_terminal_columns() {
        let shown = text(&["名称", "x"], &[row(&["A", "y"]), row(&["苏州工业园区", "y"]), row(&["ab中", "y"])]);
        let starts: Vec<usize> = shown
            .lines()
            .map(|line| line.rfind(['x', 'y', '-']).map(|at| line[..at].width()).expect("a second column"))
            .collect();
        // 苏州工业园区 is 6 characters, 12 columns, and the gap is 2.
        assert_eq!(starts, [14, 14, 14, 14, 14]);
    }

    /// Shows that a cell cannot break the line, move the cursor or colour the terminal.
    #[test]
    fn control_characters_do_nothing() {
        let shown = text(&["名称"], &[row(&["一\n二\u{1b}[31m"])]);
        assert_eq!(shown.lines().count(), 3);
        assert!(!shown.contains('\u{1b}'));
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a\u{FFFD}[2Jb\nc");
    }

    /// Shows that codes with letters, and ranges, stay on the left while amounts, shares and coverage go right.
    #[test]
    fn numbers_are_told_from_codes() {
        for number in ["0", "-12.50", "1,234,567.00", "90%", "10/10", "—"] {
            assert!(is_number(number), "{number}");
        }
        for text in ["", "JY001", "优", "2024-03", "1.2.3.4:80", "."] {
            assert!(!is_number(text), "{text}");
        }
    }
}
