//! Intake of catalogs: from the rows of a table to draft entries.
//!
//! A catalog with a type of its own is validated by it; columns that the type doesn't know are kept in the entry's
//! body beside its fields, so that a publisher may add what it likes. Other catalogs keep every column as text.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::sheet::{Cells, Column, Sheet, needed, optional};
use super::{DraftEntry, Intake, Problem, Table, Words};
use crate::catalog::Audience;
use crate::expert::Expert;
use crate::indicator::{Aggregation, Indicator};
use crate::lang::{Lang, Say};
use crate::region::{Region, RegionCode};

const AUDIENCE: Column<'static> = optional("audience", "发放范围");

const INDICATOR: &[Column<'static>] = &[
    needed("code", "指标代码"),
    needed("department", "主管部门"),
    needed("domain", "行业领域"),
    needed("level1", "一级指标"),
    needed("level2", "二级指标"),
    needed("name", "三级指标"),
    needed("definition", "指标解释"),
    needed("formula", "计算公式"),
    needed("nature", "指标性质"),
    needed("unit", "度量单位"),
    needed("direction", "方向"),
    needed("rule_type", "赋分类型"),
    needed("rule_params", "赋分参数"),
    needed("scoring_rule", "赋分规则"),
    needed("typical_target", "参考值"),
    needed("target_basis", "标准类型"),
    needed("data_source", "数据来源"),
    needed("applicable_level", "适用层级"),
    needed("agg_method", "汇总方式"),
    needed("is_common", "是否共性指标"),
    AUDIENCE,
];

const EXPERT: &[Column<'static>] = &[
    needed("expert_id", "专家编号"),
    needed("display_name", "显示名"),
    needed("primary_field", "主评领域"),
    optional("other_fields", "其他领域"),
    optional("specialty", "专长"),
    optional("title", "职称"),
    optional("years_in_field", "从业年限"),
    optional("org_type", "单位类型"),
    needed("org_ref", "所在单位"),
    needed("base_region", "常驻区划"),
    needed("share_scope", "共享范围"),
    needed("avoid_orgs", "回避单位"),
    needed("avoid_regions", "回避区划"),
    needed("term_start", "聘期起"),
    needed("term_end", "聘期止"),
    needed("status", "状态"),
    optional("tasks_this_year", "本年任务数"),
    optional("max_tasks_per_year", "年度任务上限"),
    optional("last_assigned", "最近派单日"),
    optional("last_review_score", "最近考评得分"),
    optional("contact_ref", "联系方式索引"),
    optional("version", "版本"),
    optional("note", "备注"),
    AUDIENCE,
];

const REGION: &[Column<'static>] = &[
    needed("code", "区划代码"),
    needed("name", "名称"),
    needed("level", "级次"),
    needed("parent_code", "上级代码"),
    needed("mof_div_code", "财政区划代码"),
    needed("kind", "类型"),
    needed("alias_codes", "曾用代码"),
    optional("valid_from", "启用日期"),
    optional("valid_to", "停用日期"),
    optional("note", "备注"),
    AUDIENCE,
];

/// Reads the entries of a catalog.
///
/// `indicators`, `experts` and `regions` are validated; in any other catalog the first column is the key. A column
/// `audience` says whom each entry is for (`*`, `-` or a division code); without it everyone gets all entries, but
/// for experts, whose share scope decides. `rules` and `collections` are not tables: see
/// [`entry_from_toml`](super::entry_from_toml).
#[must_use]
pub fn entries(catalog: &str, table: &Table) -> Intake<DraftEntry> {
    match catalog {
        "indicators" => typed(table, INDICATOR, "code", indicator),
        "experts" => typed(table, EXPERT, "expert_id", expert),
        "regions" => typed(table, REGION, "code", region),
        "rules" | "collections" => {
            let expected = Words::new("一个 TOML 文件一条", "one TOML file for each entry");
            let (column, found) = (String::new(), catalog.to_owned());
            Intake::refused(vec![Problem { file: table.name.clone(), line: 0, column, found, expected }])
        }
        _ => plain(table),
    }
}

/// The columns of a catalog that has a type, by name and the trade's word; none for any other.
pub fn columns(catalog: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    column_facts(catalog).map(|(name, word, _)| (name, word))
}

/// The same, and whether each must be there.
pub fn column_facts(catalog: &str) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let columns = match catalog {
        "indicators" => INDICATOR,
        "experts" => EXPERT,
        "regions" => REGION,
        _ => &[],
    };
    columns.iter().map(Column::facts)
}

