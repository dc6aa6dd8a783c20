//! The fields of a project's form, under the names of the columns that files have: the checks of files are those of the
//! form, and their findings are put beside the field they are about.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_console::web::{Choice, Field, Fields};
use tongpin_domain::intake::{Problem, Table, TableRow};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::project::Project;
use tongpin_domain::vocabulary;

use crate::guidance::Fund;

/// A column: its name, its words, and how it should look.
struct Part {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    hint: (&'static str, &'static str),
}

const fn part(name: &'static str, zh: &'static str, en: &'static str, hint: (&'static str, &'static str)) -> Part {
    Part { name, zh, en, hint }
}

const NONE: (&str, &str) = ("", "");
const YUAN: (&str, &str) = ("单位：元，如 5500000.00；也可写 550万", "in yuan, such as 5500000.00");

/// What the project is.
const HEAD: [Part; 9] = [
    part("project_name", "项目名称", "Name", NONE),
    part("fiscal_year", "年度", "Year", ("四位年份，如 2024", "four digits such as 2024")),
    part(
        "region_code",
        "区划代码",
        "Division",
        ("本级辖区内的 6 位或 9 位代码", "6 or 9 digits, within this division"),
    ),
    part("township_code", "乡镇代码", "Township", ("9 位；不涉及乡镇的不填", "9 digits, or blank")),
    part("township_name", "乡镇名称", "Name of the township", NONE),
    part("department", "主管部门", "Department", NONE),
    part("implementing_unit", "实施单位", "Unit", NONE),
    part("func_code", "功能科目编码", "Function code", ("7 位，如 2050299", "7 digits such as 2050299")),
    part("func_name", "功能科目名称", "Function", NONE),
];

const MONEY: [Part; 10] = [
    part("budget_initial", "年初预算数", "Initial budget", YUAN),
    part("carry_over", "上年结转", "Carried over", NONE),
    part("budget_adjust", "预算调整", "Adjusted by", ("调减填负数", "negative for a cut")),
    part(
        "budget_adjusted",
        "全年预算数（A）",
        "The year's budget (A)",
        ("年初预算数 + 上年结转 + 预算调整", "initial + carried over + adjusted"),
    ),
    part("fund_upper", "其中：上级资金", "of it: from above", NONE),
    part("fund_local", "其中：本级资金", "of it: own", NONE),
    part("fund_other", "其中：其他资金", "of it: other", NONE),
    part("arrived", "到位数", "Arrived", NONE),
    part("executed", "全年执行数（B）", "Spent (B)", NONE),
    part(
        "execution_reason",
        "执行率偏低原因",
        "Reason for low execution",
        ("执行率低于规则下限的须填写", "where less was spent than the rules expect"),
    ),
];

/// What can be chosen where there are but a few words.
const CHOICES: [(&str, &str, &str); 3] = [
    ("project_category", "项目类别", "Category"),
    ("project_type", "项目类型", "Kind"),
    ("budget_book", "预算类型", "Budget book"),
];

/// Columns that a file has and the form leaves to the catalogs, or shows elsewhere.
const OTHERS: [&str; 7] =
    ["project_code", "region_name", "mof_div_code", "fund_code", "fund_name", "fund_level", "case_tag"];

/// The form's values by column.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(BTreeMap<&'static str, String>);

fn names() -> impl Iterator<Item = &'static str> {
    let parts = HEAD.iter().chain(&MONEY).map(|part| part.name);
    parts.chain(CHOICES.iter().map(|choice| choice.0)).chain(OTHERS)
}

impl Values {
    /// What was typed; a column that the form does not have stays as it is.
    pub(super) fn typed(&self, fields: &Fields) -> Self {
        let typed = |name: &'static str| fields.all(name).next().map(|value| (name, value.to_owned()));
        let mut values = self.clone();
        values.0.extend(names().filter_map(typed));
        values
    }

    /// A project as it is held.
    pub(super) fn of(project: &Project) -> Self {
        // A record is an object of texts, but for the year and a township that is missing.
        let record = serde_json::to_value(project).unwrap_or_default();
        let text = |name: &'static str| match record.get(name) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        Self(names().map(|name| (name, text(name))).collect())
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        self.0.insert(name, value.to_owned());
    }

    /// Sets what is blank.
    pub(super) fn fill(&mut self, name: &'static str, value: &str) {
        if self.get(name).trim().is_empty() {
            self.set(name, value);
        }
    }

    /// The columns that differ.
    pub(super) fn differing(&self, other: &Self) -> Vec<&'static str> {
        names().filter(|name| self.get(name).trim() != other.get(name).trim()).collect()
    }

    /// A file of this one project.
    pub(super) fn table(&self) -> Table {
        let header: Vec<String> = names().map(str::to_owned).collect();
        let cells = names().map(|name| self.get(name).to_owned()).collect();
        Table { name: String::new(), header, rows: vec![TableRow { line: 2, cells }] }
    }
}

