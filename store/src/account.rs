//! 账号: the people who may sign in. Each change is written in one transaction with its audit entry.

use std::fmt;

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;

use crate::audit::AuditDraft;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::session::{self, SessionRow};
use crate::sql::{Line, fits, sql};
use crate::topic::Topic;

const ACCOUNT: &str = "account";
const COLUMNS: &str = "id, name, display_name, duties, password_hash, totp_secret, totp_last_step, active, failures, \
    last_failure, failures_before, created_at, password_set_at, last_sign_in";
/// Whoever makes an account takes this turn, so that the first one is known to be the first.
const TURN: &str = "first account";

/// 账号
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// A UUID as text, given by the caller; it never changes.
    pub id: String,
    /// 登录名: unique, and compared exactly as the caller normalized it.
    pub name: String,
    /// 姓名或岗位
    pub display_name: String,
    /// 职责: the words of what this person may do.
    pub duties: Vec<String>,
    /// A PHC string, empty if there is no password yet.
    pub password_hash: String,
    /// The secret of the second factor, if there is one.
    pub totp_secret: Option<Vec<u8>>,
    /// The last time step whose code was accepted, 0 for none: no code is good twice.
    pub totp_last_step: u64,
    /// Whether the person may sign in; `false` is 停用.
    pub active: bool,
    /// Failed sign-ins since the last good one.
    pub failures: u64,
    /// When a sign-in failed last.
    pub last_failure: Option<Moment>,
    /// Failed sign-ins that the last good one came after.
    pub failures_before: u64,
    /// When the account was made.
    pub created_at: Moment,
    /// When the password was set, if there is one.
    pub password_set_at: Option<Moment>,
    /// The last good sign-in.
    pub last_sign_in: Option<Moment>,
}

/// Leaves out the password's hash and the second factor's secret, which must not come into a log.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Account");
        shown.field("id", &self.id).field("name", &self.name).field("display_name", &self.display_name);
        shown.field("duties", &self.duties).field("active", &self.active).field("failures", &self.failures);
        shown.field("last_failure", &self.last_failure).field("last_sign_in", &self.last_sign_in);
        shown.field("totp_last_step", &self.totp_last_step).finish_non_exhaustive()
    }
}

fn account(line: &Line) -> Result<Account, StoreError> {
    Ok(Account {
        id: line.text("id")?,
        name: line.text("name")?,
        display_name: line.text("display_name")?,
        duties: line.json("duties")?,
        password_hash: line.text("password_hash")?,
        totp_secret: line.maybe_bytes("totp_secret")?,
        totp_last_step: line.number("totp_last_step")?,
        active: line.flag("active")?,
        failures: line.number("failures")?,
        last_failure: line.maybe_moment("last_failure")?,
        failures_before: line.number("failures_before")?,
        created_at: line.moment("created_at")?,
        password_set_at: line.maybe_moment("password_set_at")?,
        last_sign_in: line.maybe_moment("last_sign_in")?,
    })
}

impl Store {
    /// How many accounts there are, stopped ones among them.
    #[boxed]
    pub async fn count_accounts(&self) -> Result<u64, StoreError> {
        let query = sql(ACCOUNT, "counting accounts", "SELECT COUNT(*) AS count FROM account");
        query.first(&mut *self.reader().await?).await?.map_or(Ok(0), |line| line.number("count"))
    }

