//! Letting townships in and cutting them off (接入管理). What was refused is entered into the audit log as not done.

use tongpin_domain::region::RegionCode;
use tongpin_link::admin::{self, AdminError, Invited, Revoked};
use tongpin_store::AuditDraft;

use crate::app::App;

/// Whom to invite, and how.
pub(crate) struct Invitation<'a> {
    /// The township.
    pub(crate) region: &'a RegionCode,
    /// `host:port` as it sees this node.
    pub(crate) address: &'a str,
    /// How many days the token works.
    pub(crate) days: u32,
    /// Who invites.
    pub(crate) by: &'a str,
}

/// Makes a one-time token. The entry tells where it leads and how long it works; the token is a secret, and in no log.
///
/// # Errors
/// The region is not within this one, the address is none, or the database cannot be written.
pub(crate) async fn invite(
    app: &App,
    invitation: &Invitation<'_>,
    entry: &AuditDraft<'_>,
) -> Result<Invited, AdminError> {
    let Invitation { region, address, days, by } = *invitation;
    let detail = format!("{address}，{days} 天");
    let entry = AuditDraft { detail: &detail, ..*entry };
    let step = admin::invite(&app.site, region, address, days, by);
    app.store().audited_as(&entry, step, |done| Some(done.is_ok())).await
}

/// Takes the certificates of a township away: its link ends at once.
///
/// # Errors
/// There is no such township, no reason, or the database cannot be written.
pub(crate) async fn revoke(
    app: &App,
    region: &RegionCode,
    reason: &str,
    entry: &AuditDraft<'_>,
) -> Result<Revoked, AdminError> {
    let entry = AuditDraft { detail: reason.trim(), ..*entry };
    let step = admin::revoke(&app.site, region, reason);
    app.store().audited_as(&entry, step, |done| Some(done.is_ok())).await
}
