//! How a catalog's page shows its draft, its forms, what became of an import, and the nodes.

use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{Tone, check_box, notice, token};
use tongpin_domain::intake::Problem;
use tongpin_domain::lang::{Lang, Say};

use super::View;
use crate::command::diff::Differences;
use crate::command::import::{Preview, drafters};
use crate::command::nodes::Row;
use crate::web::{person, sure};

/// Lines of each kind that a page shows; the rest is counted.
const SHOWN: usize = 200;

impl View<'_> {
    pub(super) fn draft_section(&self, difference: &Differences) -> Markup {
        let lang = self.lang();
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
            }
            @if !retired.is_empty() {
                h3 { (lang.pick("停用", "Retired")) }
                ul {
                    @for one in retired.iter().take(SHOWN) {
                        li {
                            (one.named.key) " " (one.named.title)
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
                (changed_table(difference, lang))
                @if let Some(more) = more(changed.len()) { p { (more) } }
            }
            @if !added.is_empty() {
                h3 { (lang.pick("新增", "Added")) }
                ul {
                    @for one in added.iter().take(SHOWN) { li { (one.key) " " (one.title) } }
                    @if let Some(more) = more(added.len()) { li { (more) } }
                }
            }
        }
    }

    pub(super) fn publish_form(&self, difference: &Differences, rows: &[Row]) -> Markup {
        let lang = self.lang();
        let mine = drafters(&difference.drafted_by).any(|name| name == person(self.signed));
        html! {
            @if self.signed.may(&[Duty::Publish]) {
                h2 { (lang.pick("发布", "Publish")) }
                @if mine {
                    p { (lang.pick("草稿由您经办，须由另一人核对发布。", "You drafted this; somebody else publishes it.")) }
                } @else {
                    form.card method="post" action=(self.action("publish")) {
                        (token(self.signed))
                        p { (lang.pick("发布后不可撤回；要还原，把原内容作为新版本再发布一次。先试行时勾选首批单位，不勾选即送达全部。",
                            "A release cannot be taken back; publish the old content again to undo it. Check units for a first wave; none means all.")) }
                        fieldset {
                            legend { (lang.pick("首批单位（可不选）", "First wave (optional)")) }
                            @for row in rows.iter().filter(|row| row.status == "active") {
                                (check_box("to", row.region.as_str(), &row.name, "", false))
                            }
                        }
                        (sure(lang, "sure-publish"))
                        button.main { (lang.pick("发布", "Publish")) }
                    }
                }
            }
            @if self.signed.may(&[Duty::Enter, Duty::Publish]) {
                form.card method="post" action=(self.action("discard")) {
                    (token(self.signed))
                    p { (lang.pick("放弃草稿：已发布的内容不变。", "Discard the draft: what is published stays.")) }
                    (sure(lang, "sure-discard"))
                    button.danger { (lang.pick("放弃草稿", "Discard")) }
                }
            }
        }
    }

    pub(super) fn import_form(&self) -> Markup {
        let lang = self.lang();
        let toml = matches!(self.name, "rules" | "collections");
        let hint = if toml {
            lang.pick("TOML 文件，一个文件一条，加入草稿", "a TOML file: one entry, which joins the draft")
        } else {
            lang.pick(
                "CSV 文件（UTF-8 或 GB18030），整份文件就是新内容，文件里没有的条目将停用",
                "a CSV file (UTF-8 or GB18030): it is the new content; what is not in it is retired",
            )
        };
        html! {
            h2 { (lang.pick("导入草稿", "Import a draft")) }
            form.card method="post" action=(self.action("draft")) enctype="multipart/form-data" {
                (token(self.signed))
                div.field {
                    label for="file" { (lang.pick("文件", "File")) }
                    input id="file" type="file" name="file" required accept=(if toml { ".toml" } else { ".csv" })
                        aria-describedby="file-hint";
                    p.hint id="file-hint" { (hint) }
                }
                div.field {
                    label for="note" { (lang.pick("说明（随版本下发）", "Note (goes with the release)")) }
                    input id="note" name="note" autocomplete="off";
                }
                button.main { (lang.pick("检查并存为草稿", "Check and keep as draft")) }
            }
        }
    }

    pub(super) fn node_table(&self, rows: &[Row]) -> Markup {
        let lang = self.lang();
        let own = self.office.site.region();
        let states = rows.iter().filter(|row| row.status == "active").map(|row| {
            let state = row.catalogs.iter().find(|it| it.publisher == own && it.catalog == self.name);
            (row, state.filter(|state| state.due > 0))
        });
        let states: Vec<_> = states.collect();
        html! {
            h2 { (lang.pick("各单位状态", "The nodes")) }
            @if states.is_empty() {
                p.empty { (lang.pick("还没有单位加入。", "Nobody has joined yet.")) }
            } @else {
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("单位", "node")) }
                        th scope="col" { (lang.pick("状态", "state")) }
                        th scope="col" { (lang.pick("原因", "reason")) }
                    } }
                    tbody { @for (row, state) in states { tr {
                        th scope="row" { (row.name) }
                        td { (state.map_or_else(|| lang.pick("未推送", "not rolled out").to_owned(), |state| state.said(lang))) }
                        td { (state.map(|state| state.reason.as_str()).unwrap_or_default()) }
                    } } }
                } }
            }
        }
    }
}

fn changed_table(difference: &Differences, lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("条目", "entry")) }
                th scope="col" { (lang.pick("字段", "field")) }
                th scope="col" { (lang.pick("原值", "before")) }
                th scope="col" { (lang.pick("新值", "after")) }
            } }
            tbody {
                @for one in difference.changed.iter().take(SHOWN) {
                    @for (at, field) in one.fields.iter().enumerate() {
                        tr {
                            @if at == 0 { th scope="row" rowspan=(one.fields.len()) { (one.named.key) " " (one.named.title) } }
                            td { (field.field) }
                            td { (field.before.as_deref().unwrap_or("—")) }
                            td { (field.after.as_deref().unwrap_or("—")) }
                        }
                    }
                }
            }
        } }
    }
}

/// What became of an import.
pub(super) fn outcome(preview: &Preview, lang: Lang) -> Markup {
    let list = |problems: &[Problem]| {
        html! {
            ul {
                @for problem in problems.iter().take(SHOWN) { li { (problem.say(lang)) } }
                @if problems.len() > SHOWN { li { "… " (problems.len() - SHOWN) } }
            }
        }
    };
    html! {
        @if preview.drafted {
            (notice(Tone::Good, &format!("{}{}", lang.pick("已存为草稿，条目数：", "kept as draft, entries: "), preview.accepted)))
        } @else {
            (notice(Tone::Bad, &format!("{}{}{}{}", lang.pick("没有导入：有错误 ", "not imported: problems "), preview.problems.len(),
                lang.pick(" 处，请改正文件后重新上传；其余可用的条目数：", "; correct the file and upload it again; good entries: "), preview.accepted)))
            (list(&preview.problems))
        }
        @if !preview.warnings.is_empty() {
            (notice(Tone::Warn, lang.pick("下列内容已导入，请核对：", "imported, but please check:")))
            (list(&preview.warnings))
        }
    }
}
