//! What the flags of a score are called and what they mean; a code that is new here stays a code.

use std::collections::BTreeSet;

use tongpin_domain::lang::Lang;
use tongpin_domain::score::ScoreSheet;

/// A flag in words.
struct Flag {
    code: &'static str,
    zh: &'static str,
    /// What it means and what there is to do, in Chinese and English.
    about: (&'static str, &'static str),
}

const fn flag(code: &'static str, zh: &'static str, about: (&'static str, &'static str)) -> Flag {
    Flag { code, zh, about }
}

/// Begins the code of a sum of weights that is wrong; the sum follows.
const WEIGHT_SUM: &str = "WEIGHT_SUM_";

const FLAGS: [Flag; 35] = [
    flag(
        "NORMALISED",
        "全角已转换",
        ("填写中有全角字符，已按半角识别", "full-width characters were read as plain ones"),
    ),
    flag("THOUSANDS", "含千分位", ("填写中有千分位逗号，已去掉后识别", "separators of thousands were left out")),
    flag("WAN_SUFFIX", "以万计", ("填写以“万”为单位，已乘以一万", "typed in 万: multiplied by ten thousand")),
    flag("PERCENT_SIGN", "含百分号", ("填写带百分号，按百分数识别", "typed with a percent sign")),
    flag(
        "OVER_ACHIEVED",
        "超额完成",
        ("完成值明显超过指标值；请核实指标值是否定得偏低", "the target was exceeded by far; was it set too low?"),
    ),
    flag(
        "LOW_TARGET_CUT",
        "指标值偏低已扣分",
        ("指标值设定偏低已确认，按规则扣分", "the target was confirmed to be too low, and points were cut"),
    ),
    flag(
        "BELOW_FLOOR",
        "满意度低于下限",
        ("满意度低于规则的下限，不得分", "satisfaction is below its floor: no points"),
    ),
    flag("BELOW_PASS", "低于及格门槛", ("完成比例低于规则的及格门槛，不得分", "below the pass threshold: no points")),
    flag(
        "UNPARSABLE",
        "不是一个确定的数",
        ("指标值或完成值不是一个确定的数，须人工评定", "target or actual is not one number: a person must judge"),
    ),
    flag("ACTUAL_NOT_DATE", "完成日期不明", ("完成日期不是确定的某一天，须核实", "the actual is not one day")),
    flag("TARGET_NOT_DATE", "目标日期不明", ("目标日期不是确定的某一天，须核实", "the target is not one day")),
    flag(
        "GRADE_UNCLEAR",
        "评定词不明",
        (
            "评定的档次不在规则之内，或系数超出该档，须复核",
            "the grade is none of the rule set's, or lies outside its band",
        ),
    ),
    flag("NEGATIVE_TARGET", "负指标值未达到", ("指标值为负且未达到，须人工评定", "a negative target was not met")),
    flag(
        "ZERO_TARGET",
        "零指标值未达到",
        ("指标值为零且未达到，不能按比例计，须人工评定", "a target of zero was not met; there is no proportion"),
    ),
    flag(
        "DIFF_REVIEW",
        "差额法待评定",
        ("按差额法未达到指标值，须人工评定", "the target was not met: a person must judge"),
    ),
    flag(
        "RULE_UNCLEAR",
        "赋分方法不明",
        ("赋分方法或其参数不在计分规则之内", "the scoring method or its parameters are not in the rules"),
    ),
    flag(
        "NATURE_CONTRADICTS",
        "性质与方法矛盾",
        (
            "指标性质（≥、≤、=、定性）与赋分方法的方向相反，须复核；请核对哪一个填错了",
            "the nature and the scoring method judge in different directions: correct whichever is wrong",
        ),
    ),
    flag(
        "UNIT_DIFFERS",
        "单位不一致",
        (
            "填写的单位与指标的度量单位不同，不能换算，须复核",
            "typed in another unit than the line's: a person must judge",
        ),
    ),
    flag(
        "UNIT_TYPED",
        "连同单位填写",
        ("填写时带了单位，已按指标的度量单位换算", "typed with its unit: converted to the line's"),
    ),
    flag(
        "FRACTION_FOR_PERCENT",
        "疑为小数形式的百分数",
        (
            "单位是百分数，填的却像电子表格里的小数（12 % 存成 0.12），须复核",
            "the unit is percent, but the value looks like a spreadsheet's fraction",
        ),
    ),
    flag(
        "SCALE_UNCLEAR",
        "分制不一致",
        ("满意度的完成值、指标值和下限不是同一个分制，须复核", "actual, target and floor are not on one scale"),
    ),
    flag("WEIGHT_INVALID", "分值有误", ("分值为负，须更正", "the weight is negative; correct it")),
    flag("MISSING_ACTUAL", "完成值未填", ("请填写完成值；空白不等于零", "fill in the actual; blank is never zero")),
    flag("MISSING_TARGET", "指标值未填", ("请填写指标值", "fill in the target")),
    flag("MISSING_GRADE", "评定未填", ("请填写定性评定", "fill in the grade")),
    flag("REASON_MISSING", "未说明偏差原因", ("按规则须说明偏差原因", "the rules ask for a reason for the deviation")),
    flag(
        "SELF_SCORE_MISMATCH",
        "与单位自评分不符",
        ("单位填报的自评得分与按规则计算的不同，请核实", "the unit's own score differs from the computed one"),
    ),
    flag(
        "REVIEWED",
        "人工复核",
        ("有指标由审核人员复核定分，见该项指标的说明", "a person decided about a line; see what is said of it"),
    ),
    flag("EXEC_OVER_BUDGET", "执行数超预算", ("执行数大于全年预算数，请核实", "more was spent than budgeted")),
    flag(
        "EXEC_NA",
        "执行率不适用",
        ("既无预算也无支出，执行率不计分，其余折算", "neither budget nor spending: the rest is scaled up"),
    ),
    flag(
        "EXEC_DATA_ERROR",
        "执行数据有误",
        ("有支出而无预算，或金额为负，须更正", "spending without a budget, or a negative amount; correct it"),
    ),
    flag(
        "AMOUNTS_CONTRADICT",
        "金额互相矛盾",
        (
            "全年预算数与构成、来源或到位数对不上，须更正",
            "the budget disagrees with its parts, its sources or what arrived; correct it",
        ),
    ),
    flag("EXEC_OVER_ARRIVED", "执行数超到位数", ("执行数大于到位数，请核实", "more was spent than arrived; check it")),
    flag(
        "AMOUNT_UNREADABLE",
        "金额无法识别",
        ("预算数或执行数不是一个金额，须更正", "budget or spending is no amount; correct it"),
    ),
    flag(
        WEIGHT_SUM,
        "分值合计不是100",
        ("各指标分值与执行率分值合计不等于满分，须更正", "the weights do not add up to the full mark; correct them"),
    ),
];

