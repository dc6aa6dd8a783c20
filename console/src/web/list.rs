//! Lists: the same filter, sorting, paging, choice of columns and export for every one of them. A page says which
//! columns there are and brings the rows that were asked for; the database filters, sorts and cuts the page.

mod asked;
mod order;
mod pages;
mod search;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tongpin_domain::csv_file::CsvFile;
use tongpin_domain::lang::Lang;

pub use asked::Asked;
pub use order::{sort, way};
pub use pages::{PAGE, pages};
pub use search::{Ask, Filter, search};

use crate::page::is_code;
use crate::processor::beside;
use crate::workbook::{self, Heading, TableSheet};
use tongpin_domain::thousands::marked;

/// What a workbook is sent as.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What a file of comma-separated values is sent as.
pub const CSV: &str = "text/csv; charset=utf-8";

/// Rows in an export at most: what a spreadsheet opens on an old machine.
pub const EXPORTED: u64 = 100_000;

/// A column of a list that the program knows.
pub type Column = ListColumn<'static>;

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub struct ListColumn<'a> {
    /// What the address calls it.
    pub key: &'a str,
    /// Its head in Chinese.
    pub zh: &'a str,
    /// Its head in English.
    pub en: &'a str,
    /// Whether digits stand below digits.
    pub number: bool,
    /// Whether it can be sorted by.
    pub sorts: bool,
    /// Whether it is shown unless the reader chose otherwise. The first column always is.
    pub shown: bool,
}

impl<'a> ListColumn<'a> {
    /// A column of texts that is shown and can be sorted by.
    #[must_use]
    pub const fn new(key: &'a str, zh: &'a str, en: &'a str) -> Self {
        Self { key, zh, en, number: false, sorts: true, shown: true }
    }
}

/// A cell: what is exported, and what is shown if that is more than text.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// What the page shows in its place.
    pub markup: Option<Markup>,
}

impl Cell {
    /// A cell that shows something else than the text it exports.
    #[must_use]
    pub fn drawn(text: impl Into<String>, markup: Markup) -> Self {
        Self { text: text.into(), markup: Some(markup) }
    }

    /// A cell of an amount or a count, which is a plain number in a file and has its thousands marked on the page.
    /// Codes and years are none.
    #[must_use]
    pub fn amount(text: impl Into<String>) -> Self {
        let text = text.into();
        let shown = marked(&text);
        let markup = (shown != text).then(|| html! { (shown) });
        Self { text, markup }
    }

    /// A cell that leads somewhere.
    #[must_use]
    pub fn link(text: impl Into<String>, address: &str) -> Self {
        let text = text.into();
        let markup = html! { a href=(address) { (text) } };
        Self { text, markup: Some(markup) }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), markup: None }
    }
}

/// The rows of a list that were asked for.
pub struct Listing<'a> {
    /// What it lists; an exported file is named after it.
    pub title: &'a str,
    /// All columns.
    pub columns: &'a [ListColumn<'a>],
    /// The rows, each with a cell for every column.
    pub rows: &'a [Vec<Cell>],
    /// How many rows there are on all pages.
    pub total: u64,
    /// What is said in place of rows when there are none, and what to do then.
    pub empty: &'a str,
}

