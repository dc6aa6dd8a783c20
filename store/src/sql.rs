//! One statement: its words, its arguments, and its rows read strictly. Both databases take the same text.

use std::fmt::Write as _;

use futures_util::TryStreamExt as _;
use sqlx::any::{AnyArguments, AnyRow, AnyValueRef};
use sqlx::{AnyConnection, AssertSqlSafe, ColumnIndex, Decode, Row as _, Type, ValueRef as _};
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::db::Kind;
use crate::error::StoreError;

/// Rows in one multi-row statement: fast on both databases, and far below their limits on variables
/// (32,766 on SQLite, 65,535 on PostgreSQL) for the widest table.
const CHUNK: usize = 500;

/// Cuts rows into pieces of [`CHUNK`] and of few smaller sizes, as banknotes make up a sum: a statement of many rows
/// takes longer to prepare than to run, and of so few shapes each is prepared once.
pub(crate) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = [CHUNK, 200, 100, 50, 20, 10, 5, 2, 1].into_iter().find(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at_checked(size)?;
        rows = rest;
        Some(piece)
    })
}

/// Runs a statement for each of the [`pieces`] of many rows, in their order. The next one is put together while the
/// database works on the one before.
pub(crate) async fn run_pieces<T>(
    connection: &mut AnyConnection,
    rows: &[T],
    statement: impl Fn(&[T]) -> Result<Statement, StoreError>,
) -> Result<(), StoreError> {
    let mut pieces = pieces(rows);
    let mut following = || pieces.next().map(&statement).transpose();
    let mut next = following()?;
    while let Some(statement) = next {
        let (done, then) = tokio::join!(biased; statement.run(connection), async { following() });
        done?;
        next = then?;
    }
    Ok(())
}

/// A statement being put together.
pub(crate) struct Statement {
    table: &'static str,
    doing: &'static str,
    text: std::borrow::Cow<'static, str>,
    arguments: AnyArguments,
    kept: bool,
}

/// Starts a statement about a table; `doing` is what an error says was being done.
pub(crate) fn sql(
    table: &'static str,
    doing: &'static str,
    text: impl Into<std::borrow::Cow<'static, str>>,
) -> Statement {
    Statement { table, doing, text: text.into(), arguments: AnyArguments::default(), kept: true }
}

impl Statement {
    /// Keeps the prepared statement only if it will come again in the same shape.
    pub(crate) fn kept(mut self, kept: bool) -> Self {
        self.kept = kept;
        self
    }

    fn bind<'t, T: sqlx::Encode<'t, sqlx::Any> + Type<sqlx::Any>>(mut self, value: T) -> Self {
        sqlx::Arguments::add(&mut self.arguments, value).expect("text, integers, bytes and nulls always encode");
        self
    }

    pub(crate) fn text(self, value: &str) -> Self {
        self.bind(value)
    }

    /// Any number of texts as one variable: a statement about many rows keeps one shape, and costs one look-up.
    pub(crate) fn list(self, values: &[&str]) -> Self {
        let list = serde_json::Value::from(values).to_string();
        self.bind(list)
    }

    pub(crate) fn shown(self, value: &impl std::fmt::Display) -> Self {
        self.bind(value.to_string())
    }

    pub(crate) fn maybe_text(self, value: Option<&str>) -> Self {
        self.bind(value.map(str::to_owned))
    }

    pub(crate) fn bytes(self, value: &[u8]) -> Self {
        self.bind(value)
    }

    pub(crate) fn maybe_bytes(self, value: Option<&[u8]>) -> Self {
        self.bind(value.map(<[u8]>::to_vec))
    }

    pub(crate) fn digest(self, value: &Digest) -> Self {
        self.bind(&value.0[..])
    }

    pub(crate) fn moment(self, value: Moment) -> Self {
        self.bind(value.0)
    }

    pub(crate) fn maybe_moment(self, value: Option<Moment>) -> Self {
        self.bind(value.map(|moment| moment.0))
    }

    pub(crate) fn maybe_int(self, value: Option<i64>) -> Self {
        self.bind(value)
    }

    /// A yes or no, which is stored as 1 or 0.
    pub(crate) fn flag(self, value: bool) -> Self {
        self.bind(i64::from(value))
    }

