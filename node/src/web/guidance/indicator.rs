//! One entry of the indicator library, whole, and which projects here use it.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::lang::Lang;

use crate::guidance::{self, Published, RuleBook};
use crate::records::indicator_use::NAMED;
use crate::web::parts::{Context, WORK, segment};
use crate::words::method::method;

/// Shows it.
pub(super) async fn get(cx: Context, Path(code): Path<String>) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let lang = cx.lang();
    let store = cx.app.store();
    let index = cx.app.library.index(store).await?;
    let Some(entry) = index.get(&code) else {
        let title = lang.pick("没有此指标", "No such indicator");
        let zh = format!("指标库中没有代码为 {code} 的指标；它可能已停用，可在“指标库”中按名称查找");
        let en = format!("the library has no indicator {code}; it may have been retired: look for its name");
        return Err(cx.refused(title, lang.pick(&zh, &en), StatusCode::NOT_FOUND).into());
    };
    let read = cx.app.statistics.read(store).await?;
    let first = read.used.first(&code);
    let named = store.project_names(&first).await?;
    let book = RuleBook::load(store).await?;
    let regions = guidance::regions(store).await?;
    let body = html! {
        (facts(entry, &regions.name(&entry.publisher), lang))
        h2 { (lang.pick("怎么计分", "How it scores")) }
        (scoring(&entry.value, &book, lang))
        h2 { (lang.pick("本级使用情况", "Used here")) }
        (users(read.used.times(&code), &named, lang))
        p.noprint { a href="/guidance/indicators" { (lang.pick("返回指标库", "Back to the library")) } }
    };
    Ok(cx.page(&format!("{} {}", entry.value.code, entry.value.name)).show(&body))
}

fn facts(entry: &Published<Indicator>, publisher: &str, lang: Lang) -> Markup {
    let it = &entry.value;
    let version = format!("{publisher}，{}", entry.release);
    let common = if it.is_common { lang.pick("是", "yes") } else { lang.pick("否", "no") };
    let rows = [
        ("指标解释", "definition", it.definition.as_str()),
        ("计算公式", "formula", &it.formula),
        ("一级指标", "level 1", &it.level1),
        ("二级指标", "level 2", &it.level2),
        ("指标性质", "nature", &it.nature),
        ("度量单位", "unit", &it.unit),
        ("方向", "direction", &it.direction),
        ("参考值", "typical value", &it.typical_target),
        ("取值依据", "basis of the value", &it.target_basis),
        ("数据来源", "data source", &it.data_source),
        ("主管部门", "department", &it.department),
        ("行业领域", "domain", &it.domain),
        ("适用层级", "levels", &it.applicable_level),
        ("汇总方式", "aggregation", it.agg_method.word()),
        ("共性指标", "common to all sectors", common),
        ("发布单位和版本", "publisher and release", &version),
    ];
    html! {
        div.wide { table {
            tbody { @for (zh, en, value) in rows { tr {
                th scope="row" { (lang.pick(zh, en)) }
                td { @if value.is_empty() { "—" } @else { (value) } }
            } } }
        } }
    }
}

fn scoring(it: &Indicator, book: &RuleBook, lang: Lang) -> Markup {
    html! {
        @if !it.scoring_rule.is_empty() { p { (it.scoring_rule) } }
        ul {
            @for rules in book.sets() {
                li { (rules.set.title) (lang.pick("：", ": ")) (method(&rules.set, &it.rule_type, &it.rule_params, lang)) }
            }
        }
    }
}

/// Who uses it, as [`crate::app::statistics`] found last; `named` are what those that are named are called.
fn users(count: usize, named: &BTreeMap<String, String>, lang: Lang) -> Markup {
    html! {
        @if count == 0 {
            p.empty { (lang.pick("本级还没有项目使用这个指标", "No project here uses it yet.")) }
        } @else {
            p { (lang.pick(&format!("本级已有 {count} 个项目使用"), &format!("{count} projects use it"))) }
            ul {
                @for (code, name) in named {
                    li { a href=(format!("/projects/{}/goal", segment(code))) { (code) } " " (name) }
                }
                @if count > NAMED { li { "… " (count - NAMED) } }
            }
        }
    }
}
