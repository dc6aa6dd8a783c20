//! Entering records (录入): files of projects and of their indicators become rows for the store, or nothing does. What
//! a file may hold beyond its columns is decided here: only projects that this bureau is in charge of.

pub(crate) mod file;
pub(crate) mod months;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use months::Months;
use serde::Serialize;
use tongpin_console::workbook::{self, Book, Fault, SheetError};
use tongpin_domain::form::{Definition, Field, Given};
use tongpin_domain::intake::{self, Intake, Problem, Table, Words, keep_unsaid};
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR, Project, ProjectIndicator};
use tongpin_domain::region::{Level, RegionCode, Regions};
use tongpin_store::RecordRow;

use crate::guidance::forms;
use crate::records::HeldProject;
use crate::records::kept_form::{KeptForm, RecordForms};

/// Reads a table of projects, of their indicators or of months, whatever brings it.
///
/// # Errors
/// It is none, or is a list as a page exports it.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Table, SheetError> {
    no_list(workbook::read(name, bytes, &heads())?)
}

/// Reads the table of a workbook that was opened already, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_book(book: Book<'_>) -> Result<Table, SheetError> {
    no_list(workbook::read_book(book, &heads())?)
}

/// Heads of columns that only lists have, as their pages export them in Chinese and in English.
const LISTED: [&str; 18] = [
    "专项资金",
    "全年预算数（元）",
    "全年执行数（元）",
    "执行率（%）",
    "总分",
    "评级",
    "状态",
    "本月填报",
    "送达县级",
    "评分时间",
    "budget (yuan)",
    "spent (yuan)",
    "execution (%)",
    "total",
    "rating",
    "this month",
    "at the county",
    "scored",
];

/// Names of which the head of a table has at least one.
fn heads() -> Vec<&'static str> {
    let words = ["项目代码", "项目名称", "年度", "月份", "序号", "三级指标", "分值"];
    let forms = [Definition::of_projects(), Definition::of_lines()];
    let names = forms.into_iter().flat_map(Definition::file_columns).map(|column| column.field.name.as_str());
    words.into_iter().chain(names).chain(LISTED).collect()
}

/// Refuses a list, which looks like what it lists and lacks most of it.
fn no_list(table: Table) -> Result<Table, SheetError> {
    let has = |names: &[&str]| table.header.iter().any(|title| names.contains(&title.as_str()));
    if has(&["region_code", "区划代码", "seq", "序号", "month", "月份"]) || !has(&LISTED) {
        return Ok(table);
    }
    let months = has(&["本月填报", "送达县级", "this month", "at the county"]);
    Err(SheetError { file: table.name, fault: Fault::Listed(if months { "按月填报" } else { "项目" }) })
}

/// Whose records may be entered here.
pub(crate) struct Bounds<'a> {
    /// This bureau.
    pub(crate) own: &'a RegionCode,
    /// The divisions, to follow former codes.
    pub(crate) regions: &'a Regions,
    /// What is held already.
    pub(crate) held: &'a [HeldProject],
    /// What was reported by month, which no file takes the place of.
    pub(crate) months: &'a Months,
    /// What is asked.
    pub(crate) forms: &'a RecordForms,
}

/// Records that can be entered, as rows for the store.
#[derive(Debug, Default)]
pub(crate) struct Entered {
    /// What to write and to delete.
    pub(crate) rows: Vec<RecordRow>,
    /// The lines of the file that the rows stand on, in the same order; rows behind the last line delete.
    pub(crate) lines: Vec<u64>,
    /// How many records of the file are sound.
    pub(crate) records: usize,
    /// What is wrong with the others.
    pub(crate) problems: Vec<Problem>,
    /// What looks doubtful.
    pub(crate) warnings: Vec<Problem>,
    /// The project codes of the file.
    pub(crate) codes: BTreeSet<String>,
    /// The fields of the form that describes them.
    pub(crate) fields: Vec<Field>,
}

