//! What can be wrong with a configuration, in the user's words.

use std::io;
use std::path::{Path, PathBuf};

use tongpin_domain::lang::{Lang, Say};

use super::schema::Kind;
use crate::exit::Exit;

/// Why the settings could not be taken. No variant holds a value from the file, since it may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not UTF-8, as when an editor saved it as GBK.
    #[error("{} line {line} is not UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first line that cannot be read.
        line: usize,
    },
    /// The file is not TOML.
    #[error("{} line {line}, column {column}: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The character in the line.
        column: usize,
        /// What the parser said.
        problem: String,
    },
    /// A key that the program does not know.
    #[error("{} line {line}: unknown key {key}", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The key with its section.
        key: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What may stand in this section.
        known: Vec<String>,
    },
    /// A value of another kind than the key needs.
    #[error("{} line {line}: {key} is {}, expected {}", path.display(), found.expected(), expected.expected())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The key with its section.
        key: String,
        /// What the key needs.
        expected: Kind,
        /// What stands there.
        found: Kind,
    },
    /// A value of the right kind that the program cannot use.
    #[error("{} line {line}: {} is wrong, expected {expected}", path.display(), key.as_deref().unwrap_or("a value"))]
    WrongValue {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The key with its section, where it can be told.
        key: Option<String>,
        /// What was expected.
        expected: String,
    },
    /// An environment variable that overrides a key with something unusable.
    #[error("environment variable {variable} is wrong, expected {expected}")]
    Variable {
        /// The variable.
        variable: String,
        /// What was expected.
        expected: String,
    },
    /// The example inside the program is wrong; nobody but its author can mend it.
    #[error("the embedded example configuration is wrong: {problem}")]
    Example {
        /// What is wrong.
        problem: String,
    },
}

impl Say for SettingsError {
    fn say(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }
}

impl SettingsError {
    /// How a program ends that meets this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { source, .. } if source.kind() != io::ErrorKind::NotFound => Exit::Environment,
            Self::Example { .. } => Exit::Internal,
            _ => Exit::Usage,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Unreadable { path, source } if source.kind() == io::ErrorKind::NotFound => {
                format!("找不到配置文件 {}；请核对路径，或用 config 命令生成一份", path.display())
            }
            Self::Unreadable { path, source } => {
                format!("无法读取配置文件 {}（{source}）；请检查文件权限", path.display())
            }
            Self::NotText { path, line } => {
                format!("{} 不是 UTF-8 编码；请将文件另存为 UTF-8", place_zh(path, *line))
            }
            Self::Syntax { path, line, column, problem } => {
                format!(
                    "{}第 {column} 列格式有误（{problem}）；请对照 config 命令打印的示例修改",
                    place_zh(path, *line)
                )
            }
            Self::UnknownKey { path, line, key, nearest: Some(near), .. } => {
                format!("{}的 {key} 不是可用的配置项；是否想写 {near}？", place_zh(path, *line))
            }
            Self::UnknownKey { path, line, key, nearest: None, known } => {
                format!("{}的 {key} 不是可用的配置项；此处可用：{}", place_zh(path, *line), known.join("、"))
            }
            Self::WrongKind { path, line, key, expected, found } => format!(
                "{}的 {key} 应为{}，现为{}；请修改后重试",
                place_zh(path, *line),
                words(expected.expected(), Lang::Zh),
                words(found.expected(), Lang::Zh)
            ),
            Self::WrongValue { path, line, key, expected } => {
                let (place, key) = (place_zh(path, *line), key.as_deref().unwrap_or("值"));
                format!("{place}的 {key} 有误；应为{}", words(expected, Lang::Zh))
            }
            Self::Variable { variable, expected } => {
                format!("环境变量 {variable} 有误；应为{}", words(expected, Lang::Zh))
            }
            Self::Example { problem } => format!("程序内置的配置示例有误（{problem}）；请联系维护人员"),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => format!("{self} ({source}); check the path and its permissions"),
            Self::NotText { .. } => format!("{self}; save the file as UTF-8"),
            Self::Syntax { .. } => format!("{self}; compare it with what the config command prints"),
            Self::UnknownKey { nearest: Some(near), .. } => format!("{self}; did you mean {near}?"),
            Self::UnknownKey { nearest: None, known, .. } => format!("{self}; known here: {}", known.join(", ")),
            Self::WrongKind { .. } => format!("{self}; correct the value and try again"),
            Self::WrongValue { path, line, key, expected } => {
                let key = key.as_deref().unwrap_or("a value");
                format!("{} line {line}: {key} is wrong; expected {}", path.display(), words(expected, Lang::En))
            }
            Self::Variable { variable, expected } => {
                format!("environment variable {variable} is wrong; expected {}", words(expected, Lang::En))
            }
            Self::Example { .. } => format!("{self}; please report it"),
        }
    }
}

fn place_zh(path: &Path, line: usize) -> String {
    format!("配置文件 {} 第 {line} 行", path.display())
}

/// What a deserializer expected. The part before it repeats the value, which may be a secret, and is left out.
pub(super) fn expectation(message: &str) -> String {
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => expected.to_owned(),
        None => message.to_owned(),
    }
}

/// What was expected, in the user's words where there are some.
fn words(expected: &str, lang: Lang) -> String {
    let known = match expected {
        "text in quotes" | "a string" => lang.pick("带引号的文本", "text in quotes"),
        "a whole number" => lang.pick("整数", "a whole number"),
        "a number" => lang.pick("数字", "a number"),
        "true or false" | "a boolean" => lang.pick("true 或 false", "true or false"),
        "a date" => lang.pick("日期", "a date"),
        "a list in brackets" | "a sequence" => lang.pick("方括号中的列表", "a list in brackets"),
        "a section" => lang.pick("小节（[名称]）", "a section ([name])"),
        "u8" => lang.pick("整数，0 到 255", "a whole number from 0 to 255"),
        "u16" => lang.pick("整数，0 到 65535", "a whole number from 0 to 65535"),
        "u32" => lang.pick("整数，0 到 4294967295", "a whole number from 0 to 4294967295"),
        "u64" | "usize" => lang.pick("整数，不小于 0", "a whole number, not below 0"),
        other => other,
    };
    match known.strip_prefix("one of ") {
        Some(choices) => lang.pick(&format!("{} 之一", choices.replace(", ", "、")), known).to_owned(),
        None => known.to_owned(),
    }
}
