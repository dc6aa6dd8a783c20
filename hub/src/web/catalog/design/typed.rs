//! What was typed of a form: its settings, and a row for each field with its place in the list, each check, state, step
//! and part of the sheet, all as text.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_console::web::Fields;
use tongpin_domain::form::{Choice, Consequence, Definition, Field, FormSheet, Kind, to_sheets};
use tongpin_domain::lang::Lang;

use super::line::{Line, text};
use super::{flow, fresh, listing};

/// More rows than a form has fields are not of this page.
const MOST_ROWS: usize = 500;
/// In front of a choice that nobody chooses any more.
const RETIRED: &str = "停用：";

/// The settings, as they are sent.
pub(super) const SETTINGS: [&str; 12] =
    ["code", "title", "stage", "basis", "help", "of", "per", "money", "pairs", "signatures", "order", "back"];
/// What a field says, as it is sent.
const FIELD: [&str; 9] = ["order", "name", "title", "kind", "unit", "places", "hint", "choices", "column"];
/// What is checked of a field.
const BOXES: [&str; 4] = ["required", "retired", "remove", "filter"];
/// What a field says in the notation of the workbook, with the column that it stands in there.
pub(super) const NOTED: [(&str, &str); 11] = [
    ("derived", "计算"),
    ("when", "显示条件"),
    ("least", "最小"),
    ("most", "最大"),
    ("longest", "最长"),
    ("filled", "自动带出"),
    ("refers", "引用"),
    ("who", "填报层级"),
    ("states", "可填状态"),
    ("personal", "个人信息"),
    ("role", "角色"),
];
/// What a check says, with the column of the workbook that it stands in.
pub(super) const CHECK: [(&str, &str); 6] = [
    ("when", "条件"),
    ("then", "处理"),
    ("says", "提示语"),
    ("at", "定位字段"),
    ("each", "逐行"),
    ("reason", "原因字段"),
];
/// What a line of the sheet's parts says, with the column of the workbook.
pub(super) const PART: [(&str, &str); 5] =
    [("order", "块"), ("title", "块标题"), ("fields", "字段"), ("rows", "明细表"), ("group", "分组标题")];
/// What a state says, and what is checked of it.
const STATE: [&str; 7] = ["order", "name", "title", "days", "working", "open", "counts"];
/// What a step says, and what is checked of it.
const STEP: [&str; 9] = ["order", "name", "title", "to", "level", "duty", "complete", "reason", "makes"];
/// Everything that was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    settings: BTreeMap<String, String>,
    pub(super) fields: Vec<Line>,
    pub(super) checks: Vec<Line>,
    pub(super) states: Vec<Line>,
    pub(super) steps: Vec<Line>,
    /// 版式: the lines of the workbook's sheet.
    pub(super) parts: Vec<Line>,
    /// The version that the reader saw.
    pub(super) seen: String,
    /// The words that go with the release.
    pub(super) note: String,
}

impl Typed {
    /// As it was sent.
    pub(super) fn sent(sent: &Fields) -> Self {
        let count = |name: &str| sent.text(name).parse::<usize>().unwrap_or(0).min(MOST_ROWS);
        let rows = |name: &str, prefix: &str, parts: &[&str]| {
            let line = |at: usize| Line::sent(sent, &format!("{prefix}-{at}"), parts.iter().copied());
            (0..count(name)).map(line).collect::<Vec<Line>>()
        };
        let noted = NOTED.iter().map(|(part, _)| *part);
        let field: Vec<&str> = FIELD.into_iter().chain(BOXES).chain(noted).collect();
        Self {
            settings: SETTINGS.iter().map(|name| ((*name).to_owned(), text(sent, &format!("s-{name}")))).collect(),
            fields: rows("fields", "f", &field),
            checks: rows("checks", "c", &CHECK.map(|(part, _)| part)),
            states: rows("states", "z", &STATE),
            steps: rows("steps", "t", &STEP),
            parts: rows("parts", "p", &PART.map(|(part, _)| part)),
            seen: sent.text("seen").to_owned(),
            note: sent.text("draft-note").to_owned(),
        }
    }

