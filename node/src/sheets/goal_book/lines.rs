//! The lines of a goal form that comes back: changed where they stand, new ones made or taken from the library, and
//! those removed that are no longer there. What a line has besides, its actual above all, stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use tongpin_domain::indicator::Indicator;
use tongpin_domain::intake::{Problem, Words};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::level;
use tongpin_domain::number::Typed;
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::rules::Params;

use super::filled::{FilledGoal, GoalContext, TakenGoal};
use super::rows::Row;
use super::{
    CODE, HEADS, LAST, LEVEL1, LEVEL2, LINE, LINES, METHOD, NAME, NATURE, PARAMS, STANDARD, TARGET, UNIT, WEIGHT,
    values,
};
use crate::records::goal_lines::{blank, copied, next, sum};
use crate::sheets::official_form::{plain, stale, stamp};

/// What a library indicator fixes.
const FIXED: [usize; 8] = [LEVEL1, LEVEL2, NAME, NATURE, UNIT, METHOD, PARAMS, CODE];

/// The lines as they are put together.
struct Gathering<'a> {
    form: &'a FilledGoal,
    ground: &'a GoalContext<'a>,
    /// What each line said when the form was written; `None` for an empty form.
    known: Option<BTreeMap<u32, &'a str>>,
    /// The held lines that the form has a row for.
    rows: BTreeSet<u32>,
    seen: BTreeSet<u32>,
    /// The number of the next new line.
    next: u32,
    lines: Vec<(u64, ProjectIndicator)>,
    problems: &'a mut Vec<Problem>,
    warnings: Vec<Problem>,
}

impl FilledGoal {
    /// Reads the lines into what is taken.
    pub(super) fn lines(&self, ground: &GoalContext<'_>, taken: &mut TakenGoal, problems: &mut Vec<Problem>) {
        let known = self.id(self.head).strip_prefix(LINES).map(|all| {
            let parted = all.split(',').filter_map(|one| one.split_once('='));
            parted.filter_map(|(seq, was)| Some((seq.parse().ok()?, was))).collect()
        });
        let all = self.rows();
        let rows = all.iter().filter_map(Row::held).collect();
        let (seen, next) = (BTreeSet::new(), next(&ground.held.lines));
        let (lines, warnings) = (Vec::new(), Vec::new());
        let mut gathering = Gathering { form: self, ground, known, rows, seen, next, lines, problems, warnings };
        for row in &all {
            gathering.row(row);
        }
        gathering.outside();
        taken.removed = gathering.rest();
        gathering.weigh(&taken.removed);
        taken.warnings = gathering.warnings;
        taken.lines = gathering.lines;
    }
}

