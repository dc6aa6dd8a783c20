//! 一个条目: all its fields, whom it is for, who uses it, and what became of it over the releases; taking it out of the
//! draft, and putting it back as it is published.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, Posted, Tone, notice, sure, token};
use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::catalog::Entry;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::FORMS;
use tongpin_domain::intake;
use tongpin_link::history::{self, Change};
use tongpin_store::{DraftEdit, DraftEdited, DraftRow};

use super::{View, entry_address, fields};
use crate::failure::Failure;
use crate::ops::diff;
use crate::web::Context;
use crate::web::WORK;

/// An entry as it is published and as it is drafted.
pub(super) struct Versions {
    pub(super) published: Option<Entry>,
    /// Whether there is a draft at all; without one, what is published is what an edit begins with.
    pub(super) has_draft: bool,
    drafted: Option<DraftRow>,
}

impl Versions {
    /// What an edit begins with.
    pub(super) fn current(&self) -> Option<DraftRow> {
        if self.has_draft { self.drafted.clone() } else { self.published.clone().map(DraftRow::from) }
    }

    /// What the form of an edit carries: the version that its reader sees.
    pub(super) fn seen(&self) -> Digest {
        self.current().map_or(Digest::NONE, |row| row.digest())
    }

    fn differ(&self) -> bool {
        self.has_draft && self.drafted != self.published.clone().map(DraftRow::from)
    }
}

/// The page.
pub(in crate::web) async fn get(cx: Context, Path((name, key)): Path<(String, String)>) -> Result<Response, PageError> {
    let view = View::open(cx, name, &WORK).await?;
    view.entry_page(&key, &html! {}, StatusCode::OK).await
}

