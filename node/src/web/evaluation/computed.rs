//! What is computed from a self-evaluation while it is typed: each piece under an id of its own, so that the page and
//! the preview, which sends nothing else, show the same.

use maud::{Markup, html};
use rust_decimal::Decimal;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::number::TypedValue;
use tongpin_domain::project::ProjectIndicator;
use tongpin_domain::rules::{FormulaCode, RuleSet};
use tongpin_domain::score::{LineScore, ScoreSheet, Status};

use super::super::marks;
use super::filled::{EXECUTION_REASON, TypedEvaluation};
use crate::web::parts::flags;
use crate::words::flag;

/// A score sheet and what it was computed from.
pub(super) struct Computed<'a> {
    pub(super) filled: &'a TypedEvaluation,
    /// None if no rules can be chosen.
    pub(super) scored: Option<(&'a RuleSet, &'a ScoreSheet)>,
    pub(super) lang: Lang,
}

/// How a number is written in a cell.
pub(super) fn number(number: Option<Decimal>) -> String {
    number.map_or_else(|| "—".to_owned(), |number| number.to_string())
}

impl Computed<'_> {
    fn line(&self, seq: u32) -> Option<&LineScore> {
        self.scored?.1.lines.iter().find(|line| line.seq == seq)
    }

    /// 得分 of a line.
    pub(super) fn score(&self, seq: u32) -> Markup {
        let score = self.line(seq).and_then(|line| line.score);
        html! { span id=(format!("score-{seq}")) { (number(score)) } }
    }

    /// What there is to say about a line: what is wrong, how to write it, what is still owed, and how its score came
    /// about.
    pub(super) fn said(&self, line: &ProjectIndicator) -> Markup {
        let lang = self.lang;
        let scored = self.line(line.seq).zip(self.scored);
        html! {
            div.said id=(format!("said-{}", line.seq)) {
                @for why in self.filled.wrong(line.seq) { p.error { (why) } }
                @if let Some((score, (rules, _))) = scored {
                    @if score.status != Status::Scored { (marks::mark(score.status, lang)) " " }
                    @if score.status == Status::Review {
                        a href=(crate::web::score::address(&line.project_code, line.seq)) {
                            (lang.pick("保存后由审核岗位复核", "to be decided once it is saved"))
                        } " "
                    }
                    @if let Some(advice) = advice(line, score, rules, lang) { strong { (advice) } " " }
                    @if score.reason_missing {
                        strong.error { (lang.pick("请填写偏差原因分析及改进措施", "give the reason for the deviation")) " " }
                    }
                    @if !score.flags.is_empty() { span.hint { "〔" (flag::words(&score.flags, lang)) "〕" } " " }
                    span.hint { @for step in &score.steps { (step.say(lang)) " " } }
                }
            }
        }
    }

    /// What there is to say about the reason for the execution rate.
    pub(super) fn said_of_execution(&self) -> Markup {
        let missing = self.scored.is_some_and(|(_, sheet)| sheet.execution_reason_missing);
        html! {
            div.said id="said-execution" {
                @if let Some(refused) = self.filled.refused.get(EXECUTION_REASON) { p.error { (refused.why) } }
                @if missing {
                    strong.error {
                        (self.lang.pick("请填写执行率偏低的原因及改进措施", "say why little was spent, and the remedy"))
                    }
                }
            }
        }
    }

    /// 总分, 评价结论 and 状态.
    pub(super) fn total(&self) -> Markup {
        let sheet = self.scored.map(|(_, sheet)| sheet);
        html! { strong id="total" { (number(sheet.and_then(|sheet| sheet.total))) } }
    }

    pub(super) fn rating(&self) -> Markup {
        let rating = self.scored.and_then(|(_, sheet)| sheet.rating.as_deref());
        html! { strong id="rating" { (rating.unwrap_or("—")) } }
    }

    pub(super) fn status(&self) -> Markup {
        html! { span id="status" { @if let Some((_, sheet)) = self.scored { (marks::mark(sheet.status, self.lang)) } } }
    }

    /// What is still to be done before there is a total, and before the form is complete.
    pub(super) fn open(&self) -> Markup {
        let lang = self.lang;
        let Some((_, sheet)) = self.scored else { return html! { div id="open" {} } };
        let lines = |fits: &dyn Fn(&LineScore) -> bool| -> Vec<String> {
            sheet.lines.iter().filter(|line| fits(line)).map(|line| line.seq.to_string()).collect()
        };
        let kinds = [
            (lines(&|line| line.status == Status::Incomplete), "还没有填完", "are not filled in"),
            (lines(&|line| line.reason_missing), "还没有写偏差原因", "lack the reason for the deviation"),
            (lines(&|line| line.status == Status::Review), "须人工复核", "go to a person for review"),
            (lines(&|line| line.status == Status::DataError), "数据有误", "hold an error"),
        ];
        let owed = sheet.execution_reason_missing;
        let done = kinds.iter().all(|(lines, _, _)| lines.is_empty()) && sheet.total.is_some() && !owed;
        html! {
            div id="open" {
                @if done { p { (lang.pick("已填写完整", "complete")) } }
                @if owed { p { (lang.pick("还没有写执行率偏低的原因", "the reason for the low execution is missing")) } }
                @for (lines, zh, en) in kinds.iter().filter(|(lines, _, _)| !lines.is_empty()) {
                    @let at = lines.join(lang.pick("、", ", "));
                    p { (lang.pick(&format!("第 {at} 项{zh}"), &format!("lines {at} {en}"))) }
                }
                (flags(sheet, lang))
                ul.hint { @for step in &sheet.steps { li { (step.say(lang)) } } }
            }
        }
    }

    /// Everything that changes while one types.
    pub(super) fn pieces(&self) -> Markup {
        html! {
            @for line in &self.filled.lines { (self.score(line.seq)) (self.said(line)) }
            (self.said_of_execution())
            (self.total()) (self.rating()) (self.status()) (self.open())
        }
    }
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
