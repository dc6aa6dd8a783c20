//! 按月填报 as lists show it: which projects were reported for a month, beside their records, so that the database
//! filters, sorts and cuts the page.
//!
//! A row is written in the transaction that writes the record, for every observation that can be read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tongpin_domain::moment::Moment;
use tongpin_domain::money::Fen;
use tongpin_domain::month::Month;
use tongpin_domain::observation::Observation;
use tongpin_domain::region::RegionCode;
use tongpin_domain::search::prepared;

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::project::FIRST_AUTHOR;
use crate::record::{COLUMNS, Record, record};
use crate::sql::{Line, Statement, anywhere, listed, run_pieces, sql, tuples};

const OBSERVATION: &str = "observation";
/// The projects of one author and year, each beside what was reported of it for one month.
const OF_MONTH: &str = "FROM project AS p LEFT JOIN observation AS m ON m.author = p.author AND m.code = p.code \
    AND m.month = $3 WHERE p.author = $1 AND p.fiscal_year = $2";

/// The projects of one author and year.
const OF_YEAR: &str = "FROM project AS p WHERE p.author = $1 AND p.fiscal_year = $2";

/// Which projects of a month are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFilter {
    /// Whose projects.
    pub author: RegionCode,
    /// The month; its year is that of the projects.
    pub month: Month,
    /// Words that must all occur in code, name, fund, department or unit.
    pub text: String,
    /// Only those that were reported for the month, or only those that were not.
    pub reported: Option<bool>,
}

/// One project in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRow {
    /// 项目代码
    pub code: String,
    /// 项目名称
    pub name: String,
    /// 全年预算数, if it can be read.
    pub adjusted: Option<Fen>,
    /// 全年执行数, if it can be read.
    pub executed: Option<Fen>,
    /// Whether the month was reported.
    pub reported: bool,
}

/// What the projects of a month are sorted by. What has no value there comes last, whichever way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MonthOrder {
    /// 项目代码
    #[default]
    Code,
    /// 项目名称
    Name,
    /// Whether the month was reported: what was not comes first.
    Reported,
    /// 本月支出
    Spent,
    /// 全年执行数
    Executed,
    /// 全年预算数
    Adjusted,
}

impl MonthOrder {
    fn clause(self, backwards: bool) -> String {
        let way = if backwards { "DESC" } else { "ASC" };
        let value = match self {
            // An index is in this order already, and a page of it costs nothing.
            Self::Code => return format!("ORDER BY p.code {way}"),
            Self::Name => "NULLIF(p.name, '')",
            Self::Reported => "CASE WHEN m.code IS NULL THEN 0 ELSE 1 END",
            Self::Spent => "m.spent_fen",
            Self::Executed => "p.executed_fen",
            Self::Adjusted => "p.adjusted_fen",
        };
        format!("ORDER BY ({value}) IS NULL, {value} {way}, p.code ASC")
    }
}

/// How far the projects of a month's year are reported for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthCount {
    /// Projects of all years where everybody is counted, those of the month's year where one author is.
    pub projects: u64,
    /// Projects of the month's year.
    pub due: u64,
    /// How many of these were reported.
    pub reported: u64,
}

/// Writes what lists show of observations of one author: key and body, which is none if the record was deleted or set
/// aside. What cannot be read, or says that it is another than its key, counts nowhere.
pub(crate) async fn write_observation_rows(
    tx: &mut Tx,
    author: &str,
    records: &[(&str, Option<&str>)],
) -> Result<(), StoreError> {
    let read = |key: &str, body: &str| {
        serde_json::from_str::<Observation>(body).ok().filter(|observation| observation.record_key() == key)
    };
    let (mut kept, mut gone) = (Vec::new(), BTreeMap::<&str, Vec<&str>>::new());
    for (key, body) in records {
        let Some((code, month)) = key.rsplit_once('/') else { continue };
        match body.and_then(|body| read(key, body)) {
            Some(observation) => kept.push((code, month, observation)),
            None => gone.entry(month).or_default().push(code),
        }
    }
    let database = tx.kind();
    let statement = |chunk: &[(&str, &str, Observation)]| {
        let text = format!(
            "INSERT INTO observation (author, code, month, spent_fen, changed_at) VALUES {} \
             ON CONFLICT (author, code, month) DO UPDATE SET spent_fen = excluded.spent_fen, \
             changed_at = excluded.changed_at",
            tuples(database, chunk.len(), 5)
        );
        let row = |statement: Statement, (code, month, observation): &(&str, &str, Observation)| {
            let spent = observation.spent.fen().map(|fen| fen.0);
            statement.text(author).text(code).text(month).maybe_int(spent).moment(observation.changed_at)
        };
        Ok(chunk.iter().fold(sql(OBSERVATION, "listing observations", text), row))
    };
    run_pieces(tx.connection(), &kept, statement).await?;
    let text = format!("DELETE FROM observation WHERE author = $1 AND month = $2 AND code IN {}", listed(database, 3));
    for (month, codes) in gone {
        let statement = sql(OBSERVATION, "listing observations", text.clone()).text(author).text(month).list(&codes);
        statement.run(tx.connection()).await?;
    }
    Ok(())
}

