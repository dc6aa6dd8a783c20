//! What can go wrong with a database, told apart by what one does about it.

use std::path::PathBuf;

use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;

/// Why the store did not do what was asked. After any of these nothing of the transaction has happened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused a statement, or the connection to it broke.
    #[error("the database failed while {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the driver said.
        source: sqlx::Error,
    },
    /// 磁盘已满: no space is left.
    #[error("no space left while {doing}")]
    Full {
        /// What was being done.
        doing: &'static str,
    },
    /// Another process kept the database locked for too long.
    #[error("the database stayed locked while {doing}")]
    Busy {
        /// What was being done.
        doing: &'static str,
    },
    /// Something else was written in the meantime.
    #[error("{what} is at {found}, not at {expected}")]
    Conflict {
        /// What changed.
        what: String,
        /// Where the caller thought it was.
        expected: u64,
        /// Where it is.
        found: u64,
    },
    /// A stored row cannot be read as what it should be.
    #[error("{table}.{column} of row {row} is unreadable: {problem}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The first columns of the row.
        row: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The database was written by a newer version of the program.
    #[error("the database has schema version {found}, this program knows {known}")]
    NewerSchema {
        /// The version of the database.
        found: u64,
        /// The newest version this program knows.
        known: u64,
    },
    /// The address of the database is not one.
    #[error("not the address of a database: {problem}")]
    Address {
        /// What is wrong with it. The address itself may hold a password and is not repeated.
        problem: String,
    },
    /// A file or folder could not be made, read or written.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is already there and is not overwritten.
    #[error("{} is already there", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// 登录名已被使用: another account has this login name.
    #[error("the login name {name} is taken")]
    NameTaken {
        /// The login name.
        name: String,
    },
    /// This kind of database cannot do it from inside the program.
    #[error("PostgreSQL is backed up with pg_dump")]
    UsePgDump,
    /// 数据库损坏: SQLite's own check found damage.
    #[error("the database file is damaged: {findings}")]
    Damaged {
        /// What the check found.
        findings: String,
    },
    /// 旁边的日志属于先前的数据库: a write-ahead log lies beside a file that was put there without it, and SQLite would read
    /// one over the other.
    #[error("{} belongs to another database file", log.display())]
    OthersLog {
        /// The log.
        log: PathBuf,
    },
    /// A file from which nothing can be restored.
    #[error("{} is no sound database of these programs: {findings}", path.display())]
    NoCopy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        findings: String,
    },
    /// This kind of database is not restored from inside the program.
    #[error("PostgreSQL is restored with pg_restore")]
    UsePgRestore,
    /// A receipt could not be made, so what it was for was not taken either.
    #[error("no receipt could be made: {problem}")]
    Receipt {
        /// What was wrong.
        problem: String,
    },
    /// 已被取代的数据库: a database whose place another one has taken since, as when an old copy of it is used again or an
    /// old file of it comes late.
    #[error("a replaced database of {author}: {incarnation}")]
    Replaced {
        /// Whose it is.
        author: RegionCode,
        /// Its incarnation.
        incarnation: String,
    },
    /// 同号不同内容: another change came under a number that was taken before, as from a database that was put back from a
    /// plain copy and went on.
    #[error("{author} sends another {stream} {number} than was taken")]
    Forked {
        /// Whose it is.
        author: RegionCode,
        /// The stream.
        stream: String,
        /// The number.
        number: u64,
    },
    /// A form has no such column, so that nothing can be asked of it.
    #[error("the form {form} has no column {field}")]
    NoColumn {
        /// The form's code.
        form: String,
        /// What was named.
        field: String,
    },
    /// A number does not fit into the database.
    #[error("{what} is too large: {number}")]
    TooLarge {
        /// What the number is.
        what: &'static str,
        /// The number.
        number: u64,
    },
}

impl StoreError {
    /// Sorts a driver's error by what one does about it.
    pub(crate) fn database(doing: &'static str, source: sqlx::Error) -> Self {
        match &source {
            sqlx::Error::PoolTimedOut => Self::Busy { doing },
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => Self::Full { doing },
            sqlx::Error::Database(error) => match error.code().as_deref().map(trouble) {
                Some(Trouble::Full) => Self::Full { doing },
                Some(Trouble::Busy) => Self::Busy { doing },
                Some(Trouble::Damaged) => Self::Damaged { findings: error.message().to_owned() },
                _ => Self::Database { doing, source },
            },
            _ => Self::Database { doing, source },
        }
    }

    /// Whether the same call may succeed later without anybody changing anything but the disk or the network.
    #[must_use]
    pub fn worth_a_retry(&self) -> bool {
        match self {
            Self::Full { .. } | Self::Busy { .. } => true,
            Self::Database { source, .. } => match source {
                sqlx::Error::Database(error) => matches!(error.code().as_deref().map(trouble), Some(Trouble::Link)),
                sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
                _ => false,
            },
            _ => false,
        }
    }
}

enum Trouble {
    Full,
    Busy,
    Link,
    Damaged,
    Other,
}

/// SQLite gives extended result codes as numbers (the low byte is the primary code), PostgreSQL gives SQLSTATEs of
/// five characters.
fn trouble(code: &str) -> Trouble {
    match code {
        // SQLite calls a disk full only if the system does; an exhausted quota, or a limit on the size of files, fails
        // the write itself (778), or the growing of the shared index beside it (4874).
        "53100" | "778" | "4874" => return Trouble::Full,
        "40001" | "40P01" | "55P03" => return Trouble::Busy,
        _ if code.len() == 5 && (code.starts_with("08") || code.starts_with("57P") || code.starts_with("53")) => {
            return Trouble::Link;
        }
        _ => {}
    }
    match code.parse::<i32>().map(|number| number & 0xff) {
        Ok(13) => Trouble::Full,
        Ok(5 | 6) => Trouble::Busy,
        Ok(10) => Trouble::Link,
        Ok(11 | 26) => Trouble::Damaged,
        _ => Trouble::Other,
    }
}