    /// A number to compare with: what the database cannot hold is above all that it holds. What is written was
    /// checked by [`fits`] before.
    pub(crate) fn number(self, value: u64) -> Self {
        self.bind(i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn query(self) -> (sqlx::query::Query<'static, sqlx::Any, AnyArguments>, &'static str, &'static str) {
        let query = sqlx::query_with(AssertSqlSafe(self.text.into_owned()), self.arguments).persistent(self.kept);
        (query, self.table, self.doing)
    }

    /// Runs it and returns how many rows it touched.
    pub(crate) async fn run(self, connection: &mut AnyConnection) -> Result<u64, StoreError> {
        let (query, _, doing) = self.query();
        let done = query.execute(connection).await.map_err(|source| StoreError::database(doing, source))?;
        Ok(done.rows_affected())
    }

    /// All rows.
    pub(crate) async fn all(self, connection: &mut AnyConnection) -> Result<Vec<Line>, StoreError> {
        let (query, table, doing) = self.query();
        let rows = query.fetch_all(connection).await.map_err(|source| StoreError::database(doing, source))?;
        Ok(rows.into_iter().map(|row| Line { table, row }).collect())
    }

    /// All rows, each read by `read`.
    pub(crate) async fn read<T>(
        self,
        connection: &mut AnyConnection,
        read: impl Fn(&Line) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.all(connection).await?.iter().map(read).collect()
    }

    /// Hands over each row as it comes, for more of them than memory should hold.
    pub(crate) async fn each(
        self,
        connection: &mut AnyConnection,
        mut each: impl FnMut(&Line) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (query, table, doing) = self.query();
        let mut rows = query.fetch(connection);
        while let Some(row) = rows.try_next().await.map_err(|source| StoreError::database(doing, source))? {
            each(&Line { table, row })?;
        }
        Ok(())
    }

    /// The first row, if there is one.
    pub(crate) async fn first(self, connection: &mut AnyConnection) -> Result<Option<Line>, StoreError> {
        let (query, table, doing) = self.query();
        let row = query.fetch_optional(connection).await.map_err(|source| StoreError::database(doing, source))?;
        Ok(row.map(|row| Line { table, row }))
    }
}

/// One row, read column by column; whatever does not fit says where it stands.
pub(crate) struct Line {
    table: &'static str,
    row: AnyRow,
}

impl Line {
    /// The error that names this row: by its first columns, which in every table here are its key.
    pub(crate) fn wrong(&self, column: &'static str, problem: impl std::fmt::Display) -> StoreError {
        let mut name = String::new();
        for index in 0..self.row.len().min(4) {
            let Ok(value) = self.row.try_get_raw(index) else { break };
            let shown = match <String as Decode<sqlx::Any>>::decode(value.clone()) {
                Ok(text) => text.chars().take(40).collect(),
                Err(_) => <i64 as Decode<sqlx::Any>>::decode(value).map_or_else(|_| "…".to_owned(), |n| n.to_string()),
            };
            let _ = write!(name, "{}{shown}", if index == 0 { "" } else { "/" });
        }
        StoreError::Inconsistent { table: self.table, column, row: name, problem: problem.to_string() }
    }

    fn value<'r, T: Decode<'r, sqlx::Any>>(&'r self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.found(column, column)
    }

    /// A text by its place, for columns that are named at run time.
    pub(crate) fn text_at(&self, at: usize) -> Result<Option<String>, StoreError> {
        self.found(at, "of a field")
    }

    /// The same of a whole number.
    pub(crate) fn int_at(&self, at: usize) -> Result<Option<i64>, StoreError> {
        self.found(at, "of a field")
    }

    fn found<'r, T: Decode<'r, sqlx::Any>>(
        &'r self,
        at: impl ColumnIndex<AnyRow>,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let value: AnyValueRef<'r> = self.row.try_get_raw(at).map_err(|error| self.wrong(column, error))?;
        if value.is_null() {
            return Ok(None);
        }
        T::decode(value).map(Some).map_err(|error| self.wrong(column, error))
    }

    fn present<T>(&self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.wrong(column, "empty"))
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.present(column, self.maybe_text(column)?)
    }

    pub(crate) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.value(column)
    }

    pub(crate) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.present(column, self.maybe_bytes(column)?)
    }

    pub(crate) fn maybe_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(column)
    }

    pub(crate) fn maybe_int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.value(column)
    }

    pub(crate) fn moment(&self, column: &'static str) -> Result<Moment, StoreError> {
        self.present(column, self.maybe_moment(column)?)
    }

    pub(crate) fn maybe_moment(&self, column: &'static str) -> Result<Option<Moment>, StoreError> {
        Ok(self.maybe_int(column)?.map(Moment))
    }

    pub(crate) fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        self.present(column, self.maybe_number(column)?)
    }

    pub(crate) fn maybe_number(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        let number = self.maybe_int(column)?;
        number.map(|number| u64::try_from(number).map_err(|_| self.wrong(column, "negative"))).transpose()
    }

    pub(crate) fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        match self.number(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.wrong(column, format_args!("neither 0 nor 1 but {other}"))),
        }
    }

    pub(crate) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        self.present(column, self.maybe_digest(column)?)
    }

    pub(crate) fn maybe_digest(&self, column: &'static str) -> Result<Option<Digest>, StoreError> {
        let bytes = self.maybe_bytes(column)?;
        bytes.map(|bytes| Digest::from_bytes(&bytes).ok_or_else(|| self.wrong(column, "not 32 bytes"))).transpose()
    }

    pub(crate) fn region(&self, column: &'static str) -> Result<RegionCode, StoreError> {
        RegionCode::new(&self.text(column)?).map_err(|error| self.wrong(column, error))
    }

    /// A text that stands for one of a few words.
    pub(crate) fn word<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let text = self.text(column)?;
        read(&text).ok_or_else(|| self.wrong(column, format_args!("unknown word {text:?}")))
    }

    /// A text that holds JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| self.wrong(column, error))
    }
}

