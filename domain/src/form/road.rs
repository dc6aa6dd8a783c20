//! An example form for tests, 农村公路养护补助资金季度调度表, written as people write one, and a quarter filled in.

use std::collections::BTreeMap;

use super::{Definition, Given, GivenRow};

const ROAD: &str = r#"
code = "road_dispatch"
title = "农村公路养护补助资金季度调度表"
stage = "运行监控"

[subject]
of = "region"
per = "quarter"

[layout]
money = "wan"

[[fields]]
name = "issued"
title = "本季下达资金"
kind = "money"
required = true
least = "0"

[[fields]]
name = "roads"
title = "路段"
kind = "rows"
required = true
longest = 50

[[fields.fields]]
name = "route"
title = "路线编号"
kind = "code"
required = true
longest = 12

[[fields.fields]]
name = "km"
title = "里程"
kind = "decimal"
unit = "公里"
places = 3

[[fields.fields]]
name = "plan"
title = "计划投资"
kind = "money"
required = true

[[fields.fields]]
name = "paid"
title = "已支付"
kind = "money"

[[fields.fields]]
name = "rate"
title = "支付率"
kind = "percent"
derived = { share = ["paid", "plan"] }

[[fields]]
name = "paid_total"
title = "已支付合计"
kind = "money"
derived = { total = "roads.paid" }

[[fields]]
name = "rate"
title = "支付率"
kind = "percent"
derived = { share = ["paid_total", "issued"] }

[[fields]]
name = "late"
title = "是否延期"
kind = "yes_no"

[[fields]]
name = "reason"
title = "偏差原因"
kind = "text"
longest = 200

[[fields]]
name = "until"
title = "延期至"
kind = "day"
required = true
when = { field = "late", is = "yes" }

[[checks]]
name = "overpaid"
when = { field = "paid_total", above = "issued" }
then = "block"
says = "已支付合计超过本季下达资金，请核对各路段的已支付。"
at = "paid_total"

[[checks]]
name = "slow"
when = { field = "rate", below = 30 }
then = "reason"
says = "支付率低于 30%，请填写偏差原因。"
at = "rate"
reason = "reason"

[[checks]]
name = "beyond_plan"
each = "roads"
when = { field = "paid", above = "plan" }
then = "warn"
says = "该路段已支付超过计划投资，请核对。"
at = "paid"
"#;

/// The form.
pub(super) fn road() -> Definition {
    toml::from_str(ROAD).expect("it is written above")
}

/// A single value as it is given.
pub(super) fn one(name: &str, text: &str) -> (String, Given) {
    (name.to_owned(), Given::One(text.to_owned()))
}

/// A row as it is given.
pub(super) fn row(id: &str, cells: &[(&str, &str)]) -> GivenRow {
    let cells = cells.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    GivenRow { id: id.to_owned(), cells }
}

/// A quarter that is not late: 550 万元 issued, 487.30 万元 paid on two roads.
pub(super) fn quarter() -> BTreeMap<String, Given> {
    let roads = vec![
        row("r1", &[("route", "X201"), ("km", "12.5"), ("plan", "3,000,000"), ("paid", "250万元")]),
        row("r2", &[("route", "Ｙ３０７"), ("km", "8.25公里"), ("plan", "2500000"), ("paid", "2,373,000.00")]),
    ];
    [one("issued", "550万元"), one("late", "否"), ("roads".to_owned(), Given::Rows(roads))].into()
}
