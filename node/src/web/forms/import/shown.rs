//! How a file of documents is previewed: the sum, what cannot be read at its cell, what is left alone and why, and what
//! would change line by line.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::problems::cut;
use tongpin_console::web::{Tone, notice, token};
use tongpin_console::workbook::cell_name;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};

use super::super::form_address;
use super::address;
use crate::ops::forms::importing::{DocumentsPlan, Left};
use crate::ops::import::{Change, What};
use crate::web::import::shown::fields;
use crate::web::parts::Context;

/// Lines that are shown of each kind; the rest is counted.
const SHOWN: usize = 50;

/// How a file is read: said before anything is uploaded, and beside each preview.
pub(super) fn rules(lang: Lang) -> Markup {
    html! {
        p.hint { (lang.pick(
            "文件中没有的列保持原值；有此列而单元格为空的，清空该项；有明细表的，明细以文件为准。标“自动计算”“自动带出”的列和个人信息不读出。新单据和修改都是草稿，不改变办理状态。",
            "What the file has no column for stays; a blank cell of a column that it has clears the value; rows are those of the file. \
             What is calculated is not read, and what is personal is never written out. Documents stay in the state they are in.",
        )) }
    }
}

/// What a file would change. With faults the answer is that it cannot be taken.
pub(super) fn preview(cx: &Context, plan: &DocumentsPlan, file: &Digest, told: &Markup) -> Response {
    let lang = cx.lang();
    let code = &plan.form.definition.code;
    let at = address(code);
    let (conflicts, refused): (Vec<&Left>, Vec<&Left>) = plan.left.iter().partition(|left| left.conflict);
    let body = html! {
        (told)
        p { strong { (plan.file) "（" (plan.form.definition.called(lang)) "）" } }
        (summary(plan, lang))
        (rules(lang))
        @if plan.can_be_written() {
            form.card method="post" action=(format!("{at}/confirm")) {
                (token(&cx.signed))
                input type="hidden" name="file" value=(file.to_string());
                input type="hidden" name="effect" value=(plan.effect.to_string());
                @if !plan.left.is_empty() {
                    p { (lang.pick("只导入可以导入的行；下面列出的冲突行和不能导入的行保持原样。",
                        "Only lines that can be are imported; those listed below are left alone.")) }
                }
                button.main { (lang.pick("确认导入", "Import")) }
                " " a href=(at) { (lang.pick("取消", "Cancel")) }
            }
        } @else {
            p { a href=(at) { (lang.pick("重新上传", "Upload again")) } }
        }
        @if !plan.faults.is_empty() || !plan.left.is_empty() {
            p { a.button href=(format!("{at}/{file}/marked.xlsx")) download { (lang.pick("下载标错文件", "Download it with the errors marked")) }
                " " span.hint { (lang.pick(
                    "原文件返回，有问题的单元格标红，最后一列写明原因；改好后直接上传，最后一列不用删",
                    "the file as it came, with the wrong cells in red and a last column that says why; correct it and upload it again as it is",
                )) } }
        }
        (faults(plan, lang))
        @if !conflicts.is_empty() {
            h2 { (lang.pick("冲突（没有覆盖）", "Conflicts (nothing is overwritten)")) }
            (left(&conflicts, lang))
        }
        @if !refused.is_empty() {
            h2 { (lang.pick("不能导入的行", "Lines that cannot be imported")) }
            (left(&refused, lang))
        }
        (changes(plan, lang))
    };
    let status = match (plan.faults.is_empty(), told.0.is_empty()) {
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, false) => StatusCode::CONFLICT,
        (true, true) => StatusCode::OK,
    };
    cx.page(lang.pick("批量导入预览", "What the file would change")).status(status).show(&body)
}

fn summary(plan: &DocumentsPlan, lang: Lang) -> Markup {
    let (said, faults) = (plan.counts.say(lang), plan.faults.len());
    if faults > 0 {
        let zh = format!("不能导入：有 {faults} 处问题。请改正文件后重新上传，原有单据没有变动。其余：{said}");
        let en = format!("cannot be imported: {faults} problems; nothing has changed. Of the rest: {said}");
        return notice(Tone::Bad, lang.pick(&zh, &en));
    }
    if plan.can_be_written() {
        let tone = if plan.left.is_empty() { Tone::Good } else { Tone::Warn };
        return notice(tone, &format!("{}{said}", lang.pick("检查通过，确认后将：", "to be imported: ")));
    }
    if plan.counts.unchanged == 0 && plan.left.is_empty() {
        return notice(Tone::Warn, lang.pick("文件中没有数据，无需导入", "there is no data in the file"));
    }
    if plan.left.is_empty() {
        let en = "no changes: the file says exactly what is held";
        return notice(Tone::Good, lang.pick("没有变更：内容与系统中的完全相同，无需导入", en));
    }
    notice(Tone::Warn, &format!("{}{said}", lang.pick("没有可以导入的行：", "no line can be imported: ")))
}

