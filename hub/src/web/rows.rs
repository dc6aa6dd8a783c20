//! Rows of lists that are computed and not read page by page: found by words, sorted by a column, cut to a page.

use tongpin_console::web::list::{self, Asked, Cell, ListColumn};
use tongpin_domain::search::Texts;

/// The rows that were asked for, and how many there are on all pages.
pub(super) fn chosen(rows: Vec<Vec<Cell>>, columns: &[ListColumn<'_>], asked: &Asked) -> (Vec<Vec<Cell>>, u64) {
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
        list::sort(&mut found, number, backwards, |row| row.get(at).map(|cell| cell.text.clone()).unwrap_or_default());
    }
    let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let (first, count) = asked.window();
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    (found.into_iter().skip(place(first)).take(place(count)).collect(), total)
}
