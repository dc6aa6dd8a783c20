//! Intake of reports by month (按月填报): one row for each project, month and line. Spending and note belong to the month
//! and stand on any of its rows; what rows say together, and beside what is held, is for the node to see.

use std::collections::BTreeMap;

use super::asked::{Asked, sheet_columns};
use super::sheet::{Cells, Sheet};
use super::{Intake, Table, Words};
use crate::money::Amount;
use crate::number::{Typed, half_width};
use crate::observation::{OPENING, check};

/// What stands in the column of months for the opening.
pub const OPENING_WORD: &str = "期初";

/// One row of such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRow {
    /// 项目代码
    pub project_code: String,
    /// 项目名称, for people; empty where it is not given.
    pub project_name: String,
    /// 年度
    pub year: i32,
    /// 1–12, or [`OPENING`].
    pub month: u8,
    /// 本月支出; missing where another row of the month gives it.
    pub spent: Amount,
    /// 指标序号, of a row that is about a line.
    pub line: Option<u32>,
    /// 指标名称, for people; empty where it is not given.
    pub line_name: String,
    /// 截至本月的完成值; missing where there is none, or none any more.
    pub reached: Typed,
    /// 说明; `None` if the file has no such column.
    pub note: Option<String>,
    /// What stands in the columns that the city added, by field; only those that the file has.
    pub more: BTreeMap<String, String>,
}

impl MonthRow {
    /// True if nothing is reported on it: a row that was laid out to be filled in.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let no_note = self.note.as_deref().unwrap_or_default().is_empty();
        self.spent.is_missing() && self.reached.is_missing() && no_note && self.more.values().all(String::is_empty)
    }
}

/// Reads the rows. Each is sound by itself; no project, month and line occurs twice.
#[must_use]
pub fn observations(table: &Table, asked: &Asked<'_>) -> Intake<MonthRow> {
    let columns = sheet_columns(asked.form());
    let sheet = match Sheet::open(table, &columns) {
        Ok(sheet) => sheet,
        Err(problems) => return Intake::refused(problems),
    };
    let mut seen = BTreeMap::new();
    let mut intake = sheet.read(|cells| row(cells, asked, &mut seen));
    intake.warnings.extend(sheet.warn_of_extra());
    intake
}

/// Which row is meant: project, year, month and line.
type Place = (String, i32, u8, Option<u32>);

fn row(cells: &mut Cells<'_>, asked: &Asked<'_>, seen: &mut BTreeMap<Place, u64>) -> Option<MonthRow> {
    let project_code = cells.identifier("project_code");
    if project_code.is_empty() {
        cells.problem("project_code", Words::new("本单位登记的项目代码", "the code of a project of this office"));
    }
    let (year, month) = (year(cells), month(cells));
    let spent = Amount::parse(cells.raw("spent").trim());
    if let Some(fault) = check::amount(&spent).filter(|_| !spent.is_missing()) {
        cells.problem("spent", fault.expected());
    }
    let line = cells.whole("line");
    let reached = Typed::parse(cells.raw("reached").trim());
    if let Some(fault) = check::value(reached.raw()) {
        cells.problem("reached", fault.expected());
    }
    if month == Some(OPENING) {
        of_opening(cells);
    } else if line.is_none() && cells.raw("line").trim().is_empty() && !reached.is_missing() {
        let (zh, en) = ("这个完成值所属指标的序号", "the number of the line that this value is of");
        cells.problem("line", Words::new(zh, en));
    }
    if let (Some(year), Some(month)) = (year, month) {
        once(cells, (project_code.clone(), year, month, line), seen);
    }
    let text = |name: &str| cells.raw(name).trim().replace("\r\n", "\n");
    let added = asked.added().filter(|field| cells.has(&field.name));
    Some(MonthRow {
        project_code,
        project_name: cells.code("project_name"),
        year: year?,
        month: month?,
        spent,
        line,
        line_name: cells.code("line_name"),
        reached,
        note: cells.has("note").then(|| text("note")),
        more: added.map(|field| (field.name.clone(), text(&field.name))).collect(),
    })
}

fn year(cells: &mut Cells<'_>) -> Option<i32> {
    let year = half_width(cells.raw("fiscal_year").trim()).parse().ok();
    let year = year.filter(|year| (2000..=2999).contains(year));
    if year.is_none() {
        cells.problem("fiscal_year", Words::new("四位年份，如 2024", "a year of four digits such as 2024"));
    }
    year
}

