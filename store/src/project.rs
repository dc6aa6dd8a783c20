//! 项目列表: what lists show of projects, beside their records, so that the database filters, sorts and cuts the page.
//!
//! A row is written in the transaction that writes the record. A project that two authors have entered is listed once,
//! as the first of them has it.

mod choices;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tongpin_domain::moment::Moment;
use tongpin_domain::money::{Amount, Fen};
use tongpin_domain::project::Project;
use tongpin_domain::region::RegionCode;
use tongpin_domain::score::RuleRef;
use tongpin_domain::search::prepared;

pub use choices::ProjectChoices;

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, Statement, anywhere, listed, run_pieces, sql, storable, tuples};

const PROJECT: &str = "project";
const COLUMNS: &str = "code, author, name, fiscal_year, fund_code, fund_name, department, unit, township, \
    township_name, book, adjusted_fen, executed_fen, words";
/// Of the projects `p` of one code, that of the first author. Codes of several authors are rare: they are found first,
/// in one pass over the key, so that all others need no look-up.
pub(crate) const FIRST_AUTHOR: &str = "(p.code NOT IN (SELECT code FROM project GROUP BY code HAVING COUNT(*) > 1) \
    OR NOT EXISTS (SELECT 1 FROM project AS o WHERE o.code = p.code AND o.author < p.author))";
/// In a filter: the projects that have no score, or none any more.
pub const UNSCORED: &str = "UNSCORED";
/// The status of a score in which something is not filled in.
const INCOMPLETE: &str = "INCOMPLETE";

/// One project as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// 项目代码
    pub code: String,
    /// Whose record it is.
    pub author: RegionCode,
    /// 项目名称
    pub name: String,
    /// 年度
    pub fiscal_year: i64,
    /// 专项资金代码
    pub fund_code: String,
    /// 专项资金名称
    pub fund_name: String,
    /// 主管部门
    pub department: String,
    /// 实施单位
    pub unit: String,
    /// 乡镇代码, empty where no township is involved
    pub township: String,
    /// 乡镇名称
    pub township_name: String,
    /// 预算本
    pub book: String,
    /// 全年预算数, if it can be read.
    pub adjusted: Option<Fen>,
    /// 全年执行数, if it can be read.
    pub executed: Option<Fen>,
    /// The status of its score; `None` if it has none.
    pub status: Option<String>,
    /// 总分
    pub total: Option<String>,
    /// 评级, empty if there is none.
    pub rating: String,
    /// When it was scored.
    pub scored_at: Option<Moment>,
    /// The release of the rules that it was scored under.
    pub rules: Option<RuleRef>,
    /// Whether its records have changed since, or it is to be scored for the first time.
    pub due: bool,
    /// How many of its lines wait for a person.
    pub waiting: u64,
}

/// Which projects are asked for; the default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectFilter {
    /// Words that must all occur in code, name, fund, department or unit.
    pub text: String,
    /// 专项资金代码, empty for all.
    pub fund: String,
    /// 主管部门, empty for all.
    pub department: String,
    /// 乡镇代码, empty for all.
    pub township: String,
    /// The status of the score or [`UNSCORED`], empty for all.
    pub status: String,
    /// 评级, empty for all.
    pub rating: String,
    /// 年度
    pub year: Option<i64>,
    /// Only those that have a score.
    pub scored: bool,
    /// Only those in which something waits for a person: a line, or an amount.
    pub waiting: bool,
    /// Only those in whose scores a reason for a deviation is missing.
    pub reason_missing: bool,
    /// Whose record it is, empty for all.
    pub author: String,
}

/// Projects, counted by their scores.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectCounts {
    /// By the status of the score; those without one come under [`UNSCORED`].
    pub by_status: BTreeMap<String, u64>,
    /// Those in whose scores a reason is missing.
    pub reasons_missing: u64,
    /// Lines that wait for a person.
    pub waiting: u64,
    /// Those that are not filled in, by whose records they are.
    pub incomplete: BTreeMap<RegionCode, u64>,
}

/// What projects are sorted by. What has no value there comes last, whichever way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProjectOrder {
    /// 项目代码
    #[default]
    Code,
    /// 项目名称
    Name,
    /// 年度
    Year,
    /// 专项资金
    Fund,
    /// 主管部门
    Department,
    /// 实施单位
    Unit,
    /// 乡镇
    Township,
    /// 全年预算数
    Adjusted,
    /// 全年执行数
    Executed,
    /// 执行率
    Rate,
    /// 总分
    Total,
    /// 评级
    Rating,
    /// 状态, from scored to wrong; of one status the lowest total first.
    Status,
    /// When it was scored.
    ScoredAt,
}

