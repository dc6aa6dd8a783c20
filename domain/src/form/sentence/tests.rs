//! Formulas and sentences as a clerk reads them.

use serde_json::{Value as Json, json};

use crate::form::road::{one, quarter, road};
use crate::form::{Choice, Condition, Definition, Expression, Facts, Field, Kind, Place};
use crate::lang::Lang;

fn clause(definition: &Definition, tree: Json, rows: Option<&str>) -> String {
    definition.clause(&Condition::from(tree), rows, Lang::Zh)
}

fn formula(definition: &Definition, tree: Json, lang: Lang) -> String {
    let mut field = Field::new("x", "结果", Kind::Decimal);
    field.derived = Some(Expression::from(tree));
    definition.formula(&field, lang)
}

/// Derived fields as formulas, with titles and without a code; a field of rows means its row's own.
#[test]
fn formulas() {
    let definition = road();
    let of = |place: &str| definition.field_at(place).map(|field| definition.formula(field, Lang::Zh));
    assert_eq!(of("rate").as_deref(), Some("支付率 = 已支付合计 ÷ 本季下达资金 × 100%"));
    assert_eq!(of("paid_total").as_deref(), Some("已支付合计 = 路段的已支付合计"));
    assert_eq!(of("roads.rate").as_deref(), Some("支付率 = 已支付 ÷ 计划投资 × 100%"));
    assert_eq!(of("issued").as_deref(), Some(""));
    for (tree, text) in [
        (
            json!({"ratio": [{"difference": ["issued", {"sum": ["paid_total", "paid_total"]}]}, "issued"]}),
            "（本季下达资金 - （已支付合计 + 已支付合计）） ÷ 本季下达资金",
        ),
        (json!({"product": ["issued", {"number": "-0.50"}]}), "本季下达资金 × （-0.5）"),
        (json!({"sum_given": ["issued", "paid_total"]}), "已填各项合计（本季下达资金、已支付合计）"),
        (
            json!({"count": "roads", "where": {"field": "paid", "above": "plan"}}),
            "路段（已支付大于计划投资的行）的行数",
        ),
        (json!({"days": ["until", {"day": "2025-12-31"}]}), "延期至至2025-12-31的天数"),
        (
            json!({"if": {"field": "late", "is": "yes"}, "then": "issued", "else": {"number": 0}}),
            "若是否延期为“是”，则为本季下达资金，否则为0",
        ),
        (json!({"median": ["issued"]}), "（本程序不认识的计算）"),
    ] {
        assert_eq!(formula(&definition, tree, Lang::Zh), format!("结果 = {text}"));
    }
    let deep = (0..100).fold(json!("issued"), |tree, _| json!({"sum": [tree]}));
    assert_eq!(formula(&definition, deep, Lang::En), "结果 = …");
}

/// Conditions and checks as sentences: yes and no, the texts of choices, units and percent signs, days.
#[test]
fn sentences() {
    let mut definition = road();
    let mut kind = Field::new("kind", "类别", Kind::OneOf);
    kind.choices = vec![Choice { code: "new".to_owned(), text: "新建".to_owned(), retired: false }];
    definition.fields.push(kind);
    for (tree, text) in [
        (json!({"field": "kind", "is": "new"}), "类别为“新建”"),
        (json!({"field": "kind", "one_of": ["new", "x"]}), "类别为“新建”、“x”之一"),
        (json!({"field": "late", "is_not": "no"}), "是否延期不为“否”"),
        (json!({"field": "rate", "below": 30}), "支付率小于30%"),
        (
            json!({"value": {"share": ["paid_total", "issued"]}, "at_least": 30}),
            "已支付合计 ÷ 本季下达资金 × 100%不小于30%",
        ),
        (json!({"field": "issued", "above": 5_000_000}), "本季下达资金大于500.00 万元"),
        (json!({"field": "until", "below": {"day": "2025-12-31"}}), "延期至早于2025-12-31"),
        (json!({"field": "reason", "present": false}), "偏差原因未填写"),
        (
            json!({"all": [{"field": "reason", "present": true}, {"any": [{"field": "late", "is": "yes"}, {"field": "rate", "above": 90}]}]}),
            "偏差原因已填写，且（是否延期为“是”，或支付率大于90%）",
        ),
        (json!({"not": {"field": "late", "is": "yes"}}), "并非（是否延期为“是”）"),
        (json!({"any_row": "roads", "when": {"field": "km", "above": 5}}), "“路段”中至少有一行（里程大于5 公里）"),
        (json!({"field": "kind", "like": "n"}), "（本程序不认识的条件）"),
    ] {
        assert_eq!(clause(&definition, tree, None), text);
    }
    assert_eq!(clause(&definition, json!({"field": "paid", "above": "plan"}), Some("roads")), "已支付大于计划投资");
    let checks: Vec<String> = definition.checks.iter().map(|check| definition.sentence(check, Lang::Zh)).collect();
    assert_eq!(
        checks,
        [
            "已支付合计大于本季下达资金时，不得送审",
            "支付率小于30%时，须说明原因",
            "“路段”逐行检查：已支付大于计划投资时，提醒"
        ]
    );
}

/// 怎么算的: figures in the unit of the sheet as long as that comes out right, otherwise in yuan; what is missing says so.
#[test]
fn worked() {
    let mut definition = road();
    let mut each = Field::new("each", "每公里", Kind::Decimal);
    each.derived = Some(Expression::from(json!({"ratio": ["paid", "km"]})));
    definition.fields.iter_mut().filter(|field| field.name == "roads").for_each(|rows| rows.fields.push(each.clone()));
    let facts = Facts::default();
    let mut given = quarter();
    let worked = |given: &_, place: Place| {
        let found = definition.evaluate(&definition.read(given).values, &facts);
        definition.worked(&place, &found, &facts, Lang::Zh)
    };
    assert_eq!(worked(&given, Place::of("rate")), "88.60% = 487.30 ÷ 550.00 × 100%");
    assert_eq!(worked(&given, Place::of("paid_total")), "487.30 = 250.00 + 237.30");
    assert_eq!(worked(&given, Place::cell("roads", "r1", "rate")), "83.33% = 250.00 ÷ 300.00 × 100%");
    // 2,500,000 ÷ 12.5 = 200,000 yuan: in 万元 it would not come out.
    assert_eq!(worked(&given, Place::cell("roads", "r1", "each")), "200,000.00 = 2,500,000.00 ÷ 12.500");
    assert_eq!(worked(&given, Place::of("issued")), "");
    given.extend([one("issued", "")]);
    assert_eq!(worked(&given, Place::of("rate")), "（缺） = 487.30 ÷ （缺） × 100%");
}
