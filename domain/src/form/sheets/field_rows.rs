//! 字段 and 选项: what is asked, and what may be chosen. Formulas are read once all fields are known.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{named, or_blank, title_of, word, yes};
use super::names::{Names, listed, one_of_list};
use super::{Line, Lines, Told, notation, written};
use crate::form::{Choice, Definition, Field, Flow, FlowLevel, Kind, Leaving};
use crate::intake::Words;
use crate::lang::Lang;

/// Choices by the name of their group.
pub(super) type Groups = BTreeMap<String, Vec<Choice>>;

/// The fields as rows, those of a table behind it.
pub(super) fn write(definition: &Definition) -> Vec<Vec<String>> {
    let groups = groups(definition);
    let names = Names::new(&definition.fields);
    let mut rows = Vec::new();
    for field in &definition.fields {
        let group = |place: &str| groups.get(place).map(String::as_str).unwrap_or_default();
        rows.push(row(String::new(), field, group(&field.name), names, definition));
        for inner in &field.fields {
            let group = group(&format!("{}.{}", field.name, inner.name));
            rows.push(row(names.write(&field.name), inner, group, names.inside(&field.name), definition));
        }
    }
    rows
}

fn row(of: String, field: &Field, group: &str, names: Names<'_>, definition: &Definition) -> Vec<String> {
    let states = definition.flow.states.iter().map(|state| (state.name.as_str(), state.title.as_str()));
    let fill: Vec<String> = field.fill.iter().map(|name| one_of_list(&title_of(name, states.clone()))).collect();
    let leaves: Vec<&str> = field.leaves.iter().map(|leaving| leaving.text(Lang::Zh)).collect();
    vec![
        of,
        field.name.clone(),
        field.title.clone(),
        field.english.clone(),
        field.kind.text(Lang::Zh).to_owned(),
        yes(field.required),
        field.unit.clone(),
        or_blank(field.places),
        or_blank(field.least),
        or_blank(field.most),
        or_blank(field.longest),
        group.to_owned(),
        field.of.clone(),
        field.hint.clone(),
        field.derived.as_ref().map(|tree| written::expression(tree, names)).unwrap_or_default(),
        field.when.as_ref().map(|tree| written::condition(tree, names)).unwrap_or_default(),
        field.from.clone(),
        field.level.as_ref().map(|level| level.text(Lang::Zh).to_owned()).unwrap_or_default(),
        fill.join("、"),
        yes(field.personal),
        leaves.join("、"),
        field.role.clone(),
        yes(field.retired),
    ]
}

/// What the choices of each field are called as a group, by the field's place: its title, if that is enough.
fn groups(definition: &Definition) -> BTreeMap<String, String> {
    let mut taken = BTreeSet::new();
    let mut groups = BTreeMap::new();
    for (place, field) in definition.places().filter(|(_, field)| !field.choices.is_empty()) {
        let title = Some(&field.title).filter(|title| !taken.contains(*title) && !title.is_empty());
        let group = title.unwrap_or(&place).clone();
        taken.insert(group.clone());
        groups.insert(place, group);
    }
    groups
}

/// The choices as rows.
pub(super) fn write_choices(definition: &Definition) -> Vec<Vec<String>> {
    let groups = groups(definition);
    let mut rows = Vec::new();
    for (place, field) in definition.places() {
        let Some(group) = groups.get(&place) else { continue };
        let row = |choice: &Choice| vec![group.clone(), choice.code.clone(), choice.text.clone(), yes(choice.retired)];
        rows.extend(field.choices.iter().map(row));
    }
    rows
}

/// Reads the choices. One without a code of its own is kept as what people read.
pub(super) fn read_choices(lines: &Lines<'_>, told: &mut Told) -> Groups {
    let mut groups = Groups::new();
    for line in &lines.0 {
        let (group, text) = (told.needed(line, "组名"), told.needed(line, "名称"));
        let code = Some(line.get("编码")).filter(|code| !code.is_empty()).unwrap_or(&text).to_owned();
        let retired = told.flag(line, "停用");
        groups.entry(group).or_default().push(Choice { code, text, retired });
    }
    groups
}

/// Where a row went: the number of the field, or of the table and of the field in it.
type At = (usize, Option<usize>);

