//! The fixed words of the trade (固定用词): what can be chosen on a page, in the drop-downs of a workbook and in a catalog,
//! and what an import tells of when something else stands there. Described once; other words are taken after a word of
//! warning, because lists change over the years.

/// 一级指标
pub const LEVEL1: [&str; 4] = ["成本", "产出", "效益", "满意度"];
/// 二级指标, as the national frame has them.
pub const LEVEL2: [&str; 11] = [
    "经济成本",
    "社会成本",
    "生态环境成本",
    "数量",
    "质量",
    "时效",
    "经济效益",
    "社会效益",
    "生态效益",
    "可持续影响",
    "服务对象满意度",
];
/// 指标性质
pub const NATURES: [&str; 4] = ["≥", "≤", "=", "定性"];
/// 方向
pub const DIRECTIONS: [&str; 4] = ["正向", "反向", "定值", "定性"];
/// 标准类型
pub const BASES: [&str; 5] = ["历史标准", "行业标准", "计划标准", "预算支出标准", "其他标准"];
/// 适用层级
pub const LEVELS: [&str; 3] = ["市级", "县级", "乡镇"];
/// 项目类别
pub const CATEGORIES: [&str; 3] = ["特定目标类", "运转类", "人员类"];
/// 项目类型
pub const TYPES: [&str; 3] = ["经常性", "阶段性", "一次性"];
/// 预算类型
pub const BOOKS: [&str; 4] = ["一般公共预算", "政府性基金预算", "国有资本经营预算", "社会保险基金预算"];
/// 资金级次
pub const FUND_LEVELS: [&str; 4] = ["中央", "省级", "市级", "县级"];
/// 分配方法
pub const ALLOCATIONS: [&str; 2] = ["因素法", "项目法"];
/// 共享范围 of an expert
pub const SHARED: [&str; 3] = ["全市共享", "本县及乡镇", "仅市级"];
/// 状态 of an expert
pub const STANDINGS: [&str; 3] = ["在库", "暂停", "退出"];
/// 级次 of a division
pub const DIVISIONS: [&str; 3] = ["市", "县", "乡"];

/// The words of a project's or an indicator line's column, by the column's own name; none where anything may stand.
#[must_use]
pub fn choices(column: &str) -> &'static [&'static str] {
    match column {
        "level1" => &LEVEL1,
        "level2" => &LEVEL2,
        "nature" => &NATURES,
        "project_category" => &CATEGORIES,
        "project_type" => &TYPES,
        "budget_book" => &BOOKS,
        "fund_level" => &FUND_LEVELS,
        _ => &[],
    }
}
