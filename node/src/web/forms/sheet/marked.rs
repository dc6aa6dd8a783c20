//! 标错文件: a filled sheet that was refused, as it came, with the cells that cannot be read in red.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Extension, Path};
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::sheet::FilledSheet;
use tongpin_console::web::list::{XLSX, attachment};
use tongpin_console::web::{PageError, Tone, notice};
use tongpin_console::workbook::{self, Marks};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::FieldProblem;
use tongpin_domain::lang::Lang;

use super::super::{held_of, place};
use super::{NOTE, read};
use crate::failure::Failure;
use crate::ops::forms::{self, HeldDocument};
use crate::web::importing::Uploads;
use crate::web::parts::Context;

/// The cells that cannot be read; what stands on no cell is told on the page alone.
pub(super) fn cells(filled: &FilledSheet, problems: &[FieldProblem]) -> BTreeSet<(u32, u32)> {
    problems.iter().filter_map(|problem| filled.cells.get(&problem.place.to_string()).copied()).collect()
}

/// The way to the file.
pub(super) fn way(held: &HeldDocument, file: &Digest, lang: Lang) -> Markup {
    html! {
        p { a.button href=(format!("{}/sheet/{file}/marked.xlsx", place(held))) download {
            (lang.pick("下载标错文件", "Download it with the errors marked")) }
            " " span.hint { (lang.pick("原表返回，有问题的单元格标红；怎样改见上表",
                "the sheet as it came, with the wrong cells in red; what is wrong is told above")) } }
    }
}

/// The file with its wrong cells marked, looked at anew: what is held may have changed.
pub(in crate::web::forms) async fn get(
    cx: Context,
    Extension(uploads): Extension<Arc<Uploads>>,
    Path((code, author, id, file)): Path<(String, String, String, String)>,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let held = held_of(&cx, &(code, author, id)).await?;
    let lang = cx.lang();
    let waiting = uploads.find(&cx, &file, NOTE);
    let led = |why: &str| Ok(cx.led_to(&format!("{}/edit", place(&held)), &notice(Tone::Warn, why)));
    let Some(waiting) = waiting else {
        let zh = "上传的文件已不在（超过 1 小时）；请重新上传";
        return led(lang.pick(zh, "the uploaded file is gone after an hour; upload it again"));
    };
    let filled = match read(&held, &waiting.name, &waiting.bytes, lang).await? {
        Ok(filled) => filled,
        Err(why) => return led(&why),
    };
    let (given, _) = filled.against(&held.form.definition, &held.given(), &held.locked(&cx.app.site.region()));
    let checked = forms::checked(&cx.app, &held, &given).await?;
    let cells = cells(&filled, &checked.reading.problems);
    let stem = waiting.name.rsplit_once('.').map_or(waiting.name.as_str(), |(stem, _)| stem);
    let name = format!("{stem}{}.xlsx", lang.pick("（标错）", " (marked)"));
    let made = tokio::task::spawn_blocking(move || {
        let marks = Marks { sheet: &filled.identity.sheet, cells, said: None };
        workbook::mark(&waiting.bytes, &marks)
    });
    match made.await.map_err(|error| Failure::internal(&error))? {
        Ok(bytes) => Ok(attachment(bytes, XLSX, &name)),
        Err(error) => {
            tracing::warn!(reason = ?error, "a filled sheet could not be marked");
            let zh = "这个文件由其他软件保存，无法在原处标错；请按导入时列出的单元格改正";
            led(lang.pick(zh, "this file cannot be marked as it is; correct the cells that were listed"))
        }
    }
}
