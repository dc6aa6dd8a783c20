//! Whoever fills a document in, and by whatever way, gets the same: the page as one types and as it is saved, the
//! official sheet filled in and handed in, the API, and the evaluator alone keep the same values, calculate the same,
//! refuse the same at the same places in the same words, and find the same by the checks.
//!
//! Forms and entries are drawn by lot. `PROPTEST_CASES` says how many; a few seconds' worth without it.

mod drafts;
mod meant;
mod posted;
mod ways;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tongpin_domain::form::{
    Consequence, Definition, Evaluated, Facts, Finding, Given, GivenRow, Place, Reading, shown,
};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

use super::api::System;
use super::ground::Reader;
use crate::ops::forms;
use drafts::{Draft, IDS, ROWS};
use ways::Outcome;

/// Cases that are tried without being asked for more.
const CASES: u32 = 24;

/// A county with its console and its API, and how many forms it has been given.
pub(super) struct Bench {
    system: System,
    reader: Reader,
    forms: Cell<u64>,
}

/// What the evaluator alone makes of what was filled in.
struct Alone {
    given: BTreeMap<String, Given>,
    reading: Reading,
    evaluated: Evaluated,
}

#[test]
fn every_way_gives_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let bench = runtime.block_on(async {
        let system = System::new().await;
        let reader = system.ground.reader("enter").await;
        Bench { system, reader, forms: Cell::new(0) }
    });
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if asked { Config::default().cases } else { CASES };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let tried = TestRunner::new(config).run(&drafts::draft(), |draft| {
        runtime.block_on(bench.agree(&draft));
        Ok(())
    });
    if let Err(error) = tried {
        unreachable!("{error}");
    }
}

impl Bench {
    /// The code of the form that was published last.
    fn code(&self) -> String {
        format!("agreed{}", self.forms.get())
    }

    async fn agree(&self, draft: &Draft) {
        self.forms.set(self.forms.get() + 1);
        let mut draft = draft.clone();
        draft.definition.code = self.code();
        assert_eq!(draft.definition.check(), [], "the form is sound");
        let body = serde_json::to_string(&draft.definition).expect("JSON");
        self.system.ground.desk.publish("forms", &self.code(), &body, self.forms.get()).await;

        let first = before(&draft);
        let (page, sheet, api) = (self.begin(&first).await, self.begin(&first).await, self.begin(&first).await);
        let held = self.kept(&page).await.0;
        let mut alone = Alone::of(&draft, &held);
        while draft.sound && !alone.reading.problems.is_empty() {
            alone.reading.problems.iter().for_each(|problem| draft.drop_at(&problem.place));
            alone = Alone::of(&draft, &held);
        }
        let definition = &draft.definition;
        let problems = alone.problems();
        let due = Outcome { kept: problems.is_empty(), problems };

        let (check, by_page) = self.by_page(&draft, &held, &page).await;
        alone.is_told_while_typing(definition, &check);
        assert_eq!(by_page, due, "by page");
        assert_eq!(self.by_sheet(&draft, &sheet).await, due, "by sheet");
        let (told, by_api) = self.by_api(&draft, &held, &api).await;
        assert_eq!(by_api, due, "by API");
        let kept = if due.kept { alone.kept(definition) } else { self.kept(&self.begin(&first).await).await };
        for (way, id) in [("page", &page), ("sheet", &sheet), ("API", &api)] {
            assert_eq!(self.kept(id).await, kept, "kept by {way}");
        }
        if due.kept {
            alone.is_told_to_a_system(&told, &kept.1);
        }
    }

    /// Begins a document, and says which it is.
    async fn begin(&self, given: &BTreeMap<String, Given>) -> String {
        let address = format!("/api/v1/forms/{}/documents", self.code());
        let (shown, told) = self.system.call("POST", &address, &[], &json!({ "given": given })).await;
        assert_eq!(shown.status, 201, "{told}");
        told["id"].as_str().expect("an id").to_owned()
    }

    /// What a document keeps: what was typed, and what followed.
    async fn kept(&self, id: &str) -> (BTreeMap<String, Given>, BTreeMap<String, String>) {
        let own = RegionCode::new("320581").expect("a code");
        let held = forms::open(&self.system.ground.desk.store, &self.code(), &own, id).await.expect("readable");
        let document = held.expect("it was begun").document;
        (document.given, document.derived)
    }
}

/// What the documents hold at first: what of the draft is sound.
fn before(draft: &Draft) -> BTreeMap<String, Given> {
    let definition = &draft.definition;
    let mut given = meant::changed(definition, &BTreeMap::new(), &draft.before.0);
    let rows =
        draft.before.1.iter().zip(IDS).map(|(entries, id)| {
            meant::row(definition, GivenRow { id: id.to_owned(), ..GivenRow::default() }, entries)
        });
    let rows: Vec<GivenRow> = rows.filter(|row| !row.cells.is_empty()).collect();
    if !rows.is_empty() {
        given.insert(ROWS.to_owned(), Given::Rows(rows));
    }
    let read = definition.read(&given);
    for FieldAt { field, row, inner } in read.problems.iter().map(|problem| FieldAt::of(&problem.place)) {
        match (given.get_mut(field), row.zip(inner)) {
            (Some(Given::Rows(rows)), Some((id, inner))) => {
                rows.iter_mut().filter(|row| row.id == id).for_each(|row| drop(row.cells.remove(inner)));
                rows.retain(|row| !row.cells.is_empty());
            }
            _ => drop(given.remove(field)),
        }
    }
    given
}

