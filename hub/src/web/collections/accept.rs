//! 通过: an officer accepts a report that waits for a person.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::{PageError, PageFailure as _, Posted, Signed, Tone, notice, sure, token};
use tongpin_domain::lang::Lang;

use super::super::Context;
use super::one::{View, chosen_report};
use crate::ops::collections::accept::accept;

/// The form, for the report of this value, `region/revision`.
pub(super) fn form(report: &str, id: &str, lang: Lang, signed: &Signed) -> Markup {
    html! {
        form.card method="post" action=(format!("/collections/{id}/accept")) {
            (token(signed))
            input type="hidden" name="report" value=(report);
            p { (lang.pick("核对上面的数和签名后通过：这份上报随即计入汇总，对方收到签名回执。",
                "Check the figures and the signature above. Once accepted it counts, and the county gets a signed receipt.")) }
            (sure(lang, "sure-accept"))
            button.main { (lang.pick("审核通过", "Accept")) }
        }
    }
}

/// Accepts it, in a signed receipt.
pub(in crate::web) async fn post(
    cx: Context,
    Path(id): Path<String>,
    Posted(typed): Posted,
) -> Result<Response, PageError> {
    cx.must(&[Duty::Approve]).await?;
    let view = View::of(cx, id);
    let lang = view.lang();
    let refuse = async |said: &str| view.show(&notice(Tone::Bad, said), StatusCode::UNPROCESSABLE_ENTITY).await;
    let (Some((region, revision)), true) = (chosen_report(typed.raw("report")), typed.checked("sure")) else {
        return refuse(lang.pick("没有通过：请选择上报并勾选“确认”", "not accepted: choose a report, and be sure"))
            .await;
    };
    let (app, subject) = (&view.cx.app, format!("{} {region} 第 {revision} 次", view.id));
    let entry = view.cx.audit_entry("report_accept", &subject, "");
    let by = view.cx.person().name;
    let step = accept(app, &view.id, &region, revision, &by);
    match app.store().audited(&entry, step).await {
        Ok(_) => {
            let said = lang.pick("已通过，计入汇总；对方会收到回执", "accepted and counted; the county gets a receipt");
            Ok(view.cx.done(&format!("/collections/{}", view.id), said))
        }
        Err(failure) => {
            view.cx.audit("report_accept", &subject, &failure.on_page(Lang::Zh), false).await?;
            refuse(&failure.on_page(lang)).await
        }
    }
}
