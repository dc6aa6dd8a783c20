//! 批量导入单据 on the pages: the workbook to fill in, a preview that changes nothing, and the confirmation, which is
//! looked at again.

mod shown;

use std::sync::Arc;

use axum::extract::{Extension, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::failure::Common;
use tongpin_console::web::list::{Asked, XLSX, attachment};
use tongpin_console::web::{FileBox, PageError, Posted, Staged, Tone, Upload, Waiting, notice, token};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};

use super::{begin, filters, form_address, form_of, worker};
use crate::failure::Failure;
use crate::ops::forms::importing::{self, Look};
use crate::ops::forms::{FormError, HeldForm};
use crate::ops::import::ImportError;
use crate::web::parts::Context;

/// Who imports.
const ENTER: &[Duty] = &[Duty::Enter];

/// Where a form's documents are imported.
pub(super) fn address(code: &str) -> String {
    format!("{}/import", form_address(code))
}

/// The form of an address, for whoever may enter.
async fn entered(cx: &Context, code: &str) -> Result<HeldForm, PageError> {
    cx.must(ENTER).await?;
    form_of(cx, code).await
}

/// The page: what to fill in, and where to hand it in.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    Ok(page(&cx, &form, &asked, &html! {}, "", StatusCode::OK))
}

/// What stands alone behind a posted address leads back here.
pub(super) async fn back(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    Ok(cx.back(&address(&code)))
}

/// Keeps a file until it is confirmed, and leads to what it would change.
pub(super) async fn post(
    cx: Context,
    Extension(staged): Extension<Arc<Staged>>,
    Path(code): Path<String>,
    upload: Upload,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    if upload.name.is_empty() {
        let zh = "没有选择文件；请先选择填好的 .xlsx 或 .csv 文件";
        let why = cx.lang().pick(zh, "no file was chosen; choose a filled .xlsx or .csv file first");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page(&cx, &form, &Asked::default(), &html! {}, why, status));
    }
    let file = staged.keep(&cx.signed.account.id, &upload.name, &code, upload.bytes, cx.now());
    Ok(Redirect::to(&format!("{}/{file}", address(&code))).into_response())
}

