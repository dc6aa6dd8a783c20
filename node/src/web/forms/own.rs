//! 本级表单 and 本级增补: the forms that a county makes for itself and its townships, and what it adds to those from above:
//! imported as a draft, looked at as the sheet that comes of it with what it does to documents that exist, and
//! published by another person. The two pages are alike.

mod added;
mod alone;

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{XLSX, attachment};
use tongpin_console::web::{
    Fields, FileBox, PageError, PageFailure as _, Posted, Tone, Upload, discarding, kit, notice, problems, sure, token,
};
use tongpin_console::workbook::{WriteError, form_book};
use tongpin_domain::catalog::Entry;
use tongpin_domain::digest::Digest;
use tongpin_domain::form::Definition;
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::Draft;

use crate::failure::Failure;
use crate::ops::own_forms::{self, Ours, OwnForms};
use crate::web::is_township;
use crate::web::parts::{Context, WORK, segment};

/// Where the forms of our own are.
pub(super) const ADDRESS: &str = "/own-forms";
/// Where what we add to forms from above is.
pub(super) const ADDED: &str = "/added-to-forms";

/// Where these are.
fn address(ours: Ours) -> &'static str {
    match ours {
        Ours::Forms => ADDRESS,
        Ours::Supplements => ADDED,
    }
}

/// Which of both pages an address belongs to.
impl<S: Sync> FromRequestParts<S> for Ours {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(if parts.uri.path().starts_with(ADDED) { Self::Supplements } else { Self::Forms })
    }
}

/// Whether this bureau makes forms: a township has nobody below that would fill them in.
pub(super) fn has_own(cx: &Context) -> bool {
    !is_township(&cx.app)
}

fn definition(entry: &Entry) -> Option<Definition> {
    serde_json::from_str(&entry.body).ok()
}

/// The page.
pub(super) async fn get(cx: Context, ours: Ours) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    show(&cx, ours, &html! {}, &Sent::default(), StatusCode::OK).await
}

/// The address of a step alone leads to the page.
pub(super) async fn back(cx: Context, ours: Ours) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    Ok(cx.back(address(ours)))
}

/// Turns away whoever may not, and whoever has no such forms.
async fn open(cx: &Context, duties: &[Duty]) -> Result<(), PageError> {
    cx.must(duties).await?;
    if has_own(cx) {
        return Ok(());
    }
    let title = cx.lang().pick("乡镇没有本级表单", "A township makes no forms");
    let why =
        cx.lang().pick("表单由市、县下发；需要新的表单请联系县财政局", "Forms come from the city and the county.");
    Err(cx.refused(title, why, StatusCode::NOT_FOUND).into())
}

/// What came with a file that was not taken: the note, which stays, and what is wrong with the file.
#[derive(Default)]
struct Sent<'a> {
    note: &'a str,
    wrong: &'a str,
}

/// The page, with what was sent.
async fn show(
    cx: &Context,
    ours: Ours,
    told: &Markup,
    sent: &Sent<'_>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let lang = cx.lang();
    let forms = own_forms::read(&cx.app, ours).await?;
    let there = match ours {
        Ours::Forms => alone::in_force(cx, &forms, lang),
        Ours::Supplements => {
            let asked = own_forms::asked(cx.app.store(), &cx.app.site.region(), &forms.published).await?;
            added::in_force(cx, &forms, &asked, lang)
        }
    };
    let body = html! {
        (told)
        @match ours {
            Ours::Forms => { (alone::lead(lang)) }
            Ours::Supplements => { (added::lead(lang)) }
        }
        (there)
        @if let Some(draft) = &forms.draft { (draft_section(cx, ours, &forms, draft, lang)) }
        @if cx.may(&[Duty::Enter]) { (import(cx, ours, &forms, sent, lang)) }
        p { a href="/forms" { (lang.pick("返回表单", "Back to the forms")) } }
    };
    Ok(cx.page(ours.called(lang)).status(status).show(&body))
}

fn was_seen(typed: &Fields) -> Digest {
    typed.text("seen").parse().unwrap_or(Digest::NONE)
}

fn link(ours: Ours, key: &str, title: &str) -> Markup {
    html! { a href=(format!("{}/{}", address(ours), segment(key))) { (title) } }
}

