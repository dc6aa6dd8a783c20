//! What can be wrong with what was given for a field, in the words of whoever has to put it right.

use rust_decimal::Decimal;

use crate::intake::Words;
use crate::lang::{Lang, Say};

/// Why something that was given is not taken. Where it says so the value is missing, and nothing was guessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The form has no such field.
    #[error("no such field")]
    UnknownField,
    /// Nobody fills the field in any more.
    #[error("the field is retired")]
    Retired,
    /// It is calculated, or filled in from elsewhere.
    #[error("the field is not typed")]
    NotTyped,
    /// A kind of field that only a newer program knows.
    #[error("a kind of field that is not known")]
    UnknownKind,
    /// Rows for a single value, files for a text, and the like.
    #[error("not given as its kind is")]
    WrongShape,
    /// Characters that nobody sees, or line breaks where there is one line.
    #[error("control characters")]
    ControlCharacter,
    /// A code that a spreadsheet has spoilt: what is expected in its place.
    #[error("a spoilt code")]
    SpoiltCode(Words),
    /// A text has too many characters.
    #[error("more than {most} characters")]
    TooLong {
        /// How many it may have.
        most: usize,
    },
    /// It is no single number.
    #[error("not a number")]
    NotANumber,
    /// It has decimals, and its kind has none.
    #[error("not a whole number")]
    NotWhole,
    /// It has more decimals than are kept. Nothing that was typed is rounded.
    #[error("more than {places} decimals")]
    TooManyDecimals {
        /// How many are kept.
        places: u32,
    },
    /// It has more digits than can be calculated with.
    #[error("too large")]
    TooLarge,
    /// It is less than it may be.
    #[error("below {least}")]
    BelowLeast {
        /// The least it may be.
        least: Decimal,
    },
    /// It is more than it may be.
    #[error("above {most}")]
    AboveMost {
        /// The most it may be.
        most: Decimal,
    },
    /// It is none of the choices.
    #[error("not one of the choices")]
    NotAChoice {
        /// What people can choose, as they read it.
        choices: Vec<String>,
    },
    /// It was a choice, and nobody chooses it any more.
    #[error("the choice {text:?} is retired")]
    RetiredChoice {
        /// What people read for it.
        text: String,
    },
    /// It is neither yes nor no.
    #[error("neither yes nor no")]
    NotYesOrNo,
    /// It is no day.
    #[error("not a day")]
    NotADay,
    /// It is no month.
    #[error("not a month")]
    NotAMonth,
    /// It is no code of a division.
    #[error("not a division code")]
    NotADivision,
    /// There are more rows than a table may have.
    #[error("more than {most} rows")]
    TooManyRows {
        /// How many it may have.
        most: usize,
    },
    /// There are more files than a field may have.
    #[error("more than {most} files")]
    TooManyFiles {
        /// How many it may have.
        most: usize,
    },
    /// Two rows have the same id.
    #[error("the row is there twice")]
    RowTwice,
    /// A row has an id that cannot be part of a place.
    #[error("a row without a usable id")]
    RowIdUnfit,
}

/// The most choices that a message names.
const NAMED: usize = 8;

impl Say for Fault {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }
}

impl Fault {
    /// What is expected in the place of it, as a file's problems say it.
    #[must_use]
    pub fn expected(&self) -> Words {
        match self {
            Self::TooLong { most } => {
                Words::new(format!("最多 {most} 字，请精简"), format!("at most {most} characters"))
            }
            Self::TooManyDecimals { places } => {
                Words::new(format!("至多 {places} 位小数"), format!("at most {places} decimals"))
            }
            Self::BelowLeast { least } => Words::new(format!("不小于 {least}"), format!("at least {least}")),
            Self::AboveMost { most } => Words::new(format!("不大于 {most}"), format!("at most {most}")),
            Self::NotAChoice { choices } => Words::new(listed(choices, "、"), listed(choices, ", ")),
            Self::SpoiltCode(expected) => expected.clone(),
            Self::NotANumber => Words::new("一个确定的数，如 1234.5", "one number, such as 1234.5"),
            Self::NotWhole => Words::new("整数", "a whole number"),
            Self::NotYesOrNo => Words::new("“是”或“否”", "yes or no"),
            Self::NotADay => Words::new("一个日期，如 2024-01-31", "one day, such as 2024-01-31"),
            Self::NotAMonth => Words::new("一个月份，如 2024-03", "one month, such as 2024-03"),
            Self::NotADivision => Words::new("6 位或 9 位区划代码", "a division code of 6 or 9 digits"),
            _ => Words::new(self.zh(), self.en()),
        }
    }

