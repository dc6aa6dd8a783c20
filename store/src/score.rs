//! 得分: the scores of a node's projects, computed anew as a whole when rules or many records change, and one by one as
//! projects are edited. A score is written only if its project's records are still those it was computed from: of an
//! edit and a slower scoring beside it, the older must not come out on top.

mod basis;
pub(crate) mod due;

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

pub use basis::{bases, basis};

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::record::OWN_RECORDS;
use crate::sql::{Line, fits, listed, pieces, sql, tuples};
use crate::topic::Topic;

const SCORE: &str = "score";
const SHEET: &str = "score_sheet";
const COLUMNS: &str = "project_code, author, region, fund_code, status, total, rating, \
    rules_publisher, rules_key, rules_release, reason_missing, waiting, scored_at";
const READ: &str = "SELECT s.project_code, s.author, s.region, s.fund_code, s.status, s.total, s.rating, \
    s.rules_publisher, s.rules_key, s.rules_release, s.reason_missing, s.waiting, s.scored_at, x.sheet \
    FROM score AS s JOIN score_sheet AS x ON x.project_code = s.project_code";
const OTHERS: &str = "author = excluded.author, region = excluded.region, fund_code = excluded.fund_code, \
    status = excluded.status, total = excluded.total, rating = excluded.rating, \
    rules_publisher = excluded.rules_publisher, rules_key = excluded.rules_key, \
    rules_release = excluded.rules_release, reason_missing = excluded.reason_missing, \
    waiting = excluded.waiting, scored_at = excluded.scored_at";

/// One project's score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreRow {
    /// 项目代码
    pub project_code: String,
    /// Whose record the project is.
    pub author: RegionCode,
    /// The region that it counts for.
    pub region: RegionCode,
    /// 专项资金代码
    pub fund_code: String,
    /// `SCORED`, `INCOMPLETE`, `REVIEW` or `DATA_ERROR`.
    pub status: String,
    /// 总分, a decimal with two places, if there is one.
    pub total: Option<String>,
    /// 评价等级, empty if there is none.
    pub rating: String,
    /// Whose rules it was computed under.
    pub rules_publisher: String,
    /// Which rule set.
    pub rules_key: String,
    /// Which release brought that rule set.
    pub rules_release: u64,
    /// Whether a line of it lacks the reason that the rules demand.
    pub reason_missing: bool,
    /// How many lines wait for a person.
    pub waiting: u64,
    /// Every line with its explanation, as JSON.
    pub sheet: String,
    /// When it was computed.
    pub at: Moment,
}

/// A score, and the records that it was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputedScore {
    /// The score.
    pub row: ScoreRow,
    /// The [`basis`] of the project at that time.
    pub basis: Digest,
}

fn score(line: &Line) -> Result<ScoreRow, StoreError> {
    Ok(ScoreRow {
        project_code: line.text("project_code")?,
        author: line.region("author")?,
        region: line.region("region")?,
        fund_code: line.text("fund_code")?,
        status: line.text("status")?,
        total: line.maybe_text("total")?,
        rating: line.text("rating")?,
        rules_publisher: line.text("rules_publisher")?,
        rules_key: line.text("rules_key")?,
        rules_release: line.number("rules_release")?,
        reason_missing: line.flag("reason_missing")?,
        waiting: line.number("waiting")?,
        sheet: line.text("sheet")?,
        at: line.moment("scored_at")?,
    })
}

/// Parts scores from those whose records have changed since. The latter are returned as codes.
fn parted<'a>(computed: &'a [ComputedScore], now: &BTreeMap<String, Digest>) -> (Vec<&'a ScoreRow>, Vec<String>) {
    let fresh = |it: &&ComputedScore| {
        let code = &it.row.project_code;
        now.get(code).copied().unwrap_or_else(|| basis(code, &[], &[])) == it.basis
    };
    let (fresh, stale): (Vec<&ComputedScore>, Vec<&ComputedScore>) = computed.iter().partition(fresh);
    (fresh.into_iter().map(|it| &it.row).collect(), stale.into_iter().map(|it| it.row.project_code.clone()).collect())
}

/// Writes scores over what is there, no project twice: these are no longer due.
async fn write(tx: &mut Tx, rows: &[&ScoreRow]) -> Result<(), StoreError> {
    for chunk in pieces(rows) {
        let text = format!(
            "INSERT INTO score ({COLUMNS}) VALUES {} ON CONFLICT (project_code) DO UPDATE SET {OTHERS}",
            tuples(tx.kind(), chunk.len(), 13)
        );
        let mut statement = sql(SCORE, "writing scores", text);
        for row in chunk {
            statement = statement.text(&row.project_code).shown(&row.author).shown(&row.region);
            statement = statement.text(&row.fund_code).text(&row.status).maybe_text(row.total.as_deref());
            statement = statement.text(&row.rating).text(&row.rules_publisher).text(&row.rules_key);
            let release = fits("release number", row.rules_release)?;
            statement = statement.number(release).flag(row.reason_missing).number(row.waiting).moment(row.at);
        }
        statement.run(tx.connection()).await?;
        let text = format!(
            "INSERT INTO score_sheet (project_code, sheet) VALUES {} \
             ON CONFLICT (project_code) DO UPDATE SET sheet = excluded.sheet",
            tuples(tx.kind(), chunk.len(), 2)
        );
        let statement = sql(SHEET, "writing scores", text);
        let statement = chunk.iter().fold(statement, |it, row| it.text(&row.project_code).text(&row.sheet));
        statement.run(tx.connection()).await?;
    }
    due::unmark(tx, &rows.iter().map(|row| row.project_code.as_str()).collect::<Vec<_>>()).await
}

