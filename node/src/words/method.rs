//! How a method of a rule set scores (计分方法, 评分标准), in the words of pages and forms.

use rust_decimal::Decimal;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rules::{FormulaCode, Params, RuleSet};

/// How a method of a rule set scores, with the parameters that a line gives or else the rule set's.
pub(crate) fn method(set: &RuleSet, word: &str, params: &str, lang: Lang) -> String {
    let Some(rule) = set.formulas.get(word.trim()) else {
        let zh = if word.trim().is_empty() {
            "没有选定计分方法".to_owned()
        } else {
            format!("方法“{word}”不在这套规则之内")
        };
        return lang.pick(&zh, &format!("{word:?} is none of its methods")).to_owned();
    };
    let given = if params.trim().is_empty() { &rule.params } else { params };
    let (name, how, given) = (rule.formula.chinese(), how(rule.formula, lang), parameters(given, lang));
    if given.is_empty() { format!("{name}：{how}") } else { format!("{name}：{how}（{given}）") }
}

/// What a line's method is called, with its parameters, where no rule set is at hand: `满意度法（下限 60）`.
pub(crate) fn named(word: &str, params: &str, lang: Lang) -> String {
    let known = FormulaCode::ALL.into_iter().find(|formula| formula.code() == word.trim());
    let name = known.map_or(word.trim(), |formula| lang.pick(formula.chinese(), formula.code()));
    let said = if params.trim().is_empty() { String::new() } else { parameters(params, lang) };
    if said.is_empty() {
        name.to_owned()
    } else {
        format!("{name}{}", lang.pick(&format!("（{said}）"), &format!(" ({said})")))
    }
}

/// How a formula scores.
pub(crate) fn how(formula: FormulaCode, lang: Lang) -> &'static str {
    match formula {
        FormulaCode::PropUp => lang.pick(
            "达到指标值得满分；未达到的，得分 = 分值 × 完成值 ÷ 指标值",
            "in full from the target on; below it, weight × actual ÷ target",
        ),
        FormulaCode::PropDown => lang.pick(
            "不高于指标值得满分；高于的，得分 = 分值 × 指标值 ÷ 完成值",
            "in full up to the target; above it, weight × target ÷ actual",
        ),
        FormulaCode::ZeroTol => lang.pick("没有发生得满分，发生了不得分", "in full if it never happened, else nothing"),
        FormulaCode::TwoSided => lang.pick(
            "等于指标值得满分；偏离多少比例扣多少比例，最低 0 分",
            "in full at the target; what it deviates by is taken off",
        ),
        FormulaCode::Step => lang.pick(
            "达到指标值得满分；每低一步扣分值的一定比例，不足一步按一步计，扣完为止",
            "in full from the target on; each started step below it costs a share of the weight",
        ),
        FormulaCode::Grade => lang.pick(
            "按评定词定档，得分 = 分值 × 档内系数，系数由评审人给出",
            "weight × the coefficient that a reviewer gives within the grade",
        ),
        FormulaCode::Satisfaction => lang.pick(
            "达到指标值得满分；未达到的按 完成值 ÷ 指标值 计；低于下限不得分",
            "in full from the target on; below it in proportion; below the floor nothing",
        ),
        FormulaCode::SatisfactionRange => lang.pick(
            "达到指标值得满分；在下限与指标值之间按比例计；低于下限不得分",
            "in full from the target on; between floor and target in proportion; below the floor nothing",
        ),
        FormulaCode::YesNo => lang.pick("是，得满分；否，不得分", "yes: in full; no: nothing"),
        FormulaCode::Deadline => {
            lang.pick("在规定日期（含当天）前完成得满分，逾期不得分", "in full up to the day, afterwards nothing")
        }
        FormulaCode::DiffReview => {
            lang.pick("达到得满分；没有达到的由评审人员评定", "met: in full; not met: a person judges")
        }
    }
}

/// Parameters in words.
pub(crate) fn parameters(text: &str, lang: Lang) -> String {
    let params = match Params::parse(text) {
        Ok(params) => params,
        Err(error) => return error.say(lang),
    };
    let percent = |fraction: Decimal| (fraction * Decimal::ONE_HUNDRED).normalize();
    let mut said = Vec::new();
    if let Some(pass) = params.pass {
        let pass = percent(pass);
        said.push(lang.pick(&format!("完成比例低于 {pass}% 不得分"), &format!("below {pass}% nothing")).to_owned());
    }
    if let (Some(step), Some(cut)) = (params.step, params.cut) {
        said.push(
            lang.pick(&format!("每低 {step} 扣分值的 {cut}%"), &format!("each {step} below costs {cut}%")).to_owned(),
        );
    }
    if let Some(floor) = params.floor {
        said.push(lang.pick(&format!("下限 {floor}"), &format!("floor {floor}")).to_owned());
    }
    if let Some(bands) = params.bands {
        let bands: Vec<String> = bands.iter().map(|(from, to)| format!("{from}–{to}%")).collect();
        said.push(format!("{}{}", lang.pick("分档 ", "bands "), bands.join(lang.pick("、", ", "))));
    }
    said.join(lang.pick("，", ", "))
}