/// A place in parts.
struct FieldAt<'a> {
    field: &'a str,
    row: Option<&'a str>,
    inner: Option<&'a str>,
}

impl<'a> FieldAt<'a> {
    fn of(place: &'a Place) -> Self {
        Self { field: &place.field, row: place.row.as_deref(), inner: place.inner.as_deref() }
    }
}

impl Alone {
    fn of(draft: &Draft, held: &BTreeMap<String, Given>) -> Self {
        let definition = &draft.definition;
        let mut given = meant::changed(definition, held, &draft.change.0);
        let rows = meant::table(definition, meant::rows_of(held), &draft.change.1);
        given.remove(ROWS);
        if !rows.is_empty() {
            given.insert(ROWS.to_owned(), Given::Rows(rows));
        }
        let reading = definition.read_kept(&given, held);
        let evaluated = definition.evaluate(&reading.values, &Facts::default());
        Self { given, reading, evaluated }
    }

    /// What cannot be read: the place and the sentence.
    fn problems(&self) -> BTreeSet<(String, String)> {
        self.reading.problems.iter().map(|it| (it.place.to_string(), it.fault.say(Lang::Zh))).collect()
    }

    fn kept(&self, definition: &Definition) -> (BTreeMap<String, Given>, BTreeMap<String, String>) {
        (definition.canonical(&self.reading.values, &self.given), definition.derived(&self.evaluated))
    }

    /// The page says the same while somebody types: what is calculated, what is missing, what is not asked, and at
    /// which place what is wrong.
    fn is_told_while_typing(&self, definition: &Definition, check: &Value) {
        let at = |place: Option<&Place>| place.map(Place::to_string).unwrap_or_default();
        let unread = self.problems().into_iter().map(|(place, text)| (place, "bad".to_owned(), text));
        let found = self.evaluated.findings.iter().map(|it| {
            let (tone, follows) = match (&it.then, it.answered) {
                (Consequence::Block, _) => ("bad", "不得送审"),
                (Consequence::Reason, true) => ("info", "已说明原因"),
                (Consequence::Reason, false) => ("warn", "须说明原因"),
                (Consequence::Review, _) => ("warn", "提请审核关注"),
                _ => ("warn", "提醒"),
            };
            (at(it.place.as_ref()), tone.to_owned(), format!("{}（{follows}）", it.says.trim_end_matches('。')))
        });
        let due: BTreeSet<(String, String, String)> = unread.chain(found).collect();
        let notes = check["notes"].as_array().expect("notes").iter();
        let word = |note: &Value, part: &str| note[part].as_str().expect("a text").to_owned();
        let told = notes.map(|note| (word(note, "place"), word(note, "tone"), word(note, "text"))).collect();
        assert_eq!(due, told, "notes while typing");

        let wrong: BTreeSet<String> = self.problems().into_iter().map(|(place, _)| place).collect();
        let missing = self.evaluated.missing.iter().map(Place::to_string).filter(|place| !wrong.contains(place));
        let due: BTreeSet<String> = missing.chain(self.evaluated.findings.iter().filter_map(reason)).collect();
        let texts = |value: &Value| -> BTreeSet<String> { serde_json::from_value(value.clone()).expect("texts") };
        assert_eq!(due, texts(&check["missing"]), "missing while typing");
        assert_eq!(self.evaluated.hidden, texts(&check["hidden"]), "not asked while typing");

        let money = &definition.layout.money;
        let mut due = BTreeMap::new();
        for field in definition.fields.iter().filter(|field| field.derived.is_some()) {
            let value = self.evaluated.values.get(&field.name);
            due.insert(field.name.clone(), value.map_or("—".to_owned(), |value| shown(field, value, money, Lang::Zh)));
        }
        let rows = definition.field(ROWS).expect("each form has one");
        let held = self.evaluated.values.get(ROWS).and_then(|value| value.rows()).unwrap_or_default();
        for (row, field) in held.iter().flat_map(|row| rows.fields.iter().map(move |field| (row, field))) {
            if field.derived.is_some() {
                let value = row.values.get(&field.name);
                let text = value.map_or("—".to_owned(), |value| shown(field, value, money, Lang::Zh));
                due.insert(Place::cell(ROWS, &row.id, &field.name).to_string(), text);
            }
        }
        let told: BTreeMap<String, String> = serde_json::from_value(check["shown"].clone()).expect("texts");
        assert_eq!(due, told, "calculated while typing");
    }

    /// A system is told the same of what it wrote.
    fn is_told_to_a_system(&self, told: &Value, derived: &BTreeMap<String, String>) {
        assert_eq!(told["derived"], json!(derived), "calculated, to a system");
        let missing: Vec<String> = self.evaluated.missing.iter().map(Place::to_string).collect();
        assert_eq!(told["missing"], json!(missing), "missing, to a system");
        let found = self.evaluated.findings.iter().map(|it| {
            json!({ "check": it.check, "then": it.then, "place": it.place.as_ref().map(Place::to_string),
                "says": it.says, "blocks": it.blocks() })
        });
        assert_eq!(told["findings"], found.collect::<Value>(), "found, to a system");
    }
}

/// Where a check wants its reason, while it has none.
fn reason(finding: &Finding) -> Option<String> {
    let wanted = finding.then == Consequence::Reason && !finding.answered;
    let row = finding.place.as_ref().and_then(|place| place.row.as_deref());
    wanted.then(|| row.map_or("text".to_owned(), |row| Place::cell(ROWS, row, "line").to_string()))
}
