//! 导入: a workbook is uploaded, looked through line by line, and written once somebody has confirmed what would change.

pub(super) mod files;
pub(super) mod shown;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::failure::Common;
use tongpin_console::web::list::{XLSX, attachment};
use tongpin_console::web::{FileBox, PageError, Posted, Tone, Upload, notice, token, under_way};
use tongpin_domain::lang::{Lang, Say};

use super::importing::{self, Came, Done, File, Hear, Outcome, Preview, Signer, Uploads};
use super::progress;
use crate::app::App;
use crate::background::rescoring;
use crate::failure::Failure;
use crate::ops::import::{self, ImportError, Step, TablePreview};
use crate::sheets::file_kind::FileKind;
use crate::web::parts::{Context, segment};

/// Who imports.
const ENTER: &[Duty] = &[Duty::Enter];

/// The page: the form, the templates.
pub(super) async fn get(cx: Context, Extension(uploads): Extension<Arc<Uploads>>) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    Ok(page(&cx, &uploads.waiting(&cx, "", "/import"), StatusCode::OK))
}

/// Keeps a file until it is confirmed, begins to examine it, and leads to what it would change.
pub(super) async fn post(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    upload: Upload,
) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    if upload.name.is_empty() {
        let zh = "没有选择文件；请先选择要导入的 .xlsx 或 .csv 文件";
        let why = cx.lang().pick(zh, "no file was chosen; choose an .xlsx or .csv file first");
        return Ok(with_file(&cx, &html! {}, why, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let Some(file) = uploads.receive(&cx, &upload.name, "", upload.bytes) else { return Ok(gone(&cx)) };
    uploads.begin(&cx, &file, |hear| examined(cx.app.0.clone(), file.clone(), hear));
    Ok(cx.back(&address(&file)))
}

/// Shows what a file would change, or how far looking for that is.
pub(super) async fn preview(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path(file): Path<String>,
) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    let Some(file) = uploads.find(&cx, &file, "") else { return Ok(gone(&cx)) };
    let came = look(&cx, &uploads, &file, None).await;
    Ok(told(&cx, &uploads, &file, came))
}

/// The file of a preview with its wrong cells marked, to be corrected and sent again.
pub(super) async fn marked(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path(file): Path<String>,
) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    let Some(file) = uploads.find(&cx, &file, "") else { return Ok(gone(&cx)) };
    let preview = match look(&cx, &uploads, &file, Some(importing::FOR_A_FILE)).await {
        Came::Preview(preview, _) => preview,
        came => return Ok(told(&cx, &uploads, &file, came)),
    };
    let _room = match import::room(file.bytes.clone()).await {
        Ok(room) => room,
        Err(error) => return Ok(refused(&cx, &error)),
    };
    let (lang, name) = (cx.lang(), importing::marked_name(&file, cx.lang()));
    let made = tokio::task::spawn_blocking(move || match &*preview {
        Preview::Table(preview) => Some(import::marked(preview, &file.bytes, lang)),
        Preview::Documents(_) => None,
    });
    match made.await.map_err(|error| Failure::internal(&error))? {
        Some(made) => Ok(attachment(made.map_err(|error| Failure::internal(&error))?, XLSX, &name)),
        None => Ok(gone(&cx)),
    }
}

/// Writes what was confirmed, if it would still change the same.
pub(super) async fn confirm(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    let file = uploads.find(&cx, fields.text("file"), "").filter(|file| !file.work.is_written());
    let Some(file) = file else { return Ok(gone(&cx)) };
    let confirmed =
        Confirmed { effect: fields.text("effect").to_owned(), by: cx.person().name, signer: Signer::of(&cx) };
    let write = |hear| written(cx.app.0.clone(), file.clone(), confirmed, hear);
    let came = uploads.confirm(&cx, &file, write).await;
    Ok(match came {
        Came::Preview(_, false) | Came::AtWork(..) | Came::Nothing => cx.back(&address(&file)),
        came => told(&cx, &uploads, &file, came),
    })
}

/// Where a file's preview is.
fn address(file: &File) -> String {
    format!("/import/{}", file.digest)
}

async fn look(cx: &Context, uploads: &Uploads, file: &File, patience: Option<Duration>) -> Came {
    let examine = |hear| examined(cx.app.0.clone(), file.clone(), hear);
    uploads.look(cx, file, patience, |preview| matches!(preview, Preview::Table(_)), examine).await
}

