//! How a catalog's page shows its draft, and the way to what can be done.

use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{FileBox, discarding, token};
use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::form::FORMS;
use tongpin_domain::lang::Lang;

use super::{View, entry_address, fields, template};
use crate::ops::diff::{Differences, FieldChange, Named};

/// Lines of each kind that a page shows; the rest is counted.
const SHOWN: usize = 200;

impl View {
    pub(super) fn links(&self, head: u64) -> Markup {
        let lang = self.cx.lang();
        html! {
            p {
                @if head == 0 { (lang.pick("尚未发布。", "Nothing is published yet.")) }
                @else { (lang.pick(&format!("现行第 {head} 版。"), &format!("Release {head} is in force."))) }
            }
            div.row.noprint {
                a href=(self.action("entries")) { (lang.pick("条目一览", "Entries")) }
                a href=(self.action("releases")) { (lang.pick("历次版本", "Releases")) }
                @if self.cx.may(&[Duty::Enter]) {
                    @if self.name == FORMS { a href=(self.action("design")) { (lang.pick("新建表单", "New form")) } }
                    a href=(self.action("new")) { (lang.pick("新增条目", "New entry")) }
                }
            }
        }
    }

    pub(super) fn draft_section(&self, difference: &Differences) -> Markup {
        let lang = self.cx.lang();
        let Differences { added, changed, retired, unchanged, .. } = difference;
        let more = |count: usize| (count > SHOWN).then(|| format!("… {}", count - SHOWN));
        html! {
            h2 { (lang.pick("草稿与第 ", "Draft, compared with release ")) (difference.release) (lang.pick(" 版的差异", "")) }
            p {
                (lang.pick("经办 ", "Drafted by ")) (difference.drafted_by) "，" (difference.drafted_at)
                @if !difference.note.is_empty() { "：" (difference.note) }
            }
            p {
                (lang.pick("新增 ", "added ")) (added.len()) (lang.pick("，修改 ", ", changed ")) (changed.len())
                (lang.pick("，停用 ", ", retired ")) (retired.len()) (lang.pick("，不变 ", ", unchanged ")) (unchanged)
                " " a href=(self.action("entries?draft=1")) { (lang.pick("查看草稿条目", "What the draft holds")) }
            }
            @if !retired.is_empty() {
                h3 { (lang.pick("停用", "Retired")) }
                ul {
                    @for one in retired.iter().take(SHOWN) {
                        li {
                            (self.entry_link(&one.named))
                            @if !one.used_by.is_empty() {
                                " " span class="mark warn" { (lang.pick("仍在使用：", "still used by: "))
                                    (one.used_by.iter().map(|by| format!("{} {}", by.name, by.records)).collect::<Vec<_>>().join("、")) }
                            }
                        }
                    }
                    @if let Some(more) = more(retired.len()) { li { (more) } }
                }
            }
            @if !changed.is_empty() {
                h3 { (lang.pick("修改", "Changed")) }
                @if self.name == FORMS { (self.changed_forms(difference)) } @else { (self.changed_table(difference)) }
                @if let Some(more) = more(changed.len()) { p { (more) } }
            }
            @if !added.is_empty() {
                h3 { (lang.pick("新增", "Added")) }
                ul {
                    @for one in added.iter().take(SHOWN) { li { (self.entry_link(one)) } }
                    @if let Some(more) = more(added.len()) { li { (more) } }
                }
            }
        }
    }

    fn entry_link(&self, named: &Named) -> Markup {
        html! { a href=(entry_address(&self.name, &named.key)) { (named.key) " " (named.title) } }
    }

    /// What a reader can do with the draft.
    pub(super) fn draft_steps(&self, difference: &Differences) -> Markup {
        let lang = self.cx.lang();
        let me = self.cx.person();
        let mine = !self.one_person && difference.drafters.iter().any(|drafter| drafter.is(&me));
        html! {
            @if self.cx.may(&[Duty::Publish]) {
                h2 { (lang.pick("发布", "Publish")) }
                @if mine {
                    p { (lang.pick("草稿由本人经办，须由另一人核对发布。", "You drafted this; somebody else publishes it.")) }
                } @else {
                    p { a.button href=(self.action("publish")) { (lang.pick("核对并发布", "Check and publish")) } }
                }
            }
            @if self.cx.may(&[Duty::Enter, Duty::Publish]) {
                @let says = lang.pick("放弃草稿：已发布的内容不变，已定的发布时间一并取消。", "Discard the draft: what is published stays, what is planned is cancelled.");
                (discarding::form(&self.action("discard"), says, difference.drafted_at, &self.cx.signed, lang))
            }
        }
    }

