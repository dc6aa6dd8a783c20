//! 审计日志: who did what, from where, and what was refused. Entries are only ever added, numbered without gaps, and
//! each names the digest of the one before.
//!
//! No statement here changes or removes an entry. The databases are not made to refuse it, since triggers cannot be
//! written once for both, and whoever can change rows can drop triggers as well: it is the chain that shows tampering.
//! The newest entry's digest is also kept apart, so that taking away the end of the chain shows too.

mod waiting;

use sqlx::AnyConnection;
use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, Statement, anywhere, fits, sql, storable};
pub(crate) use waiting::Waiting;

const AUDIT: &str = "audit";
const COLUMNS: &str = "number, at, actor, address, action, subject, detail, allowed, previous, digest";
/// LIKE takes no notice of the case of ASCII letters on SQLite and does on PostgreSQL; LOWER makes them agree.
const MATCHING: &str = "(LOWER(actor) LIKE $1 ESCAPE '\\' OR LOWER(subject) LIKE $1 ESCAPE '\\' \
    OR LOWER(detail) LIKE $1 ESCAPE '\\' OR LOWER(address) LIKE $1 ESCAPE '\\') \
    AND ($2 = '' OR action = $2) AND allowed <= $3 AND at >= $4 AND at < $5";
/// What is asked of one subject: through an index, however long the log is.
const ABOUT: &str = "FROM audit WHERE subject = $1 AND ($2 = '' OR action = $2) AND allowed = $3 \
    ORDER BY number DESC LIMIT $4";
/// How many entries are checked at once.
const PAGE: u64 = 1000;

/// What is to be entered.
#[derive(Debug, Clone, Copy)]
pub struct AuditDraft<'a> {
    /// When it happened.
    pub at: Moment,
    /// The login name of who did it, or `系统`.
    pub actor: &'a str,
    /// Where they called from, empty for the command line.
    pub address: &'a str,
    /// What they did, as a word: `sign_in`.
    pub action: &'a str,
    /// What they did it to.
    pub subject: &'a str,
    /// What else is worth knowing.
    pub detail: &'a str,
    /// Whether it was done; `false` if it was refused.
    pub allowed: bool,
}

/// 审计记录: an entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; the first is 1.
    pub number: u64,
    /// When it happened.
    pub at: Moment,
    /// The login name of who did it, or `系统`.
    pub actor: String,
    /// Where they called from.
    pub address: String,
    /// What they did, as a word.
    pub action: String,
    /// What they did it to.
    pub subject: String,
    /// What else is worth knowing.
    pub detail: String,
    /// Whether it was done; `false` if it was refused.
    pub allowed: bool,
    /// The digest of the entry before, [`Digest::NONE`] for the first.
    pub previous: Digest,
    /// The digest of this entry.
    pub digest: Digest,
}

/// Which entries are asked for; the default is all of them.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// A part of the actor, subject, detail or address, in either case of ASCII letters; empty for all.
    pub text: String,
    /// Exactly this action; empty for all.
    pub action: String,
    /// Only what was refused.
    pub refused_only: bool,
    /// Not before this moment.
    pub from: Option<Moment>,
    /// Before this moment, which is itself left out.
    pub until: Option<Moment>,
}

impl AuditEntry {
    /// The digest that an entry with these contents has. What goes into it, and in which order, is frozen: another
    /// order would make every log that was ever written look tampered with.
    #[must_use]
    pub fn computed_digest(&self) -> Digest {
        Digest::of_parts([
            &self.number.to_be_bytes()[..],
            &self.at.0.to_be_bytes()[..],
            self.actor.as_bytes(),
            self.address.as_bytes(),
            self.action.as_bytes(),
            self.subject.as_bytes(),
            self.detail.as_bytes(),
            &[u8::from(self.allowed)][..],
            &self.previous.0[..],
        ])
    }
}

