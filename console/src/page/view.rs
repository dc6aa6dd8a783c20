//! How a reader wants the page, as its address says it.

use tongpin_domain::lang::Lang;

/// How the page is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// The language.
    pub lang: Lang,
    /// The page does not load itself anew.
    pub still: bool,
}

impl View {
    /// Reads the part of the address after the question mark; what it does not know is left aside.
    #[must_use]
    pub fn of_query(query: Option<&str>) -> Self {
        let mut view = Self::default();
        for pair in query.unwrap_or_default().split('&') {
            match pair {
                "lang=en" => view.lang = Lang::En,
                "still=1" => view.still = true,
                _ => {}
            }
        }
        view
    }

    /// The address that asks for this view.
    #[must_use]
    pub fn link(self) -> &'static str {
        match (self.lang, self.still) {
            (Lang::Zh, false) => "/",
            (Lang::Zh, true) => "/?still=1",
            (Lang::En, false) => "/?lang=en",
            (Lang::En, true) => "/?lang=en&still=1",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that each view's address leads back to the view, so that one switch keeps what the other chose.
    #[test]
    fn links_lead_back() {
        for lang in [Lang::Zh, Lang::En] {
            for still in [false, true] {
                let view = View { lang, still };
                assert_eq!(View::of_query(view.link().split_once('?').map(|(_, query)| query)), view);
            }
        }
        assert_eq!(View::of_query(Some("lang=%65n&x=<script>&&=")), View::default());
    }
}