impl Bounds<'_> {
    /// Reads a table of projects.
    pub(crate) fn projects(&self, table: &Table) -> Entered {
        let form = &self.forms.projects;
        if let Some(refused) = not_known(table, form) {
            return Entered { problems: vec![refused], ..Entered::default() };
        }
        let mut intake = intake::projects(table, &form.asked());
        self.keep_unsaid(table, &mut intake);
        months::keep_sums(table, &mut intake, self.held, self.months);
        let mut foreign = 0;
        let others = self.held.iter().filter(|held| held.author != *self.own);
        let others: HashMap<&str, &RegionCode> =
            others.map(|held| (held.project.code.as_str(), &held.author)).collect();
        for (line, project) in &intake.accepted {
            let found = self.not_ours(project).map(|expected| (project.region.as_str(), "region_code", expected));
            let found = found.or_else(|| {
                let expected = of_another(others.get(project.code.as_str())?);
                Some((project.code.as_str(), "project_code", expected))
            });
            if let Some((found, column, expected)) = found {
                intake.problems.push(problem(table, *line, column, found, expected));
                foreign += 1;
            }
        }
        // The reader of tables knows no divisions: a township under the former code of its county is none elsewhere.
        let at_home = |line: u64| {
            let project = intake.accepted.iter().find(|(at, _)| *at == line).map(|(_, project)| project);
            let township = project.and_then(|project| Some((project.township.as_ref()?, &project.region)));
            township.is_some_and(|(township, region)| self.regions.within(township, region))
        };
        intake.warnings.retain(|warning| warning.column != "township_code" || !at_home(warning.line));
        intake.problems.sort_by_key(|problem| problem.line);
        let codes = intake.accepted.iter().map(|(_, project)| project.code.clone()).collect();
        let entered = entered(intake, codes, PROJECT, |project| project.record_key().to_owned());
        let fields = form.definition().fields.clone();
        Entered { records: entered.records.saturating_sub(foreign), fields, ..entered }
    }

    /// What a file says nothing about stays as it is held: then nothing of it is missing either.
    fn keep_unsaid(&self, table: &Table, intake: &mut Intake<Project>) {
        let form = self.forms.projects.definition();
        let said = form.said_in(&table.header);
        let own = self.held.iter().filter(|held| held.author == *self.own);
        let held: HashMap<&str, &Project> = own.map(|held| (held.project.code.as_str(), &held.project)).collect();
        let mut kept = HashSet::new();
        for (line, project) in &mut intake.accepted {
            let Some(held) = held.get(project.code.as_str()) else { continue };
            for column in form.file_columns().filter(|column| !said.contains(column.field.name.as_str())) {
                project.keep(&column.field.name, held);
            }
            keep_unsaid(&said, &held.more, &mut project.more);
            kept.extend(unsaid(&said, &held.more).map(|name| (*line, name)));
        }
        intake.warnings.retain(|doubt| !kept.contains(&(doubt.line, doubt.column.as_str())));
    }

    /// Reads a table of project indicators. `fresh` are projects that are entered with it. The file gives all lines of
    /// every project it names: lines held of them that it lacks are deleted.
    pub(crate) fn indicators(&self, table: &Table, fresh: &BTreeSet<String>) -> Entered {
        let own = self.held.iter().filter(|held| held.author == *self.own);
        let known: BTreeSet<String> =
            own.clone().map(|held| held.project.code.clone()).chain(fresh.iter().cloned()).collect();
        let mut intake = self.lines(table, &known);
        months::keep_actuals(table, &mut intake, self.held, self.months);
        let codes: BTreeSet<String> = intake.accepted.iter().map(|(_, line)| line.project_code.clone()).collect();
        let kept: BTreeSet<String> = intake.accepted.iter().map(|(_, line)| line.record_key()).collect();
        let dropped: Vec<String> = own
            .filter(|held| codes.contains(&held.project.code))
            .flat_map(|held| held.lines.iter().map(ProjectIndicator::record_key))
            .filter(|key| !kept.contains(key))
            .collect();
        let mut entered = entered(intake, codes, PROJECT_INDICATOR, ProjectIndicator::record_key);
        let gone = |key| RecordRow { kind: PROJECT_INDICATOR.to_owned(), key, body: None };
        entered.rows.extend(dropped.into_iter().map(gone));
        entered.fields.clone_from(&self.forms.lines.definition().fields);
        entered
    }

    /// Reads the lines of known projects. What the table says nothing about stays as it is held.
    pub(crate) fn lines(&self, table: &Table, known: &BTreeSet<String>) -> Intake<ProjectIndicator> {
        let form = &self.forms.lines;
        if let Some(refused) = not_known(table, form) {
            return Intake::refused(vec![refused]);
        }
        let mut intake = intake::project_indicators(table, &form.asked(), known);
        let own = self.held.iter().filter(|held| held.author == *self.own);
        let held = own.flat_map(|held| &held.lines);
        let held: HashMap<String, &ProjectIndicator> = held.map(|line| (line.record_key(), line)).collect();
        let said = form.definition().said_in(&table.header);
        let mut kept = HashSet::new();
        for (at, line) in &mut intake.accepted {
            let Some(held) = held.get(&line.record_key()) else { continue };
            if !said.contains("evidence_count") {
                line.evidence_count = held.evidence_count;
            }
            keep_unsaid(&said, &held.more, &mut line.more);
            kept.extend(unsaid(&said, &held.more).map(|name| (*at, name)));
        }
        intake.warnings.retain(|doubt| !kept.contains(&(doubt.line, doubt.column.as_str())));
        intake
    }

    /// Why a project is not this bureau's to enter: it lies elsewhere. A township enters projects of its county that
    /// it is in charge of.
    fn not_ours(&self, project: &Project) -> Option<Words> {
        let region = self.regions.current(&project.region);
        let our_county = self.regions.within(self.own, &region) && region.level() >= Level::County;
        if self.regions.within(&region, self.own) || our_county {
            return None;
        }
        let (own, unknown) = (self.own, self.regions.get(&project.region).is_none());
        let zh = format!("本级 {own} 辖区内的区划代码");
        let en = format!("a division within {own}");
        Some(if unknown {
            let zh = format!("{zh}（该代码不在已收到的区划目录中，如是曾用代码，请先接收上级的区划目录）");
            Words::new(zh, format!("{en} (unknown here; a former code is followed once the regions catalog has come)"))
        } else {
            Words::new(zh, en)
        })
    }
}