    /// All accounts, sorted by name.
    #[boxed]
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let query = sql(ACCOUNT, "reading accounts", format!("SELECT {COLUMNS} FROM account ORDER BY name"));
        query.read(&mut *self.reader().await?, account).await
    }

    /// One account.
    #[boxed]
    pub async fn account(&self, id: &str) -> Result<Option<Account>, StoreError> {
        let query = sql(ACCOUNT, "reading an account", format!("SELECT {COLUMNS} FROM account WHERE id = $1"));
        query.text(id).first(&mut *self.reader().await?).await?.as_ref().map(account).transpose()
    }

    /// The account with a login name.
    #[boxed]
    pub async fn account_named(&self, name: &str) -> Result<Option<Account>, StoreError> {
        // The name is what a stranger typed; PostgreSQL knows no text with this character and would fail.
        if name.contains('\0') {
            return Ok(None);
        }
        let query = sql(ACCOUNT, "looking for an account", format!("SELECT {COLUMNS} FROM account WHERE name = $1"));
        query.text(name).first(&mut *self.reader().await?).await?.as_ref().map(account).transpose()
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] if another has the login name; then there is no audit entry either.
    #[boxed]
    pub async fn create_account(&self, account: &Account, audit: &AuditDraft<'_>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(TURN).await?;
        insert(&mut tx, account).await?;
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await
    }

    /// Makes the very first account. Answers `false`, and does nothing, if there is any account already.
    #[boxed]
    pub async fn create_first_account(&self, account: &Account, audit: &AuditDraft<'_>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(TURN).await?;
        let query = sql(ACCOUNT, "looking for any account", "SELECT id FROM account LIMIT 1");
        if query.first(tx.connection()).await?.is_some() {
            return Ok(false);
        }
        insert(&mut tx, account).await?;
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await?;
        Ok(true)
    }

    /// Replaces an account's display name, duties, password hash and its moment, second factor and `active`; the rest
    /// stays as it is stored. Stopping an account ends its sessions. Answers `false`, and writes nothing, if there is
    /// no such account.
    #[boxed]
    pub async fn update_account(&self, account: &Account, audit: &AuditDraft<'_>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if !replace(&mut tx, account).await? {
            return Ok(false);
        }
        if !account.active {
            session::end_all(&mut tx, &account.id, None).await?;
        }
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await?;
        Ok(true)
    }

    /// As [`Store::update_account`], for a new password: in the same transaction the account's sessions end, but the
    /// one in hand. Whoever knew the old password is out, wherever they are.
    #[boxed]
    pub async fn change_password(
        &self,
        account: &Account,
        in_hand: Option<&Digest>,
        audit: &AuditDraft<'_>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if !replace(&mut tx, account).await? {
            return Ok(false);
        }
        session::end_all(&mut tx, &account.id, in_hand).await?;
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await?;
        Ok(true)
    }

    /// As [`Store::update_account`], by whoever typed a code of the second factor, which is used up with it: `step` is
    /// its time step. Answers `false`, and writes nothing, if the account took a code of this step or a later one, for
    /// whatever it was.
    #[boxed]
    pub async fn update_account_by_code(
        &self,
        account: &Account,
        step: u64,
        audit: &AuditDraft<'_>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let text = "UPDATE account SET totp_last_step = $2 WHERE id = $1 AND active = 1 AND totp_last_step < $2";
        let statement = sql(ACCOUNT, "using up a code", text).text(&account.id).number(fits("time step", step)?);
        if statement.run(tx.connection()).await? == 0 || !replace(&mut tx, account).await? {
            return Ok(false);
        }
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await?;
        Ok(true)
    }

    /// Notes a failed sign-in. The audit entry is written even if the account is gone.
    #[boxed]
    pub async fn note_failure(&self, id: &str, at: Moment, audit: &AuditDraft<'_>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = "UPDATE account SET failures = failures + 1, last_failure = $2 WHERE id = $1";
        sql(ACCOUNT, "noting a failed sign-in", text).text(id).moment(at).run(tx.connection()).await?;
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await
    }

    /// Signs a person in: failures go back to none, the time step of the second factor is used up, and the session
    /// begins, with the audit entry, all in one transaction. The sign-in happened when the session was created.
    ///
    /// Answers `false`, and changes nothing, if the step is not above the last one accepted (a code used twice), or if
    /// the account is gone or was stopped in the meantime.
    #[boxed]
    pub async fn sign_in(
        &self,
        id: &str,
        session: &SessionRow,
        totp_step: Option<u64>,
        audit: &AuditDraft<'_>,
    ) -> Result<bool, StoreError> {
        let step = totp_step.map(|step| fits("time step", step)).transpose()?;
        let step = step.and_then(|step| i64::try_from(step).ok());
        let mut tx = self.begin().await?;
        // The condition stands in the statement that writes, so that of two who use one code at once one comes second.
        let text = "UPDATE account SET failures_before = failures, failures = 0, last_sign_in = $2, \
            totp_last_step = COALESCE($3, totp_last_step) WHERE id = $1 AND active = 1 AND totp_last_step < COALESCE($3, totp_last_step + 1)";
        let statement = sql(ACCOUNT, "signing in", text).text(id).moment(session.created_at).maybe_int(step);
        if statement.run(tx.connection()).await? == 0 {
            return Ok(false);
        }
        session::begin(&mut tx, id, session).await?;
        tx.audit(audit).await?;
        tx.touch(Topic::Accounts);
        tx.commit().await?;
        Ok(true)
    }
}

fn words(account: &Account) -> Vec<&str> {
    account.duties.iter().map(String::as_str).collect()
}

async fn replace(tx: &mut Tx, account: &Account) -> Result<bool, StoreError> {
    let text = "UPDATE account SET display_name = $2, duties = $3, password_hash = $4, password_set_at = $5, \
        totp_secret = $6, active = $7 WHERE id = $1";
    let statement = sql(ACCOUNT, "changing an account", text).text(&account.id).text(&account.display_name);
    let statement = statement.list(&words(account)).text(&account.password_hash);
    let statement = statement.maybe_moment(account.password_set_at).maybe_bytes(account.totp_secret.as_deref());
    Ok(statement.flag(account.active).run(tx.connection()).await? > 0)
}

async fn insert(tx: &mut Tx, new: &Account) -> Result<(), StoreError> {
    let text = format!(
        "INSERT INTO account ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
        ON CONFLICT (name) DO NOTHING"
    );
    let statement = sql(ACCOUNT, "making an account", text).text(&new.id).text(&new.name).text(&new.display_name);
    let statement = statement.list(&words(new)).text(&new.password_hash).maybe_bytes(new.totp_secret.as_deref());
    let statement = statement.number(fits("time step", new.totp_last_step)?).flag(new.active);
    let statement = statement.number(fits("failures", new.failures)?).maybe_moment(new.last_failure);
    let statement = statement.number(fits("failures", new.failures_before)?);
    let statement = statement.moment(new.created_at).maybe_moment(new.password_set_at);
    if statement.maybe_moment(new.last_sign_in).run(tx.connection()).await? == 0 {
        return Err(StoreError::NameTaken { name: new.name.clone() });
    }
    Ok(())
}