fn find(code: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.code == code || (flag.code == WEIGHT_SUM && code.starts_with(WEIGHT_SUM)))
}

/// The trade's word for a flag; in English its code.
pub(crate) fn word(code: &str, lang: Lang) -> &str {
    find(code).map_or(code, |flag| lang.pick(flag.zh, code))
}

/// The flags of a project and of its lines, each once. That the reason for a low execution is missing is no flag of
/// the sheet, which goes to files and reports as it is, but a person is told of it by the same word.
pub(crate) fn all(sheet: &ScoreSheet) -> Vec<String> {
    let codes = sheet.flags.iter().chain(sheet.lines.iter().flat_map(|line| &line.flags));
    let mut codes = codes.cloned().collect::<BTreeSet<_>>();
    if sheet.reason_missing() {
        codes.insert("REASON_MISSING".into());
    }
    codes.into_iter().collect()
}

/// Flags as people read them; files and programs get the codes.
pub(crate) fn words(codes: &[String], lang: Lang) -> String {
    codes.iter().map(|code| word(code, lang)).collect::<Vec<_>>().join(lang.pick("、", " "))
}

/// What a flag means, empty for a code that is new here.
pub(crate) fn about(code: &str, lang: Lang) -> &'static str {
    find(code).map_or("", |flag| lang.pick(flag.about.0, flag.about.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A known flag has a word and a meaning, one with a number behind it too; an unknown one stays as it is.
    #[test]
    fn in_words() {
        assert_eq!(word("EXEC_NA", Lang::Zh), "执行率不适用");
        assert_eq!(word("EXEC_NA", Lang::En), "EXEC_NA");
        assert_eq!(word("WEIGHT_SUM_98.5", Lang::Zh), "分值合计不是100");
        assert_eq!((word("NEW_ONE", Lang::Zh), about("NEW_ONE", Lang::Zh)), ("NEW_ONE", ""));
        assert!(FLAGS.iter().all(|flag| !flag.about.0.is_empty() && !flag.about.1.is_empty()));
    }
}
