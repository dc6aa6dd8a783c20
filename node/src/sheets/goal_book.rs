//! 项目支出绩效目标申报表 as a workbook: the official form with what is held, to be filled in and brought back, and empty as a
//! template. Behind the printed columns it carries what each cell and line is, and what stood there when it was
//! written, so that nobody's later change is lost unseen.

mod filled;
mod lines;
mod lists;
mod rows;

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, Format, FormatBorder, ProtectionOptions, Workbook, Worksheet, XlsxError,
};
use tongpin_console::sheet::amount::stated;
use tongpin_console::sheet::{grid, is_wide, text};
use tongpin_console::workbook::{WriteError, plain_number};
use tongpin_domain::form::{self, Definition, Field, Given, Kind, MoneyUnit, Values};
use tongpin_domain::indicator::Indicator;
use tongpin_domain::lang::Lang;
use tongpin_domain::number::Typed;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::project_form::ProjectForm;
use tongpin_domain::rules::RuleSet;

use crate::sheets::official_form::{self, Looks, UNKNOWN, YUAN, plain, stamp, unified};
use crate::words::method::method;
pub(crate) use filled::{FilledGoal, GoalContext, TakenGoal, find, read};

/// The sheet's name.
pub(crate) const SHEET: &str = "绩效目标申报表";
/// What the hidden column begins with. A form of a later make will say another number.
const MARK: &str = "tongpin-goal-1";
/// What such a mark begins with, whatever the make.
const MAKE: &str = "tongpin-goal-";
/// What stands before the name of a field, before a line's number, and at the rows around the lines.
const FIELD: &str = "goal:";
const LINE: &str = "line:";
const LINES: &str = "lines:";
const END: &str = "end";
/// Beside the cell of the project's code, where that is not [`CODE_AT`].
const CODE_MARK: &str = "code";
/// The heads of the lines.
pub(crate) const HEADS: [&str; 11] = [
    "一级指标",
    "二级指标",
    "三级指标",
    "指标性质",
    "指标值",
    "度量单位",
    "权重",
    "计分方法",
    "计分参数",
    "评分标准",
    "指标编码",
];
const LEVEL1: usize = 0;
const LEVEL2: usize = 1;
const NAME: usize = 2;
const NATURE: usize = 3;
const TARGET: usize = 4;
const UNIT: usize = 5;
const WEIGHT: usize = 6;
const METHOD: usize = 7;
const PARAMS: usize = 8;
/// 评分标准, which follows from the two before it and is not read back.
const STANDARD: usize = 9;
const CODE: usize = 10;
/// The last column that is printed; two hidden ones follow.
const LAST: u16 = 10;
const IDS: u16 = 11;
/// What messages call the project's code.
const CODE_NAME: &str = "项目代码";
/// Where the left and the right values of the head begin.
const LEFT: u16 = 2;
const RIGHT: u16 = 8;
/// The row of the first fields.
const FIELDS_ROW: u32 = 2;
/// Where the project's code stands unless a mark says otherwise.
const CODE_AT: (u32, u16) = (2, RIGHT);
/// Rows that wait to be filled in, behind the lines there are.
const SPARE: u32 = 12;
/// Lines that a form can have: far more than any project, and few enough to be compared with each other.
const MOST_LINES: usize = 500;
/// A sum in 万元, to the fen.
const WAN_TYPED: &str = "0.00####";
/// The columns' widths, in characters.
const WIDTHS: [f64; 11] = [9.0, 13.0, 26.0, 8.0, 12.0, 9.0, 8.0, 20.0, 14.0, 34.0, 14.0];

/// Where the fields of the form stand: two pairs beside one another, below the title, and a text over the whole width.
pub(crate) struct Head<'a> {
    lines: Vec<Vec<&'a Field>>,
}

impl<'a> Head<'a> {
    /// Of a form with what is held of it: a retired field is shown where something stands in it.
    pub(crate) fn of(definition: &'a Definition, given: &BTreeMap<String, Given>) -> Self {
        Self { lines: grid(definition, given, 2) }
    }

