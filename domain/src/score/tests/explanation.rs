//! What a finance clerk reads.

use super::*;

/// A line's explanation in Chinese and in English.
#[track_caller]
fn told(line: &ProjectIndicator, zh: &[&str], en: &[&str]) {
    let steps = line::score_line(line, None, &rules()).0.steps;
    let said = |lang| steps.iter().map(|step| step.say(lang)).collect::<Vec<_>>();
    assert_eq!(said(Lang::Zh), zh);
    assert_eq!(said(Lang::En), en);
}

/// The arithmetic stands in the order in which it is done, with the numbers as typed.
#[test]
fn lines() {
    told(
        &line("PROP_UP", "20", "300", "285"),
        &["完成值 285 ÷ 指标值 300 × 分值 20 = 19.00（比例法 PROP_UP）"],
        &["actual 285 ÷ target 300 × weight 20 = 19.00 (PROP_UP)"],
    );
    told(
        &line("PROP_UP", "15", "480,000", "46.8万"),
        &[
            "指标值“480,000”按 480000 计",
            "完成值“46.8万”按 468000 计",
            "完成值 468000 ÷ 指标值 480000 × 分值 15 = 14.63（比例法 PROP_UP）",
        ],
        &[
            "target \"480,000\" is read as 480000",
            "actual \"46.8万\" is read as 468000",
            "actual 468000 ÷ target 480000 × weight 15 = 14.63 (PROP_UP)",
        ],
    );
    told(
        &line("STEP step=2;cut=5", "10", "95", "92.6"),
        &[
            "与指标值相差 2.4，每 2 扣分值的 5 %（不足的按一步计），共 2 步：分值 10 ×(1 − 2 × 5 %)= 9.00，最低 0 分（扣分法 STEP）",
        ],
        &[
            "off the target by 2.4, each started 2 costs 5 % of the weight: weight 10 × (1 − 2 × 5 %) = 9.00, at least 0 (STEP)",
        ],
    );
    told(
        &ProjectIndicator { low_target_confirmed: true, ..line("PROP_UP", "20", "60", "186") },
        &[
            "完成值 186 ≥ 指标值 60，达到，得满分 20.00（比例法 PROP_UP）",
            "完成值是指标值的 3.1 倍，超过 3 倍，请说明原因；复核确认指标值设定偏低的，扣分值的 30 %",
            "复核已确认指标值设定偏低：扣分值 20 的 30 %，得 14.00",
        ],
        &[
            "actual 186 ≥ target 60: met, full score 20.00 (PROP_UP)",
            "the actual is 3.1 times the target, more than 3: please give the reason; if a reviewer confirms that the target was low, 30 % of the weight goes",
            "a reviewer confirmed that the target was low: 30 % of the weight 20 goes, score 14.00",
        ],
    );
    told(
        &line("PROP_UP pass=60", "20", "100", "59.9"),
        &["完成值 59.9 ÷ 指标值 100 低于及格门槛 60 %，得 0.00（比例法 PROP_UP）"],
        &["actual 59.9 ÷ target 100 is below the pass threshold 60 %: score 0.00 (PROP_UP)"],
    );
    told(
        &line("PROP_UP", "25", "95", "95-98%"),
        &["完成值“95-98%”不是一个确定的数，转人工复核，原文保留"],
        &["the actual \"95-98%\" is not one number: to be reviewed, kept as written"],
    );
    told(
        &ProjectIndicator { deviation_reason: String::new(), ..line("DEADLINE", "15", "2024-05-31", "2024-06-18") },
        &[
            "完成日期 2024-06-18 比规定的 2024-05-31 晚 18 天，得 0.00（按期法 DEADLINE）",
            "请填写偏差原因分析及改进措施",
        ],
        &[
            "finished 2024-06-18, 18 days after 2024-05-31: score 0.00 (DEADLINE)",
            "please give the reason for the deviation and the remedy",
        ],
    );
}

/// The total is told from the money to the band.
#[test]
fn total() {
    let sheet = sheet(&project("5500000", "4873000"), &example_1());
    let said: Vec<String> = sheet.steps.iter().map(|step| step.say(Lang::Zh)).collect();
    assert_eq!(
        said,
        [
            "全年执行数 4,873,000.00 ÷ 全年预算数 5,500,000.00 = 执行率 88.60 %，× 分值 10 = 8.86（EXEC）",
            "执行率 88.60 % 低于 90 %，请说明原因",
            "执行率得分 8.86 + 指标得分 84.46 = 总分 93.32",
            "总分 93.32 ≥ 90，评为“优”",
        ]
    );
}

/// A total that can't be had says why, and a rescaled one shows how.
#[test]
fn unusual_totals() {
    let said = |budget, executed, lines: &[ProjectIndicator]| {
        let sheet = sheet(&project(budget, executed), lines);
        sheet.steps.iter().map(|step| step.say(Lang::Zh)).collect::<Vec<_>>()
    };
    assert_eq!(
        said("0", "0", &eighty_one()),
        [
            "全年预算数和全年执行数都是 0，执行率不适用（EXEC）",
            "执行率不适用，指标得分 81.00 × 100 ÷ 90 = 总分 90.00",
            "总分 90.00 ≥ 90，评为“优”",
        ]
    );
    assert_eq!(
        said("", "1", &[line("PROP_UP", "90", "1", "")]),
        ["全年预算数没有填报：不按 0 计，请补填", "未完成填报：有 1 项指标未得出分数，暂无总分和评级"]
    );
    assert_eq!(
        said("0", "120000", &[line("PROP_UP", "95", "1", "1")]),
        [
            "全年预算数 0.00 与全年执行数 120,000.00 矛盾（无预算有支出，或金额为负），请更正（EXEC）",
            "执行率和各指标的分值合计为 105，应为 100，请更正",
            "数据错误，暂无总分和评级",
        ]
    );
}
