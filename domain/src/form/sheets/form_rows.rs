//! 表单: what the form is, a label and what it says on each line. 校验: what is looked at in a document.

use super::cells::{or_blank, word, yes};
use super::columns::{CONTENT, LABEL};
use super::layout_rows::several_of;
use super::names::{Names, listed, one_of_list};
use super::{Line, Lines, Told, notation, written};
use crate::digest::Digest;
use crate::form::{
    Check, Consequence, Definition, Field, Flow, KeptAs, Kind, Layout, List, MoneyUnit, Per, Subject, SubjectOf, Years,
};
use crate::intake::Words;
use crate::lang::Lang;

/// Behind a field's title in 排序: the last first.
const BACKWARDS: [&str; 2] = ["倒序", "降序"];

/// The labels and what they say.
pub(super) fn write(definition: &Definition) -> Vec<Vec<String>> {
    let names = Names::new(&definition.fields);
    let (layout, list) = (&definition.layout, &definition.list);
    let order = match list.sorted_by() {
        Some((name, true)) => format!("{} {}", names.write(name), BACKWARDS[0]),
        Some((name, false)) => names.write(name),
        None => String::new(),
    };
    let mut lines = vec![
        ("编码", definition.code.clone()),
        ("表名", definition.title.clone()),
        ("英文名", definition.english.clone()),
        ("阶段", definition.stage.clone()),
    ];
    lines.extend(definition.kept_as.iter().map(|kept| ("沿用单据", kept.text(Lang::Zh).to_owned())));
    lines.extend(definition.basis.iter().map(|basis| ("依据", basis.clone())));
    lines.extend([
        ("适用年度起", or_blank(definition.years.from)),
        ("适用年度止", or_blank(definition.years.to)),
        ("填报对象", definition.subject.of.text(Lang::Zh).to_owned()),
        ("填报频次", definition.subject.per.text(Lang::Zh).to_owned()),
        ("可填多份", yes(definition.subject.several)),
        ("填表说明", definition.help.clone()),
        ("金额单位", layout.money.text(Lang::Zh).to_owned()),
        ("纸张方向", if layout.portrait { "纵向" } else { "横向" }.to_owned()),
        ("每行栏数", layout.pairs.to_string()),
        ("签字栏", layout.signatures.iter().map(|one| one_of_list(one)).collect::<Vec<_>>().join("、")),
        ("列表列", super::layout_rows::joined(&list.columns, names)),
        ("筛选", super::layout_rows::joined(&list.filters, names)),
        ("排序", order),
    ]);
    lines.into_iter().map(|(label, content)| vec![label.to_owned(), content]).collect()
}

/// Reads what the form is, and puts it together with its fields and its flow.
pub(super) fn read(lines: &Lines<'_>, fields: Vec<Field>, flow: Flow, told: &mut Told) -> Definition {
    let mut form = Definition {
        code: String::new(),
        kept_as: None,
        title: String::new(),
        english: String::new(),
        stage: String::new(),
        basis: Vec::new(),
        help: String::new(),
        years: Years::default(),
        subject: Subject::default(),
        fields,
        checks: Vec::new(),
        flow,
        layout: Layout::default(),
        list: List::default(),
    };
    for line in lines.0.iter().filter(|line| !line.get(CONTENT).is_empty()) {
        if !of_form(line, &mut form, told) && !of_sheet(line, &mut form, told) {
            let expected = Words::new("本表已有的项目", "a label that is known");
            told.at(line, LABEL, expected);
        }
    }
    if form.title.is_empty() {
        told.of_sheet("表单", "", Words::new("有一行“表名”", "a line 表名"));
    }
    if form.code.is_empty() {
        form.code = format!("form_{}", Digest::of(form.title.as_bytes()).short());
    }
    form
}

