//! How the preview of an import looks: the draft that there is, the choice with its counts, and the entries line by
//! line.

use std::collections::{BTreeMap, HashSet};

use maud::{Markup, html};
use tongpin_console::web::problems::cut;
use tongpin_console::web::{Tone, notice, token};
use tongpin_domain::catalog::Entry;
use tongpin_domain::digest::Digest;
use tongpin_domain::intake::DraftEntry;

use super::super::{View, entry_address, fields};
use super::Preview;
use crate::ops::diff;
use crate::ops::import::{Outcome, Way};

/// Entries of each kind that are shown; the rest is counted.
const SHOWN: usize = 200;

/// A way's word in a form.
pub(super) fn word(way: Way) -> &'static str {
    match way {
        Way::Merge => "merge",
        Way::Replace => "replace",
    }
}

impl View {
    pub(super) fn address(&self) -> String {
        format!("/catalogs/{}", self.name)
    }

    /// What the file is compared with; a draft is named.
    pub(super) fn before(&self, preview: &Preview<'_>) -> Markup {
        let lang = self.cx.lang();
        let (standing, count) = (preview.standing, preview.standing.entries().len());
        html! {
            @match &standing.draft {
                Some(draft) => {
                    @let note = if draft.note.is_empty() { String::new() } else { format!("：{}", draft.note) };
                    (notice(Tone::Warn, &format!("{}{}，{}{note}", lang.pick("已有草稿，经办 ", "there is a draft by "), draft.by, draft.at)))
                    p { (lang.pick(&format!("以下与这份草稿（{count} 条）相比。"), &format!("Compared with this draft ({count} entries)."))) }
                }
                None if standing.release == 0 => p { (lang.pick("尚未发布过，也没有草稿。", "Nothing is published yet, and there is no draft.")) },
                None => p { (lang.pick(
                    &format!("以下与已发布的第 {} 版（{count} 条）相比。", standing.release),
                    &format!("Compared with release {} ({count} entries).", standing.release),
                )) },
            }
        }
    }

    /// The form that confirms: each way with its counts, the usual one chosen.
    pub(super) fn choice(&self, preview: &Preview<'_>, file: &Digest, note: &str) -> Markup {
        let lang = self.cx.lang();
        html! {
            form.card method="post" action=(self.action("draft/confirm")) {
                (token(&self.cx.signed))
                input type="hidden" name="file" value=(file.to_string());
                input type="hidden" name="seen" value=(preview.standing.digest(&self.name).to_string());
                input type="hidden" name="note" value=(note);
                @for (at, outcome) in preview.outcomes.iter().enumerate() {
                    @let id = format!("way-{}", word(outcome.way));
                    div.check {
                        input type="radio" id=(id) name="way" value=(word(outcome.way)) checked[at == 0];
                        label for=(id) { (self.way(preview, outcome)) }
                    }
                    p.hint { (lang.pick("确认后将：", "would be: ")) (outcome.said(lang)) }
                }
                button.main { (lang.pick("确认，存为草稿", "Keep as draft")) }
                " " a href=(self.address()) { (lang.pick("取消", "Cancel")) }
            }
        }
    }

    /// A way in words: what becomes of a draft, and of what the file lacks.
    fn way(&self, preview: &Preview<'_>, outcome: &Outcome) -> String {
        let lang = self.cx.lang();
        let what = outcome.way.text(lang);
        let fate = match (outcome.way, &preview.standing.draft) {
            (Way::Merge, None) => lang.pick("文件里没有的条目保留", "what the file lacks stays"),
            (Way::Replace, None) => lang.pick("文件里没有的条目停用", "what the file lacks retires"),
            (Way::Merge, Some(_)) => {
                lang.pick("并入现有草稿，文件里没有的条目保留", "joins the draft; what the file lacks stays")
            }
            (Way::Replace, Some(_)) => lang.pick(
                "取代现有草稿，草稿中其他改动不保留，文件里没有的条目停用",
                "replaces the draft with its other changes; what the file lacks retires",
            ),
        };
        lang.pick(&format!("{what}（{fate}）"), &format!("{what} ({fate})")).to_owned()
    }

