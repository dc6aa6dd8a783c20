//! What the documents of a form can be found by: words, state, period, who keeps them, the choices that its fields
//! offer, and its numbers and days from one value to another.

use rust_decimal::Decimal;
use tongpin_console::web::kit::{choices, range_box, ranges};
use tongpin_console::web::list::{Ask, Asked, Filter};
use tongpin_domain::form::{Definition, Field, Kind, MoneyUnit, Per};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::Regions;
use tongpin_store::{FieldTest, FilterOp, FormFilter};

use crate::app::statistics::CountedForm;

/// Yuan in 万元.
const WAN: i64 = 10_000;

/// What the address calls the filter of a field, so that no field is taken for what every list is asked with.
fn named(field: &Field) -> String {
    format!("f.{}", field.name)
}

/// What is typed as the end of a range, as it is kept: amounts are typed in the unit of the list's heads. What is no
/// number stays as it is, and then nothing is found.
fn kept(field: &Field, money: &MoneyUnit, typed: &str) -> String {
    if field.kind != Kind::Money || *money != MoneyUnit::Wan {
        return typed.to_owned();
    }
    let yuan = Decimal::from_str_exact(typed).ok().and_then(|wan| wan.checked_mul(Decimal::from(WAN)));
    yuan.map_or_else(|| typed.to_owned(), |yuan| yuan.normalize().to_string())
}

/// What is asked for.
pub(super) fn asked_for(definition: &Definition, asked: &Asked) -> FormFilter {
    let state = asked.text("state");
    let mut tests = Vec::new();
    let mut test = |field: &Field, op: FilterOp| tests.push(FieldTest { field: field.name.clone(), op });
    for field in choices(definition) {
        let value = asked.text(&named(field));
        if !value.is_empty() {
            test(field, FilterOp::Is(value.to_owned()));
        }
    }
    for field in ranges(definition) {
        let end =
            |name: String| Some(kept(field, &definition.layout.money, asked.text(&name))).filter(|it| !it.is_empty());
        if let Some(least) = end(Filter::least(&named(field))) {
            test(field, FilterOp::AtLeast(least));
        }
        if let Some(most) = end(Filter::most(&named(field))) {
            test(field, FilterOp::AtMost(most));
        }
    }
    FormFilter {
        text: asked.text("q").to_owned(),
        states: if state.is_empty() { Vec::new() } else { vec![state.to_owned()] },
        period: asked.text("period").to_owned(),
        author: asked.text("author").to_owned(),
        tests,
        ..FormFilter::default()
    }
}

/// The filters above the list. Periods and who keeps documents are offered where there are several of them.
pub(super) fn filters(
    definition: &Definition,
    counted: Option<&CountedForm>,
    regions: &Regions,
    asked: &Asked,
    lang: Lang,
) -> Vec<Filter> {
    let mut all = vec![Filter::words(lang.pick("名称或填写的文字", "name or what was typed"), lang)];
    let states = definition.flow.states.iter().map(|state| (state.name.clone(), state.title.clone()));
    all.push(Filter::new("state", lang.pick("状态", "State"), Ask::One(states.collect())));
    let (mut periods, mut authors) = (Vec::new(), Vec::new());
    if let Some(counted) = counted {
        // The newest first: that is what people look for.
        periods = counted.periods.iter().rev().cloned().collect();
        authors = counted.counts.iter().map(|count| count.author.clone()).collect();
        authors.dedup();
    }
    if definition.subject.per != Per::Once && (periods.len() > 1 || !asked.text("period").is_empty()) {
        let shown = |period: String| (period.clone(), definition.subject.per.shown(&period, lang));
        let periods = periods.into_iter().map(shown).collect();
        all.push(Filter::new("period", lang.pick("期间", "Period"), Ask::One(periods)));
    }
    if authors.len() > 1 || !asked.text("author").is_empty() {
        let authors = authors.iter().map(|author| (author.to_string(), regions.name(author))).collect();
        all.push(Filter::new("author", lang.pick("填报单位", "Kept by"), Ask::One(authors)));
    }
    all.extend(choices(definition).into_iter().map(|field| {
        let yes_or_no = [("yes", "是", "yes"), ("no", "否", "no")].map(|(value, zh, en)| (value, lang.pick(zh, en)));
        let offered = field.choices.iter().map(|choice| (choice.code.as_str(), choice.text.as_str()));
        let offered: Vec<(&str, &str)> = if field.kind == Kind::YesNo { yes_or_no.to_vec() } else { offered.collect() };
        let offered = offered.into_iter().map(|(code, text)| (code.to_owned(), text.to_owned()));
        Filter::new(&named(field), field.called(lang), Ask::One(offered.collect()))
    }));
    all.extend(ranges(definition).into_iter().filter_map(|field| {
        let unit = field.unit_in(definition.layout.money.text(lang)).to_owned();
        Some(Filter::new(&named(field), field.called(lang), Ask::Between(range_box(&field.kind)?, unit)).further())
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amounts are typed in the unit that stands above them and found in yuan, without losing a fen; other numbers are
    /// as they are typed.
    #[test]
    fn in_the_unit_of_the_head() {
        let (paid, rate) = (Field::new("paid", "已支付", Kind::Money), Field::new("rate", "支付率", Kind::Percent));
        for (field, money, typed, found) in [
            (&paid, MoneyUnit::Wan, "120", "1200000"),
            (&paid, MoneyUnit::Wan, "0.000001", "0.01"),
            (&paid, MoneyUnit::Wan, "-1.5", "-15000"),
            (&paid, MoneyUnit::Wan, "很多", "很多"),
            (&paid, MoneyUnit::Wan, "79228162514264337593543950335", "79228162514264337593543950335"),
            (&paid, MoneyUnit::Yuan, "120", "120"),
            (&rate, MoneyUnit::Wan, "30", "30"),
        ] {
            assert_eq!(kept(field, &money, typed), found, "{typed}");
        }
    }
}
