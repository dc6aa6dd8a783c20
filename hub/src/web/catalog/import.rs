//! 导入: a file is uploaded, looked through line by line, and becomes the draft once somebody has confirmed how.

mod shown;

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Staged, Tone, Upload, Waiting, notice, problems};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;

use super::View;
use crate::ops::import::{self, NamedFile, Outcome, Reading, Standing, Way};
use crate::web::Context;

/// A file beside what the catalog holds, and what each way of taking it would change.
struct Preview<'a> {
    reading: &'a Reading,
    standing: &'a Standing,
    /// The ways that there are for such a file, the usual one first.
    outcomes: Vec<Outcome>,
}

impl<'a> Preview<'a> {
    fn new(reading: &'a Reading, standing: &'a Standing) -> Self {
        let ways: &[Way] = if reading.is_table { &[Way::Merge, Way::Replace] } else { &[Way::Merge] };
        let accepted = &reading.intake.accepted;
        let outcomes = ways.iter().map(|way| standing.outcome(accepted, *way, &[], &mut Vec::new())).collect();
        Self { reading, standing, outcomes }
    }

    fn changes_something(&self) -> bool {
        self.outcomes.iter().any(Outcome::changes_something)
    }

    /// The way that a form asks for; the usual one if it is not one of those that there are.
    fn chosen(&self, word: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| shown::word(outcome.way) == word).or(self.outcomes.first())
    }
}

