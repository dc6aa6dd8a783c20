//! 接口令牌: what departments' own systems call with, and the answers they were given to requests with a key.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

use crate::audit::AuditDraft;
use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, fits, sql};
use crate::topic::Topic;

const TOKEN: &str = "api_token";
const COLUMNS: &str = "id, name, scopes, created_by, created_at, expires_at, revoked_at, last_used";
const ANSWER: &str = "api_answer";

/// 接口令牌, without its secret: only the secret's hash is kept, and it never leaves the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// A UUID as text, given by the caller.
    pub id: String,
    /// What the system is called that calls with it; no two tokens share a name, so that the audit log is plain.
    pub name: String,
    /// The words of what it may do.
    pub scopes: Vec<String>,
    /// The account that made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Moment,
    /// From when on it is good no more.
    pub expires_at: Moment,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Moment>,
    /// When it was last used, to the minute.
    pub last_used: Option<Moment>,
}

/// An answer that was given, for when the same is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The digest of the request.
    pub request: Digest,
    /// The HTTP status.
    pub status: u64,
    /// The version that the project had afterwards.
    pub version: String,
    /// The JSON of the answer.
    pub body: String,
}

fn token(line: &Line) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: line.text("id")?,
        name: line.text("name")?,
        scopes: line.json("scopes")?,
        created_by: line.text("created_by")?,
        created_at: line.moment("created_at")?,
        expires_at: line.moment("expires_at")?,
        revoked_at: line.maybe_moment("revoked_at")?,
        last_used: line.maybe_moment("last_used")?,
    })
}

impl Store {
    /// Keeps a token under the hash of its secret, with the audit entry.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] if there is or was one of this name; then there is no audit entry either.
    #[boxed]
    pub async fn create_api_token(
        &self,
        new: &ApiToken,
        hash: &Digest,
        audit: &AuditDraft<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = "INSERT INTO api_token (id, name, token_hash, scopes, created_by, created_at, expires_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING";
        let scopes: Vec<&str> = new.scopes.iter().map(String::as_str).collect();
        let statement = sql(TOKEN, "making a token", text).text(&new.id).text(&new.name).digest(hash);
        let statement = statement.list(&scopes).text(&new.created_by).moment(new.created_at).moment(new.expires_at);
        if statement.run(tx.connection()).await? == 0 {
            return Err(StoreError::NameTaken { name: new.name.clone() });
        }
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await
    }

    /// All tokens, those that ended among them, the newest first.
    #[boxed]
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM api_token ORDER BY created_at DESC, name");
        sql(TOKEN, "reading tokens", text).read(&mut *self.reader().await?, token).await
    }

    /// The token whose secret has this hash, whether it is still good or not.
    #[boxed]
    pub async fn api_token(&self, hash: &Digest) -> Result<Option<ApiToken>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM api_token WHERE token_hash = $1");
        let query = sql(TOKEN, "looking for a token", text).digest(hash);
        query.first(&mut *self.reader().await?).await?.as_ref().map(token).transpose()
    }

    /// Revokes a token, with the audit entry. Answers `false`, and writes nothing, if there is none that could be.
    #[boxed]
    pub async fn revoke_api_token(&self, id: &str, at: Moment, audit: &AuditDraft<'_>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let text = "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        if sql(TOKEN, "revoking a token", text).text(id).moment(at).run(tx.connection()).await? == 0 {
            return Ok(false);
        }
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await?;
        Ok(true)
    }

    /// Notes that a token was used.
    #[boxed]
    pub async fn touch_api_token(&self, id: &str, at: Moment) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = "UPDATE api_token SET last_used = $2 WHERE id = $1";
        sql(TOKEN, "noting a token's use", text).text(id).moment(at).run(tx.connection()).await?;
        tx.commit().await
    }

    /// The answer that a token's request with this key was given, if it was at or after a moment.
    #[boxed]
    pub async fn kept_answer(&self, token: &str, key: &str, since: Moment) -> Result<Option<KeptAnswer>, StoreError> {
        let text = "SELECT token, key, request, status, version, body FROM api_answer \
            WHERE token = $1 AND key = $2 AND answered_at >= $3";
        let query = sql(ANSWER, "looking for an answer", text).text(token).text(key).moment(since);
        let line = query.first(&mut *self.reader().await?).await?;
        let read = |line: Line| {
            Ok(KeptAnswer {
                request: line.digest("request")?,
                status: line.number("status")?,
                version: line.text("version")?,
                body: line.text("body")?,
            })
        };
        line.map(read).transpose()
    }

    /// Keeps an answer, and forgets those given before a moment.
    #[boxed]
    pub async fn keep_answer(
        &self,
        token: &str,
        key: &str,
        answer: &KeptAnswer,
        at: Moment,
        forget_before: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let forget = sql(ANSWER, "forgetting answers", "DELETE FROM api_answer WHERE answered_at < $1");
        forget.moment(forget_before).run(tx.connection()).await?;
        let text = "INSERT INTO api_answer (token, key, request, status, version, body, answered_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (token, key) DO NOTHING";
        let statement = sql(ANSWER, "keeping an answer", text).text(token).text(key).digest(&answer.request);
        let statement = statement.number(fits("status", answer.status)?).text(&answer.version).text(&answer.body);
        statement.moment(at).run(tx.connection()).await?;
        tx.commit().await
    }
}