impl Gathering<'_> {
    fn say(&mut self, row: &Row, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        let problem = self.form.problem(row.at, HEADS[at], &row.cells[at], &Words::new(zh, en));
        self.problems.push(problem);
    }

    fn keep(&mut self, row: &Row, line: ProjectIndicator) {
        self.seen.insert(line.seq);
        self.lines.push((u64::from(row.at) + 1, line));
    }

    fn row(&mut self, row: &Row) {
        let ground = self.ground;
        if !row.id.starts_with(LINE) {
            return self.fresh(row);
        }
        let seq = row.held();
        let was = seq.and_then(|seq| self.known.as_ref()?.get(&seq).copied());
        let untouched = was.is_some_and(|was| was == stamp(&row.cells));
        let held = seq.and_then(|seq| ground.held.lines.iter().find(|line| line.seq == seq));
        let Some(held) = held else {
            if untouched {
                // Somebody else removed it, and here nobody wanted anything of it.
                return;
            }
            let zh = "系统中现有的指标；导出之后它已被删除，请重新导出后填写";
            return self.say(row, NAME, zh, "a line that is held; it was removed since: export the form anew");
        };
        if self.seen.contains(&held.seq) {
            let zh = "只出现一次的指标；整行复制会带上隐藏的编号，新增指标请填在空白行";
            return self.say(row, NAME, zh, "each line once; a copied row carries the hidden number: use a blank row");
        }
        let line = if untouched { held.clone() } else { self.changed(row, held, was) };
        self.keep(row, line);
    }

    /// A held line with what was filled in.
    fn changed(&mut self, row: &Row, held: &ProjectIndicator, was: Option<&str>) -> ProjectIndicator {
        let before = values(held);
        if row.cells == before {
            return held.clone();
        }
        if was.is_none_or(|was| was != stamp(&before)) {
            let now = format!("{} {} {}，{}", held.name, held.nature, held.target.raw(), held.weight.normalize());
            let problem = self.form.problem(row.at, HEADS[NAME], &row.cells[NAME], &stale(&now));
            self.problems.push(problem);
            return held.clone();
        }
        let mut line = held.clone();
        if held.indicator_code.is_some() {
            for at in FIXED.into_iter().filter(|at| row.cells[*at] != before[*at]) {
                let zh = format!("“{}”；指标库中的指标只改指标值和权重，要换指标请删除本行，在空白行另填", before[at]);
                self.say(
                    row,
                    at,
                    zh,
                    format!("{:?}, as the library has it; take another line for another", before[at]),
                );
            }
        } else {
            if !row.cells[CODE].is_empty() {
                let zh = "空白；要改用指标库中的指标，请删除本行，在空白行另填";
                self.say(row, CODE, zh, "blank: take another line for an indicator of the library");
            }
            self.own(row, &mut line);
        }
        self.valued(row, &mut line);
        if line.restate(held) {
            let zh = "与单位自评时相同；改后，原来的自评得分是按修改前打的，将清空，须重新自评";
            let words = Words::new(zh, "what the unit scored itself by: its own score is cleared, to be given anew");
            let warning = self.form.problem(row.at, HEADS[NAME], &row.cells[NAME], &words);
            self.warnings.push(warning);
        }
        line
    }

    /// What a line has of its own, whether or not the library names it.
    fn valued(&mut self, row: &Row, line: &mut ProjectIndicator) {
        if plain(line.target.raw()) != row.cells[TARGET] {
            line.target = Typed::parse(&row.cells[TARGET]);
        }
        let weight = row.cells[WEIGHT].parse::<Decimal>().ok();
        let weight = weight.filter(|weight| !weight.is_sign_negative() && *weight <= Decimal::ONE_HUNDRED);
        match weight {
            Some(weight) if weight != line.weight => line.weight = weight,
            Some(_) => {}
            None => self.say(row, WEIGHT, "0 到 100 的分值，如 15", "a weight from 0 to 100, such as 15"),
        }
    }

    /// What only an indicator of one's own says itself.
    fn own(&mut self, row: &Row, line: &mut ProjectIndicator) {
        for (at, field) in [
            (LEVEL1, &mut line.level1),
            (LEVEL2, &mut line.level2),
            (NAME, &mut line.name),
            (NATURE, &mut line.nature),
            (UNIT, &mut line.unit),
            (METHOD, &mut line.rule_type),
            (PARAMS, &mut line.rule_params),
        ] {
            if plain(field) != row.cells[at] {
                row.cells[at].clone_into(field);
            }
        }
        for at in [LEVEL1, NAME] {
            if row.cells[at].is_empty() {
                self.say(row, at, "非空的内容", "a value");
            }
        }
        if let Some(expected) = level::misplaced(&row.cells[LEVEL1], &row.cells[LEVEL2]) {
            self.say(row, LEVEL2, expected.zh, expected.en);
        }
        let method = &row.cells[METHOD];
        if method.is_empty() {
            self.say(row, METHOD, "从下拉列表中选一种计分方法", "a scoring method, from the list");
        } else if self.ground.rules.is_some_and(|rules| !rules.formulas.contains_key(method)) {
            self.say(row, METHOD, "本年度计分规则中的方法", "a method of this year's rules");
        }
        if let Err(error) = Params::parse(&row.cells[PARAMS]) {
            self.say(row, PARAMS, error.say(Lang::Zh), error.say(Lang::En));
        }
    }

    /// A line that somebody added.
    fn fresh(&mut self, row: &Row) {
        if !row.standard.is_empty() {
            let words = Words::new(
                "空白；评分标准由计分方法得出，这里填的不导入",
                "blank: it follows from the method and is not taken",
            );
            let warning = self.form.problem(row.at, HEADS[STANDARD], &row.standard, &words);
            self.warnings.push(warning);
        }
        let (code, seq) = (&self.ground.held.project.code, self.next);
        let mut line = match self.chosen(row) {
            Err(()) => return,
            Ok(Some(entry)) => {
                let line = copied(entry, code, seq);
                let fixed = values(&line);
                for at in FIXED.into_iter().filter(|at| !row.cells[*at].is_empty() && row.cells[*at] != fixed[*at]) {
                    let zh = format!("“{}”或空白：指标库中如此，导入时自动填入", fixed[at]);
                    self.say(row, at, zh, format!("{:?}, as the library has it, or blank", fixed[at]));
                }
                line
            }
            Ok(None) => {
                let mut line = blank(code, seq);
                self.own(row, &mut line);
                line
            }
        };
        self.valued(row, &mut line);
        self.add(row, line);
    }

    /// Whether the form takes a held line away: it had a row when the form was written, and has none now.
    fn goes(&self, held: &ProjectIndicator) -> bool {
        !self.rows.contains(&held.seq) && self.known.as_ref().is_some_and(|known| known.contains_key(&held.seq))
    }

    /// Adds a line, unless the project has it: then it is that one, or it contradicts it. One that goes may make room
    /// for another of its name.
    fn add(&mut self, row: &Row, line: ProjectIndicator) {
        let same = |other: &ProjectIndicator| match (&line.indicator_code, &other.indicator_code) {
            (Some(code), Some(other)) => code == other,
            _ => plain(&line.name) == plain(&other.name),
        };
        let at = if line.indicator_code.is_some() && !row.cells[CODE].is_empty() { CODE } else { NAME };
        if self.lines.iter().any(|(_, other)| same(other)) {
            return self.say(row, at, "本表中不重复的指标", "an indicator that is not there already");
        }
        let new = values(&line);
        let stays = |held: &&ProjectIndicator| same(held) && (!self.goes(held) || values(held) == new);
        match self.ground.held.lines.iter().find(stays) {
            None => {
                self.next = self.next.saturating_add(1);
                self.keep(row, line);
            }
            Some(held) if values(held) == new => self.keep(row, held.clone()),
            Some(held) => {
                let zh = format!(
                    "本项目没有的指标；系统中已有这一条（第 {} 行），要修改它请导出申报表，在原行修改",
                    held.seq
                );
                let en = format!("a new indicator; line {} is the same: export the form and change it there", held.seq);
                self.say(row, at, zh, en);
            }
        }
    }

    /// The entry of the library that a new row names, by its code or, where nothing else makes it one's own, its name.
    fn chosen(&mut self, row: &Row) -> Result<Option<&Indicator>, ()> {
        let index = self.ground.index;
        let (code, name) = (&row.cells[CODE], &row.cells[NAME]);
        if !code.is_empty() {
            let found = index.get(code).map(|entry| &entry.value);
            if found.is_none() {
                let zh = "指标库中的编码；自设指标不填";
                self.say(row, CODE, zh, "a code of the library, or blank for an indicator of one's own");
            }
            return found.map(Some).ok_or(());
        }
        if !row.cells[METHOD].is_empty() || name.is_empty() {
            return Ok(None);
        }
        let named = index.named(name);
        match named.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => {
                let codes: Vec<&str> = several.iter().map(|it| it.code.as_str()).collect();
                let zh = format!("指标库中的一个编码：同名的有 {}", codes.join("、"));
                self.say(row, CODE, zh, format!("one of the codes of this name: {}", codes.join(", ")));
                Err(())
            }
        }
    }

    /// Below the lines stands only the foot of the form.
    fn outside(&mut self) {
        let form = self.form;
        for (row, _) in form.cells.rows.range(form.end + 2..) {
            let found =
                (0..=usize::from(LAST)).find_map(|at| Some((at, form.cell(*row, at))).filter(|it| !it.1.is_empty()));
            if let Some((at, text)) = found {
                let words = Words::new(
                    "空白；指标填在“权重合计”以上的空白行，不够时插入行",
                    "blank: indicators stand above the sum",
                );
                let problem = form.problem(*row, HEADS[at], &text, &words);
                self.problems.push(problem);
            }
        }
    }

    /// The held lines that the form does not have: only those that it had are removed.
    fn rest(&mut self) -> Vec<ProjectIndicator> {
        let mut removed = Vec::new();
        for held in self.ground.held.lines.iter().filter(|held| !self.seen.contains(&held.seq)) {
            let was = self.known.as_ref().map(|known| known.get(&held.seq).copied());
            match was {
                // What an empty form, or one of before the line came, does not name stays.
                None | Some(None) => self.lines.push((0, held.clone())),
                Some(Some(was)) if was == stamp(&values(held)) => {
                    let with = reported(held);
                    if !with.is_empty() {
                        let say = |lang: Lang, between: &str| {
                            with.iter().map(|it| it.say(lang)).collect::<Vec<_>>().join(between)
                        };
                        let zh = format!("保留；“{}”已填的{} 将一并删除", held.name, say(Lang::Zh, "、"));
                        let en = format!("kept: of {:?} there go with it {}", held.name, say(Lang::En, ", "));
                        let words = Words::new(zh, en);
                        self.warnings.push(Problem { line: 0, ..self.form.problem(0, HEADS[NAME], "", &words) });
                    }
                    removed.push(held.clone());
                }
                Some(Some(_)) => {
                    let zh = format!(
                        "保留；第 {} 行指标“{}”在导出之后已有他人修改，请重新导出后再删除",
                        held.seq, held.name
                    );
                    let en =
                        format!("kept: line {}, {:?}, was changed since; export the form anew", held.seq, held.name);
                    let words = Words::new(zh, en);
                    self.problems.push(Problem { line: 0, ..self.form.problem(0, HEADS[NAME], "", &words) });
                }
            }
        }
        removed
    }

    /// The weights must add up to what the rules demand, wherever the form changes lines.
    fn weigh(&mut self, removed: &[ProjectIndicator]) {
        let held = |line: &ProjectIndicator| self.ground.held.lines.contains(line);
        let untouched = removed.is_empty() && self.lines.iter().all(|(_, line)| held(line));
        let Some(rules) = self.ground.rules.filter(|_| !untouched && self.problems.is_empty()) else { return };
        let (due, execution) = (rules.indicators.weight_total, rules.execution.weight);
        let lines: Vec<ProjectIndicator> = self.lines.iter().map(|(_, line)| line.clone()).collect();
        let sum = sum(&lines);
        if sum != Some(due) {
            let found = sum.map_or_else(|| "—".to_owned(), |sum| sum.to_string());
            let zh = format!("各行权重合计 {due}（另有预算执行率 {execution} 分）");
            let words = Words::new(zh, format!("weights that add up to {due} (and {execution} for execution)"));
            let problem = self.form.problem(self.form.end, HEADS[WEIGHT], &found, &words);
            self.problems.push(problem);
        }
    }
}

/// What was reported of a line since it was set: it goes with the line.
fn reported(line: &ProjectIndicator) -> Vec<Words> {
    let number = |zh: &str, en: &str, number: Option<Decimal>| {
        number.map(|number| number.normalize()).map(|it| Words::new(format!("{zh} {it}"), format!("{en} {it}")))
    };
    let (actual, count) = (line.actual.raw(), line.evidence_count);
    let told = [
        (!line.actual.is_missing()).then(|| Words::new(format!("实际完成值 {actual}"), format!("its actual {actual}"))),
        number("定性系数", "its coefficient", line.qual_pct),
        number("自评得分", "its own score", line.self_score),
        (!line.deviation_reason.is_empty()).then(|| Words::new("偏差原因", "the reason")),
        (count > 0).then(|| Words::new(format!("佐证件数 {count}"), format!("its count of evidence {count}"))),
    ];
    told.into_iter().flatten().collect()
}
