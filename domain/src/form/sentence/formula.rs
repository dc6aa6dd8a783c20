//! An expression as a formula, with titles, or with figures where somebody asks how a value came about.

use super::Speaker;
use super::worked::missing;
use crate::form::{Condition, DEEPEST, Expression};
use crate::lang::Lang;

/// How tightly a part of a formula holds together; what holds less tightly than its place needs stands in parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    /// A sentence.
    Loose,
    /// a + b
    Sum,
    /// a × b
    Product,
    /// One thing.
    Tight,
}

/// A part of a formula.
pub(super) struct Said {
    pub(super) text: String,
    binding: Binding,
}

impl Said {
    fn tight(text: impl Into<String>) -> Self {
        Self { text: text.into(), binding: Binding::Tight }
    }
}

impl Speaker<'_> {
    /// A part as it stands where something of a binding is needed.
    pub(super) fn bound(&self, expression: &Expression, needed: Binding, depth: usize) -> String {
        let said = self.said(expression, depth);
        if said.binding < needed || (said.text.starts_with('-') && needed > Binding::Sum) {
            self.in_parentheses(&said.text)
        } else {
            said.text
        }
    }

    fn in_parentheses(&self, text: &str) -> String {
        if self.lang == Lang::Zh { format!("（{text}）") } else { format!("({text})") }
    }

    pub(super) fn said(&self, expression: &Expression, depth: usize) -> Said {
        if depth >= DEEPEST {
            return Said::tight("…");
        }
        let depth = depth.saturating_add(1);
        if let Some(figure) = self.figures.as_ref().and_then(|figures| figures.of(self, expression)) {
            return Said::tight(figure);
        }
        let join = |all: &[Expression], sign: &str, binding| {
            let parts: Vec<String> = all.iter().map(|part| self.bound(part, binding, depth)).collect();
            Said { text: parts.join(sign), binding: if all.len() > 1 { binding } else { Binding::Tight } }
        };
        let listed = |name: &str, all: &[Expression]| {
            let parts: Vec<String> = all.iter().map(|part| self.bound(part, Binding::Sum, depth)).collect();
            Said::tight(format!("{name}{}", self.in_parentheses(&parts.join(self.lang.pick("、", ", ")))))
        };
        let pair = |two: &[Expression; 2], sign: &str, own, others| {
            let [one, other] = two;
            format!("{}{sign}{}", self.bound(one, own, depth), self.bound(other, others, depth))
        };
        match expression {
            Expression::Field(name) => Said::tight(self.title(name)),
            Expression::Number(number) => Said::tight(number.normalize().to_string()),
            Expression::Day(day) => Said::tight(day.trim()),
            Expression::Rule(path) => Said::tight(format!("{}“{path}”", self.lang.pick("规则参数", "rule "))),
            Expression::Sum(all) => join(all, " + ", Binding::Sum),
            Expression::Product(all) => join(all, " × ", Binding::Product),
            Expression::Difference(two) => {
                Said { text: pair(two, " - ", Binding::Sum, Binding::Product), binding: Binding::Sum }
            }
            Expression::Ratio(two) => {
                Said { text: pair(two, " ÷ ", Binding::Product, Binding::Tight), binding: Binding::Product }
            }
            Expression::Share(two) => {
                let text = pair(two, " ÷ ", Binding::Product, Binding::Tight) + " × 100%";
                Said { text, binding: Binding::Product }
            }
            Expression::SumGiven(all) => listed(self.lang.pick("已填各项合计", "sum of those given "), all),
            Expression::Least(all) => listed(self.lang.pick("最小值", "least of "), all),
            Expression::Most(all) => listed(self.lang.pick("最大值", "most of "), all),
            _ => self.said_of_rows_and_days(expression, depth),
        }
    }

    fn said_of_rows_and_days(&self, expression: &Expression, depth: usize) -> Said {
        let part = |part: &Expression| self.bound(part, Binding::Sum, depth);
        let zh = self.lang == Lang::Zh;
        match expression {
            Expression::Total { rows, field, of } => {
                let over = self.over(rows, of.as_deref(), depth);
                let field = self.inside(rows).title(field);
                Said::tight(if zh { format!("{over}的{field}合计") } else { format!("total of {field} of {over}") })
            }
            Expression::Count { rows, of } => {
                let over = self.over(rows, of.as_deref(), depth);
                Said::tight(if zh { format!("{over}的行数") } else { format!("number of {over}") })
            }
            Expression::Days(two) => {
                let [from, to] = two.as_ref().each_ref().map(part);
                Said::tight(if zh { format!("{from}至{to}的天数") } else { format!("days from {from} to {to}") })
            }
            Expression::WorkingDays(two) => {
                let [from, to] = two.as_ref().each_ref().map(part);
                Said::tight(if zh {
                    format!("{from}之后至{to}的工作日数")
                } else {
                    format!("working days after {from} up to {to}")
                })
            }
            Expression::If(parts) => {
                let (condition, then, other) = parts.as_ref();
                if let Some(figures) = &self.figures {
                    return match figures.taken(parts) {
                        Some(taken) => self.said(taken, depth),
                        None => Said::tight(missing(self.lang)),
                    };
                }
                let (clause, then, other) = (self.clause(condition, depth), part(then), part(other));
                let text = if zh {
                    format!("若{clause}，则为{then}，否则为{other}")
                } else {
                    format!("if {clause} then {then}, otherwise {other}")
                };
                Said { text, binding: Binding::Loose }
            }
            _ => Said::tight(self.lang.pick("（本程序不认识的计算）", "(a calculation not known here)")),
        }
    }

    /// Rows, and which of them.
    fn over(&self, rows: &str, of: Option<&Condition>, depth: usize) -> String {
        let title = self.title(rows);
        match of {
            None => title,
            Some(of) => {
                let clause = self.inside(rows).clause(of, depth);
                if self.lang == Lang::Zh {
                    format!("{title}（{clause}的行）")
                } else {
                    format!("{title} ({clause})")
                }
            }
        }
    }
}
