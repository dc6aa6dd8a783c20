//! The months of a township's projects: found, sorted and cut by the database, with what it owes.

use std::collections::BTreeSet;

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::list::{Ask, Asked, Cell, Column, Filter, Listing, search};
use tongpin_console::web::{Tone, notice};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::month::Month;
use tongpin_domain::observation::OPENING;
use tongpin_domain::region::RegionCode;
use tongpin_store::{MonthFilter, MonthOrder, MonthRow, StoreError};

use crate::app::App;
use crate::app::statistics::Owed;
use crate::guidance::RuleBook;
use crate::records::observations::{self, KeptObservation, month_name};
use crate::web::amounts::yuan;
use crate::web::matrix::Matrix;
use crate::web::parts::segment;

const fn month(key: &'static str, zh: &'static str) -> Column {
    Column { sorts: false, ..Column::new(key, zh, key) }
}

const COLUMNS: [Column; 16] = [
    Column::new("name", "项目", "project"),
    Column { shown: false, ..Column::new("code", "项目代码", "code") },
    Column { number: true, shown: false, ..Column::new("budget", "全年预算数（元）", "budget (yuan)") },
    Column { number: true, shown: false, ..Column::new("executed", "全年执行数（元）", "spent (yuan)") },
    month("m1", "1 月"),
    month("m2", "2 月"),
    month("m3", "3 月"),
    month("m4", "4 月"),
    month("m5", "5 月"),
    month("m6", "6 月"),
    month("m7", "7 月"),
    month("m8", "8 月"),
    month("m9", "9 月"),
    month("m10", "10 月"),
    month("m11", "11 月"),
    month("m12", "12 月"),
];

/// What a column sorts by.
fn order(key: &str) -> MonthOrder {
    match key {
        "name" => MonthOrder::Name,
        "budget" => MonthOrder::Adjusted,
        "executed" => MonthOrder::Executed,
        _ => MonthOrder::Code,
    }
}

/// One year of a township's projects, as far as it was asked for.
pub(super) struct Months {
    years: BTreeSet<i32>,
    /// The month whose missing reports can be asked for; its year is the year.
    month: Month,
    /// Whether it has begun: before, nobody can have reported it.
    begun: bool,
    /// Whether the reader may open projects.
    opens: bool,
    overdue: u64,
    /// When the township last changed a report.
    pub(super) reported_at: Option<Moment>,
    rows: Vec<MonthRow>,
    pub(super) total: u64,
    kept: Vec<KeptObservation>,
    book: RuleBook,
    now: Moment,
}

impl Months {
    /// Reads it. `None` if the township has no projects.
    pub(super) async fn read(
        app: &App,
        region: &RegionCode,
        asked: &Asked,
        opens: bool,
    ) -> Result<Option<Self>, StoreError> {
        let (store, now) = (app.store(), app.site.now());
        let years = store.project_years(region).await?;
        let (last, present) = (super::last_month(now), Month::of(now));
        let usual = years.range(..=present.year()).next_back().or(years.first()).copied();
        let year = asked.text("year").parse().ok().filter(|year| years.contains(year)).or(usual);
        let month = year.and_then(|year| match year {
            year if year == last.year() => Some(last),
            // In January the last month is of the year before.
            year if year == present.year() => Some(present),
            year => Month::new(year, 12),
        });
        let Some(month) = month else { return Ok(None) };
        let begun = month <= present;
        let (text, reported) = (asked.text("q").to_owned(), (begun && asked.text("state") == "open").then_some(false));
        let filter = MonthFilter { author: region.clone(), month, text, reported };
        let (key, backwards) = asked.sort(&COLUMNS).unwrap_or(("code", false));
        let (offset, limit) = asked.window();
        let (rows, total) = store.months_page(&filter, order(key), backwards, offset, limit).await?;
        let kept = observations::of_projects(store, region, &rows, month.year(), OPENING..=12).await?;
        let Owed { overdue, reported_at } = app.statistics.owed(store, region, month.year(), now).await?;
        let book = RuleBook::load(store).await?;
        Ok(Some(Self { years, month, begun, opens, overdue, reported_at, rows, total, kept, book, now }))
    }

    fn matrix(&self) -> Matrix<'_> {
        Matrix::new(self.month.year(), &self.rows, &self.kept, &self.book, self.now, None)
    }

    fn cells(&self, matrix: &Matrix<'_>, lang: Lang) -> Vec<Vec<Cell>> {
        let row = |(at, project): (usize, &MonthRow)| {
            let name = project.name.clone();
            let to = format!("/projects/{}", segment(&project.code));
            let mut cells = vec![
                if self.opens { Cell::link(name, &to) } else { name.into() },
                project.code.clone().into(),
                yuan(project.adjusted),
                yuan(project.executed),
            ];
            cells.extend(matrix.months(at, lang));
            cells
        };
        self.rows.iter().enumerate().map(row).collect()
    }

    fn listing<'a>(&self, title: &'a str, rows: &'a [Vec<Cell>], lang: Lang) -> Listing<'a> {
        let empty = lang.pick("没有符合条件的项目；可放宽查询条件", "nothing fits; ask for less");
        Listing { title, columns: &COLUMNS, rows, total: self.total, empty }
    }

    /// The file that the list is exported to, if one was asked for.
    pub(super) fn exported(&self, township: &str, asked: &Asked, lang: Lang) -> Option<Response> {
        asked.format()?;
        let year = self.month.year();
        let title =
            lang.pick(&format!("{township}{year}年各月填报"), &format!("{township} months of {year}")).to_owned();
        let rows = self.cells(&self.matrix(), lang);
        self.listing(&title, &rows, lang).exported(asked, lang)
    }

    /// The list with its filters, and how much is overdue.
    pub(super) fn draw(&self, asked: &Asked, lang: Lang) -> Markup {
        let (year, overdue) = (self.month.year(), self.overdue);
        let matrix = self.matrix();
        let rows = self.cells(&matrix, lang);
        let month = month_name(self.month, lang);
        let mut filters = vec![Filter::words("", lang)];
        if self.begun {
            let (zh, en) = (format!("只看 {month}未报的"), format!("only what is missing of {month}"));
            filters.push(Filter::new("state", lang.pick(&zh, &en), Ask::Only("open")));
        }
        html! {
            h2 { (lang.pick(&format!("{year} 年各月填报"), &format!("Months of {year}"))) }
            @if self.years.len() > 1 {
                p { @for other in &self.years {
                    a href=(asked.with("year", &other.to_string())) aria-current=[(*other == year).then_some("true")] { (other) } " "
                } }
            }
            @if overdue > 0 {
                @let zh = format!("有 {overdue} 项（项目 × 月份）逾期未报；请提醒该乡镇补报");
                @let en = format!("{overdue} reports (projects × months) are overdue; remind the township");
                (notice(Tone::Warn, lang.pick(&zh, &en)))
            }
            (search(&filters, asked, lang))
            (self.listing("", &rows, lang).draw(asked, lang))
            (matrix.rule(lang))
        }
    }
}
