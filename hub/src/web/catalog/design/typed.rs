//! What was typed of a form: its settings, a row for each field, a row for each check, all as text.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use tongpin_console::web::Fields;
use tongpin_domain::form::{Choice, Consequence, Definition, Field, FormSheet, Kind, to_sheets};
use tongpin_domain::lang::Lang;

/// More rows than a form has fields are not of this page.
const MOST_ROWS: usize = 500;
/// In front of a choice that nobody chooses any more.
const RETIRED: &str = "停用：";

/// The settings, as they are sent.
pub(super) const SETTINGS: [&str; 9] = ["code", "title", "stage", "basis", "help", "of", "per", "money", "signatures"];
/// What a field says, as it is sent; each may come several times.
const FIELD: [&str; 10] = ["order", "name", "title", "kind", "unit", "places", "hint", "choices", "derived", "when"];
/// What is checked of a field.
const BOXES: [&str; 3] = ["required", "retired", "remove"];
/// What a check says, with the column of the workbook that it stands in.
pub(super) const CHECK: [(&str, &str); 6] = [
    ("when", "条件"),
    ("then", "处理"),
    ("says", "提示语"),
    ("at", "定位字段"),
    ("each", "逐行"),
    ("reason", "原因字段"),
];

/// A row: where it began, and what stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The place of the field, or the name of the check, as it is in the form that stands; empty for a new one.
    pub(super) origin: String,
    /// For a field: the table that it stands in.
    pub(super) table: String,
    cells: BTreeMap<String, String>,
    pub(super) leaves: Vec<String>,
}

impl Line {
    /// What stands in a cell.
    pub(super) fn get(&self, name: &str) -> &str {
        self.cells.get(name).map_or("", |cell| cell.trim())
    }

    /// Whether a box is checked.
    pub(super) fn is(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.cells.insert(name.to_owned(), value.into());
    }

    /// Whether nobody has written anything into it.
    pub(super) fn is_blank(&self) -> bool {
        let asked = ["title", "says", "hint", "derived", "when"];
        self.origin.is_empty() && asked.into_iter().all(|name| self.get(name).is_empty())
    }

    /// Where it stands among the others.
    fn order(&self) -> Decimal {
        self.get("order").parse().unwrap_or(Decimal::MAX)
    }
}

/// Everything that was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    settings: BTreeMap<String, String>,
    pub(super) fields: Vec<Line>,
    pub(super) checks: Vec<Line>,
    /// The version that the reader saw.
    pub(super) seen: String,
    /// The words that go with the release.
    pub(super) note: String,
}

impl Typed {
    /// As it was sent. A browser sends line breaks as CRLF; a form has them as they are in files.
    pub(super) fn sent(sent: &Fields) -> Self {
        let text = |name: &str| sent.raw(name).replace("\r\n", "\n");
        let count = |name: &str| sent.text(name).parse::<usize>().unwrap_or(0).min(MOST_ROWS);
        let field = |at: usize| {
            let of = |part: &str| format!("f-{at}-{part}");
            let parts = FIELD.iter().chain(&BOXES);
            Line {
                origin: sent.text(&of("origin")).to_owned(),
                table: sent.text(&of("table")).to_owned(),
                cells: parts.map(|part| ((*part).to_owned(), text(&of(part)))).collect(),
                leaves: sent.all(&of("leaves")).map(str::to_owned).collect(),
            }
        };
        let check = |at: usize| {
            let of = |part: &str| format!("c-{at}-{part}");
            let parts = CHECK.iter().map(|(part, _)| *part).chain(["remove"]);
            Line {
                origin: sent.text(&of("origin")).to_owned(),
                cells: parts.map(|part| (part.to_owned(), text(&of(part)))).collect(),
                ..Line::default()
            }
        };
        Self {
            settings: SETTINGS.iter().map(|name| ((*name).to_owned(), text(&format!("s-{name}")))).collect(),
            fields: (0..count("fields")).map(field).collect(),
            checks: (0..count("checks")).map(check).collect(),
            seen: sent.text("seen").to_owned(),
            note: sent.text("draft-note").to_owned(),
        }
    }

