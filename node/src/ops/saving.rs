//! Why something of a project was not saved (未保存), in words.

use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_store::StoreError;

use crate::ops::scoring::ScoreError;

/// A project was not saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveError {
    /// Somebody saved it since the page was made.
    #[error("the project was changed in the meantime")]
    Changed,
    /// It is another bureau's record.
    #[error("the project is a record of {0}")]
    NotOurs(RegionCode),
    /// It is no longer there.
    #[error("the project is gone")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be written as text.
    #[error("a record could not be written as JSON")]
    Internal(#[from] serde_json::Error),
}

impl From<ScoreError> for SaveError {
    fn from(error: ScoreError) -> Self {
        match error {
            ScoreError::Store(error) => Self::Store(error),
            ScoreError::Internal(error) => Self::Internal(error),
        }
    }
}

impl Say for SaveError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Changed => (
                "已有他人修改并保存了此项目，本次未保存；请核对后再保存".to_owned(),
                "somebody else has saved this project in the meantime; compare, then save again".to_owned(),
            ),
            Self::NotOurs(author) => (
                format!("此项目由 {author} 登记并上送，只能由其修改；如有错误，请通知该单位更正"),
                format!("{author} keeps this project, and only {author} may change it; ask them to correct it"),
            ),
            Self::Gone => (
                "此项目已被删除，本次未保存；仍需保留的，请重新登记".to_owned(),
                "this project has been removed; enter it again if it is still needed".to_owned(),
            ),
            Self::Store(error) => return error.say(lang),
            Self::Internal(error) => (
                format!("程序内部错误（{error}），未保存；请联系技术支持"),
                format!("an internal error ({error}); nothing was saved, ask for support"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}