/// What is wrong or doubtful, by column.
#[derive(Debug, Default)]
pub(super) struct FieldProblems(BTreeMap<String, String>);

impl FieldProblems {
    pub(super) fn of(problems: &[Problem], lang: Lang) -> Self {
        let mut found = BTreeMap::new();
        for problem in problems {
            let expected = problem.expected.say(lang);
            let text: &mut String = found.entry(problem.column.clone()).or_default();
            if !text.is_empty() {
                text.push_str(lang.pick("；", "; "));
            }
            text.push_str(lang.pick("应为：", "expected: "));
            text.push_str(&expected);
        }
        Self(found)
    }

    pub(super) fn add(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), text.to_owned());
    }

    pub(super) fn at(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What people call a column.
pub(super) fn label(name: &str, lang: Lang) -> &str {
    let parts = HEAD.iter().chain(&MONEY).map(|part| (part.name, part.zh, part.en));
    let choices = CHOICES.iter().map(|(name, zh, en)| (*name, *zh, *en));
    let others = [
        ("project_code", "项目代码", "Code"),
        ("region_name", "区划名称", "Name of the division"),
        ("mof_div_code", "财政区划代码", "Finance division"),
        ("fund_code", "专项资金代码", "Code of the fund"),
        ("fund_name", "专项资金名称", "Name of the fund"),
        ("fund_level", "资金级次", "Level of the fund"),
    ];
    let found = parts.chain(choices).chain(others).find(|(column, _, _)| *column == name);
    found.map_or(name, |(_, zh, en)| lang.pick(zh, en))
}

/// The boxes to fill in. The code of a project that exists is not changed.
pub(super) fn draw(values: &Values, found: &FieldProblems, funds: &[Fund], new: bool, lang: Lang) -> Markup {
    let field = |part: &Part| {
        let (label, hint) = (lang.pick(part.zh, part.en), lang.pick(part.hint.0, part.hint.1));
        let (value, error) = (values.get(part.name), found.at(part.name));
        Field { name: part.name, label, value, hint, error, ..Field::default() }.draw()
    };
    let code = part(
        "project_code",
        "项目代码",
        "Code",
        ("预算管理一体化系统给出的代码；保存后不能修改", "as the budget platform gave it; it cannot be changed later"),
    );
    html! {
        h2 { (lang.pick("基本信息", "About")) }
        @if new { (field(&code)) }
        @else { p { (lang.pick("项目代码：", "Code: ")) strong { (values.get("project_code")) } } }
        @for part in &HEAD { (field(part)) }
        @for (name, zh, en) in CHOICES { (choice(name, lang.pick(zh, en), values, found)) }
        h2 { (lang.pick("资金来源", "Fund")) }
        (fund(values, found, funds, lang))
        (field(&part("fund_name", "专项资金名称", "Name of the fund",
            ("上级资金目录中有的，按代码自动填写", "filled in by the code where the city's catalog has it"))))
        (choice("fund_level", lang.pick("资金级次", "Level of the fund"), values, found))
        h2 { (lang.pick("金额", "Money")) }
        @for part in &MONEY { (field(part)) }
    }
}

fn choice(name: &'static str, label: &str, values: &Values, found: &FieldProblems) -> Markup {
    let blank = std::iter::once((String::new(), "—".to_owned()));
    let words = vocabulary::choices(name).iter().map(|word| ((*word).to_owned(), (*word).to_owned()));
    let options: Vec<(String, String)> = blank.chain(words).collect();
    Choice { name, label, options: &options, value: values.get(name), hint: "", error: found.at(name) }.draw()
}

/// The fund's code: one of the city's, or any other.
fn fund(values: &Values, found: &FieldProblems, funds: &[Fund], lang: Lang) -> Markup {
    let error = found.at("fund_code");
    let described = if error.is_empty() { "fund_code-hint" } else { "fund_code-hint fund_code-error" };
    html! {
        div.field {
            label for="fund_code" { (lang.pick("专项资金代码", "Code of the fund")) }
            input id="fund_code" name="fund_code" value=(values.get("fund_code")) list="funds" autocomplete="off"
                aria-describedby=(described) aria-invalid=[(!error.is_empty()).then_some("true")];
            datalist id="funds" {
                @for fund in funds { option value=(fund.code) { (fund.code) " " (fund.name) } }
            }
            p.hint id="fund_code-hint" {
                (lang.pick("可从上级资金目录中选，也可自行填写", "one of the city's catalog, or any other"))
            }
            @if !error.is_empty() { p.error id="fund_code-error" { (error) } }
        }
    }
}
