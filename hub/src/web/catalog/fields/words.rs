//! The fields of every catalog that this version knows, in the order of its import.

use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::lang::Lang;
use tongpin_domain::vocabulary;

use super::{Kind, Spec};

type Hint = (&'static str, &'static str);

/// No hint: the label says enough.
const NONE: Hint = ("", "");
const KEY: Hint = ("不含空格和斜杠；存入后不能改", "no blanks or slashes; it stays once kept");
const SEVERAL: Hint = ("用分号隔开", "parted by semicolons");
const WHOLE: Hint = ("整数", "a whole number");

const fn spec(name: &'static str, zh: &'static str, en: &'static str, kind: Kind, hint: Hint) -> Spec {
    Spec { name, zh, en, kind, hint }
}

const INDICATORS: [Spec; 20] = [
    spec(
        "code",
        "指标代码",
        "Code",
        Kind::Line,
        ("不含空格和斜杠，如 JY-21-001；存入后不能改", "no blanks or slashes, such as JY-21-001; it stays once kept"),
    ),
    spec("department", "主管部门", "Department", Kind::Known, NONE),
    spec("domain", "行业领域", "Sector", Kind::Known, NONE),
    spec("level1", "一级指标", "First level", Kind::One(&vocabulary::LEVEL1), NONE),
    spec(
        "level2",
        "二级指标",
        "Second level",
        Kind::One(&vocabulary::LEVEL2),
        ("应属于所选的一级指标", "one that belongs to the first level chosen"),
    ),
    spec("name", "三级指标", "Name", Kind::Line, NONE),
    spec("definition", "指标解释", "Definition", Kind::Text, NONE),
    spec("formula", "计算公式", "Computed as", Kind::Text, NONE),
    spec("nature", "指标性质", "Nature", Kind::One(&vocabulary::NATURES), NONE),
    spec("unit", "度量单位", "Unit", Kind::Line, ("定性指标不填", "leave blank if it is qualitative")),
    spec(
        "direction",
        "方向",
        "Direction",
        Kind::One(&vocabulary::DIRECTIONS),
        ("≥ 一般为正向，≤ 一般为反向", "≥ is usually 正向 (more is better), ≤ 反向 (less is better)"),
    ),
    spec(
        "rule_type",
        "赋分类型",
        "Scoring method",
        Kind::Method,
        ("取自现行计分规则", "from the scoring rules in force"),
    ),
    spec(
        "rule_params",
        "赋分参数",
        "Parameters",
        Kind::Line,
        (
            "用分号隔开，如 step=2;cut=5；不填用规则的默认值",
            "parted by semicolons, such as step=2;cut=5; blank takes the rules' own",
        ),
    ),
    spec("scoring_rule", "赋分规则", "Scoring in words", Kind::Text, NONE),
    spec("typical_target", "参考值", "Typical target", Kind::Line, NONE),
    spec("target_basis", "标准类型", "Basis", Kind::One(&vocabulary::BASES), NONE),
    spec("data_source", "数据来源", "Data source", Kind::Line, NONE),
    spec("applicable_level", "适用层级", "Levels", Kind::Any(&vocabulary::LEVELS), NONE),
    spec(
        "agg_method",
        "汇总方式",
        "Summed by",
        Kind::One(&["累加", "加权平均", "定性加权", "最晚值"]),
        ("绝对值累加，比率加权平均", "absolute values add up (累加), rates are weighted (加权平均)"),
    ),
    spec("is_common", "是否共性指标", "Common", Kind::YesNo, NONE),
];

const EXPERTS: [Spec; 23] = [
    spec("expert_id", "专家编号", "Number", Kind::Line, KEY),
    spec("display_name", "显示名", "Shown as", Kind::Line, NONE),
    spec("primary_field", "主评领域", "Main field", Kind::Known, NONE),
    spec("other_fields", "其他领域", "Other fields", Kind::Line, SEVERAL),
    spec("specialty", "专长", "Specialty", Kind::Line, NONE),
    spec("title", "职称", "Title", Kind::Known, NONE),
    spec("years_in_field", "从业年限", "Years in the field", Kind::Line, WHOLE),
    spec("org_type", "单位类型", "Kind of employer", Kind::Known, NONE),
    spec("org_ref", "所在单位", "Employer", Kind::Line, NONE),
    spec(
        "base_region",
        "常驻区划",
        "Based in",
        Kind::Line,
        ("6 位或 9 位区划代码", "a division code of 6 or 9 digits"),
    ),
    spec(
        "share_scope",
        "共享范围",
        "Shared with",
        Kind::One(&vocabulary::SHARED),
        ("不填则仅市级可见", "blank keeps it with the city"),
    ),
    spec("avoid_orgs", "回避单位", "Recused from bodies", Kind::Line, SEVERAL),
    spec(
        "avoid_regions",
        "回避区划",
        "Recused from regions",
        Kind::Line,
        ("区划代码，用分号隔开", "division codes, parted by semicolons"),
    ),
    spec("term_start", "聘期起", "Term from", Kind::Day, NONE),
    spec("term_end", "聘期止", "Term until", Kind::Day, NONE),
    spec("status", "状态", "State", Kind::One(&vocabulary::STANDINGS), NONE),
    spec("tasks_this_year", "本年任务数", "Tasks this year", Kind::Line, WHOLE),
    spec("max_tasks_per_year", "年度任务上限", "Most tasks a year", Kind::Line, WHOLE),
    spec("last_assigned", "最近派单日", "Last assigned", Kind::Day, NONE),
    spec("last_review_score", "最近考评得分", "Last appraisal", Kind::Line, ("0 到 100", "from 0 to 100")),
    spec(
        "contact_ref",
        "联系方式索引",
        "Contact kept at",
        Kind::Line,
        ("只记索引，不写电话", "where it is kept, never the number itself"),
    ),
    spec("version", "版本", "Version", Kind::Line, WHOLE),
    spec("note", "备注", "Note", Kind::Text, NONE),
];

