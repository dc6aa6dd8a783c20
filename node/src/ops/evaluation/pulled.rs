//! What a self-evaluation shows of a project, its indicators and its score, by the names that its form asks them by.

use rust_decimal::Decimal;
use tongpin_domain::form::{Field, Value, Values};
use tongpin_domain::money::Fen;
use tongpin_domain::project::{Project, ProjectIndicator};
use tongpin_domain::score::{ScoreSheet, Step, Summing};

/// The kinds of money that a sheet tells apart.
pub(super) const MONEY_ROWS: [(&str, &str); 6] = [
    ("total", "年度资金总额"),
    ("this_year", "其中：当年财政拨款"),
    ("carry_over", "上年结转资金"),
    ("other", "其他资金"),
    ("upper", "按来源：上级资金"),
    ("local", "按来源：本级资金"),
];

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn yuan(fen: Option<Fen>) -> Option<Value> {
    fen.map(|fen| Value::Number(fen.yuan()))
}

/// The cells of a row that come from elsewhere.
pub(super) fn pulled(rows: &Field, of: impl Fn(&str) -> Option<Value>) -> Values {
    let cell = |field: &Field| Some((field.name.clone(), of(&field.from)?));
    rows.fields.iter().filter_map(cell).collect()
}

pub(super) fn of_line(from: &str, line: &ProjectIndicator, sheet: Option<&ScoreSheet>) -> Option<Value> {
    let said = match from {
        "project_indicator.level1" => &line.level1,
        "project_indicator.level2" => &line.level2,
        "project_indicator.name" => &line.name,
        "project_indicator.nature" => &line.nature,
        "project_indicator.target" => line.target.raw(),
        "project_indicator.unit" => &line.unit,
        "project_indicator.seq" => return Some(Value::Number(line.seq.into())),
        "project_indicator.weight" => return Some(Value::Number(line.weight)),
        "score.line" => {
            let score = sheet?.lines.iter().find(|scored| scored.seq == line.seq)?.score;
            return score.map(Value::Number);
        }
        _ => return None,
    };
    (!said.trim().is_empty()).then(|| text(said))
}

/// What is held tells the sum and what of it was carried over or is other money; this year's appropriation is the rest.
/// Execution is not held by source.
pub(super) fn of_money(
    from: &str,
    (id, name): (&str, &str),
    project: &Project,
    sheet: Option<&ScoreSheet>,
) -> Option<Value> {
    let money = &project.money;
    match (from, id) {
        ("money.source", _) => Some(text(name)),
        ("money.initial", "total") => yuan(money.initial.fen()),
        ("money.adjusted", "total") => yuan(money.adjusted.fen()),
        ("money.adjusted", "this_year") => {
            let rest = money.adjusted.fen()?.checked_sub(money.carry_over.fen()?)?;
            yuan(rest.checked_sub(money.other.fen()?))
        }
        ("money.adjusted", "carry_over") => yuan(money.carry_over.fen()),
        ("money.adjusted", "other") => yuan(money.other.fen()),
        ("money.adjusted", "upper") => yuan(money.upper.fen()),
        ("money.adjusted", "local") => yuan(money.local.fen()),
        ("money.arrived", "total") => yuan(money.arrived.fen()),
        ("money.executed", "total") => yuan(money.executed.fen()),
        ("money.weight", "total") => weight(sheet?).map(Value::Number),
        ("money.rate", "total") => sheet?.execution_rate.map(Value::Number),
        ("money.score", "total") => sheet?.execution_score.map(Value::Number),
        _ => None,
    }
}

pub(super) fn of_score(name: &str, lines: &[ProjectIndicator], sheet: Option<&ScoreSheet>) -> Option<Value> {
    match name {
        "total" => sheet?.total.map(Value::Number),
        "rating" => sheet?.rating.clone().map(text),
        "weights" => {
            let weights = lines.iter().map(|line| line.weight).chain(sheet.and_then(weight));
            weights.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add).map(Value::Number)
        }
        _ => None,
    }
}

/// What execution weighs, where it was scored.
fn weight(sheet: &ScoreSheet) -> Option<Decimal> {
    sheet.steps.iter().find_map(|step| match step {
        Step::Summing(Summing::Executed { weight, .. }) => Some(*weight),
        // What was overspent scores its whole weight.
        Step::Summing(Summing::Overspent { score, .. }) => Some(*score),
        _ => None,
    })
}
