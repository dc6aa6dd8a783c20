//! 月度填报情况: every project of a year with its twelve months, each with its light (运行监控) and whether it was
//! reported in time; at a township also whether it has reached the county.

use std::collections::HashMap;
use std::fmt::Write as _;

use maud::{Markup, html};
use rust_decimal::Decimal;
use tongpin_console::web::list;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::month::{DUE_DAY, Month};
use tongpin_domain::observation::{Observation, spent_until};
use tongpin_domain::score::{Light, LightReading, light};
use tongpin_store::MonthRow;

use crate::guidance::{RuleBook, Rules};
use crate::records::observations::KeptObservation;

/// One month of one project.
#[derive(Debug, Clone)]
struct Cell {
    /// The month.
    month: Month,
    /// Whether it was reported.
    state: State,
    /// Its light, if it was reported and there is a budget and a rule set to read it by.
    light: Option<LightReading>,
    /// When what is reported of it was last changed: 数据日期 of the light.
    changed_at: Option<Moment>,
    /// Whether the parent has acknowledged it; unknown where nobody asked.
    delivered: Option<bool>,
}

/// Whether a month was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In time.
    Reported,
    /// After the day it was due.
    ReportedLate,
    /// Not yet, and not due yet.
    Open,
    /// Not yet, and it is past the day.
    Overdue,
    /// The month is still to come.
    Ahead,
}

/// One project.
#[derive(Debug, Clone)]
struct Row {
    /// 项目代码
    code: String,
    /// 项目名称
    name: String,
    /// January to December.
    cells: Vec<Cell>,
}

/// Projects of one year and their months.
pub(crate) struct Matrix<'a> {
    year: i32,
    rows: Vec<Row>,
    rules: Option<&'a Rules>,
}

impl<'a> Matrix<'a> {
    /// Puts it together, as of now. `acked` is how far the parent has acknowledged the records, where that matters.
    pub(crate) fn new(
        year: i32,
        projects: &[MonthRow],
        kept: &[KeptObservation],
        book: &'a RuleBook,
        now: Moment,
        acked: Option<u64>,
    ) -> Self {
        let rules = book.choose(None, year).ok();
        let mut by_project: HashMap<&str, Vec<&KeptObservation>> = HashMap::new();
        for it in kept.iter().filter(|it| it.observation.year == year) {
            by_project.entry(&it.observation.project_code).or_default().push(it);
        }
        let row = |project: &MonthRow| {
            let own = by_project.get(project.code.as_str()).map_or(&[][..], Vec::as_slice);
            let months = (1..=12).filter_map(|number| Month::new(year, number));
            let cells = months.map(|month| cell(month, project, own, rules, now, acked)).collect();
            Row { code: project.code.clone(), name: project.name.clone(), cells }
        };
        Self { year, rows: projects.iter().map(row).collect(), rules }
    }

    /// Whether there is no project of the year.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The months of one project, as cells of a list: January to December.
    pub(crate) fn months(&self, row: usize, lang: Lang) -> Vec<list::Cell> {
        let cells = self.rows.get(row).map_or(&[][..], |row| &row.cells);
        cells.iter().map(|cell| list::Cell::drawn(cell.text(lang), cell.draw(lang))).collect()
    }

    /// Draws it. `address` is where a month of a project is reported, if that can be done here.
    pub(crate) fn draw(&self, address: impl Fn(&str, Month) -> Option<String>, lang: Lang) -> Markup {
        html! {
            div.wide { table.months {
                thead { tr {
                    th scope="col" { (lang.pick("项目", "project")) }
                    @for number in 1..=12_u8 { th scope="col" { (number) (lang.pick(" 月", "")) } }
                } }
                tbody { @for row in &self.rows { tr {
                    th scope="row" { (row.name) br; span.hint { (row.code) } }
                    @for cell in &row.cells {
                        td {
                            @let to = address(&row.code, cell.month).filter(|_| cell.state != State::Ahead);
                            @if let Some(to) = to { a href=(to) { (cell.draw(lang)) } } @else { (cell.draw(lang)) }
                        }
                    }
                } } }
            } }
            (self.rule(lang))
        }
    }

