//! What a self-evaluation says of itself: beside what its form says, how each score came about, how a value is to be
//! written, and what is still owed.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tongpin_console::web::kit::{FormView, Note, NoteTone};
use tongpin_domain::form::{Given, Place};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::number::TypedValue;
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::rules::{FormulaCode, RuleSet};
use tongpin_domain::score::{LineScore, ScoreSheet, Status};

use crate::ops::evaluation::{Evaluation, Filled};
use crate::records::evaluation::{ACTUAL, EXECUTION_REASON, GRADE, LINES, REASON, id_of, rows};
use crate::web::forms::view as drawn;
use crate::words::flag;

/// The form as it is drawn.
pub(crate) fn view<'a>(evaluation: &'a Evaluation, filled: &'a Filled, lang: Lang) -> FormView<'a> {
    let definition = evaluation.definition();
    let mut view = drawn::view(definition, &filled.given, &filled.checked, String::new(), lang);
    let rules = evaluation.basis.as_ref().ok().map(|basis| &basis.rules.set);
    let scored = filled.sheet.as_ref();
    for line in &filled.lines {
        let id = id_of(line);
        let at = |name: &str| Place::cell(LINES, &id, name).to_string();
        let score = scored.and_then(|sheet| sheet.lines.iter().find(|score| score.seq == line.seq));
        if !is_graded(line, rules, view.given, &id) {
            view.hidden.insert(at(GRADE));
        }
        let (Some(score), Some(rules)) = (score, rules) else { continue };
        if let (Some(points), Some(decision)) = (score.score, &score.decision) {
            let by = lang.pick("人工复核：", "decided by ");
            view.shown.insert(at("score"), format!("{points}（{by}{}）", decision.name));
        }
        of_line(&mut view, &id, line, score, rules);
    }
    if let Some(sheet) = scored {
        of_all(&mut view, filled, sheet);
    }
    view
}

/// Whether a coefficient belongs to a line, or something stands there already.
fn is_graded(line: &ProjectIndicator, rules: Option<&RuleSet>, given: &BTreeMap<String, Given>, id: &str) -> bool {
    let formula = rules.and_then(|rules| rules.formulas.get(line.rule_type.trim()));
    let typed = rows(given).iter().any(|row| row.id == id && row.cells.contains_key(GRADE));
    typed || formula.is_some_and(|rule| rule.formula == FormulaCode::Grade)
}

/// What there is to say about a line: how to write it, what is still owed, and how its score came about.
fn of_line(view: &mut FormView<'_>, id: &str, line: &ProjectIndicator, score: &LineScore, rules: &RuleSet) {
    let lang = view.lang;
    let at = |name: &str| Place::cell(LINES, id, name).to_string();
    let flagged = |code: &str| score.flags.iter().any(|flag| flag == code);
    let note = |place: String, tone, text: String| Note { place, tone, text };
    if flagged("MISSING_ACTUAL") {
        view.missing.insert(at(ACTUAL));
    }
    if flagged("MISSING_GRADE") {
        view.missing.insert(at(GRADE));
    }
    if let Some(advice) = advice(line, score, rules, lang) {
        let place = if flagged("MISSING_GRADE") { at(GRADE) } else { at(ACTUAL) };
        view.notes.push(note(place, NoteTone::Warn, advice));
    }
    if score.reason_missing {
        view.missing.insert(at(REASON));
        let text = lang.pick("请填写偏差原因分析及改进措施", "give the reason for the deviation").to_owned();
        view.notes.push(note(at(REASON), NoteTone::Warn, text));
    }
    // What a line lacks is told at its cell.
    if score.status == Status::Incomplete {
        return;
    }
    let mut said = Vec::new();
    if score.status != Status::Scored {
        said.push(score.status.text(lang).to_owned());
    }
    if score.status == Status::Review {
        said.push(lang.pick("保存后由审核岗位复核", "to be decided once it is saved").to_owned());
    }
    if !score.flags.is_empty() {
        said.push(format!("〔{}〕", flag::words(&score.flags, lang)));
    }
    said.extend(score.steps.iter().map(|step| step.say(lang)));
    if !said.is_empty() {
        let place = Place::row(LINES, id).to_string();
        view.notes.push(note(place, NoteTone::Info, said.join(lang.pick("　", " "))));
    }
}

