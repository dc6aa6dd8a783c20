//! Where a request comes from, and whether it travelled encrypted: what the connection says, or what a proxy says that
//! the bureau named as its own.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};

pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How a request came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// The caller's address, as the audit log has it; empty if it is not known.
    pub(super) address: String,
    /// Whether it came over TLS, to this program or to the proxy before it.
    pub(super) secure: bool,
}

impl Origin {
    /// Reads it. What a request says of itself is believed of a trusted proxy alone, and of its addresses the last one
    /// that is not itself such a proxy: those before it anybody could have written.
    pub(super) fn of(peer: Option<SocketAddr>, headers: &HeaderMap, secure: bool, proxies: &[IpAddr]) -> Self {
        let Some(peer) = peer.map(|peer| peer.ip().to_canonical()) else {
            return Self { address: String::new(), secure };
        };
        let trusted = |address: &IpAddr| proxies.iter().any(|proxy| proxy.to_canonical() == *address);
        if !trusted(&peer) {
            return Self { address: peer.to_string(), secure };
        }
        let mut address = peer;
        for hop in words(headers, &FORWARDED_FOR).rev() {
            let Some(named) = read(hop) else { break };
            address = named;
            if !trusted(&address) {
                break;
            }
        }
        let said = words(headers, &FORWARDED_PROTO).next_back();
        Self { address: address.to_string(), secure: said.map_or(secure, |word| word.eq_ignore_ascii_case("https")) }
    }
}

/// The words of a header, in their order, over all its lines.
fn words<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl DoubleEndedIterator<Item = &'a str> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

/// An address with or without a port, as proxies write it.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse::<IpAddr>().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|it| it.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, headers: &[(&'static str, &str)], proxies: &[&str]) -> (String, bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().expect("a value"));
        }
        let proxies: Vec<IpAddr> = proxies.iter().map(|it| it.parse().expect("an address")).collect();
        let found = Origin::of(Some(peer.parse().expect("an address")), &map, false, &proxies);
        (found.address, found.secure)
    }

    /// A header counts only if the bureau's own proxy sent it, and of several addresses the last that is not a proxy's.
    #[test]
    fn whose_word_counts() {
        let (far, proto) = ("x-forwarded-for", "x-forwarded-proto");
        let told = [(far, "10.9.9.9"), (proto, "https")];
        assert_eq!(origin("10.1.1.1:5", &told, &[]), ("10.1.1.1".into(), false), "nobody is trusted");
        assert_eq!(origin("10.1.1.1:5", &told, &["10.1.1.2"]), ("10.1.1.1".into(), false), "another is");
        assert_eq!(origin("10.1.1.2:5", &told, &["10.1.1.2"]), ("10.9.9.9".into(), true));
        assert_eq!(origin("[::ffff:10.1.1.2]:5", &told, &["10.1.1.2"]), ("10.9.9.9".into(), true));
        let forged = [(far, "1.2.3.4, 10.9.9.9"), (far, "10.1.1.3:8080")];
        assert_eq!(origin("10.1.1.2:5", &forged, &["10.1.1.2", "10.1.1.3"]), ("10.9.9.9".into(), false));
        assert_eq!(origin("10.1.1.2:5", &[(far, "10.9.9.9, unknown")], &["10.1.1.2"]), ("10.1.1.2".into(), false));
        assert_eq!(origin("10.1.1.2:5", &[(far, "[fd00::7]:443")], &["10.1.1.2"]), ("fd00::7".into(), false));
        assert_eq!(origin("10.1.1.2:5", &[], &["10.1.1.2"]), ("10.1.1.2".into(), false));
        let mixed = [(far, "10.9.9.9"), (proto, "https, http")];
        assert_eq!(origin("10.1.1.2:5", &mixed, &["10.1.1.2"]), ("10.9.9.9".into(), false), "the last hop was plain");
    }
}
