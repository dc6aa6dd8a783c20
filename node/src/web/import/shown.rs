//! How the pages of importing look: the sum, the problems at their cells, the changes line by line, the templates.

use maud::{Markup, html};
use tongpin_console::web::problems::{cut, table};
use tongpin_console::web::{Tone, notice};
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::PutCounts;

use crate::ops::import::{Change, TablePreview, What};
use crate::sheets::file_kind::FileKind;

/// Projects that follow, that are shown; the rest is counted.
const SHOWN: usize = 200;

/// What changes, in numbers.
pub(super) fn told(counts: &PutCounts, lang: Lang) -> String {
    let PutCounts { added, changed, unchanged, removed } = counts;
    match lang {
        Lang::Zh => format!("新增 {added}，修改 {changed}，未变 {unchanged}，删除 {removed}"),
        Lang::En => format!("{added} new, {changed} changed, {unchanged} unchanged, {removed} removed"),
    }
}

/// What a file would change, in numbers, and how many projects follow.
pub(super) fn told_of(import: &TablePreview, lang: Lang) -> String {
    let told = told(&import.counts, lang);
    match (import.follows.len(), lang) {
        (0, _) => told,
        (follow, Lang::Zh) => format!("{told}；随之更新 {follow} 个项目"),
        (follow, Lang::En) => format!("{told}; {follow} projects follow"),
    }
}

/// What the file is and what it would do.
pub(super) fn summary(import: &TablePreview, lang: Lang) -> Markup {
    let kind = import.kind.text(lang);
    let (counts, problems) = (&import.counts, import.problems.len());
    let what = match &import.project {
        Some(project) => format!("{}（{kind}：{project}）", import.file),
        None => format!("{}（{kind}）", import.file),
    };
    let said = if problems > 0 {
        let zh = format!(
            "不能导入：有 {problems} 处问题，没有问题的记录 {} 条。请改正文件后重新上传，原有数据没有变动",
            import.sound
        );
        let en = format!(
            "cannot be imported: {problems} problems, {} sound records. Correct the file and upload it again; nothing has changed",
            import.sound
        );
        notice(Tone::Bad, lang.pick(&zh, &en))
    } else if import.changes_something() {
        let zh = format!("检查通过，确认后将：{}", told_of(import, Lang::Zh));
        notice(Tone::Good, lang.pick(&zh, &format!("sound; to be imported: {}", told_of(import, Lang::En))))
    } else if import.sound == 0 {
        notice(Tone::Warn, lang.pick("文件中没有数据，无需导入", "there is no data in the file"))
    } else {
        notice(
            Tone::Good,
            lang.pick("没有变更：内容与系统中的完全相同，无需导入", "no changes: the file says exactly what is held"),
        )
    };
    html! {
        p { strong { (what) } }
        (said)
        @if import.kind == FileKind::Indicators && counts.removed > 0 {
            p.hint { (lang.pick("文件中出现的每个项目，其指标行以文件为准：文件里没有的旧行会删除。",
                "The file has all lines of each project that it names: those it lacks are removed.")) }
        }
    }
}

/// Where a file with wrong cells can be had with these marked.
pub(super) fn way_to_marked(import: &TablePreview, address: &str, lang: Lang) -> Markup {
    let said = match import.kind {
        FileKind::Evaluation | FileKind::Goal => lang.pick(
            "原表返回，有问题的单元格标红；怎样改见下表",
            "the form as it came, with the wrong cells in red; what is wrong is told below",
        ),
        FileKind::Projects | FileKind::Indicators | FileKind::Observations => lang.pick(
            "原文件返回，有问题的单元格标红，最后一列写明怎样改；改好后直接上传，最后一列不用删",
            "the file as it came, with the wrong cells in red and a last column that says what is wrong; correct it and \
             upload it again as it is",
        ),
    };
    html! {
        @if import.problems.iter().any(|problem| problem.line > 0) {
            p { a.button href=(address) download { (lang.pick("下载标错文件", "Download it with the errors marked")) }
                " " span.hint { (said) } }
        }
    }
}

/// Problems and warnings at their cells.
pub(super) fn problems(import: &TablePreview, lang: Lang) -> Markup {
    html! {
        @if !import.problems.is_empty() {
            h2 { (lang.pick("问题", "Problems")) }
            (table(&import.problems, |name| import.column(name), lang))
        }
        @if !import.warnings.is_empty() {
            h2 { (lang.pick("提示（可以导入，请核对）", "To be checked (can be imported)")) }
            (table(&import.warnings, |name| import.column(name), lang))
        }
    }
}

/// What changes of itself with the file's changes.
pub(super) fn follows(import: &TablePreview, lang: Lang) -> Markup {
    let more = import.follows.len().saturating_sub(SHOWN);
    html! {
        @if !import.follows.is_empty() {
            h2 { (lang.pick("随之更新", "What follows")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("项目代码", "project")) }
                    th scope="col" { (lang.pick("名称", "name")) }
                    th scope="col" { (lang.pick("更新内容", "what changes")) }
                } }
                tbody { @for change in import.follows.iter().take(SHOWN) { tr {
                    th scope="row" { (change.key) }
                    td { (change.name) }
                    td { (fields(change, lang)) }
                } } }
            } }
            @if more > 0 { p.hint { (lang.pick(&format!("另有 {more} 个项目未列出，一并更新"), &format!("and {more} more projects, which follow as well"))) } }
        }
    }
}

