//! 证书: those issued to children, which of them are still admitted, and which were revoked.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::invitation::INVITATION;
use super::{CHILD, ChildStatus, introduce};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, sql};
use crate::topic::Topic;

const CERTIFICATE: &str = "certificate";
const COLUMNS: &str = "fingerprint, serial, region, issued_at, not_after, revoked_at, reason";

/// A certificate issued to a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of the certificate.
    pub fingerprint: Digest,
    /// Its serial number.
    pub serial: String,
    /// Whose it is.
    pub region: RegionCode,
    /// When it was issued.
    pub issued_at: Moment,
    /// When it ends.
    pub not_after: Moment,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Moment>,
    /// Why it was revoked, empty otherwise.
    pub reason: String,
}

fn certificate(line: &Line) -> Result<Certificate, StoreError> {
    Ok(Certificate {
        fingerprint: line.digest("fingerprint")?,
        serial: line.text("serial")?,
        region: line.region("region")?,
        issued_at: line.moment("issued_at")?,
        not_after: line.moment("not_after")?,
        revoked_at: line.maybe_moment("revoked_at")?,
        reason: line.text("reason")?,
    })
}

/// Writes a certificate and makes it its child's current one. A certificate that is known stays as it is: what was
/// revoked does not come back.
pub(super) async fn record(tx: &mut Tx, certificate: &Certificate) -> Result<(), StoreError> {
    let text = "INSERT INTO certificate (fingerprint, serial, region, issued_at, not_after, revoked_at, reason) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (fingerprint) DO NOTHING";
    let statement = sql(CERTIFICATE, "recording a certificate", text).digest(&certificate.fingerprint);
    let statement = statement.text(&certificate.serial).shown(&certificate.region).moment(certificate.issued_at);
    let statement = statement.moment(certificate.not_after).maybe_moment(certificate.revoked_at);
    let new = statement.text(&certificate.reason).run(tx.connection()).await? > 0;
    if !new || certificate.revoked_at.is_some() {
        return Ok(());
    }
    introduce(tx, &certificate.region, "").await?;
    let text = "UPDATE child SET status = $2, serial = $3, fingerprint = $4, not_after = $5 WHERE region = $1";
    let statement = sql(CHILD, "recording a certificate", text).shown(&certificate.region);
    let statement = statement.text(ChildStatus::Active.word()).text(&certificate.serial);
    statement.digest(&certificate.fingerprint).moment(certificate.not_after).run(tx.connection()).await?;
    tx.touch(Topic::Standing(certificate.region.clone()));
    Ok(())
}

/// Revoking a child, renewing and enrolling it go one after the other.
pub(super) async fn turn(tx: &mut Tx, region: &RegionCode) -> Result<(), StoreError> {
    tx.lock(&format!("certificates {region}")).await
}

/// Whether a certificate of a child was revoked at a moment or later.
pub(super) async fn revoked_since(tx: &mut Tx, region: &RegionCode, at: Moment) -> Result<bool, StoreError> {
    let text = "SELECT fingerprint FROM certificate WHERE region = $1 AND revoked_at >= $2 LIMIT 1";
    let query = sql(CERTIFICATE, "reading certificates", text).shown(region).moment(at);
    Ok(query.first(tx.connection()).await?.is_some())
}

/// Revokes what a region held before it joins anew at this moment: a moment before, so that the invitation used now
/// stays good for a lost answer, and those used earlier do not.
pub(super) async fn replace(tx: &mut Tx, region: &RegionCode, joined: Moment) -> Result<(), StoreError> {
    let text = "UPDATE certificate SET revoked_at = $2, reason = $3 WHERE region = $1 AND revoked_at IS NULL";
    let statement = sql(CERTIFICATE, "replacing certificates", text).shown(region);
    let statement = statement.moment(Moment(joined.0.saturating_sub(1))).text("重新加入");
    statement.run(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// Records the certificate that a child gets for one that it holds, unless that one has been revoked: what decides
    /// is this transaction, since a caller's knowledge may be older than a revocation. Returns whether it was recorded.
    #[boxed]
    pub async fn renew_certificate(&self, held: &Digest, new: &Certificate) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        turn(&mut tx, &new.region).await?;
        let text = "SELECT fingerprint FROM certificate WHERE fingerprint = $1 AND region = $2 AND revoked_at IS NULL";
        let query = sql(CERTIFICATE, "renewing a certificate", text).digest(held).shown(&new.region);
        if query.first(tx.connection()).await?.is_none() {
            return Ok(false);
        }
        record(&mut tx, new).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Records a certificate and makes it its child's current one.
    #[boxed]
    pub async fn record_certificate(&self, certificate: &Certificate) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        record(&mut tx, certificate).await?;
        tx.commit().await
    }

    /// Every certificate ever issued to a child, sorted by region and date.
    #[boxed]
    pub async fn all_certificates(&self) -> Result<Vec<Certificate>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM certificate ORDER BY region, issued_at");
        sql(CERTIFICATE, "reading certificates", text).read(&mut *self.reader().await?, certificate).await
    }

    /// Revokes all certificates of a child and returns how many that were. Invitations made before are worthless from
    /// now on, also to the key that used one: whoever is put out gets in again by a new invitation only.
    #[boxed]
    pub async fn revoke(&self, region: &RegionCode, at: Moment, reason: &str) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        turn(&mut tx, region).await?;
        let text = "UPDATE invitation SET expires_at = $2 WHERE region = $1 AND expires_at > $2";
        sql(INVITATION, "revoking", text).shown(region).moment(at).run(tx.connection()).await?;
        let text = "UPDATE certificate SET revoked_at = $2, reason = $3 WHERE region = $1 AND revoked_at IS NULL";
        let statement = sql(CERTIFICATE, "revoking", text).shown(region).moment(at).text(reason);
        let revoked = statement.run(tx.connection()).await?;
        let statement = sql(CHILD, "revoking", "UPDATE child SET status = $2 WHERE region = $1").shown(region);
        statement.text(ChildStatus::Revoked.word()).run(tx.connection()).await?;
        tx.touch(Topic::Standing(region.clone()));
        tx.commit().await?;
        Ok(revoked)
    }

    /// All certificates of a child, oldest first.
    #[boxed]
    pub async fn certificates(&self, region: &RegionCode) -> Result<Vec<Certificate>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM certificate WHERE region = $1 ORDER BY issued_at, fingerprint");
        let query = sql(CERTIFICATE, "reading certificates", text).shown(region);
        query.read(&mut *self.reader().await?, certificate).await
    }

    /// One certificate.
    #[boxed]
    pub async fn certificate(&self, fingerprint: &Digest) -> Result<Option<Certificate>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM certificate WHERE fingerprint = $1");
        let query = sql(CERTIFICATE, "reading a certificate", text).digest(fingerprint);
        query.first(&mut *self.reader().await?).await?.as_ref().map(certificate).transpose()
    }
}