/// What cannot be read, each at its cell.
fn faults(plan: &DocumentsPlan, lang: Lang) -> Markup {
    html! {
        @if !plan.faults.is_empty() {
            h2 { (lang.pick("问题", "Problems")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("位置", "where")) }
                    th scope="col" { (lang.pick("列", "column")) }
                    th scope="col" { (lang.pick("内容", "found")) }
                    th scope="col" { (lang.pick("问题", "problem")) }
                } }
                tbody { @for fault in plan.faults.iter().take(SHOWN) {
                    @let sheet = plan.sheets.get(fault.sheet);
                    @let at = fault.column.and_then(|column| usize::try_from(column).ok());
                    @let head = sheet.zip(at).and_then(|(sheet, at)| sheet.header.get(at));
                    tr {
                        th scope="row" {
                            @if let Some(sheet) = sheet.filter(|sheet| !sheet.name.is_empty()) { (sheet.name) "!" }
                            (place(fault.line, fault.column, lang))
                        }
                        td { (head.map_or("", String::as_str)) }
                        td { (cut(&fault.found)) }
                        td { (fault.says.say(lang)) }
                    }
                } }
            } }
            (more(plan.faults.len(), lang))
        }
    }
}

/// A cell as spreadsheets call it, or the line.
fn place(line: u64, column: Option<u32>, lang: Lang) -> String {
    match (column, u32::try_from(line)) {
        (Some(column), Ok(row)) if row > 0 => cell_name(row - 1, column),
        _ => lang.pick(&format!("第 {line} 行"), &format!("line {line}")).to_owned(),
    }
}

/// How much is not listed.
fn more(all: usize, lang: Lang) -> Markup {
    let more = all.saturating_sub(SHOWN);
    html! { @if more > 0 { p.hint { (lang.pick(&format!("还有 {more} 项未列出"), &format!("and {more} more"))) } } }
}

fn left(lines: &[&Left], lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("行", "line")) }
                th scope="col" { (lang.pick("单据", "document")) }
                th scope="col" { (lang.pick("原因", "why")) }
                @if lines.iter().any(|left| left.conflict) {
                    th scope="col" { (lang.pick("系统中 → 文件中", "held → in the file")) }
                }
            } }
            tbody { @for it in lines.iter().take(SHOWN) { tr {
                td { (it.change.line) }
                th scope="row" { (name(&it.change)) }
                td { (it.why.say(lang)) }
                @if it.conflict { td { (fields(&it.change, lang)) } }
            } } }
        } }
        (more(lines.len(), lang))
    }
}

fn name(change: &Change) -> &str {
    if change.name.is_empty() { &change.key } else { &change.name }
}

/// What begins and what changes, line by line.
fn changes(plan: &DocumentsPlan, lang: Lang) -> Markup {
    html! {
        @if !plan.changes.is_empty() {
            h2 { (lang.pick("逐行变化", "Line by line")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("行", "line")) }
                    th scope="col" { (lang.pick("单据", "document")) }
                    th scope="col" { (lang.pick("变化", "change")) }
                    th scope="col" { (lang.pick("修改内容", "what changes")) }
                } }
                tbody { @for change in &plan.changes { tr {
                    td { (change.line) }
                    th scope="row" { (name(change)) }
                    td { span class=(if change.what == What::Added { "mark good" } else { "mark warn" }) { (change.what.text(lang)) } }
                    td { (fields(change, lang)) }
                } } }
            } }
            (more(plan.counts.added + plan.counts.changed, lang))
        }
    }
}

/// What an import has done.
pub(super) fn done(cx: &Context, plan: &DocumentsPlan) -> Markup {
    let lang = cx.lang();
    let said = format!("{}{}", lang.pick("已导入：", "imported: "), plan.counts.say(lang));
    let tone = if plan.left.is_empty() { Tone::Good } else { Tone::Warn };
    html! {
        (notice(tone, &said))
        @if cx.app.records_go_up() { p { (lang.pick("单据将自动上送县级。", "Documents go up to the county by themselves.")) } }
        @if plan.counts.added + plan.counts.changed > 0 {
            p { (lang.pick("单据仍是草稿；核对后可在本页勾选，批量办理。", "They are drafts still; tick them on this page to hand them on.")) }
        }
        p { a href=(form_address(&plan.form.definition.code)) { (lang.pick("查看单据", "See the documents")) } }
    }
}
