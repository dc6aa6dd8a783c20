//! What was reported before about a collection, and what the parent answered.

use maud::{Markup, html};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::report::Receipt;
use tongpin_store::{MyReport, ReportState};

use crate::web::parts::RIGHT;

/// All revisions, the newest first, each with its receipts.
pub(super) fn all(reports: &[MyReport], receipts: &[Receipt], lang: Lang) -> Markup {
    html! {
        h2 { (lang.pick("历次上报", "Earlier revisions")) }
        @if reports.is_empty() {
            p.empty { (lang.pick("还没有上报过", "nothing has been reported yet")) }
        } @else {
            div.wide {
                table {
                    thead { tr {
                        th scope="col" style=(RIGHT) { (lang.pick("次", "revision")) }
                        th scope="col" { (lang.pick("上报时间", "reported")) }
                        th scope="col" { (lang.pick("审核人", "approved by")) }
                        th scope="col" { (lang.pick("摘要", "digest")) }
                        th scope="col" { (lang.pick("状态", "state")) }
                        th scope="col" { (lang.pick("回执", "receipts")) }
                    } }
                    tbody { @for report in reports.iter().rev() { (row(report, receipts, lang)) } }
                }
            }
        }
    }
}

fn row(report: &MyReport, receipts: &[Receipt], lang: Lang) -> Markup {
    // A database restored from an old copy may hold receipts about revisions that it has forgotten.
    let about = |receipt: &&Receipt| receipt.collection == report.collection && receipt.report == report.digest;
    let (class, word) = match report.state {
        ReportState::Submitted => ("mark warn", lang.pick("待确认", "waits for the receipt")),
        ReportState::Received => ("mark warn", lang.pick("已收，待审核", "received, awaiting review")),
        ReportState::Accepted => ("mark good", lang.pick("已接收", "accepted")),
        ReportState::Returned => ("mark bad", lang.pick("已退回", "returned")),
    };
    html! {
        tr {
            th scope="row" style=(RIGHT) { (report.revision) }
            td.when { (report.at) }
            td { (report.approved_by) }
            td { code { (report.digest.short()) } }
            td { span class=(class) { (word) } }
            td {
                @for receipt in receipts.iter().filter(about) {
                    div {
                        (receipt.verdict.say(lang)) " " (receipt.at) " " (receipt.by)
                        @for reason in &receipt.reasons { br; span.hint { (reason) } }
                    }
                }
            }
        }
    }
}
