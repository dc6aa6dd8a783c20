//! 附件: the files of a field. A page to be filled in lists those that are there, each of which can be unchecked, and has
//! a box for more; a page to be read leads to them where they are kept.

use maud::{Markup, html};
use tongpin_domain::form::{Attachment, Field, Given};

use super::cell::{Cell, described, invalid};
use super::{FormView, UNKNOWN};
use crate::disk::shown_bytes;
use crate::web::Fields;

/// Digits of a digest that people compare.
const SHORT: usize = 12;

/// What new files of a field are sent as.
#[must_use]
pub fn file_input(field: &str) -> String {
    format!("file-{field}")
}

/// What a page sent of the files of a field that are to stay, each by its digest and name.
pub fn files_kept<'a>(fields: &'a Fields, field: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    fields.all(field).filter_map(|value| value.split_once('/'))
}

/// What a file is sent as while it is to stay.
pub(super) fn written(file: &Attachment) -> String {
    format!("{}/{}", file.digest, file.name)
}

fn held(given: Option<&Given>) -> &[Attachment] {
    match given {
        Some(Given::Files(files)) => files,
        _ => &[],
    }
}

fn about(file: &Attachment) -> Markup {
    let short: String = file.digest.chars().take(SHORT).collect();
    html! { span.hint { (shown_bytes(file.size)) " " code { (short) } } }
}

/// The files that are there, and a box for more. A blank goes with them, so that none left is told from not asked.
pub(super) fn boxes(view: &FormView<'_>, cell: &Cell<'_>) -> Markup {
    let (place, lang) = (cell.place, view.lang);
    let says = lang.pick(
        "照片 jpg、png 或 pdf、docx、xlsx，一次合计 20 MB 以内，保存时上传；去掉勾选的保存后移除。文件只留在本单位，上级只收到名称、大小和摘要。",
        "jpg, png, pdf, docx or xlsx, 20 MB at a time, uploaded as the form is saved; what is unchecked goes. Files stay here; those above get name, size and digest.",
    );
    html! {
        input type="hidden" name=(place) value="";
        div.boxes id=(format!("at-{place}")) role="group" tabindex="-1" aria-labelledby=(format!("label-{place}"))
            aria-describedby=(described(cell)) {
            @for file in held(cell.given) { label {
                input type="checkbox" name=(place) value=(written(file)) checked;
                " " (file.name) " " (about(file))
            } }
        }
        input type="file" name=(file_input(place)) multiple accept=(view.choosable)
            aria-label=(lang.pick("增加附件", "add files")) aria-describedby=(described(cell)) aria-invalid=[invalid(cell)];
        p.hint { (says) }
    }
}

/// The files to be read, one below the other, with links where they are handed out; what is personal only for whom it
/// is shown.
pub(super) fn listed(view: &FormView<'_>, place: &str, field: &Field, given: Option<&Given>) -> Markup {
    let files = held(given);
    if field.personal && !view.shown.contains_key(place) && !files.is_empty() {
        return html! { (view.shown(place, field, given)) };
    }
    html! {
        @if files.is_empty() && !field.is_typed() { (UNKNOWN) }
        @for file in files { div {
            @if view.files_at.is_empty() { (file.name) }
            @else { a href=(format!("{}/{}", view.files_at, file.digest)) { (file.name) } }
            span.noprint { " " (about(file)) }
        } }
    }
}