/// What is held of the city's fields that a file says nothing about.
fn unsaid<'a>(said: &BTreeSet<&str>, held: &'a BTreeMap<String, Given>) -> impl Iterator<Item = &'a str> {
    held.keys().map(String::as_str).filter(|name| !said.contains(name))
}

/// Nothing is read by a form of which this program does not know a part: it says so in place of the records.
fn not_known(table: &Table, form: &KeptForm) -> Option<Problem> {
    let unknown = form.unknown();
    (!unknown.is_empty()).then(|| problem(table, 0, "", "", forms::not_known(unknown)))
}

/// Why a project cannot be entered here: another bureau has.
pub(crate) fn of_another(author: &RegionCode) -> Words {
    let zh = format!("本级登记的项目；该项目已由 {author} 登记并上送，只能由其修改");
    Words::new(zh, format!("a project of this bureau: {author} has entered this one, and only {author} may change it"))
}

fn entered<T: Serialize>(
    intake: Intake<T>,
    codes: BTreeSet<String>,
    kind: &str,
    key: impl Fn(&T) -> String,
) -> Entered {
    Entered {
        rows: intake.accepted.iter().map(|(_, record)| row(kind, key(record), record)).collect(),
        lines: intake.accepted.iter().map(|(line, _)| *line).collect(),
        records: intake.accepted.len(),
        problems: intake.problems,
        warnings: intake.warnings,
        codes,
        fields: Vec::new(),
    }
}

/// A record as a row for the store.
pub(crate) fn row(kind: &str, key: String, record: &impl Serialize) -> RecordRow {
    // A record is plain data with text keys, which is always JSON.
    RecordRow { kind: kind.to_owned(), key, body: serde_json::to_string(record).ok() }
}

fn problem(table: &Table, line: u64, column: &str, found: &str, expected: Words) -> Problem {
    Problem { file: table.name.clone(), line, column: column.to_owned(), found: found.to_owned(), expected }
}