fn of_form(line: &Line<'_>, form: &mut Definition, told: &mut Told) -> bool {
    let content = line.get(CONTENT);
    let year = |told: &mut Told| told.number(line, CONTENT, "四位年度，例如 2026", "a year such as 2026");
    match line.get(LABEL) {
        "编码" => content.clone_into(&mut form.code),
        "沿用单据" => form.kept_as = told.read(line, CONTENT, word!(KeptAs, content)),
        "表名" => content.clone_into(&mut form.title),
        "英文名" => content.clone_into(&mut form.english),
        "阶段" => content.clone_into(&mut form.stage),
        "依据" => form.basis.extend(content.lines().map(|basis| basis.trim().to_owned())),
        "填表说明" => content.clone_into(&mut form.help),
        "适用年度起" => form.years.from = year(told),
        "适用年度止" => form.years.to = year(told),
        "填报对象" => {
            let read = told.read(line, CONTENT, word!(SubjectOf, content));
            form.subject.of = read.unwrap_or(SubjectOf::Nothing);
        }
        "填报频次" => form.subject.per = told.read(line, CONTENT, word!(Per, content)).unwrap_or(Per::Once),
        "可填多份" => form.subject.several = told.flag(line, CONTENT),
        _ => return false,
    }
    true
}

fn of_sheet(line: &Line<'_>, form: &mut Definition, told: &mut Told) -> bool {
    let content = line.get(CONTENT);
    let names = Names::new(&form.fields);
    let several = |told: &mut Told| {
        several_of(content, names).into_iter().filter_map(|read| told.read(line, CONTENT, read)).collect::<Vec<_>>()
    };
    match line.get(LABEL) {
        "金额单位" => {
            let read = told.read(line, CONTENT, word!(MoneyUnit, content));
            form.layout.money = read.unwrap_or(MoneyUnit::Yuan);
        }
        "纸张方向" => match content {
            "纵向" => form.layout.portrait = true,
            "横向" => form.layout.portrait = false,
            _ => told.at(line, CONTENT, Words::new("横向 或 纵向", "横向 or 纵向")),
        },
        "每行栏数" => {
            let pairs = told.number(line, CONTENT, "1、2 或 3", "1, 2 or 3");
            form.layout.pairs = pairs.unwrap_or(form.layout.pairs);
        }
        "签字栏" => form.layout.signatures.extend(listed(content)),
        "列表列" => form.list.columns.extend(several(told)),
        "筛选" => form.list.filters.extend(several(told)),
        "排序" => {
            let back = BACKWARDS.iter().find_map(|word| content.strip_suffix(word));
            let name = listed(back.unwrap_or(content)).concat();
            let name = told.read(line, CONTENT, names.read(&name)).unwrap_or_default();
            form.list.order = if back.is_some() { format!("-{name}") } else { name };
        }
        _ => return false,
    }
    true
}

/// The checks as rows.
pub(super) fn write_checks(definition: &Definition) -> Vec<Vec<String>> {
    let document = Names::new(&definition.fields);
    let field = |name: &str, names: Names<'_>| if name.is_empty() { String::new() } else { names.write(name) };
    let row = |check: &Check| {
        let names = document.inside(&check.each);
        vec![
            check.name.clone(),
            written::condition(&check.when, names),
            check.then.text(Lang::Zh).to_owned(),
            check.says.clone(),
            field(&check.at, names),
            field(&check.each, document),
            field(&check.reason, names),
        ]
    };
    definition.checks.iter().map(row).collect()
}

/// Reads the checks.
pub(super) fn read_checks(lines: &Lines<'_>, fields: &[Field], told: &mut Told) -> Vec<Check> {
    let names = lines.names("名称", "c");
    lines.0.iter().zip(names).filter_map(|(line, name)| check(line, name, Names::new(fields), told)).collect()
}

fn check(line: &Line<'_>, name: String, document: Names<'_>, told: &mut Told) -> Option<Check> {
    let each = field(line, "逐行", document, told);
    if document.field(&each).is_some_and(|field| field.kind != Kind::Rows) {
        told.at(line, "逐行", Words::new("明细表的中文名", "the title of rows"));
    }
    let names = document.inside(&each);
    let at = field(line, "定位字段", names, told);
    let reason = field(line, "原因字段", names, told);
    let says = told.needed(line, "提示语");
    let then = told.read(line, "处理", word!(Consequence, line.get("处理")));
    let when = told.read(line, "条件", notation::condition(line.get("条件"), names));
    Some(Check { name, when: when?, then: then?, says, at, each, reason })
}

/// A cell that may name a field.
fn field(line: &Line<'_>, column: &str, names: Names<'_>, told: &mut Told) -> String {
    let name = listed(line.get(column)).concat();
    if name.is_empty() { name } else { told.read(line, column, names.read(&name)).unwrap_or_default() }
}
