//! Rows of lists that are computed and not read page by page: found by words, sorted by a column, cut to a page.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use tongpin_console::web::list::{Asked, Cell, Column};
use tongpin_domain::search::Texts;

/// The rows that were asked for, and how many there are on all pages.
pub(super) fn chosen(rows: Vec<Vec<Cell>>, columns: &[Column], asked: &Asked) -> (Vec<Vec<Cell>>, u64) {
    let rest = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("\n");
    let texts = Texts::new(rows.iter().map(|row| ("", rest(row))));
    let mut found: Vec<Vec<Cell>> = match asked.text("q") {
        "" => rows,
        words => {
            let mut places = texts.find(words);
            places.sort_unstable();
            places.into_iter().filter_map(|place| rows.get(place).cloned()).collect()
        }
    };
    if let Some((key, backwards)) = asked.sort(columns)
        && let Some(at) = columns.iter().position(|column| column.key == key)
    {
        let number = columns.get(at).is_some_and(|column| column.number);
        found.sort_by(|left, right| compare(left.get(at), right.get(at), number, backwards));
    }
    let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let (first, count) = asked.window();
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    (found.into_iter().skip(place(first)).take(place(count)).collect(), total)
}

/// Numbers by their value; a missing one comes last, whichever way the others go.
fn compare(left: Option<&Cell>, right: Option<&Cell>, number: bool, backwards: bool) -> Ordering {
    let turned = |order: Ordering| if backwards { order.reverse() } else { order };
    let text = |cell: Option<&Cell>| cell.map_or("", |cell| cell.text.as_str()).to_owned();
    if !number {
        return turned(text(left).cmp(&text(right)));
    }
    let value = |cell| text(cell).replace([',', '+', '%'], "").parse::<Decimal>().ok();
    match (value(left), value(right)) {
        (Some(left), Some(right)) => turned(left.cmp(&right)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => text(left).cmp(&text(right)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 9 is less than 80 and a missing score is last both ways; what is text is sorted as text.
    #[test]
    fn numbers_by_value() {
        let cell = |text: &str| Cell::from(text);
        let sorted = |number: bool, backwards: bool| {
            let mut cells = ["80.00", "—", "9.50", "-1"].map(cell);
            cells.sort_by(|left, right| compare(Some(left), Some(right), number, backwards));
            cells.map(|cell| cell.text)
        };
        assert_eq!(sorted(true, false), ["-1", "9.50", "80.00", "—"]);
        assert_eq!(sorted(true, true), ["80.00", "9.50", "-1", "—"]);
        assert_eq!(sorted(false, false), ["-1", "80.00", "9.50", "—"]);
    }
}
