//! Units of measure (度量单位) as people write them: 万人次, （万人次）, ( 万 人次 ) are one unit. Two of them are the same,
//! one a multiple of the other (元 and 万元), or strangers (件 and %), and a value goes from one to the other only in
//! the first two cases.

use rust_decimal::Decimal;

use crate::intake::Words;
use crate::number::half_width;

/// Words for numbers in front of a unit, the longer ones first, with the power of ten that they stand for.
const SCALES: [(&str, u32); 9] =
    [("万亿", 12), ("千万", 7), ("百万", 6), ("十万", 5), ("亿", 8), ("万", 4), ("千", 3), ("百", 2), ("十", 1)];

/// Units of physics that have 千 in their name: 3万千瓦 is not doubtful as 3万千人 is.
const NAMED: [&str; 9] = ["千瓦", "千伏", "千卡", "千帕", "千焦", "千赫", "千牛", "千字节", "百分"];

/// Other ways of writing a unit. Where a number is left out it is the same.
const ALIASES: [(&str, &str); 22] = [
    ("百分比", "%"),
    ("百分数", "%"),
    ("百分点", "%"),
    ("个百分点", "%"),
    ("人民币元", "元"),
    ("元人民币", "元"),
    ("人民币", "元"),
    ("名", "人"),
    ("位", "人"),
    ("天", "日"),
    ("㎡", "平方米"),
    ("m²", "平方米"),
    ("m2", "平方米"),
    ("平米", "平方米"),
    ("㎥", "立方米"),
    ("m³", "立方米"),
    ("m3", "立方米"),
    ("千米", "公里"),
    ("km", "公里"),
    ("千克", "公斤"),
    ("kg", "公斤"),
    ("℃", "摄氏度"),
];

/// Words that are units wherever they stand behind a number; what else stands there (以上, 左右, -98%) is not one.
const KNOWN: &str = "% ‰ 个 件 张 人 人次 家 家次 户 户次 次 场 场次 台 套 项 条 处 册 亩 亩次 元 公里 米 平方米 平方公里 \
    立方米 公顷 吨 公斤 克 升 日 工作日 小时 分钟 月 年 起 例 份 所 座 幅 篇 期 班 辆 棵 株 头 只 批 批次 组 对 倍 分 间 \
    床 本 部 支 根 盏 座次 学时 课时 千瓦 千瓦时 摄氏度";

/// A unit, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The power of ten in front of it: 万元 has 4.
    power: i32,
    /// What is left: 元.
    base: String,
}

/// How one unit goes into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// They are the same.
    Same,
    /// One of the first is so many of the second: 1 万元 is 10,000 元.
    Times(Decimal),
    /// Neither can be told in the other.
    Differs,
}

impl Unit {
    /// Reads a unit. It can't fail: what is not known is a unit of that name.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let plain = plain.trim_matches(['(', ')', '[', ']', '【', '】', '〔', '〕', '<', '>', '《', '》']);
        let plain = plain.strip_prefix("单位").map_or(plain, |rest| rest.trim_start_matches(':'));
        if let Some(named) = alias(plain) {
            return Self { power: 0, base: named.to_owned() };
        }
        if matches!(plain, "‰" | "千分比" | "千分点") {
            return Self { power: -1, base: "%".to_owned() };
        }
        let (mut power, mut rest) = (0, plain);
        if !NAMED.iter().any(|name| plain.starts_with(name))
            && let Some((word, digits)) = SCALES.iter().find(|(word, _)| plain.starts_with(word))
        {
            (power, rest) = (i32::try_from(*digits).unwrap_or_default(), plain.strip_prefix(word).unwrap_or_default());
        }
        Self { power, base: alias(rest).unwrap_or(rest).to_owned() }
    }

    /// Nothing is written.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.power == 0 && self.base.is_empty()
    }

    /// 万, 千 or 亿 stands in front of it, so that a value with such a word of its own may mean either.
    #[must_use]
    pub fn is_scaled(&self) -> bool {
        self.power > 0
    }

    /// It is %.
    #[must_use]
    pub fn is_percent(&self) -> bool {
        self.power == 0 && self.base == "%"
    }

    /// The word is surely a unit, and not some other word that may stand behind a number.
    #[must_use]
    pub fn is_known(&self) -> bool {
        KNOWN.split_whitespace().any(|known| known == self.base)
    }

    /// How one of this unit is told in another.
    #[must_use]
    pub fn fit(&self, other: &Self) -> Fit {
        let power = self.power - other.power;
        match (self.base == other.base, power) {
            (true, 0) => Fit::Same,
            (true, 1..=12) => Fit::Times(ten_to(power.unsigned_abs(), 0)),
            (true, -12..=-1) => Fit::Times(ten_to(0, power.unsigned_abs())),
            _ => Fit::Differs,
        }
    }

    /// What this unit's word for a number comes to: 10,000 for 万元.
    #[must_use]
    pub fn scale(&self) -> Decimal {
        ten_to(u32::try_from(self.power).unwrap_or_default(), 0)
    }
}

