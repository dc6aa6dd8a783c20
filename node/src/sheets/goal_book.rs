//! 项目支出绩效目标申报表 as a workbook: the official form with what is held, to be filled in and brought back, and empty as a
//! template. Behind the printed columns it carries what each cell and line is, and what stood there when it was
//! written, so that nobody's later change is lost unseen.

mod filled;
mod lines;
mod lists;
mod rows;

use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, Format, FormatBorder, ProtectionOptions, Workbook, Worksheet, XlsxError,
};
use tongpin_console::workbook::{WriteError, plain_number};
use tongpin_domain::goal::{FIELDS, Goal};
use tongpin_domain::indicator::Indicator;
use tongpin_domain::lang::Lang;
use tongpin_domain::money::Amount;
use tongpin_domain::number::Typed;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::rules::RuleSet;

use crate::sheets::official_form::{self, Looks, UNKNOWN, YUAN, plain, stamp, unified};
use crate::words::method::method;
pub(crate) use filled::{FilledGoal, GoalContext, TakenGoal, find, read};

/// The sheet's name.
pub(crate) const SHEET: &str = "绩效目标申报表";
/// What stands above the form.
const TITLE: &str = "项目支出绩效目标申报表";
/// What the hidden column begins with. A form of a later make will say another number.
const MARK: &str = "tongpin-goal-1";
/// What such a mark begins with, whatever the make.
const MAKE: &str = "tongpin-goal-";
/// What stands before the name of a field, before a line's number, and at the rows around the lines.
const FIELD: &str = "goal:";
const LINE: &str = "line:";
const LINES: &str = "lines:";
const END: &str = "end";
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
/// Where the left and the right values of the head begin.
const LEFT: u16 = 2;
const RIGHT: u16 = 8;
/// Where the project's code stands.
const CODE_AT: (u32, u16) = (2, RIGHT);
/// The rows of the long texts, of the heads, and of the first line.
const TEXT_ROW: u32 = 10;
const HEAD_ROW: u32 = 16;
const FIRST_LINE: u32 = 17;
/// Rows that wait to be filled in, behind the lines there are.
const SPARE: u32 = 12;
/// Lines that a form can have: far more than any project, and few enough to be compared with each other.
const MOST_LINES: usize = 500;
/// The columns' widths, in characters.
const WIDTHS: [f64; 11] = [9.0, 13.0, 26.0, 8.0, 12.0, 9.0, 8.0, 20.0, 14.0, 34.0, 14.0];

/// Where the value of a field stands: its row, and the column it begins in.
fn place(name: &str) -> (u32, u16) {
    match name {
        "attribute" => (4, RIGHT),
        "leader" => (5, LEFT),
        "phone" => (5, RIGHT),
        "starts" => (6, LEFT),
        "ends" => (6, RIGHT),
        "whole_amount" => (7, LEFT),
        text => {
            let at = FIELDS.iter().skip(6).position(|(name, _)| *name == text).unwrap_or_default();
            (TEXT_ROW + u32::try_from(at).unwrap_or_default(), LEFT)
        }
    }
}

/// The column in which what a message calls by this name is filled in, counted from 0.
pub(crate) fn column(name: &str) -> Option<u32> {
    let field = FIELDS.iter().find(|(_, word)| *word == name).map(|(field, _)| u32::from(place(field).1));
    let head = || HEADS.iter().position(|head| *head == name).and_then(|at| u32::try_from(at).ok());
    field.or_else(head).or_else(|| (name == "项目代码").then_some(u32::from(CODE_AT.1)))
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

/// Stands for what a field says. An amount is the same however it is written.
fn field_stamp(name: &str, text: &str) -> String {
    let amount = (name == "whole_amount").then(|| Amount::parse(text).fen()).flatten();
    stamp(&[amount.map_or_else(|| plain(text), |fen| fen.to_string())])
}

/// What a form is made of.
pub(crate) struct Paper<'a> {
    pub(crate) project: &'a Project,
    pub(crate) lines: &'a [ProjectIndicator],
    pub(crate) goal: &'a Goal,
}

