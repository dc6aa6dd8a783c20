//! Forms that are not published, and why, in the words of whoever designs them.

use std::fmt;

use tongpin_domain::lang::{Lang, Say};

/// A form that is not published.
#[derive(Debug)]
pub(crate) struct RefusedForm {
    /// Its code.
    pub(crate) key: String,
    /// What it is called.
    pub(crate) title: String,
    /// Why, in Chinese.
    pub(crate) zh: Vec<String>,
    /// Why, in English.
    pub(crate) en: Vec<String>,
}

/// Forms that are not published: documents that exist could not be read any more, or they are wrong as they stand.
#[derive(Debug)]
pub(crate) struct FormsRefused(pub(crate) Vec<RefusedForm>);

impl fmt::Display for FormsRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|form| format!("{}: {}", form.key, form.en.join("; "))).collect();
        write!(f, "forms are not published: {}", all.join("; "))
    }
}

impl std::error::Error for FormsRefused {}

impl Say for FormsRefused {
    fn say(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        let form = |form: &RefusedForm| format!("表单“{}”：{}", form.title, form.zh.join("；"));
        let all: Vec<String> = self.0.iter().map(form).collect();
        format!("没有发布：{}。请修改草稿后再发布", all.join("。"))
    }
}
