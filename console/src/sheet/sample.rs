//! A form for tests: a quarterly report of a county's roads.

use std::collections::BTreeMap;

use tongpin_domain::form::{Definition, Given, GivenRow};

/// 农村公路季度监控表, in 万元.
pub(crate) fn road_form() -> Definition {
    let text = r#"
        code = "roads_quarter"
        title = "农村公路建设季度监控表"
        fields = [
          { name = "issued", title = "本季下达资金", kind = "money", required = true, hint = "按下达文件填写" },
          { name = "paid_total", title = "已支付合计", kind = "money", derived = { total = "roads.paid" } },
          { name = "progress", title = "总体进度", kind = "one_of", choices = [
            { code = "ok", text = "正常" }, { code = "slow", text = "滞后" }, { code = "old", text = "未定", retired = true } ] },
          { name = "measures", title = "采取措施", kind = "any_of", choices = [
            { code = "staff", text = "增加人员" }, { code = "money", text = "调整资金" } ] },
          { name = "checked", title = "是否核查", kind = "yes_no" },
          { name = "day", title = "核查日期", kind = "day" },
          { name = "roads", title = "路段", kind = "rows", fields = [
            { name = "code", title = "路线编号", kind = "code", required = true },
            { name = "length", title = "里程", kind = "decimal", unit = "公里" },
            { name = "planned", title = "计划投资", kind = "money" },
            { name = "paid", title = "已支付", kind = "money" },
            { name = "rate", title = "支付率", kind = "percent", derived = { share = ["paid", "planned"] } } ] },
          { name = "reason", title = "偏差原因", kind = "text" },
        ]
        [layout]
        money = "wan"
        signatures = ["填报人", "负责人"]
        [[layout.blocks]]
        fields = ["issued", "paid_total", "progress", "checked", "day", "measures"]
        [[layout.blocks]]
        title = "一、路段情况"
        rows = "roads"
        columns = [ { fields = ["code", "length"] }, { title = "资金", fields = ["planned", "paid", "rate"] } ]
        [[layout.blocks]]
        fields = ["reason"]
    "#;
    toml::from_str(text).expect("the form is sound")
}

/// A row of it.
pub(crate) fn road(id: &str, cells: &[(&str, &str)]) -> GivenRow {
    let cells = cells.iter().map(|(name, kept)| ((*name).to_owned(), (*kept).to_owned())).collect();
    GivenRow { id: id.to_owned(), cells }
}

/// Values of it by field.
pub(crate) fn values(singles: &[(&str, &str)], roads: Vec<GivenRow>) -> BTreeMap<String, Given> {
    let mut given: BTreeMap<String, Given> =
        singles.iter().map(|(name, kept)| ((*name).to_owned(), Given::One((*kept).to_owned()))).collect();
    if !roads.is_empty() {
        given.insert("roads".to_owned(), Given::Rows(roads));
    }
    given
}

/// A report that is filled in: 1,234,567.89 yuan issued, and two roads.
pub(crate) fn report() -> BTreeMap<String, Given> {
    let roads = vec![
        road("r1", &[("code", "C001320581"), ("length", "3.25"), ("planned", "5000000.00"), ("paid", "0.01")]),
        road("r2", &[("code", "007"), ("paid", "1200000.00")]),
    ];
    let singles = [
        ("issued", "1234567.89"),
        ("progress", "slow"),
        ("checked", "no"),
        ("day", "2026-09-30"),
        ("reason", "雨季停工\n已调整计划"),
    ];
    let mut given = values(&singles, roads);
    given.insert("measures".to_owned(), Given::Several(vec!["staff".to_owned(), "money".to_owned()]));
    given
}
