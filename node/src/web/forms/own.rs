//! 本级表单: the forms that a county makes for itself and its townships: imported as a draft, looked at as the sheet that
//! comes of them with what they do to documents that exist, and published by another person.

use axum::extract::Path;
use axum::http::StatusCode;
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
use crate::ops::own_forms::{self, OwnForms};
use crate::web::is_township;
use crate::web::parts::{Context, WORK, segment};

/// Where they are.
pub(super) const ADDRESS: &str = "/own-forms";

/// Whether this bureau makes forms: a township has nobody below that would fill them in.
pub(super) fn has_own(cx: &Context) -> bool {
    !is_township(&cx.app)
}

fn definition(entry: &Entry) -> Option<Definition> {
    serde_json::from_str(&entry.body).ok()
}

/// The page.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    show(&cx, &html! {}, &Sent::default(), StatusCode::OK).await
}

/// The address of a step alone leads to the page.
pub(super) async fn back(cx: Context) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    Ok(cx.back(ADDRESS))
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
async fn show(cx: &Context, told: &Markup, sent: &Sent<'_>, status: StatusCode) -> Result<Response, PageError> {
    let lang = cx.lang();
    let forms = own_forms::read(&cx.app).await?;
    let body = html! {
        (told)
        p { (lang.pick("本县自己的表单，只对本县和所属乡镇生效；市里下发的表单在此不改。由一人导入，另一人核对发布，发布后乡镇自动收到。",
            "Forms of this county for itself and its townships: one person imports them, another publishes them, and the townships have them by themselves.")) }
        (in_force(cx, &forms, lang))
        @if let Some(draft) = &forms.draft { (draft_section(cx, &forms, draft, lang)) }
        @if cx.may(&[Duty::Enter]) { (import(cx, &forms, sent, lang)) }
        p { a href="/forms" { (lang.pick("返回表单", "Back to the forms")) } }
    };
    Ok(cx.page(lang.pick("本级表单", "Our own forms")).status(status).show(&body))
}

fn was_seen(typed: &Fields) -> Digest {
    typed.text("seen").parse().unwrap_or(Digest::NONE)
}

fn link(key: &str, title: &str) -> Markup {
    html! { a href=(format!("{ADDRESS}/{}", segment(key))) { (title) } }
}

fn in_force(cx: &Context, forms: &OwnForms, lang: Lang) -> Markup {
    let stays = |key: &str| forms.draft.as_ref().is_none_or(|draft| draft.entries.iter().any(|entry| entry.key == key));
    html! {
        h2 { (lang.pick("在用", "In force")) }
        @if forms.published.is_empty() {
            p.empty { (lang.pick("还没有发布本级表单", "None has been published yet")) }
        } @else {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("表单", "form")) }
                    th scope="col" { (lang.pick("编码", "code")) }
                    th.number scope="col" { (lang.pick("发布版次", "release")) }
                    th scope="col" { (lang.pick("办理", "work")) }
                } }
                tbody { @for entry in &forms.published {
                    @let title = definition(entry).map_or_else(|| entry.key.clone(), |form| form.title);
                    tr {
                        th scope="row" { (link(&entry.key, &title)) }
                        td { (entry.key) }
                        td.number { (entry.release) }
                        td { span.row {
                            a href=(format!("{ADDRESS}/{}/book.xlsx", segment(&entry.key))) { (lang.pick("导出工作簿", "Its workbook")) }
                            @if !stays(&entry.key) { span.mark.warn { (lang.pick("待停用", "to retire")) } }
                            @else if cx.may(&[Duty::Enter]) {
                                form method="post" action=(format!("{ADDRESS}/{}/retire", segment(&entry.key))) {
                                    (token(&cx.signed))
                                    input type="hidden" name="seen" value=(forms.seen);
                                    button.plain { (lang.pick("停用", "Retire")) }
                                }
                            }
                        } }
                    }
                } }
            } }
        }
    }
}

