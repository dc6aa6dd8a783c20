//! Lists of some hundreds of rows that no table holds as they are shown, because catalogs are JSON of any form: they
//! are searched and sorted here.

use tongpin_console::web::list::{self, Asked, Cell, Column};
use tongpin_domain::search::Texts;

/// The rows that hold every word, those first that hold it in the column `name`, or in the order that was asked for;
/// and those of the page that was asked for.
pub(super) fn chosen(mut rows: Vec<Vec<Cell>>, asked: &Asked, columns: &[Column], name: &str) -> (Vec<Vec<Cell>>, u64) {
    let place = |key: &str| columns.iter().position(|column| column.key == key);
    let words = asked.text("q");
    if !words.is_empty() {
        let text = |cell: Option<&Cell>| cell.map(|cell| cell.text.clone()).unwrap_or_default();
        let names: Vec<String> = rows.iter().map(|row| text(place(name).and_then(|at| row.get(at)))).collect();
        let rest = rows.iter().map(|row| row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("\n"));
        let texts = Texts::new(names.iter().map(String::as_str).zip(rest));
        let mut left: Vec<Option<Vec<Cell>>> = rows.into_iter().map(Some).collect();
        rows = texts.find(words).into_iter().filter_map(|at| left.get_mut(at)?.take()).collect();
    }
    if let Some((key, backwards)) = asked.sort(columns)
        && let Some(at) = place(key)
    {
        let number = columns.get(at).is_some_and(|column| column.number);
        list::sort(&mut rows, number, backwards, |row| row.get(at).map(|cell| cell.text.clone()).unwrap_or_default());
    }
    let total = rows.len().try_into().unwrap_or(u64::MAX);
    (cut(rows, asked), total)
}

/// The rows of the page that was asked for; behind the last page, those of none.
pub(super) fn cut<T>(rows: Vec<T>, asked: &Asked) -> Vec<T> {
    let (first, most) = asked.window();
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    rows.into_iter().skip(place(first)).take(place(most)).collect()
}