impl Listing<'_> {
    /// The table with its sorting, paging, choice of columns and export.
    #[must_use]
    pub fn draw(&self, asked: &Asked, lang: Lang) -> Markup {
        if self.total == 0 {
            return html! { p.empty { (self.empty) } };
        }
        let columns = asked.columns(self.columns);
        html! {
            div.wide.frozen { table {
                thead { tr { @for (place, (_, column)) in columns.iter().enumerate() {
                    (self.head(column, place > 0 && column.number, asked, lang))
                } } }
                tbody { @for row in self.rows { tr {
                    @for (place, (at, column)) in columns.iter().enumerate() {
                        @let cell = row.get(*at).cloned().unwrap_or_default();
                        @let class = if column.number { Some("number") } else { is_code(&cell.text).then_some("code") };
                        @let shown = cell.markup.unwrap_or_else(|| html! { (cell.text) });
                        @if place == 0 { th scope="row" { (shown) } }
                        @else { td class=[class] { (shown) } }
                    }
                } } }
            } }
            (pages(asked, self.total, lang))
            div.row.noprint {
                (self.choice(asked, lang))
                a href=(asked.with("format", "xlsx")) { (lang.pick("导出清单（Excel）", "Export the list to Excel")) }
                a href=(asked.with("format", "csv")) { (lang.pick("导出清单（CSV）", "Export the list as CSV")) }
            }
        }
    }

    /// A column's head; `number` if it stands above digits. The first column names its rows, whatever it holds.
    fn head(&self, column: &ListColumn<'_>, number: bool, asked: &Asked, lang: Lang) -> Markup {
        let name = lang.pick(column.zh, column.en);
        let now = asked.sort(self.columns).filter(|(key, _)| *key == column.key).map(|(_, backwards)| backwards);
        let next = if now == Some(false) { format!("-{}", column.key) } else { column.key.to_owned() };
        let way = now.map(way);
        html! {
            th scope="col" class=[number.then_some("number")] aria-sort=[way.map(|(word, _)| word)] {
                @if column.sorts { a href=(asked.with("sort", &next)) { (name) (way.map_or("", |(_, arrow)| arrow)) } }
                @else { (name) }
            }
        }
    }

    fn choice(&self, asked: &Asked, lang: Lang) -> Markup {
        let shown: Vec<usize> = asked.columns(self.columns).into_iter().map(|(at, _)| at).collect();
        html! {
            details {
                summary { (lang.pick("选择显示的列", "Choose columns")) }
                form.search method="get" action=[asked.action()] {
                    (asked.hidden(&["column"]))
                    @for (at, column) in self.columns.iter().enumerate().skip(1) {
                        label {
                            input type="checkbox" name="column" value=(column.key) checked[shown.contains(&at)];
                            " " (lang.pick(column.zh, column.en))
                        }
                    }
                    button { (lang.pick("应用", "Apply")) }
                }
            }
        }
    }

    /// The file that was asked for, with the columns shown; `None` if a page was.
    #[must_use]
    pub fn exported(&self, asked: &Asked, lang: Lang) -> Option<Response> {
        let columns = asked.columns(self.columns);
        let workbook = asked.format()? == "xlsx";
        Some(beside(|| if workbook { self.xlsx(&columns, lang) } else { self.csv(&columns, lang) }))
    }

    fn xlsx(&self, columns: &[(usize, &ListColumn<'_>)], lang: Lang) -> Response {
        let headings: Vec<Heading<'_>> = columns
            .iter()
            .map(|(_, column)| Heading { name: lang.pick(column.zh, column.en), number: column.number })
            .collect();
        let cell = |row: &[Cell], at: usize| row.get(at).map_or_else(String::new, |cell| cell.text.clone());
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| columns.iter().map(|(at, _)| cell(row, *at)).collect()).collect();
        let table = TableSheet { title: self.title, columns: &headings, rows: &rows, open: false };
        match workbook::write_table(&table) {
            Ok(bytes) => attachment(bytes, XLSX, &self.file("xlsx", lang)),
            Err(error) => {
                tracing::error!(reason = ?error, "a list could not be exported");
                axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    fn csv(&self, columns: &[(usize, &ListColumn<'_>)], lang: Lang) -> Response {
        let mut file = CsvFile::new(columns.iter().map(|(_, column)| lang.pick(column.zh, column.en)));
        for row in self.rows {
            file.row(columns.iter().map(|(at, _)| row.get(*at).map_or("", |cell| cell.text.as_str())));
        }
        attachment(file.into_marked(), CSV, &self.file("csv", lang))
    }

    /// What a file of it is called: a list as it was asked for, which is not what an import takes back.
    fn file(&self, ending: &str, lang: Lang) -> String {
        let (title, total) = (self.title, self.total);
        lang.pick(&format!("{title}清单_{total}条.{ending}"), &format!("{title} list_{total}.{ending}")).to_owned()
    }
}

/// A file for the reader to keep.
#[must_use]
pub fn attachment(bytes: Vec<u8>, kind: &str, name: &str) -> Response {
    let name: String = name.bytes().map(escaped).collect();
    let name = format!("attachment; filename*=UTF-8''{name}");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, bytes).into_response()
}

fn escaped(byte: u8) -> String {
    let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { key: "code", zh: "代码", en: "code", number: false, sorts: true, shown: true },
        Column { key: "name", zh: "名称", en: "name", number: false, sorts: false, shown: true },
        Column { key: "sum", zh: "金额", en: "sum", number: true, sorts: true, shown: false },
    ];

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        Asked::of(pairs)
    }

    /// Only what can be sorted by is; another order begins on the first page and keeps the filters.
    #[test]
    fn sorting_and_paging() {
        assert_eq!(asked(&[("sort", "-sum")]).sort(&COLUMNS), Some(("sum", true)));
        assert_eq!(asked(&[("sort", "name")]).sort(&COLUMNS), None);
        let asked = asked(&[("text", "学位"), ("page", "3"), ("sort", "code")]);
        assert_eq!((asked.page(), asked.window()), (2, (100, 50)));
        assert_eq!(asked.with("sort", "-code"), "?text=%E5%AD%A6%E4%BD%8D&sort=-code");
        assert_eq!(asked.with("page", "4"), "?text=%E5%AD%A6%E4%BD%8D&sort=code&page=4");
    }

    /// The first column is always there, the others as they are chosen; a file holds what is shown.
    #[tokio::test]
    async fn columns_and_export() {
        let keys = |asked: &Asked| asked.columns(&COLUMNS).iter().map(|(_, it)| it.key).collect::<Vec<_>>();
        assert_eq!(keys(&asked(&[])), ["code", "name"]);
        let chosen = asked(&[("column", "sum"), ("format", "csv")]);
        assert_eq!(keys(&chosen), ["code", "sum"]);
        let rows = [vec![Cell::link("=A1", "/x"), "2024".into(), Cell::amount("-1500.50")]];
        let listing = Listing { title: "表", columns: &COLUMNS, rows: &rows, total: 1, empty: "" };
        assert!(listing.exported(&asked(&[]), Lang::Zh).is_none());
        let response = listing.exported(&chosen, Lang::Zh).expect("a file");
        let bytes = axum::body::to_bytes(response.into_body(), 1000).await.expect("its bytes");
        assert_eq!(String::from_utf8_lossy(&bytes), "\u{feff}代码,金额\n'=A1,-1500.50\n");
        // On the page an amount has its thousands marked, and a year has not.
        let drawn = listing.draw(&asked(&[("column", "name"), ("column", "sum")]), Lang::Zh).into_string();
        assert!(drawn.contains(">-1,500.50</td>") && drawn.contains(">2024</td>"), "{drawn}");
    }

    /// The workbook holds the same columns: what looks like a formula stays a text, an amount keeps its decimals, and
    /// what is not known stays a dash.
    #[tokio::test]
    async fn workbook_export() {
        let rows = [vec!["=A1".into(), "名".into(), "-1.50".into()], vec!["B2".into(), "".into(), "—".into()]];
        let listing = Listing { title: "表[1]", columns: &COLUMNS, rows: &rows, total: 2, empty: "" };
        let asked = asked(&[("column", "sum"), ("format", "xlsx")]);
        let response = listing.exported(&asked, Lang::Zh).expect("a file");
        assert_eq!(response.headers()[header::CONTENT_TYPE], XLSX);
        let bytes = axum::body::to_bytes(response.into_body(), 100_000).await.expect("its bytes");
        let table = workbook::read("表.xlsx", &bytes, &["代码"]).expect("a table");
        assert_eq!(table.header, ["代码", "金额"]);
        let cells: Vec<&[String]> = table.rows.iter().map(|row| row.cells.as_slice()).collect();
        assert_eq!(cells, [["=A1", "-1.50"], ["B2", "—"]]);
    }
}