    /// As a form stands.
    pub(super) fn of(form: &Definition, seen: &str, note: &str, new: bool) -> Self {
        let sheets = to_sheets(form);
        let rows = sheet(&sheets, "字段");
        let fields = form.places().zip(0..).map(|((place, field), at)| {
            let (table, _) = place.rsplit_once('.').unwrap_or(("", ""));
            // What a new form begins with stands in it as if somebody had typed it.
            let origin = if new { String::new() } else { place.clone() };
            let mut line = field_line(origin, table, field);
            for (part, column) in NOTED {
                line.set(part, rows.map_or(String::new(), |rows| cell(rows, at, column)));
            }
            if table.is_empty() {
                listing::set(&mut line, &form.list, field);
            }
            line
        });
        let checks = form.checks.iter().map(|check| check.name.clone());
        let checks = noted_lines(&sheets, "校验", &CHECK, checks);
        let parts = noted_lines(&sheets, "版式", &PART, std::iter::repeat_with(String::new));
        let [order, back] = listing::order(&form.list);
        let settings = [
            if new { String::new() } else { form.code.clone() },
            if new { String::new() } else { form.title.clone() },
            form.stage.clone(),
            form.basis.join("\n"),
            if new { String::new() } else { form.help.clone() },
            form.subject.of.word().to_owned(),
            form.subject.per.word().to_owned(),
            form.layout.money.word().to_owned(),
            form.layout.pairs.to_string(),
            form.layout.signatures.join("\n"),
            order,
            back,
        ];
        let settings = SETTINGS.iter().map(|name| (*name).to_owned()).zip(settings).collect();
        let (states, steps) = flow::lines(&form.flow);
        let (fields, seen, note) = (fields.collect(), seen.to_owned(), note.to_owned());
        let mut typed = Self { settings, fields, checks, states, steps, parts, seen, note };
        typed.arrange(None);
        typed
    }

    /// A setting.
    pub(super) fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", |value| value.trim())
    }

    /// Keeps the code of a form that is there, whatever was sent.
    pub(super) fn keep_code(&mut self, code: Option<&str>) {
        if let Some(code) = code {
            self.settings.insert("code".to_owned(), code.to_owned());
        }
    }

    /// The lines of a setting.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        let lines = self.setting(name).lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// Puts the rows in order, those of a table behind it, drops those that nobody wrote anything into, and adds one:
    /// a check, a state, a step or a part of the sheet for `-` and its name, a field of the form for nothing behind the
    /// word, one of a table for `:` and its name.
    pub(super) fn arrange(&mut self, add: Option<&str>) {
        for lines in [&mut self.fields, &mut self.checks, &mut self.states, &mut self.steps, &mut self.parts] {
            lines.retain(|line| !line.is_blank());
        }
        self.name_new();
        let mut line = Line::default();
        match add {
            None => {}
            Some("-check") => {
                line.set("then", Consequence::Warn.text(Lang::Zh));
                self.checks.push(line);
            }
            Some("-state") => self.states.push(flow::new_line("s", &self.states)),
            Some("-step") => self.steps.push(flow::new_line("t", &self.steps)),
            Some("-part") => self.parts.push(line),
            Some(table) => {
                table.trim_start_matches(':').clone_into(&mut line.table);
                line.set("kind", Kind::Line.word());
                self.fields.push(line);
            }
        }
        self.fields = self.ordered().into_iter().cloned().collect();
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        for line in &mut self.fields {
            let number = numbers.entry(line.table.clone()).or_default();
            *number += 1;
            line.set("order", number.to_string());
        }
        listing::number(&mut self.fields);
        for lines in [&mut self.states, &mut self.steps] {
            lines.sort_by_key(Line::order);
            for (number, line) in (1_u32..).zip(lines) {
                line.set("order", number.to_string());
            }
        }
        self.parts.sort_by_key(Line::order);
    }

    /// Names the fields that have no name yet, so that a new table can have columns before it is kept.
    fn name_new(&mut self) {
        let mut taken: BTreeSet<String> = self.fields.iter().map(|line| line.own_name().to_owned()).collect();
        for line in self.fields.iter_mut().filter(|line| line.own_name().is_empty()) {
            line.set("name", fresh("f", &mut taken));
        }
    }

    /// The rows in order, those of a table behind it.
    pub(super) fn ordered(&self) -> Vec<&Line> {
        let sorted = |table: &str| {
            let mut lines: Vec<&Line> = self.fields.iter().filter(|line| line.table == table).collect();
            lines.sort_by_key(|line| line.order());
            lines
        };
        let own = sorted("");
        let tables: BTreeSet<&str> = own.iter().map(|line| line.own_name()).collect();
        let within = own.iter().flat_map(|line| std::iter::once(*line).chain(sorted_of(&sorted, line)));
        let mut all: Vec<&Line> = within.collect();
        all.extend(self.fields.iter().filter(|line| !line.table.is_empty() && !tables.contains(line.table.as_str())));
        all
    }
}

