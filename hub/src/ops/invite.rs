//! 邀请: where a child that is let in shall connect to.

use crate::failure::Failure;

/// An address that a child can connect to: `host:port`, never port 0 or the address that means "all of mine".
///
/// # Errors
/// What is named will not do.
pub(crate) fn checked_address(text: &str) -> Result<String, Failure> {
    let address = text.trim();
    let parts = address.rsplit_once(':');
    let usable = parts.is_some_and(|(host, port)| {
        let everywhere = matches!(host, "" | "0.0.0.0" | "[::]" | "::");
        !everywhere && !host.contains(char::is_whitespace) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if usable {
        return Ok(address.to_owned());
    }
    Err(Failure::input(
        format!("“{address}”不是对方能连接的地址；应为 主机:端口，如 10.0.0.1:7401，不能是 0.0.0.0"),
        format!("{address:?} is no address to connect to; it should be host:port, such as 10.0.0.1:7401"),
    ))
}

#[cfg(test)]
mod tests {
    use super::checked_address;

    /// Shows that only what a child can connect to goes into a token.
    #[test]
    fn addresses() {
        for good in ["10.0.0.1:7401", "hub.example:1", " localhost:65535 ", "[fe80::1]:7401"] {
            assert_eq!(checked_address(good).ok().as_deref(), Some(good.trim()));
        }
        for bad in ["", "10.0.0.1", "0.0.0.0:7401", ":7401", "host:0", "host:65536", "a b:1", "[::]:1"] {
            assert!(checked_address(bad).is_err(), "{bad}");
        }
    }
}