/// The way to the workbook in which it is changed, and to ending it: what stands under a code in the draft is not what
/// is in force.
fn work(cx: &Context, ours: Ours, key: &str, forms: &OwnForms, lang: Lang) -> Markup {
    let stays = forms.draft.as_ref().is_none_or(|draft| draft.entries.iter().any(|entry| entry.key == key));
    let there = forms.published.iter().any(|entry| entry.key == key);
    let at = format!("{}/{}", address(ours), segment(key));
    html! {
        span.row {
            a href=(format!("{at}/book.xlsx")) { (lang.pick("导出工作簿", "Its workbook")) }
            @if there && !stays { span.mark.warn { (lang.pick("待停用", "to retire")) } }
            @else if there && cx.may(&[Duty::Enter]) {
                form method="post" action=(format!("{at}/retire")) {
                    (token(&cx.signed))
                    input type="hidden" name="seen" value=(forms.seen);
                    button.plain { (lang.pick("停用", "Retire")) }
                }
            }
        }
    }
}

fn draft_section(cx: &Context, ours: Ours, forms: &OwnForms, draft: &Draft, lang: Lang) -> Markup {
    let mine = draft.people.iter().any(|person| person.is(&cx.person())) && !cx.signed.alone;
    let retired = forms.published.iter().filter(|entry| draft.entries.iter().all(|kept| kept.key != entry.key));
    let retired: Vec<&Entry> = retired.collect();
    html! {
        h2 { (lang.pick("待发布的草稿", "The draft")) }
        p.hint {
            (lang.pick("经办 ", "drafted by ")) (draft.by) "，" (draft.at)
            @if !draft.note.is_empty() { (lang.pick("；说明：", "; note: ")) (draft.note) }
        }
        @for impact in &forms.impacts {
            @let changed = (!impact.is_new).then_some(impact.changes.as_slice());
            h3 { (link(ours, &impact.key, &impact.title)) }
            (kit::impact(&impact.problems, changed, lang))
            @if let Some(doubt) = impact.doubt(lang) { (notice(Tone::Warn, &doubt)) }
        }
        (kit::takes_effect(forms.impacts.iter().map(|impact| impact.is_kept), lang))
        @for entry in &retired {
            @let title = definition(entry).map_or_else(|| entry.key.clone(), |form| form.title);
            h3 { (link(ours, &entry.key, &title)) }
            p { span.mark.warn { (lang.pick("停用", "retires")) } " " (match ours {
                Ours::Forms => alone::retires(lang),
                Ours::Supplements => added::retires(lang),
            }) }
        }
        @if forms.impacts.is_empty() && retired.is_empty() {
            p { (lang.pick("草稿与在用的相同，不必发布。", "The draft says what is in force.")) }
        }
        @if cx.may(&[Duty::Approve]) {
            @if mine {
                p { (lang.pick("草稿由本人经办，须由另一人核对发布。", "You drafted this; somebody else publishes it.")) }
            } @else {
                form.card method="post" action=(format!("{}/draft/publish", address(ours))) {
                    (token(&cx.signed))
                    input type="hidden" name="draft" value=(draft.digest());
                    p { (match ours {
                        Ours::Forms => alone::takes_effect(lang),
                        Ours::Supplements => added::takes_effect(lang),
                    }) }
                    (sure(lang, "sure-publish"))
                    button.main { (lang.pick("发布", "Publish")) }
                }
            }
        }
        @if cx.may(&[Duty::Enter, Duty::Approve]) {
            @let says = lang.pick("放弃草稿：在用的表单不变。", "Discard the draft: what is in force stays.");
            (discarding::form(&format!("{}/draft/discard", address(ours)), says, draft.at, &cx.signed, lang))
        }
    }
}

