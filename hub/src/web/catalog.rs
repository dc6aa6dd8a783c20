//! 一个目录: its draft beside what is published, importing, approving by a second person, and every node's state.

mod shown;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Page, Posted, Signed, Tone, Upload, Visitor, Web, notice};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_link::publish::{self, PublishError};

use super::catalogs::name as called;
use super::{WORK, back, failed, person};
use crate::command::diff;
use crate::command::import::{self, NamedFile, Request, drafters};
use crate::command::nodes;
use crate::command::rollout::wave;
use crate::failure::Failure;
use crate::office::Office;
use shown::outcome;

/// A catalog's page and who reads it.
struct View<'a> {
    web: &'a Web,
    office: &'a Office,
    visitor: &'a Visitor,
    signed: &'a Signed,
    name: &'a str,
}

/// The page.
pub(super) async fn get(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Path(name): Path<String>,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &WORK).await?;
    let view = View { web: &web, office: &office, visitor: &visitor, signed: &signed, name: &name };
    view.known().await?;
    view.show(&html! {}, StatusCode::OK).await
}

impl View<'_> {
    fn lang(&self) -> Lang {
        self.visitor.lang
    }

    fn failed(&self, failure: &Failure) -> Response {
        failed(self.web, self.visitor, failure)
    }

    fn action(&self, what: &str) -> String {
        format!("/catalogs/{}/{what}", self.name)
    }

    /// A misspelt address must not become a catalog.
    async fn known(&self) -> Result<(), Response> {
        let known = import::check_name(self.office, self.name, false).await;
        known.map_err(|failure| self.failed(&failure))
    }

    async fn show(&self, told: &Markup, status: StatusCode) -> Result<Response, Response> {
        let lang = self.lang();
        let difference = match diff::differences(self.office, self.name).await {
            Ok(difference) => Some(difference),
            Err(Failure::Publish(PublishError::NoDraft(_))) => None,
            Err(failure) => return Err(self.failed(&failure)),
        };
        let rows = nodes::rows(self.office).await.map_err(|failure| self.failed(&failure))?;
        let body = html! {
            (told)
            @match &difference {
                Some(difference) => { (self.draft_section(difference)) (self.publish_form(difference, &rows)) }
                None => { p.empty { (lang.pick("没有草稿。由经办导入文件后，在此核对并发布。", "There is no draft: it begins with a file.")) } }
            }
            @if self.signed.may(&[Duty::Enter]) { (self.import_form()) }
            (self.node_table(&rows))
            p { a href="/catalogs" { (lang.pick("返回目录列表", "Back to the catalogs")) } }
        };
        let title = called(self.name, lang);
        let mut response = Page::new(self.web, self.visitor, &title).show(&body);
        *response.status_mut() = status;
        Ok(response)
    }
}

/// Takes a file in as the draft, or says line by line why not.
pub(super) async fn draft(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Path(name): Path<String>,
    upload: Upload,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::Enter]).await?;
    let view = View { web: &web, office: &office, visitor: &visitor, signed: &signed, name: &name };
    view.known().await?;
    let files = [NamedFile { name: upload.name, bytes: upload.bytes }];
    let note = Some(upload.fields.text("note").to_owned());
    let by = person(&signed);
    let request = Request { catalog: &name, files: &files, remove: &[], by: &by, note, dry_run: false };
    let preview = import::draft(&office, request).await;
    let preview = match preview {
        Ok(preview) => preview,
        Err(failure) => {
            return view.show(&notice(Tone::Bad, &failure.say(view.lang())), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let detail = format!("{}，{} 条，错误 {} 处", files[0].name, preview.accepted, preview.problems.len());
    visitor.audit(&web, &signed.account.name, "catalog_draft", &name, &detail, preview.drafted).await?;
    let status = if preview.drafted { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    view.show(&outcome(&preview, view.lang()), status).await
}

/// Publishes the draft, by somebody who did not draft it.
pub(super) async fn publish(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::Publish]).await?;
    let view = View { web: &web, office: &office, visitor: &visitor, signed: &signed, name: &name };
    if !typed.checked("sure") {
        let unsure = view.lang().pick("请勾选“确认”后再发布", "check that you are sure");
        return view.show(&notice(Tone::Bad, unsure), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let to: BTreeSet<RegionCode> = typed.all("to").filter_map(|code| RegionCode::new(code).ok()).collect();
    let to: Vec<RegionCode> = to.into_iter().collect();
    let published = release(&office, &name, &person(&signed), &to).await;
    let (detail, done) = match &published {
        Ok(number) => (format!("第 {number} 版"), true),
        Err(failure) => (failure.say(Lang::Zh), false),
    };
    visitor.audit(&web, &signed.account.name, "catalog_publish", &name, &detail, done).await?;
    let told = match published {
        Ok(number) => notice(
            Tone::Good,
            &format!(
                "{}{number}{}",
                view.lang().pick("已发布第 ", "published as release "),
                view.lang().pick(" 版，正在送达各单位", "; it is on its way")
            ),
        ),
        Err(failure) => {
            return view.show(&notice(Tone::Bad, &failure.say(view.lang())), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    view.show(&told, StatusCode::OK).await
}

/// Signs and commits the draft as the next release.
async fn release(office: &Office, name: &str, by: &str, to: &[RegionCode]) -> Result<u64, Failure> {
    let to = wave(office, to)?;
    let id = office.catalog(name);
    let one_person = office.settings.publish.one_person;
    if let Some(draft) = office.store().draft_info(&id).await?
        && !one_person
        && drafters(&draft.by).any(|drafter| drafter == by)
    {
        return Err(PublishError::SamePerson(draft.by).into());
    }
    let publication = publish::prepare(&office.site, &id, by, one_person).await?;
    Ok(publish::commit(&office.site, publication, to.as_deref()).await?.release.number)
}

/// Gives the draft up.
pub(super) async fn discard(
    State(web): State<Web>,
    Extension(office): Extension<Arc<Office>>,
    visitor: Visitor,
    signed: Signed,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, Response> {
    visitor.must(&web, &signed, &[Duty::Enter, Duty::Publish]).await?;
    let view = View { web: &web, office: &office, visitor: &visitor, signed: &signed, name: &name };
    if !typed.checked("sure") {
        let unsure = view.lang().pick("请勾选“确认”后再放弃", "check that you are sure");
        return view.show(&notice(Tone::Bad, unsure), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let was_there = office.store().discard_draft(&office.catalog(&name)).await;
    let was_there = was_there.map_err(|error| view.failed(&error.into()))?;
    visitor.audit(&web, &signed.account.name, "catalog_discard", &name, "", was_there).await?;
    Ok(back(&format!("/catalogs/{name}")))
}