impl ProjectOrder {
    /// The value, for both databases.
    fn value(self) -> &'static str {
        match self {
            Self::Code => "p.code",
            Self::Name => "NULLIF(p.name, '')",
            Self::Year => "p.fiscal_year",
            Self::Fund => "NULLIF(p.fund_code, '')",
            Self::Department => "NULLIF(p.department, '')",
            Self::Unit => "NULLIF(p.unit, '')",
            Self::Township => "NULLIF(p.township, '')",
            Self::Adjusted => "p.adjusted_fen",
            Self::Executed => "p.executed_fen",
            // Only an order is taken from these numbers, so that their last digit does not matter.
            Self::Rate => "CAST(p.executed_fen AS DOUBLE PRECISION) / NULLIF(p.adjusted_fen, 0)",
            Self::Total => "CAST(s.total AS DOUBLE PRECISION)",
            Self::Rating => "NULLIF(s.rating, '')",
            Self::Status => {
                "CASE s.status WHEN 'SCORED' THEN 1 WHEN 'REVIEW' THEN 2 WHEN 'INCOMPLETE' THEN 3 \
                 WHEN 'DATA_ERROR' THEN 4 END"
            }
            Self::ScoredAt => "s.scored_at",
        }
    }

    fn clause(self, backwards: bool) -> String {
        let (value, way) = (self.value(), if backwards { "DESC" } else { "ASC" });
        if self == Self::Code {
            // The table is in this order already, and a page of it costs nothing.
            return format!("ORDER BY p.code {way}");
        }
        let then = if self == Self::Status { ", CAST(s.total AS DOUBLE PRECISION) ASC" } else { "" };
        format!("ORDER BY ({value}) IS NULL, {value} {way}{then}, p.code ASC")
    }
}

/// A value behind a condition.
enum Value {
    Text(String),
    Number(i64),
}

impl ProjectFilter {
    /// The conditions, and their values in order.
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut text = FIRST_AUTHOR.to_owned();
        let mut values = Vec::new();
        let mut add = |before: &str, value: Value, behind: &str| {
            values.push(value);
            let _ = write!(text, " AND {before} ${}{behind}", values.len());
        };
        for (before, wanted) in [
            ("p.fund_code =", &self.fund),
            ("p.department =", &self.department),
            ("p.township =", &self.township),
            ("p.author =", &self.author),
            ("s.rating =", &self.rating),
            ("s.status =", &self.status),
        ] {
            if !wanted.is_empty() && wanted != UNSCORED {
                add(before, Value::Text(storable(wanted)), "");
            }
        }
        if let Some(year) = self.year {
            add("p.fiscal_year =", Value::Number(year), "");
        }
        for word in prepared(&self.text).split_whitespace() {
            add("p.words LIKE", Value::Text(anywhere(word)), " ESCAPE '\\'");
        }
        if self.status == UNSCORED {
            text.push_str(" AND s.status IS NULL");
        }
        if self.scored {
            text.push_str(" AND s.status IS NOT NULL");
        }
        if self.waiting {
            text.push_str(" AND (s.waiting > 0 OR s.status = 'REVIEW')");
        }
        if self.reason_missing {
            text.push_str(" AND s.reason_missing = 1");
        }
        (text, values)
    }
}

fn bound(statement: Statement, values: &[Value]) -> Statement {
    values.iter().fold(statement, |statement, value| match value {
        Value::Text(text) => statement.text(text),
        Value::Number(number) => statement.maybe_int(Some(*number)),
    })
}

fn row(line: &Line) -> Result<ProjectRow, StoreError> {
    Ok(ProjectRow {
        code: line.text("code")?,
        author: line.region("author")?,
        name: line.text("name")?,
        fiscal_year: line.maybe_int("fiscal_year")?.unwrap_or_default(),
        fund_code: line.text("fund_code")?,
        fund_name: line.text("fund_name")?,
        department: line.text("department")?,
        unit: line.text("unit")?,
        township: line.text("township")?,
        township_name: line.text("township_name")?,
        book: line.text("book")?,
        adjusted: line.maybe_int("adjusted_fen")?.map(Fen),
        executed: line.maybe_int("executed_fen")?.map(Fen),
        status: line.maybe_text("status")?,
        total: line.maybe_text("total")?,
        rating: line.maybe_text("rating")?.unwrap_or_default(),
        scored_at: line.maybe_moment("scored_at")?,
        rules: match line.maybe_text("rules_key")? {
            Some(key) => {
                let (publisher, release) = (line.region("rules_publisher")?, line.number("rules_release")?);
                Some(RuleRef { publisher, key, release })
            }
            None => None,
        },
        due: line.maybe_text("due")?.is_some(),
        waiting: line.maybe_number("waiting")?.unwrap_or(0),
    })
}

