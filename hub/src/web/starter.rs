//! 示例目录: what an empty hub offers instead of a blank page.

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, Posted, Signed, token};
use tongpin_domain::lang::Lang;
use tongpin_link::publish::Separation;

use super::Context;
use crate::app::App;
use crate::failure::Failure;
use crate::ops::starter;

/// What stands on the first page and above the catalogs as long as there is nothing; empty afterwards.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn card(app: &App, signed: &Signed, lang: Lang) -> Result<Markup, Failure> {
    if !starter::is_wanted(app).await? {
        return Ok(html! {});
    }
    Ok(html! {
        form.card method="post" action="/catalogs/starter" {
            (token(signed))
            h2 { (lang.pick("从示例开始", "Begin with samples")) }
            p { (lang.pick(
                "还没有任何目录。可先装入示例目录：计分规则、工作流程、专项资金、指标库、项目绩效目标申报表、一张季度调度表和 2025 年节假日（苏州市另有区划），再按本级制度逐个修改。",
                "There is no catalog yet. Sample catalogs can be drafted: rules, procedures, funds, a library, two forms, the calendar of 2025; change them as your bureau needs.")) }
            @if signed.may(&[Duty::Enter]) {
                p.hint { (lang.pick("装入后是草稿，由另一人核对后发布；本级设为一人经办并审核的，直接发布。",
                    "They become drafts that somebody else publishes, or are published at once where one person may do both.")) }
                button.main { (lang.pick("装入示例目录", "Draft the samples")) }
            } @else {
                p.hint { (lang.pick("由经办岗的人员装入。", "Somebody who may enter does that.")) }
            }
        }
    })
}

/// Drafts the samples, and publishes them where one person may do both.
pub(super) async fn post(cx: Context, Posted(_): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let lang = cx.lang();
    let (app, by) = (&cx.app, cx.person());
    let entry = cx.audit_entry("", "", "");
    let drafted = starter::draft(app, &by, &entry).await?;
    let alone = cx.may(&[Duty::Publish]) && app.separation().await? == Separation::OnePerson;
    if alone {
        starter::publish(app, &drafted, &by, &entry).await?;
    }
    let said = match (drafted.is_empty(), alone) {
        (true, _) => lang.pick("没有装入：各目录已有内容", "Nothing was drafted: there is something in every catalog"),
        (false, true) => {
            lang.pick("示例目录已发布，请按本级制度修改", "The samples are published: change them as needed")
        }
        (false, false) => lang.pick(
            "示例目录已存为草稿，请由另一人逐个核对发布",
            "The samples are drafted; somebody else checks and publishes each",
        ),
    };
    Ok(cx.done("/catalogs", said))
}
