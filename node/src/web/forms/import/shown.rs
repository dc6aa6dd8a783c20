//! How a file of documents is previewed: the sum, what cannot be read at its cell, what is left alone and why, and what
//! would change line by line, each a list with numbered pages.

use std::ops::Range;

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::sheet::documents::{First, TableFault};
use tongpin_console::web::list::{Asked, PAGE, pages};
use tongpin_console::web::problems::cut;
use tongpin_console::web::{Tone, notice, token, under_way};
use tongpin_console::workbook::cell_name;
use tongpin_domain::form::Definition;
use tongpin_domain::lang::{Lang, Say};

use super::super::{form_address, worker};
use super::address;
use crate::ops::forms::importing::{DocumentsPreview, Left};
use crate::ops::import::{Change, What};
use crate::web::import::shown::fields;
use crate::web::importing::File;
use crate::web::parts::Context;

/// The lists of a preview, as an address names them.
const FAULTS: &str = "faults";
const CONFLICTS: &str = "conflicts";
const REFUSED: &str = "refused";
const CHANGES: &str = "changes";

/// What is asked of one of the lists: the page that the address names, or the first one.
fn asked_of(asked: &Asked, list: &str) -> Asked {
    if asked.text("list") == list { asked.but(&["format"]) } else { Asked::default().having("list", list) }
}

/// The places of a list's page.
fn window(asked: &Asked, list: &str) -> Range<usize> {
    let (from, count) = asked_of(asked, list).window();
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    from..from.saturating_add(usize::try_from(count).unwrap_or_default())
}

/// The places that the pages show which are asked for.
#[derive(Clone)]
pub(super) struct Places {
    pub(super) changes: Range<usize>,
    pub(super) conflicts: Range<usize>,
}

impl Places {
    pub(super) fn of(asked: &Asked) -> Self {
        Self { changes: window(asked, CHANGES), conflicts: window(asked, CONFLICTS) }
    }
}

/// Where a file's preview is.
pub(super) fn address_of(file: &File) -> String {
    format!("{}/{}", address(&file.note), file.digest)
}

/// How a file is read: said before anything is uploaded, and beside each preview.
pub(super) fn rules(definition: &Definition, lang: Lang) -> Markup {
    let flow = &definition.flow;
    let first = flow.state(flow.first()).map_or(flow.first(), |state| &state.title);
    html! {
        p.hint { (lang.pick(
            "文件中没有的单据不受影响。文件中没有的列保持原值；有此列而单元格为空的，清空该项；文件中有明细表的，所列单据的明细以明细表为准。\
             被筛选隐藏的行也会读入；标“自动计算”“自动带出”的列不读入。个人信息只在空白模板中填写，不写入含现有单据的导入表。",
            "Documents that the file does not name stay as they are. What it has no column for stays; a \
             blank cell of a column that it has clears the value; where it has a sheet of rows, the \
             documents that it names have the rows of that sheet. Rows that a filter hides are read too; \
             what is calculated is not. What is personal has a column in the empty template only.",
        )) }
        p.hint {
            (lang.pick("新单据的状态为“", "New documents are in the state “")) (first)
            (lang.pick("”；修改单据不改变办理状态。", "”; those that are changed stay in theirs."))
        }
    }
}

/// What a file would change. With faults the answer is that it cannot be taken. `asked` says which pages of its lists
/// are wanted; an answer that has no address of its own leads to the one that does.
pub(super) fn preview(
    cx: &Context,
    plan: &DocumentsPreview,
    file: &File,
    told: &Markup,
    asked: Option<&Asked>,
) -> Response {
    let lang = cx.lang();
    let code = &plan.form.definition.code;
    let at = address(code);
    let lists = Lists { plan, at: address_of(file), asked, lang };
    let called = plan.form.definition.called(lang);
    let body = html! {
        (told)
        p { strong { (plan.file) (lang.pick("（", " (")) (called) (lang.pick("）", ")")) } }
        (summary(plan, lang))
        (unread(plan, lang))
        (rules(&plan.form.definition, lang))
        @if plan.can_be_written() {
            form.card method="post" action=(format!("{at}/confirm")) {
                (token(&cx.signed))
                input type="hidden" name="file" value=(file.digest.to_string());
                input type="hidden" name="effect" value=(plan.effect.to_string());
                @if plan.left() > 0 {
                    p { (lang.pick("下面列为冲突或不能导入的行不导入，其单据保持原样；其余的一并导入。",
                        "Lines that are listed below as conflicts, or as lines that cannot be imported, are left alone; all others are imported.")) }
                }
                (under_way(lang, lang.pick("正在导入", "Importing")))
                button.main { (lang.pick("确认导入", "Import")) }
                " " a href=(at) { (lang.pick("取消", "Cancel")) }
            }
        } @else {
            p { a href=(at) { (lang.pick("重新上传", "Upload again")) } }
        }
        @if !plan.faults.is_empty() || plan.left() > 0 {
            p { a.button href=(format!("{}/marked.xlsx", lists.at)) download { (lang.pick("下载标错文件", "Download it with the errors marked")) }
                " " span.hint { (marked_is(plan, lang)) } }
        }
        (lists.faults())
        (lists.left(CONFLICTS, &plan.conflicts, lang.pick("冲突（没有覆盖）", "Conflicts (nothing is overwritten)")))
        (lists.left(REFUSED, &plan.refused, lang.pick("不能导入的行", "Lines that cannot be imported")))
        (lists.changes())
    };
    let status = match (plan.faults.is_empty(), told.0.is_empty()) {
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, false) => StatusCode::CONFLICT,
        (true, true) => StatusCode::OK,
    };
    cx.page(lang.pick("批量导入预览", "What the file would change")).status(status).show(&body)
}

