//! 批量导入单据 on the pages: the workbook to fill in, a preview that changes nothing, and the confirmation, which is
//! looked at again.

mod shown;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::failure::Common;
use tongpin_console::web::list::{Asked, XLSX, attachment};
use tongpin_console::web::{FileBox, PageError, Posted, Tone, Upload, notice, token};
use tongpin_domain::lang::{Lang, Say};

use self::shown::Places;
use super::{begin, filters, form_address, form_of, worker};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::forms::importing::{self as documents, DocumentsPlan, Look};
use crate::ops::forms::{FormError, HeldForm, Worker};
use crate::ops::import::{self, ImportError, Step};
use crate::web::importing::{self, Came, Done, File, Hear, Outcome, Preview, Signer, Uploads};
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
pub(super) async fn get(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path(code): Path<String>,
    asked: Asked,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    let waiting = uploads.waiting(&cx, &code, &address(&code));
    Ok(page(&cx, &form, &asked, &waiting, "", StatusCode::OK))
}

/// What stands alone behind a posted address leads back here.
pub(super) async fn back(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(ENTER).await?;
    Ok(cx.back(&address(&code)))
}

/// Keeps a file until it is confirmed, begins to examine it, and leads to what it would change.
pub(super) async fn post(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
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
    let Some(file) = uploads.receive(&cx, &upload.name, &code, upload.bytes) else { return Ok(gone(&cx, &form)) };
    let looked = Looked::of(&cx, &form, &file, &Asked::default());
    uploads.begin(&cx, &file, |hear| examined(looked, hear));
    Ok(cx.back(&shown::address_of(&file)))
}