/// Reads the fields.
pub(super) fn read(lines: &Lines<'_>, groups: &Groups, flow: &Flow, told: &mut Told) -> Vec<Field> {
    let names = lines.names("名称", "f");
    let (mut fields, mut places) = single(lines, &names, groups, flow, told);
    for (line, name) in lines.0.iter().zip(&names) {
        let table = listed(line.get("所属明细表")).concat();
        if table.is_empty() {
            continue;
        }
        let field = one(line, name, groups, flow, told);
        let found = Names::new(&fields).read(&table);
        let found = told
            .read(line, "所属明细表", found)
            .and_then(|table| fields.iter().position(|field| field.name == table && field.kind == Kind::Rows));
        let Some((at, rows)) = found.and_then(|at| Some((at, fields.get_mut(at)?))) else {
            told.at(
                line,
                "所属明细表",
                Words::new("类型为明细表的字段的中文名", "the title of a field of the kind 明细表"),
            );
            continue;
        };
        places.push((*line, (at, Some(rows.fields.len()))));
        rows.fields.push(field);
    }
    trees(&mut fields, &places, told);
    fields
}

/// The fields that stand in no table, and where each row of theirs went.
fn single<'a>(
    lines: &Lines<'a>,
    names: &[String],
    groups: &Groups,
    flow: &Flow,
    told: &mut Told,
) -> (Vec<Field>, Vec<(Line<'a>, At)>) {
    let (mut fields, mut places) = (Vec::new(), Vec::new());
    for (line, name) in lines.0.iter().zip(names).filter(|(line, _)| line.get("所属明细表").is_empty()) {
        places.push((*line, (fields.len(), None)));
        fields.push(one(line, name, groups, flow, told));
    }
    (fields, places)
}

/// Reads what the cells of 计算 and 显示条件 say, now that every title is known.
fn trees(fields: &mut [Field], places: &[(Line<'_>, At)], told: &mut Told) {
    let known = fields.to_vec();
    for (line, (at, inner)) in places {
        let Some(field) = fields.get_mut(*at) else { continue };
        let (field, names) = match inner {
            None => (Some(field), Names::new(&known)),
            Some(inner) => {
                let names = Names::new(&known).inside(&field.name);
                (field.fields.get_mut(*inner), names)
            }
        };
        let Some(field) = field else { continue };
        let (derived, when) = (line.get("计算"), line.get("显示条件"));
        if !derived.is_empty() {
            field.derived = told.read(line, "计算", notation::expression(derived, names));
        }
        if !when.is_empty() {
            field.when = told.read(line, "显示条件", notation::condition(when, names));
        }
    }
}

fn one(line: &Line<'_>, name: &str, groups: &Groups, flow: &Flow, told: &mut Told) -> Field {
    let title = told.needed(line, "中文名");
    let kind = told.read(line, "类型", word!(Kind, line.get("类型"))).unwrap_or(Kind::Line);
    let level = line.get("填报层级");
    let level = if level.is_empty() { None } else { told.read(line, "填报层级", word!(FlowLevel, level)) };
    let states = flow.states.iter().map(|state| (state.name.as_str(), state.title.as_str()));
    let fill = listed(line.get("可填状态"));
    let fill = fill.iter().filter_map(|state| told.read(line, "可填状态", named(state, states.clone()))).collect();
    let leaves = listed(line.get("可归集"));
    let leaves = leaves.iter().filter_map(|word| told.read(line, "可归集", word!(Leaving, word))).collect();
    Field {
        english: line.get("英文名").to_owned(),
        required: told.flag(line, "必填"),
        unit: line.get("单位").to_owned(),
        hint: line.get("填写说明").to_owned(),
        places: told.number(line, "小数位", "整数，例如 2", "a whole number such as 2"),
        least: told.number(line, "最小", "数字", "a number"),
        most: told.number(line, "最大", "数字", "a number"),
        longest: told.number(line, "最长", "整数（文本的字数或明细表的行数）", "a whole number"),
        choices: choices(line, groups, told),
        of: line.get("引用").to_owned(),
        from: line.get("自动带出").to_owned(),
        level,
        fill,
        personal: told.flag(line, "个人信息"),
        leaves,
        retired: told.flag(line, "停用"),
        role: line.get("角色").to_owned(),
        ..Field::new(name, &title, kind)
    }
}

/// The choices of a field: a group of 选项, or the choices themselves one after another.
fn choices(line: &Line<'_>, groups: &Groups, told: &mut Told) -> Vec<Choice> {
    let cell = line.get("选项");
    if cell.is_empty() {
        return Vec::new();
    }
    if let Some(group) = groups.get(cell) {
        return group.clone();
    }
    let written = listed(cell);
    if written.len() < 2 {
        let expected = Words::new(
            "“选项”工作表里的组名，或用顿号分开的几个选项",
            "a group of 选项, or choices with 、 between them",
        );
        told.at(line, "选项", expected);
    }
    written.into_iter().map(|text| Choice { code: text.clone(), text, retired: false }).collect()
}