impl Store {
    /// Replaces all scores in one transaction. Projects whose records have changed since keep the score that they have,
    /// and are returned: they are to be scored again.
    #[boxed]
    pub async fn replace_scores(&self, computed: &[ComputedScore]) -> Result<Vec<String>, StoreError> {
        // All records are read before anybody has to wait for this, and then what has changed since.
        let seen = self.change_count().await?;
        let mut bases = basis::of_all(&mut *self.reader().await?).await?;
        let mut tx = self.begin().await?;
        tx.lock(OWN_RECORDS).await?;
        tx.lock("scores").await?;
        match tx.projects_changed_since(seen).await? {
            Some(codes) => {
                let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
                bases.extend(basis::of_some(tx.connection(), &codes).await?);
            }
            None => bases = basis::of_all(tx.connection()).await?,
        }
        let (fresh, stale) = parted(computed, &bases);
        let kept: BTreeSet<&str> = stale.iter().map(String::as_str).collect();
        let query = sql(SCORE, "reading scores", "SELECT project_code FROM score");
        let there = query.read(tx.connection(), |line| line.text("project_code")).await?;
        let gone: Vec<&str> = there.iter().map(String::as_str).filter(|code| !kept.contains(code)).collect();
        for (name, table) in [(SCORE, "score"), (SHEET, "score_sheet")] {
            if kept.is_empty() {
                sql(name, "clearing scores", format!("DELETE FROM {table}")).run(tx.connection()).await?;
            } else {
                let text = format!("DELETE FROM {table} WHERE project_code IN {}", listed(tx.kind(), 1));
                sql(name, "clearing scores", text).list(&gone).run(tx.connection()).await?;
            }
        }
        write(&mut tx, &fresh).await?;
        tx.touch(Topic::Scores);
        tx.commit().await?;
        Ok(stale)
    }

    /// Writes some scores in the place of those that these projects have. Those whose records have changed since are
    /// passed over and returned: whoever changed them scores them, or they are to be scored again.
    #[boxed]
    pub async fn put_scores(&self, computed: &[ComputedScore]) -> Result<Vec<String>, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(OWN_RECORDS).await?;
        tx.lock("scores").await?;
        let codes: Vec<&str> = computed.iter().map(|it| it.row.project_code.as_str()).collect();
        let (fresh, stale) = parted(computed, &basis::of_some(tx.connection(), &codes).await?);
        write(&mut tx, &fresh).await?;
        tx.touch(Topic::Scores);
        tx.commit().await?;
        Ok(stale)
    }

    /// All scores, sorted by project.
    #[boxed]
    pub async fn scores(&self) -> Result<Vec<ScoreRow>, StoreError> {
        let query = sql(SCORE, "reading scores", format!("{READ} ORDER BY s.project_code"));
        query.read(&mut *self.reader().await?, score).await
    }

    /// How many scores there are, and the sum of the moments at which they were written, ms: other ones once any was
    /// written anew, whichever way the clock was set meanwhile.
    #[boxed]
    pub async fn scores_imprint(&self) -> Result<(u64, Option<i64>), StoreError> {
        let text = "SELECT COUNT(*) AS count, CAST(SUM(scored_at) AS BIGINT) AS moments FROM score";
        let line = sql(SCORE, "looking at scores", text).first(&mut *self.reader().await?).await?;
        line.map_or(Ok((0, None)), |line| Ok((line.number("count")?, line.maybe_int("moments")?)))
    }

    /// The projects that have a score, sorted.
    #[boxed]
    pub async fn scored_codes(&self) -> Result<Vec<String>, StoreError> {
        let query = sql(SCORE, "reading scores", "SELECT project_code FROM score ORDER BY project_code");
        query.read(&mut *self.reader().await?, |line| line.text("project_code")).await
    }

    /// The scores of some projects, sorted by project.
    #[boxed]
    pub async fn scores_of(&self, project_codes: &[&str]) -> Result<Vec<ScoreRow>, StoreError> {
        let codes = listed(self.kind(), 1);
        let text = format!("{READ} WHERE s.project_code IN {codes} ORDER BY s.project_code");
        sql(SCORE, "reading scores", text).list(project_codes).read(&mut *self.reader().await?, score).await
    }

    /// One project's score.
    #[boxed]
    pub async fn score(&self, project_code: &str) -> Result<Option<ScoreRow>, StoreError> {
        let query = sql(SCORE, "reading a score", format!("{READ} WHERE s.project_code = $1"));
        query.text(project_code).first(&mut *self.reader().await?).await?.as_ref().map(score).transpose()
    }
}
