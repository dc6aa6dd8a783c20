//! From what was typed to a form. What a cell says in the notation of the workbook is read as the import of a workbook
//! reads it; a cell that nobody touched keeps what it stands for.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::form::{
    Block, Check, Condition, Consequence, Definition, DefinitionFault, Field, FormSheet, Grouped, Kind, Leaving,
    MoneyUnit, Per, SubjectOf, from_sheets, to_sheets,
};
use tongpin_domain::intake::Problem;
use tongpin_domain::lang::{Lang, Say};

use super::line::Line;
use super::typed::{CHECK, NOTED, PART, Typed, cell, choices, sheet};
use super::{flow, fresh, listing, tell};

/// What is wrong, by the row: `f-3`, `c-0`, `s-code`; under no name what concerns the whole.
pub(super) type Wrong = super::Said;

/// What came of it.
pub(super) struct Built {
    /// The form, if it could be read; it may be wrong all the same.
    pub(super) form: Option<Definition>,
    pub(super) wrong: Wrong,
}

/// Where each field and each check of a form was typed.
#[derive(Default)]
struct Places {
    fields: BTreeMap<String, usize>,
    checks: BTreeMap<String, usize>,
}

/// Makes the form.
pub(super) fn build(base: &Definition, published: Option<&Definition>, typed: &Typed, lang: Lang) -> Built {
    let mut wrong = Wrong::new();
    let mut places = Places::default();
    let interim = interim(base, published, typed, &mut places, &mut wrong, lang);
    let mut sheets = to_sheets(&interim);
    let before = to_sheets(base);
    overwrite_fields(&mut sheets, &before, (base, &interim), typed, &places);
    overwrite_checks(&mut sheets, &before, base, typed, &places, &interim);
    let laid = overwrite_parts(&mut sheets, &before, typed);
    match from_sheets(&sheets) {
        Ok(mut form) => {
            // Lines that were typed may say nothing of what is new.
            if !form.layout.blocks.is_empty() {
                place_new(&mut form.layout.blocks, &form.fields, base);
            }
            for problem in form.check() {
                let slot = match &problem.fault {
                    // The list names fields, and what it says of one stands in a row.
                    DefinitionFault::NotAColumn(name) => places.fields.get(name).map(|at| format!("l-{at}")),
                    _ => None,
                };
                let slot = slot.unwrap_or_else(|| slot_of(&problem.place, typed, &places));
                let said = if slot.is_empty() { problem.say(lang) } else { problem.fault.say(lang) };
                tell(&mut wrong, &slot, said);
            }
            Built { form: Some(form), wrong }
        }
        Err(problems) => {
            for problem in &problems {
                let slot = slot_of_cell(problem, &interim, typed, &places, &laid);
                tell(&mut wrong, &slot, told(problem, &slot, lang));
            }
            Built { form: None, wrong }
        }
    }
}

fn told(problem: &Problem, slot: &str, lang: Lang) -> String {
    if slot.is_empty() {
        return problem.say(lang);
    }
    let should = problem.expected.say(lang);
    lang.pick(&format!("{}应为：{should}", problem.column), &format!("{}: expected {should}", problem.column))
        .to_owned()
}

/// The form but for the cells in the notation of the workbook.
fn interim(
    base: &Definition,
    published: Option<&Definition>,
    typed: &Typed,
    places: &mut Places,
    wrong: &mut Wrong,
    lang: Lang,
) -> Definition {
    let mut form = base.clone();
    settings(&mut form, typed);
    let mut made = Made { base, published, typed, places, wrong, lang };
    form.fields = made.fields("", &base.fields);
    let gone: Vec<String> =
        base.places().map(|(place, _)| place).filter(|place| form.field_at(place).is_none()).collect();
    lay_out(&mut form, &gone, base);
    form.checks = made.checks();
    form.flow = flow::build(&base.flow, typed, wrong, lang);
    if base.is_kept() {
        form.list = listing::kept(&base.list, &form.fields);
        return form;
    }
    listing::look(typed, wrong, lang);
    let own = form.fields.iter().filter_map(|field| {
        let at = places.fields.get(&field.name)?;
        Some((field.name.as_str(), typed.fields.get(*at)?))
    });
    form.list = listing::build(&base.list, typed, &own.collect::<Vec<_>>());
    form
}