    /// Each field with its row and the columns of its value.
    fn places(&self) -> impl Iterator<Item = (&'a Field, u32, (u16, u16))> {
        (FIELDS_ROW..).zip(&self.lines).flat_map(|(row, line)| match line.as_slice() {
            [left, right] => vec![(*left, row, (LEFT, RIGHT - 2)), (*right, row, (RIGHT, LAST))],
            line => line.iter().map(|field| (*field, row, (LEFT, LAST))).collect(),
        })
    }

    /// Where the project's code is typed into an empty form.
    fn code_at(&self) -> (u32, u16) {
        let code = self.places().find(|(field, ..)| field.from == "project.code");
        code.map_or(CODE_AT, |(_, row, (column, _))| (row, column))
    }

    /// The row of the heads of the lines.
    fn head_row(&self) -> u32 {
        FIELDS_ROW.saturating_add(u32::try_from(self.lines.len()).unwrap_or_default())
    }
}

/// What a weight or a method is compared by.
fn weighed(text: &str) -> String {
    Typed::parse(text).number().map_or_else(|| plain(text), |number| number.normalize().to_string())
}

/// What a line says in each column.
fn values(line: &ProjectIndicator) -> [String; 11] {
    let code = line.indicator_code.as_deref().unwrap_or_default();
    let weight = line.weight.normalize().to_string();
    let texts = [
        &line.level1,
        &line.level2,
        &line.name,
        &line.nature,
        line.target.raw(),
        &line.unit,
        &weight,
        &line.rule_type,
        &line.rule_params,
        "",
        code,
    ];
    texts.map(plain)
}

/// Stands for what a field says. An amount is the same however it is written, and blanks around a text say nothing.
fn field_stamp(field: &Field, given: Option<&Given>) -> String {
    stamp(&[text::plain_given(field, given).trim().to_owned()])
}

/// What a form is made of.
pub(crate) struct Paper<'a> {
    pub(crate) project: &'a Project,
    pub(crate) lines: &'a [ProjectIndicator],
    pub(crate) goal: &'a ProjectForm,
    /// What comes from the project and what is calculated.
    pub(crate) values: &'a Values,
    /// Whether what is personal is written: for whoever fills the form in.
    pub(crate) personal: bool,
}

/// Writes the form of a project, or an empty one; the library is what can be chosen from.
///
/// # Errors
/// The form cannot be written.
pub(crate) fn write(
    definition: &Definition,
    paper: Option<&Paper<'_>>,
    rules: Option<&RuleSet>,
    library: &[&Indicator],
) -> Result<Vec<u8>, WriteError> {
    let none = BTreeMap::new();
    let head = Head::of(definition, paper.map_or(&none, |paper| &paper.goal.given));
    let mut workbook = Workbook::new();
    let money = if definition.layout.money == MoneyUnit::Wan { WAN_TYPED } else { YUAN };
    let first = head.head_row().saturating_add(1);
    let mut form = GoalForm { page: workbook.add_worksheet(), looks: Looks::new(money), rules, definition, first };
    form.page.set_name(SHEET)?;
    form.above(paper)?;
    form.fields(&head, paper)?;
    let lines = paper.map_or(&[] as &[ProjectIndicator], |paper| paper.lines);
    form.lines(lines, paper.is_some())?;
    let end = first.saturating_add(u32::try_from(lines.len()).unwrap_or_default()).saturating_add(SPARE);
    form.foot(end)?;
    let lock = ProtectionOptions { insert_rows: true, delete_rows: true, ..ProtectionOptions::default() };
    official_form::page(form.page, &WIDTHS, 2, end + 1, &lock)?;
    form.page.set_print_fit_to_pages(1, 0).set_repeat_rows(head.head_row(), head.head_row())?.set_footer("&C&P / &N");
    lists::offer_fields(form.page, &head)?;
    lists::offer(form.page, (first, end - 1), rules, library)?;
    lists::lay(&mut workbook, definition, rules, library)?;
    Ok(workbook.save_to_buffer()?)
}

/// A form that is being written.
struct GoalForm<'a> {
    page: &'a mut Worksheet,
    looks: Looks,
    rules: Option<&'a RuleSet>,
    definition: &'a Definition,
    /// The row of the first line.
    first: u32,
}

