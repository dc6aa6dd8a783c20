//! 设计表单: a form changed row by row (fields, checks, flow, sheet, list), with the sheet and the head of the list that
//! come of it beside, and kept in the draft. What is not asked here stays as it is. The check is that of an import,
//! told at its place.

mod built;
mod drawn;
mod flow;
mod line;
mod listing;
mod typed;

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Fields, PageError, Posted, Tone, filling, kit, notice};
use tongpin_console::workbook::form_book;
use tongpin_domain::catalog::Audience;
use tongpin_domain::form::{Definition, FORMS, unknown_parts};
use tongpin_store::{DraftEdited, DraftRow};

use super::{View, entry_address};
use crate::failure::Failure;
use crate::web::Context;
use built::{Built, Wrong};
use typed::Typed;

/// What an edit begins with.
struct Base {
    /// The entry that is changed; `None` for a new form.
    key: Option<String>,
    /// The form as it stands, or the pattern of a new one.
    form: Definition,
    /// The form as it is published: fields of it retire and never go.
    published: Option<Definition>,
    audience: Audience,
    /// The version that stands there.
    seen: String,
}

/// The page of a form that is there.
pub(in crate::web) async fn get(cx: Context, Path((name, key)): Path<(String, String)>) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let base = match view.base(Some(key)).await? {
        Ok(base) => base,
        Err(elsewhere) => return Ok(elsewhere),
    };
    view.begin_design(&base).await
}

/// The page of a new form.
pub(in crate::web) async fn new(cx: Context, Path(name): Path<String>) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let base = match view.base(None).await? {
        Ok(base) => base,
        Err(elsewhere) => return Ok(elsewhere),
    };
    view.begin_design(&base).await
}

/// Keeps a form that is there in the draft, or shows the page again.
pub(in crate::web) async fn post(
    cx: Context,
    Path((name, key)): Path<(String, String)>,
    Posted(sent): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    view.take_design(Some(key), &sent).await
}

/// Keeps a new form in the draft, or shows the page again.
pub(in crate::web) async fn create(
    cx: Context,
    Path(name): Path<String>,
    Posted(sent): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    view.take_design(None, &sent).await
}