/// 1–12, with 月 behind it or not, or 期初.
fn month(cells: &mut Cells<'_>) -> Option<u8> {
    let text = cells.raw("month").trim();
    if text == OPENING_WORD {
        return Some(OPENING);
    }
    let text = half_width(text);
    let number = text.trim_end_matches('月').trim().parse().ok().filter(|month| (1..=12).contains(month));
    if number.is_none() {
        let zh = format!("1 到 12 的月份，或“{OPENING_WORD}”");
        cells.problem("month", Words::new(zh, format!("a month from 1 to 12, or {OPENING_WORD}")));
    }
    number
}

/// The opening is an amount and nothing else.
fn of_opening(cells: &mut Cells<'_>) {
    for name in ["line", "reached", "note"] {
        if !cells.raw(name).trim().is_empty() {
            let zh = format!("不填：“{OPENING_WORD}”一行只填金额");
            cells.problem(name, Words::new(zh, "blank: the opening is an amount and nothing else"));
        }
    }
}

fn once(cells: &mut Cells<'_>, place: Place, seen: &mut BTreeMap<Place, u64>) {
    if let Some(first) = seen.get(&place) {
        let zh = format!("每个项目每月每项指标一行（第 {first} 行已有）；请删去其中一行");
        let en = format!("one row for each project, month and line (line {first} is the same)");
        cells.problem(if place.3.is_some() { "line" } else { "month" }, Words::new(zh, en));
    } else {
        seen.insert(place, cells.line());
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_csv;
    use super::*;
    use crate::form::{Definition, Facts};

    const HEAD: &str = "项目代码,年度,月份,本月支出（元）,指标序号,截至本月完成值,说明\n";

    fn read(rows: &str) -> Intake<MonthRow> {
        let facts = Facts::default();
        let asked = Asked::new(Definition::of_months(), &facts);
        observations(&read_csv("月.csv", format!("{HEAD}{rows}").as_bytes()).expect("a table"), &asked)
    }

    /// Amounts and values stay as they were typed, months are understood as people write them, and a column that is
    /// not there is no blank.
    #[test]
    fn rows_as_typed() {
        let read = read("P1,2026,期初,20万,,,\nP1,２０２６,１１月, 1.2万 ,1,４０, 退回 \nP1,2026,11,,2,,\n");
        assert_eq!(read.problems, []);
        let seen: Vec<_> = read
            .accepted
            .iter()
            .map(|(at, it)| (*at, it.month, it.spent.raw(), it.line, it.reached.raw(), it.note.as_deref()))
            .collect();
        let due = [
            (2, 0, "20万", None, "", Some("")),
            (3, 11, "1.2万", Some(1), "４０", Some("退回")),
            (4, 11, "", Some(2), "", Some("")),
        ];
        assert_eq!(seen, due);
        let bare = read_csv("月.csv", "项目代码,年度,月份,本月支出（元）\nP1,2026,1,5\n".as_bytes()).expect("a table");
        let facts = Facts::default();
        let asked = Asked::new(Definition::of_months(), &facts);
        assert_eq!(observations(&bare, &asked).accepted[0].1.note, None);
    }

    /// Every mistake is told at its cell.
    #[test]
    fn mistakes_at_their_cells() {
        for (row, column, said) in [
            (",2026,1,5,,,\n", "项目代码", "本单位"),
            ("P1,26,1,5,,,\n", "年度", "四位年份"),
            ("P1,2026,13,5,,,\n", "月份", "1 到 12"),
            ("P1,2026,,5,,,\n", "月份", "期初"),
            ("P1,2026,1,约3万,,,\n", "本月支出（元）", "一个金额"),
            ("P1,2026,1,5,,40,\n", "指标序号", "所属指标"),
            ("P1,2026,1,5,一,40,\n", "指标序号", "整数"),
            ("P1,2026,期初,5,1,,\n", "指标序号", "只填金额"),
            ("P1,2026,1,5,1,40,\nP1,2026,1月,,1,41,\n", "指标序号", "第 2 行已有"),
            ("P1,2026,1,5,,,\nP1,2026,1,6,,,\n", "月份", "第 2 行已有"),
        ] {
            let problems = read(row).problems;
            assert_eq!(problems.len(), 1, "{row}: {problems:?}");
            assert!(problems[0].column == column && problems[0].expected.zh.contains(said), "{row}: {problems:?}");
        }
    }
}