    /// Which rule the lights are read by, and of when the data are.
    pub(crate) fn rule(&self, lang: Lang) -> Markup {
        let newest = self.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.changed_at).max();
        let due = lang
            .pick(
                &format!("当月填报截至次月 {DUE_DAY} 日，过期未报为“逾期”。"),
                &format!("A month is due by day {DUE_DAY} of the next one."),
            )
            .to_owned();
        let lights = self.rules.map_or_else(
            || {
                let zh = format!("还没有适用于 {} 年度的唯一计分规则，不显示灯。", self.year);
                lang.pick(&zh, "No single rule set is for this year, so there are no lights.").to_owned()
            },
            |Rules { reference, set, .. }| {
                let (red, yellow) = (set.lights.red_below.normalize(), set.lights.yellow_below.normalize());
                let (key, release, publisher) = (&reference.key, reference.release, &reference.publisher);
                let zh = format!(
                    "灯：截至当月执行率 ÷ 时间进度（月份 ÷ 12），低于 {red} % 红灯，低于 {yellow} % 黄灯，其余绿灯；\
                     规则 {key} 第 {release} 版（{publisher}）。"
                );
                let en = format!(
                    "Lights: execution rate by then ÷ the part of the year that has passed; red below {red} %, yellow \
                     below {yellow} %; rules {key}, release {release} of {publisher}."
                );
                lang.pick(&zh, &en).to_owned()
            },
        );
        html! {
            p.hint { (lights) (due) @if let Some(newest) = newest { (lang.pick("数据日期：", "Data of ")) (newest) } }
        }
    }
}

fn cell(
    month: Month,
    project: &MonthRow,
    own: &[&KeptObservation],
    rules: Option<&Rules>,
    now: Moment,
    acked: Option<u64>,
) -> Cell {
    let reported = own.iter().find(|it| it.observation.month == month.number());
    let state = match reported {
        Some(it) if it.observation.reported_at >= month.late_from() => State::ReportedLate,
        Some(_) => State::Reported,
        None if month > Month::of(now) => State::Ahead,
        None if now >= month.late_from() => State::Overdue,
        None => State::Open,
    };
    let reading = reported.zip(rules).and_then(|(_, rules)| {
        let rate = rate(project, own.iter().map(|it| &it.observation), month, rules)?;
        light(&rules.set, month.number(), rate)
    });
    Cell {
        month,
        state,
        light: reading,
        changed_at: reported.map(|it| it.observation.changed_at),
        delivered: reported.zip(acked).map(|(it, acked)| it.seq > 0 && it.seq <= acked),
    }
}

/// 执行率 at the end of a month in percent; none without a budget to measure by.
fn rate<'a>(
    project: &MonthRow,
    own: impl Iterator<Item = &'a Observation>,
    month: Month,
    rules: &Rules,
) -> Option<Decimal> {
    let budget = project.adjusted.filter(|budget| budget.0 > 0)?;
    let spent = spent_until(own, month.number())?;
    let rate = spent.yuan().checked_mul(Decimal::ONE_HUNDRED)?.checked_div(budget.yuan())?;
    Some(rules.set.rounding.round(rate))
}

impl Cell {
    /// Its class and its word: the light, or else whether it was reported.
    fn word(&self, lang: Lang) -> (&'static str, String) {
        match (self.light.as_ref().map(|it| it.light), self.state) {
            (Some(light), _) => (mark(light), light.say(lang)),
            (None, State::Reported | State::ReportedLate) => ("mark good", lang.pick("已报", "reported").to_owned()),
            (None, State::Open) => ("mark warn", lang.pick("未报", "open").to_owned()),
            (None, State::Overdue) => ("mark bad", lang.pick("逾期", "overdue").to_owned()),
            (None, State::Ahead) => ("hint", "—".to_owned()),
        }
    }

