//! What catalogs (目录) are called.

use tongpin_domain::catalog;
use tongpin_domain::lang::Lang;

/// The trade's word for a catalog.
pub(crate) fn title(name: &str, lang: Lang) -> &str {
    lang.pick(catalog::title(name).unwrap_or(name), name)
}
