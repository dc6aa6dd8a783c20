//! 在线编辑: a new entry, or a change of one, into the draft and never straight into a release. The check is that of an
//! import; a mistake is told at its field, and nothing typed is lost.

mod form;
mod script;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Fields, PageError, Posted, Tone, notice};
use tongpin_domain::digest::Digest;
use tongpin_domain::intake::{self, DraftEntry, Intake, Problem, Table, TableRow};
use tongpin_domain::lang::Say;
use tongpin_store::{DraftEdited, DraftRow};

use super::entry::as_entry;
use super::entry_lists::EntryLists;
use super::{View, entry_address, fields};
use crate::ops::diff;
use crate::ops::import::entry_of_text;
use crate::web::Context;

/// What a form holds: where it began, what was typed, and what is wrong with it.
struct Edit {
    /// The entry that is changed, `None` for a new one.
    key: Option<String>,
    /// Its fields as they stand, or those of another entry of the catalog for a new one.
    body: Map<String, Value>,
    /// Whether it is changed as text.
    is_text: bool,
    values: BTreeMap<String, String>,
    /// By field; under no name what concerns the whole.
    errors: BTreeMap<String, String>,
    /// The line of the text that is wrong.
    wrong_line: Option<u64>,
    /// The version that the reader sees.
    seen: String,
    told: Markup,
}

/// The form for a new entry.
pub(in crate::web) async fn new(
    cx: Context,
    Extension(lists): Extension<Arc<EntryLists>>,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let edit = view.begin(None).await?;
    view.form(&lists, &edit, StatusCode::OK).await
}

/// Takes a new entry into the draft.
pub(in crate::web) async fn create(
    cx: Context,
    Extension(lists): Extension<Arc<EntryLists>>,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let edit = view.begin(None).await?;
    view.take(&lists, edit, &typed).await
}

