//! The fixed words of the trade (固定用词) that catalogs are made of: what can be chosen on their pages. What projects can
//! choose from stands in their form; the levels and natures of their indicators are those of the library.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Definition;

    /// The words of the library are those that the forms offer, where one follows from the other.
    #[test]
    fn as_the_forms_have_them() {
        let offered = |form: &'static Definition, name: &str| {
            let field = form.field(name).expect("a field");
            field.choices.iter().map(|choice| choice.code.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(offered(Definition::of_lines(), "level1"), LEVEL1);
        assert_eq!(offered(Definition::of_lines(), "level2"), LEVEL2);
        assert_eq!(offered(Definition::of_lines(), "nature"), NATURES);
        assert_eq!(offered(Definition::of_projects(), "fund_level"), FUND_LEVELS);
    }
}
