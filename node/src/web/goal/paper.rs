//! 项目支出绩效目标申报表, as it is printed and signed: the sheet of the form of goals, with the project's indicators in it.

use maud::{Markup, html};
use tongpin_console::web::kit;
use tongpin_domain::lang::Lang;
use tongpin_domain::project::ProjectIndicator;

use super::Subject;
use crate::ops::forms::Checked;
use crate::ops::project_forms::HeldProjectForm;
use crate::records::goal_form::GoalForm;
use crate::web::forms::view;
use crate::words::method;

/// The form. Its own words are Chinese: it is an official document.
pub(super) fn form(
    subject: &Subject,
    form: &GoalForm,
    held: &HeldProjectForm,
    checked: &Checked,
    lang: Lang,
) -> Markup {
    let about = format!("{} 年度", subject.held.project.fiscal_year);
    let mut sheet = view::view(form.definition(), &held.form.given, checked, about, Lang::Zh);
    if subject.may {
        view::with_personal(&mut sheet);
    }
    // What is doubtful stands above the paper, not on it.
    sheet.notes.clear();
    sheet.below = lines(subject, lang);
    html! { section.paper lang="zh-CN" { (kit::sheet(&sheet)) } }
}

fn or_dash(text: &str) -> &str {
    if text.trim().is_empty() { "—" } else { text }
}

fn lines(subject: &Subject, lang: Lang) -> Markup {
    let rules = subject.rules.as_ref().ok();
    let standard = |line: &ProjectIndicator| match rules {
        Some(rules) => method::method(rules, &line.rule_type, &line.rule_params, lang),
        None => method::named(&line.rule_type, &line.rule_params, lang),
    };
    html! {
        div.wide { table.form {
            thead { tr {
                @for name in ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "权重", "评分标准", "备注"] {
                    th scope="col" { (name) }
                }
            } }
            tbody {
                @for line in &subject.held.lines { tr {
                    td { (line.level1) }
                    td { (line.level2) }
                    th scope="row" { (line.name) }
                    td { (line.nature) }
                    td.number { (or_dash(line.target.raw())) }
                    td { (line.unit) }
                    td.number { (line.weight.normalize()) }
                    td { (standard(line)) }
                    td { @if line.indicator_code.is_none() { "自设" } }
                } }
                @if subject.held.lines.is_empty() { tr { td colspan="9" { "—" } } }
            }
        } }
    }
}