    fn zh(&self) -> String {
        let fixed = match self {
            Self::TooLong { most } => return format!("超过 {most} 个字，请缩短"),
            Self::TooManyDecimals { places } => return format!("小数多于 {places} 位，请按 {places} 位小数填写"),
            Self::BelowLeast { least } => return format!("小于允许的最小值 {least}，请核对"),
            Self::AboveMost { most } => return format!("大于允许的最大值 {most}，请核对"),
            Self::NotAChoice { choices } => return format!("不是可选的内容，请从中选择：{}", listed(choices, "、")),
            Self::RetiredChoice { text } => return format!("选项“{text}”已停用，请改选其他选项"),
            Self::TooManyRows { most } => return format!("多于 {most} 行，请删减或分次填报"),
            Self::TooManyFiles { most } => return format!("多于 {most} 个附件，请移除一些，或合并后再上传"),
            Self::SpoiltCode(expected) => return format!("应为{}", expected.zh),
            Self::UnknownField => "本表没有这个字段，请核对是否用了本表现行的模板",
            Self::Retired => "该字段已停用，不再填写，请清空",
            Self::NotTyped => "该字段由系统计算或自动带出，不需填写，请清空",
            Self::UnknownKind => "本程序还不认识这类字段，请升级程序后再填",
            Self::WrongShape => "填写的形式与字段不符，请在本表的页面或模板中填写",
            Self::ControlCharacter => "含有换行或看不见的字符，请清空后重新键入",
            Self::NotANumber => "不是一个确定的数，请只填一个数，如 1234.5",
            Self::NotWhole => "应为整数，请去掉小数",
            Self::TooLarge => "数值过大，请核对位数和单位",
            Self::NotYesOrNo => "请填“是”或“否”",
            Self::NotADay => "不是一个日期，请按 2025-03-01 的形式填写",
            Self::NotAMonth => "不是一个月份，请按 2025-03 的形式填写",
            Self::NotADivision => "不是区划代码，请填 6 位或 9 位数字的代码",
            Self::RowTwice => "同一行出现了两次，请删去重复的一行",
            Self::RowIdUnfit => "行号只能用字母、数字和短横线，请用本表的模板重新填写",
        };
        fixed.to_owned()
    }

    fn en(&self) -> String {
        let fixed = match self {
            Self::TooLong { most } => return format!("it has more than {most} characters: shorten it"),
            Self::TooManyDecimals { places } => return format!("it has more than {places} decimals: give {places}"),
            Self::BelowLeast { least } => {
                return format!("it is less than {least}, the least that it may be: check it");
            }
            Self::AboveMost { most } => return format!("it is more than {most}, the most that it may be: check it"),
            Self::NotAChoice { choices } => {
                return format!("it is none of the choices: choose from {}", listed(choices, ", "));
            }
            Self::RetiredChoice { text } => return format!("the choice \"{text}\" is retired: choose another"),
            Self::TooManyRows { most } => return format!("there are more than {most} rows: remove some"),
            Self::TooManyFiles { most } => return format!("there are more than {most} files: remove or merge some"),
            Self::SpoiltCode(expected) => return format!("expected is {}", expected.en),
            Self::UnknownField => "the form has no such field: check that this is its present template",
            Self::Retired => "the field is retired and no longer filled in: clear it",
            Self::NotTyped => "the field is calculated or filled in by itself: clear it",
            Self::UnknownKind => "this program does not know such a field yet: upgrade it first",
            Self::WrongShape => "it is not given as the field is: use the form's page or template",
            Self::ControlCharacter => "it has line breaks or characters that nobody sees: clear it and type it again",
            Self::NotANumber => "it is not one number: give one, such as 1234.5",
            Self::NotWhole => "it must be a whole number: leave the decimals out",
            Self::TooLarge => "it is too large: check its digits and its unit",
            Self::NotYesOrNo => "answer yes or no",
            Self::NotADay => "it is not a day: give it as 2025-03-01",
            Self::NotAMonth => "it is not a month: give it as 2025-03",
            Self::NotADivision => "it is not a division code of 6 or 9 digits",
            Self::RowTwice => "the row is there twice: remove one of them",
            Self::RowIdUnfit => "a row's id has only letters, digits and hyphens: use the form's template",
        };
        fixed.to_owned()
    }
}

/// The first of the choices, and that there are more.
fn listed(choices: &[String], between: &str) -> String {
    let first: Vec<&str> = choices.iter().take(NAMED).map(String::as_str).collect();
    let more = if choices.len() > NAMED { " …" } else { "" };
    format!("{}{more}", first.join(between))
}