    /// The entries of the file that are new or changed, in its order.
    pub(super) fn file_lines(&self, preview: &Preview<'_>) -> Markup {
        let lang = self.cx.lang();
        let Some(outcome) = preview.outcomes.first() else { return html! {} };
        let added: HashSet<&str> = outcome.changes.added.iter().map(String::as_str).collect();
        let changed: HashSet<&str> = outcome.changes.changed.iter().map(String::as_str).collect();
        let before = by_key(preview.standing.entries());
        let told = |key: &str| added.contains(key) || changed.contains(key);
        let lines = preview.reading.intake.accepted.iter().filter(|(_, entry)| told(&entry.key));
        let more = (added.len() + changed.len()).saturating_sub(SHOWN);
        html! {
            @if !(added.is_empty() && changed.is_empty()) {
                h2 { (lang.pick("逐行变化", "Line by line")) }
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("行", "line")) }
                        th scope="col" { (lang.pick("条目", "entry")) }
                        th scope="col" { (lang.pick("名称", "name")) }
                        th scope="col" { (lang.pick("变化", "change")) }
                        th scope="col" { (lang.pick("修改内容", "what changes")) }
                    } }
                    tbody {
                        @for (line, entry) in lines.take(SHOWN) {
                            @let held = before.get(entry.key.as_str()).copied();
                            (self.file_line(*line, entry, held))
                        }
                    }
                } }
                @if more > 0 { p.hint { (lang.pick(&format!("另有 {more} 行变化未列出，一并导入"), &format!("and {more} more lines, imported with these"))) } }
            }
        }
    }

    fn file_line(&self, line: u64, entry: &DraftEntry, before: Option<&Entry>) -> Markup {
        let lang = self.cx.lang();
        let DraftEntry { key, audience, body } = entry;
        let after = Entry { key: key.clone(), audience: audience.clone(), release: 0, body: body.clone() };
        let changes = before.map(|before| diff::fields(before, &after)).unwrap_or_default();
        let said = |value: &str| match value {
            "—" => lang.pick("（空）", "(blank)").to_owned(),
            value => cut(value),
        };
        html! {
            tr {
                td { @if line > 0 { (line) } @else { "—" } }
                th scope="row" { (key) }
                td { (diff::title(body)) }
                td {
                    @if before.is_some() { span class="mark warn" { (lang.pick("修改", "changed")) } }
                    @else { span class="mark good" { (lang.pick("新增", "new")) } }
                }
                td { @for change in &changes {
                    @let (old, new) = self.change_said(change);
                    div { (fields::word(&self.name, &change.field, lang)) (lang.pick("：", ": ")) (said(&old)) " → " (said(&new)) }
                } }
            }
        }
    }

    /// The entries that the file lacks: it depends on the choice what becomes of them.
    pub(super) fn lacking(&self, preview: &Preview<'_>) -> Markup {
        let lang = self.cx.lang();
        let replaced = preview.outcomes.iter().find(|outcome| outcome.way == Way::Replace);
        let retired = replaced.map(|outcome| outcome.changes.retired.as_slice()).unwrap_or_default();
        let before = by_key(preview.standing.entries());
        let published: HashSet<&str> = preview.standing.published.iter().map(|entry| entry.key.as_str()).collect();
        let title = |key: &str| before.get(key).map(|entry| diff::title(&entry.body)).unwrap_or_default();
        let (count, more) = (retired.len(), retired.len().saturating_sub(SHOWN));
        html! {
            @if count > 0 {
                h2 { (lang.pick(&format!("文件里没有的条目（{count} 条）"), &format!("What the file lacks ({count})"))) }
                p.hint { (lang.pick("选“只新增和更新”时保留；选“整份替换”时：", "Kept if the file only adds and updates; if it replaces the whole:")) }
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("条目", "entry")) }
                        th scope="col" { (lang.pick("名称", "name")) }
                        th scope="col" { (lang.pick("整份替换时", "if the whole is replaced")) }
                    } }
                    tbody { @for key in retired.iter().take(SHOWN) { tr {
                        th scope="row" { a href=(entry_address(&self.name, key)) { (key) } }
                        td { (title(key)) }
                        td { span class="mark bad" {
                            @if published.contains(key.as_str()) { (lang.pick("停用", "retired")) }
                            @else { (lang.pick("从草稿去掉", "taken out of the draft")) }
                        } }
                    } } }
                } }
                @if more > 0 { p.hint { (lang.pick(&format!("另有 {more} 条未列出"), &format!("and {more} more"))) } }
            }
        }
    }

    /// The entries of the file that are what there is already, folded up.
    pub(super) fn unchanged(&self, preview: &Preview<'_>) -> Markup {
        let lang = self.cx.lang();
        let before = by_key(preview.standing.entries());
        let same = |entry: &&DraftEntry| {
            before.get(entry.key.as_str()).is_some_and(|it| it.body == entry.body && it.audience == entry.audience)
        };
        let same: Vec<&DraftEntry> =
            preview.reading.intake.accepted.iter().map(|(_, entry)| entry).filter(same).collect();
        let (count, more) = (same.len(), same.len().saturating_sub(SHOWN));
        html! {
            @if count > 0 {
                details {
                    summary { (lang.pick(&format!("文件中未变的条目（{count} 条）"), &format!("Unchanged entries of the file ({count})"))) }
                    ul { @for entry in same.iter().take(SHOWN) { li { (entry.key) " " (diff::title(&entry.body)) } } }
                    @if more > 0 { p.hint { (lang.pick(&format!("另有 {more} 条未列出"), &format!("and {more} more"))) } }
                }
            }
        }
    }
}

fn by_key(entries: &[Entry]) -> BTreeMap<&str, &Entry> {
    entries.iter().map(|entry| (entry.key.as_str(), entry)).collect()
}
