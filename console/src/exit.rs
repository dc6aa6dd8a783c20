//! What a program's exit code tells a script, in one table that the help shows too.

use std::process::ExitCode;

use tongpin_domain::lang::Lang;
use tongpin_store::StoreError;

/// How a command ended. The numbers are a contract with users' scripts and never change their meaning.
///
/// | Code | Meaning |
/// |---|---|
/// | 0 | done, or the answer is yes |
/// | 1 | done, and there is a difference or the answer is no |
/// | 2 | the command line or the configuration is wrong |
/// | 3 | a file or value handed in is wrong |
/// | 4 | the other side refused |
/// | 5 | the other side cannot be reached |
/// | 6 | this machine stands in the way: disk, port, permission |
/// | 7 | a fault of the program itself |
/// | 130 | stopped at once by a second signal |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or the answer is yes.
    Done,
    /// Done, and there is a difference or the answer is no.
    Different,
    /// The command line or the configuration is wrong; clap ends with the same number.
    Usage,
    /// A file or value handed in is wrong.
    Input,
    /// The other side refused.
    Refused,
    /// The other side cannot be reached.
    Unreachable,
    /// This machine stands in the way: disk, port, permission.
    Environment,
    /// A fault of the program itself.
    Internal,
    /// Stopped at once by a second signal.
    Stopped,
}

impl Exit {
    /// Every way to end, in the order of the numbers.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Different,
        Self::Usage,
        Self::Input,
        Self::Refused,
        Self::Unreachable,
        Self::Environment,
        Self::Internal,
        Self::Stopped,
    ];

    /// How whatever needs the database ends when that fails.
    #[must_use]
    pub fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::Inconsistent { .. } | StoreError::Receipt { .. } => Self::Internal,
            StoreError::Address { .. } => Self::Usage,
            StoreError::Exists { .. }
            | StoreError::UsePgDump
            | StoreError::UsePgRestore
            | StoreError::NoCopy { .. }
            | StoreError::TooLarge { .. } => Self::Input,
            _ => Self::Environment,
        }
    }

    /// The number that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Different => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Refused => 4,
            Self::Unreachable => 5,
            Self::Environment => 6,
            Self::Internal => 7,
            Self::Stopped => 130,
        }
    }

    /// One word for machines, as `--json` prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Different => "different",
            Self::Usage => "usage",
            Self::Input => "input",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Environment => "environment",
            Self::Internal => "internal",
            Self::Stopped => "stopped",
        }
    }

    /// What the number means, in the user's words.
    #[must_use]
    pub fn meaning(self, lang: Lang) -> &'static str {
        match self {
            Self::Done => lang.pick("完成，或答案为“是”", "done, or the answer is yes"),
            Self::Different => {
                lang.pick("完成，但有差异或答案为“否”", "done, and there is a difference or the answer is no")
            }
            Self::Usage => lang.pick("命令行或配置有误", "the command line or the configuration is wrong"),
            Self::Input => lang.pick("输入的文件或数值有误", "a file or value handed in is wrong"),
            Self::Refused => lang.pick("对方拒绝", "the other side refused"),
            Self::Unreachable => lang.pick("连接不上对方", "the other side cannot be reached"),
            Self::Environment => {
                lang.pick("本机环境问题：磁盘、端口、权限", "this machine stands in the way: disk, port, permission")
            }
            Self::Internal => lang.pick("程序内部错误", "a fault of the program itself"),
            Self::Stopped => lang.pick("再次收到停止信号，立即退出", "stopped at once by a second signal"),
        }
    }

    /// The whole table as text, for the end of a program's help.
    #[must_use]
    pub fn table(lang: Lang) -> String {
        let lines = Self::ALL.map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning(lang)));
        format!("{}\n{}", lang.pick("退出码：", "Exit codes:"), lines.join("\n"))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that the numbers are the promised ones and that the table lists each of them once, in both languages.
    #[test]
    fn numbers_and_table_agree() {
        let promised = [0, 1, 2, 3, 4, 5, 6, 7, 130];
        assert_eq!(Exit::ALL.map(Exit::code), promised);
        for lang in [Lang::Zh, Lang::En] {
            let table = Exit::table(lang);
            let listed: Vec<u8> = table
                .lines()
                .skip(1)
                .map(|line| line.split_whitespace().next().expect("a number").parse().expect("a number"))
                .collect();
            assert_eq!(listed, promised);
        }
    }

    /// Shows that what the process returns is the number in the table.
    #[test]
    fn becomes_the_process_exit_code() {
        assert_eq!(ExitCode::from(Exit::Done), ExitCode::SUCCESS);
        assert_eq!(ExitCode::from(Exit::Stopped), ExitCode::from(130));
    }

    /// Shows that no two ways to end share a name that a script could match on.
    #[test]
    fn names_are_distinct() {
        let mut names = Exit::ALL.map(Exit::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Exit::ALL.len());
    }
}