const REGIONS: [Spec; 10] = [
    spec(
        "code",
        "区划代码",
        "Code",
        Kind::Line,
        ("6 位或 9 位数字；存入后不能改", "6 or 9 digits; it stays once kept"),
    ),
    spec("name", "名称", "Name", Kind::Line, NONE),
    spec("level", "级次", "Level", Kind::One(&vocabulary::DIVISIONS), NONE),
    spec("parent_code", "上级代码", "Lies within", Kind::Line, ("6 位区划代码", "a division code of 6 digits")),
    spec("mof_div_code", "财政区划代码", "Finance division", Kind::Line, ("9 位数字", "9 digits")),
    spec("kind", "类型", "Kind", Kind::Known, NONE),
    spec("alias_codes", "曾用代码", "Former codes", Kind::Line, SEVERAL),
    spec("valid_from", "启用日期", "From", Kind::Day, NONE),
    spec("valid_to", "停用日期", "Until", Kind::Day, NONE),
    spec("note", "备注", "Note", Kind::Text, NONE),
];

const FUNDS: [Spec; 8] = [
    spec("fund_code", "专项代码", "Code", Kind::Line, KEY),
    spec("name", "专项名称", "Name", Kind::Line, NONE),
    spec("level", "资金级次", "Level", Kind::One(&vocabulary::FUND_LEVELS), NONE),
    spec("department", "主管部门", "Department", Kind::Known, NONE),
    spec("notice", "资金文号", "Notice", Kind::Line, NONE),
    spec("year", "年度", "Year", Kind::Line, ("四位数字", "four digits")),
    spec(
        "direct_fund",
        "直达资金",
        "Direct fund",
        Kind::YesNo,
        ("各级不得改动此标识", "no level may change this mark"),
    ),
    spec("allocation", "分配方法", "Allocated by", Kind::One(&vocabulary::ALLOCATIONS), NONE),
];

const PROCEDURES: [Spec; 6] = [
    spec("key", "编号", "Number", Kind::Line, KEY),
    spec("title", "环节", "Step", Kind::Line, NONE),
    spec(
        "months",
        "时间",
        "When",
        Kind::Line,
        ("如 8月，或 资金文件下达后30日内", "such as 8月, or 资金文件下达后30日内"),
    ),
    spec("who", "责任单位", "Who", Kind::Line, SEVERAL),
    spec("basis", "依据", "Basis", Kind::Line, ("文号", "number of the document")),
    spec("text", "内容", "Content", Kind::Text, NONE),
];

const DAYS: [Spec; 4] = [
    spec("id", "年度", "Year", Kind::Line, KEY),
    spec("title", "名称", "Name", Kind::Line, NONE),
    spec("holidays", "放假", "Days off", Kind::Line, SEVERAL),
    spec("working", "周末上班", "Weekends that are worked", Kind::Line, SEVERAL),
];

/// The parts of a form, which is no entry of single fields.
const FORM_PARTS: [(&str, &str, &str); 14] = [
    ("code", "编码", "code"),
    ("kept_as", "沿用单据", "documents that the program keeps"),
    ("title", "表名", "title"),
    ("english", "英文名", "English title"),
    ("stage", "阶段", "stage"),
    ("basis", "依据", "basis"),
    ("help", "填表说明", "help"),
    ("years", "适用年度", "years"),
    ("subject", "填报对象", "subject"),
    ("fields", "字段", "fields"),
    ("checks", "校验", "checks"),
    ("flow", "流程", "flow"),
    ("layout", "版式", "sheet"),
    ("list", "列表", "list"),
];

/// What a part of a form is called; `None` if this version does not know it.
pub(super) fn form_part(name: &str, lang: Lang) -> Option<&'static str> {
    FORM_PARTS.iter().find(|(part, ..)| *part == name).map(|(_, zh, en)| lang.pick(zh, en))
}

/// The fields of a catalog, its key first; none for what is changed as text, or unknown to this version.
pub(in crate::web::catalog) fn specs(catalog: &str) -> &'static [Spec] {
    match catalog {
        "indicators" => &INDICATORS,
        "experts" => &EXPERTS,
        "regions" => &REGIONS,
        "funds" => &FUNDS,
        "procedures" => &PROCEDURES,
        CALENDARS => &DAYS,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each part that a form may have is called something, that of kept documents too.
    #[test]
    fn parts_of_a_form() {
        let form = tongpin_domain::form::Definition::of_goals();
        let body = serde_json::to_value(form).expect("JSON");
        let unnamed = body.as_object().expect("an object").keys().find(|part| form_part(part, Lang::Zh).is_none());
        assert_eq!(unnamed, None);
        assert_eq!(form_part("kept_as", Lang::Zh), Some("沿用单据"));
    }

    /// Each hint is there in both languages or in neither, and the two differ.
    #[test]
    fn hints_in_both_languages() {
        let catalogs = ["indicators", "experts", "regions", "funds", "procedures", CALENDARS];
        let all: Vec<&Spec> = catalogs.iter().flat_map(|catalog| specs(catalog)).collect();
        assert!(all.iter().any(|spec| !spec.hint(Lang::En).is_empty()));
        for spec in all {
            let (zh, en) = (spec.hint(Lang::Zh), spec.hint(Lang::En));
            assert!(
                if zh.is_empty() {
                    en.is_empty()
                } else {
                    en.starts_with(|c: char| c.is_ascii() || c == '≥') && zh != en
                },
                "{}",
                spec.name
            );
        }
    }
}
