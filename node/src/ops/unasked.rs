//! What the configuration lets leave by itself (自动上报) and nobody asks.

use std::collections::BTreeSet;

use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::StoreError;

use crate::app::App;
use crate::guidance;

/// What the configuration lets leave by itself and nobody asks of this node: misspelt, not published yet, or no longer.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn unasked(app: &App) -> Result<Vec<Unasked>, StoreError> {
    let (store, parent) = (app.store(), &app.parent.region);
    let mut left: BTreeSet<&String> = app.settings.own.auto_submit.iter().collect();
    if left.is_empty() {
        return Ok(Vec::new());
    }
    for asked in guidance::asked(store, parent, &app.site.region()).await? {
        left.remove(&asked.collection.id);
    }
    for id in guidance::unreadable_collections(store, parent).await? {
        left.remove(&id);
    }
    Ok(left.into_iter().cloned().map(Unasked).collect())
}

/// An id that the configuration lets leave by itself, and that nobody asks of this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unasked(pub(crate) String);

impl Say for Unasked {
    fn say(&self, lang: Lang) -> String {
        let Self(id) = self;
        let zh = format!(
            "配置 auto_submit 中的“{id}”没有对应的归集任务，不会自动上报；请核对是否写错（collections 列出现有任务），\
             上级尚未发布的，发布后自动上报"
        );
        let en = format!(
            "auto_submit names {id:?}, which nobody asks of this node, so that nothing is reported; check the spelling \
             (collections lists what is asked), or wait until it is published"
        );
        lang.pick(&zh, &en).to_owned()
    }
}
