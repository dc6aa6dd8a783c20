//! A form among the entries: drawn as the sheet that people will fill in, said in words, and given out as the workbook
//! in which it is designed.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::kit;
use tongpin_console::web::list::{XLSX, attachment};
use tongpin_console::web::{PageError, Tone, notice};
use tongpin_console::workbook::form_book;
use tongpin_domain::catalog::Entry;
use tongpin_domain::form::{Definition, FORMS, changes};

use super::entry::Versions;
use super::{View, entry_address};
use crate::web::Context;
use crate::web::WORK;

/// The workbook of the form as it stands: that of the draft if there is one.
pub(in crate::web) async fn book(
    cx: Context,
    Path((name, key)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &WORK).await?;
    let lang = view.cx.lang();
    let versions = view.versions(&key).await?;
    let stands = versions.current().map(|row| row.body).or_else(|| versions.published.map(|entry| entry.body));
    let Some(definition) = stands.as_deref().and_then(|body| view.form_of(body)) else {
        let why = lang.pick("没有这张表单，或这不是表单", "there is no such form");
        return view.entry_page(&key, &notice(Tone::Bad, why), StatusCode::NOT_FOUND).await;
    };
    match form_book::write(&definition) {
        Ok(bytes) => Ok(attachment(bytes, XLSX, &format!("{}表单工作簿.xlsx", definition.title))),
        Err(error) => {
            tracing::error!(%error, form = key, "a form's workbook could not be written");
            let why = lang.pick("工作簿无法生成：内容超出 Excel 的限制", "it is larger than a workbook");
            view.entry_page(&key, &notice(Tone::Bad, why), StatusCode::INTERNAL_SERVER_ERROR).await
        }
    }
}

impl View {
    /// The form that an entry's body is; `None` for entries of other catalogs.
    pub(super) fn form_of(&self, body: &str) -> Option<Definition> {
        if self.name == FORMS { serde_json::from_str(body).ok() } else { None }
    }

    /// A form drawn and said.
    pub(super) fn form_content(&self, definition: &Definition) -> Markup {
        let lang = self.cx.lang();
        let (per, of) = (definition.subject.per.text(lang), definition.subject.of.text(lang));
        html! {
            p.hint {
                @if !definition.stage.is_empty() { (lang.pick("阶段：", "stage: ")) (definition.stage) (lang.pick("；", "; ")) }
                (lang.pick("填报对象：", "about: ")) (of) (lang.pick("；频次：", "; how often: ")) (per)
                @if !definition.basis.is_empty() { (lang.pick("；依据：", "; basis: ")) (definition.basis.join("、")) }
            }
            (kit::blank(definition, lang))
            (kit::help(definition, lang))
        }
    }

    /// What two versions of a form differ in.
    pub(super) fn form_differences(&self, before: &Entry, after: &str) -> Option<Markup> {
        let (before, after) = (self.form_of(&before.body)?, self.form_of(after)?);
        Some(kit::changes(&changes(&before, &after), self.cx.lang()))
    }

    /// Where a form can be worked on.
    pub(super) fn form_links(&self, key: &str, versions: &Versions) -> Markup {
        let lang = self.cx.lang();
        let place = entry_address(&self.name, key);
        let collects = versions.published.as_ref().and_then(|entry| self.form_of(&entry.body));
        let collects = collects.is_some_and(|form| form.leaves_something());
        html! {
            div.row.noprint {
                @if self.cx.may(&[Duty::Enter]) && versions.current().is_some() {
                    a.button href=(format!("{place}/design")) { (lang.pick("设计", "Design")) }
                    a href=(format!("{place}/edit")) { (lang.pick("打开为 TOML", "Open as TOML")) }
                }
                a href=(format!("{place}/book.xlsx")) { (lang.pick("导出工作簿", "Its workbook")) }
                @if self.cx.may(&[Duty::Enter]) && collects {
                    a href=(format!("/collections/new?template=form:{key}")) { (lang.pick("按此表归集", "Collect by it")) }
                }
            }
        }
    }
}