    /// What a file says: the word, the progress, and whether it was late.
    fn text(&self, lang: Lang) -> String {
        let (_, mut text) = self.word(lang);
        if let Some(reading) = &self.light {
            let _ = write!(text, " {} %", reading.progress_pct);
        }
        if self.state == State::ReportedLate {
            text.push_str(lang.pick(" 迟报", " late"));
        }
        text
    }

    /// The light, or else whether it was reported; beside it whether it was late and has gone up.
    fn draw(&self, lang: Lang) -> Markup {
        let (class, word) = self.word(lang);
        let told = self.light.as_ref().map(|reading| reading.say(lang));
        html! {
            span class=(class) title=[told] { (word) }
            @if let Some(reading) = &self.light { br; span.hint { (reading.progress_pct) " %" } }
            @if self.state == State::ReportedLate { br; span.hint { (lang.pick("迟报", "late")) } }
            @if let Some(delivered) = self.delivered { br; (delivery(delivered, lang)) }
        }
    }
}

fn mark(light: Light) -> &'static str {
    match light {
        Light::Green => "mark good",
        Light::Yellow => "mark warn",
        Light::Red => "mark bad",
    }
}

/// Whether something has reached the county.
fn delivery(delivered: bool, lang: Lang) -> Markup {
    html! {
        @if delivered { span.hint { (lang.pick("已送达县级", "at the county")) } }
        @else { span class="mark warn" { (lang.pick("待发送", "waiting")) } }
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::money::Fen;

    use super::State::{Ahead, Open, Overdue, Reported, ReportedLate};
    use super::*;

    fn project(budget_fen: i64) -> MonthRow {
        let (code, name) = ("P".to_owned(), "名".to_owned());
        MonthRow { code, name, adjusted: Some(Fen(budget_fen)), executed: None, reported: true }
    }

    fn kept(month: u8, spent: &str, at: Moment, seq: u64) -> KeptObservation {
        let json = format!(
            r#"{{"project_code":"P","year":2024,"month":{month},"spent":"{spent}","reported_at":{0},"changed_at":{0}}}"#,
            at.0
        );
        KeptObservation { seq, observation: serde_json::from_str(&json).expect("an observation") }
    }

    /// The middle of November 2024: October is past its day, November not reported yet, December still to come. What
    /// has no rules has no light.
    #[test]
    fn what_is_due() {
        let now = Moment(1_731_600_000_000);
        let in_time = Moment(1_706_000_000_000);
        let all = [kept(1, "10", in_time, 3), kept(2, "10", now, 9)];
        let (projects, book) = ([project(100_000)], RuleBook::default());
        let matrix = Matrix::new(2024, &projects, &all, &book, now, Some(5));
        let cells = &matrix.rows[0].cells;
        let states: Vec<State> = [1, 2, 3, 10, 11, 12].map(|number| cells[number - 1].state).into();
        assert_eq!(states, [Reported, ReportedLate, Overdue, Overdue, Open, Ahead]);
        assert_eq!((cells[0].delivered, cells[1].delivered, cells[2].delivered), (Some(true), Some(false), None));
        assert!(cells[0].light.is_none());
        let texts: Vec<String> = matrix.months(0, Lang::Zh).into_iter().map(|cell| cell.text).collect();
        assert_eq!([&*texts[0], &*texts[1], &*texts[2], &*texts[11]], ["已报", "已报 迟报", "逾期", "—"]);
        let other = Matrix::new(2025, &projects, &all, &book, now, None);
        assert!(other.rows[0].cells.iter().all(|cell| cell.state == Ahead));
        assert!(matrix.months(1, Lang::Zh).is_empty() && Matrix::new(2024, &[], &all, &book, now, None).is_empty());
    }
}
