//! What this node was told about its own standing, kept for its people: a second machine bears its identity, its parent
//! is shut out from above, or it is itself.

use serde::{Deserialize, Serialize};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::Store;

use super::state::{read, write};
use crate::boxed;
use crate::error::LinkError;
use crate::site::Site;

/// A second machine with the child's identity was turned away.
pub(crate) const TWIN: &str = "TWIN";
/// The parent is shut out by its own parent.
pub(crate) const SUSPENDED: &str = "SUSPENDED";
/// What the parent takes of this node in a day is used up.
pub(crate) const QUOTA: &str = "QUOTA";
/// The parent is let in again.
pub(crate) const RESUMED: &str = "RESUMED";

const WARNED: &str = "uplink.warned";
/// Where it is kept whether this node is shut out.
pub(crate) const SUSPENSION: &str = "uplink.suspension";

/// A second machine calls at least once in the longest pause between attempts, a minute and a half: after this long
/// without a call it is gone.
pub(crate) const TWIN_GONE_S: i64 = 180;

/// Something that this node's people must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// `TWIN`, `SUSPENDED` or `QUOTA`.
    pub code: String,
    /// Where the second machine called from, who is shut out, or how much is taken in a day.
    pub detail: String,
    /// When it was told last.
    pub at: Moment,
}

impl Warning {
    /// The warnings that stand.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn standing(store: &Store, now: Moment) -> Result<Vec<Self>, LinkError> {
        let mut told = read::<Vec<Self>>(store, WARNED).await?.unwrap_or_default();
        told.retain(|one| match one.code.as_str() {
            TWIN => now.seconds_since(one.at).abs() <= TWIN_GONE_S,
            QUOTA => now.day() == one.at.day(),
            _ => true,
        });
        Ok(told)
    }
}

impl Say for Warning {
    fn say(&self, lang: Lang) -> String {
        let Self { detail, at, .. } = self;
        let (zh, en) = if self.code == TWIN {
            (
                format!(
                    "另一台机器（{detail}）也在用本单位的身份连接上级，已被上级拒绝（{at}）；请找到并停用那台机器，或确认由它接替后停止本机的 serve。若不知其来历，请立即请上级吊销后重新邀请"
                ),
                format!(
                    "another machine ({detail}) calls the parent with this bureau's identity and was turned away ({at}); find and stop it, or stop serve here if it is to take over; if nobody knows it, have this bureau revoked and invited anew"
                ),
            )
        } else if self.code == QUOTA {
            (
                format!(
                    "今日送往上级的上报和提问已达上级规定的每日上限 {detail} 次（{at}），其余保留在本级，明日自动继续；记录和目录照常往来；如确有需要请联系上级"
                ),
                format!(
                    "the parent takes {detail} reports and questions a day, and today's are used up ({at}); the rest is kept here and goes on tomorrow by itself, records and catalogs go on; call the parent if it cannot wait"
                ),
            )
        } else {
            (
                format!(
                    "上级 {detail} 已被其上级吊销（{at} 起）；本级工作不受影响，记录照常上送，但不会有新的市级目录，证书暂不能续期；请与上级联系"
                ),
                format!(
                    "the parent {detail} is revoked by its own parent (since {at}); work here goes on, but nothing new comes from above and certificates are not renewed; call the parent"
                ),
            )
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// Takes a warning down. One of a code that this version does not know is passed over.
pub(super) async fn note(site: &Site, code: &str, detail: &str) -> Result<(), LinkError> {
    let now = site.now();
    let mut told = Warning::standing(&site.store, now).await?;
    match code {
        TWIN | SUSPENDED | QUOTA => {
            told.retain(|one| one.code != code);
            told.push(Warning { code: code.to_owned(), detail: detail.to_owned(), at: now });
        }
        RESUMED => told.retain(|one| one.code != SUSPENDED),
        _ => return Ok(()),
    }
    write(&site.store, WARNED, &told).await
}

/// This node is shut out by its parent, which revoked its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Who shut it out.
    pub by: RegionCode,
    /// Since when that is known here.
    pub since: Moment,
}

impl Suspension {
    /// Whether this node is shut out, as far as it knows.
    ///
    /// # Errors
    /// The database cannot be read.
    #[boxed]
    pub async fn load(store: &Store) -> Result<Option<Self>, LinkError> {
        Ok(read::<Option<Self>>(store, SUSPENSION).await?.flatten())
    }
}

impl Say for Suspension {
    fn say(&self, lang: Lang) -> String {
        let Self { by, since } = self;
        let zh = format!(
            "本单位已被上级 {by} 吊销（{since} 起获知），暂不能邀请下级或为其签发、续期证书，已告知在线的下级；如属误会，请上级重新邀请，再运行 join"
        );
        let en = format!(
            "revoked by {by} (known since {since}): nobody below can be invited or certified, and those connected were told; ask to be invited anew and join again"
        );
        lang.pick(&zh, &en).to_owned()
    }
}

/// The parent says that this node is revoked.
pub(super) async fn suspend(site: &Site, by: &RegionCode) -> Result<(), LinkError> {
    if Suspension::load(&site.store).await?.is_none() {
        tracing::error!(parent = %by, "revoked by the parent: nobody below is certified from now on");
        write(&site.store, SUSPENSION, &Some(Suspension { by: by.clone(), since: site.now() })).await?;
    }
    Ok(())
}

/// The parent let this node in: it is not shut out, and whether the parent is, the parent says anew.
pub(super) async fn admitted(site: &Site) -> Result<(), LinkError> {
    if Suspension::load(&site.store).await?.is_some() {
        write(&site.store, SUSPENSION, &None::<Suspension>).await?;
    }
    note(site, RESUMED, "").await
}