/// How many problems each column has, the most troubled first: for a long list.
pub(crate) fn by_column(problems: &[Problem]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in problems {
        *counts.entry(&problem.column).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::new(text).expect("a code")
    }

    fn sample(name: &str) -> Table {
        file::table(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)).expect("a sample file")
    }

    fn only(name: &str, column: &str, value: &str) -> Table {
        let mut table = sample(name);
        let at = table.header.iter().position(|title| title == column).expect("a column");
        table.rows.retain(|row| row.cells[at] == value);
        table
    }

    /// A county takes its own projects and refuses another's line by line; without the regions catalog a former code
    /// is refused with a hint, and with it it is followed.
    #[test]
    fn regions_decide() {
        let enter = |own: &str, regions: &Regions, value: &str| {
            let own = code(own);
            let bounds =
                Bounds { own: &own, regions, held: &[], months: &Months::new(), forms: &RecordForms::shipped() };
            bounds.projects(&only("projects.csv", "region_code", value))
        };
        let none = Regions::default();
        let fine = enter("320581", &none, "320581");
        assert_eq!((fine.records, fine.problems.len()), (6, 0));
        let foreign = enter("320582", &none, "320581");
        assert_eq!(foreign.problems.len(), 6);
        assert_eq!(
            (foreign.problems[0].column.as_str(), foreign.problems[0].found.as_str()),
            ("region_code", "320581")
        );
        let township = enter("320581101", &none, "320581");
        assert_eq!(township.problems, []);
        let former = enter("320576", &none, "320571");
        assert!(former.records == 0 && former.problems[0].expected.zh.contains("曾用代码"));
        let entries = intake::entries("regions", &sample("regions.csv"));
        let known = entries.accepted.iter().filter_map(|(_, entry)| serde_json::from_str(&entry.body).ok());
        assert_eq!(enter("320576", &Regions::new(known), "320571").problems, []);
    }

    /// A file of indicators replaces all lines of the projects it names, and touches no others; a project that another
    /// bureau entered is not changed.
    #[test]
    fn lines_are_replaced_whole() {
        let own = code("320581");
        let regions = Regions::default();
        let forms = RecordForms::shipped();
        let projects = intake::projects(&only("projects.csv", "region_code", "320581"), &forms.projects.asked());
        let first = projects.accepted[0].1.clone();
        let lines = intake::project_indicators(
            &only("project_indicators.csv", "project_code", &first.code),
            &forms.lines.asked(),
            &[first.code.clone()].into(),
        );
        let lines: Vec<ProjectIndicator> = lines.accepted.into_iter().map(|(_, line)| line).collect();
        let count = lines.len();
        let held = [HeldProject { author: own.clone(), project: first.clone(), lines, reviews: Vec::new() }];
        let mut table = only("project_indicators.csv", "project_code", &first.code);
        table.rows.truncate(count - 1);
        let bounds = Bounds { own: &own, regions: &regions, held: &held, months: &Months::new(), forms: &forms };
        let entered = bounds.indicators(&table, &BTreeSet::new());
        assert_eq!((entered.records, entered.problems.len()), (count - 1, 0));
        let deleted: Vec<_> = entered.rows.iter().filter(|row| row.body.is_none()).map(|row| row.key.clone()).collect();
        assert_eq!(deleted, [format!("{}/{count:03}", first.code)]);

        let written = Project { execution_reason: "招标推迟".into(), ..first.clone() };
        let held = [HeldProject { author: own.clone(), project: written, lines: Vec::new(), reviews: Vec::new() }];
        let bounds = Bounds { own: &own, regions: &regions, held: &held, months: &Months::new(), forms: &forms };
        let again = bounds.projects(&only("projects.csv", "project_code", &first.code));
        let body = again.rows[0].body.clone().expect("a record");
        assert!(body.contains("招标推迟"), "a file without the column leaves the reason");

        let held =
            [HeldProject { author: code("320581101"), project: first.clone(), lines: Vec::new(), reviews: Vec::new() }];
        let bounds = Bounds { own: &own, regions: &regions, held: &held, months: &Months::new(), forms: &forms };
        let refused = bounds.projects(&only("projects.csv", "project_code", &first.code));
        assert_eq!(refused.problems.len(), 1);
        assert!(refused.problems[0].expected.zh.contains("320581101"));
    }
}