fn summary(plan: &DocumentsPreview, lang: Lang) -> Markup {
    let (said, faults) = (plan.counts.say(lang), plan.faults.all());
    if faults > 0 {
        let zh = format!("不能导入：有 {faults} 处问题，没有写入任何单据。请改正文件后重新上传。没有问题的行：{said}");
        let en = format!("cannot be imported: {faults} problems, and nothing was written. Sound lines: {said}");
        return notice(Tone::Bad, lang.pick(&zh, &en));
    }
    if plan.can_be_written() {
        let (tone, begins) = if plan.left() == 0 {
            (Tone::Good, lang.pick("检查通过，确认后将：", "to be imported: "))
        } else {
            (Tone::Warn, lang.pick("部分行可以导入，确认后将：", "some lines can be imported: "))
        };
        return notice(tone, &format!("{begins}{said}"));
    }
    if plan.left() > 0 {
        return notice(Tone::Warn, &format!("{}{said}", lang.pick("没有可以导入的行：", "no line can be imported: ")));
    }
    if plan.counts.unchanged == 0 {
        return notice(Tone::Warn, lang.pick("文件中没有单据，无需导入", "there are no documents in the file"));
    }
    let zh = "没有变更：文件中的行在下载后没有改过，或与系统中的相同，无需导入";
    let en = "no changes: no line was changed since it was written out, or all say what is held";
    notice(Tone::Good, lang.pick(zh, en))
}

/// What of the file nobody reads.
fn unread(plan: &DocumentsPreview, lang: Lang) -> Markup {
    const NAMES: usize = 5;
    if plan.unread.is_empty() {
        return html! {};
    }
    let more = if plan.unread.len() > NAMES { "…" } else { "" };
    let names: Vec<String> = plan.unread.iter().take(NAMES).map(|name| cut(name)).collect();
    let zh = format!("没有读入这些工作表：{}{more}。明细只从与模板同名的工作表读入。", names.join("、"));
    let en =
        format!("Not read: {}{more}. Rows are read from sheets that are called as in the template.", names.join(", "));
    notice(Tone::Warn, lang.pick(&zh, &en))
}

/// What the file with its errors marked has, and what to do with it.
fn marked_is(plan: &DocumentsPreview, lang: Lang) -> &'static str {
    let at_cells = plan.faults.kept().iter().any(|fault| fault.column.is_some());
    let wrong = at_cells || plan.refused.kept().iter().any(|left| left.column.is_some());
    match (wrong, plan.counts.conflicts > 0 && plan.faults.is_empty()) {
        (true, false) => lang.pick(
            "原文件返回，有问题的单元格标红，最后一列写明原因；改好后直接上传，最后一列不用删",
            "the file as it came, with the wrong cells in red and a last column that says why; correct it and upload it again as it is",
        ),
        (false, false) => lang.pick(
            "原文件返回，最后一列写明每行不能导入的原因；上传时最后一列不用删",
            "the file as it came, with a last column that says why a line is left alone; it may stay when you upload it again",
        ),
        (_, true) => lang.pick(
            "原文件返回，最后一列写明原因；有冲突的行要重新下载现有数据，在其中修改",
            "the file as it came, with a last column that says why; lines in conflict are to be changed in a file with what is held now",
        ),
    }
}

/// The lists of a preview.
struct Lists<'a> {
    plan: &'a DocumentsPreview,
    /// Where the preview is.
    at: String,
    asked: Option<&'a Asked>,
    lang: Lang,
}