/// Shows what a file would change.
pub(super) async fn preview(
    cx: Context,
    Extension(staged): Extension<Arc<Staged>>,
    Path((code, file)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    let Some((file, kept)) = kept(&cx, &staged, &code, &file) else { return Ok(gone(&cx, &form)) };
    let by = worker(&cx);
    let look = shown::look(&cx, &by, &asked);
    Ok(match importing::examine(&cx.app, form.clone(), &kept.name, kept.bytes, &look).await {
        Ok(plan) => shown::preview(&cx, &plan, &file, &html! {}, Some(&asked)),
        Err(error) => refused(&cx, &form, error),
    })
}

/// The file of a preview with its wrong cells marked, to be corrected and sent again.
pub(super) async fn marked(
    cx: Context,
    Extension(staged): Extension<Arc<Staged>>,
    Path((code, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    let Some((_, kept)) = kept(&cx, &staged, &code, &file) else { return Ok(gone(&cx, &form)) };
    let by = worker(&cx);
    let look = Look::first(&by, cx.lang());
    let plan = match importing::examine(&cx.app, form.clone(), &kept.name, kept.bytes.clone(), &look).await {
        Ok(plan) => plan,
        Err(error) => return Ok(refused(&cx, &form, error)),
    };
    let lang = cx.lang();
    let stem = kept.name.rsplit_once('.').map_or(kept.name.as_str(), |(stem, _)| stem);
    let name = format!("{stem}{}.xlsx", lang.pick("（标错）", " (marked)"));
    let made = tokio::task::spawn_blocking(move || importing::marked(&plan, &kept.bytes, lang)).await;
    let made = made.map_err(|error| Failure::internal(&error))?.map_err(|error| Failure::internal(&error))?;
    Ok(attachment(made, XLSX, &name))
}

/// Writes what was confirmed, if it would still change the same.
pub(super) async fn confirm(
    cx: Context,
    Extension(staged): Extension<Arc<Staged>>,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    let Some((file, kept)) = kept(&cx, &staged, &code, fields.text("file")) else { return Ok(gone(&cx, &form)) };
    let by = worker(&cx);
    let look = Look::first(&by, cx.lang());
    let examine = async || importing::examine(&cx.app, form.clone(), &kept.name, kept.bytes.clone(), &look).await;
    let plan = match examine().await {
        Ok(plan) => plan,
        Err(error) => return Ok(refused(&cx, &form, error)),
    };
    let zh = "在您查看之后，系统中的单据有变化，没有导入；请核对下面新的预览，再确认";
    let en = "documents have changed since you looked; nothing was imported: compare again, then confirm";
    let otherwise = notice(Tone::Warn, cx.lang().pick(zh, en));
    if plan.effect.to_string() != fields.text("effect") || !plan.can_be_written() {
        return Ok(shown::preview(&cx, &plan, &file, &otherwise, None));
    }
    let detail = format!("{}，{}：{}", plan.file, form.definition.title, plan.counts.say(Lang::Zh));
    let entry = cx.audit_entry("document_import", &code, &detail);
    match cx.app.store().audited(&entry, plan.write(&cx.app)).await {
        Ok(()) => {}
        Err(FormError::Changed) => {
            // The room that it takes is needed to look again.
            drop(plan);
            return Ok(match examine().await {
                Ok(plan) => shown::preview(&cx, &plan, &file, &otherwise, None),
                Err(error) => refused(&cx, &form, error),
            });
        }
        Err(error) => return Ok(refused(&cx, &form, error.into())),
    }
    staged.forget(&cx.signed.account.id, &file);
    Ok(cx.led_to(&form_address(&code), &shown::done(&cx, &plan)))
}

/// An empty workbook.
pub(super) async fn template(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    workbook(&cx, &form, None).await
}

/// A workbook of the documents that the list shows, to be changed and imported again.
pub(super) async fn data(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    workbook(&cx, &form, Some(&asked)).await
}

async fn workbook(cx: &Context, form: &HeldForm, asked: Option<&Asked>) -> Result<Response, PageError> {
    let definition = &form.definition;
    let filter = asked.map(|asked| filters::asked_for(definition, asked));
    let periods: Vec<String> = begin::periods(cx, definition).into_iter().map(|(period, _)| period).collect();
    let (title, lang) = (&definition.title, cx.lang());
    match importing::workbook(&cx.app, form, &periods, filter.as_ref()).await? {
        Ok((bytes, _)) if filter.is_none() => {
            let name = lang.pick("批量导入模板", "empty template");
            Ok(attachment(bytes, XLSX, &format!("{} {name}.xlsx", definition.called(lang))))
        }
        Ok((bytes, count)) => {
            cx.audit("document_export", &definition.code, &format!("{title}，导入表，{count} 份"), true).await?;
            let name = lang.pick(&format!("导入表 {count}份"), &format!("{count} documents")).to_owned();
            Ok(attachment(bytes, XLSX, &format!("{} {name}.xlsx", definition.called(lang))))
        }
        Err(too_much) => {
            let told = notice(Tone::Warn, &too_much.say(lang));
            Ok(page(cx, form, asked.unwrap_or(&Asked::default()), &told, "", StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

/// The file of a preview of this form, while it waits.
fn kept(cx: &Context, staged: &Staged, code: &str, file: &str) -> Option<(Digest, Waiting)> {
    let file = file.parse::<Digest>().ok()?;
    let kept = staged.take(&cx.signed.account.id, &file, cx.now())?;
    (kept.note == code).then_some((file, kept))
}

/// Says that a file does not wait any more.
fn gone(cx: &Context, form: &HeldForm) -> Response {
    let zh = "上传的文件已不在（已导入，或超过 1 小时未确认）；请重新上传";
    let en = "the uploaded file is gone (imported, or not confirmed for an hour); upload it again";
    let told = notice(Tone::Warn, cx.lang().pick(zh, en));
    page(cx, form, &Asked::default(), &told, "", StatusCode::CONFLICT)
}

/// Says why a file is not taken; nothing was changed.
fn refused(cx: &Context, form: &HeldForm, error: ImportError) -> Response {
    let lang = cx.lang();
    let why = match error {
        ImportError::Form(FormError::Store(error)) => return PageError::from(error).into_response(),
        ImportError::Failure(failure) if !matches!(failure, Failure::Common(Common::Input { .. })) => {
            return PageError::from(failure).into_response();
        }
        error => error.say(lang),
    };
    let told = html! {
        (notice(Tone::Bad, &why))
        p { (lang.pick("没有导入，原有单据没有变动。", "Nothing was imported, and nothing has changed.")) }
    };
    page(cx, form, &Asked::default(), &told, "", StatusCode::UNPROCESSABLE_ENTITY)
}

/// The page with something said above it, and what is wrong with the file that was sent.
fn page(cx: &Context, form: &HeldForm, asked: &Asked, told: &Markup, wrong: &str, status: StatusCode) -> Response {
    let lang = cx.lang();
    let definition = &form.definition;
    let to = form_address(&definition.code);
    let title = format!("{}{}", lang.pick("批量导入：", "Import: "), definition.called(lang));
    let body = html! {
        (told)
        @if form.unknown.is_empty() {
            form.card method="post" action=(address(&definition.code)) enctype="multipart/form-data" data-keep {
                (token(&cx.signed))
                (FileBox {
                    lang,
                    label: lang.pick("填好的表", "Filled workbook"),
                    accept: ".xlsx,.csv",
                    hint: lang.pick(
                        "从下面下载后填写的 .xlsx（或同样列名的 .csv），不超过 20 MB。先检查并预览，确认后才导入。",
                        "an .xlsx from below, filled in (or a .csv with the same columns), of at most 20 MB. It is \
                         checked and shown first, and imported once you confirm.",
                    ),
                    error: wrong,
                }.draw())
                button.main { (lang.pick("检查并预览", "Check and preview")) }
                " " a href=(to) { (lang.pick("返回列表", "Back to the list")) }
            }
            h2 { (lang.pick("表格", "Workbooks")) }
            ul {
                li {
                    a href=(format!("{to}/template.xlsx")) download { (lang.pick("空白模板", "Empty template")) }
                    (lang.pick("：一行一份新单据，明细填在各明细表中", ": a new document on each line, its rows on sheets of their own"))
                }
                li {
                    a href=(format!("{to}/data.xlsx{}", asked.query())) download { (lang.pick("导入表（现有单据）", "What is held")) }
                    (lang.pick("：列表中符合条件的单据，改好后导入", ": the documents that the list shows, to be changed and imported"))
                }
            }
            (shown::rules(definition, lang))
        } @else {
            (notice(Tone::Warn, &FormError::Unknown(form.unknown.clone()).say(lang)))
        }
    };
    cx.page(&title).status(status).show(&body)
}