/// Writes what lists show of records of one author: key and body, which is none if the record was deleted or set aside.
/// What cannot be read as a project is in no list, as it takes part in nothing else.
pub(crate) async fn write_project_rows(
    tx: &mut Tx,
    author: &str,
    records: &[(&str, Option<&str>)],
) -> Result<(), StoreError> {
    let read = |body: Option<&str>| body.and_then(|body| serde_json::from_str::<Project>(body).ok());
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for (key, body) in records {
        match read(*body) {
            Some(project) => kept.push((*key, project)),
            None => gone.push(*key),
        }
    }
    let database = tx.kind();
    let statement = |chunk: &[(&str, Project)]| {
        let others = COLUMNS.split(", ").skip(2).map(|column| format!("{column} = excluded.{column}"));
        let text = format!(
            "INSERT INTO project ({COLUMNS}) VALUES {} ON CONFLICT (code, author) DO UPDATE SET {}",
            tuples(database, chunk.len(), 14),
            others.collect::<Vec<_>>().join(", ")
        );
        let row = |statement, (key, project): &(&str, Project)| listed_as(statement, key, author, project);
        Ok(chunk.iter().fold(sql(PROJECT, "listing projects", text), row))
    };
    run_pieces(tx.connection(), &kept, statement).await?;
    if gone.is_empty() {
        return Ok(());
    }
    let text = format!("DELETE FROM project WHERE author = $1 AND code IN {}", listed(tx.kind(), 2));
    sql(PROJECT, "listing projects", text).text(author).list(&gone).run(tx.connection()).await?;
    Ok(())
}

fn listed_as(statement: Statement, key: &str, author: &str, project: &Project) -> Statement {
    let Project { name, fund_code, fund_name, department, unit, .. } = project;
    let words = prepared(&[key, name, fund_code, fund_name, department, unit].join("\n"));
    let township = project.township.as_ref().map_or("", RegionCode::as_str);
    let fen = |amount: &Amount| amount.fen().map(|fen| fen.0);
    let statement = statement.text(key).text(author).text(&storable(name));
    let statement = statement.maybe_int(Some(i64::from(project.fiscal_year)));
    let statement = [fund_code, fund_name, department, unit]
        .into_iter()
        .fold(statement, |statement, text| statement.text(&storable(text)));
    let statement = statement.text(township).text(&storable(&project.township_name)).text(&storable(&project.book));
    let money = &project.money;
    statement.maybe_int(fen(&money.adjusted)).maybe_int(fen(&money.executed)).text(&storable(&words))
}

impl Store {
    /// The projects asked for, `limit` of them after the first `offset`, and how many there are in all.
    #[boxed]
    pub async fn projects_page(
        &self,
        filter: &ProjectFilter,
        order: ProjectOrder,
        backwards: bool,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<ProjectRow>, u64), StoreError> {
        let (conditions, values) = filter.conditions();
        let from = "FROM project AS p LEFT JOIN score AS s ON s.project_code = p.code";
        let mut reader = self.reader().await?;
        let counting = sql(PROJECT, "counting projects", format!("SELECT COUNT(*) AS count {from} WHERE {conditions}"));
        let line = bound(counting, &values).first(&mut reader).await?;
        let total = line.map_or(Ok(0), |line| line.number("count"))?;
        let columns = "p.code, p.author, p.name, p.fiscal_year, p.fund_code, p.fund_name, p.department, p.unit, \
            p.township, p.township_name, p.book, p.adjusted_fen, p.executed_fen, s.status, s.total, s.rating, \
            s.scored_at, s.rules_publisher, s.rules_key, s.rules_release, s.waiting, d.project AS due";
        let (by, at) = (order.clause(backwards), values.len());
        let text = format!(
            "SELECT {columns} {from} LEFT JOIN score_due AS d ON d.project = p.code WHERE {conditions} {by} \
             LIMIT ${} OFFSET ${}",
            at + 1,
            at + 2
        );
        let query = bound(sql(PROJECT, "reading a page of projects", text), &values).number(limit).number(offset);
        Ok((query.read(&mut reader, row).await?, total))
    }

    /// Counts the projects. Scores whose project is gone are history and do not count.
    #[boxed]
    pub async fn project_counts(&self) -> Result<ProjectCounts, StoreError> {
        let text = format!(
            "SELECT COALESCE(s.status, '{UNSCORED}') AS status, p.author AS author, COUNT(*) AS count, \
             COUNT(CASE WHEN s.reason_missing = 1 THEN 1 END) AS missing, \
             CAST(COALESCE(SUM(s.waiting), 0) AS BIGINT) AS waiting FROM project AS p \
             LEFT JOIN score AS s ON s.project_code = p.code WHERE {FIRST_AUTHOR} GROUP BY 1, 2"
        );
        let mut counts = ProjectCounts::default();
        for line in sql(PROJECT, "counting projects", text).all(&mut *self.reader().await?).await? {
            let (status, count) = (line.text("status")?, line.number("count")?);
            if status == INCOMPLETE {
                counts.incomplete.insert(line.region("author")?, count);
            }
            *counts.by_status.entry(status).or_default() += count;
            counts.reasons_missing += line.number("missing")?;
            counts.waiting += line.number("waiting")?;
        }
        Ok(counts)
    }
}