impl GoalForm<'_> {
    fn over(&mut self, row: u32, span: (u16, u16), text: &str, look: &Format) -> Result<(), XlsxError> {
        official_form::over(self.page, row, span, text, look)
    }

    /// Title, year and unit, and what the hidden columns say of the form.
    fn above(&mut self, paper: Option<&Paper<'_>>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        let year = paper.map_or_else(|| "　　".to_owned(), |paper| paper.project.fiscal_year.to_string());
        self.over(0, (0, LAST), &self.definition.title, &looks.title)?;
        self.over(1, (2, 6), &format!("（{year}年度）"), &looks.above)?;
        self.over(1, (RIGHT, LAST), &stated(&self.definition.layout.money, Lang::Zh), &looks.right)?;
        self.page.write_string(0, IDS, MARK)?;
        self.page.write_string(1, IDS, paper.map_or("", |paper| &paper.project.code))?;
        self.page.set_row_height(1, 20)?;
        Ok(())
    }

    /// The fields with their labels: what comes from the project and what is calculated stands there, the rest is to be
    /// filled in. What is personal is masked for whoever does not fill it in.
    fn fields(&mut self, head: &Head<'_>, paper: Option<&Paper<'_>>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        for (field, row, span) in head.places() {
            let label = if span.0 == LEFT { (0, 1) } else { (RIGHT - 1, RIGHT - 1) };
            self.over(row, label, &field.title, &looks.label)?;
            let given = paper.and_then(|paper| paper.goal.given.get(&field.name));
            if field.personal && paper.is_some_and(|paper| !paper.personal) {
                self.over(row, span, given.map_or("", |_| text::MASKED), &looks.text)?;
                continue;
            }
            if !field.is_typed() {
                let value = paper.and_then(|paper| paper.values.get(&field.name));
                let kept = value.map(|value| form::text(field, value));
                self.shown(field, (row, span), &kept.unwrap_or_default(), paper.is_some())?;
                continue;
            }
            let told = given.map(|given| self.told(field, given));
            self.open(field, (row, span), &told.unwrap_or_default())?;
            let was = paper.map(|_| format!("={}", field_stamp(field, given))).unwrap_or_default();
            let at = if span.0 == LEFT { IDS } else { IDS + 1 };
            self.page.write_string(row, at, format!("{FIELD}{}{was}", field.name))?;
        }
        if head.code_at() != CODE_AT {
            let (row, column) = head.code_at();
            self.page.write_string(row, if column == LEFT { IDS } else { IDS + 1 }, CODE_MARK)?;
        }
        Ok(())
    }

    /// What was given as it stands in a cell: an amount that can be read as a number of the sheet's unit.
    fn told(&self, field: &Field, given: &Given) -> String {
        let unit = &self.definition.layout.money;
        match (&field.kind, given) {
            (Kind::Money, Given::One(kept)) => text::told(field, &text::plain(field, kept), unit, Lang::Zh),
            _ => text::told_given(field, given, unit, Lang::Zh),
        }
    }

    /// What comes from the project. The code of an empty form is typed.
    fn shown(
        &mut self,
        field: &Field,
        (row, span): (u32, (u16, u16)),
        kept: &str,
        known: bool,
    ) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        self.page.set_row_height(row, 20)?;
        let told = text::told(field, kept, &self.definition.layout.money, Lang::Zh);
        if field.kind == Kind::Money {
            let missing = if known { UNKNOWN } else { "" };
            return self.amount((row, span), &told, missing, &looks.money);
        }
        let typed = field.from == "project.code" && !known;
        self.over(row, span, &told, if typed { &looks.open } else { &looks.text })
    }

    /// A cell to be filled in.
    fn open(&mut self, field: &Field, (row, span): (u32, (u16, u16)), told: &str) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        if is_wide(field) {
            let told = unified(told);
            self.over(row, span, &told, &looks.open)?;
            self.page.set_row_height(row, official_form::height(&[(&told, 130)]).max(36))?;
            return Ok(());
        }
        self.page.set_row_height(row, 20)?;
        match field.kind {
            Kind::Money => self.amount((row, span), told, "", &looks.open_money),
            _ => self.over(row, span, told, &looks.open),
        }
    }

    /// An amount in the unit of the sheet, as a number if it is one.
    fn amount(
        &mut self,
        (row, (first, last)): (u32, (u16, u16)),
        told: &str,
        missing: &str,
        look: &Format,
    ) -> Result<(), XlsxError> {
        let Some((number, _)) = plain_number(told) else {
            return self.over(row, (first, last), if told.is_empty() { missing } else { told }, look);
        };
        self.page.merge_range(row, first, row, last, "", look)?;
        self.page.write_number_with_format(row, first, number, look)?;
        Ok(())
    }

    fn lines(&mut self, lines: &[ProjectIndicator], held: bool) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        let head_row = self.first - 1;
        for (column, head) in (0u16..).zip(HEADS) {
            self.page.write_string_with_format(head_row, column, head, &looks.label)?;
        }
        let stamps: Vec<String> = lines.iter().map(|line| format!("{}={}", line.seq, stamp(&values(line)))).collect();
        // An empty form knows of no lines, which is not the same as knowing that there were none.
        let known = if held { format!("{LINES}{}", stamps.join(",")) } else { LINES.trim_end_matches(':').to_owned() };
        self.page.write_string(head_row, IDS, known)?;
        self.page.set_row_height(head_row, 24)?;
        let blanks = std::iter::repeat_n(None, SPARE as usize);
        for (row, line) in (self.first..).zip(lines.iter().map(Some).chain(blanks)) {
            // A row is deleted in a locked sheet only if all of it is open.
            self.page.set_row_format(row, &Format::new().set_unlocked())?;
            self.line(row, line)?;
        }
        Ok(())
    }

    fn line(&mut self, row: u32, line: Option<&ProjectIndicator>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        let texts = line.map(values).unwrap_or_default();
        for (column, text) in (0u16..).zip(&texts) {
            let look = match usize::from(column) {
                WEIGHT => &looks.open_number,
                STANDARD => &looks.aside,
                LEVEL1 | LEVEL2 | NAME | PARAMS => &looks.open,
                _ => &looks.open_centre,
            };
            let shown = match (usize::from(column), line) {
                (METHOD, Some(line)) => lists::method_label(self.rules, &line.rule_type),
                (STANDARD, Some(line)) => self
                    .rules
                    .map(|rules| method(rules, &line.rule_type, &line.rule_params, Lang::Zh))
                    .unwrap_or_default(),
                _ => text.clone(),
            };
            match plain_number(&shown).filter(|_| usize::from(column) == WEIGHT) {
                Some((weight, _)) => self.page.write_number_with_format(row, column, weight, look)?,
                None => self.page.write_string_with_format(row, column, shown, look)?,
            };
        }
        if let Some(line) = line {
            let unlocked = Format::new().set_unlocked();
            self.page.write_string_with_format(row, IDS, format!("{LINE}{}", line.seq), &unlocked)?;
            self.page
                .set_row_height(row, official_form::height(&[(&line.name, 22), (&line.rule_params, 12)]).max(36))?;
        }
        Ok(())
    }

    /// What the weights must add up to, marked red while they do not: a sum would be a formula, which no form may hold.
    fn foot(&mut self, row: u32) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        self.over(row, (0, 5), "权重合计", &looks.label)?;
        let due = self.rules.map(|rules| (rules.indicators.weight_total, rules.execution.weight));
        let shown = due.map_or_else(|| UNKNOWN.to_owned(), |(due, _)| format!("应为{due}"));
        self.page.write_string_with_format(row, 6, shown, &looks.centre)?;
        let said = due.map_or_else(String::new, |(due, execution)| {
            format!("另有预算执行率 {execution} 分；各行权重合计不等于 {due} 时，本行左侧标红")
        });
        self.over(row, (7, LAST), &said, &looks.text)?;
        if let Some((due, _)) = due {
            let rule = format!("=SUM($G${}:$G${row})<>{due}", self.first + 1);
            let red = Format::new().set_background_color(Color::RGB(0x00F8_CBAD));
            let red = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(red);
            self.page.add_conditional_format(row, 0, row, 6, &red)?;
        }
        self.page.write_string(row, IDS, END)?;
        let plain = looks.text.clone().set_border(FormatBorder::None);
        let spans = [(0, 2), (3, RIGHT - 1), (RIGHT, LAST)];
        for (signature, span) in self.definition.layout.signatures.iter().zip(spans) {
            self.over(row + 1, span, &format!("{signature}："), &plain)?;
        }
        self.page.set_row_height(row, 20)?.set_row_height(row + 1, 30)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