/// Keeps a file until it is confirmed, and leads to what it would change.
pub(in crate::web) async fn post(
    cx: Context,
    Extension(staged): Extension<Arc<Staged>>,
    Path(name): Path<String>,
    upload: Upload,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    if upload.name.is_empty() {
        let why = view.cx.lang().pick("没有选择文件；请先选择要导入的文件", "no file was chosen; choose one first");
        return view.with_file(&html! {}, why, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (account, note) = (&view.cx.signed.account.id, upload.fields.text("note"));
    let file = staged.keep(account, &upload.name, note, upload.bytes, view.cx.now());
    Ok(view.cx.back(&view.action(&format!("draft/{file}"))))
}

/// Shows what a file would change; nothing is changed yet.
pub(in crate::web) async fn preview(
    cx: Context,
    Extension(staged): Extension<Arc<Staged>>,
    Path((name, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let Some((digest, Waiting { name: file, bytes, note, .. })) = view.kept(&staged, &file) else {
        return view.gone().await;
    };
    let reading = match import::read(&view.name, vec![NamedFile { name: file, bytes: bytes.to_vec() }]).await {
        Ok(reading) => reading,
        Err(failure) => {
            let told = notice(Tone::Bad, &failure.on_page(view.cx.lang()));
            return view.show(&told, failure.status()).await;
        }
    };
    if !reading.intake.problems.is_empty() {
        return view.faulty(&reading).await;
    }
    let standing = Standing::load(&view.cx.app, &view.name).await?;
    Ok(view.preview(&Preview::new(&reading, &standing), &digest, &note, &html! {}))
}

/// Stores what was confirmed as the draft, if the catalog and its draft are still what was looked at.
pub(in crate::web) async fn confirm(
    cx: Context,
    Extension(staged): Extension<Arc<Staged>>,
    Path(name): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let (lang, account) = (view.cx.lang(), &view.cx.signed.account.id);
    let Some((digest, Waiting { name: file, bytes, note, .. })) = view.kept(&staged, typed.text("file")) else {
        return view.gone().await;
    };
    let files = vec![NamedFile { name: file, bytes: bytes.to_vec() }];
    let reading = import::read(&view.name, files).await?;
    if !reading.intake.problems.is_empty() {
        return view.faulty(&reading).await;
    }
    let standing = Standing::load(&view.cx.app, &view.name).await?;
    if standing.digest(&view.name).to_string() != typed.text("seen") {
        return view.anew(&reading, &standing, &digest, &note).await;
    }
    let preview = Preview::new(&reading, &standing);
    let Some(outcome) = preview.chosen(typed.text("way")).filter(|outcome| outcome.changes_something()) else {
        let zh = "没有变更：文件内容与现有的完全相同，草稿没有改动";
        let said = lang.pick(zh, "no changes: the file says what there is already");
        return Ok(view.cx.done(&view.address(), said));
    };
    if !view.store(&reading, &standing, outcome, &note).await? {
        let standing = Standing::load(&view.cx.app, &view.name).await?;
        return view.anew(&reading, &standing, &digest, &note).await;
    }
    staged.forget(account, &digest);
    let said = format!("{}{}", lang.pick("已存为草稿：", "kept as draft: "), outcome.said(lang));
    Ok(view.cx.done(&view.address(), &said))
}

impl View {
    /// The file of a preview, while it waits.
    fn kept(&self, staged: &Staged, file: &str) -> Option<(Digest, Waiting)> {
        let file = file.parse::<Digest>().ok()?;
        Some((file, staged.take(&self.cx.signed.account.id, &file, self.cx.now())?))
    }

    /// Says that a file does not wait any more.
    async fn gone(&self) -> Result<Response, PageError> {
        let zh = "上传的文件已不在（已存为草稿，或超过 1 小时未确认）；请重新上传";
        let en = "the uploaded file is gone (imported, or not confirmed for an hour); upload it again";
        self.show(&notice(Tone::Warn, self.cx.lang().pick(zh, en)), StatusCode::CONFLICT).await
    }

    /// Tells at their cells what is wrong with a file.
    async fn faulty(&self, reading: &Reading) -> Result<Response, PageError> {
        let lang = self.cx.lang();
        let (problems, accepted) = (&reading.intake.problems, reading.intake.accepted.len());
        let detail = import::told(&reading.files, &[], accepted, problems.len());
        self.cx.audit("catalog_draft", &self.name, &detail, false).await?;
        let count = problems.len();
        let zh = format!("没有导入：有错误 {count} 处，其余 {accepted} 条可用。请改正文件后重新上传，草稿没有改动");
        let en =
            format!("not imported: {count} problems, {accepted} good entries; correct the file and upload it again");
        let told = html! {
            (notice(Tone::Bad, lang.pick(&zh, &en)))
            (problems::table(problems, |name| reading.column(name), lang))
        };
        self.show(&told, StatusCode::UNPROCESSABLE_ENTITY).await
    }

    /// Shows the file anew beside what somebody else has made of the catalog meanwhile.
    async fn anew(
        &self,
        reading: &Reading,
        standing: &Standing,
        file: &Digest,
        note: &str,
    ) -> Result<Response, PageError> {
        let detail = format!("{}：预览之后草稿有改动，未写入", reading.files.join("、"));
        self.cx.audit("catalog_draft", &self.name, &detail, false).await?;
        let zh = "在您查看之后，目录或草稿有改动，没有写入；请核对下面新的预览，再确认";
        let en = "the catalog or its draft has changed since you looked; nothing was written: compare, then confirm";
        let told = notice(Tone::Warn, self.cx.lang().pick(zh, en));
        Ok(self.preview(&Preview::new(reading, standing), file, note, &told))
    }

    /// Writes what was confirmed, unless somebody works on the draft at this very moment.
    async fn store(
        &self,
        reading: &Reading,
        standing: &Standing,
        outcome: &Outcome,
        note: &str,
    ) -> Result<bool, PageError> {
        let read = import::told(&reading.files, &[], reading.intake.accepted.len(), 0);
        let detail = format!("{read}；{}：{}", outcome.way.text(Lang::Zh), outcome.said(Lang::Zh));
        let entry = self.cx.audit_entry("catalog_draft", &self.name, &detail);
        let note = (!note.is_empty()).then(|| note.to_owned());
        let by = self.cx.person();
        Ok(standing.keep(&self.cx.app, outcome, &by, note, &entry).await?)
    }

    /// What a file would change, and the choice how it is taken.
    fn preview(&self, preview: &Preview<'_>, file: &Digest, note: &str, told: &Markup) -> Response {
        let lang = self.cx.lang();
        let doubtful = &preview.reading.intake.warnings;
        let body = html! {
            (told)
            p { strong { (preview.reading.files.join("、")) } }
            (self.before(preview))
            @if preview.changes_something() {
                (self.choice(preview, file, note))
            } @else {
                (notice(Tone::Good, lang.pick("没有变更：文件内容与现有的完全相同，无需导入", "no changes: the file says what there is already")))
                p { a href=(self.address()) { (lang.pick("返回目录", "Back to the catalog")) } }
            }
            @if !doubtful.is_empty() {
                h2 { (lang.pick("提示（可以导入，请核对）", "To be checked (can be imported)")) }
                (problems::table(doubtful, |name| preview.reading.column(name), lang))
            }
            (self.file_lines(preview))
            (self.lacking(preview))
            (self.unchanged(preview))
        };
        let status = if told.0.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
        self.cx
            .page(&format!("{} · {}", self.called(), lang.pick("导入预览", "what the file would change")))
            .status(status)
            .show(&body)
    }
}