/// Writes the form of a project, or an empty one; the library is what can be chosen from.
///
/// # Errors
/// The form cannot be written.
pub(crate) fn write(
    paper: Option<&Paper<'_>>,
    rules: Option<&RuleSet>,
    library: &[&Indicator],
) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let mut form = GoalForm { page: workbook.add_worksheet(), looks: Looks::new(YUAN), rules };
    form.page.set_name(SHEET)?;
    form.head(paper)?;
    form.money(paper)?;
    form.texts(paper.map(|paper| paper.goal))?;
    let lines = paper.map_or(&[] as &[ProjectIndicator], |paper| paper.lines);
    form.lines(lines, paper.is_some())?;
    let end = FIRST_LINE + u32::try_from(lines.len()).unwrap_or_default() + SPARE;
    form.foot(end)?;
    let lock = ProtectionOptions { insert_rows: true, delete_rows: true, ..ProtectionOptions::default() };
    official_form::page(form.page, &WIDTHS, 2, end + 1, &lock)?;
    form.page.set_print_fit_to_pages(1, 0).set_repeat_rows(HEAD_ROW, HEAD_ROW)?.set_footer("&C&P / &N");
    lists::offer(form.page, (FIRST_LINE, end - 1), rules, library)?;
    lists::lay(&mut workbook, rules, library)?;
    Ok(workbook.save_to_buffer()?)
}

/// A form that is being written.
struct GoalForm<'a> {
    page: &'a mut Worksheet,
    looks: Looks,
    rules: Option<&'a RuleSet>,
}