/// What is still to be done before there is a total, and before the form is complete; and how the total came about.
fn of_all(view: &mut FormView<'_>, filled: &Filled, sheet: &ScoreSheet) {
    let lang = view.lang;
    let note = |place: &str, tone, text: String| Note { place: place.to_owned(), tone, text };
    if sheet.execution_reason_missing {
        view.missing.insert(EXECUTION_REASON.to_owned());
        let text = lang.pick("请填写执行率偏低的原因及改进措施", "say why little was spent, and the remedy");
        view.notes.push(note(EXECUTION_REASON, NoteTone::Warn, text.to_owned()));
    }
    let lines = |fits: &dyn Fn(&LineScore) -> bool| -> Vec<String> {
        sheet.lines.iter().filter(|line| fits(line)).map(|line| line.seq.to_string()).collect()
    };
    let kinds = [
        (lines(&|line| line.status == Status::Incomplete), "还没有填完", "are not filled in"),
        (lines(&|line| line.reason_missing), "还没有写偏差原因", "lack the reason for the deviation"),
        (lines(&|line| line.status == Status::Review), "须人工复核", "go to a person for review"),
        (lines(&|line| line.status == Status::DataError), "数据有误", "hold an error"),
    ];
    let open = kinds.iter().filter(|(lines, _, _)| !lines.is_empty()).map(|(lines, zh, en)| {
        let at = lines.join(lang.pick("、", ", "));
        lang.pick(&format!("第 {at} 项{zh}"), &format!("lines {at} {en}")).to_owned()
    });
    let mut said: Vec<String> = open.collect();
    if sheet.execution_reason_missing {
        said.push(lang.pick("还没有写执行率偏低的原因", "the reason for the low execution is missing").to_owned());
    }
    let complete = view.missing.is_empty() && filled.checked.faults().is_empty();
    if said.is_empty() && sheet.total.is_some() && complete {
        said.push(lang.pick("各项已填写完整", "complete").to_owned());
    }
    if !sheet.flags.is_empty() {
        said.push(format!("〔{}〕", flag::words(&sheet.flags, lang)));
    }
    said.extend(sheet.steps.iter().map(|step| step.say(lang)));
    view.notes.extend(said.into_iter().map(|text| note(LINES, NoteTone::Info, text)));
}

/// How a value should be written, where it was written otherwise.
fn advice(line: &ProjectIndicator, score: &LineScore, rules: &RuleSet, lang: Lang) -> Option<String> {
    let flagged = |code: &str| score.flags.iter().any(|flag| flag == code);
    let formula = rules.formulas.get(line.rule_type.trim()).map(|rule| rule.formula);
    let typed = line.actual.raw().trim();
    let (zh, en) = if flagged("MISSING_ACTUAL") {
        (
            "请填写实际完成值；没有完成的填 0，空白不等于零".to_owned(),
            "fill in the actual; blank is not zero".to_owned(),
        )
    } else if flagged("MISSING_GRADE") {
        ("请填写系数，如 75".to_owned(), "fill in the coefficient, such as 75".to_owned())
    } else if flagged("GRADE_UNCLEAR") {
        let words: Vec<&str> = rules.grades.iter().map(|grade| grade.word.as_str()).collect();
        let words = words.join("、");
        (
            format!("请填 {words} 之一，系数须在该档之内"),
            format!("write one of {words}, with a coefficient in its band"),
        )
    } else if flagged("ACTUAL_NOT_DATE") {
        ("请填写日期，如 2024-05-31".to_owned(), "write a day such as 2024-05-31".to_owned())
    } else if flagged("UNPARSABLE") && formula == Some(FormulaCode::YesNo) {
        let words = [rules.yes_no.yes.first(), rules.yes_no.no.first()].into_iter().flatten();
        let words = words.map(String::as_str).collect::<Vec<_>>().join("、");
        (format!("请填 {words} 之一"), format!("write one of {words}"))
    } else if flagged("UNPARSABLE") && line.actual.is_too_large() {
        (
            format!("“{typed}”数值过大，不能计算：请核对位数和度量单位"),
            format!("“{typed}” is too large to be calculated with: check its digits and the unit"),
        )
    } else if flagged("UNPARSABLE") && !matches!(line.actual.value_in(&line.unit), TypedValue::Number(_)) {
        (
            format!(
                "“{typed}”不是一个确定的数：请填一个数，如 98.5，不用“约”“完成”或区间；确须用文字的可照此保存，转人工复核"
            ),
            format!("“{typed}” is not one number: write one, such as 98.5; words can be saved and go to review"),
        )
    } else {
        return None;
    };
    Some(lang.pick(&zh, &en).to_owned())
}

/// The lines that are gone and were typed into, by their numbers.
pub(super) fn gone(lines: &[String], lang: Lang) -> Vec<Note> {
    if lines.is_empty() {
        return Vec::new();
    }
    let zh = format!("第 {} 项指标已被他人删除，在这些行填写的内容没有保留", lines.join("、"));
    let en = format!("somebody has removed the lines {}: what was typed there is not kept", lines.join(", "));
    vec![Note { place: LINES.to_owned(), tone: NoteTone::Warn, text: lang.pick(&zh, &en).to_owned() }]
}

/// The lines that wait for a person, and where they are decided about.
pub(super) fn reviews(code: &str, sheet: Option<&ScoreSheet>, lang: Lang) -> Markup {
    let waiting: Vec<&LineScore> = sheet.map(|sheet| sheet.waiting().collect()).unwrap_or_default();
    html! {
        @if !waiting.is_empty() {
            p.row.noprint {
                span { (lang.pick("须人工复核：", "For a person to decide:")) }
                @for line in waiting {
                    a href=(crate::web::score::address(code, line.seq)) { (line.seq) ". " (line.name) }
                }
            }
        }
    }
}