    /// As a form stands.
    pub(super) fn of(form: &Definition, seen: &str, note: &str, new: bool) -> Self {
        let sheets = to_sheets(form);
        let rows = sheet(&sheets, "字段");
        let fields = form.places().zip(0..).map(|((place, field), at)| {
            let cell = |column: &str| rows.map_or(String::new(), |rows| cell(rows, at, column));
            let (table, _) = place.rsplit_once('.').unwrap_or(("", ""));
            // What a new form begins with stands in it as if somebody had typed it.
            let origin = if new { String::new() } else { place.clone() };
            field_line(origin, table, field, [cell("计算"), cell("显示条件")])
        });
        let checks = sheet(&sheets, "校验");
        let lines = form.checks.iter().zip(0..).map(|(check, at)| {
            let mut line = Line { origin: check.name.clone(), ..Line::default() };
            for (part, column) in CHECK {
                line.set(part, checks.map_or(String::new(), |rows| cell(rows, at, column)));
            }
            line
        });
        let settings = [
            if new { String::new() } else { form.code.clone() },
            if new { String::new() } else { form.title.clone() },
            form.stage.clone(),
            form.basis.join("\n"),
            if new { String::new() } else { form.help.clone() },
            form.subject.of.word().to_owned(),
            form.subject.per.word().to_owned(),
            form.layout.money.word().to_owned(),
            form.layout.signatures.join("\n"),
        ];
        let settings = SETTINGS.iter().map(|name| (*name).to_owned()).zip(settings).collect();
        let (fields, checks) = (fields.collect(), lines.collect());
        let mut typed = Self { settings, fields, checks, seen: seen.to_owned(), note: note.to_owned() };
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
    /// a check for `-check`, a field of the form for nothing behind the word, one of a table for `:` and its name.
    pub(super) fn arrange(&mut self, add: Option<&str>) {
        self.fields.retain(|line| !line.is_blank());
        self.checks.retain(|line| !line.is_blank());
        self.name_new();
        match add {
            None => {}
            Some("-check") => {
                let mut line = Line::default();
                line.set("then", Consequence::Warn.text(Lang::Zh));
                self.checks.push(line);
            }
            Some(table) => {
                let table = table.trim_start_matches(':').to_owned();
                let mut line = Line { table, ..Line::default() };
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
    }

    /// Names the fields that have no name yet, so that a new table can have columns before it is kept.
    fn name_new(&mut self) {
        let mut taken: BTreeSet<String> = self.fields.iter().map(|line| line.own_name().to_owned()).collect();
        let mut number = 1_u32;
        for line in self.fields.iter_mut().filter(|line| line.own_name().is_empty()) {
            while !taken.insert(format!("f{number}")) {
                number = number.saturating_add(1);
            }
            line.set("name", format!("f{number}"));
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

impl Line {
    /// The name of the field: its own, or the one that it is given.
    pub(super) fn own_name(&self) -> &str {
        let (_, own) = self.origin.rsplit_once('.').unwrap_or(("", &self.origin));
        if own.is_empty() { self.get("name") } else { own }
    }
}

fn field_line(origin: String, table: &str, field: &Field, [derived, when]: [String; 2]) -> Line {
    let mut line = Line { origin, table: table.to_owned(), ..Line::default() };
    let places = field.places.map(|places| places.to_string()).unwrap_or_default();
    line.set("name", &field.name);
    line.set("title", &field.title);
    line.set("kind", field.kind.word());
    line.set("unit", &field.unit);
    line.set("places", places);
    line.set("hint", &field.hint);
    line.set("choices", choices_text(&field.choices));
    line.set("derived", derived);
    line.set("when", when);
    line.set("required", if field.required { "1" } else { "" });
    line.set("retired", if field.retired { "1" } else { "" });
    line.leaves = field.leaves.iter().map(|leaving| leaving.word().to_owned()).collect();
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
