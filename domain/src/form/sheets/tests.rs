//! Workbooks there and back, a beginner's workbook, and what is told of bad cells.

use super::*;
use crate::form::{
    Action, Block, Check, Choice, Condition, Consequence, Days, Expression, Field, Grouped, Kind, Leaving, MoneyUnit,
    Per, SubjectOf,
};
use crate::lang::{Lang, Say};

fn road() -> Definition {
    toml::from_str(include_str!("../../../../samples/forms/road_dispatch.toml")).expect("the sample is a form")
}

fn sheet(name: &str, header: &str, rows: &[&str]) -> FormSheet {
    let cells = |row: &str| row.split('|').map(str::to_owned).collect::<Vec<_>>();
    FormSheet {
        name: name.to_owned(),
        header: cells(header),
        rows: (2..).zip(rows.iter().map(|row| cells(row))).collect(),
    }
}

fn cell<'a>(sheets: &'a [FormSheet], name: &str, row: usize, column: &str) -> &'a str {
    let sheet = sheets.iter().find(|sheet| sheet.name == name).expect("a sheet");
    let at = sheet.header.iter().position(|title| title == column).expect("a column");
    &sheet.rows[row].1[at]
}

fn read(sheets: &[FormSheet]) -> Definition {
    from_sheets(sheets).unwrap_or_else(|problems| {
        let said: Vec<String> = problems.iter().map(|problem| problem.say(Lang::Zh)).collect();
        unreachable!("{}", said.join("\n"))
    })
}

/// The sample form comes back as it was, and its cells say what an officer would write.
#[test]
fn the_sample_there_and_back() {
    let sheets = to_sheets(&road());
    assert_eq!(read(&sheets), road());
    assert_eq!(cell(&sheets, "字段", 7, "中文名"), "本段支付率");
    assert_eq!(cell(&sheets, "字段", 7, "计算"), "占比(已支付, 计划投资)");
    assert_eq!(cell(&sheets, "字段", 9, "计算"), "合计(路段.已支付)");
    assert_eq!(cell(&sheets, "字段", 11, "显示条件"), "支付率 小于 30");
    assert_eq!(cell(&sheets, "校验", 0, "条件"), "已支付合计 大于 本季下达资金");
    assert_eq!(cell(&sheets, "校验", 3, "条件"), "任一行(路段: 养护里程 未填)");
    assert_eq!(cell(&sheets, "步骤", 1, "须由他人"), "填报人、送财政审核");
    assert_eq!(cell(&sheets, "版式", 2, "分组标题"), "资金");
    assert_eq!(names_made(&sheets), []);
}

/// A form of every kind, with an odd title here and there.
fn everything() -> Definition {
    let mut form = road();
    form.subject = crate::form::Subject { of: SubjectOf::Project, per: Per::Month, several: true };
    form.years.to = Some(2030);
    form.basis.push("苏财〔2026〕1号、2号".to_owned());
    form.layout.portrait = true;
    form.layout.money = MoneyUnit::Yuan;
    form.layout.signatures.push("审核人、复核人".to_owned());
    let choice = |code: &str, text: &str, retired| Choice { code: code.to_owned(), text: text.to_owned(), retired };
    let choices = vec![choice("new", "新建", false), choice("old", "改 建", false), choice("x", "旧、类", true)];
    for (number, kind) in Kind::ALL.iter().enumerate().filter(|(_, kind)| **kind != Kind::Rows) {
        let mut field = Field::new(&format!("k{number}"), kind.text(Lang::Zh), kind.clone());
        field.hint = "第一行\n第二行".to_owned();
        if matches!(kind, Kind::OneOf | Kind::AnyOf) {
            field.choices.clone_from(&choices);
        }
        form.fields.push(field);
    }
    for (name, title) in [("odd1", "金额（万元）、合计"), ("odd2", "2025"), ("odd3", "且"), ("odd4", "占比")]
    {
        form.fields.push(Field { leaves: Leaving::ALL.to_vec(), ..Field::new(name, title, Kind::Decimal) });
    }
    for (name, kind) in [("twin1", Kind::Line), ("twin2", Kind::Whole)] {
        form.fields.push(Field { retired: name == "twin1", ..Field::new(name, "同名", kind) });
    }
    form.fields.push(Field {
        of: "indicators".to_owned(),
        english: "Entry".to_owned(),
        role: "indicator".to_owned(),
        level: Some(crate::form::FlowLevel::County),
        fill: vec!["draft".to_owned(), "review".to_owned()],
        from: "project.name".to_owned(),
        ..Field::new("entry", "带出", Kind::Entry)
    });
    form.flow.states[0].within = Some(Days { days: 3, working: false });
    form.flow.steps[0].from = vec!["draft".to_owned(), "review".to_owned()];
    form.flow.steps[0].actions = Action::ALL.to_vec();
    form.flow.steps[0].makes = "rectify".to_owned();
    form.layout.blocks.push(Block::default());
    form.layout.blocks.push(Block { rows: "roads".to_owned(), ..Block::default() });
    let group = |title: &str| Grouped { title: title.to_owned(), fields: Vec::new() };
    form.layout.blocks.push(Block {
        rows: "roads".to_owned(),
        columns: vec![group("甲"), group("")],
        ..Block::default()
    });
    form.layout.blocks.push(Block { rows: "roads".to_owned(), columns: vec![group("甲")], ..Block::default() });
    form
}

