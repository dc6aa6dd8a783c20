//! The sheets of a workbook and their columns: what people see at the top of each.

/// A sheet that is known.
pub(super) struct Known {
    /// What the tab says.
    pub(super) name: &'static str,
    /// Its columns, in order.
    pub(super) columns: &'static [&'static str],
    /// The columns without which it says nothing.
    pub(super) needed: &'static [&'static str],
}

/// A sheet that is for people alone.
pub(super) const REMARKS: &str = "说明";
/// In 表单: what a line is about.
pub(super) const LABEL: &str = "项目";
/// In 表单: what it says.
pub(super) const CONTENT: &str = "内容";

/// The sheets, in order.
pub(super) static SHEETS: [Known; 7] = [
    Known { name: "表单", columns: &[LABEL, CONTENT], needed: &[LABEL, CONTENT] },
    Known {
        name: "字段",
        columns: &[
            "所属明细表",
            "名称",
            "中文名",
            "英文名",
            "类型",
            "必填",
            "单位",
            "小数位",
            "最小",
            "最大",
            "最长",
            "选项",
            "引用",
            "填写说明",
            "计算",
            "显示条件",
            "自动带出",
            "填报层级",
            "可填状态",
            "个人信息",
            "可归集",
            "角色",
            "停用",
        ],
        needed: &["中文名", "类型"],
    },
    Known { name: "选项", columns: &["组名", "编码", "名称", "停用"], needed: &["组名", "名称"] },
    Known {
        name: "校验",
        columns: &["名称", "条件", "处理", "提示语", "定位字段", "逐行", "原因字段"],
        needed: &["条件", "处理", "提示语"],
    },
    Known {
        name: "状态", columns: &["名称", "代号", "可填写", "计入汇总", "时限天数", "工作日"], needed: &["名称"]
    },
    Known {
        name: "步骤",
        columns: &["名称", "代号", "从", "到", "层级", "岗位", "须填完整", "须写原因", "须由他人", "动作", "生成表单"],
        needed: &["名称", "从", "到", "层级", "岗位"],
    },
    Known { name: "版式", columns: &["块", "块标题", "字段", "明细表", "分组标题"], needed: &[] },
];