/// What a file would change.
async fn examined(app: App, file: File, hear: Hear) -> Outcome {
    let import = import::examine(&app, &file.name, file.bytes, &|step| hear.on(step)).await?;
    Ok(Done::Found(Preview::Table(import.preview)))
}

/// What somebody has confirmed, and who.
struct Confirmed {
    effect: String,
    by: String,
    signer: Signer,
}

/// Looks at a file again, and writes it if it would still change what was confirmed.
async fn written(app: App, file: File, confirmed: Confirmed, hear: Hear) -> Outcome {
    let import = import::examine(&app, &file.name, file.bytes, &|step| hear.on(step)).await?;
    let preview = &import.preview;
    if preview.effect.to_string() != confirmed.effect || !preview.problems.is_empty() {
        return Ok(Done::Otherwise(Preview::Table(import.preview)));
    }
    // What was confirmed is what is written: `write` counts the same, unless somebody saves at this very moment.
    let told = shown::told_of(preview, Lang::Zh);
    let detail = format!("{}，{}：{told}", preview.file, preview.kind.text(Lang::Zh));
    let (action, subject) = match preview.kind {
        FileKind::Evaluation => ("form_fill", preview.code.as_str()),
        FileKind::Goal => ("goal_fill", preview.code.as_str()),
        kind => ("import", kind.word()),
    };
    hear.on(Step::Writing { total: preview.writes() });
    let entry = confirmed.signer.entry(app.site.now(), action, subject, &detail);
    let counts = app.store().audited(&entry, import.write(&app, &confirmed.by)).await?;
    if !matches!(preview.kind, FileKind::Evaluation | FileKind::Goal) {
        rescoring::start(&app);
    }
    let mut preview = import.preview;
    preview.counts = counts;
    Ok(Done::Written(Preview::Table(preview)))
}

/// Says what came of a file.
fn told(cx: &Context, uploads: &Uploads, file: &File, came: Came) -> Response {
    match came {
        Came::AtWork(step, writes) => importing::at_work(cx, file, (step, writes)),
        Came::Preview(preview, otherwise) => {
            let Preview::Table(preview) = &*preview else { return gone(cx) };
            let zh = "在您查看之后，系统中的数据有变化，没有导入；请核对下面新的预览，再确认";
            let en = "what is held has changed since you looked; nothing was imported: compare again, then confirm";
            let changed = html! { @if otherwise { (notice(Tone::Warn, cx.lang().pick(zh, en))) } };
            drawn(cx, preview, file, &changed)
        }
        Came::Written(Some(preview)) => {
            let Preview::Table(preview) = &*preview else { return gone(cx) };
            uploads.spend(cx, file);
            cx.led_to("/import", &done(cx, preview))
        }
        Came::Written(None) => cx.back("/import"),
        Came::Refused(error) => refused(cx, &error),
        Came::Nothing => cx.back(&address(file)),
    }
}

/// Says that a file does not wait any more.
fn gone(cx: &Context) -> Response {
    page(cx, &notice(Tone::Warn, importing::gone(cx.lang())), StatusCode::CONFLICT)
}

/// What an import has done.
fn done(cx: &Context, import: &TablePreview) -> Markup {
    let lang = cx.lang();
    let (kind, code) = (import.kind, import.code.as_str());
    let said = format!("{}{}{}", lang.pick("已导入", "imported "), kind.text(lang), lang.pick("：", ": "));
    let goes_up = cx.app.records_go_up();
    html! {
        (notice(Tone::Good, &format!("{said}{}", shown::told(&import.counts, lang))))
        @if goes_up { p { (lang.pick("记录将自动上送县级。", "The records go up to the county by themselves.")) } }
        ul {
            @match kind {
                FileKind::Projects => {
                    li { (lang.pick("下一步：导入这些项目的绩效指标（见下方模板）", "Next: import their indicators, see the template below")) }
                    li { a href="/projects" { (lang.pick("查看项目", "See the projects")) } }
                }
                FileKind::Indicators => {
                    li { (lang.pick("相关项目按新的指标重新评分：", "These projects are scored anew; see "))
                        a href="/scores" { (lang.pick("查看评分", "the scores")) } }
                }
                FileKind::Goal => {
                    li { a href=(format!("/projects/{}/goal/check", segment(code))) { (lang.pick("检查和打印绩效目标", "Check and print the goal")) } }
                    li { a href=(format!("/projects/{}/goal.xlsx", segment(code))) { (lang.pick("下载更新后的申报表", "The form as it is now")) } }
                }
                FileKind::Observations => {
                    li { (lang.pick("项目的全年执行数、指标的实际完成值已随之更新，相关项目重新评分：",
                        "What the projects have spent and reached follows, and they are scored anew; see "))
                        a href="/scores" { (lang.pick("查看评分", "the scores")) } }
                    li { a href="/projects" { (lang.pick("查看项目", "See the projects")) } }
                }
                FileKind::Evaluation => {
                    li { a href=(format!("/projects/{}", segment(code))) { (lang.pick("查看该项目及得分", "See the project and its score")) } }
                    li { a href=(format!("/projects/{}/form.xlsx", segment(code))) { (lang.pick("下载更新后的自评表", "The form as it is now")) } }
                }
            }
        }
    }
}

