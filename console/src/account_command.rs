//! `account`: what the account pages do, for an operator who sets up a bureau without a browser. The same rules hold,
//! and whatever is done stands in the audit log as done at the command line. A password comes from standard input,
//! never from the command line, where every other user of the machine could read it.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, Read as _};

use serde::Serialize;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_store::{Account, AuditDraft, Store, StoreError};

use crate::account::{check_display_name, check_name, duties_of, fresh, is_last_administrator, said, state, temporary};
use crate::command_line;
use crate::duty::{Clash, Duty, together};
use crate::exit::Exit;
use crate::output::Output;
use crate::password::{self, Weak};

/// The most bytes of standard input that are read for a password.
const LONGEST_LINE: u64 = 1024;

/// What can be done with accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// 新建账号并授予岗位
    Add(Add),
    /// 全部账号
    List,
    /// 另设密码并停用动态口令，现有会话立即结束
    Reset(Reset),
    /// 停用账号，现有会话立即结束
    Off(Named),
    /// 重新启用账号
    On(Named),
}

/// An account to make.
#[derive(Debug, clap::Args)]
#[command(after_help = "例：
  account add yusuan01 --display 预算科经办 --duties enter --password-stdin < 密码文件
  account add shenhe01 --display 预算科审核 --duties approve      生成临时密码，显示一次
岗位：system 系统管理员、security 安全管理员、audit 审计员、enter 经办、approve 审核、publish 发布（仅市级）、read 查看。
三个管理员岗位须分设，且不兼任业务岗位；经办与审核须分设（安全管理员已登记只有一名经办人员的除外）。密码至少 10 个字符，含大写、小写、数字、其他字符中的三类。")]
pub struct Add {
    /// 登录名：2 至 32 个字母、数字、汉字或 . - _，建立后不能更改
    #[arg(value_name = "登录名")]
    name: String,
    /// 姓名或岗位，如 预算科经办
    #[arg(long, value_name = "姓名或岗位")]
    display: String,
    /// 岗位，用逗号分隔，如 enter,read
    #[arg(long, value_name = "岗位", value_delimiter = ',')]
    duties: Vec<String>,
    #[command(flatten)]
    password: Password,
}

/// An account to reset.
#[derive(Debug, clap::Args)]
pub struct Reset {
    /// 登录名
    #[arg(value_name = "登录名")]
    name: String,
    #[command(flatten)]
    password: Password,
}

/// An account that is there.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// 登录名
    #[arg(value_name = "登录名")]
    name: String,
}

/// Where the password comes from, and for how long it is good.
#[derive(Debug, clap::Args)]
struct Password {
    /// 从标准输入读密码（第一行）；不加此项则生成临时密码，只显示一次
    #[arg(long)]
    password_stdin: bool,
    /// 本人首次登录时须改密码；生成的密码总是如此
    #[arg(long)]
    temporary: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Standard input cannot be read, or standard output not written.
    #[error("standard input or output failed")]
    Io(#[from] io::Error),
    /// The name will not do, or the name of the person or post.
    #[error("{en}")]
    Name {
        /// What is wrong, in Chinese.
        zh: String,
        /// The same in English.
        en: String,
    },
    /// There is no such duty here.
    #[error("no duty {word:?} here")]
    Duty {
        /// What was written.
        word: String,
        /// What there is.
        offered: Vec<Duty>,
    },
    /// The duties do not go together.
    #[error("the duties clash")]
    Clash(Clash),
    /// The password will not do.
    #[error("the password is too weak")]
    Weak(Weak),
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// There is no account of this name.
    #[error("no account {0:?}")]
    Missing(String),
    /// Nobody could manage accounts any more.
    #[error("{0:?} is the last administrator of its kind")]
    Last(String),
}

impl AccountError {
    /// How a command ends that meets this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Store(StoreError::NameTaken { .. })
            | Self::Name { .. }
            | Self::Clash(_)
            | Self::Weak(_)
            | Self::Missing(_)
            | Self::Last(_) => Exit::Input,
            Self::Duty { .. } => Exit::Usage,
            Self::Store(_) | Self::Io(_) => Exit::Environment,
            Self::Hash(_) => Exit::Internal,
        }
    }
}