/// Takes the entry out of the draft; it retires when the draft is published.
pub(in crate::web) async fn retire(
    cx: Context,
    Path((name, key)): Path<(String, String)>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    if !typed.checked("sure") {
        let unsure = view.cx.lang().pick("请勾选“确认”后再停用", "check that you are sure");
        return view.entry_page(&key, &notice(Tone::Bad, unsure), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    view.put(&key, typed.text("seen"), None, "停用").await
}

/// Puts the entry back as it is published.
pub(in crate::web) async fn restore(
    cx: Context,
    Path((name, key)): Path<(String, String)>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let versions = view.versions(&key).await?;
    let row = versions.published.map(DraftRow::from);
    view.put(&key, typed.text("seen"), row.as_ref(), "恢复为已发布").await
}

impl View {
    /// Both versions of an entry.
    pub(super) async fn versions(&self, key: &str) -> Result<Versions, PageError> {
        let (store, id) = (self.cx.app.store(), self.id());
        Ok(Versions {
            published: store.entry(&id, key).await?,
            has_draft: store.draft_info(&id).await?.is_some(),
            drafted: store.draft_row(&id, key).await?,
        })
    }

    /// Writes one entry into the draft as `seen` says the reader saw it, or tells what stands there now.
    async fn put(&self, key: &str, seen: &str, row: Option<&DraftRow>, what: &str) -> Result<Response, PageError> {
        let detail = format!("{key}：{what}");
        match self.write(key, seen, row, None, &detail).await? {
            DraftEdited::Kept => Ok(self.cx.back(&entry_address(&self.name, key))),
            DraftEdited::Overtaken(_) => {
                self.cx.audit("catalog_edit", &self.name, &detail, false).await?;
                let told = self.cx.lang().pick(
                    "这一条刚被别人改过，没有写入；下面是现在的内容，请核对后再操作。",
                    "Somebody else has just changed this entry; nothing was written. This is what it is now.",
                );
                self.entry_page(key, &notice(Tone::Bad, told), StatusCode::CONFLICT).await
            }
        }
    }

    /// Writes one entry into the draft, and `detail` into the audit log; neither if another version than the one seen
    /// stands there.
    pub(super) async fn write(
        &self,
        key: &str,
        seen: &str,
        row: Option<&DraftRow>,
        note: Option<&str>,
        detail: &str,
    ) -> Result<DraftEdited, PageError> {
        // A form without the version that its reader saw is none of ours: it overtakes nothing.
        let seen = seen.parse().unwrap_or(Digest([0xff; 32]));
        let edit = DraftEdit { key, seen, row, note, at: self.cx.now() };
        let by = self.cx.person();
        let (store, id) = (self.cx.app.store(), self.id());
        let (entry, step) = (self.cx.audit_entry("catalog_edit", &self.name, detail), store.edit_draft(&id, &edit, by));
        // Whoever was overtaken is told so in words of the page's own.
        Ok(store.audited_as(&entry, step, |_| None).await?)
    }

    pub(super) async fn entry_page(&self, key: &str, told: &Markup, status: StatusCode) -> Result<Response, PageError> {
        let lang = self.cx.lang();
        let versions = self.versions(key).await?;
        let changes = history::changes_of(self.cx.app.store(), &self.id(), key).await.map_err(Failure::from)?;
        let users = diff::usage(&self.cx.app, &self.name).await?;
        if versions.published.is_none() && versions.current().is_none() && changes.is_empty() {
            let body = html! {
                p.empty { (lang.pick("没有这个条目。", "There is no such entry.")) }
                p { a href=(self.action("entries")) { (lang.pick("返回条目一览", "Back to the entries")) } }
            };
            return Ok(self.cx.page(key).status(StatusCode::NOT_FOUND).show(&body));
        }
        let named =
            versions.current().map(|row| row.body).or_else(|| versions.published.as_ref().map(|it| it.body.clone()));
        let last = changes.iter().rev().find_map(|change| change.after.as_ref().or(change.before.as_ref()));
        let named = named.or_else(|| last.map(|entry| entry.body.clone())).unwrap_or_default();
        let body = html! {
            (told)
            (self.standing(key, &versions))
            @if let Some(entry) = &versions.published { (self.content(entry)) }
            @if let Some(users) = users.as_ref() {
                h2 { (lang.pick("在用单位", "Used by")) }
                @match users.get(key) {
                    Some(uses) => { ul { @for one in uses { li { (one.name) "：" (one.records) (lang.pick(" 项", " records")) } } } }
                    None => { p.empty { (lang.pick("上报中无人使用。", "No report uses it.")) } }
                }
            }
            (self.history(&changes))
            @if self.cx.may(&[Duty::Enter]) { (self.steps(key, &versions)) }
            p { a href=(self.action("entries")) { (lang.pick("返回条目一览", "Back to the entries")) } }
        };
        Ok(self.cx.page(&format!("{key} {}", diff::title(&named))).status(status).show(&body))
    }

    /// Where the entry stands between draft and release.
    fn standing(&self, key: &str, versions: &Versions) -> Markup {
        let lang = self.cx.lang();
        let change = versions.differ().then_some((&versions.published, &versions.drafted));
        html! {
            @match change {
                None => {}
                Some((Some(_), None)) => { (notice(Tone::Warn, lang.pick("草稿中已停用，发布后生效。", "Retired in the draft."))) }
                Some((None, Some(row))) => {
                    (notice(Tone::Warn, lang.pick("草稿中的新条目，尚未发布。", "New in the draft, not published yet.")))
                    (self.content(&as_entry(row)))
                }
                Some((Some(before), Some(row))) => {
                    (notice(Tone::Warn, lang.pick("草稿中有修改，尚未发布：", "Changed in the draft, not published yet:")))
                    @match self.form_differences(before, &row.body) {
                        Some(said) => { (said) }
                        None => { (self.field_changes(&diff::fields(before, &as_entry(row)))) }
                    }
                }
                Some((None, None)) => {}
            }
            @if versions.published.is_none() && versions.drafted.is_none() {
                (notice(Tone::Warn, lang.pick("已停用：现行版本没有这一条。", "Retired: the newest release does not have it.")))
            }
            @if self.name == FORMS {
                (self.form_links(key, versions))
            } @else if self.cx.may(&[Duty::Enter]) && versions.current().is_some() {
                p { a.button href=(format!("{}/edit", entry_address(&self.name, key))) { (lang.pick("修改", "Change")) } }
            }
        }
    }

    /// The fields of an entry under the trade's words, or its text.
    fn content(&self, entry: &Entry) -> Markup {
        let lang = self.cx.lang();
        let body = fields::body(&entry.body);
        let specs = fields::specs(&self.name);
        let known = specs.iter().filter(|spec| body.contains_key(spec.name)).map(|spec| spec.name);
        let others = body.keys().map(String::as_str).filter(|name| specs.iter().all(|spec| spec.name != *name));
        html! {
            @if let Some(definition) = self.form_of(&entry.body) {
                (self.form_content(&definition))
            } @else if fields::is_text(&self.name, &body) && self.name != CALENDARS {
                pre.script { (intake::entry_to_toml(&entry.audience, &entry.body).unwrap_or_default()) }
            } @else {
                div.wide { table { tbody {
                    @for name in known.chain(others) {
                        @let value = body.get(name).map(fields::text).filter(|text| !text.trim().is_empty());
                        tr {
                            th scope="row" { (fields::word(&self.name, name, lang)) }
                            td { (value.as_deref().unwrap_or("—")) }
                        }
                    }
                } } }
            }
            p {
                (lang.pick("发放范围：", "For whom: ")) (self.audience_said(&entry.audience.to_string()))
                @if entry.release > 0 {
                    (lang.pick("；本条自第 ", "; this version since release "))
                    a href=(self.action(&format!("releases/{}", entry.release))) { (entry.release) }
                    (lang.pick(" 版起", ""))
                }
            }
        }
    }

    /// What became of the entry, newest first.
    fn history(&self, changes: &[Change]) -> Markup {
        let lang = self.cx.lang();
        html! {
            h2 { (lang.pick("历次版本", "History")) }
            @if changes.is_empty() { p.empty { (lang.pick("尚未发布过。", "Never published.")) } }
            @for change in changes.iter().rev() {
                h3 {
                    a href=(self.action(&format!("releases/{}", change.release))) {
                        (lang.pick("第 ", "Release ")) (change.release) (lang.pick(" 版", ""))
                    }
                    " " (super::releases::kind(change, lang))
                }
                @if let (Some(before), Some(after)) = (&change.before, &change.after) {
                    @match self.form_differences(before, &after.body) {
                        Some(said) => { (said) }
                        None => { (self.field_changes(&diff::fields(before, after))) }
                    }
                }
            }
        }
    }

    fn steps(&self, key: &str, versions: &Versions) -> Markup {
        let lang = self.cx.lang();
        let place = entry_address(&self.name, key);
        let seen = versions.seen().to_string();
        html! {
            @if versions.differ() {
                form.card method="post" action=(format!("{place}/restore")) {
                    (token(&self.cx.signed))
                    input type="hidden" name="seen" value=(seen);
                    p { (lang.pick("撤销草稿中对这一条的改动，恢复为已发布的样子。", "Undo what the draft does to this entry.")) }
                    button { (lang.pick("撤销改动", "Undo")) }
                }
            }
            @if versions.current().is_some() && versions.published.is_some() {
                form.card method="post" action=(format!("{place}/retire")) {
                    (token(&self.cx.signed))
                    input type="hidden" name="seen" value=(seen);
                    p { (lang.pick("停用：从草稿中去掉这一条，发布后各单位不再选用；已批复的项目不受影响。",
                        "Retire: takes it out of the draft; approved projects keep what they copied.")) }
                    (sure(lang, "sure-retire"))
                    button.danger { (lang.pick("停用", "Retire")) }
                }
            }
        }
    }
}

/// A drafted entry as it would be published.
pub(super) fn as_entry(row: &DraftRow) -> Entry {
    Entry { key: row.key.clone(), audience: row.audience.clone(), release: 0, body: row.body.clone() }
}