fn entry(line: &Line) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        number: line.number("number")?,
        at: line.moment("at")?,
        actor: line.text("actor")?,
        address: line.text("address")?,
        action: line.text("action")?,
        subject: line.text("subject")?,
        detail: line.text("detail")?,
        allowed: line.flag("allowed")?,
        previous: line.digest("previous")?,
        digest: line.digest("digest")?,
    })
}

impl Tx {
    /// Adds an entry to the log and returns its number. From here to the end of the transaction nobody else can, so
    /// this comes last, after everything that waits for others.
    #[boxed]
    pub async fn audit(&mut self, draft: &AuditDraft<'_>) -> Result<u64, StoreError> {
        self.lock(AUDIT).await?;
        let (last, previous) = newest(self.connection()).await?;
        let mut new = AuditEntry {
            number: fits("audit number", last.saturating_add(1))?,
            at: draft.at,
            actor: storable(draft.actor),
            address: storable(draft.address),
            action: storable(draft.action),
            subject: storable(draft.subject),
            detail: storable(draft.detail),
            allowed: draft.allowed,
            previous,
            digest: Digest::NONE,
        };
        new.digest = new.computed_digest();
        let text = format!("INSERT INTO audit ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        let statement = sql(AUDIT, "writing the audit log", text).number(new.number).moment(new.at).text(&new.actor);
        let statement = statement.text(&new.address).text(&new.action).text(&new.subject).text(&new.detail);
        let statement = statement.flag(new.allowed).digest(&new.previous).digest(&new.digest);
        statement.run(self.connection()).await?;
        let text = "INSERT INTO audit_head (id, number, digest) VALUES (1, $1, $2) \
            ON CONFLICT (id) DO UPDATE SET number = excluded.number, digest = excluded.digest";
        let statement = sql("audit_head", "writing the audit log", text).number(new.number).digest(&new.digest);
        statement.run(self.connection()).await?;
        Ok(new.number)
    }
}

/// Number and digest of the newest entry, even if it was taken out of the log: a number is not given twice. What is
/// kept apart counts more than what the log says.
pub(crate) async fn newest(connection: &mut AnyConnection) -> Result<(u64, Digest), StoreError> {
    let text = "SELECT number, digest FROM (SELECT number, digest, 1 AS apart FROM audit_head UNION ALL \
        SELECT number, digest, 0 FROM (SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1) AS held) AS ends \
        ORDER BY number DESC, apart DESC LIMIT 1";
    let line = sql("audit_head", "reading the end of the audit log", text).first(connection).await?;
    line.map_or(Ok((0, Digest::NONE)), |line| Ok((line.number("number")?, line.digest("digest")?)))
}

impl Store {
    /// Adds one entry in a transaction of its own: for what changes nothing else. It does not take along what waits
    /// for a change, see [`Store::audited`].
    #[boxed]
    pub async fn audit(&self, draft: &AuditDraft<'_>) -> Result<u64, StoreError> {
        let mut tx = self.begin_apart().await?;
        let number = tx.audit(draft).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// At most `limit` of the entries asked for, newest first, after the first `offset` of them.
    #[boxed]
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM audit WHERE {MATCHING} ORDER BY number DESC LIMIT $6 OFFSET $7");
        let query = filtered("reading the audit log", text, filter).number(limit).number(offset);
        query.read(&mut *self.reader().await?, entry).await
    }

    /// At most `limit` of the entries about exactly this subject, newest first: of one action or, if it is empty, of
    /// all, and either what was done or what was refused.
    #[boxed]
    pub async fn audit_about(
        &self,
        subject: &str,
        action: &str,
        allowed: bool,
        limit: u64,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let query =
            about("reading the audit log", format!("SELECT {COLUMNS} {ABOUT}"), subject, action, allowed, limit);
        query.read(&mut *self.reader().await?, entry).await
    }

