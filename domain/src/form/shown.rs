//! How a value is shown: on a page, on paper and in a sentence alike. Nothing of it is lost by being shown: 万元 keep
//! their fen.

use rust_decimal::Decimal;

use super::{Field, Kind, MoneyUnit, Value, text};
use crate::lang::Lang;
use crate::thousands::marked;

/// Decimals of an amount in 万元, at least; the fen need up to six.
const WAN_PLACES: usize = 2;

/// A value as people read it: amounts in the unit of the sheet and numbers with their thousands marked, a percentage
/// with its sign, choices by their texts, 是 or 否, days as `2025-03-01`. The unit of an amount stands above the sheet,
/// that of another number beside its title, and neither here.
#[must_use]
pub fn shown(field: &Field, value: &Value, money: &MoneyUnit, lang: Lang) -> String {
    match value {
        Value::Number(number) if field.kind == Kind::Money => amount(*number, money),
        Value::Number(_) => {
            let sign = if field.kind == Kind::Percent { "%" } else { "" };
            marked(&text(field, value)) + sign
        }
        Value::Text(code) => field.choice_text(code).to_owned(),
        Value::Several(codes) => {
            let texts: Vec<&str> = codes.iter().map(|code| field.choice_text(code)).collect();
            texts.join(lang.pick("、", ", "))
        }
        Value::Flag(flag) => if *flag { lang.pick("是", "yes") } else { lang.pick("否", "no") }.to_owned(),
        Value::Files(count) => counted(*count, lang.pick("个附件", "files")),
        Value::Rows(rows) => counted(rows.len(), lang.pick("行", "rows")),
        Value::Day(_) | Value::Month(_) => text(field, value),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}")
}

/// An amount in yuan, in the unit of a sheet.
pub(super) fn amount(yuan: Decimal, money: &MoneyUnit) -> String {
    if *money != MoneyUnit::Wan {
        return marked(&format!("{yuan:.2}"));
    }
    match yuan.checked_div(Decimal::from(10_000)).map(|wan| wan.normalize()) {
        Some(wan) if wan.scale() > 2 => marked(&wan.to_string()),
        Some(wan) => marked(&format!("{wan:.WAN_PLACES$}")),
        None => marked(&yuan.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Choice, Row};

    fn number(text: &str) -> Value {
        Value::Number(text.parse().expect("a number"))
    }

    /// 1,234,567.89 yuan are 123.456789 万元, and neither loses a fen; 550 万元 have two decimals.
    #[test]
    fn amounts() {
        let money = Field::new("paid", "已支付", Kind::Money);
        for (yuan, in_yuan, in_wan) in [
            ("1234567.89", "1,234,567.89", "123.456789"),
            ("5500000", "5,500,000.00", "550.00"),
            ("-12345678.90", "-12,345,678.90", "-1,234.56789"),
            ("0.01", "0.01", "0.000001"),
            ("0", "0.00", "0.00"),
        ] {
            assert_eq!(shown(&money, &number(yuan), &MoneyUnit::Yuan, Lang::Zh), in_yuan);
            assert_eq!(shown(&money, &number(yuan), &MoneyUnit::Wan, Lang::Zh), in_wan);
        }
    }

    /// Each kind is shown in people's words, and never by a code.
    #[test]
    fn kinds() {
        let show = |field: &Field, value: &Value| shown(field, value, &MoneyUnit::Wan, Lang::Zh);
        let mut choices = Field::new("kind", "类别", Kind::OneOf);
        choices.choices = [("new", "新建"), ("old", "改建")]
            .map(|(code, text)| Choice { code: code.to_owned(), text: text.to_owned(), retired: false })
            .to_vec();
        assert_eq!(show(&choices, &Value::Text("new".to_owned())), "新建");
        assert_eq!(show(&choices, &Value::Several(vec!["new".to_owned(), "old".to_owned()])), "新建、改建");
        assert_eq!(show(&Field::new("ok", "完工", Kind::YesNo), &Value::Flag(false)), "否");
        let mut length = Field::new("km", "里程", Kind::Decimal);
        length.places = Some(3);
        assert_eq!(show(&length, &number("1234.5")), "1,234.500");
        assert_eq!(show(&Field::new("rate", "支付率", Kind::Percent), &number("88.6")), "88.60%");
        assert_eq!(show(&Field::new("roads", "路段", Kind::Rows), &Value::Rows(vec![Row::default()])), "1 行");
        assert_eq!(show(&Field::new("who", "单位", Kind::Organisation), &Value::Text("公路站".to_owned())), "公路站");
    }
}
