//! 项目支出绩效目标申报表, as it is printed and signed.

use maud::{Markup, html};
use tongpin_domain::goal::Goal;
use tongpin_domain::lang::Lang;
use tongpin_domain::money::Amount;
use tongpin_domain::project::ProjectIndicator;

use super::Subject;
use crate::words::method;

/// The form. Its own words are Chinese: it is an official document.
pub(super) fn form(subject: &Subject, goal: &Goal, lang: Lang) -> Markup {
    html! {
        section.paper lang="zh-CN" {
            h2 { "项目支出绩效目标申报表" }
            p.hint { (subject.held.project.fiscal_year) " 年度　金额单位：元" }
            (head(subject, goal))
            (lines(subject, lang))
            p { "填报人：　　　　　　　　负责人：　　　　　　　　填报日期：　　　　年　　月　　日" }
        }
    }
}

fn or_dash(text: &str) -> &str {
    if text.trim().is_empty() { "—" } else { text }
}

/// An amount as it was read, or as it was typed if it could not be.
fn amount(amount: &Amount) -> String {
    match amount.fen() {
        Some(fen) => fen.to_string(),
        None => or_dash(amount.raw()).to_owned(),
    }
}

fn head(subject: &Subject, goal: &Goal) -> Markup {
    let (project, money) = (&subject.held.project, &subject.held.project.money);
    let term = match (goal.starts.as_str(), goal.ends.as_str()) {
        ("", "") => "—".to_owned(),
        (start, end) => format!("{} 至 {}", or_dash(start), or_dash(end)),
    };
    let pairs: [[(&str, String); 2]; 8] = [
        [("项目名称", project.name.clone()), ("项目代码", project.code.clone())],
        [("项目类别", project.category.clone()), ("项目属性", goal.attribute.clone())],
        [("主管部门", project.department.clone()), ("实施单位", project.unit.clone())],
        [("项目负责人", goal.leader.clone()), ("联系电话", goal.phone.clone())],
        [("起止时间", term), ("专项资金", project.fund_name.clone())],
        [("实施期资金总额", amount(&goal.whole_amount)), ("年度资金总额", amount(&money.adjusted))],
        [("其中：上级资金", amount(&money.upper)), ("本级资金", amount(&money.local))],
        [("其他资金", amount(&money.other)), ("上年结转", amount(&money.carry_over))],
    ];
    let texts = [
        ("立项依据", &goal.basis),
        ("必要性", &goal.necessity),
        ("可行性", &goal.feasibility),
        ("实施计划", &goal.plan),
        ("总体目标（实施期）", &goal.whole_goal),
        ("年度目标", &goal.year_goal),
    ];
    html! {
        div.wide { table.form {
            tbody {
                @for pair in &pairs { tr {
                    @for (name, value) in pair { th scope="row" { (name) } td { (or_dash(value)) } }
                } }
                @for (name, text) in texts { tr { th scope="row" { (name) } td.text colspan="3" { (or_dash(text)) } } }
            }
        } }
    }
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