/// The form for a change.
pub(in crate::web) async fn get(
    cx: Context,
    Extension(lists): Extension<Arc<EntryLists>>,
    Path((name, key)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    if view.versions(&key).await?.current().is_none() {
        return Ok(view.cx.back(&entry_address(&view.name, &key)));
    }
    let edit = view.begin(Some(key)).await?;
    view.form(&lists, &edit, StatusCode::OK).await
}

/// Takes a change into the draft.
pub(in crate::web) async fn change(
    cx: Context,
    Extension(lists): Extension<Arc<EntryLists>>,
    Path((name, key)): Path<(String, String)>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let edit = view.begin(Some(key)).await?;
    view.take(&lists, edit, &typed).await
}

impl View {
    /// The form as it begins.
    async fn begin(&self, key: Option<String>) -> Result<Edit, PageError> {
        let (store, id) = (self.cx.app.store(), self.id());
        let note = store.draft_info(&id).await?.map(|draft| draft.note).unwrap_or_default();
        let (row, seen, published) = match &key {
            Some(key) => {
                let versions = self.versions(key).await?;
                (versions.current(), versions.seen(), versions.published)
            }
            None => (None, Digest::NONE, None),
        };
        // What was retired while its form was filled in still has the fields that it is published with.
        let stands = row.as_ref().map(|row| &row.body).or(published.as_ref().map(|entry| &entry.body));
        let body = match stands {
            Some(text) => fields::body(text),
            None => self.pattern().await?,
        };
        let is_text = fields::is_text(&self.name, &body) || (fields::specs(&self.name).is_empty() && body.is_empty());
        let mut values = BTreeMap::new();
        if let Some(row) = &row {
            values = body.iter().map(|(name, value)| (name.clone(), fields::text(value))).collect();
            let implied = self.read(&values, key.as_deref(), &body).accepted.pop().map(|(_, entry)| entry.audience);
            let stated = if implied.as_ref() == Some(&row.audience) { String::new() } else { row.audience.to_string() };
            values.insert(form::AUDIENCE.to_owned(), stated);
            let text = intake::entry_to_toml(&row.audience, &row.body).unwrap_or_default();
            values.insert(script::TEXT.to_owned(), text);
        }
        values.insert(form::NOTE.to_owned(), note);
        let (errors, seen, told) = (BTreeMap::new(), seen.to_string(), html! {});
        Ok(Edit { key, body, is_text, values, errors, wrong_line: None, seen, told })
    }

    /// The fields that the catalog's entries have, if this version does not know them.
    async fn pattern(&self) -> Result<Map<String, Value>, PageError> {
        if !fields::specs(&self.name).is_empty() {
            return Ok(Map::new());
        }
        let entries = self.cx.app.store().entries(&self.id()).await?;
        Ok(entries.first().map(|entry| fields::body(&entry.body)).unwrap_or_default())
    }

    /// What was typed, as the import reads a table of one row.
    fn read(
        &self,
        values: &BTreeMap<String, String>,
        key: Option<&str>,
        body: &Map<String, Value>,
    ) -> Intake<DraftEntry> {
        let names = form::names(&self.name, key, body);
        let cell = |name: &String| match (key, names.first()) {
            (Some(key), Some(first)) if first == name => key.to_owned(),
            _ => values.get(name).cloned().unwrap_or_default(),
        };
        let mut cells: Vec<String> = names.iter().map(cell).collect();
        cells.push(values.get(form::AUDIENCE).cloned().unwrap_or_default());
        let header = names.into_iter().chain(["audience".to_owned()]).collect();
        intake::entries(&self.name, &Table { name: String::new(), header, rows: vec![TableRow { line: 2, cells }] })
    }

    async fn take(&self, lists: &EntryLists, mut edit: Edit, typed: &Fields) -> Result<Response, PageError> {
        edit.keep(&self.name, typed);
        let read = if edit.is_text {
            let text = edit.values.get(script::TEXT).map(String::as_str).unwrap_or_default();
            entry_of_text(&self.name, "", text.as_bytes())
        } else {
            self.read(&edit.values, edit.key.as_deref(), &edit.body)
        };
        let Intake { mut accepted, problems, warnings } = read;
        let entry = accepted.pop().map(|(_, entry)| entry).filter(|_| problems.is_empty());
        let Some(entry) = entry else {
            edit.mark(&problems, self.cx.lang());
            return self.form(lists, &edit, StatusCode::UNPROCESSABLE_ENTITY).await;
        };
        if edit.key.as_ref().is_some_and(|key| *key != entry.key) {
            let told = self.cx.lang().pick(
                "编码不能改；要换编码，请新增一条，再停用这一条",
                "the key stays: make a new entry and retire this one",
            );
            edit.errors.insert(String::new(), told.to_owned());
            return self.form(lists, &edit, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        let DraftEntry { key, audience, body } = entry;
        let body = if edit.is_text || edit.key.is_none() { body } else { kept(&self.name, &body, &edit.body) };
        let row = DraftRow { key, audience, body };
        self.keep(lists, edit, &row, &warnings).await
    }

    /// Writes what was read, or shows the form again beside what somebody else wrote.
    async fn keep(
        &self,
        lists: &EntryLists,
        mut edit: Edit,
        row: &DraftRow,
        warnings: &[Problem],
    ) -> Result<Response, PageError> {
        let lang = self.cx.lang();
        if row.digest().to_string() == edit.seen {
            let said = lang.pick("没有改动，未写入草稿。", "Nothing was changed.");
            return Ok(self.cx.done(&entry_address(&self.name, &row.key), said));
        }
        let what = if edit.key.is_some() { "修改" } else { "新增" };
        let note = edit.values.get(form::NOTE).map(String::as_str);
        let detail = format!("{}：{what}", row.key);
        match self.write(&row.key, &edit.seen, Some(row), note, &detail).await? {
            DraftEdited::Kept => {
                if warnings.is_empty() {
                    return Ok(self.cx.back(&entry_address(&self.name, &row.key)));
                }
                let told =
                    html! { @for warning in warnings { (notice(Tone::Warn, &doubt(&self.name, warning, lang))) } };
                Ok(self.cx.led_to(&entry_address(&self.name, &row.key), &told))
            }
            DraftEdited::Overtaken(now) => {
                let detail = format!("{}：{what}时已被他人改动，未写入", row.key);
                self.cx.audit("catalog_edit", &self.name, &detail, false).await?;
                let status = self.overtaken(&mut edit, now.as_ref(), row);
                self.form(lists, &edit, status).await
            }
        }
    }

    /// Tells what stands there now. Sent again, the form replaces it: its reader has seen both.
    fn overtaken(&self, edit: &mut Edit, now: Option<&DraftRow>, mine: &DraftRow) -> StatusCode {
        let lang = self.cx.lang();
        if edit.key.is_none() {
            let told = lang.pick(
                "已有这个编码；请改用另一个，或去修改那一条",
                "this key is taken: change that entry, or use another",
            );
            let field =
                if edit.is_text { String::new() } else { form::names(&self.name, None, &edit.body).swap_remove(0) };
            edit.errors.insert(field, told.to_owned());
            return StatusCode::UNPROCESSABLE_ENTITY;
        }
        edit.seen = now.map_or(Digest::NONE, DraftRow::digest).to_string();
        edit.told = match now {
            None => notice(
                Tone::Bad,
                lang.pick(
                    "填写期间别人停用了这一条，没有写入。再次保存将把它加回草稿。",
                    "Somebody retired this entry meanwhile; nothing was written. Saving again puts it back.",
                ),
            ),
            Some(now) => html! {
                (notice(Tone::Bad, lang.pick(
                    "填写期间别人改了这一条，没有写入。“原值”是别人刚存的，“新值”是这里填的；核对后再次保存，将以这里的为准。",
                    "Somebody changed this entry meanwhile; nothing was written. “Before” is theirs, “after” is what you typed; saving again takes yours.",
                )))
                (self.field_changes(&diff::fields(&as_entry(now), &as_entry(mine))))
            },
        };
        StatusCode::CONFLICT
    }
}

impl Edit {
    /// Keeps what was typed.
    fn keep(&mut self, catalog: &str, typed: &Fields) {
        let names = form::names(catalog, self.key.as_deref(), &self.body);
        let own = [form::AUDIENCE, form::NOTE, script::TEXT].map(str::to_owned);
        for name in names.into_iter().chain(own) {
            // A browser sends line breaks as CRLF; an entry has them as they are in files.
            let parts: Vec<String> = typed.all(&name).map(|part| part.replace("\r\n", "\n")).collect();
            let value = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(";");
            self.values.insert(name, value);
        }
        typed.text("seen").clone_into(&mut self.seen);
    }

    /// Notes at each field what is wrong with it.
    fn mark(&mut self, problems: &[Problem], lang: tongpin_domain::lang::Lang) {
        for problem in problems {
            let should = problem.expected.say(lang);
            let told = lang.pick(&format!("应为：{should}"), &format!("expected {should}")).to_owned();
            if self.is_text {
                self.wrong_line = (problem.line > 0).then_some(problem.line);
            }
            let field = if self.is_text { String::new() } else { problem.column.clone() };
            self.errors.entry(field).or_insert(told);
        }
    }
}

/// The body as it is kept: what the catalog's type does not read, and nobody changed, keeps its form.
fn kept(catalog: &str, read: &str, before: &Map<String, Value>) -> String {
    let mut body = fields::body(read);
    let typed: Vec<&str> = intake::columns(catalog).map(|(name, _)| name).collect();
    for (name, old) in before {
        if typed.contains(&name.as_str()) {
            continue;
        }
        if let Some(new) = body.get_mut(name)
            && fields::text(new) == fields::text(old)
        {
            new.clone_from(old);
        }
    }
    Value::Object(body).to_string()
}

/// Something doubtful that was taken all the same.
fn doubt(catalog: &str, warning: &Problem, lang: tongpin_domain::lang::Lang) -> String {
    let (field, should) = (fields::word(catalog, &warning.column, lang), warning.expected.say(lang));
    let zh = format!("已存入草稿，请核对：{field}为“{}”，应为：{should}", warning.found);
    lang.pick(&zh, &format!("kept, but please check {field}: found “{}”, expected {should}", warning.found)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that a TOML file brought stays a number as long as nobody changes it.
    #[test]
    fn untouched_values_keep_their_form() {
        let before = fields::body(r#"{"fund_code":"Z","year":2024,"direct_fund":true}"#);
        let same = kept("funds", r#"{"fund_code":"Z","year":"2024","direct_fund":"否"}"#, &before);
        assert_eq!(same, r#"{"direct_fund":"否","fund_code":"Z","year":2024}"#);
    }
}