fn import(cx: &Context, ours: Ours, forms: &OwnForms, sent: &Sent<'_>, lang: Lang) -> Markup {
    html! {
        h2 { (lang.pick("导入草稿", "Import a draft")) }
        form.card method="post" action=(address(ours)) enctype="multipart/form-data" {
            (token(&cx.signed))
            input type="hidden" name="seen" value=(forms.seen);
            (FileBox {
                lang,
                label: lang.pick("文件", "File"),
                accept: ".xlsx,.toml",
                hint: match ours {
                    Ours::Forms => alone::hint(lang),
                    Ours::Supplements => added::hint(lang),
                },
                error: sent.wrong,
            }.draw())
            @if ours == Ours::Forms {
                p { a href=(format!("{ADDRESS}/template.xlsx")) { (lang.pick("下载空白模板", "An empty template")) } }
            }
            div.field {
                label for="note" { (lang.pick("说明（随版本下发）", "Note (goes with the release)")) }
                input id="note" name="note" value=(sent.note) autocomplete="off";
            }
            button.main { (lang.pick("检查并存为草稿", "Check and keep as a draft")) }
        }
    }
}

/// Takes a file into the draft, or tells what is wrong with it.
pub(super) async fn post(cx: Context, ours: Ours, upload: Upload) -> Result<Response, PageError> {
    open(&cx, &[Duty::Enter]).await?;
    let lang = cx.lang();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let (note, seen) = (upload.fields.text("note"), was_seen(&upload.fields));
    let sent = Sent { note, wrong: "" };
    if upload.name.is_empty() {
        let why = lang.pick("没有选择文件；请先选择要导入的文件", "no file was chosen; choose one first");
        return show(&cx, ours, &html! {}, &Sent { wrong: why, ..sent }, wrong).await;
    }
    let read = match own_forms::read_file(&cx.app, ours, &upload.name, upload.bytes.clone()).await {
        Ok(read) => read,
        Err(failure) => {
            let detail = format!("{}：{}", upload.name, failure.on_page(Lang::Zh));
            cx.audit("catalog_draft", ours.name(), &detail, false).await?;
            return show(&cx, ours, &notice(Tone::Bad, &failure.on_page(lang)), &sent, failure.status()).await;
        }
    };
    let Some((_, form)) = read.accepted.first().filter(|_| read.problems.is_empty()) else {
        cx.audit("catalog_draft", ours.name(), &format!("{}，错误 {} 处", upload.name, read.problems.len()), false)
            .await?;
        let told = html! {
            (notice(Tone::Bad, lang.pick("没有存入草稿，请按下列提示改正文件后再导入", "not kept: mend the file, then import it again")))
            (problems::table(&read.problems, |_| None, lang))
        };
        let why = lang.pick("文件里有错，见上面的提示", "something in the file is wrong: see above");
        return show(&cx, ours, &told, &Sent { wrong: why, ..sent }, wrong).await;
    };
    let detail = format!("{}：{}", upload.name, form.key);
    let entry = cx.audit_entry("catalog_draft", ours.name(), &detail);
    match own_forms::keep(&cx.app, ours, (form, note), seen, &cx.person(), &entry).await {
        Ok(()) => {
            let said = lang.pick(
                "已存为草稿；请点开核对样式，再由另一人发布",
                "kept as a draft; look at it, then somebody else publishes it",
            );
            let told = html! {
                (notice(Tone::Good, said))
                @for made in &read.warnings { p.hint { (made.say(lang)) } }
            };
            Ok(cx.led_to(address(ours), &told))
        }
        Err(failure) => show(&cx, ours, &notice(Tone::Bad, &failure.on_page(lang)), &sent, failure.status()).await,
    }
}

/// Takes a form out of the draft.
pub(super) async fn retire(
    cx: Context,
    ours: Ours,
    Path(key): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    open(&cx, &[Duty::Enter]).await?;
    let lang = cx.lang();
    let detail = format!("停用 {key}");
    let entry = cx.audit_entry("catalog_draft", ours.name(), &detail);
    match own_forms::retire(&cx.app, ours, &key, was_seen(&typed), &cx.person(), &entry).await {
        Ok(()) => Ok(cx.done(
            address(ours),
            lang.pick("已记入草稿，由另一人发布后停用", "in the draft; it retires once somebody publishes that"),
        )),
        Err(failure) => {
            show(&cx, ours, &notice(Tone::Bad, &failure.on_page(lang)), &Sent::default(), failure.status()).await
        }
    }
}