/// How a line's unit differs from that of its entry in the library, if it does: what it should have been.
#[must_use]
pub fn differing(written: &str, library: &str) -> Option<Words> {
    let (own, meant) = (Unit::read(written), Unit::read(library));
    if meant.is_blank() {
        return None;
    }
    let library = library.trim();
    match own.fit(&meant) {
        Fit::Same => None,
        Fit::Times(times) => Some(Words::new(
            format!("指标库中的单位“{library}”（1 {} = {} {library}，可以换算）", written.trim(), times.normalize()),
            format!("the library's unit {library} (1 {} is {} {library})", written.trim(), times.normalize()),
        )),
        Fit::Differs => Some(Words::new(
            format!("指标库中的单位“{library}”（不能换算，不同单位的指标不能汇总）"),
            format!("the library's unit {library} (there is no conversion, and different units are not added up)"),
        )),
    }
}

/// A power of ten, at most of the twelfth.
fn ten_to(up: u32, down: u32) -> Decimal {
    Decimal::new(10_i64.checked_pow(up).unwrap_or(1), down)
}

fn alias(word: &str) -> Option<&'static str> {
    if word == "%" {
        return Some("%");
    }
    ALIASES.iter().find(|(other, _)| *other == word).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(one: &str, other: &str) -> Fit {
        Unit::read(one).fit(&Unit::read(other))
    }

    /// Brackets, blanks, width and other names make no other unit.
    #[test]
    fn the_same() {
        for written in
            ["万人次", "（万人次）", "(万人次)", " （ 万 人次 ） ", "【万人次】", "单位：万人次", "（单位：万人次）"]
        {
            assert_eq!(fit(written, "万人次"), Fit::Same, "{written}");
            assert!(Unit::read(written).is_scaled(), "{written}");
        }
        for (one, other) in
            [("％", "%"), ("百分比", "（%）"), ("㎡", "平方米"), ("千米", "公里"), ("名", "人"), ("", " ")]
        {
            assert_eq!(fit(one, other), Fit::Same, "{one}/{other}");
        }
    }

    /// Multiples go into one another by a power of ten, strangers do not.
    #[test]
    fn multiples_and_strangers() {
        let times = |number: &str| Fit::Times(number.parse().expect("a number"));
        assert_eq!(fit("万元", "元"), times("10000"));
        assert_eq!(fit("元", "万元"), times("0.0001"));
        assert_eq!(fit("亿元", "万元"), times("10000"));
        assert_eq!(fit("百户", "户"), times("100"));
        assert_eq!(fit("‰", "%"), times("0.1"));
        assert_eq!(fit("万名", "人"), times("10000"));
        for (one, other) in [("件", "%"), ("人", "人次"), ("元", "元/人"), ("千瓦", "瓦"), ("", "个")] {
            assert_eq!(fit(one, other), Fit::Differs, "{one}/{other}");
        }
    }

    /// A line's unit beside the library's: the same in other words, convertible, or another.
    #[test]
    fn beside_the_library() {
        assert_eq!(differing("（张）", "张"), None);
        assert_eq!(differing("件", ""), None, "the library says nothing");
        assert!(differing("万元", "元").expect("differs").zh.contains("1 万元 = 10000 元，可以换算"));
        assert!(differing("个", "件").expect("differs").zh.contains("“件”（不能换算"));
        assert!(differing("", "件").is_some());
    }

    /// 千 is part of some names.
    #[test]
    fn names_with_a_number_in_them() {
        assert!(
            !Unit::read("千瓦时").is_scaled() && !Unit::read("千克").is_scaled() && !Unit::read("百分点").is_scaled()
        );
        assert!(Unit::read("千人").is_scaled() && Unit::read("亿元").is_scaled() && Unit::read("百户").is_scaled());
        assert!(Unit::read("1/10万").power == 0 && Unit::read("元/万人").power == 0);
        assert!(Unit::read("万人次").is_known() && !Unit::read("以上").is_known() && !Unit::read("-98%").is_known());
    }
}
