//! How far looking through a file, or writing it, has come.

use tongpin_domain::lang::Lang;
use tongpin_domain::thousands::marked;

/// What is being done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Step {
    /// It waits for room: others are looked through.
    #[default]
    Waiting,
    /// It is unpacked and read.
    Reading,
    /// Its rows are compared with what is held.
    Checking {
        /// Rows that are done, where they are done one by one.
        done: Option<usize>,
        /// All rows.
        total: usize,
    },
    /// What it says is written, all at once.
    Writing {
        /// Records that are written.
        total: usize,
    },
}

/// Whoever hears of it.
pub(crate) type On<'a> = &'a (dyn Fn(Step) + Send + Sync);

impl Step {
    /// The sentence on a page.
    pub(crate) fn say(self, lang: Lang) -> String {
        let number = |count: usize| marked(&count.to_string());
        let (zh, en) = match self {
            Self::Waiting => ("排队：等待其他文件处理完".to_owned(), "waiting for other files to be done".to_owned()),
            Self::Reading => ("正在读取文件".to_owned(), "reading the file".to_owned()),
            Self::Checking { done: Some(done), total } => {
                let (done, total) = (number(done), number(total));
                (format!("正在核对：{done} / {total} 行"), format!("checking: {done} of {total} rows"))
            }
            Self::Checking { done: None, total } => {
                let total = number(total);
                (format!("正在核对：共 {total} 行"), format!("checking {total} rows"))
            }
            Self::Writing { total } => {
                let total = number(total);
                (format!("正在写入：共 {total} 条"), format!("writing {total} records"))
            }
        };
        lang.pick(&zh, &en).to_owned()
    }

    /// How much is done, and of how much, where that is known.
    pub(crate) fn share(self) -> Option<(usize, usize)> {
        match self {
            Self::Checking { done: Some(done), total } => Some((done, total)),
            _ => None,
        }
    }
}