fn row(line: &Line) -> Result<MonthRow, StoreError> {
    Ok(MonthRow {
        code: line.text("code")?,
        name: line.text("name")?,
        adjusted: line.maybe_int("adjusted_fen")?.map(Fen),
        executed: line.maybe_int("executed_fen")?.map(Fen),
        reported: line.maybe_text("reported")?.is_some(),
    })
}

/// The two variables of [`OF_YEAR`].
fn of_year(statement: Statement, author: &RegionCode, year: i32) -> Statement {
    statement.shown(author).maybe_int(Some(i64::from(year)))
}

/// The three variables of [`OF_MONTH`].
fn of_month(statement: Statement, author: &RegionCode, month: Month) -> Statement {
    of_year(statement, author, month.year()).shown(&month)
}

impl MonthFilter {
    /// The conditions beside those of [`OF_MONTH`] or [`OF_YEAR`], and the values of their words, which are the
    /// variables from a given one on.
    fn conditions(&self, first: usize) -> (String, Vec<String>) {
        let words: Vec<String> = prepared(&self.text).split_whitespace().map(anywhere).collect();
        let mut text = format!("AND {FIRST_AUTHOR}");
        for number in first..words.len() + first {
            let _ = write!(text, " AND p.words LIKE ${number} ESCAPE '\\'");
        }
        match self.reported {
            Some(true) => text.push_str(" AND m.code IS NOT NULL"),
            Some(false) => text.push_str(" AND m.code IS NULL"),
            None => {}
        }
        (text, words)
    }
}

impl Store {
    /// The projects asked for, `limit` of them after the first `offset`, and how many there are in all.
    #[boxed]
    pub async fn months_page(
        &self,
        filter: &MonthFilter,
        order: MonthOrder,
        backwards: bool,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<MonthRow>, u64), StoreError> {
        let (conditions, words) = filter.conditions(4);
        let bound = |statement: Statement| {
            let statement = of_month(statement, &filter.author, filter.month);
            words.iter().fold(statement, |statement, word| statement.text(word))
        };
        // Where reports decide, few projects are left: they are counted as they are found and not looked for twice.
        let (beside, counted) = match filter.reported {
            Some(_) => (true, ", COUNT(*) OVER () AS total"),
            None => (false, ""),
        };
        let (by, at) = (order.clause(backwards), words.len() + 4);
        let text = format!(
            "SELECT p.code, p.author, p.name, p.adjusted_fen, p.executed_fen, m.code AS reported{counted} {OF_MONTH} \
             {conditions} {by} LIMIT ${at} OFFSET ${}",
            at + 1
        );
        let query = bound(sql(OBSERVATION, "reading a month", text)).number(limit).number(offset);
        let read = |line: &Line| Ok((row(line)?, if beside { line.number("total")? } else { 0 }));
        let mut reader = self.reader().await?;
        let (rows, totals): (Vec<MonthRow>, Vec<u64>) = query.read(&mut reader, read).await?.into_iter().unzip();
        if let Some(total) = totals.first().copied().filter(|_| beside) {
            return Ok((rows, total));
        }
        let count = if beside {
            // A page behind the last one tells nothing of those before it.
            bound(sql(OBSERVATION, "counting a month", format!("SELECT COUNT(*) AS count {OF_MONTH} {conditions}")))
        } else {
            // The reports do not matter to the number, and are not looked at.
            let conditions = filter.conditions(3).0;
            let text = format!("SELECT COUNT(*) AS count {OF_YEAR} {conditions}");
            let statement = of_year(sql(OBSERVATION, "counting a year", text), &filter.author, filter.month.year());
            words.iter().fold(statement, |statement, word| statement.text(word))
        };
        let line = count.first(&mut reader).await?;
        Ok((rows, line.map_or(Ok(0), |line| line.number("count"))?))
    }

    /// How far one author has come with a month; projects of other years are not counted here.
    #[boxed]
    pub async fn month_count(&self, author: &RegionCode, month: Month) -> Result<MonthCount, StoreError> {
        let text = format!("SELECT COUNT(*) AS due, COUNT(m.code) AS reported {OF_MONTH} AND {FIRST_AUTHOR}");
        let query = of_month(sql(OBSERVATION, "counting a month", text), author, month);
        let Some(line) = query.first(&mut *self.reader().await?).await? else { return Ok(MonthCount::default()) };
        let due = line.number("due")?;
        Ok(MonthCount { projects: due, due, reported: line.number("reported")? })
    }

    /// How many projects one author has in a year.
    #[boxed]
    pub async fn projects_due(&self, author: &RegionCode, year: i32) -> Result<u64, StoreError> {
        let text = format!("SELECT COUNT(*) AS due {OF_YEAR} AND {FIRST_AUTHOR}");
        let query = of_year(sql(OBSERVATION, "counting a year", text), author, year);
        query.first(&mut *self.reader().await?).await?.map_or(Ok(0), |line| line.number("due"))
    }

