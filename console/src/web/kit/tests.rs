//! A form is drawn from its definition, and what is posted from it is read, whatever it says.

use super::*;
use crate::sheet::sample::{report, road, road_form, values};
use crate::web::Fields;

fn posted(fields: &[(&str, &str)], before: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
    given(&road_form(), &Fields::from(fields), before)
}

/// The sheet to be read states its unit once, shows choices by their texts and amounts in 万元, has the sum below its
/// column, and never shows what is personal of its own accord.
#[test]
fn to_be_read() {
    let (mut definition, given) = (road_form(), report());
    definition.fields.iter_mut().filter(|field| field.name == "day").for_each(|field| field.personal = true);
    let mut view = FormView::new(&definition, &given, Lang::Zh);
    view.shown.insert("paid_total".to_owned(), "120.000001".to_owned());
    view.about = "常熟市<b>".to_owned();
    let drawn = sheet(&view).into_string();
    for part in [
        "金额单位：万元",
        "常熟市&lt;b&gt;",
        ">123.456789</td>",
        ">滞后</td>",
        "增加人员、调整资金",
        r#"<th class="group" scope="colgroup" colspan="3">资金</th>"#,
        r#"<output data-shown="paid_total" data-derived>120.000001</output>"#,
        "里程（公里）",
        "支付率（%）",
        "<span>填报人：</span>",
        "＊＊＊",
    ] {
        assert!(drawn.contains(part), "{part} in {drawn}");
    }
    assert!(!drawn.contains("<input") && !drawn.contains("2026-09-30") && !drawn.contains("未定"));
}