/// Shows what a file would change, or how far looking for that is.
pub(super) async fn preview(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path((code, file)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    let Some(file) = uploads.find(&cx, &file, &code) else { return Ok(gone(&cx, &form)) };
    let came = look(&cx, &uploads, &Looked::of(&cx, &form, &file, &asked), None).await;
    Ok(told(&cx, &uploads, (&form, &file), came, &asked))
}

/// The file of a preview with its wrong cells marked, to be corrected and sent again.
pub(super) async fn marked(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path((code, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    let Some(file) = uploads.find(&cx, &file, &code) else { return Ok(gone(&cx, &form)) };
    let asked = Asked::default();
    let looked = Looked::of(&cx, &form, &file, &asked);
    let preview = match look(&cx, &uploads, &looked, Some(importing::FOR_A_FILE)).await {
        Came::Preview(preview, _) => preview,
        came => return Ok(told(&cx, &uploads, (&form, &file), came, &asked)),
    };
    let _room = match import::room(file.bytes.clone()).await {
        Ok(room) => room,
        Err(error) => return Ok(refused(&cx, &form, &error)),
    };
    let (lang, name) = (cx.lang(), importing::marked_name(&file, cx.lang()));
    let made = tokio::task::spawn_blocking(move || match &*preview {
        Preview::Documents(preview) => Some(documents::marked(preview, &file.bytes, lang)),
        Preview::Table(_) => None,
    });
    match made.await.map_err(|error| Failure::internal(&error))? {
        Some(made) => Ok(attachment(made.map_err(|error| Failure::internal(&error))?, XLSX, &name)),
        None => Ok(gone(&cx, &form)),
    }
}

/// Writes what was confirmed, if it would still change the same.
pub(super) async fn confirm(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path(code): Path<String>,
    Posted(fields): Posted,
) -> Result<Response, PageError> {
    let form = entered(&cx, &code).await?;
    let file = uploads.find(&cx, fields.text("file"), &code).filter(|file| !file.work.is_written());
    let Some(file) = file else { return Ok(gone(&cx, &form)) };
    let asked = Asked::default();
    let looked = Looked::of(&cx, &form, &file, &asked);
    let (effect, signer) = (fields.text("effect").to_owned(), Signer::of(&cx));
    let came = uploads.confirm(&cx, &file, |hear| written(looked, effect, signer, hear)).await;
    Ok(match came {
        Came::Preview(_, false) | Came::AtWork(..) | Came::Nothing => cx.back(&shown::address_of(&file)),
        came => told(&cx, &uploads, (&form, &file), came, &asked),
    })
}

/// A file as somebody looks at it.
#[derive(Clone)]
struct Looked {
    app: App,
    form: HeldForm,
    file: File,
    by: Worker,
    lang: Lang,
    places: Places,
}

impl Looked {
    fn of(cx: &Context, form: &HeldForm, file: &File, asked: &Asked) -> Self {
        let (app, form, file) = (cx.app.0.clone(), form.clone(), file.clone());
        Self { app, form, file, by: worker(cx), lang: cx.lang(), places: Places::of(asked) }
    }

    /// Examines it: from the places on that are asked for, so that the pages behind them are told as well.
    async fn examine(&self, hear: &Hear) -> Result<DocumentsPlan, ImportError> {
        let behind = |places: &Range<usize>| places.start..usize::MAX;
        let (changes, conflicts) = (behind(&self.places.changes), behind(&self.places.conflicts));
        let on = |step| hear.on(step);
        let look = Look { changes, conflicts, on: &on, ..Look::first(&self.by, self.lang) };
        documents::examine(&self.app, self.form.clone(), &self.file.name, self.file.bytes.clone(), &look).await
    }

    fn fits(&self, preview: &Preview) -> bool {
        let Places { changes, conflicts } = &self.places;
        matches!(preview, Preview::Documents(preview) if preview.tells(self.lang, changes, conflicts))
    }
}

async fn look(cx: &Context, uploads: &Uploads, looked: &Looked, patience: Option<Duration>) -> Came {
    let examine = |hear| examined(looked.clone(), hear);
    uploads.look(cx, &looked.file, patience, |preview| looked.fits(preview), examine).await
}

/// What a file would change.
async fn examined(looked: Looked, hear: Hear) -> Outcome {
    Ok(Done::Found(Preview::Documents(looked.examine(&hear).await?.preview)))
}

/// Looks at a file again, and writes it if it would still change what was confirmed.
async fn written(looked: Looked, effect: String, signer: Signer, hear: Hear) -> Outcome {
    let plan = looked.examine(&hear).await?;
    let preview = &plan.preview;
    if preview.effect.to_string() != effect || !preview.can_be_written() {
        return Ok(Done::Otherwise(Preview::Documents(plan.preview)));
    }
    let (definition, app) = (&preview.form.definition, &looked.app);
    let detail = format!("{}，{}：{}", preview.file, definition.title, preview.counts.say(Lang::Zh));
    let entry = signer.entry(app.site.now(), "document_import", &definition.code, &detail);
    hear.on(Step::Writing { total: preview.writes() });
    match app.store().audited(&entry, plan.write(app)).await {
        Ok(()) => Ok(Done::Written(Preview::Documents(plan.preview))),
        Err(FormError::Changed) => {
            // The room that it takes is needed to look again.
            drop(plan);
            Ok(Done::Otherwise(Preview::Documents(looked.examine(&hear).await?.preview)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Says what came of a file.
fn told(cx: &Context, uploads: &Uploads, (form, file): (&HeldForm, &File), came: Came, asked: &Asked) -> Response {
    match came {
        Came::AtWork(step, writes) => importing::at_work(cx, file, (step, writes)),
        Came::Preview(preview, otherwise) => {
            let Preview::Documents(preview) = &*preview else { return gone(cx, form) };
            let zh = "在您查看之后，系统中的单据有变化，没有导入；请核对下面新的预览，再确认";
            let en = "documents have changed since you looked; nothing was imported: compare again, then confirm";
            let changed = html! { @if otherwise { (notice(Tone::Warn, cx.lang().pick(zh, en))) } };
            shown::preview(cx, preview, file, &changed, Some(asked).filter(|_| !otherwise))
        }
        Came::Written(Some(preview)) => {
            let Preview::Documents(preview) = &*preview else { return gone(cx, form) };
            uploads.spend(cx, file);
            cx.led_to(&form_address(&form.definition.code), &shown::done(cx, preview))
        }
        Came::Written(None) => cx.back(&form_address(&form.definition.code)),
        Came::Refused(error) => refused(cx, form, &error),
        Came::Nothing => cx.back(&shown::address_of(file)),
    }
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
    match documents::workbook(&cx.app, form, &periods, filter.as_ref()).await? {
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

/// Says that a file does not wait any more.
fn gone(cx: &Context, form: &HeldForm) -> Response {
    let told = notice(Tone::Warn, importing::gone(cx.lang()));
    page(cx, form, &Asked::default(), &told, "", StatusCode::CONFLICT)
}

/// Says why a file is not taken; nothing was changed.
fn refused(cx: &Context, form: &HeldForm, error: &ImportError) -> Response {
    let lang = cx.lang();
    let why = match error {
        ImportError::Form(FormError::Store(error)) => return PageError::of(error).into_response(),
        ImportError::Failure(failure) if !matches!(failure, Failure::Common(Common::Input { .. })) => {
            return PageError::of(failure).into_response();
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