fn settings(form: &mut Definition, typed: &Typed) {
    let set = |to: &mut String, name: &str| typed.setting(name).clone_into(to);
    set(&mut form.code, "code");
    set(&mut form.title, "title");
    set(&mut form.stage, "stage");
    set(&mut form.help, "help");
    form.basis = typed.lines("basis");
    form.layout.signatures = typed.lines("signatures");
    form.subject.of = SubjectOf::read(typed.setting("of"));
    form.subject.per = Per::read(typed.setting("per"));
    form.layout.money = MoneyUnit::read(typed.setting("money"));
    // What is no number is told as one that no sheet has.
    form.layout.pairs = typed.setting("pairs").parse().unwrap_or(0);
}

struct Made<'a> {
    base: &'a Definition,
    published: Option<&'a Definition>,
    typed: &'a Typed,
    places: &'a mut Places,
    wrong: &'a mut Wrong,
    lang: Lang,
}

impl Made<'_> {
    /// The fields of a table, or of the form: those that were typed in their order, and behind them those that the page
    /// had no row for, because somebody else added them meanwhile.
    fn fields(&mut self, table: &str, before: &[Field]) -> Vec<Field> {
        let typed = self.typed;
        let lines: Vec<&Line> = typed.ordered().into_iter().filter(|line| line.table == table).collect();
        let place = |name: &str| if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") };
        let mut taken: BTreeSet<String> = before.iter().map(|field| field.name.clone()).collect();
        let mut fields = Vec::new();
        for line in lines.iter().filter(|line| !line.is_blank()) {
            let at = typed.fields.iter().position(|other| std::ptr::eq(other, *line)).unwrap_or_default();
            let old = before.iter().find(|field| !line.origin.is_empty() && place(&field.name) == line.origin);
            let kept = self.published.is_some_and(|form| form.field_at(&line.origin).is_some());
            if line.is("remove") && !kept {
                continue;
            }
            let mut field = self.field(line, at, old, &mut taken);
            if field.kind == Kind::Rows || old.is_some_and(|old| !old.fields.is_empty()) {
                let inside = old.map(|old| old.fields.as_slice()).unwrap_or_default();
                field.fields = self.fields(&field.name, inside);
            }
            self.places.fields.insert(place(&field.name), at);
            fields.push(field);
        }
        let known = |field: &&Field| typed.fields.iter().all(|line| line.origin != place(&field.name));
        // A new form's fields have no origin: what was not sent of it is not wanted.
        let theirs = before.iter().filter(known).filter(|_| typed.fields.iter().any(|line| !line.origin.is_empty()));
        fields.extend(theirs.cloned());
        fields
    }

    fn field(&mut self, line: &Line, at: usize, old: Option<&Field>, taken: &mut BTreeSet<String>) -> Field {
        let name = old.map_or_else(|| name(line, taken), |old| old.name.clone());
        taken.insert(name.clone());
        let kind = Kind::read(line.get("kind"));
        let mut field = old.cloned().unwrap_or_else(|| Field::new(&name, "", kind.clone()));
        line.get("title").clone_into(&mut field.title);
        line.get("unit").clone_into(&mut field.unit);
        line.get("hint").clone_into(&mut field.hint);
        field.kind = kind;
        field.required = line.is("required");
        field.retired = line.is("retired");
        field.leaves = line.all("leaves").iter().map(|word| Leaving::read(word)).collect();
        field.choices = choices(line.get("choices"), old.map(|old| old.choices.as_slice()).unwrap_or_default());
        field.places = match line.get("places") {
            "" => None,
            places => places.parse().map_err(|_| self.number(at)).ok(),
        };
        if field.title.is_empty() {
            let said = self.lang.pick("中文名应已填写", "a title is missing");
            tell(self.wrong, &format!("f-{at}"), said.to_owned());
        }
        field
    }

    fn number(&mut self, at: usize) {
        let said = self.lang.pick("小数位应为整数，例如 2", "decimals: a whole number such as 2");
        tell(self.wrong, &format!("f-{at}"), said.to_owned());
    }

    /// The checks: those that stand and are not taken out, and room for the new ones.
    fn checks(&mut self) -> Vec<Check> {
        let typed = self.typed;
        let mut taken: BTreeSet<String> = self.base.checks.iter().map(|check| check.name.clone()).collect();
        let mut checks = Vec::new();
        for (at, line) in typed.checks.iter().enumerate().filter(|(_, line)| !line.is_blank() && !line.is("remove")) {
            let old = self.base.checks.iter().find(|check| check.name == line.origin);
            let check = old.cloned().unwrap_or_else(|| Check {
                name: fresh("c", &mut taken),
                when: Condition::All(Vec::new()),
                then: Consequence::Warn,
                says: String::new(),
                at: String::new(),
                each: String::new(),
                reason: String::new(),
            });
            self.places.checks.insert(check.name.clone(), at);
            checks.push(check);
        }
        let known = |check: &&Check| typed.checks.iter().all(|line| line.origin != check.name);
        checks.extend(self.base.checks.iter().filter(known).cloned());
        checks
    }
}

