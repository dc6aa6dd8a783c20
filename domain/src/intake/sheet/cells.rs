//! One row of a sheet, read cell by cell: a typed value, or a problem that names the cell.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use time::Date;

use super::super::{Problem, TableRow, Words, code};
use super::{Sheet, row};
use crate::catalog::Audience;
use crate::lang::{Lang, Say};
use crate::level;
use crate::money::Amount;
use crate::number::{self, Typed};
use crate::region::RegionCode;
use crate::rules::FormulaCode;
use crate::score::{Relation, nature_fits};

/// The longest key of a record or an entry, in characters.
const KEY_LENGTH: usize = 120;

/// One row, read cell by cell.
pub(in crate::intake) struct Cells<'a> {
    pub(super) sheet: &'a Sheet<'a>,
    pub(super) row: &'a TableRow,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl<'a> Cells<'a> {
    /// The cell as typed; blank where the file has no such column.
    pub(in crate::intake) fn raw(&self, name: &str) -> &'a str {
        self.sheet.at.get(name).map_or("", |index| self.cell(*index))
    }

    /// True if the file has such a column.
    pub(in crate::intake) fn has(&self, name: &str) -> bool {
        self.sheet.at.contains_key(name)
    }

    /// The line that the row begins on.
    pub(in crate::intake) fn line(&self) -> u64 {
        self.row.line
    }

    /// The cell at a position as typed.
    pub(in crate::intake) fn cell(&self, index: usize) -> &'a str {
        self.row.cells.get(index).map_or("", String::as_str)
    }

    /// Notes that a cell is not what was expected.
    pub(in crate::intake) fn problem(&mut self, name: &str, expected: Words) {
        // What is no value at all has been told already.
        if row::no_value(self.raw(name)).is_none() {
            let problem = self.about(name, expected);
            self.problems.push(problem);
        }
    }

    /// Notes that a cell looks doubtful.
    pub(in crate::intake) fn warn(&mut self, name: &str, expected: Words) {
        let warning = self.about(name, expected);
        self.warnings.push(warning);
    }

    fn about(&self, name: &str, expected: Words) -> Problem {
        Problem {
            file: self.sheet.table.name.clone(),
            line: self.row.line,
            column: self.sheet.title(name),
            found: self.raw(name).to_owned(),
            expected,
        }
    }

    /// One of the words that can be chosen, as it is kept; another is taken as typed, with a word of warning.
    pub(in crate::intake) fn word(&mut self, name: &str) -> String {
        let word = self.code(name);
        let choices = self.sheet.choices.get(name).copied().unwrap_or_default();
        let narrow = number::half_width(&word);
        if word.is_empty() || choices.iter().any(|choice| choice.code == narrow) {
            return word;
        }
        if let Some(choice) = choices.iter().find(|choice| choice.text == narrow) {
            return choice.code.clone();
        }
        let words: Vec<&str> =
            choices.iter().filter(|choice| !choice.retired).map(|choice| choice.text.as_str()).collect();
        let zh = format!("{}之一（可以导入，请核对）", words.join("、"));
        self.warn(name, Words::new(zh, format!("one of {} (imported all the same)", words.join(", "))));
        word
    }

    /// Notes a problem if the row is no data, has too few cells, or more than blank ones too many.
    pub(super) fn is_regular(&mut self) -> bool {
        if let Some(expected) = row::no_data(self.sheet.table, self.row) {
            self.problems.push(self.of_row(expected));
            return false;
        }
        let columns = self.sheet.table.header.len();
        let count = self.row.cells.len();
        let unnamed = |(index, cell): (usize, &String)| {
            !cell.trim().is_empty() && self.sheet.table.header.get(index).is_none_or(String::is_empty)
        };
        let nameless = self.row.cells.iter().enumerate().any(unnamed);
        if count >= columns && !nameless {
            return true;
        }
        self.problems.push(self.of_row(Words::new(
            format!("与列名一一对应的 {columns} 个单元格（读到 {count} 个；含逗号的文字要用双引号括起）"),
            format!("{columns} cells, one under each column name (there are {count}; quote text with commas)"),
        )));
        false
    }

    /// Notes the cells that hold no value of any kind.
    pub(super) fn no_values(&mut self) {
        for (cell, title) in self.row.cells.iter().zip(&self.sheet.table.header) {
            if let Some(expected) = row::no_value(cell) {
                let problem = Problem { column: title.clone(), found: cell.clone(), ..self.of_row(expected) };
                self.problems.push(problem);
            }
        }
    }

    /// A problem of the whole row.
    fn of_row(&self, expected: Words) -> Problem {
        Problem {
            file: self.sheet.table.name.clone(),
            line: self.row.line,
            column: String::new(),
            found: self.row.cells.join(","),
            expected,
        }
    }

    /// A text as typed, blanks included.
    pub(in crate::intake) fn text(&self, name: &str) -> String {
        self.raw(name).to_owned()
    }

    /// A code or a word from a list: without the blanks around it.
    pub(in crate::intake) fn code(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// A code that something is known by: without the blanks around it, and not one that a spreadsheet has made a
    /// number of.
    pub(in crate::intake) fn identifier(&mut self, name: &str) -> String {
        if let Some(expected) = code::spoilt(self.raw(name)) {
            self.problem(name, expected);
        }
        self.code(name)
    }

    /// 二级指标 must belong to 一级指标.
    pub(in crate::intake) fn levels(&mut self) {
        if let Some(expected) = level::misplaced(self.raw("level1"), self.raw("level2")) {
            self.problem("level2", expected);
        }
    }

    /// A warning where 指标性质, 方向 and the formula that the method is named after judge in different directions. What
    /// a rule set calls otherwise is judged when it is scored.
    pub(in crate::intake) fn directions(&mut self) {
        let nature = self.code("nature");
        let method = FormulaCode::ALL.into_iter().find(|formula| formula.code() == self.raw("rule_type").trim());
        if let Some(formula) = method.filter(|formula| !nature_fits(&nature, *formula)) {
            let zh = format!("与指标性质“{nature}”方向一致的赋分方法（{} {formula} 与之矛盾）", formula.chinese());
            self.warn(
                "rule_type",
                Words::new(zh, format!("a method in the direction of {nature}, which {formula} is not")),
            );
        }
        let fitting: &[&str] = match Relation::of_nature(&nature) {
            Some(Relation::AtLeast) => &["正向"],
            Some(Relation::AtMost) => &["反向"],
            Some(Relation::Exactly) => &["正向", "定值"],
            None if nature == "定性" => &["定性"],
            None => return,
        };
        let direction = self.code("direction");
        if !direction.is_empty() && !fitting.contains(&direction.as_str()) {
            let zh = format!("与指标性质“{nature}”一致的{}", fitting.join("或"));
            self.warn("direction", Words::new(zh, format!("{}, as the nature {nature} has it", fitting.join(" or "))));
        }
    }

    /// A text that must not be blank, as typed.
    pub(in crate::intake) fn required(&mut self, name: &str) -> String {
        if self.raw(name).trim().is_empty() {
            self.problem(name, Words::new("非空的内容", "a value"));
        }
        self.text(name)
    }

    /// A key: not blank, and without blanks or slashes inside, so that it can be part of a longer key.
    pub(in crate::intake) fn key(&mut self, name: &str) -> String {
        let key = self.code(name);
        if let Some(expected) = code::spoilt(&key) {
            self.problem(name, expected);
            return key;
        }
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '/';
        if key.is_empty() || key.contains(odd) || key.chars().count() > KEY_LENGTH {
            let zh = format!("不含空格和斜杠、不超过 {KEY_LENGTH} 字的编码");
            let en = format!("a code without blanks and slashes, of at most {KEY_LENGTH} characters");
            self.problem(name, Words::new(zh, en));
        }
        key
    }

    /// A division code of 6 or 9 digits.
    pub(in crate::intake) fn region(&mut self, name: &str) -> Option<RegionCode> {
        let region = RegionCode::new(self.raw(name)).ok();
        if region.is_none() {
            let plain = || Words::new("6 位或 9 位区划代码", "a division code of 6 or 9 digits");
            let expected = code::spoilt(self.raw(name)).unwrap_or_else(plain);
            self.problem(name, expected);
        }
        region
    }

    /// An amount of yuan; a blank is a missing amount.
    pub(in crate::intake) fn amount(&mut self, name: &str) -> Amount {
        let amount = Amount::parse(self.raw(name));
        if let Some(why) = amount.problem() {
            let zh = format!("以元为单位、至多两位小数的金额，如 1,234.56（{}）", why.say(Lang::Zh));
            let en = format!("an amount in yuan with at most two decimals, such as 1,234.56 ({})", why.say(Lang::En));
            self.problem(name, Words::new(zh, en));
        }
        amount
    }

    /// A target or an actual: anything that can be typed.
    pub(in crate::intake) fn typed(&self, name: &str) -> Typed {
        Typed::parse(self.raw(name))
    }

    /// A number within bounds, or blank.
    pub(in crate::intake) fn number(&mut self, name: &str, least: i64, most: i64) -> Option<Decimal> {
        let typed = self.typed(name);
        if typed.is_missing() {
            return None;
        }
        let within = |number: &Decimal| (Decimal::from(least)..=Decimal::from(most)).contains(number);
        let number = typed.number().filter(within);
        if number.is_none() {
            let zh = format!("{least} 到 {most} 之间的数");
            self.problem(name, Words::new(zh, format!("a number from {least} to {most}")));
        }
        number
    }

    /// A whole number from 0, or blank.
    pub(in crate::intake) fn whole(&mut self, name: &str) -> Option<u32> {
        if self.raw(name).trim().is_empty() {
            return None;
        }
        let whole = number::whole(self.raw(name));
        if whole.is_none() {
            self.problem(name, Words::new("不小于 0 的整数", "a whole number from 0"));
        }
        whole
    }

    /// A day, or blank.
    pub(in crate::intake) fn date(&mut self, name: &str) -> Option<Date> {
        let typed = self.typed(name);
        if typed.is_missing() {
            return None;
        }
        if typed.date().is_none() {
            self.problem(name, Words::new("日期，如 2024-05-31", "a date such as 2024-05-31"));
        }
        typed.date()
    }

    /// Yes or no; a blank is no. `no` is the digit that the file's convention has for it.
    pub(in crate::intake) fn flag(&mut self, name: &str, no: &str) -> bool {
        let word = number::half_width(self.raw(name).trim());
        match word.as_ref() {
            "1" | "是" => true,
            "" | "否" => false,
            other if other == no => false,
            _ => {
                self.problem(name, Words::new(format!("1（是）或 {no}（否）"), format!("1 (yes) or {no} (no)")));
                false
            }
        }
    }

    /// Whom an entry is for, where the file says so.
    pub(in crate::intake) fn audience(&mut self, name: &str) -> Option<Audience> {
        let text = self.code(name);
        if text.is_empty() {
            return None;
        }
        let audience = Audience::try_from(text).ok();
        if audience.is_none() {
            let zh = "*（全部）、-（仅本级）或区划代码，或不填";
            self.problem(name, Words::new(zh, "* (everyone), - (the publisher only), a division code, or blank"));
        }
        audience
    }

    /// Notes a problem if the key was already there on an earlier line; remembers it otherwise. A blank one is a
    /// problem
    /// of its own already.
    pub(in crate::intake) fn unique<K: Ord>(&mut self, name: &str, key: K, seen: &mut BTreeMap<K, u64>) {
        if self.raw(name).trim().is_empty() {
            return;
        }
        if let Some(first) = seen.get(&key) {
            let zh = format!("不重复的编码（第 {first} 行已有）");
            let words = Words::new(zh, format!("each key once (line {first} has the same)"));
            self.problem(name, words);
        } else {
            seen.insert(key, self.row.line);
        }
    }
}
