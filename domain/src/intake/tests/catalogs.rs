//! What intake promises for catalogs: the sample files become entries for the right audience, and nothing is lost.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{short, table};
use crate::catalog::Audience;
use crate::collection::Collection;
use crate::expert::Expert;
use crate::indicator::{Aggregation, Indicator};
use crate::intake::{columns, entries, entry_from_toml, entry_to_toml};
use crate::lang::{Lang, Say};
use crate::region::{Region, RegionCode, Regions};
use crate::rules::RuleSet;

const INDICATORS: &[u8] = include_bytes!("../../../../samples/indicators.csv");
const EXPERTS: &[u8] = include_bytes!("../../../../samples/experts.csv");
const REGIONS: &[u8] = include_bytes!("../../../../samples/regions.csv");

/// All 153 library entries are accepted for everyone; the counts per aggregation are those of the file.
#[test]
fn sample_indicators() {
    let intake = entries("indicators", &table("indicators.csv", INDICATORS));
    assert_eq!((intake.accepted.len(), &intake.problems[..], &intake.warnings[..]), (153, &[][..], &[][..]));
    let mut counts = BTreeMap::new();
    for (_, entry) in &intake.accepted {
        let indicator: Indicator = serde_json::from_str(&entry.body).expect("an indicator");
        assert_eq!((&indicator.code, &entry.audience), (&entry.key, &Audience::Everyone));
        *counts.entry(indicator.agg_method).or_insert(0) += 1;
    }
    let expected = [
        (Aggregation::Sum, 49),
        (Aggregation::WeightedMean, 92),
        (Aggregation::QualitativeMean, 11),
        (Aggregation::Latest, 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

/// All 40 experts are accepted; the scope decides the audience, and where it is blank only the publisher sees them.
#[test]
fn sample_experts() {
    let intake = entries("experts", &table("experts.csv", EXPERTS));
    assert_eq!((intake.accepted.len(), &intake.problems[..]), (40, &[][..]));
    assert!(!intake.warnings.is_empty());
    let mut everyone = 0;
    for (_, entry) in &intake.accepted {
        let expert: Expert = serde_json::from_str(&entry.body).expect("an expert");
        match &entry.audience {
            Audience::Everyone => everyone += 1,
            Audience::Region(code) => {
                assert_eq!((code, expert.share_scope.as_str()), (&expert.base_region, "本县及乡镇"));
            }
            Audience::PublisherOnly => assert_ne!(expert.share_scope, "全市共享"),
        }
    }
    assert_eq!(everyone, 12);
    let blank = intake.warnings.iter().find(|warning| warning.found.is_empty()).expect("a blank scope");
    assert!(blank.say(Lang::Zh).contains("共享范围未填"));
}

/// All 129 divisions are accepted, and the former code of the industrial park still finds it.
#[test]
fn sample_regions() {
    let intake = entries("regions", &table("regions.csv", REGIONS));
    assert_eq!((intake.accepted.len(), &intake.problems[..], &intake.warnings[..]), (129, &[][..], &[][..]));
    let all = intake.accepted.iter().map(|(_, entry)| serde_json::from_str::<Region>(&entry.body).expect("a region"));
    let regions = Regions::new(all);
    assert_eq!(regions.name(&RegionCode::new("320571").expect("a code")), "苏州工业园区");
}

/// A catalog without a type keeps every column as text under its first column; `audience` is no part of the body.
#[test]
fn plain_catalog() {
    let text = "fund_code,audience,name\nZX1,*,甲\nZX2,320581,乙\nZX3,-,\nZX4,,丁\nZX1,*,戊\nZX5,常熟,己\n";
    let intake = entries("funds", &table("funds.csv", text.as_bytes()));
    let audiences: Vec<String> = intake.accepted.iter().map(|(_, entry)| entry.audience.to_string()).collect();
    assert_eq!(audiences, ["*", "320581", "-", "*"]);
    assert_eq!(intake.accepted[1].1.body, r#"{"fund_code":"ZX2","name":"乙"}"#);
    assert_eq!(short(&intake.problems), [(6, "fund_code", "ZX1"), (7, "audience", "常熟")]);
}

/// A column that the library's type doesn't know stays in the entry's body.
#[test]
fn extra_column_of_a_catalog() {
    let mut table = table("indicators.csv", INDICATORS);
    table.rows.truncate(1);
    table.header.push("使用次数".into());
    table.rows[0].cells.push("17".into());
    let intake = entries("indicators", &table);
    let body: Value = serde_json::from_str(&intake.accepted[0].1.body).expect("JSON");
    assert_eq!((&body["使用次数"], &body["is_common"]), (&Value::from("17"), &Value::from(false)));
    assert!(intake.warnings.is_empty());
}

/// An unknown way of aggregating, a scope that can't be followed and a bad former code are told.
#[test]
fn bad_catalog_cells() {
    let mut library = table("indicators.csv", INDICATORS);
    library.rows.truncate(1);
    library.rows[0].cells[18] = "平均".into();
    assert_eq!(short(&entries("indicators", &library).problems), [(2, "agg_method", "平均")]);
    let text = "code,name,level,parent_code,mof_div_code,kind,alias_codes,note\n320581,甲,县,320600,,,\"320571;32\",\n";
    let regions = entries("regions", &table("regions.csv", text.as_bytes()));
    assert_eq!(short(&regions.problems), [(2, "alias_codes", "320571;32")]);
    assert_eq!(short(&regions.warnings), [(2, "parent_code", "320600")]);
}

/// A TOML entry is known by the field of its catalog; broken TOML is told with its line.
#[test]
fn toml_entries() {
    let text = "code = \"自评-01\"\naudience = \"320581\"\ndue = 2025-03-31\n[steps]\nn = 3\n";
    let intake = entry_from_toml("procedures", "p.toml", text.as_bytes());
    let (_, entry) = &intake.accepted[0];
    assert_eq!((entry.key.as_str(), entry.audience.to_string().as_str()), ("自评-01", "320581"));
    assert_eq!(entry.body, r#"{"code":"自评-01","due":"2025-03-31","steps":{"n":3}}"#);

    let broken = entry_from_toml("procedures", "p.toml", b"code = \"a\"\nn = = 3\n");
    assert_eq!(short(&broken.problems), [(2, "", "n = = 3")]);
    let nameless = entry_from_toml("rules", "r.toml", b"id = \"a\"\n");
    assert_eq!(short(&nameless.problems), [(0, "name", "")]);
    assert_eq!(short(&entries("rules", &table("rules.csv", b"name\nx\n")).problems), [(0, "", "rules")]);
}

/// What is written out for a person to change reads back as the same entry, whomever it is for.
#[test]
fn toml_there_and_back() {
    let samples = [
        ("rules", include_str!("../../../../samples/rules.toml")),
        ("collections", include_str!("../../../../samples/collections/county-scores.toml")),
        ("procedures", "code = \"自评-01\"\naudience = \"320581\"\nshare = 0.5\n[steps]\nn = [3, true]\n"),
    ];
    for (catalog, text) in samples {
        let (_, entry) = entry_from_toml(catalog, "a.toml", text.as_bytes()).accepted.remove(0);
        let written = entry_to_toml(&entry.audience, &entry.body).expect("an object");
        let again = entry_from_toml(catalog, "a.toml", written.as_bytes());
        assert_eq!(again.accepted, [(1, entry)], "{written}");
    }
    let bare = entry_to_toml(&Audience::PublisherOnly, r#"{"id":"a","nothing":null}"#);
    assert_eq!(bare.as_deref(), Some("audience = \"-\"\nid = \"a\"\n"), "sorted by name, and nothing has no word");
    assert_eq!(entry_to_toml(&Audience::Everyone, "[]"), None);
}

/// Every column has one name and one word, and only catalogs with a type have any.
#[test]
fn columns_by_catalog() {
    assert_eq!(columns("regions").next(), Some(("code", "区划代码")));
    assert_eq!(["indicators", "experts", "regions", "funds"].map(|catalog| columns(catalog).count()), [21, 24, 11, 0]);
}

/// The sample rule set becomes an entry under its name; one whose weights add up to 105 is refused with the reason.
#[test]
fn rule_sets() {
    let text = include_str!("../../../../samples/rules.toml");
    let intake = entry_from_toml("rules", "rules.toml", text.as_bytes());
    assert!(intake.is_clean(), "{:?}", intake.problems);
    let rules = RuleSet::from_json(&intake.accepted[0].1.body).expect("the published form is a rule set");
    assert_eq!(rules.name, intake.accepted[0].1.key);

    let mut heavier = rules;
    heavier.execution.weight += Decimal::from(5);
    let text = toml::to_string(&heavier).expect("TOML");
    let refused = entry_from_toml("rules", "rules.toml", text.as_bytes());
    assert!(refused.accepted.is_empty());
    assert!(refused.problems[0].expected.zh.contains("105"), "{:?}", refused.problems);
}

/// Both sample collections become entries for everyone under their ids; one that has no title or asks for a field that
/// records don't have is refused.
#[test]
fn collections() {
    let scores = include_str!("../../../../samples/collections/county-scores.toml");
    let funds = include_str!("../../../../samples/collections/fund-indicators.toml");
    for text in [scores, funds] {
        let intake = entry_from_toml("collections", "c.toml", text.as_bytes());
        assert!(intake.is_clean(), "{:?}", intake.problems);
        let (_, entry) = &intake.accepted[0];
        let collection: Collection = serde_json::from_str(&entry.body).expect("the published form is a collection");
        assert_eq!((&collection.id, &entry.audience), (&entry.key, &Audience::Everyone));
    }
    for (what, instead) in [("title =", "titel ="), ("total_score", "total_scored")] {
        assert!(scores.contains(what), "{what}");
        let refused = entry_from_toml("collections", "c.toml", scores.replace(what, instead).as_bytes());
        assert!(refused.accepted.is_empty() && refused.problems.len() == 1, "{what}");
    }
}

proptest! {
    /// No bytes make reading a TOML entry panic.
    #[test]
    fn toml_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "[a-z=\\[\\]\". \n0-9]{0,60}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let intake = entry_from_toml("rules", "r.toml", bytes);
            prop_assert_eq!(intake.accepted.len() + intake.problems.len(), 1);
        }
    }
}

/// An indicator that comes as a file of its own, as the page of an entry sends it, is checked like one of a table: 二级指标
/// belongs to 一级指标.
#[test]
fn levels_of_one_indicator() {
    let read = |level1: &str, level2: &str| {
        let text = format!("code = \"A-1\"\nname = \"床位数\"\nlevel1 = \"{level1}\"\nlevel2 = \"{level2}\"\n");
        entry_from_toml("indicators", "", text.as_bytes())
    };
    assert_eq!(read("产出", "数量").accepted.len(), 1);
    let refused = read("效益", "数量");
    assert!(refused.accepted.is_empty() && refused.problems[0].expected.zh.contains("“数量”属于“产出”"), "{refused:?}");
}