/// The fields of a change, each before and after.
pub(in crate::web) fn fields(change: &Change, lang: Lang) -> Markup {
    let blank = |text: &str| if text.is_empty() { lang.pick("（空）", "(blank)").to_owned() } else { cut(text) };
    html! {
        @for field in &change.fields {
            div { (field.field.say(lang)) (lang.pick("：", ": ")) (blank(&field.before)) " → " (blank(&field.after)) }
        }
    }
}

/// The changes, line by line.
pub(super) fn changes(import: &TablePreview, lang: Lang) -> Markup {
    let PutCounts { added, changed, removed, .. } = import.counts;
    let shown = u64::try_from(import.changes.len()).unwrap_or(u64::MAX);
    let more = (added + changed + removed).saturating_sub(shown);
    html! {
        @if !import.changes.is_empty() {
            h2 { (lang.pick("逐行变化", "Line by line")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("行", "line")) }
                    th scope="col" { (lang.pick("代码", "code")) }
                    th scope="col" { (lang.pick("名称", "name")) }
                    th scope="col" { (lang.pick("变化", "change")) }
                    th scope="col" { (lang.pick("修改内容", "what changes")) }
                } }
                tbody { @for change in &import.changes { (row(import, change, lang)) } }
            } }
            @if more > 0 { p.hint { (lang.pick(&format!("另有 {more} 行变化未列出，一并导入"), &format!("and {more} more lines, imported with these"))) } }
        }
    }
}

fn row(import: &TablePreview, change: &Change, lang: Lang) -> Markup {
    let class = match change.what {
        What::Added => "mark good",
        What::Changed => "mark warn",
        What::Removed => "mark bad",
    };
    // A goal is kept under its project's code, a line under more than that.
    let texts = (change.key == import.code && change.name.is_empty()).then(|| match import.kind {
        FileKind::Evaluation => lang.pick("自评文字", "texts of the self-evaluation"),
        _ => lang.pick("目标文字", "texts of the goal"),
    });
    html! {
        tr {
            td { @if change.line > 0 { (change.line) } @else { "—" } }
            th scope="row" { (change.key) }
            td { (texts.unwrap_or(&change.name)) }
            td { span class=(class) { (change.what.text(lang)) } }
            td { (fields(change, lang)) }
        }
    }
}

/// What can be downloaded to be filled in.
pub(super) fn templates(lang: Lang) -> Markup {
    let rows = [
        (
            "projects",
            lang.pick("项目", "Projects"),
            lang.pick(
                "一行一个项目；项目代码相同的为修改，其余为新增",
                "a project on each line; a known code changes it, another is new",
            ),
        ),
        (
            "indicators",
            lang.pick("项目绩效指标", "Indicators of projects"),
            lang.pick(
                "一行一条指标；按项目代码和序号对应，须列全该项目的所有指标行",
                "an indicator on each line, known by code and number; all lines of a project together",
            ),
        ),
        (
            "observations",
            lang.pick("按月填报", "Reports by month"),
            lang.pick(
                "一行一个项目、月份和指标；没有写到的月份、指标和佐证材料不变，全年执行数和实际完成值随之更新",
                "a project, month and line on each line; months, lines and evidence that it does not name stay as they are",
            ),
        ),
    ];
    html! {
        h2 { (lang.pick("表格", "Forms")) }
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("内容", "what")) }
                th scope="col" { (lang.pick("说明", "how")) }
                th scope="col" { (lang.pick("下载", "download")) }
            } }
            tbody {
                @for (word, name, about) in rows { tr {
                    th scope="row" { (name) }
                    td { (about) }
                    td {
                        a href=(format!("/import/template/{word}.xlsx")) { (lang.pick("空白模板", "template")) } " "
                        a href=(format!("/import/data/{word}.xlsx")) { (lang.pick("导入表（现有数据）", "import table (what is held)")) }
                    }
                } }
                tr {
                    th scope="row" { (lang.pick("自评表", "Self-evaluation form")) }
                    td { (lang.pick("项目单位在淡黄色格中填写实际完成值、偏差原因和完成情况后，在本页上传",
                        "filled in by the unit where it is yellow: actual values, reasons and texts; uploaded on this page")) }
                    td { (lang.pick("在项目页面下载", "on the project's page")) }
                }
                tr {
                    th scope="row" { (lang.pick("绩效目标申报表", "Goal form")) }
                    td { (lang.pick("一个项目一张：目标文字和指标，修改、新增、删除都按预览确认；已有目标的项目，请在绩效目标页面导出后修改",
                        "one for each project, with texts and indicators; where there is a goal already, export it on its page and change that")) }
                    td { a href="/import/template/goal.xlsx" { (lang.pick("空白模板", "template")) } }
                }
            }
        } }
    }
}
