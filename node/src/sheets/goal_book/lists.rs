//! What can be chosen in the form's cells, and the sheets behind it: the words of the trade, the scoring methods of the
//! project's year, the units and indicators of the library, and how the form is filled in.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, DataValidationRule, Formula, Workbook, Worksheet};
use tongpin_console::workbook::{self, Heading, TableSheet, WriteError};
use tongpin_domain::form::{Definition, Kind};
use tongpin_domain::indicator::Indicator;
use tongpin_domain::rules::{FormulaCode, RuleSet};

use super::{CODE, Head, LEVEL1, LEVEL2, METHOD, NAME, NATURE, UNIT, WEIGHT};
use crate::sheets::template;

/// The hidden sheet with methods and units.
const CHOICES: &str = "选项";

/// A method as people read it, with the word that rules and records call it by: `比例法（PROP_UP）`.
pub(super) fn method_label(rules: Option<&RuleSet>, word: &str) -> String {
    let formula = match rules {
        Some(rules) => rules.formulas.get(word.trim()).map(|rule| rule.formula),
        None => FormulaCode::ALL.into_iter().find(|formula| formula.code() == word.trim()),
    };
    formula.map_or_else(|| word.trim().to_owned(), |formula| format!("{}（{}）", formula.chinese(), word.trim()))
}

/// The word of a method that was chosen or typed.
pub(super) fn method_word(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_suffix('）').and_then(|rest| rest.rsplit_once('（')).map(|(_, word)| word.trim());
    inner.filter(|word| !word.is_empty()).unwrap_or(text)
}

/// The methods that can be chosen.
fn methods(rules: Option<&RuleSet>) -> Vec<String> {
    match rules {
        Some(rules) => rules.formulas.keys().map(|word| method_label(Some(rules), word)).collect(),
        None => FormulaCode::ALL.iter().map(|formula| method_label(None, formula.code())).collect(),
    }
}

fn units<'a>(library: &[&'a Indicator]) -> BTreeSet<&'a str> {
    library.iter().map(|it| it.unit.trim()).filter(|unit| !unit.is_empty()).collect()
}

/// Puts the drop-downs to the cells of fields that have choices.
pub(super) fn offer_fields(page: &mut Worksheet, head: &Head<'_>) -> Result<(), WriteError> {
    for (field, row, (column, _)) in head.places().filter(|(field, ..)| field.is_typed()) {
        let choices: Vec<&str> = match field.kind {
            Kind::OneOf => field.choices.iter().filter(|one| !one.retired).map(|one| one.text.as_str()).collect(),
            Kind::YesNo => vec!["是", "否"],
            _ => continue,
        };
        page.add_data_validation(row, column, row, column, &DataValidation::new().allow_list_strings(&choices)?)?;
    }
    Ok(())
}

/// Puts the drop-downs to the cells of the lines.
pub(super) fn offer(
    page: &mut Worksheet,
    (first, last): (u32, u32),
    rules: Option<&RuleSet>,
    library: &[&Indicator],
) -> Result<(), WriteError> {
    let named = [(LEVEL1, "level1"), (LEVEL2, "level2"), (NATURE, "nature"), (NAME, "name"), (CODE, "indicator_code")];
    for (at, field) in named.into_iter().filter_map(|(at, name)| Some((at, Definition::of_lines().field(name)?))) {
        if let Some(choices) = template::choices(field, library.len())? {
            put(page, (first, last), at, &choices)?;
        }
    }
    let listed = |column: char, count: usize| {
        let list = Formula::new(format!("={CHOICES}!${column}$2:${column}${}", count + 1));
        DataValidation::new().allow_list_formula(list)
    };
    let choices = listed('A', methods(rules).len());
    let choices = choices.set_error_title("计分方法")?.set_error_message("请从下拉列表中选一种计分方法")?;
    put(page, (first, last), METHOD, &choices)?;
    let units = units(library).len();
    if units > 0 {
        // A unit that the library does not have is nothing wrong.
        let choices = listed('B', units).set_error_style(DataValidationErrorStyle::Information);
        put(page, (first, last), UNIT, &choices)?;
    }
    let weights = DataValidation::new()
        .allow_decimal_number(DataValidationRule::Between(0.0, 100.0))
        .set_error_title("权重")?
        .set_error_message("请填 0 到 100 的分值，如 15")?;
    put(page, (first, last), WEIGHT, &weights)
}

fn put(page: &mut Worksheet, (first, last): (u32, u32), at: usize, choices: &DataValidation) -> Result<(), WriteError> {
    let column = u16::try_from(at).unwrap_or_default();
    page.add_data_validation(first, column, last, column, choices)?;
    Ok(())
}

/// Lays the sheets behind the form.
pub(super) fn lay(
    workbook: &mut Workbook,
    definition: &Definition,
    rules: Option<&RuleSet>,
    library: &[&Indicator],
) -> Result<(), WriteError> {
    let heads = ["内容", "怎样填"].map(|name| Heading { name, number: false });
    let hinted = definition.fields.iter().filter(|field| field.is_typed() && !field.hint.is_empty());
    let hints = hinted.map(|field| vec![field.title.clone(), field.hint.clone()]);
    let row = |row: &[&str; 2]| row.map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = ABOVE.iter().map(row).chain(hints).chain(GUIDE.iter().map(row)).collect();
    let guide = TableSheet { title: "填表说明", columns: &heads, rows: &rows, open: false };
    workbook::lay(workbook.add_worksheet(), &guide)?;

    let (methods, units) = (methods(rules), units(library));
    let columns = ["计分方法", "度量单位"].map(|name| Heading { name, number: false });
    let count = methods.len().max(units.len());
    let cells = methods.into_iter().map(Some).chain(std::iter::repeat(None));
    let units = units.into_iter().map(Some).chain(std::iter::repeat(None));
    let rows: Vec<Vec<String>> = cells
        .zip(units)
        .take(count)
        .map(|(method, unit)| vec![method.unwrap_or_default(), unit.unwrap_or_default().to_owned()])
        .collect();
    let sheet = workbook.add_worksheet();
    workbook::lay(sheet, &TableSheet { title: CHOICES, columns: &columns, rows: &rows, open: false })?;
    sheet.set_hidden(true);
    if !library.is_empty() {
        template::lay_library(workbook.add_worksheet(), library)?;
    }
    Ok(())
}

/// How the form is filled in: before its fields.
const ABOVE: [[&str; 2]; 2] = [
    ["黄色单元格", "由单位填写；其余内容取自项目记录，填了也不导入。一格内换行用 Alt+Enter"],
    ["项目代码", "空白模板必须填写，系统中须已有这个项目；导出的申报表不能改"],
];

/// The same of its lines.
const GUIDE: [[&str; 2]; 4] = [
    ["选用指标库中的指标", "在空白行的“指标编码”填代码，再填指标值和权重；其余各列留空，导入时自动取自指标库"],
    ["自设指标", "在空白行填一级指标、三级指标、权重和计分方法，指标编码留空；计分方法从下拉列表中选"],
    ["修改和删除指标", "在原行修改；删除整行或清空整行即为删除。不要整行复制，不要合并单元格，不要写公式"],
    ["空白行不够", "在空白行上插入行"],
];