impl GoalForm<'_> {
    fn over(&mut self, row: u32, span: (u16, u16), text: &str, look: &Format) -> Result<(), XlsxError> {
        official_form::over(self.page, row, span, text, look)
    }

    /// The labels of a row with two values.
    fn pair(&mut self, row: u32, left: &str, right: &str) -> Result<(), XlsxError> {
        let label = self.looks.label.clone();
        self.over(row, (0, 1), left, &label)?;
        self.over(row, (7, 7), right, &label)
    }

    fn left(&mut self, row: u32, text: &str, look: &Format) -> Result<(), XlsxError> {
        self.over(row, (LEFT, 6), text, look)
    }

    fn right(&mut self, row: u32, text: &str, look: &Format) -> Result<(), XlsxError> {
        self.over(row, (RIGHT, LAST), text, look)
    }

    /// What a cell of the form is, and what stands in it now; an empty form says nothing of the latter.
    fn mark(&mut self, name: &str, goal: Option<&Goal>) -> Result<(), XlsxError> {
        let (row, column) = place(name);
        let was = goal.map(|goal| format!("={}", field_stamp(name, goal.get(name)))).unwrap_or_default();
        let at = if column == LEFT { IDS } else { IDS + 1 };
        self.page.write_string(row, at, format!("{FIELD}{name}{was}"))?;
        Ok(())
    }

    fn head(&mut self, paper: Option<&Paper<'_>>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        let of = |text: fn(&Project) -> &str| paper.map_or("", |paper| text(paper.project));
        let year = paper.map_or_else(|| "　　".to_owned(), |paper| paper.project.fiscal_year.to_string());
        self.over(0, (0, LAST), TITLE, &looks.title)?;
        self.over(1, (2, 6), &format!("（{year}年度）"), &looks.above)?;
        self.over(1, (RIGHT, LAST), "金额单位：元", &looks.right)?;
        self.pair(2, "项目名称", "项目代码")?;
        self.left(2, of(|it| &it.name), &looks.text)?;
        self.right(2, of(|it| &it.code), if paper.is_some() { &looks.text } else { &looks.open })?;
        self.pair(3, "主管部门", "实施单位")?;
        self.left(3, of(|it| &it.department), &looks.text)?;
        self.right(3, of(|it| &it.unit), &looks.text)?;
        self.pair(4, "项目类别", "项目属性")?;
        self.left(4, of(|it| &it.category), &looks.text)?;
        self.pair(5, "项目负责人", "联系电话")?;
        self.pair(6, "起始时间", "终止时间")?;
        for name in ["attribute", "leader", "phone", "starts", "ends"] {
            let (row, column) = place(name);
            let text = paper.map_or("", |paper| paper.goal.get(name));
            if column == LEFT {
                self.left(row, text, &looks.open)?;
            } else {
                self.right(row, text, &looks.open)?;
            }
            self.mark(name, paper.map(|paper| paper.goal))?;
        }
        self.page.write_string(0, IDS, MARK)?;
        self.page.write_string(1, IDS, of(|it| &it.code))?;
        for row in 1..TEXT_ROW {
            self.page.set_row_height(row, 20)?;
        }
        Ok(())
    }

    /// The year's amounts are the project's; only that of the whole term is filled in here.
    fn money(&mut self, paper: Option<&Paper<'_>>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        let none = Amount::default();
        let of = |amount: fn(&Project) -> &Amount| paper.map_or(&none, |paper| amount(paper.project));
        let whole = paper.map_or(&none, |paper| &paper.goal.whole_amount);
        let missing = if paper.is_some() { UNKNOWN } else { "" };
        self.pair(7, "实施期资金总额", "年度资金总额")?;
        official_form::amount(self.page, 7, (LEFT, 6), whole, "", &looks.open_money)?;
        self.mark("whole_amount", paper.map(|paper| paper.goal))?;
        self.pair(8, "其中：上级资金", "本级资金")?;
        self.pair(9, "其他资金", "上年结转")?;
        let amounts = [
            (7, (RIGHT, LAST), of(|it| &it.money.adjusted)),
            (8, (LEFT, 6), of(|it| &it.money.upper)),
            (8, (RIGHT, LAST), of(|it| &it.money.local)),
            (9, (LEFT, 6), of(|it| &it.money.other)),
            (9, (RIGHT, LAST), of(|it| &it.money.carry_over)),
        ];
        for (row, span, amount) in amounts {
            official_form::amount(self.page, row, span, amount, missing, &looks.money)?;
        }
        Ok(())
    }

    fn texts(&mut self, goal: Option<&Goal>) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        for (name, word) in FIELDS.iter().skip(6) {
            let (row, _) = place(name);
            let text = goal.map_or("", |goal| goal.get(name));
            self.over(row, (0, 1), word, &looks.label)?;
            self.over(row, (LEFT, LAST), &unified(text), &looks.open)?;
            self.mark(name, goal)?;
            self.page.set_row_height(row, official_form::height(&[(text, 130)]).max(36))?;
        }
        Ok(())
    }

    fn lines(&mut self, lines: &[ProjectIndicator], held: bool) -> Result<(), XlsxError> {
        let looks = self.looks.clone();
        for (column, head) in (0u16..).zip(HEADS) {
            self.page.write_string_with_format(HEAD_ROW, column, head, &looks.label)?;
        }
        let stamps: Vec<String> = lines.iter().map(|line| format!("{}={}", line.seq, stamp(&values(line)))).collect();
        // An empty form knows of no lines, which is not the same as knowing that there were none.
        let known = if held { format!("{LINES}{}", stamps.join(",")) } else { LINES.trim_end_matches(':').to_owned() };
        self.page.write_string(HEAD_ROW, IDS, known)?;
        self.page.set_row_height(HEAD_ROW, 24)?;
        let blanks = std::iter::repeat_n(None, SPARE as usize);
        for (row, line) in (FIRST_LINE..).zip(lines.iter().map(Some).chain(blanks)) {
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
            let rule = format!("=SUM($G${}:$G${row})<>{due}", FIRST_LINE + 1);
            let red = Format::new().set_background_color(Color::RGB(0x00F8_CBAD));
            let red = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(red);
            self.page.add_conditional_format(row, 0, row, 6, &red)?;
        }
        self.page.write_string(row, IDS, END)?;
        let plain = looks.text.clone().set_border(FormatBorder::None);
        self.over(row + 1, (0, 2), "填报人：", &plain)?;
        self.over(row + 1, (3, 7), "负责人（签字）：", &plain)?;
        self.over(row + 1, (RIGHT, LAST), "填报日期：", &plain)?;
        self.page.set_row_height(row, 20)?.set_row_height(row + 1, 30)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
