//! The form of an entry, made from the catalog's fields.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value};
use tongpin_console::web::{Choice, Field, LongText, PageError, Tone, check_box, notice, token};
use tongpin_domain::rules::RuleSet;

use super::super::entry_lists::{EntryList, EntryLists, columns};
use super::super::fields::{self, Kind, Spec};
use super::super::{View, entry_address};
use super::Edit;

/// The field that says whom the entry is for.
pub(super) const AUDIENCE: &str = "audience";
/// The field with the words that go with the release.
pub(super) const NOTE: &str = "draft-note";

/// A choice: what is sent, and what the reader sees.
type Options = Vec<(String, String)>;

/// The names of an entry's fields, its key first.
pub(super) fn names(catalog: &str, key: Option<&str>, body: &Map<String, Value>) -> Vec<String> {
    let specs = fields::specs(catalog).iter().map(|spec| spec.name.to_owned());
    let first = fields::key_field(catalog, key.unwrap_or_default(), body).to_owned();
    let mut names: Vec<String> = specs.collect();
    if names.is_empty() {
        names.push(first);
    }
    let others: Vec<String> = body.keys().filter(|name| !names.contains(name) && *name != AUDIENCE).cloned().collect();
    names.extend(others);
    names
}

/// What a form offers: scoring methods, whom an entry can be for, and values already used.
struct Offers<'a> {
    methods: Options,
    audiences: Options,
    list: &'a EntryList,
}

impl View {
    /// The page with the form.
    pub(super) async fn form(
        &self,
        lists: &EntryLists,
        edit: &Edit,
        status: StatusCode,
    ) -> Result<Response, PageError> {
        let lang = self.cx.lang();
        let list = lists.published(&self.cx.app, &self.name).await?;
        let offers = Offers { methods: self.methods().await?, audiences: self.audience_options(), list: &list };
        let (action, leave, title) = match &edit.key {
            Some(key) => {
                let place = entry_address(&self.name, key);
                (format!("{place}/edit"), place, format!("{} {key}", lang.pick("修改", "Change")))
            }
            None => (
                self.action("new"),
                self.action("entries"),
                format!("{}：{}", self.called(), lang.pick("新增条目", "new entry")),
            ),
        };
        let whole = edit.errors.get("").filter(|_| !edit.is_text);
        let body = html! {
            (edit.told)
            @if !edit.errors.is_empty() {
                (notice(Tone::Bad, lang.pick("没有存入草稿：请按提示改正后再保存，已填内容都在。", "Not kept: mend what is marked; nothing typed is lost.")))
            }
            @if let Some(whole) = whole { (notice(Tone::Bad, whole)) }
            form.card method="post" action=(action) data-keep {
                (token(&self.cx.signed))
                input type="hidden" name="seen" value=(edit.seen);
                @if edit.is_text { (edit.script(lang)) } @else { (self.lines(edit, &offers)) }
                (Field {
                    name: NOTE,
                    label: lang.pick("修改说明（随版本下发）", "Note (goes with the release)"),
                    kind: "text",
                    value: edit.value(NOTE),
                    hint: lang.pick("整个草稿共用一条说明", "one for the whole draft"),
                    ..Field::default()
                }.draw())
                button.main { (lang.pick("检查并存入草稿", "Check and keep in the draft")) }
                a href=(leave) { (lang.pick("不改了", "Leave it")) }
            }
        };
        Ok(self.cx.page(&title).status(status).show(&body))
    }

    fn lines(&self, edit: &Edit, offers: &Offers<'_>) -> Markup {
        let lang = self.cx.lang();
        let names = names(&self.name, edit.key.as_deref(), &edit.body);
        let spec = |name: &str| fields::specs(&self.name).iter().find(|spec| spec.name == name);
        html! {
            @for (at, name) in names.iter().enumerate() {
                @if let (0, Some(key)) = (at, edit.key.as_ref()) {
                    p { (fields::word(&self.name, name, lang)) "：" strong { (key) } }
                } @else if let Some(spec) = spec(name) {
                    (self.line(edit, spec, offers))
                } @else {
                    (edit.plain(name, &fields::word(&self.name, name, lang), ""))
                }
            }
            (Choice {
                name: AUDIENCE,
                label: lang.pick("发放范围", "For whom"),
                options: &offers.audiences,
                value: edit.value(AUDIENCE),
                error: edit.error(AUDIENCE),
                ..Choice::default()
            }.draw())
        }
    }

