//! What is said of 本级表单 alone: the forms of this county's own.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::{definition, link, work};
use crate::ops::own_forms::{Ours, OwnForms};
use crate::web::parts::Context;

/// What this page is for.
pub(super) fn lead(lang: Lang) -> Markup {
    html! { p { (lang.pick("本县自己的表单，只对本县和所属乡镇生效；市里下发的表单在此不改。由一人导入，另一人核对发布，发布后乡镇自动收到。",
    "Forms of this county for itself and its townships: one person imports them, another publishes them, and the townships have them by themselves.")) } }
}

/// What happens to documents once a form retires.
pub(super) fn retires(lang: Lang) -> &'static str {
    lang.pick(
        "发布后不能再新建这种单据，已有单据照旧办理。",
        "Nobody begins a document of it any more; those there are go on.",
    )
}

/// When what is published takes effect.
pub(super) fn takes_effect(lang: Lang) -> &'static str {
    lang.pick(
        "发布后本县和各乡镇即可填报；要还原，把原内容作为新版本再发布一次。",
        "This county and its townships can fill it in at once; publish the old content again to undo it.",
    )
}

/// What a file for this page is.
pub(super) fn hint(lang: Lang) -> &'static str {
    lang.pick(
        "表单工作簿（.xlsx）或 TOML 文件，一个文件一张表单；检查无误才存为草稿，发布前不生效",
        "a form's workbook (.xlsx) or a TOML file: one form, kept as a draft once it is sound",
    )
}

/// Those in force.
pub(super) fn in_force(cx: &Context, forms: &OwnForms, lang: Lang) -> Markup {
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
                        th scope="row" { (link(Ours::Forms, &entry.key, &title)) }
                        td { (entry.key) }
                        td.number { (entry.release) }
                        td { (work(cx, Ours::Forms, &entry.key, forms, lang)) }
                    }
                } }
            } }
        }
    }
}
