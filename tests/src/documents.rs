//! Documents by the thousand, for the benchmarks: the sample's form under other codes, about projects and by year, and
//! each project's document of it, as the program itself would have calculated and kept it.

use anyhow::{Context, Result, ensure};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{DOCUMENT, Definition, Document, FORMS, Facts, Given, GivenRow};
use tongpin_domain::intake;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_store::RecordRow;

const SAMPLE: &str = include_str!("../../samples/forms/road_dispatch.toml");
/// The year that the documents are for.
const YEAR: &str = "2026";
/// Rows of most documents, and of the one with many.
const ROWS: usize = 5;
/// Rows of the document of project [`MANY`].
pub const MANY_ROWS: usize = 200;
/// Which project has a draft of many rows.
pub const MANY: usize = 9;
/// Which project has a draft of few.
pub const DRAFT: usize = 19;

/// The code of one of the forms.
#[must_use]
pub fn code(number: usize) -> String {
    format!("road_dispatch_{number}")
}

/// One of the forms as TOML.
///
/// # Errors
/// The sample is not what it was.
pub fn form(number: usize) -> Result<String> {
    let mut text = SAMPLE.to_owned();
    for (before, after) in [
        ("code = \"road_dispatch\"", format!("code = \"{}\"", code(number))),
        ("title = \"农村公路养护补助资金季度调度表\"", format!("title = \"农村公路养护补助资金调度表 {number}\"")),
        ("of = \"region\"", "of = \"project\"".to_owned()),
        ("per = \"quarter\"", "per = \"year\"".to_owned()),
    ] {
        ensure!(text.contains(before), "the sample says {before}");
        text = text.replacen(before, &after, 1);
    }
    Ok(text)
}

/// A form with a field more.
#[must_use]
pub fn with_field(form: &str, name: &str) -> String {
    let field = format!("\n[[fields]]\nname = \"{name}\"\ntitle = \"{name}\"\nkind = \"line\"\n");
    form.replacen("\n[[fields]]", &format!("{field}\n[[fields]]"), 1)
}

/// A form whose shares have more decimals.
#[must_use]
pub fn with_decimals(form: &str) -> String {
    form.replace("kind = \"percent\"", "kind = \"percent\"\nplaces = 4")
}

/// What is published of a form that is written as TOML: its body.
///
/// # Errors
/// It is not sound.
pub fn published(form: &str) -> Result<String> {
    let read = intake::entry_from_toml(FORMS, "form.toml", form.as_bytes());
    ensure!(read.problems.is_empty(), "the form is sound: {:?}", read.problems);
    let (_, entry) = read.accepted.into_iter().next().context("an entry")?;
    Ok(entry.body)
}

/// What tells a project's document from others of its form.
#[must_use]
pub fn id(project: &str) -> String {
    let digest = Digest::of_parts([project.as_bytes(), YEAR.as_bytes()]).to_string();
    format!("{YEAR}-{}", digest.get(..12).unwrap_or_default())
}

/// Of ten documents seven are approved, two wait for the county, and one is a draft: the state, and how often it was
/// handed on.
fn state(place: usize) -> (&'static str, u32) {
    match place % 10 {
        0..=6 => ("approved", 2),
        7..=8 => ("review", 1),
        _ => ("draft", 0),
    }
}

/// The document of a project, which is told by code and name, under a form's release.
///
/// # Errors
/// The form does not take it.
pub fn document(
    definition: &Definition,
    (publisher, release): (&RegionCode, u64),
    place: usize,
    (subject, subject_name): (&str, &str),
) -> Result<RecordRow> {
    let one = |text: String| Given::One(text);
    let count = if place == MANY { MANY_ROWS } else { ROWS };
    let row = |number: usize| GivenRow {
        id: format!("r{number}"),
        cells: [
            ("route", format!("Y{number:03}320581")),
            ("length", format!("{}.5", 1 + number % 40)),
            ("planned", format!("{}.00", 300_000 + place)),
            ("paid", format!("{}.00", 100_000 + (place * 7 + number) % 200_000)),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into(),
    };
    let given = [
        ("received", one(format!("{}.00", 400_000 * count + place))),
        ("arrived_on", one(format!("{YEAR}-{:02}-{:02}", 1 + place % 12, 1 + place % 28))),
        ("roads", Given::Rows((1..=count).map(row).collect())),
        ("clerk", one("王建国".to_owned())),
        ("reason", one("一处路段未验收".to_owned())),
    ]
    .map(|(name, given)| (name.to_owned(), given))
    .into();
    let reading = definition.read(&given);
    ensure!(reading.problems.is_empty(), "the document is sound: {:?}", reading.problems);
    let evaluated = definition.evaluate(&reading.values, &Facts::default());
    let (state, turn) = state(place);
    let document = Document {
        form: definition.code.clone(),
        publisher: publisher.clone(),
        release,
        added: 0,
        id: id(subject),
        subject: subject.to_owned(),
        subject_name: subject_name.to_owned(),
        period: YEAR.to_owned(),
        version: 1,
        turn,
        state: state.to_owned(),
        given: definition.canonical(&reading.values, &given),
        derived: definition.derived(&evaluated),
        filled_by: vec!["jingban".to_owned()],
        steps: Vec::new(),
        // Scattered over a week or so.
        changed_at: Moment(1_770_000_000_000 + i64::try_from(place * 7_919 % 10_007)? * 60_000),
    };
    let body = Some(serde_json::to_string(&document)?);
    Ok(RecordRow { kind: DOCUMENT.to_owned(), key: document.record_key(), body })
}