/// PostgreSQL knows no text with this character, and much of what is kept was typed by strangers.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A pattern for LIKE that finds a text anywhere, each of its characters standing for itself.
pub(crate) fn anywhere(text: &str) -> String {
    let text = storable(text).to_ascii_lowercase();
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// Refuses a number that a 64-bit signed column cannot hold.
pub(crate) fn fits(what: &'static str, number: u64) -> Result<u64, StoreError> {
    i64::try_from(number).map(|_| number).map_err(|_| StoreError::TooLarge { what, number })
}

/// `($1,$2),($3,$4)…` for so many rows and columns, in order.
///
/// SQLite gets them without numbers, `(?,?),(?,?)…`: the driver asks it for the name of each variable, and with names
/// that takes time by the square of their number, more than all the rest.
pub(crate) fn tuples(kind: Kind, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            text.push_str(if column == 0 { "" } else { "," });
            match kind {
                Kind::Sqlite => text.push('?'),
                Kind::Postgres => drop(write!(text, "${}", row * columns + column + 1)),
            }
        }
        text.push(')');
    }
    text
}

/// The source of an `INSERT` of so many rows that agree in their last columns: what is the same in all of them is bound
/// once, because a variable costs more than the row it belongs to. First come the `own` columns row by row, then the
/// `shared` ones.
pub(crate) fn rows_alike(kind: Kind, rows: usize, own: usize, shared: usize) -> String {
    let columns = |table: &str, count: usize| {
        (1..=count).map(|column| format!("{table}.column{column}")).collect::<Vec<_>>().join(", ")
    };
    let once = match kind {
        Kind::Sqlite => vec!["?"; shared].join(","),
        Kind::Postgres => variables(rows * own + 1, shared),
    };
    let (v, c) = (columns("v", own), columns("c", shared));
    format!("SELECT {v}, {c} FROM (VALUES {}) AS v, (VALUES ({once})) AS c WHERE true", tuples(kind, rows, own))
}

/// The items of the list that variable `number` holds (see [`Statement::list`]), to stand behind `IN`.
pub(crate) fn listed(kind: Kind, number: usize) -> String {
    match kind {
        Kind::Sqlite => format!("(SELECT value FROM json_each(${number}))"),
        Kind::Postgres => format!("(SELECT json_array_elements_text(CAST(${number} AS json)))"),
    }
}

/// `$3,$4,$5` for so many variables from a given one on.
pub(crate) fn variables(first: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 6);
    for index in 0..count {
        let _ = write!(text, "{}${}", if index == 0 { "" } else { "," }, first + index);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables are numbered row by row, as both databases count them.
    #[test]
    fn variables_are_numbered() {
        assert_eq!(tuples(Kind::Postgres, 2, 3), "($1,$2,$3),($4,$5,$6)");
        assert_eq!(tuples(Kind::Sqlite, 2, 3), "(?,?,?),(?,?,?)");
        assert_eq!(
            rows_alike(Kind::Postgres, 2, 1, 2),
            "SELECT v.column1, c.column1, c.column2 FROM (VALUES ($1),($2)) AS v, (VALUES ($3,$4)) AS c WHERE true"
        );
        assert_eq!(
            rows_alike(Kind::Sqlite, 1, 2, 1),
            "SELECT v.column1, v.column2, c.column1 FROM (VALUES (?,?)) AS v, (VALUES (?)) AS c WHERE true"
        );
        assert_eq!(variables(3, 2), "$3,$4");
        assert_eq!(variables(3, 0), "");
    }

    /// All rows in their order, in as few pieces as the sizes allow.
    #[test]
    fn pieces_are_of_few_sizes() {
        let sizes = |count: usize| pieces(&vec![(); count]).map(<[()]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(0), [0; 0]);
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(1_387), [500, 500, 200, 100, 50, 20, 10, 5, 2]);
        assert_eq!(pieces(&[1, 2, 3]).flatten().copied().collect::<Vec<_>>(), [1, 2, 3]);
    }
}