fn draft_section(cx: &Context, forms: &OwnForms, draft: &Draft, lang: Lang) -> Markup {
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
            h3 { (link(&impact.key, &impact.title)) }
            (kit::impact(&impact.problems, changed, lang))
        }
        (kit::takes_effect(forms.impacts.iter().map(|impact| impact.is_kept), lang))
        @for entry in &retired {
            @let title = definition(entry).map_or_else(|| entry.key.clone(), |form| form.title);
            h3 { (link(&entry.key, &title)) }
            p { span.mark.warn { (lang.pick("停用", "retires")) } " " (lang.pick("发布后不能再新建这种单据，已有单据照旧办理。", "Nobody begins a document of it any more; those there are go on.")) }
        }
        @if forms.impacts.is_empty() && retired.is_empty() {
            p { (lang.pick("草稿与在用的相同，不必发布。", "The draft says what is in force.")) }
        }
        @if cx.may(&[Duty::Approve]) {
            @if mine {
                p { (lang.pick("草稿由本人经办，须由另一人核对发布。", "You drafted this; somebody else publishes it.")) }
            } @else {
                form.card method="post" action=(format!("{ADDRESS}/draft/publish")) {
                    (token(&cx.signed))
                    input type="hidden" name="draft" value=(draft.digest());
                    p { (lang.pick("发布后本县和各乡镇即可填报；要还原，把原内容作为新版本再发布一次。", "This county and its townships can fill it in at once; publish the old content again to undo it.")) }
                    (sure(lang, "sure-publish"))
                    button.main { (lang.pick("发布", "Publish")) }
                }
            }
        }
        @if cx.may(&[Duty::Enter, Duty::Approve]) {
            @let says = lang.pick("放弃草稿：在用的表单不变。", "Discard the draft: what is in force stays.");
            (discarding::form(&format!("{ADDRESS}/draft/discard"), says, draft.at, &cx.signed, lang))
        }
    }
}

fn import(cx: &Context, forms: &OwnForms, sent: &Sent<'_>, lang: Lang) -> Markup {
    html! {
        h2 { (lang.pick("导入草稿", "Import a draft")) }
        form.card method="post" action=(ADDRESS) enctype="multipart/form-data" {
            (token(&cx.signed))
            input type="hidden" name="seen" value=(forms.seen);
            (FileBox {
                lang,
                label: lang.pick("文件", "File"),
                accept: ".xlsx,.toml",
                hint: lang.pick("表单工作簿（.xlsx）或 TOML 文件，一个文件一张表单；检查无误才存为草稿，发布前不生效",
                    "a form's workbook (.xlsx) or a TOML file: one form, kept as a draft once it is sound"),
                error: sent.wrong,
            }.draw())
            p { a href=(format!("{ADDRESS}/template.xlsx")) { (lang.pick("下载空白模板", "An empty template")) } }
            div.field {
                label for="note" { (lang.pick("说明（随版本下发）", "Note (goes with the release)")) }
                input id="note" name="note" value=(sent.note) autocomplete="off";
            }
            button.main { (lang.pick("检查并存为草稿", "Check and keep as a draft")) }
        }
    }
}

/// Takes a file into the draft, or tells what is wrong with it.
pub(super) async fn post(cx: Context, upload: Upload) -> Result<Response, PageError> {
    open(&cx, &[Duty::Enter]).await?;
    let lang = cx.lang();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let (note, seen) = (upload.fields.text("note"), was_seen(&upload.fields));
    let sent = Sent { note, wrong: "" };
    if upload.name.is_empty() {
        let why = lang.pick("没有选择文件；请先选择要导入的文件", "no file was chosen; choose one first");
        return show(&cx, &html! {}, &Sent { wrong: why, ..sent }, wrong).await;
    }
    let read = match own_forms::read_file(&cx.app, &upload.name, upload.bytes.clone()).await {
        Ok(read) => read,
        Err(failure) => {
            let detail = format!("{}：{}", upload.name, failure.on_page(Lang::Zh));
            cx.audit("catalog_draft", "forms", &detail, false).await?;
            return show(&cx, &notice(Tone::Bad, &failure.on_page(lang)), &sent, failure.status()).await;
        }
    };
    let Some((_, form)) = read.accepted.first().filter(|_| read.problems.is_empty()) else {
        cx.audit("catalog_draft", "forms", &format!("{}，错误 {} 处", upload.name, read.problems.len()), false).await?;
        let told = html! {
            (notice(Tone::Bad, lang.pick("没有存入草稿，请按下列提示改正文件后再导入", "not kept: mend the file, then import it again")))
            (problems::table(&read.problems, |_| None, lang))
        };
        let why = lang.pick("文件里有错，见上面的提示", "something in the file is wrong: see above");
        return show(&cx, &told, &Sent { wrong: why, ..sent }, wrong).await;
    };
    let detail = format!("{}：{}", upload.name, form.key);
    let entry = cx.audit_entry("catalog_draft", "forms", &detail);
    match own_forms::keep(&cx.app, form, note, seen, &cx.person(), &entry).await {
        Ok(()) => {
            let said = lang.pick(
                "已存为草稿；请点开核对样式，再由另一人发布",
                "kept as a draft; look at it, then somebody else publishes it",
            );
            let told = html! {
                (notice(Tone::Good, said))
                @for made in &read.warnings { p.hint { (made.say(lang)) } }
            };
            Ok(cx.led_to(ADDRESS, &told))
        }
        Err(failure) => show(&cx, &notice(Tone::Bad, &failure.on_page(lang)), &sent, failure.status()).await,
    }
}

