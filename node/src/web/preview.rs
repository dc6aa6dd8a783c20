//! What would leave, as a page shows it: the same tables and figures as the `preview` command, and all of their groups.

use maud::{Markup, html};
use tongpin_domain::collection::{Group, Measure, Table};
use tongpin_domain::lang::Lang;
use tongpin_domain::partial::Partial;
use tongpin_domain::report::{Report, ReportTable};

use crate::failure::page;
use crate::ops::submit::ReportDraft;
use crate::records::answer::Answer;
use crate::web::parts::{RIGHT, fact, rules};
use crate::words::figure;

/// Everything that would leave: who is named, from how much it is computed, and every group of every table.
pub(super) fn all(draft: &ReportDraft, lang: Lang) -> Markup {
    let ReportDraft { answer, report, .. } = draft;
    html! {
        (named(report, lang))
        (coverage(answer, lang))
        @for (told, asked) in report.tables.iter().zip(&answer.asked.collection.tables) {
            (table(told, asked, lang))
        }
        @for remark in &answer.remarks {
            p.hint { (lang.pick("注意：", "Note: ")) (page::remark(remark, lang)) }
        }
    }
}

/// Whose names the report bears.
fn named(report: &Report, lang: Lang) -> Markup {
    let used: Vec<String> = report.rules.iter().map(|used| rules(used, lang)).collect();
    let asked = &report.collection_release;
    let approver = if report.approved_by.is_empty() {
        lang.pick("上报时写入审核人", "whoever approves it")
    } else {
        &report.approved_by
    };
    html! {
        h3 { (lang.pick("报告署名", "Who is named")) }
        dl {
            (fact(lang.pick("上报单位", "Region"), &report.region))
            (fact(lang.pick("审核人", "Approved by"), approver))
            (fact(lang.pick("第几次上报", "Revision"), report.revision))
            (fact(lang.pick("期间", "Period"), &report.period))
            (fact(lang.pick("任务出处", "Asked in"), lang.pick(
                &format!("{} 发布的第 {} 版", asked.publisher, asked.release),
                &format!("release {} of {}", asked.release, asked.publisher))))
            (fact(lang.pick("计分规则", "Rules"), used.join(lang.pick("；", "; "))))
        }
    }
}

/// From how much it is computed.
fn coverage(answer: &Answer, lang: Lang) -> Markup {
    let Answer { projects, scored, .. } = answer;
    let percent = (scored * 100).checked_div(*projects).map_or_else(|| "—".to_owned(), |part| format!("{part}%"));
    html! {
        h3 { (lang.pick("覆盖情况", "Coverage")) }
        dl {
            (fact(lang.pick("本期项目", "Projects of the period"), projects))
            (fact(lang.pick("有总分的项目", "With a total"), format!("{scored}（{percent}）")))
            (fact(lang.pick("没有总分的项目", "Without a total"), projects.saturating_sub(*scored)))
            (fact(lang.pick("送出的分组", "Groups that leave"), answer.groups()))
        }
        p.hint { (lang.pick("项目数只供核对；送出的是下列分组的数字，项目明细不出本级。",
            "These numbers are for checking. What leaves are the groups below; projects stay here.")) }
    }
}

fn table(told: &ReportTable, asked: &Table, lang: Lang) -> Markup {
    let (records, groups, keys) = (told.answer.records, told.answer.groups.len(), asked.group_by.len());
    html! {
        h3 {
            (figure::title(asked))
            span.hint { (lang.pick(&format!("　{records} 条记录，{groups} 组"), &format!(" {records} records, {groups} groups"))) }
        }
        div.wide {
            table {
                thead { tr {
                    @for (at, name) in figure::columns(asked, lang).iter().enumerate() {
                        th scope="col" style=[(at >= keys).then_some(RIGHT)] { (name) }
                    }
                } }
                tbody { @for group in &told.answer.groups { (row(group, asked, lang)) } }
            }
        }
        @if told.withheld.groups > 0 {
            p.hint { (lang.pick(
                &format!("未送出：{} 组（{} 条记录）小于最小分组，只报组数和条数", told.withheld.groups, told.withheld.records),
                &format!("Withheld: {} groups ({} records) are too small; only their number is told.",
                    told.withheld.groups, told.withheld.records))) }
        }
    }
}

fn row(group: &Group, asked: &Table, lang: Lang) -> Markup {
    html! {
        tr {
            @for key in &group.keys { th scope="row" { @if key.is_empty() { "—" } @else { (key) } } }
            @for measure in &asked.measures {
                td style=(RIGHT) {
                    @if let Some(partial) = group.measures.get(&measure.id) {
                        (figure::figure(measure, partial))
                        (parts(measure, partial, lang))
                    }
                }
            }
        }
    }
}

/// What leaves in the place of a finished figure, where the two differ.
fn parts(measure: &Measure, partial: &Partial, lang: Lang) -> Markup {
    let said = match partial {
        Partial::Weighted { weight, weighted } => {
            format!("Σw·x {}　Σw {}", weighted.normalize(), weight.normalize())
        }
        Partial::Sum(sum) if figure::is_money(measure.field.as_ref()) => {
            format!("{} {}", sum.normalize(), lang.pick("分", "fen"))
        }
        Partial::Histogram { edges, .. } => {
            let edges: Vec<String> = edges.iter().map(ToString::to_string).collect();
            format!("{} {}", lang.pick("分界", "edges"), edges.join(" / "))
        }
        _ => return html! {},
    };
    html! { br; span.hint { (said) } }
}
