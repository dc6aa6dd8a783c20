//! 一个目录: its draft beside what is published, importing, what is planned, and every node's state. What can be done
//! with it has a file each.

pub(super) mod design;
pub(super) mod edit;
pub(super) mod entries;
pub(super) mod entry;
mod entry_lists;
mod fields;
pub(super) mod form_entry;
pub(super) mod import;
pub(super) mod publishing;
pub(super) mod releases;
pub(super) mod rollout;
mod shown;
pub(super) mod template;
pub(super) mod trial;

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, Posted, Tone, discarding, notice};
use tongpin_domain::catalog::CatalogId;
use tongpin_link::publish::{PublishError, Separation};

use super::Context;
use super::WORK;
use super::catalogs::name as called;
use crate::failure::Failure;
use crate::ops::catalogs::check_name;
use crate::ops::diff::{self, Differences};
use crate::ops::nodes;
pub(super) use entry_lists::EntryLists;

/// A catalog and who looks at it.
struct View {
    cx: Context,
    name: String,
    /// The divisions' names, by code: entries are for some of them.
    names: BTreeMap<String, String>,
    /// Whether who drafted may publish, because the bureau has nobody else.
    one_person: bool,
}

/// The page.
pub(super) async fn get(cx: Context, Path(name): Path<String>) -> Result<Response, PageError> {
    let view = View::open(cx, name, &WORK).await?;
    view.show(&html! {}, StatusCode::OK).await
}

/// Where an entry's page is. Keys may hold anything but blanks and slashes.
fn entry_address(catalog: &str, key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let escaped = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    format!("/catalogs/{catalog}/entries/{}", key.bytes().map(escaped).collect::<String>())
}

impl View {
    /// Opens a catalog for a reader who holds one of these duties. A misspelt address must not become a catalog.
    async fn open(cx: Context, name: String, duties: &[Duty]) -> Result<Self, PageError> {
        cx.must(duties).await?;
        check_name(&cx.app, &name, false).await?;
        let regions = cx.app.regions().await?;
        let names = regions.iter().map(|region| (region.code.to_string(), region.name.clone())).collect();
        let one_person = cx.app.separation().await? == Separation::OnePerson;
        Ok(Self { cx, name, names, one_person })
    }

    fn id(&self) -> CatalogId {
        self.cx.app.catalog(&self.name)
    }

    fn called(&self) -> String {
        called(&self.name, self.cx.lang())
    }

    fn action(&self, what: &str) -> String {
        format!("/catalogs/{}/{what}", self.name)
    }

    /// Whom an entry is for, in words.
    fn audience_said(&self, audience: &str) -> String {
        match audience {
            "*" => self.cx.lang().pick("全市共享", "everyone").to_owned(),
            "-" => self.cx.lang().pick("仅本级", "this level only").to_owned(),
            code => {
                let name = self.names.get(code).map_or(code, String::as_str);
                format!("{name}{}", self.cx.lang().pick("及所辖乡镇", " and its townships"))
            }
        }
    }

    /// What the draft would change, if there is one.
    async fn differences(&self) -> Result<Option<Differences>, PageError> {
        match diff::differences(&self.cx.app, &self.name).await {
            Err(Failure::Publish(PublishError::NoDraft(_))) => Ok(None),
            found => Ok(Some(found?)),
        }
    }

    async fn show(&self, told: &Markup, status: StatusCode) -> Result<Response, PageError> {
        self.with_file(told, "", status).await
    }

    /// The page, with what is wrong with the file that was sent.
    async fn with_file(&self, told: &Markup, wrong: &str, status: StatusCode) -> Result<Response, PageError> {
        let (lang, app) = (self.cx.lang(), &self.cx.app);
        let difference = self.differences().await?;
        let rows = nodes::rows(app).await?;
        let plan = app.store().planned_release(&self.id()).await?;
        let head = app.store().head(&self.id()).await?.map_or(0, |head| head.number);
        let body = html! {
            (told)
            (self.links(head))
            @if let Some(plan) = &plan { (self.plan_section(plan, difference.as_ref().map(|it| it.draft))) }
            @match &difference {
                Some(difference) => { (self.draft_section(difference)) (self.draft_steps(difference)) }
                None => { p.empty { (lang.pick("没有草稿。由经办导入文件或在线编辑后，在此核对并发布。", "There is no draft: it begins with a file or an edit.")) } }
            }
            @if self.cx.may(&[Duty::Enter]) { (self.import_form(wrong)) }
            (self.node_table(&rows, head))
            p { a href="/catalogs" { (lang.pick("返回目录列表", "Back to the catalogs")) } }
        };
        Ok(self.cx.page(&self.called()).status(status).show(&body))
    }
}

/// Gives the draft up, with what was planned for it.
pub(super) async fn discard(
    cx: Context,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter, Duty::Publish]).await?;
    if !typed.checked("sure") {
        let unsure = view.cx.lang().pick("请勾选“确认”后再放弃", "check that you are sure");
        return view.show(&notice(Tone::Bad, unsure), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (id, entry) = (view.id(), view.cx.audit_entry("catalog_discard", &view.name, ""));
    let back = format!("/catalogs/{}", view.name);
    discarding::discard(&view.cx, view.cx.app.store(), (&id, &entry), &typed, &back).await
}