    /// How far everybody but one author has come with a month.
    #[boxed]
    pub async fn month_counts(
        &self,
        month: Month,
        except: &RegionCode,
    ) -> Result<BTreeMap<RegionCode, MonthCount>, StoreError> {
        let text = format!(
            "SELECT p.author, COUNT(*) AS projects, COUNT(CASE WHEN p.fiscal_year = $2 THEN 1 END) AS due, \
             COUNT(m.code) AS reported FROM project AS p LEFT JOIN observation AS m ON m.author = p.author \
             AND m.code = p.code AND m.month = $3 AND p.fiscal_year = $2 WHERE p.author <> $1 AND {FIRST_AUTHOR} \
             GROUP BY p.author"
        );
        let query = of_month(sql(OBSERVATION, "counting a month", text), except, month);
        let count = |line: &Line| {
            let (projects, due, reported) = (line.number("projects")?, line.number("due")?, line.number("reported")?);
            Ok((line.region("author")?, MonthCount { projects, due, reported }))
        };
        Ok(query.read(&mut *self.reader().await?, count).await?.into_iter().collect())
    }

    /// How many reports one author has made of its projects from one month to another of the same year.
    #[boxed]
    pub async fn months_reported(&self, author: &RegionCode, from: Month, upto: Month) -> Result<u64, StoreError> {
        let text = format!(
            "SELECT COUNT(*) AS count FROM project AS p JOIN observation AS m ON m.author = p.author \
             AND m.code = p.code AND m.month >= $3 AND m.month <= $4 WHERE p.author = $1 AND p.fiscal_year = $2 \
             AND {FIRST_AUTHOR}"
        );
        let query = of_month(sql(OBSERVATION, "counting months", text), author, from).shown(&upto);
        query.first(&mut *self.reader().await?).await?.map_or(Ok(0), |line| line.number("count"))
    }

    /// When one author last changed a report.
    #[boxed]
    pub async fn last_reported(&self, author: &RegionCode) -> Result<Option<Moment>, StoreError> {
        let text = "SELECT MAX(changed_at) AS changed_at FROM observation WHERE author = $1";
        let line = sql(OBSERVATION, "reading a month", text).shown(author).first(&mut *self.reader().await?).await?;
        line.map_or(Ok(None), |line| line.maybe_moment("changed_at"))
    }

    /// Up to `limit` observations after the one of a key, sorted by project and month: what the bureau that keeps a
    /// project said of it, of one year and of one month of any year if these are asked for.
    #[boxed]
    pub async fn observations_page(
        &self,
        after_key: &str,
        year: Option<i32>,
        month: Option<u8>,
        limit: u64,
    ) -> Result<Vec<Record>, StoreError> {
        // In this order SQLite goes through the projects as they are sorted, and stops where the page is full.
        let text = format!(
            "SELECT r.kind, r.key, r.author, r.seq, r.problem, r.body FROM project AS p CROSS JOIN observation AS m \
             CROSS JOIN record AS r WHERE p.code >= $1 AND (p.code > $1 OR m.month > $2) AND {FIRST_AUTHOR} \
             AND m.author = p.author AND m.code = p.code AND m.month >= $3 AND m.month <= $4 AND m.month LIKE $5 \
             AND r.kind = '{OBSERVATION}' AND r.key = m.code || '/' || m.month AND r.author = m.author \
             ORDER BY p.code, m.month LIMIT $6"
        );
        let (code, after) = after_key.rsplit_once('/').unwrap_or((after_key, ""));
        let (first, last) = match year {
            Some(year) => (format!("{year:04}-"), format!("{year:04}-{}", char::MAX)),
            None => (String::new(), char::MAX.to_string()),
        };
        let number = month.map_or_else(|| "%".to_owned(), |month| format!("%-{month:02}"));
        let query = sql(OBSERVATION, "reading a page of observations", text).text(code).text(after);
        let query = query.text(&first).text(&last).text(&number).number(limit);
        query.read(&mut *self.reader().await?, record).await
    }

    /// The observations of one author that were not set aside and yet are not listed: they cannot be read.
    #[boxed]
    pub async fn observations_unlisted(&self, author: &RegionCode) -> Result<Vec<Record>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM record WHERE kind = '{OBSERVATION}' AND author = $1 AND problem IS NULL AND key \
             NOT IN (SELECT code || '/' || month FROM observation WHERE author = $1) ORDER BY key"
        );
        let query = sql(OBSERVATION, "reading what is not listed", text).shown(author);
        query.read(&mut *self.reader().await?, record).await
    }

    /// How many observations of each author can be read.
    #[boxed]
    pub async fn observation_counts(&self) -> Result<BTreeMap<RegionCode, u64>, StoreError> {
        let text = "SELECT author, COUNT(*) AS count FROM observation GROUP BY author";
        let count = |line: &Line| Ok((line.region("author")?, line.number("count")?));
        let counts = sql(OBSERVATION, "counting observations", text).read(&mut *self.reader().await?, count).await?;
        Ok(counts.into_iter().collect())
    }
}
