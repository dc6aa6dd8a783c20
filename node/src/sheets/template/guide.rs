//! 填表说明: what each column of a template means, and an example of it.

use rust_xlsxwriter::Worksheet;
use tongpin_console::workbook::{self, Heading, TableSheet, WriteError};

use super::Named;

/// Lays the sheet: one line for each column.
pub(super) fn lay(sheet: &mut Worksheet, columns: &[Named]) -> Result<(), WriteError> {
    let heads = ["列名", "必须有此列", "怎样填", "示例"].map(|name| Heading { name, number: false });
    let row = |(name, word, needed): &Named| {
        let (how, example) = words(name);
        let needed = if *needed { "是" } else { "可不要" };
        [word, needed, how, example].map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = columns.iter().map(row).collect();
    workbook::lay(sheet, &TableSheet { title: "填表说明", columns: &heads, rows: &rows, open: false })
}

/// How a column is filled, and an example.
fn words(name: &str) -> (&'static str, &'static str) {
    match name {
        "project_code" => ("预算管理一体化系统中的项目代码", "32058124T000000000101"),
        "project_name" => ("项目全称", "公办学校扩容与校舍安全项目"),
        "fiscal_year" => ("四位年份", "2024"),
        "region_code" => ("6 位或 9 位区划代码，须在本级辖区内", "320581"),
        "region_name" => ("区划名称", "常熟市"),
        "mof_div_code" => ("财政区划代码", "320581000"),
        "township_code" => ("9 位乡镇代码，不涉及的不填", "320581101"),
        "township_name" => ("乡镇名称", "梅李镇"),
        "fund_code" => ("专项资金代码，与上级下发的目录一致", "ZX2024-01"),
        "fund_name" => ("专项资金名称", "公办学校扩容与校舍安全补助资金"),
        "fund_level" => ("资金来自哪一级", "市级"),
        "department" => ("主管部门简称", "教育局"),
        "implementing_unit" => ("实施单位全称", "常熟市教育局"),
        "project_category" => ("从下拉列表中选", "特定目标类"),
        "project_type" => ("从下拉列表中选", "一次性"),
        "func_code" => ("功能分类科目编码，7 位", "2050299"),
        "func_name" => ("功能分类科目名称", "其他普通教育支出"),
        "budget_book" => ("从下拉列表中选，一个项目只属于一本预算", "一般公共预算"),
        "budget_initial" | "carry_over" | "budget_adjusted" | "arrived" | "executed" | "fund_upper" | "fund_local"
        | "fund_other" => ("以元为单位，至多两位小数；没有的填 0，还不知道的不填", "7663728.58"),
        "budget_adjust" => ("以元为单位，调减填负数", "-100000.00"),
        "seq" => ("同一项目内的行号，从 1 起，不重复；改动时保持不变", "1"),
        "indicator_code" => ("市级指标库中的代码；自设指标不填", "JY-21-001"),
        "level1" | "level2" | "nature" | "rule_type" => ("从下拉列表中选", example(name)),
        "name" => ("指标名称，不能为空", "新增公办学位数"),
        "unit" => ("度量单位", "个"),
        "target" => ("年度指标值：数、百分比、日期或文字", "1200"),
        "actual" => ("实际完成值，按实填写；没有完成值的不填，不要填 0", "1213"),
        "qual_pct" => ("定性指标的得分系数，0 到 100", "80"),
        "weight" => ("分值，0 到 100；各行分值与预算执行率分值合计 100", "20"),
        "rule_params" => ("赋分类型的参数，没有的不填", "floor=60"),
        "low_target_confirmed" => ("复核确认指标值偏低的填 1，否则填 0", "0"),
        "self_score" => ("单位自评得分", "20.00"),
        "execution_reason" => ("执行率低于规则下限的，说明原因和改进措施；其他的不填", "招标推迟，已于 11 月开工"),
        "deviation_reason" => ("未完成或明显超额完成的，说明原因和改进措施", "需求测算偏高"),
        "month" => ("1 到 12；按月填报以前已执行的金额另起一行，月份写“期初”，通常不用改", "11"),
        "spent" => ("以元为单位；没有支出填 0，退回、冲销填负数并在说明里写明；同一项目同一月份只在一行填", "12345.67"),
        "line" => ("项目绩效指标的序号；没有指标的项目不填", "1"),
        "line_name" => ("供核对，须与序号相符，可不填", "新增公办学位数"),
        "reached" => ("从年初累计到本月底的完成值，按实填写；没有新进展的可不填", "900"),
        "note" => ("进展、问题、下月打算，500 字以内；同一项目同一月份只在一行填，可不填", "主体完工"),
        "evidence_count" => ("佐证材料件数", "3"),
        _ => ("", ""),
    }
}

fn example(name: &str) -> &'static str {
    match name {
        "level1" => "产出",
        "level2" => "数量",
        "nature" => "≥",
        _ => "PROP_UP",
    }
}