/// The name of a new field: the one that was typed, or one that is made.
fn name(line: &Line, taken: &mut BTreeSet<String>) -> String {
    let typed = line.get("name");
    if typed.is_empty() { fresh("f", taken) } else { typed.to_owned() }
}

/// The sheet with what is new on it, and without what is gone; as it was otherwise.
fn lay_out(form: &mut Definition, gone: &[String], base: &Definition) {
    let is_gone = |name: &String| gone.contains(name);
    if form.layout.blocks.is_empty() {
        return;
    }
    for block in &mut form.layout.blocks {
        let rows = block.rows.clone();
        block.fields.retain(|name| !is_gone(name));
        for group in &mut block.columns {
            group.fields.retain(|name| !gone.contains(&format!("{rows}.{name}")));
        }
        block.columns.retain(|group| !group.fields.is_empty());
    }
    let is_empty = |block: &Block| block.rows.is_empty() && block.fields.is_empty();
    form.layout.blocks.retain(|block| !is_gone(&block.rows) && !is_empty(block));
    place_new(&mut form.layout.blocks, &form.fields, base);
}

/// Puts what is new and stands nowhere yet onto the sheet.
fn place_new(blocks: &mut Vec<Block>, fields: &[Field], base: &Definition) {
    for field in fields {
        let is_new = base.field(&field.name).is_none();
        if is_new && blocks.iter().any(|block| block.rows == field.name || block.fields.contains(&field.name)) {
            continue;
        }
        if is_new && field.kind == Kind::Rows {
            blocks.push(Block { title: field.title.clone(), rows: field.name.clone(), ..Block::default() });
        } else if is_new {
            match blocks.iter_mut().rev().find(|block| block.rows.is_empty()) {
                Some(block) => block.fields.push(field.name.clone()),
                None => blocks.push(Block { fields: vec![field.name.clone()], ..Block::default() }),
            }
        }
        let inside =
            field.fields.iter().filter(|inner| base.field_at(&format!("{}.{}", field.name, inner.name)).is_none());
        for inner in inside.filter(|_| !is_new) {
            let table = blocks.iter_mut().find(|block| block.rows == field.name && !block.columns.is_empty());
            let stands = |block: &Block| block.columns.iter().any(|group| group.fields.contains(&inner.name));
            if let Some(block) = table.filter(|block| !stands(block)) {
                block.columns.push(Grouped { title: String::new(), fields: vec![inner.name.clone()] });
            }
        }
    }
}

/// Puts what was typed in the notation of the workbook into its cells, where somebody typed something else than stood
/// there.
fn overwrite_fields(
    sheets: &mut [FormSheet],
    before: &[FormSheet],
    (base, interim): (&Definition, &Definition),
    typed: &Typed,
    places: &Places,
) {
    let rows_before: BTreeMap<String, usize> = base.places().map(|(place, _)| place).zip(0..).collect();
    let Some(old) = sheet(before, "字段") else { return };
    for (row, (place, _)) in interim.places().enumerate() {
        let Some(line) = places.fields.get(&place).and_then(|at| typed.fields.get(*at)) else { continue };
        let stood = rows_before.get(&place).filter(|_| !line.origin.is_empty());
        for (part, column) in NOTED {
            let was = stood.map(|row| cell(old, *row, column)).unwrap_or_default();
            if line.get(part) != was.trim() {
                set(sheets, "字段", row, column, line.get(part));
            }
        }
    }
}

