//! Where a figure comes from: its steps, and every report that went into it with its signature checked anew.

use std::collections::BTreeMap;

use serde::Serialize;
use tongpin_domain::collection::{Collection, Group};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::partial::Partial;
use tongpin_domain::region::RegionCode;
use tongpin_domain::report::Report;
use tongpin_domain::rollup::{EXECUTION, Method, Note, RollupStep};

use super::{Computed, Figures, measure, rules_text};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::{Collected, Counted, Signature, signature};

/// Where a figure came from.
#[derive(Serialize)]
pub(crate) struct Explained {
    pub(crate) collection: String,
    pub(crate) method: Method,
    pub(crate) figure: String,
    pub(crate) name: String,
    /// The figure itself.
    pub(crate) line: serde_json::Value,
    /// Its arithmetic, in words.
    pub(crate) steps: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) inputs: Vec<Input>,
}

/// What went in, from one report.
#[derive(Serialize)]
pub(crate) struct Input {
    pub(crate) region: RegionCode,
    pub(crate) name: String,
    pub(crate) revision: u64,
    pub(crate) digest: Digest,
    pub(crate) received_at: Moment,
    pub(crate) approved_by: String,
    pub(crate) rules: String,
    pub(crate) signature: Signature,
    pub(crate) groups: Vec<InputGroup>,
}

/// One group of one report.
#[derive(Serialize)]
pub(crate) struct InputGroup {
    pub(crate) keys: Vec<String>,
    pub(crate) records: u64,
    /// The measures by id, exactly as they travelled.
    measures: BTreeMap<String, Partial>,
    #[serde(skip)]
    pub(crate) said: Vec<String>,
}

/// What a line says about itself.
struct Said {
    steps: Vec<RollupStep>,
    notes: Vec<Note>,
}

/// Explains one figure.
///
/// # Errors
/// There is no such figure.
pub(crate) fn explain(app: &App, computed: &Computed, wanted: &str, lang: Lang) -> Result<Explained, Failure> {
    let Computed { evidence, method, figures, .. } = computed;
    let method = *method;
    let input = Inputs { app, evidence, lang };
    let (name, line, said, inputs) = match figures {
        Figures::Regions(rollup) => {
            let region = wanted.parse::<RegionCode>().map(|code| evidence.regions.current(&code));
            let line = rollup.lines.iter().find(|line| region.as_ref() == Ok(&line.region));
            let line = line.ok_or_else(|| no_figure(wanted, method))?;
            let whole = line.region == app.site.region();
            let said = Said { steps: line.steps.clone(), notes: Vec::new() };
            let mine = |one: &&Counted| whole || evidence.regions.current(&one.report.region) == line.region;
            let inputs = input.of("regions", mine, |_, _| true);
            (line.name.clone(), json(line), said, inputs)
        }
        Figures::Funds(rollup) => {
            let (fund, indicator) = wanted.split_once('/').unwrap_or((wanted, EXECUTION));
            let line = rollup.lines.iter().find(|line| line.fund_code == fund && line.indicator_code == indicator);
            let line = line.ok_or_else(|| no_figure(wanted, method))?;
            let said = Said { steps: line.steps.clone(), notes: line.notes.clone() };
            let inputs = if indicator == EXECUTION {
                input.of("funds", |_| true, |_, group| group.keys.first().is_some_and(|key| key == fund))
            } else {
                let keys = [fund, indicator];
                let of_line = |_: &Report, group: &Group| group.keys.iter().take(2).eq(keys);
                input.of("lines", |_| true, of_line)
            };
            (line.name.clone(), json(line), said, inputs)
        }
    };
    Ok(Explained {
        collection: evidence.collection.id.clone(),
        method,
        figure: wanted.to_owned(),
        name,
        line,
        steps: said.steps.iter().map(|step| step.say(lang)).collect(),
        notes: said.notes.iter().map(|note| note.say(lang)).collect(),
        inputs,
    })
}

fn json(line: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(line).unwrap_or_default()
}

fn no_figure(wanted: &str, method: Method) -> Failure {
    let (zh, en) = match method {
        Method::ScoresFirst => ("请写区划代码，如 320581", "give a region code, such as 320581"),
        Method::ValuesFirst => (
            "请写 专项代码/指标代码，如 ZX2024-01/JY-21-001，预算执行率写 ZX2024-01/EXEC",
            "give FUND/INDICATOR, such as ZX2024-01/JY-21-001, or FUND/EXEC for the execution rate",
        ),
    };
    Failure::input(format!("汇总中没有“{wanted}”这个数；{zh}"), format!("there is no figure {wanted:?}; {en}"))
}

/// Where inputs are looked for.
pub(crate) struct Inputs<'a> {
    pub(crate) app: &'a App,
    pub(crate) evidence: &'a Collected,
    pub(crate) lang: Lang,
}

impl Inputs<'_> {
    /// The groups of a table that went into something, by report; each report's signature is checked anew.
    pub(crate) fn of(
        &self,
        table: &str,
        of: impl Fn(&&Counted) -> bool,
        wanted: impl Fn(&Report, &Group) -> bool,
    ) -> Vec<Input> {
        let Self { app, evidence, lang } = *self;
        let input = |one: &Counted| {
            let answer = one.report.table(table)?;
            let groups: Vec<InputGroup> = answer
                .groups
                .iter()
                .filter(|group| wanted(&one.report, group))
                .map(|group| input_group(&evidence.collection, table, group, lang))
                .collect();
            (!groups.is_empty()).then(|| Input {
                name: evidence.regions.name(&one.report.region),
                region: one.report.region.clone(),
                revision: one.received.revision,
                digest: one.received.digest,
                received_at: one.received.received_at,
                approved_by: one.report.approved_by.clone(),
                rules: rules_text(&one.report.rules, lang),
                signature: signature(app, &one.received),
                groups,
            })
        };
        evidence.counted.iter().filter(of).filter_map(input).collect()
    }
}

fn input_group(collection: &Collection, table: &str, group: &Group, lang: Lang) -> InputGroup {
    let said = collection.table(table).map(|table| measure::texts(table, group, lang)).unwrap_or_default();
    InputGroup { keys: group.keys.clone(), records: group.records, measures: group.measures.clone(), said }
}