impl Say for AccountError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Store(StoreError::NameTaken { name }) => {
                (format!("登录名“{name}”已经有了，请换一个"), format!("the name {name:?} is taken; choose another"))
            }
            Self::Store(error) => return error.say(lang),
            Self::Io(error) => {
                (format!("无法读取标准输入或输出结果（{error}）"), format!("standard input or output failed ({error})"))
            }
            Self::Name { zh, en } => (zh.clone(), en.clone()),
            Self::Duty { word, offered } => {
                let words: Vec<&str> = offered.iter().map(|duty| duty.word()).collect();
                (
                    format!("没有“{word}”这个岗位；可用：{}", words.join("、")),
                    format!("no duty {word:?} here; there are {}", words.join(", ")),
                )
            }
            Self::Clash(clash) => return clash.say(lang).to_owned(),
            Self::Weak(weak) => return weak.say(lang).to_owned(),
            Self::Hash(_) => ("密码无法保存；请重试".into(), format!("{self}; try again")),
            Self::Missing(name) => (
                format!("没有名为“{name}”的账号；可用 account list 查看"),
                format!("{self}; account list shows those there are"),
            ),
            Self::Last(name) => (
                format!("“{name}”是最后一个管理员，停用后无人能管理账号；请先另设一个"),
                format!("{self}; name another first"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// An account as it is told. What was made here, and is shown this once, comes with it.
#[derive(Debug, Serialize)]
struct Told {
    name: String,
    display: String,
    duties: Vec<String>,
    active: bool,
    must_change_password: bool,
    second_factor: bool,
    last_sign_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_password: Option<String>,
}

impl Told {
    fn of(account: &Account) -> Self {
        Self {
            name: account.name.clone(),
            display: account.display_name.clone(),
            duties: account.duties.clone(),
            active: account.active,
            must_change_password: account.password_set_at.is_none(),
            second_factor: account.totp_secret.is_some(),
            last_sign_in: account.last_sign_in.map(|at| at.to_string()),
            temporary_password: None,
        }
    }
}

/// The database, the time, the duties that this program has, and how to print.
pub struct Desk<'a> {
    /// The database.
    pub store: &'a Store,
    /// The time.
    pub now: Moment,
    /// The duties that accounts can be given here.
    pub offered: &'a [Duty],
    /// How to print.
    pub output: Output,
}

impl Desk<'_> {
    /// Does what was asked.
    ///
    /// # Errors
    /// Every [`AccountError`]; nothing was changed then.
    pub async fn run(&self, command: Command) -> Result<Exit, AccountError> {
        match command {
            Command::Add(args) => {
                let typed = args.password.read(&args.name)?;
                self.add(&args, typed).await?;
            }
            Command::List => self.list().await?,
            Command::Reset(args) => {
                let account = self.find(&args.name).await?;
                let typed = args.password.read(&args.name)?;
                self.reset(account, typed).await?;
            }
            Command::Off(args) => self.turn(&args.name, false).await?,
            Command::On(args) => self.turn(&args.name, true).await?,
        }
        Ok(Exit::Done)
    }

    async fn find(&self, name: &str) -> Result<Account, AccountError> {
        let found = self.store.account_named(name.trim()).await?;
        found.ok_or_else(|| AccountError::Missing(name.trim().to_owned()))
    }

    fn draft<'a>(&self, action: &'a str, subject: &'a str, detail: &'a str) -> AuditDraft<'a> {
        command_line::entry(self.now, "", action, subject, detail)
    }

    async fn duties(&self, words: &[String]) -> Result<BTreeSet<Duty>, AccountError> {
        let named = |word: &String| {
            let duty = Duty::of_word(word.trim()).filter(|duty| self.offered.contains(duty));
            duty.ok_or_else(|| AccountError::Duty { word: word.trim().to_owned(), offered: self.offered.to_vec() })
        };
        let duties: BTreeSet<Duty> = words.iter().map(named).collect::<Result<_, _>>()?;
        together(&duties, self.store.one_clerk().await?).map_err(AccountError::Clash)?;
        Ok(duties)
    }

    async fn add(&self, args: &Add, typed: Typed) -> Result<(), AccountError> {
        let (name, display) = (args.name.trim(), args.display.trim());
        named_well("登录名", "the name to sign in with", |lang| check_name(name, lang))?;
        named_well("--display", "--display", |lang| check_display_name(display, lang))?;
        let duties = self.duties(&args.duties).await?;
        let account = Account {
            duties: duties.iter().map(|duty| duty.word().to_owned()).collect(),
            password_hash: typed.hash()?,
            password_set_at: typed.set_at(self.now),
            ..fresh(name, display, self.now)
        };
        let detail = format!("{display}；岗位：{}", said(&duties, Lang::Zh));
        self.store.create_account(&account, &self.draft("account_new", name, &detail)).await?;
        self.tell(&account, "已建立", "was made", typed)
    }

    async fn reset(&self, account: Account, typed: Typed) -> Result<(), AccountError> {
        let account = Account {
            password_hash: typed.hash()?,
            password_set_at: typed.set_at(self.now),
            totp_secret: None,
            ..account
        };
        self.store.change_password(&account, None, &self.draft("account_reset", &account.name, "")).await?;
        self.tell(&account, "已重置密码", "has a new password", typed)
    }

    async fn turn(&self, name: &str, on: bool) -> Result<(), AccountError> {
        let account = self.find(name).await?;
        if !on && is_last_administrator(&self.store.accounts().await?, &account) {
            return Err(AccountError::Last(account.name));
        }
        let account = Account { active: on, ..account };
        let action = if on { "account_start" } else { "account_stop" };
        self.store.update_account(&account, &self.draft(action, &account.name, "")).await?;
        let (zh, en) = if on { ("已启用", "was started") } else { ("已停用", "was stopped") };
        self.tell(&account, zh, en, Typed::default())
    }

    async fn list(&self) -> Result<(), AccountError> {
        let accounts = self.store.accounts().await?;
        let lang = self.output.lang;
        let told: Vec<Told> = accounts.iter().map(Told::of).collect();
        let headers = match lang {
            Lang::Zh => ["登录名", "姓名或岗位", "岗位", "状态", "最近登录"],
            Lang::En => ["name", "person or post", "duties", "state", "last signed in"],
        };
        let row = |account: &Account| {
            let last = account.last_sign_in.map_or_else(|| lang.pick("从未", "never").to_owned(), |at| at.to_string());
            let duties = said(&duties_of(account), lang);
            vec![account.name.clone(), account.display_name.clone(), duties, state(account, lang).to_owned(), last]
        };
        Ok(self.output.present(&told, &headers, || accounts.iter().map(row).collect())?)
    }

    /// Says what was done; a password that was made here is shown this once.
    fn tell(&self, account: &Account, zh: &str, en: &str, typed: Typed) -> Result<(), AccountError> {
        let output = self.output;
        if output.json {
            let told = Told { temporary_password: typed.made.then_some(typed.text), ..Told::of(account) };
            return Ok(output.print_json(&told)?);
        }
        let name = &account.name;
        output.tell(output.pick(&format!("账号 {name} {zh}"), &format!("account {name} {en}")))?;
        if typed.made {
            let zh = format!("临时密码 {}（只显示这一次，请当面交给本人；首次登录时须改密码）", typed.text);
            let en = format!("temporary password {} (shown this once; to be changed at the first sign-in)", typed.text);
            output.tell(output.pick(&zh, &en))?;
        }
        Ok(())
    }
}

