//! Values that no log, page or error may show.

use std::fmt;

use serde::Deserialize;

/// A text that shows itself to nobody who does not ask for it by name.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for its one use.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A URL as it may be shown: its user, password and parameters, any of which may carry a secret, are left out.
#[must_use]
pub fn shown_url(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // The last @ ends the password, which may hold an @ or a / that somebody forgot to escape.
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that neither a log line nor an error that prints a settings struct can spill a secret.
    #[test]
    fn secrets_do_not_print() {
        let secret = Secret::new("geheim".into());
        assert_eq!(format!("{secret} {:?}", Some(&secret)), "*** Some(***)");
        assert_eq!(secret.expose(), "geheim");
    }

    /// Shows that a database URL keeps its place and loses its credentials, however they are written.
    #[test]
    fn urls_lose_their_credentials() {
        assert_eq!(shown_url("postgres://tongpin:p@ss/w@db:5432/hub?password=x"), "postgres://db:5432/hub");
        assert_eq!(shown_url("sqlite:///srv/hub.db"), "sqlite:///srv/hub.db");
        assert_eq!(shown_url("./hub.db"), "./hub.db");
    }
}
