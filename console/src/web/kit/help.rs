//! A form said in words, made from what it is: what each field means, who fills it in, what follows from what, what is
//! checked, who takes which step, and what may leave. Whoever designs a form and whoever fills it in read the same.

use maud::{Markup, html};
use tongpin_domain::form::{Definition, Field, FlowLevel};
use tongpin_domain::lang::Lang;

/// The help of a form: fields, checks and flow under headings of their own.
#[must_use]
pub fn help(definition: &Definition, lang: Lang) -> Markup {
    html! {
        @if !definition.help.is_empty() { @for line in definition.help.lines() { p { (line) } } }
        h2 { (lang.pick("字段", "Fields")) }
        (fields(definition, None, &definition.fields, lang))
        @for rows in definition.fields.iter().filter(|field| !field.fields.is_empty()) {
            h3 { (rows.called(lang)) (lang.pick("：每行", ": each row")) }
            (fields(definition, Some(&rows.name), &rows.fields, lang))
        }
        (checks(definition, lang))
        // Documents that the program keeps itself go through no flow.
        @if !definition.is_kept() { (flow(definition, lang)) }
    }
}

fn fields(definition: &Definition, rows: Option<&str>, fields: &[Field], lang: Lang) -> Markup {
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("字段", "field")) }
                th scope="col" { (lang.pick("类型", "kind")) }
                th scope="col" { (lang.pick("必填", "required")) }
                th scope="col" { (lang.pick("怎样填", "how it is filled in")) }
                th scope="col" { (lang.pick("谁填", "who")) }
                th scope="col" { (lang.pick("可归集", "may leave as")) }
            } }
            tbody { @for field in fields.iter().filter(|field| !field.retired) { tr {
                th scope="row" { (field.called(lang)) @if !field.unit.is_empty() { "（" (field.unit) "）" } }
                td { (field.kind.text(lang)) }
                td { @if field.required { (lang.pick("必填", "required")) } }
                td { (how(definition, rows, field, lang)) }
                td { (who(definition, rows, field, lang)) }
                td {
                    @if field.leaves.is_empty() { (lang.pick("不出本级", "stays here")) }
                    @else { (field.leaves.iter().map(|it| it.text(lang)).collect::<Vec<_>>().join(lang.pick("、", ", "))) }
                }
            } } }
        } }
    }
}

fn how(definition: &Definition, rows: Option<&str>, field: &Field, lang: Lang) -> Markup {
    let choices: Vec<&str> =
        field.choices.iter().filter(|choice| !choice.retired).map(|choice| choice.text.as_str()).collect();
    html! {
        @if field.derived.is_some() { (definition.formula(field, lang)) }
        (field.hint)
        @if !choices.is_empty() { (lang.pick("可选：", "choices: ")) (choices.join(lang.pick("、", ", "))) }
        @if let Some(when) = &field.when {
            " " (lang.pick("填写条件：", "asked if ")) (definition.clause(when, rows, lang))
        }
    }
}

fn who<'a>(definition: &'a Definition, rows: Option<&str>, field: &'a Field, lang: Lang) -> &'a str {
    if field.derived.is_some() {
        return lang.pick("自动计算", "calculated");
    } else if !field.from.is_empty() {
        return lang.pick("自动带出", "filled in from elsewhere");
    }
    let rows = rows.and_then(|name| definition.field(name)).and_then(|rows| rows.level.as_ref());
    field.level.as_ref().or(rows).unwrap_or(&FlowLevel::Keeper).text(lang)
}

fn checks(definition: &Definition, lang: Lang) -> Markup {
    html! {
        @if !definition.checks.is_empty() {
            h2 { (lang.pick("校验", "Checks")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("什么情况", "when")) }
                    th scope="col" { (lang.pick("怎样处理", "what follows")) }
                    th scope="col" { (lang.pick("提示语", "what is said")) }
                } }
                tbody { @for check in &definition.checks { tr {
                    @let rows = Some(check.each.as_str()).filter(|rows| !rows.is_empty());
                    th scope="row" { (definition.clause(&check.when, rows, lang)) }
                    td { (definition.follows(&check.then, lang)) }
                    td { (check.says) }
                } } }
            } }
        }
    }
}

fn flow(definition: &Definition, lang: Lang) -> Markup {
    let state = |name: &str| definition.flow.state(name).map_or_else(|| name.to_owned(), |state| state.title.clone());
    let days = |name: &str| definition.flow.state(name).and_then(|state| state.within);
    html! {
        h2 { (lang.pick("流程", "Flow")) }
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("步骤", "step")) }
                th scope="col" { (lang.pick("从", "from")) }
                th scope="col" { (lang.pick("到", "to")) }
                th scope="col" { (lang.pick("谁办理", "who")) }
                th scope="col" { (lang.pick("时限", "within")) }
            } }
            tbody { @for step in &definition.flow.steps { tr {
                th scope="row" { (step.title) }
                td { (step.from.iter().map(|from| state(from)).collect::<Vec<_>>().join(lang.pick("、", ", "))) }
                td { (state(&step.to)) }
                td {
                    (step.level.text(lang)) " · " (step.duty.text(lang))
                    @if !step.other_than.is_empty() { (lang.pick("（须由另一人）", " (another person)")) }
                    @if step.renews() { (lang.pick("，表单有新版时", ", once the form has a newer release")) }
                    @if let Some(code) = step.next_form() {
                        (lang.pick(&format!("，同时生成表单 {code} 的单据"), &format!(", which begins one of {code}")))
                    }
                    @if step.reason { (lang.pick("，须写原因", ", with a reason")) }
                }
                td { @if let Some(days) = step.from.first().and_then(|from| days(from)) {
                    (days.days) " " (if days.working { lang.pick("个工作日", "working days") } else { lang.pick("天", "days") })
                } }
            } } }
        } }
    }
}