fn sorted_of<'a>(sorted: &impl Fn(&str) -> Vec<&'a Line>, line: &Line) -> Vec<&'a Line> {
    let name = line.own_name();
    if name.is_empty() { Vec::new() } else { sorted(name) }
}

/// The rows of a sheet of the workbook, each with where it began.
fn noted_lines(
    sheets: &[FormSheet],
    name: &str,
    columns: &[(&str, &str)],
    origins: impl Iterator<Item = String>,
) -> Vec<Line> {
    let Some(rows) = sheet(sheets, name) else { return Vec::new() };
    let line = |(at, origin): (usize, String)| {
        let mut line = Line::at(origin);
        for (part, column) in columns {
            line.set(part, cell(rows, at, column));
        }
        line
    };
    (0..rows.rows.len()).zip(origins).map(line).collect()
}

fn field_line(origin: String, table: &str, field: &Field) -> Line {
    let mut line = Line::at(origin);
    table.clone_into(&mut line.table);
    let places = field.places.map(|places| places.to_string()).unwrap_or_default();
    line.set("name", &field.name);
    line.set("title", &field.title);
    line.set("kind", field.kind.word());
    line.set("unit", &field.unit);
    line.set("places", places);
    line.set("hint", &field.hint);
    line.set("choices", choices_text(&field.choices));
    line.set("required", if field.required { "1" } else { "" });
    line.set("retired", if field.retired { "1" } else { "" });
    line.set_all("leaves", field.leaves.iter().map(|leaving| leaving.word().to_owned()).collect());
    line
}

/// The choices, one a line: what people read, behind the code where that is another.
pub(super) fn choices_text(choices: &[Choice]) -> String {
    let line = |choice: &Choice| {
        let retired = if choice.retired { RETIRED } else { "" };
        let code = if choice.code == choice.text { String::new() } else { format!("{}=", choice.code) };
        format!("{retired}{code}{}", choice.text)
    };
    choices.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Reads choices; one that is kept as it stands keeps its code.
pub(super) fn choices(text: &str, before: &[Choice]) -> Vec<Choice> {
    if choices_text(before) == text {
        return before.to_vec();
    }
    let one = |line: &str| {
        let (retired, rest) = line.strip_prefix(RETIRED).map_or((false, line), |rest| (true, rest.trim()));
        let (code, text) = match rest.split_once('=') {
            Some((code, text)) => (code.trim(), text.trim()),
            None => (rest, rest),
        };
        Choice { code: code.to_owned(), text: text.to_owned(), retired }
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(one).collect()
}

/// A sheet of the workbook.
pub(super) fn sheet<'a>(sheets: &'a [FormSheet], name: &str) -> Option<&'a FormSheet> {
    sheets.iter().find(|sheet| sheet.name == name)
}

/// A cell by the row, counted from 0, and the column's name.
pub(super) fn cell(sheet: &FormSheet, row: usize, column: &str) -> String {
    let at = sheet.header.iter().position(|title| title == column);
    let cells = sheet.rows.get(row).map(|(_, cells)| cells);
    cells.zip(at).and_then(|(cells, at)| cells.get(at)).cloned().unwrap_or_default()
}

/// The kinds that can be chosen.
pub(super) fn kinds(lang: Lang, in_rows: bool) -> Vec<(String, String)> {
    let fitting = Kind::ALL.iter().filter(|kind| !in_rows || kind.fits_rows());
    fitting.map(|kind| (kind.word().to_owned(), kind.text(lang).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Choices are written and read again, also those that nobody chooses any more; untouched ones keep what the short
    /// way of writing has no word for.
    #[test]
    fn choices_come_back() {
        let choice = |code: &str, text: &str, retired| Choice { code: code.to_owned(), text: text.to_owned(), retired };
        let all = vec![choice("new", "新建", false), choice("养护", "养护", false), choice("old", "改造", true)];
        let text = choices_text(&all);
        assert_eq!(text, "new=新建\n养护\n停用：old=改造");
        assert_eq!(choices(&format!("{text}\n"), &[]), all);
        let odd = vec![choice("a=b", "甲", false)];
        assert_eq!(choices(&choices_text(&odd), &odd), odd);
    }
}