impl Say for StoreError {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Database { source, .. } => {
                format!("数据库出错：{source}；请查看日志，并运行 doctor 检查数据库")
            }
            Self::Full { .. } => "磁盘已满或超出配额，未保存任何内容；请清理磁盘后重试".to_owned(),
            Self::Busy { .. } => "数据库正被其他程序占用，未保存；请稍后重试".to_owned(),
            Self::Conflict { what, expected, found } => {
                format!("{what} 已被他人更新到 {found}（预期为 {expected}），未保存；请刷新后重新操作")
            }
            Self::Inconsistent { table, column, row, problem } => {
                format!(
                    "数据库中 {table} 表 {row} 行的 {column} 列无法识别（{problem}）；请用 restore 恢复备份，或联系技术支持"
                )
            }
            Self::NewerSchema { found, known } => {
                format!("数据库由更新版本的程序写成（结构版本 {found}，本程序只认识到 {known}）；请升级程序")
            }
            Self::Address { problem } => {
                format!("数据库地址不正确：{problem}；应为文件路径、sqlite://路径 或 postgres://…")
            }
            Self::Io { path, source } => format!("无法使用 {}：{source}；请检查路径和权限", path.display()),
            Self::Exists { path } => format!("{} 已存在，不会覆盖；请换一个文件名", path.display()),
            Self::NameTaken { name } => format!("登录名 {name} 已被使用，未保存；请换一个登录名"),
            Self::UsePgDump => "PostgreSQL 数据库请使用 pg_dump 备份".to_owned(),
            Self::Damaged { findings } => {
                format!("数据库文件已损坏：{findings}；请停止程序，用 restore 备份文件 恢复")
            }
            Self::OthersLog { log } => format!(
                "数据库未打开：旁边的 {} 属于先前的数据库（数据库文件被直接替换过），混用会损坏数据，未作改动；\
                 请运行 restore 备份文件，它会把现有文件移到一旁，不删除",
                log.display()
            ),
            Self::NoCopy { path, findings } => format!(
                "{} 不能用来恢复：不是同频的数据库，是正在使用的数据库，或已损坏（{findings}），未作改动；\
                 请换一个由 backup 写出的文件",
                path.display()
            ),
            Self::UsePgRestore => {
                "PostgreSQL 数据库请停止 serve 后用 pg_restore（或 psql）恢复，再启动；未作改动".to_owned()
            }
            Self::Receipt { problem } => format!("无法生成回执（{problem}），未接收；请检查本级证书"),
            Self::Replaced { author, .. } => format!(
                "内容出自 {author} 的旧数据库（恢复之前的那一个），之后已改用恢复的数据库，未接收；请 {author} 用现在使用的\
                 数据库重新写出文件。如要改回旧数据库，请在旧数据库上 backup，再用 restore 恢复该备份，即可继续使用"
            ),
            Self::Forked { author, number, .. } => format!(
                "{author} 送来的第 {number} 条与先前收到的不是同一内容：其数据库是用旧副本恢复的，恢复后又有改动，未接收；\
                 请 {author} 先导入本级写给它的文件（或与本级联机一次），再重新写出文件"
            ),
            Self::NoColumn { form, field } => {
                format!("表单 {form} 的列表中没有 {field} 这一列，未查询；请从列表的列中选择")
            }
            Self::TooLarge { what, number } => format!("{what} 的数值过大：{number}"),
        };
        lang.pick(&zh, &self.in_english()).to_owned()
    }
}

impl StoreError {
    fn in_english(&self) -> String {
        let next = match self {
            Self::Database { source, .. } => return format!("{self}: {source}; see the log and run doctor"),
            Self::Io { source, .. } => return format!("{self}: {source}; check the path and its permissions"),
            Self::Full { .. } => "nothing was saved; free some space and try again",
            Self::Busy { .. } => "nothing was saved; try again later",
            Self::Conflict { .. } => "nothing was saved; look at the new state and try again",
            Self::Inconsistent { .. } => "restore a backup or ask for support",
            Self::NewerSchema { .. } => "upgrade the program",
            Self::Address { .. } => "give a file path, sqlite://path or postgres://…",
            Self::Exists { .. } => "choose another file name",
            Self::NameTaken { .. } => "nothing was saved; choose another",
            Self::UsePgDump => "run pg_dump against the same URL",
            Self::Damaged { .. } => "stop the program and run restore with a backup",
            Self::OthersLog { .. } => {
                "the file was put there without it; nothing was changed; run restore with a backup, which sets aside \
                 what is there"
            }
            Self::NoCopy { .. } => "nothing was changed; name another file that backup wrote",
            Self::UsePgRestore => "stop serve, run pg_restore (or psql) against the same URL, and start it again",
            Self::Receipt { .. } => "nothing was taken; check this node's certificate",
            Self::Replaced { .. } => {
                "nothing was taken; let it write a new file from the database it uses now, or, to go back to the old \
                 one, make a backup of that and restore it"
            }
            Self::Forked { .. } => {
                "its database was put back from an old copy and has gone on since; nothing was taken; let it take in a \
                 file of this bureau, or connect once, and then write its file anew"
            }
            Self::NoColumn { .. } => "nothing was looked for; choose one of the list's columns",
            Self::TooLarge { .. } => "nothing was saved",
        };
        format!("{self}; {next}")
    }
}