/// The page with something said above the form.
fn page(cx: &Context, told: &Markup, status: StatusCode) -> Response {
    with_file(cx, told, "", status)
}

/// The page, with what is wrong with the file that was sent.
fn with_file(cx: &Context, told: &Markup, wrong: &str, status: StatusCode) -> Response {
    let lang = cx.lang();
    let standing = cx.app.rescoring.standing();
    let body = html! { (told) (progress::draw(&standing, lang)) (form(cx, wrong)) (shown::templates(lang)) };
    let page = cx.page(lang.pick("导入", "Import"));
    let page = if standing.is_running() { page.refreshing() } else { page };
    page.status(status).show(&body)
}

fn form(cx: &Context, error: &str) -> Markup {
    let lang = cx.lang();
    html! {
        form.card method="post" action="/import" enctype="multipart/form-data" data-keep {
            (token(&cx.signed))
            (FileBox {
                lang,
                label: lang.pick("文件", "File"),
                accept: ".xlsx,.csv",
                hint: lang.pick(
                    "项目、项目绩效指标、按月填报，或填好的自评表、目标申报表：Excel 工作簿（.xlsx）或 CSV，不超过 20 MB。先检查并预览，确认后才导入。",
                    "Projects, their indicators, reports by month, or a filled form (self-evaluation or goal): an Excel workbook (.xlsx) or CSV of at most 20 MB. It is checked and shown first, and imported once you confirm.",
                ),
                error,
            }.draw())
            button.main { (lang.pick("检查并预览", "Check and preview")) }
        }
    }
}

/// What a file would change. With problems the answer is that it cannot be taken.
fn drawn(cx: &Context, import: &TablePreview, file: &File, told: &Markup) -> Response {
    let lang = cx.lang();
    let sound = import.problems.is_empty();
    let changed = !told.0.is_empty();
    let body = html! {
        (told)
        (shown::summary(import, lang))
        @if sound && import.changes_something() {
            form.card method="post" action="/import/confirm" {
                (token(&cx.signed))
                input type="hidden" name="file" value=(file.digest.to_string());
                input type="hidden" name="effect" value=(import.effect.to_string());
                @if import.counts.removed > 0 {
                    p { (lang.pick("删除后不能恢复，请先核对下面标为“删除”的行。", "What is removed cannot be brought back: check the lines marked so below.")) }
                }
                (under_way(lang, lang.pick("正在导入", "Importing")))
                button.main { (lang.pick("确认导入", "Import")) }
                " " a href="/import" { (lang.pick("取消", "Cancel")) }
            }
        } @else {
            p { a href="/import" { (lang.pick("重新上传", "Upload again")) } }
        }
        (shown::way_to_marked(import, &format!("{}/marked.xlsx", address(file)), lang))
        (shown::problems(import, lang))
        (shown::changes(import, lang))
        (shown::follows(import, lang))
    };
    let status = match (sound, changed) {
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, true) => StatusCode::CONFLICT,
        (true, false) => StatusCode::OK,
    };
    let title = lang.pick("导入预览", "What the file would change");
    cx.page(title).status(status).show(&body)
}

/// Says why a file is not taken; nothing was changed.
fn refused(cx: &Context, error: &ImportError) -> Response {
    let lang = cx.lang();
    let why = match error {
        ImportError::Failure(failure) if !matches!(failure, Failure::Common(Common::Input { .. })) => {
            return PageError::of(failure).into_response();
        }
        error => error.say(lang),
    };
    let told = html! {
        (notice(Tone::Bad, &why))
        p { (lang.pick("没有导入，原有数据没有变动。", "Nothing was imported, and nothing has changed.")) }
    };
    page(cx, &told, StatusCode::UNPROCESSABLE_ENTITY)
}