impl Lists<'_> {
    /// The places of a list that are shown.
    fn window(&self, list: &str) -> Range<usize> {
        window(self.asked.unwrap_or(&Asked::default()), list)
    }

    /// The page of a list that is shown, of those that are kept.
    fn shown<'l, T>(&self, list: &str, first: &'l First<T>) -> impl Iterator<Item = &'l T> {
        let window = self.window(list);
        first.kept().iter().skip(window.start).take(window.len())
    }

    /// What stands below a list of so many, of which some can be turned to.
    fn below(&self, list: &str, all: usize, kept: usize) -> Markup {
        let (lang, left) = (self.lang, all.saturating_sub(kept));
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        html! {
            @if let Some(asked) = self.asked { (pages(&asked_of(asked, list), number(kept), lang)) }
            @else if number(all) > PAGE {
                p.hint { (lang.pick(&format!("共 {all} 条，以上为前 {PAGE} 条；"), &format!("{all} in all, the first {PAGE} above; ")))
                    a href=(self.at) { (lang.pick("逐页查看", "page by page")) } }
            }
            @if left > 0 {
                p.hint { (lang.pick(&format!("共 {all} 条，只列出前 {kept} 条；改正后会继续显示其余 {left} 条"),
                    &format!("{all} in all, of which the first {kept} are listed; the other {left} follow once these are corrected"))) }
            }
        }
    }

    /// What cannot be read, each at its cell.
    fn faults(&self) -> Markup {
        let (plan, lang) = (self.plan, self.lang);
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
                    tbody { @for fault in self.shown(FAULTS, &plan.faults) { (self.fault(fault)) } }
                } }
                (self.below(FAULTS, plan.faults.all(), plan.faults.kept().len()))
            }
        }
    }

    fn fault(&self, fault: &TableFault) -> Markup {
        let sheet = self.plan.sheets.get(fault.sheet);
        let at = fault.column.and_then(|column| usize::try_from(column).ok());
        let head = sheet.zip(at).and_then(|(sheet, at)| sheet.header.get(at));
        html! {
            tr {
                th scope="row" {
                    @if let Some(sheet) = sheet.filter(|sheet| !sheet.name.is_empty()) { (sheet.name) "!" }
                    (place(fault.line, fault.column, self.lang))
                }
                td { (head.map_or("", String::as_str)) }
                td { (cut(&fault.found)) }
                td { (fault.says.say(self.lang)) }
            }
        }
    }

    /// Lines that are left alone, and why.
    fn left(&self, list: &str, lines: &First<Left>, title: &str) -> Markup {
        let lang = self.lang;
        html! {
            @if !lines.is_empty() {
                h2 { (title) }
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("位置", "where")) }
                        th scope="col" { (lang.pick("单据", "document")) }
                        th scope="col" { (lang.pick("原因", "why")) }
                        @if list == CONFLICTS { th scope="col" { (lang.pick("系统中 → 文件中", "held → in the file")) } }
                    } }
                    tbody { @for it in self.shown(list, lines) { tr {
                        td { (place(it.change.line, it.column, lang)) }
                        th scope="row" { (name(&it.change, lang)) }
                        td { (it.why.say(lang)) }
                        @if list == CONFLICTS { td { (fields(&it.change, lang)) } }
                    } } }
                } }
                (self.below(list, lines.all(), lines.kept().len()))
            }
        }
    }

    /// What begins and what changes, line by line.
    fn changes(&self) -> Markup {
        let (plan, lang) = (self.plan, self.lang);
        let all = plan.counts.added + plan.counts.changed;
        html! {
            @if all > 0 {
                h2 { (lang.pick("逐行变化", "Line by line")) }
                div.wide { table {
                    thead { tr {
                        th scope="col" { (lang.pick("行", "line")) }
                        th scope="col" { (lang.pick("单据", "document")) }
                        th scope="col" { (lang.pick("变化", "change")) }
                        th scope="col" { (lang.pick("修改内容", "what changes")) }
                    } }
                    tbody { @for change in plan.changes_at(&self.window(CHANGES)) { tr {
                        td { (change.line) }
                        th scope="row" { (name(change, lang)) }
                        td { span class=(if change.what == What::Added { "mark good" } else { "mark warn" }) { (change.what.text(lang)) } }
                        td { (fields(change, lang)) }
                    } } }
                } }
                (self.below(CHANGES, all, all))
            }
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

fn name(change: &Change, lang: Lang) -> &str {
    match (change.name.as_str(), change.key.as_str()) {
        ("", "") => lang.pick("（未填对象）", "(nothing named)"),
        ("", key) => key,
        (name, _) => name,
    }
}

/// What an import has done.
pub(super) fn done(cx: &Context, plan: &DocumentsPreview) -> Markup {
    let (lang, own) = (cx.lang(), cx.app.site.region());
    let said = format!("{}{}", lang.pick("已导入：", "imported: "), plan.counts.say(lang));
    let tone = if plan.left() == 0 { Tone::Good } else { Tone::Warn };
    let (flow, duties) = (&plan.form.definition.flow, worker(cx).duties);
    let leads_on = flow.steps.iter().any(|it| !it.renews() && it.level.is_of(&own, &own) && duties.contains(&it.duty));
    html! {
        (notice(tone, &said))
        @if cx.app.records_go_up() { p { (lang.pick("单据将自动上送县级。", "Documents go up to the county by themselves.")) } }
        @if leads_on {
            p { (lang.pick("导入不办理单据；核对后可在本页勾选，批量办理。", "Nothing was handed on: tick them on this page for the next step.")) }
        }
        p { a href=(form_address(&plan.form.definition.code)) { (lang.pick("查看单据", "See the documents")) } }
    }
}