/// What comes of it, as one types.
pub(in crate::web) async fn live(
    cx: Context,
    Path(name): Path<String>,
    Posted(sent): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let key = Some(sent.text("key").to_owned()).filter(|key| !key.is_empty());
    let base = match view.base(key).await? {
        Ok(base) => base,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut typed = Typed::sent(&sent);
    typed.keep_code(base.key.as_deref());
    let built = built::build(&base.form, base.published.as_ref(), &typed, view.cx.lang());
    let answer = html! { (view.seen_design(&base, &built)) (drawn::slots(&typed, &built.wrong)) };
    Ok(Html(answer.into_string()).into_response())
}

impl View {
    /// What an edit begins with, or where the reader is led if that cannot be edited here.
    async fn base(&self, key: Option<String>) -> Result<Result<Base, Response>, PageError> {
        if self.name != FORMS {
            return Ok(Err(self.cx.back(&self.action("entries"))));
        }
        let Some(key) = key else {
            let (form, seen) = (form_book::pattern(), tongpin_domain::digest::Digest::NONE.to_string());
            return Ok(Ok(Base { key: None, form, published: None, audience: Audience::Everyone, seen }));
        };
        let versions = self.versions(&key).await?;
        let place = entry_address(&self.name, &key);
        let Some(row) = versions.current() else { return Ok(Err(self.cx.back(&place))) };
        let known = unknown_parts(&row.body).is_ok_and(|unknown| unknown.is_empty());
        let Some(form) = self.form_of(&row.body).filter(|_| known) else {
            let why = "这张表单用到本程序不认识的内容，不能在此设计；请升级软件，或打开为 TOML 修改";
            let why = self.cx.lang().pick(why, "this form has parts that are not known here: change it as TOML");
            return Ok(Err(self.cx.led_to(&place, &notice(Tone::Warn, why))));
        };
        let published = versions.published.as_ref().and_then(|entry| self.form_of(&entry.body));
        let (audience, seen) = (row.audience.clone(), versions.seen().to_string());
        Ok(Ok(Base { key: Some(key), form, published, audience, seen }))
    }

    async fn begin_design(&self, base: &Base) -> Result<Response, PageError> {
        let note = self.cx.app.store().draft_info(&self.id()).await?.map(|draft| draft.note).unwrap_or_default();
        let typed = Typed::of(&base.form, &base.seen, &note, base.key.is_none());
        let mut built = built::build(&base.form, base.published.as_ref(), &typed, self.cx.lang());
        if base.key.is_none() {
            // Nobody has made a mistake yet.
            built.wrong = Wrong::new();
        }
        Ok(self.design_page(base, &typed, &built, &html! {}, StatusCode::OK))
    }

    /// The page with the form of the form.
    fn design_page(&self, base: &Base, typed: &Typed, built: &Built, told: &Markup, status: StatusCode) -> Response {
        let lang = self.cx.lang();
        let (action, leave) = match &base.key {
            Some(key) => {
                let place = entry_address(&self.name, key);
                (format!("{place}/design"), place)
            }
            None => (self.action("design"), self.action("entries")),
        };
        let body = html! {
            (told)
            (drawn::page(base, typed, built, &drawn::Around {
                action: &action,
                live: &self.action("design/seen"),
                leave: &leave,
                signed: &self.cx.signed,
                seen: &self.seen_design(base, built),
            }, lang))
        };
        let title = match &base.key {
            Some(_) => format!("{}：{}", lang.pick("设计表单", "Design"), base.form.title),
            None => lang.pick("新建表单", "New form").to_owned(),
        };
        self.cx.page(&title).status(status).show(&body)
    }

    /// What comes of what was typed.
    fn seen_design(&self, base: &Base, built: &Built) -> Markup {
        drawn::seen(base.published.as_ref(), built, self.cx.lang())
    }

    async fn take_design(&self, key: Option<String>, sent: &Fields) -> Result<Response, PageError> {
        let lang = self.cx.lang();
        let base = match self.base(key).await? {
            Ok(base) => base,
            Err(elsewhere) => return Ok(elsewhere),
        };
        let mut typed = Typed::sent(sent);
        typed.keep_code(base.key.as_deref());
        let built = built::build(&base.form, base.published.as_ref(), &typed, lang);
        let step = sent.text("step");
        if step != "save" {
            typed.arrange(step.strip_prefix("add"));
            let built = built::build(&base.form, base.published.as_ref(), &typed, lang);
            return Ok(filling(self.design_page(&base, &typed, &built, &html! {}, StatusCode::OK)));
        }
        let Some(form) = built.form.as_ref().filter(|_| built.wrong.is_empty()) else {
            let told = lang.pick(
                "没有存入草稿：请按提示改正后再保存，已填内容都在。",
                "Not kept: mend what is marked; nothing typed is lost.",
            );
            let told = notice(Tone::Bad, told);
            return Ok(self.design_page(&base, &typed, &built, &told, StatusCode::UNPROCESSABLE_ENTITY));
        };
        if base.key.is_some() && *form == base.form {
            let said = lang.pick("没有改动，未写入草稿。", "Nothing was changed.");
            return Ok(self.cx.done(&entry_address(&self.name, &form.code), said));
        }
        let body = serde_json::to_string(form).map_err(|error| Failure::unreadable(form.code.clone(), &error))?;
        let row = DraftRow { key: form.code.clone(), audience: base.audience.clone(), body };
        let detail = format!("{}：设计表单", row.key);
        match self.write(&row.key, &typed.seen, Some(&row), Some(&typed.note), &detail).await? {
            DraftEdited::Kept => {
                let said =
                    lang.pick("已存入草稿，由另一人核对发布后生效。", "Kept in the draft; somebody else publishes it.");
                Ok(self.cx.done(&entry_address(&self.name, &row.key), said))
            }
            DraftEdited::Overtaken(now) => {
                let detail = format!("{}：设计时已被他人改动，未写入", row.key);
                self.cx.audit("catalog_edit", &self.name, &detail, false).await?;
                Ok(self.overtaken_design(&base, typed, &built, now.as_ref()))
            }
        }
    }

    /// Tells what stands there now. Sent again, the page replaces it: its reader has been told.
    fn overtaken_design(&self, base: &Base, mut typed: Typed, built: &Built, now: Option<&DraftRow>) -> Response {
        let lang = self.cx.lang();
        if base.key.is_none() {
            let told = lang.pick("已有这个编码的表单；请改用另一个编码", "this code is taken: use another");
            return self.design_page(base, &typed, built, &notice(Tone::Bad, told), StatusCode::UNPROCESSABLE_ENTITY);
        }
        typed.seen = now.map_or(tongpin_domain::digest::Digest::NONE, DraftRow::digest).to_string();
        let theirs = now.and_then(|now| self.form_of(&now.body));
        let differs =
            theirs.zip(built.form.as_ref()).map(|(theirs, mine)| tongpin_domain::form::changes(&theirs, mine));
        let told = html! {
            (notice(Tone::Bad, lang.pick(
                "填写期间别人改了这张表单，没有写入。与别人刚存的相比，这里的不同列在下面；核对后再次保存，将以这里的为准。",
                "Somebody changed this form meanwhile; nothing was written. What differs is listed; saving again takes yours.")))
            @if let Some(differs) = &differs { (kit::changes(differs, lang)) }
        };
        self.design_page(base, &typed, built, &told, StatusCode::CONFLICT)
    }
}

/// What is said at each place, by the row's name.
type Said = BTreeMap<String, Vec<String>>;

/// A name that none of these has, and that is among them from now on.
fn fresh(prefix: &str, taken: &mut BTreeSet<String>) -> String {
    let mut number = 1_u32;
    while !taken.insert(format!("{prefix}{number}")) {
        number = number.saturating_add(1);
    }
    format!("{prefix}{number}")
}

fn tell(wrong: &mut Said, slot: &str, said: String) {
    wrong.entry(slot.to_owned()).or_default().push(said);
}
