//! 会话: who is signed in. Only the hash of a token is kept, so that who reads the database cannot act as somebody.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

use crate::audit::AuditDraft;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, sql};

const SESSION: &str = "session";
const COLUMNS: &str = "token_hash, account, csrf, created_at, last_seen, address";

/// 会话
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of the token that the browser holds.
    pub token_hash: Digest,
    /// The id of the account.
    pub account: String,
    /// What every form of this session must bring along.
    pub csrf: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used.
    pub last_seen: Moment,
    /// Where it was begun from.
    pub address: String,
}

fn session(line: &Line) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        token_hash: line.digest("token_hash")?,
        account: line.text("account")?,
        csrf: line.text("csrf")?,
        created_at: line.moment("created_at")?,
        last_seen: line.moment("last_seen")?,
        address: line.text("address")?,
    })
}

impl Store {
    /// The session that a token belongs to.
    #[boxed]
    pub async fn session(&self, token_hash: &Digest) -> Result<Option<SessionRow>, StoreError> {
        let query = sql(SESSION, "reading a session", format!("SELECT {COLUMNS} FROM session WHERE token_hash = $1"));
        query.digest(token_hash).first(&mut *self.reader().await?).await?.as_ref().map(session).transpose()
    }

    /// Notes that a session was used; an earlier moment than the one stored changes nothing.
    #[boxed]
    pub async fn touch_session(&self, token_hash: &Digest, at: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = "UPDATE session SET last_seen = $2 WHERE token_hash = $1 AND last_seen < $2";
        sql(SESSION, "noting a session's use", text).digest(token_hash).moment(at).run(tx.connection()).await?;
        tx.commit().await
    }

    /// Ends a session, with its audit entry. Answers `false`, and writes nothing, if there is none.
    #[boxed]
    pub async fn end_session(&self, token_hash: &Digest, audit: &AuditDraft<'_>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let statement = sql(SESSION, "ending a session", "DELETE FROM session WHERE token_hash = $1");
        if statement.digest(token_hash).run(tx.connection()).await? == 0 {
            return Ok(false);
        }
        tx.audit(audit).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends the sessions that were last used before one moment or began before another, and says how many.
    #[boxed]
    pub async fn end_idle_sessions(&self, seen_before: Moment, created_before: Moment) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let text = "DELETE FROM session WHERE last_seen < $1 OR created_at < $2";
        let statement = sql(SESSION, "ending idle sessions", text).moment(seen_before).moment(created_before);
        let ended = statement.run(tx.connection()).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

/// Begins a session of an account within a transaction.
pub(crate) async fn begin(tx: &mut Tx, account: &str, new: &SessionRow) -> Result<(), StoreError> {
    let text = format!("INSERT INTO session ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
    let statement = sql(SESSION, "beginning a session", text).digest(&new.token_hash).text(account).text(&new.csrf);
    let statement = statement.moment(new.created_at).moment(new.last_seen).text(&new.address);
    statement.run(tx.connection()).await?;
    Ok(())
}

/// Ends all sessions of an account, but one if it is named, within a transaction.
pub(crate) async fn end_all(tx: &mut Tx, account: &str, except: Option<&Digest>) -> Result<(), StoreError> {
    // No token has the hash of nothing.
    let except = except.copied().unwrap_or(Digest::NONE);
    let text = "DELETE FROM session WHERE account = $1 AND token_hash <> $2";
    sql(SESSION, "ending an account's sessions", text).text(account).digest(&except).run(tx.connection()).await?;
    Ok(())
}