/// Puts what was typed of the checks into their rows, where it is something else than stood there.
fn overwrite_checks(
    sheets: &mut [FormSheet],
    before: &[FormSheet],
    base: &Definition,
    typed: &Typed,
    places: &Places,
    interim: &Definition,
) {
    let Some(old) = sheet(before, "校验") else { return };
    for (row, check) in interim.checks.iter().enumerate() {
        let Some(line) = places.checks.get(&check.name).and_then(|at| typed.checks.get(*at)) else { continue };
        let stood = base.checks.iter().position(|old| old.name == line.origin);
        for (part, column) in CHECK {
            let was = stood.map(|row| cell(old, row, column));
            if was.is_none_or(|was| was.trim() != line.get(part)) {
                set(sheets, "校验", row, column, line.get(part));
            }
        }
    }
}

/// Puts the parts of the sheet in the place of those that stand, if somebody typed something else; the numbers of the
/// rows that were taken, in the order in which they stand now.
fn overwrite_parts(sheets: &mut [FormSheet], before: &[FormSheet], typed: &Typed) -> Vec<usize> {
    let mut laid: Vec<(usize, &Line)> =
        typed.parts.iter().enumerate().filter(|(_, line)| !line.is_blank() && !line.is("remove")).collect();
    laid.sort_by_key(|(_, line)| line.order());
    let row = |(_, line): &(usize, &Line)| PART.iter().map(|(part, _)| line.get(part).to_owned()).collect();
    let rows: Vec<Vec<String>> = laid.iter().map(row).collect();
    let is = |sheets: &[FormSheet]| {
        let stands = sheet(sheets, "版式").map(|sheet| sheet.rows.iter().map(|(_, cells)| cells).collect::<Vec<_>>());
        stands.is_some_and(|stands| stands.into_iter().eq(&rows))
    };
    if !is(before)
        && !is(sheets)
        && let Some(sheet) = sheets.iter_mut().find(|sheet| sheet.name == "版式")
    {
        sheet.header = PART.iter().map(|(_, column)| (*column).to_owned()).collect();
        sheet.rows = (2..).zip(rows).collect();
    }
    laid.into_iter().map(|(at, _)| at).collect()
}

fn set(sheets: &mut [FormSheet], name: &str, row: usize, column: &str, text: &str) {
    let Some(sheet) = sheets.iter_mut().find(|sheet| sheet.name == name) else { return };
    let Some(at) = sheet.header.iter().position(|title| title == column) else { return };
    if let Some(cell) = sheet.rows.get_mut(row).and_then(|(_, cells)| cells.get_mut(at)) {
        text.clone_into(cell);
    }
}

/// The row in which a place of the form was typed.
fn slot_of(place: &str, typed: &Typed, places: &Places) -> String {
    let row = |prefix: &str, name: &str| match prefix {
        "fields" => places.fields.get(name).map(|at| format!("f-{at}")),
        "checks" => places.checks.get(name).map(|at| format!("c-{at}")),
        "flow.states" => flow::row(&typed.states, name).map(|at| format!("z-{at}")),
        "flow.steps" => flow::row(&typed.steps, name).map(|at| format!("t-{at}")),
        _ => None,
    };
    match place {
        "code" | "title" => format!("s-{place}"),
        "flow" | "flow.states" | "flow.steps" => "flow".to_owned(),
        "layout" | "list" => place.to_owned(),
        _ => ["fields", "checks", "flow.states", "flow.steps"]
            .into_iter()
            .find_map(|prefix| row(prefix, place.strip_prefix(prefix)?.strip_prefix('.')?))
            .unwrap_or_default(),
    }
}

/// The row in which a cell of the workbook was typed.
fn slot_of_cell(problem: &Problem, interim: &Definition, typed: &Typed, places: &Places, laid: &[usize]) -> String {
    let row = problem.line.checked_sub(2).and_then(|row| usize::try_from(row).ok());
    let Some(row) = row else { return String::new() };
    let slot = |place: String| slot_of(&place, typed, places);
    match problem.file.as_str() {
        "字段" => interim.places().nth(row).map(|(place, _)| slot(format!("fields.{place}"))),
        "校验" => interim.checks.get(row).map(|check| slot(format!("checks.{}", check.name))),
        "状态" => interim.flow.states.get(row).map(|state| slot(format!("flow.states.{}", state.name))),
        "步骤" => interim.flow.steps.get(row).map(|step| slot(format!("flow.steps.{}", step.name))),
        "版式" => laid.get(row).map(|at| format!("p-{at}")),
        _ => None,
    }
    .unwrap_or_default()
}