    /// The form for a file, with what is wrong with the one that was sent.
    pub(super) fn import_form(&self, error: &str) -> Markup {
        let lang = self.cx.lang();
        let (accept, hint) = match self.name.as_str() {
            "rules" | "collections" => (".toml", lang.pick(
                "TOML 文件，一个文件一条。先检查并预览，确认后才加入草稿",
                "a TOML file: one entry. It is checked and shown first, and joins the draft once you confirm",
            )),
            FORMS => (".xlsx,.toml", lang.pick(
                "表单工作簿（.xlsx）或 TOML 文件，一个文件一张表单。先检查并预览，确认后才加入草稿",
                "a form's workbook (.xlsx) or a TOML file: one form. It is checked and shown first, and joins the draft once you confirm",
            )),
            CALENDARS => (".xlsx,.csv,.toml", lang.pick(
                "Excel 工作簿（.xlsx）或 CSV 文件，列名为 日期、类型（放假或上班）、名称，一天一行，整年写全；也可用 TOML 文件，一年一个。先检查并预览，确认后才加入草稿",
                "an Excel workbook (.xlsx) or a CSV file with the columns 日期, 类型 (放假 or 上班), 名称, a day a line and years whole; or a TOML file for each year. It is checked and shown first",
            )),
            _ => (".xlsx,.csv", lang.pick(
                "Excel 工作簿（.xlsx）或 CSV 文件（UTF-8 或 GB18030）。先检查并预览，选择只新增和更新或整份替换，确认后才存为草稿",
                "an Excel workbook (.xlsx) or a CSV file (UTF-8 or GB18030). It is checked and shown first; you choose whether it adds and updates or replaces the whole",
            )),
        };
        html! {
            h2 { (lang.pick("导入草稿", "Import a draft")) }
            form.card method="post" action=(self.action("draft")) enctype="multipart/form-data" {
                (token(&self.cx.signed))
                (FileBox { lang, label: lang.pick("文件", "File"), accept, hint, error }.draw())
                @if template::exists(&self.name) {
                    p { a href=(self.action("template.xlsx")) { (lang.pick("下载空白模板", "An empty template")) } }
                }
                div.field {
                    label for="note" { (lang.pick("说明（随版本下发）", "Note (goes with the release)")) }
                    input id="note" name="note" autocomplete="off";
                }
                button.main { (lang.pick("检查并预览", "Check and preview")) }
            }
        }
    }

    fn changed_table(&self, difference: &Differences) -> Markup {
        let lang = self.cx.lang();
        html! {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("条目", "entry")) }
                    (change_heads(lang))
                } }
                tbody {
                    @for one in difference.changed.iter().take(SHOWN) {
                        @for (at, change) in one.fields.iter().enumerate() {
                            tr {
                                @if at == 0 { th scope="row" rowspan=(one.fields.len()) { (self.entry_link(&one.named)) } }
                                td { (fields::word(&self.name, &change.field, lang)) }
                                (self.change_cells(change))
                            }
                        }
                    }
                }
            } }
        }
    }

    /// Which parts of which forms change: a part is too much for a cell.
    fn changed_forms(&self, difference: &Differences) -> Markup {
        let lang = self.cx.lang();
        let parts = |changes: &[FieldChange]| {
            let words: Vec<String> =
                changes.iter().map(|change| fields::word(&self.name, &change.field, lang)).collect();
            words.join(lang.pick("、", ", "))
        };
        html! {
            p.hint { (lang.pick("改了什么，点开条目逐句可见。", "The page of an entry says what changes in sentences.")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("条目", "entry")) }
                    th scope="col" { (lang.pick("改动的部分", "parts that change")) }
                } }
                tbody { @for one in difference.changed.iter().take(SHOWN) { tr {
                    th scope="row" { (self.entry_link(&one.named)) }
                    td { (parts(&one.fields)) }
                } } }
            } }
        }
    }

    /// The fields in which two versions of one entry differ.
    pub(super) fn field_changes(&self, changes: &[FieldChange]) -> Markup {
        let lang = self.cx.lang();
        html! {
            div.wide { table {
                thead { tr { (change_heads(lang)) } }
                tbody { @for change in changes { tr {
                    th scope="row" { (fields::word(&self.name, &change.field, lang)) }
                    (self.change_cells(change))
                } } }
            } }
        }
    }

    fn change_cells(&self, change: &FieldChange) -> Markup {
        let (before, after) = self.change_said(change);
        html! { td { (before) } td { (after) } }
    }

    /// Both values of a field in words.
    pub(super) fn change_said(&self, change: &FieldChange) -> (String, String) {
        let said = |value: &Option<String>| match value.as_deref().filter(|value| !value.is_empty()) {
            None | Some("null") => "—".to_owned(),
            Some(value) if change.field.starts_with("audience") => self.audience_said(value),
            Some("true") => self.cx.lang().pick("是", "yes").to_owned(),
            Some("false") => self.cx.lang().pick("否", "no").to_owned(),
            Some(value) => value.to_owned(),
        };
        (said(&change.before), said(&change.after))
    }
}

fn change_heads(lang: Lang) -> Markup {
    html! {
        th scope="col" { (lang.pick("字段", "field")) }
        th scope="col" { (lang.pick("原值", "before")) }
        th scope="col" { (lang.pick("新值", "after")) }
    }
}
