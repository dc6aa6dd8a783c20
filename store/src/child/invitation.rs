//! 邀请: one-time invitations. Only the hash of the secret is kept, so that who reads the database cannot join.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::certificate::{self, Certificate};
use super::introduce;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, sql};
use crate::topic::Topic;

pub(super) const INVITATION: &str = "invitation";
const COLUMNS: &str = "secret_hash, region, address, created_at, expires_at, used_at, used_key, invited_by";

/// An invitation to join as a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The hash of the secret in the token.
    pub secret_hash: Digest,
    /// Whom it is for.
    pub region: RegionCode,
    /// The address that the token names.
    pub address: String,
    /// When it was made.
    pub created_at: Moment,
    /// From when on it is worthless.
    pub expires_at: Moment,
    /// When it was used, if it was.
    pub used_at: Option<Moment>,
    /// The hash of the key that used it.
    pub used_key: Option<Digest>,
    /// Who invited.
    pub by: String,
}

/// What became of an attempt to use an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// There is no such invitation.
    NotFound,
    /// It ended at this moment.
    Expired {
        /// When.
        at: Moment,
    },
    /// Another key has used it.
    UsedByAnother,
    /// It is used now, and the certificates are recorded.
    Redeemed,
    /// The same key comes again because the answer was lost; its certificates are recorded as well.
    Again,
}

fn invitation(line: &Line) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        secret_hash: line.digest("secret_hash")?,
        region: line.region("region")?,
        address: line.text("address")?,
        created_at: line.moment("created_at")?,
        expires_at: line.moment("expires_at")?,
        used_at: line.maybe_moment("used_at")?,
        used_key: line.maybe_digest("used_key")?,
        by: line.text("invited_by")?,
    })
}

/// Ends what a region has of unused invitations.
async fn close(tx: &mut Tx, region: &RegionCode, at: Moment) -> Result<(), StoreError> {
    let text = "UPDATE invitation SET expires_at = $2 WHERE region = $1 AND used_at IS NULL AND expires_at > $2";
    sql(INVITATION, "ending invitations", text).shown(region).moment(at).run(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// Keeps an invitation; those of the region that are still open end with it, so that there is one at a time. The
    /// child appears as invited; one that is there already stays as it is until it joins anew.
    #[boxed]
    pub async fn invite(&self, new: &Invitation) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        certificate::turn(&mut tx, &new.region).await?;
        close(&mut tx, &new.region, new.created_at).await?;
        let text = format!("INSERT INTO invitation ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let statement = sql(INVITATION, "inviting", text).digest(&new.secret_hash).shown(&new.region);
        let statement = statement.text(&new.address).moment(new.created_at).moment(new.expires_at);
        let statement = statement.maybe_moment(new.used_at);
        let statement = statement.maybe_bytes(new.used_key.as_ref().map(|key| &key.0[..]));
        statement.text(&new.by).run(tx.connection()).await?;
        introduce(&mut tx, &new.region, "").await?;
        tx.touch(Topic::Standing(new.region.clone()));
        tx.commit().await
    }

    /// The invitation that a secret belongs to.
    #[boxed]
    pub async fn invitation(&self, secret_hash: &Digest) -> Result<Option<Invitation>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM invitation WHERE secret_hash = $1");
        let query = sql(INVITATION, "reading an invitation", text).digest(secret_hash);
        query.first(&mut *self.reader().await?).await?.as_ref().map(invitation).transpose()
    }

    /// All invitations, newest first.
    #[boxed]
    pub async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM invitation ORDER BY created_at DESC, secret_hash");
        sql(INVITATION, "reading invitations", text).read(&mut *self.reader().await?, invitation).await
    }

    /// Uses an invitation: in one transaction it is marked as used by a key, and the certificates are recorded.
    ///
    /// The same key may come again, because its answer may have been lost; any other key is refused. A lost answer is
    /// made good even after the invitation's end, but not after the child was revoked. What the region held before is
    /// revoked: there is one node to a region, and the old one may be in other hands.
    #[boxed]
    pub async fn redeem(
        &self,
        secret_hash: &Digest,
        key_hash: &Digest,
        certificates: &[Certificate],
        at: Moment,
    ) -> Result<Redeemed, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock(&format!("invitation {secret_hash}")).await?;
        let text = format!("SELECT {COLUMNS} FROM invitation WHERE secret_hash = $1");
        let query = sql(INVITATION, "reading an invitation", text).digest(secret_hash);
        let Some(line) = query.first(tx.connection()).await? else { return Ok(Redeemed::NotFound) };
        let found = invitation(&line)?;
        certificate::turn(&mut tx, &found.region).await?;
        let revoked = match found.used_at {
            Some(used_at) => certificate::revoked_since(&mut tx, &found.region, used_at).await?,
            None => false,
        };
        let outcome = match found.used_key {
            Some(key) if key != *key_hash => return Ok(Redeemed::UsedByAnother),
            Some(_) if revoked => return Ok(Redeemed::Expired { at: found.expires_at }),
            Some(_) => Redeemed::Again,
            None if at >= found.expires_at => return Ok(Redeemed::Expired { at: found.expires_at }),
            None => Redeemed::Redeemed,
        };
        if outcome == Redeemed::Redeemed {
            let text = "UPDATE invitation SET used_at = $2, used_key = $3 WHERE secret_hash = $1";
            let statement = sql(INVITATION, "redeeming", text).digest(secret_hash).moment(at).digest(key_hash);
            statement.run(tx.connection()).await?;
            close(&mut tx, &found.region, at).await?;
            certificate::replace(&mut tx, &found.region, at).await?;
        }
        tx.touch(Topic::Standing(found.region.clone()));
        for new in certificates {
            certificate::record(&mut tx, new).await?;
        }
        tx.commit().await?;
        Ok(outcome)
    }
}