/// Reads the rows of a catalog that has a type.
fn typed<T: Serialize>(
    table: &Table,
    columns: &[Column<'_>],
    key_column: &str,
    read: impl Fn(&mut Cells<'_>) -> Option<(T, Audience)>,
) -> Intake<DraftEntry> {
    let sheet = match Sheet::open(table, columns) {
        Ok(sheet) => sheet,
        Err(problems) => return Intake::refused(problems),
    };
    let extra: Vec<(usize, &str)> = sheet.extra().collect();
    let mut seen = BTreeMap::new();
    sheet.read(|cells| {
        let key = cells.key(key_column);
        cells.unique(key_column, key.clone(), &mut seen);
        let stated = cells.audience("audience");
        let (value, audience) = read(cells)?;
        let Ok(Value::Object(mut body)) = serde_json::to_value(&value) else { return None };
        body.extend(extra.iter().map(|(index, title)| ((*title).to_owned(), Value::from(cells.cell(*index)))));
        Some(DraftEntry { key, audience: stated.unwrap_or(audience), body: Value::Object(body).to_string() })
    })
}

/// Reads the rows of a catalog that this version has no type for.
fn plain(table: &Table) -> Intake<DraftEntry> {
    let Some(key_column) = table.header.iter().find(|title| !title.is_empty()) else {
        let expected = Words::new("列名", "column names");
        let (column, found) = (String::new(), String::new());
        return Intake::refused(vec![Problem { file: table.name.clone(), line: 1, column, found, expected }]);
    };
    let columns = [needed(key_column, key_column), AUDIENCE];
    let sheet = match Sheet::open(table, &columns) {
        Ok(sheet) => sheet,
        Err(problems) => return Intake::refused(problems),
    };
    let extra: Vec<(usize, &str)> = sheet.extra().collect();
    let mut seen = BTreeMap::new();
    sheet.read(|cells| {
        let key = cells.key(key_column);
        cells.unique(key_column, key.clone(), &mut seen);
        let audience = cells.audience("audience").unwrap_or(Audience::Everyone);
        let mut body: Map<String, Value> =
            extra.iter().map(|(index, title)| ((*title).to_owned(), Value::from(cells.cell(*index)))).collect();
        body.insert(key_column.clone(), Value::from(key.as_str()));
        Some(DraftEntry { key, audience, body: Value::Object(body).to_string() })
    })
}

fn indicator(cells: &mut Cells<'_>) -> Option<(Indicator, Audience)> {
    let name = cells.required("name");
    cells.levels();
    cells.directions();
    let agg_method = Aggregation::from_word(cells.raw("agg_method"));
    if agg_method.is_none() {
        let words = Aggregation::ALL.map(Aggregation::word).join("、");
        cells.problem("agg_method", Words::new(format!("{words}之一"), format!("one of {words}")));
    }
    let is_common = cells.flag("is_common", "2");
    let indicator = Indicator {
        code: cells.code("code"),
        department: cells.code("department"),
        domain: cells.code("domain"),
        level1: cells.code("level1"),
        level2: cells.code("level2"),
        name,
        definition: cells.text("definition"),
        formula: cells.text("formula"),
        nature: cells.code("nature"),
        unit: cells.code("unit"),
        direction: cells.code("direction"),
        rule_type: cells.code("rule_type"),
        rule_params: cells.code("rule_params"),
        scoring_rule: cells.text("scoring_rule"),
        typical_target: cells.text("typical_target"),
        target_basis: cells.code("target_basis"),
        data_source: cells.text("data_source"),
        applicable_level: cells.code("applicable_level"),
        agg_method: agg_method?,
        is_common,
    };
    Some((indicator, Audience::Everyone))
}

fn expert(cells: &mut Cells<'_>) -> Option<(Expert, Audience)> {
    let display_name = cells.required("display_name");
    let base_region = cells.region("base_region");
    let expert = Expert {
        expert_id: cells.code("expert_id"),
        display_name,
        primary_field: cells.code("primary_field"),
        other_fields: cells.text("other_fields"),
        specialty: cells.text("specialty"),
        title: cells.code("title"),
        years_in_field: cells.whole("years_in_field"),
        org_type: cells.code("org_type"),
        org_ref: cells.code("org_ref"),
        base_region: base_region?,
        share_scope: cells.code("share_scope"),
        avoid_orgs: cells.text("avoid_orgs"),
        avoid_regions: cells.text("avoid_regions"),
        term_start: cells.date("term_start"),
        term_end: cells.date("term_end"),
        status: cells.code("status"),
        tasks_this_year: cells.whole("tasks_this_year"),
        max_tasks_per_year: cells.whole("max_tasks_per_year"),
        last_assigned: cells.date("last_assigned"),
        last_review_score: cells.number("last_review_score", 0, 100),
        contact_ref: cells.code("contact_ref"),
        version: cells.whole("version"),
        note: cells.text("note"),
    };
    let audience = match expert.audience() {
        Ok(audience) => audience,
        Err(doubt) if cells.raw("audience").trim().is_empty() => {
            let zh = format!("全市共享、本县及乡镇或仅市级（{}）", doubt.say(Lang::Zh));
            let en = format!("全市共享，本县及乡镇 or 仅市级 ({})", doubt.say(Lang::En));
            cells.warn("share_scope", Words::new(zh, en));
            Audience::PublisherOnly
        }
        Err(_) => Audience::PublisherOnly,
    };
    Some((expert, audience))
}

fn region(cells: &mut Cells<'_>) -> Option<(Region, Audience)> {
    let code = cells.region("code");
    let parent_code = cells.region("parent_code");
    let name = cells.required("name");
    if let (Some(code), Some(parent)) = (&code, &parent_code)
        && (code == parent || !code.within(parent))
    {
        let zh = format!("{code} 的上级代码");
        cells.warn("parent_code", Words::new(zh, format!("a code that {code} lies within")));
    }
    let aliases = cells.raw("alias_codes").split([';', '；', '、', ',', '，']).map(str::trim);
    let aliases: Result<Vec<RegionCode>, _> = aliases.filter(|alias| !alias.is_empty()).map(RegionCode::new).collect();
    if aliases.is_err() {
        let expected = Words::new("区划代码，用分号隔开，或不填", "division codes separated by semicolons, or blank");
        cells.problem("alias_codes", expected);
    }
    let mof_div_code = cells.identifier("mof_div_code");
    let region = Region {
        code: code?,
        name,
        level: cells.code("level"),
        parent_code: parent_code?,
        mof_div_code,
        kind: cells.code("kind"),
        alias_codes: aliases.ok()?,
        valid_from: cells.date("valid_from").map(|day| day.to_string()),
        valid_to: cells.date("valid_to").map(|day| day.to_string()),
        note: cells.text("note"),
    };
    Some((region, Audience::Everyone))
}