/// Takes a form out of the draft.
pub(super) async fn retire(cx: Context, Path(key): Path<String>, Posted(typed): Posted) -> Result<Response, PageError> {
    open(&cx, &[Duty::Enter]).await?;
    let lang = cx.lang();
    let detail = format!("停用 {key}");
    let entry = cx.audit_entry("catalog_draft", "forms", &detail);
    match own_forms::retire(&cx.app, &key, was_seen(&typed), &cx.person(), &entry).await {
        Ok(()) => Ok(cx.done(
            ADDRESS,
            lang.pick("已记入草稿，由另一人发布后停用", "in the draft; it retires once somebody publishes that"),
        )),
        Err(failure) => show(&cx, &notice(Tone::Bad, &failure.on_page(lang)), &Sent::default(), failure.status()).await,
    }
}

/// Publishes the draft.
pub(super) async fn publish(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    open(&cx, &[Duty::Approve]).await?;
    let lang = cx.lang();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let reviewed = typed.text("draft").parse().ok().filter(|_| typed.checked("sure"));
    let Some(reviewed) = reviewed else {
        let unsure = notice(Tone::Bad, lang.pick("请勾选“确认”后再发布", "check that you are sure"));
        return show(&cx, &unsure, &Sent::default(), wrong).await;
    };
    match carry_out(&cx, reviewed).await {
        Ok(number) => {
            let said = format!("已发布第 {number} 版，正在送达各乡镇；在“表单”里即可填报");
            let english = format!("published as release {number}; it is on its way to the townships");
            Ok(cx.done(ADDRESS, lang.pick(&said, &english)))
        }
        Err(failure) => {
            cx.audit("catalog_publish", "forms", &failure.on_page(Lang::Zh), false).await?;
            show(&cx, &notice(Tone::Bad, &failure.on_page(lang)), &Sent::default(), failure.status()).await
        }
    }
}

/// Publishes what was looked at, with who approved it in the log; returns its number.
async fn carry_out(cx: &Context, reviewed: Digest) -> Result<u64, Failure> {
    let publication = own_forms::approved(&cx.app, reviewed, &cx.person()).await?;
    let number = publication.signed.release.number;
    let detail = format!("本级表单，第 {number} 版{}", publication.alone());
    let entry = cx.audit_entry("catalog_publish", "forms", &detail);
    own_forms::commit(&cx.app, publication, &entry).await?;
    Ok(number)
}

/// Gives the draft up.
pub(super) async fn discard(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    open(&cx, &[Duty::Enter, Duty::Approve]).await?;
    let lang = cx.lang();
    if !typed.checked("sure") {
        let unsure = notice(Tone::Bad, lang.pick("请勾选“确认”后再放弃草稿", "check that you are sure"));
        return show(&cx, &unsure, &Sent::default(), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (id, entry) = (own_forms::catalog(&cx.app), cx.audit_entry("catalog_discard", "forms", "本级表单"));
    discarding::discard(&cx, cx.app.store(), (&id, &entry), &typed, ADDRESS).await
}

/// A form of ours as it would be, or is.
async fn standing(cx: &Context, key: &str) -> Result<Definition, PageError> {
    let found = own_forms::one(&cx.app, key).await?;
    found.and_then(|body| serde_json::from_str(&body).ok()).ok_or_else(|| {
        let title = cx.lang().pick("没有此表单", "No such form");
        let why =
            cx.lang().pick("本级没有这个编码的表单；在用的和草稿都列在“本级表单”", "see the list of our own forms");
        cx.refused(title, why, StatusCode::NOT_FOUND).into()
    })
}

/// One of them, as the sheet that people fill in.
pub(super) async fn one(cx: Context, Path(key): Path<String>) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    let lang = cx.lang();
    let form = standing(&cx, &key).await?;
    let body = html! {
        p.row.noprint {
            a.button href=(format!("{ADDRESS}/{}/book.xlsx", segment(&key))) { (lang.pick("导出工作簿", "Its workbook")) }
            a href=(ADDRESS) { (lang.pick("返回本级表单", "Back to our own forms")) }
        }
        (kit::blank(&form, lang))
        (kit::help(&form, lang))
    };
    Ok(cx.page(&form.title).show(&body))
}

/// The workbook in which it is changed.
pub(super) async fn book(cx: Context, Path(key): Path<String>) -> Result<Response, PageError> {
    open(&cx, WORK).await?;
    let form = standing(&cx, &key).await?;
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
