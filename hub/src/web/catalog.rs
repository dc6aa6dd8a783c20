//! 一个目录: its draft beside what is published, importing, what is planned, and every node's state. What can be done
//! with it has a file each.

pub(super) mod edit;
pub(super) mod entries;
pub(super) mod entry;
mod fields;
pub(super) mod import;
pub(super) mod publishing;
pub(super) mod releases;
pub(super) mod rollout;
mod shelf;
mod shown;
pub(super) mod template;

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Posted, Tone, notice};
use tongpin_domain::catalog::CatalogId;
use tongpin_link::publish::{PublishError, Separation};

use super::catalogs::name as called;
use super::desk::Desk;
use super::{WORK, back, found_it};
use crate::command::diff::{self, Differences};
use crate::command::import::check_name;
use crate::command::nodes;
use crate::failure::Failure;
pub(super) use shelf::Shelf;

/// A catalog and who looks at it.
struct View {
    desk: Desk,
    name: String,
    /// The divisions' names, by code: entries are for some of them.
    names: BTreeMap<String, String>,
    /// Whether who drafted may publish, because the bureau has nobody else.
    one_person: bool,
}

/// The page.
pub(super) async fn get(desk: Desk, Path(name): Path<String>) -> Result<Response, Response> {
    let view = View::open(desk, name, &WORK).await?;
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
    async fn open(desk: Desk, name: String, duties: &[Duty]) -> Result<Self, Response> {
        desk.must(duties).await?;
        desk.told(check_name(&desk.app, &name, false).await)?;
        let regions = desk.told(desk.app.regions().await)?;
        let names = regions.iter().map(|region| (region.code.to_string(), region.name.clone())).collect();
        let one_person = desk.told(desk.app.separation().await)? == Separation::OnePerson;
        Ok(Self { desk, name, names, one_person })
    }

    fn id(&self) -> CatalogId {
        self.desk.app.catalog(&self.name)
    }

    fn called(&self) -> String {
        called(&self.name, self.desk.lang())
    }

    fn action(&self, what: &str) -> String {
        format!("/catalogs/{}/{what}", self.name)
    }

    fn page(&self, title: &str, status: StatusCode, body: &Markup) -> Response {
        self.desk.page(title, status, body)
    }

    /// Whom an entry is for, in words.
    fn audience_said(&self, audience: &str) -> String {
        match audience {
            "*" => self.desk.lang().pick("全市共享", "everyone").to_owned(),
            "-" => self.desk.lang().pick("仅本级", "this level only").to_owned(),
            code => {
                let name = self.names.get(code).map_or(code, String::as_str);
                format!("{name}{}", self.desk.lang().pick("及所辖乡镇", " and its townships"))
            }
        }
    }

    /// What the draft would change, if there is one.
    async fn differences(&self) -> Result<Option<Differences>, Response> {
        match diff::differences(&self.desk.app, &self.name).await {
            Err(Failure::Publish(PublishError::NoDraft(_))) => Ok(None),
            found => self.desk.told(found).map(Some),
        }
    }

    async fn show(&self, told: &Markup, status: StatusCode) -> Result<Response, Response> {
        self.with_file(told, "", status).await
    }

    /// The page, with what is wrong with the file that was sent.
    async fn with_file(&self, told: &Markup, wrong: &str, status: StatusCode) -> Result<Response, Response> {
        let (lang, app) = (self.desk.lang(), &self.desk.app);
        let difference = self.differences().await?;
        let rows = self.desk.told(nodes::rows(app).await)?;
        let plan = self.desk.told(app.store().planned_release(&self.id()).await)?;
        let head = self.desk.told(app.store().head(&self.id()).await)?.map_or(0, |head| head.number);
        let body = html! {
            (told)
            (self.links(head))
            @if let Some(plan) = &plan { (self.plan_section(plan, difference.as_ref().map(|it| it.draft))) }
            @match &difference {
                Some(difference) => { (self.draft_section(difference)) (self.draft_steps(difference)) }
                None => { p.empty { (lang.pick("没有草稿。由经办导入文件或在线编辑后，在此核对并发布。", "There is no draft: it begins with a file or an edit.")) } }
            }
            @if self.desk.signed.may(&[Duty::Enter]) { (self.import_form(wrong)) }
            (self.node_table(&rows, head))
            p { a href="/catalogs" { (lang.pick("返回目录列表", "Back to the catalogs")) } }
        };
        Ok(self.page(&self.called(), status, &body))
    }
}

/// Gives the draft up, with what was planned for it.
pub(super) async fn discard(desk: Desk, Path(name): Path<String>, Posted(typed): Posted) -> Result<Response, Response> {
    let view = View::open(desk, name, &[Duty::Enter, Duty::Publish]).await?;
    if !typed.checked("sure") {
        let unsure = view.desk.lang().pick("请勾选“确认”后再放弃", "check that you are sure");
        return view.show(&notice(Tone::Bad, unsure), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (store, id) = (view.desk.app.store(), view.id());
    let entry = view.desk.entry("catalog_discard", &view.name, "");
    view.desk.told(store.audited_as(&entry, store.discard_draft(&id), found_it).await)?;
    Ok(back(&format!("/catalogs/{}", view.name)))
}
