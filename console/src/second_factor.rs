//! 动态口令: the second factor (RFC 6238: SHA-1, six digits, every 30 seconds), as phones and tokens make it.

use tongpin_domain::moment::Moment;
use totp_rs::{Builder, Totp};

/// Bytes of a secret.
pub const SECRET_BYTES: usize = 20;

fn totp(secret: &[u8], issuer: Option<&str>, account: &str) -> Totp {
    let builder = Builder::new().with_secret(secret.to_vec()).with_skew(1);
    builder.with_issuer(issuer.map(str::to_owned)).with_account_name(account.to_owned()).build_noncompliant()
}

/// The time step that a code belongs to, if it is right now or was or will be half a minute from now.
#[must_use]
pub fn check(secret: &[u8], code: &str, now: Moment) -> Option<u64> {
    let seconds = u64::try_from(now.0 / 1000).ok()?;
    totp(secret, None, "").check(code, seconds)
}

/// The address that a phone reads from a QR code to take the secret.
#[must_use]
pub fn address(secret: &[u8], issuer: &str, account: &str) -> String {
    // A colon divides the two in the address.
    let clean = |text: &str| text.replace(':', " ");
    totp(secret, Some(&clean(issuer)), &clean(account)).to_url().unwrap_or_default()
}

/// The code of a moment: what a phone would show.
#[cfg(test)]
pub(crate) fn code(secret: &[u8], now: Moment) -> String {
    totp(secret, None, "").generate(u64::try_from(now.0 / 1000).unwrap_or(0)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of RFC 6238, appendix B, shortened to six digits; a minute later a code is no longer right.
    #[test]
    fn codes_of_the_standard() {
        let secret = b"12345678901234567890";
        let at = |seconds: i64| Moment(seconds * 1000);
        assert_eq!(check(secret, "287082", at(59)), Some(1));
        assert_eq!(check(secret, "081804", at(1_111_111_109)), Some(37_037_036));
        assert_eq!(code(secret, at(1_234_567_890)), "005924");
        assert_eq!(check(secret, "287082", at(89)), Some(1));
        assert_eq!(check(secret, "287082", at(119)), None);
        assert_eq!(check(secret, "", at(59)), None);
        assert_eq!(check(secret, "28708", at(59)), None);
    }
}