/// Every kind, every word and every odd title comes back as it was.
#[test]
fn every_kind_there_and_back() {
    assert_eq!(read(&to_sheets(&everything())), everything());
}

/// Every operation and every test comes back as it was, in the notation where that can say it.
#[test]
fn every_operation_there_and_back() {
    let notation = [
        (
            r#"{"sum":["received",{"number":"1.5"},{"rule":"execution.weight"}]}"#,
            "和(本季下达资金, 1.5, 规则(execution.weight))",
        ),
        (r#"{"sum_given":["odd1","odd2","odd3","odd4"]}"#, "已填之和(【金额（万元）、合计】, 【2025】, 【且】, 占比)"),
        (
            r#"{"difference":["received",{"product":["rate",{"number":"-0.01"}]}]}"#,
            "差(本季下达资金, 积(支付率, -0.01))",
        ),
        (
            r#"{"ratio":[{"least":["received","rate"]},{"most":["received","rate"]}]}"#,
            "商(最小(本季下达资金, 支付率), 最大(本季下达资金, 支付率))",
        ),
        (r#"{"total":"roads.paid","where":{"field":"length","present":true}}"#, "合计(路段.已支付, 养护里程 已填)"),
        (r#"{"count":"roads"}"#, "行数(路段)"),
        (r#"{"count":"roads","where":{"field":"route","is":"Y 1"}}"#, "行数(路段, 路线编号 是 “Y 1”)"),
        (r#"{"days":["arrived_on",{"day":"2026-03-31"}]}"#, "天数(指标到达日期, 2026-03-31)"),
        (r#"{"working_days":["arrived_on",{"day":"2026-03-31"}]}"#, "工作日(指标到达日期, 2026-03-31)"),
        (
            r#"{"if":{"field":"k3","is":"new"},"then":"rate","else":{"share":["twin2","received"]}}"#,
            "如果(单选 是 新建, 支付率, 占比(同名, 本季下达资金))",
        ),
        (r#""twin1""#, "twin1"),
    ];
    let form = everything();
    for (json, short) in notation {
        let tree: Expression = serde_json::from_str(json).expect("JSON");
        let text = written::expression(&tree, names::Names::new(&form.fields));
        assert_eq!(text, short);
        assert_eq!(notation::expression(&text, names::Names::new(&form.fields)), Ok(tree), "{text}");
    }
    let conditions = [
        (
            r#"{"all":[{"field":"k3","is_not":"old"},{"field":"k3","one_of":["new","x"]}]}"#,
            "单选 不是 “改 建” 且 单选 属于 新建/“旧、类”",
        ),
        (
            r#"{"any":[{"field":"k4","includes":"new"},{"not":{"field":"k5","is":"no"}}]}"#,
            "多选 包含 新建 或 非(是否 是 否)",
        ),
        (
            r#"{"all":[{"any":[{"field":"rate","at_least":{"number":"1"}},
            {"field":"rate","at_most":"received"}]},{"field":"clerk","present":false}]}"#,
            "(支付率 不小于 1 或 支付率 不大于 本季下达资金) 且 填报人 未填",
        ),
        (r#"{"every_row":"roads","when":{"field":"paid","below":"planned"}}"#, "每一行(路段: 已支付 小于 计划投资)"),
        (
            r#"{"any_row":"roads","when":{"field":"paid","differs":"received"}}"#,
            "任一行(路段: 已支付 不等于 本季下达资金)",
        ),
        (r#"{"value":{"share":["rate","received"]},"equals":{"number":"0"}}"#, "占比(支付率, 本季下达资金) 等于 0"),
        (r#"{"field":"clerk","is":"甲”乙"}"#, "填报人 是 \"甲”乙\""),
        // What the notation cannot say is JSON.
        (r#"{"all":[{"field":"clerk","present":true}]}"#, r#"{"all":[{"field":"clerk","present":true}]}"#),
        (r#"{"field":"k3","equals":"rate"}"#, r#"{"equals":"rate","field":"k3"}"#),
        (r#"{"field":"k3","resembles":"rate"}"#, r#"{"field":"k3","resembles":"rate"}"#),
    ];
    for (json, short) in conditions {
        let tree: Condition = serde_json::from_str(json).expect("JSON");
        let text = written::condition(&tree, names::Names::new(&form.fields));
        assert_eq!(text, short);
        assert_eq!(notation::condition(&text, names::Names::new(&form.fields)), Ok(tree), "{text}");
    }
}

/// A cell may be written in more ways than it is given out.
#[test]
fn written_by_hand() {
    let form = everything();
    let names = names::Names::new(&form.fields);
    for (typed, means) in [
        ("支付率＞＝30％", "支付率 不小于 30"),
        ("支付率>30%", "支付率 大于 30"),
        ("本季下达资金 超过 200万元", "本季下达资金 大于 2000000"),
        ("占比（支付率，本季下达资金）低于 １.５", "占比(支付率, 本季下达资金) 小于 1.5"),
        ("单选 等于 新建", "单选 是 新建"),
        ("支付率 是 5", "支付率 等于 5"),
        ("是否 为 是 并且 [2025] 不早于 2", "是否 是 是 且 【2025】 不小于 2"),
    ] {
        let read = notation::condition(typed, names);
        let read = read.unwrap_or_else(|expected| unreachable!("{typed}: {}", expected.zh));
        assert_eq!(written::condition(&read, names), means, "{typed}");
    }
}

/// What a beginner types, titles only: a sound form with made codes, which are told.
#[test]
fn a_beginners_workbook() {
    let sheets = [
        sheet(
            "表单",
            "项目|内容",
            &["表名|困难群众救助情况表", "填报频次|季度", "列表列|发放金额", "排序|发放金额 倒序"],
        ),
        sheet(
            "字段",
            "中文名|类型|必填|选项|所属明细表|计算|显示条件",
            &[
                "救助类别|单选|是|低保、特困、临时救助|||",
                "发放明细|明细表|||||",
                "姓名|人员|是||发放明细||",
                "发放金额|金额|是||发放明细||",
                "发放金额|金额||||合计(发放明细.发放金额)|",
                "户数|整数||||行数(发放明细)|",
                "临时救助原因|多行文本|||||救助类别 是 临时救助",
            ],
        ),
        sheet("校验", "条件|处理|提示语", &["发放金额 等于 0|提醒|发放金额为零，请核对。"]),
    ];
    let form = read(&sheets);
    let said: Vec<String> = form.check().iter().map(|problem| problem.say(Lang::Zh)).collect();
    assert_eq!(said, Vec::<String>::new());
    let codes: Vec<String> = form.places().map(|(place, _)| place).collect();
    assert_eq!(codes, ["f2", "f3", "f3.f4", "f3.f5", "f6", "f7", "f8"]);
    assert_eq!(form.list.order, "-f6");
    let total = Expression::Total { rows: "f3".to_owned(), field: "f5".to_owned(), of: None };
    assert_eq!(form.field("f6").and_then(|field| field.derived.clone()), Some(total));
    assert_eq!(form.checks[0].name, "c2");
    let made = names_made(&sheets);
    assert_eq!(made.len(), 9, "{made:?}");
    assert!(made[0].say(Lang::Zh).starts_with("字段 第 2 行 名称 列缺失，应为：代号；已自动取为 f2"), "{made:?}");
    assert_eq!(read(&to_sheets(&form)), form);
    assert_eq!(read(&sheets).code, form.code, "made of the title, and the same every time");
}

/// Each bad cell is told with its sheet, its line and its column, and all of them at once.
#[test]
fn bad_cells() {
    let sheets = [
        sheet("表单", "项目|内容", &["表名|甲表", "颜色|红", "纸张方向|斜", "签字栏|负责人", "列表列|乙"]),
        sheet(
            "字段",
            "中文名|类型|必填|小数位|选项|所属明细表|计算|显示条件",
            &[
                "甲|数字|||||||",
                "|整数|||||差(甲|",
                "丙|小数|可能|两位||||",
                "丁|单选|||一种|||",
                "戊|金额||||丙||",
                "己|金额|||||占比(丙, 丙) 丙|丙大于3",
                "庚|金额|||||平均(丙, 丙)|丙 大于 3 且 丙 小于 5 或 丙 小于 1",
            ],
        ),
        sheet("校验", "条件|处理|提示语|定位字段", &["任一行(丙: 丙 已填)|警告||辛"]),
        sheet("步骤", "名称|从|到|层级|岗位", &["送审|草稿|审核|县|经办"]),
        sheet("版式", "块|块标题|字段|明细表|分组标题", &["1||甲||", "2||||资金"]),
        sheet("流程图", "名称", &["x"]),
        sheet("选项", "组名|名称|编号", &[]),
    ];
    let problems = from_sheets(&sheets).expect_err("hardly a cell is right");
    let at: Vec<(&str, u64, &str)> =
        problems.iter().map(|problem| (problem.file.as_str(), problem.line, problem.column.as_str())).collect();
    for place in [
        ("流程图", 0, ""),
        ("选项", 1, "编号"),
        ("表单", 3, "项目"),
        ("表单", 4, "内容"),
        ("表单", 6, "内容"),
        ("字段", 2, "类型"),
        ("字段", 3, "中文名"),
        ("字段", 3, "计算"),
        ("字段", 4, "必填"),
        ("字段", 4, "小数位"),
        ("字段", 5, "选项"),
        ("字段", 6, "所属明细表"),
        ("字段", 7, "计算"),
        ("字段", 7, "显示条件"),
        ("字段", 8, "计算"),
        ("字段", 8, "显示条件"),
        ("校验", 2, "条件"),
        ("校验", 2, "处理"),
        ("校验", 2, "提示语"),
        ("校验", 2, "定位字段"),
        ("步骤", 2, "从"),
        ("步骤", 2, "到"),
        ("步骤", 2, "层级"),
        ("版式", 3, "明细表"),
    ] {
        assert!(at.contains(&place), "{place:?} in {at:?}");
    }
    assert_eq!(at.len(), 24, "{at:?}");
    let said: Vec<String> = problems.iter().map(|problem| problem.say(Lang::Zh)).collect();
    assert!(
        said.iter().any(|said| said.starts_with("字段 第 8 行 计算 列为“平均(丙, 丙)”，应为：算法“平均”是下列之一"))
    );
}

/// Without the two sheets that say what the form is, it is no form; whatever stands in a cell is told at most.
#[test]
fn nothing_panics() {
    assert_eq!(from_sheets(&[]).expect_err("nothing").len(), 3);
    let mut long = to_sheets(&road());
    long[1].rows = (2..100_000).map(|line| (line, vec!["甲".to_owned(); 23])).collect();
    assert!(from_sheets(&long).is_err());
    let form = everything();
    let names = names::Names::new(&form.fields);
    let deep = format!("{}支付率{}", "和(".repeat(5_000), ")".repeat(5_000));
    for cell in
        ["", "(", ")", "【", "“", "{", "{}", "{\"sum\":1}", "-", ".", ">", "和()", "差(支付率)", "30 大于", &deep]
    {
        let _ = (notation::expression(cell, names), notation::condition(cell, names));
    }
    assert!(notation::expression(&deep, names).is_err());
    let json = "{\"a\":".repeat(5_000);
    assert!(notation::condition(&json, names).is_err());
}

/// A reason and rows of a check come back too, with fields of the row.
#[test]
fn checks_of_rows() {
    let mut form = road();
    form.checks = vec![Check {
        name: "odd".to_owned(),
        when: serde_json::from_str(r#"{"field":"paid","above":"received"}"#).expect("JSON"),
        then: Consequence::Reason,
        says: "请说明。".to_owned(),
        at: "paid".to_owned(),
        each: "roads".to_owned(),
        reason: "reason".to_owned(),
    }];
    let sheets = to_sheets(&form);
    assert_eq!(cell(&sheets, "校验", 0, "条件"), "已支付 大于 本季下达资金");
    assert_eq!(read(&sheets), form);
}
