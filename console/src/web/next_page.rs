//! Where a reader may be sent after signing in or choosing a language: to a page of this console and nowhere else.

/// An address within this console, or the first page. A link that somebody made leads nowhere else, however it is
/// written: browsers drop tabs and line ends, take `\` for `/`, and take `//` for another machine; something in between
/// may have decoded what was encoded.
pub(super) fn inside(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let fits = path.starts_with('/')
        && !address.chars().any(char::is_control)
        && decoded(path).is_some_and(|path| plain(&path));
    if fits { address } else { "/" }
}

fn plain(path: &[u8]) -> bool {
    !path.windows(2).any(|pair| pair == b"//") && !path.iter().any(|byte| *byte == b'\\' || byte.is_ascii_control())
}

/// A path with what is encoded in it decoded, as often as it was encoded; `None` if that has no end in sight.
fn decoded(path: &str) -> Option<Vec<u8>> {
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..4 {
        let once = decoded_once(&bytes);
        if once == bytes {
            return Some(bytes);
        }
        bytes = once;
    }
    None
}

/// What stands behind `%` and two digits, decoded.
pub(super) fn decoded_once(bytes: &[u8]) -> Vec<u8> {
    let digit =
        |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|it| u8::try_from(it).ok());
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                found.push(high << 4 | low);
                at += 3;
            }
            (byte, _, _) => {
                found.push(*byte);
                at += 1;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What leads to a page of ours stays as it is, whatever stands behind its question mark; what could lead elsewhere
    /// in any browser, or behind any proxy, leads to the first page.
    #[test]
    fn only_our_own_pages() {
        for own in [
            "/",
            "/accounts",
            "/audit?text=%2F%2Fa&from=2026-01-01",
            "/projects/XM%20001/goal?year=2026#lines",
            "/projects/%E9%A1%B9%E7%9B%AE",
            "/catalogs/50%25",
        ] {
            assert_eq!(inside(own), own);
        }
        for elsewhere in [
            "",
            "accounts",
            "https://evil.example",
            "javascript:alert(1)",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r/evil.example",
            "/\u{0}/evil.example",
            "/\u{85}/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/%09/evil.example",
            "/%0a/evil.example",
            "/%5Cevil.example",
            "/%5cevil.example",
            "/%2Fevil.example",
            "/%2f%2fevil.example",
            "/%252fevil.example",
            "/%25252fevil.example",
            "/%2509/evil.example",
            "/.//evil.example",
            "/a/..//evil.example",
            "/accounts?a=\t1",
            "/%25252525252fevil.example",
        ] {
            assert_eq!(inside(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
