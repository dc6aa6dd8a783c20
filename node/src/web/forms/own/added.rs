//! What is said of 本级增补 alone: the forms from above, each with what this county adds to it.

use maud::{Markup, html};
use tongpin_domain::lang::Lang;

use super::{link, work};
use crate::ops::own_forms::{Asked, Ours, OwnForms};
use crate::web::parts::Context;

/// What this page is for.
pub(super) fn lead(lang: Lang) -> Markup {
    let steps = lang.pick(
        "市里下发的表单，本县可以增加字段、列和校验，也可以把必填和上下限收得更严；市里原有的内容不变，市里归集的口径也不变。\
         做法：导出该表单的工作簿，在“字段”“校验”“版式”等表中加行，再导入；由另一人核对发布后，本县和乡镇按增补后的表单填报。",
        "This county may add fields, columns and checks to a form from above, and narrow what it takes; what the city \
         asks stays. Export the form's workbook, add lines to its sheets, and import it; once another person has \
         published it, this county and its townships fill in the form with what is added.",
    );
    html! { p { (steps) } }
}

/// What happens to documents once a supplement retires.
pub(super) fn retires(lang: Lang) -> &'static str {
    lang.pick(
        "发布后新单据不再有本级增加的内容；已有单据照旧，所填内容保留。",
        "New documents have nothing of it any more; those there are stay as they are.",
    )
}

/// When what is published takes effect.
pub(super) fn takes_effect(lang: Lang) -> &'static str {
    lang.pick(
        "发布后本县和各乡镇新填的单据即有增补的内容；要还原，把原内容作为新版本再发布一次。",
        "New documents of this county and its townships have it at once; publish the old content again to undo it.",
    )
}

/// What a file for this page is.
pub(super) fn hint(lang: Lang) -> &'static str {
    lang.pick(
        "从本页导出并增加了内容的工作簿（.xlsx），或同样内容的 TOML 文件；市里原有的内容不能改。检查无误才存为草稿，发布前不生效",
        "the workbook that was exported here, with what is added, or the same as TOML; kept as a draft once it is sound",
    )
}

/// The forms from above.
pub(super) fn in_force(cx: &Context, forms: &OwnForms, asked: &[Asked], lang: Lang) -> Markup {
    let published = |code: &str| forms.published.iter().find(|entry| entry.key == code);
    html! {
        h2 { (lang.pick("上级下发的表单", "Forms from above")) }
        @if asked.is_empty() {
            p.empty { (lang.pick("还没有收到可以增补的表单；市里下发后自动出现在这里", "None that could be added to has come yet")) }
        } @else {
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("表单", "form")) }
                    th scope="col" { (lang.pick("编码", "code")) }
                    th.number scope="col" { (lang.pick("上级版次", "release")) }
                    th scope="col" { (lang.pick("本级增补", "what we add")) }
                    th scope="col" { (lang.pick("办理", "work")) }
                } }
                tbody { @for Asked { form, fits } in asked {
                    @let code = &form.definition.code;
                    tr {
                        th scope="row" { (link(Ours::Supplements, code, form.definition.called(lang))) }
                        td { (code) }
                        td.number { (form.release) }
                        td {
                            @match published(code) {
                                None => { span.hint { (lang.pick("无", "nothing")) } }
                                Some(entry) => { (lang.pick(&format!("第 {} 版", entry.release), &format!("release {}", entry.release))) }
                            }
                            @if !*fits {
                                " " span.mark.bad { (lang.pick("与上级新版不合，暂不生效；请导出工作簿改好后重新发布",
                                    "does not fit the form any more and is not in force: export, mend and publish it")) }
                            }
                        }
                        td { (work(cx, Ours::Supplements, code, forms, lang)) }
                    }
                } }
            } }
        }
    }
}