    /// How the database finds what is about a subject, in its own words, so that a test can see that it does not read
    /// the whole log. SQLite alone.
    #[doc(hidden)]
    #[boxed]
    pub async fn audit_about_plan(&self) -> Result<Vec<String>, StoreError> {
        let text = format!("EXPLAIN QUERY PLAN SELECT {COLUMNS} {ABOUT}");
        let query = about("explaining a look-up", text, "subject", "", true, 1);
        query.read(&mut *self.reader().await?, |line| line.text("detail")).await
    }

    /// Who has done any of these actions from a moment on, each once, as the log names them: for telling who approves
    /// from who entered.
    #[boxed]
    pub async fn audit_actors(&self, actions: &[&str], since: Moment) -> Result<Vec<String>, StoreError> {
        let text = "SELECT DISTINCT actor, action FROM audit WHERE at >= $1 AND allowed = 1";
        let read = |line: &Line| Ok((line.text("actor")?, line.text("action")?));
        let found =
            sql(AUDIT, "looking for who entered", text).moment(since).read(&mut *self.reader().await?, read).await?;
        let mut actors: Vec<String> = found
            .into_iter()
            .filter(|(_, action)| actions.contains(&action.as_str()))
            .map(|(actor, _)| actor)
            .collect();
        actors.sort();
        actors.dedup();
        Ok(actors)
    }

    /// How many entries are asked for.
    #[boxed]
    pub async fn audit_count(&self, filter: &AuditFilter) -> Result<u64, StoreError> {
        let text = format!("SELECT COUNT(*) AS count FROM audit WHERE {MATCHING}");
        let line = filtered("counting audit entries", text, filter).first(&mut *self.reader().await?).await?;
        line.map_or(Ok(0), |line| line.number("count"))
    }

    /// At most `limit` entries with numbers above `after`, oldest first: for export and for checking the chain.
    #[boxed]
    pub async fn audit_after(&self, after: u64, limit: u64) -> Result<Vec<AuditEntry>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM audit WHERE number > $1 ORDER BY number LIMIT $2");
        let query = sql(AUDIT, "reading the audit log", text).number(after).number(limit);
        query.read(&mut *self.reader().await?, entry).await
    }

    /// Computes the whole chain anew and returns the first number whose entry is missing or was changed, or `None` if
    /// all is as it was written. It does not show what was changed by somebody who computed every later digest anew,
    /// and the newest one kept apart as well; an export made before that does.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if an entry was changed so that it cannot even be read.
    #[boxed]
    pub async fn audit_broken_at(&self) -> Result<Option<u64>, StoreError> {
        // The end is read first: what others add in the meantime comes after it.
        let end = newest(&mut *self.reader().await?).await?;
        let (mut last, mut previous) = (0, Digest::NONE);
        loop {
            let page = self.audit_after(last, PAGE).await?;
            if page.is_empty() {
                return Ok((last < end.0).then_some(last + 1));
            }
            for entry in page {
                let sound = entry.number == last + 1
                    && entry.previous == previous
                    && entry.digest == entry.computed_digest()
                    && (entry.number != end.0 || entry.digest == end.1);
                if !sound {
                    return Ok(Some(last + 1));
                }
                (last, previous) = (entry.number, entry.digest);
            }
        }
    }
}

/// A statement with what [`ABOUT`] asks for.
fn about(doing: &'static str, text: String, subject: &str, action: &str, allowed: bool, limit: u64) -> Statement {
    sql(AUDIT, doing, text).text(&storable(subject)).text(action).flag(allowed).number(limit)
}

/// A statement with what [`MATCHING`] asks for.
fn filtered(doing: &'static str, text: String, filter: &AuditFilter) -> Statement {
    let statement = sql(AUDIT, doing, text).text(&anywhere(&filter.text)).text(&storable(&filter.action));
    let statement = statement.flag(!filter.refused_only).moment(filter.from.unwrap_or(Moment(i64::MIN)));
    statement.moment(filter.until.unwrap_or(Moment(i64::MAX)))
}