/// A password in hand.
#[derive(Default)]
struct Typed {
    text: String,
    /// Whether it was made here, and so has to be shown.
    made: bool,
    /// Whether its owner must change it.
    temporary: bool,
}

impl Typed {
    fn hash(&self) -> Result<String, AccountError> {
        password::hash(&self.text).map_err(|error| AccountError::Hash(error.to_string()))
    }

    fn set_at(&self, now: Moment) -> Option<Moment> {
        (!self.temporary).then_some(now)
    }
}

impl Password {
    /// The password for an account of this name.
    fn read(&self, name: &str) -> Result<Typed, AccountError> {
        if !self.password_stdin {
            return Ok(Typed { text: temporary(), made: true, temporary: true });
        }
        let mut line = String::new();
        io::stdin().lock().take(LONGEST_LINE).read_line(&mut line)?;
        let text = line.trim_end_matches(['\r', '\n']).to_owned();
        password::check(&text, name.trim()).map_err(AccountError::Weak)?;
        Ok(Typed { text, made: false, temporary: self.temporary })
    }
}

/// Refuses a name with which something is wrong, saying which.
fn named_well(zh: &str, en: &str, check: impl Fn(Lang) -> String) -> Result<(), AccountError> {
    let problem = check(Lang::Zh);
    if problem.is_empty() {
        return Ok(());
    }
    Err(AccountError::Name { zh: format!("{zh}{problem}"), en: format!("{en}: {}", check(Lang::En)) })
}

#[cfg(test)]
mod tests;