    fn line(&self, edit: &Edit, spec: &Spec, offers: &Offers<'_>) -> Markup {
        let lang = self.cx.lang();
        let (name, label) = (spec.name, lang.pick(spec.zh, spec.en));
        let (value, error, hint) = (edit.value(name), edit.error(name), spec.hint(lang));
        let choice = |options: &Options| Choice { name, label, options, value, hint, error }.draw();
        match spec.kind {
            Kind::Line => edit.plain(name, label, hint),
            Kind::Text => LongText { name, label, value, hint, error, longest: 0 }.draw(),
            Kind::One(words) => choice(&options(words)),
            Kind::YesNo => choice(&options(&["是", "否"])),
            Kind::Method if offers.methods.len() > 1 => choice(&offers.methods),
            Kind::Method => edit.plain(
                name,
                label,
                lang.pick("尚未发布计分规则，请按规则中的写法填写", "no rules are published yet"),
            ),
            Kind::Any(words) => any(name, label, words, value, error),
            Kind::Known => suggested(&self.name, name, label, value, error, offers.list),
            Kind::Day => Field { name, label, kind: "date", value, hint, error, ..Field::default() }.draw(),
        }
    }

    /// The scoring methods of the published rule sets.
    async fn methods(&self) -> Result<Options, PageError> {
        let mut methods = BTreeMap::new();
        if self.name == "indicators" {
            let app = &self.cx.app;
            for entry in app.store().entries(&app.catalog("rules")).await? {
                // Rules that cannot be read are told where they are published; here they only offer nothing.
                let Ok(rules) = RuleSet::from_json(&entry.body) else { continue };
                methods.extend(rules.formulas.into_iter().map(|(word, rule)| (word, rule.formula.chinese())));
            }
        }
        let shown = methods.into_iter().map(|(word, chinese)| {
            let label = format!("{chinese}（{word}）");
            (word, label)
        });
        Ok(blank().chain(shown).collect())
    }

    /// Whom an entry can be for: as its catalog says, everyone, only this level, or one county with its townships.
    fn audience_options(&self) -> Options {
        let own = self.cx.app.site.region();
        let usual = match self.name.as_str() {
            "experts" => self.cx.lang().pick("按共享范围", "as the share scope says"),
            _ => self.cx.lang().pick("默认（全市共享）", "as usual (everyone)"),
        };
        let counties = self.names.keys().map(String::as_str).filter(|code| code.len() == 6 && *code != own.as_str());
        let said = |code: &str| (code.to_owned(), self.audience_said(code));
        let stated = ["*", "-"].into_iter().chain(counties).map(said);
        std::iter::once((String::new(), usual.to_owned())).chain(stated).collect()
    }
}

impl Edit {
    fn value(&self, name: &str) -> &str {
        self.values.get(name).map(String::as_str).unwrap_or_default()
    }

    fn error(&self, name: &str) -> &str {
        self.errors.get(name).map(String::as_str).unwrap_or_default()
    }

    fn plain(&self, name: &str, label: &str, hint: &str) -> Markup {
        let (value, error) = (self.value(name), self.error(name));
        Field { name, label, kind: "text", value, hint, error, fill: "off", ..Field::default() }.draw()
    }
}

fn blank() -> impl Iterator<Item = (String, String)> {
    std::iter::once((String::new(), "—".to_owned()))
}

fn options(words: &[&str]) -> Options {
    blank().chain(words.iter().map(|word| ((*word).to_owned(), (*word).to_owned()))).collect()
}

/// Boxes for a field that holds several words; another word that stood there is kept as one more box.
fn any(name: &str, label: &str, words: &[&str], value: &str, error: &str) -> Markup {
    let chosen: Vec<&str> = value.split([';', '；', '、']).map(str::trim).filter(|word| !word.is_empty()).collect();
    let others = chosen.iter().filter(|word| !words.contains(word));
    html! {
        fieldset.field {
            legend { (label) }
            @for word in words.iter().chain(others) { (check_box(name, word, word, "", chosen.contains(word))) }
            @if !error.is_empty() { p.error { (error) } }
        }
    }
}

/// A line for which the values already used are suggested.
fn suggested(catalog: &str, name: &str, label: &str, value: &str, error: &str, used: &EntryList) -> Markup {
    let column = if (catalog, name) == ("experts", "title") { "title_word" } else { name };
    let at = columns(catalog).iter().position(|known| known.key == column);
    let list = format!("{name}-known");
    let wrong = (!error.is_empty()).then(|| format!("{name}-error"));
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) name=(name) type="text" value=(value) list=(list) autocomplete="off"
                aria-describedby=[wrong.as_ref()] aria-invalid=[wrong.as_ref().map(|_| "true")];
            datalist id=(list) { @if let Some(at) = at { @for known in used.values(at) { option value=(known) {} } } }
            @if let Some(id) = &wrong { p.error id=(id) { (error) } }
        }
    }
}