/// The sheet to be filled in has an input by the kind of each field, ties what is wrong to its cell, marks what is
/// required and missing, and has three rows more with names that nobody has.
#[test]
fn to_be_filled_in() {
    let (definition, mut given) = (road_form(), report());
    given.insert("progress".to_owned(), Given::One("gone".to_owned()));
    let mut view = FormView::new(&definition, &given, Lang::Zh);
    let bad = Note { place: "roads.r2.paid".to_owned(), tone: NoteTone::Bad, text: "超过计划投资".to_owned() };
    view.notes.push(bad);
    view.missing.insert("roads.r2.length".to_owned());
    view.hidden.insert("reason".to_owned());
    view.formulas.insert("roads.rate".to_owned(), ("已支付 ÷ 计划投资 × 100".to_owned(), String::new()));
    let drawn = edit(&view).into_string();
    for part in [
        r#"<input id="at-issued" name="issued" type="text" value="123.456789" inputmode="decimal""#,
        r#"aria-required="true" aria-describedby="hint-issued note-issued""#,
        r#"<p class="hint" id="hint-issued">按下达文件填写</p>"#,
        r#"<option value="gone" selected>gone</option>"#,
        r#"<option value="no" selected>否</option>"#,
        r#"type="date" value="2026-09-30""#,
        r#"<input type="checkbox" name="measures" value="staff" checked>"#,
        r#"<input type="hidden" name="roads.rows" value="r1,r2,n1,n2,n3">"#,
        r#"name="roads.r2.paid" type="text" value="120" inputmode="decimal" autocomplete="off" aria-label="已支付" aria-describedby="note-roads.r2.paid" aria-invalid="true""#,
        r#"<p class="bad">超过计划投资</p>"#,
        r#"name="roads.n3.code""#,
        r#"name="roads.~.code""#,
        r#"<output id="at-roads.r1.rate" data-shown="roads.r1.rate" data-derived>—</output>"#,
        "已支付 ÷ 计划投资 × 100",
        r#"data-field="roads.length" data-label="路段第 2 行·里程""#,
    ] {
        assert!(drawn.contains(part), "{part} in {drawn}");
    }
    assert!(drawn.contains(r#"class="in number lacks""#) && drawn.contains(r#"class="in off""#), "{drawn}");
    assert!(!drawn.contains(r#"name="paid_total""#) && !drawn.contains(r#"value="old""#));
    view.locked.extend(["issued".to_owned(), "roads".to_owned()]);
    let drawn = edit(&view).into_string();
    // Where only the rows are locked, none comes or goes.
    assert!(drawn.contains(r#"name="roads.r1.paid""#) && !drawn.contains("data-add"), "{drawn}");
    view.locked.extend(whole_table());
    let drawn = edit(&view).into_string();
    assert!(!drawn.contains(r#"name="issued""#) && !drawn.contains("roads.rows") && drawn.contains(">123.456789<"));
}

/// A form that is sent as it was drawn says what was held; what was typed otherwise is kept in yuan, a cleared field is
/// gone, and fields that were not sent stay.
#[test]
fn posted_fields() {
    let same = [("issued", "123.456789"), ("checked", "no"), ("reason", "雨季停工\r\n已调整计划")];
    assert_eq!(posted(&same, &report()), report());
    let mut typed = report();
    typed.insert("issued".to_owned(), Given::One("3.5万".to_owned()));
    // Sent back as it was shown, an amount stays as it was typed.
    assert_eq!(posted(&[("issued", "3.5")], &typed), typed);
    let after = posted(
        &[("issued", " 12.5 "), ("reason", ""), ("measures", ""), ("progress", "ok"), ("paid_total", "7"), ("x", "1")],
        &report(),
    );
    let mut expected = report();
    expected.insert("issued".to_owned(), Given::One("125000.00".to_owned()));
    expected.insert("progress".to_owned(), Given::One("ok".to_owned()));
    expected.remove("reason");
    expected.remove("measures");
    assert_eq!(after, expected);
    // A page sends codes, even where one of them reads like another choice.
    let mut definition = road_form();
    let progress = definition.fields.iter_mut().find(|field| field.name == "progress").expect("a field");
    progress.choices.iter_mut().zip(["slow", "ok"]).for_each(|(choice, text)| text.clone_into(&mut choice.text));
    let chosen = given(&definition, &Fields::from(&[("progress", "ok")][..]), &BTreeMap::new());
    assert_eq!(chosen.get("progress"), Some(&Given::One("ok".to_owned())));
    let several = posted(&[("measures", ""), ("measures", "money"), ("measures", "money")], &BTreeMap::new());
    assert_eq!(several.get("measures"), Some(&Given::Several(vec!["money".to_owned()])));
}

/// Rows come in the order in which they were sent, blank ones and ids that cannot be are left out, one that is not
/// listed is gone, and cells that were not sent stay.
#[test]
fn posted_rows() {
    let fields = [
        ("roads.rows", "n1,r1,n2,r.9,../x,n1,r1"),
        ("roads.n1.code", "X9"),
        ("roads.n1.paid", "0.3"),
        ("roads.n2.code", "  "),
        ("roads.r1.planned", ""),
        ("roads.r1.rate", "99"),
        ("roads.r7.code", "not listed"),
    ];
    let Some(Given::Rows(rows)) = posted(&fields, &report()).remove("roads") else { unreachable!("there are rows") };
    let first = road("r1", &[("code", "C001320581"), ("length", "3.25"), ("paid", "0.01")]);
    assert_eq!(rows, [road("n1", &[("code", "X9"), ("paid", "3000.00")]), first]);
    assert_eq!(posted(&[("roads.rows", "")], &report()).get("roads"), None);
    let many: Vec<String> = (0..3_000).map(|number| format!("n{number}")).collect();
    let names: Vec<String> = many.iter().map(|id| format!("roads.{id}.code")).collect();
    let listed = many.join(",");
    let fields: Vec<(&str, &str)> =
        std::iter::once(("roads.rows", listed.as_str())).chain(names.iter().map(|name| (name.as_str(), "x"))).collect();
    let rows = posted(&fields, &BTreeMap::new()).remove("roads");
    assert!(matches!(rows, Some(Given::Rows(rows)) if rows.len() == 2_000));
}

/// The places of a table and of all fields of its rows.
fn whole_table() -> Vec<String> {
    road_form().places().map(|(place, _)| place).filter(|place| place.starts_with("roads")).collect()
}

/// What is locked stays as it was, whatever was posted for it.
#[test]
fn posted_where_locked() {
    let fields = [("issued", "1"), ("roads.rows", "r1"), ("roads.r1.code", "A"), ("roads.r1.paid", "9")];
    let but = |locked: &[&str]| {
        let locked = locked.iter().map(|place| (*place).to_owned()).collect();
        given_but(&road_form(), &Fields::from(&fields[..]), &report(), &locked)
    };
    let whole: Vec<String> = whole_table();
    let whole: Vec<&str> = whole.iter().map(String::as_str).chain(["issued"]).collect();
    assert_eq!(but(&whole), report());
    let Some(Given::Rows(rows)) = but(&["issued", "roads"]).remove("roads") else { unreachable!("rows") };
    assert_eq!((rows.len(), rows[0].cells["code"].as_str(), rows[0].id.as_str()), (2, "A", "r1"), "no row goes");
    let Some(Given::Rows(rows)) = but(&["issued", "roads.paid"]).remove("roads") else { unreachable!("a row") };
    assert_eq!((rows.len(), rows[0].cells["code"].as_str(), rows[0].cells["paid"].as_str()), (1, "A", "0.01"));
}

/// The bar names what is missing with links to the places, and has one main button, which stands last.
#[test]
fn the_bar() {
    let (definition, given) = (road_form(), values(&[], vec![road("r1", &[("code", "X")])]));
    let mut view = FormView::new(&definition, &given, Lang::Zh);
    view.missing = ["issued", "roads.r1.paid"].map(str::to_owned).into();
    let send = |value: &str, says: &str| Act::Send {
        form: "fill".to_owned(),
        name: "form-step".to_owned(),
        value: value.to_owned(),
        says: says.to_owned(),
    };
    let state = Some(state_chip(&definition.flow, "draft"));
    let bar = Bar {
        state,
        others: vec![send("", "保存草稿")],
        main: Some(send("submit", "送县财政审核")),
        ..Bar::filling(&view)
    };
    let drawn = bar.draw().into_string();
    for part in [
        "还差 2 处",
        r##"<a href="#at-issued">本季下达资金</a><a href="#at-roads.r1.paid">路段第 1 行·已支付</a>"##,
        r#"<span class="chip warn">草稿</span>"#,
    ] {
        assert!(drawn.contains(part), "{part} in {drawn}");
    }
    let place = |text: &str| drawn.find(text).expect("it is there");
    assert!(place("保存草稿") < place("送县财政审核") && drawn.matches(r#"class="main""#).count() == 1);
    let json = serde_json::to_value(Checked::of(&view)).expect("JSON");
    assert_eq!(json["left"], "还差 2 处");
    assert_eq!(json["missing"], serde_json::json!(["issued", "roads.r1.paid"]));
}
