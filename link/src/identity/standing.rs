//! How long an identity is still good, and when to renew it.

use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;

use super::Identity;

const DAY_S: i64 = 86_400;
/// What a certificate lasts from its making on; it begins earlier, so that its span tells less than this.
const LIFE_S: i64 = 90 * DAY_S;

/// Where a certificate stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its validity has not begun: the own clock is behind, or its issuer's was ahead.
    NotYetValid {
        /// When it begins.
        not_before: Moment,
    },
    /// Good, with more than a third of its life left.
    Valid {
        /// Whole days left.
        days_left: i64,
    },
    /// Good, but due for renewal.
    RenewSoon {
        /// Whole days left.
        days_left: i64,
    },
    /// Run out.
    Expired {
        /// When it ran out.
        since: Moment,
    },
}

impl Identity {
    /// Where the own certificate stands.
    #[must_use]
    pub fn standing(&self, now: Moment) -> Standing {
        let left = self.not_after().seconds_since(now);
        let days_left = left / DAY_S;
        if now < self.not_before() {
            Standing::NotYetValid { not_before: self.not_before() }
        } else if now > self.not_after() {
            Standing::Expired { since: self.not_after() }
        } else if left <= self.not_after().seconds_since(self.not_before()).min(LIFE_S) / 3 {
            Standing::RenewSoon { days_left }
        } else {
            Standing::Valid { days_left }
        }
    }

    /// Whether to renew now: less than a third of its life is left, or none.
    #[must_use]
    pub fn renewal_due(&self, now: Moment) -> bool {
        matches!(self.standing(now), Standing::RenewSoon { .. } | Standing::Expired { .. })
    }
}

impl Say for Standing {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NotYetValid { not_before }, Lang::Zh) => {
                format!(
                    "证书自 {not_before} 起才有效：本机时钟偏慢，或签发时上级时钟偏快。请先核对时钟；时钟无误的，请运行 renew。"
                )
            }
            (Self::NotYetValid { not_before }, Lang::En) => {
                format!(
                    "The certificate begins at {not_before}: a clock is off, check it; if this one is right, run renew."
                )
            }
            (Self::Valid { days_left }, Lang::Zh) => format!("证书有效，还有 {days_left} 天。"),
            (Self::Valid { days_left }, Lang::En) => format!("The certificate is valid for another {days_left} days."),
            (Self::RenewSoon { days_left }, Lang::Zh) => {
                format!("证书还有 {days_left} 天到期，与上级连通后会自动续期。")
            }
            (Self::RenewSoon { days_left }, Lang::En) => {
                format!("The certificate has {days_left} days left; it renews by itself once the upstream is reached.")
            }
            (Self::Expired { since }, Lang::Zh) => {
                format!("证书已于 {since} 到期。请先核对时钟；时钟无误的，请上级重新邀请本单位，再运行 join。")
            }
            (Self::Expired { since }, Lang::En) => {
                format!(
                    "The certificate expired at {since}. Check the clock; if it is right, be invited and join again."
                )
            }
        }
    }
}