/// Publishes the draft.
pub(super) async fn publish(cx: Context, ours: Ours, Posted(typed): Posted) -> Result<Response, PageError> {
    open(&cx, &[Duty::Approve]).await?;
    let lang = cx.lang();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let reviewed = typed.text("draft").parse().ok().filter(|_| typed.checked("sure"));
    let Some(reviewed) = reviewed else {
        let unsure = notice(Tone::Bad, lang.pick("请勾选“确认”后再发布", "check that you are sure"));
        return show(&cx, ours, &unsure, &Sent::default(), wrong).await;
    };
    match carry_out(&cx, ours, reviewed).await {
        Ok(number) => {
            let said = format!("已发布第 {number} 版，正在送达各乡镇；在“表单”里即可填报");
            let english = format!("published as release {number}; it is on its way to the townships");
            Ok(cx.done(address(ours), lang.pick(&said, &english)))
        }
        Err(failure) => {
            cx.audit("catalog_publish", ours.name(), &failure.on_page(Lang::Zh), false).await?;
            show(&cx, ours, &notice(Tone::Bad, &failure.on_page(lang)), &Sent::default(), failure.status()).await
        }
    }
}

/// Publishes what was looked at, with who approved it in the log; returns its number.
async fn carry_out(cx: &Context, ours: Ours, reviewed: Digest) -> Result<u64, Failure> {
    let publication = own_forms::approved(&cx.app, ours, reviewed, &cx.person()).await?;
    let number = publication.signed.release.number;
    let detail = format!("{}，第 {number} 版{}", ours.called(Lang::Zh), publication.alone());
    let entry = cx.audit_entry("catalog_publish", ours.name(), &detail);
    own_forms::commit(&cx.app, publication, &entry).await?;
    Ok(number)
}

/// Gives the draft up.
pub(super) async fn discard(cx: Context, ours: Ours, Posted(typed): Posted) -> Result<Response, PageError> {
    open(&cx, &[Duty::Enter, Duty::Approve]).await?;
    let lang = cx.lang();
    if !typed.checked("sure") {
        let unsure = notice(Tone::Bad, lang.pick("请勾选“确认”后再放弃草稿", "check that you are sure"));
        return show(&cx, ours, &unsure, &Sent::default(), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let entry = cx.audit_entry("catalog_discard", ours.name(), ours.called(Lang::Zh));
    discarding::discard(&cx, cx.app.store(), (&ours.catalog(&cx.app), &entry), &typed, address(ours)).await
}

/// A form of ours as it would be, or is.
async fn standing(cx: &Context, ours: Ours, key: &str) -> Result<Definition, PageError> {
    own_forms::one(&cx.app, ours, key).await?.ok_or_else(|| {
        let title = cx.lang().pick("没有此表单", "No such form");
        let why =
            cx.lang().pick("没有这个编码的表单；在用的和草稿都列在“本级表单”和“本级增补”", "see the lists of our own");
        cx.refused(title, why, StatusCode::NOT_FOUND).into()
    })
}

/// One of them, as the sheet that people fill in.
pub(super) async fn one(cx: Context, ours: Ours, Path(key): Path<String>) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    let lang = cx.lang();
    let form = standing(&cx, ours, &key).await?;
    let body = html! {
        p.row.noprint {
            a.button href=(format!("{}/{}/book.xlsx", address(ours), segment(&key))) { (lang.pick("导出工作簿", "Its workbook")) }
            a href=(address(ours)) { (lang.pick("返回", "Back to ")) (ours.called(lang)) }
        }
        (kit::blank(&form, lang))
        (kit::help(&form, lang))
    };
    Ok(cx.page(&form.title).show(&body))
}

/// The workbook in which it is changed.
pub(super) async fn book(cx: Context, ours: Ours, Path(key): Path<String>) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    let form = standing(&cx, ours, &key).await?;
    file(form_book::write(&form), &format!("{}表单工作簿.xlsx", form.title))
}

/// The workbook to begin with.
pub(super) async fn template(cx: Context) -> Result<Response, PageError> {
    open(&cx, &[Duty::Enter]).await?;
    file(form_book::template(), "表单工作簿模板.xlsx")
}

fn file(written: Result<Vec<u8>, WriteError>, name: &str) -> Result<Response, PageError> {
    Ok(attachment(written.map_err(|error| Failure::internal(&error))?, XLSX, name))
}
